package billing

import (
	"crypto/sha1"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/subscription"
)

// namespace never changes: every id that was ever stored hangs on it.
var namespace = uuid.UUID{0x5e, 0x0d, 0x3a, 0x6f, 0x1c, 0x52, 0x5b, 0x0e, 0x9d, 0x27, 0x8a, 0x41, 0x70, 0xc6, 0x2b, 0x93}

// Namespace: see [Line.ID].
func Namespace() uuid.UUID { return namespace }

// ID returns the line's id: a version 5 UUID in [Namespace] over the subscription,
// the line's kind, charge, span and command, and over the line that a credit or a
// discount reduces. A line of another subscription, period or command has another
// id; two equal changes on one day have different ids, because their commands have.
func (l Line) ID(sub subscription.ID) uuid.UUID {
	var buf [512]byte
	b := appendText(buf[:0], string(sub))
	b = l.appendName(b)
	return name(b)
}

func (l Line) appendName(b []byte) []byte {
	b = appendText(b, string(l.Kind))
	b = appendText(b, l.Charge)
	b = appendInstant(b, l.From)
	b = appendInstant(b, l.To)
	b = binary.BigEndian.AppendUint64(b, uint64(l.Command))
	if l.Of != (Origin{}) {
		b = appendText(b, string(l.Of.Kind))
		b = appendText(b, l.Of.Charge)
		b = appendInstant(b, l.Of.From)
		b = appendInstant(b, l.Of.To)
		b = binary.BigEndian.AppendUint64(b, uint64(l.Of.Command))
	}
	return b
}

// ID returns the invoice's id: a version 5 UUID in [Namespace] over the
// subscription, the instant and the command that caused it.
func (inv Invoice) ID() uuid.UUID {
	var buf [512]byte
	b := appendText(buf[:0], string(inv.Subscription))
	b = appendText(b, "invoice")
	b = appendInstant(b, inv.At)
	b = binary.BigEndian.AppendUint64(b, uint64(inv.Command))
	return name(b)
}

// LineID returns the id of line i.
func (inv Invoice) LineID(i int) uuid.UUID { return inv.Lines[i].ID(inv.Subscription) }

// appendText writes a text so that no other sequence of texts reads the same.
func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func appendInstant(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// name is uuid.NewSHA1 without its allocations.
func name(b []byte) uuid.UUID {
	var buf [1024]byte
	sum := sha1.Sum(append(append(buf[:0], namespace[:]...), b...))
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}
