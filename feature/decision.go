package feature

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
)

// Reason says why something was allowed or denied.
type Reason string

const (
	// BecauseOn allows: the feature is a switch, and on.
	BecauseOn Reason = "on"
	// BecauseUnlimited allows: there is no limit.
	BecauseUnlimited Reason = "unlimited"
	// BecauseWithinLimit allows: the limit is not exceeded.
	BecauseWithinLimit Reason = "within_limit"
	// BecauseOverAllowed allows: the limit is exceeded, and the grant allows use
	// beyond it ([Allow] or [Rate]).
	BecauseOverAllowed Reason = "over_allowed"
	// BecauseNotGranted denies: neither plan nor override grants the feature.
	BecauseNotGranted Reason = "not_granted"
	// BecauseDormant denies: the subscription's state keeps its entitlements dormant.
	BecauseDormant Reason = "dormant"
	// BecauseInactive denies: the grant is turned off.
	BecauseInactive Reason = "inactive"
	// BecauseUnsupportedCondition denies: the condition of the grant is not known.
	BecauseUnsupportedCondition Reason = "unsupported_condition"
	// BecauseConditionNotMet denies: the condition of the grant is not met.
	BecauseConditionNotMet Reason = "condition_not_met"
	// BecauseQuotaExceeded denies: the limit would be exceeded.
	BecauseQuotaExceeded Reason = "quota_exceeded"
	// BecauseInvalid denies: no decision is possible; Err says why.
	BecauseInvalid Reason = "invalid"
)

func (Reason) words() []Reason {
	return []Reason{
		BecauseOn, BecauseUnlimited, BecauseWithinLimit, BecauseOverAllowed, BecauseNotGranted,
		BecauseDormant, BecauseInactive, BecauseUnsupportedCondition, BecauseConditionNotMet,
		BecauseQuotaExceeded, BecauseInvalid,
	}
}

// sentinel is the error that a reason to deny stands for; [ErrInvalid] if there is
// no better one.
func (r Reason) sentinel() error {
	switch r {
	case BecauseNotGranted:
		return ErrNotGranted
	case BecauseDormant:
		return ErrDormant
	case BecauseInactive:
		return ErrInactive
	case BecauseUnsupportedCondition:
		return ErrUnsupportedCondition
	case BecauseConditionNotMet:
		return ErrConditionNotMet
	case BecauseQuotaExceeded:
		return ErrQuotaExceeded
	case BecauseOn, BecauseUnlimited, BecauseWithinLimit, BecauseOverAllowed, BecauseInvalid:
	}
	return ErrInvalid
}

// Decision is the result of a [Request]. The zero Decision denies.
type Decision struct {
	// Allowed says whether the feature may be used as asked.
	Allowed bool
	// Why is the reason for the decision.
	Why Reason
	// ResetsAt is when the count starts over: the end of the window, in UTC. For a
	// rolling window it is when the next use no longer counts or, after a refusal,
	// when the same request would be allowed if nothing more is used. It is zero if
	// neither ever happens: for switches, limits and allowances for life.
	ResetsAt time.Time

	counted     bool // before is known
	made        bool // the use was made
	entitlement *Entitlement
	before      count // used before
	asked       count
	rare        *rareDecision
}

// rareDecision holds what few decisions have.
type rareDecision struct {
	cause error       // of BecauseInvalid
	fired []Threshold // by the use
}

// Fired returns the thresholds that this use exceeded for the first time in its
// window, in the order of the grant. Only [Entitlement.Consume] reports them.
func (d Decision) Fired() []Threshold {
	if d.rare == nil {
		return nil
	}
	return slices.Clone(d.rare.fired)
}

// invalid denies because no decision is possible.
func (d *Decision) invalid(cause error) {
	d.Allowed, d.Why, d.rare = false, BecauseInvalid, &rareDecision{cause: cause}
}

// now is what is used now: after the use, if it was made.
func (d *Decision) now() count {
	if d.made {
		return d.before.sum(d.asked)
	}
	return d.before
}

// Used returns how much is used now: after the use if [Entitlement.Consume] made it.
// It is zero for a switch, and if the decision was made before anything was counted.
func (d Decision) Used() decimal.Decimal { return d.now().decimal() }

