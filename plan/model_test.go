package plan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/plan"
)

// constantsOf returns the values of the string constants that a file declares of a type.
func constantsOf(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var values []string
	for _, decl := range parsed.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			constant := spec.(*ast.ValueSpec)
			if name, ok := constant.Type.(*ast.Ident); !ok || name.Name != typeName {
				continue
			}
			for _, value := range constant.Values {
				word, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				require.NoError(t, err)
				values = append(values, word)
			}
		}
	}
	return values
}

func TestModelsListsEveryConstant(t *testing.T) {
	t.Parallel()
	var words []string
	for _, m := range plan.Models() {
		words = append(words, string(m))
		require.True(t, m.IsValid())
		var back plan.Model
		require.NoError(t, back.UnmarshalText([]byte(m)))
		require.Equal(t, m, back)
	}
	require.Equal(t, constantsOf(t, "model.go", "Model"), words)
	require.False(t, plan.Model("").IsValid())
}

func TestZerosListsEveryConstant(t *testing.T) {
	t.Parallel()
	var words []string
	for _, z := range plan.Zeros() {
		words = append(words, string(z))
		require.True(t, z.IsValid())
		var back plan.Zero
		require.NoError(t, back.UnmarshalText([]byte(z)))
		require.Equal(t, z, back)
	}
	require.Equal(t, constantsOf(t, "model.go", "Zero"), words)
}

func TestUnknownWordsOfAPriceAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "graduated", "Tiered", "tiered ", "per-unit"} {
		m := plan.VolumeModel
		require.Error(t, m.UnmarshalText([]byte(word)), word)
		require.Equal(t, plan.VolumeModel, m)
	}
	for _, word := range []string{"due", "Free", "0"} {
		z := plan.ZeroFree
		require.Error(t, z.UnmarshalText([]byte(word)), word)
		require.Equal(t, plan.ZeroFree, z)
	}
	var m plan.Model
	require.EqualError(t, m.UnmarshalText([]byte("graduated")),
		`plan: unknown price model "graduated": must be one of per_unit, flat_fee, volume, tiered, package, stairstep`)
	var z plan.Zero
	require.EqualError(t, z.UnmarshalText([]byte("due")), `plan: unknown choice "due": must be one of free`)
}
