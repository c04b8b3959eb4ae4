package feature_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

func TestCalendarWindows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, zone, window, at, start, end string }{
		{"a day", "UTC", "day", "2026-03-04T10:00:00Z", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"a day holds its first instant", "UTC", "day", "2026-03-04T00:00:00Z", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"and not the instant after its last", "UTC", "day", "2026-03-04T23:59:59.999999999Z", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z"},
		{"a week begins on Monday", "UTC", "week", "2026-03-04T10:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"},
		{"Sunday ends it", "UTC", "week", "2026-03-08T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"},
		{"a Monday begins the next", "UTC", "week", "2026-03-09T00:00:00Z", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z"},
		{"weeks before 1970", "UTC", "week", "1969-12-31T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z"},
		{"a week across the turn of a year", "UTC", "week", "2026-01-01T00:00:00Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z"},
		{"a month", "UTC", "month", "2026-02-28T23:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"December", "UTC", "month", "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"a year", "UTC", "year", "2028-02-29T12:00:00Z", "2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"},
		{"a day in another zone", "Asia/Kolkata", "day", "2026-03-04T20:00:00Z", "2026-03-04T18:30:00Z", "2026-03-05T18:30:00Z"},
		{"a day of 23 hours", "America/New_York", "day", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"a day of 25 hours", "America/New_York", "day", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"a day without a midnight", "America/Sao_Paulo", "day", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		{"the day before a skipped one", "Pacific/Apia", "day", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"the day after it", "Pacific/Apia", "day", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"a week of six days", "Pacific/Apia", "week", "2011-12-30T10:00:00Z", "2011-12-26T10:00:00Z", "2012-01-01T10:00:00Z"},
		{"an hour that is repeated across midnight", "America/St_Johns", "day", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"},
		{"the last year is open", "UTC", "year", "9999-06-01T00:00:00Z", "9999-01-01T00:00:00Z", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, err := feature.WindowAt(feature.Window(test.window), at(test.at), calendar.MustLoadZone(test.zone))
			require.NoError(t, err)
			require.Equal(t, at(test.start), w.Start)
			if test.end == "" {
				require.True(t, w.IsOpen())
				return
			}
			require.Equal(t, at(test.end), w.End)
			require.True(t, w.Contains(at(test.at)))
		})
	}
}

func TestOnlyCalendarWindowsAreWorkedOut(t *testing.T) {
	t.Parallel()
	for _, w := range []feature.Window{"", feature.BillingPeriod, feature.Life, feature.Rolling, feature.Anchored, "decade"} {
		_, err := feature.WindowAt(w, at("2026-03-04"), calendar.UTC())
		require.Error(t, err)
	}
	_, err := feature.WindowAt(feature.Day, time.Time{}.AddDate(-5, 0, 0), calendar.UTC())
	require.ErrorIs(t, err, calendar.ErrRange)
}

// zones have days of 23 and 25 hours, days without a midnight, a skipped day, and
// an hour repeated across midnight.
var zones = []string{
	"UTC", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia", "America/St_Johns", "Africa/Cairo",
}

func TestWindowsTile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := calendar.MustLoadZone(rapid.SampledFrom(zones).Draw(t, "zone"))
		window := rapid.SampledFrom([]feature.Window{feature.Day, feature.Week, feature.Month, feature.Year}).Draw(t, "window")
		now := time.Unix(rapid.Int64Range(0, 2_000_000_000).Draw(t, "at"), 0)
		w, err := feature.WindowAt(window, now, zone)
		require.NoError(t, err)
		require.True(t, w.Contains(now))
		next, err := feature.WindowAt(window, w.End, zone)
		require.NoError(t, err)
		require.Equal(t, w.End, next.Start)
		last, err := feature.WindowAt(window, w.End.Add(-1), zone)
		require.NoError(t, err)
		require.Equal(t, w, last)
	})
}
