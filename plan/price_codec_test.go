package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func jsonOf(price plan.Price) (string, error) {
	data, err := json.Marshal(price)
	return string(data), err
}

// priceDocuments are prices as the library writes them, one or more for each model.
var priceDocuments = []string{
	`{"model":"per_unit","unit_amount":"5"}`,
	`{"model":"per_unit","unit_amount":"0","free_units":"2.5","minimum":"0","maximum":"0.1"}`,
	`{"model":"flat_fee","amount":"49.99"}`,
	`{"model":"volume","tiers":[{"up_to":"10","unit_amount":"5"},{"unit_amount":"0.0000000000000000001","flat_amount":"4"}],"zero":"free"}`,
	`{"model":"tiered","tiers":[{"up_to":"0.5","flat_amount":"5"},{"unit_amount":"0"}],"free_units":"3","maximum":"100"}`,
	`{"model":"tiered","tiers":[{"up_to":"5","unit_amount":"1","package_size":"100"},{"up_to":"6","unit_amount":"1"}],"closed":true}`,
	`{"model":"package","package_size":"10","package_amount":"15","free_units":"1"}`,
	`{"model":"stairstep","tiers":[{"up_to":"10","amount":"99"},{"amount":"0"}],"zero":"free","minimum":"1"}`,
	`{"model":"stairstep","tiers":[{"up_to":"10","amount":"99"}],"closed":true}`,
	`{"model":"percentage","rate":"2.9","free_amount":"100","minimum":"1"}`,
	`{"model":"percentage","rate":"1.2","fixed_amount":"0.1","free_events":"3","free_amount":"500","free_by":"both","event_minimum":"1","event_maximum":"5","maximum":"9"}`,
	`{"model":"percentage","rate":"0","event_minimum":"0"}`,
	`{"model":"graduated_percentage","tiers":[{"up_to":"1000","rate":"1","flat_amount":"200"},{"rate":"0"}],"free_amount":"5","zero":"free"}`,
	`{"model":"graduated_percentage","tiers":[{"up_to":"1000","rate":"0.000001"}],"closed":true,"maximum":"7"}`,
}

func TestPriceDocumentsAreReadAndWrittenAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, document := range priceDocuments {
		price, err := plan.DecodePrice([]byte(document))
		require.NoError(t, err, document)
		written, err := jsonOf(price)
		require.NoError(t, err, document)
		require.Equal(t, document, written)
	}
}

func TestEveryPriceComesBackFromItsDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price := drawPrice(t, drawSize(t))
		document, err := jsonOf(price)
		if err != nil {
			require.ErrorContains(t, err, "too many digits")
			return
		}
		back, err := plan.DecodePrice([]byte(document))
		require.NoError(t, err)
		require.True(t, price.Equal(back), document)
		again, err := jsonOf(back)
		require.NoError(t, err)
		require.Equal(t, document, again)
		table, err := plan.CompilePrice(price, money.EUR)
		require.NoError(t, err)
		require.Equal(t, table.Price(), back, "decoded decimals are canonical, as compiled ones are")
	})
}

func TestADefinitionReadsOnlyItsOwnModel(t *testing.T) {
	t.Parallel()
	document := []byte(`{"model":"per_unit","unit_amount":"5.50"}`)
	var perUnit plan.PerUnit
	require.NoError(t, json.Unmarshal(document, &perUnit))
	require.True(t, perUnit.Equal(plan.PerUnit{UnitAmount: d("5.5")}))
	tiered := plan.Tiered{FreeUnits: d("7")}
	require.EqualError(t, json.Unmarshal(document, &tiered), `model: must be "tiered"`)
	require.Equal(t, plan.Tiered{FreeUnits: d("7")}, tiered, "a refused document changes nothing")
	for _, target := range []any{&plan.FlatFee{}, &plan.Volume{}, &plan.Package{}, &plan.Stairstep{}} {
		require.ErrorContains(t, json.Unmarshal(document, target), "model: must be")
	}
}

