package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/fault"
)

// The bounds of a document: a page of subscriptions, each of a few hundred members.
const (
	maxSize   = 4 << 20
	maxDepth  = 32
	maxFaults = 100
)

var (
	errSize     = fault.TooLong.Errorf("must not be longer than %d bytes", maxSize)
	errDepth    = fmt.Errorf("must not be nested deeper than %d", maxDepth)
	errUTF8     = fault.BadText.Errorf("must be valid UTF-8")
	errText     = fault.BadText.Errorf("must not hold U+FFFD or half of a surrogate pair")
	errRepeated = fault.Duplicate.Errorf("repeated")
)

// Node is a value of a parsed document, and its place. The zero Node is null at the
// top.
type Node struct {
	path, name string
	token      json.Token // the opening delimiter of an object or an array
	raw        []byte
	kids       []Node
	err        error // what is wrong with it whatever it is decoded into
}

// Parse reads a document whose JSON syntax is valid. Other faults, such as a repeated
// name, belong to the node where they occur, and are reported when it is decoded. The
// error is a [*fault.FieldError].
func Parse(data []byte) (Node, error) {
	switch {
	case len(data) > maxSize:
		return Node{}, At("", errSize)
	case !utf8.Valid(data):
		return Node{}, At("", errUTF8)
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return Node{}, At("", err)
	}
	p := parser{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	p.decoder.UseNumber()
	n, err := p.value(Node{}, 0)
	if err != nil {
		return Node{}, At("", err)
	}
	return n, nil
}

type parser struct {
	data    []byte
	decoder *json.Decoder
}

// value reads the value at a place.
func (p *parser) value(n Node, depth int) (Node, error) {
	from := p.decoder.InputOffset()
	var err error
	if n.token, err = p.decoder.Token(); err != nil {
		return n, err
	}
	if text, ok := n.token.(string); ok && strings.ContainsRune(text, utf8.RuneError) && n.err == nil {
		n.err = errText
	}
	if open, ok := n.token.(json.Delim); ok {
		if depth == maxDepth {
			return n, errDepth
		}
		seen := map[string]bool{}
		for p.decoder.More() {
			kid := Node{path: n.path + "[" + strconv.Itoa(len(n.kids)) + "]"}
			if open == '{' {
				if kid, err = p.name(n.path, seen); err != nil {
					return n, err
				}
			}
			if kid, err = p.value(kid, depth+1); err != nil {
				return n, err
			}
			n.kids = append(n.kids, kid)
		}
		if _, err := p.decoder.Token(); err != nil {
			return n, err
		}
	}
	n.raw = bytes.TrimLeft(p.data[from:p.decoder.InputOffset()], " \t\r\n,:")
	return n, nil
}

// name reads the name of a member of the object at a path.
func (p *parser) name(path string, seen map[string]bool) (Node, error) {
	token, err := p.decoder.Token()
	name, _ := token.(string)
	kid := Node{path: Key(path, name), name: name}
	switch {
	case seen[name]:
		kid.err = errRepeated
	case strings.ContainsRune(name, utf8.RuneError):
		kid.err = errText
	}
	seen[name] = true
	return kid, err
}

// Key returns the path of a member of the object at a path. A name that is not a plain
// word is quoted.
func Key(path, name string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
	}
	switch {
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }):
		return path + "[" + strconv.Quote(name) + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

// Path leads from the document to the value; "" is the document itself.
func (n Node) Path() string { return n.path }

// IsNull reports whether the value is null.
func (n Node) IsNull() bool { return n.token == nil }

// IsObject reports whether the value is an object.
func (n Node) IsObject() bool { return n.token == json.Delim('{') }

// Text returns the string, and whether the value is one.
func (n Node) Text() (string, bool) {
	text, ok := n.token.(string)
	return text, ok
}

// Number returns the number as it is written, and whether the value is one.
func (n Node) Number() (string, bool) {
	number, ok := n.token.(json.Number)
	return number.String(), ok
}

// Members returns the members of an object in the order of the document; nil for any
// other value.
func (n Node) Members() []Node {
	if !n.IsObject() {
		return nil
	}
	return n.kids
}

// Name is the name of a member of an object.
func (n Node) Name() string { return n.name }

// Member returns the member of an object of that name, and whether there is one.
func (n Node) Member(name string) (Node, bool) {
	for _, kid := range n.Members() {
		if kid.name == name {
			return kid, true
		}
	}
	return Node{}, false
}

// Elements returns the elements of an array; nil for any other value.
func (n Node) Elements() []Node {
	if n.token != json.Delim('[') {
		return nil
	}
	return n.kids
}

// Raw is the value as it stands in the document.
func (n Node) Raw() string { return string(n.raw) }
