package billing

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A run plays the billing of one subscription forward, instant by instant: what
// ends is closed, what only feeds an invoice is noted, what begins is opened and
// billed, and then come the other commands in order of call.
//
// It begins at the last boundary at or before the ledger's mark, where nothing
// is left of earlier periods, so that its work does not grow with them.
type run struct {
	sub    subscription.Subscription
	usage  Usage
	mark   Ledger
	marked bool // the mark counts: without one everything since the start is due

	seg     subscription.Segment
	i       int // the number of seg; -1 before the first
	at      time.Time
	resumed time.Time // the boundary at which the run begins; zero: the start
	policy  plan.Policy
	live    []*live
	accrual []accrual
	waiting []Line
	sold    []*sold
	feed    int // the next feeding command
	credit  money.Money
	spent   []Spent
	late    []int // commands for an instant that had been billed

	options *options
	emit    func(Invoice) bool // false: stop
	made    int                // invoices emitted
	done    bool
	fault   error // found where nothing can be returned
}

// live is what was billed in advance and still runs.
type live struct {
	item     *plan.Item
	from, to time.Time // what it covers
	// whole is the span that amount was billed for: it moves when a pause extends
	// the period, so that a day is still worth what it was.
	whole    calendar.Period
	amount   money.Money
	discount money.Money // what discounts took off; not positive
	credited money.Money // what was given back; not negative
	origin   Origin
}

// accrual is what runs up to be billed in arrears: a charge, or usage.
type accrual struct {
	item *plan.Item
	seg  subscription.Segment // whose terms it follows
	// from is where the fee runs from; since is the instant from which usage counts.
	from, since time.Time
	mode        plan.ChargeNew
}

func newRun(sub subscription.Subscription, usage Usage, mark Ledger, list []Option) (*run, error) {
	if sub.IsZero() {
		return nil, ErrZero
	}
	r := &run{sub: sub, usage: usage.sorted(), mark: mark, marked: !mark.Through.IsZero(), i: -1}
	r.credit, r.spent, r.late = mark.Credit, mark.Spent, mark.Late
	var err error
	if r.options, err = gather(list); err != nil {
		return nil, err
	}
	if !r.credit.IsValid() {
		r.credit = money.FromMinor(0, sub.Currency())
	} else if r.credit.Currency() != sub.Currency() {
		return nil, wrap(&money.MismatchError{A: r.credit.Currency(), B: sub.Currency()})
	}
	if r.credit.IsNegative() {
		return nil, fmt.Errorf("%w: credit: must not be negative", ErrLedger)
	}
	if err := r.checkMark(); err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		return nil, wrap(err)
	}
	return r, nil
}

// begin finds where to play from: the last boundary, and the one before if there
// are discounts. A fixed one was shared with what ran up in the period that ended at
// the last.
func (r *run) begin() error {
	if !r.marked {
		return nil
	}
	discounted := r.discounted()
	paid, err := r.paidBefore(r.sub.SegmentAt(r.mark.Through))
	if err != nil {
		return err
	}
	for i := r.sub.SegmentAt(r.mark.Through); i >= 0; i-- {
		seg := r.sub.Segment(i)
		if !seg.Billable() || seg.Grid().IsZero() {
			continue
		}
		last := r.mark.Through
		if to := seg.To(); !to.IsZero() && !last.Before(to) {
			last = to.Add(-1)
		}
		p, err := seg.Grid().PeriodAt(last)
		if err == nil && discounted && p.Start.After(seg.From()) {
			p, err = seg.Grid().PeriodAt(p.Start.Add(-1))
		}
		if err != nil {
			return err
		}
		if p.Start.After(seg.From()) && !p.Start.Before(seg.Period().End) && !p.Start.Before(paid[i]) {
			r.i, r.seg, r.at, r.resumed = i, seg, p.Start.Add(-1), p.Start
			r.policy = r.options.policy.Or(seg.Policy())
			return r.resumeFeeds(p.Start)
		}
	}
	return nil
}

// paidBefore answers, for each segment up to n, how far the ones before it can have
// been paid: a longer period that was left running reaches beyond boundaries of
// those that came after it.
func (r *run) paidBefore(n int) ([]time.Time, error) {
	paid := make([]time.Time, n+1)
	for i := range n {
		end, err := reaches(r.sub.Segment(i))
		if err != nil {
			return nil, err
		}
		paid[i+1] = later(paid[i], end)
	}
	return paid, nil
}

// reaches answers how far a segment that was closed can have been paid.
func reaches(seg subscription.Segment) (time.Time, error) {
	if !seg.Billable() || seg.Grid().IsZero() {
		return time.Time{}, nil
	}
	p, err := seg.PeriodEndingAt(seg.To().Add(1))
	return later(p.End, seg.Period().End), err
}

