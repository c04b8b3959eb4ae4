package billing

import (
	"errors"
	"math/bits"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
)

// share answers what share of whole periods the span [from, to) is, by the
// grid's periods that it touches: the denominator of a part is always the whole
// period of the grid that holds it.
func share(g calendar.Schedule, basis calendar.Basis, from, to time.Time) (num, den int64, err error) {
	if !to.After(from) {
		return 0, 1, nil
	}
	num, den = 0, 1
	for from.Before(to) {
		whole, err := g.PeriodAt(from)
		if err != nil {
			return 0, 0, err
		}
		end := whole.End
		if end.After(to) {
			end = to
		}
		n, d, err := fraction(basis, calendar.Period{Start: from, End: end}, whole, g.Zone())
		if err != nil {
			return 0, 0, err
		}
		if num, den, err = sum(num, den, n, d); err != nil {
			return 0, 0, err
		}
		from = end
	}
	return num, den, nil
}

// fraction is Basis.Fraction; a whole of no civil days, which days cannot
// divide, is divided by seconds.
func fraction(basis calendar.Basis, part, whole calendar.Period, z calendar.Zone) (num, den int64, err error) {
	if part.Equal(whole) {
		return 1, 1, nil
	}
	num, den, err = basis.Fraction(part, whole, z)
	if errors.Is(err, calendar.ErrEmptyPeriod) && basis != calendar.BySecond {
		return calendar.BySecond.Fraction(part, whole, z)
	}
	return num, den, err
}

// sum adds two fractions, over the least common denominator: those of instants
// with fractions of a second are large.
func sum(n1, d1, n2, d2 int64) (int64, int64, error) {
	if n1 == 0 {
		return n2, d2, nil
	}
	if d1 == d2 {
		return n1 + n2, d1, nil
	}
	g := gcd(d1, d2)
	a, ok1 := mul(n1, d2/g)
	b, ok2 := mul(n2, d1/g)
	d, ok3 := mul(d1/g, d2)
	if !ok1 || !ok2 || !ok3 || a+b < a {
		return 0, 0, money.ErrOverflow
	}
	return a + b, d, nil
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && lo>>63 == 0
}
