package billing

import (
	"crypto/sha1"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/subscription"
)

// namespace never changes: every stored id depends on it.
var namespace = uuid.UUID{0x5e, 0x0d, 0x3a, 0x6f, 0x1c, 0x52, 0x5b, 0x0e, 0x9d, 0x27, 0x8a, 0x41, 0x70, 0xc6, 0x2b, 0x93}

// Namespace returns the UUID under which the ids of invoices, lines and
// corrections are derived, 5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93. See [Line.ID].
func Namespace() uuid.UUID { return namespace }

// nameSize is enough for usual names; longer ones go to the heap.
const nameSize = 256

// ID returns the line's id: a version 5 UUID in [Namespace] over the subscription,
// the line's kind, charge, span and command, and over the line that a credit or a
// discount reduces. A line of another subscription, period or command has another id;
// two equal changes on one day have different ids, because their commands differ. So do
// a line in advance and one in arrears for the same span of a charge, see Command.
//
// Boundaries of periods and civil midnights enter the name as the wall clock of the
// zone shows them, so that new zone data rename nothing; an instant that was given, as
// that of a change by the second, enters it as UTC.
//
// The name is, one after the other: the subscription, the kind and the charge, each
// as its length and its bytes; From and To, each as a byte (0 if zero, 1 for UTC, 2 for
// the wall clock) and, unless zero, the microseconds since 1970 on that clock in eight
// bytes, big-endian; the command; if the line is priced by dimensions, the word "by", and, as one
// text, the name and the value of each in order of the names, a zero byte after both; then, if the line
// refers to another, the same of Of, without the subscription. Lengths and commands are unsigned
// varints.
//
// The id of a line that was decoded as part of a document is the one in the document.
func (l Line) ID(sub subscription.ID, z calendar.Zone) uuid.UUID { return l.identity(sub, z) }

// identity is ID without a copy of the line.
func (l *Line) identity(sub subscription.ID, z calendar.Zone) uuid.UUID {
	if l.id != nil {
		return *l.id
	}
	var buf [nameSize]byte
	b := appendText(append(buf[:0], namespace[:]...), string(sub))
	b = l.Ref().append(b, z)
	if l.Of != (LineRef{}) {
		b = l.Of.append(b, z)
	}
	return name(b)
}

func (o LineRef) append(b []byte, z calendar.Zone) []byte {
	b = appendText(b, string(o.Kind))
	b = appendText(b, o.Charge)
	b = appendInstant(b, o.From, o.wallFrom, z)
	b = appendInstant(b, o.To, o.wallTo, z)
	b = binary.AppendUvarint(b, uint64(o.Command))
	if o.key != "" {
		b = appendText(appendText(b, "by"), o.key)
	}
	return b
}

// ID returns the invoice's id: a version 5 UUID in [Namespace] over the
// subscription, the word "invoice", or "interim" for one that a threshold caused, the instant and the
// command that caused it, written as for [Line.ID]. That of a decoded invoice is the one in the
// document.
func (inv Invoice) ID() uuid.UUID {
	if inv.id != uuid.Nil {
		return inv.id
	}
	var buf [nameSize]byte
	b := appendText(append(buf[:0], namespace[:]...), string(inv.Subscription))
	word := "invoice"
	if inv.Interim {
		word = "interim"
	}
	b = appendText(b, word)
	b = appendInstant(b, inv.At, inv.wall, inv.Zone)
	return name(binary.AppendUvarint(b, uint64(inv.Command)))
}

// id is the id of the line that it names, which itself refers to no other line.
func (o LineRef) id(sub subscription.ID, z calendar.Zone) uuid.UUID {
	var buf [nameSize]byte
	return name(o.append(appendText(append(buf[:0], namespace[:]...), string(sub)), z))
}

// LineID returns the id of line i.
func (inv Invoice) LineID(i int) uuid.UUID { return inv.Lines[i].identity(inv.Subscription, inv.Zone) }

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
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendInstant(b []byte, t time.Time, wall bool, z calendar.Zone) []byte {
	switch {
	case t.IsZero():
		return append(b, 0)
	case wall:
		return binary.BigEndian.AppendUint64(append(b, 2), uint64(z.WallClock(t)))
	}
	return binary.BigEndian.AppendUint64(append(b, 1), uint64(t.UnixMicro()))
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
