package arith

import "math/bits"

// U128 is an unsigned 128-bit integer, Hi*2^64 + Lo. The zero value is 0; values are compared
// with == or ordered by Cmp.
type U128 struct {
	Hi, Lo uint64
}

// Mul64 returns a*b, which always fits.
func Mul64(a, b uint64) U128 {
	hi, lo := bits.Mul64(a, b)
	return U128{Hi: hi, Lo: lo}
}

// IsZero reports whether u is 0.
func (u U128) IsZero() bool {
	return u.Hi|u.Lo == 0
}

// Cmp returns -1, 0 or +1 as u is less than, equal to or greater than v.
func (u U128) Cmp(v U128) int {
	switch {
	case u == v:
		return 0
	case u.Hi < v.Hi || (u.Hi == v.Hi && u.Lo < v.Lo):
		return -1
	default:
		return +1
	}
}

// Add returns u+v modulo 2^128, and whether the sum did not fit.
func (u U128) Add(v U128) (sum U128, carry bool) {
	lo, c := bits.Add64(u.Lo, v.Lo, 0)
	hi, c := bits.Add64(u.Hi, v.Hi, c)
	return U128{Hi: hi, Lo: lo}, c != 0
}

// Sub returns u-v modulo 2^128, and whether v was the greater.
func (u U128) Sub(v U128) (diff U128, borrow bool) {
	lo, b := bits.Sub64(u.Lo, v.Lo, 0)
	hi, b := bits.Sub64(u.Hi, v.Hi, b)
	return U128{Hi: hi, Lo: lo}, b != 0
}

// MulU64 returns u*x modulo 2^128, and whether the product did not fit.
func (u U128) MulU64(x uint64) (product U128, overflow bool) {
	hi, lo := bits.Mul64(u.Lo, x)
	over, mid := bits.Mul64(u.Hi, x)
	hi, carry := bits.Add64(hi, mid, 0)
	return U128{Hi: hi, Lo: lo}, over|carry != 0
}

// QuoRemU64 returns the quotient and the remainder of u/d. A d of zero panics, as x/0 does.
func (u U128) QuoRemU64(d uint64) (q U128, r uint64) {
	if u.Hi < d {
		q.Lo, r = bits.Div64(u.Hi, u.Lo, d)
		return q, r
	}
	q.Hi, r = u.Hi/d, u.Hi%d
	q.Lo, r = bits.Div64(r, u.Lo, d)
	return q, r
}

// QuoRem returns the quotient and the remainder of u/d. A d of zero panics, as x/0 does.
func (u U128) QuoRem(d U128) (q, r U128) {
	if d.Hi == 0 {
		q, r.Lo = u.QuoRemU64(d.Lo)
		return q, r
	}
	// d has more than 64 bits, so the quotient has fewer. Divide by the leading 64 bits of d
	// with u halved, so that the hardware division cannot overflow; the estimate is then at most
	// one too large, and taking one off makes it at most one too small
	// (Hacker's Delight, 9-5).
	n := uint(bits.LeadingZeros64(d.Hi))
	top := d.shiftLeft(n).Hi
	half := u.shiftRightOne()
	estimate, _ := bits.Div64(half.Hi, half.Lo, top)
	estimate >>= 63 - n
	if estimate != 0 {
		estimate--
	}
	q = U128{Lo: estimate}
	product, _ := d.MulU64(estimate)
	r, _ = u.Sub(product)
	if r.Cmp(d) >= 0 {
		q.Lo++
		r, _ = r.Sub(d)
	}
	return q, r
}

// shiftLeft returns u<<n for n below 64.
func (u U128) shiftLeft(n uint) U128 {
	return U128{Hi: u.Hi<<n | u.Lo>>(64-n), Lo: u.Lo << n}
}

// shiftRightOne returns u>>1.
func (u U128) shiftRightOne() U128 {
	return U128{Hi: u.Hi >> 1, Lo: u.Lo>>1 | u.Hi<<63}
}
