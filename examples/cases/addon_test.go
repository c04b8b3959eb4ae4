package cases_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
)

// withAddOns is a story with an add-on of one charge, one of two and one of none.
const withAddOns = `{"id":"x","kind":"scenario",
	"plans":[
		{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"10"}}]},
		{"id":"q","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"20"}}]}],
	"add_ons":[
		{"id":"one","single":true,"min_quantity":"2","max_quantity":"3","charges":[{"id":"a","price":{"model":"per_unit","unit_amount":"1"}}]},
		{"id":"two","plans":["p"],"charges":[{"id":"a","price":{"model":"flat_fee","amount":"1"}},{"id":"b","price":{"model":"flat_fee","amount":"1"}}]},
		{"id":"none","charges":[]}],
	"subscription":{"plan":"p","start":"2026-01-01"},
	"policy":{"change_add_ons":"refuse"},
	"actions":[
		{"at":"2026-01-10","do":"attach","add_on":"one","id":"i","quantity":"2","price":{"model":"per_unit","unit_amount":"2"}},
		{"at":"2026-01-10","do":"attach","add_on":"two","id":"j"},
		{"at":"2026-01-10","do":"attach","add_on":"none","id":"k"},
		{"at":"2026-01-11","do":"change_quantity","quantity":"3","attachment":"i"},
		{"at":"2026-01-12","do":"detach","id":"j","effective":"now"},
		{"at":"2026-01-13","do":"change_plan","to":"q"}],
	"until":"2026-01-13","expect":{"balance":"0"}}`

func TestAStoryOfAddOnsThatIsReadIsPlayed(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, cases.Unsupported, run(t, withAddOns).Verdict)
	require.NotContains(t, run(t, withAddOns).Got, "refused")
}

func TestAStoryOfAddOnsThatMeansNothingIsUnsupportedWithItsPath(t *testing.T) {
	t.Parallel()
	const free = `"price":{"model":"flat_fee","amount":"1"}`
	for _, test := range []struct{ name, old, new, want string }{
		{"a price for two charges", `"id":"j"`, `"id":"j",` + free, `actions[1].price: must be of the one charge of the add-on: "two" has 2`},
		{"a price for no charge", `"id":"k"`, `"id":"k",` + free, `actions[2].price: must be of the one charge of the add-on: "none" has 0`},
		{"two add-ons of one name", `{"id":"two"`, `{"id":"one"`, `add_ons[1].id: another add-on is named "one"`},
		{"an add-on that is not there", `"add_on":"none"`, `"add_on":"nil"`, `actions[2].add_on: no add-on is named "nil"`},
		{"a quantity of both", `"attachment":"i"`, `"attachment":"i","charge":"fee"`, `actions[3]: must not have both charge and attachment`},
		{"a word of the policy", `"change_add_ons":"refuse"`, `"change_add_ons":"leave"`, `policy.change_add_ons: plan: unknown choice for add-ons "leave": must be one of keep, drop, refuse`},
		{"a single that is a word", `"single":true`, `"single":"yes"`, `add_ons[0].single: `},
		{"a bound that is none", `"min_quantity":"2"`, `"min_quantity":"few"`, `add_ons[0].min_quantity: `},
	} {
		require.Contains(t, withAddOns, test.old, test.name)
		result := run(t, strings.Replace(withAddOns, test.old, test.new, 1))
		require.Equal(t, cases.Unsupported, result.Verdict, "%s: %s", test.name, result)
		require.Contains(t, result.Reason, test.want, test.name)
	}
}

// What the engine refuses is a failure of the case.
func TestAnAddOnOutOfItsBoundsFailsTheStory(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, new, want string }{
		{"fewer than it may have", `"quantity":"2",`, ``, `actions[0]: subscription: add-on does not fit: one@1 in quantity 1`},
		{"more than it may have", `"quantity":"3"`, `"quantity":"4"`, `actions[3]: subscription: add-on does not fit: one@1 in quantity 4`},
		{"twice at a time", `"add_on":"two"`, `"add_on":"one","quantity":"2"`, `actions[1]: subscription: attached already: one@1 as "i", and may be once only`},
		{"a plan that one does not fit", `{"at":"2026-01-12","do":"detach","id":"j","effective":"now"},`, ``, `actions[4]: subscription: add-on does not fit: two@1 with q@1`},
		{"bounds in the wrong order", `"min_quantity":"2"`, `"min_quantity":"4"`, `add_ons[0].max_quantity: must not be less than min_quantity`},
	} {
		require.Contains(t, withAddOns, test.old, test.name)
		result := run(t, strings.Replace(withAddOns, test.old, test.new, 1))
		require.Equal(t, cases.Failed, result.Verdict, "%s: %s", test.name, result)
		require.Contains(t, result.String(), test.want, test.name)
	}
}
