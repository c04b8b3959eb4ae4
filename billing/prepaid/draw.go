package prepaid

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// inside is what package billing lends; nothing changes it.
var inside = seam.Borrow[seam.Invoicing[billing.Invoice, money.Money, calendar.Zone]]()

// Taxed says what tax is owed on where a grant pays.
type Taxed string

// What tax is owed on.
const (
	// TaxOnAll: tax is owed on the whole, and grants pay it with the line. It is the default.
	TaxOnAll Taxed = "all"
	// TaxOnRest: tax was paid with the grant. Grants pay lines without tax, and tax is owed on
	// what is left of them.
	TaxOnRest Taxed = "rest"
)

// Terms are the choices of a call.
type Terms struct {
	// Tax says what tax is owed on; empty is TaxOnAll. Pass the same for all invoices of a
	// customer.
	Tax Taxed
	// Metrics are the metrics of metered charges, by charge: see [Metrics]. Only grants for
	// metrics need them.
	Metrics map[string]string
}

// A Drawing is what grants paid of an invoice. It is a result.
type Drawing struct {
	// Invoice is the id of the invoice, Subscription its subscription, At its instant and Zone
	// its zone.
	Invoice      uuid.UUID
	Subscription subscription.ID
	At           time.Time
	Zone         calendar.Zone
	// Draws are what each line drew on each grant, and below zero what went back to one, in the
	// order in which grants are drawn on.
	Draws []Drawdown
	// Drawn is the sum of the draws; below zero if more went back than was drawn.
	Drawn money.Money
	// Untaxed is the tax that is not owed with TaxOnRest, below zero where a credit gives back
	// less tax; Taxes has it by tax line.
	Untaxed money.Money
	Taxes   []TaxCut
	// Covered is Drawn and Untaxed: what comes off the total of the invoice. It is what
	// account.Section.Drawn is, if the invoice goes on an account.
	Covered money.Money
	// AmountDue is what remains: overage, and what no grant pays for. Credited is what is below
	// zero and not refunded, for account credit. Refund is what is to be paid back.
	AmountDue, Credited, Refund money.Money
	// Known says that the invoice was seen before: the draws are those of then.
	Known bool
}

// A TaxCut is what a tax line comes to less, because tax is owed on the rest.
type TaxCut struct {
	// Line is the tax line.
	Line uuid.UUID
	// Amount is what it comes to less.
	Amount money.Money
}

// Draw draws for invoices, by instant, subscription and id, whatever their order, and returns
// what grants paid of each in that order, and the next checkpoint. It is called with what a
// run made, with billing.WithoutCredit, and before account credit is applied: due is what is
// left of the total after what was drawn and, then, account credit.
//
// With a draft (billing.Forecast) it shows what would be drawn; the checkpoint is then not kept.
//
// Drawing for an invoice again draws nothing more: its Drawing is as it was and Known. An
// invoice that is dated before others of its subscription that were seen, and is not one of
// them, is [ErrLate]. With an error nothing was drawn.
func Draw(c Checkpoint, invoices []billing.Invoice, terms Terms) ([]Drawing, Checkpoint, error) {
	if err := c.Validate(); err != nil {
		return nil, c, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	var f faults.List
	faults.Word(&f, "tax", terms.Tax, taxes)
	if err := f.Err(); err != nil {
		return nil, c, fmt.Errorf("prepaid: terms: %w", err)
	}
	next := c.clone()
	var out []Drawing
	fresh := map[subscription.ID]bool{}
	for _, inv := range slices.SortedFunc(slices.Values(invoices), inOrder) {
		d, err := next.draw(&inv, &terms, fresh)
		if err != nil {
			return nil, c, fmt.Errorf("prepaid: subscription %q at %s: %w", inv.Subscription, inv.At.UTC().Format(time.RFC3339Nano), err)
		}
		out = append(out, d)
	}
	for i := range next.Grants {
		if len(next.Grants[i].Draws) > MaxDraws {
			return nil, c, fault.TooMany.Errorf("prepaid: grant %q: must be at most %d draws", next.Grants[i].Grant.ID, MaxDraws)
		}
	}
	for i := range next.Billed {
		slices.SortFunc(next.Billed[i].Invoices, compareIDs)
	}
	if !next.Equal(c) {
		next.Revision++
	}
	return out, next, nil
}

func inOrder(a, b billing.Invoice) int {
	if by := a.At.Compare(b.At); by != 0 {
		return by
	}
	if by := cmp.Compare(a.Subscription, b.Subscription); by != 0 {
		return by
	}
	return compareIDs(a.ID(), b.ID())
}

// draw draws for one invoice.
func (c *Checkpoint) draw(inv *billing.Invoice, terms *Terms, fresh map[subscription.ID]bool) (Drawing, error) {
	known, err := c.see(inv, fresh)
	if err != nil {
		return Drawing{}, err
	}
	p, err := c.paying(inv, terms)
	if err != nil {
		return Drawing{}, err
	}
	if !known {
		if err := p.giveBack(); err != nil {
			return Drawing{}, wrap(err)
		}
		if err := p.pay(); err != nil {
			return Drawing{}, wrap(err)
		}
	}
	d, err := p.sumUp(c.drawn(inv.ID()))
	d.Known = known
	return d, err
}

// see reports whether an invoice was seen, and remembers it.
func (c *Checkpoint) see(inv *billing.Invoice, fresh map[subscription.ID]bool) (bool, error) {
	i, ok := slices.BinarySearchFunc(c.Billed, inv.Subscription, func(b Billed, id subscription.ID) int { return cmp.Compare(b.Subscription, id) })
	if !ok {
		c.Billed = slices.Insert(c.Billed, i, Billed{Subscription: inv.Subscription})
	}
	b := &c.Billed[i]
	id := inv.ID()
	if slices.Contains(b.Invoices, id) {
		return true, nil
	}
	if inv.At.Before(b.Through) {
		return false, fmt.Errorf("%w: %s", ErrLate, id)
	}
	if !fresh[inv.Subscription] {
		b.Invoices = nil // of an earlier call
	}
	fresh[inv.Subscription] = true
	b.Through, b.Invoices = utc(inv.At), append(b.Invoices, id)
	return false, nil
}

// sumUp says what draws make of the invoice.
func (p *paying) sumUp(draws []Drawdown) (Drawing, error) {
	d := Drawing{
		Invoice: p.inv.ID(), Subscription: p.inv.Subscription, At: utc(p.inv.At), Zone: p.inv.Zone, Draws: draws,
		Drawn: p.zero, Untaxed: p.zero, Covered: p.zero, AmountDue: p.zero, Credited: p.zero, Refund: p.zero,
	}
	var sum sums
	for _, draw := range draws {
		sum.add(&d.Drawn, draw.Amount)
	}
	if sum.err != nil {
		return d, wrap(sum.err)
	}
	if p.onRest && len(draws) > 0 {
		if err := p.untax(&d); err != nil {
			return d, err
		}
	}
	sum.add(&d.Covered, d.Drawn)
	sum.add(&d.Covered, d.Untaxed)
	left := p.inv.Total
	sum.sub(&left, d.Covered)
	if sum.err == nil && left.IsNegative() {
		sum.sub(&d.Credited, left)
		d.Refund = smaller(orZero(p.inv.Refund, p.zero.Currency()), d.Credited)
		sum.sub(&d.Credited, d.Refund)
	} else {
		d.AmountDue = left
	}
	return d, wrap(sum.err)
}
