package lifecycle

import (
	"iter"
	"math/bits"
	"strings"
)

// Status is the status of a subscription at an instant. It is derived from the recorded commands
// and is never stored. The zero value, "", is not a status.
type Status string

const (
	// Future: sold, not started yet; or held by an operator since before its start. It is left at
	// the start: when the start date comes, by the action start, or by the release of a hold that
	// lasted beyond the start date.
	Future Status = "future"

	// InTrial: started, and the trial still runs. Nothing is billed. It is left at the end of the
	// trial, to the status that the trial's own rule says, and immediately by a cancel now or a
	// close.
	InTrial Status = "in_trial"

	// Active: a period runs, and the period after it will be opened and billed. It is left by an
	// ending within the running period, a pause, a hold, a cancel now or a close.
	Active Status = "active"

	// NonRenewing: a period runs, and the earliest ending lies within it, its end included. Undoing
	// the cause returns it to active; otherwise it is left by the ending.
	NonRenewing Status = "non_renewing"

	// Paused: neither entitled nor billed, by the customer's pause, by a trial that ended in a
	// pause, or, once started and out of trial, by an operator's hold. It is left by a resume or a
	// release; endings take effect in it as well.
	Paused Status = "paused"

	// Cancelled: an ending, a cancel now or a close took effect. It is left only by a reactivation,
	// and if the subscription is closed, only by an operator's.
	Cancelled Status = "cancelled"
)

// statusNames is indexed by statusIndex; index 0 is no status.
var statusNames = [...]Status{"", Future, InTrial, Active, NonRenewing, Paused, Cancelled}

const statusCount = len(statusNames)

// statusIndex numbers the statuses from 1, in the order of the words; 0 is no status.
type statusIndex uint8

// index finds the number of a status; 0 if it is none.
func (s Status) index() statusIndex {
	for i, name := range statusNames {
		if s == name {
			return statusIndex(i)
		}
	}
	return 0
}

func (Status) vocabulary() (string, []Status) {
	return "status", append([]Status(nil), statusNames[1:]...)
}

// UnmarshalText accepts exactly what [ParseWord] accepts; otherwise it leaves s as it was.
func (s *Status) UnmarshalText(text []byte) error { return unmarshalWord(s, text) }

// isValid reports whether s is one of the statuses. The zero value is not.
func (s Status) isValid() bool { return s.index() != 0 }

// StatusSet is a set of statuses, comparable with ==. The zero value is the empty set.
type StatusSet uint8

// SetOf returns the set of the given statuses; what is not a status is omitted.
func SetOf(statuses ...Status) StatusSet {
	var set StatusSet
	for _, s := range statuses {
		if i := s.index(); i != 0 {
			set |= 1 << i
		}
	}
	return set
}

// Has reports whether s is in the set.
func (set StatusSet) Has(s Status) bool {
	i := s.index()
	return i != 0 && set&(1<<i) != 0
}

// Len returns the number of statuses in the set.
func (set StatusSet) Len() int { return bits.OnesCount8(uint8(set)) }

// All yields the statuses of the set in the order of their words.
func (set StatusSet) All() iter.Seq[Status] {
	return func(yield func(Status) bool) {
		for i := 1; i < statusCount; i++ {
			if set&(1<<i) != 0 && !yield(statusNames[i]) {
				return
			}
		}
	}
}

// String lists the set in words: "active or non_renewing"; "none" if it is empty.
func (set StatusSet) String() string {
	var words []string
	for s := range set.All() {
		words = append(words, string(s))
	}
	return oneOf(words)
}

// oneOf joins words as in English: "a, b or c".
func oneOf(words []string) string {
	switch n := len(words); n {
	case 0:
		return "none"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}
