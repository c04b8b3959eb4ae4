package simulation

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/perennial-billing/perennial/billing"
)

// books are all invoices of a life together, in minor units.
type books struct {
	emits    bool // invoices that come to nothing are made
	invoices map[uuid.UUID]bool
	lines    map[uuid.UUID]bool
	billed   map[named]*billed
	entered  []entered
	total    int64 // of all totals
	credit   int64 // what became account credit, less what was applied of it
	refunded int64
}

// named names a line as others refer to it.
type named struct {
	kind     billing.LineKind
	charge   string
	from, to int64
	command  int
}

func nameOf(l billing.LineRef) named {
	return named{l.Kind, l.Charge, l.From.UnixMicro(), l.To.UnixMicro(), l.Command}
}

// billed is a line and what was given back of it or taken off it.
type billed struct{ amount, credited, discounted int64 }

// entered is a line that is for a period.
type entered struct {
	line  billing.Line
	delta int
}

// enter takes in an invoice that a run made, and says what is wrong with it.
func (b *books) enter(inv *billing.Invoice, listed bool) error {
	if b.invoices == nil {
		b.invoices, b.lines, b.billed = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[named]*billed{}
	}
	if id := inv.ID(); b.invoices[id] {
		return fmt.Errorf("two invoices have the id %s", id)
	}
	b.invoices[inv.ID()] = true
	sum, net, taxed := int64(0), int64(0), int64(0)
	for i := range inv.Lines {
		line := &inv.Lines[i]
		id := inv.LineID(i)
		if b.lines[id] {
			return fmt.Errorf("two lines have the id %s", id)
		}
		b.lines[id] = true
		amount := line.Amount.Minor()
		if sum += amount; line.Kind == billing.TaxLine {
			taxed += amount
		} else {
			net += amount
		}
		if !line.To.IsZero() && line.To.Before(line.From) {
			return fmt.Errorf("a line ends before it begins: %s, %s", line.From, line.To)
		}
		if err := b.refers(line, amount, listed); err != nil {
			return err
		}
	}
	total, applied, due, refund := inv.Total.Minor(), inv.CreditApplied.Minor(), inv.AmountDue.Minor(), inv.Refund.Minor()
	exclusive := int64(0)
	for _, t := range inv.Taxes {
		if !t.Rate.Inclusive {
			exclusive += t.Amount.Minor()
		}
	}
	switch {
	case sum != total:
		return fmt.Errorf("the lines sum to %d, the total is %d", sum, total)
	case taxed != exclusive:
		return fmt.Errorf("the lines of taxes sum to %d, the taxes to %d", taxed, exclusive)
	case applied < 0 || refund < 0 || due != max(total, 0)-applied:
		return fmt.Errorf("a total of %d, %d applied, %d due, %d refunded", total, applied, due, refund)
	case len(inv.Taxes) == 1 && inv.Taxes[0].Rate.Inclusive && inv.Taxes[0].Base.Minor()+inv.Taxes[0].Amount.Minor() != net:
		return fmt.Errorf("base %s and tax %s do not add up to %d", inv.Taxes[0].Base, inv.Taxes[0].Amount, net)
	case len(inv.Taxes) == 1 && !inv.Taxes[0].Rate.Inclusive && inv.Taxes[0].Base.Minor() != net:
		return fmt.Errorf("the base is %s, the lines sum to %d", inv.Taxes[0].Base, net)
	}
	b.total += total
	b.refunded += refund
	b.credit -= applied
	if total < 0 {
		b.credit += -total - refund
	}
	return nil
}

// refers notes what a line gives back or takes off.
func (b *books) refers(line *billing.Line, amount int64, listed bool) error {
	switch line.Kind {
	case billing.CreditLine:
		of, ok := b.billed[nameOf(line.Of)]
		// The invoice of the line may have come to nothing, and not have been made; and by the list
		// basis a line that was rounded to nothing may be given back as the least amount.
		if !ok && (listed || !b.emits) {
			return nil
		}
		if !ok {
			return fmt.Errorf("a credit of a line that was not billed: %+v", line.Of)
		}
		if of.credited -= amount; amount > 0 || !listed && of.credited > of.amount-of.discounted {
			return fmt.Errorf("%d is credited of %d less %d", of.credited, of.amount, of.discounted)
		}
		b.entered = append(b.entered, entered{*line, -1})
	case billing.DiscountLine:
		of, ok := b.billed[nameOf(line.Of)]
		if !ok {
			return fmt.Errorf("a discount on a line that is not there: %+v", line.Of)
		}
		if of.discounted -= amount; of.amount >= 0 && (amount > 0 || of.discounted > of.amount) {
			return fmt.Errorf("%d is taken off %d", of.discounted, of.amount)
		}
	case billing.ChargeLine:
		b.billed[nameOf(line.Ref())] = &billed{amount: amount}
		b.entered = append(b.entered, entered{*line, 1})
	case billing.UsageLine, billing.OneOffLine, billing.TrueUpLine, billing.OverageLine:
		b.billed[nameOf(line.Ref())] = &billed{amount: amount}
	case billing.TaxLine:
	}
	return nil
}

// balance compares what the checkpoint says is left of account credit with the invoices. What
// was given as credit is only known to grow it.
func (b *books) balance(c billing.Checkpoint) error {
	left := int64(0)
	if c.CreditBalance.IsValid() {
		left = c.CreditBalance.Minor()
	}
	if left < 0 || left < b.credit {
		return fmt.Errorf("%d of credit is left, and the invoices left %d", left, b.credit)
	}
	return nil
}
