package strictjson

import (
	"fmt"
	"maps"
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
	p := &parser{document: &document{data: data, text: string(data)}, limits: limits, plain: utf8.Valid(data)}
	p.values = make([]value, 0, min(limits.Values, len(data)/bytesPerValue)+4)
	p.space()
	_, ok := p.value(value{}, 0)
	if ok {
		if p.space(); p.pos < len(p.data) {
			p.stop("more follows the document")
		}
	}
	faults := p.faults
	root := Node{p.document, 0}
	if p.fatal != nil {
		faults = append(faults, Fault{Err: p.fatal, offset: p.pos + 1})
		root = Node{}
	}
	return root, ordered(faults, limits.Faults)
}

// bytesPerValue is how many bytes of a usual document there are to a value: the slab
// then seldom grows.
const bytesPerValue = 16

// parser reads a document from beginning to end. It recurses at most Depth deep.
type parser struct {
	*document
	pos    int
	limits Limits
	plain  bool // the whole document is valid UTF-8
	count  int
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

// value reads the value whose place in its parent is given, and returns its index;
// false means that the document cannot be read on.
func (p *parser) value(at value, depth int) (int32, bool) {
	if p.count++; p.count > p.limits.Values {
		p.stop("more than %d values", p.limits.Values)
		return 0, false
	}
	i := int32(len(p.values))
	at.start = int32(p.pos)
	p.values = append(p.values, at)
	ok := false
	switch c := p.peek(); {
	case c == '{':
		ok = p.container(i, Object, depth)
	case c == '[':
		ok = p.container(i, Array, depth)
	case c == '"':
		ok = p.str(i)
	case c == '-' || '0' <= c && c <= '9':
		ok = p.number(i)
	case c == 't':
		p.values[i].kind = Bool
		ok = p.word("true")
	case c == 'f':
		p.values[i].kind = Bool
		ok = p.word("false")
	case c == 'n':
		p.values[i].kind = Null
		ok = p.word("null")
	default:
		p.unexpected("a value")
	}
	p.values[i].end = int32(p.pos)
	return i, ok
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
func (p *parser) number(i int32) bool {
	p.values[i].kind = Number
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
func (p *parser) container(i int32, kind Kind, depth int) bool {
	p.values[i].kind = kind
	if depth >= p.limits.Depth {
		p.stop("nested deeper than %d", p.limits.Depth)
		return false
	}
	end := byte(']')
	if kind == Object {
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
		if kind == Array && !p.element(i, depth) || kind == Object && !p.member(i, depth) {
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

func (p *parser) element(i int32, depth int) bool {
	kid, ok := p.value(value{parent: i, index: p.values[i].count}, depth+1)
	if ok {
		p.adopt(i, kid)
	}
	return ok
}

// adopt makes a value the last kid of another.
func (p *parser) adopt(i, kid int32) {
	v := &p.values[i]
	if v.first == 0 {
		v.first = kid
	} else {
		p.values[v.last].next = kid
	}
	v.last = kid
	v.count++
}

// member reads a name and its value. Of members with one name the first is kept.
func (p *parser) member(i int32, depth int) bool {
	if p.peek() != '"' {
		p.unexpected("a name in double quotes")
		return false
	}
	offset := p.pos
	name, nameErr, ok := p.quoted(p.limits.NameLen)
	if !ok {
		return false
	}
	named := value{parent: i, name: int32(offset) + 1, nend: int32(p.pos) - 1}
	named.renamed = p.text[named.name:named.nend] != name
	if p.space(); p.peek() != ':' {
		p.unexpected("a colon")
		return false
	}
	p.pos++
	p.space()
	at := Node{p.document, i}
	_, repeated := at.Field(name)
	if nameErr != nil || repeated {
		f := Fault{Path: Key(at.Path(), name), Err: errRepeated, offset: offset + 1}
		if nameErr != nil {
			f = Fault{Path: at.Path(), Err: fmt.Errorf("a name %w", nameErr), offset: offset + 1}
		}
		p.fault(f)
		// What is under such a name is read over: it has no path of its own.
		known, before := len(p.faults), len(p.values)
		p.rename(named, name)
		_, ok := p.value(named, depth+1)
		p.faults, p.values = p.faults[:known], p.values[:before]
		maps.DeleteFunc(p.named, func(at int32, _ map[string]int32) bool { return int(at) >= before })
		maps.DeleteFunc(p.texts, func(at int32, _ string) bool { return int(at) >= before })
		maps.DeleteFunc(p.names, func(at int32, _ string) bool { return int(at) >= before })
		return ok
	}
	p.rename(named, name)
	kid, ok := p.value(named, depth+1)
	if !ok {
		return false
	}
	p.adopt(i, kid)
	if count := p.values[i].count; count > mapFrom {
		p.index(i, count)
	}
	return true
}

// rename keeps the name of the next value, if it is not as written.
func (p *parser) rename(at value, name string) {
	if !at.renamed {
		return
	}
	if p.names == nil {
		p.names = map[int32]string{}
	}
	p.names[int32(len(p.values))] = name
}

// index keeps the members of a large object by name.
func (p *parser) index(i, count int32) {
	members, ok := p.named[i]
	if ok {
		last := p.values[i].last
		members[Node{p.document, last}.name()] = last
		return
	}
	members = make(map[string]int32, 2*count)
	for _, kid := range (Node{p.document, i}).kids() {
		members[kid.name()] = kid.i
	}
	if p.named == nil {
		p.named = map[int32]map[string]int32{}
	}
	p.named[i] = members
}

// mapFrom is the number of members up to which a linear search is used.
const mapFrom = 16

var errRepeated = fault.Duplicate.Errorf("repeated")
