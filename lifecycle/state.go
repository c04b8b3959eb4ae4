package lifecycle

import (
	"fmt"
	"strings"
)

// Flags is a set of facts about a subscription in addition to its status, comparable with ==.
type Flags uint8

const (
	// Held: an operator's hold is in force. It survives a cancel, so that a subscriber cannot
	// remove it by cancelling and reactivating.
	Held Flags = 1 << iota
	// Closed: ended permanently; only an operator can reopen it. Only with the status cancelled.
	Closed
	// OwnPause: under the hold, the customer's own pause is in effect and remains after the
	// release. Only with Held and the status paused.
	OwnPause
	// TrialLapsed: the trial ended under the hold, so its rule applies at the release. Only with
	// Held and the status paused.
	TrialLapsed
	// RenewalOff: automatic renewal is off, whether or not that ends the running period.
	RenewalOff
	// EndDateSet: there is an end date, however far in the future.
	EndDateSet
	// Suspended: an operator's suspension is in force: no service, and billing goes on. It can stand
	// beside a hold or a pause, and survives a cancel as a hold does.
	Suspended

	flagsAll = Suspended<<1 - 1
)

var flagNames = []string{"held", "closed", "own pause", "trial lapsed", "renewal off", "end date set", "suspended"}

// Has reports whether every flag of f is in the set.
func (set Flags) Has(f Flags) bool { return set&f == f }

// String lists the set: "held, own pause"; "none" if it is empty.
func (set Flags) String() string { return listBits(uint64(set), flagNames) }

// Scheduled is a set of the things that were asked for and have not taken effect, comparable with ==.
type Scheduled uint8

const (
	// ScheduledCancel: a cancel, at the end of a period or on a date, however far in the future.
	ScheduledCancel Scheduled = 1 << iota
	// ScheduledPause: a pause that has not begun.
	ScheduledPause
	// ScheduledResume: the end of a pause, of the running one or of a scheduled one.
	ScheduledResume
	// ScheduledChange: at least one change of plan, quantity or price.
	ScheduledChange

	scheduledAll = ScheduledCancel | ScheduledPause | ScheduledResume | ScheduledChange
)

var scheduledNames = []string{"cancel", "pause", "resume", "change"}

// Has reports whether everything in x is in the set.
func (set Scheduled) Has(x Scheduled) bool { return set&x == x }

// String lists the set: "cancel, change"; "none" if it is empty.
func (set Scheduled) String() string { return listBits(uint64(set), scheduledNames) }

