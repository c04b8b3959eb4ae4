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
