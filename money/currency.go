package money

import (
	"fmt"
	"slices"
)

// Currency is a currency or funds code of ISO 4217: its numeric code, so that a value is two bytes,
// is comparable with == and can be a map key. The zero Currency is no currency: IsValid is false
// and its text is empty.
//
// Codes for which the standard gives no minor unit (precious metals such as XAU, units of account such as
// XDR, the test code XTS, and XXX) are not currencies here: an amount of them has no smallest part.
//
// A withdrawn code is still readable only if documents that contain it are recent: BGN and ANG. The
// standard gave the number of ANG to XCG, so the value of ANG is 1532; [Currency.Number] returns
// 532 for both.
type Currency uint16

// reused separates a withdrawn code from the newer one that was given the same number.
const reused = 1000

// ParseCurrency returns the currency of a three-letter code in upper case. Anything else, the empty
// string included, is [ErrUnknownCurrency].
func ParseCurrency(code string) (Currency, error) {
	if c := lookup(code); c != 0 {
		return c, nil
	}
	return 0, fmt.Errorf("money: currency %s: %w", quote(code), ErrUnknownCurrency)
}

// MustParseCurrency is like [ParseCurrency] but panics when the code is unknown. It is meant for tests and for
// hard-coded strings.
func MustParseCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// Currencies returns every currency, in order of code. The caller may change the slice.
func Currencies() []Currency {
	all := make([]Currency, 0, 192)
	for i := range isoTable {
		if c := Currency(i); c.IsValid() {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Currency) int {
		return slot(a.String()) - slot(b.String())
	})
	return all
}

// IsValid reports whether c is one of the currencies of this package. The zero Currency is not.
func (c Currency) IsValid() bool {
	return int(c) < len(isoTable) && isoTable[c].code != ""
}

// String returns the three-letter code, such as "USD", and "" for the zero Currency. A number that
// is not a currency prints as "Currency(n)", which does not parse.
func (c Currency) String() string {
	switch {
	case c.IsValid():
		return isoTable[c].code
	case c == 0:
		return ""
	default:
		return fmt.Sprintf("Currency(%d)", uint16(c))
	}
}

// Digits returns how many decimal digits the minor unit has: 2 for USD, whose minor unit is the
// cent, 0 for JPY, 3 for KWD, 4 for CLF. It is -1 when c is not valid.
func (c Currency) Digits() int {
	if !c.IsValid() {
		return -1
	}
	return int(isoTable[c].digits)
}

// Number returns the numeric code of ISO 4217, 840 for USD, and 0 when c is not valid.
func (c Currency) Number() int {
	if !c.IsValid() {
		return 0
	}
	return int(c % reused)
}

// AppendText implements [encoding.TextAppender]: the three-letter code, nothing for the zero
// Currency, and [ErrUnknownCurrency] for a number that is not a currency.
func (c Currency) AppendText(b []byte) ([]byte, error) {
	if c != 0 && !c.IsValid() {
		return b, fmt.Errorf("money: currency number %d: %w", uint16(c), ErrUnknownCurrency)
	}
	return append(b, c.String()...), nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (c Currency) MarshalText() ([]byte, error) {
	return c.AppendText(make([]byte, 0, codeLength))
}

// UnmarshalText implements [encoding.TextUnmarshaler]: what [ParseCurrency] accepts, and the empty text for
// the zero Currency. After an error c is unchanged.
func (c *Currency) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = 0
		return nil
	}
	parsed, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// codeLength is the length of every currency code.
const codeLength = 3

// byCode finds the currency of a code in one step. It is never written after it is built.
var byCode = indexCodes()

func indexCodes() (index [26 * 26 * 26]Currency) {
	for i := range isoTable {
		if code := isoTable[i].code; code != "" {
			index[slot(code)] = Currency(i)
		}
	}
	return index
}

// slot is the place of a code of three capital letters in byCode, in the order of the codes; -1 for any
// other string.
func slot(code string) int {
	if len(code) != codeLength {
		return -1
	}
	place := 0
	for i := range codeLength {
		letter := code[i] - 'A'
		if letter >= 26 {
			return -1
		}
		place = place*26 + int(letter)
	}
	return place
}

// lookup returns the currency of a code, or 0.
func lookup(code string) Currency {
	if place := slot(code); place >= 0 {
		return byCode[place]
	}
	return 0
}
