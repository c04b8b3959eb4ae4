package revenue

import (
	"slices"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// A Schedule says in which month how much is recognised. It is a result of [Recognise].
type Schedule struct {
	// Lines are the lines that were given, in their order, without taxes.
	Lines []LineSchedule
	// Months are the sums of all lines: each month from the first to the last, also those
	// of nothing. They add up to the lines.
	Months []Part
}

// A LineSchedule is one line of a [Schedule].
type LineSchedule struct {
	// Line names the line.
	Line billing.LineRef
	// Of names the line that a discount or a credit reduces; zero otherwise.
	Of billing.LineRef
	// Amount is what it amounts to: the sum of the months.
	Amount money.Money
	// Months are the parts, in order.
	Months []Part
}

// total makes the schedule of what was spread.
func total(entries []entry) (Schedule, error) {
	var s Schedule
	sums := map[Month]money.Money{}
	var first, last Month
	for i := range entries {
		e := &entries[i]
		if e.line.Kind == billing.TaxLine {
			continue
		}
		s.Lines = append(s.Lines, LineSchedule{Line: e.line.Ref(), Of: e.line.Of, Amount: e.line.Amount, Months: e.parts})
		for _, p := range e.parts {
			if first.IsZero() || p.Month.compare(first) < 0 {
				first = p.Month
			}
			if p.Month.compare(last) > 0 {
				last = p.Month
			}
			sum, ok := sums[p.Month]
			if !ok {
				sums[p.Month] = p.Amount
				continue
			}
			sum, err := sum.Add(p.Amount)
			if err != nil {
				return Schedule{}, at(i, err)
			}
			sums[p.Month] = sum
		}
	}
	if len(sums) == 0 {
		return s, nil
	}
	for m := first; m.compare(last) <= 0; m = m.add(1) {
		sum, ok := sums[m]
		if !ok {
			sum = money.FromMinor(0, entries[0].line.Amount.Currency())
		}
		s.Months = append(s.Months, Part{Month: m, Amount: sum})
	}
	return s, nil
}

// Equal reports whether two schedules say the same, instants whatever their zones.
func (s Schedule) Equal(o Schedule) bool {
	return slices.Equal(s.Months, o.Months) && slices.EqualFunc(s.Lines, o.Lines, func(a, b LineSchedule) bool {
		return sameRef(a.Line, b.Line) && sameRef(a.Of, b.Of) && a.Amount == b.Amount && slices.Equal(a.Months, b.Months)
	})
}

func sameRef(a, b billing.LineRef) bool { return keyOf(a) == keyOf(b) }
