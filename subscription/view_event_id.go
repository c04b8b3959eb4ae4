package subscription

import (
	"crypto/sha1"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/lifecycle"
)

// eventNamespace never changes: every stored id of an event depends on it.
var eventNamespace = uuid.UUID{0xd8, 0x3f, 0x61, 0x0b, 0x94, 0x2c, 0x5a, 0x7e, 0xb1, 0x06, 0x4e, 0xc9, 0x5d, 0x70, 0xa2, 0x18}

// EventNamespace returns the UUID under which the ids of events are derived,
// d83f610b-942c-5a7e-b106-4ec95d70a218.
//
// The id of an event is a version 5 UUID in it over the subscription, the event's kind and
// command, and its instant. It is unique where subscription ids are, and stays the same
// when later commands are recorded and when the subscription is read from its document. An
// expected event that a command moves to another instant is another event.
//
// Instants that follow from the calendar (a renewal, the end of a trial, a phase or a
// length, what was scheduled for the end of a period) enter the name as the wall clock of
// the zone shows them, so that new zone data rename nothing; those that were given, as
// that of a command, a start or an end date, enter it as UTC, as they were recorded.
//
// The name is, one after the other: the subscription and the kind, each as its length and
// its bytes; the command; a byte, 1 for UTC and 2 for the wall clock, and the microseconds
// since 1970 on that clock in eight bytes, big-endian. Lengths and the command are unsigned
// varints. Where an attachment ends by itself at the instant at which its command attached it,
// because another period began there, the word "detached" follows in the name of its end.
func EventNamespace() uuid.UUID { return eventNamespace }

// eventID names an event; given is its instant as it was recorded, zero if it follows from
// the calendar; atOnce says that it ends an attachment where that began.
func (s Subscription) eventID(e *Event, given time.Time, atOnce bool) uuid.UUID {
	var buf [128]byte // more than usual names need
	b := append(buf[:0], eventNamespace[:]...)
	for _, text := range [...]string{string(s.c.id), string(e.Kind)} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	b = binary.AppendUvarint(b, uint64(e.Command))
	if given.IsZero() {
		b = binary.BigEndian.AppendUint64(append(b, 2), uint64(s.Zone().WallClock(e.At)))
	} else {
		b = binary.BigEndian.AppendUint64(append(b, 1), uint64(given.UnixMicro()))
	}
	if atOnce {
		b = append(b, "detached"...)
	}
	sum := sha1.Sum(b)
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

// given reports whether the instant of a change that fell due is one that somebody gave,
// be it with the command that scheduled it.
func (c *Change) given(scheduled *record) bool {
	if scheduled != nil {
		if c.Kind == Resumed {
			return !scheduled.ResumeAt.IsZero()
		}
		return !scheduled.On.IsZero()
	}
	switch c.Kind {
	case Created, TrialBegan, Started:
		return true
	case Ended:
		return c.Cause == lifecycle.CauseEndDate
	case TrialEnded, PhaseBegan, Changed, Paused, Resumed, AnchorSet, Held, Released, Reactivated, Renewed, Recorded:
	}
	return false
}

// CommandOf returns the command that was recorded under an idempotency key; those of all
// its parts, in the order of their numbers, if it was [Subscription.Edit]; none if the key
// is unknown or empty. A call that was refused or changed nothing has left its key unused.
func (s Subscription) CommandOf(key string) []Command {
	if s.c == nil || key == "" {
		return nil
	}
	var all []Command
	for _, c := range s.keyed(key) {
		all = append(all, c.clone())
	}
	return all
}
