package plan

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// CompiledPrice is a price compiled for one currency: tiers with their cumulative amounts, ready
// for a binary search. It is immutable and safe for concurrent use; share it by pointer. The zero
// CompiledPrice has no price and rates nothing, with an error; [CompilePrice] makes one that does.
//
// Ordinary numbers (up to 18 digits in the quantity, amounts within 128 bits at the price's own
// scale) are rated in whole numbers without allocation; all others in decimals. The results are the
// same.
type CompiledPrice struct {
	price    Price
	currency money.Currency
	digits   int // of the currency's minor unit
	exact    curve
	fast     fastCurve
	line     line
	events   *eventPrice     // nil: it rates a quantity
	matrix   *compiledMatrix // of a table of prices
	limit    int64           // see [seam.Rating.Limit]
	document []byte          // the definition in JSON
	// increases is how often the price increased by itself.
	increases int
}

// CompilePrice checks p and compiles it for the currency. It copies p, so that changing the definition
// afterwards changes nothing. The error joins a [*fault.FieldError] for every fault of the price, or wraps
// money.ErrUnknownCurrency.
func CompilePrice(p Price, c money.Currency) (*CompiledPrice, error) {
	if !c.IsValid() {
		return nil, fmt.Errorf("plan: price: %w", money.ErrUnknownCurrency)
	}
	if err := strictjson.JoinErrors(checkPrice(p, "")); err != nil {
		return nil, err
	}
	p = clonePrice(p)
	t := &CompiledPrice{price: p, currency: c, digits: c.Digits(), exact: p.curve()}
	t.fast = t.exact.compile(t.digits)
	t.line = t.exact.line(c)
	if own, ok := p.(Percentage); ok && own.ratesEvents() {
		t.events = own.ofEvents()
	}
	var err error
	if m, ok := p.(Matrix); ok {
		if t.matrix, err = m.compile(c); err != nil {
			return nil, err
		}
	}
	t.limit = t.findLimit()
	t.document, err = p.appendTo(nil)
	return t, err
}

// Price returns a copy of the definition, nil for the zero CompiledPrice.
func (t *CompiledPrice) Price() Price { return clonePrice(t.price) }

// AppendJSON appends the definition in JSON, as the price itself is written; null for the
// zero CompiledPrice. It never fails.
func (t *CompiledPrice) AppendJSON(dst []byte) ([]byte, error) {
	if t.price == nil {
		return append(dst, "null"...), nil
	}
	return append(dst, t.document...), nil
}

// Model is the kind of the price, "" for the zero CompiledPrice.
func (t *CompiledPrice) Model() Model {
	if t.price == nil {
		return ""
	}
	return t.price.Model()
}

// TierBounds returns the inclusive upper bounds of the tiers or steps, except an open last one, and
// the free units that are subtracted from a quantity before a tier is chosen. A price without tiers
// has no bounds.
func (t *CompiledPrice) TierBounds() (bounds []decimal.Decimal, free decimal.Decimal) {
	var tiers []Tier
	switch p := t.price.(type) {
	case Volume:
		tiers, free = p.Tiers, p.FreeUnits
	case Tiered:
		tiers, free = p.Tiers, p.FreeUnits
	case Stairstep:
		for _, step := range p.Steps {
			tiers = append(tiers, Tier{UpTo: step.UpTo})
		}
	case GraduatedPercentage:
		for _, tier := range p.Tiers {
			tiers = append(tiers, Tier{UpTo: tier.UpTo})
		}
		free = p.FreeAmount
	}
	for _, tier := range tiers {
		if tier.UpTo != nil {
			bounds = append(bounds, *tier.UpTo)
		}
	}
	return bounds, free
}

// Currency is the currency of all amounts of the price.
func (t *CompiledPrice) Currency() money.Currency { return t.currency }

// Exact returns what a whole period costs at quantity q, in major units and before any rounding, the
// bounds of the price applied. Errors: [ErrNegativeQuantity], [ErrQuantity], [ErrNoTier], [ErrEvents]
// for a price that rates single events, and [ErrDimensions] for a [Matrix].
func (t *CompiledPrice) Exact(q decimal.Decimal) (decimal.Decimal, error) {
	q, err := checkedQuantity(q)
	if err != nil {
		return decimal.Decimal{}, err
	}
	amount, err := t.exact.exact(q)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return canonical(amount), nil
}

