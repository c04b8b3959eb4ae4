package account_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/internal/schema"
	"github.com/perennial-billing/perennial/plan"
)

type badDocument struct{ document, want string }

func badAccounts() []badDocument {
	return []badDocument{
		{`{}`, "id: missing\ncurrency: missing"},
		{`{"id":"a","currency":"usd"}`, `currency: money: currency "usd": unknown currency`},
		{`{"id":"a","currency":"USD","rule":{"merge":"week"}}`, `rule.merge: must be one of ["day" "instant" "billing_day"]`},
		{`{"id":"a","currency":"USD","rule":{"billing_day":1}}`, "rule.billing_day: must be left out without merge billing_day"},
		{`{"id":"a","currency":"USD","rule":{"merge":"billing_day","billing_day":32}}`, "rule.billing_day: must be from 1 to 31\nrule.within: must be from 1 to 31"},
		{`{"id":"a","currency":"USD","rule":{"key":"vat","collect":"later"}}`, "rule.key: must be one of [\"payer\" \"purchase_order\" \"entity\"]\nrule.collect: must be one of [\"now\" \"next_invoice\"]"},
		{`{"id":"a","currency":"USD","members":[{"subscription":"s"},{"subscription":"s","payer":" x"},{}]}`, "members[2].subscription: missing\nmembers[1].payer: must not begin or end with a space\nmembers[1].subscription: is there twice"},
		{`{"id":"a","currency":"USD","member":[]}`, "member: unknown field"},
	}
}

func badCheckpoints() []badDocument {
	return []badDocument{
		{`{"revision":-1}`, "revision: must not be negative"},
		{`{"balance":{"amount":"0.00","currency":"USD"}}`, "balance: must be above zero, or left out"},
		{`{"billed":[{"subscription":"b","credit_command":1},{"subscription":"a","credit_command":-1}]}`, "billed[1].subscription: must be in ascending order, each once\nbilled[1].credit_command: must not be negative"},
		{`{"billed":[{"subscription":"b","through":"2026-01-01T00:00:00Z"}]}`, "billed[0].invoices: must be there beside through, and only then"},
		{`{"billed":[{"subscription":"b","through":"2026-01-01T00:00:00Z","invoices":["00000000-0000-0000-0000-000000000000"]}]}`, "billed[0].invoices[0]: must be a UUID"},
		{`{"waiting":[{}]}`, "waiting[0].invoice: missing"},
	}
}

func TestInvalidDocumentsAreRefusedWithEveryFault(t *testing.T) {
	t.Parallel()
	for _, row := range badAccounts() {
		var a account.Account
		require.EqualError(t, a.UnmarshalJSON([]byte(row.document)), row.want, row.document)
		require.True(t, a.Equal(account.Account{}))
	}
	for _, row := range badCheckpoints() {
		var c account.Checkpoint
		require.EqualError(t, c.UnmarshalJSON([]byte(row.document)), row.want, row.document)
	}
}

// changedInvoices are documents of invoices that contradict themselves.
func changedInvoices(t require.TestingT, document []byte) [][]byte {
	var all [][]byte
	for _, name := range []string{"id", "total", "drawn", "credit_applied", "amount_due", "credited", "refund", "sections", "account"} {
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(document, &members))
		switch name {
		case "id":
			members[name] = json.RawMessage(`"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93"`)
		case "sections":
			members[name] = json.RawMessage(`[]`)
		case "account":
			members[name] = json.RawMessage(`"other"`)
		default:
			members[name] = json.RawMessage(`{"amount":"12345.67","currency":"USD"}`)
		}
		data, err := json.Marshal(members)
		require.NoError(t, err)
		all = append(all, data)
	}
	return all
}

func TestAnInvoiceThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	made, _ := sample(t)
	data, err := made[0].MarshalJSON()
	require.NoError(t, err)
	for _, changed := range changedInvoices(t, data) {
		var inv account.Invoice
		require.Error(t, inv.UnmarshalJSON(changed), "%s", changed)
	}
}

