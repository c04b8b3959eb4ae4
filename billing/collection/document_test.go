package collection_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/internal/schema"
)

func roundTrip(s collection.State) error {
	data, err := s.MarshalJSON()
	if err != nil {
		return err
	}
	var back collection.State
	if err := back.UnmarshalJSON(data); err != nil {
		return err
	}
	if !s.Equal(back) {
		return fmt.Errorf("%s is read as another state", data)
	}
	return nil
}

var badDocuments = map[string][]schema.Bad{
	"collection_policy": {
		{`{"grace":"none"}`, "grace: must be"},
		{`{"Grace":"stop"}`, "Grace: unknown field"},
		{`{"steps":[{"do":["notify"]}]}`, "steps[0].id: "},
		{`{"steps":[{"id":"a"}]}`, "steps[0].do: missing"},
		{`{"steps":[{"id":"a","do":["shout"]}]}`, "steps[0].do[0]: must be"},
		{`{"steps":[{"id":"a","do":["notify","notify"]}]}`, "steps[0].do[1]: is there twice"},
		{`{"steps":[{"id":"a","do":["hold","close"]}]}`, "steps[0].do[1]: must be left out beside another one"},
		{`{"steps":[{"id":"a","days":-1,"do":["notify"]}]}`, "steps[0].days: must be from 0 to 3650"},
		{`{"steps":[{"id":"a","amount":{"amount":"0.00","currency":"USD"},"do":["notify"]}]}`, "steps[0].amount: must be above zero"},
		{`{"steps":[{"id":"a","days":2,"do":["notify"]},{"id":"a","days":1,"do":["retry"]}]}`, "steps[1].id: is there twice"},
		{`{"steps":[{"id":"mild","days":1,"do":["notify"]},{"id":"severe","days":10,"do":["suspend"]}]}`, `steps[1]: can never count: "mild" before it holds whenever it does`},
		{`[]`, "must be an object"},
	},
	"payment_fact": {
		{`{}`, "invoice: missing"},
		{`{"invoice":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","kind":"refund","at":"2026-01-01T00:00:00Z"}`, "kind: must be"},
		{`{"invoice":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","kind":"paid"}`, "at: missing"},
		{`{"invoice":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","kind":"due","at":"2026-01-01T00:00:00Z","left":{"amount":"1.00","currency":"USD"}}`, "left: must be left out"},
	},
	"standing": {
		{`{"version":2,"at":"2026-01-01T00:00:00Z","access":"full"}`, "version: must be 1"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z"}`, "access: missing"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","access":"full","past_due":true}`, "unpaid: must be there with past_due"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","access":"full","step":"a","step_at":"2026-01-01T00:00:00Z","actions":["notify"],"key":"k"}`, "step: must be left out without past_due"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","access":"full","past":[{"step":"a","at":"2026-01-01T00:00:00Z"}]}`, "past[0].key: must be there with a step"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","access":"full","commands":[{"subscription":"s","action":"pause_now","at":"2026-01-01T00:00:00Z","key":"k"}]}`, "commands[0].action: "},
	},
}

func decoderOf(name string) json.Unmarshaler {
	switch name {
	case "collection_policy":
		return new(collection.Policy)
	case "payment_fact":
		return new(collection.Fact)
	}
	return new(collection.State)
}

func TestBadDocumentsAreRefusedWithTheirPath(t *testing.T) {
	t.Parallel()
	for name, rows := range badDocuments {
		schema.Refused(t, func() json.Unmarshaler { return decoderOf(name) }, rows)
	}
}

func TestPoliciesAndFactsAreWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawQuestion(t)
		data, err := d.policy.MarshalJSON()
		require.NoError(t, err)
		require.True(t, d.policy.Equal(policyOf(t, string(data))), "%s", data)
		data, err = json.Marshal(d.facts)
		require.NoError(t, err)
		var facts []collection.Fact
		require.NoError(t, json.Unmarshal(data, &facts))
		require.Len(t, facts, len(d.facts))
		for i := range facts {
			require.True(t, facts[i].Equal(d.facts[i]))
		}
	})
}

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	all, bad := schema.Samples{}, schema.Samples{}
	for i := range 40 {
		d := rapid.Custom(drawQuestion).Example(i)
		all.Keep(t, "collection_policy", d.policy)
		for _, f := range d.facts {
			all.Keep(t, "payment_fact", f)
		}
		all.Keep(t, "standing", d.at(t, when(t, "2026-03-01")))
	}
	for name, rows := range badDocuments {
		bad.Refuse(name, rows)
	}
	schema.CheckRoom(
		t, collection.Shapes(), all, bad,
		schema.Document{Name: "collection_policy", Title: "What happens to who does not pay"},
		schema.Document{Name: "payment_fact", Title: "What happened to an invoice"},
		schema.Document{Name: "standing", Title: "How it stands with the payment of invoices"},
	)
}

func FuzzDocuments(f *testing.F) {
	names := []string{"collection_policy", "payment_fact", "standing"}
	for i, name := range names {
		for _, row := range badDocuments[name] {
			f.Add(i, []byte(row.Document()))
		}
	}
	f.Add(0, []byte(killBill))
	f.Add(1, []byte(`{"invoice":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","kind":"paid","at":"2026-03-05T00:00:00Z"}`))
	f.Add(2, []byte(`{"version":1,"at":"2026-03-05T00:00:00Z","access":"full"}`))
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		schema.ReadAgain(t, func() json.Unmarshaler { return decoderOf(names[uint(i)%uint(len(names))]) }, data)
	})
}
