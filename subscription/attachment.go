package subscription

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// MaxAttachments is how often add-ons may be attached to one subscription over its life.
const MaxAttachments = 1000

var (
	// ErrNoAttachment: no add-on is attached under this id.
	ErrNoAttachment = fault.New(fault.Missing, "subscription: no such attachment")
	// ErrAttached: the id of the attachment is or was in use, or the add-on is attached
	// already and may be attached once only.
	ErrAttached = fault.New(fault.Refused, "subscription: attached already")
	// ErrAddOn: the add-on cannot be sold with the plan, or not in this quantity.
	ErrAddOn = fault.New(fault.Refused, "subscription: add-on does not fit")
)

// An Attachment is an add-on that a subscription takes on, as [Subscription.Attach] is given
// it.
type Attachment struct {
	// ID names the attachment in the subscription, for good: another one must have another
	// id, also after this one is gone. It has no slash.
	ID string
	// AddOn is what is attached.
	AddOn *plan.CompiledAddOn
	// Quantity is how many units, within the bounds of the add-on. Nil: 1.
	Quantity *decimal.Decimal
	// Prices are negotiated prices instead of the add-on's, by the ids of its charges.
	Prices map[string]plan.Price
	// Until ends the attachment at that instant, Cycles with the end of that many billed
	// periods, of which the one that runs is the first, even if it is a part. Zero: it stays
	// until it is detached.
	Until  time.Time
	Cycles int
}

// Attach takes on an add-on: immediately, at the end of the current period or of the trial,
// or on a date. Policy.ChargeNew says what the rest of the period costs, and Policy.Collect
// when it is invoiced. In a trial and before the start it is attached and not billed; a
// pause and an ending take it along. Charges that are due once are due with it.
//
// Errors: as for a change of a price; [ErrCurrency], [ErrAddOn] and [ErrAttached].
func (s Subscription) Attach(call Call, when When, a Attachment) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.AttachNow, lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate)
	if err != nil {
		return s, err
	}
	if a.AddOn == nil {
		return s, invalidAt("add_on", errMissing)
	}
	a.AddOn = inCurrency(a.AddOn, s.Currency())
	quantity := decimal.NewFromInt(1)
	if a.Quantity != nil {
		quantity = *a.Quantity
	}
	cmd := Command{Action: action, On: on, Attachment: a.ID, AddOn: a.AddOn.Ref(), Quantity: &quantity, EndDate: a.Until, Cycles: a.Cycles, addOn: a.AddOn}
	if cmd.tables, err = tablesOf(a.Prices, a.AddOn); err != nil {
		return s, err
	}
	return s.do(call, cmd)
}

// Detach gives up what was attached under an id: immediately, at the end of the current
// period, or on a date. Policy.ChangeCredit says what is credited of what was billed in
// advance. Error, beside those of a change of a price: [ErrNoAttachment].
func (s Subscription) Detach(call Call, when When, attachment string) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.DetachNow, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Attachment: attachment})
}

// ChangeAddOnQuantity sets the quantity of an attachment. Errors: as for
// [Subscription.ChangeQuantity]; [ErrNoAttachment] and, out of the bounds of the add-on,
// [ErrAddOn].
func (s Subscription) ChangeAddOnQuantity(call Call, when When, attachment string, q decimal.Decimal) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Attachment: attachment, Quantity: &q})
}

// tablesOf compiles negotiated prices of an add-on.
func tablesOf(prices map[string]plan.Price, addOn *plan.CompiledAddOn) (map[string]*plan.CompiledPrice, error) {
	if len(prices) == 0 {
		return nil, nil
	}
	var f faults
	tables := make(map[string]*plan.CompiledPrice, len(prices))
	for _, id := range keys(prices) {
		path := fmt.Sprintf("prices[%q]", id)
		if !slices.ContainsFunc(addOn.AddOn().Charges, func(c plan.Charge) bool { return c.ID == id }) {
			f.wrap(path, fmt.Errorf("%w: %q", ErrNoCharge, id))
		}
		table, err := plan.CompilePrice(prices[id], addOn.Currency())
		f.wrap(path, err)
		tables[id] = table
	}
	return tables, f.invalid()
}

// checkAttachmentID reports an id that could be mistaken for another.
func checkAttachmentID(id string) error {
	if err := text.ID(id, MaxID); err != nil {
		return err
	}
	if strings.Contains(id, "/") {
		return fault.BadText.Errorf("must not contain a slash")
	}
	return nil
}

// attached is an add-on that is attached. It is never changed.
type attached struct {
	addOn    *plan.CompiledAddOn
	quantity decimal.Decimal
	command  int // that attached it
	from     time.Time
	charges  []*plan.CompiledCharge
}

// attach returns the terms with one attachment more.
func (t *terms) attach(cmd *record, at time.Time) (*terms, error) {
	switch {
	case !cmd.addOn.Fits(t.version):
		return nil, fmt.Errorf("%w: %s with %s", ErrAddOn, cmd.addOn.Ref(), t.version.Ref())
	case !cmd.addOn.Allows(*cmd.Quantity):
		return nil, fmt.Errorf("%w: %s in quantity %s", ErrAddOn, cmd.addOn.Ref(), dec.String(*cmd.Quantity))
	case len(t.attached) > 0 && !cmd.addOn.Repeatable():
		for id, a := range t.attached.all() {
			if a.addOn.Ref().ID == cmd.addOn.Ref().ID {
				return nil, fmt.Errorf("%w: %s as %q, and may be once only", ErrAttached, a.addOn.Ref(), id)
			}
		}
	}
	a := &attached{addOn: cmd.addOn, quantity: *cmd.Quantity, command: cmd.Number, from: at, charges: planTerms.Attached(cmd.addOn, cmd.Attachment)}
	for _, charge := range a.charges {
		if len(charge.ID()) > plan.MaxIDLen {
			return nil, invalidAt("attachment", fault.TooLong.Errorf("with the charge %q it must be at most %d bytes", charge.ID(), plan.MaxIDLen))
		}
		if t.has(charge.ID()) {
			return nil, fmt.Errorf("%w: the plan has a charge %q itself", ErrAddOn, charge.ID())
		}
	}
	if !t.joins(a.charges) {
		return nil, fmt.Errorf("%w: %s bills by intervals that do not fit those of other add-ons, or a negotiated minimum", ErrAddOn, cmd.addOn.Ref())
	}
	next := t.withOverrides()
	next.attached = t.attached.with(cmd.Attachment, a)
	for _, id := range keys(cmd.tables) {
		next.prices = next.prices.with(cmd.Attachment+"/"+id, cmd.tables[id])
	}
	next.joinPhase(a.charges)
	if t.full > 0 {
		next.full = next.fullWith(t.full, a.charges)
	}
	return next, next.joinsFeatures(cmd.Attachment)
}

// detach returns the terms without an attachment.
func (t *terms) detach(id string) (*terms, error) {
	a, ok := t.attached.value(id)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNoAttachment, id)
	}
	next := t.withOverrides()
	next.attached = t.attached.without(id)
	for _, charge := range a.charges {
		next.prices = next.prices.without(charge.ID())
	}
	next.joinPhases()
	next.dropOverrides()
	return next, nil
}

// withUnits returns the terms with another quantity of an attachment.
func (t *terms) withUnits(id string, q decimal.Decimal) (*terms, error) {
	a, ok := t.attached.value(id)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: %q", ErrNoAttachment, id)
	case !a.addOn.Allows(q):
		return nil, fmt.Errorf("%w: %s in quantity %s", ErrAddOn, a.addOn.Ref(), dec.String(q))
	}
	more := *a
	more.quantity = q
	next := t.withOverrides()
	next.attached = t.attached.with(id, &more)
	return next, next.joinsFeatures(id)
}

// keepAttached takes over from other terms the add-ons that the plan keeps.
func (t *terms) keepAttached(was *terms, choice plan.AddOnChange) (*terms, error) {
	if len(was.attached) == 0 || choice == plan.DropAddOns {
		return t, nil
	}
	next := t.withOverrides()
	for id, a := range was.attached.all() {
		bare := next.phases
		fits := a.addOn.Fits(t.version) && next.joins(a.charges)
		for _, charge := range a.charges {
			fits = fits && !t.has(charge.ID())
		}
		if fits {
			next.attached = next.attached.with(id, a)
			next.joinPhase(a.charges)
			if fits = next.joinsFeatures(id) == nil; !fits {
				next.attached, next.phases = next.attached.without(id), bare
			}
		}
		if !fits {
			if choice == plan.RefuseAddOns {
				return nil, fmt.Errorf("%w: %s with %s", ErrAddOn, a.addOn.Ref(), t.version.Ref())
			}
			continue
		}
		for _, charge := range a.charges {
			if price, ok := was.prices.value(charge.ID()); ok {
				next.prices = next.prices.with(charge.ID(), price)
			}
		}
	}
	return next, nil
}

// joins reports whether charges may bill beside all that is in force.
func (t *terms) joins(charges []*plan.CompiledCharge) bool {
	for i := range t.version.Phases() {
		phase := t.phase(uint16(i))
		if !planTerms.Joins(phase, charges) {
			return false
		}
		own := func(c *plan.CompiledCharge) bool { return phase.Interval(c) != phase.Every() }
		if t.hasMinimum() && slices.ContainsFunc(charges, own) {
			return false // what counts towards the minimum of a period bills by it
		}
	}
	return true
}

// joinPhases puts the charges of what is attached behind those of each phase of the plan.
func (t *terms) joinPhases() {
	t.phases = nil
	if len(t.attached) == 0 {
		return
	}
	var charges []*plan.CompiledCharge
	for _, a := range t.attached.all() {
		charges = append(charges, a.charges...)
	}
	t.joinPhase(charges)
}

