package feature

import "github.com/perennial-billing/perennial/internal/text"

// MaxKeyLen is the longest key, in bytes.
const MaxKeyLen = 255

// Key names a feature: "number_of_ips", "rescan". It is a line of 1 to [MaxKeyLen]
// bytes: valid UTF-8 without control characters, without those that change the
// direction of text, and without spaces at its ends. Keys are compared byte by byte.
// The zero Key is invalid.
type Key string

// IsValid reports whether k can name a feature.
func (k Key) IsValid() bool { return k.fault() == nil }

func (k Key) fault() error { return labelFault(string(k)) }

// labelFault says what is wrong with a name that people choose.
func labelFault(s string) error { return text.ID(s, MaxKeyLen) }
