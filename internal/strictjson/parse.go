package strictjson

import (
	"fmt"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/fault"
)

// Parse reads one JSON document within the limits. With no faults the Node is
// the document. With faults it is the document without what was at fault, so
// that more can be found by decoding it, or the zero Node if the document cannot
// be read to its end.
func Parse(data []byte, limits Limits) (Node, []Fault) {
	limits = limits.withDefaults()
	if len(data) > limits.Size {
		return Node{}, []Fault{{Err: fault.TooLong.Errorf("must not be longer than %d bytes", limits.Size)}}
	}
	p := &parser{data: data, limits: limits}
	p.space()
	root := p.value(value{}, 0)
	if root != nil {
		if p.space(); p.pos < len(p.data) {
			p.stop("more follows the document")
			root = nil
		}
	}
	faults := p.faults
	if p.fatal != nil {
		faults = append(faults, Fault{Err: p.fatal, offset: p.pos + 1})
		root = nil
	}
	return Node{root}, ordered(faults, limits.Faults)
}

// parser reads a document from beginning to end. It recurses at most Depth deep.
type parser struct {
	data   []byte
	pos    int
	limits Limits
	values int
	faults []Fault
	fatal  error
}

// stop records that the document cannot be read on, at the current place.
func (p *parser) stop(format string, args ...any) {
	if p.fatal != nil {
		return
	}
	line, column := 1, 1
	for _, c := range p.data[:p.pos] {
		switch {
		case c == '\n':
			line, column = line+1, 1
		case utf8.RuneStart(c):
			column++
		}
	}
	p.fatal = fault.Malformed.Errorf("line %d, column %d: %s", line, column, fmt.Sprintf(format, args...))
}

func (p *parser) fault(f Fault) {
	// One more than is listed, so that Parse knows that there are more.
	if len(p.faults) <= p.limits.Faults {
		p.faults = append(p.faults, f)
	}
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end. A zero byte in the document is not
// JSON anywhere, so the two need not be told apart.
func (p *parser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

// unexpected stops at the current place.
func (p *parser) unexpected(want string) {
	if p.pos >= len(p.data) {
		p.stop("the document ends where %s should stand", want)
		return
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	p.stop("%q stands where %s should", r, want)
}

// value reads the value whose place in its parent is given; nil means that the
// document cannot be read on.
func (p *parser) value(at value, depth int) *value {
	if p.values++; p.values > p.limits.Values {
		p.stop("more than %d values", p.limits.Values)
		return nil
	}
	v := &at
	v.offset = p.pos
	ok := false
	switch c := p.peek(); {
	case c == '{':
		v.kind = Object
		ok = p.container(v, depth)
	case c == '[':
		v.kind = Array
		ok = p.container(v, depth)
	case c == '"':
		v.kind = String
		ok = p.str(v)
	case c == '-' || '0' <= c && c <= '9':
		v.kind = Number
		ok = p.number(v)
	case c == 't':
		v.kind = Bool
		ok = p.word("true")
	case c == 'f':
		v.kind = Bool
		ok = p.word("false")
	case c == 'n':
		v.kind = Null
		ok = p.word("null")
	default:
		p.unexpected("a value")
	}
	if !ok {
		return nil
	}
	v.raw = p.data[v.offset:p.pos:p.pos]
	return v
}

func (p *parser) word(w string) bool {
	for i := range len(w) {
		if p.peek() != w[i] {
			p.unexpected(w)
			return false
		}
		p.pos++
	}
	return true
}

// number checks the grammar of JSON numbers; what they may be is up to the
// value they are decoded into.
func (p *parser) number(v *value) bool {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	if p.peek() == '0' {
		p.pos++
	} else if !p.digits() {
		return false
	}
	if p.peek() == '.' {
		p.pos++
		if !p.digits() {
			return false
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return false
		}
	}
	v.text = string(p.data[start:p.pos])
	return true
}

func (p *parser) digits() bool {
	start := p.pos
	for '0' <= p.peek() && p.peek() <= '9' {
		p.pos++
	}
	if p.pos == start {
		p.unexpected("a digit")
	}
	return p.pos > start
}

// container reads an array or an object.
func (p *parser) container(v *value, depth int) bool {
	if depth >= p.limits.Depth {
		p.stop("nested deeper than %d", p.limits.Depth)
		return false
	}
	end := byte(']')
	if v.kind == Object {
		end = '}'
	}
	p.pos++
	if p.space(); p.peek() == end {
		p.pos++
		return true
	}
	for count := 1; ; count++ {
		if count > p.limits.Elements {
			p.stop("more than %d elements", p.limits.Elements)
			return false
		}
		if !p.element(v, depth) {
			return false
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			p.space()
		case end:
			p.pos++
			return true
		default:
			p.unexpected(fmt.Sprintf("a comma or %q", end))
			return false
		}
	}
}

// element reads one element of an array, or a name and its value. Of members
// with one name the first is kept.
func (p *parser) element(v *value, depth int) bool {
	if v.kind == Array {
		kid := p.value(value{parent: v, index: len(v.kids)}, depth+1)
		if kid != nil {
			v.kids = append(v.kids, kid)
		}
		return kid != nil
	}
	if p.peek() != '"' {
		p.unexpected("a name in double quotes")
		return false
	}
	offset := p.pos
	name, nameErr, ok := p.quoted(p.limits.NameLen)
	if !ok {
		return false
	}
	if p.space(); p.peek() != ':' {
		p.unexpected("a colon")
		return false
	}
	p.pos++
	p.space()
	_, repeated := Node{v}.Field(name)
	if nameErr != nil || repeated {
		f := Fault{Path: Key(Node{v}.Path(), name), Err: errRepeated, offset: offset + 1}
		if nameErr != nil {
			f = Fault{Path: Node{v}.Path(), Err: fmt.Errorf("a name %w", nameErr), offset: offset + 1}
		}
		p.fault(f)
		// What is under such a name is read over: it has no path of its own.
		known := len(p.faults)
		kid := p.value(value{parent: v, name: name}, depth+1)
		p.faults = p.faults[:known]
		return kid != nil
	}
	kid := p.value(value{parent: v, name: name}, depth+1)
	if kid == nil {
		return false
	}
	v.kids = append(v.kids, kid)
	switch {
	case v.named != nil:
		v.named[name] = kid
	case len(v.kids) > mapFrom:
		v.named = make(map[string]*value, 2*mapFrom)
		for _, k := range v.kids {
			v.named[k.name] = k
		}
	}
	return true
}

// mapFrom is the number of members up to which a linear search is used.
const mapFrom = 16

var errRepeated = fault.Duplicate.Errorf("repeated")
