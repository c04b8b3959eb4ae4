package strictjson

import (
	"bytes"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/internal/micro"
)

// Most documents have no fault. A scanner reads such a one straight into values, without
// a tree: the reader of a codec returns false wherever it meets anything that is not as
// usual, a fault or not, and the document is then read again as a tree, which alone finds
// and reports faults. What a scanner reads, the tree reads as an equal value.
//
// Texts are the bytes of the document, which are not copied: what is kept is.
type scanner struct {
	data   []byte
	pos    int
	depth  int
	count  int // of values
	limits Limits
	kept   strings.Builder
}

// scan reads a document and reports whether it could: else the value must be thrown away.
func (c Codec[T]) scan(data []byte, to *T, limits Limits) bool {
	limits = limits.withDefaults()
	if c.quick == nil || len(data) > limits.Size || !utf8.Valid(data) {
		return false
	}
	s := &scanner{data: data, limits: limits}
	s.space()
	if !c.quick(s, to) {
		return false
	}
	s.space()
	return s.pos == len(data) && s.count <= limits.Values
}

// scanValue reads a value; a codec without a quick way reads it as a tree of its own.
func (c Codec[T]) scanValue(s *scanner, to *T) bool {
	if c.quick != nil {
		return c.quick(s, to)
	}
	raw, ok := s.skip()
	if !ok {
		return false
	}
	root, faults := Parse(raw, s.limits)
	if len(faults) > 0 {
		return false
	}
	var r Report
	c.read(root, to, &r)
	return len(r.faults) == 0
}