// checkMark refuses commands that were given for an instant before the mark
// after the mark was set: what they change was billed.
func (r *run) checkMark() error {
	if r.marked && r.mark.Command > 0 && r.sub.CommandBefore(r.mark.Through, r.mark.Command) {
		return ErrReconcile
	}
	if n := r.sub.Version(); r.mark.Command < 0 || r.mark.Command > n {
		return fmt.Errorf("%w: command: %d, and the subscription has %d", ErrLedger, r.mark.Command, n)
	}
	return nil
}

// play goes on until all that falls due at or before the instant is done.
func (r *run) play(until time.Time) error {
	for !r.done {
		t, ok, err := r.next()
		if err != nil {
			return wrap(err)
		}
		if !ok || t.After(until) {
			return nil
		}
		if err := r.instant(t); err != nil {
			return wrap(err)
		}
		r.at = t
	}
	return nil
}

// next answers the next instant at which something may have to be billed.
func (r *run) next() (time.Time, bool, error) {
	var best time.Time
	consider := func(t time.Time) {
		if !t.IsZero() && (best.IsZero() || t.Before(best)) {
			best = t
		}
	}
	if r.i < 0 {
		return r.sub.Segment(0).From(), true, nil
	}
	consider(r.seg.To())
	if r.feed < r.sub.Feeds() {
		consider(later(r.sub.Feed(r.feed).At, r.at))
	}
	if r.seg.Billable() {
		if g := r.seg.Grid(); !g.IsZero() {
			t := r.seg.Period().End
			if !t.After(r.at) {
				var err error
				if t, err = g.NextAfter(r.at); err != nil {
					return time.Time{}, false, nil // beyond the calendar nothing is billed
				}
			}
			consider(t)
		}
		t, err := r.uncovered()
		if err != nil {
			return time.Time{}, false, err
		}
		consider(t)
	}
	return best, !best.IsZero(), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// instant does everything that falls due at t.
func (r *run) instant(t time.Time) error {
	from := r.i
	k := r.i // the last segment opened at t by itself, as against by a command of t
	for k+1 < r.sub.Segments() {
		next := r.sub.Segment(k + 1)
		if opened := next.Opened(); !next.From().Equal(t) || k >= 0 && !opened.Scheduled() {
			break
		}
		k++
	}
	b := bill{at: t}
	boundary := false
	if from >= 0 && r.seg.Billable() {
		p, err := r.seg.PeriodEndingAt(t)
		if errors.Is(err, calendar.ErrRange) {
			r.done = true // the calendar ends: no period begins here
			return nil
		}
		if err != nil {
			return err
		}
		boundary = t.Equal(p.End)
	}
	switch {
	case k > from:
		to := r.sub.Segment(k)
		if err := r.close(&b, to, boundary); err != nil {
			return err
		}
		r.note(t, false)
		if err := r.open(&b, k, boundary); err != nil {
			return err
		}
	case boundary:
		if err := r.closePeriod(&b, t); err != nil {
			return err
		}
		r.note(t, false)
		if err := r.renew(&b, t); err != nil {
			return err
		}
	default:
		r.note(t, false)
		if err := r.rebill(&b, t); err != nil {
			return err
		}
	}
	if err := r.finish(b); err != nil || r.done {
		return err
	}
	if err := r.collectNow(t); err != nil || r.done {
		return err
	}
	for j := r.i + 1; j < r.sub.Segments() && r.sub.Segment(j).From().Equal(t); j++ {
		c := bill{at: t}
		by := r.sub.Segment(j).Opened()
		for j+1 < r.sub.Segments() && r.due(j+1, t, by.Command) { // what waited for what the command brought about
			j++
		}
		// A command right at a boundary comes after the renewal: the period that
		// ended there is closed already.
		if err := r.close(&c, r.sub.Segment(j), false); err != nil {
			return err
		}
		c.command = max(c.command, by.Command)
		if err := r.open(&c, j, false); err != nil {
			return err
		}
		if err := r.finish(c); err != nil || r.done {
			return err
		}
	}
	r.note(t, true)
	return r.collectNow(t)
}

// due reports whether segment i was opened at t by what waited for the command
// that was given there.
func (r *run) due(i int, t time.Time, command int) bool {
	seg := r.sub.Segment(i)
	opened := seg.Opened()
	return seg.From().Equal(t) && (opened.Scheduled() || opened.Command < command)
}

// bill collects the lines of one invoice.
type bill struct {
	at      time.Time
	command int
	lines   []Line
	regular bool // a period opens or closes at a boundary: it counts for discounts
	wait    bool // its lines wait for the next invoice
	flush   bool // lines that wait join it even if it has none of its own
}
