package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A contract is one subscription with what is stored beside it.
type contract struct {
	sub        subscription.Subscription
	usage      billing.Usage
	checkpoint billing.Checkpoint
	billed     []billing.StoredLine
	issued     []document.Document
}

// A ledger is what a service keeps of one customer.
type ledger struct {
	out       io.Writer
	catalog   *plan.Catalog
	contracts []*contract
	credit    prepaid.Checkpoint
	invoices  []billing.Invoice
	facts     []collection.Fact // what happened to the invoices
	last      string            // the last number that was given
}

func opened(out io.Writer) (*ledger, error) {
	catalog, err := sold()
	return &ledger{out: out, catalog: catalog}, err
}

// say prints what happened on a day.
func (l *ledger) say(at time.Time, format string, args ...any) {
	fmt.Fprintf(l.out, "%s  %s\n", at.Format("02 Jan"), fmt.Sprintf(format, args...))
}

// note prints what belongs to the line before.
func (l *ledger) note(format string, args ...any) {
	fmt.Fprintf(l.out, "          %s\n", fmt.Sprintf(format, args...))
}

// sell begins a subscription to a plan.
func (l *ledger) sell(id string, at time.Time) (*contract, error) {
	version, err := l.catalog.Lookup(plan.MustParseRef(id + "@1"))
	if err != nil {
		return nil, err
	}
	sub, err := subscription.New(subscription.Params{ID: subscription.ID(id), Plan: version, Start: at})
	if err != nil {
		return nil, err
	}
	c := &contract{sub: sub}
	l.contracts = append(l.contracts, c)
	l.say(at, "begins %q", id)
	return c, nil
}

func call(at time.Time, actor lifecycle.Actor) subscription.Call {
	return subscription.Call{At: at, Actor: actor}
}

// bill invoices what is due of every subscription, pays usage from the credit, and issues a
// document of each invoice.
func (l *ledger) bill(to time.Time) error {
	for _, c := range l.contracts {
		made, next, err := billing.Invoices(c.sub, c.usage, c.checkpoint, to, vat(), billing.WithoutCredit())
		if err != nil {
			return err
		}
		drawn, credit, err := prepaid.Draw(l.credit, made, prepaid.Terms{})
		if err != nil {
			return err
		}
		for i, inv := range made {
			draft, err := document.New(inv, details(), c.issued...)
			if err != nil {
				return err
			}
			if err := l.issue(c, draft, inv.At); err != nil {
				return err
			}
			if drawn[i].Drawn.Sign() > 0 {
				left, err := credit.Balance(to)
				if err != nil {
					return err
				}
				l.note("prepaid credit pays %s, %s is due; %s of it is left", drawn[i].Drawn, drawn[i].AmountDue, left)
			}
			c.billed = append(c.billed, inv.StoredLines()...)
		}
		c.checkpoint, l.credit, l.invoices = next, credit, append(l.invoices, made...)
	}
	return nil
}

// issue gives a document the next number and prints it.
func (l *ledger) issue(c *contract, draft document.Document, at time.Time) error {
	series := numbers()
	number, err := series.Next(l.last, document.DateOf(at, draft.Zone))
	if err != nil {
		return err
	}
	var items []document.OpenItem
	for _, d := range c.issued {
		items = append(items, document.OpenItem{Document: d, Notes: c.issued})
	}
	d, err := draft.Issue(document.Issuance{Number: number, At: at, Numbering: &series, Items: items})
	if err != nil {
		return err
	}
	l.last, c.issued = number, append(c.issued, d)
	what := "invoice"
	if d.Kind == document.CreditNote {
		what = "credit note"
	}
	l.say(at, "%s %s: %s with %s tax", what, d.Number, d.Totals.Total, d.Totals.Tax)
	for _, line := range d.Lines {
		l.note("%s, %s to %s: %s", line.Name, line.First, line.Last, line.Net)
	}
	for _, r := range d.References {
		l.note("gives back %s of %s, of which it reduces what is open by %s", r.Amount, r.Number, r.Reduced)
	}
	return nil
}

// correct makes documents of what should have been billed otherwise.
func (l *ledger) correct(c *contract, at time.Time) error {
	found, err := billing.Reconcile(c.sub, c.usage, c.billed, c.checkpoint, at, vat(), billing.WithoutCredit())
	if err != nil {
		return err
	}
	drafts, err := document.Correct(found, details(), c.issued...)
	if err != nil {
		return err
	}
	for _, draft := range drafts {
		if err := l.issue(c, draft, at); err != nil {
			return err
		}
	}
	// Billed without credit, the checkpoint gives none: the credit note says what becomes of its amount.
	c.billed, c.checkpoint = append(c.billed, found.StoredLines()...), found.Checkpoint
	return nil
}

// lastOf returns the last invoice of a subscription.
func (l *ledger) lastOf(c *contract) billing.Invoice {
	for _, inv := range slices.Backward(l.invoices) {
		if inv.Subscription == c.sub.ID() {
			return inv
		}
	}
	return billing.Invoice{}
}

// payment notes what happened to the last invoice of a subscription.
func (l *ledger) payment(c *contract, kind collection.FactKind, at time.Time) error {
	if err := l.bill(at); err != nil {
		return err
	}
	inv := l.lastOf(c)
	l.facts = append(l.facts, collection.Fact{Invoice: inv.ID(), Kind: kind, At: at})
	l.say(at, "payment of %s: %s", inv.AmountDue, kind)
	return nil
}

// standing prints how it stands with the last invoice of a subscription.
func (l *ledger) standing(c *contract, at time.Time) error {
	state, err := collection.Standing([]billing.Invoice{l.lastOf(c)}, l.facts, dunning(), at)
	if err != nil {
		return err
	}
	if !state.PastDue {
		l.say(at, "nothing is past due, access is %s", state.Access)
		return nil
	}
	l.say(at, "past due: %s, step %q, access is %s", state.Unpaid[0], state.Step, state.Access)
	if state.Next != nil {
		l.note("if nothing happens, on %s: %q", state.Next.At.Format("02 Jan"), state.Next.Step)
	}
	return nil
}

// recurring prints the monthly recurring revenue at the end of each month.
func (l *ledger) recurring() error {
	fmt.Fprintf(l.out, "\nMonthly recurring revenue\n")
	for month := time.January; month <= time.December; month++ {
		at := on(month+1, 1).Add(-time.Second)
		total := money.FromMinor(0, money.EUR)
		for _, c := range l.contracts {
			part, err := revenue.MRR(c.sub, at, revenue.Weeks52)
			if err != nil {
				return err
			}
			if total, err = total.Add(part.Amount); err != nil {
				return err
			}
		}
		fmt.Fprintf(l.out, "%s  %10s\n", at.Format("Jan 2006"), total)
	}
	return nil
}
