package feature_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/schema"
)

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	var sets, given [][]byte
	for i := range 30 {
		data, err := rapid.Custom(func(t *rapid.T) feature.Set {
			return feature.Set{"f": grants().Draw(t, "f"), "g h": grants().Draw(t, "g")}
		}).Example(i).MarshalJSON()
		require.NoError(t, err)
		sets = append(sets, data)
		data, err = feature.Overrides{"f": overrides().Example(i)}.MarshalJSON()
		require.NoError(t, err)
		given = append(given, data)
	}
	for _, d := range []schema.Document{
		{Name: "features", Title: "What a plan grants", Examples: sets},
		{Name: "overrides", Title: "What is assigned over what a plan grants", Examples: given},
		{Name: "entitlement", Title: "What an owner may do with a feature"},
		{Name: "quota_usage", Title: "What was used of a feature"},
		{Name: "credits", Title: "A ledger of credits"},
		{Name: "seats", Title: "Seats and teams"},
		{Name: "change_budget", Title: "A budget of changes"},
	} {
		d.Shape = feature.Shapes()[d.Name]
		require.NotNil(t, d.Shape)
		schema.Check(t, d)
	}
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	shapes := feature.Shapes()
	for name, v := range map[string]any{"seats": feature.Seats{}, "credit_targets": feature.CreditTargets{}, "credit_grant": feature.CreditGrant{}} {
		require.NotNil(t, shapes[name])
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), shapes[name]), name)
	}
}
