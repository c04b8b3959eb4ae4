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

// Kinds returns every kind, in a fresh slice.
func Kinds() []Kind { return []Kind{Switch, Limit, Allowance} }

// IsValid reports whether k is one of [Kinds].
func (k Kind) IsValid() bool { return slices.Contains(Kinds(), k) }

// UnmarshalText accepts exactly the words of [Kinds].
func (k *Kind) UnmarshalText(text []byte) error { return word(k, text, Kinds()) }

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
	// BillingPeriod is the billing period of the subscription.
	BillingPeriod Window = "billing_period"
	// Life is the whole life of the subscription: the count never starts over.
	Life Window = "life"
	// Rolling is an interval that ends at the instant asked about: a use at t
	// counts while t plus the interval of the grant lies in the future.
	Rolling Window = "rolling"
)

// Windows returns every window, in a fresh slice.
func Windows() []Window { return []Window{Day, Week, Month, Year, BillingPeriod, Life, Rolling} }

// IsValid reports whether w is one of [Windows]; the zero Window is not.
func (w Window) IsValid() bool { return slices.Contains(Windows(), w) }

// windowCode is a window in a byte: its place in [Windows], from 1; 0 is none.
type windowCode uint8

func (w Window) code() windowCode { return windowCode(slices.Index(Windows(), w) + 1) }

func (c windowCode) window() Window {
	if c == 0 {
		return ""
	}
	return Windows()[c-1]
}

// UnmarshalText accepts exactly the words of [Windows].
func (w *Window) UnmarshalText(text []byte) error { return word(w, text, Windows()) }

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

// Overages returns every policy for use beyond the limit, in a fresh slice.
func Overages() []Overage { return []Overage{Block, Allow, Rate} }

// IsValid reports whether o is one of [Overages]; the zero value is not.
func (o Overage) IsValid() bool { return slices.Contains(Overages(), o) }

// UnmarshalText accepts exactly the words of [Overages].
func (o *Overage) UnmarshalText(text []byte) error { return word(o, text, Overages()) }

// Scope says what the percentage of a [Threshold] is a share of. The zero value is
// [QuotaScope].
type Scope string

const (
	// QuotaScope is the limit of the grant. It is the default.
	QuotaScope Scope = "quota"
	// TierScope is the upper bound of the price tier that holds the use.
	TierScope Scope = "tier"
)

// Scopes returns every scope, in a fresh slice.
func Scopes() []Scope { return []Scope{QuotaScope, TierScope} }

// IsValid reports whether s is one of [Scopes]; the zero value is not.
func (s Scope) IsValid() bool { return slices.Contains(Scopes(), s) }

// UnmarshalText accepts exactly the words of [Scopes].
func (s *Scope) UnmarshalText(text []byte) error { return word(s, text, Scopes()) }

// word stores the text if it is one of the words of an enum.
func word[T ~string](target *T, text []byte, words []T) error {
	w := T(text)
	if err := oneOf(w, words); err != nil {
		return err
	}
	*target = w
	return nil
}

// oneOf returns nil for one of the words of an enum, and otherwise an error that
// lists them.
func oneOf[T ~string](w T, words []T) error {
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
