package collection

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes are what the documents of this package may look like, by the name of their schema.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"collection_policy": policyCodec.Shape(), "payment_fact": factCodec.Shape(), "standing": stateCodec.Shape(),
	}
}
