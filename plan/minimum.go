package plan

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// Minimum is an amount that every period of a plan comes to: what its lines lack of it is
// billed when the period ends, as one more line, the true-up. A subscription may have a
// minimum of its own instead of its plan's.
type Minimum struct {
	// Amount is that of a whole period, above zero, in the plan's own currency. Zero, with
	// nothing else, waives the plan's minimum for a subscription; a plan cannot have it.
	Amount money.Money
	// Amounts are those in the other currencies in which the plan is sold: one for each of
	// them.
	Amounts []money.Money
	// Base says which lines count towards it. Empty: [MinimumList] if there are Charges,
	// otherwise [MinimumAll].
	Base MinimumBase
	// Charges are the ids of the recurring charges of the plan, or of its phases, whose
	// lines count by [MinimumList]; empty with other bases.
	Charges []string
	// Part says what a part of a period owes. Empty: [PartShare].
	Part MinimumPart
	// Discounts says whether lines count before their discounts are taken off. Empty:
	// [DiscountAfter].
	Discounts MinimumDiscounts
	// Discounted says that discounts for all charges and kinds of line reduce the true-up
	// too. It cannot be combined with [DiscountBefore].
	Discounted bool
	// Cycles is the number of periods for which the amount is, together: a term, at the end of
	// which it is trued up. A part of a period counts as one. What ends the term before, an ending
	// or another minimum, trues it up: each period owes its share of the amount, and by
	// [PartWhole] the term owes all of it. 0 and 1: one period. It cannot be combined with
	// [DiscountBefore].
	Cycles int
	// Interval is the length of the term instead of Cycles: a whole number of the plan's interval.
	// [Version.Minimum] returns it as Cycles.
	Interval calendar.Interval
	// Instalments says that a term is also trued up at the end of each of its periods, for
	// their shares so far. What turns out to be too much is given back with a later one.
	Instalments bool
	// OverageFactor is what is charged of what exceeds the minimum: 1.5 adds half of the
	// excess, as a line of its own, when the period ends. At least 1 and at most 1000; nil
	// is 1.
	OverageFactor *decimal.Decimal
	// TaxCode stands on the lines of the true-up and of the overage. It may be empty;
	// otherwise it has the form of an id.
	TaxCode string
}

// MinimumBase says which lines count towards a minimum. The zero MinimumBase is omitted: see
// [Minimum].
type MinimumBase string

const (
	// MinimumAll counts the lines of all recurring charges and of usage, those of add-ons
	// included; neither one-time charges nor one-offs.
	MinimumAll MinimumBase = "all"
	// MinimumUsage counts the lines of usage.
	MinimumUsage MinimumBase = "usage"
	// MinimumList counts the lines of the charges that are listed.
	MinimumList MinimumBase = "list"
)

