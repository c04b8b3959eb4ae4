package calendar_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

func TestOneNameIsOneZone(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	zones := make([]calendar.Zone, 16)
	for i := range zones {
		wg.Go(func() { zones[i] = calendar.MustLoadZone("Europe/Vienna") })
	}
	wg.Wait()
	for _, z := range zones {
		require.True(t, z == zones[0])
	}
	require.Equal(t, "Europe/Vienna", zones[0].Name())
	require.Equal(t, "Europe/Vienna", zones[0].String())
	require.Equal(t, "Europe/Vienna", zones[0].Location().String())
	require.False(t, zones[0].IsZero())
	require.False(t, zones[0] == calendar.MustLoadZone("Europe/Paris"))
}

func TestTheZeroZoneIsUTC(t *testing.T) {
	t.Parallel()
	var z calendar.Zone
	require.True(t, z == calendar.UTC())
	require.True(t, z == calendar.MustLoadZone("UTC"))
	require.True(t, z.IsZero())
	require.Equal(t, "UTC", z.Name())
	require.Equal(t, time.UTC, z.Location())
	data, err := json.Marshal(z)
	require.NoError(t, err)
	require.Equal(t, `"UTC"`, string(data))
	read := calendar.MustLoadZone("Europe/Paris")
	require.NoError(t, json.Unmarshal(data, &read))
	require.Equal(t, z, read)
}

func TestZonesThatAreNotNamedAreRefused(t *testing.T) {
	t.Parallel()
	const (
		own     = "must be a named zone, not the machine's own"
		form    = "must be a name such as Europe/Lisbon"
		variant = "must not choose a variant of the database"
		unknown = "not in the time zone database"
	)
	for _, test := range []struct{ in, want string }{
		{"", "must not be empty"},
		{"Local", own},
		{"localtime", own},
		{"posixrules", own},
		{"right/Europe/Paris", variant},
		{"posix/Europe/Paris", variant},
		{"../etc/passwd", form},
		{"Europe/../Paris", form},
		{"/etc/localtime", form},
		{"Europe/", form},
		{"Europe//Paris", form},
		{`Europe\Paris`, form},
		{"Europe/Paris ", form},
		{"Europe/Pa\x00ris", form},
		{"UTC+1", unknown},
		{"+01:00", form},
		{"Europe/Atlantis", unknown},
		{"Europe", unknown},
		{strings.Repeat("a", 65), "must not be longer than 64 characters"},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			_, err := calendar.LoadZone(test.in)
			require.ErrorIs(t, err, calendar.ErrZone)
			shown := strconv.Quote(test.in)
			if len(test.in) > 64 {
				shown = strconv.Quote(test.in[:64] + "…")
			}
			require.EqualError(t, err, "calendar: time zone "+shown+": "+test.want)
			require.Panics(t, func() { calendar.MustLoadZone(test.in) })
			kept := calendar.MustLoadZone("Europe/Paris")
			require.EqualError(t, kept.UnmarshalText([]byte(test.in)), err.Error())
			require.Equal(t, "Europe/Paris", kept.Name())
		})
	}
}