func sample(t require.TestingT) ([]account.Invoice, account.Checkpoint) {
	a, b := monthly("a", "24.95", "2021-09-17", plan.Policy{}), monthly("b", "275.00", "2021-09-17", plan.Policy{})
	checkpoint, err := account.Checkpoint{}.Give(usd("30.00"))
	require.NoError(t, err)
	ready, credits := bills(date("2021-10-17"), nil, a, b)
	made, next, err := account.Combine(of(account.Rule{}, a, b), checkpoint, ready, credits, date("2021-10-17"))
	require.NoError(t, err)
	return made, next
}

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	all, bad := map[string][][]byte{}, map[string][][]byte{}
	keep := func(name string, data []byte, err error) {
		require.NoError(t, err)
		all[name] = append(all[name], data)
	}
	for i := range 20 {
		d := rapid.Custom(draw).Example(i)
		made, next := d.run(t, make([]billing.Checkpoint, len(d.subs)), d.start(t), date("2026-04-01"), func([]account.Section) {})
		data, err := d.account.MarshalJSON()
		keep("account", data, err)
		data, err = next.MarshalJSON()
		keep("account_checkpoint", data, err)
		for n, inv := range made {
			if n%4 == 0 {
				data, err := inv.MarshalJSON()
				keep("account_invoice", data, err)
			}
		}
	}
	for name, rows := range map[string][]badDocument{"account": badAccounts(), "account_checkpoint": badCheckpoints()} {
		for _, row := range rows {
			bad[name] = append(bad[name], []byte(row.document))
		}
	}
	bad["account_invoice"] = changedInvoices(t, all["account_invoice"][0])
	for _, d := range []schema.Document{
		{Name: "account", Title: "What several subscriptions are billed on together"},
		{Name: "account_checkpoint", Title: "What an account keeps between two runs"},
		{Name: "account_invoice", Title: "An invoice of several subscriptions"},
	} {
		d.Root, d.Shape, d.Examples, d.Bad = "../..", account.Shapes()[d.Name], all[d.Name], bad[d.Name]
		require.NotNil(t, d.Shape)
		schema.Check(t, d)
	}
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"account": account.Account{}, "account_checkpoint": account.Checkpoint{}} {
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), account.Shapes()[name]), name)
	}
}

func FuzzAccount(f *testing.F) {
	for _, row := range badAccounts() {
		f.Add([]byte(row.document))
	}
	f.Add([]byte(`{"id":"a","currency":"USD","rule":{"merge":"billing_day","billing_day":17,"within":5},"members":[{"subscription":"s-1","payer":"p","own_credit":true}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a, back account.Account
		if a.UnmarshalJSON(data) != nil {
			require.True(t, a.Equal(account.Account{}))
			return
		}
		out, err := a.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalJSON(out), "%s", out)
		require.True(t, a.Equal(back), "%s", out)
	})
}

func FuzzCheckpoint(f *testing.F) {
	for _, row := range badCheckpoints() {
		f.Add([]byte(row.document))
	}
	_, next := sample(f)
	data, err := next.MarshalJSON()
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var c, back account.Checkpoint
		if c.UnmarshalJSON(data) != nil {
			return
		}
		out, err := c.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalJSON(out), "%s", out)
		require.True(t, c.Equal(back), "%s", out)
	})
}

func FuzzInvoice(f *testing.F) {
	made, _ := sample(f)
	data, err := made[0].MarshalJSON()
	require.NoError(f, err)
	f.Add(data)
	for _, changed := range changedInvoices(f, data) {
		f.Add(changed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var inv, back account.Invoice
		if inv.UnmarshalJSON(data) != nil {
			return
		}
		_, _ = inv.Explain()
		out, err := inv.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalJSON(out), "%s", out)
		require.True(t, inv.Equal(back), "%s", out)
	})
}
