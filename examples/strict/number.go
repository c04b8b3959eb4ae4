package strict

import (
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// integer decodes a whole number that fits the target.
func (n Node) integer(target reflect.Value) []Fault {
	text, ok := n.Number()
	if !ok || strings.ContainsAny(text, ".eE") {
		return []Fault{n.must("a whole number")}
	}
	bits := target.Type().Bits()
	if target.CanInt() {
		i, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			return []Fault{n.Faultf(fault.OutOfRange, "must be between %d and %d", int64(-1)<<(bits-1), int64(1)<<(bits-1)-1)}
		}
		target.SetInt(i)
		return nil
	}
	if text == "-0" {
		text = "0"
	}
	u, err := strconv.ParseUint(text, 10, bits)
	if err != nil {
		return []Fault{n.Faultf(fault.OutOfRange, "must be between 0 and %d", ^uint64(0)>>(64-bits))}
	}
	target.SetUint(u)
	return nil
}

var (
	plainDecimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
	errDecimal   = fault.Malformed.Errorf("not a decimal")
	errDigits    = fault.TooPrecise.Errorf("too many digits")
)

// maxDigits bounds a decimal before it is looked at; the library has bounds of its own.
const maxDigits = 52

// parseDecimal reads a decimal in plain notation.
func parseDecimal(s string) (decimal.Decimal, error) {
	if !plainDecimal.MatchString(s) {
		return decimal.Decimal{}, errDecimal
	}
	_, fraction, _ := strings.Cut(s, ".")
	if len(s) > maxDigits || len(strings.TrimRight(fraction, "0")) > 20 {
		return decimal.Decimal{}, errDigits
	}
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return decimal.NewFromString(s)
}

var (
	errInstant = fault.Malformed.Errorf("must be an instant such as 2026-01-31T09:00:00Z")
	errYear    = fault.OutOfRange.Errorf("must be in the years 1 to 9999")
)

func parseInstant(s string) (time.Time, error) {
	t, err := calendar.ParseInstant(s)
	switch {
	case errors.Is(err, calendar.ErrRange):
		return t, errYear
	case err != nil:
		return t, errInstant
	}
	return t, nil
}
