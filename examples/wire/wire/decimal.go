package wire

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

var (
	errNull    = errors.New("must not be null")
	errDecimal = errors.New("must be a number, or a string that holds one, without an exponent")
)

// Decimal is an exact number that is read from a JSON number or a string that holds
// one, by its digits and never by way of a float. It is written as a string; see
// [Number] for one that is written as a number. The zero Decimal is 0.
type Decimal struct{ decimal.Decimal }

// DecodeStrict reads a number, or a string in plain notation.
func (d *Decimal) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	text, ok := n.Number()
	if !ok {
		if text, ok = n.Str(); !ok {
			return []strictjson.Fault{n.Fault(errDecimal)}
		}
	} else if strings.ContainsAny(text, "eE") {
		return []strictjson.Fault{n.Fault(errDecimal)}
	}
	v, err := dec.Parse(text)
	if err != nil {
		return []strictjson.Fault{n.Fault(err)}
	}
	d.Decimal = v
	return nil
}

// MarshalJSON writes a string with at least two digits after the point, as prices
// are written.
func (d Decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.Text()) }

// Text is the number with at least two digits after the point: "9.90".
func (d Decimal) Text() string {
	text := dec.String(d.Decimal)
	whole, part, _ := strings.Cut(text, ".")
	if len(part) < 2 {
		part += strings.Repeat("0", 2-len(part))
	}
	return whole + "." + part
}

// Number is a Decimal that is written as a JSON number, without trailing zeros.
type Number struct{ Decimal }

// MarshalJSON writes a number.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(dec.String(n.Decimal.Decimal)), nil }
