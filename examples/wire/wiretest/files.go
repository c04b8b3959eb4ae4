package wiretest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/wire"
)

// Golden compares what a test produced with a file. With UPDATE_GOLDEN=1 in the
// environment it writes the file.
func Golden(t testing.TB, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, is := strings.Split(string(File(t, path)), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(want), len(is)) {
		require.Equal(t, want[i], is[i], "%s:%d; UPDATE_GOLDEN=1 rewrites it", path, i+1)
	}
	require.Len(t, is, len(want), "lines of %s; UPDATE_GOLDEN=1 rewrites it", path)
}

// File returns the content of a file.
func File(t require.TestingT, path string) []byte {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

// Fields compares the table of a codec's fields with testdata/fields.txt, the list that
// was copied from the page.
func Fields(t testing.TB, table []wire.Field) {
	t.Helper()
	require.NoError(t, wire.Check(table, string(File(t, "testdata/fields.txt"))))
}

// Words compares the list of a type's words with the constants of that type in a source
// file, in their order. Each must be valid, and the zero word must not be.
func Words[W ~string](t testing.TB, file, typ string, all []W, valid func(W) bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	var declared []W
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typ {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				require.NoError(t, err)
				declared = append(declared, W(text))
			}
		}
		return true
	})
	require.NotEmpty(t, declared, "%s declares no %s", file, typ)
	require.Equal(t, declared, all)
	for _, word := range all {
		require.True(t, valid(word), word)
	}
	require.False(t, valid(""))
}
