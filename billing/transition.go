package billing

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A transition is what happens to a subscription at one instant for one reason: what
// ended, what began, and where billed time is divided between the two. It holds for
// all charges alike; each charge makes of it what concerns it.
type transition struct {
	at time.Time
	// command is the number of the command that caused it, 0 for what falls due by
	// itself.
	command int
	was, is side
	// opened is the change that opened the segment; zero for a renewal.
	opened  subscription.Change
	effects seam.Effects
	// number is that of the segment that opens.
	number int
	// set says that several commands are taken as one: a charge is the same if
	// nothing of it differs, whatever the plan is called.
	set bool
	// boundary says that a period ends here by itself.
	boundary bool
	// wall says that the instant follows from a calendar: see point.
	wall bool

	ends   ending
	begins beginning
	// cut divides billed time: what was is billed up to it. What is, is billed from
	// `from` on: a new grid begins at a midnight that the renewal of its own day may have
	// passed.
	cut, from point
	// stopped is up to where time was divided before, as by the pause that a resume ends.
	stopped point
	// until is the instant up to which usage belongs to what was, divided where time was divided
	// before the end of the period is moved.
	until, divided time.Time
	// mode is what the part that begins costs.
	mode plan.ChargeNew
	// phased is the number of the segment that a change opened at the instant at which a
	// phase began, which also begins charges that the change does not touch; 0 if none did.
	phased int
	// once says that one-time charges are due.
	once bool
	// forgets says that what was paid and not given back is forfeited: a new period
	// begins after a pause or an ending.
	forgets bool
	// left is the segment in which billing stopped, if a phase began since then that nothing
	// billed; else zero.
	left subscription.Segment
	// waits says that the lines wait for the next invoice; flush, that lines which
	// wait are due with it whether or not it has any of its own.
	waits, flush bool
}

// An ending is how what ran before a transition ends.
type ending uint8

const (
	endsNothing ending = iota
	endsPeriod         // the period is over: everything in it is billed in full
	endsPart           // a change, a pause or an ending divides the period
)

// A beginning is how what runs after a transition begins.
type beginning uint8

const (
	beginsNothing beginning = iota
	beginsPeriod            // a period opens, whole or as a part of the grid's
	beginsPart              // the running period goes on under other terms, or after a pause
	beginsAnchor            // the running period goes on and ends elsewhere
	beginsTrial             // a trial: nothing is charged
)

// begin says how the new side begins.
func (tl *timeline) begin(tr *transition) error {
	ch, is, was := &tr.opened, &tr.is, &tr.was
	carry := func() {
		is.measure.first, is.free, is.joined, is.since = was.measure.first, was.free, was.joined, was.since
		if tr.effects.Extended {
			is.extendFirst(was.period.End, tr)
		}
		if is.measure.left = was.measure.left; tr.effects.Extended {
			is.measure = is.measure.later(was.period.End, is.period.End)
		}
		is.replanned = was.exists() && (was.replanned || was.seg.Version() != is.seg.Version())
	}
	is.measure.first, is.free, is.joined, is.replanned, is.since = calendar.Period{}, false, false, false, tl.actual(tr.at)
	is.measure.left = nil
	tr.from = tr.cut
	if !is.billable() {
		if _, ok := is.seg.Trial(); ok && ch.Kind == subscription.TrialBegan {
			tr.begins = beginsTrial
		}
		tr.flush = tr.flush || is.seg.Ended() || was.billable()
		carry()
		return nil
	}
	if !was.billable() {
		return tl.beginFresh(tr, carry)
	}
	differs := !inside.SamePhase(was.seg, is.seg)
	switch {
	case tr.boundary:
		tr.begins, tr.flush = beginsPeriod, true
		tr.once = differs && (ch.Kind == subscription.Changed || ch.Kind == subscription.PhaseBegan)
	case ch.Kind == subscription.Recorded:
		carry()
	case ch.Kind == subscription.AnchorSet:
		tr.begins = beginsAnchor
		tr.waits = followed(ch).Collect == plan.CollectNextInvoice
		carry()
		if tr.effects.Stretched {
			tr.divided = tl.cut.Time
			whole, err := was.measure.holding(calendar.Period{Start: tr.at, End: was.period.End})
			if err != nil {
				return err
			}
			if is.measure, err = was.measure.stretched(whole, tr.at, was.period.End, is.period.End, tr.divided, is.measure.grid); err != nil {
				return err
			}
		}
	case ch.Kind == subscription.PhaseBegan:
		tr.begins, tr.once, tr.flush = beginsPart, true, true
		if tr.effects.Regrids {
			tr.begins = beginsPeriod
		} else {
			carry()
		}
	case ch.Kind == subscription.Changed:
		tr.begins, tr.once = beginsPart, differs
		tr.mode = followed(ch).ChargeNew
		tr.waits = followed(ch).Collect == plan.CollectNextInvoice
		tr.flush = tr.phased > 0 && !tr.waits // the phase is due, whether or not it charges anything
		switch {
		case tr.effects.NewGrid:
			tr.begins = beginsPeriod
			if start := is.period.Start; !start.IsZero() && !start.Equal(tr.at) {
				tr.from = boundary(start)
				if tr.wholeDay(tl.cut) {
					tl.cut, tr.cut = tr.from, tr.from
				}
			}
			if tr.mode == plan.ChargeFull {
				tr.mode = plan.ChargeProrate // the period that begins is whole
			}
		case tr.effects.Regrids:
			tr.begins = beginsPeriod
		default:
			carry()
		}
	}
	return nil
}

