package subscription_test

import (
	"fmt"
	"slices"
	"strings"
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

// made makes a subscription from the first of January 2026.
func made(t require.TestingT, v *plan.Version, alter func(*subscription.Params)) subscription.Subscription {
	p := subscription.Params{ID: "sub", Plan: v, Start: at("2026-01-01")}
	if alter != nil {
		alter(&p)
	}
	s, err := subscription.New(p)
	require.NoError(t, err)
	return s
}

// done does verbs, each at its instant, as an operator.
func done(t require.TestingT, s subscription.Subscription, steps ...any) subscription.Subscription {
	for i := 0; i < len(steps); i += 2 {
		next, err := steps[i+1].(act)(s, operator(steps[i].(string)))
		require.NoError(t, err)
		s = next
	}
	return s
}

func operator(when string) subscription.Call {
	return subscription.Call{At: at(when), Actor: lifecycle.Operator}
}

func withTrial(days int) func(*plan.Plan) {
	return func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(days)} }
}

func credits(amount string) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.AddAccountCredit(c, money.MustParse(amount))
	}
}

var revives act = func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
	return s.Reactivate(c, subscription.Reactivation{})
}

func updates(p subscription.Patch) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Update(c, p)
	}
}

func callFacts(s subscription.Subscription, until string) string {
	var lines []string
	for e := range s.Events(time.Time{}, at(until)) {
		line := e.At.Format("01-02") + " " + string(e.Kind)
		if e.Action != 0 {
			line += " " + e.Action.String()
		}
		if e.Derived {
			line += " derived"
		}
		if e.Command > 0 {
			line += fmt.Sprintf(" #%d", e.Command)
		}
		lines = append(lines, line+" "+string(e.Status))
	}
	return strings.Join(lines, "\n")
}

func TestEventsWeaveTicksAndCommandsInTheOrderOfOneInstant(t *testing.T) {
	t.Parallel()
	basic, pro := sold("basic", "10", withTrial(14)), sold("pro", "20", nil)
	name := "renamed"
	s := done(t, made(t, basic, nil),
		"2026-01-05", changes(subscription.AtPeriodEnd(), pro),
		"2026-02-15", updates(subscription.Patch{Name: &name}),
		"2026-02-15", credits("5.00 USD"),
		"2026-03-01", pauses(subscription.AtPeriodEnd(), subscription.Pause{Until: at("2026-04-01")}),
		"2026-04-10", cancels(subscription.AtPeriodEnd()),
	)
	require.Equal(t, strings.Join([]string{
		"01-01 trial_began #1 in_trial",
		"01-05 recorded change_plan_at_period_end #2 in_trial",
		"01-15 trial_ended derived active",
		"01-15 changed change_plan_at_period_end derived #2 active",
		"02-15 recorded add_account_credit #4 active",
		"02-15 renewed derived active",
		"02-15 recorded update #3 active",
		"03-01 recorded pause_at_period_end #5 active",
		"03-15 paused pause_at_period_end derived #5 paused",
		"04-01 resumed pause_at_period_end derived #5 active",
		"04-10 recorded cancel_at_period_end #6 non_renewing",
		"04-15 ended cancel_at_period_end derived #6 cancelled",
	}, "\n"), callFacts(s, "2030-01-01"))
}

func TestEventsAreMadeOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	s := made(t, sold("daily", "1", func(p *plan.Plan) { p.Every = calendar.Days(1) }), nil)
	n := 0
	for e := range s.Events(time.Time{}, time.Time{}) {
		if n++; n == 1000 {
			require.Equal(t, at("2028-09-26"), e.At)
			break
		}
	}
	require.Equal(t, 1000, n)
	require.Empty(t, slices.Collect(s.Events(time.Time{}, at("2026-01-01"))), "nothing before it was made")
	require.Empty(t, slices.Collect(subscription.Subscription{}.Events(time.Time{}, at("2030-01-01"))))
	all := slices.Collect(s.Events(time.Time{}, at("2026-01-03")))
	require.Len(t, all, 2, "before the instant asked for")
}

