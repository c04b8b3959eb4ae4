package cases

import (
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
)

var errMissing = fault.Required.Errorf("missing")

func has(n strict.Node, name string) bool {
	_, ok := n.Field(name)
	return ok
}

func text(n strict.Node, name string) string {
	field, _ := n.Field(name)
	s, _ := field.Str()
	return s
}

// missing reports the names that an object lacks.
func missing(n strict.Node, names ...string) []strict.Fault {
	var faults []strict.Fault
	for _, name := range names {
		if !has(n, name) {
			faults = append(faults, below(n, name, errMissing))
		}
	}
	return faults
}

// exactlyOne reports an object that has none or several of the names.
func exactlyOne(n strict.Node, names ...string) []strict.Fault {
	count := 0
	for _, name := range names {
		if has(n, name) {
			count++
		}
	}
	if count == 1 {
		return nil
	}
	return []strict.Fault{n.Faultf(fault.Required, "must have exactly one of %s", strings.Join(names, ", "))}
}

// word checks that a field holds one of the words, and fills in the fallback if
// it is omitted; a field without a fallback must be there. One that could not be
// decoded has its fault already.
func word[T ~string](n strict.Node, name string, field *T, fallback T, words ...T) []strict.Fault {
	switch {
	case !has(n, name) && fallback == "":
		return missing(n, name)
	case !has(n, name):
		*field = fallback
	case *field != "" && !slices.Contains(words, *field):
		return []strict.Fault{below(n, name, fault.UnknownWord.Errorf("unknown word %q: must be one of %q", *field, words))}
	}
	return nil
}

// positive checks that a count that is there is at least 1.
func positive(n strict.Node, name string, count int) []strict.Fault {
	if has(n, name) && count < 1 {
		return []strict.Fault{below(n, name, fault.OutOfRange.Errorf("must be at least 1"))}
	}
	return nil
}

// beside adds what was found once a value was read to the faults of reading it. A
// value that could not be read has no defaults: what is found of it, or of all
// that it is a part of, follows from its own fault and is omitted.
func beside(faults, found []strict.Fault) []strict.Fault {
	read := len(faults)
	for _, f := range found {
		follows := slices.ContainsFunc(faults[:read], func(e strict.Fault) bool {
			return within(e.Path, f.Path)
		})
		if !follows {
			faults = append(faults, f)
		}
	}
	return faults
}

// below returns a fault of a member of an object, there or not.
func below(n strict.Node, name string, err error) strict.Fault {
	return n.Below([]strict.Fault{{Path: name, Err: err}})[0]
}

// strange reports every null and every empty string where the format has none: a
// decoder would take either for a field that was omitted.
func strange(n strict.Node) []strict.Fault {
	var faults []strict.Fault
	for _, name := range n.Names() {
		field, _ := n.Field(name)
		s, isText := field.Str()
		switch {
		case field.Kind() == strict.Null && !slices.Contains([]string{"to", "next_at", "next_amount"}, name):
			faults = append(faults, field.Faultf(fault.WrongType, "must not be null"))
		case isText && s == "" && name != "source" && name != "note":
			faults = append(faults, field.Faultf(fault.Required, "must not be empty"))
		}
		faults = append(faults, strange(field)...)
	}
	for _, elem := range n.Elems() {
		if s, isText := elem.Str(); elem.Kind() == strict.Null || isText && s == "" {
			faults = append(faults, elem.Faultf(fault.Required, "must not be empty"))
		}
		faults = append(faults, strange(elem)...)
	}
	return faults
}
