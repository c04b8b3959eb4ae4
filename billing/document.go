package billing

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// DocumentVersion is the version of the JSON of results that this package writes:
// invoices, lines, taxes, the next invoice, previews and reconciliations. Documents of
// another version are refused.
const DocumentVersion = 1

// resultLimits bound the document of a result.
var resultLimits = strictjson.Limits{Size: MaxDocument, Values: 8 << 20, Elements: 1 << 20}

// result is a value whose JSON this package writes and reads.
type result interface{ documentFaults() faults.List }

// appendResult appends a result. With an error dst is as it was.
func appendResult[T any](dst []byte, v *T, c strictjson.Codec[T]) ([]byte, error) {
	out, err := c.Append(dst, v)
	switch {
	case err != nil:
		return dst, fmt.Errorf("billing: encode: %w", err)
	case len(out)-len(dst) > MaxDocument:
		return dst, fault.TooLong.Errorf("billing: encode: longer than %d bytes", MaxDocument)
	}
	return out, nil
}

// readResult reads a result strictly. The target changes only if there are no faults.
func readResult[T result](data []byte, to *T, c strictjson.Codec[T]) error {
	var next T
	found := strictjson.FieldErrors(c.Read(data, &next, resultLimits))
	if err := strictjson.Merge(found, next.documentFaults()); err != nil {
		return err
	}
	*to = next
	return nil
}

// Equal reports whether two invoices say the same: decimals by value, instants whatever
// their zones.
func (inv Invoice) Equal(o Invoice) bool {
	return inv.Subscription == o.Subscription && inv.At.Equal(o.At) && inv.Zone == o.Zone && inv.Command == o.Command &&
		equalAll(inv.Lines, o.Lines, Line.Equal) && equalAll(inv.Taxes, o.Taxes, Tax.Equal) &&
		inv.Total == o.Total && inv.CreditApplied == o.CreditApplied && inv.AmountDue == o.AmountDue && inv.Refund == o.Refund &&
		inv.Draft == o.Draft && inv.wall == o.wall
}

// Equal reports whether two taxes say the same.
func (t Tax) Equal(o Tax) bool {
	return t.Rate.ID == o.Rate.ID && t.Rate.Name == o.Rate.Name && t.Rate.is(o.Rate) && t.Base == o.Base && t.Amount == o.Amount
}

// Equal reports whether two answers say the same, instants whatever their zones.
func (n NextInvoice) Equal(o NextInvoice) bool {
	return n.At.Equal(o.At) && n.Boundary.Equal(o.Boundary) && n.Amount == o.Amount && n.AmountDue == o.AmountDue &&
		n.PlanAmount == o.PlanAmount && n.Estimate == o.Estimate && n.Overdue == o.Overdue
}

// Equal reports whether two previews say the same.
func (p PreviewResult) Equal(o PreviewResult) bool {
	return equalAll(p.Invoices, o.Invoices, Invoice.Equal) && p.Checkpoint.Equal(o.Checkpoint) && p.Before.Equal(o.Before) && p.After.Equal(o.After)
}

// Equal reports whether two corrections say the same.
func (c Correction) Equal(o Correction) bool {
	same := c.line == nil && o.line == nil || c.line != nil && o.line != nil && c.line.Equal(*o.line)
	return same && c.ID == o.ID && c.Of == o.Of && c.Amount == o.Amount && c.Was == o.Was && c.Is == o.Is
}

// Equal reports whether two reconciliations say the same.
func (r Reconciliation) Equal(o Reconciliation) bool {
	return r.At.Equal(o.At) && equalAll(r.Lines, o.Lines, Line.Equal) && equalAll(r.Corrections, o.Corrections, Correction.Equal) &&
		r.Total == o.Total && r.CreditApplied == o.CreditApplied && r.AmountDue == o.AmountDue && r.Refund == o.Refund &&
		r.Checkpoint.Equal(o.Checkpoint) && r.subscription == o.subscription && r.zone == o.zone
}