// Remaining returns how much of the limit is left now, and whether there is a limit:
// false for a switch and for what is unlimited. If the decision was made before
// anything was counted, nothing is left.
func (d Decision) Remaining() (decimal.Decimal, bool) {
	switch {
	case !d.counted:
		return decimal.Decimal{}, d.Why != BecauseOn
	case d.entitlement.rules().grant.Unlimited:
		return decimal.Decimal{}, false
	}
	return d.entitlement.rules().limit.minus(d.now()).decimal(), true
}

// Overage returns how much of the request was beyond the limit and was allowed.
func (d Decision) Overage() decimal.Decimal {
	if d.Why != BecauseOverAllowed {
		return decimal.Decimal{}
	}
	free := d.entitlement.rules().limit.minus(d.before)
	return d.asked.minus(free).decimal()
}

// Billable returns how much of the use is to be billed as usage: the overage, if the
// grant's Overage is [Rate].
func (d Decision) Billable() decimal.Decimal {
	if d.entitlement == nil || d.entitlement.rules().grant.overage() != Rate {
		return decimal.Decimal{}
	}
	return d.Overage()
}

// Metric returns the metric under which Billable is recorded as usage, for a charge
// of the plan to rate: that of the grant, or the key of the feature. It is empty if
// nothing is to be billed.
func (d Decision) Metric() string {
	if d.entitlement == nil || d.Billable().IsZero() {
		return ""
	}
	return d.entitlement.rules().grant.MetricOr(d.entitlement.rules().key)
}

// OverQuota reports whether more is used now than the limit allows.
func (d Decision) OverQuota() bool {
	return d.counted && !d.entitlement.rules().grant.Unlimited && d.now().cmp(d.entitlement.rules().limit) > 0
}

// Err returns nil if the feature may be used, otherwise a [*DeniedError].
func (d Decision) Err() error {
	if d.Allowed {
		return nil
	}
	denied := &DeniedError{Why: d.Why, Used: d.Used(), Asked: d.asked.decimal(), ResetsAt: d.ResetsAt, Err: d.Why.sentinel()}
	if d.rare != nil && d.rare.cause != nil {
		denied.Err = d.rare.cause
	}
	if e := d.entitlement; e != nil {
		denied.Key, denied.Condition = e.rules().key, e.rules().condition
		denied.Limit = e.rules().limit.decimal()
	}
	return denied
}

// String says what was decided and why, in one line.
func (d Decision) String() string {
	if err := d.Err(); err != nil {
		return "denied: " + err.Error()
	}
	text := "allowed: " + string(d.entitlement.rules().key) + ": " + string(d.Why)
	if left, limited := d.Remaining(); limited && d.counted {
		text += fmt.Sprintf(": %s of %s used, %s left", d.now(), d.entitlement.rules().limit, dec.String(left))
	}
	if !d.ResetsAt.IsZero() {
		text += ", resets at " + calendar.FormatInstant(d.ResetsAt)
	}
	return text
}

// DeniedError is why a feature may not be used. errors.Is finds the sentinel for
// its reason, such as [ErrQuotaExceeded].
type DeniedError struct {
	Key       Key
	Why       Reason
	Condition string          // the condition of the grant, if it has one
	Used      decimal.Decimal // what is used
	Asked     decimal.Decimal // what was asked for
	Limit     decimal.Decimal // the limit of the grant
	ResetsAt  time.Time       // when the count starts over; zero: never
	Err       error           // the sentinel for Why, or what made the question invalid
}

// Error is the reason, the feature and the numbers: "feature: quota exceeded:
// rescan: 10 of 10 used, 1 asked, resets at 2026-01-31T00:00:00Z".
func (e *DeniedError) Error() string {
	text := fmt.Sprintf("%v: %s", e.Err, e.Key)
	switch e.Why {
	case BecauseQuotaExceeded:
		text += fmt.Sprintf(": %s of %s used, %s asked", dec.String(e.Used), dec.String(e.Limit), dec.String(e.Asked))
		if !e.ResetsAt.IsZero() {
			text += ", resets at " + calendar.FormatInstant(e.ResetsAt)
		}
	case BecauseUnsupportedCondition, BecauseConditionNotMet:
		text += fmt.Sprintf(": %q", e.Condition)
	case BecauseOn, BecauseUnlimited, BecauseWithinLimit, BecauseOverAllowed,
		BecauseNotGranted, BecauseDormant, BecauseInactive, BecauseInvalid:
	}
	return text
}

// Unwrap returns Err.
func (e *DeniedError) Unwrap() error { return e.Err }