// beginFresh begins a side after a time that was not billed.
func (tl *timeline) beginFresh(tr *transition, carry func()) error {
	ch, is, was := &tr.opened, &tr.is, &tr.was
	if begins(ch) || tr.effects.NewGrid || !was.exists() || was.ordinal < 0 {
		tr.begins, tr.once, tr.flush, tr.forgets = beginsPeriod, true, true, true
		if !is.recurs() {
			return nil
		}
		p, err := is.measure.grid.PeriodAt(tr.from.Time)
		if err != nil {
			return err
		}
		if p.Start.Before(tr.from.Time) {
			is.joined = is.period.End.After(p.End)
			tr.mode = is.firstPeriod(calendar.Period{Start: tr.from.Time, End: earlier(is.period.End, p.End)})
		}
		tr.waits, err = is.waitsForNext()
		return err
	}
	tr.once = true // of a plan or a phase that was reached while nothing was billed
	if is.ordinal > was.ordinal {
		tr.begins = beginsPeriod
		return nil
	}
	tr.begins = beginsPart
	tr.left = tl.leftInPhase(tr.number)
	carry()
	return nil
}

// leftInPhase returns the segment in which billing stopped before segment k, if another phase of the
// same plan is in force by now; else the zero Segment.
func (tl *timeline) leftInPhase(k int) subscription.Segment {
	is := tl.sub.Segment(k)
	for i := k - 1; i >= 0; i-- {
		seg := tl.sub.Segment(i)
		if seg.Version() != is.Version() {
			break
		}
		if seg.Billable() {
			if inside.SamePhase(seg, is) {
				break
			}
			return seg
		}
	}
	return subscription.Segment{}
}

// firstPeriod applies the choice for a first period that is a part of the grid's,
// and returns what it costs.
func (s *side) firstPeriod(p calendar.Period) plan.ChargeNew {
	switch s.policy.FirstPeriod {
	case plan.FirstFull:
		s.measure.first = p
	case plan.FirstFree:
		s.measure.first, s.free = p, true
		return plan.ChargeNone
	case plan.FirstProrate:
	}
	return plan.ChargeProrate
}

// waitsForNext reports whether what is due where the first period begins waits for the next invoice.
// Charges of every interval go by the period of the plan.
func (s *side) waitsForNext() (bool, error) {
	if s.seg.Policy().FirstInvoice != plan.FirstWithNext || s.seg.Grid().IsZero() {
		return false, nil
	}
	start := s.seg.Period().Start
	p, err := s.seg.Grid().PeriodAt(start)
	return err == nil && p.Start.Before(start), err
}

// extendFirst moves a first period that is one of its own to the end that a resume gave
// it: what is left of it stays a share of as many days. was is where the running period ended,
// which may go on behind it.
func (s *side) extendFirst(was time.Time, tr *transition) {
	old, end := s.measure.first, s.period.End
	if old.IsZero() || was.Equal(end) {
		return
	}
	if was.After(old.End) {
		if !tr.stopped.Before(old.End) {
			return // it was over when the pause began
		}
		by := s.seg.Zone().DaysBetween(was, end)
		if end = old.End.Add(end.Sub(was)); by > 0 && s.policy.Basis != calendar.BySecond {
			if t, err := s.seg.Zone().Add(old.End, calendar.Days(by), calendar.Clamp); err == nil {
				end = t
			}
		}
	}
	s.measure.first = calendar.Period{Start: old.Start.Add(end.Sub(old.End)), End: end}
	if s.policy.Basis == calendar.BySecond {
		return
	}
	days := s.seg.Zone().DaysBetween(old.End, end)
	if start, err := s.seg.Zone().Add(old.Start, calendar.Days(days), calendar.Clamp); err == nil {
		s.measure.first.Start = earlier(start, tr.at) // both on one civil day
	}
}

