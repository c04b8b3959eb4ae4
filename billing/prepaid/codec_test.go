package prepaid_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/internal/schema"
	"github.com/perennial-billing/perennial/plan"
)

func badGrants() []schema.Bad {
	return []schema.Bad{
		{`{}`, "id: missing\namount: missing\nfrom: missing"},
		{`{"id":"a","amount":{"amount":"0.00","currency":"USD"},"from":"2026-01-01T00:00:00Z"}`, "amount: must be above zero"},
		{`{"id":"a","amount":{"amount":"1.00","currency":"USD"},"cost":{"amount":"1.00","currency":"EUR"},"from":"2026-01-01T00:00:00Z","until":"2026-01-01T00:00:00Z"}`, "cost: must be in the currency of the amount, USD\nuntil: must lie after from"},
		{`{"id":"a","class":"promotional","amount":{"amount":"1.00","currency":"USD"},"cost":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z"}`, "cost: must be left out of a promotional grant"},
		{`{"id":"a","class":"free","late":"never","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z"}`, "class: must be one of [\"paid\" \"promotional\"]\nlate: must be one of [\"draw\" \"lapse\"]"},
		{`{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z","scope":{"charges":["x","x","y "]}}`, "scope.charges[1]: is there twice\nscope.charges[2]: must not begin or end with a space"},
		{`{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z","rollover":{"share":"1.1"}}`, "rollover.share: must be from 0 to 1\nrollover: must be left out of a grant that never expires"},
		{`{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z","source":{"command":2}}`, "source: must have both subscription and command, or neither"},
		{`{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z","prio":1}`, "prio: unknown field"},
	}
}

func badCheckpoints() []schema.Bad {
	const a = `{"grant":{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z"},"left":{"amount":"1.00","currency":"USD"}}`
	return []schema.Bad{
		{`{"revision":-1}`, "revision: must not be negative"},
		{`{"grants":[` + a + `,` + a + `]}`, "grants[1].grant.id: must be in ascending order, each once"},
		{`{"grants":[{"grant":{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z"},"left":{"amount":"2.00","currency":"USD"}}]}`, "grants[0].left: must be what the draws left, 1.00 USD"},
		{`{"grants":[{"grant":{"id":"a","amount":{"amount":"1.00","currency":"USD"},"from":"2026-01-01T00:00:00Z"},"gone":{"amount":"2.00","currency":"USD"},"left":{"amount":"-1.00","currency":"USD"}}]}`, "grants[0].left: must not be negative"},
		{`{"billed":[{"subscription":"s","through":"2026-01-01T00:00:00Z","invoices":[]}]}`, "billed[0].invoices: missing"},
	}
}

func TestInvalidDocumentsAreRefusedWithEveryFault(t *testing.T) {
	t.Parallel()
	schema.RefusedWith(t, func() json.Unmarshaler { return new(prepaid.Grant) }, badGrants())
	schema.RefusedWith(t, func() json.Unmarshaler { return new(prepaid.Checkpoint) }, badCheckpoints())
}

const badDrawing = `{"version":1,"invoice":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","subscription":"s","at":"2026-01-01T00:00:00Z","drawn":{"amount":"1.00","currency":"USD"},"untaxed":{"amount":"0.00","currency":"USD"},"covered":{"amount":"1.00","currency":"USD"},"amount_due":{"amount":"0.00","currency":"USD"},"credited":{"amount":"0.00","currency":"USD"},"refund":{"amount":"0.00","currency":"USD"}}`

func TestADrawingThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	var d prepaid.Drawing
	require.EqualError(t, d.UnmarshalJSON([]byte(badDrawing)), "drawn: must be the sum of the draws, 0.00 USD")
}

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	all, bad := schema.Samples{}, schema.Samples{}
	for i := range 20 {
		d := rapid.Custom(draw).Example(i)
		for _, g := range d.grants {
			all.Keep(t, "grant", g)
		}
		made, c, err := prepaid.Draw(d.start(), d.bills(t, make([]billing.Checkpoint, len(d.subs)), date("2026-04-01")), d.terms)
		require.NoError(t, err)
		all.Keep(t, "prepaid_checkpoint", c)
		for n, drawing := range made {
			if n%3 == 0 {
				all.Keep(t, "drawing", drawing)
			}
		}
	}
	for name, rows := range map[string][]schema.Bad{"grant": badGrants(), "prepaid_checkpoint": badCheckpoints(), "drawing": {{badDrawing, ""}}} {
		bad.Refuse(name, rows)
	}
	schema.CheckRoom(
		t, prepaid.Shapes(), all, bad,
		schema.Document{Name: "grant", Title: "Money that pays for later invoices"},
		schema.Document{Name: "prepaid_checkpoint", Title: "What is kept of a customer's grants"},
		schema.Document{Name: "drawing", Title: "What grants paid of an invoice"},
	)
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"grant": prepaid.Grant{}, "prepaid_checkpoint": prepaid.Checkpoint{}} {
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), prepaid.Shapes()[name]), name)
	}
}

func FuzzGrant(f *testing.F) {
	for _, row := range badGrants() {
		f.Add([]byte(row.Document()))
	}
	f.Add([]byte(`{"id":"a","class":"paid","amount":{"amount":"100.00","currency":"EUR"},"cost":{"amount":"80.00","currency":"EUR"},"from":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z","priority":-1,"scope":{"charges":["a"],"metrics":["b"]},"late":"lapse","rollover":{"share":"0.5","cap":{"amount":"10.00","currency":"EUR"}},"source":{"subscription":"s","command":2,"plan":"pro@1"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, ok := schema.ReadBack[prepaid.Grant](t, data)
		if !ok {
			return
		}
		_, err := prepaid.Add(prepaid.Checkpoint{}, g)
		require.NoError(t, err)
	})
}

func FuzzCheckpoint(f *testing.F) {
	for _, row := range badCheckpoints() {
		f.Add([]byte(row.Document()))
	}
	made := invoices(f, seller(plan.Policy{}, "10"), nil, "2026-03-01")
	_, c, err := prepaid.Draw(granted(f, "a 15", "b 100 until 2026-02-01"), made, prepaid.Terms{})
	require.NoError(f, err)
	data, err := c.MarshalJSON()
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, ok := schema.ReadBack[prepaid.Checkpoint](t, data)
		if !ok {
			return
		}
		if _, next, err := prepaid.Draw(c, made, prepaid.Terms{Metrics: map[string]string{"calls": "call"}}); err == nil {
			require.NoError(t, next.Validate())
		}
	})
}

func FuzzDrawing(f *testing.F) {
	f.Add([]byte(badDrawing))
	made, _, err := prepaid.Draw(granted(f, "a 15"), invoices(f, seller(plan.Policy{}, "10"), nil, "2026-02-01"), prepaid.Terms{})
	require.NoError(f, err)
	for _, d := range made {
		data, err := d.MarshalJSON()
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, ok := schema.ReadBack[prepaid.Drawing](t, data)
		if !ok {
			return
		}
		_, _ = d.Explain()
	})
}
