package billing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

func TestCheckpointsAreWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	kolkata := time.FixedZone("", 5*3600+1800)
	at := time.Date(2026, 3, 1, 0, 30, 0, 5000, kolkata)
	for want, checkpoint := range map[string]billing.Checkpoint{
		`{}`: {},
		`{"charged_through":"2026-02-28T19:00:00.000005Z","last_command":3}`: {ChargedThrough: at, LastCommand: 3},
		`{"charged_through":"2026-02-28T19:00:00.000005Z"}`:                  {ChargedThrough: at},
		`{"charged_through":"2026-02-28T19:00:00.000005Z","last_command":4,"credit_balance":{"amount":"12.50","currency":"EUR"},` +
			`"redeemed":[{"command":2,"invoice_at":"2026-02-28T19:00:00.000005Z"},{"command":3,"invoice_at":"2026-02-28T19:00:00.000005Z","invoice_command":4}]}`: {
			ChargedThrough: at, LastCommand: 4, CreditBalance: money.MustParse("12.50 EUR"),
			Redeemed: []billing.Redemption{{Command: 2, InvoiceAt: at}, {Command: 3, InvoiceAt: at, InvoiceCommand: 4}},
		},
		`{"charged_through":"2026-02-28T19:00:00.000005Z","last_command":3,"metered_from":"2026-02-28T19:00:00.000005Z",` +
			`"metered":[{"metric":"calls","from":"2026-02-28T19:00:00.000005Z","quantity":"0.5"},` +
			`{"metric":"calls","from":"2026-02-28T19:00:00.000005Z","to":"2026-02-28T19:00:00.000005Z","quantity":"1000","billed":true}]}`: {
			ChargedThrough: at, LastCommand: 3, MeteredFrom: at, Metered: []billing.MeteredPart{
				{Metric: "calls", From: at, Quantity: decimal.New(50, -2)},
				{Metric: "calls", From: at, To: at, Quantity: decimal.New(1, 3), Billed: true},
			},
		},
	} {
		data, err := json.Marshal(checkpoint)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
		var back billing.Checkpoint
		require.NoError(t, json.Unmarshal(data, &back))
		require.True(t, checkpoint.Equal(back), want)
		require.Equal(t, checkpoint.IsZero(), back.IsZero())
		if !back.ChargedThrough.IsZero() {
			require.Equal(t, time.UTC, back.ChargedThrough.Location())
		}
	}
}

type badDocument struct{ document, want string }

