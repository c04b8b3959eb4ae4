package strictjson

import (
	"strings"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/micro"
)

var (
	errInstant = fault.Malformed.Errorf("must be an instant such as 2026-01-31T09:00:00Z")
	errYear    = fault.OutOfRange.Errorf("must be in the years 1 to 9999")
)

// parseInstant reads RFC 3339 and nothing else. time.Parse alone also accepts
// one-digit hours, a comma before the fraction, and fractions whose end it drops. Digits
// finer than a microsecond are read and dropped.
func parseInstant(s string) (time.Time, error) {
	const shape = "dddd-dd-ddTdd:dd:dd"
	if len(s) < len(shape)+1 || !shaped(s[:len(shape)], shape) {
		return time.Time{}, errInstant
	}
	rest := s[len(shape):]
	if rest[0] == '.' {
		digits := len(rest[1:]) - len(strings.TrimLeft(rest[1:], "0123456789"))
		if digits < 1 || digits > 9 {
			return time.Time{}, errInstant
		}
		rest = rest[1+digits:]
	}
	if rest != "Z" && !isOffset(rest) {
		return time.Time{}, errInstant
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, errInstant
	}
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, errYear
	}
	return micro.Floor(t), nil
}

// isOffset reports whether s is an offset from UTC of less than a day.
func isOffset(s string) bool {
	return (shaped(s, "+dd:dd") || shaped(s, "-dd:dd")) && s[1:3] <= "23" && s[4:6] <= "59"
}

// shaped reports whether s has a digit wherever shape has the letter d, and the
// same byte elsewhere.
func shaped(s, shape string) bool {
	if len(s) != len(shape) {
		return false
	}
	for i := range len(s) {
		if shape[i] == 'd' && (s[i] < '0' || s[i] > '9') || shape[i] != 'd' && s[i] != shape[i] {
			return false
		}
	}
	return true
}
