package feature_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

func budget(t *testing.T, allowed int, zone string, changes ...string) feature.ChangeBudget {
	t.Helper()
	times := make([]time.Time, len(changes))
	for i, c := range changes {
		times[i] = at(c)
	}
	b, err := feature.NewChangeBudget(allowed, calendar.MustLoadZone(zone), times...)
	require.NoError(t, err)
	return b
}

// TestChangeCap4 is worked example 22.
func TestChangeCap4(t *testing.T) {
	t.Parallel()
	b := budget(t, 4, "UTC", "2025-02-10T09:00:00Z", "2025-12-05", "2026-03-01", "2026-06-20T15:30:00Z", "2026-09-09")
	for _, test := range []struct {
		at    string
		count int
		next  string
	}{
		{"2026-01-31", 2, ""},
		{"2026-02-10T08:59:59.999999999Z", 2, ""},
		{"2026-02-10T09:00:00Z", 1, ""},
		{"2026-09-08T23:59:59Z", 3, ""},
		{"2026-09-09", 4, "2026-12-05"},
		{"2026-10-01", 4, "2026-12-05"},
		{"2026-12-05", 3, ""},
		{"2027-09-08T23:59:59Z", 1, ""},
		{"2027-09-09", 0, ""},
	} {
		require.Equal(t, test.count, b.Count(at(test.at)), test.at)
		require.Equal(t, max(0, 4-test.count), b.Remaining(at(test.at)))
		next, known := b.NextAllowed(at(test.at))
		require.Equal(t, test.next != "", known)
		if known {
			require.Equal(t, at(test.next), next)
		}
	}
	_, err := b.Use(at("2026-10-01"), 1)
	require.ErrorIs(t, err, feature.ErrChangeBudget)
	require.EqualError(t, err, "feature: change budget exhausted: 4 of 4 in the past year, next allowed at 2026-12-05T00:00:00Z")
	b, err = b.Use(at("2026-12-05"), 1)
	require.NoError(t, err)
	require.Equal(t, 4, b.Count(at("2026-12-05")))
	_, err = b.Use(at("2026-12-04"), 1)
	require.ErrorIs(t, err, feature.ErrOutOfOrder)
}

func TestTheYearIsACalendarYearInTheZone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, zone, change, free string }{
		{"a leap day", "UTC", "2024-02-29T12:00:00Z", "2025-02-28T12:00:00Z"},
		{"before a leap day", "UTC", "2023-02-28T12:00:00Z", "2024-02-28T12:00:00Z"},
		{"across a change of clocks", "America/New_York", "2025-03-08T12:00:00Z", "2026-03-08T11:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := budget(t, 1, test.zone, test.change)
			next, known := b.NextAllowed(at(test.change))
			require.True(t, known)
			require.Equal(t, at(test.free), next)
			require.Equal(t, 1, b.Count(at(test.free).Add(-1)))
			require.Zero(t, b.Count(at(test.free)))
		})
	}
}

func TestABudgetOfNone(t *testing.T) {
	t.Parallel()
	for _, b := range []feature.ChangeBudget{{}, budget(t, 0, "UTC", "2026-01-01")} {
		_, known := b.NextAllowed(at("2026-03-04"))
		require.False(t, known)
		_, err := b.Use(at("2026-03-04"), 1)
		require.ErrorIs(t, err, feature.ErrChangeBudget)
		next, err := b.Use(at("2026-03-04"), 0)
		require.NoError(t, err)
		require.True(t, next.Equal(b))
	}
	_, err := feature.ChangeBudget{}.Use(at("2026-03-04"), -1)
	require.ErrorIs(t, err, feature.ErrInvalidAmount)
	_, err = feature.NewChangeBudget(-1, calendar.UTC())
	require.ErrorIs(t, err, feature.ErrInvalid)
	_, err = feature.NewChangeBudget(1, calendar.UTC(), at("9999-06-01"))
	require.ErrorIs(t, err, feature.ErrInvalid)
}

func TestALoweredCapWaitsUntilEnoughChangesAreOver(t *testing.T) {
	t.Parallel()
	b, err := budget(t, 4, "UTC", "2026-01-01", "2026-02-01", "2026-03-01").WithMax(2)
	require.NoError(t, err)
	next, known := b.NextAllowed(at("2026-03-04"))
	require.True(t, known)
	require.Equal(t, at("2027-02-01"), next, "one of three over still leaves two")
	require.Len(t, b.Prune(at("2027-01-15")).Changes(), 2)
}

func TestBudgetsAgreeWithAListOfChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		allowed := rapid.IntRange(0, 5).Draw(t, "max")
		zone := calendar.MustLoadZone(rapid.SampledFrom([]string{"UTC", "Europe/Lisbon"}).Draw(t, "zone"))
		b, err := feature.NewChangeBudget(allowed, zone)
		require.NoError(t, err)
		now := at("2023-02-27T12:00:00Z")
		var changes []time.Time
		count := func(at time.Time) int {
			n := 0
			for _, c := range changes {
				over, err := zone.Add(c, calendar.Years(1), calendar.Clamp)
				require.NoError(t, err)
				if over.After(at) {
					n++
				}
			}
			return n
		}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(120*24*time.Hour)).Draw(t, "wait")))
			require.Equal(t, count(now), b.Count(now))
			next, err := b.Use(now, 1)
			require.Equal(t, count(now) < allowed, err == nil)
			if err != nil {
				free, known := b.NextAllowed(now)
				require.Equal(t, allowed > 0, known)
				if known {
					require.Less(t, count(free), allowed)
					require.Equal(t, allowed, count(free.Add(-1)), "and not a moment earlier")
				}
				continue
			}
			changes = append(changes, now)
			text, err := json.Marshal(next)
			require.NoError(t, err)
			var back feature.ChangeBudget
			require.NoError(t, json.Unmarshal(text, &back))
			require.True(t, back.Equal(next))
			b = back
		}
		require.Equal(t, b.Count(now), b.Prune(now).Count(now))
	})
}
