package billing_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// survives requires that an invoice says and explains the same after a round trip.
func survives(t require.TestingT, inv billing.Invoice) []byte {
	data, err := inv.MarshalJSON()
	require.NoError(t, err)
	var back billing.Invoice
	require.NoError(t, json.Unmarshal(data, &back), "%s", data)
	require.True(t, inv.Equal(back), "%s", data)
	require.Equal(t, inv.ID(), back.ID())
	for i := range inv.Lines {
		require.Equal(t, inv.LineID(i), back.LineID(i))
		alone, err := inv.Lines[i].MarshalJSON()
		require.NoError(t, err)
		var line billing.Line
		require.NoError(t, line.UnmarshalJSON(alone), "%s", alone)
		require.True(t, inv.Lines[i].Equal(line), "%s", alone)
		require.Equal(t, inv.LineID(i), line.ID(inv.Subscription, inv.Zone), "a line alone has no id of its own")
	}
	want, err := inv.Explain()
	require.NoError(t, err)
	got, err := back.Explain()
	require.NoError(t, err)
	require.Equal(t, want, got)
	again, err := back.AppendJSON([]byte("x"))
	require.NoError(t, err)
	require.Equal(t, "x"+string(data), string(again))
	require.Equal(t, inv.StoredLines(), back.StoredLines())
	return data
}

func TestAnInvoiceFromItsDocumentSaysAndExplainsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		all, checkpoint := p.bills(t, drawTaxes(t)...)
		for _, inv := range all {
			survives(t, inv)
		}
		data, err := checkpoint.MarshalJSON()
		require.NoError(t, err, "%s", p.s)
		var back billing.Checkpoint
		require.NoError(t, back.UnmarshalJSON(data), "%s", data)
		require.True(t, checkpoint.Equal(back), "%s", data)
	})
}

func TestAnswersAndPreviewsFromTheirDocumentsAreEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		_, checkpoint := p.bills(t)
		at := p.s.instant(p.s.Until)
		next, err := billing.Next(p.sub, p.usage, checkpoint, at)
		require.NoError(t, err)
		data, err := next.MarshalJSON()
		require.NoError(t, err)
		var back billing.NextInvoice
		require.NoError(t, back.UnmarshalJSON(data), "%s", data)
		require.True(t, next.Equal(back), "%s", data)
		if len(p.past) < 2 {
			return
		}
		preview, err := billing.Preview(p.past[len(p.past)-2].sub, p.sub, p.usage, billing.Checkpoint{}, drawTaxes(t)...)
		if err != nil {
			return
		}
		data, err = preview.MarshalJSON()
		require.NoError(t, err)
		var shown billing.PreviewResult
		require.NoError(t, shown.UnmarshalJSON(data), "%s", data)
		require.True(t, preview.Equal(shown), "%s", data)
		for i, inv := range preview.Invoices {
			require.Equal(t, inv.ID(), shown.Invoices[i].ID())
		}
	})
}

func TestAReconciliationFromItsDocumentSaysAndExplainsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		all, checkpoint := p.bills(t)
		billed := stored(all)
		// A service that lost some lines and changed others.
		billed = billed[:rapid.IntRange(0, len(billed)).Draw(t, "kept")]
		for i := range billed {
			if rapid.IntRange(0, 3).Draw(t, "changed") == 0 {
				more, err := billed[i].Amount.Add(billed[i].Amount)
				require.NoError(t, err)
				billed[i].Amount = more
			}
		}
		r, err := billing.Reconcile(p.sub, p.usage, billed, checkpoint, p.s.instant(p.s.Until))
		if err != nil {
			return
		}
		data, err := r.MarshalJSON()
		require.NoError(t, err)
		var back billing.Reconciliation
		require.NoError(t, back.UnmarshalJSON(data), "%s", data)
		require.True(t, r.Equal(back), "%s", data)
		want, err := r.Explain()
		require.NoError(t, err)
		got, err := back.Explain()
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, r.StoredLines(), back.StoredLines())
	})
}

const plainInvoice = `{"version":1,"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","subscription":"s","at":"2026-02-01T00:00:00Z",` +
	`"lines":[{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b94","kind":"charge","charge":"base","amount":{"amount":"5.00","currency":"EUR"}}],` +
	`"total":{"amount":"5.00","currency":"EUR"},"credit_applied":{"amount":"2.00","currency":"EUR"},"amount_due":{"amount":"3.00","currency":"EUR"}}`

