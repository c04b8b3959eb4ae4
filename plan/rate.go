package plan

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

// fastCurve is a curve in whole numbers. Quantities are counted in units of 10^-scale, amounts in
// units of 10^-(k + digits) of the currency, where drop = 10^k turns them into minor units. It
// rates only where every intermediate number fits; everything else, errors included, is left to the
// exact curve. The zero fastCurve rates nothing.
type fastCurve struct {
	ends   []uint64 // upper ends of all pieces, inclusive; an open end is the largest number
	pieces []fastPiece
	scale  int32
	free   uint64
	drop   uint64
	least  arith.U128
	most   arith.U128

	zeroFree bool
	bounded  bool
}

type fastPiece struct {
	base arith.U128
	unit uint64
	from uint64
	size uint64 // 0: no packages
}

// preferredScale is the number of decimal places of a quantity that the fast path accepts if the
// price leaves room for it: grams of a tonne, milliseconds of an hour.
const preferredScale = 6

// maxPow10 is the largest power of ten within 64 bits.
const maxPow10 = 19

var pow10 = [maxPow10 + 1]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// compile returns the curve in whole numbers, at the preferred scale of quantities or the nearest
// one at which the price fits. A price that fits at no scale has the zero fastCurve.
func (c *curve) compile(digits int) fastCurve {
	quantity, amount := c.places()
	for scale := max(quantity, preferredScale); scale >= quantity; scale-- {
		if f, ok := c.compileAt(scale, max(scale+amount, digits), digits); ok {
			return f
		}
	}
	return fastCurve{}
}

// places returns how many decimal places the quantities and the amounts of the price need.
func (c *curve) places() (quantity, amount int) {
	widen := func(places *int, d decimal.Decimal) { *places = max(*places, -int(canonical(d).Exponent())) }
	widen(&quantity, c.free)
	for i := range c.pieces {
		p := &c.pieces[i]
		widen(&quantity, p.above)
		widen(&quantity, p.size)
		if p.upTo != nil {
			widen(&quantity, *p.upTo)
		}
		widen(&amount, p.unit)
		widen(&amount, p.flat)
	}
	for _, bound := range []*decimal.Decimal{c.bounds.Minimum, c.bounds.Maximum} {
		if bound != nil {
			widen(&amount, *bound)
		}
	}
	return quantity, amount
}

func (c *curve) compileAt(scale, amountScale, digits int) (fastCurve, bool) {
	if amountScale-digits > maxPow10 {
		return fastCurve{}, false
	}
	f := fastCurve{scale: int32(scale), drop: pow10[amountScale-digits], zeroFree: c.zeroFree}
	fits := true
	quantity := func(d decimal.Decimal) uint64 {
		n, ok := whole(d, scale)
		fits = fits && ok && n.Hi == 0
		return n.Lo
	}
	amount := func(d decimal.Decimal) arith.U128 {
		n, ok := whole(d, amountScale)
		fits = fits && ok
		return n
	}

	f.free = quantity(c.free)
	for i := range c.pieces {
		p := &c.pieces[i]
		end := uint64(math.MaxUint64)
		if p.upTo != nil {
			end = quantity(*p.upTo)
		}
		// A unit counts 10^scale of the quantity's units, a package counts one.
		unitScale := amountScale
		if p.size.IsZero() {
			unitScale -= scale
		}
		unit, ok := whole(p.unit, unitScale)
		fits = fits && ok && unit.Hi == 0
		f.ends = append(f.ends, end)
		f.pieces = append(f.pieces, fastPiece{
			base: amount(p.base), unit: unit.Lo, from: quantity(p.from), size: quantity(p.size),
		})
	}
	f.most = arith.U128{Hi: math.MaxUint64, Lo: math.MaxUint64}
	if c.bounds.Minimum != nil {
		f.least, f.bounded = amount(*c.bounds.Minimum), true
	}
	if c.bounds.Maximum != nil {
		f.most, f.bounded = amount(*c.bounds.Maximum), true
	}
	return f, fits
}

// A line is a price of one piece in minor units: base, and unit for each whole unit. Most flat
// fees and prices per unit are one, because their amounts are whole minor units; no rounding
// enters. The zero line is none.
type line struct {
	base, unit int64
	isLine     bool
}

// line returns the price as a line, if it is one.
func (c *curve) line(in money.Currency) line {
	if len(c.pieces) != 1 || c.closed || c.zeroFree || !c.free.IsZero() {
		return line{}
	}
	p := &c.pieces[0]
	if !p.size.IsZero() || !p.from.IsZero() {
		return line{}
	}
	amount := p.base
	if p.unit.IsZero() {
		amount = c.bounds.apply(amount)
	} else if c.bounds != (Bounds{}) {
		return line{}
	}
	base, baseErr := money.Exact(amount, in)
	unit, unitErr := money.Exact(p.unit, in)
	if baseErr != nil || unitErr != nil {
		return line{}
	}
	return line{base: base.Minor(), unit: unit.Minor(), isLine: true}
}

