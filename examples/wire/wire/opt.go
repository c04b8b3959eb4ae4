package wire

import "encoding/json"

// Opt is a member of a document that may be left out, null, or a value. The zero Opt is
// left out; give its field the tag omitzero.
type Opt[T any] struct {
	value     T
	set, null bool
}

// Of returns a member with a value.
func Of[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// Null returns a member that is null.
func Null[T any]() Opt[T] { return Opt[T]{set: true, null: true} }

// IsZero reports whether the member was left out.
func (o Opt[T]) IsZero() bool { return !o.set }

// IsNull reports whether the member is null.
func (o Opt[T]) IsNull() bool { return o.null }

// Value returns the value, and whether there is one: false if it was left out or is
// null.
func (o Opt[T]) Value() (T, bool) { return o.value, o.set && !o.null }

// MarshalJSON writes the value, or null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set || o.null {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// DecodeWire reads the value, or null.
func (o *Opt[T]) DecodeWire(n Node, f *Faults) {
	if n.IsNull() {
		*o = Null[T]()
		return
	}
	*o = Opt[T]{set: true}
	n.Decode(&o.value, f)
}

// Definite reports a fault if a member is null, for members that may be left out but
// are not nullable.
func Definite[T any](f *Faults, path string, o Opt[T]) {
	if o.null {
		f.Add(path, errNull)
	}
}
