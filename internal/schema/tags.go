package schema

import (
	"reflect"
	"strings"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Untabled returns the paths of the fields of a type that have a tag for JSON and no
// member of that name in a shape: a field that was added to a struct and not to its
// table would be lost in silence. Structs that their shape does not show are not
// followed.
func Untabled(kind reflect.Type, s *strictjson.Shape) []string {
	for s != nil && (s.Kind == strictjson.NullableShape || s.Kind == strictjson.ArrayShape) {
		s = s.Of
	}
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	if s == nil || s.Kind != strictjson.ObjectShape || kind.Kind() != reflect.Struct {
		return nil
	}
	members := map[string]*strictjson.Shape{}
	for _, m := range s.Members {
		members[m.Name] = m.Shape
	}
	var missing []string
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		shape, ok := members[name]
		if !ok {
			missing = append(missing, name)
			continue
		}
		for _, below := range Untabled(field.Type, shape) {
			missing = append(missing, name+"."+below)
		}
	}
	return missing
}
