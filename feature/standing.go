package feature

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
)

// Used returns how much of a usage counts at an instant: everything for a limit and
// for [Life]; otherwise what was used in the window that holds the instant. It fails
// with [ErrOutOfOrder] in a window before that of the last use, and with [ErrStale]
// outside the billing period of the terms.
func (e *Entitlement) Used(u QuotaUsage, at time.Time) (decimal.Decimal, error) {
	n, err := e.counts(&u, at)
	return n.decimal(), err
}

// OverQuota reports whether more is used than the limit allows. Equal is not over;
// what is unlimited, a switch, or not granted is never over. It depends only on the
// use and the limit, and ends with the window.
func (e *Entitlement) OverQuota(u QuotaUsage, at time.Time) (bool, error) {
	n, err := e.overage(&u, at)
	return !n.isZero(), err
}

// Overage returns by how much use exceeds the limit at an instant; zero if
// [Entitlement.OverQuota] is false.
func (e *Entitlement) Overage(u QuotaUsage, at time.Time) (decimal.Decimal, error) {
	n, err := e.overage(&u, at)
	return n.decimal(), err
}

func (e *Entitlement) overage(u *QuotaUsage, at time.Time) (count, error) {
	if !e.rules().granted || e.rules().grant.Kind == Switch || e.rules().grant.Unlimited {
		return count{}, nil
	}
	n, err := e.counts(u, at)
	if err != nil {
		return count{}, err
	}
	return n.minus(e.rules().limit), nil
}

// Exceeded returns the thresholds that use exceeds at an instant, whether they fired
// or not, for example to check them after a limit was lowered.
func (e *Entitlement) Exceeded(u QuotaUsage, at time.Time) ([]Threshold, error) {
	n, err := e.counts(&u, at)
	if err != nil {
		return nil, err
	}
	var over []Threshold
	for _, t := range e.rules().triggers {
		if n.cmp(t.at) > 0 {
			over = append(over, t.threshold)
		}
	}
	if bound, ok := e.tierOf(n); ok {
		for _, t := range e.rules().tierAlert {
			if n.cmp(countAny(t.trigger(bound.decimal()))) > 0 {
				over = append(over, t)
			}
		}
	}
	return over, nil
}

// tierOf returns the upper bound of the tier that holds n; none for the open last.
func (e *Entitlement) tierOf(n count) (count, bool) {
	for _, upTo := range e.rules().tiers {
		if n.cmp(upTo) <= 0 {
			return upTo, true
		}
	}
	return count{}, false
}

// place is the window in which a use is counted.
type place struct {
	at    moment
	start moment // of the window; the beginning of time if there is none
}

func (e *Entitlement) counts(u *QuotaUsage, at time.Time) (count, error) {
	var (
		p place
		d Decision
	)
	err := e.locate(&d, &p, u, at)
	return d.before, err
}

// locate computes the window that holds an instant, when it ends, and how much of a
// usage counts in it. Every question needs it; in the usual case it makes a few
// comparisons only.
func (e *Entitlement) locate(d *Decision, p *place, u *QuotaUsage, at time.Time) error {
	p.at = momentOf(at)
	if !e.windowed {
		var err error
		p.start, d.before = moment{sec: math.MinInt64}, u.used
		if e.rules().grant.Window == Rolling {
			_, d.before, err = e.countedUses(u, at)
		}
		return err
	}
	end := e.window.end
	if e.window.holds(p.at) {
		p.start, d.ResetsAt = e.window.start, e.window.ends()
	} else {
		w, err := e.Window(at)
		if err != nil {
			return err
		}
		other := spanOf(w)
		p.start, d.ResetsAt, end = other.start, other.ends(), other.end
	}
	switch {
	case !u.recorded || u.last.before(p.start):
		// Nothing was used, or nothing in this window.
	case !u.last.before(end):
		return fmt.Errorf("%w: the last use was at %s, in a later window",
			ErrOutOfOrder, calendar.FormatInstant(u.last.time()))
	case u.window == e.rules().code, u.window == 0, !u.first.before(p.start):
		d.before = u.used
	default:
		// Counted under a window of another kind that began before this one. The uses
		// of a rolling window are known one by one; otherwise they are not, so the
		// count of the new kind starts from zero.
		for _, v := range u.uses() {
			if !v.at.before(p.start) {
				d.before = d.before.sum(v.n)
			}
		}
	}
	return nil
}

// standing fills a zero usage with the part of another that counts in the window. It
// stays zero if the count belongs to an earlier window.
func (e *Entitlement) standing(next, u *QuotaUsage, p *place, before count) {
	switch {
	case !e.rules().granted || !u.recorded:
		*next = *u
		return
	case u.window == e.rules().code || u.window == 0:
		if u.last.before(p.start) {
			return
		}
		*next = *u
	case !u.first.before(p.start):
		// The count continues under a window of another kind, in which nothing fired.
		*next = *u
		next.more = nil
	case before.isZero():
		return
	default:
		*next = QuotaUsage{used: before, last: u.last, recorded: true}
		for _, v := range slices.Backward(u.uses()) {
			if v.at.before(p.start) {
				break
			}
			next.first = v.at
		}
	}
	next.window = e.rules().code
}
