package subscription_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A pause that extends anchors the grid at the end of the longest period that runs: so many
// periods of the plan behind the moved end as before.
func TestAnExtensionKeepsAllGridsOnOneAnchor(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		return at
	}
	for _, row := range []struct{ what, plan, own, start, pause, resume, end, anchor string }{
		{"no other interval", "P1M", "", "2026-01-01", "2026-03-11", "2026-03-21", "2026-04-11", "2026-04-11"},
		{"a year in months", "P1M", "P1Y", "2026-01-01", "2026-03-11", "2026-03-21", "2026-04-11", "2027-01-11"},
		{"months in a year", "P1Y", "P1M", "2026-01-01", "2026-03-11", "2026-03-21", "2027-01-11", "2027-01-11"},
		{"from a last day", "P1M", "P1Y", "2026-01-31", "2026-03-10", "2026-03-20", "2026-04-10", "2027-02-10"},
		{"to a shorter month the day is that of the anchor", "P1M", "P1Y", "2026-01-31", "2026-03-10", "2026-04-09", "2026-04-28", "2027-02-28"},
		{"weeks", "P1W", "P4W", "2026-01-01", "2026-01-03", "2026-01-08", "2026-01-13", "2026-02-03"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			p := plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.MustParseInterval(row.plan), Charges: []plan.Charge{
				{ID: "a", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}},
				{ID: "b", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}},
			}}
			if row.own != "" {
				p.Charges[1].Every = calendar.MustParseInterval(row.own)
			}
			sub, err := subscription.New(subscription.Params{ID: "s", Plan: plan.MustCompile(p), Start: day(row.start)})
			require.NoError(t, err)
			sub, err = sub.Pause(subscription.Call{At: day(row.pause), Actor: lifecycle.Operator}, subscription.Immediately(), subscription.Pause{})
			require.NoError(t, err)
			sub, err = sub.Resume(subscription.Call{At: day(row.resume), Actor: lifecycle.Operator, Policy: plan.Policy{ResumeAnchor: plan.ExtendAnchor}}, subscription.Immediately())
			require.NoError(t, err)
			seg := sub.Segment(sub.Segments() - 1)
			require.Equal(t, row.end, seg.Period().End.Format(time.DateOnly))
			require.Equal(t, row.anchor, seg.Grid().Anchor().Format(time.DateOnly))
			require.Equal(t, p.Every, seg.Grid().Interval())
		})
	}
}

// What counts towards the minimum of a period bills by it, whoever agreed to the minimum.
func TestAMinimumHasNoIntervalsOfItsOwnBeside(t *testing.T) {
	t.Parallel()
	fee := func(every string) []plan.Charge {
		c := plan.Charge{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}}
		if every != "" {
			c.Every = calendar.MustParseInterval(every)
		}
		return []plan.Charge{c}
	}
	version := func(id, own string, m *plan.Minimum) *plan.Version {
		return plan.MustCompile(plan.Plan{ID: id, Version: 1, Currency: money.USD, Every: calendar.Months(1), Minimum: m, Charges: fee(own)})
	}
	minimum := func(amount string) *plan.Minimum { return &plan.Minimum{Amount: money.MustParse(amount + " USD")} }
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	call := subscription.Call{At: start.AddDate(0, 0, 9), Actor: lifecycle.Operator, Policy: plan.Policy{ChangeAddOns: plan.RefuseAddOns}}
	attach := func(sub subscription.Subscription, every string) (subscription.Subscription, error) {
		addOn, err := plan.CompileAddOn(plan.AddOn{ID: "x", Version: 1, Currency: money.USD, Charges: fee(every)})
		require.NoError(t, err)
		return sub.Attach(subscription.Call{At: call.At, Actor: lifecycle.Operator}, subscription.Immediately(), subscription.Attachment{ID: "more", AddOn: addOn})
	}

	_, err := subscription.New(subscription.Params{ID: "s", Plan: version("own", "P1Y", nil), Start: start, Minimum: minimum("100.00")})
	require.EqualError(t, err, "minimum: a plan whose charges bill by intervals of their own has none")

	for _, row := range []struct {
		negotiated, every string
		fits              bool
	}{
		{"", "P1Y", true},
		{"100.00", "P1Y", false},
		{"100.00", "P1M", true},
		{"100.00", "", true},
		{"0.00", "P1Y", true}, // none
	} {
		p := subscription.Params{ID: "s", Plan: version("plain", "", nil), Start: start}
		if row.negotiated != "" {
			p.Minimum = minimum(row.negotiated)
		}
		sub, err := subscription.New(p)
		require.NoError(t, err)
		_, err = attach(sub, row.every)
		if row.fits {
			require.NoError(t, err, "%+v", row)
			continue
		}
		require.ErrorIs(t, err, subscription.ErrAddOn, "%+v", row)
		require.ErrorContains(t, err, "or a negotiated minimum")
	}

	sub, err := subscription.New(subscription.Params{ID: "s", Plan: version("own", "P1Y", nil), Start: start})
	require.NoError(t, err)
	sub, err = attach(sub, "P1Y")
	require.NoError(t, err)
	_, err = sub.ChangePlan(call, subscription.Immediately(), version("committed", "", minimum("100.00")))
	require.ErrorIs(t, err, subscription.ErrAddOn)
}
