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
	end := last.periodEnd
	if last.kind == running && !end.IsZero() {
		var err error
		if _, end, _, err = last.period(t, on); err != nil {
			end = time.Time{}
		}
		end = last.ownReach(t, on, end)
	}
	s.reachesTo(last, end)
}

// reachesTo is reaches for an end of the period at t that is known.
func (s *span) reachesTo(last *span, end time.Time) {
	s.reach = last.reach
	if last.kind == running && !last.periodEnd.IsZero() && end.After(s.reach.time()) {
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
	case standing.foreseesCut() || s.waitsForInvoice() || s.opened.Kind == AnchorSet || s.opened.effects.Extended:
		s.set(mixed, true)
	case standing.kind != running:
		s.set(mixed, s.is(mixed) || s.inArrears())
	case s.opening().effects.ChangesPlan && s.opening().Set == 0 && s.inArrears():
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

// inArrears reports whether some recurring charge is billed at the end of a period, or a
// minimum trued up.
func (s *span) inArrears() bool {
	if s.terms.hasMinimum() {
		return true
	}
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
	if s.terms.hasMinimum() && s.terms != o.terms {
		return true
	}
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

// ordinal is [seam.Timeline.Ordinal].
func (g Segment) ordinal() int { return int(g.span.ordinal) }

// reachedBefore is [seam.Timeline.ReachedBefore].
func (g Segment) reachedBefore() time.Time { return g.span.reach.time() }

// renewsOnly is [seam.Timeline.RenewsOnly].
func (s Subscription) renewsOnly() (g Segment, reached time.Time, ok bool) {
	g.span = s.c.last()
	return g, g.reachedBefore(), g.Billable() && !g.foresees() && !s.c.moved && !g.span.terms.hasMinimum()
}

// renewsWhole is [seam.Timeline.RenewsWhole].
func (g Segment) renewsWhole() bool {
	return g.Billable() && !g.span.grid.IsZero() && !g.span.is(mixed) && !g.foresees()
}

// sameCharge is [seam.Timeline.SameCharge].
func (g Segment) sameCharge(o Segment, id string) bool {
	a, has := g.Phase().Charge(id)
	b, had := o.Phase().Charge(id)
	if !has || !had {
		return false
	}
	return a.Timing() == b.Timing() && a.Metric() == b.Metric() && a.Aggregation() == b.Aggregation() && a.Records() == b.Records() && a.Once() == b.Once() && a.CountOver() == b.CountOver() &&
		g.Phase().Interval(a) == o.Phase().Interval(b) && g.Phase().PriceInterval(a) == o.Phase().PriceInterval(b) && g.Price(a).Equal(o.Price(b)) &&
		(!o.span.terms.counts(b) || g.Quantity(a).Equal(o.Quantity(b)))
}

// onBoundary is [seam.Timeline.OnBoundary].
func (c *Change) onBoundary() bool { return c.boundary }

// derived is [seam.Timeline.Derived].
func (c *Change) derived() bool {
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