func TestABadDocumentReportsEveryFaultWithItsPathInOrder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, document, want string }{
		{"nothing", ``, `line 1, column 1: the document ends where a value should stand`},
		{"null", `null`, `must be an object`},
		{"a number", `5`, `must be an object`},
		{"a list", `[]`, `must be an object`},
		{"no model", `{"unit_amount":"5"}`, `model: missing`},
		{"a null model", `{"model":null}`, `model: must not be null`},
		{"an unknown model", `{"model":"graduated"}`, `model: unknown price model "graduated": must be one of per_unit, flat_fee, volume, tiered, package, stairstep, percentage, graduated_percentage, matrix`},
		{"a model in capitals", `{"Model":"per_unit","unit_amount":"5"}`, `model: missing`},
		{"no amount", `{"model":"per_unit"}`, `unit_amount: missing`},
		{"a null amount", `{"model":"per_unit","unit_amount":null}`, `unit_amount: missing`},
		{"no fee", `{"model":"flat_fee"}`, `amount: missing`},
		{"an empty package", `{"model":"package"}`, "package_size: missing\npackage_amount: missing"},
		{"no tiers", `{"model":"tiered"}`, `tiers: missing`},
		{"null tiers", `{"model":"volume","tiers":null}`, `tiers: missing`},
		{"tiers of another kind", `{"model":"volume","tiers":"many"}`, `tiers: must be an array`},
		{"a tier of another kind", `{"model":"volume","tiers":["one"]}`, `tiers[0]: must be an object`},
		{"a tier without amounts", `{"model":"volume","tiers":[{}]}`, `tiers[0]: missing: a tier has a unit_amount, a flat_amount or both`},
		{"a step without an amount", `{"model":"stairstep","tiers":[{}]}`, `tiers[0].amount: missing`},
		{"no rate", `{"model":"percentage","unit_amount":"1"}`, "rate: missing\nunit_amount: unknown field"},
		{"a tier without a rate", `{"model":"graduated_percentage","tiers":[{"flat_amount":"1"}]}`, `tiers[0].rate: missing`},
		{"events of tiers", `{"model":"graduated_percentage","tiers":[{"rate":"1"}],"fixed_amount":"0.10"}`, `fixed_amount: unknown field`},
		{"a part of a free event", `{"model":"percentage","rate":"1","free_events":"0.5"}`, `free_events: must be a whole number`},
		{"a number of free events", `{"model":"percentage","rate":"1","free_events":3}`, `free_events: must be a string`},
		{"a choice of one allowance", `{"model":"percentage","rate":"1","free_events":"3","free_by":"both"}`, `free_by: must be left out without both free_events and free_amount`},
		{"a number for a decimal", `{"model":"per_unit","unit_amount":5}`, `unit_amount: must be a string`},
		{"an exponent", `{"model":"per_unit","unit_amount":"1e3"}`, `unit_amount: not a decimal`},
		{"an empty decimal", `{"model":"per_unit","unit_amount":""}`, `unit_amount: not a decimal`},
		{"a sign", `{"model":"per_unit","unit_amount":"+5"}`, `unit_amount: not a decimal`},
		{"too many digits", `{"model":"per_unit","unit_amount":"0.123456789012345678901"}`, `unit_amount: too many digits`},
		{"a negative amount", `{"model":"per_unit","unit_amount":"-5"}`, `unit_amount: must not be negative`},
		{"a field of another model", `{"model":"per_unit","unit_amount":"5","tiers":[]}`, `tiers: unknown field`},
		{"a field in capitals", `{"model":"per_unit","Unit_Amount":"5"}`, "unit_amount: missing\nUnit_Amount: unknown field; the name is \"unit_amount\""},
		{"a field twice", `{"model":"per_unit","unit_amount":"5","unit_amount":"6"}`, `unit_amount: repeated`},
		{"more behind it", `{"model":"per_unit","unit_amount":"5"}{}`, `line 1, column 39: more follows the document`},
		{"a package size of zero", `{"model":"tiered","tiers":[{"unit_amount":"5","package_size":"0"}]}`, `tiers[0].package_size: must exceed 0`},
		{"free steps", `{"model":"stairstep","tiers":[{"amount":"5"}],"free_units":"2"}`, `free_units: unknown field`},
		{"an unknown word", `{"model":"tiered","tiers":[{"unit_amount":"5"}],"zero":"gratis"}`, `zero: unknown choice "gratis": must be one of free`},
		{"closed by a word", `{"model":"tiered","tiers":[{"unit_amount":"5"}],"closed":"yes"}`, `closed: must be true or false`},
		{"several", `{"maximum":"1","model":"tiered","tiers":[{"up_to":"10","unit_amount":"-5"},{"up_to":"9","flat":"1"},{"up_to":"x","flat_amount":"1"}],"minimum":"2"}`, `
			maximum: must be at least the minimum 2
			tiers[0].unit_amount: must not be negative
			tiers[1]: missing: a tier has a unit_amount, a flat_amount or both
			tiers[1].up_to: must exceed 10
			tiers[1].flat: unknown field
			tiers[2].up_to: not a decimal`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			price, err := plan.DecodePrice([]byte(test.document))
			require.EqualError(t, err, lines(test.want))
			require.Nil(t, price)
		})
	}
}

