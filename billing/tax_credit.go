package billing

import (
	"math/big"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

// A taxGroup is one tax as it was charged and rounded once, by line or by invoice, on
// lines that can be credited. Credits of these lines give back shares of it, all
// credits so far together rounded once, so that in the end all of it is given back,
// and nothing more.
//
// Lines that cannot be credited are not in the group of their invoice: where a run
// resumes, those of the period before are not made again.
type taxGroup struct {
	rate countedRate
	of   LineRef // the tax line, or that which would be there
	tax  int64   // what was charged, in minor units
	// base is what it was counted on, credited what credits gave back of that: exact,
	// in minor units.
	base, credited *big.Rat
	given          int64 // what credits gave back of the tax; not negative
}

func newTaxGroup(rate countedRate, of LineRef, tax money.Money, base *big.Rat) *taxGroup {
	return &taxGroup{rate: rate, of: of, tax: tax.Minor(), base: base, credited: new(big.Rat)}
}

// giveBack returns the tax of a credit, zero or below: base is what the credit gives
// back, below zero.
func (g *taxGroup) giveBack(base *big.Rat, c money.Currency, rounding money.Rounding) (money.Money, error) {
	g.credited = new(big.Rat).Sub(g.credited, base)
	share := g.share()
	amount, err := rounded(share.Neg(share), c, rounding)
	if err != nil {
		return amount, err
	}
	if amount, err = amount.Add(money.FromMinor(g.given, c)); err != nil {
		return amount, err
	}
	if amount.Sign() > 0 { // earlier credits were rounded by another rule
		amount = money.FromMinor(0, c)
	}
	g.given -= amount.Minor()
	return amount, nil
}

// share is the exact tax of all that was credited: a share of what was charged. A
// credit on the list basis may amount to more than was billed; that part carries tax by
// the rate.
func (g *taxGroup) share() *big.Rat {
	within, beyond := g.credited, new(big.Rat).Sub(g.credited, g.base)
	switch {
	case g.base.Sign() <= 0:
		return g.rate.of(g.credited)
	case beyond.Sign() <= 0:
		share := new(big.Rat).Quo(within, g.base)
		return share.Mul(share, new(big.Rat).SetInt64(g.tax))
	}
	share := g.rate.of(beyond)
	return share.Add(share, new(big.Rat).SetInt64(g.tax))
}

// of returns the exact tax of a base.
func (r countedRate) of(base *big.Rat) *big.Rat {
	return new(big.Rat).Mul(base, big.NewRat(r.num, hundred))
}

// base returns what taxes are counted on of the line: exact, in minor units.
func (l taxedLine) base() *big.Rat {
	base := big.NewRat(hundred, l.how.den)
	return base.Mul(base, new(big.Rat).SetInt64(l.net.Minor()))
}

// rounded rounds an exact number of minor units.
func rounded(exact *big.Rat, c money.Currency, rounding money.Rounding) (money.Money, error) {
	mode, err := prices.Mode(rounding)
	if err != nil {
		return money.Money{}, err
	}
	minor := arith.RoundBig(exact.Num(), exact.Denom(), mode)
	if !minor.IsInt64() {
		return money.Money{}, money.ErrOverflow
	}
	return money.FromMinor(minor.Int64(), c), nil
}
