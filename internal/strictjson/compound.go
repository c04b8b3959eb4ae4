package strictjson

import (
	"encoding"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/fault"
)

// A Member is one field of an object of type T.
type Member[T any] struct {
	name     string
	read     func(n Node, to *T, r *Report)
	scan     func(s *scanner, to *T) bool
	write    func(dst []byte, v *T) ([]byte, error)
	empty    func(v *T) bool // nil: always written
	required bool
	needed   bool // see Needed
	shape    *Shape
}

// Field is a field that is always written, and that may be left out by who writes a
// document by hand.
func Field[T, F any](name string, at func(*T) *F, c Codec[F]) Member[T] {
	return Member[T]{
		name:  name,
		read:  func(n Node, to *T, r *Report) { c.read(n, at(to), r) },
		scan:  func(s *scanner, to *T) bool { return c.scanValue(s, at(to)) },
		write: func(dst []byte, v *T) ([]byte, error) { return c.write(dst, at(v)) },
		shape: c.shape,
	}
}

// Optional is a field that is left out where it is empty.
func Optional[T, F any](name string, at func(*T) *F, c Codec[F]) Member[T] {
	m := Field(name, at, c)
	m.empty = func(v *T) bool { return c.empty(at(v)) }
	return m
}

// Required is a field that is always written, and must be there.
func Required[T, F any](name string, at func(*T) *F, c Codec[F]) Member[T] {
	m := Field(name, at, c)
	m.required = true
	return m
}

// Needed is a field that is missed only after reading, by what checks the value, with an
// error of its own. Reading does not miss it; the schema says that it must be there, and
// be neither null nor empty.
func (m Member[T]) Needed() Member[T] {
	m.needed, m.shape = true, m.shape.given()
	return m
}

// When is a field that is written only where a function says so.
func (m Member[T]) When(written func(v *T) bool) Member[T] {
	m.empty = func(v *T) bool { return !written(v) }
	return m
}

// Struct is a codec of structs. Its members are written in the order given.
func Struct[T any](members ...Member[T]) Codec[T] {
	o := &object[T]{members: members, byName: make(map[string]int, len(members))}
	shape := &Shape{Kind: ObjectShape}
	for i, m := range members {
		o.byName[m.name] = i
		o.names = append(o.names, m.name)
		o.keys = append(o.keys, string(append(AppendString(nil, m.name), ':')))
		shape.Members = append(shape.Members, ShapeMember{Name: m.name, Shape: m.shape, Required: m.required || m.needed})
	}
	c := Codec[T]{read: o.read, write: o.write, empty: o.empty, shape: shape}
	if len(members) <= maxMembers {
		c.quick = o.scan
	}
	return c
}

// Embed returns the members of a part of a struct as members of the struct.
func Embed[T, F any](at func(*T) *F, members ...Member[F]) []Member[T] {
	out := make([]Member[T], len(members))
	for i, m := range members {
		out[i] = Member[T]{
			name:  m.name,
			read:  func(n Node, to *T, r *Report) { m.read(n, at(to), r) },
			scan:  func(s *scanner, to *T) bool { return m.scan(s, at(to)) },
			write: func(dst []byte, v *T) ([]byte, error) { return m.write(dst, at(v)) },
			shape: m.shape, required: m.required, needed: m.needed,
		}
		if m.empty != nil {
			out[i].empty = func(v *T) bool { return m.empty(at(v)) }
		}
	}
	return out
}

type object[T any] struct {
	members []Member[T]
	keys    []string // the names as they are written, with a colon
	names   []string
	byName  map[string]int
}

