package feature

import (
	"slices"
	"strconv"
	"strings"

	"github.com/perennial-billing/perennial/fault"
)

// Kind says what a grant counts. The zero Kind is invalid.
type Kind string

const (
	// Switch is on or off and counts nothing.
	Switch Kind = "switch"
	// Limit is a stock: the most that may be in use at a time. It never resets; use
	// falls when something is released.
	Limit Kind = "limit"
	// Allowance is a flow: the most that may be used in each window.
	Allowance Kind = "allowance"
)

var kinds = []Kind{Switch, Limit, Allowance}

func (Kind) words() []Kind { return kinds }

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (k *Kind) UnmarshalText(text []byte) error { return parseWord(k, text) }

// Window says when the count of an allowance starts over. Calendar windows are
// half-open and run in the zone of the subscription. The zero Window is no window:
// the only valid one for switches and limits, and invalid for allowances.
type Window string

const (
	// Day is a civil day, from its first instant to that of the next day.
	Day Window = "day"
	// Week is seven civil days beginning on a Monday.
	Week Window = "week"
	// Month is a calendar month.
	Month Window = "month"
	// Year is a calendar year.
	Year Window = "year"
	// BillingPeriod is the billing period of the subscription. A period that a command
	// opens begins, for what is counted, with the command.
	BillingPeriod Window = "billing_period"
	// Life is the whole life of the subscription: the count never starts over.
	Life Window = "life"
	// Rolling is an interval that ends at the instant asked about: a use at t
	// counts while t plus the interval of the grant lies in the future.
	Rolling Window = "rolling"
	// Anchored is the interval of the grant, counted from the anchor of the
	// subscription whatever the plan bills by: of a month and an anchor on the 31st it
	// starts over on the 28th of February and on the 31st of March.
	Anchored Window = "anchored"
)

var windows = []Window{Day, Week, Month, Year, BillingPeriod, Life, Rolling, Anchored}

func (Window) words() []Window { return windows }

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (w *Window) UnmarshalText(text []byte) error { return parseWord(w, text) }

// measured reports whether the window has a length of its own, in the grant's Every.
func (w Window) measured() bool { return w == Rolling || w == Anchored }

// startsOver reports whether the count starts over, all at once.
func (w Window) startsOver() bool { return w != "" && w != Life && w != Rolling }

// windowCode is a window in a byte: its place among the words, from 1; 0 is none.
type windowCode uint8

func (w Window) code() windowCode { return windowCode(slices.Index(windows, w) + 1) }

func (c windowCode) window() Window {
	if c == 0 {
		return ""
	}
	return windows[c-1]
}

// Raise says how much of a higher limit there is in the window in which it rises: more
// units, or a plan that grants more. The zero value is [RaiseWhole].
type Raise string

const (
	// RaiseWhole gives all of it at once. It is the default.
	RaiseWhole Raise = "whole"
	// RaiseShare gives the share of what is left of the window, by civil days in the zone
	// of the subscription: the day of the change is left, the day on which the window ends
	// is not. The share is rounded down to [SharePlaces] decimal places. A window that
	// begins and ends on one day gives all of it, and so does one without an end.
	RaiseShare Raise = "share"
)

func (Raise) words() []Raise { return []Raise{RaiseWhole, RaiseShare} }

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (r *Raise) UnmarshalText(text []byte) error { return parseWord(r, text) }

// Lower says when a lower limit takes effect: fewer units, or a plan that grants less. The
// zero value is [LowerNow].
type Lower string

const (
	// LowerNow lowers the limit at the change. It is the default.
	LowerNow Lower = "now"
	// LowerNextWindow keeps the limit that the window had, to its end.
	LowerNextWindow Lower = "next_window"
)

func (Lower) words() []Lower { return []Lower{LowerNow, LowerNextWindow} }

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (l *Lower) UnmarshalText(text []byte) error { return parseWord(l, text) }

// SharePlaces is to how many decimal places a share of a limit and of credits is rounded
// down.
const SharePlaces = 6

// Overage says what happens to a use that would exceed the limit. The zero value
// is [Block].
type Overage string

const (
	// Block refuses the whole use. It is the default.
	Block Overage = "block"
	// Allow allows the use and reports how far it exceeds the limit.
	Allow Overage = "allow"
	// Rate allows the use and reports how far it exceeds the limit, as usage to be
	// billed.
	Rate Overage = "rate"
)

func (Overage) words() []Overage { return []Overage{Block, Allow, Rate} }

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (o *Overage) UnmarshalText(text []byte) error { return parseWord(o, text) }

// Scope says what the percentage of a [Threshold] is a share of. The zero value is
// [QuotaScope].
type Scope string

const (
	// QuotaScope is the limit of the grant. It is the default.
	QuotaScope Scope = "quota"
	// TierScope is the upper bound of the price tier that holds the use.
	TierScope Scope = "tier"
)

func (Scope) words() []Scope { return []Scope{QuotaScope, TierScope} }

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (s *Scope) UnmarshalText(text []byte) error { return parseWord(s, text) }

// A Word is a choice by name: any of the string types of this package that have
// constants, such as [Kind].
type Word[W any] interface {
	~string
	words() []W // not to be changed
}

// Words returns every word of a type, in the order of its documentation: Words[Kind]().
// The caller may change the slice.
func Words[W Word[W]]() []W {
	var none W
	return slices.Clone(none.words())
}

// parseWord stores a word of this exact spelling. Any other text leaves the target
// unchanged.
func parseWord[W Word[W]](target *W, text []byte) error {
	w, err := read[W](string(text))
	if err == nil {
		*target = w
	}
	return err
}

func read[W Word[W]](text string) (W, error) { return W(text), oneOf(W(text)) }

// oneOf returns nil for one of the words of its type, and otherwise an error that lists
// them.
func oneOf[W Word[W]](w W) error {
	words := w.words()
	if slices.Contains(words, w) {
		return nil
	}
	var b strings.Builder
	for i, known := range words {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(string(known)))
	}
	return fault.UnknownWord.Errorf("must be one of %s", b.String())
}
