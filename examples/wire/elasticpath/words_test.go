package elasticpath_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
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
	var statuses, actions, prorations []string
	for _, s := range elasticpath.Statuses() {
		require.True(t, s.IsValid())
		statuses = append(statuses, string(s))
	}
	for _, a := range elasticpath.Actions() {
		require.True(t, a.IsValid())
		actions = append(actions, string(a))
	}
	for _, p := range elasticpath.Prorations() {
		require.True(t, p.IsValid())
		prorations = append(prorations, string(p))
	}
	require.Equal(t, words(t, "words.go", "Status"), statuses)
	require.Equal(t, words(t, "words.go", "Action"), actions)
	require.Equal(t, words(t, "words.go", "Proration"), prorations)
	require.False(t, elasticpath.Status("").IsValid())
	require.False(t, elasticpath.Action("").IsValid())
	require.False(t, elasticpath.Proration("").IsValid())
}

func FuzzDecode(f *testing.F) {
	data, err := os.ReadFile("testdata/document.json")
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := elasticpath.Decode(data)
		if err != nil {
			return
		}
		again, err := elasticpath.Marshal(d)
		require.NoError(t, err)
		back, err := elasticpath.Decode(again)
		require.NoError(t, err, string(again))
		twice, err := elasticpath.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(again), string(twice))
		now := at(t, "2026-04-12T00:00:00Z")
		sub, err := store().Adopt(d, elasticpath.Kept{GoLive: at(t, "2026-02-01T00:00:00Z")}, now)
		if err != nil {
			return
		}
		_, err = store().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
	})
}

func FuzzDecodeChange(f *testing.F) {
	f.Add([]byte(`{"data":{"id":"`+id+`","type":"subscription","attributes":{"plan_id":"`+premium+`"}}}`), id)
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		c, err := elasticpath.DecodeChange(data, path)
		if err != nil {
			return
		}
		require.Equal(t, path, c.Data.ID)
	})
}
