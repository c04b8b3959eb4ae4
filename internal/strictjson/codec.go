package strictjson

import (
	"encoding"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/micro"
)

// A Codec reads and writes one type. Codecs are made once, from those of the parts of
// the type, and are immutable; they are safe for concurrent use.
//
// A codec reads into a zero value. What it writes, it reads back as an equal value; it
// writes what [encoding/json] would, byte for byte.
type Codec[T any] struct {
	read  func(n Node, to *T, r *Report)
	quick func(s *scanner, to *T) bool // see scanner; nil: there is no quick way
	write func(dst []byte, v *T) ([]byte, error)
	value func(dst []byte, v T) ([]byte, error) // write for what has no address; may be nil
	empty func(v *T) bool                       // what [Optional] leaves out
	shape *Shape
}

// Report collects the faults that decoding finds.
type Report struct {
	faults []Fault
	parsed []Fault // those of the document itself, which are among them
}

// Add records a fault at a value.
func (r *Report) Add(n Node, err error) { r.faults = append(r.faults, n.Fault(err)) }

// Missing records that an object has no member of a name.
func (r *Report) Missing(n Node, name string) {
	r.Below(n, []Fault{{Path: name, Err: errMissing}})
}

// Below records faults whose paths are relative to a value.
func (r *Report) Below(n Node, faults []Fault) { r.faults = append(r.faults, n.Below(faults)...) }

// Err records everything that an error of a value's own decoder joins, but for what
// parsing the document found already.
func (r *Report) Err(n Node, err error) {
	for _, f := range Faults(err) {
		if f = n.place(f); !known(r.parsed, f) {
			r.faults = append(r.faults, f)
		}
	}
}

// Fault records a fault that has its place.
func (r *Report) Fault(f Fault) { r.faults = append(r.faults, f) }

// Must records what a value must be.
func (r *Report) Must(n Node, what string) { r.must(n, what) }

// Paths returns the paths of the faults that were recorded from a number on.
func (r *Report) Paths(from int) map[string]bool {
	paths := make(map[string]bool, len(r.faults)-from)
	for _, f := range r.faults[from:] {
		paths[f.Path] = true
	}
	return paths
}

// known reports whether a fault is among others.
func known(faults []Fault, f Fault) bool {
	return slices.ContainsFunc(faults, func(k Fault) bool { return k.Path == f.Path && k.Err.Error() == f.Err.Error() })
}

// Len is how many faults were recorded.
func (r *Report) Len() int { return len(r.faults) }

func (r *Report) must(n Node, what string) { r.faults = append(r.faults, n.must(what)) }

var errMissing = fault.Required.Errorf("missing")

// Read parses a document and decodes it, returning every fault of the two. After a
// fault the value holds what could be decoded and must be thrown away.
func (c Codec[T]) Read(data []byte, to *T, limits Limits) []Fault {
	was := *to
	if c.scan(data, to, limits) {
		return nil
	}
	*to = was
	return c.ReadTree(data, to, limits)
}

// ReadTree is Read without the quick way for documents that have no faults. Tests hold
// the two together.
func (c Codec[T]) ReadTree(data []byte, to *T, limits Limits) []Fault {
	root, faults := Parse(data, limits)
	if root.d == nil {
		return faults
	}
	r := Report{faults: faults, parsed: faults}
	c.read(root, to, &r)
	if len(r.faults) == 0 {
		return nil
	}
	return ordered(r.faults, limits.withDefaults().Faults)
}

// ReadNode decodes the value of a node.
func (c Codec[T]) ReadNode(n Node, to *T, r *Report) { c.read(n, to, r) }

// Append appends the JSON of a value.
func (c Codec[T]) Append(dst []byte, v *T) ([]byte, error) { return c.write(dst, v) }

// writeValue writes a value that has no address; it gets one only where it needs it.
func (c Codec[T]) writeValue(dst []byte, v T) ([]byte, error) {
	if c.value != nil {
		return c.value(dst, v)
	}
	at := v
	return c.write(dst, &at)
}

// Custom returns a codec of functions. Empty may be nil: nothing is left out.
func Custom[T any](shape *Shape, read func(n Node, to *T, r *Report), write func(dst []byte, v *T) ([]byte, error), empty func(v *T) bool) Codec[T] {
	return Codec[T]{read: read, write: write, empty: empty, shape: shape}
}

// Scanned returns the codec with the quick way of another one, for documents without
// faults, which both read as equal values.
func (c Codec[T]) Scanned(by Codec[T]) Codec[T] {
	c.quick = by.quick
	return c
}

// Then returns a codec that calls a function after it has read an object, to report
// what the fields mean together or to fill in what was left out.
func (c Codec[T]) Then(after func(n Node, to *T, r *Report)) Codec[T] {
	read := c.read
	c.read = func(n Node, to *T, r *Report) {
		read(n, to, r)
		after(n, to, r)
	}
	c.quick = nil
	return c
}

