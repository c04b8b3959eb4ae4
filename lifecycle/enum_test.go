package lifecycle_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
)

// source reads the package's own files, without tests.
func source(t *testing.T) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	require.NotEmpty(t, files)
	return files
}

// constants returns the exported constants of each type by name, in source order. One without a type
// of its own has that of the constant before it in its block. Each must have a comment.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, file := range source(t) {
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				continue
			}
			kind := ""
			for _, s := range decl.Specs {
				spec := s.(*ast.ValueSpec)
				if id, ok := spec.Type.(*ast.Ident); ok {
					kind = id.Name
				} else if len(spec.Values) > 0 {
					kind = ""
				}
				for _, name := range spec.Names {
					if kind != "" && name.IsExported() {
						found[kind] = append(found[kind], name.Name)
						require.NotNil(t, spec.Doc, "%s has no comment", name.Name)
					}
				}
			}
		}
	}
	return found
}

// words lists the words of an enum's values.
func words[W any](values []W) []string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

// snake turns a constant's name into the word that it should have.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func TestNoConstantIsForgotten(t *testing.T) {
	t.Parallel()
	found := constants(t)
	enums := map[string]struct {
		words  []string
		prefix string
	}{
		"Status":      {words(lifecycle.Words[lifecycle.Status]()), ""},
		"Action":      {words(lifecycle.Words[lifecycle.Action]()), ""},
		"Actor":       {words(lifecycle.Words[lifecycle.Actor]()), ""},
		"EndingCause": {words(lifecycle.Words[lifecycle.EndingCause]()), "Cause"},
		"Effect":      {words(lifecycle.Words[lifecycle.Effect]()), ""},
		"Tick":        {words(lifecycle.Words[lifecycle.Tick]()), "Tick"},
	}
	for kind, enum := range enums {
		var want []string
		for _, name := range found[kind] {
			want = append(want, snake(strings.TrimPrefix(name, enum.prefix)))
		}
		require.ElementsMatch(t, want, enum.words, kind)
	}
	sets := map[string]int{"Flags": len(lifecycle.FlagNames), "Scheduled": len(lifecycle.ScheduledNames), "Facts": len(lifecycle.FactNames)}
	for kind, count := range sets {
		require.Len(t, found[kind], count, kind)
	}
	for kind := range found {
		_, enum := enums[kind]
		_, set := sets[kind]
		require.True(t, enum || set, "%s is tested by nobody", kind)
	}
}

func TestEveryFactHasAName(t *testing.T) {
	t.Parallel()
	require.Len(t, lifecycle.FactNames, factCount)
	for i, name := range constants(t)["Facts"] {
		require.Equal(t, strings.ReplaceAll(snake(name), "_", " "), lifecycle.Facts(1<<i).String(), "the bits follow the source")
	}
	for i, name := range constants(t)["Flags"] {
		require.Equal(t, strings.ReplaceAll(snake(name), "_", " "), lifecycle.Flags(1<<i).String())
	}
	for i, name := range constants(t)["Scheduled"] {
		require.Equal(t, snake(strings.TrimPrefix(name, "Scheduled")), lifecycle.Scheduled(1<<i).String())
	}
}

func TestNoReasonIsForgotten(t *testing.T) {
	t.Parallel()
	known := lifecycle.Reasons()
	declared := 0
	for _, file := range source(t) {
		for _, d := range file.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, s := range decl.Specs {
				for _, name := range s.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						require.Contains(t, known, name.Name)
						declared++
					}
				}
			}
		}
	}
	require.Equal(t, len(known), declared)
	texts := map[string]bool{}
	for name, err := range known {
		require.True(t, strings.HasPrefix(err.Error(), "lifecycle: "), name)
		require.False(t, texts[err.Error()], "two reasons read alike: %v", err)
		texts[err.Error()] = true
	}
}

