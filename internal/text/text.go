package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/perennial-billing/perennial/fault"
)

// ID returns what is wrong with an id, a key or a code: a line that is not empty, nor
// longer than limit, in bytes.
func ID(s string, limit int) error {
	if s == "" {
		return errEmpty
	}
	return Name(s, limit)
}

// Name returns what is wrong with a line that may be empty, but not longer than limit,
// in bytes.
func Name(s string, limit int) error {
	if len(s) > limit {
		return tooLong(limit)
	}
	return check(s, true)
}

// Note returns what is wrong with a text of several lines, which must not be longer
// than limit, in bytes.
func Note(s string, limit int) error {
	if len(s) > limit {
		return tooLong(limit)
	}
	return check(s, false)
}

var (
	errEmpty   = fault.Required.Errorf("missing")
	errUTF8    = fault.BadText.Errorf("must be valid UTF-8")
	errControl = fault.BadText.Errorf("must be on one line, without control characters")
	errLines   = fault.BadText.Errorf("must not hold control characters other than line feeds and tabs")
	errBidi    = fault.BadText.Errorf("must not hold characters that change the direction of text")
	errSpace   = fault.BadText.Errorf("must not begin or end with a space")
)

func tooLong(limit int) error { return fault.TooLong.Errorf("must not be longer than %d bytes", limit) }

func check(s string, line bool) error {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			plain = false
			break
		}
	}
	if plain {
		if line && s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
			return errSpace
		}
		return nil
	}
	if !utf8.ValidString(s) {
		return errUTF8
	}
	for _, r := range s {
		switch {
		case !line && (r == '\n' || r == '\t'):
		case control(r) && line:
			return errControl
		case control(r):
			return errLines
		case bidi(r):
			return errBidi
		}
	}
	if line && s != "" {
		first, _ := utf8.DecodeRuneInString(s)
		last, _ := utf8.DecodeLastRuneInString(s)
		if unicode.IsSpace(first) || unicode.IsSpace(last) {
			return errSpace
		}
	}
	return nil
}

// control reports the C0 and C1 control characters, and the two characters that
// Unicode has for the ends of lines and paragraphs.
func control(r rune) bool {
	return r < ' ' || 0x7f <= r && r <= 0x9f || r == 0x2028 || r == 0x2029
}

// bidi reports the characters of the property Bidi_Control.
func bidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}
