package wire

import (
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
)

// The bounds of a decimal: those of the engine's own documents.
const (
	maxWhole  = 30 // digits before the point
	maxPlaces = 20 // digits after it
)

var (
	errNotDecimal = fault.Malformed.Errorf("not a decimal")
	errTooLong    = fault.TooPrecise.Errorf("too many digits")
	errDecimal    = fault.WrongType.Errorf("must be a number, or a string that holds one, without an exponent")
)

// ParseDecimal reads a decimal in plain notation, such as "12", "-0.5" or "3.10": no
// exponent, no sign but a minus, no needless zero in front, and at most 30 digits
// before the point and 20 after it, zeros at the end not counted.
func ParseDecimal(text string) (decimal.Decimal, error) {
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	whole, part, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if !digits(whole) || point && !digits(part) || len(whole) > 1 && whole[0] == '0' {
		return decimal.Decimal{}, errNotDecimal
	}
	part = strings.TrimRight(part, "0")
	if len(whole) > maxWhole || len(part) > maxPlaces {
		return decimal.Decimal{}, errTooLong
	}
	if whole == "0" && part == "" {
		return decimal.Decimal{}, nil
	}
	plain := whole
	if part != "" {
		plain += "." + part
	}
	if strings.HasPrefix(text, "-") {
		plain = "-" + plain
	}
	return decimal.NewFromString(plain)
}

// Decimal is an exact number that is read from a JSON number or a string that holds
// one, by its digits and never by way of a float. It is written as a string; see
// [Number] for one that is written as a number. The zero Decimal is 0.
type Decimal struct{ decimal.Decimal }

// DecodeWire reads a number, or a string in plain notation.
func (d *Decimal) DecodeWire(n Node, f *Faults) {
	text, ok := n.Number()
	if !ok {
		text, ok = n.Text()
	} else if strings.ContainsAny(text, "eE") {
		ok = false
	}
	if !ok {
		f.Add(n.Path(), errDecimal)
		return
	}
	v, err := ParseDecimal(text)
	f.Add(n.Path(), err)
	d.Decimal = v
}

// MarshalJSON writes a string with at least two digits after the point, as prices
// are written.
func (d Decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.Text()) }

// Text is the number with at least two digits after the point: "9.90".
func (d Decimal) Text() string {
	whole, part, _ := strings.Cut(d.String(), ".")
	if len(part) < 2 {
		part += strings.Repeat("0", 2-len(part))
	}
	return whole + "." + part
}

// Number is a Decimal that is written as a JSON number, without trailing zeros.
type Number struct{ Decimal }

// MarshalJSON writes a number.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }
