package lifecycle

import (
	"iter"
	"math/bits"
	"strings"
)

// EndingCause says why a subscription ends. Causes are kept separately, so that undoing one leaves
// the others in force; the earliest ending takes effect. The zero value, "", is not a cause.
type EndingCause string

const (
	// CauseCancel: the end was asked for, at the end of a period or at a date. Undone by
	// remove_scheduled_cancel. What it ends is cancelled and not closed.
	CauseCancel EndingCause = "cancel"

	// CauseNoRenewal: automatic renewal is off, so the running period is the last. Undone by
	// auto_renewal_on. What it ends is cancelled and closed.
	CauseNoRenewal EndingCause = "no_renewal"

	// CauseLength: the plan's last cycle runs and the plan closes after it. After a change of plan
	// the length is counted from the change. What it ends is cancelled and closed.
	CauseLength EndingCause = "length"

	// CauseEndDate: the end date, a fixed instant that no pause and no change of period moves.
	// Removed or moved by set_end_date. What it ends is cancelled and closed.
	CauseEndDate EndingCause = "end_date"
)

// causeNames is indexed by the bit of a cause in Causes.
var causeNames = [...]EndingCause{CauseCancel, CauseNoRenewal, CauseLength, CauseEndDate}

func (EndingCause) vocabulary() (string, []EndingCause) {
	return "cause of an ending", append([]EndingCause(nil), causeNames[:]...)
}

// bit returns the cause as a set of one; the empty set if c is not a cause.
func (c EndingCause) bit() Causes {
	for i, name := range causeNames {
		if c == name {
			return 1 << i
		}
	}
	return 0
}

// Causes is a set of causes, comparable with ==. The zero value is the empty set.
type Causes uint8

// causesAll holds every cause.
const causesAll Causes = 1<<len(causeNames) - 1

// CausesOf returns the set of the given causes; what is not a cause is omitted.
func CausesOf(causes ...EndingCause) Causes {
	var set Causes
	for _, c := range causes {
		set |= c.bit()
	}
	return set
}

// With returns the set with c added.
func (set Causes) With(c EndingCause) Causes { return set | c.bit() }

// Without returns the set without c.
func (set Causes) Without(c EndingCause) Causes { return set &^ c.bit() }

// Has reports whether c is in the set.
func (set Causes) Has(c EndingCause) bool { return set&c.bit() != 0 }

// Len returns the number of causes in the set.
func (set Causes) Len() int { return bits.OnesCount8(uint8(set)) }

// All yields the causes of the set in the order of their words.
func (set Causes) All() iter.Seq[EndingCause] {
	return func(yield func(EndingCause) bool) {
		for i, c := range causeNames {
			if set&(1<<i) != 0 && !yield(c) {
				return
			}
		}
	}
}

// String lists the set: "cancel, end_date"; "none" if it is empty.
func (set Causes) String() string {
	var words []string
	for c := range set.All() {
		words = append(words, string(c))
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
