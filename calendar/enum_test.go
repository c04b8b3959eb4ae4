package calendar_test

import (
	"encoding"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

// wordsInSource reads the package's own files for the constants of each type of
// words, so that a new one cannot be forgotten in the lists.
func wordsInSource(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	words := map[string][]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.CONST {
				continue
			}
			for _, spec := range gen.Specs {
				value := spec.(*ast.ValueSpec)
				typ, ok := value.Type.(*ast.Ident)
				if !ok || !ast.IsExported(typ.Name) {
					continue
				}
				require.NotEmpty(t, value.Doc.Text(), "%s needs a comment", value.Names[0].Name)
				word, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				words[typ.Name] = append(words[typ.Name], word)
			}
		}
	}
	return words
}

func TestNoWordIsForgotten(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string][]string{
		"Unit":      texts(calendar.Units()),
		"MonthEnd":  texts(calendar.MonthEnds()),
		"Basis":     texts(calendar.Bases()),
		"ChangeDay": texts(calendar.ChangeDays()),
	}, wordsInSource(t))
}

func texts[W ~string](words []W) []string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

type word interface {
	~string
	comparable
	fmt.Stringer
	encoding.TextMarshaler
	IsValid() bool
}

func checkWords[W word, P interface {
	*W
	encoding.TextUnmarshaler
}](t *testing.T, what string, words func() []W) {
	t.Helper()
	for _, w := range words() {
		require.True(t, w.IsValid())
		require.Equal(t, string(w), w.String())
		text, err := w.MarshalText()
		require.NoError(t, err)
		var read W
		require.NoError(t, P(&read).UnmarshalText(text))
		require.Equal(t, w, read)
	}

	var list []string
	for _, w := range words() {
		list = append(list, strconv.Quote(string(w)))
	}
	first := words()[0]
	for _, bad := range []string{"x", strings.ToUpper(string(first)), string(first) + " ", " " + string(first), "\x00"} {
		require.False(t, W(bad).IsValid())
		want := fmt.Sprintf("calendar: %s %q: must be one of %s", what, bad, strings.Join(list, ", "))
		kept := first
		err := P(&kept).UnmarshalText([]byte(bad))
		require.ErrorIs(t, err, calendar.ErrUnknown)
		require.EqualError(t, err, want)
		require.Equal(t, first, kept)
		_, err = W(bad).MarshalText()
		require.EqualError(t, err, want)
	}

	var none W
	require.False(t, none.IsValid())
	text, err := none.MarshalText()
	require.NoError(t, err)
	require.Empty(t, text)
	kept := first
	require.NoError(t, P(&kept).UnmarshalText(nil))
	require.Equal(t, none, kept)

	words()[0] = "changed"
	require.Equal(t, first, words()[0], "each call has a slice of its own")
}

func TestWordsAreReadByTheirExactSpelling(t *testing.T) {
	t.Parallel()
	checkWords(t, "unit", calendar.Units)
	checkWords(t, "month end", calendar.MonthEnds)
	checkWords(t, "basis", calendar.Bases)
	checkWords(t, "change day", calendar.ChangeDays)
}
