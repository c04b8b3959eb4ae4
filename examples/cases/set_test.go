package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
)

func TestTheActionsOfASetMustFitTogether(t *testing.T) {
	t.Parallel()
	const quantity = `{"at":"2026-01-10","set":"s","do":"change_quantity","quantity":"2"`
	for _, test := range []struct {
		name, actions string
		want          []string // none: it can be read
	}{
		{"changes and what only feeds", quantity + `},{"at":"2026-01-10","set":"s","do":"change_plan","to":"b"},
			{"at":"2026-01-10","set":"s","do":"discount","percent":"10","duration":"once"},
			{"at":"2026-01-10","set":"s","do":"one_off","amount":"1"},
			{"at":"2026-01-10","set":"s","do":"account_credit","amount":"1"}`, nil},
		{"what only feeds alone", `{"at":"2026-01-10","set":"s","do":"one_off","amount":"1"},{"at":"2026-01-10","set":"s","do":"account_credit","amount":"1"}`, nil},
		{"one action", quantity + `}`, nil},
		{"two sets of one instant", quantity + `},{"at":"2026-01-10","set":"t","do":"change_plan","to":"b","credit":"none"}`, nil},
		{"one instant written in two ways", quantity + `},{"at":"2026-01-10T01:00:00+01:00","set":"s","do":"change_plan","to":"b"}`, nil},
		{"the choices, said or by default", quantity + `,"credit":"prorate"},{"at":"2026-01-10","set":"s","do":"change_plan","to":"b","charge_new":"prorate"}`, nil},
		{"now, said", quantity + `,"effective":"now"}`, nil},
		{
			"usage", quantity + `},{"at":"2026-01-10","set":"s","do":"usage","of":"calls","quantity":"1"}`,
			[]string{"actions[1].set: a set has only changes of plan, quantity, price or add-ons, discounts, one_off and account_credit"},
		},
		{
			"a cancellation", quantity + `},{"at":"2026-01-10","set":"s","do":"cancel","effective":"now"}`,
			[]string{"actions[1].set: a set has only changes of plan, quantity, price or add-ons, discounts, one_off and account_credit"},
		},
		{
			"another anchor of the periods", quantity + `},{"at":"2026-01-10","set":"s","do":"set_anchor","anchor":"2026-01-20"}`,
			[]string{"actions[1].set: a set has only changes of plan, quantity, price or add-ons, discounts, one_off and account_credit"},
		},
		{
			"two instants", quantity + `},{"at":"2026-01-11","set":"s","do":"change_plan","to":"b"}`,
			[]string{`actions[1].set: must be of one instant: actions[0] of the set "s" has another`},
		},
		{
			"another action between", quantity + `},{"at":"2026-01-10","do":"change_price","charge":"fee","price":{"model":"flat_fee","amount":"1"}},{"at":"2026-01-10","set":"s","do":"change_plan","to":"b"}`,
			[]string{`actions[2].set: the actions of the set "s" must stand one after another`},
		},
		{
			"a later effect", quantity + `,"effective":"period_end"},{"at":"2026-01-10","set":"s","do":"change_plan","to":"b","effective":"2026-02-10"}`,
			[]string{"actions[0].effective: must be now in a set", "actions[1].effective: must be now in a set"},
		},
		{
			"several policies", quantity + `,"credit":"none","charge_new":"full"},
				{"at":"2026-01-10","set":"s","do":"one_off","amount":"1","collect":"now"},
				{"at":"2026-01-10","set":"s","do":"change_plan","to":"b","collect":"next_invoice","anchor":"reset"}`,
			[]string{
				"actions[2].credit: is prorate, must be none as in actions[0]: a set has one policy",
				"actions[2].charge_new: is prorate, must be full as in actions[0]: a set has one policy",
				"actions[2].collect: is next_invoice, must be now as in actions[0]: a set has one policy",
				"actions[2].anchor: is reset, must be keep as in actions[0]: a set has one policy",
			},
		},
		{"an action that cannot be read", quantity + `},{"at":"2026-01-10","set":"s","do":"hold"}`, []string{`actions[1].do: unknown action "hold"`}},
		{"a set that is no name", `{"at":"2026-01-10","set":1,"do":"one_off","amount":"1"}`, []string{"actions[0].set: must be a string"}},
		{"a set without a name", `{"at":"2026-01-10","set":"","do":"one_off","amount":"1"}`, []string{"actions[0].set: must not be empty"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, faults := cases.DecodeStories([]byte(tale + test.actions + `]}`))
			var lines, reasons []string
			for _, f := range faults {
				lines = append(lines, f.Error())
			}
			require.Equal(t, test.want, lines)

			// A case is refused for the same reasons.
			result := run(t, tale[:1]+`"id":"x","kind":"scenario","until":"2026-01-01","expect":{"balance":"0"},`+tale[1:]+test.actions+`]}`)
			if test.want == nil {
				require.Empty(t, result.Reason)
				return
			}
			reasons = append(reasons, result.Reason)
			require.Equal(t, cases.Unsupported, result.Verdict)
			for _, line := range test.want {
				require.Contains(t, reasons[0], line)
			}
		})
	}
}

func TestASetIsDoneInOneEdit(t *testing.T) {
	t.Parallel()
	// Each action keeps a command of its own; none is done if one is refused.
	s := told(t, `{"at":"2026-01-10","set":"s","do":"change_quantity","quantity":"2"},
		{"at":"2026-01-10","set":"s","do":"one_off","amount":"1"},
		{"at":"2026-01-10","set":"s","do":"change_plan","to":"b"},
		{"at":"2026-03-10","set":"t","do":"change_quantity","quantity":"3"},
		{"at":"2026-03-10","set":"t","do":"one_off","amount":"1"}`)
	played, faults := s.Play(day("2026-02-10"))
	require.Empty(t, faults)
	require.Equal(t, []int{2, 3, 4, -1, -1}, played.Commands)
	require.Equal(t, "b", played.Subscription.Plan(played.Until).Ref().ID)

	require.Equal(t, []string{
		`actions[2]: subscription: no such charge: "gold"`,
		`actions[3]: money: from decimal: too many decimal digits for the currency USD`,
	}, faultsOf(t, told(t, `{"at":"2026-01-10","do":"change_quantity","quantity":"2"},
		{"at":"2026-01-11","set":"s","do":"change_quantity","quantity":"3"},
		{"at":"2026-01-11","set":"s","do":"change_quantity","quantity":"3","charge":"gold"},
		{"at":"2026-01-11","set":"s","do":"one_off","amount":"0.001"}`)))

	// A case that the engine refuses has failed, with the action that was refused.
	result := run(t, `{"id":"x","kind":"scenario","until":"2026-01-20","expect":{"balance":"0"},`+tale[1:]+
		`{"at":"2026-01-11","set":"s","do":"change_quantity","quantity":"3"},{"at":"2026-01-11","set":"s","do":"one_off","amount":"0.001"}]}`)
	require.Equal(t, cases.Failed, result.Verdict)
	require.Contains(t, result.Got, "error: actions[1]: ")
}

func TestASetReplacesWhatWasScheduled(t *testing.T) {
	t.Parallel()
	played, faults := told(t, `{"at":"2026-01-10","do":"change_plan","to":"b","effective":"period_end"},
		{"at":"2026-01-11","set":"s","do":"change_quantity","quantity":"3"},
		{"at":"2026-01-11","set":"s","do":"change_plan","to":"b"}`).Play(time.Time{})
	require.Empty(t, faults)
	require.Equal(t, []int{2, 3, 4}, played.Commands)
}
