package strictjson

import (
	"slices"

	"github.com/perennial-billing/perennial/fault"
)

// Fault is one fault of a document: where, and what.
type Fault struct {
	// Path leads to the value at fault; "" is the whole document.
	Path string
	// Err says what is wrong, without the path.
	Err error
	// offset is one more than the place of the value in the document; 0 is
	// unknown.
	offset int
}

// Error is the path and the message: "charges[0].id: must be a string".
func (f Fault) Error() string {
	if f.Path == "" {
		return f.Err.Error()
	}
	return f.Path + ": " + f.Err.Error()
}

// Unwrap returns Err.
func (f Fault) Unwrap() error { return f.Err }

var errMore = fault.TooMany.Errorf("more faults than can be listed")

// ordered sorts faults by their place in the document and cuts the list at
// limit. A fault whose place is unknown stays behind the one before it.
func ordered(faults []Fault, limit int) []Fault {
	at := 0
	for i := range faults {
		if faults[i].offset == 0 {
			faults[i].offset = at
		}
		at = faults[i].offset
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.offset - b.offset })
	if len(faults) > limit {
		faults = append(faults[:limit:limit], Fault{Err: errMore, offset: faults[limit].offset})
	}
	return faults
}
