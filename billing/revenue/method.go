package revenue

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/money"
)

// A Method says how lines are spread over months. The zero Method is by days, cumulated, in
// UTC, half up.
type Method struct {
	// By says what counts; empty: [Days].
	By By
	// Parts says how parts are rounded; empty: [Cumulated].
	Parts Parts
	// Zone is the zone in which days and months begin: that of the books, or that of the
	// subscription (billing.Invoice.Zone). The zero Zone is UTC.
	Zone calendar.Zone
	// Rounding is how an exact amount becomes one of minor units; empty: money.HalfUp.
	Rounding money.Rounding
}

// Validate returns nil, or every fault as a [fault.FieldError], joined: a word that is not
// one.
func (m Method) Validate() error { return m.faults().Err() }

func (m Method) faults() faults.List {
	var f faults.List
	chosen(&f, "by", m.By)
	chosen(&f, "parts", m.Parts)
	if m.Rounding != "" && !m.Rounding.IsValid() {
		f.Add("rounding", fault.UnknownWord, "unknown rounding %q", clip(string(m.Rounding)))
	}
	return f
}

// resolved returns the method with its defaults.
func (m Method) resolved() Method {
	if m.By == "" {
		m.By = Days
	}
	if m.Parts == "" {
		m.Parts = Cumulated
	}
	if m.Rounding == "" {
		m.Rounding = money.HalfUp
	}
	return m
}

// fraction returns the share of a span that a part of it is. A span without length in
// the method's measure has 0/0.
func (m Method) fraction(part, span calendar.Period) (num, den int64, err error) {
	basis := calendar.ByDay
	switch m.By {
	case Days:
	case Seconds:
		basis = calendar.BySecond
	case Days30:
		basis = calendar.ByDay30
	case Months:
		whole, err := m.monthWeight(span)
		if err != nil {
			return 0, 0, err
		}
		weight, err := m.monthWeight(part)
		return weight, whole, err
	}
	return basis.Fraction(part, span, m.Zone)
}

// wholeMonth is the weight of a month: divisible by every number of days that months have.
const wholeMonth = 28 * 29 * 15 * 31

// monthWeight returns how many months a span is, in parts of wholeMonth.
func (m Method) monthWeight(span calendar.Period) (int64, error) {
	first, last := monthOf(span.Start, m.Zone), monthOf(span.End, m.Zone)
	from, err := m.into(first, span)
	if err != nil {
		return 0, err
	}
	to, err := m.into(last, calendar.Period{Start: span.End, End: span.End})
	return int64(last.index()-first.index())*wholeMonth + to - from, err
}

// into returns how far into its month the start of a span lies.
func (m Method) into(month Month, span calendar.Period) (int64, error) {
	start, err := month.start(m.Zone)
	if err != nil {
		return 0, err
	}
	end, err := month.add(1).start(m.Zone)
	if err != nil {
		return 0, err
	}
	return int64(m.Zone.DaysBetween(start, span.Start)) * wholeMonth / int64(m.Zone.DaysBetween(start, end)), nil
}