// Finally returns a codec that calls a function after it has read a value, faults or
// not, to put what was read into its usual form.
func (c Codec[T]) Finally(tidy func(to *T)) Codec[T] {
	read, quick := c.read, c.quick
	c.read = func(n Node, to *T, r *Report) {
		read(n, to, r)
		tidy(to)
	}
	if quick != nil {
		c.quick = func(s *scanner, to *T) bool {
			if !quick(s, to) {
				return false
			}
			tidy(to)
			return true
		}
	}
	return c
}

// Before returns a codec that changes a copy of the value before it is written, or
// refuses to write it.
func (c Codec[T]) Before(change func(v *T) error) Codec[T] {
	write := c.write
	c.value = nil
	c.write = func(dst []byte, v *T) ([]byte, error) {
		changed := *v
		if err := change(&changed); err != nil {
			return dst, err
		}
		return write(dst, &changed)
	}
	return c
}

// Text is a codec of strings.
func Text[T ~string]() Codec[T] {
	return Codec[T]{
		read: func(n Node, to *T, r *Report) {
			s, ok := n.Str()
			if !ok {
				r.must(n, "a string")
				return
			}
			*to = T(strings.Clone(s))
		},
		quick: func(s *scanner, to *T) bool {
			text, ok := s.str()
			*to = T(s.keep(text))
			return ok
		},
		write: func(dst []byte, v *T) ([]byte, error) { return AppendString(dst, string(*v)), nil },
		value: func(dst []byte, v T) ([]byte, error) { return AppendString(dst, string(v)), nil },
		empty: func(v *T) bool { return *v == "" },
		shape: &Shape{Kind: StringShape},
	}
}

// unmarshaler is a pointer to a type that reads itself from text.
type unmarshaler[T any] interface {
	*T
	encoding.TextUnmarshaler
}

// FromText returns what a type reads from text.
func FromText[T any, P unmarshaler[T]](text string) (T, error) {
	var t T
	err := P(&t).UnmarshalText([]byte(text))
	return t, err
}

// Word is a codec of an enumeration of strings: words are the usual ones, read without
// further ado; all others are up to parse, whose error names what is valid.
func Word[T ~string](words []T, parse func(string) (T, error)) Codec[T] {
	all := slices.Clone(words)
	c := Text[T]()
	c.quick = func(s *scanner, to *T) bool { return scanWord(all, s, to) }
	c.read = func(n Node, to *T, r *Report) {
		s, ok := n.Str()
		if !ok {
			r.must(n, "a string")
			return
		}
		for _, w := range all {
			if string(w) == s {
				*to = w
				return
			}
		}
		w, err := parse(s)
		if err != nil {
			r.Add(n, err)
			return
		}
		*to = w
	}
	c.shape = &Shape{Kind: StringShape}
	for _, w := range all {
		c.shape.Words = append(c.shape.Words, string(w))
	}
	if _, err := parse(""); err == nil {
		c.shape.Words = append(c.shape.Words, "")
	}
	return c
}

// Marshaled is a codec of a type that reads and writes itself as text. Pattern is the
// regular expression of its JSON Schema, "" for none.
func Marshaled[T interface {
	encoding.TextMarshaler
	IsZero() bool
}, P unmarshaler[T]](pattern string) Codec[T] {
	return marshaled[T, P](pattern, func(v *T) bool { return (*v).IsZero() })
}

// Plain is [Marshaled] for a comparable type without IsZero. Words, if there are any, are
// all its values; they are read and written without asking the type.
func Plain[T interface {
	encoding.TextMarshaler
	comparable
}, P unmarshaler[T]](pattern string, words ...T) Codec[T] {
	var zero T
	c := marshaled[T, P](pattern, func(v *T) bool { return *v == zero })
	values, texts := make(map[string]T, len(words)), make(map[T]string, len(words))
	shape := *c.shape
	for _, v := range words {
		text, err := v.MarshalText()
		if err == nil {
			shape.Words = append(shape.Words, string(text))
			values[string(text)], texts[v] = v, string(AppendString(nil, string(text)))
		}
	}
	if len(values) == 0 {
		return c
	}
	if _, err := FromText[T, P](""); err == nil {
		shape.Words = append(shape.Words, "")
	}
	c.shape = &shape
	quick, write := c.quick, c.write
	c.value = nil
	c.quick = func(s *scanner, to *T) bool {
		from, count := s.pos, s.count
		text, ok := s.str()
		if !ok {
			return false
		}
		v, known := values[string(text)]
		if !known {
			s.pos, s.count = from, count
			return quick(s, to)
		}
		*to = v
		return true
	}
	c.write = func(dst []byte, v *T) ([]byte, error) {
		if text, ok := texts[*v]; ok {
			return append(dst, text...), nil
		}
		return write(dst, v)
	}
	return c
}

