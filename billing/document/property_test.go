package document_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A ledger is what a service keeps of one subscription: what was billed, and the documents of it.
type ledger struct {
	t          *rapid.T
	sub        subscription.Subscription
	option     billing.Option
	details    document.Details
	usage      billing.Usage
	checkpoint billing.Checkpoint
	lines      []billing.StoredLine
	issued     []document.Document
	now        time.Time
	total      money.Money // of all that was billed
	changed    map[document.Date]bool
}

// String explains every document.
func (l *ledger) String() string {
	var b strings.Builder
	for _, d := range l.issued {
		text, err := d.Explain()
		require.NoError(l.t, err)
		b.WriteString(text)
	}
	return b.String()
}

// again decodes what a value was encoded to.
func again[T any](t *rapid.T, v T) T {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	var back T
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

// stored are the issued documents as a database returns them.
func (l *ledger) stored() []document.Document {
	all := make([]document.Document, len(l.issued))
	for i, d := range l.issued {
		all[i] = again(l.t, d)
	}
	return all
}

// issue issues a draft after those before it, and holds what was said of each.
func (l *ledger) issue(d document.Document) {
	t := l.t
	var all []document.OpenItem
	for _, o := range l.issued {
		all = append(all, document.OpenItem{Document: o, Notes: l.issued})
	}
	last := ""
	if n := len(l.issued); n > 0 {
		last = l.issued[n-1].Number
	}
	number, err := series.Next(last, document.DateOf(l.now, d.Zone))
	require.NoError(t, err)
	given := document.Issuance{Number: number, At: l.now, Numbering: &series, Items: all, Settle: rapid.SampledFrom([]document.Settlement{"", document.ReduceOpen, document.ToAccount}).Draw(t, "settle")}
	out, err := d.Issue(given)
	require.NoError(t, err, "%s\n%s", l, d.Lines)
	for i := range given.Items {
		given.Items[i].Document = again(t, given.Items[i].Document)
		given.Items[i].Notes = l.stored()
	}
	stored, err := again(t, d).Issue(given)
	require.NoError(t, err)
	require.True(t, out.Equal(stored), "through JSON")
	l.issued = append(l.issued, out)
	l.total, err = l.total.Add(signedTotal(t, out))
	require.NoError(t, err)
	l.left()
}

func signedTotal(t *rapid.T, d document.Document) money.Money {
	total := d.Totals.Total
	if d.Kind == document.CreditNote {
		var err error
		total, err = total.Neg()
		require.NoError(t, err)
	}
	return total
}

// left holds every document to what is left of it: nothing is below zero, and all together
// are what was billed.
func (l *ledger) left() {
	t := l.t
	sum := money.FromMinor(0, money.EUR)
	for _, d := range l.issued {
		item := document.OpenItem{Document: d, Notes: l.issued}
		left, err := item.Left()
		require.NoError(t, err)
		require.False(t, left.IsNegative(), "%s: %s is left\n%s", d.Number, left, l)
		sum, err = sum.Add(left)
		require.NoError(t, err)
		open, err := item.Open()
		require.NoError(t, err)
		require.False(t, open.IsNegative(), "%s: %s is open", d.Number, open)
		for _, line := range d.Lines {
			left, err := item.LeftOf(line.ID)
			require.NoError(t, err)
			if charges := (d.Kind == document.CreditNote) == line.Amount.IsNegative() && line.Of == uuid.Nil; charges {
				require.False(t, left.IsNegative(), "%s: %s: %s is left\n%s", d.Number, line.Name, left, l)
			}
		}
	}
	require.Equal(t, l.total, sum)
}

// bill runs billing up to an instant.
func (l *ledger) bill(to time.Time) {
	t := l.t
	made, next, err := billing.Invoices(l.sub, l.usage, l.checkpoint, to, l.option)
	require.NoError(t, err)
	for _, inv := range made {
		d, err := document.New(inv, l.details, l.issued...)
		require.NoError(t, err)
		stored, err := document.New(again(t, inv), l.details, l.stored()...)
		require.NoError(t, err)
		require.True(t, d.Equal(stored), "through JSON")
		l.now = inv.At
		l.issue(d)
		l.lines = append(l.lines, inv.StoredLines()...)
	}
	l.checkpoint, l.now = next, to
}

// reconcile corrects what was billed, and leaves nothing to correct.
func (l *ledger) reconcile() {
	t := l.t
	r, err := billing.Reconcile(l.sub, l.usage, l.lines, l.checkpoint, l.now, l.option)
	require.NoError(t, err)
	drafts, err := document.Correct(r, l.details, l.issued...)
	require.NoError(t, err)
	stored, err := document.Correct(r, l.details, l.stored()...)
	require.NoError(t, err)
	require.True(t, slices.EqualFunc(drafts, stored, document.Document.Equal), "through JSON")
	before := l.total
	for _, d := range drafts {
		l.issue(d)
	}
	corrected, err := l.total.Sub(before)
	require.NoError(t, err)
	require.Equal(t, r.Total, corrected)
	l.lines, l.checkpoint = append(l.lines, r.StoredLines()...), r.Checkpoint
	r, err = billing.Reconcile(l.sub, l.usage, l.lines, l.checkpoint, l.now, l.option)
	require.NoError(t, err)
	require.True(t, r.IsEmpty())
}

func (l *ledger) change(at time.Time, late bool) {
	c := call(at)
	c.Correction = late
	next, err := l.sub.ChangeQuantity(c, subscription.Immediately(), "seats", decimal.NewFromInt(int64(rapid.IntRange(1, 9).Draw(l.t, "seats"))))
	require.NoError(l.t, err)
	l.sub = next
}

// before draws an instant since the start, a whole hour later.
func (l *ledger) before(name string) time.Time {
	hours := int(l.now.Sub(day(3, 1)).Hours())
	return day(3, 1).Add(time.Duration(rapid.IntRange(0, hours).Draw(l.t, name)) * time.Hour)
}

// free reports whether nothing was changed on a day yet. Of several changes of one day the lines
// have no length or the whole period, and a correction of them may be refused; see doc.go.
func (l *ledger) free(at time.Time) bool {
	on := document.DateOf(at, l.sub.Zone())
	if l.changed[on] {
		return false
	}
	l.changed[on] = true
	return true
}

// step is something that happens to a subscription.
func (l *ledger) step() {
	t := l.t
	switch rapid.SampledFrom([]string{"bill", "bill", "change", "change", "late usage", "other usage", "late change", "discount"}).Draw(t, "step") {
	case "bill":
		l.bill(l.now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days")))
	case "change":
		if at := l.now.Add(time.Minute); l.free(at) {
			l.change(at, false)
			l.bill(at)
		}
	case "late usage":
		l.usage = append(l.usage, l.record())
		l.reconcile()
	case "other usage":
		if len(l.usage) > 0 {
			l.usage[rapid.IntRange(0, len(l.usage)-1).Draw(t, "which")] = l.record()
			l.reconcile()
		}
	case "late change":
		if at := l.before("when"); l.free(at) {
			l.change(at, true)
			l.reconcile()
		}
	case "discount":
		percent := decimal.NewFromInt(int64(rapid.IntRange(1, 100).Draw(t, "off")))
		c := call(l.before("from"))
		c.Correction = true
		next, err := l.sub.AddDiscount(c, plan.Discount{ID: "off", Percent: &percent, Duration: plan.Forever, Charges: []string{"seats"}})
		if err != nil {
			return // there is one already
		}
		l.sub = next
		l.reconcile()
	}
}

func (l *ledger) record() billing.Record {
	return billing.Record{Metric: "calls", At: l.before("used"), Quantity: decimal.NewFromInt(int64(rapid.IntRange(0, 90_000).Draw(l.t, "calls")))}
}

// TestWhateverIsCorrectedNoDocumentGivesBackMoreThanIsLeft bills, changes and corrects a
// subscription in any order, as often as the story says, and issues a document of everything.
func TestWhateverIsCorrectedNoDocumentGivesBackMoreThanIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate, policy := rates(t)
		policy.CancelCredit, policy.ChangeCredit = plan.CreditProrate, plan.CreditProrate
		policy.ZeroInvoices = plan.EmitZeroInvoices // a change whose credit is its charge needs a document too
		with := details()
		with.Tax = func(billing.Line) []document.Treatment { return []document.Treatment{{Rate: rate}} }
		l := &ledger{t: t, sub: sold(t, policy), option: taxed(rate), details: with, now: day(3, 1), total: money.FromMinor(0, money.EUR), changed: map[document.Date]bool{{Year: 2026, Month: 3, Day: 1}: true}}
		l.bill(day(3, 1))
		l.bill(day(3, 5))
		for range rapid.IntRange(2, 9).Draw(t, "steps") {
			l.step()
		}
		if rapid.Bool().Draw(t, "cancelled") {
			at := l.now.Add(time.Minute)
			next, err := l.sub.Cancel(call(at), subscription.Immediately())
			require.NoError(t, err)
			l.sub = next
			l.bill(at)
			if len(l.usage) > 0 {
				l.usage[0] = l.record()
				l.reconcile()
			}
		}
		var numbers []string
		for _, d := range l.issued {
			numbers = append(numbers, d.Number)
			require.NoError(t, d.EN16931(), l)
		}
		require.NoError(t, series.CheckNumbers(numbers))
	})
}