// Marginal returns what q further units cost after the first before units of the same period:
// Exact(before+q) - Exact(before), before any rounding. It is negative where a larger quantity
// costs less, which is possible under [Volume]. Free units, the first tier's flat amount and the
// bounds belong to the period and count once: a price without `zero: free` has its first flat
// amount due already at zero, so it is not part of any margin. Errors: as [CompiledPrice.Exact].
func (t *CompiledPrice) Marginal(before, q decimal.Decimal) (decimal.Decimal, error) {
	before, err := checkedQuantity(before)
	if err != nil {
		return decimal.Decimal{}, err
	}
	if q, err = checkedQuantity(q); err != nil {
		return decimal.Decimal{}, err
	}
	all, err := t.exact.exact(before.Add(q))
	if err != nil {
		return decimal.Decimal{}, err
	}
	first, err := t.exact.exact(before)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return canonical(all.Sub(first)), nil
}

// Rate returns what a whole period costs at quantity q, rounded once to the currency's minor unit.
// Errors: as [CompiledPrice.Exact]; money.ErrOverflow if the amount does not fit; money.ErrRounding if r is
// not a rounding.
func (t *CompiledPrice) Rate(q decimal.Decimal, r money.Rounding) (money.Money, error) {
	mode, err := modeOf(r)
	if err != nil {
		return money.Money{}, err
	}
	if minor, ok := t.rateFast(q, mode); ok {
		return money.FromMinor(minor, t.currency), nil
	}
	return t.rateExact(q, 1, 1, mode)
}

// rateFast returns the amount of [CompiledPrice.Rate] in minor units where whole numbers suffice to
// compute it. False says nothing about the price or the quantity.
func (t *CompiledPrice) rateFast(q decimal.Decimal, mode arith.Mode) (minor int64, ok bool) {
	// A coefficient of at most 18 digits is an int64, which CoefficientInt64 alone does not tell.
	if q.NumDigits() > 18 {
		return 0, false
	}
	return t.rateScaled(q.CoefficientInt64(), q.Exponent(), mode)
}

// rateScaled is [seam.Rating.Scaled].
func (t *CompiledPrice) rateScaled(coefficient int64, exponent int32, mode arith.Mode) (minor int64, ok bool) {
	if minor, ok = t.line.at(coefficient, exponent); ok {
		return minor, true
	}
	return t.fast.rate(coefficient, exponent, mode)
}

// RatePart returns num/den of what a whole period costs at quantity q, in one step with one
// rounding: free units and bounds belong to the whole period and apply before the fraction. A
// negative num gives a credit: the amount is negative and is rounded as a negative number. A num of
// zero gives zero; it may exceed den. Errors: as [CompiledPrice.Rate]; money.ErrDivisionByZero for
// a den of zero, money.ErrInvalid for one below it.
func (t *CompiledPrice) RatePart(q decimal.Decimal, num, den int64, r money.Rounding) (money.Money, error) {
	mode, err := modeOf(r)
	if err != nil {
		return money.Money{}, err
	}
	if den <= 0 {
		return money.Money{}, partFault(den)
	}
	if minor, ok := t.fast.ratePart(q, num, den, mode); ok {
		return money.FromMinor(minor, t.currency), nil
	}
	return t.rateExact(q, num, den, mode)
}

func partFault(den int64) error {
	if den == 0 {
		return fmt.Errorf("plan: part of a period: %w", money.ErrDivisionByZero)
	}
	return fmt.Errorf("plan: part of a period: denominator %d: %w", den, money.ErrInvalid)
}

// rateExact rates in decimals. Only it returns errors: the fast path only declines.
func (t *CompiledPrice) rateExact(q decimal.Decimal, num, den int64, mode arith.Mode) (money.Money, error) {
	amount, err := t.Exact(q)
	if err != nil {
		return money.Money{}, err
	}
	n := amount.Coefficient()
	d := big.NewInt(den)
	n.Mul(n, big.NewInt(num))
	if places := int(amount.Exponent()) + t.digits; places >= 0 {
		n.Mul(n, pow10Big(places))
	} else {
		d.Mul(d, pow10Big(-places))
	}
	minor := arith.RoundBig(n, d, mode)
	if !minor.IsInt64() {
		return money.Money{}, fmt.Errorf("plan: rated amount: %w", money.ErrOverflow)
	}
	return money.FromMinor(minor.Int64(), t.currency), nil
}

func pow10Big(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
