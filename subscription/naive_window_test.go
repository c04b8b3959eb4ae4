package subscription_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The allowances of the second implementation: a meter that runs along with the machine.

// metered are the features of the walks that are limited by units and counted from the
// anchor. Plans differ in their limits and in what a change within a window does.
func metered(p *plan.Plan) {
	n := int64(len(p.ID))
	credits := feature.Per(feature.Anchored, 7*n)
	credits.Every, credits.Per = calendar.Months(1), "seats"
	if n%2 == 0 {
		credits.Raise = feature.RaiseShare
	}
	if n%3 == 0 {
		credits.Lower = feature.LowerNextWindow
	}
	p.Features["credits"] = credits
	hours := credits
	hours.Window, hours.Every = feature.Month, calendar.Interval{}
	p.Features["hours"] = hours
	days := feature.Per(feature.Anchored, n)
	days.Every = calendar.Days(10)
	p.Features["days"] = days
	storage := feature.UpTo(n)
	storage.Per = "seats"
	p.Features["storage"] = storage
}

// A meter is where the window from the anchor stands, for grids of any step.
type meter struct {
	life  string // before, trial, service, after
	began time.Time
	laid  []laid // the grids of the present life, in order
}

// laid says from when on the boundaries of an anchor count.
type laid struct {
	from   time.Time
	behind bool // boundaries at that instant do not count, only later ones
	anchor time.Time
	end    calendar.MonthEnd
}

// agreed is what was agreed from an instant on.
type agreed struct {
	from     time.Time
	plan     plan.Plan
	quantity int64

	start, end time.Time // of the month from the anchor, as it stood then
}

// watch follows what was done at an instant.
func (m *machine) watch() {
	life := map[string]string{"future": "before", "trial": "trial", "running": "service", "paused": "service", "ended": "after"}[m.life]
	fresh := m.fresh || life != m.meter.life && (life == "before" || life == "trial" || m.meter.life == "before" || m.meter.life == "trial" || m.meter.life == "")
	m.fresh = false
	next := laid{from: m.now, anchor: m.now, end: m.plan.MonthEnd}
	if life == "service" && m.grid != nil {
		next.anchor, next.end = m.grid.anchor, m.grid.end
	}
	m.meter.life = life
	switch {
	case fresh:
		next.behind = true
		if m.life == "running" && m.grid != nil {
			next.from = laterOf(m.now, m.from) // it begins at its cut
		}
		m.meter.began, m.meter.laid = m.now, []laid{next}
	case life == "service" && m.grid != nil:
		last := m.meter.laid[len(m.meter.laid)-1]
		if !last.anchor.Equal(next.anchor) || last.end != next.end {
			if last.behind && last.from.After(m.now) {
				next.from, next.behind = last.from, true
			}
			m.meter.laid = append(slices.Clip(m.meter.laid), next)
		}
	}
	now := agreed{from: m.now, plan: m.plan, quantity: m.quantity}
	now.start, now.end = m.window(calendar.Months(1))
	if n := len(m.agreed); n > 0 && m.agreed[n-1].from.Equal(m.now) {
		m.agreed = slices.Clone(m.agreed)
		m.agreed[n-1] = now
		return
	}
	m.agreed = append(slices.Clip(m.agreed), now)
}

// window returns the window of a step that holds the present instant.
func (m *machine) window(every calendar.Interval) (start, end time.Time) {
	start = m.meter.began
	for i, l := range m.meter.laid {
		upTo := m.now
		if i+1 < len(m.meter.laid) {
			upTo = laterOf(m.meter.laid[i+1].from, l.from)
		}
		g := newGrid(l.anchor, every, l.end, m.loc)
		b := g.next(l.from)
		if !l.behind {
			b = g.atOrAfter(l.from)
		}
		for ; !b.After(upTo); b = g.next(b) {
			start = b
		}
		end = b
	}
	if m.life == "trial" && m.trialEnd.Before(end) {
		end = m.trialEnd
	}
	return start, end
}

// granted returns the limit of a feature in the window that holds the present instant: each
// change since its beginning, by itself.
func (m *machine) granted(key feature.Key, start, end time.Time) decimal.Decimal {
	var limit, peak decimal.Decimal
	first := true
	for i, a := range m.agreed {
		if i+1 < len(m.agreed) && !m.agreed[i+1].from.After(start) {
			continue
		}
		g := a.plan.Features[key]
		is := g.Limit.Mul(decimal.NewFromInt(a.quantity))
		choice := g.Raise != "" || g.Lower != ""
		switch {
		case first || !choice:
			limit, peak = is, is
		case is.GreaterThan(peak):
			more := is.Sub(peak)
			if g.Raise == feature.RaiseShare {
				begins, ends := start, end
				if g.Window == feature.Anchored {
					begins, ends = a.start, a.end // a later change may move the end
				}
				left, all := dayOf(ends, m.loc)-dayOf(a.from, m.loc), dayOf(ends, m.loc)-dayOf(begins, m.loc)
				if all > 0 {
					more = more.Shift(6).Mul(decimal.NewFromInt(int64(left))).DivRound(decimal.NewFromInt(int64(all)), 12).Floor().Shift(-6)
				}
			}
			limit, peak = limit.Add(more), is
		case is.LessThan(peak) && g.Lower == "":
			limit, peak = decimal.Min(limit, is), is
		}
		first = false
	}
	return limit
}

// counted describes the allowances of the machine at its present instant.
func (m *machine) counted() string {
	var b strings.Builder
	say := func(key feature.Key, limit decimal.Decimal, start, end time.Time) {
		fmt.Fprintf(&b, "%s: %s in %s\n", key, limit, calendar.Period{Start: start.UTC(), End: end.UTC()})
	}
	start, end := m.window(calendar.Months(1))
	say("credits", m.granted("credits", start, end), start, end)
	start, end = m.window(calendar.Days(10))
	say("days", m.plan.Features["days"].Limit, start, end)
	if m.life == "running" && m.grid != nil {
		say("exports", decimal.NewFromInt(10), m.openedAt, m.until)
	}
	y, month, _ := m.now.In(m.loc).Date()
	start = wallTime(time.Date(y, month, 1, 0, 0, 0, 0, time.UTC), m.loc)
	end = wallTime(time.Date(y, month+1, 1, 0, 0, 0, 0, time.UTC), m.loc)
	say("hours", m.granted("hours", start, end), start, end)
	fmt.Fprintf(&b, "storage: %s in %s\n", m.plan.Features["storage"].Limit.Mul(decimal.NewFromInt(m.quantity)), calendar.Period{})
	return b.String()
}

// counted describes those of the package's subscription in the same words.
func counted(t require.TestingT, s subscription.Subscription, at time.Time, story func() string) string {
	_, running := s.Period(at)
	var b strings.Builder
	for _, key := range []feature.Key{"credits", "days", "exports", "hours", "storage"} {
		if key == "exports" && !running {
			continue
		}
		e, err := s.Entitlement(key, at)
		require.NoError(t, err, "at %s\n%s", at, story())
		limit, _ := e.Limit()
		w, err := e.Window(at)
		require.NoError(t, err)
		require.True(t, w.IsZero() || w.Contains(at), "%s at %s: %s\n%s", key, at, w, story())
		fmt.Fprintf(&b, "%s: %s in %s\n", key, limit, calendar.Period{Start: w.Start.UTC(), End: w.End.UTC()})
	}
	return b.String()
}
