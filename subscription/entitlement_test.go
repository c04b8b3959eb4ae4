package subscription_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// scanner is a plan with a feature of each kind.
func scanner(t *testing.T, alter func(*plan.Plan)) *plan.Version {
	t.Helper()
	ips := feature.UpTo(10)
	ips.Required = true
	p := plan.Plan{
		ID: "scanner", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(30)}}},
		Features: feature.Set{
			"number_of_ips": ips,
			"rescan":        feature.Per(feature.Day, 10),
			"reports":       feature.Per(feature.BillingPeriod, 5),
			"ai_remediator": feature.On(),
		},
	}
	if alter != nil {
		alter(&p)
	}
	v, err := plan.Compile(p)
	require.NoError(t, err)
	return v
}

// larger is another plan for what scanner sells: more of all, and no reports.
func larger(t *testing.T, every calendar.Interval) *plan.Version {
	t.Helper()
	return scanner(t, func(p *plan.Plan) {
		p.ID, p.Every = "larger", every
		p.Features = feature.Set{
			"number_of_ips": feature.UpTo(50),
			"rescan":        feature.Per(feature.Day, 100),
			"reports":       feature.Per(feature.BillingPeriod, 20),
		}
	})
}

func instantOf(t *testing.T, text string) time.Time {
	t.Helper()
	m, err := calendar.ParseInstant(text)
	require.NoError(t, err)
	return m
}

func begun(t *testing.T, p subscription.Params) subscription.Subscription {
	t.Helper()
	if p.ID == "" {
		p.ID = "sub"
	}
	s, err := subscription.New(p)
	require.NoError(t, err)
	return s
}

// stepAt is a step of a table: what is done, and when.
type stepAt struct {
	at string
	do func(subscription.Subscription, subscription.Call) (subscription.Subscription, error)
}

func having(t *testing.T, s subscription.Subscription, steps ...stepAt) subscription.Subscription {
	t.Helper()
	for _, step := range steps {
		next, err := step.do(s, subscription.Call{At: instantOf(t, step.at), Actor: lifecycle.Operator})
		require.NoError(t, err, step.at)
		s = next
	}
	return s
}

// allowance is what an entitlement says of a feature at an instant, in one line.
func allowance(t *testing.T, s subscription.Subscription, key feature.Key, at string) string {
	t.Helper()
	e, err := s.Entitlement(key, instantOf(t, at))
	require.NoError(t, err)
	return e.String()
}

// window is where the allowance per billing period is counted at an instant.
func window(t *testing.T, s subscription.Subscription, at string) string {
	t.Helper()
	e, err := s.Entitlement("reports", instantOf(t, at))
	require.NoError(t, err)
	w, err := e.Window(instantOf(t, at))
	require.NoError(t, err)
	return w.String()
}

func now(f func(subscription.Subscription, subscription.Call, subscription.When) (subscription.Subscription, error)) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return f(s, c, subscription.Immediately())
	}
}

func pause(s subscription.Subscription, c subscription.Call, w subscription.When) (subscription.Subscription, error) {
	return s.Pause(c, w, subscription.Pause{})
}

func resume(anchor plan.Anchor) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		c.Policy.ResumeAnchor = anchor
		return s.Resume(c, subscription.Immediately())
	}
}

func changeTo(v *plan.Version, w subscription.When, p plan.Policy) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		c.Policy = p
		return s.ChangePlan(c, w, v)
	}
}

func assign(o feature.Overrides, a feature.Assignment) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.AssignFeatures(c, o, a)
	}
}

