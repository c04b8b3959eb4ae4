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

const (
	// MaxIncreases is how many times prices increase at most.
	MaxIncreases = 100
	// maxIncreased bounds the amounts of all prices of a plan, each as often as it increases.
	maxIncreased = 100_000
	maxDecimals  = 12
)

// Increase is an agreed increase of the prices of a plan, as of 7 % a year. It takes place by
// itself, at the first beginning of a period of the plan that is not before it is due, so that no
// period is divided. Each increase counts from the price that is in force, rounded as Decimals
// says: 100.00, 107.00, 114.49, 122.50.
//
// The count begins with the first period of the plan, at a change to it, and with a reactivation
// that begins anew, each time at the prices of the plan. A pause does not stop it. Prices of
// add-ons, charges that are due once and the plan's minimum stay as they are.
type Increase struct {
	// Percent is by how much prices increase, above 0 and up to 100: 7 is 7 %.
	Percent decimal.Decimal `json:"percent"`
	// Every is the time from one increase to the next, at most 100 years. One of it and of the
	// interval of every phase is a whole number of the other: where a period is longer, prices
	// increase several times when it ends. The zero value: a year.
	Every calendar.Interval `json:"every,omitzero"`
	// First is the time from the beginning of the first period to the first increase. The zero
	// value: as Every.
	First calendar.Interval `json:"first,omitzero"`
	// Charges are the ids of those whose prices increase. Empty: all that recur. A share of an
	// amount ([Percentage], [GraduatedPercentage]) does not increase, and is a fault here.
	Charges []string `json:"charges,omitempty"`
	// KeepNegotiated leaves a price as it is that was negotiated for a subscription. If false it
	// increases too, from what was negotiated.
	KeepNegotiated bool `json:"keep_negotiated,omitempty"`
	// Decimals is the number of decimal places to which a price is rounded that increased,
	// halves away from zero; at most 12. Nil: those of the currency, or of the price itself if it has
	// more; of a minimum and a maximum those of the one that has more.
	Decimals *int `json:"decimals,omitempty"`
	// Times is the number of increases. 0: [MaxIncreases].
	Times int `json:"times,omitempty"`
}

