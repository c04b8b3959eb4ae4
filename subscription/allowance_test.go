package subscription_test

import (
	"encoding/json"
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

// crew is a plan of seats, and of what comes with each: twenty hours and five gigabytes;
// and a thousand credits a month from the anchor.
func crew(t *testing.T, every string, alter func(*plan.Plan)) *plan.Version {
	t.Helper()
	credits := feature.Per(feature.Anchored, 1000)
	credits.Every = calendar.Months(1)
	hours := feature.Per(feature.Anchored, 20)
	hours.Every, hours.Per = calendar.Months(1), "seats"
	storage := feature.UpTo(5)
	storage.Per = "seats"
	p := plan.Plan{
		ID: "team", Version: 1, Currency: money.USD,
		Charges: []plan.Charge{
			{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(120)}},
			{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}},
		},
		Features: feature.Set{"credits": credits, "hours": hours, "storage": storage, "reports": feature.Per(feature.BillingPeriod, 100), "sso": feature.On()},
	}
	if every != "" {
		p.Every = interval(every)
	}
	if alter != nil {
		alter(&p)
	}
	v, err := plan.Compile(p)
	require.NoError(t, err)
	return v
}

// midway makes the hours of a plan follow its units in another way.
func midway(raise feature.Raise, lower feature.Lower) func(*plan.Plan) {
	return func(p *plan.Plan) {
		hours := p.Features["hours"]
		hours.Raise, hours.Lower = raise, lower
		p.Features["hours"] = hours
	}
}

func seatsTo(n int64) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(n))
	}
}

func anchorTo(t *testing.T, at string) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.SetAnchor(c, instantOf(t, at))
	}
}

// windowAt is the window of a feature that holds an instant.
func windowAt(t *testing.T, s subscription.Subscription, key feature.Key, at string) string {
	t.Helper()
	e, err := s.Entitlement(key, instantOf(t, at))
	require.NoError(t, err)
	w, err := e.Window(instantOf(t, at))
	require.NoError(t, err)
	if !w.IsOpen() {
		require.Equal(t, w.End, e.Until())
	}
	return w.String()
}

func limitAt(t *testing.T, s subscription.Subscription, key feature.Key, at string) string {
	t.Helper()
	e, err := s.Entitlement(key, instantOf(t, at))
	require.NoError(t, err)
	limit, limited := e.Limit()
	require.True(t, limited)
	return limit.String()
}

