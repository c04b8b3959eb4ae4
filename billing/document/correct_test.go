package document_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// stored is what a service has stored of what was billed.
func stored(t require.TestingT, sub subscription.Subscription, usage billing.Usage, to time.Time, options ...billing.Option) []billing.StoredLine {
	made, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, to, options...)
	require.NoError(t, err)
	var all []billing.StoredLine
	for _, inv := range made {
		all = append(all, inv.StoredLines()...)
	}
	return all
}

// fewerSeats bills 5 seats by mistake, and finds that there are 4.
func fewerSeats(t require.TestingT) (billing.Reconciliation, []document.Document) {
	sub := sold(t, plan.Policy{})
	issued, checkpoint := run(t, sub, nil, billing.Checkpoint{}, day(3, 1), nil, taxed(vat))
	lines := stored(t, sub, nil, day(3, 1), taxed(vat))
	lines[1].Amount = money.MustParse("62.00 EUR") // 5 seats were billed by mistake
	lines[3].Amount = money.MustParse("11.78 EUR")
	issued[0] = withSeats(t, issued[0])
	r, err := billing.Reconcile(sub, nil, lines, checkpoint, day(3, 10), taxed(vat))
	require.NoError(t, err)
	return r, issued
}

// withSeats is the document of the invoice with five seats.
func withSeats(t require.TestingT, d document.Document) document.Document {
	d.Lines = slices.Clone(d.Lines)
	d.Lines[1].Quantity, d.Lines[1].Amount, d.Lines[1].Net = decimal.NewFromInt(5), money.MustParse("62.00 EUR"), money.MustParse("62.00 EUR")
	d.Taxes = slices.Clone(d.Taxes)
	d.Taxes[0].Base, d.Taxes[0].Amount = money.MustParse("111.00 EUR"), money.MustParse("21.09 EUR")
	d.Totals = document.Totals{
		Net: d.Taxes[0].Base, Tax: d.Taxes[0].Amount, Total: money.MustParse("132.09 EUR"),
		Prepaid: d.Totals.Prepaid, Due: money.MustParse("132.09 EUR"),
	}
	require.NoError(t, d.Validate())
	return d
}

