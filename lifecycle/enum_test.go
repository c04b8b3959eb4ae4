package lifecycle_test

import (
	"encoding"
	"encoding/json"
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
func words[T interface{ String() string }](values []T) []string {
	var list []string
	for _, v := range values {
		list = append(list, v.String())
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
		"Status":      {words(lifecycle.Statuses()), ""},
		"Action":      {words(lifecycle.Actions()), ""},
		"Actor":       {words(lifecycle.Actors()), ""},
		"EndingCause": {words(lifecycle.EndingCauses()), "Cause"},
		"Effect":      {words(lifecycle.Effects()), ""},
		"Tick":        {words(lifecycle.Ticks()), "Tick"},
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

// enum is what every enum here can do.
type enum interface {
	comparable
	encoding.TextMarshaler
	String() string
	IsValid() bool
}

// roundTrips asserts that each value comes back from its text and JSON, and that nothing else is read.
func roundTrips[T enum, P interface {
	*T
	encoding.TextUnmarshaler
}](t *testing.T, values []T,
) {
	t.Helper()
	require.NotEmpty(t, values)
	for _, v := range values {
		require.True(t, v.IsValid())
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, `"`+v.String()+`"`, string(text))
		var back T
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, v, back)

		for _, other := range []string{"", strings.ToUpper(v.String()), " " + v.String(), v.String() + " ", v.String() + "\x00", "x", v.String()[1:]} {
			got := v
			require.ErrorIs(t, P(&got).UnmarshalText([]byte(other)), lifecycle.ErrInvalid, "%q", other)
			require.Equal(t, v, got, "a failed decoding must leave the value as it was")
		}
		values[0] = v // the slice is the caller's own
	}
	var zero T
	require.False(t, zero.IsValid())
	require.Empty(t, zero.String())
	_, err := zero.MarshalText()
	require.ErrorIs(t, err, lifecycle.ErrInvalid)
}

func TestEnumsRoundTripAndReadNothingElse(t *testing.T) {
	t.Parallel()
	roundTrips(t, lifecycle.Statuses())
	roundTrips(t, lifecycle.Actions())
	roundTrips(t, lifecycle.Actors())
	roundTrips(t, lifecycle.EndingCauses())
	roundTrips(t, lifecycle.Effects())
	roundTrips(t, lifecycle.Ticks())
	require.Equal(t, lifecycle.Future, lifecycle.Statuses()[0])
	require.Equal(t, lifecycle.CauseCancel, lifecycle.EndingCauses()[0])
	require.Equal(t, "Action(200)", lifecycle.Action(200).String())
	require.Equal(t, "Actor(200)", lifecycle.Actor(200).String())
}

func FuzzUnmarshalText(f *testing.F) {
	for _, a := range lifecycle.Actions() {
		f.Add(a.String())
	}
	for _, s := range lifecycle.Statuses() {
		f.Add(string(s))
	}
	f.Add("")
	f.Add("operator")
	f.Add("ACTIVE")
	f.Add("no_renewal\x00")
	f.Fuzz(func(t *testing.T, word string) {
		same := func(err error, v interface {
			IsValid() bool
			String() string
		},
		) {
			if err == nil && (!v.IsValid() || v.String() != word) {
				t.Fatalf("%q was read as %q", word, v)
			}
		}
		var status lifecycle.Status
		same(status.UnmarshalText([]byte(word)), &status)
		var action lifecycle.Action
		same(action.UnmarshalText([]byte(word)), &action)
		var actor lifecycle.Actor
		same(actor.UnmarshalText([]byte(word)), &actor)
		var cause lifecycle.EndingCause
		same(cause.UnmarshalText([]byte(word)), &cause)
		var effect lifecycle.Effect
		same(effect.UnmarshalText([]byte(word)), &effect)
		var tick lifecycle.Tick
		same(tick.UnmarshalText([]byte(word)), &tick)
	})
}
