package plan

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// TermRenewal says what follows a contract term that nobody ended. The zero TermRenewal is
// [RenewSame].
type TermRenewal string

const (
	// RenewSame begins another term, and another after it. It is the default.
	RenewSame TermRenewal = "same"
	// RenewOnce begins one more term, which is the last: the subscription ends with it.
	RenewOnce TermRenewal = "once"
	// RenewRolling goes on from period to period without a term.
	RenewRolling TermRenewal = "rolling"
	// RenewNever ends the subscription with the first term.
	RenewNever TermRenewal = "end"
)

func (TermRenewal) vocabulary() (string, []TermRenewal) {
	return "renewal of a term", []TermRenewal{RenewSame, RenewOnce, RenewRolling, RenewNever}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero TermRenewal.
func (r *TermRenewal) UnmarshalText(text []byte) error { return parseWord(r, text) }

// LateNotice says what a notice does that comes after the cut-off of the running term. The
// zero LateNotice is [LateNextTerm].
type LateNotice string

const (
	// LateNextTerm ends the subscription with the term after it. It is the default.
	LateNextTerm LateNotice = "next_term"
	// LateRefused refuses it to a subscriber.
	LateRefused LateNotice = "refuse"
)

func (LateNotice) vocabulary() (string, []LateNotice) {
	return "choice for a late notice", []LateNotice{LateNextTerm, LateRefused}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero LateNotice.
func (l *LateNotice) UnmarshalText(text []byte) error { return parseWord(l, text) }

// TermChange says what a change of plan does to the running term. The zero TermChange is
// [TermKept].
type TermChange string

const (
	// TermKept counts the terms of the new plan from where those of the old one did. It is the
	// default.
	TermKept TermChange = "keep"
	// TermRestarts begins the first term of the new plan with the change.
	TermRestarts TermChange = "restart"
)

func (TermChange) vocabulary() (string, []TermChange) {
	return "choice for a term at a change of plan", []TermChange{TermKept, TermRestarts}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero TermChange.
func (c *TermChange) UnmarshalText(text []byte) error { return parseWord(c, text) }

// TermPause says what a pause does to a term. The zero TermPause is [PauseCounts].
type TermPause string

const (
	// PauseCounts lets the term end when it would have without the pause. It is the default.
	PauseCounts TermPause = "keep"
	// PauseExtends makes the term longer by the civil days of the pause.
	PauseExtends TermPause = "extend"
)

func (TermPause) vocabulary() (string, []TermPause) {
	return "choice for a term in a pause", []TermPause{PauseCounts, PauseExtends}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero TermPause.
func (p *TermPause) UnmarshalText(text []byte) error { return parseWord(p, text) }

// Term is the contract term of a plan: how long its subscribers are bound, whatever the plan
// bills by. A plan has a [Length] or a Term, not both: a length ends, a term binds. The zero
// Term is not valid: it needs an interval. Terms are not comparable with ==, see Equal.
//
// The first term begins with the first period, or with the service ([FromStart]); the others
// follow, counted from there, so that an end on the 31st never drifts. An ending that a
// subscriber asks for takes effect at the end of a term: of the earliest that is not before
// Minimum and for which the notice is in time. Package subscription says which verb does
// what.
type Term struct {
	// Interval is the length of a term, and of the first if RenewalInterval is given.
	Interval calendar.Interval `json:"interval"`
	// From is the instant from which terms are counted. Empty: [FromTrialEnd].
	From LengthFrom `json:"from,omitempty"`
	// Minimum is the time from the beginning of the first term before which no ordinary end
	// lies. The zero value: none beyond the term.
	Minimum calendar.Interval `json:"minimum,omitzero"`
	// Notice is how long before the end of a term the last day lies on which a notice still
	// counts: civil days in the zone of the subscription, that day included. The zero value:
	// until the term ends.
	Notice calendar.Interval `json:"notice,omitzero"`
	// LateNotice is what a notice does after that day. Empty: [LateNextTerm].
	LateNotice LateNotice `json:"late_notice,omitempty"`
	// Renewal is what follows a term. Empty: [RenewSame].
	Renewal TermRenewal `json:"renewal,omitempty"`
	// RenewalInterval is the length of the terms that follow the first. The zero value: the
	// same.
	RenewalInterval calendar.Interval `json:"renewal_interval,omitzero"`
	// PlanChange is what a change to this plan does to the running term. Empty: [TermKept].
	PlanChange TermChange `json:"plan_change,omitempty"`
	// Pause is what a pause does to it. Empty: [PauseCounts].
	Pause TermPause `json:"pause,omitempty"`
	// EarlyEnd is the fee for an end before that of the term. Nil: none.
	EarlyEnd *EarlyEnd `json:"early_end,omitempty"`
}

// EarlyEndFee says what an end before that of the term costs. There is no default.
type EarlyEndFee string

const (
	// FixedFee is an amount, whenever it ends.
	FixedFee EarlyEndFee = "fixed"
	// FallingFee is an amount that falls with every month of the term that is over: the share of
	// the months that were begun and not ended, counted from the end of the term.
	FallingFee EarlyEndFee = "falling"
	// RestFee is a percentage of what would have been billed until the end of the term, without
	// usage and before discounts and tax: the whole of it by 100.
	RestFee EarlyEndFee = "rest"
)

func (EarlyEndFee) vocabulary() (string, []EarlyEndFee) {
	return "fee for an early end", []EarlyEndFee{FixedFee, FallingFee, RestFee}
}

// UnmarshalText accepts exactly the words of [Words].
func (e *EarlyEndFee) UnmarshalText(text []byte) error { return parseWord(e, text) }

// EarlyEnd is the fee for an end before that of the term; package billing computes it.
type EarlyEnd struct {
	Fee EarlyEndFee `json:"fee"`
	// Amount is that of a fixed or falling fee, above zero, in the currency of the plan.
	Amount *money.Money `json:"amount,omitempty"`
	// Percent is the share of the rest, above 0 and up to 100. Nil: 100.
	Percent *decimal.Decimal `json:"percent,omitempty"`
}

// Equal compares by value: decimals regardless of trailing zeros.
func (e EarlyEnd) Equal(o EarlyEnd) bool {
	same := (e.Amount == nil) == (o.Amount == nil) && (e.Amount == nil || *e.Amount == *o.Amount)
	return same && e.Fee == o.Fee && equalDecimals(e.Percent, o.Percent)
}

// Equal compares by value.
func (t Term) Equal(o Term) bool {
	same := (t.EarlyEnd == nil) == (o.EarlyEnd == nil) && (t.EarlyEnd == nil || t.EarlyEnd.Equal(*o.EarlyEnd))
	t.EarlyEnd, o.EarlyEnd = nil, nil
	return same && t == o
}

func (t Term) clone() Term {
	if t.EarlyEnd != nil {
		fee := *t.EarlyEnd
		fee.Percent = canonicalBound(fee.Percent)
		if fee.Amount != nil {
			amount := *fee.Amount
			fee.Amount = &amount
		}
		t.EarlyEnd = &fee
	}
	return t
}

// resolved returns t with the defaults filled in.
func (t Term) resolved() Term {
	t.From = or(t.From, FromTrialEnd)
	t.LateNotice = or(t.LateNotice, LateNextTerm)
	t.Renewal = or(t.Renewal, RenewSame)
	t.PlanChange = or(t.PlanChange, TermKept)
	t.Pause = or(t.Pause, PauseCounts)
	if t.RenewalInterval.IsZero() {
		t.RenewalInterval = t.Interval
	}
	return t
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (t Term) Validate() error { return validate(t) }

func (t Term) check(f faults) {
	if t.Interval.IsZero() {
		f.field("interval").add(errMissing)
	}
	f.field("interval").interval(t.Interval)
	word(f.field("from"), t.From)
	f.field("minimum").interval(t.Minimum)
	f.field("notice").interval(t.Notice)
	word(f.field("late_notice"), t.LateNotice)
	f.field("late_notice").require(t.LateNotice == "" || t.Notice != calendar.Interval{}, fault.Excluded, "there is no notice that could be late")
	word(f.field("renewal"), t.Renewal)
	f.field("renewal_interval").interval(t.RenewalInterval)
	renews := or(t.Renewal, RenewSame) == RenewSame || t.Renewal == RenewOnce
	f.field("renewal_interval").require(t.RenewalInterval == calendar.Interval{} || renews, fault.Excluded, "no term follows the first")
	word(f.field("plan_change"), t.PlanChange)
	word(f.field("pause"), t.Pause)
	if t.EarlyEnd != nil {
		t.EarlyEnd.check(f.field("early_end"))
	}
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (e EarlyEnd) Validate() error { return validate(e) }

func (e EarlyEnd) check(f faults) {
	if e.Fee == "" {
		f.field("fee").add(errMissing)
	}
	word(f.field("fee"), e.Fee)
	known := slices.Contains(Words[EarlyEndFee](), e.Fee)
	amount, percent := f.field("amount"), f.field("percent")
	switch e.Fee {
	case RestFee:
		amount.require(e.Amount == nil, fault.Excluded, "a share of the rest has a percent")
	case FixedFee, FallingFee:
		amount.require(e.Amount != nil, fault.Required, "must be given")
	}
	if e.Amount != nil && e.Fee != RestFee {
		amount.require(e.Amount.IsValid(), fault.WrongType, "must be an amount of money")
		amount.require(!e.Amount.IsValid() || e.Amount.Sign() > 0, fault.OutOfRange, "must be above zero")
	}
	if e.Percent == nil {
		return
	}
	percent.require(e.Fee == RestFee || !known, fault.Excluded, "only the rest has a percent")
	if err := dec.Check(*e.Percent); err != nil {
		percent.add(err)
		return
	}
	percent.require(e.Percent.IsPositive() && !e.Percent.GreaterThan(hundred), fault.OutOfRange, "must be above 0 and at most 100")
}

// checkTerm checks what a term has to do with the rest of the plan.
func (p Plan) checkTerm(f faults) {
	p.Term.check(f)
	f.require(p.Length == nil, fault.Excluded, "a plan has a length or a term")
	f.require(!p.Every.IsZero(), fault.Excluded, "nothing recurs that a term could bind to")
	fee := p.Term.EarlyEnd
	if fee == nil || fee.Amount == nil || !fee.Amount.IsValid() {
		return
	}
	amount := f.field("early_end").field("amount")
	amount.require(len(p.Currencies) == 0, fault.Excluded, "a plan that is sold in several currencies has no fixed fee")
	amount.require(!p.Currency.IsValid() || fee.Amount.Currency() == p.Currency, fault.Inconsistent, "must be in the currency of the plan")
}

// MarshalJSON writes a valid term; an invalid one is an error.
func (t Term) MarshalJSON() ([]byte, error) { return encode(t, termCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (t *Term) UnmarshalJSON(data []byte) error { return decode(data, t, termCodec) }

// MarshalJSON writes a valid fee; an invalid one is an error.
func (e EarlyEnd) MarshalJSON() ([]byte, error) { return encode(e, earlyEndCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (e *EarlyEnd) UnmarshalJSON(data []byte) error { return decode(data, e, earlyEndCodec) }