// joinPhase puts charges among those of add-ons of each phase: those of one attachment, or of
// all where there are none yet.
func (t *terms) joinPhase(charges []*plan.CompiledCharge) {
	phases := make([]*plan.CompiledPhase, t.version.Phases())
	for i := range phases {
		phases[i] = planTerms.With(t.phase(uint16(i)), charges)
	}
	t.phases = phases
}

// sameAttached reports whether a charge of an add-on is of one attachment, and costs the same,
// in both.
func (t *terms) sameAttached(o *terms, item *plan.CompiledCharge) bool {
	a, b, ok := both(t.attached, o.attached, item.Attachment())
	if !ok || a.command != b.command || !t.samePrice(o, item) {
		return false
	}
	untouched := a == b && len(t.quantities) == 0 && len(o.quantities) == 0
	return untouched || !o.counts(item) || t.quantityOf(item).Equal(o.quantityOf(item))
}

// lost returns the ids of what is attached in other terms and not in these.
func (t *terms) lost(was *terms) []string {
	var ids []string
	for id := range was.attached.all() {
		if _, ok := t.attached.value(id); !ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// limit schedules the end of what a command attaches, if it has one, and drops the ends of
// what is no longer attached.
func (s *span) limit(cmd *record, policy *plan.Policy) {
	ends := s.pendingFacts().ends
	gone := func(c *scheduled) bool { _, ok := s.terms.attached.value(c.command.Attachment); return !ok }
	if slices.ContainsFunc(ends, gone) {
		ends = slices.DeleteFunc(slices.Clone(ends), gone)
		s.mutablePending().ends = ends
	}
	if cmd == nil || cmd.addOn == nil || cmd.EndDate.IsZero() && cmd.Cycles == 0 {
		return
	}
	end := &scheduled{at: cmd.EndDate, command: cmd, policy: keepsGrid(policy)}
	if cmd.Cycles > 0 {
		end.last = s.ordinal + int32(cmd.Cycles)
		if s.kind == running && !s.is(noPeriodYet) {
			end.last-- // the period that runs is the first
		}
	}
	s.mutablePending().ends = append(slices.Clip(ends), end)
}

// keepsGrid returns the choices of a change for an end that goes with it: the beginning may
// open a new period, the end does not.
func keepsGrid(policy *plan.Policy) *plan.Policy {
	if policy.ChangeAnchor != plan.ResetAnchor {
		return policy
	}
	kept := *policy
	kept.ChangeAnchor = plan.KeepAnchor
	return &kept
}

// asPhase returns the choices by which a phase begins, which no policy changes.
func asPhase(policy plan.Policy) *plan.Policy {
	policy.ChangeCredit, policy.ChargeNew = plan.CreditProrate, plan.ChargeProrate
	policy.Collect, policy.ChangeAnchor = plan.CollectNow, plan.KeepAnchor
	return &policy
}

// goesOn counts the period that goes on after a pause or an ending as the first of what was
// attached while nothing was billed.
func (s *span) goesOn() {
	ends := s.pendingFacts().ends
	fresh := func(c *scheduled) bool { return c.at.IsZero() && c.last == s.ordinal+int32(c.command.Cycles) }
	if !slices.ContainsFunc(ends, fresh) {
		return
	}
	ends = slices.Clone(ends)
	for i, c := range ends {
		if fresh(c) {
			counted := *c
			counted.last--
			ends[i] = &counted
		}
	}
	s.mutablePending().ends = ends
}

// endOf returns when the end of an attachment falls due; zero: not while the span lasts.
func (s *span) endOf(c *scheduled) (time.Time, error) {
	if !c.at.IsZero() {
		return later(c.at, s.from), nil // what passed while the subscription had ended
	}
	if s.kind != running || s.periodEnd.IsZero() {
		return time.Time{}, nil
	}
	ordinal := s.ordinal
	if s.is(atBoundary) {
		ordinal-- // of the period that ends
		if ordinal >= c.last {
			return s.from, nil
		}
	}
	if s.ordinal > c.last {
		return s.from, nil
	}
	return s.cyclesOn(int(c.last - s.ordinal))
}

// detachTick ends an attachment by itself.
func detachTick(s *span, t tick) error {
	to, err := s.terms.detach(t.due.command.Attachment)
	if err != nil {
		return err
	}
	c := &Change{Kind: Changed, At: t.at, detached: []string{t.due.command.Attachment}}
	c.causedBy(t.due.command, t.due.policy)
	// One cut has one policy: that of the change which it goes with.
	if with := s.opening(); with.At.Equal(t.at) {
		switch {
		case with.Kind == Changed && with.policy != nil:
			c.policy, c.phased = keepsGrid(with.policy), with.phased
		case with.Kind == PhaseBegan:
			c.policy, c.phased = asPhase(s.terms.policy()), true
		}
	}
	return s.change(to, c)
}