// listBits names the bits that are set, in the order of names.
func listBits(set uint64, names []string) string {
	var words []string
	for i, name := range names {
		if set&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// State is what the table needs to know about a subscription at an instant. It is a value of eight
// bytes, comparable with ==, made by NewState. The zero value is not a state: IsValid is false, and
// every action in it is refused with ErrInvalid.
type State struct {
	status statusIndex
	marks  uint32 // flags, endings and scheduled, where a word has them
}

// NewState makes a state from its parts. endings holds the causes whose ending lies, end included,
// within what runs now: the period of an active subscription, the trial, the time before the start
// of a future one, the period in which a pause began. A later ending is not in it (endings at any
// distance show as ScheduledCancel, RenewalOff and EndDateSet). For a cancelled subscription it
// holds the causes that took effect, none after a cancel now or a close.
//
// It fails with ErrInvalid if the parts contradict one another:
//   - status is not one of Statuses;
//   - Closed without cancelled; Held with active or non_renewing;
//   - OwnPause or TrialLapsed without Held and paused;
//   - non_renewing without an ending, active with one;
//   - unless it is cancelled: an ending by cancel without ScheduledCancel, by no_renewal without
//     RenewalOff, by end_date without EndDateSet;
//   - a bit is set that has no meaning.
func NewState(status Status, flags Flags, endings Causes, scheduled Scheduled) (State, error) {
	if fault := stateFault(status, flags, endings, scheduled); fault != "" {
		return State{}, fmt.Errorf("%w: state: %s", ErrInvalid, fault)
	}
	marks := flagMarks(flags) | uint32(endings)<<endingShift |
		uint32(besideCauses(endings))<<besideShift | uint32(scheduled)<<scheduledShift
	return State{status.index(), marks}, nil
}

// MustState is NewState for tests and examples with hard-coded parts; it panics where NewState fails.
func MustState(status Status, flags Flags, endings Causes, scheduled Scheduled) State {
	s, err := NewState(status, flags, endings, scheduled)
	if err != nil {
		panic(err)
	}
	return s
}

// stateFault says what contradicts what, or is empty.
func stateFault(status Status, flags Flags, endings Causes, scheduled Scheduled) string {
	paused, cancelled := status == Paused, status == Cancelled
	underHold := flags & (OwnPause | TrialLapsed)
	switch {
	case !status.isValid():
		return fmt.Sprintf("no status %.40q", string(status))
	case flags&^flagsAll != 0 || endings&^causesAll != 0 || scheduled&^scheduledAll != 0:
		return "an unknown bit is set"
	case flags.Has(Closed) && !cancelled:
		return fmt.Sprintf("closed while %s", status)
	case flags.Has(Held) && (status == Active || status == NonRenewing):
		return fmt.Sprintf("held while %s", status)
	case underHold != 0 && !(flags.Has(Held) && paused):
		return fmt.Sprintf("%s without a hold and a pause", underHold)
	case status == NonRenewing && endings == 0:
		return "non_renewing without an ending"
	case status == Active && endings != 0:
		return "active with an ending in the running period"
	case cancelled:
		return ""
	case endings.Has(CauseCancel) && !scheduled.Has(ScheduledCancel):
		return "an ending by cancel, and no cancel is scheduled"
	case endings.Has(CauseNoRenewal) && !flags.Has(RenewalOff):
		return "an ending by no_renewal, and renewal is on"
	case endings.Has(CauseEndDate) && !flags.Has(EndDateSet):
		return "an ending by end_date, and no end date is set"
	}
	return ""
}

// IsValid reports whether s was made by NewState. The zero value was not.
func (s State) IsValid() bool { return s.status != 0 }

// Status returns the status; "" for the zero value.
func (s State) Status() Status { return statusNames[s.status] }

// Flags returns the flags.
func (s State) Flags() Flags { return flagsOf(word(s.marks)) }

// flagMarks and flagsOf put flags where a word has them, and take them from there.
func flagMarks(f Flags) uint32 {
	first := f & (Held | Closed | OwnPause | TrialLapsed)
	return uint32(first)*uint32(held) | uint32(f&RenewalOff)/uint32(RenewalOff)*uint32(renewalOff) |
		uint32(f&Suspended)/uint32(Suspended)*uint32(suspended) | uint32(f&EndDateSet)/uint32(EndDateSet)*uint32(endDateSet)
}

func flagsOf(w word) Flags {
	return Flags(w/held)&(Held|Closed|OwnPause|TrialLapsed) | Flags(w&renewalOff/renewalOff)*RenewalOff |
		Flags(w&suspended/suspended)*Suspended | Flags(w&endDateSet/endDateSet)*EndDateSet
}

// Endings returns the causes whose ending lies within what runs now; see NewState.
func (s State) Endings() Causes { return Causes(s.marks>>endingShift) & causesAll }

// Scheduled returns what was asked for and has not taken effect.
func (s State) Scheduled() Scheduled { return Scheduled(s.marks>>scheduledShift) & scheduledAll }

// Held reports whether an operator's hold is in force.
func (s State) Held() bool { return s.Flags().Has(Held) }

// Suspended reports whether an operator's suspension is in force.
func (s State) Suspended() bool { return s.Flags().Has(Suspended) }

// Closed reports whether the subscription ended permanently.
func (s State) Closed() bool { return s.Flags().Has(Closed) }

// Entitled reports whether the subscription grants its features: in trial, active or non-renewing,
// and neither held nor suspended.
func (s State) Entitled() bool {
	switch s.Status() {
	case InTrial, Active, NonRenewing:
		return s.Flags()&(Held|Suspended) == 0
	case Future, Paused, Cancelled:
	}
	return false
}

// Billable reports whether time spent in this state is billed: active and non-renewing.
func (s State) Billable() bool {
	status := s.Status()
	return status == Active || status == NonRenewing
}

// String describes the state: "paused (flags: held, own pause; scheduled: resume)". The zero value is
// "no state".
func (s State) String() string {
	if !s.IsValid() {
		return "no state"
	}
	var parts []string
	if flags := s.Flags(); flags != 0 {
		parts = append(parts, "flags: "+flags.String())
	}
	if endings := s.Endings(); endings != 0 {
		parts = append(parts, "ending by: "+endings.String())
	}
	if scheduled := s.Scheduled(); scheduled != 0 {
		parts = append(parts, "scheduled: "+scheduled.String())
	}
	if len(parts) == 0 {
		return string(s.Status())
	}
	return string(s.Status()) + " (" + strings.Join(parts, "; ") + ")"
}
