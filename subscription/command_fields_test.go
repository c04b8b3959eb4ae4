package subscription_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/subscription"
)

// Every field of a command but those that any command has is refused where the
// action has no use for it: none is read and forgotten.
func TestAFieldThatTheActionHasNoUseForIsRefused(t *testing.T) {
	t.Parallel()
	common := []string{"at", "action", "actor", "reason", "key", "correction", "replace", "set", "policy"}
	samples := map[string]string{
		"on": `"2026-03-01T00:00:00Z"`, "plan": `"large@1"`, "charge": `"fee-30"`, "quantity": `"2"`, "price": `{"model":"flat_fee","amount":"1"}`,
		"resume_at": `"2026-03-01T00:00:00Z"`, "cycles": `1`, "anchor": `"2026-03-01T00:00:00Z"`, "trial_end": `"2026-03-01T00:00:00Z"`, "next_billing": `"2026-03-01T00:00:00Z"`, "difference": `"share"`,
		"end_date": `"2026-03-01T00:00:00Z"`, "discount": `{"id":"d","percent":"10","duration":"once"}`,
		"one_off": `{"id":"o","amount":{"amount":"1.00","currency":"USD"}}`, "account_credit": `{"amount":"1.00","currency":"USD"}`, "pack": `"ten"`,
		"patch": `{"name":"n"}`, "features": `{"sso":{"kind":"switch","active":true}}`, "revoked": `["sso"]`,
		"attachment": `"a"`, "add_on": `"extra@1"`, "prices": `{"fee":{"model":"flat_fee","amount":"1"}}`,
	}
	kind := reflect.TypeFor[subscription.Command]()
	tested := 0
	for i := range kind.NumField() {
		name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" || strings.Contains(" "+strings.Join(common, " ")+" ", " "+name+" ") {
			continue
		}
		require.Contains(t, samples, name)
		doc := fmt.Sprintf(`{"format":1,"id":"x","plan":"month@1","start":"2026-01-01T00:00:00Z","commands":[{"at":"2026-01-10T00:00:00Z","actor":"operator","action":"hold",%q:%s}]}`, name, samples[name])
		_, err := subscription.Decode([]byte(doc), toldCatalog())
		require.ErrorContains(t, err, fmt.Sprintf("commands[0]: subscription: invalid call: hold: %s: has no place here", name))
		tested++
	}
	require.Equal(t, len(samples), tested)
}
