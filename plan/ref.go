package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/text"
)

// Ref names one version of a plan. It is what a subscription stores: "pro@3" is
// version 3 of the plan pro. Refs are comparable with ==. The zero Ref names
// nothing; it is not valid and its text is empty.
type Ref struct {
	// ID is the id of the plan.
	ID string
	// Version is the number of the version, from 1 to [MaxVersion].
	Version int
}

var errRef = fault.Malformed.Errorf(`must be a plan and its version, such as "pro@3"`)

// ParseRef reads a reference such as "pro@3". The version is what follows the
// last "@", without leading zeros. Any other text is an error.
func ParseRef(s string) (Ref, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return Ref{}, refError(s)
	}
	digits := s[at+1:]
	version, err := strconv.Atoi(digits)
	r := Ref{ID: s[:at], Version: version}
	if err != nil || !r.IsValid() || digits[0] < '1' || digits[0] > '9' { // a sign or a zero
		return Ref{}, refError(s)
	}
	return r, nil
}

func refError(s string) error {
	return fmt.Errorf("plan: %w", fmt.Errorf("reference %q: %w", clip(s), errRef))
}

// MustParseRef is [ParseRef] for texts that are written in source code. It panics on an
// error.
func MustParseRef(s string) Ref {
	r, err := ParseRef(s)
	if err != nil {
		panic(err)
	}
	return r
}

// IsZero reports whether r is the zero Ref.
func (r Ref) IsZero() bool { return r == Ref{} }

// IsValid reports whether r could name a version: its id and its number are those
// of a valid plan.
func (r Ref) IsValid() bool {
	return text.ID(r.ID, MaxIDLen) == nil && 1 <= r.Version && r.Version <= MaxVersion
}

// String is the id and the version: "pro@3". It is "" for the zero Ref.
func (r Ref) String() string {
	if r.IsZero() {
		return ""
	}
	return r.ID + "@" + strconv.Itoa(r.Version)
}

// MarshalText is [Ref.String]; a Ref that is neither valid nor zero is an error.
func (r Ref) MarshalText() ([]byte, error) {
	if !r.IsZero() && !r.IsValid() {
		return nil, refError(r.String())
	}
	return []byte(r.String()), nil
}

// UnmarshalText is [ParseRef], and the zero Ref for empty text.
func (r *Ref) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = Ref{}
		return nil
	}
	parsed, err := ParseRef(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

func (r Ref) check(f faults) {
	f.field("id").id(r.ID)
	f.field("version").version(r.Version)
}

func (f faults) version(n int) {
	if n < 1 || n > MaxVersion {
		f.addf(fault.OutOfRange, "must be from 1 to %d", MaxVersion)
	}
}
