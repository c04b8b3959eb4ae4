package subscription

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// ChangeKind is the kind of what opened a segment of a subscription's life.
type ChangeKind string

// The kinds of change. Each but Renewed opens a segment; the next one closes it.
const (
	Created     ChangeKind = "created"     // the agreement was made; service has not started
	TrialBegan  ChangeKind = "trial_began" // service started with a trial
	Started     ChangeKind = "started"     // service started with its first period
	TrialEnded  ChangeKind = "trial_ended" // the trial ended, by itself or by a command
	PhaseBegan  ChangeKind = "phase_began" // the next phase of the plan began
	Changed     ChangeKind = "changed"     // plan, quantity or price changed
	Paused      ChangeKind = "paused"      // the customer's pause took effect
	Resumed     ChangeKind = "resumed"     // a pause ended
	AnchorSet   ChangeKind = "anchor_set"  // the billing anchor moved
	Held        ChangeKind = "held"        // an operator stopped service
	Released    ChangeKind = "released"    // the operator's hold ended
	Ended       ChangeKind = "ended"       // the subscription ended; see Change.Cause
	Reactivated ChangeKind = "reactivated" // a cancelled subscription came back
	Renewed     ChangeKind = "renewed"     // a period ended and the next began; it opens no segment and appears only in events
	Recorded    ChangeKind = "recorded"    // something was scheduled, undone or flagged; nothing is billed for it
)

// ChangeKinds returns every kind, in the order of their constants.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{Created, TrialBegan, Started, TrialEnded, PhaseBegan, Changed, Paused, Resumed, AnchorSet, Held, Released, Ended, Reactivated, Renewed, Recorded}
}

// A Change is what opened a [Segment]: a command, the effect of a scheduled one, or
// something that fell due by itself. It is a result: only this package creates
// changes.
type Change struct {
	// Kind says what happened.
	Kind ChangeKind
	// At is the instant at which it took effect.
	At time.Time
	// Command is the number of the command that caused or scheduled it; 0 for what
	// falls due by itself (start, trial end, phase, renewal off, length, end date).
	Command int
	// Set is the change set that it belongs to: Command.Set of the command that caused
	// it. 0 for a scheduled effect.
	Set int
	// Recorded is the instant of that command; zero if there is none.
	Recorded time.Time
	// Cause is the ending's cause; empty unless Kind is Ended.
	Cause lifecycle.EndingCause
	// Dropped holds what was scheduled and was removed by the change, although the
	// command was not about it.
	Dropped lifecycle.Scheduled

	effects  seam.Effects
	detached []string     // see Detached; never changed
	policy   *plan.Policy // see Policy; shared, and never changed
	atOnce   bool         // the end was requested immediately and is not the effect of an ending
	phased   bool         // it ended an attachment where a phase began, or all at the end of a charge's period, and is cut there
	boundary bool         // it fell on a boundary of what ran before it, and of all that came first at its instant
	lapsed   *record      // the scheduled change that left nothing to change
}

func (c *Change) causedBy(cmd *record, policy *plan.Policy) {
	if cmd != nil {
		c.Command, c.Recorded = cmd.Number, cmd.At
	}
	if policy != nil {
		c.policy = policy
	}
}

// Detached returns the ids of the attachments that the change ended without a call of
// Detach, in alphabetical order: at a change of plan those that do not fit the new plan or that
// the policy drops, and the one whose time is over.
func (c Change) Detached() []string { return slices.Clone(c.detached) }

// Policy returns every choice that the change follows, none of them empty: the command's
// own, else the subscription's, else the plan's. It is false if no choice matters.
func (c Change) Policy() (plan.Policy, bool) {
	if c.policy == nil {
		return plan.Policy{}, false
	}
	return *c.policy, true
}

// Scheduled reports whether the change took effect later than the command that
// caused it, or without one.
func (c Change) Scheduled() bool { return c.Command == 0 || c.Recorded.Before(c.At) }

// unusedCredit is [seam.Timeline.UnusedCredit].
func (c *Change) unusedCredit() plan.UnusedCredit {
	if c.policy == nil {
		return plan.CreditNone
	}
	switch c.Kind {
	case Changed, AnchorSet:
		return c.policy.ChangeCredit
	case Paused, Held:
		return c.policy.PauseCredit
	case Ended:
		return c.policy.CancelCredit
	case Created, TrialBegan, Started, TrialEnded, PhaseBegan, Resumed, Released, Reactivated, Renewed, Recorded:
	}
	return plan.CreditNone
}

// Cut returns where the change divides billed time: at its instant if the basis is
// second, otherwise at a civil midnight in z by the choice of change day. A scheduled
// effect exactly on a boundary is not moved, nor is the end of an add-on where a phase
// begins, nor a cancellation at the end of a charge's own period. A cut beyond the end of the period
// that was running counts as that end.
func (c Change) Cut(z calendar.Zone, onBoundary bool) (time.Time, error) {
	if c.policy == nil || c.policy.Basis == calendar.BySecond || c.phased || onBoundary && c.Scheduled() {
		return c.At, nil
	}
	return c.policy.ChangeDay.Cut(c.At, z)
}

// effectsOf is [seam.Timeline.Effects].
func (c *Change) effectsOf() seam.Effects { return c.effects }

// endsLength is [seam.Timeline.EndsLength].
func (c *Change) endsLength() bool { return c.Kind == Ended && c.Cause == lifecycle.CauseLength }
