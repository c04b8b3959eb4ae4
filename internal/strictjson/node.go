package strictjson

import (
	"fmt"

	"github.com/perennial-billing/perennial/fault"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds. The zero kind is that of the zero [Node], which is not a value.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String names the kind as a message does: "a string", "an object".
func (k Kind) String() string {
	switch k {
	case Absent:
		return "nothing"
	case Null:
		return "null"
	case Bool:
		return "true or false"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Array:
		return "an array"
	case Object:
		return "an object"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Node is a value in a parsed document. It keeps its place, so that what is decoded
// from it later still reports full paths. The zero Node is not a value: its kind is
// [Absent]. A Node is immutable and refers to the bytes it was parsed from, which
// must not be changed.
type Node struct{ v *value }

type value struct {
	kind   Kind
	raw    []byte // the bytes of the value in the document
	offset int    // where raw begins
	text   string // the unescaped string, or the number as written
	kids   []*value
	named  map[string]*value // of a large object: its members by name

	parent *value
	name   string // in an object
	index  int    // in an array
}

// Kind returns the kind of the value, [Absent] for the zero Node.
func (n Node) Kind() Kind {
	if n.v == nil {
		return Absent
	}
	return n.v.kind
}

// Path leads from the document to the value; it is "" for the document itself
// and for the zero Node.
func (n Node) Path() string {
	if n.v == nil || n.v.parent == nil {
		return ""
	}
	parent := Node{n.v.parent}.Path()
	if n.v.parent.kind == Array {
		return Index(parent, n.v.index)
	}
	return Key(parent, n.v.name)
}

// Str returns the string, unescaped, and whether the value is one.
func (n Node) Str() (string, bool) {
	if n.Kind() != String {
		return "", false
	}
	return n.v.text, true
}

// Number returns the number as it is written, and whether the value is one.
func (n Node) Number() (string, bool) {
	if n.Kind() != Number {
		return "", false
	}
	return n.v.text, true
}

// Bool returns the truth value, and whether the value is one.
func (n Node) Bool() (value, ok bool) {
	if n.Kind() != Bool {
		return false, false
	}
	return n.v.raw[0] == 't', true
}

// Field returns the member of an object with exactly this name, and whether
// there is one. Of a repeated name it is the first.
func (n Node) Field(name string) (Node, bool) {
	if n.Kind() != Object {
		return Node{}, false
	}
	if n.v.named != nil {
		kid, ok := n.v.named[name]
		return Node{kid}, ok
	}
	for _, kid := range n.v.kids {
		if kid.name == name {
			return Node{kid}, true
		}
	}
	return Node{}, false
}

// Names returns the names of an object's members in the order of the document,
// each once.
func (n Node) Names() []string {
	if n.Kind() != Object {
		return nil
	}
	names := make([]string, len(n.v.kids))
	for i, kid := range n.v.kids {
		names[i] = kid.name
	}
	return names
}

// Elems returns the elements of an array.
func (n Node) Elems() []Node {
	if n.Kind() != Array {
		return nil
	}
	elems := make([]Node, len(n.v.kids))
	for i, kid := range n.v.kids {
		elems[i] = Node{kid}
	}
	return elems
}

// Raw returns the bytes of the value as they are in the document, nil for the zero
// Node. They must not be changed.
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

// Below places faults whose paths are relative to the value, such as those of a
// type's own Validate, into the document.
func (n Node) Below(faults []Fault) []Fault {
	if n.v == nil {
		return faults
	}
	path := n.Path()
	placed := make([]Fault, len(faults))
	for i, f := range faults {
		placed[i] = Fault{Path: Join(path, f.Path), Err: f.Err, offset: n.v.offset + 1}
	}
	return placed
}

// must returns a fault that says what the value must be. It does not say what the
// value is: that may be long, or a secret.
func (n Node) must(what string) Fault {
	if n.Kind() == Null {
		return n.Fault(errNull)
	}
	return n.Faultf(fault.WrongType, "must be %s", what)
}

var errNull = fault.WrongType.Errorf("must not be null")
