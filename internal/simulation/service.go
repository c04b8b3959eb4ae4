package simulation

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/subscription"
)

// A service keeps what a service keeps of a subscription: documents, and nothing else.
type service struct {
	mark   []byte // the checkpoint; none before the first run
	usage  billing.Usage
	late   billing.Usage // what arrived when its part was billed
	issued [][]byte      // the invoices, as they were stored
	books  books
	taxes  []billing.TaxRate
	basis  calendar.Basis
	listed bool // credits are of the list price
	one    bool // one run bills the same
	early  bool // thresholds bill usage before its period ends

	quiet  bool // nothing happened since the last run
	next   billing.NextInvoice
	wake   time.Time
	lost   [][]byte // what a run made that was not saved
	lostTo time.Time
	fed    bool // a discount, a one-off or credit was given for an instant that was billed, and waits; or a command, of which usage was billed early

	counts Counts
	tell   func(format string, args ...any)
}

// taxes are what a life is taxed by.
var taxes = [][]billing.TaxRate{
	nil, nil,
	{{ID: "vat", Percent: decimal.RequireFromString("19")}},
	{{ID: "incl", Percent: decimal.RequireFromString("7.7"), Inclusive: true}},
	{{ID: "incl", Percent: decimal.RequireFromString("20"), Inclusive: true}, {ID: "eco", Percent: decimal.RequireFromString("0.125")}},
}

func (s *service) options() []billing.Option {
	if s.taxes == nil {
		return nil
	}
	return []billing.Option{billing.WithTaxes(func(inv billing.TaxableInvoice) ([][]billing.TaxRate, error) {
		out := make([][]billing.TaxRate, len(inv.Lines))
		for i := range out {
			out[i] = slices.Clone(s.taxes)
		}
		return out, nil
	})}
}

// checkpoint reads the checkpoint that was saved last.
func (s *service) checkpoint() billing.Checkpoint {
	var c billing.Checkpoint
	if s.mark == nil {
		return c
	}
	document := slices.Clone(s.mark)
	if err := c.UnmarshalJSON(document); err != nil {
		panic(fmt.Sprintf("a checkpoint cannot be read: %v\n%s", err, s.mark))
	}
	overwrite(document)
	return c
}

// billedEarly reports whether an interim invoice was made of an instant.
func (s *service) billedEarly(t time.Time) bool {
	return slices.ContainsFunc(s.checkpoint().Metered, func(p billing.MeteredPart) bool { return p.Interim && p.To.Equal(t.Add(time.Microsecond)) })
}

// happens says that something happened: what was foreseen need not come.
func (s *service) happens() { s.quiet, s.lost = false, nil }

// bill is a run from the documents. It overwrites what it passed in.
func (s *service) bill(sub subscription.Subscription, to time.Time) (made [][]byte, mark []byte, invoices []billing.Invoice, err error) {
	usage := slices.Clone(s.usage)
	invoices, next, err := billing.Invoices(sub, usage, s.checkpoint(), to, s.options()...)
	for i := range usage {
		usage[i] = billing.Record{Metric: "overwritten"}
	}
	if err != nil {
		return nil, nil, nil, err
	}
	for _, inv := range invoices {
		document, err := inv.MarshalJSON()
		if err != nil {
			return nil, nil, nil, fmt.Errorf("an invoice cannot be written: %w", err)
		}
		made = append(made, document)
	}
	mark, err = next.MarshalJSON()
	if err == nil {
		err = next.Validate()
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("a checkpoint cannot be written: %w", err)
	}
	return made, mark, invoices, nil
}

// run bills up to an instant: lost, repeated or saved. Without draws it is saved.
func (s *service) run(d *draws, sub subscription.Subscription, to time.Time) error {
	made, mark, invoices, err := s.bill(sub, to)
	if err != nil {
		return s.refused(sub, to, err)
	}
	if err := s.foreseen(made, invoices, to); err != nil {
		return err
	}
	if d != nil && d.oneIn(5) {
		s.lost, s.lostTo = made, to
		s.counts["runs lost"]++
		s.tell("a run to %s is lost", to)
		return nil
	}
	if d != nil && d.oneIn(4) {
		again, same, returned, err := s.bill(sub, to)
		if err != nil || !slices.EqualFunc(made, again, bytes.Equal) || !bytes.Equal(mark, same) {
			return fmt.Errorf("a run that is repeated at %s bills otherwise (%v):\n%s\n%s", to, err, join(made), join(again))
		}
		spoil(returned)
		s.counts["runs repeated"]++
	}
	s.tell("a run to %s leaves %s", to, mark)
	for i, document := range made {
		s.tell("  makes %s", document)
		var stored billing.Invoice
		if err := stored.UnmarshalJSON(slices.Clone(document)); err != nil {
			return fmt.Errorf("an invoice cannot be read: %w\n%s", err, document)
		}
		if again, err := stored.MarshalJSON(); err != nil || !bytes.Equal(again, document) {
			return fmt.Errorf("an invoice that was read is written otherwise (%v):\n%s\n%s", err, document, again)
		}
		if _, err := invoices[i].Explain(); err != nil {
			return fmt.Errorf("an invoice has no explanation: %w\n%s", err, document)
		}
		if err := s.books.enter(&invoices[i], s.listed); err != nil {
			return fmt.Errorf("%w\n%s", err, document)
		}
		s.counts["lines"] += len(invoices[i].Lines)
	}
	s.issued, s.mark, s.lost = append(s.issued, made...), mark, nil
	s.counts["runs"]++
	s.counts["invoices"] += len(made)
	if err := s.books.balance(s.checkpoint()); err != nil {
		return err
	}
	spoil(invoices)
	return s.foresee(sub, to)
}