func TestAnAllowanceStartsOverOnTheDayOfTheAnchorWhateverThePlanBillsBy(t *testing.T) {
	t.Parallel()
	yearly := subscription.Params{Plan: crew(t, "P1Y", nil), Start: instantOf(t, "2026-01-31T00:00:00Z")}
	weekly := subscription.Params{Plan: crew(t, "P1W", nil), Start: instantOf(t, "2026-01-31T00:00:00Z")}
	once := subscription.Params{Plan: crew(t, "", nil), Start: instantOf(t, "2026-01-31T00:00:00Z")}
	stub := subscription.Params{Plan: crew(t, "P1Y", nil), Start: instantOf(t, "2026-01-10T08:00:00Z"), Anchor: instantOf(t, "2026-01-31T00:00:00Z")}
	trial := subscription.Params{
		Plan:  crew(t, "P1Y", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(45)} }),
		Start: instantOf(t, "2026-01-15T10:00:00Z"),
	}
	local := subscription.Params{Plan: crew(t, "P1Y", nil), Start: instantOf(t, "2026-01-30T23:00:00Z"), Zone: calendar.MustLoadZone("Europe/Berlin")}
	stairs := subscription.Params{
		Plan: crew(t, "P1M", func(p *plan.Plan) {
			p.Phases = []plan.Phase{{Every: calendar.Weeks(1), Charges: p.Charges, Cycles: 3}}
		}),
		Start: instantOf(t, "2026-01-31T00:00:00Z"),
	}
	intro := subscription.Params{
		Plan: crew(t, "P1M", func(p *plan.Plan) {
			p.Phases = []plan.Phase{{Charges: p.Charges, Length: calendar.Days(20)}}
		}),
		Start: instantOf(t, "2026-01-31T00:00:00Z"),
	}
	back := func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Reactivate(c, subscription.Reactivation{})
	}
	pausedAt := stepAt{"2026-03-10T00:00:00Z", now(pause)}
	bySecond := plan.Policy{ChangeAnchor: plan.ResetAnchor, Basis: calendar.BySecond}
	for _, row := range []struct {
		name  string
		made  subscription.Params
		steps []stepAt
		at    string
		want  string
	}{
		{"the first month", yearly, nil, "2026-01-31T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)"},
		{"February is clamped", yearly, nil, "2026-02-28T00:00:00Z", "[2026-02-28T00:00:00Z, 2026-03-31T00:00:00Z)"},
		{"March does not drift", yearly, nil, "2026-03-31T00:00:00Z", "[2026-03-31T00:00:00Z, 2026-04-30T00:00:00Z)"},
		{"a leap year later", yearly, nil, "2028-02-29T00:00:00Z", "[2028-02-29T00:00:00Z, 2028-03-31T00:00:00Z)"},
		{"a plan of weeks", weekly, nil, "2026-02-20T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)"},
		{"a plan that is paid once", once, nil, "2026-04-30T00:00:00Z", "[2026-04-30T00:00:00Z, 2026-05-31T00:00:00Z)"},
		{"before the anchor", stub, nil, "2026-01-10T08:00:00Z", "[2026-01-10T08:00:00Z, 2026-01-31T00:00:00Z)"},
		{"from the anchor", stub, nil, "2026-02-01T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)"},
		{"a trial counts from its beginning", trial, nil, "2026-01-15T10:00:00Z", "[2026-01-15T10:00:00Z, 2026-02-15T10:00:00Z)"},
		{"and ends what it has begun", trial, nil, "2026-02-20T00:00:00Z", "[2026-02-15T10:00:00Z, 2026-03-01T10:00:00Z)"},
		{"the first paid month after it", trial, nil, "2026-03-01T10:00:00Z", "[2026-03-01T10:00:00Z, 2026-04-01T10:00:00Z)"},
		{"the customer's midnight where clocks go forward", local, nil, "2026-04-01T00:00:00Z", "[2026-03-30T22:00:00Z, 2026-04-29T22:00:00Z)"},
		{"a new anchor: the month that runs goes on to it", yearly, []stepAt{{"2026-02-10T00:00:00Z", anchorTo(t, "2026-02-20T00:00:00Z")}}, "2026-02-10T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-20T00:00:00Z)"},
		{"and then follows it", yearly, []stepAt{{"2026-02-10T00:00:00Z", anchorTo(t, "2026-02-20T00:00:00Z")}}, "2026-02-20T00:00:00Z", "[2026-02-20T00:00:00Z, 2026-03-20T00:00:00Z)"},
		{"twice on one day", yearly, []stepAt{{"2026-02-10T00:00:00Z", anchorTo(t, "2026-02-20T00:00:00Z")}, {"2026-02-10T00:00:00Z", anchorTo(t, "2026-02-25T00:00:00Z")}}, "2026-02-21T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-25T00:00:00Z)"},
		{"a reset starts over at the command", yearly, []stepAt{{"2026-02-10T10:00:00Z", changeTo(crew(t, "P1M", func(p *plan.Plan) { p.ID = "other" }), subscription.Immediately(), plan.Policy{ChangeAnchor: plan.ResetAnchor})}}, "2026-02-10T10:00:00Z", "[2026-02-10T10:00:00Z, 2026-03-10T00:00:00Z)"},
		{"also where money is divided at the midnight after it", yearly, []stepAt{{"2026-02-10T10:00:00Z", changeTo(crew(t, "P1M", func(p *plan.Plan) { p.ID = "other" }), subscription.Immediately(), plan.Policy{ChangeAnchor: plan.ResetAnchor, ChangeDay: calendar.OldSide})}}, "2026-02-12T00:00:00Z", "[2026-02-10T10:00:00Z, 2026-03-11T00:00:00Z)"},
		{"and by the second", yearly, []stepAt{{"2026-02-10T10:00:00Z", changeTo(crew(t, "P1M", func(p *plan.Plan) { p.ID = "other" }), subscription.Immediately(), bySecond)}}, "2026-02-12T00:00:00Z", "[2026-02-10T10:00:00Z, 2026-03-10T10:00:00Z)"},
		{"another interval with the anchor kept starts nothing over", yearly, []stepAt{{"2026-02-10T10:00:00Z", changeTo(crew(t, "P1M", func(p *plan.Plan) { p.ID = "other" }), subscription.Immediately(), plan.Policy{})}}, "2026-02-10T10:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)"},
		{"nor does a plan without periods", yearly, []stepAt{{"2026-02-10T10:00:00Z", changeTo(crew(t, "", func(p *plan.Plan) { p.ID = "other" }), subscription.Immediately(), plan.Policy{})}}, "2026-04-30T00:00:00Z", "[2026-04-30T00:00:00Z, 2026-05-31T00:00:00Z)"},
		{"a phase that a plan without periods replaces at once lays no days", stairs, []stepAt{{"2026-02-15T00:00:00Z", changeTo(crew(t, "", func(p *plan.Plan) { p.ID = "other" }), subscription.AtPeriodEnd(), plan.Policy{})}}, "2026-02-21T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)"},
		{"and the days before it go on", stairs, []stepAt{{"2026-02-15T00:00:00Z", changeTo(crew(t, "", func(p *plan.Plan) { p.ID = "other" }), subscription.AtPeriodEnd(), plan.Policy{})}}, "2026-04-01T00:00:00Z", "[2026-03-31T00:00:00Z, 2026-04-30T00:00:00Z)"},
		{"a phase that any other plan replaces at once does", stairs, []stepAt{{"2026-02-15T00:00:00Z", changeTo(crew(t, "P1Y", func(p *plan.Plan) { p.ID = "other" }), subscription.AtPeriodEnd(), plan.Policy{})}}, "2026-02-22T00:00:00Z", "[2026-02-21T00:00:00Z, 2026-03-21T00:00:00Z)"},
		{"nor does a phase that is over before service comes back into its period", intro, []stepAt{{"2026-02-10T00:00:00Z", now(subscription.Subscription.Cancel)}, {"2026-02-22T00:00:00Z", back}}, "2026-02-22T00:00:00Z", "[2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)"},
		{"nor does a pause", yearly, []stepAt{pausedAt, {"2026-03-20T00:00:00Z", resume("")}}, "2026-03-20T00:00:00Z", "[2026-02-28T00:00:00Z, 2026-03-31T00:00:00Z)"},
		{"a pause that extends moves the end of the month", yearly, []stepAt{pausedAt, {"2026-03-20T00:00:00Z", resume(plan.ExtendAnchor)}}, "2026-03-20T00:00:00Z", "[2026-02-28T00:00:00Z, 2026-04-10T00:00:00Z)"},
		{"and the days after it", yearly, []stepAt{pausedAt, {"2026-03-20T00:00:00Z", resume(plan.ExtendAnchor)}}, "2026-04-10T00:00:00Z", "[2026-04-10T00:00:00Z, 2026-05-10T00:00:00Z)"},
		{"a resume that resets is paid anew", yearly, []stepAt{pausedAt, {"2026-03-20T00:00:00Z", resume(plan.ResetAnchor)}}, "2026-03-20T00:00:00Z", "[2026-03-20T00:00:00Z, 2026-04-20T00:00:00Z)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.want, windowAt(t, having(t, begun(t, row.made), row.steps...), "credits", row.at))
		})
	}
}

