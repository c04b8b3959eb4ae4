package billing

import (
	"errors"
	"iter"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A side is how a subscription stands on one side of a transition: its terms, and
// the period that runs under them.
type side struct {
	seg     subscription.Segment
	policy  plan.Policy
	measure measure
	// period is the one that runs; zero where none does, or nothing recurs.
	period calendar.Period
	// ordinal numbers the period over the subscription's life, from 0.
	ordinal int
	// free says that the period is a first one that is not charged.
	free bool
	// joined says that it is a first period of a part and the whole period behind it, which are
	// billed together, a line for each.
	joined bool
	// replanned says that the plan changed in it; then what its charges in arrears cost is due.
	replanned bool
	// since is the instant from which usage of the period can be billed.
	since time.Time

	// Of charges with an interval of their own: the interval, zero for those of the plan; the
	// grid on which a period ran last; and the billing cycles, periods of the plan, to which
	// belongs what is billed in advance, and what is billed at the period's end.
	every         calendar.Interval
	ran           calendar.Schedule
	cycle, closes int
}

// exists reports whether there is anything: before the first segment there is not.
func (s *side) exists() bool { return s.seg != (subscription.Segment{}) }

func (s *side) billable() bool { return s.exists() && s.seg.Billable() }

func (s *side) recurs() bool { return !s.seg.Grid().IsZero() }

// chargesAhead reports whether something recurs that is billed in advance.
func (s *side) chargesAhead() bool {
	for c := range s.charges() {
		if !c.Once() && c.Timing() == plan.Advance && s.bills(c) {
			return true
		}
	}
	return false
}

func (s *side) charges() iter.Seq[*plan.CompiledCharge] { return s.seg.Phase().Charges() }

// A timeline walks the segments and boundaries of a subscription and makes the
// transitions of what it meets. All charges share it, and none can change it.
type timeline struct {
	sub    subscription.Subscription
	choose plan.Policy // over the subscription's own
	now    side
	i      int       // the number of the segment; -1 before the first
	at     time.Time // the last instant that was played
	// cut is up to where time is dealt with: no transition divides time behind it.
	cut point
	// here is a boundary that was billed at another instant, billedAt, by the zone data of
	// an earlier run; zero if none was.
	here, billedAt time.Time
	// visited counts the segments and boundaries that were looked at.
	visited int
	// every is the interval of charges that it is of, if they have one of their own; planEnds
	// says that a period of the plan ends at the instant being played.
	every    calendar.Interval
	first    int // the number of its first period
	planEnds bool
}

// next returns the next instant at which a segment ends or a period does; false if
// nothing more comes.
func (tl *timeline) next() (time.Time, bool) {
	if tl.i < 0 {
		return tl.sub.Segment(0).From(), true
	}
	t := tl.now.seg.To()
	if tl.now.billable() && tl.now.recurs() {
		end := tl.now.period.End
		if !end.After(tl.at) {
			// The period ended where a segment did that was replaced at once.
			var err error
			if end, err = tl.now.measure.grid.NextAfter(tl.at); err != nil {
				return t, !t.IsZero() // beyond the calendar nothing is billed
			}
		}
		if t.IsZero() || end.Before(t) {
			t = end
		}
	}
	return t, !t.IsZero()
}

// due returns the transition of what falls due by itself at t: the segments that
// open there without a command of that instant, and the period that ends there.
// False if nothing does. done reports that the calendar ends here. Where a phase has days
// before the change that closes it at once, that is due after it.
func (tl *timeline) due(t time.Time) (tr transition, ok, done bool, err error) {
	k := tl.i
	ends := tl.now.billable() && tl.now.recurs() && !tl.now.period.End.After(t)
	if ends && !tl.every.IsZero() && !tl.bills() {
		if ends, err = tl.beginsToBill(t); err != nil {
			return tr, false, false, err
		}
	}
	for k+1 < tl.sub.Segments() {
		next := tl.sub.Segment(k + 1)
		opened := next.Opened()
		if !next.From().Equal(t) || k >= 0 && !opened.Scheduled() {
			break
		}
		if k > tl.i && !ends && !tl.planEnds {
			apart, err := tl.leavesDays(k, &opened)
			if err != nil {
				return tr, false, false, err
			}
			if apart {
				break
			}
		}
		k++
		tl.visited++
	}
	switch {
	case k > tl.i:
		tr, err = tl.cross(k, t, ends, false)
	case ends:
		tr, err = tl.renew(t)
		if errors.Is(err, calendar.ErrRange) {
			return tr, false, true, nil
		}
	default:
		return tr, false, false, nil
	}
	return tr, err == nil, false, err
}

// leavesDays reports whether segment k is a phase that has days of its own before the
// change that closes it at once, because that is cut later.
func (tl *timeline) leavesDays(k int, closed *subscription.Change) (bool, error) {
	seg := tl.sub.Segment(k)
	if seg.Opened().Kind != subscription.PhaseBegan || !seg.Billable() || closed.Kind == subscription.Recorded || closed.Kind == subscription.AnchorSet {
		return false, nil
	}
	cut, err := closed.Cut(seg.Zone(), false)
	return err == nil && cut.After(seg.From()), err
}

// command returns the transition of the next command that was given at t, with the
// whole of its set and with what waited for it.
func (tl *timeline) command(t time.Time) (tr transition, ok bool, err error) {
	k := tl.i + 1
	if k >= tl.sub.Segments() || !tl.sub.Segment(k).From().Equal(t) {
		return tr, false, nil
	}
	tl.visited++
	first := tl.sub.Segment(k).Opened()
	set := first.Set != 0 && !first.Scheduled()
	for k+1 < tl.sub.Segments() {
		next := tl.sub.Segment(k + 1)
		opened := next.Opened()
		same := first.Set != 0 && opened.Set == first.Set && !opened.Scheduled()
		if !next.From().Equal(t) || !same && !opened.Scheduled() && opened.Command >= first.Command {
			break
		}
		set = set || same
		k++
		tl.visited++
	}
	tr, err = tl.cross(k, t, false, set)
	tr.command = inside.LastOfSet(tl.sub, max(tr.command, first.Command))
	return tr, err == nil, err
}

// renew goes on to the period that begins at the boundary t.
func (tl *timeline) renew(t time.Time) (transition, error) {
	p, err := tl.now.measure.grid.PeriodAt(t)
	if err != nil {
		return transition{}, err
	}
	tl.visited++
	was := tl.now
	tl.cut = boundary(t)
	tl.now.period, tl.now.free, tl.now.joined, tl.now.replanned, tl.now.since = p, false, false, false, tl.actual(t)
	tl.now.measure.first, tl.now.measure.left = calendar.Period{}, nil
	tl.now.ordinal++
	return transition{at: t, was: was, is: tl.now, ends: endsPeriod, begins: beginsPeriod, cut: tl.cut, from: tl.cut, until: tl.actual(t), wall: true, mode: plan.ChargeProrate}, nil
}

// cross goes on to segment k, which opens at t. ends says that the period of the
// present one ends there by itself.
func (tl *timeline) cross(k int, t time.Time, ends, set bool) (transition, error) {
	if !tl.every.IsZero() && !ends {
		if err := tl.catchUp(t); err != nil {
			return transition{}, err
		}
	}
	was := tl.now
	seg := tl.sub.Segment(k)
	tr := transition{at: t, was: was, set: set, boundary: ends, until: tl.actual(t), mode: plan.ChargeProrate, number: k}
	tr.opened, tr.effects = tl.opened(k)
	tr.wall = ends || tl.derived(k)
	if !ends {
		// What a boundary closes and opens falls due by itself, whatever was scheduled
		// for it: it keeps its id when that is undone.
		tr.command = tr.opened.Command
	}
	tr.phased = tl.phased(k)
	tl.i = k
	tl.now.seg = seg
	tl.now.policy = tl.choose.Or(seg.Policy())
	tl.now.ordinal = inside.Ordinal(seg)
	tl.now.period = seg.Period()
	if err := tl.divide(&tr); err != nil {
		return tr, err
	}
	tl.now.measure.grid, tl.now.measure.basis = seg.Grid(), tl.now.policy.Basis
	if !tl.every.IsZero() {
		if err := tl.own(&tr, ends); err != nil {
			return tr, err
		}
	}
	tr.is = tl.now
	if err := tl.begin(&tr); err != nil {
		return tr, err
	}
	tl.now = tr.is
	return tr, nil
}

// divide says how what runs before the transition ends, and where time is divided.
func (tl *timeline) divide(tr *transition) error {
	ch := &tr.opened
	at := point{Time: tr.at, wall: tr.wall}
	tr.cut, tr.stopped = laterPoint(at, tl.cut), tl.cut
	switch {
	case !tr.was.billable():
		tr.ends = endsNothing
		if tr.cut.Equal(at.Time) {
			tr.cut = at // a run that begins here knows no cut before it, and names its lines alike
		}
		tl.cut = tr.cut
		return nil
	case ch.Kind == subscription.Recorded && !tr.boundary, ch.Kind == subscription.AnchorSet && tl.now.billable() && !tr.boundary:
		tr.ends = endsNothing
		return nil
	case tr.boundary:
		tr.ends = endsPeriod
	default:
		tr.ends = endsPart
		cut := at
		if ch.Kind != subscription.PhaseBegan {
			t, err := ch.Cut(tl.now.seg.Zone(), tl.planEnds)
			if err != nil {
				return err
			}
			if !t.Equal(tr.at) {
				cut = boundary(t)
			}
		}
		// A period that ends on the day of the cut ends before it.
		if end := tr.was.period.End; !end.IsZero() {
			cut = earlierPoint(cut, boundary(end))
		}
		if !tl.every.IsZero() && tr.effects.NewGrid && tl.now.billable() {
			cut = earlierPoint(cut, boundary(tl.now.seg.Period().Start)) // where the plan's period begins
		}
		tr.cut = laterPoint(cut, tl.cut)
	}
	tl.cut = tr.cut
	return nil
}

// phased returns the number of segment k if a change opens it at the instant at which a
// phase began; 0 if not.
func (tl *timeline) phased(k int) int {
	if tl.sub.Segment(k).Opened().Kind != subscription.Changed {
		return 0
	}
	for i := k - 1; i > tl.i; i-- {
		if tl.sub.Segment(i).Opened().Kind == subscription.PhaseBegan {
			return k
		}
	}
	return 0
}

// derived reports whether the calendar is a reason for what opens the segments up to k.
func (tl *timeline) derived(k int) bool {
	for ; k > tl.i; k-- {
		if opened := tl.sub.Segment(k).Opened(); inside.Derived(&opened) {
			return true
		}
	}
	return false
}

// opened returns what opened segment k, or, of several segments that are crossed at
// once, what matters of all.
func (tl *timeline) opened(k int) (subscription.Change, seam.Effects) {
	ch := tl.sub.Segment(k).Opened()
	effects := inside.Effects(&ch)
	for i := k - 1; i > tl.i; i-- {
		other := tl.sub.Segment(i).Opened()
		effects = effects.And(inside.Effects(&other))
		if ch.Kind == subscription.Recorded {
			number := max(ch.Command, other.Command)
			ch = other
			ch.Command = number
		}
	}
	return ch, effects
}