func equalAll[T any](a, b []T, equal func(T, T) bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// AppendJSON appends the invoice as a document, {"version":1,"id":…}: everything that
// [Invoice.Explain] and the ids need, and the ids themselves. With an error dst is as it
// was.
func (inv Invoice) AppendJSON(dst []byte) ([]byte, error) {
	return appendResult(dst, &inv, invoiceDocument)
}

// MarshalJSON returns what AppendJSON appends.
func (inv Invoice) MarshalJSON() ([]byte, error) { return inv.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError]. The ids of a
// decoded invoice and of its lines are those of the document, whatever the zone data of
// the program that reads it.
func (inv *Invoice) UnmarshalJSON(data []byte) error {
	return readResult(data, inv, invoiceDocument)
}

// AppendJSON appends the tax as a document. With an error dst is as it was.
func (t Tax) AppendJSON(dst []byte) ([]byte, error) { return appendResult(dst, &t, taxDocument) }

// MarshalJSON returns what AppendJSON appends.
func (t Tax) MarshalJSON() ([]byte, error) { return t.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (t *Tax) UnmarshalJSON(data []byte) error { return readResult(data, t, taxDocument) }

// AppendJSON appends the answer as a document. With an error dst is as it was.
func (n NextInvoice) AppendJSON(dst []byte) ([]byte, error) {
	return appendResult(dst, &n, nextDocument)
}

// MarshalJSON returns what AppendJSON appends.
func (n NextInvoice) MarshalJSON() ([]byte, error) { return n.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (n *NextInvoice) UnmarshalJSON(data []byte) error { return readResult(data, n, nextDocument) }

// AppendJSON appends the preview as a document. With an error dst is as it was.
func (p PreviewResult) AppendJSON(dst []byte) ([]byte, error) {
	return appendResult(dst, &p, previewDocument)
}

// MarshalJSON returns what AppendJSON appends.
func (p PreviewResult) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (p *PreviewResult) UnmarshalJSON(data []byte) error {
	return readResult(data, p, previewDocument)
}

// AppendJSON appends the reconciliation as a document. With an error dst is as it was.
func (r Reconciliation) AppendJSON(dst []byte) ([]byte, error) {
	return appendResult(dst, &r, reconciliationDocument)
}

// MarshalJSON returns what AppendJSON appends.
func (r Reconciliation) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (r *Reconciliation) UnmarshalJSON(data []byte) error {
	return readResult(data, r, reconciliationDocument)
}

// sums checks amounts of one currency: that each is there, and that the total is the
// sum of the parts.
type sums struct {
	f     *faults.List
	total money.Money
	sum   money.Money
	bad   bool
}

func (s *sums) of(path string, m money.Money) {
	switch {
	case !m.IsValid():
		s.f.Wrap(path, faults.ErrMissing)
	case s.total.IsValid() && m.Currency() != s.total.Currency():
		s.f.Add(path, fault.Inconsistent, "must be in the currency of the total, %s", s.total.Currency())
	default:
		return
	}
	s.bad = true
}

func (s *sums) part(path string, m money.Money) {
	s.of(path, m)
	if s.bad {
		return
	}
	if !s.sum.IsValid() {
		s.sum = money.FromMinor(0, m.Currency())
	}
	next, err := s.sum.Add(m)
	if err != nil {
		s.f.Wrap(path, err)
		s.bad = true
		return
	}
	s.sum = next
}

// close compares the total with the parts, and what is due with the total.
func (s *sums) close(applied, due, refund money.Money) {
	s.of("total", s.total)
	s.of("credit_applied", applied)
	s.of("amount_due", due)
	if refund.IsValid() {
		s.of("refund", refund)
	}
	if s.bad {
		return
	}
	if !s.sum.IsValid() {
		s.sum = money.FromMinor(0, s.total.Currency())
	}
	if s.sum != s.total {
		s.f.Add("total", fault.Inconsistent, "must be the sum of the lines, %s", s.sum)
	}
	left, err := s.total.Sub(applied)
	if s.total.IsNegative() {
		left, err = money.FromMinor(0, s.total.Currency()), nil
	}
	if err != nil || left != due || applied.IsNegative() {
		s.f.Add("amount_due", fault.Inconsistent, "must be what is left of the total after the credit that was applied")
	}
}

func (inv Invoice) documentFaults() faults.List {
	var f faults.List
	if inv.Subscription == "" {
		f.Wrap("subscription", faults.ErrMissing)
	}
	f.Instant("at", inv.At, true)
	if inv.Command < 0 {
		f.Add("command", fault.OutOfRange, "must not be negative")
	}
	s := sums{f: &f, total: inv.Total}
	for i, l := range inv.Lines {
		path := strictjson.Index("lines", i)
		f.Below(path, l.documentFaults())
		s.part(path+".amount", l.Amount)
	}
	for i, t := range inv.Taxes {
		path := strictjson.Index("taxes", i)
		f.Below(path, t.documentFaults())
		s.of(path+".amount", t.Amount)
	}
	s.close(inv.CreditApplied, inv.AmountDue, inv.Refund)
	return f
}

func (t Tax) documentFaults() faults.List {
	var f faults.List
	if _, err := t.Rate.millionths(); err != nil {
		f.Wrap("rate", err)
	}
	switch {
	case !t.Base.IsValid():
		f.Wrap("base", faults.ErrMissing)
	case !t.Amount.IsValid():
		f.Wrap("amount", faults.ErrMissing)
	case t.Base.Currency() != t.Amount.Currency():
		f.Add("base", fault.Inconsistent, "must be in the currency of the amount, %s", t.Amount.Currency())
	}
	return f
}

func (n NextInvoice) documentFaults() faults.List {
	var f faults.List
	f.Instant("at", n.At, false)
	f.Instant("boundary", n.Boundary, false)
	s := sums{f: &f, total: n.Amount}
	s.of("amount", n.Amount)
	s.of("amount_due", n.AmountDue)
	s.of("plan_amount", n.PlanAmount)
	return f
}

func (p PreviewResult) documentFaults() faults.List {
	var f faults.List
	for i, inv := range p.Invoices {
		f.Below(strictjson.Index("invoices", i), inv.documentFaults())
	}
	f.Below("checkpoint", p.Checkpoint.faults())
	f.Below("before", p.Before.documentFaults())
	f.Below("after", p.After.documentFaults())
	return f
}

func (r Reconciliation) documentFaults() faults.List {
	var f faults.List
	if r.subscription == "" {
		f.Wrap("subscription", faults.ErrMissing)
	}
	f.Instant("at", r.At, true)
	s := sums{f: &f, total: r.Total}
	for i, l := range r.Lines {
		path := strictjson.Index("lines", i)
		f.Below(path, l.documentFaults())
		s.part(path+".amount", l.Amount)
	}
	for i, c := range r.Corrections {
		path := strictjson.Index("corrections", i)
		if c.ID == uuid.Nil {
			f.Wrap(path+".id", faults.ErrMissing)
		}
		if c.Of == uuid.Nil {
			f.Wrap(path+".of", faults.ErrMissing)
		}
		s.of(path+".was", c.Was)
		s.of(path+".is", c.Is)
		s.part(path+".amount", c.Amount)
		if c.line != nil {
			f.Below(path+".line", c.line.documentFaults())
		}
	}
	s.close(r.CreditApplied, r.AmountDue, r.Refund)
	f.Below("checkpoint", r.Checkpoint.faults())
	return f
}