func TestEntitlementsFollowTheStatusAtAnyInstant(t *testing.T) {
	t.Parallel()
	cancel := func(w subscription.When) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Cancel(c, w)
		}
	}
	trial := func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} }
	const start = "2026-01-15T10:00:00Z"
	for _, row := range []struct {
		name   string
		alter  func(*plan.Plan)
		made   string
		steps  []stepAt
		at     string
		status lifecycle.Status
		usable bool
	}{
		{"before the agreement was made", nil, "2026-01-01T00:00:00Z", nil, "2025-12-31T23:59:59Z", "", false},
		{"future", nil, "2026-01-01T00:00:00Z", nil, "2026-01-15T09:59:59.999999999Z", lifecycle.Future, false},
		{"the instant it starts", nil, "2026-01-01T00:00:00Z", nil, start, lifecycle.Active, true},
		{"in trial", trial, start, nil, "2026-01-29T09:59:59Z", lifecycle.InTrial, true},
		{"the instant the trial ends", trial, start, nil, "2026-01-29T10:00:00Z", lifecycle.Active, true},
		{"after a trial that cancels", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14), AtEnd: plan.CancelAtTrialEnd} }, start, nil, "2026-01-29T10:00:00Z", lifecycle.Cancelled, false},
		{"after a trial that pauses", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14), AtEnd: plan.PauseAtTrialEnd} }, start, nil, "2026-01-29T10:00:00Z", lifecycle.Paused, false},
		{"held in trial", trial, start, []stepAt{{"2026-01-20T00:00:00Z", subscription.Subscription.Hold}}, "2026-01-20T00:00:00Z", lifecycle.InTrial, false},
		{"released in trial", trial, start, []stepAt{{"2026-01-20T00:00:00Z", subscription.Subscription.Hold}, {"2026-01-21T00:00:00Z", subscription.Subscription.Release}}, "2026-01-21T00:00:00Z", lifecycle.InTrial, true},
		{"active, years from now", nil, start, nil, "2036-07-04T00:00:00Z", lifecycle.Active, true},
		{"non-renewing", nil, start, []stepAt{{"2026-01-20T00:00:00Z", cancel(subscription.AtPeriodEnd())}}, "2026-02-15T09:59:59Z", lifecycle.NonRenewing, true},
		{"cancelled at the end of the period", nil, start, []stepAt{{"2026-01-20T00:00:00Z", cancel(subscription.AtPeriodEnd())}}, "2026-02-15T10:00:00Z", lifecycle.Cancelled, false},
		{"cancelled at once", nil, start, []stepAt{{"2026-01-20T00:00:00Z", cancel(subscription.Immediately())}}, "2026-01-20T00:00:00Z", lifecycle.Cancelled, false},
		{"before it was cancelled at once", nil, start, []stepAt{{"2026-01-20T00:00:00Z", cancel(subscription.Immediately())}}, "2026-01-19T23:59:59Z", lifecycle.Active, true},
		{"paused", nil, start, []stepAt{{"2026-01-20T00:00:00Z", now(pause)}}, "2026-01-20T00:00:00Z", lifecycle.Paused, false},
		{"resumed", nil, start, []stepAt{{"2026-01-20T00:00:00Z", now(pause)}, {"2026-01-22T00:00:00Z", resume("")}}, "2026-01-22T00:00:00Z", lifecycle.Active, true},
		{"in the pause, asked afterwards", nil, start, []stepAt{{"2026-01-20T00:00:00Z", now(pause)}, {"2026-01-22T00:00:00Z", resume("")}}, "2026-01-21T00:00:00Z", lifecycle.Paused, false},
		{"a scheduled pause, asked before", nil, start, []stepAt{{"2026-01-20T00:00:00Z", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return pause(s, c, subscription.AtPeriodEnd())
		}}}, "2026-02-15T10:00:00Z", lifecycle.Paused, false},
		{"held", nil, start, []stepAt{{"2026-01-20T00:00:00Z", subscription.Subscription.Hold}}, "2026-01-20T00:00:00Z", lifecycle.Paused, false},
		{"closed", nil, start, []stepAt{{"2026-01-20T00:00:00Z", subscription.Subscription.Close}}, "2026-01-20T00:00:00Z", lifecycle.Cancelled, false},
		{"reactivated", nil, start, []stepAt{{"2026-01-20T00:00:00Z", cancel(subscription.Immediately())}, {"2026-03-01T00:00:00Z", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(c, subscription.Reactivation{})
		}}}, "2026-03-01T00:00:00Z", lifecycle.Active, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := begun(t, subscription.Params{Plan: scanner(t, row.alter), At: instantOf(t, row.made), Start: instantOf(t, start)})
			s = having(t, s, row.steps...)
			at := instantOf(t, row.at)
			require.Equal(t, row.status, s.Status(at))
			require.Equal(t, row.usable, s.Entitled(at))
			all, err := s.Entitlements(at)
			require.NoError(t, err)
			if row.status == "" {
				require.Empty(t, all)
				return
			}
			require.Len(t, all, 4)
			for _, e := range all {
				require.Equal(t, !row.usable, e.Dormant(), e.Key())
				one, err := s.Entitlement(e.Key(), at)
				require.NoError(t, err)
				require.Equal(t, e.String(), one.String())
				d := e.Check(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(1), At: at})
				require.Equal(t, row.usable, d.Allowed, e.Key())
				if !row.usable {
					require.ErrorIs(t, d.Err(), feature.ErrDormant)
				}
			}
			none, err := s.Entitlement("sso", at)
			require.NoError(t, err)
			require.False(t, none.Granted())
		})
	}
}

