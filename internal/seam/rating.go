package seam

import (
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

// A Rating is what billing asks of a plan.CompiledPrice (P) beyond its methods.
type Rating[P any] struct {
	// Mode returns the whole-number arithmetic behind a rounding; money.ErrRounding for
	// what is none.
	Mode func(money.Rounding) (arith.Mode, error)
	// Fast returns the amount of Rate in minor units where whole numbers suffice to
	// compute it, which they do for ordinary prices and quantities. False says nothing
	// about the price or the quantity: Rate then returns the amount, or the error. q lies
	// within the bounds of quantities, as that of every subscription does.
	Fast func(price P, q decimal.Decimal, mode arith.Mode) (minor int64, ok bool)
	// Scaled is Fast of the quantity coefficient * 10^exponent.
	Scaled func(price P, coefficient int64, exponent int32, mode arith.Mode) (minor int64, ok bool)
	// Limit returns a whole quantity up to which every quantity of at most 18 digits and 18
	// decimal places can be rated for a whole period, by any rounding: where single events are
	// rated, as one of them. It says nothing about larger ones.
	Limit func(price P) int64
	// Increases returns how often the price increased by itself.
	Increases func(price P) int
	// Unbounded returns what quantity q costs in a whole period, in major units and
	// before any rounding, without the minimum and the maximum of the price. Errors: as
	// Exact.
	Unbounded func(price P, q decimal.Decimal) (decimal.Decimal, error)
	// Amount returns an amount in major units within the bounds of the price, the
	// minimum multiplied by least/den and the maximum by most/den, rounded once. The
	// amount is one that Unbounded returned, or a sum of differences of such. Errors:
	// money.ErrOverflow if the result does not fit; money.ErrRounding if r is not a
	// rounding; money.ErrDivisionByZero for a den of zero, money.ErrInvalid for one below
	// it.
	Amount func(price P, amount decimal.Decimal, least, most, den int64, r money.Rounding) (money.Money, error)
	// UnboundedOf is Unbounded of a quantity that is a fraction, as a mean, and AmountOf is
	// Amount of what it returned: nothing is rounded before the amount is.
	UnboundedOf func(price P, q *big.Rat) (*big.Rat, error)
	AmountOf    func(price P, amount *big.Rat, least, most, den int64, r money.Rounding) (money.Money, error)
}