func TestMidnightIsTheFirstInstantOfADay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, zone, day, want string }{
		{"UTC", "UTC", "2026-03-29", "2026-03-29T00:00:00Z"},
		{"west", "America/New_York", "2026-03-29", "2026-03-29T04:00:00Z"},
		{"east", "Asia/Kolkata", "2026-03-29", "2026-03-28T18:30:00Z"},
		{"far east", "Pacific/Kiritimati", "2026-03-29", "2026-03-28T10:00:00Z"},
		{"before clocks change on that day", "Europe/Paris", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"after they did", "Europe/Paris", "2026-03-30", "2026-03-29T22:00:00Z"},
		{"00:00 is skipped", "America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00:00Z"},
		{"23:30 to 00:30 is skipped", "America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"},
		{"00:00 occurs twice", "America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"},
		{"00:00 is set back to 23:00", "America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},
		{"the day is skipped", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},
		{"the day after it", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
		{"the day before it", "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},
		{"the rule of the far future", "Europe/Paris", "8026-07-01", "8026-06-30T22:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			z := calendar.MustLoadZone(test.zone)
			other := at(t, "2000-01-01T12:00:00Z")
			days := int((at(t, test.day).Unix() - at(t, dateOf(z, other)).Unix()) / (24 * 60 * 60))
			require.Equal(t, at(t, test.want), z.Midnight(other, days), "counted from another day")
			if noon := at(t, test.want).Add(12 * time.Hour); test.name != "the day is skipped" && test.name != "the day before it" {
				require.Equal(t, at(t, test.want), z.Midnight(noon, 0))
				require.Equal(t, at(t, test.want), z.Midnight(z.Midnight(noon, 1), -1))
			}
		})
	}
}

// dateOf writes the civil day of an instant.
func dateOf(z calendar.Zone, t time.Time) string {
	year, month, day := z.Date(t)
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

func TestDatesNeverRunBackwards(t *testing.T) {
	t.Parallel()
	// At 00:01 on 2010-11-07 clocks in St John's were set back to 23:01.
	z := calendar.MustLoadZone("America/St_Johns")
	for _, test := range []struct{ at, wall, want string }{
		{"2010-11-07T02:29:59Z", "2010-11-06 23:59:59", "2010-11-06"},
		{"2010-11-07T02:30:59Z", "2010-11-07 00:00:59", "2010-11-07"},
		{"2010-11-07T02:31:00Z", "2010-11-06 23:01:00", "2010-11-07"},
		{"2010-11-07T03:29:59Z", "2010-11-06 23:59:59", "2010-11-07"},
		{"2010-11-07T03:30:00Z", "2010-11-07 00:00:00", "2010-11-07"},
	} {
		require.Equal(t, test.wall, at(t, test.at).In(z.Location()).Format(time.DateTime))
		require.Equal(t, test.want, dateOf(z, at(t, test.at)))
	}
	require.Equal(t, 0, z.DaysBetween(at(t, "2010-11-07T02:30:59Z"), at(t, "2010-11-07T02:31:00Z")))
}

func TestDaysBetweenCountsCivilDays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, a, b string
		want       int
	}{
		{"UTC", "2026-01-01", "2026-01-01T23:59:59Z", 0},
		{"UTC", "2026-01-01T23:59:59Z", "2026-01-02", 1},
		{"UTC", "2026-01-02", "2026-01-01T23:59:59Z", -1},
		{"UTC", "2024-01-01", "2025-01-01", 366},
		{"America/New_York", "2026-03-08T04:59:59Z", "2026-03-08T05:00:00Z", 1},
		{"America/New_York", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z", 31},
		{"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z", 2},
	} {
		require.Equal(t, test.want, calendar.MustLoadZone(test.zone).DaysBetween(at(t, test.a), at(t, test.b)), test)
	}
}

func TestAtIsTheFirstInstantThatClocksShow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, day string
		clock     time.Duration
		want      string
	}{
		{"UTC", "2026-01-31", 9*time.Hour + 30*time.Minute + 1999, "2026-01-31T09:30:00.000001Z"},
		{"America/New_York", "2026-01-31", 9 * time.Hour, "2026-01-31T14:00:00Z"},
		{"America/New_York", "2026-03-08", 2*time.Hour + 30*time.Minute, "2026-03-08T07:30:00Z"},
		{"America/New_York", "2026-11-01", time.Hour + 30*time.Minute, "2026-11-01T05:30:00Z"},
		{"America/Sao_Paulo", "2017-10-15", 30 * time.Minute, "2017-10-15T03:30:00Z"},
		{"Pacific/Apia", "2011-12-30", 12 * time.Hour, "2011-12-30T22:00:00Z"},
	} {
		year, month, day, err := calendar.ParseDate(test.day)
		require.NoError(t, err)
		got, err := calendar.MustLoadZone(test.zone).At(year, month, day, test.clock)
		require.NoError(t, err)
		require.Equal(t, at(t, test.want), got)
	}
	for clock, want := range map[time.Duration]string{
		-1:             "calendar: out of range: time of day -1ns",
		24 * time.Hour: "calendar: out of range: time of day 24h0m0s",
	} {
		_, err := calendar.UTC().At(2026, time.January, 31, clock)
		require.ErrorIs(t, err, calendar.ErrRange)
		require.EqualError(t, err, want)
	}
	for _, test := range []struct {
		year  int
		month time.Month
		day   int
		want  string
	}{
		{1, 1, 1, "calendar: out of range: 1-01-01 0s"},
		{0, 12, 31, "calendar: out of range: the year 0"},
		{10000, 1, 1, "calendar: out of range: the year 10000"},
		{2026, 2, 29, "calendar: no such day: 2026-02-29"},
		{2026, 4, 0, "calendar: no such day: 2026-04-00"},
		{2026, 13, 1, "calendar: no such day: 2026-13-01"},
	} {
		_, err := calendar.MustLoadZone("Asia/Tokyo").At(test.year, test.month, test.day, 0)
		require.EqualError(t, err, test.want)
	}
}

func TestAddKeepsWallClockTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, at, every string
		rule            calendar.MonthEnd
		want            string
	}{
		{"UTC", "2026-01-31T10:00:00Z", "P1M", "", "2026-02-28T10:00:00Z"},
		{"UTC", "2026-02-28T10:00:00Z", "P1M", "last_day", "2026-03-31T10:00:00Z"},
		{"America/New_York", "2026-03-01T15:00:00Z", "P14D", "", "2026-03-15T14:00:00Z"},
		{"America/New_York", "2026-11-01T06:30:00Z", "P1D", "", "2026-11-02T06:30:00Z"},
	} {
		got, err := calendar.MustLoadZone(test.zone).Add(at(t, test.at), calendar.MustParseInterval(test.every), test.rule)
		require.NoError(t, err)
		require.Equal(t, at(t, test.want), got)
	}
	now := at(t, "2026-01-31")
	_, err := calendar.UTC().Add(now, calendar.Interval{}, "")
	require.ErrorIs(t, err, calendar.ErrInterval)
	_, err = calendar.UTC().Add(now, calendar.Days(1), "never")
	require.ErrorIs(t, err, calendar.ErrUnknown)
	_, err = calendar.UTC().Add(now, calendar.Years(9000), "")
	require.ErrorIs(t, err, calendar.ErrRange)
}

func TestTheWallClockIsWhatTheClocksShow(t *testing.T) {
	t.Parallel()
	vancouver := calendar.MustLoadZone("America/Vancouver")
	for _, row := range []struct {
		zone       calendar.Zone
		at, clocks string
	}{
		{calendar.UTC(), "2026-03-15T16:30:00.000001Z", "2026-03-15T16:30:00.000001Z"},
		{vancouver, "2026-01-15T17:30:00Z", "2026-01-15T09:30:00Z"},
		{vancouver, "2026-03-15T16:30:00Z", "2026-03-15T09:30:00Z"},
		{vancouver, "1969-12-31T23:59:59.5Z", "1969-12-31T15:59:59.5Z"},
	} {
		at, err := time.Parse(time.RFC3339Nano, row.at)
		require.NoError(t, err)
		clocks, err := time.Parse(time.RFC3339Nano, row.clocks)
		require.NoError(t, err)
		require.Equal(t, clocks.UnixMicro(), row.zone.WallClock(at), row.at)
	}
}
