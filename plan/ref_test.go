package plan_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/plan"
)

func TestAReferenceIsAPlanAndItsVersion(t *testing.T) {
	t.Parallel()
	rows := []struct {
		text string
		want plan.Ref
	}{
		{"pro@3", plan.Ref{ID: "pro", Version: 3}},
		{"a@b@1", plan.Ref{ID: "a@b", Version: 1}},
		{"@@1", plan.Ref{ID: "@", Version: 1}},
		{"pro plan@1000000000", plan.Ref{ID: "pro plan", Version: 1_000_000_000}},
		{"größe@1", plan.Ref{ID: "größe", Version: 1}},
		{strings.Repeat("x", 255) + "@1", plan.Ref{ID: strings.Repeat("x", 255), Version: 1}},
	}
	for _, row := range rows {
		got, err := plan.ParseRef(row.text)
		require.NoError(t, err, row.text)
		require.Equal(t, row.want, got)
		require.True(t, got.IsValid())
		require.False(t, got.IsZero())
		require.Equal(t, row.text, got.String())
		require.Equal(t, got, plan.MustParseRef(row.text))
	}
}

func TestOtherTextsAreNoReferences(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "pro", "pro@", "@1", "@", "pro@0", "pro@-1", "pro@+1", "pro@01", "pro@1 ", " pro@1", "pro @1", "pro@1.0", "pro@1e3",
		"pro@1000000001", "pro@99999999999999999999", "pro@x", "pro@0x1", "pro@１", "pr\no@1", "pr\xffo@1", "pr\u200fo@1",
		strings.Repeat("x", 256) + "@1",
	} {
		_, err := plan.ParseRef(text)
		require.ErrorContains(t, err, `: must be a plan and its version, such as "pro@3"`, "%q", text)
		require.ErrorContains(t, err, "plan: reference ")
		require.Panics(t, func() { plan.MustParseRef(text) })
		if text != "" {
			r := plan.Ref{ID: "kept", Version: 1}
			require.Error(t, r.UnmarshalText([]byte(text)))
			require.Equal(t, plan.Ref{ID: "kept", Version: 1}, r)
		}
	}
	for _, r := range []plan.Ref{{ID: "pro"}, {Version: 1}, {ID: "pro", Version: -1}, {ID: "\n", Version: 1}} {
		_, err := r.MarshalText()
		require.Error(t, err)
		require.False(t, r.IsValid())
	}
}

func TestTheZeroReferenceIsEmptyText(t *testing.T) {
	t.Parallel()
	text, err := plan.Ref{}.MarshalText()
	require.NoError(t, err)
	require.Empty(t, text)
	r := plan.Ref{ID: "pro", Version: 1}
	require.NoError(t, r.UnmarshalText(nil))
	require.True(t, r.IsZero())
	require.False(t, r.IsValid())
	require.Equal(t, "", r.String())
}

func TestReferencesComeBackFromTheirText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := plan.Ref{ID: rapid.StringN(0, 20, -1).Draw(t, "id"), Version: rapid.IntRange(-1, 2_000_000_000).Draw(t, "version")}
		text, err := r.MarshalText()
		if err != nil {
			require.False(t, r.IsValid())
			return
		}
		var back plan.Ref
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, r, back)
	})
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{"pro@3", "a@b@1", "@1", "pro@01", "pro@99999999999", "\x00@1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := plan.ParseRef(s)
		if err != nil {
			require.True(t, r.IsZero())
			return
		}
		require.True(t, r.IsValid())
		require.Equal(t, s, r.String())
	})
}
