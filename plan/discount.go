package plan

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// Duration says how long a discount lasts: in billing cycles, one of which runs from a regular
// invoice, at which a period opens or closes, to the next, or in time. The zero Duration is
// invalid: how long a discount lasts must always be given.
type Duration string

const (
	// OnceOnly is the first invoice, regular or not, on which it reduces a line.
	OnceOnly Duration = "once"
	// Forever is every billing cycle from now on.
	Forever Duration = "forever"
	// ForCycles is a number of billing cycles; one in which it reduces nothing of the
	// regular invoice is not counted.
	ForCycles Duration = "cycles"
	// ForTime is a length of time, whatever the interval of the plan: all that stands on an
	// invoice that is dated within it.
	ForTime Duration = "time"
)

func (Duration) vocabulary() (string, []Duration) {
	return "duration", []Duration{OnceOnly, Forever, ForCycles, ForTime}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Duration.
func (d *Duration) UnmarshalText(text []byte) error { return parseWord(d, text) }

// Discount takes a percentage or a fixed amount off the lines of an invoice. Exactly
// one of Percent and Amount is set.
type Discount struct {
	// ID names the discount. It is required.
	ID string
	// Name is for people, as on an invoice. It may be empty.
	Name string
	// Percent is the share of each line that is taken off, above 0 and up to 100.
	Percent *decimal.Decimal
	// Amount is what is taken off all lines together, greater than zero, in the
	// currency of the subscription.
	Amount *money.Money
	// Duration is how long the discount lasts. It is required.
	Duration Duration
	// Cycles is the number of invoices that a discount for cycles lasts, and 0 for
	// others.
	Cycles int
	// For is how long a discount for a time lasts, and zero for others. What is billed on an
	// invoice dated at or after the instant at which the discount was given, and before the end
	// of the time, is reduced, whatever period it bills. The time ends so many days, weeks,
	// months or years later by the calendar of the subscription's zone, at the same wall-clock
	// time; in a month without that day, on its last.
	For calendar.Interval
	// Charges are the ids of the charges whose lines are reduced. Empty: all lines,
	// one-offs too.
	Charges []string
	// Kinds are the kinds of line that are reduced: "all but usage" is
	// [DiscountCharges] and [DiscountOneOffs]. Empty: all kinds. A line must be of one
	// of the charges and of one of the kinds.
	Kinds []DiscountedKind
}

// DiscountedKind is a kind of line that a discount can reduce. The zero DiscountedKind is
// invalid.
type DiscountedKind string

const (
	// DiscountCharges are the lines of charges that rate a quantity.
	DiscountCharges DiscountedKind = "charge"
	// DiscountUsage are the lines of charges that rate usage.
	DiscountUsage DiscountedKind = "usage"
	// DiscountOneOffs are charges outside the plan.
	DiscountOneOffs DiscountedKind = "one_off"
)

func (DiscountedKind) vocabulary() (string, []DiscountedKind) {
	return "kind of line", []DiscountedKind{DiscountCharges, DiscountUsage, DiscountOneOffs}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero DiscountedKind.
func (k *DiscountedKind) UnmarshalText(text []byte) error { return parseWord(k, text) }

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (d Discount) Validate() error { return validate(d) }

// Equal compares by value: 10 and 10.0 are the same percentage.
func (d Discount) Equal(o Discount) bool {
	sameAmount := (d.Amount == nil) == (o.Amount == nil) && (d.Amount == nil || *d.Amount == *o.Amount)
	return d.ID == o.ID && d.Name == o.Name && equalDecimals(d.Percent, o.Percent) && sameAmount &&
		d.Duration == o.Duration && d.Cycles == o.Cycles && d.For == o.For && slices.Equal(d.Charges, o.Charges) && slices.Equal(d.Kinds, o.Kinds)
}

// Clone returns a copy that shares no memory with d.
func (d Discount) Clone() Discount {
	d.Percent = canonicalBound(d.Percent)
	if d.Amount != nil {
		amount := *d.Amount
		d.Amount = &amount
	}
	d.Charges, d.Kinds = slices.Clone(d.Charges), slices.Clone(d.Kinds)
	return d
}

var hundred = decimal.NewFromInt(100)

func (d Discount) check(f faults) {
	f.field("id").id(d.ID)
	f.field("name").name(d.Name)
	if d.Percent != nil {
		percent := f.field("percent")
		if err := dec.Check(*d.Percent); err != nil {
			percent.add(err)
		} else {
			percent.require(d.Percent.IsPositive() && !d.Percent.GreaterThan(hundred), fault.OutOfRange, "must be above 0 and at most 100")
		}
	}
	if d.Amount != nil {
		amount := f.field("amount")
		amount.require(d.Amount.IsValid(), fault.WrongType, "must be an amount of money")
		amount.require(!d.Amount.IsValid() || d.Amount.Sign() > 0, fault.OutOfRange, "must be above zero")
	}
	f.require((d.Percent == nil) != (d.Amount == nil), fault.Required, "must have either a percent or an amount")
	if d.Duration == "" {
		f.field("duration").add(errMissing)
	}
	word(f.field("duration"), d.Duration)
	switch cycles := f.field("cycles"); {
	case d.Duration == ForCycles && (d.Cycles < 1 || d.Cycles > MaxCycles):
		cycles.addf(fault.OutOfRange, "must be from 1 to %d", MaxCycles)
	case d.Duration != ForCycles && d.Cycles != 0:
		cycles.add(fault.Excluded.Errorf(`must be left out unless the duration is "cycles"`))
	}
	switch length := f.field("for"); {
	case d.Duration != ForTime:
		length.require(d.For.IsZero(), fault.Excluded, `must be left out unless the duration is "time"`)
	case d.For.IsZero():
		length.add(errMissing)
	default:
		length.interval(d.For)
	}
	charges := f.field("charges")
	charges.atMost(len(d.Charges), MaxCharges)
	seen := make(map[string]bool, len(d.Charges))
	for i, id := range d.Charges {
		charges.index(i).id(id)
		charges.index(i).unique(seen, id)
	}
	kinds := make(map[string]bool, len(d.Kinds))
	for i, k := range d.Kinds {
		at := f.field("kinds").index(i)
		if k == "" {
			at.add(errMissing)
		}
		word(at, k)
		at.unique(kinds, string(k))
	}
	if len(d.Charges) > 0 {
		f.field("kinds").require(len(d.Kinds) == 0 || slices.ContainsFunc(d.Kinds, func(k DiscountedKind) bool { return k != DiscountOneOffs }), fault.Excluded, "one-offs are of no charge")
	}
}

// MarshalJSON writes a valid discount; an invalid one is an error.
func (d Discount) MarshalJSON() ([]byte, error) { return encode(d, discountCodec, MaxDocument) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (d Discount) AppendJSON(dst []byte) ([]byte, error) {
	return appendTo(dst, d, discountCodec, MaxDocument)
}

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (d *Discount) UnmarshalJSON(data []byte) error { return decode(data, d, discountCodec) }