func TestASnapshotIsTheSubscriptionAtAnInstant(t *testing.T) {
	t.Parallel()
	basic := sold("basic", "10", withTrial(14))
	s := done(t, made(t, basic, func(p *subscription.Params) { p.Quantity = subscription.Units(4) }),
		"2026-01-20", act(func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangePrice(c, subscription.Immediately(), "fee", plan.FlatFee{Amount: decimal.NewFromInt(8)})
		}),
		"2026-02-20", pauses(subscription.On(at("2026-03-01")), subscription.Pause{}),
		"2026-03-05", resumes(plan.KeepAnchor),
		"2026-03-10", cancels(subscription.AtPeriodEnd()),
	)
	for _, test := range []struct {
		name, at, status, period string
		trialEnd, canceled       string
		entitled, billable       bool
		prices, scheduled        int
		ending                   string
	}{
		{name: "before", at: "2025-12-31"},
		{name: "in trial", at: "2026-01-10", status: "in_trial", trialEnd: "2026-01-15", entitled: true},
		{name: "trial over", at: "2026-01-15", status: "active", period: "2026-01-15/2026-02-15", entitled: true, billable: true},
		{name: "negotiated", at: "2026-02-20", status: "active", period: "2026-02-15/2026-03-15", entitled: true, billable: true, prices: 1, scheduled: 1},
		{name: "paused", at: "2026-03-02", status: "paused", period: "2026-02-15/2026-03-15", prices: 1},
		{
			name: "cancelling", at: "2026-03-10", status: "non_renewing", period: "2026-02-15/2026-03-15", canceled: "2026-03-10",
			entitled: true, billable: true, prices: 1, scheduled: 1, ending: "2026-03-15 cancel 5",
		},
		{name: "over", at: "2026-09-01", status: "cancelled", period: "2026-02-15/2026-03-15", canceled: "2026-03-10", prices: 1, ending: "2026-03-15 cancel 5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			snap, err := s.At(at(test.at))
			require.NoError(t, err)
			date := func(d time.Time) string {
				if d.IsZero() {
					return ""
				}
				return d.Format(time.DateOnly)
			}
			require.Equal(t, test.status, string(snap.State.Status()))
			require.Equal(t, test.entitled, snap.Entitled)
			require.Equal(t, test.billable, snap.Billable)
			require.Equal(t, test.trialEnd, date(snap.TrialEnd))
			require.Equal(t, test.canceled, date(snap.CanceledAt))
			require.Len(t, snap.Prices, test.prices)
			require.Len(t, snap.Scheduled, test.scheduled)
			period := ""
			if !snap.Period.Start.IsZero() {
				period = date(snap.Period.Start) + "/" + date(snap.Period.End)
			}
			require.Equal(t, test.period, period)
			ending := ""
			for _, e := range snap.Endings {
				ending += fmt.Sprintf("%s %s %d", date(e.At), e.Cause, e.Command)
			}
			require.Equal(t, test.ending, ending)
			require.Equal(t, snap.TrialUsed, s.HasUsedTrial(at(test.at)))
			require.Equal(t, snap.Entitled, s.Entitled(at(test.at)))
			if test.status != "" {
				require.Equal(t, "4", snap.Quantity.String())
				require.Equal(t, snap.Plan, s.Plan(at(test.at)).Ref())
				require.Equal(t, at("2026-01-01"), snap.Start)
			}
		})
	}
	_, err := subscription.Subscription{}.At(at("2026-01-01"))
	require.ErrorIs(t, err, subscription.ErrZero)
}

func TestWhatWaitsForTheEndOfATrialHappensWhenItEndsEarly(t *testing.T) {
	t.Parallel()
	basic, pro := sold("basic", "10", withTrial(14)), sold("pro", "20", nil)
	endTrial := act(func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.EndTrial(c)
	})
	s := done(t, made(t, basic, nil), "2026-01-02", changes(subscription.AtPeriodEnd(), pro), "2026-01-05", endTrial)
	require.Equal(t, "pro@1", s.Plan(at("2026-01-05")).Ref().String())
	s = done(t, made(t, basic, nil), "2026-01-02", cancels(subscription.AtPeriodEnd()), "2026-01-05", endTrial)
	require.Equal(t, lifecycle.Cancelled, s.Status(at("2026-01-05")))
}

func TestAPauseThatComesDueUnderAHoldIsRemembered(t *testing.T) {
	t.Parallel()
	s := done(t, made(t, sold("basic", "10", nil), nil),
		"2026-01-05", pauses(subscription.On(at("2026-01-20")), subscription.Pause{Until: at("2026-03-01")}),
		"2026-01-10", act(subscription.Subscription.Hold), "2026-01-25", act(subscription.Subscription.Release))
	require.Equal(t, lifecycle.Paused, s.Status(at("2026-01-26")), "the customer's own pause")
	require.Equal(t, lifecycle.Active, s.Status(at("2026-03-01")), "and its own end")

	s = done(t, made(t, sold("basic", "10", nil), nil), "2026-01-05", pauses(subscription.Immediately(), subscription.Pause{}),
		"2026-01-10", act(subscription.Subscription.Hold), "2026-01-12", resumes(""))
	require.Equal(t, lifecycle.Paused, s.Status(at("2026-01-12")), "the hold stays")
	s = done(t, s, "2026-01-13", act(subscription.Subscription.Release))
	require.Equal(t, lifecycle.Active, s.Status(at("2026-01-13")))
}

