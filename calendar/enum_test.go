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
		"Unit":      texts(calendar.Words[calendar.Unit]()),
		"MonthEnd":  texts(calendar.Words[calendar.MonthEnd]()),
		"Basis":     texts(calendar.Words[calendar.Basis]()),
		"ChangeDay": texts(calendar.Words[calendar.ChangeDay]()),
	}, wordsInSource(t))
}

func texts[W ~string](words []W) []string {
	var all []string
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

// textReader is a pointer to a word that reads itself from text.
type textReader[W any] interface {
	*W
	encoding.TextUnmarshaler
}

// read returns what a word's type reads from a text: nothing if it refuses it.
func read[W any, P textReader[W]](text string) (W, error) {
	var w W
	err := P(&w).UnmarshalText([]byte(text))
	return w, err
}

func checkWords[W calendar.Word[W], P textReader[W]](t *testing.T, what string) {
	t.Helper()
	words := calendar.Words[W]()
	var list []string
	for _, w := range append(calendar.Words[W](), "") {
		got, err := read[W, P](string(w))
		require.NoError(t, err)
		require.Equal(t, w, got)
		if w != "" {
			list = append(list, strconv.Quote(string(w)))
		}
	}
	first := words[0]
	for _, bad := range []string{"x", strings.ToUpper(string(first)), string(first) + " ", " " + string(first), "\x00"} {
		got, err := read[W, P](bad)
		require.ErrorIs(t, err, calendar.ErrUnknown)
		require.EqualError(t, err, fmt.Sprintf("calendar: %s %q: must be one of %s", what, bad, strings.Join(list, ", ")))
		require.Empty(t, got)
	}

	words[0] = "changed"
	require.Equal(t, first, calendar.Words[W]()[0], "each call has a slice of its own")
}

func TestWordsAreReadByTheirExactSpelling(t *testing.T) {
	t.Parallel()
	checkWords[calendar.Unit](t, "unit")
	checkWords[calendar.MonthEnd](t, "month end")
	checkWords[calendar.Basis](t, "basis")
	checkWords[calendar.ChangeDay](t, "change day")
}
