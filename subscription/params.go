package subscription

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/plan"
)

// Limits of what a subscription holds.
const (
	MaxID       = 255   // bytes of an id or reference, except ExternalRef
	MaxText     = 2048  // bytes of a name, an external reference or a reason
	MaxTags     = 200   // tags
	MaxMetadata = 200   // entries of metadata
	MaxValue    = 16384 // bytes of a metadata value
	MaxCommands = 100_000
	MaxWaiting  = 100 // scheduled changes at a time
	MaxAssigned = 200 // features with an override
)

type faults []*fault.FieldError

func (f *faults) add(path string, code fault.Code, format string, args ...any) {
	f.wrap(path, code.Errorf(format, args...))
}

// below adds the faults of a part, with the path that leads to it.
func (f *faults) below(path string, part faults) {
	for _, e := range part {
		f.wrap(path, e)
	}
}

func (f *faults) wrap(path string, err error) {
	if err != nil {
		*f = append(*f, fault.At(path, err))
	}
}

func (f faults) err() error { return strictjson.JoinErrors(f) }

// invalid is ErrInvalidCall with the faults; nil if there are none.
func (f faults) invalid() error {
	if len(f) == 0 {
		return nil
	}
	return invalid("%w", f.err())
}

// A made is what a subscription was made with: the fields are those of [Params]. Services
// keep millions, and few of them negotiate a policy.
type made struct {
	ID                   ID
	Plan                 *plan.Version
	Offering             *plan.Offering
	At, Start            time.Time
	Zone                 calendar.Zone
	Anchor               time.Time
	Quantity             *decimal.Decimal
	Quantities           map[string]decimal.Decimal
	Prices               map[string]plan.Price
	Minimum              *plan.Minimum
	policy               *plan.Policy // nil: no choices
	TrialUsed, NoRenewal bool
	EndDate              time.Time
	Details              Details

	kept kept
}

// owned returns p with copies of what its caller may change.
func (p Params) owned() *made {
	m := made{
		ID: p.ID, Plan: p.Plan, Offering: p.Offering, At: p.At, Start: p.Start, Zone: p.Zone, Anchor: p.Anchor, Quantity: p.Quantity, Quantities: p.Quantities,
		Prices: p.Prices, Minimum: p.Minimum, TrialUsed: p.TrialUsed, NoRenewal: p.NoRenewal, EndDate: p.EndDate, Details: p.Details,
	}
	if p.Policy != (plan.Policy{}) {
		m.policy = copied(&p.Policy)
	}
	return m.owned()
}

// owned returns p with copies of what its caller may change.
func (p made) owned() *made {
	p.Details = p.Details.clone()
	if p.Offering != nil {
		o := p.Offering.Clone()
		p.Offering = &o
	}
	p.Quantity = copied(p.Quantity)
	p.Quantities, p.Prices = maps.Clone(p.Quantities), maps.Clone(p.Prices)
	if p.Minimum != nil {
		m := p.Minimum.Clone()
		p.Minimum = &m
	}
	return &p
}

// one is the quantity of who gives none.
var one = decimal.NewFromInt(1)

