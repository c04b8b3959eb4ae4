package arith

import "math/big"

// RoundBig returns num/den as a whole number, rounded by m. Both may be negative and of any size;
// neither is changed, and the result is always new. A den of zero panics, as x/0 does.
func RoundBig(num, den *big.Int, m Mode) *big.Int {
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Sign() == 0 {
		return q
	}
	// The sign has to come from the operands: a quotient truncated to zero has lost it.
	negative := num.Sign() != den.Sign()
	odd := q.Bit(0) == 1
	half := r.Lsh(r, 1).CmpAbs(den)
	if m.Increment(negative, odd, half, false) {
		if negative {
			return q.Sub(q, big.NewInt(1))
		}
		return q.Add(q, big.NewInt(1))
	}
	return q
}