// foreseen compares a run with what was known before it.
func (s *service) foreseen(made [][]byte, invoices []billing.Invoice, to time.Time) error {
	lost := s.lost
	if s.lostTo.After(to) { // it ran ahead
		lost = lost[:min(len(lost), len(made))]
	}
	for i, document := range lost {
		if i >= len(made) || !bytes.Equal(document, made[i]) {
			return fmt.Errorf("what a lost run to %s made is not made again by %s:\n%s\n%s", s.lostTo, to, document, join(made))
		}
	}
	if !s.quiet {
		return nil
	}
	s.counts["bills foreseen"]++
	due := !s.next.At.IsZero() && !s.next.At.After(to)
	switch {
	case due != (len(invoices) > 0):
		return fmt.Errorf("next billing was %s %s, and a run to %s made %d invoices", s.next.At, s.next.Amount, to, len(made))
	case due && (!invoices[0].At.Equal(s.next.At) || invoices[0].Total != s.next.Amount || invoices[0].AmountDue != s.next.AmountDue):
		return fmt.Errorf("next billing was %s %s, due %s, and is %s", s.next.At, s.next.Amount, s.next.AmountDue, made[0])
	case due && (s.wake.IsZero() || invoices[0].At.Before(s.wake)):
		return fmt.Errorf("an invoice before the instant to wake at, %s: %s", s.wake, made[0])
	}
	return nil
}

// foresee notes what comes next, and sees that a run repeated after it was saved makes nothing.
func (s *service) foresee(sub subscription.Subscription, to time.Time) error {
	again, mark, _, err := s.bill(sub, to)
	if err != nil || len(again) > 0 || !bytes.Equal(mark, s.mark) {
		return fmt.Errorf("a run that was saved, repeated at %s (%v):\n%s\n%s\n%s", to, err, join(again), s.mark, mark)
	}
	if s.next, err = billing.Next(sub, slices.Clone(s.usage), s.checkpoint(), to, s.options()...); err != nil {
		return s.refused(sub, to, err)
	}
	if s.wake, err = billing.WakeAt(sub, s.checkpoint()); err != nil {
		return s.refused(sub, to, err)
	}
	s.quiet = true
	return nil
}

// refused judges an error of billing: some end a life, all others are a violation.
func (s *service) refused(sub subscription.Subscription, to time.Time, err error) error {
	if mayEnd(err) {
		return errEnded
	}
	return fmt.Errorf("billing to %s fails: %w", to, err)
}

// previewed compares the preview of a change with its bill; false if it cannot be billed.
func (s *service) previewed(before, after subscription.Subscription, at time.Time) (bool, error) {
	shown, err := billing.Preview(before, after, slices.Clone(s.usage), s.checkpoint(), s.options()...)
	if mayEnd(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("a change at %s has no preview: %w", at, err)
	}
	made, mark, invoices, err := s.bill(after, at)
	if mayEnd(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("a change at %s cannot be billed: %w", at, err)
	}
	byID := map[uuid.UUID]int{}
	for i := range invoices {
		byID[invoices[i].ID()] = i
	}
	for _, inv := range shown.Invoices {
		i, ok := byID[inv.ID()]
		if !ok {
			return false, fmt.Errorf("the preview of a change shows what is not billed: %s of %s", inv.Total, inv.At)
		}
		inv.Draft = false
		if document, err := inv.MarshalJSON(); err != nil || !bytes.Equal(document, made[i]) {
			return false, fmt.Errorf("the preview of a change is not its bill (%v):\n%s\n%s", err, document, made[i])
		}
	}
	if document, err := shown.Checkpoint.MarshalJSON(); err != nil || !bytes.Equal(document, mark) {
		return false, fmt.Errorf("the preview of a change leaves another checkpoint (%v):\n%s\n%s", err, document, mark)
	}
	s.counts["previews"]++
	return true, nil
}

