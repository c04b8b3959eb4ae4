package strictjson

import (
	"errors"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/fault"
)

// FieldErrors returns faults as the errors that importers see.
func FieldErrors(faults []Fault) []*fault.FieldError {
	list := make([]*fault.FieldError, len(faults))
	for i, f := range faults {
		list[i] = fault.At(f.Path, f.Err)
	}
	return list
}

// Faults takes an error of a value's own decoder apart, so that [Node.Below] can place
// its faults into the document.
func Faults(err error) []Fault {
	var list []Fault
	for _, f := range fault.Faults(err) {
		list = append(list, Fault{Path: f.Path, Err: f.Err})
	}
	return list
}

// Merge joins the faults of a document and those that a check found in what could be
// read of it, without the latter where the former explain them.
func Merge(read, checked []*fault.FieldError) error {
	all := read
	for _, f := range checked {
		if !slices.ContainsFunc(read, func(unread *fault.FieldError) bool { return explains(unread.Path, f.Path) }) {
			all = append(all, f)
		}
	}
	return JoinErrors(all)
}

// maxJoined bounds a list of faults, because a document may consist of faults only.
const maxJoined = 1000

// JoinErrors joins faults into one error; nil if there are none. Of more than a thousand, the
// last says that there are more.
func JoinErrors(list []*fault.FieldError) error {
	errs := make([]error, 0, min(len(list), maxJoined+1))
	for i, f := range list {
		if i == maxJoined {
			errs = append(errs, fault.At("", errMore))
			break
		}
		errs = append(errs, f)
	}
	return errors.Join(errs...)
}

// explains reports whether a value at path unread, which could not be decoded, explains
// a fault at path: it is the same value, holds it, or lies within it.
func explains(unread, path string) bool {
	return unread == "" || path == "" || within(unread, path) || within(path, unread)
}

func within(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
