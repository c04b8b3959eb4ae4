package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A record is a [Command] as a subscription holds it: services keep many millions, so that
// what few commands have stands apart. The fields are those of a Command. Once a
// subscription holds a record, nobody changes it.
type record struct {
	Number, Set int
	At          time.Time
	Reason, Key string
	Charge      string
	Quantity    *decimal.Decimal
	Discount    *plan.Discount
	OneOff      *OneOff
	Patch       *Patch
	*rare                     // never nil
	policy      *plan.Policy  // nil: no choices
	version     *plan.Version // of Plan
	Action      lifecycle.Action
	Actor       lifecycle.Actor
	Correction  bool
	Replace     bool
}

// rare is what few commands have.
type rare struct {
	On, ResumeAt, Anchor, NextBilling, TrialEnd, EndDate time.Time

	Difference    Difference
	Cycles        int
	Pack          string
	AccountCredit money.Money
	Features      feature.Overrides
	Revoked       []feature.Key
	Attachment    string

	addOn  *plan.CompiledAddOn            // of AddOn
	tables map[string]*plan.CompiledPrice // of Prices

	table *plan.CompiledPrice // of Price
	kept  kept
}

// noRare and noPolicy are shared and never changed.
var (
	noRare   = &rare{}
	noPolicy = &plan.Policy{}
)

// recordOf returns a command as a record. Who calls must own what the command points to.
func recordOf(c *Command) record {
	r := record{
		Number: c.Number, Set: c.Set, At: c.At, Action: c.Action, Actor: c.Actor, Reason: c.Reason, Key: c.Key, Correction: c.Correction,
		Replace: c.Replace, Charge: c.Charge, Quantity: c.Quantity, Discount: c.Discount, OneOff: c.OneOff, Patch: c.Patch, version: c.version, rare: noRare,
	}
	if c.Policy != (plan.Policy{}) {
		r.policy = copied(&c.Policy)
	}
	if c.hasRare() {
		r.rare = &rare{
			On: c.On, ResumeAt: c.ResumeAt, Anchor: c.Anchor, NextBilling: c.NextBilling, Difference: c.Difference,
			TrialEnd: c.TrialEnd, EndDate: c.EndDate, Cycles: c.Cycles, Pack: c.Pack,
			AccountCredit: c.AccountCredit, Features: c.Features, Revoked: c.Revoked, Attachment: c.Attachment, addOn: c.addOn, tables: c.tables, table: c.table, kept: c.kept,
		}
	}
	return r
}

func (c *Command) hasRare() bool {
	return !c.On.IsZero() || !c.ResumeAt.IsZero() || !c.Anchor.IsZero() || !c.NextBilling.IsZero() || c.Difference != "" || !c.TrialEnd.IsZero() || !c.EndDate.IsZero() || c.Cycles != 0 || c.Pack != "" ||
		c.AccountCredit.IsValid() || c.Features != nil || c.Revoked != nil || c.Attachment != "" || c.table != nil || len(c.kept) > 0
}

// keep gives the record instants as they were recorded.
func (c *record) keep(k kept) {
	own := *c.rare
	own.kept = k
	c.rare = &own
}

// choices returns the choices given with the call.
func (c *record) choices() plan.Policy {
	if c.policy == nil {
		return plan.Policy{}
	}
	return *c.policy
}

// command returns the record as a command, which shares all that it points to.
func (c *record) command() Command {
	out := Command{
		Number: c.Number, At: c.At, Action: c.Action, Actor: c.Actor, Reason: c.Reason, Key: c.Key, Correction: c.Correction, Replace: c.Replace, Set: c.Set,
		Policy: c.choices(), On: c.On, Charge: c.Charge, Quantity: c.Quantity, ResumeAt: c.ResumeAt, Cycles: c.Cycles, Anchor: c.Anchor,
		NextBilling: c.NextBilling, Difference: c.Difference, TrialEnd: c.TrialEnd,
		EndDate: c.EndDate, Discount: c.Discount, OneOff: c.OneOff, AccountCredit: c.AccountCredit, Pack: c.Pack, Patch: c.Patch, Features: c.Features,
		Revoked: c.Revoked, Attachment: c.Attachment, addOn: c.addOn, tables: c.tables, version: c.version, table: c.table, kept: c.kept,
	}
	if c.version != nil {
		out.Plan = c.version.Ref()
	}
	if c.table != nil {
		out.Price = c.table.Price()
	}
	if c.addOn != nil {
		out.AddOn, out.Prices = c.addOn.Ref(), pricesOf(c.tables)
	}
	return out
}

// pricesOf returns compiled prices as their definitions.
func pricesOf(tables map[string]*plan.CompiledPrice) map[string]plan.Price {
	if len(tables) == 0 {
		return nil
	}
	prices := make(map[string]plan.Price, len(tables))
	for id, table := range tables {
		prices[id] = table.Price()
	}
	return prices
}

// clone returns the record as a command of its own.
func (c *record) clone() Command {
	out := c.command()
	for _, f := range fields {
		if f.clone != nil {
			f.clone(&out)
		}
	}
	return out
}
