package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A TaxableInvoice is an invoice before tax, as [WithTaxes] shows it. It is a copy.
type TaxableInvoice struct {
	// Subscription, At, Zone, Command, Interim and Currency are those of the invoice; the
	// subscription, At, Command and Interim name it.
	Subscription subscription.ID
	At           time.Time
	Zone         calendar.Zone
	Command      int
	Interim      bool
	Currency     money.Currency
	// Lines are those that need rates, in the order of the invoice: charges, usage,
	// one-offs, and credits of what was billed without rates. A credit of a line that was
	// taxed has the rates of that line and is not here.
	Lines []TaxableLine
	// Billed says that the invoice was made before, by an earlier run, or came to nothing,
	// and that something of it is now credited: Lines are then only those charges in advance that can be credited,
	// and their rates must be those of then.
	Billed bool
}

// A TaxableLine is a line before tax.
type TaxableLine struct {
	Line
	// Net is what discounts left of its Amount: what tax is counted on.
	Net money.Money
}

// WithTaxes adds tax, asked for by invoice: rates returns, for each line that it is shown,
// the rates that apply to it, none for a line that is exempt. Another number of lists is
// [ErrTaxRate]. Its error ends the call and is wrapped; nothing is then billed.
//
// It is called once for each invoice that is made, when discounts are known and account
// credit is not yet applied; and for one that then comes to zero and is not made, unless all
// of its lines are zero. It is not called where no line needs rates. When a line is credited
// that an earlier run billed since the beginning of the period, it is called again for the
// invoices since then, with Billed, and must return the same rates. [Next], [Forecast] and
// [Preview] ask for the invoices that they show, [Preview] on both sides of the change, and
// [Reconcile] for all since the start. So the answer must follow from what is shown and from
// nothing else; who asks a remote service keeps its answers by [Line.ID], and passes an
// error on for a line with Billed that is not there.
//
// Of several options for tax the last applies; nil is none.
func WithTaxes(rates func(TaxableInvoice) ([][]TaxRate, error)) Option {
	return func(o *options) { o.taxes = rates }
}

// WithTax is [WithTaxes], asked for line by line: rates returns the rates that apply to a
// line, none if it is exempt. It is called for charges, usage, one-offs and credits, and
// must always return the same for the same line.
func WithTax(rates func(Line) []TaxRate) Option {
	if rates == nil {
		return WithTaxes(nil)
	}
	return WithTaxes(func(inv TaxableInvoice) ([][]TaxRate, error) {
		all := make([][]TaxRate, len(inv.Lines))
		for i, line := range inv.Lines {
			all[i] = rates(line.Line)
		}
		return all, nil
	})
}

// settleTax adds tax to an invoice, or leaves it for later: that of an invoice which was
// made, or of one without amounts, matters only if something of it is credited.
func (r *run) settleTax(inv *Invoice, d *draft) error {
	if r.options.taxes == nil {
		return nil
	}
	for _, line := range d.lines {
		line.open = line.prepaid != nil && line.prepaid.to.After(d.at)
	}
	nothing := d.policy.ZeroInvoices != plan.EmitZeroInvoices && !slices.ContainsFunc(d.lines, func(l *draftLine) bool { return l.Amount.Sign() != 0 })
	if r.saw(d) || nothing {
		r.untaxed = append(r.untaxed, d)
		return nil
	}
	if slices.ContainsFunc(d.lines, r.creditsUntaxed) {
		for _, earlier := range r.untaxed {
			earlier.billed = true
			if err := r.tax(&Invoice{At: r.shown(earlier.at, earlier.wall), Command: earlier.command}, earlier); err != nil {
				return err
			}
		}
		r.untaxed = nil
	}
	return r.tax(inv, d)
}

// creditsUntaxed reports whether the line gives back a part of one whose tax was left.
func (r *run) creditsUntaxed(line *draftLine) bool {
	return line.credits != nil && line.credits.tax == nil && slices.ContainsFunc(r.untaxed, func(d *draft) bool {
		return slices.ContainsFunc(d.lines, func(l *draftLine) bool { return l.prepaid == line.credits })
	})
}

// ask returns the rates of the lines that need any.
func (t *taxation) ask(r *run, nets map[*draftLine]money.Money) (map[*draftLine]*lineTax, error) {
	var asked []*draftLine
	view := TaxableInvoice{Subscription: r.sub.ID(), At: t.inv.At, Zone: r.sub.Zone(), Command: t.d.command, Interim: t.d.interim, Currency: t.currency, Billed: t.d.billed}
	billed := map[*prepaid]bool{} // on this invoice
	for _, line := range t.d.lines {
		if line.Kind == DiscountLine || t.d.billed && line.prepaid == nil || line.credits != nil && (line.credits.tax != nil || billed[line.credits]) {
			continue
		}
		if line.prepaid != nil {
			billed[line.prepaid] = true
		}
		shown := TaxableLine{Line: line.Line, Net: nets[line]}
		shown.Metadata = maps.Clone(line.Metadata)
		asked, view.Lines = append(asked, line), append(view.Lines, shown)
	}
	if len(asked) == 0 {
		return nil, nil
	}
	rates, err := r.options.taxes(view)
	if err != nil {
		return nil, fmt.Errorf("billing: taxes of the invoice at %s: %w", t.inv.At.UTC().Format(time.RFC3339Nano), err)
	}
	if len(rates) != len(asked) {
		return nil, fmt.Errorf("%w: %d lists for %d lines", ErrTaxRate, len(rates), len(asked))
	}
	all := make(map[*draftLine]*lineTax, len(t.d.lines))
	for i, line := range asked {
		if all[line], err = counted(rates[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
