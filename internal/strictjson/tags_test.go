package strictjson

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

// What follows reads by the tags of structs, looking at types anew for each value. It is
// slow and simple, and what the tables are compared with.

// Decoder is a type that decodes itself from a node and reports all faults.
type Decoder interface {
	DecodeStrict(Node) []Fault
}

// Decode parses a document and decodes it into the value that v points to,
// returning every fault of the two. After a fault the value holds what could be
// decoded and must be thrown away.
func Decode(data []byte, v any, limits Limits) []Fault {
	root, faults := Parse(data, limits)
	if root.d == nil {
		return faults
	}
	limits = limits.withDefaults()
	parsed := faults
	for _, f := range root.Decode(v) {
		if !known(parsed, f) {
			faults = append(faults, f)
		}
	}
	return ordered(faults, limits.Faults)
}

// Decode decodes the value of the node into the value that v points to, which
// should be zero. It understands strings, truth values, integers, structs (by
// their json tags; embedded structs are flattened), slices, maps with strings as
// keys, pointers, [Node] (the value itself, for later), json.RawMessage,
// time.Time, decimal.Decimal, and types with a method DecodeStrict, UnmarshalJSON
// or UnmarshalText, in this order of preference.
func (n Node) Decode(v any) []Fault {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return []Fault{n.Faultf(fault.Unusable, "strictjson: cannot decode into %T", v)}
	}
	if n.d == nil {
		return []Fault{{Err: errors.New("strictjson: nothing to decode")}}
	}
	return n.into(target.Elem())
}

var (
	nodeType    = reflect.TypeFor[Node]()
	rawType     = reflect.TypeFor[json.RawMessage]()
	timeType    = reflect.TypeFor[time.Time]()
	decimalType = reflect.TypeFor[decimal.Decimal]()
)

// into decodes into a settable value.
func (n Node) into(target reflect.Value) []Fault {
	switch target.Type() {
	case nodeType:
		target.Set(reflect.ValueOf(n))
		return nil
	case rawType:
		target.SetBytes(append([]byte(nil), n.Raw()...))
		return nil
	case timeType:
		return n.parsed("an instant", func(s string) error {
			t, err := parseInstant(s)
			target.Set(reflect.ValueOf(t))
			return err
		})
	case decimalType:
		return n.parsed("a string that holds a decimal", func(s string) error {
			d, err := dec.Parse(s)
			target.Set(reflect.ValueOf(d))
			return err
		})
	}
	if target.Kind() == reflect.Pointer {
		if n.Kind() == Null {
			target.SetZero()
			return nil
		}
		target.Set(reflect.New(target.Type().Elem()))
		return n.into(target.Elem())
	}
	switch own := target.Addr().Interface().(type) {
	case Decoder:
		return own.DecodeStrict(n)
	case json.Unmarshaler:
		if err := own.UnmarshalJSON(n.Raw()); err != nil {
			return n.spread(err)
		}
		return nil
	case encoding.TextUnmarshaler:
		return n.parsed("a string", func(s string) error { return own.UnmarshalText([]byte(s)) })
	}
	return n.builtin(target)
}

// parsed decodes a string that a function understands.
func (n Node) parsed(what string, parse func(string) error) []Fault {
	s, ok := n.Str()
	if !ok {
		return []Fault{n.must(what)}
	}
	if err := parse(s); err != nil {
		return []Fault{n.Fault(err)}
	}
	return nil
}

// spread turns what a type's own UnmarshalJSON reported into faults. Their paths are
// relative to the value, and find their place in the document.
func (n Node) spread(err error) []Fault {
	var r Report
	r.Err(n, err)
	return r.faults
}

func (n Node) builtin(target reflect.Value) []Fault {
	switch target.Kind() {
	case reflect.String:
		return n.parsed("a string", func(s string) error {
			target.SetString(strings.Clone(s))
			return nil
		})
	case reflect.Bool:
		b, ok := n.Bool()
		if !ok {
			return []Fault{n.must("true or false")}
		}
		target.SetBool(b)
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return n.integer(target)
	case reflect.Slice:
		return n.slice(target)
	case reflect.Map:
		return n.mapping(target)
	case reflect.Struct:
		return n.structure(target)
	}
	return []Fault{n.Faultf(fault.Unusable, "strictjson: cannot decode into %s", target.Type())}
}

