package document

import (
	"fmt"
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
)

// Bounds of payment terms.
const (
	// MaxNet is the largest number of days of [Terms].
	MaxNet = 3650
	// MaxMonths is the largest number of months of [Terms].
	MaxMonths = 120
)

// MonthEnd says how the end of a month enters the due date. The zero word is that it does
// not.
type MonthEnd string

// The words of MonthEnd.
const (
	// NetThenMonthEnd: the days are counted from the date of the invoice, and the due date
	// is the end of the month in which they end.
	NetThenMonthEnd MonthEnd = "then"
	// MonthEndThenNet: the days are counted from the end of the invoice's month.
	MonthEndThenNet MonthEnd = "first"
)

func monthEnds() []MonthEnd { return []MonthEnd{NetThenMonthEnd, MonthEndThenNet} }

// Terms say when an invoice falls due, in civil days from its date. The zero Terms mean on
// receipt: the day of the invoice.
//
//	on receipt                                  {}
//	net 30                                      {"net":30}
//	net 30, end of month                        {"net":30,"month_end":"then"}
//	end of month, 15 days                       {"net":15,"month_end":"first"}
//	the 10th of the next month                  {"day":10,"months":1}
//	the 5th of the next month, after the 15th
//	  of the one after it                       {"day":5,"months":1,"cut_off":15}
//	30 days, then the 10th of the next month    {"net":30,"day":10,"months":1}
type Terms struct {
	// Net is the number of days, 0 to [MaxNet].
	Net int
	// MonthEnd is whether the end of a month counts, before the days or after them.
	MonthEnd MonthEnd
	// Day is the day of the month on which it falls due, 1 to 31; 31 is the last day of
	// any month, as every day that a month lacks. 0 is any day.
	Day int
	// Months is how many months after the one that Net leads to the Day lies, 0 to [MaxMonths].
	Months int
	// CutOff is the last day of the month on which an invoice belongs to this month: one
	// with a later date falls due a month later. 0 is none. It stands beside a Day and without Net.
	CutOff int
}

// Validate returns nil, or every fault as a [fault.FieldError], joined.
func (t Terms) Validate() error { return t.faults().Err() }

func (t Terms) faults() faults.List {
	var f faults.List
	if t.Net < 0 || t.Net > MaxNet {
		f.Add("net", fault.OutOfRange, "must be 0 to %d", MaxNet)
	}
	if t.MonthEnd != "" && !slices.Contains(monthEnds(), t.MonthEnd) {
		f.Add("month_end", fault.UnknownWord, "unknown word %q: must be one of %q", string(t.MonthEnd), monthEnds())
	}
	if t.Day < 0 || t.Day > 31 {
		f.Add("day", fault.OutOfRange, "must be 1 to 31")
	}
	if t.Months < 0 || t.Months > MaxMonths {
		f.Add("months", fault.OutOfRange, "must be 0 to %d", MaxMonths)
	}
	if t.CutOff < 0 || t.CutOff > 31 {
		f.Add("cut_off", fault.OutOfRange, "must be 1 to 31")
	}
	switch {
	case t.Day != 0 && t.MonthEnd != "":
		f.Add("month_end", fault.Excluded, "must be left out beside a day")
	case t.Day == 0 && t.Months != 0:
		f.Add("months", fault.Excluded, "must be left out without a day")
	case t.Day == 0 && t.CutOff != 0:
		f.Add("cut_off", fault.Excluded, "must be left out without a day")
	}
	if t.CutOff != 0 && t.Net != 0 {
		f.Add("cut_off", fault.Excluded, "must be left out beside days")
	}
	return f
}

// Due returns the day on which an invoice of a date falls due. It is never before that
// date: a day of the month that has passed is that of the next month.
//
// Roll, if it is not nil, moves the day to one on which payments are made: it is given
// the day and returns it or another one, by whatever calendar of holidays it has. One
// before the date of the invoice is an error, as is a day after the year 9999.
func (t Terms) Due(on Date, roll func(Date) Date) (Date, error) {
	if err := t.Validate(); err != nil {
		return Date{}, fmt.Errorf("document: terms: %w", err)
	}
	if !on.exists() {
		return Date{}, fault.OutOfRange.Errorf("document: date of the invoice: no such day: %q", on.String())
	}
	due := t.due(on)
	if roll != nil && due.exists() {
		if due = roll(due); due.Compare(on) < 0 {
			return Date{}, fault.Unusable.Errorf("document: business day: %q lies before the invoice of %q", due.String(), on.String())
		}
	}
	if !due.exists() {
		return Date{}, fault.OutOfRange.Errorf("document: due date: no such day: %q", due.String())
	}
	return due, nil
}

func (t Terms) due(on Date) Date {
	switch t.MonthEnd {
	case NetThenMonthEnd:
		return on.plus(t.Net).on(31, 0)
	case MonthEndThenNet:
		return on.on(31, 0).plus(t.Net)
	}
	due := on.plus(t.Net)
	if t.Day == 0 {
		return due
	}
	months := t.Months
	if t.CutOff != 0 && on.Day > t.CutOff {
		months++
	}
	if fixed := due.on(t.Day, months); fixed.Compare(due) >= 0 {
		return fixed
	}
	return due.on(t.Day, months+1)
}

// String says the terms in words, as they stand on an invoice: "net 30 days".
func (t Terms) String() string {
	net := fmt.Sprintf("%d days", t.Net)
	if t.Net == 1 {
		net = "1 day"
	}
	switch {
	case t.MonthEnd == NetThenMonthEnd && t.Net == 0:
		return "due at the end of the month"
	case t.MonthEnd == NetThenMonthEnd:
		return "net " + net + ", end of month"
	case t.MonthEnd == MonthEndThenNet:
		return "end of month, then " + net
	case t.Day == 0 && t.Net == 0:
		return "due on receipt"
	case t.Day == 0:
		return "net " + net
	}
	day := fmt.Sprintf("on day %d", t.Day)
	if t.Day == 31 {
		day = "on the last day"
	}
	switch t.Months {
	case 0:
		day += " of the month"
	case 1:
		day += " of the next month"
	default:
		day += fmt.Sprintf(" of the month %d months later", t.Months)
	}
	switch {
	case t.Net != 0:
		return net + ", then " + day
	case t.CutOff != 0:
		return fmt.Sprintf("due %s, for invoices after day %d a month later", day, t.CutOff)
	}
	return "due " + day
}
