package wire_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/wire"
)

// words are the constants of a type that a source file declares, in order.
func words(t *testing.T, file, typ string) []string {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	var found []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typ {
			for _, v := range spec.Values {
				text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				require.NoError(t, err)
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

func TestNoWordIsForgotten(t *testing.T) {
	t.Parallel()
	var modes, classes, stamps []string
	for _, m := range wire.Modes() {
		require.True(t, m.IsValid())
		modes = append(modes, string(m))
	}
	for _, c := range wire.Classes() {
		require.True(t, c.IsValid())
		classes = append(classes, string(c))
	}
	for _, s := range wire.Stamps() {
		stamps = append(stamps, string(s))
	}
	require.Equal(t, words(t, "mode.go", "Mode"), modes)
	require.Equal(t, words(t, "fields.go", "Class"), classes)
	require.Equal(t, words(t, "stamp.go", "Stamp"), stamps)
	require.False(t, wire.Class("").IsValid())
}
