package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
)

func TestACivilTimeIsWhatTheClocksHadShown(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, zone, at, civil, instant string }{
		{"in UTC it is the instant", "UTC", "2026-10-15T09:30:00Z", "2026-10-15T09:30:00", "2026-10-15T09:30:00Z"},
		{"with microseconds", "UTC", "2026-10-15T09:30:00.120034999Z", "2026-10-15T09:30:00.120034", "2026-10-15T09:30:00.120034Z"},
		{"elsewhere what the clocks show", "America/New_York", "2026-10-15T16:30:00Z", "2026-10-15T12:30:00", "2026-10-15T16:30:00Z"},
		{"the first of two hours", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"},
		{"in the second all of the first has been shown", "America/New_York", "2026-11-01T06:10:00Z", "2026-11-01T01:59:59.999999", "2026-11-01T05:59:59.999999Z"},
		{"after both", "America/New_York", "2026-11-01T07:00:00Z", "2026-11-01T02:00:00", "2026-11-01T07:00:00Z"},
		{"beyond the years of the table", "America/New_York", "2612-11-01T06:10:00Z", "2612-11-01T01:59:59.999999", "2612-11-01T05:59:59.999999Z"},
		{"before the year 1970", "Europe/Lisbon", "1960-01-01T12:00:00Z", "1960-01-01T12:00:00", "1960-01-01T12:00:00Z"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			z := calendar.MustLoadZone(row.zone)
			at, err := time.Parse(time.RFC3339Nano, row.at)
			require.NoError(t, err)
			c := z.Civil(at)
			require.Equal(t, row.civil, c.String())
			require.Equal(t, row.instant, calendar.FormatInstant(z.Instant(c)))
			back, err := calendar.ParseCivilTime(row.civil)
			require.NoError(t, err)
			require.Equal(t, c, back)
		})
	}
}

func TestACivilTimeThatIsSkippedMovesForward(t *testing.T) {
	t.Parallel()
	c, err := calendar.ParseCivilTime("2026-03-08T02:30:00")
	require.NoError(t, err)
	require.Equal(t, "2026-03-08T07:30:00Z", calendar.FormatInstant(calendar.MustLoadZone("America/New_York").Instant(c)))
}

func TestNoCivilTimeIsWrittenAsNothing(t *testing.T) {
	t.Parallel()
	var c calendar.CivilTime
	require.True(t, c.IsZero())
	require.Empty(t, c.String())
	require.NoError(t, c.UnmarshalText(nil))
	require.True(t, c.IsZero())
	require.True(t, calendar.UTC().Instant(c).IsZero())
}

func TestOnlyTheWrittenFormOfACivilTimeIsRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2026-11-15", "2026-11-15T09:30", "2026-11-15 09:30:00", "2026-11-15T09:30:00Z", "2026-11-15T09:30:00-08:00", "2026-11-15T24:00:00",
		"2026-02-30T00:00:00", "0000-01-01T00:00:00", "2026-11-15T09:30:00.", "2026-11-15T09:30:00.50", "2026-11-15T09:30:00,5", "2026-11-15T09:30:00.1234567",
	} {
		_, err := calendar.ParseCivilTime(text)
		require.ErrorIs(t, err, calendar.ErrSyntax, text)
	}
}

func TestABoundaryHasACivilTimeOfItsOwn(t *testing.T) {
	t.Parallel()
	s, err := calendar.NewSchedule(time.Date(2026, 1, 31, 7, 30, 0, 0, time.UTC), calendar.Months(1), calendar.Clamp, calendar.MustLoadZone("America/New_York"))
	require.NoError(t, err)
	for k, want := range []string{"2026-01-31T02:30:00", "2026-02-28T02:30:00", "2026-03-31T02:30:00"} {
		c, err := s.Civil(k)
		require.NoError(t, err)
		require.Equal(t, want, c.String())
	}
	daily, err := calendar.NewSchedule(time.Date(2026, 3, 7, 7, 30, 0, 0, time.UTC), calendar.Days(1), calendar.Clamp, calendar.MustLoadZone("America/New_York"))
	require.NoError(t, err)
	c, err := daily.Civil(1)
	require.NoError(t, err)
	require.Equal(t, "2026-03-08T02:30:00", c.String(), "whatever the clocks do then")
	_, err = daily.Civil(5_000_000)
	require.ErrorIs(t, err, calendar.ErrRange)
	_, err = calendar.Schedule{}.Civil(0)
	require.ErrorIs(t, err, calendar.ErrNoSchedule)
}

func TestCivilTimesNeverGoBackwards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		z := calendar.MustLoadZone(rapid.SampledFrom([]string{"America/Vancouver", "Africa/Casablanca", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"}).Draw(t, "zone"))
		at := rapid.Int64Range(-3_000_000_000, 20_000_000_000).Draw(t, "at")
		a := time.Unix(at, 0)
		b := a.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "later")))
		require.LessOrEqual(t, z.Civil(a).Compare(z.Civil(b)), 0)
		require.False(t, z.Instant(z.Civil(a)).After(a))
		back, err := calendar.ParseCivilTime(z.Civil(b).String())
		require.NoError(t, err)
		require.Equal(t, z.Civil(b), back)
	})
}

func FuzzParseCivilTime(f *testing.F) {
	for _, seed := range []string{"", "2026-11-15T09:30:00", "2026-11-15T09:30:00.5", "9999-12-31T23:59:59.999999", "0001-01-01T00:00:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := calendar.ParseCivilTime(text)
		if err != nil {
			require.ErrorIs(t, err, calendar.ErrSyntax)
			return
		}
		require.Equal(t, text, c.String())
	})
}
