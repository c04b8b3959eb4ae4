package check_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// decoders read the document of each schema.
func decoders(t testing.TB) map[string]func([]byte) error {
	t.Helper()
	data, err := os.ReadFile("testdata/catalog.json")
	require.NoError(t, err)
	catalog, err := plan.DecodeCatalog(data)
	require.NoError(t, err)
	return map[string]func([]byte) error{
		"money":  func(data []byte) error { return new(money.Money).UnmarshalJSON(data) },
		"period": func(data []byte) error { return new(calendar.Period).UnmarshalJSON(data) },

		"features":      func(data []byte) error { return new(feature.Set).UnmarshalJSON(data) },
		"overrides":     func(data []byte) error { return new(feature.Overrides).UnmarshalJSON(data) },
		"entitlement":   func(data []byte) error { return new(feature.Entitlement).UnmarshalJSON(data) },
		"quota_usage":   func(data []byte) error { return new(feature.QuotaUsage).UnmarshalJSON(data) },
		"credits":       func(data []byte) error { return new(feature.Credits).UnmarshalJSON(data) },
		"seats":         func(data []byte) error { return new(feature.Seats).UnmarshalJSON(data) },
		"change_budget": func(data []byte) error { return new(feature.ChangeBudget).UnmarshalJSON(data) },

		"plan": func(data []byte) error { return new(plan.Plan).UnmarshalJSON(data) },
		"catalog": func(data []byte) error {
			_, err := plan.DecodeCatalog(data)
			return err
		},
		"price": func(data []byte) error {
			_, err := plan.DecodePrice(data)
			return err
		},
		"policy":   func(data []byte) error { return new(plan.Policy).UnmarshalJSON(data) },
		"offering": func(data []byte) error { return new(plan.Offering).UnmarshalJSON(data) },
		"minimum":  func(data []byte) error { return new(plan.Minimum).UnmarshalJSON(data) },
		"discount": func(data []byte) error { return new(plan.Discount).UnmarshalJSON(data) },

		"subscription": func(data []byte) error {
			_, err := subscription.Decode(data, catalog)
			return err
		},
		"event":    func(data []byte) error { return new(subscription.Event).UnmarshalJSON(data) },
		"snapshot": func(data []byte) error { return new(subscription.Snapshot).UnmarshalJSON(data) },

		"checkpoint":         func(data []byte) error { return new(billing.Checkpoint).UnmarshalJSON(data) },
		"usage":              func(data []byte) error { return new(billing.Usage).UnmarshalJSON(data) },
		"stored_line":        func(data []byte) error { return new(billing.StoredLine).UnmarshalJSON(data) },
		"invoice":            func(data []byte) error { return new(billing.Invoice).UnmarshalJSON(data) },
		"line":               func(data []byte) error { return new(billing.Line).UnmarshalJSON(data) },
		"tax":                func(data []byte) error { return new(billing.Tax).UnmarshalJSON(data) },
		"next_invoice":       func(data []byte) error { return new(billing.NextInvoice).UnmarshalJSON(data) },
		"preview":            func(data []byte) error { return new(billing.PreviewResult).UnmarshalJSON(data) },
		"collection_policy":  func(data []byte) error { return new(collection.Policy).UnmarshalJSON(data) },
		"payment_fact":       func(data []byte) error { return new(collection.Fact).UnmarshalJSON(data) },
		"standing":           func(data []byte) error { return new(collection.State).UnmarshalJSON(data) },
		"recognition_method": func(data []byte) error { return new(revenue.Method).UnmarshalJSON(data) },
		"recognition":        func(data []byte) error { return new(revenue.Schedule).UnmarshalJSON(data) },
		"recurring_revenue":  func(data []byte) error { return new(revenue.Recurring).UnmarshalJSON(data) },
		"revenue_movement":   func(data []byte) error { return new(revenue.Movement).UnmarshalJSON(data) },

		"reconciliation": func(data []byte) error { return new(billing.Reconciliation).UnmarshalJSON(data) },

		"account":            func(data []byte) error { return new(account.Account).UnmarshalJSON(data) },
		"account_checkpoint": func(data []byte) error { return new(account.Checkpoint).UnmarshalJSON(data) },
		"account_invoice":    func(data []byte) error { return new(account.Invoice).UnmarshalJSON(data) },

		"grant":              func(data []byte) error { return new(prepaid.Grant).UnmarshalJSON(data) },
		"prepaid_checkpoint": func(data []byte) error { return new(prepaid.Checkpoint).UnmarshalJSON(data) },
		"drawing":            func(data []byte) error { return new(prepaid.Drawing).UnmarshalJSON(data) },

		"document":           func(data []byte) error { return new(document.Document).UnmarshalJSON(data) },
		"document_terms":     func(data []byte) error { return new(document.Terms).UnmarshalJSON(data) },
		"document_numbering": func(data []byte) error { return new(document.Numbering).UnmarshalJSON(data) },
	}
}

