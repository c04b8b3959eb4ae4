package document

import (
	"fmt"
	"slices"

	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Version is the version of the JSON of documents that this package writes. Another one
// is refused.
const Version = 1

// MaxDocument is the largest JSON of a document, in bytes.
const MaxDocument = 64 << 20

var limits = strictjson.Limits{Size: MaxDocument, Values: 8 << 20, Elements: 1 << 20}

// value is what this package writes as JSON and reads.
type value interface{ faults() faults.List }

func encode[T value](dst []byte, v *T, c strictjson.Codec[T]) ([]byte, error) {
	if err := (*v).faults().Err(); err != nil {
		return dst, fmt.Errorf("document: encode: %w", err)
	}
	return faults.Encode(dst, v, c, MaxDocument, "document")
}

// decode reads a value strictly. The target changes only if there are no faults.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	return faults.Decode(data, to, c, limits, T.faults)
}

// AppendJSON appends the document, {"version":1,"state":…}. One that is not valid is an
// error; dst is then as it was.
func (d Document) AppendJSON(dst []byte) ([]byte, error) { return encode(dst, &d, documentCodec) }

// MarshalJSON returns what AppendJSON appends.
func (d Document) MarshalJSON() ([]byte, error) { return d.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError], those of
// [Document.Validate] among them.
func (d *Document) UnmarshalJSON(data []byte) error { return decode(data, d, documentCodec) }

// MarshalJSON writes the terms, {} on receipt.
func (t Terms) MarshalJSON() ([]byte, error) { return encode(nil, &t, termsCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (t *Terms) UnmarshalJSON(data []byte) error { return decode(data, t, termsCodec) }

// MarshalJSON writes the numbering, {} for the zero one.
func (n Numbering) MarshalJSON() ([]byte, error) { return encode(nil, &n, numberingCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (n *Numbering) UnmarshalJSON(data []byte) error { return decode(data, n, numberingCodec) }

// Equal reports whether two documents say the same: decimals by value, instants whatever
// their zones.
func (d Document) Equal(o Document) bool {
	return d.State == o.State && d.Kind == o.Kind && d.Number == o.Number && d.ID == o.ID && d.Subscription == o.Subscription &&
		d.At.Equal(o.At) && d.Zone == o.Zone && d.Command == o.Command && d.Window == o.Window && d.Date == o.Date && d.Due == o.Due &&
		d.Terms == o.Terms && d.Seller == o.Seller && d.Buyer == o.Buyer && d.BuyerReference == o.BuyerReference &&
		d.PurchaseOrder == o.PurchaseOrder && d.Note == o.Note && slices.Equal(d.References, o.References) &&
		slices.Equal(d.CorrectedBy, o.CorrectedBy) && d.Voided == o.Voided && d.Reason == o.Reason &&
		slices.EqualFunc(d.Lines, o.Lines, Line.equal) && slices.EqualFunc(d.Taxes, o.Taxes, Tax.equal) && d.Totals == o.Totals
}

func (l Line) equal(o Line) bool {
	return l.ID == o.ID && l.Number == o.Number && l.Of == o.Of && l.Name == o.Name && l.Kind == o.Kind && l.TaxCode == o.TaxCode &&
		l.First == o.First && l.Last == o.Last && l.Quantity.Equal(o.Quantity) && l.Price.Equal(o.Price) &&
		l.BaseQuantity.Equal(o.BaseQuantity) && slices.Equal(l.Allowances, o.Allowances) && l.Net == o.Net &&
		slices.Equal(l.Taxes, o.Taxes) && l.Explanation == o.Explanation
}

func (t Tax) equal(o Tax) bool {
	return t.ID == o.ID && t.Name == o.Name && t.Percent.Equal(o.Percent) && t.Inclusive == o.Inclusive && t.Category == o.Category &&
		t.Reason == o.Reason && t.ReasonCode == o.ReasonCode && t.Base == o.Base && t.Amount == o.Amount && slices.Equal(t.Lines, o.Lines)
}