// wholeDay reports whether the period that a reset begins takes in the day of a start
// inside it: that day counts whole, so the period begins before the start.
func (tr *transition) wholeDay(start point) bool {
	return tr.opened.Kind == subscription.Changed && tr.effects.NewGrid && start.after(tr.from) &&
		tr.is.seg.Zone().DaysBetween(tr.from.Time, start.Time) == 0
}

// opening returns from where a charge is billed that begins with the transition.
func (tr *transition) opening(f *fold) point {
	if f.through.after(tr.cut) && !tr.wholeDay(f.through) {
		return f.through
	}
	return tr.from
}

// stops reports whether billing stops.
func (tr *transition) stops() bool { return tr.was.billable() && !tr.is.billable() }

// recharges reports whether what ends is charged again for the rest of its period.
func (tr *transition) recharges() bool {
	return tr.is.billable() && (tr.opened.Kind == subscription.Changed || tr.opened.Kind == subscription.PhaseBegan)
}

// affects reports whether the transition ends a charge of what was, so that what
// follows it is billed again.
func (tr *transition) affects(charge *plan.CompiledCharge) bool {
	return affects(tr.was.seg, tr.is.seg, &tr.opened, tr.effects, tr.set, charge)
}

// spares reports whether the transition is a change that leaves a charge as it was.
func (tr *transition) spares(charge *plan.CompiledCharge) bool {
	if tr.opened.Kind != subscription.Changed || !tr.was.billable() || tr.affects(charge) {
		return false
	}
	return charge.Attachment() != "" && !tr.attaches(charge) || charge.Attachment() == "" && inside.SamePhase(tr.was.seg, tr.is.seg)
}

// attaches reports whether a charge is of an add-on that was not there before, or not while
// anything was billed.
func (tr *transition) attaches(charge *plan.CompiledCharge) bool {
	if charge.Attachment() == "" {
		return false
	}
	if !tr.was.billable() {
		return true
	}
	_, had := tr.was.seg.Phase().Charge(charge.ID())
	return !had
}

func affects(was, is subscription.Segment, ch *subscription.Change, effects seam.Effects, set bool, charge *plan.CompiledCharge) bool {
	if !is.Billable() && (was.Billable() || ch.Kind != subscription.Changed || followed(ch).ChangeAnchor == plan.ResetAnchor) || effects.Regrids {
		return true
	}
	if charge.Attachment() != "" {
		present, ok := was.Phase().Charge(charge.ID())
		return ok && !was.SameTerms(is, present) // neither a phase nor another plan ends it
	}
	if ch.Kind == subscription.PhaseBegan {
		return true
	}
	if set {
		return !inside.SameCharge(was, is, charge.ID())
	}
	if effects.ChangesPlan {
		return true
	}
	// It may have been billed under another plan; what that alone had, no terms of this touch.
	present, ok := was.Phase().Charge(charge.ID())
	return ok && !was.SameTerms(is, present)
}

// begins reports whether the change opened the first period of the service.
func begins(ch *subscription.Change) bool {
	return ch.Kind == subscription.Started || ch.Kind == subscription.TrialEnded
}

// followed are the choices that a change follows; the zero Policy if none matters.
func followed(ch *subscription.Change) plan.Policy {
	policy, _ := ch.Policy()
	return policy
}

// choices are those that the closing lines follow.
func (tr *transition) choices() plan.Policy {
	if policy, ok := tr.opened.Policy(); ok {
		return policy
	}
	return tr.was.policy
}

// credit is what becomes of what was billed beyond the cut. A phase begins whatever
// was billed before it: what reaches into it is given back by its share.
func (tr *transition) credit() plan.UnusedCredit {
	if tr.opened.Kind == subscription.PhaseBegan {
		return plan.CreditProrate
	}
	opened := tr.opened // only a copy is lent, so that transitions need no memory of their own
	return inside.UnusedCredit(&opened)
}
