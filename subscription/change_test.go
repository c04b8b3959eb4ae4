package subscription_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestTheNextChangeIsTheNextOneOfTheStatus(t *testing.T) {
	t.Parallel()
	call := func(day string) subscription.Call { return subscription.Call{At: at(day), Actor: lifecycle.Operator} }
	month := sold("month", "10", nil)
	year := sold("year", "10", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 12} })
	trying := sold("trying", "10", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: interval("P14D")} })
	for _, row := range []struct {
		name string
		plan *plan.Version
		act  act
		days []string // each is the next change after the one before it
	}{
		{"nothing but renewals", month, nil, []string{"2026-01-01", ""}},
		{"the end of a trial", trying, nil, []string{"2026-01-01", "2026-01-15", ""}},
		{"the last period before a length ends", year, nil, []string{"2026-01-01", "2026-12-01", "2027-01-01", ""}},
		{"a cancellation in a later period", month, cancels(subscription.On(at("2026-05-20"))), []string{"2026-01-10", "2026-05-01", "2026-05-20", ""}},
		{"a cancellation at period end", month, cancels(subscription.AtPeriodEnd()), []string{"2026-01-10", "2026-02-01", ""}},
		{"a pause of two periods", month, pauses(subscription.AtPeriodEnd(), subscription.Pause{Cycles: 2}), []string{"2026-01-10", "2026-02-01", "2026-04-01", ""}},
		{"a change of plan leaves the status alone", month, changes(subscription.On(at("2026-03-10")), sold("other", "20", nil)), []string{"2026-01-10", ""}},
		{"a start ahead, from before it was made", month, nil, []string{"2025-01-01", "2025-12-01", "2026-01-01", ""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := subscription.Params{ID: "s", Plan: row.plan, Start: at("2026-01-01")}
			if row.days[0] < "2026" {
				p.At = at("2025-12-01")
			}
			s, err := subscription.New(p)
			require.NoError(t, err)
			if row.act != nil {
				s, err = row.act(s, call("2026-01-10"))
				require.NoError(t, err)
			}
			for i, day := range row.days[:len(row.days)-1] {
				next, ok := s.NextChange(at(day))
				require.Equal(t, row.days[i+1] != "", ok)
				if ok {
					require.Equal(t, at(row.days[i+1]), next)
				}
			}
		})
	}
	_, ok := subscription.Subscription{}.NextChange(at("2026-01-01"))
	require.False(t, ok)
}

// The events are a second way to find it: the first after which the status is another.
func TestTheNextChangeIsFoundAmongTheEvents(t *testing.T) {
	t.Parallel()
	changes := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t, rapid.SampledFrom(walkPlans.plans).Draw(t, "plan"))
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			w.step()
		}
		for range 4 {
			from := w.sub.CreatedAt().Add(time.Duration(rapid.IntRange(-30, 24*200).Draw(t, "hours")) * time.Hour)
			end := from.AddDate(2, 0, 0)
			want, found := time.Time{}, false
			for e := range w.sub.Events(from.Add(time.Microsecond), end) {
				if w.sub.Status(e.At) != w.sub.Status(from) {
					want, found = e.At, true
					break
				}
			}
			next, ok := w.sub.NextChange(from)
			if ok && !next.Before(end) {
				require.False(t, found, "%s: %s\n%s", from, next, w.story())
				continue
			}
			require.Equal(t, found, ok, "%s: %s, want %s\n%s", from, next, want, w.story())
			require.Equal(t, want, next, "%s\n%s", from, w.story())
			if ok {
				changes++
			}
		}
	})
	require.Positive(t, changes)
}
