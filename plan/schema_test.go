package plan_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/schema"
	"github.com/perennial-billing/perennial/plan"
)

// examples are documents that a generator draws, the same at every run.
func examples[T any](t *testing.T, n int, draw func(*rapid.T) T) [][]byte {
	t.Helper()
	var all [][]byte
	for i := range n {
		data, err := json.Marshal(rapid.Custom(draw).Example(i))
		require.NoError(t, err)
		all = append(all, data)
	}
	return all
}

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	var refusedPlans, refusedCatalogs [][]byte
	for _, row := range badPlanDocuments {
		refusedPlans = append(refusedPlans, document(row.document))
	}
	for _, row := range badCatalogs {
		refusedCatalogs = append(refusedCatalogs, catalogDocument(row.document))
	}
	shapes := plan.Shapes()
	for _, d := range []schema.Document{
		{Name: "plan", Title: "A plan", Examples: examples(t, 40, drawPlan), Bad: refusedPlans},
		{Name: "catalog", Title: "A dated catalog of plans, products and offerings", Bad: refusedCatalogs, Examples: examples(t, 20, func(t *rapid.T) *plan.Catalog {
			c, err := plan.NewCatalog(drawCatalog(t)...)
			require.NoError(t, err)
			return c
		})},
		{Name: "price", Title: "A price", Examples: examples(t, 60, func(t *rapid.T) plan.Price {
			if rapid.IntRange(0, 7).Draw(t, "of events") == 0 {
				return drawEventPrice(t, ordinary)
			}
			if rapid.IntRange(0, 7).Draw(t, "by dimensions") == 0 {
				return rapid.Custom(func(t *rapid.T) plan.Matrix { return drawMatrix(t, ordinary) }).Filter(func(p plan.Matrix) bool { return p.Validate() == nil }).Draw(t, "matrix")
			}
			return drawPrice(t, 3)
		})},
		{Name: "policy", Title: "A policy of billing", Examples: examples(t, 20, drawPolicy)},
		{Name: "offering", Title: "An offering"},
		{Name: "discount", Title: "A discount"},
		{Name: "minimum", Title: "A minimum of what a period comes to"},
	} {
		d.Shape = shapes[d.Name]
		require.NotNil(t, d.Shape)
		schema.Check(t, d)
	}
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	shapes := plan.Shapes()
	for name, v := range map[string]any{"plan": plan.Plan{}, "policy": plan.Policy{}, "offering": plan.Offering{}, "release": plan.Release{}, "addon": plan.AddOn{}} {
		require.NotNil(t, shapes[name])
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), shapes[name]), name)
	}
}