func (o *object[T]) read(n Node, to *T, r *Report) {
	if n.Kind() != Object {
		r.must(n, "an object")
		return
	}
	next, seen := 0, 0 // members usually stand in the order in which they are written
	var have uint64
	for i := n.v().first; i != 0; i = n.d.values[i].next {
		kid := Node{n.d, i}
		name := kid.name()
		at := o.find(name, next)
		if at < 0 {
			r.Add(kid, o.unknown(name))
			continue
		}
		next = at + 1
		if o.members[at].required {
			have |= 1 << (at & 63)
			seen++
		}
		o.members[at].read(kid, to, r)
	}
	for i := range o.members {
		if o.members[i].required && have&(1<<(i&63)) == 0 {
			r.Missing(n, o.members[i].name)
		}
	}
}

// find returns the member of a name, -1 if there is none; it is probably one of the next.
func (o *object[T]) find(name string, next int) int {
	for j := next; j < len(o.members) && j < next+ahead; j++ {
		if o.members[j].name == name {
			return j
		}
	}
	if at, ok := o.byName[name]; ok {
		return at
	}
	return -1
}

// scanned is find for the bytes of a name. Most names differ in length, so that comparing
// costs less than the table.
func (o *object[T]) scanned(name []byte, next int) int {
	for j := next; j < len(o.names); j++ {
		if o.names[j] == string(name) {
			return j
		}
	}
	if at, ok := o.byName[string(name)]; ok {
		return at
	}
	return -1
}

// ahead is how many members are compared before the table is asked.
const ahead = 4

// unknown names the field that was probably meant, if its name differs in case only.
func (o *object[T]) unknown(name string) error {
	meant := ""
	for _, m := range o.members {
		if strings.EqualFold(m.name, name) && (meant == "" || m.name < meant) {
			meant = m.name
		}
	}
	if meant != "" {
		return fault.UnknownField.Errorf("unknown field; the name is %q", meant)
	}
	return fault.UnknownField.Errorf("unknown field")
}

func (o *object[T]) write(dst []byte, v *T) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range o.members {
		m := &o.members[i]
		if m.empty != nil && m.empty(v) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, o.keys[i]...)
		var err error
		if dst, err = m.write(dst, v); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// empty reports whether nothing of the value would be written.
func (o *object[T]) empty(v *T) bool {
	for i := range o.members {
		if empty := o.members[i].empty; empty == nil || !empty(v) {
			return false
		}
	}
	return true
}

// Pointer is a codec of what may be absent: nil is null.
func Pointer[T any](c Codec[T]) Codec[*T] {
	return Codec[*T]{
		read: func(n Node, to **T, r *Report) {
			if n.Kind() == Null {
				*to = nil
				return
			}
			*to = new(T)
			c.read(n, *to, r)
		},
		quick: func(s *scanner, to **T) bool {
			if s.word("null") {
				*to = nil
				return true
			}
			*to = new(T)
			return c.scanValue(s, *to)
		},
		write: func(dst []byte, v **T) ([]byte, error) {
			if *v == nil {
				return append(dst, "null"...), nil
			}
			return c.write(dst, *v)
		},
		value: func(dst []byte, v *T) ([]byte, error) {
			if v == nil {
				return append(dst, "null"...), nil
			}
			return c.write(dst, v)
		},
		empty: func(v **T) bool { return *v == nil },
		shape: &Shape{Kind: NullableShape, Of: c.shape},
	}
}

// OrNull is a codec that also reads null, as the zero value.
func OrNull[T any](c Codec[T]) Codec[T] {
	read := c.read
	c.read = func(n Node, to *T, r *Report) {
		if n.Kind() != Null {
			read(n, to, r)
		}
	}
	if quick := c.quick; quick != nil {
		c.quick = func(s *scanner, to *T) bool { return s.word("null") || quick(s, to) }
	}
	c.shape = &Shape{Kind: NullableShape, Of: c.shape}
	return c
}

