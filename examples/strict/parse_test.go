package strict_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/strict"
)

func lines(faults []strict.Fault) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Error())
	}
	return out
}

var errOdd = errors.New("odd")

func TestWhatCannotBeReadSaysWhere(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"":              "line 1, column 1: unexpected end of JSON input",
		"{\n  \"a\" 1}": "line 2, column 7: invalid character '1' after object key",
		"{} {}":         "line 1, column 4: invalid character '{' after top-level value",
		"[1,]":          "line 1, column 4: invalid character ']' looking for beginning of value",
		"\"é":           "line 1, column 3: unexpected end of JSON input",
		"\"\xff\"":      "must be valid UTF-8",
		strings.Repeat("[", 33) + strings.Repeat("]", 33): "line 1, column 67: nested deeper than 32",
	} {
		n, faults := strict.Parse([]byte(document), strict.Limits{})
		require.Equal(t, []string{want}, lines(faults), document)
		require.Equal(t, strict.Absent, n.Kind())
	}
	_, faults := strict.Parse([]byte("12345"), strict.Limits{Size: 4})
	require.Equal(t, []string{"must not be longer than 4 bytes"}, lines(faults))
}

func TestTheListOfFaultsIsBounded(t *testing.T) {
	t.Parallel()
	var v []int
	faults := strict.Decode([]byte(`["a","b","c"]`), &v, strict.Limits{Faults: 2})
	require.Equal(t, []string{"[0]: must be a whole number", "[1]: must be a whole number", "more faults than can be listed"}, lines(faults))
}

func TestARepeatedNameIsReadOver(t *testing.T) {
	t.Parallel()
	n, faults := strict.Parse([]byte(`{"a":1,"a":{"b":"\ud800"},"\ud800":2,"ok":"\ufffd"}`), strict.Limits{})
	require.Equal(t, []string{"a: repeated", "a name must not hold half of a surrogate pair"}, lines(faults))
	require.Equal(t, []string{"a", "ok"}, n.Names())
	a, ok := n.Field("a")
	require.True(t, ok)
	require.Equal(t, "1", string(a.Raw()))
}

func TestFaultsOfAPartFindTheirPlace(t *testing.T) {
	t.Parallel()
	n, _ := strict.Parse([]byte(`{"b":{"list":[{"x":1},{"y":2}]}}`), strict.Limits{})
	b, _ := n.Field("b")
	placed := b.Below([]strict.Fault{{Path: "list[1].y", Err: errOdd}, {Path: "none", Err: errOdd}, {Err: errOdd}})
	require.Equal(t, []string{"b.list[1].y: odd", "b.none: odd", "b: odd"}, lines(placed))
	require.Empty(t, strict.Node{}.Path())
	require.Equal(t, []string{"strict: nothing to decode"}, lines(strict.Node{}.Decode(new(int))))
}