// A reset at 9 o'clock whose period begins at the midnight after it, and what is done
// before that midnight.
func TestWhatComesBeforeTheCutOfANewPeriodChangesNothingOfItsWindow(t *testing.T) {
	t.Parallel()
	reset := stepAt{"2026-01-11T09:00:00Z", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		c.Policy = plan.Policy{ChangeAnchor: plan.ResetAnchor, ChangeDay: calendar.OldSide}
		return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(1))
	}}
	change := func(every string) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
		return changeTo(crew(t, every, func(p *plan.Plan) { p.ID = "other" }), subscription.Immediately(), plan.Policy{})
	}
	const at, later = "2026-01-11T09:00:00Z", "2026-01-11T15:00:00Z"
	const month = "[2026-01-11T09:00:00Z, 2026-02-12T00:00:00Z)"
	for _, row := range []struct {
		name  string
		after []stepAt
		key   feature.Key
		want  map[string]string
	}{
		{"the reset alone", nil, "credits", map[string]string{at: month, later: month, "2026-01-12T00:00:00Z": month, "2026-02-12T00:00:00Z": "[2026-02-12T00:00:00Z, 2026-03-12T00:00:00Z)"}},
		{"weeks at the same instant", []stepAt{{at, change("P1W")}}, "credits", map[string]string{at: month, later: month, "2026-01-12T00:00:00Z": month, "2026-01-20T00:00:00Z": month}},
		{"weeks some hours later", []stepAt{{later, change("P1W")}}, "credits", map[string]string{at: month, later: month, "2026-01-12T00:00:00Z": month}},
		{"a plan without periods", []stepAt{{later, change("")}}, "credits", map[string]string{later: month, "2026-01-20T00:00:00Z": month}},
		{"a new anchor before the cut", []stepAt{{later, anchorTo(t, "2026-02-01T18:00:00Z")}}, "credits", map[string]string{later: "[2026-01-11T09:00:00Z, 2026-02-01T18:00:00Z)", "2026-01-20T00:00:00Z": "[2026-01-11T09:00:00Z, 2026-02-01T18:00:00Z)"}},
		{"and one that has a boundary before the cut", []stepAt{{later, anchorTo(t, "2026-02-11T18:00:00Z")}}, "credits", map[string]string{later: "[2026-01-11T09:00:00Z, 2026-02-11T18:00:00Z)", "2026-01-20T00:00:00Z": "[2026-01-11T09:00:00Z, 2026-02-11T18:00:00Z)"}},
		{"what is counted by billing periods starts over where the period of weeks does", []stepAt{{at, change("P1W")}}, "reports", map[string]string{at: "[2026-01-11T09:00:00Z, 2026-01-12T00:00:00Z)", later: "[2026-01-11T09:00:00Z, 2026-01-12T00:00:00Z)", "2026-01-12T00:00:00Z": "[2026-01-12T00:00:00Z, 2026-01-19T00:00:00Z)"}},
		{"and stays so after another change", []stepAt{{at, change("P1W")}, {"2026-01-13T00:00:00Z", seatsTo(2)}}, "reports", map[string]string{later: "[2026-01-11T09:00:00Z, 2026-01-12T00:00:00Z)", "2026-01-13T00:00:00Z": "[2026-01-12T00:00:00Z, 2026-01-19T00:00:00Z)"}},
		{"also at that midnight", []stepAt{{at, change("P1W")}, {"2026-01-12T00:00:00Z", seatsTo(2)}}, "reports", map[string]string{"2026-01-12T00:00:00Z": "[2026-01-12T00:00:00Z, 2026-01-19T00:00:00Z)"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			made := begun(t, subscription.Params{Plan: crew(t, "P1M", nil), Start: instantOf(t, at)})
			s := having(t, made, append([]stepAt{reset}, row.after...)...)
			for at, want := range row.want {
				require.Equal(t, want, windowAt(t, s, row.key, at), at)
			}
		})
	}
}