// parses asserts that each word is read, and that nothing else is.
func parses[W lifecycle.Word[W]](t *testing.T) {
	t.Helper()
	values := lifecycle.Words[W]()
	require.NotEmpty(t, values)
	for _, v := range values {
		word := fmt.Sprint(v)
		back, err := lifecycle.ParseWord[W](word)
		require.NoError(t, err)
		require.Equal(t, v, back)
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, `"`+word+`"`, string(text))
		for _, other := range []string{"", strings.ToUpper(word), " " + word, word + " ", word + "\x00", "x", word[1:]} {
			none, err := lifecycle.ParseWord[W](other)
			require.ErrorIs(t, err, lifecycle.ErrInvalid, "%q", other)
			require.Zero(t, none)
		}
	}
	var zero W
	values[0] = zero
	require.NotEqual(t, zero, lifecycle.Words[W]()[0], "the slice is the caller's own")
}

// roundTrips asserts that each number comes back from its text and JSON, and that nothing else is read.
func roundTrips[W interface {
	lifecycle.Word[W]
	fmt.Stringer
	encoding.TextMarshaler
	IsValid() bool
}, P interface {
	*W
	encoding.TextUnmarshaler
}](t *testing.T,
) {
	t.Helper()
	for _, v := range lifecycle.Words[W]() {
		require.True(t, v.IsValid())
		text, err := json.Marshal(v)
		require.NoError(t, err)
		var back W
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, v, back)
		require.ErrorIs(t, P(&back).UnmarshalText([]byte("x")), lifecycle.ErrInvalid)
		require.Equal(t, v, back, "a failed decoding must leave the value as it was")
	}
	var zero W
	require.False(t, zero.IsValid())
	require.Empty(t, zero.String())
	_, err := zero.MarshalText()
	require.ErrorIs(t, err, lifecycle.ErrInvalid)
}

func TestEnumsReadTheirWordsAndNothingElse(t *testing.T) {
	t.Parallel()
	parses[lifecycle.Status](t)
	parses[lifecycle.Action](t)
	parses[lifecycle.Actor](t)
	parses[lifecycle.EndingCause](t)
	parses[lifecycle.Effect](t)
	parses[lifecycle.Tick](t)
	roundTrips[lifecycle.Action](t)
	roundTrips[lifecycle.Actor](t)
	roundTrips[lifecycle.Effect](t)
	require.Equal(t, lifecycle.Future, lifecycle.Words[lifecycle.Status]()[0])
	require.Equal(t, lifecycle.CauseCancel, lifecycle.Words[lifecycle.EndingCause]()[0])
	require.Equal(t, "Action(200)", lifecycle.Action(200).String())
	require.Equal(t, "Actor(200)", lifecycle.Actor(200).String())
	_, err := lifecycle.ParseWord[lifecycle.Action]("fly")
	require.EqualError(t, err, `lifecycle: invalid: "fly" is not an action`)
}

func FuzzParseWord(f *testing.F) {
	for _, a := range lifecycle.Words[lifecycle.Action]() {
		f.Add(a.String())
	}
	for _, s := range lifecycle.Words[lifecycle.Status]() {
		f.Add(string(s))
	}
	f.Add("")
	f.Add("operator")
	f.Add("ACTIVE")
	f.Add("no_renewal\x00")
	f.Fuzz(func(t *testing.T, word string) {
		readsItself[lifecycle.Status](t, word)
		readsItself[lifecycle.Action](t, word)
		readsItself[lifecycle.Actor](t, word)
		readsItself[lifecycle.EndingCause](t, word)
		readsItself[lifecycle.Effect](t, word)
		readsItself[lifecycle.Tick](t, word)
	})
}

func readsItself[W lifecycle.Word[W]](t *testing.T, word string) {
	t.Helper()
	v, err := lifecycle.ParseWord[W](word)
	if err == nil {
		require.Equal(t, word, fmt.Sprint(v))
		require.Contains(t, lifecycle.Words[W](), v)
	}
}
