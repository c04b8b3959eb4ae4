package strict

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
)

// Decoder is a type that decodes itself from a node and reports all faults.
type Decoder interface {
	DecodeStrict(Node) []Fault
}

// Decode parses a document and decodes it into the value that v points to,
// returning every fault of the two. After a fault the value holds what could be
// decoded and must be thrown away.
func Decode(data []byte, v any, limits Limits) []Fault {
	root, faults := Parse(data, limits)
	if root.v == nil {
		return faults
	}
	limits = limits.withDefaults()
	return ordered(append(faults, root.Decode(v)...), limits.Faults)
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
		return []Fault{n.Faultf(fault.Unusable, "strict: cannot decode into %T", v)}
	}
	if n.v == nil {
		return []Fault{{Err: errNothing}}
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
			d, err := parseDecimal(s)
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
	return []Fault{n.Faultf(fault.Unusable, "strict: cannot decode into %s", target.Type())}
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
	kids := n.v.kids
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
		return []Fault{n.Faultf(fault.Unusable, "strict: cannot decode into %s", kind)}
	}
	var faults []Fault
	members := reflect.MakeMapWithSize(kind, len(n.v.kids))
	for _, kid := range n.v.kids {
		key := reflect.New(kind.Key())
		if own, ok := key.Interface().(encoding.TextUnmarshaler); !ok {
			key.Elem().SetString(strings.Clone(kid.v.name))
		} else if err := own.UnmarshalText([]byte(kid.v.name)); err != nil {
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
	for _, kid := range n.v.kids {
		if field, ok := fields[kid.v.name]; ok {
			faults = append(faults, kid.into(field)...)
			continue
		}
		faults = append(faults, kid.Fault(unknownField(kid.v.name, fields)))
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