func TestAWindowLongerThanTheCalendarHasNoEnd(t *testing.T) {
	t.Parallel()
	v := crew(t, "P1Y", func(p *plan.Plan) {
		g := p.Features["credits"]
		g.Every = calendar.Years(9000)
		p.Features["credits"] = g
	})
	s := begun(t, subscription.Params{Plan: v, Start: instantOf(t, "2026-01-31T00:00:00Z")})
	require.Equal(t, "[2026-01-31T00:00:00Z, open)", windowAt(t, s, "credits", "2030-01-01T00:00:00Z"))
}

func TestALimitFollowsTheUnitsBought(t *testing.T) {
	t.Parallel()
	const start, half = "2026-06-01T00:00:00Z", "2026-06-16T09:00:00Z" // fifteen of thirty days are left
	for _, row := range []struct {
		name  string
		alter func(*plan.Plan)
		steps []stepAt
		want  map[string]string
	}{
		{"five seats", nil, nil, map[string]string{start: "100", "2026-12-24T00:00:00Z": "100"}},
		{"a sixth, whole", nil, []stepAt{{half, seatsTo(6)}}, map[string]string{"2026-06-16T08:59:59Z": "100", half: "120", "2026-07-01T00:00:00Z": "120"}},
		{"a sixth, by the share left", midway(feature.RaiseShare, ""), []stepAt{{half, seatsTo(6)}}, map[string]string{half: "110", "2026-06-30T23:59:59Z": "110", "2026-07-01T00:00:00Z": "120"}},
		{"a share is rounded down", midway(feature.RaiseShare, ""), []stepAt{{"2026-06-20T00:00:00Z", seatsTo(6)}, {"2026-06-24T00:00:00Z", seatsTo(7)}}, map[string]string{"2026-06-20T00:00:00Z": "107.333333", "2026-06-24T00:00:00Z": "111.999999"}},
		{"on the first day it is whole", midway(feature.RaiseShare, ""), []stepAt{{"2026-06-01T23:00:00Z", seatsTo(6)}}, map[string]string{"2026-06-01T23:00:00Z": "120"}},
		{"two fewer, at once", nil, []stepAt{{half, seatsTo(3)}}, map[string]string{half: "60"}},
		{"two fewer, from the next month", midway("", feature.LowerNextWindow), []stepAt{{half, seatsTo(3)}}, map[string]string{half: "100", "2026-06-30T23:59:59Z": "100", "2026-07-01T00:00:00Z": "60"}},
		{"fewer, and back: nothing is given twice", midway("", feature.LowerNextWindow), []stepAt{{half, seatsTo(3)}, {"2026-06-17T00:00:00Z", seatsTo(5)}, {"2026-06-18T00:00:00Z", seatsTo(6)}}, map[string]string{"2026-06-17T00:00:00Z": "100", "2026-06-18T00:00:00Z": "120"}},
		{"more by a share, and back", midway(feature.RaiseShare, ""), []stepAt{{half, seatsTo(6)}, {"2026-06-17T00:00:00Z", seatsTo(5)}}, map[string]string{"2026-06-17T00:00:00Z": "100"}},
		{"more and back at one instant is nothing", midway(feature.RaiseShare, ""), []stepAt{{half, seatsTo(4)}, {half, seatsTo(5)}}, map[string]string{half: "100"}},
		{"another plan gives more, by its own choice", midway("", feature.LowerNextWindow), []stepAt{{half, changeTo(crew(t, "P1Y", func(p *plan.Plan) {
			p.ID = "larger"
			hours := p.Features["hours"]
			hours.Limit, hours.Raise = decimal.NewFromInt(30), feature.RaiseShare
			p.Features["hours"] = hours
		}), subscription.Immediately(), plan.Policy{})}}, map[string]string{half: "125", "2026-07-01T00:00:00Z": "150"}},
		{"what an override gives is whole", midway(feature.RaiseShare, feature.LowerNextWindow), []stepAt{{half, assign(feature.Overrides{"hours": feature.ExtraOf(7)}, feature.Assignment{})}, {half, seatsTo(6)}}, map[string]string{half: "117", "2026-07-01T00:00:00Z": "127"}},
		{"and its limit wins", midway(feature.RaiseShare, feature.LowerNextWindow), []stepAt{{half, assign(feature.Overrides{"hours": feature.LimitTo(50)}, feature.Assignment{})}, {half, seatsTo(9)}}, map[string]string{half: "50", "2026-07-01T00:00:00Z": "50"}},
		{"also for each seat", nil, []stepAt{{half, assign(feature.Overrides{"hours": {Limit: ptr(decimal.NewFromInt(25)), Per: ptr("seats")}}, feature.Assignment{})}}, map[string]string{half: "125"}},
		{"unless the plan to come has no such charge", nil, []stepAt{
			{half, assign(feature.Overrides{"credits": {Limit: ptr(decimal.NewFromInt(25)), Per: ptr("seats")}}, feature.Assignment{})},
			{"2026-06-17T00:00:00Z", changeTo(crew(t, "P1Y", func(p *plan.Plan) {
				p.ID, p.Charges[0].ID = "desks", "desks"
				for _, key := range []feature.Key{"hours", "storage"} {
					g := p.Features[key]
					g.Per = "desks"
					p.Features[key] = g
				}
			}), subscription.Immediately(), plan.Policy{})},
		}, map[string]string{half: "100", "2026-06-17T00:00:00Z": "100"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := begun(t, subscription.Params{Plan: crew(t, "P1Y", row.alter), Start: instantOf(t, start), Quantity: subscription.Units(5)})
			s = having(t, s, row.steps...)
			for at, want := range row.want {
				require.Equal(t, want, limitAt(t, s, "hours", at), at)
			}
			data, err := json.Marshal(s)
			require.NoError(t, err)
			require.NotEmpty(t, data)
		})
	}
}

