package cases

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Account is several subscriptions with one credit, and the invoices that they have in
// common.
type Account struct {
	Header
	Subscriptions []AccountMember  `json:"subscriptions"`
	Merge         account.Merge    `json:"merge"`       // day (default), instant or billing_day
	BillingDay    int              `json:"billing_day"` // with billing_day
	Within        int              `json:"within"`      // with billing_day: days before it
	Collect       plan.Collect     `json:"collect"`     // of actions: now (default) or next_invoice
	Balance       *decimal.Decimal `json:"balance"`     // the credit at the beginning
	Expect        Expectation      `json:"expect"`      // invoices and balance
}

// AccountMember is a scenario that expects nothing, with what its invoices are grouped by.
type AccountMember struct {
	Scenario
	Key string `json:"key"`
}

// DecodeStrict reads a member.
func (m *AccountMember) DecodeStrict(n strict.Node) []strict.Fault {
	type fields AccountMember
	faults := n.Decode((*fields)(m))
	for _, name := range []string{"kind", "expect"} {
		if has(n, name) {
			faults = append(faults, below(n, name, fault.Excluded.Errorf("must be left out of a subscription of an account")))
		}
	}
	m.defaults(n)
	found := append(missing(n, "id"), m.settleStory(n)...)
	return beside(faults, found)
}

func (c *Account) settle(n strict.Node) []strict.Fault {
	faults := append(c.Header.settle(n), missing(n, "subscriptions", "expect")...)
	faults = append(faults, word(n, "merge", &c.Merge, account.ByDay, account.ByDay, account.ByInstant, account.OnBillingDay)...)
	faults = append(faults, word(n, "collect", &c.Collect, plan.CollectNow, plan.Words[plan.Collect]()...)...)
	for i, days := range []int{c.BillingDay, c.Within} {
		name := []string{"billing_day", "within"}[i]
		switch {
		case c.Merge != account.OnBillingDay && has(n, name):
			faults = append(faults, below(n, name, fault.Excluded.Errorf("must be left out without merge billing_day")))
		case c.Merge == account.OnBillingDay && (days < 1 || days > 31):
			faults = append(faults, below(n, name, fault.OutOfRange.Errorf("must be from 1 to 31")))
		}
	}
	expect, _ := n.Field("expect")
	for _, name := range []string{"statuses", "next_billing", "allowances", "grants"} {
		if has(expect, name) {
			faults = append(faults, below(expect, name, fault.Excluded.Errorf("must be left out: it is asked of one subscription")))
		}
	}
	return faults
}

func (c *Account) run() answer {
	outcome, err := c.play()
	if err != nil {
		return refused(err, "the account to be billed to its end")
	}
	shown := Scenario{Header: c.Header, Expect: c.Expect}
	return shown.judge(outcome)
}

// play bills the subscriptions and combines what is complete when the last day is over.
func (c *Account) play() (Outcome, error) {
	acme := account.Account{ID: "account", Currency: c.Currency, Rule: account.Rule{Merge: c.Merge, BillingDay: c.BillingDay, Within: c.Within, Collect: c.Collect}}
	var checkpoint account.Checkpoint
	if c.Balance != nil {
		balance, err := money.Exact(*c.Balance, c.Currency)
		if err != nil {
			return Outcome{}, err
		}
		if checkpoint, err = checkpoint.Give(balance); err != nil {
			return Outcome{}, err
		}
	}
	var ready []account.Section
	var credits []account.Credit
	var to time.Time
	for i := range c.Subscriptions {
		m := &c.Subscriptions[i]
		s, err := m.Scenario.playTo(subscription.ID(m.ID))
		if err != nil {
			return Outcome{}, fmt.Errorf("subscriptions[%d]: %w", i, err)
		}
		until := m.Until.In(m.Zone)
		made, next, err := billing.Invoices(s.sub, s.usage, billing.Checkpoint{}, until, billing.WithoutCredit())
		if err != nil {
			return Outcome{}, fmt.Errorf("subscriptions[%d]: %w", i, err)
		}
		drawings, _, err := s.draw(made, until)
		if err != nil {
			return Outcome{}, fmt.Errorf("subscriptions[%d]: %w", i, err)
		}
		for j, inv := range made {
			ready = append(ready, account.Section{Invoice: inv, Drawn: drawings[j].Covered})
		}
		credits = append(credits, account.Credits(s.sub, next)...)
		acme.Members = append(acme.Members, account.Member{Subscription: s.sub.ID(), Payer: m.Key, Start: m.Subscription.Start.In(m.Zone)})
		if over := m.Zone.Midnight(until, 1); over.After(to) {
			to = over
		}
	}
	invoices, checkpoint, err := account.Combine(acme, checkpoint, ready, credits, to)
	if err != nil {
		return Outcome{}, err
	}
	return combined(invoices, checkpoint), nil
}

// combined is what invoices of an account say.
func combined(invoices []account.Invoice, checkpoint account.Checkpoint) Outcome {
	out := Outcome{Balance: decimal.Zero}
	if checkpoint.Balance.IsValid() {
		out.Balance = checkpoint.Balance.Decimal()
	}
	for _, inv := range invoices {
		made := Invoice{At: inv.At, Total: inv.Total.Decimal(), Drawn: inv.Drawn.Decimal(), CreditApplied: inv.CreditApplied.Decimal(), Due: inv.AmountDue.Decimal()}
		for _, s := range inv.Sections {
			for _, line := range s.Invoice.Lines {
				made.Lines = append(made.Lines, Line{From: line.From, To: line.To, Amount: line.Amount.Decimal()})
			}
		}
		out.Invoices = append(out.Invoices, made)
	}
	return out
}
