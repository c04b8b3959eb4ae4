package cases_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
)

func TestAWordOfAContractThatIsNotBuiltIsUnsupportedByItsName(t *testing.T) {
	t.Parallel()
	const every = `"every":{"count":1,"unit":"month"}`
	// action replaces what a story has of actions.
	action := func(text string) string { return plain + `,"actions":[{"at":"2026-02-01",` + text + `}]` }
	in := func(old, with string) string {
		require.Contains(t, plain, old)
		return strings.Replace(plain, old, with, 1)
	}
	ofPlan := func(text string) string { return in(every, every+","+text) }
	for _, test := range []struct{ name, text, path, contract string }{
		{"add-ons in a trial", in(`"plans":`, `"add_ons":[{"id":"x","charges":[],"trial":"bill"}],"plans":`), "add_ons[0].trial", "add-ons that are billed in a trial"},
		{"invoices ahead", ofPlan(`"invoice_lead":{"count":14,"unit":"day"}`), "plans[0].invoice_lead", "invoices ahead of their period"},
		{"a grid to come back to", action(`"do":"set_next_billing","to":"2026-03-15","grid":"return"`), "actions[0].grid", "next billing after which the old grid goes on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := "UNSUPPORTED x: " + test.path + ": the contract \"" + test.contract + "\" is not built"
			require.Equal(t, want, run(t, `{"id":"x",`+test.text+`}`).String())
			if test.path == "kind" {
				return
			}
			// Beside such a word anything else that is unknown is still said.
			require.Equal(t, want+"; colour: unknown field", run(t, `{"id":"x",`+test.text+`,"colour":"red"}`).String())
		})
	}
}

// A word of a contract means nothing where the contract has none.
func TestAWordOfAContractInAnotherPlaceIsUnknown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, new, want string }{
		{"a minimum of the case", `"plans":`, `"minimum":{"amount":"1"},"plans":`, "minimum: unknown field"},
		{"a lead of a charge", `{"id":"fee",`, `{"id":"fee","invoice_lead":{"count":1,"unit":"day"},`, "plans[0].charges[0].invoice_lead: unknown field"},
		{"grants of a subscription", `"start":`, `"grants":{},"start":`, "subscription.grants: unknown field"},
		{"drawn of all", `{"balance":"0"}`, `{"balance":"0","drawn":"1"}`, "expect.drawn: unknown field"},
		{"a kind that the format has not", `"kind":"scenario"`, `"kind":"accounts"`, `kind: unknown kind "accounts"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, plain, test.old)
			require.Equal(t, "UNSUPPORTED x: "+test.want, run(t, `{"id":"x",`+strings.Replace(plain, test.old, test.new, 1)+`}`).String())
		})
	}
}

func TestAStoryWithAWordOfAContractIsAFault(t *testing.T) {
	t.Parallel()
	_, faults := cases.DecodeStories([]byte(strings.Replace(tale, `"plans":[`, `"kind":"scenario","add_ons":[{"id":"x","trial":"bill","charges":[{"id":"gb","price":{"model":"flat_fee","amount":"1"},"usage":"gb"}]}],"plans":[`, 1) + `
		{"at":"2026-01-10","do":"attach","add_on":"x","id":"y","colour":"red"},
		{"at":"2026-01-11","do":"usage","of":"gb","quantity":"1"},
		{"at":"2026-01-12","do":"usage","of":"mb","quantity":"1"},
		{"at":"2026-01-13","do":"hold"}]}`))
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.Error())
	}
	require.Equal(t, []string{
		`add_ons[0].trial: the contract "add-ons that are billed in a trial" is not built`,
		`actions[0].colour: unknown field`,
		`actions[2].of: no charge rates the usage "mb"`,
		`actions[3].do: unknown action "hold"`,
	}, lines)
}