// Parsed returns the codec with another way to read usual texts: a function that returns
// what the type itself would, or false where the type must be asked. The text is kept
// and may be a part of the value.
func (c Codec[T]) Parsed(parse func(text string) (T, bool)) Codec[T] {
	c.quick = func(s *scanner, to *T) bool {
		text, ok := s.str()
		if !ok {
			return false
		}
		*to, ok = parse(s.keep(text))
		return ok
	}
	return c
}

// Written returns the codec with another way to write: a function that appends what the
// type itself would, or returns false where the type must be asked.
func (c Codec[T]) Written(quick func(dst []byte, v *T) ([]byte, bool)) Codec[T] {
	write := c.write
	c.value = nil
	c.write = func(dst []byte, v *T) ([]byte, error) {
		if out, ok := quick(dst, v); ok {
			return out, nil
		}
		return write(dst, v)
	}
	return c
}

func marshaled[T encoding.TextMarshaler, P unmarshaler[T]](pattern string, empty func(*T) bool) Codec[T] {
	return Codec[T]{
		read: func(n Node, to *T, r *Report) {
			s, ok := n.Str()
			if !ok {
				r.must(n, "a string")
				return
			}
			if err := P(to).UnmarshalText([]byte(s)); err != nil {
				r.Add(n, err)
			}
		},
		quick: func(s *scanner, to *T) bool {
			text, ok := s.str()
			return ok && P(to).UnmarshalText(text) == nil
		},
		write: func(dst []byte, v *T) ([]byte, error) {
			if a, ok := any(v).(encoding.TextAppender); ok {
				return appendText(dst, a)
			}
			text, err := (*v).MarshalText()
			if err != nil {
				return dst, err
			}
			return AppendString(dst, string(text)), nil
		},
		empty: empty,
		shape: &Shape{Kind: StringShape, Pattern: pattern},
	}
}

// appendText appends what a value appends of itself, as a string.
func appendText(dst []byte, a encoding.TextAppender) ([]byte, error) {
	from := len(dst)
	out, err := a.AppendText(append(dst, '"'))
	if err != nil {
		return dst, err
	}
	for _, c := range out[from+1:] {
		if !plainByte(c) {
			return AppendString(dst, string(out[from+1:])), nil
		}
	}
	return append(out, '"'), nil
}

// Truth is a codec of truth values.
func Truth() Codec[bool] {
	return Codec[bool]{
		read: func(n Node, to *bool, r *Report) {
			b, ok := n.Bool()
			if !ok {
				r.must(n, "true or false")
				return
			}
			*to = b
		},
		quick: func(s *scanner, to *bool) bool {
			*to = s.word("true")
			return *to || s.word("false")
		},
		write: func(dst []byte, v *bool) ([]byte, error) { return strconv.AppendBool(dst, *v), nil },
		empty: func(v *bool) bool { return !*v },
		shape: &Shape{Kind: BoolShape},
	}
}

// Int is a codec of whole numbers.
func Int[T ~int | ~int32 | ~int64]() Codec[T] {
	bits := 64
	if T(1<<31-1)+1 < 0 {
		bits = 32
	}
	return Codec[T]{
		read: func(n Node, to *T, r *Report) {
			text, ok := n.Number()
			if !ok || strings.ContainsAny(text, ".eE") {
				r.must(n, "a whole number")
				return
			}
			i, err := strconv.ParseInt(text, 10, bits)
			if err != nil {
				r.Add(n, fault.OutOfRange.Errorf("must be between %d and %d", int64(-1)<<(bits-1), int64(1)<<(bits-1)-1))
				return
			}
			*to = T(i)
		},
		quick: scanInt[T](bits),
		write: func(dst []byte, v *T) ([]byte, error) { return strconv.AppendInt(dst, int64(*v), 10), nil },
		empty: func(v *T) bool { return *v == 0 },
		shape: &Shape{Kind: IntShape, Bits: bits},
	}
}

// Instant is a codec of instants, written in UTC.
func Instant() Codec[time.Time] {
	return Codec[time.Time]{
		read: func(n Node, to *time.Time, r *Report) {
			s, ok := n.Str()
			if !ok {
				r.must(n, "an instant")
				return
			}
			t, err := parseInstant(s)
			if err != nil {
				r.Add(n, err)
				return
			}
			*to = t
		},
		quick: scanInstant,
		write: func(dst []byte, v *time.Time) ([]byte, error) {
			t := micro.Floor(*v)
			if sec := t.Unix(); sec < yearZero || sec >= tenThousand {
				return dst, errYear
			}
			return append(micro.Append(append(dst, '"'), t), '"'), nil
		},
		empty: func(v *time.Time) bool { return v.IsZero() },
		shape: &Shape{Kind: StringShape, Format: "date-time", Pattern: instantPattern},
	}
}