// compiled are the schemas, by name.
func compiled(t testing.TB) map[string]*jsonschema.Schema {
	t.Helper()
	files, err := filepath.Glob("../*.json")
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	ids := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		require.NoError(t, err, file)
		id := document.(map[string]any)["$id"].(string)
		require.NoError(t, compiler.AddResource(id, document), file)
		ids[strings.TrimSuffix(filepath.Base(file), ".json")] = id
	}
	schemas := map[string]*jsonschema.Schema{}
	for name, id := range ids {
		schemas[name], err = compiler.Compile(id)
		require.NoError(t, err, name)
	}
	return schemas
}

// documents are the lines of a file of testdata; none if there is no such file.
func documents(t testing.TB, name string) [][]byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".jsonl")
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	var all [][]byte
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		all = append(all, slices.Clone(lines.Bytes()))
	}
	require.NoError(t, lines.Err())
	return all
}

func valid(schema *jsonschema.Schema, data []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schema.Validate(document)
}

func TestEverySchemaHasADecoderAndEveryDecoderASchema(t *testing.T) {
	t.Parallel()
	schemas := compiled(t)
	for name := range decoders(t) {
		require.Contains(t, schemas, name)
	}
	require.Len(t, decoders(t), len(schemas))
}

func TestSchemasAndDecodersAcceptWhatTheLibraryWrites(t *testing.T) {
	t.Parallel()
	schemas := compiled(t)
	for name, decode := range decoders(t) {
		for _, document := range documents(t, name+".good") {
			require.NoError(t, decode(document), "%s: %s", name, document)
			require.NoError(t, valid(schemas[name], document), "%s: %s", name, document)
		}
	}
}

// seeds are small documents of the kinds for which no others are kept.
var seeds = map[string][]string{
	"money":         {`{"amount":"12.50","currency":"USD"}`, `null`},
	"period":        {`{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}`, `{"start":"2026-01-01T00:00:00Z"}`},
	"entitlement":   {`{"version":1,"key":"f","origin":"plan","grant":{"kind":"limit","active":true,"limit":"5","thresholds":[{"percent":"80"}]},"at":"2026-01-01T00:00:00Z","tiers":["5","10"]}`},
	"quota_usage":   {`{"used":"3","window":"month","first":"2026-01-01T00:00:00Z","last":"2026-01-02T00:00:00Z"}`, `{}`},
	"credits":       {`{"as_of":"2026-01-02T00:00:00Z","grants":[{"id":"a","amount":"5","from":"2026-01-01T00:00:00Z"}],"entries":[{"at":"2026-01-01T00:00:00Z","kind":"granted","grant":"a","amount":"5"}]}`},
	"seats":         {`{"free":1,"paid":5,"used":2,"max":9,"teams":{"a":{"quota":2,"used":1}}}`},
	"change_budget": {`{"max":4,"zone":"Europe/Lisbon","changes":["2026-01-01T00:00:00Z"]}`},
	"offering":      {`{"id":"o","name":"O","products":[{"code":"x"}],"plans":["pro@1"],"created_at":"2026-01-01T00:00:00Z","metadata":{"a":"b"}}`},
	"minimum":       {`{"amount":{"amount":"100.00","currency":"EUR"}}`, `{"amount":{"amount":"100.00","currency":"EUR"},"charges":["base"],"part":"whole","discounts":"before","overage_factor":"1.5"}`},
	"discount":      {`{"id":"d","percent":"10","duration":"cycles","cycles":3}`, `{"id":"d","amount":{"amount":"1.00","currency":"EUR"},"duration":"once"}`},
}

