package billing

import (
	"errors"
	"math/bits"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
)

// A measure says of which whole periods the parts are shares: those of a grid, and
// a first period that is billed whole or not at all, which is a period of its own.
type measure struct {
	grid  calendar.Schedule
	first calendar.Period // zero: the first period is a part of the grid's
	basis calendar.Basis
}

// whole returns the whole period that holds t.
func (m measure) whole(t time.Time) (calendar.Period, error) {
	if !m.first.IsZero() && m.first.Contains(t) {
		return m.first, nil
	}
	return m.grid.PeriodAt(t)
}

// holding returns the whole period that holds the part: not the one before, where the part
// begins with a civil day on which a period begins later.
func (m measure) holding(part calendar.Period) (calendar.Period, error) {
	whole, err := m.whole(part.Start)
	if err != nil || !whole.End.Before(part.End) {
		return whole, err
	}
	if inside, err := m.hasLength(part.Start, whole.End); err != nil || inside {
		return whole, err
	}
	return m.whole(whole.End)
}

// share returns what share of whole periods the span [from, to) is: the sum of its
// shares of each that it touches.
func (m measure) share(from, to time.Time) (num, den int64, err error) {
	num, den = 0, 1
	for from.Before(to) {
		whole, err := m.whole(from)
		if err != nil {
			return 0, 0, err
		}
		end := earlier(whole.End, to)
		n, d, err := fraction(m.basis, calendar.Period{Start: from, End: end}, whole, m.grid.Zone())
		if err != nil {
			return 0, 0, err
		}
		if num, den, err = addFractions(num, den, n, d); err != nil {
			return 0, 0, err
		}
		from = end
	}
	return num, den, nil
}

// hasLength reports whether a span has any length: a civil day more, or a share of a
// whole period above zero. By thirty-day months the 30th to the 31st is a day without a share.
func (m measure) hasLength(from, to time.Time) (bool, error) {
	if m.grid.Zone().DaysBetween(from, to) > 0 {
		return true, nil
	}
	num, _, err := m.share(from, to)
	return num > 0, err
}

// fraction is Basis.Fraction; a whole without civil days, which cannot be divided by
// days, is divided by seconds.
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

// ratio returns the length of a part over the length of a whole that need not hold
// it: what was billed keeps its worth when a pause moves it to later days. It is at
// most 1.
func ratio(basis calendar.Basis, part, whole calendar.Period, z calendar.Zone) (num, den int64, err error) {
	if !part.Start.Before(whole.Start) && !part.End.After(whole.End) {
		return fraction(basis, part, whole, z)
	}
	both := calendar.Period{Start: earlier(part.Start, whole.Start), End: later(part.End, whole.End)}
	num, all, err := basis.Fraction(part, both, z)
	if err != nil {
		return 0, 0, err
	}
	den, total, err := basis.Fraction(whole, both, z)
	if err != nil {
		return 0, 0, err
	}
	if all != total { // one of the two needed finer units
		var ok1, ok2 bool
		num, ok1 = mul(num, total)
		den, ok2 = mul(den, all)
		if !ok1 || !ok2 {
			return 0, 0, money.ErrOverflow
		}
	}
	if den == 0 {
		return 0, 1, nil
	}
	return min(num, den), den, nil
}

// addFractions adds two fractions over their least common denominator: those of
// instants with fractions of a second are large.
func addFractions(n1, d1, n2, d2 int64) (int64, int64, error) {
	switch {
	case n1 == 0:
		return n2, d2, nil
	case n2 == 0:
		return n1, d1, nil
	case d1 == d2:
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

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