func TestAnEntitlementHoldsUntilTheUnitsChange(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: crew(t, "P1Y", nil), Start: instantOf(t, "2026-06-01T00:00:00Z"), Quantity: subscription.Units(5)})
	s, err := s.ChangeQuantity(subscription.Call{At: instantOf(t, "2026-06-02T00:00:00Z"), Actor: lifecycle.Operator}, subscription.On(instantOf(t, "2026-06-16T00:00:00Z")), "", decimal.NewFromInt(6))
	require.NoError(t, err)
	for key, want := range map[feature.Key]string{"hours": "2026-06-16T00:00:00Z", "storage": "2026-06-16T00:00:00Z", "credits": "2026-07-01T00:00:00Z", "reports": "2027-06-01T00:00:00Z"} {
		e, err := s.Entitlement(key, instantOf(t, "2026-06-03T00:00:00Z"))
		require.NoError(t, err)
		require.Equal(t, instantOf(t, want), e.Until(), key)
	}
	require.Equal(t, "25", limitAt(t, s, "storage", "2026-06-15T23:59:59Z"))
	require.Equal(t, "30", limitAt(t, s, "storage", "2026-06-16T00:00:00Z"))
}

// What was used on the day of a new cycle, before it was bought, is not counted in it.
func TestAPaidNewPeriodIsFresh(t *testing.T) {
	t.Parallel()
	for _, day := range []calendar.ChangeDay{calendar.NewSide, calendar.OldSide} {
		s := begun(t, subscription.Params{Plan: crew(t, "P1M", nil), Start: instantOf(t, "2026-07-20T00:00:00Z")})
		use := func(u feature.QuotaUsage, n int64, at string) (feature.QuotaUsage, feature.Decision) {
			e, err := s.Entitlement("reports", instantOf(t, at))
			require.NoError(t, err)
			return e.Consume(u, feature.Request{Amount: decimal.NewFromInt(n), At: instantOf(t, at)})
		}
		usage, d := use(feature.QuotaUsage{}, 100, "2026-08-10T09:00:00Z")
		require.True(t, d.Allowed)
		_, d = use(usage, 1, "2026-08-10T09:59:59Z")
		require.ErrorIs(t, d.Err(), feature.ErrQuotaExceeded)
		anew := func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			c.Policy = plan.Policy{ChangeAnchor: plan.ResetAnchor, ChangeDay: day}
			return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(1))
		}
		s = having(t, s, stepAt{"2026-08-10T10:00:00Z", anew})
		usage, d = use(usage, 100, "2026-08-10T10:00:00Z")
		require.True(t, d.Allowed, day)
		_, d = use(usage, 1, "2026-08-12T00:00:00Z")
		require.ErrorIs(t, d.Err(), feature.ErrQuotaExceeded, "and there is one allowance, not two")
		s = having(t, s, stepAt{"2026-08-10T14:00:00Z", anew})
		_, d = use(usage, 100, "2026-08-10T14:00:00Z")
		require.True(t, d.Allowed, "paid again on the same day")
	}
}

