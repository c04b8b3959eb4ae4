package plan_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// badPlanDocuments are documents that are no plans. The word HEAD stands for the
// fields that a plan must have.
var badPlanDocuments = []struct{ document, faults string }{
	{``, "line 1, column 1: the document ends where a value should stand"},
	{`null`, "must not be null"},
	{`[]`, "must be an object"},
	{`"pro"`, "must be an object"},
	{`{}`, "id: missing\nversion: must be from 1 to 1000000000\ncurrency: missing"},
	{`{HEAD} {}`, "line 1, column 43: more follows the document"},
	{`{HEAD,}`, "line 1, column 42: '}' stands where a name in double quotes should"},
	{`{HEAD,"ID":"x"}`, `ID: unknown field; the name is "id"`},
	{`{HEAD,"id":"x"}`, "id: repeated"},
	{`{HEAD,"colour":"red"}`, "colour: unknown field"},
	{`{"id":1,"version":1,"currency":"USD"}`, "id: must be a string"},
	{`{"id":"x","version":"1","currency":"USD"}`, "version: must be a whole number"},
	{`{"id":"x","version":1.0,"currency":"USD"}`, "version: must be a whole number"},
	{`{"id":"x","version":1,"currency":"usd"}`, "currency: " + refusal(new(money.Currency), "usd")},
	{`{"id":"x","version":1,"currency":840}`, "currency: must be a string"},
	{`{"id":"x","version":1,"currency":null}`, "currency: must not be null"},
	{`{HEAD,"every":"monthly"}`, "every: " + refusal(new(calendar.Interval), "monthly")},
	{`{HEAD,"every":{"count":1,"unit":"month"}}`, "every: must be a string"},
	{`{HEAD,"month_end":"Clamp"}`, "month_end: " + refusal(new(calendar.MonthEnd), "Clamp")},
	{`{HEAD,"charges":{}}`, "charges: must be an array"},
	{`{HEAD,"charges":[1,null]}`, "charges[0]: must be an object\ncharges[1]: must not be null"},
	{`{HEAD,"charges":[{}]}`, "charges[0].id: missing\ncharges[0].price: missing"},
	{`{HEAD,"charges":[{"id":"a","price":null}]}`, "charges[0].price: must be an object"},
	{`{HEAD,"charges":[{"id":"a","price":{}}]}`, "charges[0].price.model: missing"},
	{`{HEAD,"charges":[{"id":"a","price":{"model":"graduated"}}]}`, `charges[0].price.model: unknown price model "graduated": must be one of per_unit, flat_fee, volume, tiered, package, stairstep, percentage, graduated_percentage, matrix`},
	{`{HEAD,"charges":[{"id":"a","price":{"model":"flat_fee","amount":"1","tiers":[]}}]}`, "charges[0].price.tiers: unknown field"},
	{`{HEAD,"charges":[{"id":"a","price":{"model":"flat_fee","amount":4900}}]}`, "charges[0].price.amount: must be a string"},
	{
		`{HEAD,"charges":[{"id":"a","price":{"model":"flat_fee","amount":"1"}},{"id":"a","price":{"model":"flat_fee","amount":"1"}}]}`,
		`charges[1].id: "a" is used more than once`,
	},
	{
		`{HEAD,"charges":[{"id":"a","price":{"model":"tiered","tiers":[{"up_to":"10","unit_amount":"1"},{"up_to":"10","unit_amount":"1"},{"unit_amount":"1"}]}}]}`,
		"charges[0].price.tiers[1].up_to: must exceed 10",
	},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"once":1}]}`, "charges[0].once: must be true or false"},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"timing":"ARREARS"}]}`, `charges[0].timing: unknown timing "ARREARS": must be one of advance, arrears`},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"quantity":1}]}`, "charges[0].quantity: must be a string"},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"quantity":"1e2"}]}`, "charges[0].quantity: not a decimal"},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"quantity":"-1"}]}`, "charges[0].quantity: must not be negative"},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"tax_code":5}]}`, "charges[0].tax_code: must be a string"},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"tax_code":" x"}]}`, "charges[0].tax_code: must not begin or end with a space"},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"metadata":{"":"x"}}]}`, `charges[0].metadata[""]: missing`},
	{`{HEAD,"charges":[{"id":"a","price":FLAT,"usage":"calls"}]}`, "charges[0].usage: unknown field"},
	{`{HEAD,"phases":[{}]}`, "phases[0]: must have either cycles or a length"},
	{`{HEAD,"phases":[{"cycle":3}]}`, "phases[0].cycle: unknown field"},
	{`{HEAD,"phases":[{"cycles":3}]}`, "phases[0].cycles: nothing recurs that could be counted"},
	{`{HEAD,"phases":[{"length":"P0D"}]}`, "phases[0].length: " + refusal(new(calendar.Interval), "P0D")},
	{`{HEAD,"trial":{}}`, "trial: must have either a length or an instant until"},
	{`{HEAD,"trial":{"until":"2026-01-31"}}`, "trial.until: must be an instant such as 2026-01-31T09:00:00Z"},
	{`{HEAD,"trial":{"length":"P14D","at_end":"die"}}`, `trial.at_end: unknown trial end "die": must be one of bill, cancel, pause`},
	{`{HEAD,"trial":[]}`, "trial: must be an object"},
	{`{HEAD,"length":{"cycles":12}}`, "length.cycles: nothing recurs that could be counted"},
	{`{HEAD,"length":{"cycles":1.5}}`, "length.cycles: must be a whole number"},
	{`{HEAD,"spend_cap":{}}`, "spend_cap.amount: missing\nspend_cap: nothing recurs of which a period could have a cap"},
	{`{HEAD,"every":"P1M","spend_cap":{"amount":{"amount":"0.00","currency":"USD"}}}`, "spend_cap.amount: must be above zero"},
	{`{HEAD,"every":"P1M","spend_cap":{"amount":{"amount":"1.00","currency":"EUR"}}}`, "spend_cap.amount: must be in the currency of the plan"},
	{`{HEAD,"every":"P1M","spend_cap":{MIN,"over":"bill"}}`, `spend_cap.over: unknown choice for what exceeds a spend cap "bill": must be one of report, stop`},
	{`{HEAD,"every":"P1M","currencies":["EUR"],"spend_cap":{MIN}}`, "spend_cap.amounts: must have one in EUR"},
	{`{HEAD,"every":"P1M","spend_cap":{MIN,"amounts":[{"amount":"1.00","currency":"EUR"}]}}`, "spend_cap.amounts[0]: is in none of the plan's other currencies"},
	{
		`{HEAD,"every":"P1M","charges":[{"id":"a","price":FLAT}],"spend_cap":{MIN,"charges":["a","b","b"]}}`,
		`spend_cap.charges[2]: "b" is used more than once` + "\nspend_cap.charges[0]: only usage is capped\nspend_cap.charges[1]: there is no charge of this id\nspend_cap.charges[2]: there is no charge of this id",
	},
	{
		`{HEAD,"every":"P1M","charges":[{"id":"a","price":FLAT,"metric":"m","every":"P1Y"}],"spend_cap":{MIN}}`,
		"charges[0].every: usage that a spend cap counts bills by the periods of the plan",
	},
	{`{HEAD,"every":"P1M","phases":[{"every":"P1W","cycles":2}],"spend_cap":{MIN}}`, "spend_cap: phases[0] has periods of another length"},
	{`{HEAD,"minimum":{}}`, "minimum.amount: missing\nminimum: nothing recurs of which a period could have a minimum"},
	{`{HEAD,"every":"P1M","minimum":{"amount":{"amount":"0.00","currency":"USD"}}}`, "minimum.amount: must be above zero"},
	{`{HEAD,"every":"P1M","minimum":{"amount":{"amount":"1.00","currency":"EUR"}}}`, "minimum.amount: must be in the currency of the plan"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"amounts":[{"amount":"0.00","currency":"EUR"}]}}`, "minimum.amounts[0]: must be above zero\nminimum.amounts[0]: is in none of the plan's other currencies"},
	{`{HEAD,"every":"P1M","currencies":["EUR"],"minimum":{MIN}}`, "minimum.amounts: must have one in EUR"},
	{`{HEAD,"every":"P1M","currencies":["EUR"],"minimum":{MIN,"amounts":[{"amount":"1.00","currency":"EUR"},{"amount":"2.00","currency":"EUR"}]}}`, `minimum.amounts[1]: "EUR" is used more than once`},
	{`{HEAD,"every":"P1M","minimum":{MIN,"base":"fees"}}`, `minimum.base: unknown base of a minimum "fees": must be one of all, usage, list`},
	{`{HEAD,"every":"P1M","minimum":{MIN,"base":"list"}}`, "minimum.charges: must have at least one"},
	{`{HEAD,"every":"P1M","charges":[{"id":"a","price":FLAT}],"minimum":{MIN,"base":"usage","charges":["a"]}}`, `minimum.charges: must be left out unless the base is "list"`},
	{
		`{HEAD,"every":"P1M","charges":[{"id":"a","price":FLAT,"once":true}],"minimum":{MIN,"charges":["a","b","b"]}}`,
		`minimum.charges[2]: "b" is used more than once` + "\nminimum.charges[0]: a charge that is due once belongs to no period\nminimum.charges[1]: there is no charge of this id\nminimum.charges[2]: there is no charge of this id",
	},
	{`{HEAD,"every":"P1M","minimum":{MIN,"part":"half"}}`, `minimum.part: unknown choice for a part of a minimum "half": must be one of share, whole`},
	{`{HEAD,"every":"P1M","minimum":{MIN,"discounts":"never"}}`, `minimum.discounts: unknown choice for discounts of a minimum "never": must be one of after, before`},
	{`{HEAD,"every":"P1M","minimum":{MIN,"discounts":"before","discounted":true}}`, "minimum.discounted: where discounts are taken off before the true-up, it has none of its own"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"cycles":-1,"instalments":true}}`, "minimum.cycles: must be from 1 to 1000000\nminimum.instalments: there is one period only"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"cycles":12,"discounts":"before"}}`, "minimum.cycles: over several periods lines count before their discounts"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"cycles":3,"interval":"P1Y"}}`, "minimum.interval: must be left out beside cycles"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"interval":"P1Y","discounts":"before"}}`, "minimum.interval: over several periods lines count before their discounts"},
	{`{HEAD,"every":"P2M","minimum":{MIN,"interval":"P3M"}}`, "minimum.interval: must be a whole number of the plan's interval"},
	{`{HEAD,"every":"P1W","minimum":{MIN,"interval":"P1M"}}`, "minimum.interval: must be a whole number of the plan's interval"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"overage_factor":"0.5"}}`, "minimum.overage_factor: must be from 1 to 1000"},
	{`{HEAD,"every":"P1M","minimum":{MIN,"tax_code":" x"}}`, "minimum.tax_code: must not begin or end with a space"},
	{`{HEAD,"every":"P1M","phases":[{"every":"P1W","cycles":2}],"minimum":{MIN}}`, "minimum: phases[0] has periods of another length"},
	{`{HEAD,"rules":{"cancel":"no"}}`, `rules.cancel: unknown permission "no": must be one of anyone, operator, nobody`},
	{`{HEAD,"rules":null}`, "rules: must not be null"},
	{`{HEAD,"policy":{"rounding":"bankers"}}`, "policy.rounding: " + refusal(new(money.Rounding), "bankers")},
	{`{HEAD,"policy":{"month_end":"clamp"}}`, "policy.month_end: unknown field"},
	{`{HEAD,"policy":{"pause_credit":"full"}}`, `policy.pause_credit: unknown credit "full": must be one of prorate, none`},
	{`{HEAD,"features":[]}`, "features: must be an object"},
	{`{HEAD,"features":{"a b":{"kind":"switch","colour":1}}}`, `features["a b"].colour: unknown field`},
	{`{HEAD,"credit_packs":[{"id":"x","credits":1,"list_price":"1","percent_off":"101"}]}`, "credit_packs[0].percent_off: must be from 0 to 100"},
	{`{HEAD,"credit_packs":[{"id":"x","credits":9223372036854775808}]}`, "credit_packs[0].credits: must be between -9223372036854775808 and 9223372036854775807"},
	{`{HEAD,"metrics":[{"id":"x","aggregation":"avg"}]}`, `metrics[0].aggregation: unknown aggregation "avg": must be one of sum, max, last, count, unique, average, weighted_sum, time_average`},
	{`{HEAD,"metadata":{"a":1}}`, "metadata.a: must be a string"},
	{`{HEAD,"metadata":{"a":"1","a":"2"}}`, "metadata.a: repeated"},
	{`{HEAD,"name":"\ud800"}`, "name: must not hold half of a surrogate pair"},
	{"{HEAD,\"name\":\"\xff\"}", "name: must be valid UTF-8"},
	{`{HEAD,"name":"a\u0000b"}`, "name: must be on one line, without control characters"},
	{
		`{"id":"","version":0,"currency":"EUR","nope":1,"charges":[{"id":"a","price":{"model":"per_unit","unit_amount":"-1"},"metric":"m","timing":"advance"},{"price":FLAT,"Id":"b"}],"trial":{"length":"P1D","until":"2026-01-01T00:00:00Z"}}`,
		"nope: unknown field\ncharges[0].price.unit_amount: must not be negative\n" + `charges[1].Id: unknown field; the name is "id"` + "\n" +
			"id: missing\nversion: must be from 1 to 1000000000\ncharges[0].timing: usage cannot be rated in advance\n" +
			"charges[1].id: missing\ntrial: must have either a length or an instant until",
	},
	{`{HEAD,"charges":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "line 1, column 83: nested deeper than 32"},
	{`{HEAD,"description":"` + strings.Repeat(" ", 1<<20) + `"}`, "must not be longer than 1048576 bytes"},
}

// refusal is what a value of another package says to a text that it does not know.
func refusal(v encoding.TextUnmarshaler, text string) string {
	return v.UnmarshalText([]byte(text)).Error()
}

func document(s string) []byte {
	s = strings.ReplaceAll(s, "HEAD", `"id":"pro","version":1,"currency":"USD"`)
	s = strings.ReplaceAll(s, "MIN", `"amount":{"amount":"100.00","currency":"USD"}`)
	return []byte(strings.ReplaceAll(s, "FLAT", `{"model":"flat_fee","amount":"1"}`))
}

func TestABadDocumentOfAPlanReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	for _, row := range badPlanDocuments {
		before := team()
		p := before
		err := p.UnmarshalJSON(document(row.document))
		require.EqualError(t, err, row.faults, "%.200s", row.document)
		require.Len(t, fault.Faults(err), 1+strings.Count(row.faults, "\n"))
		require.True(t, before.Equal(p), "a refused document changes nothing")
	}
}

func TestAPlanIsWrittenInOneWay(t *testing.T) {
	t.Parallel()
	p := team()
	p.Trial = &plan.Trial{Until: time.Date(2026, 3, 1, 2, 0, 0, 5999, time.FixedZone("", 2*3600))}
	p.Features = feature.Set{"sso": {Kind: feature.Switch, Active: true}}
	data, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"id":"team","version":2,"name":"Team","description":"For teams.\nBy the month.","family":"business","product":"suite",
		"currency":"USD","every":"P1M","month_end":"last_day",
		"charges":[
			{"id":"base","name":"Base fee","price":{"model":"flat_fee","amount":"30.15"}},
			{"id":"seats","price":{"model":"per_unit","unit_amount":"12","free_units":"2"},"timing":"advance"},
			{"id":"support","price":{"model":"per_unit","unit_amount":"10"},"timing":"arrears","quantity":"3.5"},
			{"id":"setup","price":{"model":"flat_fee","amount":"99"},"once":true},
			{"id":"calls","price":{"model":"tiered","tiers":[{"up_to":"1000","unit_amount":"0"},{"unit_amount":"0.0299"}]},"metric":"api_calls"},
			{"id":"peak","price":{"model":"volume","tiers":[{"unit_amount":"1"}]},"metric":"connections"}
		],
		"phases":[
			{"id":"intro","every":"P2W","charges":[{"id":"base","price":{"model":"flat_fee","amount":"10"}}],"cycles":3},
			{"length":"P45D"}
		],
		"trial":{"until":"2026-03-01T00:00:00.000005Z"},
		"length":{"interval":"P1Y","from":"start","last_period":"full","at_end":"roll"},
		"rules":{"cancel_now":"operator","quantity":"nobody"},
		"policy":{"basis":"second","cancel_credit":"prorate","rounding":"half_even"},
		"features":{"sso":{"kind":"switch","active":true}},
		"credit_packs":[
			{"id":"ten","name":"Ten","credits":10,"list_price":"10","percent_off":"5"},
			{"id":"dozen","credits":12,"list_price":"10","price":"95","valid_for":"P1Y","extends_paid":true}
		],
		"metrics":[{"id":"connections","name":"Connections","aggregation":"max"},{"id":"spare"}],
		"metadata":{"crm":"4711","sales region":"north"}
	}`, string(data))
	again, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, data, again, "the same plan, the same bytes")

	data, err = json.Marshal(plan.Plan{ID: "free", Version: 1, Currency: money.JPY})
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"free","version":1,"currency":"JPY"}`, string(data))
}

func TestAPlanThatIsTooLongToBeReadIsNotWritten(t *testing.T) {
	t.Parallel()
	p := plan.Plan{ID: "long", Version: 1, Currency: money.USD, Metadata: map[string]string{}}
	for i := range 300 {
		p.Metadata[fmt.Sprint(i)] = strings.Repeat("x", 4096)
	}
	require.NoError(t, p.Validate())
	_, err := json.Marshal(p)
	require.ErrorContains(t, err, "plan: encode: longer than 1048576 bytes")
}

func TestEveryPlanComesBackFromItsDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		require.NoError(t, p.Validate())
		data, err := json.Marshal(p)
		require.NoError(t, err)
		var back plan.Plan
		require.NoError(t, json.Unmarshal(data, &back))
		require.True(t, p.Equal(back), "%s", data)
		require.True(t, back.Equal(p))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, data, again)
		require.True(t, p.Equal(p.Clone()))
	})
}

// parts are the definitions that have JSON of their own, beside prices, plans and
// catalogs.
func TestEveryPartOfAPlanHasStrictJSONOfItsOwn(t *testing.T) {
	t.Parallel()
	p := team()
	amount := money.MustParse("5.00 USD")
	roundTrip(t, p.Charges[2], plan.Charge.Equal)
	roundTrip(t, p.Phases[0], plan.Phase.Equal)
	roundTrip(t, *p.Trial, plan.Trial.Equal)
	roundTrip(t, *p.Length, same[plan.Length])
	percent := d("12.5")
	fee := plan.EarlyEnd{Fee: plan.RestFee, Percent: &percent}
	roundTrip(t, fee, plan.EarlyEnd.Equal)
	roundTrip(t, plan.Term{Interval: calendar.Years(1), Notice: calendar.Days(30), LateNotice: plan.LateRefused, EarlyEnd: &fee}, plan.Term.Equal)
	places := 3
	roundTrip(t, plan.Increase{Percent: d("7"), Every: calendar.Months(6), First: calendar.Years(1), Charges: []string{"base"}, KeepNegotiated: true, Decimals: &places, Times: 4}, plan.Increase.Equal)
	roundTrip(t, p.Rules, same[plan.Rules])
	roundTrip(t, plan.Rules{}, same[plan.Rules])
	roundTrip(t, p.Policy, same[plan.Policy])
	roundTrip(t, plan.Policy{}, same[plan.Policy])
	roundTrip(t, plan.DefaultPolicy(), same[plan.Policy])
	roundTrip(t, p.CreditPacks[0], plan.CreditPack.Equal)
	roundTrip(t, p.CreditPacks[1], plan.CreditPack.Equal)
	roundTrip(t, p.Metrics[0], same[plan.Metric])
	roundTrip(t, plan.Product{Code: "pci", Name: "PCI", Description: "Scans\tand more"}, same[plan.Product])
	roundTrip(t, plan.Discount{ID: "a", Percent: at("5"), Duration: plan.Forever, Charges: []string{"base", "seats"}, Kinds: []plan.DiscountedKind{plan.DiscountCharges, plan.DiscountOneOffs}}, plan.Discount.Equal)
	roundTrip(t, plan.Discount{ID: "a", Percent: at("12.50"), Duration: plan.Forever, Charges: []string{"base"}}, plan.Discount.Equal)
	roundTrip(t, plan.Discount{ID: "b", Name: "B", Amount: &amount, Duration: plan.ForCycles, Cycles: 3}, plan.Discount.Equal)
	roundTrip(t, plan.Discount{ID: "c", Amount: &amount, Duration: plan.ForTime, For: calendar.Weeks(6)}, plan.Discount.Equal)
	roundTrip(t, plan.Release{Plan: p, AvailableFrom: time.Unix(5, 5000), AvailableUntil: time.Unix(6, 0)}, plan.Release.Equal)
	roundTrip(t, plan.Offering{
		ID: "web", ExternalRef: "x", Name: "Web", Description: "d", Products: []plan.Product{{Code: "pci"}},
		Plans: []plan.Ref{{ID: "team", Version: 2}}, CreatedAt: time.Unix(1, 0), UpdatedAt: time.Unix(2, 0), Metadata: map[string]string{"a": "b"},
	}, plan.Offering.Equal)
}

func same[T comparable](a, b T) bool { return a == b }

// roundTrip also shows that each part refuses what it does not know.
func roundTrip[T any, P interface {
	*T
	json.Unmarshaler
}](t *testing.T, v T, equal func(a, b T) bool,
) {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	var back T
	require.NoError(t, json.Unmarshal(data, P(&back)))
	require.True(t, equal(v, back), "%s", data)
	kept := back
	for document, fault := range map[string]string{
		strings.Replace(string(data), "{", `{"nope":1,`, 1): "nope: unknown field",
		`[]`:               "must be an object",
		`null`:             "must not be null",
		string(data) + "x": "follows the document",
	} {
		if strings.HasPrefix(document, `{"nope":1,}`) {
			document = `{"nope":1}`
		}
		require.ErrorContains(t, P(&back).UnmarshalJSON([]byte(document)), fault)
		require.True(t, equal(kept, back))
	}
}

func FuzzPlanJSON(f *testing.F) {
	for _, row := range badPlanDocuments {
		f.Add(document(row.document))
	}
	data, err := json.Marshal(team())
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var p plan.Plan
		if err := p.UnmarshalJSON(data); err != nil {
			require.NotEmpty(t, fault.Faults(err))
			require.True(t, p.Equal(plan.Plan{}))
			return
		}
		require.True(t, json.Valid(data))
		require.NoError(t, p.Validate())
		_, err := plan.Compile(p)
		require.NoError(t, err)
		written, err := json.Marshal(p)
		require.NoError(t, err)
		var back plan.Plan
		require.NoError(t, back.UnmarshalJSON(written))
		require.True(t, p.Equal(back))
	})
}
