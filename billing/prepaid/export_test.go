package prepaid

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"grant": grantCodec.Shape(), "prepaid_checkpoint": checkpointCodec.Shape(), "drawing": drawingCodec.Shape(),
	}
}
