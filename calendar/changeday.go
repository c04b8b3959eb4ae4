package calendar

import "time"

// ChangeDay says to which side of a change its civil day belongs when days are
// counted. The empty ChangeDay is not chosen; this package treats it as NewSide.
type ChangeDay string

const (
	// NewSide gives the day to what comes after the change: the cut lies at the
	// start of the day.
	NewSide ChangeDay = "new"

	// OldSide gives the day to what came before the change: the cut lies at the
	// end of the day, also for a change at its very first instant.
	OldSide ChangeDay = "old"

	// MoreSide gives the day to the side that has more of it, measured in
	// elapsed time of that very day (23 or 25 hours when clocks change). A tie
	// goes to the new side.
	MoreSide ChangeDay = "more"
)

func (ChangeDay) vocabulary() (string, []ChangeDay) {
	return "change day", []ChangeDay{NewSide, OldSide, MoreSide}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero ChangeDay.
func (c *ChangeDay) UnmarshalText(text []byte) error { return parseWord(c, text) }

// Cut returns the civil midnight in z at which a change at t divides old from
// new: the start or the end of the civil day that holds t. It fails with
// ErrUnknown if c is an unknown word, and with ErrRange if t or the cut lies
// outside the years 1 to 9999.
func (c ChangeDay) Cut(t time.Time, z Zone) (time.Time, error) {
	if c != "" && c != NewSide && c != OldSide && c != MoreSide {
		return time.Time{}, unknownWord(c)
	}
	if !inRange(t.Unix()) {
		return time.Time{}, outOfRange("change at %s", FormatInstant(t))
	}
	day := z.day(t.Unix())
	start := instant(z.midnight(day), 0)
	end := instant(z.midnight(day+1), 0)

	cut := start
	if c == OldSide || c == MoreSide && t.Sub(start) > end.Sub(t) {
		cut = end
	}
	if !inRange(cut.Unix()) {
		return time.Time{}, outOfRange("cut at %s", FormatInstant(cut))
	}
	return cut, nil
}
