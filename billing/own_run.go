package billing

import (
	"math"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/subscription"
)

// hasOwn reports whether charges bill by intervals of their own, or begin to at t.
func (r *run) hasOwn(t time.Time) bool {
	if len(r.own) > 0 {
		return true
	}
	for k := r.timeline.i + 1; k < r.sub.Segments(); k++ {
		seg := r.sub.Segment(k)
		if !seg.From().Equal(t) {
			return false
		}
		if len(seg.Phase().OwnIntervals()) > 0 {
			return true
		}
	}
	return false
}

// growOwn makes the timelines of intervals that are met for the first time at t.
func (r *run) growOwn(t time.Time) error {
	for k := r.timeline.i + 1; k < r.sub.Segments(); k++ {
		seg := r.sub.Segment(k)
		if !seg.From().Equal(t) {
			return nil
		}
		if err := r.followOwn(seg); err != nil {
			return err
		}
	}
	return nil
}

// followOwn makes the timelines that a segment needs, where the plan's stands.
func (r *run) followOwn(seg subscription.Segment) error {
	for _, every := range seg.Phase().OwnIntervals() {
		if slices.ContainsFunc(r.own, func(tl *timeline) bool { return tl.every == every }) {
			continue
		}
		tl := r.timeline
		tl.every, tl.first = every, manyPeriods*(len(r.own)+1)
		tl.now.every = every
		if tl.now.exists() {
			if err := tl.stand(); err != nil {
				return err
			}
		}
		r.own = append(r.own, &tl)
	}
	return nil
}

// stand puts a timeline of an own interval, which is a copy of the plan's, into the period
// of its own that runs.
func (tl *timeline) stand() error {
	s := &tl.now
	grid, err := ownGrid(s.seg, tl.every)
	if err != nil {
		return err
	}
	s.measure.grid, s.measure.first, s.measure.left, s.free, s.joined, s.ran = grid, calendar.Period{}, nil, false, false, grid
	if s.ordinal >= 0 {
		s.ordinal = tl.first
	}
	if grid.IsZero() || s.period.End.IsZero() {
		return nil
	}
	at := tl.at
	if !s.billable() { // the one in which that stopped
		i := tl.i
		for i > 0 && !tl.sub.Segment(i-1).Billable() {
			i--
		}
		at = tl.sub.Segment(i).From()
	}
	s.period, err = grid.PeriodAt(later(at, s.period.Start))
	if err == nil && s.billable() {
		tl.cut = laterPoint(tl.cut, boundary(s.period.Start))
	}
	return err
}

// instantOwn is instant where charges bill by intervals of their own: what falls due on all
// timelines is one invoice, and so is what a command causes.
func (r *run) instantOwn(t time.Time) error {
	r.metered, r.upcoming = false, nil
	d := &draft{at: t, policy: r.timeline.now.policy}
	if err := r.billGaps(d, t, true); err != nil {
		return err
	}
	if err := r.growOwn(t); err != nil {
		return err
	}
	planEnds := false
	trs, err := r.allDue(t, &planEnds)
	if err != nil || r.done {
		return err
	}
	if len(trs) > 0 {
		if waits(trs) && len(d.lines) > 0 {
			if err := r.finish(d); err != nil || r.done {
				return err
			}
			d = &draft{at: t}
		}
		if err := r.closeAll(d, trs); err != nil {
			return err
		}
	}
	if err := r.collectPending(t, false, math.MaxInt); err != nil {
		return err
	}
	for len(trs) > 0 {
		if err := r.openAll(d, trs); err != nil {
			return err
		}
		if trs, err = r.allDue(t, &planEnds); err != nil {
			return err
		}
		if len(trs) == 0 {
			break
		}
		if waits(trs) {
			d.policy = r.timeline.now.policy
			if err := r.finish(d); err != nil || r.done {
				return err
			}
			d = &draft{at: t}
		}
		was := *d
		if err := r.closeAll(d, trs); err != nil {
			return err
		}
		d.flush, d.regular, d.wall = d.flush || was.flush, d.regular || was.regular, d.wall || was.wall
	}
	r.timeline.at = t
	for _, tl := range r.own {
		tl.at, tl.planEnds = t, false
	}
	d.policy = r.timeline.now.policy
	if err := r.billGaps(d, t, false); err != nil {
		return err
	}
	if err := r.finish(d); err != nil || r.done {
		return err
	}
	if err := r.collectNow(t); err != nil || r.done {
		return err
	}
	for {
		if err := r.collectBeforeCommand(t); err != nil || r.done {
			return err
		}
		if err := r.playMade(t); err != nil || r.done {
			return err
		}
		trs, err := r.allCommands(t)
		if err != nil {
			return err
		}
		if len(trs) == 0 {
			break
		}
		d := &draft{at: t}
		if err := r.closeAll(d, trs); err != nil {
			return err
		}
		if err := r.openAll(d, trs); err != nil {
			return err
		}
		d.policy = trs[0].is.policy
		if err := r.billGaps(d, t, false); err != nil {
			return err
		}
		if err := r.finish(d); err != nil || r.done {
			return err
		}
	}
	if err := r.billInterims(t, true, math.MaxInt); err != nil || r.done {
		return err
	}
	if err := r.collectLate(t, math.MaxInt); err != nil || r.done {
		return err
	}
	return r.billInterims(t, false, math.MaxInt)
}

