package cases

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// Standing says how it stands with the payment of invoices.
type Standing struct {
	Header
	Invoices []OwedInvoice      `json:"invoices"`
	Facts    []PaymentFact      `json:"facts"`
	Policy   CollectionPolicy   `json:"policy"`
	Expect   []ExpectedStanding `json:"expect"`
}

// OwedInvoice is an invoice that is to be paid.
type OwedInvoice struct {
	ID           string          `json:"id"`
	At           Moment          `json:"at"`
	Due          Moment          `json:"due"` // At if omitted
	Amount       decimal.Decimal `json:"amount"`
	Subscription subscription.ID `json:"subscription"` // "s" if omitted
	Charge       string          `json:"charge"`       // what it is for, from At
	To           Moment          `json:"to"`           // until when it is for it
}

// PaymentFact is something that happened to an invoice.
type PaymentFact struct {
	Invoice string              `json:"invoice"`
	Kind    collection.FactKind `json:"kind"`
	At      Moment              `json:"at"`
	Left    *decimal.Decimal    `json:"left"` // nil: nothing
}

// CollectionPolicy is a policy, as the engine's own documents say it.
type CollectionPolicy struct{ collection.Policy }

// ExpectedStanding is how it must stand at an instant. What it leaves out it does not assert.
type ExpectedStanding struct {
	At       Moment             `json:"at"`
	Step     string             `json:"step"`   // none: none
	Unpaid   *decimal.Decimal   `json:"unpaid"` // what is overdue
	Access   collection.Access  `json:"access"`
	NextStep string             `json:"next_step"` // none: none
	NextAt   Moment             `json:"next_at"`
	Commands *[]ExpectedCommand `json:"commands"`
}

// ExpectedCommand is a command that is proposed.
type ExpectedCommand struct {
	Do collection.Action `json:"do"`
	At Moment            `json:"at"`
}

// DecodeStrict reads the policy.
func (p *CollectionPolicy) DecodeStrict(n strict.Node) []strict.Fault {
	if err := json.Unmarshal(n.Raw(), &p.Policy); err != nil {
		return n.Below(strict.Faults(err))
	}
	return nil
}

// DecodeStrict reads an invoice.
func (o *OwedInvoice) DecodeStrict(n strict.Node) []strict.Fault {
	type fields OwedInvoice
	faults := append(n.Decode((*fields)(o)), missing(n, "id", "at", "amount")...)
	if !has(n, "due") {
		o.Due = o.At
	}
	if !has(n, "subscription") {
		o.Subscription = "s"
	}
	if has(n, "charge") != has(n, "to") {
		faults = append(faults, n.Faultf(fault.Required, "must have both of charge, to or none"))
	}
	return faults
}

// DecodeStrict reads a fact.
func (p *PaymentFact) DecodeStrict(n strict.Node) []strict.Fault {
	type fields PaymentFact
	faults := append(n.Decode((*fields)(p)), missing(n, "invoice", "at")...)
	return append(faults, word(n, "kind", &p.Kind, "", collection.Failed, collection.Paid, collection.Voided)...)
}

// DecodeStrict reads what is expected.
func (e *ExpectedStanding) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedStanding
	faults := append(n.Decode((*fields)(e)), missing(n, "at")...)
	if has(n, "access") {
		faults = append(faults, word(n, "access", &e.Access, "", collection.Words[collection.Access]()...)...)
	}
	if len(n.Names()) == 1 && has(n, "at") {
		faults = append(faults, n.Faultf(fault.Unusable, "must assert something"))
	}
	return faults
}

// DecodeStrict reads a command.
func (e *ExpectedCommand) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedCommand
	faults := append(n.Decode((*fields)(e)), missing(n, "at")...)
	return append(faults, word(n, "do", &e.Do, "", collection.SuspendNow, collection.Hold, collection.EndNow, collection.EndAtPeriod, collection.Close)...)
}

func (c *Standing) settle(n strict.Node) []strict.Fault {
	faults := append(c.Header.settle(n), missing(n, "invoices", "policy", "expect")...)
	ids := map[string]bool{}
	list, _ := n.Field("invoices")
	for _, inv := range list.Elems() {
		id := text(inv, "id")
		if ids[id] && id != "" {
			faults = append(faults, below(inv, "id", fmt.Errorf("another invoice is named %q", id)))
		}
		ids[id] = true
	}
	list, _ = n.Field("facts")
	for _, fact := range list.Elems() {
		if id := text(fact, "invoice"); id != "" && !ids[id] {
			faults = append(faults, below(fact, "invoice", fmt.Errorf("no invoice is named %q", id)))
		}
	}
	if has(n, "expect") && len(c.Expect) == 0 {
		faults = append(faults, below(n, "expect", fault.Unusable.Errorf("must assert something")))
	}
	return faults
}

