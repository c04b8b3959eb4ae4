package feature

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/micro"
)

// MaxUses is the largest number of uses that a rolling window remembers.
const MaxUses = 10_000

// QuotaUsage is how much of one feature has been used: what a service stores beside the
// subscription, once per feature. It is an immutable value; [Entitlement.Consume] and
// [Entitlement.Release] return the next one. The zero QuotaUsage means that nothing was
// used yet.
//
// It holds the count, the first and the last use in it, and the window under which it
// was counted. It knows neither limits nor zones: an [Entitlement] says how much of
// it counts at an instant. A service with its own count makes one with [Counted].
//
// Two requests may load one stored count, and each by itself be allowed. So save the next
// QuotaUsage only over the one that it was made from: compare [QuotaUsage.Revision], which every use
// and every release raises, in the statement that writes, and begin again where another
// request was faster.
type QuotaUsage struct {
	used        count
	first, last moment
	window      windowCode // 0: a limit, or told by Counted
	recorded    bool       // first and last mean something
	revision    int
	more        *usageMore
}

// usageMore holds what few usages have.
type usageMore struct {
	uses  []use  // of a rolling window, oldest first
	fired []mark // thresholds that fired in the window of last
}

// use is one use of a rolling window.
type use struct {
	at moment
	n  count
}

// mark records a threshold that fired.
type mark struct {
	threshold Threshold
	upTo      decimal.Decimal // the highest limit at which it fired; in the tier scope, the bound of the highest tier
}

func (m mark) equal(o mark) bool { return m.sameThreshold(o) && m.upTo.Equal(o.upTo) }

func (m mark) sameThreshold(o mark) bool { return m.threshold.Equal(o.threshold) }

// Counted returns the usage of a service that keeps its own count: the amount in use,
// or used in the window that holds the instant. It fails with [ErrInvalidAmount] for
// an amount below zero or of too many digits. A usage made this way does not know
// which thresholds fired; they fire whenever a use crosses them.
func Counted(used decimal.Decimal, at time.Time) (QuotaUsage, error) {
	n, err := countOf(used)
	if err != nil || n.isZero() {
		return QuotaUsage{}, err
	}
	m := momentOf(at)
	return QuotaUsage{used: n, first: m, last: m, recorded: true}, nil
}

// instant returns t in UTC and whole microseconds, so that what was decoded equals what
// was encoded.
func instant(t time.Time) time.Time { return micro.Floor(t) }

// Recorded is the count as it was recorded, in the window that held the last use.
// [Entitlement.Used] returns how much of it counts at another instant.
func (u QuotaUsage) Recorded() decimal.Decimal { return u.used.decimal() }

// Last is the instant of the last use, in UTC; zero if there was none.
func (u QuotaUsage) Last() time.Time {
	if !u.recorded {
		return time.Time{}
	}
	return u.last.time()
}

// Revision counts the uses and releases that led to this value: each next one is higher by
// one. Those that were refused, or changed nothing, leave it. 0: there was none yet, or the
// count was told by [Counted].
func (u QuotaUsage) Revision() int { return u.revision }

// IsZero reports whether nothing is recorded.
func (u QuotaUsage) IsZero() bool { return !u.recorded }

// Equal reports whether two usages are the same: amounts by value, instants by time.
func (u QuotaUsage) Equal(o QuotaUsage) bool {
	return u.used.cmp(o.used) == 0 && u.recorded == o.recorded && u.first == o.first && u.last == o.last && u.window == o.window && u.revision == o.revision &&
		slices.EqualFunc(u.uses(), o.uses(), use.equal) && slices.EqualFunc(u.fired(), o.fired(), mark.equal)
}

func (e use) equal(o use) bool { return e.at == o.at && e.n.cmp(o.n) == 0 }

func (u *QuotaUsage) uses() []use {
	if u.more == nil {
		return nil
	}
	return u.more.uses
}

func (u *QuotaUsage) fired() []mark {
	if u.more == nil {
		return nil
	}
	return u.more.fired
}

// with replaces what few usages have; nil if there is nothing of it.
func (u *QuotaUsage) with(uses []use, fired []mark) {
	u.more = nil
	if len(uses) > 0 || len(fired) > 0 {
		u.more = &usageMore{uses: slices.Clip(uses), fired: slices.Clip(fired)}
	}
}
