package subscription

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"subscription": documentCodec.Shape(), "event": eventDocument.Shape(), "snapshot": snapshotDocument.Shape(),
		"command": commandCodec.Shape(), "details": detailsCodec.Shape(),
	}
}