// The beginnings of the years 0 and 10000, in seconds since 1970.
const yearZero, tenThousand = -62167219200, 253402300800

// CivilPattern is the pattern of civil times, of which "" is none.
const CivilPattern = `^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,5}[1-9])?)?$`

const instantPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$`

// Decimal is a codec of decimals, written as strings in plain notation.
func Decimal() Codec[decimal.Decimal] { return decimals("a string that holds a decimal") }

// DecimalText is [Decimal] with another word for what it must be.
func DecimalText() Codec[decimal.Decimal] { return decimals("a string") }

func decimals(what string) Codec[decimal.Decimal] {
	return Codec[decimal.Decimal]{
		read: func(n Node, to *decimal.Decimal, r *Report) {
			s, ok := n.Str()
			if !ok {
				r.must(n, what)
				return
			}
			d, err := dec.Parse(s)
			if err != nil {
				r.Add(n, err)
				return
			}
			*to = d
		},
		quick: func(s *scanner, to *decimal.Decimal) bool {
			text, ok := s.str()
			if !ok {
				return false
			}
			var err error
			*to, err = dec.Parse(string(text))
			return err == nil
		},
		write: func(dst []byte, v *decimal.Decimal) ([]byte, error) {
			return append(dec.Append(append(dst, '"'), *v), '"'), nil
		},
		empty: func(v *decimal.Decimal) bool { return v.IsZero() },
		shape: &Shape{Kind: StringShape, Pattern: `^-?[0-9]{1,30}(\.[0-9]{1,20})?$`},
	}
}

// maxExact is the longest text of an [Exact] decimal.
const maxExact = 512

// Exact is a codec of decimals that were computed, which may have more digits than
// those that are given.
func Exact() Codec[decimal.Decimal] {
	c := decimals("a string that holds a decimal")
	c.quick = nil
	c.read = func(n Node, to *decimal.Decimal, r *Report) {
		s, ok := n.Str()
		if !ok {
			r.must(n, "a string that holds a decimal")
			return
		}
		if len(s) > maxExact || !plainDecimal(s) {
			r.Add(n, dec.ErrSyntax)
			return
		}
		d, err := decimal.NewFromString(s)
		if err != nil {
			r.Add(n, dec.ErrSyntax)
			return
		}
		*to = d
	}
	c.shape = &Shape{Kind: StringShape, Pattern: `^-?[0-9]+(\.[0-9]+)?$`}
	return c
}

// plainDecimal reports whether a text is digits with a sign and a point at most.
func plainDecimal(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (!point || digits(fraction))
}

// Closed is a codec of an enumeration of strings without rules of its own: the words
// and no others.
func Closed[T ~string](words []T) Codec[T] {
	all := slices.Clone(words)
	c := Text[T]()
	c.quick = func(s *scanner, to *T) bool { return scanWord(all, s, to) }
	c.read = func(n Node, to *T, r *Report) {
		s, ok := n.Str()
		if !ok {
			r.must(n, "a string")
			return
		}
		if i := slices.Index(all, T(s)); i >= 0 {
			*to = all[i]
			return
		}
		r.Add(n, fault.UnknownWord.Errorf("must be one of %q", all))
	}
	c.shape = &Shape{Kind: StringShape}
	for _, w := range all {
		c.shape.Words = append(c.shape.Words, string(w))
	}
	return c
}

// Bits is a codec of a set of bits, written as the list of their words, the lowest bit
// first.
func Bits[T ~uint8](words ...string) Codec[T] {
	word := Closed(words)
	return Codec[T]{
		read: func(n Node, to *T, r *Report) {
			var list []string
			before := r.Len()
			if bitsList.read(n, &list, r); r.Len() > before {
				return
			}
			last := -1
			for i, kid := range n.kids() {
				var w string
				if word.read(kid, &w, r); w == "" {
					continue
				}
				at := slices.Index(words, w)
				if at <= last {
					r.Add(n.kids()[i], fault.OutOfOrder.Errorf("must be there once, and in order"))
					continue
				}
				last = at
				*to |= 1 << at
			}
		},
		write: func(dst []byte, v *T) ([]byte, error) {
			dst = append(dst, '[')
			first := true
			for i, w := range words {
				if *v&(1<<i) == 0 {
					continue
				}
				if !first {
					dst = append(dst, ',')
				}
				first = false
				dst = AppendString(dst, w)
			}
			return append(dst, ']'), nil
		},
		empty: func(v *T) bool { return *v == 0 },
		shape: &Shape{Kind: ArrayShape, Of: word.shape},
	}
}

var bitsList = NotNull(List[[]string](Text[string]()), []string{})
