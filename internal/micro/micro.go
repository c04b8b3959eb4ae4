// Package micro has the one rule for instants: they have microseconds, which is what
// databases keep. Every room passes what comes in, by a call or by a document, through
// [Floor], so that an instant is the same before and after it was stored.
package micro

import "time"

// Second is the length of the last digit of an instant.
const Second = time.Microsecond

// Floor returns t in UTC, without a monotonic reading and without the digits finer than a
// microsecond: the latest instant of whole microseconds that is not later than t. It keeps
// the order of instants, and moves none across an instant of whole microseconds.
func Floor(t time.Time) time.Time {
	t = t.UTC()
	if finer := t.Nanosecond() % int(Second); finer != 0 { // Truncate divides, and most have none
		t = t.Add(-time.Duration(finer))
	}
	return t
}

// IsWhole reports whether t has no finer digits.
func IsWhole(t time.Time) bool { return t.Nanosecond()%int(Second) == 0 }
