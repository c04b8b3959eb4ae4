package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// reach is an instant in 12 bytes, zero is none: services keep millions of spans.
type reach struct {
	high, low uint32 // seconds since the zero time
	nsec      uint32
}

const secondsToEpoch = 62_135_596_800 // from the zero time to 1970

func reachOf(t time.Time) reach {
	sec := uint64(t.Unix() + secondsToEpoch)
	return reach{uint32(sec >> 32), uint32(sec), uint32(t.Nanosecond())}
}

func (r reach) time() time.Time {
	sec := uint64(r.high)<<32 | uint64(r.low)
	return time.Unix(int64(sec)-secondsToEpoch, int64(r.nsec)).UTC()
}

// reaches sets how far the spans before this one can have been paid in advance, the
// last of which is closed at t, on one side of it.
func (s *span) reaches(last *span, t time.Time, on side) {
	s.reach = last.reach
	if last.kind != running || last.periodEnd.IsZero() {
		return
	}
	_, end, _, err := last.period(t, on)
	if err == nil && end.After(s.reach.time()) {
		s.reach = reachOf(end)
	}
}

// mixes sets whether the invoice at the end of the current period will hold more than
// whole periods. standing is the span before this one as it stood where this
// one begins, and boundary says that a period ended there by itself.
func (s *span) mixes(standing *span, boundary bool) {
	switch {
	case s.kind != running:
		if standing.kind == running && standing.inArrears() {
			s.set(mixed, true)
		}
	case boundary || s.ordinal != standing.ordinal:
		s.set(mixed, !s.isWhole() || !boundary && (s.waitsForInvoice() || s.inArrears() && s.chargesOtherwise()))
	case standing.foreseesCut() || s.waitsForInvoice() || s.opened.Kind == AnchorSet || s.opened.Extended:
		s.set(mixed, true)
	case standing.kind != running:
		s.set(mixed, s.is(mixed) || s.inArrears())
	case s.opening().ChangesPlan && s.opening().Set == 0 && s.inArrears():
		s.set(mixed, true)
	case s.terms != standing.terms || s.phase != standing.phase:
		s.set(mixed, s.is(mixed) || s.changesArrears(standing) || standing.changesArrears(s))
	}
}

// isWhole reports whether the running period is one of the grid's, not a part of one.
func (s *span) isWhole() bool {
	if s.grid.IsZero() {
		return false
	}
	p, err := s.grid.PeriodAt(s.periodFrom)
	return err == nil && p.Start.Equal(s.periodFrom) && p.End.Equal(s.periodEnd)
}

// waitsForInvoice reports whether what the change that opened the span bills waits
// for the next invoice.
func (s *span) waitsForInvoice() bool {
	c := s.opening()
	return (c.Kind == Changed || c.Kind == AnchorSet) && c.policy != nil && c.policy.Collect == plan.CollectNextInvoice
}

// chargesOtherwise reports whether the change that opened the span charges for the rest
// of the period something else than its share.
func (s *span) chargesOtherwise() bool {
	c := s.opening()
	return c.Kind == Changed && c.policy != nil && c.policy.ChargeNew != plan.ChargeProrate
}

// inArrears reports whether some recurring charge is billed at the end of a period.
func (s *span) inArrears() bool {
	for charge := range s.terms.phase(s.phase).Charges() {
		if !charge.Once() && charge.Timing() == plan.Arrears {
			return true
		}
	}
	return false
}

// changesArrears reports whether a charge in arrears of this span differs in o, or is
// missing there.
func (s *span) changesArrears(o *span) bool {
	replan := s.terms.version != o.terms.version || s.phase != o.phase
	for charge := range s.terms.phase(s.phase).Charges() {
		if charge.Once() || charge.Timing() != plan.Arrears {
			continue
		}
		if replan || !(Segment{span: s}).SameTerms(Segment{span: o}, charge) {
			return true
		}
	}
	return false
}

// foreseesCut reports whether something is expected that could cut a period; the end
// of a pause does not.
func (s *span) foreseesCut() bool {
	if _, bounded := s.terms.version.Length(); bounded || !s.isLastPhase() {
		return true
	}
	if s.pending == nil || s.kind != paused && s.kind != ended {
		return s.pending != nil
	}
	rest := *s
	p := rest.mutablePending()
	p.stopped, p.resume = time.Time{}, nil
	rest.dropEmpty()
	return rest.pending != nil
}

// Ordinal returns the number of the billed period that runs at the beginning of the
// segment, counted from 0 over the whole life of the subscription; -1 before the
// first. It increases by one with every period that opens: the first one, one at each
// boundary while periods are billed, and a period that a change, a phase, a resume or
// a reactivation opens. While nothing is billed it is the number of the last period,
// and it stays if the subscription returns into that period.
func (g Segment) Ordinal() int { return int(g.span.ordinal) }

// ReachedBefore returns how far any segment before this one can have been paid in
// advance: the latest end of a period that was open where a billable segment
// closed. What falls due by itself at a boundary closes the period that ends there,
// a command the one that begins there. It is zero if there was none.
func (g Segment) ReachedBefore() time.Time { return g.span.reach.time() }

// RenewsWhole reports whether the invoice at the end of the period that runs at the
// beginning of the segment will hold whole periods only, and no lines that waited for
// it: the period was opened whole, and within it no charge in arrears began or was
// divided, the grid did not move, no change is collected with the next invoice, and
// nothing was expected that could have cut it. Every later period of the segment is
// whole.
func (g Segment) RenewsWhole() bool {
	return g.Billable() && !g.span.grid.IsZero() && !g.span.is(mixed) && !g.Foresees()
}

// SameCharge reports whether a charge is the same in both segments: both have one
// of that id, of equal price (by value), quantity (where it counts units), timing
// and metric, and both or neither are due once. The plan's name does not matter:
// a change set bills again only what differs.
func (g Segment) SameCharge(o Segment, id string) bool {
	a, has := g.Phase().Charge(id)
	b, had := o.Phase().Charge(id)
	if !has || !had {
		return false
	}
	return a.Timing() == b.Timing() && a.Metric() == b.Metric() && a.Once() == b.Once() && g.Price(a).Equal(o.Price(b)) &&
		(!o.span.terms.counts(b) || g.Quantity(a).Equal(o.Quantity(b)))
}

// Derived reports whether the instant of the change follows from the calendar, and
// not from anybody's choice: the end of a trial or a phase, an ending by the plan's
// length or because auto-renewal is off.
func (c Change) Derived() bool {
	switch c.Kind {
	case PhaseBegan:
		return true
	case TrialEnded:
		return c.Scheduled()
	case Ended:
		return c.Cause == lifecycle.CauseLength || c.Cause == lifecycle.CauseNoRenewal
	case Created, TrialBegan, Started, Changed, Paused, Resumed, AnchorSet, Held, Released, Reactivated, Renewed, Recorded:
	}
	return false
}
