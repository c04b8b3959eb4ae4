package plan

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// The bounds of a definition. They are wide enough for real plans and narrow enough
// for untrusted documents.
const (
	// MaxIDLen is the longest id, in bytes.
	MaxIDLen = 255
	// MaxNameLen is the longest name, in bytes.
	MaxNameLen = 1024
	// MaxTextLen is the longest description, reference or metadata value, in bytes.
	MaxTextLen = 4096
	// MaxCharges is the largest number of charges of a plan or phase.
	MaxCharges = 200
	// MaxPhases is the largest number of phases of a plan.
	MaxPhases = 50
	// MaxCreditPacks is the largest number of credit packs of a plan.
	MaxCreditPacks = 100
	// MaxMetrics is the largest number of metrics of a plan.
	MaxMetrics = 200
	// MaxMetadata is the largest number of entries of a metadata map.
	MaxMetadata = 1000
	// MaxCycles is the largest number of periods that a phase or a plan may count,
	// and MaxVersion the largest version of a plan.
	MaxCycles  = 1_000_000
	MaxVersion = 1_000_000_000
)

// FieldError is one fault of a definition: where, and what. Validate, Compile and the
// decoders join one for every fault; [FieldErrors] returns them one by one.
type FieldError struct {
	// Path leads to the field by its names in JSON: "charges[2].price.tiers[1].up_to".
	// It is "" for the definition as a whole.
	Path string
	// Err says what is wrong with it.
	Err error
}

// Error is the path and what is wrong: "charges[0].id: missing".
func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// FieldErrors returns the field errors that err consists of, in their order, so
// that a program can show each beside its field. It is nil if there are none.
func FieldErrors(err error) []*FieldError {
	var list []*FieldError
	switch e := err.(type) {
	case nil:
	case *FieldError:
		list = append(list, e)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			list = append(list, FieldErrors(inner)...)
		}
	case interface{ Unwrap() error }:
		list = FieldErrors(e.Unwrap())
	}
	return list
}

// faults collects the faults of a definition at a path.
type faults struct {
	path string
	list *[]*FieldError
}

func (f faults) field(name string) faults { return faults{strictjson.Key(f.path, name), f.list} }
func (f faults) index(i int) faults       { return faults{strictjson.Index(f.path, i), f.list} }

// maxFaults bounds the list, because a document may consist of faults only.
const maxFaults = 1000

var errMore = errors.New("more faults than can be listed")

func (f faults) add(err error) {
	switch n := len(*f.list); {
	case n < maxFaults:
		*f.list = append(*f.list, &FieldError{f.path, err})
	case n == maxFaults:
		*f.list = append(*f.list, &FieldError{Err: errMore})
	}
}

func (f faults) addf(format string, args ...any) { f.add(fmt.Errorf(format, args...)) }

// require adds a fault unless ok.
func (f faults) require(ok bool, message string) {
	if !ok {
		f.add(errors.New(message))
	}
}

// below adds faults whose paths are relative to this one.
func (f faults) below(list []*FieldError) {
	for _, e := range list {
		faults{strictjson.Join(f.path, e.Path), f.list}.add(e.Err)
	}
}

// definition is anything that can be checked for faults.
type definition interface{ check(f faults) }

// faultsOf returns all faults of a definition, with paths relative to it.
func faultsOf(d definition) []*FieldError {
	var list []*FieldError
	d.check(faults{list: &list})
	return list
}

// validate returns all faults of a definition joined, or nil.
func validate(d definition) error { return joinFaults(faultsOf(d)) }

// id checks a name by which programs refer to something.
func (f faults) id(id string) {
	switch {
	case id == "":
		f.add(errMissing)
	case len(id) > MaxIDLen:
		f.addf("must not be longer than %d bytes", MaxIDLen)
	default:
		f.line(id)
	}
}

// name checks a name for people, which may be missing.
func (f faults) name(name string) {
	if len(name) > MaxNameLen {
		f.addf("must not be longer than %d bytes", MaxNameLen)
		return
	}
	f.line(name)
}

// line checks that a text can be printed on one line.
func (f faults) line(s string) {
	switch {
	case !utf8.ValidString(s), strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		f.require(false, "must be printable text on one line")
	case strings.TrimSpace(s) != s:
		f.require(false, "must not begin or end with a space")
	}
}

// text checks a longer text, which may have several lines.
func (f faults) text(s string) {
	switch {
	case len(s) > MaxTextLen:
		f.addf("must not be longer than %d bytes", MaxTextLen)
	case !utf8.ValidString(s), strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) && r != '\n' && r != '\t'
	}):
		f.require(false, "must be printable text")
	}
}

// atMost checks the number of elements.
func (f faults) atMost(n, limit int) {
	if n > limit {
		f.addf("must not have more than %d elements", limit)
	}
}

// unique records ids and adds a fault for a repeated one.
func (f faults) unique(seen map[string]bool, id string) {
	if id != "" && seen[id] {
		f.addf("%q is used more than once", id)
	}
	seen[id] = true
}

// metadata checks what the library stores and never reads.
func (f faults) metadata(m map[string]string) {
	f.atMost(len(m), MaxMetadata)
	for _, key := range sortedKeys(m) {
		entry := f.field(key)
		entry.id(key)
		switch value := m[key]; {
		case len(value) > MaxTextLen:
			entry.addf("must not be longer than %d bytes", MaxTextLen)
		case !utf8.ValidString(value):
			entry.require(false, "must be valid UTF-8")
		}
	}
}