func TestEntitlementsAfterAPauseThatEndsWithItsPeriodAndTheSubscription(t *testing.T) {
	t.Parallel()
	start, ended := instantOf(t, "2026-01-15T10:00:00Z"), instantOf(t, "2026-01-22T10:00:00Z")
	weekly := scanner(t, func(p *plan.Plan) { p.Every = calendar.Weeks(1) })
	s := begun(t, subscription.Params{Plan: weekly, Start: start, NoRenewal: true})
	s, err := s.Pause(subscription.Call{At: start, Actor: lifecycle.Operator}, subscription.Immediately(), subscription.Pause{Cycles: 1})
	require.NoError(t, err)
	require.Equal(t, lifecycle.Cancelled, s.Status(ended))
	all, err := s.Entitlements(ended)
	require.NoError(t, err)
	require.Len(t, all, 4)
	for _, e := range all {
		require.True(t, e.Dormant(), e.Key())
	}
}

func TestTheZeroSubscriptionEntitlesToNothing(t *testing.T) {
	t.Parallel()
	var s subscription.Subscription
	at := instantOf(t, "2026-01-15T10:00:00Z")
	_, err := s.Entitlement("rescan", at)
	require.ErrorIs(t, err, subscription.ErrZero)
	_, err = s.Entitlements(at)
	require.ErrorIs(t, err, subscription.ErrZero)
	require.Nil(t, s.Overrides(at))
	_, err = s.PackGrant(2)
	require.ErrorIs(t, err, subscription.ErrZero)
}

func TestAPlanChangesWhatIsGrantedWhenItTakesEffect(t *testing.T) {
	t.Parallel()
	const (
		small = "number_of_ips: 10 in use at a time (plan)"
		large = "number_of_ips: 50 in use at a time (plan)"
	)
	s := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-31T09:00:00Z")})
	for _, row := range []struct {
		name string
		when subscription.When
		want map[string]string
	}{
		{"at once", subscription.Immediately(), map[string]string{"2026-02-09T23:59:59Z": small, "2026-02-10T00:00:00Z": large, "2036-01-01T00:00:00Z": large}},
		{"at the next period", subscription.AtPeriodEnd(), map[string]string{"2026-02-10T00:00:00Z": small, "2026-02-28T08:59:59Z": small, "2026-02-28T09:00:00Z": large}},
		{"on a date", subscription.On(instantOf(t, "2026-03-01T12:00:00Z")), map[string]string{"2026-02-28T09:00:00Z": small, "2026-03-01T11:59:59Z": small, "2026-03-01T12:00:00Z": large}},
	} {
		changed := having(t, s, stepAt{"2026-02-10T00:00:00Z", changeTo(larger(t, calendar.Months(1)), row.when, plan.Policy{})})
		for at, want := range row.want {
			require.Equal(t, want, allowance(t, changed, "number_of_ips", at), "%s: %s", row.name, at)
		}
		require.Equal(t, "ai_remediator: on (plan)", allowance(t, changed, "ai_remediator", "2026-02-09T00:00:00Z"))
		require.Equal(t, "ai_remediator: not granted", allowance(t, changed, "ai_remediator", "2026-04-01T00:00:00Z"))
	}
}