func TestAChangeSaysWhatItWouldExceed(t *testing.T) {
	t.Parallel()
	before := begun(t, subscription.Params{Plan: crew(t, "P1Y", nil), Start: instantOf(t, "2026-06-01T00:00:00Z"), Quantity: subscription.Units(5)})
	used := func(n, at string) feature.QuotaUsage {
		u, err := feature.Counted(decimal.RequireFromString(n), instantOf(t, at))
		require.NoError(t, err)
		return u
	}
	usage := map[feature.Key]feature.QuotaUsage{
		"storage": used("20", "2026-06-10T00:00:00Z"), "hours": used("90", "2026-06-10T00:00:00Z"), "credits": used("900", "2026-06-10T00:00:00Z"),
		"reports": used("100", "2026-06-10T00:00:00Z"), "sso": {}, "unknown": used("3", "2026-06-10T00:00:00Z"),
	}
	small := crew(t, "P1Y", func(p *plan.Plan) {
		p.ID = "small"
		delete(p.Features, "credits")
		p.Features["reports"] = feature.Per(feature.BillingPeriod, 99)
		storage := p.Features["storage"]
		storage.Active = false
		p.Features["storage"] = storage
		p.Features["hours"] = p.Features["hours"].Endless()
	})
	for _, row := range []struct {
		name string
		do   func(subscription.Subscription, subscription.Call) (subscription.Subscription, error)
		at   string
		want string
	}{
		{"equal is not above", seatsTo(5), "2026-06-16T00:00:00Z", `[{"feature":"unknown","used":"3","limit":"0"}]`},
		{"fewer seats", seatsTo(3), "2026-06-16T00:00:00Z", `[{"feature":"hours","used":"90","limit":"60"},{"feature":"storage","used":"20","limit":"15"},{"feature":"unknown","used":"3","limit":"0"}]`},
		{"a month later the hours start over", seatsTo(3), "2026-07-16T00:00:00Z", `[{"feature":"storage","used":"20","limit":"15"},{"feature":"unknown","used":"3","limit":"0"}]`},
		{"another plan", changeTo(small, subscription.Immediately(), plan.Policy{}), "2026-06-16T00:00:00Z", `[{"feature":"credits","used":"900","limit":"0"},{"feature":"reports","used":"100","limit":"99"},{"feature":"storage","used":"20","limit":"0"},{"feature":"unknown","used":"3","limit":"0"}]`},
		{"another plan in a new period", changeTo(small, subscription.Immediately(), plan.Policy{ChangeAnchor: plan.ResetAnchor}), "2026-06-16T00:00:00Z", `[{"feature":"credits","used":"900","limit":"0"},{"feature":"storage","used":"20","limit":"0"},{"feature":"unknown","used":"3","limit":"0"}]`},
		{"at the end of the period", changeTo(small, subscription.AtPeriodEnd(), plan.Policy{}), "2027-06-01T00:00:00Z", `[{"feature":"storage","used":"20","limit":"0"},{"feature":"unknown","used":"3","limit":"0"}]`},
		{"a pause takes nothing away", now(pause), "2026-06-16T00:00:00Z", `[{"feature":"unknown","used":"3","limit":"0"}]`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			after := having(t, before, stepAt{"2026-06-16T00:00:00Z", row.do})
			all, err := subscription.Exceeded(before, after, instantOf(t, row.at), usage)
			require.NoError(t, err)
			text, err := json.Marshal(all)
			require.NoError(t, err)
			require.JSONEq(t, row.want, string(text))
		})
	}
	_, err := subscription.Exceeded(before, before, instantOf(t, "2026-05-01T00:00:00Z").AddDate(1, 0, 0), map[feature.Key]feature.QuotaUsage{"hours": used("1", "2027-06-10T00:00:00Z"), "reports": used("1", "2027-06-10T00:00:00Z")})
	require.ErrorIs(t, err, feature.ErrOutOfOrder)
	require.ErrorContains(t, err, "subscription: exceeded: hours: ")
	require.ErrorContains(t, err, "subscription: exceeded: reports: ")
	_, err = subscription.Exceeded(subscription.Subscription{}, subscription.Subscription{}, time.Time{}, usage)
	require.ErrorIs(t, err, subscription.ErrZero)
}

