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
	left  *left // nil: the period ends where it always did
}

// left is what was left of a period when its end was moved: it is worth what it was, spread over
// the time up to the new end.
type left struct {
	calendar.Period
	num, den int64           // its worth, in whole periods
	before   measure         // by which the time before it is measured
	of       calendar.Period // the whole period of which it is what is left, as that was
}

// manyParts is more than what is left of a period may be divided into: shares of it are to fit.
const manyParts = 1 << 53

// stretched measures what is left of a period at an instant up to another end: on a grid that goes
// on from there. What was left at an earlier move gets another end, unless time was divided
// since, or the shares of shares would not fit. whole is the one that holds the period.
func (m measure) stretched(whole calendar.Period, at, old, end, divided time.Time, grid calendar.Schedule) (measure, error) {
	again := m.left != nil && m.left.End.Equal(old)
	if again && !divided.After(m.left.Start) {
		return m.until(end, grid), nil
	}
	if m.basis == calendar.BySecond { // in whole seconds from the beginning
		at = whole.Start.Add(at.Sub(whole.Start).Truncate(time.Second))
	}
	num, den, err := m.share(at, old)
	if err != nil {
		return m, err
	}
	if seconds := int64(end.Sub(at)/time.Second) + 1; again && den > manyParts/seconds {
		return m.until(end, grid), nil
	}
	return measure{grid: grid, basis: m.basis, left: &left{Period: calendar.Period{Start: at, End: end}, num: num, den: den, before: m, of: whole}}, nil
}

// until gives what is left another end.
func (m measure) until(end time.Time, grid calendar.Schedule) measure {
	moved := *m.left
	moved.End = end
	m.left, m.grid = &moved, grid
	return m
}

// later moves what is left along with the end of its period, which a resume moved.
func (m measure) later(old, end time.Time) measure {
	if m.left == nil || !m.left.End.Equal(old) {
		return m
	}
	moved := *m.left
	moved.End, moved.Start = end, moved.Start.Add(end.Sub(old))
	if z := m.grid.Zone(); m.basis != calendar.BySecond {
		if start, err := z.Add(m.left.Start, calendar.Days(z.DaysBetween(old, end)), calendar.Clamp); err == nil {
			moved.Start = start
		}
	}
	m.left = &moved
	return m
}

// whole returns the whole period that holds t.
func (m measure) whole(t time.Time) (calendar.Period, error) {
	if m.left != nil && t.Before(m.left.End) {
		if t.Before(m.left.Start) {
			return m.left.before.whole(t)
		}
		return m.left.Period, nil
	}
	if !m.first.IsZero() && m.first.Contains(t) {
		return m.first, nil
	}
	return m.grid.PeriodAt(t)
}

// holding returns the whole period that holds the part: not the one before, where the part
// begins with a civil day on which a period begins later.
func (m measure) holding(part calendar.Period) (calendar.Period, error) {
	if m.left != nil && !part.Start.Before(m.left.of.Start) && part.Start.Before(m.left.End) {
		return m.left.of, nil
	}
	whole, err := m.whole(part.Start)
	if err != nil || !whole.End.Before(part.End) {
		return whole, err
	}
	if inside, err := m.hasLength(part.Start, whole.End); err != nil || inside {
		return whole, err
	}
	return m.whole(whole.End)
}

// lasting returns a whole period as it is now: to the end to which it was moved.
func (m measure) lasting(whole calendar.Period) calendar.Period {
	if m.left != nil && whole.Equal(m.left.of) {
		whole.End = m.left.End
	}
	return whole
}

// share returns what share of whole periods the span [from, to) is: the sum of its
// shares of each that it touches.
func (m measure) share(from, to time.Time) (num, den int64, err error) {
	num, den = 0, 1
	if l := m.left; l != nil && from.Before(l.End) {
		if num, den, err = l.share(m.basis, from, earlier(to, l.End)); err != nil {
			return 0, 0, err
		}
		from = l.End
	}
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

// share returns what share of whole periods a span is that lies before what is left or in it.
func (l *left) share(basis calendar.Basis, from, to time.Time) (num, den int64, err error) {
	num, den = 0, 1
	if from.Before(l.Start) {
		before := l.before
		before.basis = basis
		if num, den, err = before.share(from, earlier(to, l.Start)); err != nil {
			return 0, 0, err
		}
		from = l.Start
	}
	if !from.Before(to) {
		return num, den, nil
	}
	n, d, err := l.part(basis, from, to)
	if err != nil {
		return 0, 0, err
	}
	if n, d, err = times(n, d, l.num, l.den); err != nil {
		return 0, 0, err
	}
	return addFractions(num, den, n, d)
}

// part returns what part of what is left a span of it is.
func (l *left) part(basis calendar.Basis, from, to time.Time) (num, den int64, err error) {
	since := func(t time.Time) int64 { return int64(t.Sub(l.Start) / time.Second) }
	if den = since(l.End); basis == calendar.BySecond && den > 0 {
		return since(to) - since(from), den, nil
	}
	return fraction(basis, calendar.Period{Start: from, End: to}, l.Period, l.before.grid.Zone())
}

// times multiplies two fractions.
func times(n1, d1, n2, d2 int64) (int64, int64, error) {
	g, h := max(gcd(n1, d2), 1), max(gcd(n2, d1), 1)
	n, ok1 := mul(n1/g, n2/h)
	d, ok2 := mul(d1/h, d2/g)
	if !ok1 || !ok2 {
		return 0, 0, money.ErrOverflow
	}
	return n, d, nil
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
