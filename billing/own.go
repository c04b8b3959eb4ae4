package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Charges that bill by an interval of their own have a timeline for each such interval, in
// step with the plan's: it meets the same segments, and has boundaries of its own, counted
// from the same anchor. So each charge is billed as if the plan had its interval.

// manyPeriods is more than a subscription has: those of each timeline are told apart by
// their numbers.
const manyPeriods = 1 << 40

// bills reports whether a charge bills by the periods of the side.
func (s *side) bills(charge *plan.CompiledCharge) bool {
	phase := s.seg.Phase()
	if len(phase.OwnIntervals()) == 0 {
		return s.every.IsZero()
	}
	every := phase.Interval(charge)
	if s.every.IsZero() {
		return every == phase.Every() || charge.Once()
	}
	return every == s.every && every != phase.Every()
}

// opensIn returns the billing cycle of what is billed in advance.
func (s *side) opensIn() int {
	if s.every.IsZero() {
		return s.ordinal
	}
	return s.cycle
}

// closesIn returns the billing cycle of what is billed at the end of the period.
func (s *side) closesIn() int {
	if s.every.IsZero() {
		return s.ordinal + 1
	}
	return s.closes
}

// forget drops what was billed before a new period begins after a pause or an ending. Where the
// subscription ended with a period of the plan, and comes back, what was paid of a longer one
// and kept is not billed again.
func (f *fold) forget(tr *transition) {
	stays := !tr.was.every.IsZero() && tr.opened.Kind == subscription.Reactivated
	f.paid = keep(f.paid, func(p *prepaid) bool { return p.every != tr.was.every || stays && p.to.after(tr.cut) })
	if f.accrual != nil && f.accrual.side.every == tr.was.every {
		f.accrual = nil
	}
	if len(f.paid) == 0 {
		f.through = point{}
	}
}

// isOf reports whether the fold's charge, or what is paid of it, is billed by the periods
// of the transition.
func (f *fold) isOf(tr *transition) bool {
	if charge, ok := tr.is.seg.Phase().Charge(f.id); ok {
		return tr.is.bills(charge)
	}
	for _, p := range f.paid {
		if p.every == tr.was.every {
			return true
		}
	}
	return false
}

// sideOf returns the side whose periods bill the fold's charge.
func (r *run) sideOf(f *fold) *side {
	for _, tl := range r.own {
		if charge, ok := tl.now.seg.Phase().Charge(f.id); ok && tl.now.bills(charge) {
			return &tl.now
		}
	}
	return &r.timeline.now
}

// bills reports whether some charge in force bills by the timeline's own interval.
func (tl *timeline) bills() bool {
	if !tl.now.exists() {
		return false
	}
	return hasInterval(tl.now.seg, tl.every)
}

func hasInterval(seg subscription.Segment, every calendar.Interval) bool {
	for _, own := range seg.Phase().OwnIntervals() {
		if own == every {
			return true
		}
	}
	return false
}

// ownGrid returns the grid of an interval in a segment: it hangs from the anchor of all.
func ownGrid(seg subscription.Segment, every calendar.Interval) (calendar.Schedule, error) {
	g := seg.Grid()
	if g.IsZero() {
		return g, nil
	}
	return calendar.NewSchedule(g.Anchor(), every, g.MonthEnd(), g.Zone())
}

// catchUp puts a timeline by which nothing is billed at present into the period that holds t.
func (tl *timeline) catchUp(t time.Time) error {
	if !tl.now.billable() || !tl.now.recurs() || tl.now.period.End.After(t) {
		return nil
	}
	p, err := tl.now.measure.grid.PeriodAt(t)
	if err != nil {
		return err
	}
	if tl.now.period = p; tl.now.ordinal >= 0 {
		tl.now.ordinal++
	}
	tl.cut = laterPoint(tl.cut, boundary(p.Start))
	tl.now.measure.first, tl.now.measure.left, tl.now.free, tl.now.joined, tl.now.replanned = calendar.Period{}, nil, false, false, false
	return nil
}

// beginsToBill reports whether something is billed from t on by a timeline by which nothing
// was, and a period of which ends at t: then it opens like any other.
func (tl *timeline) beginsToBill(t time.Time) (bool, error) {
	if k := tl.i + 1; k >= tl.sub.Segments() || !tl.sub.Segment(k).From().Equal(t) || !hasInterval(tl.sub.Segment(k), tl.every) {
		return false, tl.catchUp(t)
	}
	if err := tl.catchUp(t.Add(-micro.Second)); err != nil {
		return false, err
	}
	return tl.now.period.End.Equal(t), nil
}

// own finds the period that runs where the present segment of the timeline opens. ends says
// that the one before ended there by itself.
func (tl *timeline) own(tr *transition, ends bool) error {
	was, now := &tr.was, &tl.now
	now.ordinal, now.period = was.ordinal, was.period
	grid, err := ownGrid(now.seg, tl.every)
	if err != nil {
		return err
	}
	now.measure.grid = grid
	if !now.seg.Billable() {
		return nil
	}
	if grid.IsZero() {
		now.period, now.ran = calendar.Period{}, grid
		return nil
	}
	ran := was.ran
	now.ran = grid
	begin := func(start, holds time.Time) error {
		end, err := grid.NextAfter(holds)
		if now.period = (calendar.Period{Start: start, End: end}); now.ordinal < 0 {
			now.ordinal = tl.first
		} else {
			now.ordinal++
		}
		return err
	}
	start := now.seg.Period().Start
	switch {
	case was.ordinal < 0 || begins(&tr.opened) || tr.effects.Regrids:
		return begin(start, later(tr.at, start))
	case tr.effects.Extended:
		end, err := tl.extended(was, now)
		if err != nil {
			return err
		}
		if !end.After(tr.at) {
			return begin(tr.at, tr.at)
		}
		if now.period.End = end; ran != was.measure.grid {
			now.ordinal++
		}
	case tr.opened.Kind == subscription.AnchorSet && was.billable():
		now.period.End, err = grid.NextAfter(later(tr.at, start))
		return err
	case ends, !tr.at.Before(was.period.End), !was.billable() && ran != grid:
		return begin(tr.at, tr.at)
	}
	return nil
}

// longerThan returns the intervals whose periods, or terms, may run beyond the phase's.
func longerThan(phase *plan.CompiledPhase) []calendar.Interval {
	all := phase.OwnIntervals()
	if over := phase.CountOver(); !over.IsZero() {
		all = append(slices.Clip(all), over)
	}
	return all
}

// extended returns where a resume moves the end of the running period: as many periods
// remain to the end of the longest that runs, where the new grid is anchored, as before.
func (tl *timeline) extended(was, now *side) (time.Time, error) {
	old := was.measure.grid
	if old.IsZero() {
		return now.measure.grid.NextAfter(now.seg.From())
	}
	longest := was.seg.Period().End
	for _, every := range longerThan(now.seg.Phase()) {
		grid, err := ownGrid(was.seg, every)
		if err != nil {
			return longest, err
		}
		p, err := grid.PeriodAt(was.seg.Period().End.Add(-micro.Second))
		if err != nil {
			return longest, err
		}
		longest = later(longest, p.End)
	}
	end, err := old.Index(was.period.End)
	if err != nil {
		return longest, err
	}
	last, err := old.Index(longest)
	if err != nil {
		return longest, err
	}
	return now.measure.grid.Boundary(end - last)
}