func TestWhatWasUsedCountsOnAfterAChangeOfPlan(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-31T09:00:00Z")})
	use := func(s subscription.Subscription, u feature.QuotaUsage, n int64, at string) (feature.QuotaUsage, feature.Decision) {
		e, err := s.Entitlement("reports", instantOf(t, at))
		require.NoError(t, err)
		return e.Consume(u, feature.Request{Amount: decimal.NewFromInt(n), At: instantOf(t, at)})
	}
	usage, d := use(s, feature.QuotaUsage{}, 5, "2026-02-05T00:00:00Z")
	require.True(t, d.Allowed)
	_, d = use(s, usage, 1, "2026-02-06T00:00:00Z")
	require.ErrorIs(t, d.Err(), feature.ErrQuotaExceeded)
	require.Equal(t, instantOf(t, "2026-02-28T09:00:00Z"), d.ResetsAt)

	kept := having(t, s, stepAt{"2026-02-10T00:00:00Z", changeTo(larger(t, calendar.Months(1)), subscription.Immediately(), plan.Policy{})})
	_, d = use(kept, usage, 1, "2026-02-10T00:00:00Z")
	require.Equal(t, "6", d.Used().String(), "the period goes on, and so does the count")

	reset := having(t, s, stepAt{"2026-02-10T00:00:00Z", changeTo(larger(t, calendar.Months(1)), subscription.Immediately(), plan.Policy{ChangeAnchor: plan.ResetAnchor})})
	_, d = use(reset, usage, 1, "2026-02-10T00:00:00Z")
	require.Equal(t, "1", d.Used().String(), "a new period began")
	require.Equal(t, instantOf(t, "2026-03-10T00:00:00Z"), d.ResetsAt)

	back := having(t, kept, stepAt{"2026-02-11T00:00:00Z", changeTo(scanner(t, nil), subscription.Immediately(), plan.Policy{})})
	more, d := use(kept, usage, 3, "2026-02-10T00:00:00Z")
	require.True(t, d.Allowed)
	_, d = use(back, more, 1, "2026-02-11T00:00:00Z")
	require.ErrorIs(t, d.Err(), feature.ErrQuotaExceeded)
	require.True(t, d.OverQuota(), "8 of 5 used: nothing is taken away, and nothing more is given")
}

