package strict

import (
	"slices"
	"strconv"

	"github.com/perennial-billing/perennial/fault"
)

// Fault is one fault of a document: where, and what.
type Fault struct {
	// Path leads to the value at fault; "" is the whole document.
	Path string
	// Err says what is wrong, without the path.
	Err error

	offset int // one more than the place in the document; 0 is unknown
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

// Faults takes an error of a value's own decoder apart, so that [Node.Below] can place its
// faults into the document.
func Faults(err error) []Fault {
	var list []Fault
	for _, f := range fault.Faults(err) {
		list = append(list, Fault{Path: f.Path, Err: f.Err})
	}
	return list
}

var errMore = fault.TooMany.Errorf("more faults than can be listed")

// ordered sorts faults by their place in the document, leaves out what is said twice, and
// cuts the list at limit. A fault whose place is unknown stays behind the one before it.
func ordered(faults []Fault, limit int) []Fault {
	at := 0
	seen := map[string]bool{}
	faults = slices.DeleteFunc(faults, func(f Fault) bool {
		line := strconv.Quote(f.Path) + f.Err.Error()
		again := seen[line]
		seen[line] = true
		return again
	})
	for i := range faults {
		if faults[i].offset == 0 {
			faults[i].offset = at
		}
		at = faults[i].offset
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.offset - b.offset })
	if len(faults) > limit {
		faults = append(faults[:limit:limit], Fault{Err: errMore})
	}
	return faults
}

// Key returns the path of the member name of the value at path.
func Key(path, name string) string {
	if !plainName(name) {
		return path + "[" + strconv.Quote(name) + "]"
	}
	return Join(path, name)
}

// Index returns the path of element i of the array at path.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// Join returns the path that leads to path and from there on to rest, which is relative to
// it.
func Join(path, rest string) string {
	if path == "" || rest == "" || rest[0] == '[' {
		return path + rest
	}
	return path + "." + rest
}

// plainName reports whether name can be used in a path as it is.
func plainName(name string) bool {
	for _, c := range name {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return name != ""
}
