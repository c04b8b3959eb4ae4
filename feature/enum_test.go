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
	"Kind":      texts(feature.Kinds()),
	"Window":    texts(feature.Windows()),
	"Overage":   texts(feature.Overages()),
	"Scope":     texts(feature.Scopes()),
	"Origin":    texts(feature.Origins()),
	"Reason":    texts(feature.Reasons()),
	"EntryKind": texts(feature.EntryKinds()),
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
	for name, enum := range map[string]func() (encoding.TextUnmarshaler, func() (string, bool)){
		"Kind":      target[feature.Kind],
		"Window":    target[feature.Window],
		"Overage":   target[feature.Overage],
		"Scope":     target[feature.Scope],
		"Origin":    target[feature.Origin],
		"Reason":    target[feature.Reason],
		"EntryKind": target[feature.EntryKind],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, word := range words[name] {
				v, read := enum()
				require.NoError(t, v.UnmarshalText([]byte(word)))
				text, valid := read()
				require.Equal(t, word, text)
				require.True(t, valid)
			}
			for _, wrong := range []string{"", " ", strings.ToUpper(words[name][0]), words[name][0] + " ", "none"} {
				v, read := enum()
				require.Error(t, v.UnmarshalText([]byte(wrong)), "%q", wrong)
				text, valid := read()
				require.Empty(t, text)
				require.False(t, valid)
			}
		})
	}
}

// target returns a zero value of an enum and a look at what was read into it.
func target[T interface {
	~string
	IsValid() bool
}, P interface {
	*T
	encoding.TextUnmarshaler
}]() (encoding.TextUnmarshaler, func() (string, bool)) {
	var v T
	return P(&v), func() (string, bool) { return string(v), v.IsValid() }
}
