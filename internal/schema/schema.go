// Package schema writes what a codec accepts as a JSON Schema (2020-12), as far as one
// can say it. The schemas in docs/schema are derived from the tables that decode, so they
// cannot differ from them by oversight; a module of its own holds both to each other with
// an independent validator.
//
// A schema says which members an object may have, which it must have, and of which form
// a text is. It does not say what members mean together: that a price ascends, that a
// command may follow another, that a total is a sum. Nor can it see that a name is there
// twice.
package schema

import (
	"encoding/json"
	"regexp"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Base is the address below which the schemas have their ids.
const Base = "https://github.com/perennial-billing/perennial/docs/schema/"

// object is a JSON object; its names are written in alphabetical order.
type object map[string]any

// Of returns the schema of a document: its name, what it is in a sentence, and what its
// codec accepts.
func Of(name, title string, shape *strictjson.Shape) ([]byte, error) {
	root := of(shape)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = Base + name + ".json"
	root["title"] = title
	text, err := json.MarshalIndent(root, "", "  ")
	return append(text, '\n'), err
}

func of(s *strictjson.Shape) object {
	if s == nil {
		return object{}
	}
	switch s.Kind {
	case strictjson.StringShape:
		return text(s)
	case strictjson.BoolShape:
		return object{"type": "boolean"}
	case strictjson.IntShape:
		if s.Number != nil {
			return object{"const": *s.Number}
		}
		if s.Bits == 32 {
			return object{"type": "integer", "minimum": -1 << 31, "maximum": 1<<31 - 1}
		}
		return object{"type": "integer"}
	case strictjson.ObjectShape:
		return members(s)
	case strictjson.ArrayShape:
		o := object{"type": orNull("array", s.Null), "items": of(s.Of)}
		if s.Given {
			o["minItems"] = 1
		}
		return o
	case strictjson.MapShape:
		return object{"type": orNull("object", s.Null), "additionalProperties": of(s.Of)}
	case strictjson.NullableShape:
		return object{"anyOf": []object{of(s.Of), {"type": "null"}}}
	case strictjson.ChoiceShape:
		var all []object
		for _, choice := range s.Choices {
			all = append(all, of(choice))
		}
		return object{"oneOf": all}
	case strictjson.RefShape:
		o := object{"$ref": s.Ref + ".json"}
		if s.Given {
			o["type"] = "object"
		}
		return o
	case strictjson.NullShape:
		return object{"type": "null"}
	case strictjson.AnyShape:
	}
	return object{}
}

func orNull(kind string, null bool) any {
	if null {
		return []string{kind, "null"}
	}
	return kind
}

func text(s *strictjson.Shape) object {
	o := object{"type": "string"}
	if len(s.Words) > 0 {
		o["enum"] = s.Words
	}
	if s.Given && len(s.Words) == 0 {
		if empty, err := regexp.MatchString(s.Pattern, ""); empty || err != nil {
			o["minLength"] = 1
		}
	}
	if s.Pattern != "" {
		o["pattern"] = s.Pattern
	}
	if s.Format != "" {
		o["format"] = s.Format
	}
	return o
}

func members(s *strictjson.Shape) object {
	properties := object{}
	var required []string
	for _, m := range s.Members {
		properties[m.Name] = of(m.Shape)
		if m.Required {
			required = append(required, m.Name)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		o["required"] = required
	}
	return o
}

// Money is the shape of an amount; null is none.
func Money() *strictjson.Shape {
	return &strictjson.Shape{Kind: strictjson.NullableShape, Of: &strictjson.Shape{Kind: strictjson.ObjectShape, Members: []strictjson.ShapeMember{
		{Name: "amount", Required: true, Shape: &strictjson.Shape{Kind: strictjson.StringShape, Pattern: `^-?[0-9]+(\.[0-9]+)?$`}},
		{Name: "currency", Required: true, Shape: &strictjson.Shape{Kind: strictjson.StringShape, Pattern: `^[A-Z]{3}$`}},
	}}}
}

// Period is the shape of a half-open period; null is none, and an open one has no end.
func Period() *strictjson.Shape {
	instant := strictjson.Instant().Shape()
	return &strictjson.Shape{Kind: strictjson.NullableShape, Of: &strictjson.Shape{Kind: strictjson.ObjectShape, Members: []strictjson.ShapeMember{
		{Name: "start", Required: true, Shape: instant},
		{Name: "end", Shape: instant},
	}}}
}
