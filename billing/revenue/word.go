package revenue

import (
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
)

// By says what a line is spread by. The empty By is [Days].
type By string

const (
	// Days spreads by civil days: each day counts alike.
	Days By = "day"
	// Seconds spreads by elapsed time, exactly.
	Seconds By = "second"
	// Months spreads by calendar months: each month counts alike, and of a month that the
	// span holds in part, that part of its own days.
	Months By = "month"
	// Days30 spreads by days of months that all have thirty (30E/360).
	Days30 By = "day_30"
)

func (By) vocabulary() (string, []By) { return "spread", []By{Days, Seconds, Months, Days30} }

// Parts says how the parts of a line are rounded. The empty Parts is [Cumulated].
type Parts string

const (
	// Cumulated rounds what is recognised by the end of each month; the part of a month is
	// the difference from the month before. No month is more than a minor unit off.
	Cumulated Parts = "cumulated"
	// Even makes the parts of whole months equal; the last of them takes what rounding
	// leaves. Before and after them a part of a month is prorated.
	Even Parts = "even"
)

func (Parts) vocabulary() (string, []Parts) { return "rounding of parts", []Parts{Cumulated, Even} }

// Weeks says how many weeks a month has, for what is billed by the week. The empty Weeks
// is [Weeks52].
type Weeks string

const (
	// Weeks52 is 52 weeks a year: 52/12 a month.
	Weeks52 Weeks = "52/12"
	// Weeks365 is 365 days a year: 365/84 weeks a month.
	Weeks365 Weeks = "365/84"
)

func (Weeks) vocabulary() (string, []Weeks) { return "number of weeks", []Weeks{Weeks52, Weeks365} }

// MovementKind says why recurring revenue moved.
type MovementKind string

const (
	New          MovementKind = "new"          // above zero for the first time
	Expansion    MovementKind = "expansion"    // more than before
	Contraction  MovementKind = "contraction"  // less than before, and not zero
	Churn        MovementKind = "churn"        // down to zero, as by an ending or a pause
	Reactivation MovementKind = "reactivation" // above zero again
)

func (MovementKind) vocabulary() (string, []MovementKind) {
	return "kind of movement", []MovementKind{New, Expansion, Contraction, Churn, Reactivation}
}

// A Word is a choice of this package by name: [By], [Parts], [Weeks] or [MovementKind]. The
// empty word is none of them.
type Word[W any] interface {
	~string
	vocabulary() (what string, words []W)
}

// Words returns every word of a type, the default first: Words[By](). The caller may change
// the slice.
func Words[W Word[W]]() []W {
	var none W
	_, words := none.vocabulary()
	return words
}

// chosen reports a word that is not one of its type; the empty one is the default.
func chosen[W Word[W]](f *faults.List, path string, w W) {
	what, words := w.vocabulary()
	if w != "" && !slices.Contains(words, w) {
		f.Add(path, fault.UnknownWord, "unknown %s %q: must be one of %q", what, clip(string(w)), words)
	}
}

// clip shortens a text from a document for an error message.
func clip(s string) string {
	const longest = 40
	if len(s) > longest {
		return s[:longest] + "..."
	}
	return s
}
