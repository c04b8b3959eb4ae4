package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
)

// Expectation is what a story must lead to. What it leaves out it does not assert.
type Expectation struct {
	Invoices    []ExpectedInvoice `json:"invoices"` // nil: nothing asserted; empty: there are none
	Partial     bool              `json:"partial"`  // the invoices must occur, others may too
	Statuses    []ExpectedStatus  `json:"statuses"`
	NextBilling []ExpectedNext    `json:"next_billing"`
	Balance     *decimal.Decimal  `json:"balance"` // account credit left at the end

	Allowances []ExpectedAllowance `json:"allowances"`
	Terms      []ExpectedTerm      `json:"terms"`

	Grants    map[string]decimal.Decimal `json:"grants"` // what each has left at the end
	MRR       []ExpectedMRR              `json:"mrr"`
	Movements []ExpectedMovement         `json:"movements"` // nil: not asserted
}

// ExpectedInvoice is an invoice that must be made. With neither lines nor total
// it says only that one occurs.
type ExpectedInvoice struct {
	At            Moment           `json:"at"`
	Lines         []ExpectedLine   `json:"lines"` // nil: not asserted
	Total         *decimal.Decimal `json:"total"`
	OverCap       *decimal.Decimal `json:"over_cap"` // what of its usage lies above the spend cap, billed or not
	Drawn         *decimal.Decimal `json:"drawn"`
	CreditApplied *decimal.Decimal `json:"credit_applied"`
	Due           *decimal.Decimal `json:"due"`
}

// ExpectedLine is a line of an invoice.
type ExpectedLine struct {
	From   Moment          `json:"from"`
	To     *Moment         `json:"to"` // nil: the line is not a period
	Amount decimal.Decimal `json:"amount"`
	What   string          `json:"what"` // for the reader
}

// ExpectedStatus is the status that the subscription must have at an instant.
type ExpectedStatus struct {
	At       Moment           `json:"at"`
	Status   lifecycle.Status `json:"status"`
	Entitled *bool            `json:"entitled"` // whether the owner may use what the plan grants; nil: not asserted
}

// ExpectedNext is the next invoice that would be made, asked at an instant; both
// nil: none.
type ExpectedNext struct {
	At     Moment           `json:"at"`
	NextAt *Moment          `json:"next_at"`
	Amount *decimal.Decimal `json:"next_amount"`
}

// DecodeStrict reads an expectation.
func (e *Expectation) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Expectation
	faults := n.Decode((*fields)(e))
	invoices := len(e.Invoices) > 0 || e.Invoices != nil && !e.Partial
	if len(faults) == 0 && !invoices && len(e.Statuses) == 0 && len(e.NextBilling) == 0 && e.Balance == nil && len(e.Allowances)+len(e.Terms)+len(e.Grants)+len(e.MRR) == 0 && e.Movements == nil {
		faults = append(faults, n.Faultf(fault.Unusable, "must assert something"))
	}
	if e.Partial && e.Invoices == nil {
		faults = append(faults, below(n, "partial", errNoInvoices))
	}
	return faults
}

// DecodeStrict reads an invoice.
func (e *ExpectedInvoice) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedInvoice
	return append(n.Decode((*fields)(e)), missing(n, "at")...)
}

// DecodeStrict reads a line.
func (e *ExpectedLine) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedLine
	faults := append(n.Decode((*fields)(e)), missing(n, "from", "to", "amount")...)
	if has(n, "what") {
		faults = append(faults, word(n, "what", &e.What, "", "charge", "usage", "credit", "discount", "one_off", "tax", "true_up", "overage")...)
	}
	return faults
}

// DecodeStrict reads a status.
func (e *ExpectedStatus) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedStatus
	return append(n.Decode((*fields)(e)), missing(n, "at", "status")...)
}

// DecodeStrict reads a next billing. It is null as a whole or not at all.
func (e *ExpectedNext) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedNext
	faults := append(n.Decode((*fields)(e)), missing(n, "at", "next_at", "next_amount")...)
	if len(faults) == 0 && (e.NextAt == nil) != (e.Amount == nil) {
		faults = append(faults, n.Faultf(fault.Unusable, "next_at and next_amount must both be null or neither"))
	}
	return faults
}
