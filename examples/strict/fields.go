package strict

import (
	"reflect"
	"slices"
	"strings"
)

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
