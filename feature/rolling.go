package feature

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

// expiresAt returns the instant from which a use no longer counts in a rolling
// window: its own plus the length of the window, by the calendar in the
// subscription's zone.
func (e *Entitlement) expiresAt(at time.Time) (time.Time, error) {
	return e.zone.Add(at, e.rules().grant.Every, calendar.Clamp)
}

// countedUses returns the uses that count at an instant, and their sum. Uses recorded
// after the instant count too: clocks of several machines differ a little, and
// counting them keeps every window within the limit. An instant that lies a whole
// window or more before the last use is out of order.
func (e *Entitlement) countedUses(u *QuotaUsage, at time.Time) ([]use, count, error) {
	if !u.recorded {
		return nil, count{}, nil
	}
	at = instant(at)
	if over, err := e.expiresAt(at); err != nil {
		return nil, count{}, err
	} else if !over.After(u.Last()) {
		return nil, count{}, fmt.Errorf("%w: the last use was at %s, a whole window later",
			ErrOutOfOrder, calendar.FormatInstant(u.Last()))
	}
	uses := u.uses()
	if u.window != e.rules().code {
		// Counted under a window of another kind: one use, unless a part of it may
		// lie before this window.
		if over, err := e.expiresAt(u.first.time()); err != nil || !over.After(at) {
			return nil, count{}, err
		}
		uses = []use{{u.last, u.used}}
	}
	var (
		kept []use
		sum  count
	)
	for _, v := range uses {
		over, err := e.expiresAt(v.at.time())
		if err != nil {
			return nil, count{}, err
		}
		if over.After(at) {
			kept = append(kept, v)
			sum = sum.sum(v.n)
		}
	}
	return kept, sum, nil
}

// availableAt returns the instant at which uses of at least the amount excess have
// left the rolling window, if nothing more is used: zero if that never happens.
func (e *Entitlement) availableAt(u *QuotaUsage, at time.Time, excess count) time.Time {
	uses, _, err := e.countedUses(u, at)
	if err != nil {
		return time.Time{}
	}
	expiries := make([]use, len(uses))
	for i, v := range uses {
		over, err := e.expiresAt(v.at.time())
		if err != nil {
			return time.Time{}
		}
		expiries[i] = use{momentOf(over), v.n}
	}
	// When clocks are set back, a later use may expire earlier.
	slices.SortStableFunc(expiries, func(a, b use) int { return a.at.time().Compare(b.at.time()) })
	var freed count
	for _, v := range expiries {
		freed = freed.sum(v.n)
		if freed.cmp(excess) >= 0 {
			return v.at.time()
		}
	}
	return time.Time{}
}

// rolledUsage returns the usage of a rolling window with these uses; zero for none.
func (e *Entitlement) rolledUsage(uses []use) QuotaUsage {
	if len(uses) == 0 {
		return QuotaUsage{}
	}
	next := QuotaUsage{first: uses[0].at, last: uses[len(uses)-1].at, window: e.rules().code, recorded: true}
	for _, v := range uses {
		next.used = next.used.sum(v.n)
	}
	next.with(uses, nil)
	return next
}

// insert returns the uses with one more, in order of time.
func insert(uses []use, v use) ([]use, error) {
	at := len(uses)
	for at > 0 && v.at.before(uses[at-1].at) {
		at--
	}
	if at > 0 && uses[at-1].at == v.at {
		next := slices.Clone(uses)
		var err error
		next[at-1].n, err = next[at-1].n.plus(v.n)
		return next, err
	}
	if len(uses) >= MaxUses {
		return nil, fmt.Errorf("%w: %d uses in a rolling window", ErrTooMany, len(uses))
	}
	return slices.Insert(slices.Clip(uses), at, v), nil
}

// undoUses removes an amount from uses, the latest first.
func undoUses(uses []use, n count) ([]use, error) {
	kept := slices.Clone(uses)
	for len(kept) > 0 && !n.isZero() {
		last := &kept[len(kept)-1]
		if last.n.cmp(n) > 0 {
			var err error
			last.n, err = last.n.less(n)
			return kept, err
		}
		n = n.minus(last.n)
		kept = kept[:len(kept)-1]
	}
	return kept, nil
}
