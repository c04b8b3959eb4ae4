package schema_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/internal/schema"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

func TestTheSchemasOfAmountsAndPeriodsFollowFromTheirShapes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, title string
		shape       *strictjson.Shape
	}{
		{"money", "An amount of money; null is none", schema.Money()},
		{"period", "A half-open period; null is none", schema.Period()},
	} {
		text, err := schema.Of(row.name, row.title, row.shape)
		require.NoError(t, err)
		golden.Equal(t, "../../docs/schema/"+row.name+".json", text)
	}
}

func TestAShapeOfNothingIsAnySchema(t *testing.T) {
	t.Parallel()
	text, err := schema.Of("x", "Anything", nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://github.com/perennial-billing/perennial/docs/schema/x.json","title":"Anything"}`, string(text))
}

func TestAFieldWithoutAMemberIsFound(t *testing.T) {
	t.Parallel()
	type inner struct {
		A string `json:"a"`
		B string `json:"b"`
	}
	type outer struct {
		Own   []*inner `json:"own"`
		Extra string   `json:"extra"`
		Not   string   `json:"-"`
	}
	shape := strictjson.Struct(strictjson.Field("own", func(v *outer) *[]*inner { return &v.Own },
		strictjson.List[[]*inner](strictjson.Pointer(strictjson.Struct(strictjson.Field("a", func(v *inner) *string { return &v.A }, strictjson.Text[string]())))))).Shape()
	require.Equal(t, []string{"own.b", "extra"}, schema.Untabled(reflect.TypeFor[outer](), shape))
}