func (n Node) slice(target reflect.Value) []Fault {
	if n.Kind() == Null {
		target.SetZero()
		return nil
	}
	if n.Kind() != Array {
		return []Fault{n.must("an array")}
	}
	var faults []Fault
	kids := n.kids()
	elems := reflect.MakeSlice(target.Type(), len(kids), len(kids))
	for i, kid := range kids {
		faults = append(faults, kid.into(elems.Index(i))...)
	}
	target.Set(elems)
	return faults
}

func (n Node) mapping(target reflect.Value) []Fault {
	if n.Kind() == Null {
		target.SetZero()
		return nil
	}
	if n.Kind() != Object {
		return []Fault{n.must("an object")}
	}
	kind := target.Type()
	if kind.Key().Kind() != reflect.String {
		return []Fault{n.Faultf(fault.Unusable, "strictjson: cannot decode into %s", kind)}
	}
	var faults []Fault
	members := reflect.MakeMapWithSize(kind, int(n.v().count))
	for _, kid := range n.kids() {
		key := reflect.New(kind.Key())
		if own, ok := key.Interface().(encoding.TextUnmarshaler); !ok {
			key.Elem().SetString(strings.Clone(kid.name()))
		} else if err := own.UnmarshalText([]byte(kid.name())); err != nil {
			faults = append(faults, kid.Fault(err))
			continue
		}
		elem := reflect.New(kind.Elem()).Elem()
		faults = append(faults, kid.into(elem)...)
		members.SetMapIndex(key.Elem(), elem)
	}
	target.Set(members)
	return faults
}

func (n Node) structure(target reflect.Value) []Fault {
	if n.Kind() != Object {
		return []Fault{n.must("an object")}
	}
	fields := fieldsOf(target)
	var faults []Fault
	for _, kid := range n.kids() {
		if field, ok := fields[kid.name()]; ok {
			faults = append(faults, kid.into(field)...)
			continue
		}
		faults = append(faults, kid.Fault(unknownField(kid.name(), fields)))
	}
	return faults
}

// unknownField names the field that was probably meant, if its name differs in
// case only.
func unknownField(name string, fields map[string]reflect.Value) error {
	if meant, ok := sameButCase(name, fields); ok {
		return fault.UnknownField.Errorf("unknown field; the name is %q", meant)
	}
	return fault.UnknownField.Errorf("unknown field")
}

// fieldsOf returns the fields of a struct by the names of their json tags, or
// their own names where they have none. Embedded structs without a tag are
// flattened; the outer field wins over an embedded one of the same name.
func fieldsOf(target reflect.Value) map[string]reflect.Value {
	fields := make(map[string]reflect.Value, target.NumField())
	var embedded []reflect.Value
	for i := range target.NumField() {
		field := target.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct:
			embedded = append(embedded, target.Field(i))
		case !field.IsExported():
		case name == "":
			fields[field.Name] = target.Field(i)
		default:
			fields[name] = target.Field(i)
		}
	}
	for _, inner := range embedded {
		for name, field := range fieldsOf(inner) {
			if _, ok := fields[name]; !ok && field.CanSet() {
				fields[name] = field
			}
		}
	}
	return fields
}

// sameButCase returns the first field, in alphabetical order, whose name differs
// from name in case only.
func sameButCase(name string, fields map[string]reflect.Value) (string, bool) {
	names := make([]string, 0, 1)
	for known := range fields {
		if strings.EqualFold(known, name) {
			names = append(names, known)
		}
	}
	if len(names) == 0 {
		return "", false
	}
	return slices.Min(names), true
}

// integer decodes a whole number that fits the target.
func (n Node) integer(target reflect.Value) []Fault {
	text, ok := n.Number()
	if !ok || strings.ContainsAny(text, ".eE") {
		return []Fault{n.must("a whole number")}
	}
	bits := target.Type().Bits()
	if target.CanInt() {
		i, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			return []Fault{n.Faultf(fault.OutOfRange, "must be between %d and %d", int64(-1)<<(bits-1), int64(1)<<(bits-1)-1)}
		}
		target.SetInt(i)
		return nil
	}
	if text == "-0" {
		text = "0"
	}
	u, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return []Fault{n.Faultf(fault.OutOfRange, "must be between 0 and %d", ^uint64(0)>>(64-bits))}
	}
	target.SetUint(u)
	return nil
}