func TestACorrectionBelowZeroIsACreditNoteOfItsLine(t *testing.T) {
	t.Parallel()
	r, issued := fewerSeats(t)
	require.Equal(t, "-14.76 EUR", r.Total.String())
	drafts, err := document.Correct(r, details(), issued...)
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	note := drafts[0]
	require.Equal(t, document.CreditNote, note.Kind)
	require.Equal(t, "R-001", note.References[0].Number)
	require.Equal(t, issued[0].Lines[1].ID, note.Lines[0].Of)
	require.Equal(t, "12.40 EUR 2.36 EUR 14.76 EUR", note.Totals.Net.String()+" "+note.Totals.Tax.String()+" "+note.Totals.Due.String())

	paid := money.MustParse("132.09 EUR")
	for _, row := range []struct {
		name, paid string
		settle     document.Settlement
		reduced    string
		refunded   string
		credit     string
		balance    string
	}{
		{"unpaid", "0.00 EUR", "", "14.76 EUR", "0.00 EUR", "0.00 EUR", ""},
		{"paid", "132.09 EUR", "", "0.00 EUR", "0.00 EUR", "14.76 EUR", "14.76 EUR"},
		{"paid but for 10.00, reducing", "122.09 EUR", document.ReduceOpen, "10.00 EUR", "0.00 EUR", "4.76 EUR", "4.76 EUR"},
		{"paid and refunded", "132.09 EUR", document.Refund, "0.00 EUR", "14.76 EUR", "0.00 EUR", ""},
	} {
		out, err := note.Issue(document.Issuance{Number: "R-002", At: day(3, 10), Items: items(note, issued, money.MustParse(row.paid)), Settle: row.settle})
		require.NoError(t, err, row.name)
		require.NoError(t, out.EN16931())
		require.Equal(t, row.reduced, out.References[0].Reduced.String(), row.name)
		require.Equal(t, row.refunded, out.References[0].Refunded.String(), row.name)
		credit, err := out.AccountCredit()
		require.NoError(t, err)
		require.Equal(t, row.credit, credit.String(), row.name)
		checkpoint, err := document.Settle(r.Checkpoint, r.Total, r.Refund, out)
		require.NoError(t, err)
		require.Equal(t, row.balance, checkpoint.CreditBalance.String(), row.name)
		require.NoError(t, checkpoint.Validate())
	}

	// Two notes drafted at once are not both issued.
	first, err := note.Issue(document.Issuance{Number: "R-002", At: day(3, 10), Items: items(note, issued, paid)})
	require.NoError(t, err)
	for range 4 { // four more seats given back leave nothing of the line
		issued = append(issued, first)
		first.Number += "x"
	}
	_, err = note.Issue(document.Issuance{Number: "R-009", At: day(3, 10), Items: items(note, issued, paid)})
	require.NoError(t, err)
	issued = append(issued, first)
	_, err = note.Issue(document.Issuance{Number: "R-009", At: day(3, 10), Items: items(note, issued, paid)})
	require.ErrorIs(t, err, document.ErrExceeds)
	require.ErrorContains(t, err, "12.40 EUR given back, and 0.00 EUR is left")
	require.Equal(t, fault.Refused, fault.Kind(err))

	_, err = note.Issue(document.Issuance{Number: "R-002", At: day(3, 10), Items: items(note, issued[:1], money.MustParse("10.00 EUR")), Settle: document.Refund})
	require.ErrorIs(t, err, document.ErrExceeds)
	_, err = note.Issue(document.Issuance{Number: "R-002", At: day(3, 10)})
	require.EqualError(t, err, `document: issue: references[0]: the item "R-001" is missing`)
	_, err = note.Issue(document.Issuance{Number: "R-002", At: day(2, 10), Items: items(note, issued[:1], paid)})
	require.ErrorContains(t, err, "lies before the date of")

	corrected, err := issued[0].MarkCorrected(first)
	require.NoError(t, err)
	require.Equal(t, document.Corrected, corrected.State)
	_, err = document.OpenItem{Document: corrected}.Void(day(3, 11), "wrong buyer")
	require.ErrorIs(t, err, document.ErrState)
}

func TestACorrectionAboveZeroIsASupplementaryInvoiceAndNewLinesAreAnInvoice(t *testing.T) {
	t.Parallel()
	sub := sold(t, plan.Policy{})
	early := billing.Usage{{Metric: "calls", At: day(3, 9), Quantity: decimal.NewFromInt(1000)}}
	issued, checkpoint := run(t, sub, early, billing.Checkpoint{}, day(4, 1), nil, taxed(vat))
	lines := stored(t, sub, early, day(4, 1), taxed(vat))
	late := append(slices.Clone(early), billing.Record{Metric: "calls", At: day(3, 20), Quantity: decimal.NewFromInt(8000)})
	r, err := billing.Reconcile(sub, late, lines, checkpoint, day(4, 2), taxed(vat))
	require.NoError(t, err)
	drafts, err := document.Correct(r, details(), issued...)
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	require.Equal(t, document.SupplementaryInvoice, drafts[0].Kind)
	require.Equal(t, "R-002", drafts[0].Lines[0].Number)
	require.Equal(t, "10.00 EUR 1.90 EUR", drafts[0].Totals.Net.String()+" "+drafts[0].Totals.Tax.String())
	more := issue(t, drafts[0], day(4, 2), issued)
	require.NoError(t, more.EN16931())
	left, err := document.OpenItem{Document: issued[1], Notes: []document.Document{more, more}}.Left()
	require.NoError(t, err)
	want, err := issued[1].Totals.Total.Add(more.Totals.Total)
	require.NoError(t, err)
	require.Equal(t, want, left, "a note counts once")

	// Lines that no document has are an invoice of their own; a document that is missing is said.
	r, err = billing.Reconcile(sub, early, lines[:4], checkpoint, day(4, 2), taxed(vat))
	require.NoError(t, err)
	drafts, err = document.Correct(r, details(), issued[:1]...)
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	require.Equal(t, document.Invoice, drafts[0].Kind)
	require.Equal(t, issued[1].Totals.Total, drafts[0].Totals.Total)
	data, err := json.Marshal(r)
	require.NoError(t, err)
	var read billing.Reconciliation
	require.NoError(t, json.Unmarshal(data, &read))
	_, err = document.Correct(read, details(), issued[:1]...)
	require.ErrorContains(t, err, "lines[0]: its invoice is not known")
	r, err = billing.Reconcile(sub, late, lines, checkpoint, day(4, 2), taxed(vat))
	require.NoError(t, err)
	_, err = document.Correct(r, details(), issued[:1]...)
	require.ErrorContains(t, err, "corrections[0].of: no document that was given has the line")
}

