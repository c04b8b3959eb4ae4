package cgscanning_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
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
	var statuses, intervals []string
	for _, s := range cgscanning.Statuses() {
		require.True(t, s.IsValid())
		statuses = append(statuses, string(s))
	}
	for _, i := range cgscanning.Intervals() {
		require.True(t, i.IsValid())
		intervals = append(intervals, string(i))
	}
	require.Equal(t, words(t, "words.go", "Status"), statuses)
	require.Equal(t, words(t, "words.go", "Interval"), intervals)
	require.False(t, cgscanning.Status("").IsValid())
	require.False(t, cgscanning.Interval("").IsValid())
}

func FuzzDecodeUpdate(f *testing.F) {
	data, err := os.ReadFile("testdata/update.json")
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte(`{"subscription":{"end_date":null,"price":"1.50"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := cgscanning.DecodeUpdate(data)
		if err != nil {
			return
		}
		again, err := cgscanning.Marshal(u)
		require.NoError(t, err)
		back, err := cgscanning.DecodeUpdate(again)
		require.NoError(t, err, string(again))
		twice, err := cgscanning.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(again), string(twice))
	})
}

func FuzzDecodeList(f *testing.F) {
	data, err := os.ReadFile("testdata/history.json")
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := cgscanning.DecodeList(data)
		if err != nil {
			return
		}
		now := at(t, "2024-01-05T00:00:00Z")
		for _, item := range list.Data {
			sub, err := shop().Adopt(item.Attributes, org, now)
			if err != nil {
				continue
			}
			_, err = shop().Encode(sub, now, wire.Lossy)
			require.NoError(t, err)
		}
	})
}