// allDue returns what falls due by itself at t on each timeline, that of the plan first.
// planEnds notes that a period of the plan ends there.
func (r *run) allDue(t time.Time, planEnds *bool) ([]*transition, error) {
	was := r.timeline.now
	var trs []*transition
	tr, ok, done, err := r.timeline.due(t)
	if err != nil || done {
		r.done = r.done || done
		return nil, err
	}
	if ok {
		trs = append(trs, &tr)
		*planEnds = *planEnds || tr.ends == endsPeriod
	}
	for _, tl := range r.own {
		tl.planEnds = *planEnds
		tr, ok, done, err := tl.due(t)
		if err != nil || done {
			r.done = r.done || done
			return nil, err
		}
		if ok {
			trs = append(trs, r.inCycles(&tr, tl, &was))
		}
	}
	return trs, nil
}

// allCommands returns what the next command at t makes of each timeline.
func (r *run) allCommands(t time.Time) ([]*transition, error) {
	was := r.timeline.now
	tr, ok, err := r.timeline.command(t)
	if err != nil || !ok {
		return nil, err
	}
	trs := []*transition{&tr}
	for _, tl := range r.own {
		tr, ok, err := tl.command(t)
		if err != nil {
			return nil, err
		}
		if ok {
			trs = append(trs, r.inCycles(&tr, tl, &was))
		}
	}
	return trs, nil
}

// inCycles says to which billing cycles belongs what a transition of an own timeline bills.
// was is how the plan's stood before it.
func (r *run) inCycles(tr *transition, tl *timeline, was *side) *transition {
	tr.was.cycle, tr.was.closes = was.ordinal, was.cycleAt(tr.was.period.End)
	for _, s := range [...]*side{&tr.is, &tl.now} {
		s.cycle, s.closes = r.timeline.now.ordinal, r.timeline.now.cycleAt(s.period.End)
	}
	return tr
}

// cycleAt returns the number of the plan's period that runs, or begins, at t, which lies in
// the side's period or behind it.
func (s *side) cycleAt(t time.Time) int {
	if t.Before(s.period.End) {
		return s.ordinal
	}
	if grid := s.measure.grid; !grid.IsZero() && !s.period.End.IsZero() {
		if n, err := grid.Count(s.period.End, t); err == nil {
			return s.ordinal + 1 + n
		}
	}
	return s.ordinal + 1
}

// waits reports whether the lines of all transitions wait for the next invoice.
func waits(trs []*transition) bool {
	return !slices.ContainsFunc(trs, func(tr *transition) bool { return !tr.waits })
}