func TestADraftIsMadeAgainWithinItsWindowOnly(t *testing.T) {
	t.Parallel()
	sub := sold(t, plan.Policy{})
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(3, 1))
	require.NoError(t, err)
	with := details()
	with.Window = 3
	d, err := document.New(made[0], with)
	require.NoError(t, err)
	_, err = d.Issue(document.Issuance{Number: "R-001", At: day(3, 3)})
	require.ErrorIs(t, err, document.ErrWindow)
	again, err := d.Redraft(made[0], with)
	require.NoError(t, err)
	require.True(t, d.Equal(again))
	issued, err := again.Issue(document.Issuance{Number: "R-001", At: day(3, 4), Numbering: &series})
	require.NoError(t, err)
	_, err = issued.Redraft(made[0], with)
	require.ErrorIs(t, err, document.ErrState)
	_, err = issued.Issue(document.Issuance{Number: "R-002", At: day(3, 4)})
	require.ErrorIs(t, err, document.ErrState)
	_, err = d.Issue(document.Issuance{Number: "1", At: day(3, 4), Numbering: &series, Settle: "cash"})
	require.ErrorContains(t, err, `settle: unknown word "cash"`)

	void, err := document.OpenItem{Document: issued}.Void(day(3, 5), "wrong buyer")
	require.NoError(t, err)
	require.Equal(t, "R-001", void.Number)
	for _, item := range []document.OpenItem{{Document: void}, {Document: d}, {Document: issued, Paid: money.MustParse("1.00 EUR")}} {
		_, err = item.Void(day(3, 5), "wrong buyer")
		require.ErrorIs(t, err, document.ErrState)
	}
	_, err = document.OpenItem{Document: issued}.Void(day(3, 5), "")
	require.EqualError(t, err, "document: reason: missing")
}

func TestATaxAloneIsCorrectedByALineOfNothing(t *testing.T) {
	t.Parallel()
	sub := sold(t, plan.Policy{})
	issued, checkpoint := run(t, sub, nil, billing.Checkpoint{}, day(3, 1), nil, taxed(vat))
	lines := stored(t, sub, nil, day(3, 1), taxed(vat))
	less := vat
	less.Percent = decimal.NewFromInt(18)
	r, err := billing.Reconcile(sub, nil, lines, checkpoint, day(3, 10), taxed(less))
	require.NoError(t, err)
	drafts, err := document.Correct(r, details(), issued...)
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	note := issue(t, drafts[0], day(3, 10), issued)
	require.Equal(t, "0.00 EUR 0.98 EUR", note.Totals.Net.String()+" "+note.Totals.Tax.String())
	require.Equal(t, "-0.98 EUR", r.Total.String())
	left, err := document.OpenItem{Document: issued[0], Notes: []document.Document{note}}.Left()
	require.NoError(t, err)
	require.Equal(t, "116.35 EUR", left.String()) // 98.60 and 18 %, 17.75, rounded by line

	// The rate is changed again: the tax is corrected where it stands.
	lines, issued = append(lines, r.StoredLines()...), append(issued, note)
	r, err = billing.Reconcile(sub, nil, lines, r.Checkpoint, day(3, 11), taxed(vat))
	require.NoError(t, err)
	drafts, err = document.Correct(r, details(), issued...)
	require.NoError(t, err)
	require.Len(t, drafts, 1)
	require.Equal(t, "supplementary_invoice R-001 0.98 EUR", string(drafts[0].Kind)+" "+drafts[0].References[0].Number+" "+drafts[0].Totals.Total.String())
}

