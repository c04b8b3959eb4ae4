package billing

import (
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A startingPoint is an instant at which no charge is left of earlier periods: a
// boundary inside segment i, or the opening of the segment after it.
type startingPoint struct {
	i      int
	at     time.Time
	inside bool
}

// safeStart returns the last starting point at or before the limit, and the one before
// that where a fixed discount is shared with what accrued in the period before.
func (r *run) safeStart(limit time.Time) startingPoint {
	none, back := startingPoint{i: -1}, 0
	for i := range r.sub.Discounts() {
		item := r.sub.Discount(i)
		d, _ := item.Discount()
		if d.Amount != nil {
			back = 1
		}
		if r.derives && d.Duration != plan.Forever && d.Duration != plan.ForTime {
			limit = earlier(limit, item.At)
		}
	}
	for i := r.sub.SegmentAt(limit); i >= 0; i-- {
		r.timeline.visited++
		seg := r.sub.Segment(i)
		for _, p := range startsIn(seg, i, limit) {
			if p.at.Before(inside.ReachedBefore(seg)) {
				break
			}
			if !p.inside && !r.opensPeriod(i) {
				break
			}
			if !p.inside && !r.opensTerm(i) {
				break
			}
			if p.inside && strays(seg, p.at, false) {
				continue
			}
			if back <= 0 && !(r.knowsTerm(p) && r.knowsLife(p)) {
				continue
			}
			if back <= 0 {
				return p
			}
			back--
		}
	}
	return none
}

// startsIn returns the boundaries inside a billable segment at or before the limit,
// the last two of them, and its own opening, latest first.
func startsIn(seg subscription.Segment, i int, limit time.Time) []startingPoint {
	if !seg.Billable() || seg.Grid().IsZero() {
		return nil
	}
	var all []startingPoint
	last := limit
	if to := seg.To(); !to.IsZero() && !last.Before(to) {
		last = to.Add(-micro.Second)
	}
	grid, first := longestGrid(seg), seg.Period().End
	if opened := seg.Opened(); inside.Effects(&opened).Extended {
		first = later(first, grid.Anchor())
	}
	for range 2 {
		p, err := grid.PeriodAt(last)
		if err != nil || p.Start.Before(first) {
			break
		}
		all = append(all, startingPoint{i: i, at: p.Start, inside: true})
		last = p.Start.Add(-micro.Second)
	}
	return append(all, startingPoint{i: i - 1, at: seg.From()})
}

// opensPeriod reports whether segment i opens a period with which all before it is
// over, so that a run may begin there.
func (r *run) opensPeriod(i int) bool {
	seg := r.sub.Segment(i)
	if i == 0 {
		return true
	}
	was, opened := r.sub.Segment(i-1), seg.Opened()
	if was.From().Equal(seg.From()) || inside.Ordinal(seg) <= inside.Ordinal(was) {
		return false
	}
	if !was.Billable() {
		unseen := r.starts && !opened.Scheduled() && !r.seen(seg.From(), opened.Command)
		return !r.straysReach(i) && !waitsFor(r.sub, i, unseen)
	}
	p, err := inside.PeriodEndingAt(was, seg.From())
	return err == nil && opened.Scheduled() && p.End.Equal(seg.From()) && !strays(was, seg.From(), false)
}

// waitsFor reports whether a one-off that was given while nothing was billed may still wait when segment
// i has opened: a resume into a later period makes an invoice only of what it bills. Until the opening is billed,
// unseen, it waits for any.
func waitsFor(sub subscription.Subscription, i int, unseen bool) bool {
	seg := sub.Segment(i)
	if opened := seg.Opened(); sub.PendingItems() == 0 || !unseen && (begins(&opened) || inside.Effects(&opened).NewGrid) {
		return false
	}
	stopped := i
	for stopped > 0 && !sub.Segment(stopped-1).Billable() {
		stopped--
	}
	last := inside.PendingItemsBefore(sub, seg.From())
	for n := inside.PendingItemsBefore(sub, sub.Segment(stopped).From()); n < last; n++ {
		if _, charges := sub.PendingItem(n).OneOff(); charges {
			return true
		}
	}
	return false
}

// resumeAt puts the timeline where the run begins, just before what falls due there.
func (r *run) resumeAt(from startingPoint) error {
	tl := &r.timeline
	at := from.at.Add(-micro.Second)
	if from.i >= 0 {
		seg := r.sub.Segment(from.i)
		tl.i, tl.at, tl.cut = from.i, at, boundary(at)
		tl.now = side{seg: seg, policy: tl.choose.Or(seg.Policy()), ordinal: inside.Ordinal(seg), period: seg.Period(), since: at}
		tl.now.measure = measure{grid: seg.Grid(), basis: tl.now.policy.Basis}
		if seg.Billable() && !seg.Grid().IsZero() {
			p, err := inside.PeriodEndingAt(seg, from.at)
			if err != nil {
				return err
			}
			if p.End.After(seg.Period().End) {
				n, err := seg.Grid().Count(seg.Period().End, p.End)
				if err != nil {
					return err
				}
				tl.now.ordinal += n
			}
			tl.now.period = p
		}
	}
	r.own = nil
	tl.now.cycle, tl.now.closes = tl.now.ordinal, tl.now.ordinal+1
	if from.i >= 0 {
		if err := r.followOwn(tl.now.seg); err != nil {
			return err
		}
		for _, own := range r.own {
			own.now.cycle, own.now.closes = tl.now.cycle, tl.now.closes
		}
	}
	r.pending = inside.PendingItemsBefore(r.sub, from.at)
	for i := range r.sub.Discounts() {
		if item := r.sub.Discount(i); item.At.Before(from.at) {
			r.attach(item)
			s := r.discounts[len(r.discounts)-1]
			s.exhausted = s.d.Duration == plan.OnceOnly && len(s.redeemed) > 0 && s.redeemed[0].InvoiceAt.Before(from.at)
		}
	}
	return nil
}