func TestAnAllowancePerBillingPeriodFollowsThePeriods(t *testing.T) {
	t.Parallel()
	lisbon := calendar.MustLoadZone("Europe/Lisbon")
	pausedAt := stepAt{"2026-02-20T10:00:00Z", now(pause)}
	monthly := subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-15T10:00:00Z")}
	monthEnd := subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-31T09:00:00Z")}
	trial := subscription.Params{
		Plan:  scanner(t, func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} }),
		Start: instantOf(t, "2026-01-15T10:00:00Z"),
	}
	local := subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-31T00:00:00Z"), Zone: lisbon}
	once := subscription.Params{Plan: scanner(t, func(p *plan.Plan) { p.Every = calendar.Interval{} }), Start: instantOf(t, "2026-01-15T10:00:00Z")}
	aligned := subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-15T10:00:00Z"), Anchor: instantOf(t, "2026-02-01T00:00:00Z")}
	for _, row := range []struct {
		name  string
		made  subscription.Params
		steps []stepAt
		at    string
		want  string
	}{
		{"the first period", monthly, nil, "2026-01-15T10:00:00Z", "[2026-01-15T10:00:00Z, 2026-02-15T10:00:00Z)"},
		{"its last instant", monthly, nil, "2026-02-15T09:59:59.999999999Z", "[2026-01-15T10:00:00Z, 2026-02-15T10:00:00Z)"},
		{"the next", monthly, nil, "2026-02-15T10:00:00Z", "[2026-02-15T10:00:00Z, 2026-03-15T10:00:00Z)"},
		{"February from the 31st", monthEnd, nil, "2026-03-01T00:00:00Z", "[2026-02-28T09:00:00Z, 2026-03-31T09:00:00Z)"},
		{"April from the 31st", monthEnd, nil, "2026-04-30T09:00:00Z", "[2026-04-30T09:00:00Z, 2026-05-31T09:00:00Z)"},
		{"a leap February years later", monthEnd, nil, "2028-02-28T12:00:00Z", "[2028-01-31T09:00:00Z, 2028-02-29T09:00:00Z)"},
		{"midnight where clocks go forward", local, nil, "2026-04-01T00:00:00Z", "[2026-03-30T23:00:00Z, 2026-04-29T23:00:00Z)"},
		{"the trial", trial, nil, "2026-01-20T00:00:00Z", "[2026-01-15T10:00:00Z, 2026-01-29T10:00:00Z)"},
		{"the first period after the trial", trial, nil, "2026-01-29T10:00:00Z", "[2026-01-29T10:00:00Z, 2026-02-28T10:00:00Z)"},
		{"a first period up to the anchor", aligned, nil, "2026-01-20T00:00:00Z", "[2026-01-15T10:00:00Z, 2026-02-01T00:00:00Z)"},
		{"nothing recurs", once, nil, "2031-01-01T00:00:00Z", "[2026-01-15T10:00:00Z, open)"},
		{"nothing recurs, and a pause is no new beginning", once, []stepAt{pausedAt, {"2026-04-05T00:00:00Z", resume("")}}, "2031-01-01T00:00:00Z", "[2026-01-15T10:00:00Z, open)"},
		{"paused within the period", monthly, []stepAt{pausedAt}, "2026-03-01T00:00:00Z", "[2026-02-15T10:00:00Z, 2026-03-15T10:00:00Z)"},
		{"resumed within the period", monthly, []stepAt{pausedAt, {"2026-03-01T00:00:00Z", resume("")}}, "2026-03-02T00:00:00Z", "[2026-02-15T10:00:00Z, 2026-03-15T10:00:00Z)"},
		{"resumed within it, its end moved by 9 days", monthly, []stepAt{pausedAt, {"2026-03-01T10:00:00Z", resume(plan.ExtendAnchor)}}, "2026-03-20T00:00:00Z", "[2026-02-15T10:00:00Z, 2026-03-24T10:00:00Z)"},
		{"a pause that outlasts the period resets nothing", monthly, []stepAt{pausedAt}, "2026-08-01T00:00:00Z", "[2026-02-15T10:00:00Z, open)"},
		{"resumed later on a new grid", monthly, []stepAt{pausedAt, {"2026-04-05T12:00:00Z", resume(plan.ResetAnchor)}}, "2026-05-05T11:59:59Z", "[2026-04-05T12:00:00Z, 2026-05-05T12:00:00Z)"},
		{"the period after a late resume", monthly, []stepAt{pausedAt, {"2026-04-05T12:00:00Z", resume(plan.KeepAnchor)}}, "2026-04-15T10:00:00Z", "[2026-04-15T10:00:00Z, 2026-05-15T10:00:00Z)"},
		{"a yearly plan at once", monthly, []stepAt{{"2026-02-20T00:00:00Z", changeTo(larger(t, calendar.Years(1)), subscription.Immediately(), plan.Policy{ChangeAnchor: plan.ResetAnchor})}}, "2026-12-31T00:00:00Z", "[2026-02-20T00:00:00Z, 2027-02-20T00:00:00Z)"},
		{"a yearly plan at the next period", monthly, []stepAt{{"2026-02-20T00:00:00Z", changeTo(larger(t, calendar.Years(1)), subscription.AtPeriodEnd(), plan.Policy{ChangeAnchor: plan.ResetAnchor})}}, "2026-12-31T00:00:00Z", "[2026-03-15T10:00:00Z, 2027-03-15T10:00:00Z)"},
		{"the anchor set elsewhere", monthly, []stepAt{{"2026-02-20T00:00:00Z", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetAnchor(c, instantOf(t, "2026-03-01T00:00:00Z"))
		}}}, "2026-03-01T00:00:00Z", "[2026-03-01T00:00:00Z, 2026-04-01T00:00:00Z)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.want, window(t, having(t, begun(t, row.made), row.steps...), row.at))
		})
	}
}