// List is a codec of slices. Null is nil, and nil is null.
func List[S ~[]T, T any](c Codec[T]) Codec[S] {
	return Codec[S]{
		read: func(n Node, to *S, r *Report) {
			switch n.Kind() {
			case Null:
				*to = nil
				return
			case Array:
			case Absent, Bool, Number, String, Object:
				r.must(n, "an array")
				return
			}
			list := make(S, n.v().count)
			at := 0
			for i := n.v().first; i != 0; i = n.d.values[i].next {
				c.read(Node{n.d, i}, &list[at], r)
				at++
			}
			*to = list
		},
		quick: func(s *scanner, to *S) bool { return scanList(c, s, to) },
		write: func(dst []byte, v *S) ([]byte, error) {
			if *v == nil {
				return append(dst, "null"...), nil
			}
			dst = append(dst, '[')
			for i := range *v {
				if i > 0 {
					dst = append(dst, ',')
				}
				var err error
				if dst, err = c.write(dst, &(*v)[i]); err != nil {
					return dst, err
				}
			}
			return append(dst, ']'), nil
		},
		empty: func(v *S) bool { return len(*v) == 0 },
		shape: &Shape{Kind: ArrayShape, Of: c.shape, Null: true},
	}
}

// An entry is one of a map.
type entry[K, V any] struct {
	key   K
	value V
}

// Map is a codec of maps from strings, written in the order of the names. Null is nil,
// and nil is null. A name may have rules of its own, as the type's UnmarshalText.
func Map[M ~map[K]V, K ~string, V any](c Codec[V]) Codec[M] {
	var own func(*K) bool
	if _, ok := any(new(K)).(encoding.TextUnmarshaler); ok {
		own = func(k *K) bool {
			u, ok := any(k).(encoding.TextUnmarshaler)
			return ok && u.UnmarshalText([]byte(*k)) == nil
		}
	}
	return Codec[M]{
		quick: func(s *scanner, to *M) bool { return scanMap(c, s, to, own) },
		read: func(n Node, to *M, r *Report) {
			switch n.Kind() {
			case Null:
				*to = nil
				return
			case Object:
			case Absent, Bool, Number, String, Array:
				r.must(n, "an object")
				return
			}
			m := make(M, n.v().count)
			for i := n.v().first; i != 0; i = n.d.values[i].next {
				kid := Node{n.d, i}
				key := K(strings.Clone(kid.name()))
				if own, ok := any(&key).(encoding.TextUnmarshaler); ok {
					if err := own.UnmarshalText([]byte(kid.name())); err != nil {
						r.Add(kid, err)
						continue
					}
				}
				var value V
				c.read(kid, &value, r)
				m[key] = value
			}
			*to = m
		},
		write: func(dst []byte, v *M) ([]byte, error) {
			if *v == nil {
				return append(dst, "null"...), nil
			}
			dst = append(dst, '{')
			var few [8]entry[K, V]
			entries := few[:0]
			for key, value := range *v {
				entries = append(entries, entry[K, V]{key, value})
			}
			slices.SortFunc(entries, func(a, b entry[K, V]) int { return strings.Compare(string(a.key), string(b.key)) })
			for i := range entries {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = append(AppendString(dst, string(entries[i].key)), ':')
				var err error
				if dst, err = c.writeValue(dst, entries[i].value); err != nil {
					return dst, err
				}
			}
			return append(dst, '}'), nil
		},
		empty: func(v *M) bool { return len(*v) == 0 },
		shape: &Shape{Kind: MapShape, Of: c.shape, Null: true},
	}
}

