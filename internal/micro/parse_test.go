package micro_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/micro"
)

func TestATimeIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := draw(t, "at").UTC()
		got, rest, ok := micro.Parse(at.Format(time.RFC3339Nano))
		require.True(t, ok)
		require.Equal(t, "Z", rest)
		require.Equal(t, micro.Floor(at), got)
	})
}

func TestAnInstantIsWrittenAsTheStandardLibraryWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := micro.Floor(draw(t, "at"))
		if zeros := rapid.IntRange(0, 6).Draw(t, "zeros"); zeros > 0 {
			at = at.Truncate([]time.Duration{0, 10, 100, 1000, 10_000, 100_000, 1_000_000}[zeros] * time.Microsecond)
		}
		require.Equal(t, "after "+at.Format(time.RFC3339Nano), string(micro.Append([]byte("after "), at)))
	})
	for _, year := range []int{-1, 0, 9999, 10_000} {
		at := time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC)
		require.Equal(t, at.Format(time.RFC3339Nano), string(micro.Append(nil, at)))
	}
}

// FuzzParse holds Parse to the standard library, which reads one-digit hours, commas and
// longer fractions too.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"2026-01-31T09:00:00", "2024-02-29T23:59:59.999999999", "2023-02-29T00:00:00", "1900-02-29T00:00:00", "2000-02-29T00:00:00.", "0000-01-01T00:00:00",
		"2026-04-31T00:00:00", "2026-01-01T24:00:00", "2026-01-01T00:00:60", "2026-01-01T00:00:00.1234567891", "2026-01-01T00:00:00,5",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, rest, ok := micro.Parse(s)
		if !ok {
			want, err := time.Parse("2006-01-02T15:04:05", s)
			loose := len(s) < len("2006-01-02T15:04:05") || len(s) > len("2006-01-02T15:04:05.999999999") || strings.Contains(s, ",") || s[13] != ':'
			require.True(t, err != nil || want.Year() < 1 || loose, "%q", s)
			return
		}
		want, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(s, rest))
		require.NoError(t, err)
		require.Equal(t, micro.Floor(want), got)
	})
}
