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

// Namespace returns the UUID under which the ids of invoices, lines and
// corrections are derived, 5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93. See [Line.ID].
func Namespace() uuid.UUID { return namespace }

// nameSize is enough for usual names; longer ones go to the heap.
const nameSize = 256

// ID returns the line's id: a version 5 UUID in [Namespace] over the subscription,
// the line's kind, charge, span and command, and over the line that a credit or a
// discount reduces. A line of another subscription, period or command has another
// id; two equal changes on one day have different ids, because their commands have.
//
// The name is, one after the other: the subscription, the kind and the charge, each
// as its length in four bytes and its bytes; From and To, each as a byte 0 if zero,
// else a byte 1, the seconds since 1970 in eight bytes and the nanoseconds in four;
// the command in eight bytes; then, if the line reduces another, the same of Of. All
// numbers are big-endian.
func (l Line) ID(sub subscription.ID) uuid.UUID {
	var buf [nameSize]byte
	b := appendText(append(buf[:0], namespace[:]...), string(sub))
	b = appendLine(b, l.Kind, l.Charge, l.From, l.To, l.Command)
	if l.Of != (Origin{}) {
		b = appendLine(b, l.Of.Kind, l.Of.Charge, l.Of.From, l.Of.To, l.Of.Command)
	}
	return name(b)
}

func appendLine(b []byte, kind LineKind, charge string, from, to time.Time, command int) []byte {
	b = appendText(b, string(kind))
	b = appendText(b, charge)
	b = appendInstant(b, from)
	b = appendInstant(b, to)
	return binary.BigEndian.AppendUint64(b, uint64(command))
}

// ID returns the invoice's id: a version 5 UUID in [Namespace] over the
// subscription, the word "invoice", the instant and the command that caused it,
// written as for [Line.ID].
func (inv Invoice) ID() uuid.UUID {
	var buf [nameSize]byte
	b := appendText(append(buf[:0], namespace[:]...), string(inv.Subscription))
	b = appendText(b, "invoice")
	b = appendInstant(b, inv.At)
	return name(binary.BigEndian.AppendUint64(b, uint64(inv.Command)))
}

// id is the id of the line that it names, which itself refers to no other.
func (o Origin) id(sub subscription.ID) uuid.UUID {
	return Line{Kind: o.Kind, Charge: o.Charge, From: o.From, To: o.To, Command: o.Command}.ID(sub)
}

// LineID returns the id of line i.
func (inv Invoice) LineID(i int) uuid.UUID { return inv.Lines[i].ID(inv.Subscription) }

// correctionID names the n-th correction of a line.
func correctionID(sub subscription.ID, of uuid.UUID, n int) uuid.UUID {
	var buf [nameSize]byte
	b := appendText(append(buf[:0], namespace[:]...), string(sub))
	b = appendText(b, "correction")
	b = append(b, of[:]...)
	return name(binary.BigEndian.AppendUint32(b, uint32(n)))
}

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

// name is uuid.NewSHA1 without its allocations; b begins with the namespace.
func name(b []byte) uuid.UUID {
	sum := sha1.Sum(b)
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}