// No billing period is resolved for an instant that it does not hold, whatever was
// done: years of a life, looked at every few hours.
func TestEveryInstantOfALifeHasAWindowThatHoldsIt(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{
		Plan:  scanner(t, func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} }),
		At:    instantOf(t, "2026-01-01T00:00:00Z"),
		Start: instantOf(t, "2026-01-17T09:30:00Z"), Zone: calendar.MustLoadZone("America/New_York"),
	})
	s = having(
		t, s,
		stepAt{"2026-03-08T07:00:00Z", now(pause)},
		stepAt{"2026-05-20T00:00:00Z", resume(plan.ExtendAnchor)},
		stepAt{"2026-07-04T00:00:00Z", changeTo(larger(t, calendar.Weeks(2)), subscription.AtPeriodEnd(), plan.Policy{})},
		stepAt{"2026-09-01T00:00:00Z", subscription.Subscription.Hold},
		stepAt{"2026-10-01T00:00:00Z", subscription.Subscription.Release},
		stepAt{"2026-11-30T00:00:00Z", changeTo(scanner(t, nil), subscription.Immediately(), plan.Policy{ChangeAnchor: plan.ResetAnchor})},
		stepAt{"2027-02-02T00:00:00Z", now(subscription.Subscription.Cancel)},
		stepAt{"2027-06-01T00:00:00Z", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(c, subscription.Reactivation{})
		}},
	)
	end := instantOf(t, "2028-01-01T00:00:00Z")
	for at := instantOf(t, "2025-12-31T00:00:00Z"); at.Before(end); at = at.Add(7*time.Hour + time.Second) {
		all, err := s.Entitlements(at)
		require.NoError(t, err, at)
		for _, e := range all {
			w, err := e.Window(at)
			require.NoError(t, err, at)
			require.True(t, w.IsZero() || w.Contains(at), "%s at %s: %s", e.Key(), at, w)
			require.Equal(t, s.Entitled(at), !e.Dormant(), at)
			if p, runs := s.Period(at); runs && e.Key() == "reports" {
				opened := p.Start
				if reset := instantOf(t, "2026-11-30T00:00:00Z"); opened.Equal(instantOf(t, "2026-11-29T05:00:00Z")) {
					opened = reset // what was used on that day before the command belongs to the period before
				}
				require.Equal(t, opened, w.Start, at)
				require.Equal(t, p.End, w.End, at)
			}
		}
	}
}

func TestAThresholdInTheTierScopeKnowsThePriceOfTheFeature(t *testing.T) {
	t.Parallel()
	calls := feature.Per(feature.BillingPeriod, 0).Endless()
	calls.Thresholds = []feature.Threshold{{Percent: decimal.NewFromInt(80), Scope: feature.TierScope}}
	rated := feature.Per(feature.BillingPeriod, 50)
	rated.Overage, rated.Metric, rated.Thresholds = feature.Rate, "calls", calls.Thresholds
	tiers := []plan.Tier{
		{UpTo: plan.Bound(decimal.NewFromInt(100)), FlatAmount: decimal.NewFromInt(100)},
		{UpTo: plan.Bound(decimal.NewFromInt(200)), FlatAmount: decimal.NewFromInt(90)},
		{UnitAmount: decimal.RequireFromString("0.7")},
	}
	for _, row := range []struct {
		name  string
		grant feature.Grant
		price plan.Price
		fires []int64 // the uses up to which it is quiet
	}{
		{"tiered", calls, plan.Tiered{Tiers: tiers}, []int64{80, 160}},
		{"volume, ten of them free", calls, plan.Volume{Tiers: tiers, FreeUnits: decimal.NewFromInt(10)}, []int64{88, 168}},
		{"overage of fifty", rated, plan.Tiered{Tiers: tiers}, []int64{120, 200}},
		{"steps", calls, plan.Stairstep{Steps: []plan.Step{{UpTo: plan.Bound(decimal.NewFromInt(1000)), Amount: decimal.NewFromInt(1)}, {Amount: decimal.NewFromInt(2)}}}, []int64{800}},
		{"a price without tiers", calls, plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			v := scanner(t, func(p *plan.Plan) {
				p.Charges = append(p.Charges, plan.Charge{ID: "calls", Metric: "calls", Price: row.price})
				p.Features["calls"] = row.grant
			})
			at := instantOf(t, "2026-01-20T00:00:00Z")
			e, err := begun(t, subscription.Params{Plan: v, Start: instantOf(t, "2026-01-15T10:00:00Z")}).Entitlement("calls", at)
			require.NoError(t, err)
			var (
				u     feature.QuotaUsage
				quiet []int64
			)
			for n := range int64(1100) {
				var d feature.Decision
				u, d = e.Consume(u, feature.Request{Amount: decimal.NewFromInt(1), At: at})
				require.True(t, d.Allowed)
				if len(d.Fired()) > 0 {
					quiet = append(quiet, n)
				}
			}
			require.Equal(t, row.fires, quiet)
		})
	}
}
