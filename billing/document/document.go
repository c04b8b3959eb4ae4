package document

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
)

// Kind says what a document is.
type Kind string

// The kinds of document.
const (
	// Invoice: what a run has billed, zero or more. UNTDID 1001 code 380.
	Invoice Kind = "invoice"
	// CreditNote: gives back what was invoiced. Its amounts are above zero where they give
	// back, and below where they charge. Code 381.
	CreditNote Kind = "credit_note"
	// SupplementaryInvoice: charges more for what was invoiced. Code 383.
	SupplementaryInvoice Kind = "supplementary_invoice"
)

func kinds() []Kind { return []Kind{Invoice, CreditNote, SupplementaryInvoice} }

// State says where a document stands.
type State string

// The states of a document.
const (
	// Draft: has no number and may be made again. It becomes issued.
	Draft State = "draft"
	// Issued: has its number and never changes again. It may be voided, or corrected by
	// another document.
	Issued State = "issued"
	// Void: an invoice that was withdrawn, whole and unpaid. It keeps its number. It is final.
	Void State = "void"
	// Corrected: another document refers to it. Others may follow.
	Corrected State = "corrected"
)

func states() []State { return []State{Draft, Issued, Void, Corrected} }

// Category is a category of VAT, in the codes of UNCL 5305 that EN 16931 allows.
type Category string

// The categories of VAT.
const (
	Standard       Category = "S"  // the standard rate, or a reduced one
	ZeroRated      Category = "Z"  // taxed, at zero
	Exempt         Category = "E"  // exempt, with a reason
	ReverseCharge  Category = "AE" // the buyer accounts for the tax
	IntraCommunity Category = "K"  // supplied to another member state, exempt there
	Export         Category = "G"  // exported, not taxed
	OutsideScope   Category = "O"  // not subject to VAT
	CanaryIslands  Category = "L"  // IGIC
	CeutaMelilla   Category = "M"  // IPSI
)

func categories() []Category {
	return []Category{Standard, ZeroRated, Exempt, ReverseCharge, IntraCommunity, Export, OutsideScope, CanaryIslands, CeutaMelilla}
}

// rated reports whether a category may have a rate above zero.
func (c Category) rated() bool { return c == Standard || c == CanaryIslands || c == CeutaMelilla }

// An ElectronicAddress is where electronic documents are sent to, such as a Peppol
// participant.
type ElectronicAddress struct {
	Scheme string // the code of the scheme: "0204", "EM" for electronic mail
	ID     string
}

// A Party is the seller or the buyer. Each text is a line of at most [MaxText] bytes.
type Party struct {
	Name string // the legal name, required
	ID   string // what the other one knows it by, as a customer number; it may be empty
	// VATID is the VAT identifier with the prefix of its country, "DE123456789"; TaxID another
	// tax registration, Registration the legal one, as the number in a register of companies.
	VATID, TaxID, Registration string
	Electronic                 ElectronicAddress
	Street, MoreStreet         string
	City, PostCode             string
	Country                    string // the code of two letters of ISO 3166-1, required
}

// An Allowance is what a discount took off a line.
type Allowance struct {
	ID     uuid.UUID // of the line of the discount
	Name   string
	Amount money.Money // above zero where it reduces
}

// A Line of a document is a line of the billing invoice with its discounts, without tax.
type Line struct {
	// ID is that of the line of billing, or of the correction. Merged are those of other
	// corrections and discounts of the same line that are part of it.
	ID     uuid.UUID
	Merged []uuid.UUID
	// Number and Of name the document and its line that this line corrects or gives back;
	// both are zero where it does neither.
	Number string
	Of     uuid.UUID
	// Name is the name of the charge, or its id.
	Name string
	// Kind and TaxCode are those of the line of billing.
	Kind    billing.LineKind
	TaxCode string
	// First and Last are the days that it is for, both included, in the zone of the
	// document; Last is none if it is not for a period, as a one-off.
	First, Last Date
	// Quantity times Price for each BaseQuantity of units, less the Allowances, is Net. Where
	// the amount is not a quantity times one price, as of tiers or of a part of a period,
	// the quantity is 1; it is below zero where the line is. Price is never below zero.
	// BaseQuantity is a power of ten, 1 unless the price of a unit has more digits than the
	// currency.
	Quantity, Price, BaseQuantity decimal.Decimal
	Allowances                    []Allowance
	// Amount is the amount on the invoice of billing, discounts taken off: with the taxes that
	// the price includes, without others. Net is the amount without any tax.
	Amount, Net money.Money
	// Taxes are the taxes that hold for it, as their places in the Taxes of the document.
	Taxes []int
	// Explanation is how the amount was computed, in plain sentences.
	Explanation string
}

