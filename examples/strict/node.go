package strict

import (
	"fmt"
	"strings"

	"github.com/perennial-billing/perennial/fault"
)

// Kind is the kind of a JSON value.
type Kind string

// The kinds, as a message names them. Absent is that of the zero [Node], which is not a
// value.
const (
	Absent Kind = ""
	Null   Kind = "null"
	Bool   Kind = "true or false"
	Number Kind = "a number"
	String Kind = "a string"
	Array  Kind = "an array"
	Object Kind = "an object"
)

// Node is a value in a parsed document. It keeps its place, so that what is decoded from
// it later still reports full paths. The zero Node is not a value.
type Node struct{ v *value }

type value struct {
	kind   Kind
	path   string
	name   string // in an object
	offset int
	raw    []byte
	text   string // of a string or a number
	kids   []Node
}

// Kind returns the kind of the value, [Absent] for the zero Node.
func (n Node) Kind() Kind {
	if n.v == nil {
		return Absent
	}
	return n.v.kind
}

// Path leads from the document to the value; it is "" for the document itself and for the
// zero Node.
func (n Node) Path() string {
	if n.v == nil {
		return ""
	}
	return n.v.path
}

// Str returns the string, unescaped, and whether the value is one.
func (n Node) Str() (string, bool) { return n.textOf(String) }

// Number returns the number as it is written, and whether the value is one.
func (n Node) Number() (string, bool) { return n.textOf(Number) }

func (n Node) textOf(k Kind) (string, bool) {
	if n.Kind() != k {
		return "", false
	}
	return n.v.text, true
}

// Bool returns the truth value, and whether the value is one.
func (n Node) Bool() (value, ok bool) {
	return n.Kind() == Bool && n.v.text == "true", n.Kind() == Bool
}

// Field returns the member of an object with exactly this name, and whether there is one.
// Of a repeated name it is the first.
func (n Node) Field(name string) (Node, bool) {
	if n.Kind() != Object {
		return Node{}, false
	}
	for _, kid := range n.v.kids {
		if kid.v.name == name {
			return kid, true
		}
	}
	return Node{}, false
}

// Names returns the names of an object's members in the order of the document, each once.
func (n Node) Names() []string {
	if n.Kind() != Object {
		return nil
	}
	names := make([]string, len(n.v.kids))
	for i, kid := range n.v.kids {
		names[i] = kid.v.name
	}
	return names
}

// Elems returns the elements of an array.
func (n Node) Elems() []Node {
	if n.Kind() != Array {
		return nil
	}
	return n.v.kids
}

// Raw returns the bytes of the value as they are in the document, nil for the zero Node.
// They must not be changed.
func (n Node) Raw() []byte {
	if n.v == nil {
		return nil
	}
	return n.v.raw
}

// Fault returns a fault at the value.
func (n Node) Fault(err error) Fault {
	f := Fault{Path: n.Path(), Err: err}
	if n.v != nil {
		f.offset = n.v.offset + 1
	}
	return f
}

// Faultf returns a fault at the value, with a code and a message in the manner of
// [fmt.Errorf].
func (n Node) Faultf(code fault.Code, format string, args ...any) Fault {
	return n.Fault(code.Errorf(format, args...))
}

// Below places faults whose paths are relative to the value, such as those of a type's own
// Validate, into the document.
func (n Node) Below(faults []Fault) []Fault {
	placed := make([]Fault, len(faults))
	for i, f := range faults {
		placed[i] = n.Fault(f.Err)
		placed[i].Path = Join(n.Path(), f.Path)
	}
	return placed
}

// spread turns what a type's own UnmarshalJSON reported into faults, each at the deepest
// value that its path leads to, so that they keep the order of the document.
func (n Node) spread(err error) []Fault {
	placed := Faults(err)
	for i, f := range placed {
		placed[i] = n.deepest(f.Path).Fault(f.Err)
		placed[i].Path = Join(n.Path(), f.Path)
	}
	return placed
}

// deepest returns the deepest value that a path leads to.
func (n Node) deepest(path string) Node {
	if n.v == nil {
		return n
	}
	whole := Join(n.Path(), path)
	for _, kid := range n.v.kids {
		rest, ok := strings.CutPrefix(whole, kid.Path())
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return kid.deepest(strings.TrimPrefix(rest, "."))
		}
	}
	return n
}

// must returns a fault that says what the value must be. It does not say what the value
// is: that may be long, or a secret.
func (n Node) must(what string) Fault {
	if n.Kind() == Null {
		return n.Fault(errNull)
	}
	return n.Faultf(fault.WrongType, "must be %s", what)
}

var errNull = fault.WrongType.Errorf("must not be null")

var errNothing = fmt.Errorf("strict: nothing to decode")
