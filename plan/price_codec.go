package plan

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// DecodePrice reads a price from JSON, as [json.Marshal] writes one: an object whose "model" says
// which other fields it may have. Numbers are strings in plain notation ("0.0299", no exponent).
// Fields that the model does not have, fields named twice and unknown words are faults, and so is
// everything that [Price.Validate] refuses. The error joins a [*fault.FieldError] for every fault.
func DecodePrice(data []byte) (Price, error) {
	var document priceDocument
	faults := strictjson.Decode(data, &document, strictjson.Limits{})
	if len(faults) == 0 {
		return document.Price, nil
	}
	return nil, strictjson.JoinErrors(strictjson.FieldErrors(faults))
}

// priceDocument is a price within a larger document. It encodes as its price does.
type priceDocument struct{ Price Price }

// DecodeStrict implements [strictjson.Decoder].
func (d *priceDocument) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	price, faults := decodePrice(n)
	if len(faults) == 0 {
		d.Price = price
	}
	return faults
}

// MarshalJSON refuses an invalid price and a missing one.
func (d priceDocument) MarshalJSON() ([]byte, error) {
	if err := strictjson.JoinErrors(checkPrice(d.Price, "")); err != nil {
		return nil, err
	}
	return json.Marshal(d.Price)
}

// decodePrice returns the price at the node, or all its faults with their full paths.
func decodePrice(n strictjson.Node) (Price, []strictjson.Fault) {
	if n.Kind() != strictjson.Object {
		return nil, []strictjson.Fault{n.Faultf(fault.WrongType, "must be an object")}
	}
	tag, ok := n.Field("model")
	if !ok {
		return nil, n.Below([]strictjson.Fault{{Path: "model", Err: errMissing}})
	}
	var word string // not a Model, whose own error would repeat the package's name
	if faults := tag.Decode(&word); len(faults) > 0 {
		return nil, faults
	}
	var form priceForm
	model := Model(word)
	switch model {
	case PerUnitModel:
		form = &perUnitForm{}
	case FlatFeeModel:
		form = &flatFeeForm{}
	case VolumeModel:
		form = &volumeForm{}
	case TieredModel:
		form = &tieredForm{}
	case PackageModel:
		form = &packageForm{}
	case StairstepModel:
		form = &stairstepForm{}
	}
	if form == nil {
		return nil, []strictjson.Fault{tag.Fault(unknownWord(model, Models(), "price model"))}
	}
	faults := n.Decode(form)
	seen := make(map[string]bool)
	for _, fault := range faults {
		seen[fault.Path] = true
	}
	report := func(path string, err error) {
		fault := faultAt(n, path, err)
		if !seen[fault.Path] { // what could not be read is not also missing, and what is missing is not also wrong
			seen[fault.Path] = true
			faults = append(faults, fault)
		}
	}
	form.check(report)
	price := form.price()
	for _, fault := range checkPrice(price, "") {
		report(fault.Path, fault.Err)
	}
	return price, faults
}

// faultAt places a fault at the deepest value that the path leads to, which keeps faults in the order
// of the document.
func faultAt(n strictjson.Node, path string, err error) strictjson.Fault {
	rest := path
	for rest != "" {
		name, tail, _ := strings.Cut(rest, ".")
		name, index, indexed := strings.Cut(name, "[")
		next, ok := n.Field(name)
		if !ok {
			break
		}
		if indexed {
			elems := next.Elems()
			i, bad := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if bad != nil || i >= len(elems) {
				break
			}
			next = elems[i]
		}
		n, rest = next, tail
	}
	return n.Below([]strictjson.Fault{{Path: rest, Err: err}})[0]
}

// decimalText is a decimal as a string in JSON, independent of the global settings of its package.
type decimalText decimal.Decimal

// MarshalText writes plain notation without trailing zeros.
func (d decimalText) MarshalText() ([]byte, error) {
	return []byte(dec.String(decimal.Decimal(d))), nil
}

// UnmarshalText reads plain notation within the bounds of all decimals.
func (d *decimalText) UnmarshalText(text []byte) error {
	parsed, err := dec.Parse(string(text))
	*d = decimalText(parsed)
	return err
}

// text is always written, optional only if it is not zero; number reads either.
func text(d decimal.Decimal) *decimalText { return (*decimalText)(&d) }

func optional(d decimal.Decimal) *decimalText {
	if d.IsZero() {
		return nil
	}
	return text(d)
}

func number(d *decimalText) decimal.Decimal {
	if d == nil {
		return decimal.Decimal{}
	}
	return decimal.Decimal(*d)
}

// encodePrice refuses a price that DecodePrice would refuse.
func encodePrice(p Price, form any) ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(form)
}

// decodeInto reads a price that must be of the kind that the target has.
func decodeInto[P Price](data []byte, target *P) error {
	price, err := DecodePrice(data)
	if err != nil {
		return err
	}
	own, ok := price.(P)
	if !ok {
		var want P
		return fault.At("model", fault.Inconsistent.Errorf("must be %q", string(want.Model())))
	}
	*target = own
	return nil
}