var increaseCodec = strictjson.Struct(
	strictjson.Field("percent", func(v *Increase) *decimal.Decimal { return &v.Percent }, strictjson.DecimalText()).Needed(),
	strictjson.Optional("every", func(v *Increase) *calendar.Interval { return &v.Every }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("first", func(v *Increase) *calendar.Interval { return &v.First }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("charges", func(v *Increase) *[]string { return &v.Charges }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("keep_negotiated", func(v *Increase) *bool { return &v.KeepNegotiated }, strictjson.Truth()),
	strictjson.Optional("decimals", func(v *Increase) **int { return &v.Decimals }, strictjson.Pointer(strictjson.Int[int]())),
	strictjson.Optional("times", func(v *Increase) *int { return &v.Times }, strictjson.Int[int]()),
)

// Equal compares by value.
func (i Increase) Equal(o Increase) bool {
	same := (i.Decimals == nil) == (o.Decimals == nil) && (i.Decimals == nil || *i.Decimals == *o.Decimals)
	return same && equalDecimals(&i.Percent, &o.Percent) && i.Every == o.Every && i.First == o.First &&
		slices.Equal(i.Charges, o.Charges) && i.KeepNegotiated == o.KeepNegotiated && i.Times == o.Times
}

func (i Increase) clone() Increase {
	i.Percent, i.Charges = canonical(i.Percent), slices.Clone(i.Charges)
	if i.Decimals != nil {
		places := *i.Decimals
		i.Decimals = &places
	}
	return i
}

// resolved returns i with the defaults filled in.
func (i Increase) resolved() Increase {
	if i.Every.IsZero() {
		i.Every = calendar.Years(1)
	}
	if i.First.IsZero() {
		i.First = i.Every
	}
	if i.Times == 0 {
		i.Times = MaxIncreases
	}
	return i
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order. It does
// not know the plan, with which [Plan.Validate] compares it.
func (i Increase) Validate() error { return validate(i) }

func (i Increase) check(f faults) {
	if err := dec.Check(i.Percent); err != nil {
		f.field("percent").add(err)
	} else {
		f.field("percent").require(i.Percent.IsPositive() && !i.Percent.GreaterThan(hundred), fault.OutOfRange, "must be above 0 and at most 100")
	}
	f.field("every").interval(i.Every)
	f.field("every").require(!i.Every.IsValid() || stepOf(i.Every).atMost(100), fault.OutOfRange, "must be at most 100 years")
	f.field("first").interval(i.First)
	f.field("first").require(!i.First.IsValid() || stepOf(i.First).atMost(100), fault.OutOfRange, "must be at most 100 years")
	charges := f.field("charges")
	charges.atMost(len(i.Charges), MaxCharges)
	seen := make(map[string]bool, len(i.Charges))
	for n, id := range i.Charges {
		charges.index(n).id(id)
		charges.index(n).unique(seen, id)
	}
	if i.Decimals != nil {
		f.field("decimals").require(*i.Decimals >= 0 && *i.Decimals <= maxDecimals, fault.OutOfRange, "must be from 0 to 12")
	}
	f.field("times").require(i.Times >= 0 && i.Times <= MaxIncreases, fault.OutOfRange, "must be from 1 to 100")
}

// atMost reports whether a step is no longer than so many years.
func (s step) atMost(years int) bool {
	if s.months {
		return s.count <= 12*years
	}
	return s.count <= 365*years
}

// MarshalJSON writes a valid increase; an invalid one is an error.
func (i Increase) MarshalJSON() ([]byte, error) { return encode(i, increaseCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (i *Increase) UnmarshalJSON(data []byte) error { return decode(data, i, increaseCodec) }

// Increase returns the increase of prices with its defaults filled in, and whether there is one.
func (v *Version) Increase() (Increase, bool) {
	if v.plan.Increase == nil {
		return Increase{}, false
	}
	return v.plan.Increase.clone().resolved(), true
}

// raises reports whether the price of a charge increases, whatever kind of price it is.
func (i *Increase) raises(c *Charge) bool {
	return !c.Once && (len(i.Charges) == 0 || slices.Contains(i.Charges, c.ID))
}

// checkIncrease checks what an increase has to do with the rest of the plan.
func (p Plan) checkIncrease(f faults) {
	before := len(*f.list)
	i := *p.Increase
	i.check(f)
	f.require(!p.Every.IsZero(), fault.Excluded, "nothing recurs at whose beginning prices could increase")
	if len(*f.list) > before {
		return
	}
	i = i.resolved()
	steps := []calendar.Interval{p.Every}
	all := [][]Charge{p.Charges}
	for _, phase := range p.Phases {
		all = append(all, phase.Charges)
		if !phase.Every.IsZero() {
			steps = append(steps, phase.Every)
		}
	}
	for _, every := range steps {
		switch {
		case !every.IsValid():
			return
		case !stepOf(every).fits(stepOf(i.Every)):
			f.field("every").addf(fault.Inconsistent, "%s and %s have no common boundaries: one must be a whole number of the other", i.Every, every)
			return
		case stepOf(every).count > MaxIncreases*stepOf(i.Every).count:
			f.field("every").addf(fault.OutOfRange, "is less than a hundredth of %s", every)
			return
		}
	}
	f.field("charges").raised(&i, all)
	amounts := 0
	for n, charges := range all {
		every := p.Every
		if n > 0 && !p.Phases[n-1].Every.IsZero() {
			every = p.Phases[n-1].Every
		}
		for k := range charges {
			c := &charges[k]
			if !i.raises(c) {
				continue
			}
			if own := c.Every; own.IsValid() && stepOf(own).count > stepOf(every).count {
				f.field("charges").addf(fault.Inconsistent, "%q bills by a longer interval than the plan: name those that increase", clip(c.ID))
				return
			}
			amounts += c.raisedIn(f, &i, p.Currency)
		}
	}
	f.field("times").require(amounts*i.Times <= maxIncreased, fault.TooMany, "so many prices may not increase so often")
}

// raised checks the charges that an increase names.
func (f faults) raised(i *Increase, all [][]Charge) {
	for n, id := range i.Charges {
		found := false
		for _, charges := range all {
			for _, c := range charges {
				if c.ID == id {
					found = true
					f.index(n).require(!c.Once, fault.Inconsistent, "a charge that is due once does not increase")
				}
			}
		}
		f.index(n).require(found, fault.NotFound, "there is no charge of this id")
	}
}

// raisedIn checks the prices of a charge that increase, and returns how many amounts they have.
func (c *Charge) raisedIn(f faults, i *Increase, currency money.Currency) (amounts int) {
	one := func(p Price, in money.Currency) {
		switch {
		case len(checkPrice(p, "")) > 0 || !in.IsValid():
			return // a fault by itself
		case isShare(p):
			f.field("charges").addf(fault.Inconsistent, "the price of %q is a share of an amount, which does not increase: name those that do", clip(c.ID))
			return
		}
		climb := i.climb(p, in)
		amounts += len(climb.amounts)
		if amounts*i.Times > maxIncreased {
			return // as is said of the whole
		}
		if len(checkPrice(climb.at(i.Times), "")) > 0 {
			f.field("times").addf(fault.OutOfRange, "the price of %q grows beyond what a price can be", clip(c.ID))
		}
	}
	one(c.Price, currency)
	for _, in := range sortedCurrencies(c.Prices) {
		one(c.Prices[in], in)
	}
	return amounts
}

// isShare reports whether a price, or one of a table, is a share of an amount.
func isShare(p Price) bool {
	switch p := p.(type) {
	case Percentage, GraduatedPercentage:
		return true
	case Matrix:
		return p.Default != nil && isShare(p.Default) || slices.ContainsFunc(p.Rows, func(row MatrixRow) bool { return isShare(row.Price) })
	case PerUnit, FlatFee, Volume, Tiered, Package, Stairstep:
	}
	return false
}

// A climb is a price that increases: what each of its amounts is, time by time.
type climb struct {
	increase *Increase
	price    Price
	factor   decimal.Decimal
	places   []int32
	amounts  []decimal.Decimal
	times    int
}

// climb returns the climb of a valid price.
func (i *Increase) climb(p Price, in money.Currency) *climb {
	c := &climb{increase: i, price: p, factor: oneFactor.Add(i.Percent.Shift(-2))}
	withAmounts(clonePrice(p), func(d decimal.Decimal) decimal.Decimal {
		places := int32(in.Digits())
		if i.Decimals != nil {
			places = int32(*i.Decimals)
		} else if own := -d.Exponent(); own > places {
			places = own
		}
		c.places, c.amounts = append(c.places, places), append(c.amounts, d)
		return d
	})
	return c
}

// at returns the price after a number of increases, which never falls from call to call.
func (c *climb) at(times int) Price {
	for ; c.times < times; c.times++ {
		for n, amount := range c.amounts {
			c.amounts[n] = amount.Mul(c.factor).Round(c.places[n])
		}
	}
	n := -1
	return withAmounts(clonePrice(c.price), func(decimal.Decimal) decimal.Decimal {
		n++
		return c.amounts[n]
	})
}

// withAmounts returns a price that nobody else holds with other amounts of money, asked for in
// the order in which they stand.
func withAmounts(p Price, of func(decimal.Decimal) decimal.Decimal) Price {
	bounds := func(b Bounds) Bounds {
		if b.Minimum != nil && b.Maximum != nil {
			// Of as many decimals, so that rounding never puts the one above the other.
			least, most := decimal.RescalePair(*b.Minimum, *b.Maximum)
			b.Minimum, b.Maximum = &least, &most
		}
		for _, d := range []*decimal.Decimal{b.Minimum, b.Maximum} {
			if d != nil {
				*d = of(*d)
			}
		}
		return b
	}
	tiers := func(tiers []Tier) {
		for n := range tiers {
			tiers[n].UnitAmount, tiers[n].FlatAmount = of(tiers[n].UnitAmount), of(tiers[n].FlatAmount)
		}
	}
	switch p := p.(type) {
	case PerUnit:
		p.UnitAmount, p.Bounds = of(p.UnitAmount), bounds(p.Bounds)
		return p
	case FlatFee:
		p.Amount, p.Bounds = of(p.Amount), bounds(p.Bounds)
		return p
	case Package:
		p.PackageAmount, p.Bounds = of(p.PackageAmount), bounds(p.Bounds)
		return p
	case Volume:
		tiers(p.Tiers)
		p.Bounds = bounds(p.Bounds)
		return p
	case Tiered:
		tiers(p.Tiers)
		p.Bounds = bounds(p.Bounds)
		return p
	case Stairstep:
		for n := range p.Steps {
			p.Steps[n].Amount = of(p.Steps[n].Amount)
		}
		p.Bounds = bounds(p.Bounds)
		return p
	case Matrix:
		for n := range p.Rows {
			p.Rows[n].Price = withAmounts(p.Rows[n].Price, of)
		}
		if p.Default != nil {
			p.Default = withAmounts(p.Default, of)
		}
		return p
	case Percentage, GraduatedPercentage:
	}
	return p
}

// raised returns the price of a charge after a number of increases; nil if it does not
// increase.
func (c *CompiledCharge) raised(times int) *CompiledPrice {
	if times < 1 || len(c.increased) == 0 {
		return nil
	}
	return c.increased[min(times, len(c.increased))-1]
}

// raiseCharge compiles the prices that a charge will have.
func (i *Increase) raiseCharge(defined *Charge, c *CompiledCharge, in money.Currency) error {
	if !i.raises(defined) {
		return nil
	}
	climb := i.climb(defined.Price, in)
	c.increased = make([]*CompiledPrice, i.Times)
	for n := range c.increased {
		var err error
		if c.increased[n], err = CompilePrice(climb.at(n+1), in); err != nil {
			return err
		}
		c.increased[n].increases = n + 1
	}
	return nil
}

// raiseNegotiated returns a price that was negotiated after a number of increases, and whether
// it increases.
func (v *Version) raiseNegotiated(charge string, p *CompiledPrice, times int) (*CompiledPrice, bool, error) {
	i := v.plan.Increase
	if i == nil || i.KeepNegotiated || isShare(p.price) {
		return p, false, nil
	}
	for n := range v.phases {
		if c, ok := v.phases[n].byID[charge]; ok && len(c.increased) > 0 {
			rule := i.resolved()
			raised, err := CompilePrice(rule.climb(p.price, p.currency).at(times), p.currency)
			if err != nil {
				return nil, false, err
			}
			raised.increases = times
			return raised, true, nil
		}
	}
	return p, false, nil
}
