package billing

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/subscription"
)

// InvoicesByRun is Invoices without its short way.
func InvoicesByRun(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, to time.Time, options ...Option) ([]Invoice, Checkpoint, error) {
	o, err := gather(options)
	if err != nil {
		return nil, checkpoint, err
	}
	var m mark
	err = m.from(sub, &checkpoint)
	if err != nil || to.Before(m.ChargedThrough) {
		return nil, checkpoint, err
	}
	return play(nil, sub, usage, m, to, o)
}

// NextByRun is Next without its short way.
func NextByRun(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, at time.Time, options ...Option) (NextInvoice, error) {
	o, err := gather(options)
	if err != nil {
		return NextInvoice{}, err
	}
	derives := checkpoint.ChargedThrough.IsZero()
	if derives {
		checkpoint.ChargedThrough, checkpoint.LastCommand = at, sub.Version()
	}
	var m mark
	err = m.from(sub, &checkpoint)
	if err != nil {
		return NextInvoice{}, err
	}
	return next(sub, usage, m, later(at, m.ChargedThrough), o, derives)
}

// IsRenewalOnly reports whether the short way is open.
func IsRenewalOnly(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, options ...Option) bool {
	o, err := gather(options)
	if err != nil {
		return false
	}
	var s renewalOnly
	return checkpoint.settled(sub) && s.applies(sub, &checkpoint, o) && s.acceptsAll(usage, &checkpoint) && !s.accrues()
}

// Visited counts the segments and boundaries that Next looks at.
func Visited(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, at time.Time) (int, error) {
	var s renewalOnly
	if checkpoint.settled(sub) && s.applies(sub, &checkpoint, &noOptions) && s.acceptsAll(usage, &checkpoint) {
		return 1, nil
	}
	r, err := startingRun(sub, usage, checkpoint, &noOptions)
	if err != nil {
		return 0, err
	}
	r.emit = func(Invoice) bool { return false }
	err = r.playOn()
	return r.timeline.visited, err
}

// VisitedBilling counts those that Invoices looks at.
func VisitedBilling(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, to time.Time) (int, error) {
	r, err := startingRun(sub, usage, checkpoint, &noOptions)
	if err != nil {
		return 0, err
	}
	r.emit = func(Invoice) bool { return true }
	err = r.play(to)
	return r.timeline.visited, err
}

// TotalsOf returns, for each charge of the first segment that rates usage, its total
// between two instants and whether there is any: as a run finds them, and as reading all
// records does.
func TotalsOf(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, from, to time.Time) (found, read []string, err error) {
	r, err := startingRun(sub, nil, checkpoint, &noOptions)
	if err == nil {
		err = r.accept(usage)
	}
	if err != nil {
		return nil, nil, err
	}
	for charge := range sub.Segment(0).Phase().Charges() {
		if metric := charge.Metric(); metric != "" {
			found = append(found, fmt.Sprintf("%#v %t", r.usage.total(charge, from, to), r.usage.any(metric, from, to)))
			all := usage.whole().sorted()
			read = append(read, fmt.Sprintf("%#v %t", all.total(charge, from, to), all.any(metric, from, to)))
		}
	}
	return found, read, nil
}

// SameInvoice reports whether two invoices are equal in all that they say.
func SameInvoice(a, b Invoice) bool {
	return a.equals(b) && a.Zone == b.Zone && a.AmountDue == b.AmountDue
}

// BothWays reads a document of usage, a checkpoint or a stored line as it is read, and by a
// tree alone, and returns what each way finds: the value, and its faults.
func BothWays(kind string, data []byte) (quick, tree any, quickFaults, treeFaults []strictjson.Fault) {
	switch kind {
	case "usage":
		return bothWays(data, usageCodec)
	case "checkpoint":
		return bothWays(data, checkpointCodec)
	}
	return bothWays(data, storedLineCodec)
}

func bothWays[T any](data []byte, c strictjson.Codec[T]) (quick, tree any, quickFaults, treeFaults []strictjson.Fault) {
	var a, b T
	quickFaults, treeFaults = c.Read(data, &a, limits), c.ReadTree(data, &b, limits)
	return a, b, quickFaults, treeFaults
}

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"checkpoint": checkpointCodec.Shape(), "usage": usageCodec.Shape(), "stored_line": storedLineCodec.Shape(),
		"invoice": invoiceDocument.Shape(), "line": lineDocument.Shape(), "tax": taxDocument.Shape(), "next_invoice": nextDocument.Shape(),
		"preview": previewDocument.Shape(), "reconciliation": reconciliationDocument.Shape(),
	}
}

// AppendStoredByTable is StoredLine.AppendJSON by its table.
func AppendStoredByTable(dst []byte, b StoredLine) ([]byte, error) {
	return encode(dst, &b, storedLineCodec)
}

// IsRenewalOfOwn reports whether the short way is open to charges with intervals of their own.
func IsRenewalOfOwn(sub subscription.Subscription, checkpoint Checkpoint) bool {
	var s renewalOnly
	return checkpoint.settled(sub) && s.nextOwn(&NextInvoice{}, sub, &checkpoint, checkpoint.ChargedThrough, &noOptions)
}

// CountsOn reports whether a line of usage goes on from units of the term before it.
func CountsOn(l Line) bool { return l.derivation != nil && !l.derivation.term.IsZero() }

// Verify is what an invoice is looked at for before it leaves.
func Verify(inv Invoice) error { return inv.verify() }
