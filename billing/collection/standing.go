package collection

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// Standing returns how it stands with the payment of invoices at t, by what happened up to
// and including t: invoices and facts dated later do not count. The invoices are all those
// of a subscription, or of the account, that are not paid, or whose time is not over; paid
// ones that are older change nothing. The order of invoices and of facts changes nothing.
//
// The faults of the policy, the invoices and the facts are [fault.FieldError]s, joined, with
// paths as "facts[3].invoice": a fact about an invoice that is not there, a draft, an
// invoice that is there twice, or of another subscription while [Policy].Scope is
// [Subscription]. The error is [ErrRange] if t lies outside of the years 1 to 9999, and
// money.ErrOverflow if the sum of what is unpaid does not fit.
func Standing(invoices []billing.Invoice, facts []Fact, policy Policy, t time.Time) (State, error) {
	if err := within(t); err != nil {
		return State{}, err
	}
	t = micro.Floor(t)
	c, err := gather(invoices, facts, policy, t)
	if err != nil {
		return State{}, err
	}
	return c.state(t)
}

// A debt is an invoice and what happened to it.
type debt struct {
	inv   *billing.Invoice
	id    uuid.UUID
	due   time.Time
	base  time.Time // from when days count
	facts []Fact    // failed, paid and voided, in order
}

// a collecting is a question while it is answered.
type collecting struct {
	policy Policy
	debts  []*debt // in the order in which they are due, then by id
	open   []*debt // those of them that were or will be overdue
}