// badCheckpoints are checkpoints that no run makes.
func badCheckpoints() []badDocument {
	const through = `"charged_through":"2026-03-01T00:00:00Z","last_command":5`
	const metered = through + `,"metered_from":"2026-02-01T00:00:00Z","metered":[`
	return []badDocument{
		{`[]`, `must be an object`},
		{`null`, `must not be null`},
		{`{"charged_through":"2026-03-01T00:00:00Z"`, `line 1, column 42: the document ends where a comma or '}' should stand`},
		{`{"Charged_through":"2026-03-01T00:00:00Z"}`, `Charged_through: unknown field; the name is "charged_through"`},
		{`{"charged_through":"2026-03-01"}`, `charged_through: must be an instant such as 2026-01-31T09:00:00Z`},
		{`{"charged_through":"2026-02-30T00:00:00Z"}`, `charged_through: must be an instant such as 2026-01-31T09:00:00Z`},
		{`{"last_command":1}`, `last_command: must be left out where nothing was billed`},
		{`{` + through + `,"last_command":6}`, `last_command: repeated`},
		{`{"charged_through":"2026-03-01T00:00:00Z","last_command":-1}`, `last_command: must not be negative`},
		{`{"charged_through":"2026-03-01T00:00:00Z","last_command":1.0}`, `last_command: must be a whole number`},
		{`{"credit_balance":{"amount":"1.00","currency":"USD"}}`, `credit_balance: must be left out where nothing was billed`},
		{`{` + through + `,"credit_balance":{"amount":"0.00","currency":"USD"}}`, `credit_balance: must be above zero, or left out`},
		{`{` + through + `,"credit_balance":{"amount":"-1.00","currency":"USD"}}`, `credit_balance: must be above zero, or left out`},
		{`{` + through + `,"credit_balance":{"amount":1,"currency":"USD"}}`, `credit_balance: money: decode: malformed: amount: must be a string`},
		{`{` + through + `,"credit_balance":{"amount":"1.00","currency":"XYZ"}}`, `credit_balance: money: decode: currency: unknown currency "XYZ"`},
		{`{` + through + `,"redeemed":[{"invoice_at":"2026-02-01T00:00:00Z"}]}`, `redeemed[0].command: must be 2 or more`},
		{`{` + through + `,"redeemed":[{"command":2}]}`, `redeemed[0].invoice_at: missing`},
		{`{` + through + `,"redeemed":[{"command":2,"invoice_at":"2026-03-01T00:00:01Z"}]}`, `redeemed[0].invoice_at: must not lie after charged_through`},
		{`{` + through + `,"redeemed":[{"command":6,"invoice_at":"2026-03-01T00:00:00Z"}]}`, `redeemed[0].command: must not exceed the checkpoint's`},
		{`{` + through + `,"redeemed":[{"command":2,"invoice_at":"2026-03-01T00:00:00Z","invoice_command":-1}]}`, `redeemed[0].invoice_command: must not be negative`},
		{`{` + through + `,"redeemed":[{"command":2,"invoice_at":"2026-03-01T00:00:00Z","invoice_command":6}]}`, `redeemed[0].invoice_command: must not exceed the checkpoint's command`},
		{`{` + through + `,"redeemed":[{"command":2,"invoice_at":"2026-03-01T00:00:00Z"},{"command":2,"invoice_at":"2026-03-01T00:00:00Z"}]}`, `redeemed[1].command: is there twice`},
		{`{` + through + `,"redeemed":[{"command":2,"invoice_at":"2026-02-02T00:00:00Z","cycle":1},{"command":2,"invoice_at":"2026-02-01T00:00:00Z","cycle":2}]}`, `redeemed[1].invoice_at: must be in order of time`},
		{`{` + through + `,"redeemed":[{"command":3,"invoice_at":"2026-02-01T00:00:00Z"},{"command":2,"invoice_at":"2026-02-02T00:00:00Z"}]}`, `redeemed[1].command: must be in ascending order`},
		{`{` + through + `,"metered":[{"metric":"calls","from":"2026-02-01T00:00:00Z","quantity":"1"}]}`, `metered_from: missing`},
		{`{` + through + `,"metered_from":"2026-04-01T00:00:00Z"}`, `metered_from: must not lie after charged_through`},
		{`{` + metered + `{"from":"2026-02-01T00:00:00Z","quantity":"1"}]}`, `metered[0].metric: missing`},
		{`{` + metered + `{"metric":"calls","quantity":"1"}]}`, `metered[0].from: missing`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-01T00:00:00Z"}]}`, `metered[0].quantity: missing`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-01T00:00:00Z","quantity":"-1"}]}`, `metered[0].quantity: must not be negative`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-01T00:00:00Z","quantity":"1","billed":true}]}`, `metered[0].to: missing`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-01T00:00:00Z","to":"2026-02-02T00:00:00Z","quantity":"1","billed":true,"command":1}]}`, `metered[0].command: is of an interim invoice`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-01T00:00:00Z","to":"2026-02-02T00:00:00Z","quantity":"1","billed":true,"interim":true,"command":-1}]}`, `metered[0].command: must not be negative`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-01T00:00:00Z","to":"2026-02-02T00:00:00Z","quantity":"1","billed":true,"interim":true,"command":99}]}`, `metered[0].command: must not exceed the checkpoint's`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-02T00:00:00Z","to":"2026-02-01T00:00:00Z","quantity":"1"}]}`, `metered[0].to: must not lie before from`},
		{`{` + metered + `{"metric":"calls","from":"2026-04-02T00:00:00Z","quantity":"1"}]}`, `metered[0].from: must not lie after charged_through`},
		{`{` + metered + `{"metric":"calls","from":"2026-02-02T00:00:00Z","quantity":"1"},{"metric":"calls","from":"2026-02-02T00:00:00Z","quantity":"1"}]}`, `metered[1]: must be in order of from and metric, each once`},
		{`{"last_command":-1,"credit_balance":{"amount":"1.00","currency":"USD"},"more":1}`, "more: unknown field\nlast_command: must not be negative\ncredit_balance: must be left out where nothing was billed"},
	}
}

func TestACheckpointThatNoRunMakesIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range badCheckpoints() {
		checkpoint := billing.Checkpoint{LastCommand: 77}
		err := json.Unmarshal([]byte(row.document), &checkpoint)
		if err == nil || strings.HasPrefix(err.Error(), "unexpected end of JSON") {
			err = checkpoint.UnmarshalJSON([]byte(row.document))
		}
		require.EqualError(t, err, row.want, row.document)
		require.Equal(t, billing.Checkpoint{LastCommand: 77}, checkpoint, "a refused document changes nothing")
	}
	_, err := json.Marshal(billing.Checkpoint{ChargedThrough: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), CreditBalance: money.FromMinor(-1, money.USD)})
	require.ErrorContains(t, err, "credit_balance: must be above zero, or left out")
	_, err = json.Marshal(billing.Checkpoint{ChargedThrough: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.ErrorContains(t, err, "through: must lie in the years 1 to 9999")
	require.EqualError(t, billing.Checkpoint{LastCommand: -1}.Validate(), "last_command: must not be negative")
	require.NoError(t, billing.Checkpoint{}.Validate())
}

func TestUsageIsWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for want, usage := range map[string]billing.Usage{
		`[]`: nil,
		`[{"metric":"calls","at":"2026-03-01T12:00:00Z","quantity":"0"}]`: {{Metric: "calls", At: at}},
		`[{"metric":"gb","at":"2026-03-01T12:00:00Z","quantity":"0.00000000000000000001"},{"metric":"gb","at":"2026-03-01T11:00:00Z","quantity":"1200"}]`: {
			{Metric: "gb", At: at, Quantity: decimal.New(1, -20)},
			{Metric: "gb", At: at.Add(-time.Hour), Quantity: decimal.New(12, 2)},
		},
	} {
		data, err := json.Marshal(usage)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
		back := billing.Usage{{Metric: "other"}}
		require.NoError(t, json.Unmarshal(data, &back))
		require.True(t, usage.Equal(back))
	}
	var back billing.Usage
	require.NoError(t, json.Unmarshal([]byte(`[]`), &back))
	require.Nil(t, back)
}

// badUsage are documents of usage that cannot be billed.
func badUsage() []badDocument {
	long := strings.Repeat("m", 256)
	return []badDocument{
		{`{}`, `must be an array`},
		{`null`, `must be an array`},
		{`[null]`, `[0]: must not be null`},
		{`[{"metric":"calls","at":"2026-03-01T00:00:00Z"}]`, `[0].quantity: missing`},
		{`[{"metric":"calls","at":"2026-03-01T00:00:00Z","quantity":1}]`, `[0].quantity: must be a string that holds a decimal`},
		{`[{"metric":"calls","at":"2026-03-01T00:00:00Z","quantity":"1e3"}]`, `[0].quantity: not a decimal`},
		{`[{"metric":"calls","at":"2026-03-01T00:00:00Z","quantity":"0.000000000000000000001"}]`, `[0].quantity: too many digits`},
		{`[{"metric":"","at":"2026-03-01T00:00:00Z","quantity":"1"}]`, `[0].metric: missing`},
		{`[{"metric":"` + long + `","at":"2026-03-01T00:00:00Z","quantity":"1"}]`, `[0].metric: must not be longer than 255 bytes`},
		{`[{"metric":"calls","quantity":"1"}]`, `[0].at: missing`},
		{`[{"metric":"calls","at":"2026-03-01T00:00:00Z","quantity":"1"},{"metric":"calls","at":"2026-03-01T00:00:00Z","quantity":"-0.000000000000000000001","of":"x"}]`, "[1].quantity: too many digits\n[1].of: unknown field"},
	}
}

func TestUsageThatCannotBeBilledIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range badUsage() {
		var usage billing.Usage
		require.EqualError(t, json.Unmarshal([]byte(row.document), &usage), row.want, row.document)
		require.Nil(t, usage)
	}
	_, err := json.Marshal(billing.Usage{{Metric: "calls", At: time.Unix(0, 0), Quantity: decimal.New(-1, -21)}})
	require.ErrorContains(t, err, "[0].quantity: too many digits")
	_, err = json.Marshal(billing.Record{})
	require.ErrorContains(t, err, "metric: missing\nat: missing")
	_, err = json.Marshal(billing.Record{Metric: "calls\xff", At: time.Unix(0, 0)})
	require.ErrorContains(t, err, "metric: must be valid UTF-8")
	_, err = json.Marshal(billing.Record{Metric: "calls", At: time.Unix(0, 0), Quantity: decimal.New(1, 1_000_000)})
	require.ErrorContains(t, err, "quantity: too many digits")
	_, err = json.Marshal(make(billing.Usage, billing.MaxRecords+1))
	require.ErrorContains(t, err, "must be at most 100000 records")
	_, err = json.Marshal(make(billing.Usage, billing.MaxRecords))
	require.ErrorContains(t, err, "[0].metric: missing")
	require.ErrorContains(t, err, "more faults than can be listed")
}

func TestBilledLinesAreWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	id, of := billing.Namespace(), uuid.NameSpaceDNS
	for want, line := range map[string]billing.StoredLine{
		`{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","amount":{"amount":"0.00","currency":"USD"}}`: {ID: id, Amount: money.FromMinor(0, money.USD)},
		`{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","of":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","adjusts":true,"amount":{"amount":"-500","currency":"JPY"}}`: {
			ID: id, Of: of, Adjusts: true, Amount: money.MustParse("-500 JPY"),
		},
	} {
		data, err := json.Marshal(line)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
		var back billing.StoredLine
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, line, back)
	}
}

func TestStoredLinesAreWrittenAsTheirTableSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Custom(func(t *rapid.T) (id uuid.UUID) {
			if rapid.Bool().Draw(t, "given") {
				copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
			}
			return id
		})
		line := billing.StoredLine{
			ID: id.Draw(t, "id"), Of: id.Draw(t, "of"), Adjusts: rapid.Bool().Draw(t, "adjusts"),
			Amount: money.FromMinor(rapid.Int64().Draw(t, "minor"), rapid.SampledFrom([]money.Currency{0, money.USD, money.JPY}).Draw(t, "currency")),
		}
		want, fails := billing.AppendStoredByTable([]byte("after "), line)
		got, err := line.AppendJSON([]byte("after "))
		require.Equal(t, fails, err)
		require.Equal(t, string(want), string(got))
	})
}

// badStoredLines are stored lines that contradict themselves.
func badStoredLines() []badDocument {
	const id, amount = `"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93"`, `"amount":{"amount":"1.00","currency":"USD"}`
	return []badDocument{
		{`{}`, "id: missing\namount: missing"},
		{`{` + id + `}`, `amount: missing`},
		{`{` + id + `,"amount":null}`, `amount: missing`},
		{`{` + amount + `}`, `id: missing`},
		{`{"id":"5E0D3A6F-1C52-5B0E-9D27-8A4170C62B93",` + amount + `}`, `id: must be a UUID`},
		{`{"id":"{5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93}",` + amount + `}`, `id: must be a UUID`},
		{`{"id":"5e0d3a6f1c525b0e9d278a4170c62b93",` + amount + `}`, `id: must be a UUID`},
		{`{"id":"00000000-0000-0000-0000-000000000000",` + amount + `}`, `id: must be a UUID`},
		{`{` + id + `,"of":"x",` + amount + `}`, `of: must be a UUID`},
		{`{` + id + `,"of":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93",` + amount + `}`, `of: must be another line`},
		{`{` + id + `,"adjusts":true,` + amount + `}`, `of: missing`},
		{`{` + id + `,"adjusts":"yes",` + amount + `}`, `adjusts: must be true or false`},
	}
}

func TestABilledLineThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range badStoredLines() {
		var line billing.StoredLine
		require.EqualError(t, json.Unmarshal([]byte(row.document), &line), row.want, row.document)
		require.Equal(t, billing.StoredLine{}, line)
	}
	_, err := json.Marshal(billing.StoredLine{})
	require.ErrorContains(t, err, "id: missing\namount: missing")
}

func TestWhatWasReadIsWrittenAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		through := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "charged_through"), rapid.Int64Range(0, 999_999).Draw(t, "microseconds")*1000)
		checkpoint := billing.Checkpoint{ChargedThrough: through, LastCommand: rapid.IntRange(2, 50).Draw(t, "command")}
		if rapid.Bool().Draw(t, "credit") {
			checkpoint.CreditBalance = money.FromMinor(rapid.Int64Min(1).Draw(t, "minor"), rapid.SampledFrom(money.Currencies()).Draw(t, "currency"))
		}
		for n := range rapid.IntRange(0, checkpoint.LastCommand-1).Draw(t, "redeemed") {
			checkpoint.Redeemed = append(checkpoint.Redeemed, billing.Redemption{Command: n + 2, InvoiceAt: through, InvoiceCommand: rapid.IntRange(0, checkpoint.LastCommand).Draw(t, "by")})
		}
		if checkpoint.ChargedThrough.IsZero() {
			return
		}
		data, err := json.Marshal(checkpoint)
		require.NoError(t, err)
		var back billing.Checkpoint
		require.NoError(t, json.Unmarshal(data, &back))
		require.True(t, checkpoint.Equal(back))

		record := billing.Record{
			Metric: rapid.StringMatching(`[!-~é漢]([ -~é漢]{0,18}[!-~é漢])?`).Draw(t, "metric"), At: through,
			Quantity: decimal.New(rapid.Int64Min(0).Draw(t, "coefficient"), rapid.Int32Range(-20, 5).Draw(t, "exponent")),
		}
		data, err = json.Marshal(billing.Usage{record, record})
		require.NoError(t, err)
		var usage billing.Usage
		require.NoError(t, json.Unmarshal(data, &usage))
		require.True(t, billing.Usage{record, record}.Equal(usage))
	})
}

// fuzzValue holds a decoder to its promises: a document is read alike with and without a
// tree, whatever is wrong with it; what is accepted is written, and read back the same.
func fuzzValue[T any, P interface {
	*T
	json.Unmarshaler
}](f *testing.F, kind string, same func(a, b T) bool,
) {
	f.Fuzz(func(t *testing.T, data []byte) {
		readsAlike(t, kind, data)
		var v, back T
		if P(&v).UnmarshalJSON(data) != nil {
			return
		}
		out, err := json.Marshal(v)
		require.NoError(t, err)
		require.NoError(t, P(&back).UnmarshalJSON(out))
		require.True(t, same(v, back), "%s\n%s", data, out)
	})
}

// readsAlike requires that a document is read alike with and without a tree.
func readsAlike(t require.TestingT, kind string, data []byte) {
	quick, tree, quickFaults, treeFaults := billing.BothWays(kind, data)
	require.Equal(t, fmt.Sprint(treeFaults), fmt.Sprint(quickFaults), "%s", data)
	if len(treeFaults) == 0 {
		require.Equal(t, tree, quick, "%s", data)
	}
}

// Usage without faults is read without a tree: what is allocated is the quantities, of two
// pieces each, and few more.
func TestUsageIsReadWithoutATree(t *testing.T) {
	data, err := newMetered(t, 1000).usage.MarshalJSON()
	require.NoError(t, err)
	readsAlike(t, "usage", data)
	require.Less(t, testing.AllocsPerRun(5, func() {
		var u billing.Usage
		if err := u.UnmarshalJSON(data); err != nil {
			t.Fatal(err)
		}
	}), 2100.0)
}

func FuzzCheckpointJSON(f *testing.F) {
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"charged_through":"2026-02-28T19:00:00.000000005+05:30","last_command":4,"credit_balance":{"amount":"12.5","currency":"EUR"},"redeemed":[{"command":2,"invoice_at":"2026-02-28T13:00:00Z","invoice_command":4}]}`))
	f.Add([]byte(`{"charged_through":"0001-01-01T00:00:00Z","redeemed":[]}`))
	f.Add([]byte(`{"charged_through":"2026-02-28T19:00:00Z","last_command":4,"metered_from":"2026-02-01T00:00:00Z","metered":[{"metric":"calls","from":"2026-02-01T00:00:00Z","to":"2026-02-11T00:00:00Z","quantity":"0.5","billed":true}]}`))
	fuzzValue(f, "checkpoint", billing.Checkpoint.Equal)
}

func FuzzUsageJSON(f *testing.F) {
	for _, row := range badUsage() {
		f.Add([]byte(row.document))
	}
	f.Add([]byte(`[]`))
	f.Add([]byte(`[{"metric":"gb","at":"2026-03-01T12:00:00Z","quantity":"0.10"},{"metric":"\u00e9","at":"9999-12-31T23:59:59.999999999Z","quantity":"7"}]`))
	fuzzValue(f, "usage", billing.Usage.Equal)
}

func FuzzBilledJSON(f *testing.F) {
	f.Add([]byte(`{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","of":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","adjusts":true,"amount":{"amount":"-5","currency":"JPY"}}`))
	fuzzValue(f, "stored line", func(a, b billing.StoredLine) bool { return a == b })
}