// takes takes in a record if billing does, else keeps it for the correction at the end.
func (s *service) takes(sub subscription.Subscription, r billing.Record) (bool, error) {
	switch err := billing.CheckUsage(sub, s.checkpoint(), r); {
	case errors.Is(err, billing.ErrLateUsage):
		s.late = append(s.late, r)
		s.counts["usage too late"]++
		s.tell("a record of %s comes too late", r.At)
		return true, nil
	case err != nil:
		s.counts["usage refused"]++
		return false, nil
	}
	s.usage = append(s.usage, r)
	through := s.checkpoint().ChargedThrough
	if through.IsZero() {
		through = r.At
	}
	if _, _, _, err := s.bill(sub, later(through, r.At)); err != nil {
		if !mayEnd(err) {
			return false, fmt.Errorf("a record that was accepted, %s, cannot be billed: %w", r.At, err)
		}
		s.usage = s.usage[:len(s.usage)-1]
		s.counts["usage refused"]++
		return false, nil
	}
	if s.early && !r.At.After(s.checkpoint().ChargedThrough) {
		s.fed = true // what it causes is dated before what was made, and credit was applied in another order
	}
	s.counts["usage"]++
	s.tell("a record of %s of %s is taken", r.Quantity, r.At)
	s.happens()
	return true, nil
}

// whole compares all that was billed with one run over the life, and corrects what arrived late.
func (s *service) whole(sub subscription.Subscription, to time.Time) error {
	to = later(to, s.checkpoint().ChargedThrough)
	if s.fed { // what one run would bill with it
		return nil
	}
	one := service{usage: s.usage, taxes: s.taxes}
	made, _, _, err := one.bill(sub, to)
	if err != nil {
		return s.refused(sub, to, err)
	}
	// What a record of an earlier instant causes that arrives later is dated at the record.
	slices.SortFunc(made, bytes.Compare)
	slices.SortFunc(s.issued, bytes.Compare)
	if !slices.EqualFunc(made, s.issued, bytes.Equal) {
		return fmt.Errorf("one run to %s bills otherwise than many: %s", to, differ(made, s.issued))
	}
	s.counts["lives in one run"]++
	s.one = true
	if len(s.late) == 0 {
		return nil
	}
	return s.correct(sub, to)
}

// correct bills what arrived late, and sees that all then sums to what one run bills of it.
func (s *service) correct(sub subscription.Subscription, to time.Time) error {
	all := append(slices.Clone(s.usage), s.late...)
	_, _, ideal, err := (&service{usage: all, taxes: s.taxes}).bill(sub, to)
	if err != nil {
		return s.refused(sub, to, err)
	}
	var stored []billing.StoredLine
	for _, document := range s.issued {
		var inv billing.Invoice
		if err := inv.UnmarshalJSON(document); err != nil {
			return err
		}
		stored = append(stored, inv.StoredLines()...)
	}
	difference, err := billing.Reconcile(sub, all, stored, s.checkpoint(), to, s.options()...)
	if err != nil {
		return s.refused(sub, to, fmt.Errorf("late usage: %w", err))
	}
	want, split := int64(0), false
	for _, inv := range ideal {
		split = split || inv.Interim
		want += inv.Total.Minor()
	}
	// The tax of what an interim invoice divided otherwise is rounded otherwise.
	if got := s.books.total + difference.Total.Minor(); got != want && !(split && s.taxes != nil) {
		return fmt.Errorf("with corrections %d was billed, and not %d", got, want)
	}
	stored = append(stored, difference.StoredLines()...)
	again, err := billing.Reconcile(sub, all, stored, difference.Checkpoint, to, s.options()...)
	if err != nil || !again.IsEmpty() {
		return fmt.Errorf("what was corrected is corrected again (%v): %+v", err, again)
	}
	if _, err := difference.Explain(); err != nil {
		return fmt.Errorf("a correction has no explanation: %w", err)
	}
	s.counts["lives corrected"]++
	return nil
}

// differ shows the first invoice that is not the same.
func differ(one, many [][]byte) string {
	for i := range max(len(one), len(many)) {
		var a, b []byte
		if i < len(one) {
			a = one[i]
		}
		if i < len(many) {
			b = many[i]
		}
		if !bytes.Equal(a, b) {
			return fmt.Sprintf("invoice %d\n%s\n%s", i, a, b)
		}
	}
	return ""
}

func join(documents [][]byte) []byte { return bytes.Join(documents, []byte("\n")) }

// overwrite and spoil overwrite what the service passed in or was given.
func overwrite(b []byte) {
	for i := range b {
		b[i] = 'x'
	}
}

func spoil(all []billing.Invoice) {
	for i := range all {
		for j := range all[i].Lines {
			for name := range all[i].Lines[j].Metadata {
				all[i].Lines[j].Metadata[name] = "overwritten"
			}
			all[i].Lines[j] = billing.Line{}
		}
		clear(all[i].Taxes)
		all[i] = billing.Invoice{}
	}
}