// A Tax is the tax of one rate and category on a document: its part of the VAT breakdown.
type Tax struct {
	// ID, Name, Percent and Inclusive are those of the [billing.TaxRate]. A category without
	// tax, such as [Exempt], has the id of its [Treatment].
	ID, Name  string
	Percent   decimal.Decimal
	Inclusive bool
	// Category says why the rate is what it is, Reason and ReasonCode why there is no tax: a
	// text, and a code of the list VATEX.
	Category           Category
	Reason, ReasonCode string
	// Base is the sum of the net amounts of its lines, Amount the tax on it.
	Base, Amount money.Money
	// Lines are the ids of its lines of billing, if it has any.
	Lines []uuid.UUID
}

// A Reference is a document that this one corrects, or of which it gives back a line.
type Reference struct {
	Number string
	Date   Date
	// Corrects says that it corrects that document, as a reconciliation found; else it only
	// gives back lines of it, as a cancellation or a change does.
	Corrects bool
	// Amount is how much of the total falls on that document, with tax: on a credit note, above
	// zero where it gives back; on an invoice, below. What no reference has falls on the lines
	// of the document itself. Of a draft it is preliminary, see [Document.Issue].
	Amount money.Money
	// Reduced and Refunded are how much of a credit note reduces what is open of that
	// document, and how much is paid back of it. The rest of the note is account credit.
	Reduced, Refunded money.Money
}

// Totals are the sums of a document, in its currency.
type Totals struct {
	Net     money.Money // the sum of the lines, without tax
	Tax     money.Money // the sum of the taxes
	Total   money.Money // Net and Tax
	Prepaid money.Money // account credit that was applied; zero on a credit note
	Due     money.Money // Total less Prepaid; on a credit note, what is given back
}

// A Document is an invoice, a credit note or a supplementary invoice. It is a result: make
// it with [New] or [Correct] and change it by its verbs, each of which returns another one.
// It is what is stored and sent, and holds all that it says.
type Document struct {
	State State
	Kind  Kind
	// Number is its number, empty as long as it is a draft.
	Number string
	// ID is that of the billing invoice; of a correction, it follows from what is corrected.
	ID uuid.UUID
	// Invoices are the billing invoices of which a correction is the first document: those that a
	// run should have made.
	Invoices     []uuid.UUID
	Subscription string
	// At is the instant of the billing invoice, or up to which was reconciled; Zone is that
	// of the subscription, in which days are counted, and Command the number of the command.
	At      time.Time
	Zone    calendar.Zone
	Command int
	// Window is for how many civil days after the day of At a draft stays open.
	Window int
	// Date is the day on which it was issued, Due the one on which it falls due by Terms; both
	// none for a draft, and Due for a credit note.
	Date, Due Date
	Terms     Terms

	Seller, Buyer Party
	// BuyerReference is what the buyer asked to be stated, PurchaseOrder the buyer's order.
	BuyerReference, PurchaseOrder string
	Note                          string // text of several lines

	// References are the documents that it corrects or of which it gives back lines, CorrectedBy
	// the numbers of those that refer to it.
	References  []Reference
	CorrectedBy []string
	// Voided is the day on which it was withdrawn, and Reason why.
	Voided Date
	Reason string

	Lines  []Line
	Taxes  []Tax
	Totals Totals
}

// Bounds of documents.
const (
	// MaxText is the longest line of a document, in bytes.
	MaxText = 500
	// MaxNote is the longest text of several lines.
	MaxNote = 16 << 10
	// MaxWindow is the longest window, in days.
	MaxWindow = 366
)

// Currency returns the currency of all amounts; the zero one of the zero Document.
func (d Document) Currency() money.Currency { return d.Totals.Total.Currency() }

// AccountCredit returns how much of a credit note becomes account credit: what neither
// reduces a document nor is refunded. It is zero for other kinds and for drafts.
func (d Document) AccountCredit() (money.Money, error) {
	rest := money.FromMinor(0, d.Currency())
	if d.Kind != CreditNote || d.State == Draft {
		return rest, nil
	}
	rest = d.Totals.Total
	for _, r := range d.References {
		var err error
		if rest, err = less(rest, r.Reduced, r.Refunded); err != nil {
			return money.Money{}, err
		}
	}
	return rest, nil
}

// less subtracts amounts, the zero Money as nothing.
func less(m money.Money, all ...money.Money) (money.Money, error) {
	for _, o := range all {
		if !o.IsValid() {
			continue
		}
		var err error
		if m, err = m.Sub(o); err != nil {
			return money.Money{}, err
		}
	}
	return m, nil
}

// clone returns a copy that shares no list.
func (d Document) clone() Document {
	d.Invoices = slices.Clone(d.Invoices)
	d.References = slices.Clone(d.References)
	d.CorrectedBy = slices.Clone(d.CorrectedBy)
	d.Lines = slices.Clone(d.Lines)
	for i := range d.Lines {
		d.Lines[i].Allowances = slices.Clone(d.Lines[i].Allowances)
		d.Lines[i].Merged = slices.Clone(d.Lines[i].Merged)
		d.Lines[i].Taxes = slices.Clone(d.Lines[i].Taxes)
	}
	d.Taxes = slices.Clone(d.Taxes)
	for i := range d.Taxes {
		d.Taxes[i].Lines = slices.Clone(d.Taxes[i].Lines)
	}
	return d
}