// rates are those that stories draw.
func rates(t *rapid.T) (billing.TaxRate, plan.Policy) {
	rate := billing.TaxRate{ID: "vat", Percent: decimal.New(int64(rapid.IntRange(1, 300).Draw(t, "percent")), -1), Inclusive: rapid.Bool().Draw(t, "inclusive")}
	return rate, plan.Policy{TaxRounding: rapid.SampledFrom([]plan.TaxRounding{plan.TaxPerLine, plan.TaxPerInvoice}).Draw(t, "tax rounding")}
}

// TestStoriesBecomeDocumentsThatAddUp sells, uses, changes, corrects and cancels, and issues a
// document of everything: their numbers have no gap, they come to what was billed, and no
// document gives back more than there is.
func TestStoriesBecomeDocumentsThatAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate, policy := rates(t)
		policy.CancelCredit = plan.CreditProrate
		sub, option := sold(t, policy), taxed(rate)
		var err error
		if rapid.Bool().Draw(t, "discounted") {
			percent := decimal.NewFromInt(int64(rapid.IntRange(1, 100).Draw(t, "off")))
			sub, err = sub.AddDiscount(call(day(3, 1)), plan.Discount{ID: "off", Percent: &percent, Duration: plan.Forever})
			require.NoError(t, err)
		}
		record := func(name string, m time.Month) billing.Record {
			return billing.Record{Metric: "calls", At: day(m, rapid.IntRange(1, 30).Draw(t, name)), Quantity: decimal.NewFromInt(int64(rapid.IntRange(0, 90_000).Draw(t, name+" quantity")))}
		}
		second := record("second", 4)
		second.At = day(4, 2)
		usage := billing.Usage{record("first", 3), second}
		made := map[uuid.UUID]bool{} // of an invoice, not of a correction
		var issued []document.Document
		var checkpoint billing.Checkpoint
		var lines []billing.StoredLine
		total := money.FromMinor(0, money.EUR)
		bill := func(to time.Time) {
			invoices, next, err := billing.Invoices(sub, usage, checkpoint, to, option)
			require.NoError(t, err)
			for _, inv := range invoices {
				d, err := document.New(inv, details(), issued...)
				require.NoError(t, err)
				made[d.ID] = true
				issued, lines = append(issued, issue(t, d, inv.At, issued)), append(lines, inv.StoredLines()...)
				total, err = total.Add(inv.Total)
				require.NoError(t, err)
			}
			checkpoint = next
		}
		bill(day(3, 1))
		if rapid.Bool().Draw(t, "changed") {
			sub, err = sub.ChangeQuantity(call(day(3, rapid.IntRange(2, 31).Draw(t, "change"))), subscription.Immediately(), "seats", decimal.NewFromInt(int64(rapid.IntRange(1, 9).Draw(t, "seats"))))
			require.NoError(t, err)
		}
		bill(day(4, 1))
		if rapid.Bool().Draw(t, "late") {
			usage = append(usage, record("late", 3))
		}
		if rapid.Bool().Draw(t, "other") {
			usage[0] = record("instead", 3)
		}
		if rapid.Bool().Draw(t, "back-dated") {
			back := call(day(3, rapid.IntRange(2, 31).Draw(t, "back-dated change")))
			back.Correction = true
			sub, err = sub.ChangeQuantity(back, subscription.Immediately(), "seats", decimal.NewFromInt(int64(rapid.IntRange(1, 9).Draw(t, "other seats"))))
			require.NoError(t, err)
		}
		with := details()
		with.Tax = func(billing.Line) []document.Treatment { return []document.Treatment{{Rate: rate}} }
		correct := func(at time.Time) {
			r, err := billing.Reconcile(sub, usage, lines, checkpoint, at, option)
			require.NoError(t, err)
			drafts, err := document.Correct(r, with, issued...)
			require.NoError(t, err)
			for _, d := range drafts {
				issued = append(issued, issue(t, d, at, issued))
			}
			total, err = total.Add(r.Total)
			require.NoError(t, err)
			lines, checkpoint = append(lines, r.StoredLines()...), r.Checkpoint
		}
		correct(day(4, 2))
		if rapid.Bool().Draw(t, "again") {
			usage[0] = record("once more", 3)
			back := call(day(3, rapid.IntRange(2, 31).Draw(t, "second back-dated change")))
			back.Correction = true
			sub, err = sub.ChangeQuantity(back, subscription.Immediately(), "seats", decimal.NewFromInt(int64(rapid.IntRange(1, 9).Draw(t, "third seats"))))
			require.NoError(t, err)
			correct(day(4, 2))
		}
		if rapid.Bool().Draw(t, "cancelled") {
			sub, err = sub.Cancel(call(day(4, rapid.IntRange(3, 30).Draw(t, "end"))), subscription.Immediately())
			require.NoError(t, err)
		}
		bill(day(5, 1))

		var numbers []string
		sum, rest := money.FromMinor(0, money.EUR), money.FromMinor(0, money.EUR)
		for _, d := range issued {
			numbers = append(numbers, d.Number)
			amount := d.Totals.Total
			if d.Kind == document.CreditNote {
				amount, err = amount.Neg()
				require.NoError(t, err)
			}
			sum, err = sum.Add(amount)
			require.NoError(t, err)
			require.NoError(t, d.Validate())
			require.NoError(t, d.EN16931())
			left, err := document.OpenItem{Document: d, Notes: issued}.Left()
			require.NoError(t, err)
			require.False(t, left.IsNegative(), "%s %s", d.Number, left)
			rest, err = rest.Add(left)
			require.NoError(t, err)
			if made[d.ID] && d.Kind == document.Invoice && !rate.Inclusive && policy.TaxRounding == plan.TaxPerInvoice && !givesBack(d) {
				for _, tax := range d.Taxes { // BR-CO-17 to the cent
					want, err := money.FromDecimal(tax.Base.Decimal().Mul(tax.Percent).Shift(-2), money.EUR, money.HalfUp)
					require.NoError(t, err)
					require.Equal(t, want, tax.Amount)
				}
			}
			for _, l := range d.Lines {
				left, err := document.OpenItem{Document: d, Notes: issued}.LeftOf(l.ID)
				require.NoError(t, err)
				charges := d.Kind == document.Invoice && l.Amount.Sign() > 0
				require.False(t, charges && left.IsNegative(), "%s %s %s", d.Number, l.Name, left)
			}
			data, err := json.Marshal(d)
			require.NoError(t, err)
			var again document.Document
			require.NoError(t, json.Unmarshal(data, &again))
			require.True(t, d.Equal(again))
			_, err = d.Explain()
			require.NoError(t, err)
		}
		require.Equal(t, total, sum)
		require.Equal(t, total, rest, "what is left of all is what was billed")
		require.NoError(t, series.CheckNumbers(numbers))
	})
}

func givesBack(d document.Document) bool {
	return slices.ContainsFunc(d.Lines, func(l document.Line) bool { return l.Kind == billing.CreditLine })
}
