package document

import "github.com/perennial-billing/perennial/internal/strictjson"

// Shapes are the tables of the JSON of each kind of value, by the name of its schema.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"document": documentCodec.Shape(), "document_terms": termsCodec.Shape(), "document_numbering": numberingCodec.Shape(),
	}
}