// check fills in the defaults and returns the terms to start with, or every fault.
func (p *made) check() (*terms, error) {
	var f faults
	f.wrap("id", text.ID(string(p.ID), MaxID))
	if p.Start.IsZero() {
		f.add("start", fault.Required, "missing")
	}
	if p.At.IsZero() {
		p.At = p.Start
	}
	for _, at := range []struct {
		path string
		t    *time.Time
	}{{"at", &p.At}, {"start", &p.Start}, {"anchor", &p.Anchor}, {"end_date", &p.EndDate}} {
		err := instant(at.t)
		if err == nil && !at.t.IsZero() && !p.Zone.IsZero() {
			err = showsYear(p.Zone, *at.t)
		}
		f.wrap(at.path, err)
	}
	if p.At.After(p.Start) {
		f.add("at", fault.OutOfOrder, "must not lie after start")
	}
	if !p.EndDate.IsZero() && !p.EndDate.After(p.Start) {
		f.add("end_date", fault.OutOfOrder, "must lie after start")
	}
	if p.policy != nil {
		f.wrap("policy", p.policy.Validate())
	}
	p.Details.check("details.", &f)
	if p.Details.Parent != "" && p.Details.Parent == p.ID {
		f.wrap("details.parent", ErrCyclicParents)
	}
	if p.Plan == nil || p.Plan.Phases() == 0 {
		f.add("plan", fault.Required, "missing: it must be compiled")
		return nil, f.err()
	}
	if p.Offering != nil {
		f.wrap("offering", p.Offering.Validate())
		if !p.Offering.Offers(p.Plan.Ref()) {
			f.wrap("plan", ErrPlanNotInOffering)
		}
	}
	t := &terms{version: p.Plan, zone: p.Zone, quantity: one, overrides: noOverrides}
	if p.policy != nil || len(p.Quantities) > 0 {
		t = t.withAmounts()
		t.negotiated = p.policy
	}
	if p.Quantity != nil {
		f.wrap("quantity", quantity(*p.Quantity))
		t.quantity = *p.Quantity
	}
	for _, id := range keys(p.Quantities) {
		path := fmt.Sprintf("quantities[%q]", id)
		f.wrap(path, quantity(p.Quantities[id]))
		f.wrap(path, t.takesQuantity(id))
	}
	for _, id := range keys(p.Quantities) {
		t.quantities = t.quantities.with(id, p.Quantities[id])
	}
	for _, id := range keys(p.Prices) {
		path := fmt.Sprintf("prices[%q]", id)
		f.wrap(path, t.hasCharge(id))
		table, err := plan.CompilePrice(p.Prices[id], p.Plan.Currency())
		f.wrap(path, err)
		if err == nil {
			t, p.Prices[id] = t.withPrice(id, table), table.Price()
		}
	}
	if p.Minimum != nil {
		m, err := planTerms.Negotiable(p.Plan, *p.Minimum)
		f.below("minimum", fault.Faults(err))
		t = t.withOverrides()
		t.minimum = &m
	}
	if len(f) == 0 {
		f.wrap("plan", t.payable())
	}
	return t, f.err()
}

// keys returns the keys of a map in their order.
func keys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil // as most are
	}
	return slices.Sorted(maps.Keys(m))
}

// instant converts t to UTC and whole microseconds, and refuses years outside the
// calendar.
func instant(t *time.Time) error {
	if t.IsZero() {
		return nil
	}
	*t = micro.Floor(*t)
	if sec := t.Unix(); sec < firstSecond || sec > lastSecond {
		return fault.OutOfRange.Errorf("must lie in the years 1 to 9999")
	}
	return nil
}

// The first and the last second of the years 1 to 9999, since 1970.
const firstSecond, lastSecond = -62135596800, 253402300799

// showsYear refuses an instant whose civil time no document can hold.
func showsYear(z calendar.Zone, t time.Time) error {
	if wall := z.WallClock(t); wall < firstSecond*1_000_000 || wall >= (lastSecond+1)*1_000_000 {
		return fault.OutOfRange.Errorf("must lie in the years 1 to 9999 in %s", z)
	}
	return nil
}

func quantity(q decimal.Decimal) error {
	if err := dec.Check(q); err != nil {
		return err
	}
	if q.IsNegative() {
		return fault.OutOfRange.Errorf("must not be negative")
	}
	return nil
}

// check reports every fault; at is the path that leads to the fields.
func (d *Details) check(at string, f *faults) {
	line := func(path, value string, limit int) {
		if err := text.Name(value, limit); err != nil {
			f.wrap(at+path, err)
		}
	}
	line("name", d.Name, MaxText)
	line("external_ref", d.ExternalRef, MaxText)
	line("owner", d.Owner, MaxID)
	line("account", d.Account, MaxID)
	line("organization", d.Organization, MaxID)
	line("team", d.Team, MaxID)
	line("parent", string(d.Parent), MaxID)
	line("channel", d.Channel, MaxID)
	if err := text.Note(d.CancelReason, MaxText); err != nil {
		f.wrap(at+"cancel_reason", err)
	}
	if len(d.Tags) > MaxTags {
		f.add(at+"tags", fault.TooMany, "must be at most %d", MaxTags)
	}
	for i, tag := range d.Tags {
		if err := text.ID(tag, MaxID); err != nil {
			f.wrap(fmt.Sprintf("%stags[%d]", at, i), err)
		}
	}
	if len(d.Metadata) > MaxMetadata {
		f.add(at+"metadata", fault.TooMany, "must be at most %d entries", MaxMetadata)
	}
	var bad []string
	for k, v := range d.Metadata {
		if text.ID(k, MaxID) != nil || text.Note(v, MaxValue) != nil {
			bad = append(bad, k)
		}
	}
	slices.Sort(bad)
	for _, k := range bad {
		path := strictjson.Key(at+"metadata", k)
		f.wrap(path, text.ID(k, MaxID))
		f.wrap(path, text.Note(d.Metadata[k], MaxValue))
	}
}