// TestWhateverADecoderAcceptsItsSchemaAccepts changes documents at random, one to three
// times each: members are dropped, renamed and added, values become others of the same
// document or of another kind.
func TestWhateverADecoderAcceptsItsSchemaAccepts(t *testing.T) {
	t.Parallel()
	schemas := compiled(t)
	for name, decode := range decoders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := documents(t, name+".good")
			for _, seed := range seeds[name] {
				all = append(all, []byte(seed))
			}
			require.NotEmpty(t, all)
			accepted, refused := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				for range 20 {
					var value any
					require.NoError(t, json.Unmarshal(rapid.SampledFrom(all).Draw(t, "document"), &value))
					for range rapid.IntRange(1, 3).Draw(t, "changes") {
						value = changed(t, value)
					}
					document, err := json.Marshal(value)
					require.NoError(t, err)
					invalid := valid(schemas[name], document)
					if decode(document) != nil {
						refused++
						continue
					}
					accepted++
					require.NoError(t, invalid, "%s", document)
				}
			})
			t.Logf("%d accepted, %d refused", accepted, refused)
			require.NotZero(t, refused)
			require.NotZero(t, accepted)
		})
	}
}

// changed returns a value with one change somewhere in it.
func changed(t *rapid.T, value any) any {
	switch v := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		if len(names) == 0 {
			return odd(t)
		}
		name := rapid.SampledFrom(names).Draw(t, "member")
		switch rapid.IntRange(0, 9).Draw(t, "how") {
		case 0:
			delete(v, name)
		case 1:
			v[strings.ToUpper(name)] = v[name]
			delete(v, name)
		case 2:
			v[rapid.SampledFrom(names).Draw(t, "other")] = v[name]
		case 3:
			return odd(t)
		default:
			v[name] = changed(t, v[name])
		}
		return v
	case []any:
		if len(v) == 0 {
			return odd(t)
		}
		i := rapid.IntRange(0, len(v)-1).Draw(t, "element")
		switch rapid.IntRange(0, 5).Draw(t, "how") {
		case 0:
			return slices.Delete(v, i, i+1)
		case 1:
			return append(v, v[i])
		case 2:
			return odd(t)
		}
		v[i] = changed(t, v[i])
		return v
	}
	return odd(t)
}

// odd are values of every kind, and texts that some field takes.
func odd(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, false, json.Number("0"), json.Number("1"), json.Number("-1"), json.Number("2.5"), json.Number("1e3"), json.Number("99999999999999999999"),
		"", " ", "x", "a\nb", "0", "1", "-1", "1.5", "01", "1e3", "-0", "00012.50", ".5", "5.", "+1",
		"P1M", "P0D", "PT1H", "P10000Y", "P01M", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00.123456789Z", "2026-01-01", "2026-01-01T00:00",
		"UTC", "Europe/Berlin", "Mars/Base", "USD", "usd", "EUR", "JPY", "pro@1", "pro@0", "@", "month", "plan", "active", "once", "granted", "half_up", "day",
		[]any{},
		map[string]any{},
		[]any{"cancel"},
		[]any{nil},
		map[string]any{"a": "b"},
		map[string]any{"amount": "1.00", "currency": "USD"},
	}).Draw(t, "odd")
}

