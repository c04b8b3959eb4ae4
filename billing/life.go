package billing

import (
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// Thresholds over all life (plan.OverLife) count what usage came to in every period that was lived
// under them. No run plays those again: what it was where a period began stands in the checkpoint,
// by the number of the period, for the few periods that a later run may begin with.

// A LifeUsage is what the usage that counts for thresholds over all life had come to when a period
// began.
type LifeUsage struct {
	// Period is the number of the period over the subscription's life, from 0.
	Period int `json:"period,omitempty"`
	// Amount is what its lines came to, before the spend cap, discounts and tax.
	Amount money.Money `json:"amount"`
}

// seekLife says whether thresholds over all life are met from segment i on, or were before it.
func (r *run) seekLife(i int) {
	r.life = money.FromMinor(0, r.sub.Currency())
	r.countsLife = len(r.mark.Lifetime) > 0
	for i = max(i, 0); i < r.sub.Segments() && !r.countsLife; i++ {
		r.countsLife = r.sub.Segment(i).Version().CountsLife()
	}
}

// beginLife takes from the checkpoint what usage had come to where the run begins.
func (r *run) beginLife(from startingPoint) {
	if !r.countsLife {
		return
	}
	number := r.ordinalAt(from)
	if i := slices.IndexFunc(r.mark.Lifetime, func(l LifeUsage) bool { return l.Period == number }); i >= 0 {
		r.life = r.mark.Lifetime[i].Amount
		return
	}
	for n := max(number-termsKept, 0); n <= number; n++ { // nothing has counted yet
		r.lives = append(r.lives, LifeUsage{Period: n, Amount: r.life})
	}
}

// noteLife notes what usage had come to where a period of the plan begins.
func (r *run) noteLife(tr *transition) {
	if !r.countsLife || tr.begins != beginsPeriod || !tr.is.every.IsZero() {
		return
	}
	r.lives = slices.DeleteFunc(r.lives, func(l LifeUsage) bool { return l.Period == tr.is.ordinal })
	r.lives = append(r.lives, LifeUsage{Period: tr.is.ordinal, Amount: r.life})
}

// livesOn adds a line of usage, before the spend cap, to what usage has come to.
func (r *run) livesOn(amount money.Money, c *count, s *side, a *accrual) (err error) {
	v := s.seg.Version()
	if !r.countsLife || !v.CountsLife() || !a.side.every.IsZero() || !v.BilledEarly(c.charge, c.table) {
		return nil
	}
	r.life, err = r.life.Add(amount)
	return err
}

// knowsLife reports whether a run can begin at a starting point: it is known what usage had come to
// by then, or none can have counted.
func (r *run) knowsLife(p startingPoint) bool {
	if len(r.lives) == 0 && len(r.mark.Lifetime) == 0 {
		return !r.segmentOf(p).Version().CountsLife()
	}
	number := r.ordinalAt(p)
	known := func(l LifeUsage) bool { return l.Period == number }
	return slices.ContainsFunc(r.lives, known) || slices.ContainsFunc(r.mark.Lifetime, known)
}

// rememberLife adds to the next checkpoint what a later run needs of it.
func (r *run) rememberLife(next *Checkpoint) {
	if len(r.lives) == 0 && len(r.mark.Lifetime) == 0 {
		return
	}
	start := r.safeStart(next.ChargedThrough)
	if start.i < 0 && start.at.IsZero() {
		return
	}
	from := r.ordinalAt(start)
	for _, l := range r.mark.Lifetime {
		if !slices.ContainsFunc(r.lives, func(o LifeUsage) bool { return o.Period == l.Period }) {
			next.Lifetime = append(next.Lifetime, l)
		}
	}
	next.Lifetime = append(next.Lifetime, r.lives...)
	slices.SortFunc(next.Lifetime, func(a, b LifeUsage) int { return a.Period - b.Period })
	next.Lifetime = slices.DeleteFunc(next.Lifetime, func(l LifeUsage) bool { return l.Period < from-termsKept || l.Period > from })
}

// lifeFaults reports faults of what usage had come to.
func (l *Checkpoint) lifeFaults() faults.List {
	var f faults.List
	if len(l.Lifetime) > MaxRedeemed {
		f.Add("lifetime", fault.TooMany, "must be at most %d", MaxRedeemed)
		return f
	}
	for i, u := range l.Lifetime {
		path := strictjson.Index("lifetime", i)
		if u.Period < 0 || i > 0 && u.Period <= l.Lifetime[i-1].Period {
			f.Add(path+".period", fault.OutOfOrder, "must be in ascending order, from 0")
		}
		if !u.Amount.IsValid() {
			f.Wrap(path+".amount", faults.ErrMissing)
		}
	}
	return f
}
