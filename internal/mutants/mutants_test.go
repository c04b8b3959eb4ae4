package mutants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/mutants"
)

func TestEachPlaceHasItsMutants(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body string
		want       []string
	}{
		{"a condition", "if a < b { return }", []string{"if false && (a < b) { return }", "if !(a < b) { return }", "if a <= b { return }"}},
		{"a case without a tag", "switch { case a == b: return }", []string{"switch { case !(a == b): return }"}},
		{"a word is no condition", "switch a { case b: return }", nil},
		{"a loop", "for ; a < b; { }", []string{"for ; !(a < b); { }", "for ; a <= b; { }"}},
		{"a swallowed error", "return a, err", []string{"return a, nil"}},
		{"a function within", "defer func() { return true }()", []string{"defer func() { return false }()"}},
		{"a truth", "return true, nil", []string{"return false, nil"}},
		{"an assignment", "a = b", []string{""}},
		{"a declaration stays", "c := b; _ = c", []string{"c := b; "}},
		{"a sum", "a += b - 1", []string{"", "a -= b - 1", "a += b + 1", "a += b - 0"}},
		{"a call", "f(2)", []string{"", "f(2 + 1)"}},
		{"the words of a message", `return a, fmt.Errorf("%d of %d", a+1, b)`, nil},
		{"going on", "for { continue }", []string{"for { break }"}},
		{"a mask", "a = 0xff", []string{""}},
	} {
		head := "package p\n\nfunc f() (int, error) { "
		source := []byte(head + row.body + " }\n")
		found, err := mutants.Of("p.go", source)
		require.NoError(t, err, row.name)
		var got []string
		for _, m := range found {
			text := string(m.Apply(source))
			got = append(got, text[len(head):len(text)-len(" }\n")])
			require.Equal(t, 3, m.Line)
		}
		require.ElementsMatch(t, row.want, got, row.name)
	}
	_, err := mutants.Of("p.go", []byte("package"))
	require.Error(t, err)
}