// closeAll begins the draft of what happens on all timelines, and ends what that ends.
func (r *run) closeAll(d *draft, trs []*transition) error {
	d.command, d.waits, d.wall = trs[0].command, waits(trs), false
	opens, closes := false, false
	for _, tr := range trs {
		d.command = min(d.command, tr.command) // at a boundary of any it falls due by itself
		d.flush = d.flush || tr.flush || tr.ends == endsPeriod
		d.wall = d.wall || tr.wall
		opens = opens || tr.begins == beginsPeriod && !tr.is.free && tr.is.recurs() && tr.is.chargesAhead()
		closes = closes || (tr.ends == endsPeriod || tr.ends == endsPart && tr.begins == beginsPeriod) &&
			slices.ContainsFunc(r.folds, func(f *fold) bool { return f.accrual != nil && f.accrual.side.every == tr.was.every })
	}
	// A billing cycle is a period of the plan.
	first := trs[0]
	if first.is.every.IsZero() {
		r.divided = r.timeline.actual(first.at)
	}
	d.regular = first.is.every.IsZero() && (opens && first.begins == beginsPeriod || closes && first.ends != endsNothing && (first.ends == endsPeriod || first.begins == beginsPeriod))
	for _, tr := range trs {
		if err := r.close(d, tr); err != nil {
			return err
		}
	}
	return nil
}

// openAll bills what begins on all timelines, in the order of the plan's charges.
func (r *run) openAll(d *draft, trs []*transition) error {
	opened := trs[:0:0]
	for _, tr := range trs {
		if tr.begins == beginsPeriod || tr.begins == beginsPart {
			opened = append(opened, tr)
		} else if err := r.open(d, tr); err != nil {
			return err
		}
	}
	for _, tr := range opened {
		r.keepTerms(tr)
		if err := r.live(tr); err != nil {
			return err
		}
		r.noteLife(tr)
	}
	for i, tr := range opened {
		if slices.ContainsFunc(opened[:i], func(o *transition) bool { return o.number == tr.number }) {
			continue // its segment's charges are open
		}
		for charge := range tr.is.charges() {
			k := slices.IndexFunc(opened, func(o *transition) bool { return o.number == tr.number && o.is.bills(charge) })
			if k < 0 {
				continue
			}
			if err := r.openCharge(d, opened[k], charge); err != nil {
				return err
			}
		}
	}
	for _, tr := range opened {
		r.dropStrays(&tr.is)
		r.forgetDetached(&tr.is)
	}
	return nil
}

// longestGrid returns the grid of the longest interval by which charges of a segment bill, or over
// which they count usage: its boundaries are boundaries of all.
func longestGrid(seg subscription.Segment) calendar.Schedule {
	longest := seg.Grid()
	own, over := seg.Phase().OwnIntervals(), seg.Phase().CountOver()
	if len(own) > 0 {
		longest = longer(longest, seg, own[len(own)-1])
	}
	if !over.IsZero() {
		longest = longer(longest, seg, over)
	}
	return longest
}

// shortestGrid returns the grid of the shortest interval, which has the boundaries of all.
func shortestGrid(seg subscription.Segment) calendar.Schedule {
	own := seg.Phase().OwnIntervals()
	if len(own) == 0 {
		return seg.Grid()
	}
	g, err := ownGrid(seg, own[0])
	if err != nil || g.IsZero() || hasLonger(g, seg.Grid()) {
		return seg.Grid()
	}
	return g
}

// longer returns a grid, or that of an interval if its periods are longer.
func longer(grid calendar.Schedule, seg subscription.Segment, every calendar.Interval) calendar.Schedule {
	own, err := ownGrid(seg, every)
	if err != nil || own.IsZero() || !hasLonger(own, grid) {
		return grid
	}
	return own
}

// hasLonger reports whether the periods of a grid are longer than those of another.
func hasLonger(g, o calendar.Schedule) bool {
	p, err := g.PeriodN(0)
	if err != nil {
		return false
	}
	q, err := o.PeriodN(0)
	return err == nil && p.End.After(q.End)
}

// perLongest returns how many periods of the shortest interval that is billed make up one
// of the longest.
func (r *run) perLongest() int {
	seg := r.timeline.now.seg
	if len(r.own) == 0 && (!r.timeline.now.exists() || seg.Phase().CountOver().IsZero()) || !r.timeline.now.billable() || !r.timeline.now.recurs() {
		return 1
	}
	long, short := longestGrid(seg), shortestGrid(seg)
	p, err := long.PeriodN(0)
	if err != nil {
		return 1
	}
	n, err := short.Count(p.Start, p.End)
	if err != nil {
		return 1
	}
	return max(n, 1)
}
