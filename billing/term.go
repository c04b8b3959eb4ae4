package billing

import (
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// The term of a minimum over several periods is longer than what a run plays again: what it had
// come to where a period began stands in the checkpoint, by the number of the period, for the
// few periods that a later run may begin with.

// termsKept is how many periods before its own a later run may begin with: a discount of a fixed
// amount and a command at the checkpoint's very instant each take it one back.
const termsKept = 3

// beginSpend begins the spend of what begins: of a period, or of a term, which may have begun
// before the run. The first period may open later than the run begins: after a pause.
func (r *run) beginSpend(tr *transition) {
	fresh := r.spend == nil
	zero := money.FromMinor(0, r.sub.Currency())
	s := &spend{ordinal: tr.is.ordinal, trued: zero, exceeded: zero}
	if m := r.minimumOf(&tr.is); m != nil && m.Cycles > 1 {
		s.term = m
	}
	r.spend = s
	if s.term == nil || !fresh || r.resumed.IsZero() {
		return
	}
	i := slices.IndexFunc(r.mark.Spent, func(t TermSpend) bool { return t.Period == tr.is.ordinal })
	if i < 0 {
		return
	}
	was := r.mark.Spent[i]
	s.periods, s.base = was.Cycles, was.Amount
	if was.TruedUp.IsValid() {
		s.trued = was.TruedUp
	}
	if was.Num != 0 {
		s.lived = []livedPart{{minimum: s.term, num: was.Num, den: was.Den, ordinal: -1, trued: true}}
	}
}

// noteTerm notes what a term has come to where a period of it begins.
func (r *run) noteTerm(s *spend) error {
	sum, err := s.comesTo(r.sub.Currency())
	if err != nil {
		return err
	}
	t := TermSpend{Period: s.ordinal, Cycles: s.periods, Den: 1, Amount: sum}
	for _, p := range s.lived {
		if t.Num, t.Den, err = addFractions(t.Num, t.Den, p.num, p.den); err != nil {
			return err
		}
	}
	if s.trued.Sign() != 0 {
		t.TruedUp = s.trued
	}
	r.terms = append(slices.DeleteFunc(r.terms, func(o TermSpend) bool { return o.Period == t.Period }), t)
	return nil
}

// periodAt returns the number of the period that opens at a starting point, and whether it is one
// of a term.
func (r *run) periodAt(p startingPoint) (ordinal int, term bool) {
	seg := r.segmentOf(p)
	if !inside.HasMinimum(seg) {
		return 0, false
	}
	m, _ := seg.Minimum()
	return r.ordinalAt(p), m.Cycles > 1
}

// segmentOf returns the segment in which a starting point lies, or that it opens.
func (r *run) segmentOf(p startingPoint) subscription.Segment {
	if p.inside {
		return r.sub.Segment(p.i)
	}
	return r.sub.Segment(p.i + 1)
}

// ordinalAt returns the number of the period that opens at a starting point; -1 beyond the calendar.
func (r *run) ordinalAt(p startingPoint) int {
	seg := r.segmentOf(p)
	ordinal := inside.Ordinal(seg)
	if p.inside {
		n, err := seg.Grid().Count(seg.Period().End, p.at)
		if err != nil {
			return -1
		}
		ordinal += n + 1
	}
	return ordinal
}

// knowsTerm reports whether a run can begin at a starting point: no term runs there, or it is
// known what that had come to.
func (r *run) knowsTerm(p startingPoint) bool {
	ordinal, term := r.periodAt(p)
	known := func(t TermSpend) bool { return t.Period == ordinal }
	return !term || slices.ContainsFunc(r.terms, known) || slices.ContainsFunc(r.mark.Spent, known)
}

// rememberTerms adds to the next checkpoint what a later run needs of terms.
func (r *run) rememberTerms(next *Checkpoint) {
	if len(r.terms) == 0 && len(r.mark.Spent) == 0 {
		return
	}
	start := r.safeStart(next.ChargedThrough)
	if start.i < 0 && start.at.IsZero() {
		return
	}
	from, term := r.periodAt(start)
	if !term {
		return
	}
	for _, t := range r.mark.Spent {
		if !slices.ContainsFunc(r.terms, func(o TermSpend) bool { return o.Period == t.Period }) {
			next.Spent = append(next.Spent, t)
		}
	}
	next.Spent = append(next.Spent, r.terms...)
	slices.SortFunc(next.Spent, func(a, b TermSpend) int { return a.Period - b.Period })
	next.Spent = slices.DeleteFunc(next.Spent, func(t TermSpend) bool { return t.Period < from-termsKept || t.Period > from })
}

// spentFaults reports faults of what terms had come to.
func (l *Checkpoint) spentFaults() faults.List {
	var f faults.List
	if len(l.Spent) > MaxRedeemed {
		f.Add("spent", fault.TooMany, "must be at most %d", MaxRedeemed)
		return f
	}
	for i, t := range l.Spent {
		path := func(member string) string { return strictjson.Index("spent", i) + member }
		if t.Period < 0 || i > 0 && t.Period <= l.Spent[i-1].Period {
			f.Add(path(".period"), fault.OutOfOrder, "must be in ascending order, from 0")
		}
		if t.Cycles < 0 {
			f.Add(path(".cycles"), fault.OutOfRange, "must not be negative")
		}
		if t.Den < 1 || t.Num < 0 {
			f.Add(path(".den"), fault.OutOfRange, "must be above zero, and num not negative")
		}
		if !t.Amount.IsValid() {
			f.Wrap(path(".amount"), faults.ErrMissing)
		} else if t.TruedUp.IsValid() && t.TruedUp.Currency() != t.Amount.Currency() {
			f.Add(path(".trued_up"), fault.Inconsistent, "must be in the currency of the amount")
		}
	}
	return f
}
