package money

import (
	"encoding/json"
	"fmt"
	"strings"
)

// longestJSON bounds a document before it is read: an amount needs 60 bytes, the rest is for white
// space.
const longestJSON = 1024

// The two names of the JSON object.
const (
	amountField   = "amount"
	currencyField = "currency"
)

// MarshalJSON implements [json.Marshaler]: {"amount":"12.50","currency":"USD"}, the amount always a string with exactly
// the digits of the currency, and null for the zero Money. It never fails.
func (m Money) MarshalJSON() ([]byte, error) { return m.AppendJSON(make([]byte, 0, 64)) }

// AppendJSON appends what [Money.MarshalJSON] returns. It never fails.
func (m Money) AppendJSON(b []byte) ([]byte, error) {
	if !m.IsValid() {
		return append(b, "null"...), nil
	}
	b = append(b, `{"`+amountField+`":"`...)
	b = m.appendAmount(b)
	b = append(b, `","`+currencyField+`":"`...)
	b = append(b, m.currency.String()...)
	return append(b, `"}`...), nil
}

// UnmarshalJSON implements [json.Unmarshaler]. It reads an object with the two names amount and currency, in either
// order, each once and in this case, both strings; the amount is what [ParseAmount] accepts. Null is
// the zero Money. Everything else is an error: a number, another name, null or an empty string inside, anything
// after the object, more than 1024 bytes. The errors are those of [Parse]. After an error m is unchanged.
func (m *Money) UnmarshalJSON(data []byte) error {
	if len(data) > longestJSON {
		return malformed("longer than %d bytes", longestJSON)
	}
	r := reader{rest: string(data)}
	r.space()
	if rest, null := strings.CutPrefix(r.rest, "null"); null {
		r.rest = rest
		if err := r.end(); err != nil {
			return err
		}
		*m = Money{}
		return nil
	}
	amount, code, err := r.object()
	if err != nil {
		return err
	}
	c := lookup(code)
	if c == 0 {
		return fmt.Errorf("money: decode: %s: %w %s", currencyField, ErrUnknownCurrency, quote(code))
	}
	minor, err := parseMinor(amount, c)
	if err != nil {
		return fmt.Errorf("money: decode: %s %s: %w", amountField, quote(amount), err)
	}
	*m = Money{minor: minor, currency: c}
	return nil
}

// reader reads the JSON of an amount. Package encoding/json alone would accept duplicate names and
// names in another case.
type reader struct {
	rest string
}

// object reads the whole document as an object of the two names.
func (r *reader) object() (amount, code string, err error) {
	if !r.take('{') {
		return "", "", malformed("must be an object")
	}
	var hasAmount, hasCurrency bool
	for more := !r.take('}'); more; {
		name, ok := r.text()
		if !ok || !r.take(':') {
			return "", "", malformed("must be an object")
		}
		var value *string
		var seen *bool
		switch name {
		case amountField:
			value, seen = &amount, &hasAmount
		case currencyField:
			value, seen = &code, &hasCurrency
		default:
			return "", "", malformed("unknown field %s", quote(name))
		}
		if *seen {
			return "", "", malformed("field %q appears twice", name)
		}
		*seen = true
		if *value, ok = r.text(); !ok {
			return "", "", malformed("%s: must be a string", name)
		}
		switch {
		case r.take(','):
		case r.take('}'):
			more = false
		default:
			return "", "", malformed("must be an object")
		}
	}
	switch {
	case !hasAmount:
		return "", "", malformed("%s: missing", amountField)
	case !hasCurrency:
		return "", "", malformed("%s: missing", currencyField)
	}
	return amount, code, r.end()
}

// take skips white space and one c, if it is there.
func (r *reader) take(c byte) bool {
	r.space()
	if len(r.rest) == 0 || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// text reads a string, if there is one.
func (r *reader) text() (string, bool) {
	r.space()
	if len(r.rest) == 0 || r.rest[0] != '"' {
		return "", false
	}
	escaped := false
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", false
		case c == '"':
			token := r.rest[:i+1]
			r.rest = r.rest[i+1:]
			if !escaped {
				return token[1:i], true
			}
			var s string
			err := json.Unmarshal([]byte(token), &s)
			return s, err == nil
		}
	}
	return "", false
}

// space skips white space.
func (r *reader) space() {
	for len(r.rest) > 0 {
		switch r.rest[0] {
		case ' ', '\t', '\n', '\r':
			r.rest = r.rest[1:]
		default:
			return
		}
	}
}

// end refuses anything but white space after the document.
func (r *reader) end() error {
	if r.space(); len(r.rest) > 0 {
		return malformed("data after the value")
	}
	return nil
}

// malformed is [ErrSyntax] with what was expected.
func malformed(format string, args ...any) error {
	return fmt.Errorf("money: decode: %w: "+format, append([]any{ErrSyntax}, args...)...)
}