// Entries is a codec of a list of named values, in the order of their names, which is an
// object in JSON. Null is nil, and nil is null.
func Entries[S ~[]E, E, V any](name func(*E) *string, value func(*E) *V, c Codec[V]) Codec[S] {
	sorted := func(list S) {
		byName := func(a, b E) int { return strings.Compare(*name(&a), *name(&b)) }
		if !slices.IsSortedFunc(list, byName) {
			slices.SortFunc(list, byName)
		}
	}
	return Codec[S]{
		read: func(n Node, to *S, r *Report) {
			switch n.Kind() {
			case Null:
				*to = nil
				return
			case Object:
			case Absent, Bool, Number, String, Array:
				r.must(n, "an object")
				return
			}
			list := make(S, n.v().count)
			for i, kid := range n.kids() {
				*name(&list[i]) = strings.Clone(kid.name())
				c.read(kid, value(&list[i]), r)
			}
			sorted(list)
			*to = list
		},
		quick: func(s *scanner, to *S) bool {
			if s.word("null") {
				*to = nil
				return true
			}
			more, ok := s.open('{', '}')
			if !ok {
				return false
			}
			list := (*to)[:0] // where there is room from an earlier value
			if list == nil {
				list = make(S, 0)
			}
			if n := s.elements(); more && n > cap(list) {
				list = make(S, 0, min(n, s.limits.Elements))
			}
			for more {
				text, named := s.name()
				if !named || len(list) == cap(list) || len(list) == s.limits.Elements {
					return false
				}
				var zero E
				list = append(list, zero)
				last := &list[len(list)-1]
				*name(last) = s.keep(text)
				if !c.scanValue(s, value(last)) {
					return false
				}
				if more, ok = s.next('}'); !ok {
					return false
				}
			}
			sorted(list)
			for i := 1; i < len(list); i++ {
				if *name(&list[i]) == *name(&list[i-1]) {
					return false
				}
			}
			*to = list
			return true
		},
		write: func(dst []byte, v *S) ([]byte, error) {
			if *v == nil {
				return append(dst, "null"...), nil
			}
			dst = append(dst, '{')
			for i := range *v {
				if i > 0 {
					dst = append(dst, ',')
				}
				e := &(*v)[i]
				dst = append(AppendString(dst, *name(e)), ':')
				var err error
				if dst, err = c.write(dst, value(e)); err != nil {
					return dst, err
				}
			}
			return append(dst, '}'), nil
		},
		empty: func(v *S) bool { return len(*v) == 0 },
		shape: &Shape{Kind: MapShape, Of: c.shape, Null: true},
	}
}

// NotNull is a codec of a list or a map that must not be null, and never is.
func NotNull[T any](c Codec[T], none T) Codec[T] {
	read, quick, write := c.read, c.quick, c.write
	c.value = nil
	if quick != nil {
		c.quick = func(s *scanner, to *T) bool { return s.peek() != 'n' && quick(s, to) }
	}
	c.read = func(n Node, to *T, r *Report) {
		if n.Kind() == Null {
			r.Add(n, errNull)
			return
		}
		read(n, to, r)
	}
	c.write = func(dst []byte, v *T) ([]byte, error) {
		if c.empty(v) {
			return write(dst, &none)
		}
		return write(dst, v)
	}
	shape := *c.shape
	shape.Null = false
	c.shape = &shape
	return c
}

// Starting returns a codec that reads into a value with other defaults than zero.
func (c Codec[T]) Starting(with func(to *T)) Codec[T] {
	read := c.read
	c.read = func(n Node, to *T, r *Report) {
		with(to)
		read(n, to, r)
	}
	if quick := c.quick; quick != nil {
		c.quick = func(s *scanner, to *T) bool {
			with(to)
			return quick(s, to)
		}
	}
	return c
}

// Version is the member "version" of a document: the number of its form, which is
// refused by name where it is another.
func Version[T any](number int) Member[T] {
	whole := Int[int]()
	return Member[T]{
		name: "version",
		read: func(n Node, _ *T, r *Report) {
			got, before := 0, r.Len()
			if whole.read(n, &got, r); r.Len() == before && got != number {
				r.Add(n, fault.UnknownVersion.Errorf("must be %d", number))
			}
		},
		scan: func(s *scanner, _ *T) bool {
			got, ok := s.whole()
			return ok && got == int64(number)
		},
		write:    func(dst []byte, _ *T) ([]byte, error) { return whole.write(dst, &number) },
		required: true,
		shape:    &Shape{Kind: IntShape, Bits: 64, Number: &number},
	}
}

// Write is a member that is written by a function and only checked when read, because
// it follows from the others.
func (m Member[T]) Write(write func(dst []byte, v *T) ([]byte, error)) Member[T] {
	m.write = write
	return m
}
