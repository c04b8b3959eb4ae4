package feature

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Consume uses a feature: it decides as [Entitlement.Check] does and, if the use is
// allowed, returns the usage with it recorded. After a refusal the usage is returned
// unchanged. An amount of zero, and a switch, record nothing.
//
// A use that is not saved in the service's store has not happened: a service with
// concurrent consumers saves the next usage only if the stored one is still the one
// it read, and otherwise asks again.
func (e *Entitlement) Consume(u QuotaUsage, r Request) (next QuotaUsage, d Decision) {
	var p place
	after := e.decide(&d, &p, &u, r.Amount, r.At, r.Conditions)
	if !d.Allowed || e.rules().grant.Kind == Switch || d.asked.isZero() {
		return u, d
	}
	if e.rules().grant.Window == Rolling {
		var err error
		if next, err = e.recordRolling(&u, &d, r.At); err != nil {
			d.invalid(err)
			return u, d
		}
	} else {
		e.standing(&next, &u, &p, d.before)
		next.record(after, p.at, e.rules().code)
	}
	next.revision = u.revision + 1
	d.made = true
	if len(e.rules().triggers) > 0 && after.exceeds(e.rules().quiet) || len(e.rules().tierAlert) > 0 {
		e.alert(&next, &d, after)
	}
	return next, d
}

// record adds a use to the count of the window in which it is counted.
func (u *QuotaUsage) record(used count, at moment, window windowCode) {
	u.used, u.window = used, window
	if !u.recorded || at.before(u.first) {
		u.first = at
	}
	if !u.recorded || u.last.before(at) {
		u.last = at
	}
	u.recorded = true
}

func (e *Entitlement) recordRolling(u *QuotaUsage, d *Decision, at time.Time) (QuotaUsage, error) {
	uses, _, err := e.countedUses(u, at)
	if err != nil {
		return QuotaUsage{}, err
	}
	if uses, err = insert(uses, use{momentOf(at), d.asked}); err != nil {
		return QuotaUsage{}, err
	}
	return e.rolledUsage(uses), nil
}

// alert reports the thresholds that a use exceeded for the first time.
func (e *Entitlement) alert(next *QuotaUsage, d *Decision, now count) {
	for i := range e.rules().triggers {
		t := &e.rules().triggers[i]
		if now.cmp(t.at) > 0 && d.before.cmp(t.at) <= 0 {
			e.fire(next, d, mark{t.threshold, e.rules().limit.decimal()})
		}
	}
	if len(e.rules().tierAlert) == 0 {
		return
	}
	bound, ok := e.tierOf(now)
	if !ok {
		return
	}
	upTo := bound.decimal()
	for _, t := range e.rules().tierAlert {
		// Before the tier was entered, none of it was used.
		was, _ := e.tierOf(d.before)
		at := countAny(t.trigger(upTo))
		if now.cmp(at) > 0 && (was.cmp(bound) != 0 || d.before.cmp(at) <= 0) {
			e.fire(next, d, mark{t, upTo})
		}
	}
}

// fire reports a threshold. Where counts start over, it is remembered with the limit, so
// that it fires once per window even if something is released in between, and again when
// the limit was raised since; in the tier scope once per tier, while use rises; elsewhere
// it fires at every crossing.
func (e *Entitlement) fire(next *QuotaUsage, d *Decision, m mark) {
	if e.rules().grant.Kind == Allowance && e.rules().grant.Window != Rolling {
		fired := slices.Clone(next.fired())
		switch i := slices.IndexFunc(fired, m.sameThreshold); {
		case i < 0:
			fired = append(fired[max(0, len(fired)-maxFired+1):], m)
		case m.upTo.GreaterThan(fired[i].upTo):
			fired[i] = m
		default:
			return
		}
		next.with(next.uses(), fired)
	}
	if d.rare == nil {
		d.rare = new(rareDecision)
	}
	d.rare.fired = append(d.rare.fired, m.threshold)
}

// Release undoes use: addresses removed from the scope, a rescan that failed. It
// works in every state of the subscription and the grant. What is released of an
// allowance is available again in the window in which it was used, and not later. To
// release more than is counted is [ErrNotInUse]; a switch counts nothing.
func (e *Entitlement) Release(u QuotaUsage, amount decimal.Decimal, at time.Time) (QuotaUsage, error) {
	next, err := e.release(&u, amount, at)
	if err != nil {
		return u, err
	}
	return next, nil
}

func (e *Entitlement) release(u *QuotaUsage, amount decimal.Decimal, at time.Time) (QuotaUsage, error) {
	n, err := countOf(amount)
	if err != nil {
		return QuotaUsage{}, err
	}
	var (
		p place
		d Decision
	)
	if err := e.locate(&d, &p, u, at); err != nil {
		return QuotaUsage{}, err
	}
	switch {
	case d.before.cmp(n) < 0:
		return QuotaUsage{}, fmt.Errorf("%w: %s: %s to give back, %s used", ErrNotInUse, e.rules().key, n, d.before)
	case n.isZero():
		return *u, nil
	}
	var next QuotaUsage
	if e.rules().grant.Window == Rolling {
		uses, _, err := e.countedUses(u, at)
		if err == nil {
			uses, err = undoUses(uses, n)
		}
		if err != nil {
			return QuotaUsage{}, err
		}
		next = e.rolledUsage(uses)
	} else {
		e.standing(&next, u, &p, d.before)
		if next.used, err = d.before.less(n); err != nil {
			return QuotaUsage{}, err
		}
	}
	next.revision = u.revision + 1
	return next, nil
}