func TestALimitForEachUnitThatIsAssignedNamesAChargeWithAQuantity(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: crew(t, "P1Y", nil), Start: instantOf(t, "2026-06-01T00:00:00Z"), Quantity: subscription.Units(5)})
	call := subscription.Call{At: instantOf(t, "2026-06-02T00:00:00Z"), Actor: lifecycle.Operator}
	inUse := feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"storage": decimal.NewFromInt(20)}}
	for _, row := range []struct {
		given feature.Override
		want  string
	}{
		{feature.Override{Per: ptr("desks")}, `subscription: invalid call: features: storage.per: the plan has no charge "desks" with a quantity`},
		{feature.Override{Per: ptr("calls")}, `subscription: invalid call: features: storage.per: the plan has no charge "calls" with a quantity`},
		{feature.Override{Limit: ptr(decimal.NewFromInt(3)), Per: ptr("seats")}, "subscription: invalid call: features: storage.limit: feature: below what is in use: 15, 20 in use"},
		{feature.Override{Limit: ptr(decimal.NewFromInt(4)), Per: ptr("seats")}, ""},
	} {
		_, err := s.AssignFeatures(call, feature.Overrides{"storage": row.given}, inUse)
		if row.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, row.want)
	}
}

func TestAPhaseWithoutTheChargeCountsItsUnits(t *testing.T) {
	t.Parallel()
	v := crew(t, "P1M", func(p *plan.Plan) {
		p.Phases = []plan.Phase{{Charges: []plan.Charge{{ID: "intro", Price: plan.FlatFee{Amount: decimal.NewFromInt(1)}}}, Cycles: 1}}
	})
	s := begun(t, subscription.Params{Plan: v, Start: instantOf(t, "2026-06-01T00:00:00Z"), Quantity: subscription.Units(5)})
	require.Equal(t, "100", limitAt(t, s, "hours", "2026-06-10T00:00:00Z"))
	require.Equal(t, "100", limitAt(t, s, "hours", "2026-07-10T00:00:00Z"))
}

