package calendar

import (
	"fmt"
	"strconv"

	"github.com/perennial-billing/perennial/fault"
)

// The errors of this package. Each is wrapped with the detail of the call, so
// test with errors.Is.
var (
	// ErrRange: an instant, a boundary or a date lies outside the years 1 to
	// 9999, or a span is too long to be counted.
	ErrRange = fault.OutOfRange.Errorf("calendar: out of range")

	// ErrInterval: an interval was needed and the one given is the zero
	// Interval (nothing recurs) or has a count outside 1 to 10000.
	ErrInterval = fault.OutOfRange.Errorf("calendar: not an interval that recurs")

	// ErrSyntax: a text does not have the form that its parser requires.
	ErrSyntax = fault.Malformed.Errorf("calendar: malformed")

	// ErrNoSuchDay: a date is well formed but does not exist, such as 2026-02-29.
	ErrNoSuchDay = fault.OutOfRange.Errorf("calendar: no such day")

	// ErrUnknown: a word is not one of the words of its type.
	ErrUnknown = fault.UnknownWord.Errorf("calendar: unknown word")

	// ErrZone: a time zone is not in the zone database, or is "" or "Local".
	ErrZone = fault.UnknownWord.Errorf("calendar: unknown time zone")

	// ErrNoSchedule: a method was called on the zero Schedule.
	ErrNoSchedule = fault.New(fault.Internal, "calendar: no schedule")

	// ErrPeriod: a period ends before it starts, leaves the years 1 to 9999,
	// or is open where a closed one is needed.
	ErrPeriod = fault.OutOfOrder.Errorf("calendar: not a period")

	// ErrEmptyPeriod: a part of a period that has no length in the given basis, such
	// as an hour counted in days.
	ErrEmptyPeriod = fault.OutOfRange.Errorf("calendar: empty period")

	// ErrOutside: a part does not lie inside its whole.
	ErrOutside = fault.OutOfRange.Errorf("calendar: part lies outside the period")
)

// ParseError is what every parser and text decoder of this package returns.
// It unwraps to ErrSyntax, ErrNoSuchDay, ErrRange, ErrUnknown or ErrZone.
type ParseError struct {
	What   string // what was being read: "date", "instant", "interval", …
	Input  string // the text, as given
	Detail string // what is wrong with it
	Err    error  // the sentinel
}

// Error quotes at most 64 bytes of the input.
func (e *ParseError) Error() string {
	input := e.Input
	if len(input) > 64 {
		input = input[:64] + "…"
	}
	return "calendar: " + e.What + " " + strconv.Quote(input) + ": " + e.Detail
}

// Unwrap returns the sentinel.
func (e *ParseError) Unwrap() error { return e.Err }

func syntax(what, input, detail string) error {
	return &ParseError{What: what, Input: input, Detail: detail, Err: ErrSyntax}
}

func outOfRange(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrRange}, args...)...)
}