func (c *Standing) run() answer {
	invoices, facts, err := c.given()
	for _, want := range c.Expect {
		var got collection.State
		if err == nil {
			got, err = collection.Standing(invoices, facts, c.Policy.Policy, want.At.In(c.Zone))
		}
		if err != nil {
			return refused(err, "an answer at "+want.At.String())
		}
		if a := c.judge(got, want); a.verdict != Passed {
			return a
		}
	}
	return passed()
}

// given makes the invoices and the facts of the case.
func (c *Standing) given() ([]billing.Invoice, []collection.Fact, error) {
	var invoices []billing.Invoice
	var facts []collection.Fact
	ids := map[string]uuid.UUID{}
	for i, o := range c.Invoices {
		amount, err := money.Exact(o.Amount, c.Currency)
		if err != nil {
			return nil, nil, err
		}
		// The number of a command tells invoices of one instant apart.
		inv := billing.Invoice{Subscription: o.Subscription, At: o.At.In(c.Zone), Zone: c.Zone, Command: i + 1, Total: amount, AmountDue: amount}
		if o.Charge != "" {
			inv.Lines = []billing.Line{{Kind: billing.ChargeLine, Charge: o.Charge, From: inv.At, To: o.To.In(c.Zone), Amount: amount}}
		}
		invoices, ids[o.ID] = append(invoices, inv), inv.ID()
		facts = append(facts, collection.Fact{Invoice: inv.ID(), Kind: collection.Due, At: o.Due.In(c.Zone)})
	}
	for _, p := range c.Facts {
		f := collection.Fact{Invoice: ids[p.Invoice], Kind: p.Kind, At: p.At.In(c.Zone)}
		if p.Left != nil {
			left, err := money.Exact(*p.Left, c.Currency)
			if err != nil {
				return nil, nil, err
			}
			f.Left = left
		}
		facts = append(facts, f)
	}
	return invoices, facts, nil
}

// judge compares how it stands with how it must.
func (c *Standing) judge(got collection.State, want ExpectedStanding) answer {
	asked := "at " + want.At.String() + ": "
	if is := orNone(got.Step); want.Step != "" && want.Step != is {
		return failed(asked+"step "+is, want.Step)
	}
	unpaid := decimal.Zero
	for _, m := range got.Unpaid {
		unpaid = m.Decimal()
	}
	if want.Unpaid != nil && !want.Unpaid.Equal(unpaid) {
		return failed(asked+"unpaid "+decimals(unpaid, c.Currency.Digits()), decimals(*want.Unpaid, c.Currency.Digits()))
	}
	if want.Access != "" && want.Access != got.Access {
		return failed(asked+"access "+string(got.Access), string(want.Access))
	}
	var next collection.Entry
	if got.Next != nil {
		next = *got.Next
	}
	if is := orNone(next.Step); want.NextStep != "" && want.NextStep != is {
		return failed(asked+"next step "+is, want.NextStep)
	}
	if !want.NextAt.IsZero() && !next.At.Equal(want.NextAt.In(c.Zone)) {
		return failed(asked+"next at "+show(next.At, c.Zone), want.NextAt.String())
	}
	if want.Commands == nil {
		return passed()
	}
	var is, must string
	for _, command := range got.Commands {
		is += fmt.Sprintf(" %s at %s", verbs[command.Action.String()], show(command.At, c.Zone))
	}
	for _, command := range *want.Commands {
		must += fmt.Sprintf(" %s at %s", command.Do, show(command.At.In(c.Zone), c.Zone))
	}
	if is != must {
		return failed(asked+"commands"+is, must)
	}
	return passed()
}

// orNone is a step, or the word for none.
func orNone(step string) string {
	if step == "" {
		return "none"
	}
	return step
}

// verbs are the actions of commands, by the word of the lifecycle.
var verbs = map[string]collection.Action{
	"suspend": collection.SuspendNow, "hold": collection.Hold, "cancel_now": collection.EndNow, "cancel_at_period_end": collection.EndAtPeriod, "close": collection.Close,
}
