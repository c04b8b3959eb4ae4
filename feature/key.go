package feature

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/fault"
)

// MaxKeyLen is the longest key, in bytes.
const MaxKeyLen = 255

// Key names a feature: "number_of_ips", "rescan". It is 1 to [MaxKeyLen] bytes of
// printable text without spaces at its ends. Keys are compared byte by byte. The
// zero Key is invalid.
type Key string

// IsValid reports whether k can name a feature.
func (k Key) IsValid() bool { return k.fault() == nil }

func (k Key) fault() error { return labelFault(string(k)) }

// labelFault says what is wrong with a name that people choose.
func labelFault(s string) error {
	switch {
	case s == "":
		return fault.Required.Errorf("a name must not be empty")
	case len(s) > MaxKeyLen:
		return fault.TooLong.Errorf("a name must be at most 255 bytes")
	case !utf8.ValidString(s), strings.IndexFunc(s, unprintable) >= 0:
		return fault.BadText.Errorf("a name must be printable text")
	case strings.TrimSpace(s) != s:
		return fault.BadText.Errorf("a name must not begin or end with a space")
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