// gather checks what is given, and takes what is known at an instant: the invoices that were
// made and the facts that happened by then.
func gather(invoices []billing.Invoice, given []Fact, policy Policy, t time.Time) (*collecting, error) {
	var f faults.List
	f.Below("policy", policy.faults())
	if len(invoices) > MaxInvoices {
		f.Add("invoices", fault.TooMany, "must be at most %d", MaxInvoices)
	}
	if len(given) > MaxFacts {
		f.Add("facts", fault.TooMany, "must be at most %d", MaxFacts)
	}
	if len(f) > 0 {
		return nil, f.Err()
	}
	c := &collecting{policy: policy}
	byID := make(map[uuid.UUID]*debt, len(invoices))
	for i := range invoices {
		inv := &invoices[i]
		d := &debt{inv: inv, id: inv.ID(), due: micro.Floor(inv.At)}
		path := strictjson.Index("invoices", i)
		f.Instant(path+".at", inv.At, true)
		switch {
		case !inv.AmountDue.IsValid():
			f.Wrap(path+".amount_due", faults.ErrMissing)
		case inv.AmountDue.IsNegative():
			f.Add(path+".amount_due", fault.OutOfRange, "must not be negative")
		}
		switch {
		case inv.Draft:
			f.Add(path+".draft", fault.Excluded, "must be left out: a draft is not owed")
		case byID[d.id] != nil:
			f.Add(path, fault.Duplicate, "is there twice")
		case policy.Scope != Account && inv.Subscription != invoices[0].Subscription:
			f.Add(path+".subscription", fault.Inconsistent, "must be that of the first invoice, with the scope %s", Subscription)
		}
		byID[d.id] = d
		if !inv.At.After(t) {
			c.debts = append(c.debts, d)
		}
	}
	dated := map[uuid.UUID]bool{}
	for i, fact := range given {
		path := strictjson.Index("facts", i)
		f.Below(path, fact.faults())
		d := byID[fact.Invoice]
		switch {
		case fact.Invoice == uuid.Nil:
			continue
		case d == nil:
			f.Add(path+".invoice", fault.NotFound, "is not among the invoices")
			continue
		case fact.Kind == Due && dated[fact.Invoice]:
			f.Add(path, fault.Duplicate, "the invoice is due at another instant already")
		case fact.Kind == Due && fact.At.Before(d.inv.At):
			f.Add(path+".at", fault.OutOfOrder, "must not lie before the invoice")
		case fact.Left.IsValid() && fact.Left.Currency() != d.inv.AmountDue.Currency():
			f.Add(path+".left", fault.Inconsistent, "must be in the currency of the invoice, %s", d.inv.AmountDue.Currency())
		}
		fact.At = micro.Floor(fact.At)
		switch {
		case fact.Kind == Due:
			dated[fact.Invoice], d.due = true, fact.At
		case !fact.At.After(t):
			d.facts = append(d.facts, fact)
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	for _, d := range c.debts {
		slices.SortFunc(d.facts, Fact.compare)
		d.base = d.due
		if policy.CountFrom == FromInvoice {
			d.base = micro.Floor(d.inv.At)
		}
	}
	slices.SortFunc(c.debts, func(a, b *debt) int {
		return cmp.Or(a.base.Compare(b.base), a.due.Compare(b.due), bytes.Compare(a.id[:], b.id[:]))
	})
	for _, d := range c.debts {
		if !d.settled() {
			c.open = append(c.open, d)
		}
	}
	return c, nil
}

// at returns what is left of the invoice, whether it was voided, and how many attempts
// failed since it was last paid, by what happened up to an instant.
func (d *debt) at(t time.Time) (left money.Money, voided bool, attempts int) {
	left = d.inv.AmountDue
	for _, f := range d.facts {
		if f.At.After(t) {
			break
		}
		switch f.Kind {
		case Failed:
			attempts++
		case Voided:
			voided = true
		case Paid:
			left = f.Left
			if !left.IsValid() {
				left = money.FromMinor(0, d.inv.AmountDue.Currency())
			}
			if left.Sign() == 0 {
				attempts = 0
			}
		case Due:
		}
	}
	return left, voided, attempts
}

// a view is what is overdue at an instant.
type view struct {
	overdue  []*debt
	unpaid   []money.Money // by currency
	attempts int
	step     *Step
	key      string
}

// view returns what is overdue at an instant by what happened up to another, earlier or
// equal one.
func (c *collecting) view(t, known time.Time) (view, error) {
	var v view
	for _, d := range c.open {
		left, voided, attempts := d.at(known)
		if d.due.After(t) || voided || left.Sign() == 0 {
			continue
		}
		v.overdue = append(v.overdue, d)
		v.attempts = max(v.attempts, attempts)
		i := slices.IndexFunc(v.unpaid, func(m money.Money) bool { return m.Currency() == left.Currency() })
		if i < 0 {
			v.unpaid = append(v.unpaid, left)
			continue
		}
		var err error
		if v.unpaid[i], err = v.unpaid[i].Add(left); err != nil {
			return view{}, fmt.Errorf("collection: what is unpaid: %w", err)
		}
	}
	slices.SortFunc(v.unpaid, func(a, b money.Money) int { return cmp.Compare(a.Currency().String(), b.Currency().String()) })
	if len(v.overdue) == 0 {
		return v, nil
	}
	for i := range c.policy.Steps {
		s := &c.policy.Steps[i]
		if ok, err := c.holds(s, &v, t); err != nil {
			return view{}, err
		} else if ok {
			v.step, v.key = s, "unpaid:"+s.ID+":"+v.overdue[0].id.String()
			break
		}
	}
	return v, nil
}

// holds reports whether all conditions of a step hold.
func (c *collecting) holds(s *Step, v *view, t time.Time) (bool, error) {
	if len(v.overdue) < s.Invoices || v.attempts < s.Attempts {
		return false, nil
	}
	if s.Amount.IsValid() && !slices.ContainsFunc(v.unpaid, func(m money.Money) bool {
		return m.Currency() == s.Amount.Currency() && m.Minor() >= s.Amount.Minor()
	}) {
		return false, nil
	}
	from, ok, err := v.overdue[0].after(s.Days)
	return ok && !t.Before(from), err
}

// after returns the instant so many civil days after the invoice began to count; false if
// that lies beyond the year 9999.
func (d *debt) after(days int) (time.Time, bool, error) {
	if days == 0 {
		return d.base, true, nil
	}
	t, err := d.inv.Zone.Add(d.base, calendar.Days(days), calendar.Clamp)
	if errors.Is(err, calendar.ErrRange) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("collection: %w", err)
	}
	return t, true, nil
}

// instants returns where the standing may change: by an invoice, a fact or a step.
func (c *collecting) instants() ([]time.Time, error) {
	var all []time.Time
	for _, d := range c.open {
		all = append(all, d.due)
		for _, f := range d.facts {
			all = append(all, f.At)
		}
		for _, s := range c.policy.Steps {
			t, ok, err := d.after(s.Days)
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, t)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal), nil
}

// settled reports whether the invoice was paid or voided when it fell due and stayed so:
// it never was overdue, and no step counts from it.
func (d *debt) settled() bool {
	left, voided, _ := d.at(d.due)
	if left.Sign() > 0 && !voided {
		return false
	}
	for _, f := range d.facts {
		if f.At.After(d.due) && f.Kind == Paid && f.Left.IsValid() && f.Left.Sign() > 0 {
			return voided
		}
	}
	return true
}

func (c *collecting) state(t time.Time) (State, error) {
	now, err := c.view(t, t)
	if err != nil {
		return State{}, err
	}
	s := State{At: t, PastDue: len(now.overdue) > 0, Unpaid: now.unpaid, Attempts: now.attempts, Access: Full}
	for _, d := range now.overdue {
		s.Invoices = append(s.Invoices, d.id)
	}
	instants, err := c.instants()
	if err != nil {
		return State{}, err
	}
	if err := c.past(&s, instants); err != nil {
		return State{}, err
	}
	if err := c.next(&s, now, instants); err != nil {
		return State{}, err
	}
	s.Paid = c.paid(t)
	if !s.PastDue {
		return s, nil
	}
	s.Since = now.overdue[0].base
	s.BlocksReactivation = c.policy.Reactivation == WhenPaid
	if now.step != nil {
		s.Step, s.Key, s.Actions = now.step.ID, now.key, slices.Clone(now.step.Do)
		s.StepAt = s.Past[len(s.Past)-1].At
		s.BlocksChanges = slices.Contains(s.Actions, BlockChanges)
	}
	if c.policy.Grace == Stop || now.step.does(Action.suspends) {
		s.Access = PaidUp
		if c.policy.Coverage == CutPaid {
			s.Access = None
		}
	}
	s.Commands = c.commands(&s)
	return s, nil
}

// past lists the steps that were reached, and where they were left.
func (c *collecting) past(s *State, instants []time.Time) error {
	key := ""
	for _, t := range instants {
		if t.After(s.At) {
			break
		}
		v, err := c.view(t, t)
		if err != nil {
			return err
		}
		if v.key == key {
			continue
		}
		key = v.key
		e := Entry{At: t, Key: key}
		if v.step != nil {
			e.Step = v.step.ID
		}
		s.Past = append(s.Past, e)
	}
	return nil
}

// next finds the step that is reached if nothing more happens.
func (c *collecting) next(s *State, now view, instants []time.Time) error {
	for _, t := range instants {
		if !t.After(s.At) {
			continue
		}
		v, err := c.view(t, s.At)
		if err != nil {
			return err
		}
		if v.key != now.key && v.step != nil {
			s.Next = &Entry{Step: v.step.ID, At: t, Key: v.key}
			return nil
		}
	}
	return nil
}
