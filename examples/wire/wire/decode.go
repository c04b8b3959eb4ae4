package wire

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

var (
	errNull    = fault.WrongType.Errorf("must not be null")
	errInstant = fault.Malformed.Errorf("must be an instant such as 2026-01-31T09:00:00Z")
	errUnknown = fault.UnknownField.Errorf("unknown field")
)

// Decoder is a type that decodes itself from a node and reports every fault.
type Decoder interface {
	DecodeWire(n Node, f *Faults)
}

// Decode decodes the value into the value that v points to, which should be zero. It
// supports strings, booleans, whole numbers, structs by their json tags, slices,
// pointers, json.RawMessage, time.Time, [Decoder] and encoding.TextUnmarshaler. null is
// accepted for pointers and slices, as nil, and by a Decoder that reads it.
func (n Node) Decode(v any, f *Faults) { n.into(reflect.ValueOf(v).Elem(), f) }

// into decodes into a settable value.
func (n Node) into(target reflect.Value, f *Faults) {
	if n.err != nil {
		f.Add(n.path, n.err)
		return
	}
	if kind := target.Kind(); n.IsNull() && (kind == reflect.Pointer || kind == reflect.Slice) && target.Type() != reflect.TypeFor[json.RawMessage]() {
		target.SetZero()
		return
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		n.into(target.Elem(), f)
		return
	}
	switch to := target.Addr().Interface().(type) {
	case Decoder:
		to.DecodeWire(n, f)
	case *json.RawMessage:
		n.check(f)
		*to = append(json.RawMessage(nil), n.raw...)
	case *time.Time:
		n.text("an instant", f, func(text string) (err error) {
			if *to, err = calendar.ParseInstant(text); err != nil {
				return errInstant
			}
			return nil
		})
	case encoding.TextUnmarshaler:
		n.text("a string", f, func(text string) error { return to.UnmarshalText([]byte(text)) })
	default:
		n.builtin(target, f)
	}
}

// check reports the faults below a value that is kept as it is.
func (n Node) check(f *Faults) {
	f.Add(n.path, n.err)
	for _, kid := range n.kids {
		kid.check(f)
	}
}

// must reports what the value must be. It does not show the value, which may be long or
// secret.
func (n Node) must(what string, f *Faults) {
	if n.IsNull() {
		f.Add(n.path, errNull)
		return
	}
	f.Add(n.path, fault.WrongType.Errorf("must be %s", what))
}

// text decodes a string with a function.
func (n Node) text(what string, f *Faults, read func(string) error) {
	text, ok := n.Text()
	if !ok {
		n.must(what, f)
		return
	}
	f.Add(n.path, read(text))
}

func (n Node) builtin(target reflect.Value, f *Faults) {
	switch kind := target.Kind(); {
	case kind == reflect.String:
		n.text("a string", f, func(text string) error {
			target.SetString(text)
			return nil
		})
	case kind == reflect.Bool:
		value, ok := n.token.(bool)
		if !ok {
			n.must("true or false", f)
		}
		target.SetBool(value)
	case target.CanInt() || target.CanUint():
		n.integer(target, f)
	case kind == reflect.Slice:
		n.slice(target, f)
	case kind == reflect.Struct:
		n.structure(target, f)
	default:
		f.Add(n.path, fmt.Errorf("cannot be decoded into %s", target.Type()))
	}
}

// integer decodes a whole number that fits.
func (n Node) integer(target reflect.Value, f *Faults) {
	text, ok := n.Number()
	if !ok || strings.ContainsAny(text, ".eE") {
		n.must("a whole number", f)
		return
	}
	bits := target.Type().Bits()
	if target.CanInt() {
		i, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			f.Add(n.path, fmt.Errorf("must be between %d and %d", int64(-1)<<(bits-1), int64(1)<<(bits-1)-1))
		}
		target.SetInt(i)
		return
	}
	u, err := strconv.ParseUint(strings.TrimPrefix(text, "-0"), 10, bits)
	if err != nil && text != "-0" {
		f.Add(n.path, fmt.Errorf("must be between 0 and %d", ^uint64(0)>>(64-bits)))
	}
	target.SetUint(u)
}

func (n Node) slice(target reflect.Value, f *Faults) {
	if n.token != json.Delim('[') {
		n.must("an array", f)
		return
	}
	elements := reflect.MakeSlice(target.Type(), len(n.kids), len(n.kids))
	for i, kid := range n.kids {
		kid.into(elements.Index(i), f)
	}
	target.Set(elements)
}

// structure decodes an object member by member. An unknown name is a fault, which
// suggests a name that differs in case only.
func (n Node) structure(target reflect.Value, f *Faults) {
	if !n.IsObject() {
		n.must("an object", f)
		return
	}
	for _, kid := range n.kids {
		err, known := errUnknown, false
		for i := range target.NumField() {
			name, _, _ := strings.Cut(target.Type().Field(i).Tag.Get("json"), ",")
			switch {
			case name == kid.name:
				kid.into(target.Field(i), f)
				known = true
			case strings.EqualFold(name, kid.name):
				err = fmt.Errorf("unknown field; the name is %q", name)
			}
		}
		if !known {
			f.Add(kid.path, err)
		}
	}
}
