package feature_test

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
)

// words are the enums of the package with everything that their lists say.
var words = map[string][]string{
	"Kind":      texts(feature.Words[feature.Kind]()),
	"Window":    texts(feature.Words[feature.Window]()),
	"Overage":   texts(feature.Words[feature.Overage]()),
	"Scope":     texts(feature.Words[feature.Scope]()),
	"Origin":    texts(feature.Words[feature.Origin]()),
	"Reason":    texts(feature.Words[feature.Reason]()),
	"EntryKind": texts(feature.Words[feature.EntryKind]()),
}

func texts[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}

func TestNoConstantIsMissingFromTheListOfItsEnum(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	found := map[string][]string{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok || general.Tok != token.CONST {
				continue
			}
			for _, spec := range general.Specs {
				value := spec.(*ast.ValueSpec)
				name, ok := value.Type.(*ast.Ident)
				if !ok || words[name.Name] == nil {
					continue
				}
				text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				require.NotNil(t, value.Doc, "%s has no comment", value.Names[0].Name)
				found[name.Name] = append(found[name.Name], text)
			}
		}
	}
	require.Equal(t, words, found)
}

func TestEnumsReadExactlyTheirWords(t *testing.T) {
	t.Parallel()
	for name, parse := range map[string]func(string) (string, error){
		"Kind":    parsed[feature.Kind],
		"Window":  parsed[feature.Window],
		"Overage": parsed[feature.Overage],
		"Scope":   parsed[feature.Scope],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, word := range words[name] {
				text, err := parse(word)
				require.NoError(t, err)
				require.Equal(t, word, text)
			}
			for _, wrong := range []string{"", " ", strings.ToUpper(words[name][0]), words[name][0] + " ", "none"} {
				text, err := parse(wrong)
				require.ErrorContains(t, err, "must be one of", "%q", wrong)
				require.Empty(t, text)
			}
		})
	}
}

// parsed returns the text of what is read as a word.
func parsed[W ~string, P interface {
	*W
	encoding.TextUnmarshaler
}](text string) (string, error) {
	var w W
	err := P(&w).UnmarshalText([]byte(text))
	return string(w), err
}
