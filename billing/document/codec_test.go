package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/internal/schema"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func badTerms() []schema.Bad {
	return []schema.Bad{
		{`{"net":-1}`, "net: "},
		{`{"month_end":"last"}`, "month_end: "},
		{`{"days":30}`, "days: unknown field"},
		{`{"net":"30"}`, "net: "},
	}
}

func badNumberings() []schema.Bad {
	return []schema.Bad{
		{`{"digits":-1}`, "digits: "},
		{`{"dated":"day"}`, "dated: "},
		{`{"restart":"yearly"}`, "restart: "},
		{`{"prefix":1}`, "prefix: "},
		{`{"next":7}`, "next: unknown field"},
	}
}

// samples are a draft, an invoice, one that was corrected, the credit note of it, and one
// that is void.
func samples(t require.TestingT) [][]byte {
	sub := sold(t, plan.Policy{})
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(3, 1), taxed(vat))
	require.NoError(t, err)
	draft, err := document.New(made[0], details())
	require.NoError(t, err)
	r, issued := fewerSeats(t)
	drafts, err := document.Correct(r, details(), issued...)
	require.NoError(t, err)
	note, err := drafts[0].Issue(document.Issuance{Number: "R-002", At: day(3, 10), Items: items(drafts[0], issued, money.Money{})})
	require.NoError(t, err)
	corrected, err := issued[0].MarkCorrected(note)
	require.NoError(t, err)
	void, err := document.OpenItem{Document: issued[0]}.Void(day(3, 5), "wrong buyer")
	require.NoError(t, err)
	var all [][]byte
	for _, d := range []document.Document{draft, issued[0], corrected, note, void} {
		data, err := d.MarshalJSON()
		require.NoError(t, err)
		all = append(all, data)
	}
	return all
}

// changed are documents of which one member is not as it must be.
func changed(t require.TestingT, data []byte) []schema.Bad {
	var all []schema.Bad
	for _, row := range [][3]string{
		{"version", `2`, "version: "},
		{"state", `"paid"`, "state: "},
		{"kind", `"receipt"`, "kind: "},
		{"number", `null`, "number: "},
		{"id", `"1"`, "id: "},
		{"date", `"2026-02-30"`, "date: "},
		{"due", `"2026-1-1"`, "due: "},
		{"buyer", `{"country":"DE"}`, "buyer.name: missing"},
		{"seller", `{"name":"Perennial","country":"Germany"}`, "seller.country: must be two letters of ISO 3166-1"},
		{"lines", `[{}]`, "lines[0].id: missing"},
		{"taxes", `[{"id":"vat","percent":"19"}]`, "taxes[0].base: missing"},
		{"totals", `{}`, "totals.net: missing"},
		{"paid", `true`, "paid: unknown field"},
	} {
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(data, &members))
		members[row[0]] = json.RawMessage(row[1])
		out, err := json.Marshal(members)
		require.NoError(t, err)
		all = append(all, schema.Bad{string(out), row[2]})
	}
	return all
}

func TestJSONThatIsNotValidIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	schema.Refused(t, func() json.Unmarshaler { return new(document.Terms) }, badTerms())
	schema.Refused(t, func() json.Unmarshaler { return new(document.Numbering) }, badNumberings())
	for _, row := range changed(t, samples(t)[1]) {
		var d document.Document
		require.ErrorContains(t, d.UnmarshalJSON([]byte(row.Document())), row.Want(), row.Document())
		require.True(t, d.Equal(document.Document{}))
	}
	var d document.Document
	total := strings.Replace(string(samples(t)[1]), `"132.09"`, `"132.10"`, 1)
	require.ErrorContains(t, d.UnmarshalJSON([]byte(total)), "totals", total)
}

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	good, bad := schema.Samples{"document": samples(t)}, schema.Samples{}
	for _, v := range []document.Terms{{}, {Net: 30}, {Net: 45, MonthEnd: document.MonthEndThenNet}, {Day: 15, Months: 1, CutOff: 20}} {
		good.Keep(t, "document_terms", v)
	}
	for _, v := range []document.Numbering{series, {Prefix: "RE-", Dated: document.DatedByMonth, Digits: 5, Restart: document.YearlyRestart}} {
		good.Keep(t, "document_numbering", v)
	}
	for name, rows := range map[string][]schema.Bad{"document": changed(t, good["document"][1]), "document_terms": badTerms(), "document_numbering": badNumberings()} {
		bad.Refuse(name, rows)
	}
	schema.CheckRoom(
		t, document.Shapes(), good, bad,
		schema.Document{Name: "document", Title: "An invoice, a credit note or a supplementary invoice"},
		schema.Document{Name: "document_terms", Title: "When an invoice falls due"},
		schema.Document{Name: "document_numbering", Title: "The numbers of a series of documents"},
	)
}

func FuzzDocument(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data)
	}
	for _, row := range changed(f, samples(f)[1]) {
		f.Add([]byte(row.Document()))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, ok := schema.ReadBack[document.Document](t, data)
		if !ok {
			return
		}
		_, _ = d.Explain()
		_ = d.EN16931()
		item := document.OpenItem{Document: d, Notes: []document.Document{d}}
		_, _ = item.Left()
		for _, l := range d.Lines {
			_, _ = item.LeftOf(l.ID)
		}
	})
}

func FuzzTerms(f *testing.F) {
	for _, row := range badTerms() {
		f.Add([]byte(row.Document()))
	}
	f.Add([]byte(`{"net":45,"month_end":"first"}`))
	f.Add([]byte(`{"day":15,"months":1,"cut_off":20}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v, back document.Terms
		if v.UnmarshalJSON(data) != nil {
			require.Zero(t, v)
			return
		}
		if due, err := v.Due(document.Date{Year: 2026, Month: 1, Day: 31}, nil); err == nil {
			require.GreaterOrEqual(t, due.Compare(document.Date{Year: 2026, Month: 1, Day: 31}), 0)
		}
		out, err := v.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalJSON(out), "%s", out)
		require.Equal(t, v, back)
	})
}

func FuzzNumbering(f *testing.F) {
	for _, row := range badNumberings() {
		f.Add([]byte(row.Document()), "R-001")
	}
	f.Add([]byte(`{"prefix":"RE-","dated":"month","digits":5,"restart":"yearly"}`), "RE-2026-01-00009")
	f.Fuzz(func(t *testing.T, data []byte, last string) {
		var v, back document.Numbering
		if v.UnmarshalJSON(data) != nil {
			require.Zero(t, v)
			return
		}
		on := document.Date{Year: 2026, Month: 3, Day: 1}
		if next, err := v.Next(last, on); err == nil && last != "" {
			require.NoError(t, v.CheckNumbers([]string{last, next}))
		}
		out, err := v.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalJSON(out), "%s", out)
		require.Equal(t, v, back)
	})
}