func TestAnEndedSubscriptionKeepsItsLength(t *testing.T) {
	t.Parallel()
	year := sold("year", "10", func(p *plan.Plan) { p.Length = &plan.Length{Interval: calendar.Months(12)} })
	s := done(t, made(t, year, nil), "2026-05-10", cancels(subscription.Immediately()), "2026-05-20", revives)
	ending, ok := s.EndsAt(at("2026-05-20"))
	require.True(t, ok)
	require.Equal(t, at("2027-01-01"), ending.At)
	require.Equal(t, lifecycle.CauseLength, ending.Cause)
}

func TestTheEndOfAScheduledPauseCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := done(t, made(t, sold("basic", "10", nil), nil),
		"2026-01-05", pauses(subscription.AtPeriodEnd(), subscription.Pause{Cycles: 1}),
		"2026-01-06", act(func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.UndoResume(c)
		}))
	require.Equal(t, lifecycle.Paused, s.Status(at("2026-12-01")))
}

func TestDroppedPausesAreReported(t *testing.T) {
	t.Parallel()
	s := done(t, made(t, sold("basic", "10", nil), nil),
		"2026-01-05", pauses(subscription.AtPeriodEnd(), subscription.Pause{}), "2026-01-06", cancels(subscription.AtPeriodEnd()))
	require.True(t, s.Segment(s.SegmentAt(at("2026-01-06"))).Opened().Dropped.Has(lifecycle.ScheduledPause))
	require.Len(t, s.Scheduled(at("2026-01-06")), 1)
	when, ok := s.CancelAt(at("2026-01-06"))
	require.True(t, ok)
	require.Equal(t, at("2026-02-01"), when)
}

func TestTheReasonOfACancelIsKnown(t *testing.T) {
	t.Parallel()
	text := "moving"
	s := made(t, sold("basic", "10", nil), nil)
	call := operator("2026-01-05")
	call.Reason = "price"
	s, err := s.Cancel(call, subscription.AtPeriodEnd())
	require.NoError(t, err)
	s = done(t, s, "2026-01-06", updates(subscription.Patch{CancelReason: &text}), "2026-01-07", act(subscription.Subscription.UndoCancel))
	require.Equal(t, "", s.CancelReason(at("2026-01-04")))
	require.Equal(t, "price", s.CancelReason(at("2026-01-05")))
	require.Equal(t, "moving", s.CancelReason(at("2026-01-06")))
	require.Equal(t, "", s.CancelReason(at("2026-01-07")))
}

func TestFeaturesAreAssignedRevokedAndResolved(t *testing.T) {
	t.Parallel()
	scans := sold("scans", "10", func(p *plan.Plan) {
		p.Features = feature.Set{"ips": {Kind: feature.Limit, Active: true, Limit: decimal.NewFromInt(5)}}
	})
	s := made(t, scans, nil)
	s, err := s.AssignFeatures(operator("2026-01-05"), feature.Overrides{"ips": feature.LimitTo(8)}, feature.Assignment{})
	require.NoError(t, err)
	version := s.Version()
	s, err = s.AssignFeatures(operator("2026-01-06"), feature.Overrides{"ips": feature.LimitTo(8)}, feature.Assignment{})
	require.NoError(t, err)
	require.Equal(t, version, s.Version(), "assigning the same again changes nothing")

	limit := func(when string) string {
		e, err := s.Entitlement("ips", at(when))
		require.NoError(t, err)
		return e.Grant().Limit.String()
	}
	require.Equal(t, "5", limit("2026-01-04"))
	require.Equal(t, "8", limit("2026-01-05"))
	_, err = s.RevokeFeatures(operator("2026-01-07"), []feature.Key{"ips"}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"ips": decimal.NewFromInt(6)}})
	require.ErrorIs(t, err, feature.ErrQuotaBelowUsage)
	_, err = s.AssignFeatures(operator("2026-01-07"), feature.Overrides{"other": feature.LimitTo(1)}, feature.Assignment{})
	require.ErrorIs(t, err, feature.ErrUnknown)
	s, err = s.RevokeFeatures(operator("2026-01-08"), []feature.Key{"ips"}, feature.Assignment{})
	require.NoError(t, err)
	require.Equal(t, "5", limit("2026-01-08"))
	all, err := s.Entitlements(at("2026-01-08"))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Empty(t, s.Overrides(at("2026-01-08")))

	back, err := subscription.Decode([]byte(bytesOf(t, s)), plan.MustCatalog(scans.Plan()))
	require.NoError(t, err)
	require.True(t, s.Equal(back))
}
