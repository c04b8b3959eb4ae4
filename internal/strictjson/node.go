package strictjson

import (
	"fmt"
	"strings"

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
type Node struct {
	d *document
	i int32
}

// document is a parsed document: its values in one slab, in the order in which they
// begin.
type document struct {
	data   []byte
	text   string // the same bytes: strings without escapes are parts of it
	values []value
	named  map[int32]map[string]int32 // of large objects: their members by name
	texts  map[int32]string           // of strings that have escapes or are at fault
	names  map[int32]string           // of members whose names have escapes
}

// value is one value of a document, without pointers: the slab costs the collector of
// memory nothing. Places are offsets in the document, other values are given by their
// index in the slab; the root has index 0, which is no one's kid and so stands for none.
type value struct {
	kind       Kind
	escaped    bool  // a string: its text is in the map of the document
	renamed    bool  // a member: its name is there
	start, end int32 // of its bytes
	name, nend int32 // of the name of a member
	parent     int32
	next       int32 // kid of the parent
	first      int32 // kid
	last       int32 // kid
	count      int32 // of kids
	index      int32 // in an array
}

// text returns a string, unescaped, or a number as written.
func (n Node) text() string {
	v := n.v()
	switch {
	case v.escaped:
		return n.d.texts[n.i]
	case v.kind == String:
		return n.d.text[v.start+1 : v.end-1]
	}
	return n.d.text[v.start:v.end]
}

// name returns the name of a member, unescaped.
func (n Node) name() string {
	v := n.v()
	if v.renamed {
		return n.d.names[n.i]
	}
	return n.d.text[v.name:v.nend]
}

func (n Node) v() *value { return &n.d.values[n.i] }

// Kind returns the kind of the value, [Absent] for the zero Node.
func (n Node) Kind() Kind {
	if n.d == nil {
		return Absent
	}
	return n.v().kind
}

// Path leads from the document to the value; it is "" for the document itself
// and for the zero Node.
func (n Node) Path() string {
	if n.d == nil || n.i == 0 {
		return ""
	}
	up := Node{n.d, n.v().parent}
	if up.v().kind == Array {
		return Index(up.Path(), int(n.v().index))
	}
	return Key(up.Path(), n.name())
}

// Str returns the string, unescaped, and whether the value is one. It may be a part of
// the document: what outlives the document is cloned.
func (n Node) Str() (string, bool) {
	if n.Kind() != String {
		return "", false
	}
	return n.text(), true
}

// Number returns the number as it is written, and whether the value is one.
func (n Node) Number() (string, bool) {
	if n.Kind() != Number {
		return "", false
	}
	return n.text(), true
}

// Bool returns the truth value, and whether the value is one.
func (n Node) Bool() (value, ok bool) {
	if n.Kind() != Bool {
		return false, false
	}
	return n.d.data[n.v().start] == 't', true
}

// Field returns the member of an object with exactly this name, and whether
// there is one. Of a repeated name it is the first.
func (n Node) Field(name string) (Node, bool) {
	if n.Kind() != Object {
		return Node{}, false
	}
	if members, large := n.d.named[n.i]; large {
		kid, ok := members[name]
		if !ok {
			return Node{}, false
		}
		return Node{n.d, kid}, true
	}
	for kid := n.v().first; kid != 0; kid = n.d.values[kid].next {
		if at := (Node{n.d, kid}); at.name() == name {
			return at, true
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
	names := make([]string, 0, n.v().count)
	for _, kid := range n.kids() {
		names = append(names, kid.name())
	}
	return names
}

// Elems returns the elements of an array.
func (n Node) Elems() []Node {
	if n.Kind() != Array {
		return nil
	}
	return n.kids()
}

func (n Node) kids() []Node {
	kids := make([]Node, 0, n.v().count)
	for kid := n.v().first; kid != 0; kid = n.d.values[kid].next {
		kids = append(kids, Node{n.d, kid})
	}
	return kids
}

// Raw returns the bytes of the value as they are in the document, nil for the zero
// Node. They must not be changed.
func (n Node) Raw() []byte {
	if n.d == nil {
		return nil
	}
	v := n.v()
	return n.d.data[v.start:v.end:v.end]
}

// Fault returns a fault at the value.
func (n Node) Fault(err error) Fault {
	f := Fault{Path: n.Path(), Err: err}
	if n.d != nil {
		f.offset = int(n.v().start) + 1
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
	if n.d == nil {
		return faults
	}
	path := n.Path()
	placed := make([]Fault, len(faults))
	for i, f := range faults {
		placed[i] = Fault{Path: Join(path, f.Path), Err: f.Err, offset: int(n.v().start) + 1}
	}
	return placed
}

// place puts a fault whose path is relative to the value at the deepest value that the
// path leads to, so that faults keep the order of the document.
func (n Node) place(f Fault) Fault {
	if n.d == nil {
		return f
	}
	at := n.follow(f.Path)
	return Fault{Path: Join(n.Path(), f.Path), Err: f.Err, offset: int(at.v().start) + 1}
}

// follow returns the deepest value that a path leads to.
func (n Node) follow(path string) Node {
	for path != "" {
		kid, rest := Node{}, ""
		for _, k := range n.kids() {
			step := Key("", k.name())
			if n.Kind() == Array {
				step = Index("", int(k.v().index))
			}
			tail, ok := strings.CutPrefix(path, step)
			if ok && (tail == "" || tail[0] == '.' || tail[0] == '[') {
				kid, rest = k, strings.TrimPrefix(tail, ".")
				break
			}
		}
		if kid.d == nil {
			return n
		}
		n, path = kid, rest
	}
	return n
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