func TestADocumentIsBounded(t *testing.T) {
	t.Parallel()
	tiers := strings.Repeat(`{"unit_amount":"1"},`, 2000)
	_, err := plan.DecodePrice([]byte(`{"model":"tiered","tiers":[` + strings.TrimSuffix(tiers, ",") + `]}`))
	require.EqualError(t, err, "tiers: must be at most 1000, not 2000")
	_, err = plan.DecodePrice([]byte(`{"model":"` + strings.Repeat("x", 2<<20) + `"}`))
	require.EqualError(t, err, "must not be longer than 1048576 bytes")
	_, err = plan.DecodePrice([]byte(`{"model":"per_unit","unit_amount":"` + strings.Repeat("9", 60_000) + `"}`))
	require.EqualError(t, err, "unit_amount: too many digits")
}

// FuzzDecodePrice: whatever is accepted is written again, comes back equal, and compiles.
func FuzzDecodePrice(f *testing.F) {
	for _, document := range priceDocuments {
		f.Add([]byte(document))
	}
	f.Add([]byte(`{"model":"tiered","tiers":[{"up_to":"10","unit_amount":"-5"},{"up_to":"9"},{}],"zero":"x"}`))
	f.Add([]byte(`{"model":"volume","tiers":[{"up_to":"99999999999999999999","unit_amount":"0.00000000000000000001"},{"flat_amount":"1"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		price, err := plan.DecodePrice(data)
		if err != nil {
			require.Nil(t, price)
			require.NotEmpty(t, fault.Faults(err))
			return
		}
		require.True(t, json.Valid(data))
		written, err := jsonOf(price)
		require.NoError(t, err)
		back, err := plan.DecodePrice([]byte(written))
		require.NoError(t, err)
		require.True(t, price.Equal(back))
		table, err := plan.CompilePrice(price, money.USD)
		require.NoError(t, err)
		for _, quantity := range []string{"0", "1", "12.5", "99999999999999999999.5"} {
			amount, err := table.Exact(d(quantity))
			if table.RatesEvents() {
				require.ErrorIs(t, err, plan.ErrEvents)
				events, err := table.RateEvents(plan.EventRating{}, d(quantity), d(quantity).Neg(), d("1"))
				require.NoError(t, err)
				rating, err := table.ExplainEvents(events)
				require.NoError(t, err)
				require.False(t, rating.Amount.IsNegative())
				continue
			}
			if err != nil {
				require.ErrorIs(t, err, plan.ErrNoTier)
				continue
			}
			require.False(t, amount.IsNegative())
			if _, err := table.Rate(d(quantity), money.HalfUp); err != nil {
				require.ErrorIs(t, err, money.ErrOverflow)
			}
		}
	})
}