func (MinimumBase) vocabulary() (string, []MinimumBase) {
	return "base of a minimum", []MinimumBase{MinimumAll, MinimumUsage, MinimumList}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero MinimumBase.
func (b *MinimumBase) UnmarshalText(text []byte) error { return parseWord(b, text) }

// MinimumPart says what a part of a period owes of a minimum. The zero MinimumPart is
// omitted, and [PartShare].
type MinimumPart string

const (
	// PartShare owes the share of the period that was billed, by the basis of the policy.
	PartShare MinimumPart = "share"
	// PartWhole owes the whole amount, however short the part is.
	PartWhole MinimumPart = "whole"
)

func (MinimumPart) vocabulary() (string, []MinimumPart) {
	return "choice for a part of a minimum", []MinimumPart{PartShare, PartWhole}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero MinimumPart.
func (p *MinimumPart) UnmarshalText(text []byte) error { return parseWord(p, text) }

// MinimumDiscounts says whether lines count towards a minimum before their discounts are
// taken off. The zero MinimumDiscounts is omitted, and [DiscountAfter].
type MinimumDiscounts string

const (
	// DiscountAfter takes discounts off after the true-up: lines count in full.
	DiscountAfter MinimumDiscounts = "after"
	// DiscountBefore takes discounts off before the true-up: lines count less their
	// discounts.
	DiscountBefore MinimumDiscounts = "before"
)

func (MinimumDiscounts) vocabulary() (string, []MinimumDiscounts) {
	return "choice for discounts of a minimum", []MinimumDiscounts{DiscountAfter, DiscountBefore}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero MinimumDiscounts.
func (d *MinimumDiscounts) UnmarshalText(text []byte) error { return parseWord(d, text) }

var minimumCodec = strictjson.Struct(
	strictjson.Field("amount", func(v *Minimum) *money.Money { return &v.Amount }, amountCodec).Needed(),
	strictjson.Optional("amounts", func(v *Minimum) *[]money.Money { return &v.Amounts }, strictjson.List[[]money.Money](amountCodec)),
	strictjson.Optional("base", func(v *Minimum) *MinimumBase { return &v.Base }, words[MinimumBase]()),
	strictjson.Optional("charges", func(v *Minimum) *[]string { return &v.Charges }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("part", func(v *Minimum) *MinimumPart { return &v.Part }, words[MinimumPart]()),
	strictjson.Optional("discounts", func(v *Minimum) *MinimumDiscounts { return &v.Discounts }, words[MinimumDiscounts]()),
	strictjson.Optional("discounted", func(v *Minimum) *bool { return &v.Discounted }, strictjson.Truth()),
	strictjson.Optional("cycles", func(v *Minimum) *int { return &v.Cycles }, strictjson.Int[int]()),
	strictjson.Optional("interval", func(v *Minimum) *calendar.Interval { return &v.Interval }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("instalments", func(v *Minimum) *bool { return &v.Instalments }, strictjson.Truth()),
	strictjson.Optional("overage_factor", func(v *Minimum) **decimal.Decimal { return &v.OverageFactor }, strictjson.Pointer(strictjson.DecimalText())),
	strictjson.Optional("tax_code", func(v *Minimum) *string { return &v.TaxCode }, strictjson.Text[string]()),
)

// Counts reports whether the lines of a charge count towards the minimum.
func (m *Minimum) Counts(c *CompiledCharge) bool {
	if c.once {
		return false
	}
	switch m.Base {
	case MinimumUsage:
		return c.metric != ""
	case MinimumList:
		return slices.Contains(m.Charges, c.id)
	case MinimumAll:
	}
	return len(m.Charges) == 0 || slices.Contains(m.Charges, c.id)
}

// Equal compares by value: 1.5 and 1.50 are the same factor.
func (m Minimum) Equal(o Minimum) bool {
	return m.Amount == o.Amount && slices.Equal(m.Amounts, o.Amounts) && m.Base == o.Base && slices.Equal(m.Charges, o.Charges) && m.Part == o.Part &&
		m.Discounts == o.Discounts && m.Discounted == o.Discounted && m.Cycles == o.Cycles && m.Interval == o.Interval && m.Instalments == o.Instalments &&
		equalDecimals(m.OverageFactor, o.OverageFactor) && m.TaxCode == o.TaxCode
}

// waives reports whether the minimum is zero and says nothing else: a subscription that has it
// has none.
func (m Minimum) waives() bool {
	return m.Amount.IsValid() && m.Amount.Sign() == 0 && m.Equal(Minimum{Amount: m.Amount})
}

// Clone returns a copy that shares no memory with m.
func (m Minimum) Clone() Minimum {
	m.Amounts, m.Charges = slices.Clone(m.Amounts), slices.Clone(m.Charges)
	m.OverageFactor = canonicalBound(m.OverageFactor)
	return m
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order. It does
// not know the plan, with which [Plan.Validate] compares it.
func (m Minimum) Validate() error { return validate(m) }

// MarshalJSON writes a valid minimum; an invalid one is an error.
func (m Minimum) MarshalJSON() ([]byte, error) { return encode(m, minimumCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (m *Minimum) UnmarshalJSON(data []byte) error { return decode(data, m, minimumCodec) }

var (
	oneFactor     = decimal.NewFromInt(1)
	largestFactor = decimal.NewFromInt(1000)
)

func (m Minimum) check(f faults) {
	amount := f.field("amount")
	switch {
	case !m.Amount.IsValid():
		amount.add(errMissing)
	case m.Amount.IsNegative() || m.Amount.IsValid() && m.Amount.Sign() == 0 && !m.waives():
		amount.add(fault.OutOfRange.Errorf("must be above zero"))
	}
	f.field("amounts").amountsAboveZero(m.Amounts)
	word(f.field("base"), m.Base)
	charges := f.field("charges")
	charges.atMost(len(m.Charges), MaxCharges)
	charges.require(len(m.Charges) == 0 || m.Base == "" || m.Base == MinimumList, fault.Excluded, `must be left out unless the base is "list"`)
	charges.require(len(m.Charges) > 0 || m.Base != MinimumList, fault.Required, "must have at least one")
	seen := make(map[string]bool, len(m.Charges))
	for i, id := range m.Charges {
		charges.index(i).id(id)
		charges.index(i).unique(seen, id)
	}
	word(f.field("part"), m.Part)
	word(f.field("discounts"), m.Discounts)
	f.field("discounted").require(!m.Discounted || m.Discounts != DiscountBefore, fault.Excluded, "where discounts are taken off before the true-up, it has none of its own")
	f.field("cycles").cycles(m.Cycles)
	f.field("cycles").require(m.Cycles <= 1 || m.Discounts != DiscountBefore, fault.Excluded, "over several periods lines count before their discounts")
	f.field("interval").interval(m.Interval)
	f.field("interval").require(m.Interval.IsZero() || m.Cycles == 0, fault.Excluded, "must be left out beside cycles")
	f.field("interval").require(m.Interval.IsZero() || m.Discounts != DiscountBefore, fault.Excluded, "over several periods lines count before their discounts")
	f.field("instalments").require(!m.Instalments || m.Cycles > 1 || !m.Interval.IsZero(), fault.Excluded, "there is one period only")
	if m.OverageFactor != nil {
		factor := f.field("overage_factor")
		if err := dec.Check(*m.OverageFactor); err != nil {
			factor.add(err)
		} else {
			factor.require(!m.OverageFactor.LessThan(oneFactor) && !m.OverageFactor.GreaterThan(largestFactor), fault.OutOfRange, "must be from 1 to 1000")
		}
	}
	if m.TaxCode != "" {
		f.field("tax_code").id(m.TaxCode)
	}
}

// checkMinimum compares the minimum with the plan: an amount for a period needs periods, all
// of one length.
func (p Plan) checkMinimum(f faults) {
	m := p.Minimum
	m.check(f)
	f.field("amount").require(!m.waives(), fault.OutOfRange, "must be above zero")
	f.require(!p.Every.IsZero(), fault.Excluded, "nothing recurs of which a period could have a minimum")
	f.require(!p.hasOwnIntervals(), fault.Excluded, "a plan whose charges bill by intervals of their own has none")
	for i, phase := range p.Phases {
		f.require(phase.Every.IsZero() || phase.Every == p.Every, fault.Inconsistent, strictjson.Index("phases", i)+" has periods of another length")
	}
	f.field("amount").inPlan(m.Amount, p.Currency)
	whole := m.Interval.IsZero() || !m.Interval.IsValid() || p.Every.IsZero() || !p.Every.IsValid() || stepOf(m.Interval) == stepOf(p.Every) || stepOf(m.Interval).holds(stepOf(p.Every))
	f.field("interval").require(whole, fault.Inconsistent, "must be a whole number of the plan's interval")
	f.field("amounts").amountsIn(m.Amounts, p.Currencies)
	for i, id := range m.Charges {
		found, recurs := false, false
		see := func(charges []Charge) {
			for _, c := range charges {
				if c.ID == id {
					found, recurs = true, recurs || !c.Once
				}
			}
		}
		see(p.Charges)
		for _, phase := range p.Phases {
			see(phase.Charges)
		}
		at := f.field("charges").index(i)
		at.require(found || id == "", fault.NotFound, "there is no charge of this id")
		at.require(recurs || !found, fault.Inconsistent, "a charge that is due once belongs to no period")
	}
}

// resolved returns the minimum with its defaults filled in, for periods of an interval.
func (m Minimum) resolved(every calendar.Interval) Minimum {
	m = m.Clone()
	base := MinimumAll
	if len(m.Charges) > 0 {
		base = MinimumList
	}
	m.Base, m.Part, m.Discounts = or(m.Base, base), or(m.Part, PartShare), or(m.Discounts, DiscountAfter)
	if one := stepOf(every); !m.Interval.IsZero() && stepOf(m.Interval).holds(one) {
		m.Cycles = stepOf(m.Interval).count / one.count
	}
	m.Cycles, m.Interval = max(m.Cycles, 1), calendar.Interval{}
	if m.OverageFactor == nil {
		m.OverageFactor = Bound(oneFactor)
	}
	return m
}

// in returns the minimum as if the plan were sold in one of its other currencies alone.
func (m Minimum) in(c money.Currency) *Minimum {
	m = m.Clone()
	for _, amount := range m.Amounts {
		if amount.Currency() == c {
			m.Amount = amount
		}
	}
	m.Amounts = nil
	return &m
}

// Minimum returns what every period comes to at least, with its defaults filled in and in the
// version's currency alone, and whether there is one.
func (v *Version) Minimum() (Minimum, bool) {
	if v.plan.Minimum == nil {
		return Minimum{}, false
	}
	m := v.plan.Minimum.resolved(v.plan.Every)
	m.Amounts = nil
	return m, true
}

// negotiable is [seam.Terms.Negotiable].
func (v *Version) negotiable(m Minimum) (Minimum, error) {
	if m.waives() && m.Amount.Currency() == v.Currency() {
		return m, nil
	}
	p := v.plan
	p.Currencies, p.Minimum = nil, &m
	var list []*fault.FieldError
	p.checkMinimum(faults{list: &list})
	return m.resolved(p.Every), strictjson.JoinErrors(list)
}