// keep returns a text that may outlive the document. The texts of a document lie together
// in few pieces of memory.
func (s *scanner) keep(text []byte) string {
	const piece = 512
	if len(text) == 0 {
		return ""
	}
	if s.kept.Cap()-s.kept.Len() < len(text) {
		if len(text) >= piece {
			return string(text)
		}
		s.kept = strings.Builder{}
		// Less than a third of a document is text to keep; the rest are names and instants.
		s.kept.Grow(max(min(piece, (len(s.data)-s.pos)/3+len(text)), len(text)))
	}
	from := s.kept.Len()
	s.kept.Write(text)
	return s.kept.String()[from:]
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// word reads a literal.
func (s *scanner) word(w string) bool {
	if rest := s.data[s.pos:]; len(rest) < len(w) || string(rest[:len(w)]) != w {
		return false
	}
	s.count++
	s.pos += len(w)
	return true
}

// str reads a string value.
func (s *scanner) str() ([]byte, bool) {
	s.count++
	return s.quoted(s.limits.StringLen)
}

func (s *scanner) quoted(limit int) ([]byte, bool) {
	if s.peek() != '"' {
		return nil, false
	}
	start := s.pos + 1
	for i, c := range s.data[start:] {
		switch {
		case c == '"':
			s.pos = start + i + 1
			return s.data[start : start+i : start+i], i <= limit
		case c == '\\':
			p := parser{document: &document{data: s.data}, pos: start + i}
			text, err, ok := p.escaped(start, limit)
			s.pos = p.pos
			return []byte(text), ok && err == nil
		case c < ' ':
			return nil, false
		}
	}
	return nil, false
}

// whole reads a whole number of few digits.
func (s *scanner) whole() (int64, bool) {
	s.count++
	negative := s.peek() == '-'
	if negative {
		s.pos++
	}
	start, n := s.pos, int64(0)
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		if s.pos-start == 18 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
		s.pos++
	}
	if s.pos == start || s.data[start] == '0' && s.pos > start+1 {
		return 0, false
	}
	switch s.peek() {
	case '.', 'e', 'E':
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// open begins an array or an object, and reports whether it holds anything.
func (s *scanner) open(begin, end byte) (more, ok bool) {
	if s.peek() != begin || s.depth >= s.limits.Depth {
		return false, false
	}
	s.count++
	s.pos++
	s.depth++
	s.space()
	if s.peek() == end {
		s.pos++
		s.depth--
		return false, true
	}
	return true, true
}

// next reads what stands after an element or a member, and reports whether one follows.
func (s *scanner) next(end byte) (more, ok bool) {
	s.space()
	switch s.peek() {
	case ',':
		s.pos++
		s.space()
		return true, true
	case end:
		s.pos++
		s.depth--
		return false, true
	}
	return false, false
}

// name reads the name of a member and the colon.
func (s *scanner) name() ([]byte, bool) {
	name, ok := s.quoted(s.limits.NameLen)
	if !ok {
		return nil, false
	}
	s.space()
	if s.peek() != ':' {
		return nil, false
	}
	s.pos++
	s.space()
	return name, true
}

// elements returns how many elements an array or an object has whose first one is next,
// if it is well formed.
func (s *scanner) elements() int {
	n, depth := 1, 0
	for i := s.pos; i < len(s.data); i++ {
		switch s.data[i] {
		case '"':
			end := bytes.IndexByte(s.data[i+1:], '"')
			if end < 0 {
				return n
			}
			if i += end + 1; s.data[i-1] != '\\' {
				continue
			}
			for i -= end; i < len(s.data) && s.data[i] != '"'; i++ { // again, by its escapes
				if s.data[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth == 0 {
				return n
			}
			depth--
		case ',':
			if depth == 0 {
				n++
			}
		}
	}
	return n
}

// objects returns about how many objects an array has whose first one is next: as many as
// are written in a row without white space, but not more than have room.
func (s *scanner) objects() int {
	const least = 32 // bytes
	rest := s.data[s.pos:]
	return min(1+bytes.Count(rest, between), 1+len(rest)/least, s.limits.Elements)
}

// between stands between two objects of an array that is written without white space.
var between = []byte("},{")

// skip reads over a value and returns its bytes. Names that repeat, and what a string
// holds, are left to who reads them.
func (s *scanner) skip() ([]byte, bool) {
	from := s.pos
	if !s.over() {
		return nil, false
	}
	return s.data[from:s.pos:s.pos], true
}

func (s *scanner) over() bool {
	var more, ok bool
	var end byte
	switch s.peek() {
	case '"':
		_, ok = s.str()
		return ok
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	case '[':
		end = ']'
		more, ok = s.open('[', end)
	case '{':
		end = '}'
		more, ok = s.open('{', end)
	default:
		_, ok = s.whole()
		return ok
	}
	for n := 1; ok && more; n++ {
		if n > s.limits.Elements {
			return false
		}
		if end == '}' {
			if _, named := s.name(); !named {
				return false
			}
		}
		if !s.over() {
			return false
		}
		more, ok = s.next(end)
	}
	return ok
}

// scan: see scanner.
func (o *object[T]) scan(s *scanner, to *T) bool {
	more, ok := s.open('{', '}')
	next := 0
	var have memberSet
	for n := 1; more; n++ {
		if n > s.limits.Elements {
			return false
		}
		name, named := s.name()
		if !named {
			return false
		}
		at := o.scanned(name, next)
		if at < 0 || have.has(at) {
			return false
		}
		have.add(at)
		next = at + 1
		if !o.members[at].scan(s, to) {
			return false
		}
		if more, ok = s.next('}'); !ok {
			return false
		}
	}
	if !ok {
		return false
	}
	for i := range o.members {
		if o.members[i].required && !have.has(i) {
			return false
		}
	}
	return true
}

// memberSet is a set of members by their numbers.
type memberSet [2]uint64

// maxMembers is the most members that an object may have to be scanned.
const maxMembers = 128

func (m *memberSet) has(i int) bool { return m[i>>6]&(1<<(i&63)) != 0 }
func (m *memberSet) add(i int)      { m[i>>6] |= 1 << (i & 63) }

// scanList: see scanner.
func scanList[S ~[]T, T any](c Codec[T], s *scanner, to *S) bool {
	if s.word("null") {
		*to = nil
		return true
	}
	more, ok := s.open('[', ']')
	if !ok {
		return false
	}
	if !more {
		*to = make(S, 0)
		return true
	}
	n := s.elements()
	if n > s.limits.Elements {
		return false
	}
	list := make(S, n)
	for i := 0; more; i++ {
		if i >= n || !c.scanValue(s, &list[i]) {
			return false
		}
		if more, ok = s.next(']'); !ok {
			return false
		}
	}
	*to = list
	return true
}

// scanMap: see scanner. Valid says which names are not for the type of the names alone.
func scanMap[M ~map[K]V, K ~string, V any](c Codec[V], s *scanner, to *M, key func(*K) bool) bool {
	if s.word("null") {
		*to = nil
		return true
	}
	more, ok := s.open('{', '}')
	if !ok {
		return false
	}
	m := make(M)
	var value *V
	for n := 1; more; n++ {
		if n > s.limits.Elements {
			return false
		}
		name, named := s.name()
		if !named {
			return false
		}
		k := K(s.keep(name))
		if key != nil {
			own := k // which goes to the heap, as what is pointed to does
			if !key(&own) {
				return false
			}
			k = own
		}
		if value == nil {
			value = new(V)
		} else {
			var zero V
			*value = zero
		}
		if !c.scanValue(s, value) {
			return false
		}
		if m[k] = *value; len(m) < n { // a name was repeated
			return false
		}
		if more, ok = s.next('}'); !ok {
			return false
		}
	}
	*to = m
	return true
}

// scanWord: see scanner.
func scanWord[T ~string](words []T, s *scanner, to *T) bool {
	text, ok := s.str()
	if !ok {
		return false
	}
	for _, w := range words {
		if string(w) == string(text) {
			*to = w
			return true
		}
	}
	return false
}

// scanInstant: see scanner.
func scanInstant(s *scanner, to *time.Time) bool {
	text, ok := s.str()
	if !ok {
		return false
	}
	t, rest, ok := micro.Parse(string(text))
	if !ok || rest != "Z" {
		var err error
		if t, err = parseInstant(string(text)); err != nil {
			return false
		}
	}
	*to = t
	return true
}

// scanInt: see scanner.
func scanInt[T ~int | ~int32 | ~int64](bits int) func(s *scanner, to *T) bool {
	return func(s *scanner, to *T) bool {
		n, ok := s.whole()
		if !ok || bits == 32 && (n < math.MinInt32 || n > math.MaxInt32) {
			return false
		}
		*to = T(n)
		return true
	}
}
