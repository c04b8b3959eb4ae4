package plan_test

import (
	"fmt"
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
	for _, m := range plan.Words[plan.Model]() {
		words = append(words, string(m))
		back, err := read[plan.Model](string(m))
		require.NoError(t, err)
		require.Equal(t, m, back)
	}
	require.Equal(t, constantsOf(t, "model.go", "Model"), words)
}

func TestZerosListsEveryConstant(t *testing.T) {
	t.Parallel()
	var words []string
	for _, z := range append([]plan.Zero{plan.ZeroDue}, plan.Words[plan.Zero]()...) {
		words = append(words, string(z))
		back, err := read[plan.Zero](string(z))
		require.NoError(t, err)
		require.Equal(t, z, back)
	}
	require.Equal(t, constantsOf(t, "model.go", "Zero"), words)
}

func TestUnknownWordsOfAPriceAreRefused(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "graduated", "Tiered", "tiered ", "per-unit"} {
		m, err := read[plan.Model](word)
		require.EqualError(t, err, fmt.Sprintf("plan: unknown price model %q: must be one of per_unit, flat_fee, volume, tiered, package, stairstep, percentage, graduated_percentage, matrix", word))
		require.Empty(t, m)
	}
	for _, word := range []string{"due", "Free", "0"} {
		z, err := read[plan.Zero](word)
		require.EqualError(t, err, fmt.Sprintf("plan: unknown choice %q: must be one of free", word))
		require.Empty(t, z)
	}
}
