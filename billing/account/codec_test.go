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

func badAccounts() []schema.Bad {
	return []schema.Bad{
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

func badCheckpoints() []schema.Bad {
	return []schema.Bad{
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
	schema.RefusedWith(t, func() json.Unmarshaler { return new(account.Account) }, badAccounts())
	schema.RefusedWith(t, func() json.Unmarshaler { return new(account.Checkpoint) }, badCheckpoints())
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
	all, bad := schema.Samples{}, schema.Samples{}
	for i := range 20 {
		d := rapid.Custom(draw).Example(i)
		made, next := d.run(t, make([]billing.Checkpoint, len(d.subs)), d.start(t), date("2026-04-01"), func([]account.Section) {})
		all.Keep(t, "account", d.account)
		all.Keep(t, "account_checkpoint", next)
		for n, inv := range made {
			if n%4 == 0 {
				all.Keep(t, "account_invoice", inv)
			}
		}
	}
	for name, rows := range map[string][]schema.Bad{"account": badAccounts(), "account_checkpoint": badCheckpoints()} {
		bad.Refuse(name, rows)
	}
	bad["account_invoice"] = changedInvoices(t, all["account_invoice"][0])
	schema.CheckRoom(
		t, account.Shapes(), all, bad,
		schema.Document{Name: "account", Title: "What several subscriptions are billed on together"},
		schema.Document{Name: "account_checkpoint", Title: "What an account keeps between two runs"},
		schema.Document{Name: "account_invoice", Title: "An invoice of several subscriptions"},
	)
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"account": account.Account{}, "account_checkpoint": account.Checkpoint{}} {
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), account.Shapes()[name]), name)
	}
}

func FuzzAccount(f *testing.F) {
	for _, row := range badAccounts() {
		f.Add([]byte(row.Document()))
	}
	f.Add([]byte(`{"id":"a","currency":"USD","rule":{"merge":"billing_day","billing_day":17,"within":5},"members":[{"subscription":"s-1","payer":"p","own_credit":true}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		schema.ReadBack[account.Account](t, data)
	})
}

func FuzzCheckpoint(f *testing.F) {
	for _, row := range badCheckpoints() {
		f.Add([]byte(row.Document()))
	}
	_, next := sample(f)
	data, err := next.MarshalJSON()
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		schema.ReadBack[account.Checkpoint](t, data)
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
		inv, ok := schema.ReadBack[account.Invoice](t, data)
		if !ok {
			return
		}
		_, _ = inv.Explain()
	})
}
