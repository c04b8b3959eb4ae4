package document

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/money"
)

// A sum adds amounts of one currency.
type sum struct {
	m   money.Money
	err error
}

func newSum(c money.Currency) sum { return sum{m: money.FromMinor(0, c)} }

func (s *sum) add(m money.Money) {
	if s.err == nil {
		s.m, s.err = s.m.Add(m)
	}
}

// is reports an amount that is not the sum.
func (s *sum) is(f *faults.List, path string, m money.Money, what string) {
	switch {
	case s.err != nil:
		f.Wrap(path, s.err)
	case s.m != m:
		f.Add(path, fault.Inconsistent, "must be %s, %s", what, s.m)
	}
}

// comes reports whether a line is its quantity times its price, to less than a minor unit
// for the rounding.
func (l Line) comes() bool {
	exact := l.Quantity.Mul(l.Price).Shift(-exponent(l.BaseQuantity))
	for _, a := range l.Allowances {
		exact = exact.Sub(a.Amount.Decimal())
	}
	apart := exact.Sub(l.Net.Decimal()).Abs()
	return apart.LessThan(decimal.New(1, -int32(l.Net.Currency().Digits())))
}

// exponent is k of ten to the power of k.
func exponent(d decimal.Decimal) int32 {
	for k := range int32(maxBase) {
		if d.Equal(decimal.New(1, k)) {
			return k
		}
	}
	return maxBase
}
