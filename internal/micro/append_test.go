package micro_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/micro"
)

func TestATimeIsWrittenAsByTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := draw(t, "at").UTC()
		if rapid.Bool().Draw(t, "whole") {
			at = micro.Floor(at)
		}
		got, ok := micro.Append([]byte("at "), at)
		require.True(t, ok)
		require.Equal(t, "at "+at.Format(time.RFC3339Nano), string(got)+"Z")
	})
}

func TestOnlyYearsOfFourDigitsAreWritten(t *testing.T) {
	for year, want := range map[int]bool{-1: false, 0: true, 1: true, 9999: true, 10000: false} {
		at := time.Date(year, 3, 1, 4, 5, 6, 7, time.UTC)
		got, ok := micro.Append(nil, at)
		require.Equal(t, want, ok, year)
		if ok {
			require.Equal(t, at.Format(time.RFC3339Nano), string(got)+"Z")
		}
	}
}
