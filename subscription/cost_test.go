package subscription_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What an answer allocates is the same after 12 periods as after 1,200, and it does
// not walk the periods in between: the segments do not grow either.
func TestCostDoesNotGrowWithElapsedPeriods(t *testing.T) {
	plans := map[string]*plan.Version{
		"plain":  sold("plain", "30", nil),
		"length": sold("length", "30", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 5000} }),
		"phases": sold("phases", "30", func(p *plan.Plan) {
			p.Phases = []plan.Phase{{Charges: p.Charges, Cycles: 3}, {Charges: p.Charges, Length: calendar.Months(7)}}
		}),
	}
	start := at("1900-01-31")
	for name, version := range plans {
		s, err := subscription.New(subscription.Params{ID: "old", Plan: version, Start: start})
		require.NoError(t, err)
		s, err = s.SetEndDate(subscription.Call{At: start, Actor: lifecycle.Operator}, at("2200-01-01"))
		require.NoError(t, err)
		segments := s.Segments()

		questions := map[string]func(time.Time){
			"Status":    func(t time.Time) { s.Status(t) },
			"State":     func(t time.Time) { _, _ = s.State(t) },
			"At":        func(t time.Time) { _, _ = s.At(t) },
			"SegmentAt": func(t time.Time) { _ = s.Segment(s.SegmentAt(t)).Billable() },
			"Timeline":  func(t time.Time) { _, _ = s.Timeline(calendar.Period{Start: start, End: t}) },
			"a verb": func(t time.Time) {
				_, _ = s.Cancel(subscription.Call{At: t, Actor: lifecycle.Subscriber}, subscription.AtPeriodEnd())
			},
		}
		for what, ask := range questions {
			young := testing.AllocsPerRun(20, func() { ask(start.AddDate(1, 0, 0)) })
			old := testing.AllocsPerRun(20, func() { ask(start.AddDate(100, 0, 0)) })
			require.InDelta(t, young, old, 2, "%s: %s", name, what)
		}
		require.Equal(t, segments, s.Segments())
	}
}

// Ticks are derived: asking far ahead records nothing and changes no later answer.
func TestAskingFarAheadChangesNothing(t *testing.T) {
	t.Parallel()
	s, err := subscription.New(subscription.Params{ID: "asked", Plan: sold("basic", "30", func(p *plan.Plan) {
		p.Trial = &plan.Trial{Length: calendar.Days(14)}
		p.Length = &plan.Length{Cycles: 30}
	}), Start: at("2026-01-31")})
	require.NoError(t, err)
	before, segments := bytesOf(t, s), life(t, s)
	for _, far := range []string{"2026-02-14", "2027-01-01", "2028-08-14", "2400-01-01", "9999-12-31"} {
		_ = s.Status(at(far))
		_, err := s.At(at(far))
		require.NoError(t, err)
		_, _ = s.Timeline(calendar.Period{Start: at("2026-01-01"), End: at(far)})
	}
	require.Equal(t, before, bytesOf(t, s))
	require.Equal(t, segments, life(t, s))
	require.Equal(t, 1, s.Version())
	_, err = s.Cancel(subscription.Call{At: at("2026-02-01"), Actor: lifecycle.Subscriber}, subscription.AtPeriodEnd())
	require.NoError(t, err, "an answer about the future makes nothing back-dated")
}
