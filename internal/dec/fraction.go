package dec

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// ShownPlaces is how many decimal places are shown of a fraction.
const ShownPlaces = 10

// Shown returns a fraction as it is shown, rounded half away from zero to [ShownPlaces] and
// without trailing zeros. Nothing is computed from it.
func Shown(r *big.Rat) decimal.Decimal {
	if r.IsInt() {
		return canonicalOr(decimal.NewFromBigInt(r.Num(), 0))
	}
	// (2n + d) / 2d, of a magnitude, is n/d rounded half up.
	n := new(big.Int).Abs(r.Num())
	n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(ShownPlaces), nil))
	n.Add(n.Lsh(n, 1), r.Denom())
	n.Quo(n, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return canonicalOr(decimal.NewFromBigInt(n, -ShownPlaces))
}
