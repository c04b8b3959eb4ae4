package plan

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
)

// CreditPack is a number of credits that a subscriber may buy at a price below (or
// equal to) their list price. The price of the pack is PercentOff below the list
// price, or Price if that is set.
type CreditPack struct {
	// ID names the pack; it is unique in the plan.
	ID string
	// Name is for people. It may be empty.
	Name string
	// Credits is the number of credits in the pack, 1 or more.
	Credits int64
	// ListPrice is the price of one credit outside of a pack, in major units, zero or
	// more. It may have more digits than the currency.
	ListPrice decimal.Decimal
	// PercentOff is how far the pack is below the list price, from 0 to 100.
	PercentOff decimal.Decimal
	// Price is the price of the whole pack in major units. Nil: by PercentOff. It
	// does not exceed the list price of the credits, unless that is zero: then no
	// list price is known, and nothing is saved.
	Price *decimal.Decimal
	// ValidFor is how long the credits can be spent. The zero value: without end.
	ValidFor calendar.Interval
	// ExtendsPaid says that buying the pack moves the expiry of all paid credits that
	// are still in the balance to that of the pack, if that is later: paid credits
	// expire ValidFor after the latest purchase. It needs ValidFor.
	ExtendsPaid bool
}

// PaidCredits is the class of the credit grants of credit packs.
const PaidCredits = "paid"

// PackPrice is what a credit pack costs in a currency, and what it saves. Savings
// and Discount are for display: the price is already net.
type PackPrice struct {
	// List is the list price of all credits of the pack, rounded.
	List money.Money
	// Price is the price of the pack, rounded.
	Price money.Money
	// Savings is List less Price, so that the three add up.
	Savings money.Money
	// Discount is how far Price is below List before both are rounded, in whole
	// percent, a half going up.
	Discount int
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (p CreditPack) Validate() error { return validate(p) }

// Equal compares by value.
func (p CreditPack) Equal(o CreditPack) bool {
	return p.ID == o.ID && p.Name == o.Name && p.Credits == o.Credits && equalDecimal(p.ListPrice, o.ListPrice) &&
		equalDecimal(p.PercentOff, o.PercentOff) && equalDecimals(p.Price, o.Price) && p.ValidFor == o.ValidFor &&
		p.ExtendsPaid == o.ExtendsPaid
}

// In returns the price of the pack in a currency, each amount rounded once by r. It
// returns the faults of a pack that is not valid, money.ErrUnknownCurrency,
// money.ErrRounding, or money.ErrOverflow. A plan asks this for its own currency
// and rounding: see [Version.PackPrice].
func (p CreditPack) In(c money.Currency, r money.Rounding) (PackPrice, error) {
	if err := p.Validate(); err != nil {
		return PackPrice{}, err
	}
	return p.in(c, r)
}

func (p CreditPack) in(c money.Currency, r money.Rounding) (PackPrice, error) {
	exactList, exactPrice := p.exact()
	list, err := money.FromDecimal(exactList, c, r)
	if err != nil {
		return PackPrice{}, fmt.Errorf("plan: list price of credit pack %q: %w", p.ID, err)
	}
	price, err := money.FromDecimal(exactPrice, c, r)
	if err != nil {
		return PackPrice{}, fmt.Errorf("plan: price of credit pack %q: %w", p.ID, err)
	}
	savings, err := list.Sub(price)
	if err != nil {
		return PackPrice{}, fmt.Errorf("plan: savings of credit pack %q: %w", p.ID, err)
	}
	return PackPrice{list, price, savings, percentOff(exactList, exactPrice)}, nil
}

// exact returns the list price and the price of the pack, in major units.
func (p CreditPack) exact() (list, price decimal.Decimal) {
	list = p.ListPrice.Mul(decimal.NewFromInt(p.Credits))
	switch {
	case p.Price == nil:
		return list, list.Mul(hundred.Sub(p.PercentOff)).Shift(-2)
	case list.IsZero():
		return *p.Price, *p.Price
	}
	return list, *p.Price
}

// percentOff is how far price is below list in whole percent, a half going away
// from zero; 0 for a list price of zero.
func percentOff(list, price decimal.Decimal) int {
	if !list.IsPositive() {
		return 0
	}
	twice, _ := list.Sub(price).Mul(decimal.NewFromInt(200)).QuoRem(list, 0)
	n := twice.IntPart()
	if n < 0 {
		return int((n - 1) / 2)
	}
	return int((n + 1) / 2)
}

// Grant returns what a purchase of the pack at an instant grants: its credits, in the
// class [PaidCredits], until the pack's ValidFor after that instant by the calendar
// of the zone. The id names the purchase; it must be unique in the balance. It
// returns the faults of a pack or an id that is not valid, or calendar.ErrRange.
func (p CreditPack) Grant(id string, at time.Time, z calendar.Zone) (feature.CreditGrant, error) {
	if err := p.Validate(); err != nil {
		return feature.CreditGrant{}, err
	}
	g := feature.CreditGrant{ID: id, Class: PaidCredits, Amount: decimal.NewFromInt(p.Credits), From: micro.Floor(at)}
	if !p.ValidFor.IsZero() {
		until, err := z.Add(g.From, p.ValidFor, calendar.Clamp)
		if err != nil {
			return feature.CreditGrant{}, fmt.Errorf("plan: expiry of credit pack %q: %w", p.ID, err)
		}
		g.Until = until
	}
	if err := g.Validate(); err != nil {
		return feature.CreditGrant{}, fmt.Errorf("plan: grant of credit pack %q: %w", p.ID, err)
	}
	return g, nil
}

func (p CreditPack) clone() CreditPack {
	p.ListPrice, p.PercentOff, p.Price = canonical(p.ListPrice), canonical(p.PercentOff), canonicalBound(p.Price)
	return p
}

func (p CreditPack) check(f faults) {
	f.field("id").id(p.ID)
	f.field("name").name(p.Name)
	f.field("credits").require(p.Credits >= 1, fault.OutOfRange, "must be at least 1")
	f.field("list_price").notNegative(p.ListPrice)
	off := f.field("percent_off")
	if err := dec.Check(p.PercentOff); err != nil {
		off.add(err)
	} else {
		off.require(!p.PercentOff.IsNegative() && !p.PercentOff.GreaterThan(hundred), fault.OutOfRange, "must be from 0 to 100")
		off.require(p.PercentOff.IsZero() || p.Price == nil, fault.Excluded, "must be left out of a pack that has a price")
	}
	if p.Price != nil {
		f.field("price").notNegative(*p.Price)
		if dec.Check(*p.Price) == nil && dec.Check(p.ListPrice) == nil {
			list, price := p.exact()
			f.field("price").require(!price.GreaterThan(list), fault.OutOfRange, "must not exceed the list price of the credits")
		}
	}
	f.field("valid_for").interval(p.ValidFor)
	f.field("extends_paid").require(!p.ExtendsPaid || !p.ValidFor.IsZero(), fault.Excluded, "must be left out of a pack whose credits never expire")
}

// MarshalJSON writes a valid credit pack; an invalid one is an error.
func (p CreditPack) MarshalJSON() ([]byte, error) { return encode(p, creditPackCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (p *CreditPack) UnmarshalJSON(data []byte) error { return decode(data, p, creditPackCodec) }
