package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// ChangeKind says what opened a segment of a subscription's life.
type ChangeKind string

// The kinds of change. Each but Renewed opens a segment; the next one closes it.
const (
	Created     ChangeKind = "created"     // the agreement was made; service has not started
	TrialBegan  ChangeKind = "trial_began" // service started with a trial
	Started     ChangeKind = "started"     // service started with its first period
	TrialEnded  ChangeKind = "trial_ended" // the trial ended, by itself or by command
	PhaseBegan  ChangeKind = "phase_began" // the next phase of the plan began
	Changed     ChangeKind = "changed"     // plan, quantity or price changed
	Paused      ChangeKind = "paused"      // the customer's pause took effect
	Resumed     ChangeKind = "resumed"     // a pause ended
	AnchorSet   ChangeKind = "anchor_set"  // the billing anchor moved
	Held        ChangeKind = "held"        // an operator stopped service
	Released    ChangeKind = "released"    // the operator's hold ended
	Ended       ChangeKind = "ended"       // an ending took effect; see Change.Cause
	Reactivated ChangeKind = "reactivated" // a cancelled subscription came back
	Renewed     ChangeKind = "renewed"     // a period ended and the next began; it opens no segment, and shows in events only
	Noted       ChangeKind = "noted"       // something was scheduled, undone or flagged; nothing is billed for it
)

// ChangeKinds returns every kind, in the order of their constants.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{Created, TrialBegan, Started, TrialEnded, PhaseBegan, Changed, Paused, Resumed, AnchorSet, Held, Released, Ended, Reactivated, Renewed, Noted}
}

// IsValid reports whether k is one of the constants.
func (k ChangeKind) IsValid() bool {
	for _, other := range ChangeKinds() {
		if k == other {
			return true
		}
	}
	return false
}

// A Change is what opened a [Segment]: a command, an effect that was scheduled
// by one, or something that fell due by itself. It is a result: the engine makes it.
type Change struct {
	// Kind says what happened.
	Kind ChangeKind
	// At is the instant it took effect.
	At time.Time
	// Command is the number of the command that caused it, at once or by
	// scheduling it; 0 for what falls due by itself (start, trial end, phase,
	// renewal off, length, end date).
	Command int
	// Recorded is the instant of that command; zero without one.
	Recorded time.Time
	// Cause is the ending's cause; empty unless Kind is Ended.
	Cause lifecycle.EndingCause
	// Policy holds every choice that the change follows, none of them empty:
	// the command's own over the subscription's over the plan's. Nil where no
	// choice matters.
	Policy *plan.Policy
	// NewGrid reports that a period of a new grid begins with the change.
	NewGrid bool
	// Extended reports that the running period's end moved with the change.
	Extended bool
	// Dropped holds what was scheduled and fell away with the change, without
	// having been asked to.
	Dropped lifecycle.Scheduled

	atOnce bool // an end that was asked for at once, and not the effect of an ending
}

func (c *Change) by(cmd *Command, policy *plan.Policy) {
	if cmd != nil {
		c.Command, c.Recorded = cmd.Number, cmd.At
	}
	if policy != nil {
		c.Policy = policy
	}
}

// Scheduled reports whether the change took effect later than the command that
// caused it, or without one.
func (c Change) Scheduled() bool { return c.Command == 0 || c.Recorded.Before(c.At) }

// Credit answers what becomes of the unused part of what was billed in advance.
func (c Change) Credit() plan.Credit {
	if c.Policy == nil {
		return plan.CreditNone
	}
	switch c.Kind {
	case Changed, AnchorSet:
		return c.Policy.ChangeCredit
	case Paused, Held:
		return c.Policy.PauseCredit
	case Ended:
		return c.Policy.CancelCredit
	}
	return plan.CreditNone
}

// Cut answers where the change divides what is billed: with a basis of seconds
// at its instant, with a basis of days at a civil midnight by the change-day
// rule. A scheduled effect exactly on a boundary is not moved.
func (c Change) Cut(z calendar.Zone, onBoundary bool) (time.Time, error) {
	if c.Policy == nil || c.Policy.Basis == calendar.BySecond || onBoundary && c.Scheduled() {
		return c.At, nil
	}
	return c.Policy.ChangeDay.Cut(c.At, z)
}

// EndsLength reports whether the plan's own length ended the subscription.
func (c Change) EndsLength() bool { return c.Kind == Ended && c.Cause == lifecycle.CauseLength }

// Begins reports whether the change opened the first period of the service.
func (c Change) Begins() bool { return c.Kind == Started || c.Kind == TrialEnded }