// at returns the amount of a quantity in minor units; false where the line does not tell.
func (l *line) at(coefficient int64, exponent int32) (minor int64, ok bool) {
	if !l.isLine || coefficient < 0 {
		return 0, false
	}
	if l.unit == 0 {
		return l.base, -18 <= exponent && exponent <= 0
	}
	hi, lo := bits.Mul64(uint64(l.unit), uint64(coefficient))
	if exponent != 0 || hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	minor = l.base + int64(lo)
	return minor, minor >= l.base
}

// whole returns d times 10^scale, d having at most scale places, if that fits 128 bits.
func whole(d decimal.Decimal, scale int) (arith.U128, bool) {
	places := scale + int(d.Exponent())
	if places < 0 {
		return arith.U128{}, false
	}
	n := d.Coefficient()
	if n.Mul(n, pow10Big(places)); n.BitLen() > 128 {
		return arith.U128{}, false
	}
	lo := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64))
	return arith.U128{Hi: n.Rsh(n, 64).Uint64(), Lo: lo.Uint64()}, true
}

// amount is what a quantity costs, at the amounts' scale.
func (f *fastCurve) amount(coefficient int64, exponent int32) (hi, lo uint64, ok bool) {
	shift := exponent + f.scale
	if coefficient < 0 || uint32(shift) > maxPow10 || len(f.pieces) == 0 {
		return 0, 0, false
	}
	over, units := bits.Mul64(uint64(coefficient), pow10[shift])
	if over != 0 {
		return 0, 0, false
	}
	if units > f.free {
		units -= f.free
	} else {
		units = 0
	}
	if units != 0 || !f.zeroFree {
		i := f.find(units)
		if i == len(f.pieces) {
			return 0, 0, false
		}
		p := &f.pieces[i]
		count := units - p.from
		if p.size != 0 {
			packages := count / p.size
			if packages*p.size != count {
				packages++
			}
			count = packages
		}
		var carry uint64
		hi, lo = bits.Mul64(p.unit, count)
		lo, carry = bits.Add64(lo, p.base.Lo, 0)
		hi, carry = bits.Add64(hi, p.base.Hi, carry)
		if carry != 0 {
			return 0, 0, false
		}
	}
	if f.bounded {
		hi, lo = f.bound(hi, lo)
	}
	return hi, lo, true
}

// find returns the first piece that ends at or above the units; none: the number of pieces. It
// halves the rest until few are left, and counts those without a branch: no processor can predict a
// customer's quantity.
func (f *fastCurve) find(units uint64) int {
	first, ends := 0, f.ends
	for len(ends) > 8 {
		half := len(ends) / 2
		if ends[half-1] < units {
			first += half
			ends = ends[half:]
		} else {
			ends = ends[:half]
		}
	}
	for _, end := range ends {
		_, below := bits.Sub64(end, units, 0)
		first += int(below)
	}
	return first
}

func (f *fastCurve) bound(hi, lo uint64) (uint64, uint64) {
	switch amount := (arith.U128{Hi: hi, Lo: lo}); {
	case amount.Cmp(f.least) < 0:
		return f.least.Hi, f.least.Lo
	case amount.Cmp(f.most) > 0:
		return f.most.Hi, f.most.Lo
	}
	return hi, lo
}

// rate is the amount in minor units, rounded once.
func (f *fastCurve) rate(coefficient int64, exponent int32, mode arith.Mode) (minor int64, ok bool) {
	hi, lo, ok := f.amount(coefficient, exponent)
	if !ok || hi >= f.drop { // the quotient would not fit 64 bits
		return 0, false
	}
	quotient, rest := bits.Div64(hi, lo, f.drop)
	if quotient > math.MaxInt64 {
		return 0, false
	}
	if mode.Increment(false, quotient&1 == 1, arith.CompareHalf(rest, f.drop), rest == 0) {
		quotient++
	}
	return int64(quotient), quotient <= math.MaxInt64
}

// ratePart is num/den of the amount in minor units, rounded once with the sign of num.
func (f *fastCurve) ratePart(q decimal.Decimal, num, den int64, mode arith.Mode) (minor int64, ok bool) {
	// See rateFast.
	if q.NumDigits() > 18 {
		return 0, false
	}
	hi, lo, ok := f.amount(q.CoefficientInt64(), q.Exponent())
	if !ok {
		return 0, false
	}
	negative, share := num < 0, uint64(num)
	if negative {
		share = -share
	}
	n, over := arith.U128{Hi: hi, Lo: lo}.MulU64(share)
	if over {
		return 0, false
	}
	d := arith.Mul64(f.drop, uint64(den))
	quotient, rest := n.QuoRem(d)
	if quotient.Hi != 0 || quotient.Lo > math.MaxInt64 {
		return 0, false
	}
	other, _ := d.Sub(rest)
	if mode.Increment(negative, quotient.Lo&1 == 1, rest.Cmp(other), rest.IsZero()) {
		quotient.Lo++
	}
	switch {
	case quotient.Lo > math.MaxInt64:
		return 0, false
	case negative:
		return -int64(quotient.Lo), true
	}
	return int64(quotient.Lo), true
}