// TestWhatIsNeededMustBeThereAndBeSomething takes each of the members named out of a
// document, and makes it null and empty.
func TestWhatIsNeededMustBeThereAndBeSomething(t *testing.T) {
	t.Parallel()
	schemas, decode := compiled(t), decoders(t)
	command := `{"format":1,"id":"s","plan":"PLAN","start":"2026-01-01T00:00:00Z","commands":[` +
		`{"at":"2026-01-02T00:00:00Z","action":"add_one_off","actor":"operator","one_off":{"amount":{"amount":"1.00","currency":"CURRENCY"}}}]}`
	plans, err := os.ReadFile("testdata/catalog.json")
	require.NoError(t, err)
	catalog, err := plan.DecodeCatalog(plans)
	require.NoError(t, err)
	sold := catalog.Versions(catalog.Plans()[0])[0]
	command = strings.NewReplacer("PLAN", sold.Ref().String(), "CURRENCY", sold.Currency().String()).Replace(command)
	charge := func(price string) string {
		return `{"id":"p","version":1,"currency":"USD","every":"P1M","charges":[{"id":"a","price":` + price + `}]}`
	}
	for _, row := range []struct{ name, document, members string }{
		{"subscription", command, "format id plan start commands.0.at commands.0.action commands.0.actor commands.0.one_off.amount"},
		{"plan", charge(`{"model":"flat_fee","amount":"1"}`), "id version currency charges.0.id charges.0.price charges.0.price.model charges.0.price.amount"},
		{"price", `{"model":"per_unit","unit_amount":"1"}`, "model unit_amount"},
		{"price", `{"model":"package","package_size":"10","package_amount":"1"}`, "package_size package_amount"},
		{"price", `{"model":"percentage","rate":"1"}`, "rate"},
		{"price", `{"model":"graduated_percentage","tiers":[{"rate":"1"}]}`, "tiers tiers.0.rate"},
		{"price", `{"model":"stairstep","tiers":[{"amount":"1"}]}`, "tiers tiers.0.amount"},
		{"price", `{"model":"volume","tiers":[{"unit_amount":"1"}]}`, "tiers"},
		{"price", `{"model":"tiered","tiers":[{"unit_amount":"1"}]}`, "tiers"},
		{"discount", `{"id":"d","percent":"10","duration":"once"}`, "id duration"},
		{"offering", `{"id":"o","products":[{"code":"x"}]}`, "id products.0.code"},
		{"features", `{"f":{"kind":"limit","limit":"5"}}`, "f.kind"},
		{"stored_line", `{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","amount":{"amount":"1.00","currency":"USD"}}`, "id amount"},
		{"usage", `[{"metric":"m","at":"2026-01-01T00:00:00Z","quantity":"1"}]`, "0.metric 0.at 0.quantity"},
	} {
		require.NoError(t, decode[row.name]([]byte(row.document)), row.document)
		require.NoError(t, valid(schemas[row.name], []byte(row.document)), row.document)
		for path := range strings.FieldsSeq(row.members) {
			for what, change := range map[string]func(object map[string]any, name string){
				"missing": func(object map[string]any, name string) { delete(object, name) },
				"null":    func(object map[string]any, name string) { object[name] = nil },
				"empty":   func(object map[string]any, name string) { object[name] = "" },
			} {
				var root any
				require.NoError(t, json.Unmarshal([]byte(row.document), &root))
				at, names := root, strings.Split(path, ".")
				for _, name := range names[:len(names)-1] {
					if list, ok := at.([]any); ok {
						at = list[0]
						continue
					}
					at = at.(map[string]any)[name]
				}
				change(at.(map[string]any), names[len(names)-1])
				document, err := json.Marshal(root)
				require.NoError(t, err)
				require.Error(t, decode[row.name](document), "%s of %s: %s", path, row.name, what)
				require.Error(t, valid(schemas[row.name], document), "%s of %s: %s", path, row.name, what)
			}
		}
	}
	require.Error(t, valid(schemas["subscription"], []byte(`{}`)))
}

// Of what a decoder refuses, a schema sees what stands in the document: names, kinds and
// forms. It cannot see what values mean together, that 1.0 is not written as a whole
// number, nor which months have 30 days.
func TestBadDocumentsAreRefusedByBothWhereASchemaCanSay(t *testing.T) {
	t.Parallel()
	schemas := compiled(t)
	can := []string{
		"unknown field", "must be a string", "must be an object", "must be an array", "must be true or false",
		"must not be null", "must be one of", "not a decimal", "must be an instant", "missing",
	}
	// What is missing beside something else, or is an empty name, a schema does not say.
	beside := []string{
		"metered_from: missing", ".to: missing", "of: missing", "cancel_on_date: on: missing", "assign_features: features: missing", "attach_now: add_on: missing", `[""]: missing`,
	}
	total, seen := 0, 0
	for name, decode := range decoders(t) {
		for _, document := range documents(t, name+".bad") {
			err := decode(document)
			require.Error(t, err, "%s: %s", name, document)
			total++
			invalid := valid(schemas[name], document)
			if invalid != nil {
				seen++
			}
			for line := range strings.Lines(err.Error()) {
				in := func(text string) bool { return strings.Contains(line, text) }
				if slices.ContainsFunc(can, in) && !slices.ContainsFunc(beside, in) && !strings.Contains(string(document), "-02-30T") {
					require.Error(t, invalid, "%s: %s: %v", name, document, err)
				}
			}
		}
	}
	t.Logf("%d bad documents, %d of them refused by a schema", total, seen)
	require.NotZero(t, total)
	require.NotZero(t, seen)
}