// badInvoices are changes of the plain invoice that no invoice can have.
var badInvoices = []struct{ name, old, new, want string }{
	{"no version", `"version":1,`, ``, "version: missing"},
	{"another version", `"version":1`, `"version":2`, "version: must be 1"},
	{"a version as text", `"version":1`, `"version":"1"`, "version: must be a whole number"},
	{"an unknown field", `"version":1`, `"version":1,"colour":"red"`, "colour: unknown field"},
	{"a name in another case", `"at":`, `"At":`, `At: unknown field; the name is "at"`},
	{"a field twice", `"version":1`, `"version":1,"version":1`, "version: repeated"},
	{"no id", `"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93",`, ``, "id: missing"},
	{"an id that is none", `"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93"`, `"7"`, "id: must be a UUID"},
	{"no subscription", `"subscription":"s"`, `"subscription":""`, "subscription: missing"},
	{"no instant", `"at":"2026-02-01T00:00:00Z",`, ``, "at: missing"},
	{"an unknown kind", `"kind":"charge"`, `"kind":"gift"`, `lines[0].kind: billing: unknown kind of line: "gift"`},
	{"a line of nothing", `,"amount":{"amount":"5.00","currency":"EUR"}}]`, `}]`, "lines[0].amount: missing"},
	{"another currency", `"total":{"amount":"5.00","currency":"EUR"}`, `"total":{"amount":"5.00","currency":"USD"}`, "lines[0].amount: must be in the currency of the total, USD"},
	{"another total", `"total":{"amount":"5.00"`, `"total":{"amount":"6.00"`, "total: must be the sum of the lines, 5.00 EUR"},
	{"more due", `"amount_due":{"amount":"3.00"`, `"amount_due":{"amount":"4.00"`, "amount_due: must be what is left of the total after the credit that was applied"},
	{"half a share", `"charge":"base"`, `"charge":"base","num":1`, "lines[0].den: must be above zero"},
	{"a price that is none", `"charge":"base"`, `"charge":"base","price":{"model":"flat_fee","amount":"-1"}`, "lines[0].price.amount: must not be negative"},
	{"a span that ends before it begins", `"charge":"base"`, `"charge":"base","from":"2026-02-01T00:00:00Z","to":"2026-01-01T00:00:00Z"`, "lines[0].to: must not lie before from"},
	{"a derivation in another currency", `"charge":"base"`, `"charge":"base","derivation":{"net":{"amount":"1.00","currency":"USD"}}`, "lines[0].derivation.net: must be in the currency of the amount, EUR"},
}

func TestBadDocumentsOfInvoicesAreRefused(t *testing.T) {
	t.Parallel()
	var good billing.Invoice
	require.NoError(t, good.UnmarshalJSON([]byte(plainInvoice)))
	for _, row := range badInvoices {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, plainInvoice, row.old)
			kept := good
			err := kept.UnmarshalJSON([]byte(strings.Replace(plainInvoice, row.old, row.new, 1)))
			require.Error(t, err)
			require.Contains(t, strings.Split(err.Error(), "\n"), row.want)
			require.Equal(t, fault.Invalid, fault.Kind(err))
			require.True(t, kept.Equal(good), "a refused document changes nothing")
		})
	}
}

// Whatever document is accepted explains itself, or says why not, and is written again
// as an equal one.
func FuzzInvoice(f *testing.F) {
	f.Add([]byte(plainInvoice))
	f.Add([]byte(strings.Replace(plainInvoice, `"charge":"base"`, `"charge":"base","num":1,"den":3,"basis":"day","rounding":"half_up","price":{"model":"flat_fee","amount":"15"},`+
		`"derivation":{"of":"x","net":{"amount":"1.00","currency":"EUR"},"units_before":"1","units_so_far":"2","owed":{"amount":"1.00","currency":"EUR"},"den":3,"num":1,"minimum_num":1,"maximum_num":2}`, 1)))
	for _, kind := range billing.LineKinds() {
		f.Add([]byte(strings.Replace(plainInvoice, `"kind":"charge"`, `"kind":"`+string(kind)+`"`, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var inv billing.Invoice
		if inv.UnmarshalJSON(data) != nil {
			return
		}
		_, _ = inv.Explain()
		again, err := inv.MarshalJSON()
		require.NoError(t, err)
		var back billing.Invoice
		require.NoError(t, back.UnmarshalJSON(again))
		require.True(t, inv.Equal(back))
	})
}

func TestTheDocumentOfAnInvoiceIsReadable(t *testing.T) {
	t.Parallel()
	sub := must(office(plan.Policy{}).ChangeQuantity(operator(date("2026-01-11")), subscription.Immediately(), "", num("9")))
	all, _, err := billing.Invoices(sub, billing.Usage{calls("2026-01-20", 250)}, billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	var text bytes.Buffer
	for _, inv := range all {
		require.NoError(t, json.Indent(&text, survives(t, inv), "", "  "))
		text.WriteByte('\n')
	}
	golden.Equal(t, "testdata/documents/invoices.json", text.Bytes())
}
