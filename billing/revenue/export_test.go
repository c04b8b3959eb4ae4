package revenue

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes are what the documents of this package may look like, by the name of their schema.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"recognition_method": methodCodec.Shape(), "recognition": scheduleCodec.Shape(),
		"recurring_revenue": recurringCodec.Shape(), "revenue_movement": movementCodec.Shape(),
	}
}