func TestAThresholdInTheTierScopeComesAfterTheLimitForAllUnits(t *testing.T) {
	t.Parallel()
	v := crew(t, "P1M", func(p *plan.Plan) {
		p.Charges[1].Price = plan.Tiered{Tiers: []plan.Tier{{UpTo: plan.Bound(decimal.NewFromInt(100)), UnitAmount: decimal.NewFromInt(1)}, {}}}
		calls := feature.Per(feature.BillingPeriod, 50)
		calls.Per, calls.Overage = "seats", feature.Rate
		calls.Thresholds = []feature.Threshold{{Percent: decimal.NewFromInt(80), Scope: feature.TierScope}}
		p.Features["calls"] = calls
	})
	s := begun(t, subscription.Params{Plan: v, Start: instantOf(t, "2026-06-01T00:00:00Z"), Quantity: subscription.Units(5)})
	at := instantOf(t, "2026-06-10T00:00:00Z")
	e, err := s.Entitlement("calls", at)
	require.NoError(t, err)
	u, d := e.Consume(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(280), At: at})
	require.Empty(t, d.Fired(), "80 percent of the first tier, which ends at 250 and 100")
	require.Equal(t, "30", d.Billable().String(), "beyond fifty for each of five seats")
	_, d = e.Consume(u, feature.Request{Amount: decimal.NewFromInt(1), At: at})
	require.Len(t, d.Fired(), 1)
	s = having(t, s, stepAt{"2026-06-11T00:00:00Z", seatsTo(4)})
	all, err := s.Entitlements(at)
	require.NoError(t, err)
	require.Len(t, all, 6)
}

func ptr[T any](v T) *T { return &v }
