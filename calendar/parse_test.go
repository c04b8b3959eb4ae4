package calendar_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

func TestDatesAreReadInOneForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in    string
		year  int
		month time.Month
		day   int
	}{
		{"2026-01-31", 2026, time.January, 31},
		{"2024-02-29", 2024, time.February, 29},
		{"2000-02-29", 2000, time.February, 29},
		{"1970-01-01", 1970, time.January, 1},
		{"0001-01-01", 1, time.January, 1},
		{"9999-12-31", 9999, time.December, 31},
	} {
		year, month, day, err := calendar.ParseDate(test.in)
		require.NoError(t, err)
		require.Equal(t, []any{test.year, test.month, test.day}, []any{year, month, day})
	}
}

func TestMalformedDatesAreRefused(t *testing.T) {
	t.Parallel()
	const form = "must be YYYY-MM-DD"
	for _, test := range []struct {
		in   string
		is   error
		want string
	}{
		{"", calendar.ErrSyntax, form},
		{"2026-1-31", calendar.ErrSyntax, form},
		{"2026-01-3", calendar.ErrSyntax, form},
		{"26-01-31", calendar.ErrSyntax, form},
		{"2026/01/31", calendar.ErrSyntax, form},
		{"20260131", calendar.ErrSyntax, form},
		{"2026-W05-6", calendar.ErrSyntax, form},
		{"2026-031", calendar.ErrSyntax, form},
		{"31-01-2026", calendar.ErrSyntax, form},
		{"2026-01-31T00:00:00Z", calendar.ErrSyntax, form},
		{"2026-01-31 ", calendar.ErrSyntax, form},
		{" 2026-01-31", calendar.ErrSyntax, form},
		{"+2026-01-1", calendar.ErrSyntax, form},
		{"-026-01-31", calendar.ErrSyntax, form},
		{"12026-01-01", calendar.ErrSyntax, form},
		{"2O26-01-31", calendar.ErrSyntax, form},
		{"2026-0x-31", calendar.ErrSyntax, form},
		{"2026-01-3\x00", calendar.ErrSyntax, form},
		{"today", calendar.ErrSyntax, form},
		{"0000-01-01", calendar.ErrRange, "the year must be 0001 to 9999"},
		{"2026-00-10", calendar.ErrNoSuchDay, "no such month"},
		{"2026-13-10", calendar.ErrNoSuchDay, "no such month"},
		{"2026-01-00", calendar.ErrNoSuchDay, "no such day"},
		{"2026-01-32", calendar.ErrNoSuchDay, "no such day"},
		{"2026-02-29", calendar.ErrNoSuchDay, "no such day"},
		{"2024-02-30", calendar.ErrNoSuchDay, "no such day"},
		{"1900-02-29", calendar.ErrNoSuchDay, "no such day"},
		{"2026-04-31", calendar.ErrNoSuchDay, "no such day"},
		{"2026-11-31", calendar.ErrNoSuchDay, "no such day"},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := calendar.ParseDate(test.in)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, "calendar: date "+strconv.Quote(test.in)+": "+test.want)
		})
	}
}

func TestInstantsAreReadAsRFC3339(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   string
		want time.Time
		out  string
	}{
		{"2026-01-31T09:30:00Z", time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC), "2026-01-31T09:30:00Z"},
		{"2026-01-31T00:30:00+01:00", time.Date(2026, 1, 30, 23, 30, 0, 0, time.UTC), "2026-01-30T23:30:00Z"},
		{"2026-01-31T09:30:00-05:30", time.Date(2026, 1, 31, 15, 0, 0, 0, time.UTC), "2026-01-31T15:00:00Z"},
		{"2026-01-31T09:30:00-00:00", time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC), "2026-01-31T09:30:00Z"},
		{"2026-01-31T09:30:00.5Z", time.Date(2026, 1, 31, 9, 30, 0, 500_000_000, time.UTC), "2026-01-31T09:30:00.5Z"},
		{"2026-01-31T09:30:00.000001999+00:00", time.Date(2026, 1, 31, 9, 30, 0, 1000, time.UTC), "2026-01-31T09:30:00.000001Z"},
		{"1969-12-31T23:59:59.999Z", time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC), "1969-12-31T23:59:59.999Z"},
		{"0001-01-01T00:00:00Z", time.Time{}, "0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59.999999999Z", time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), "9999-12-31T23:59:59.999999Z"},
		{"0001-01-01T23:00:00+23:00", time.Time{}, "0001-01-01T00:00:00Z"},
	} {
		got, err := calendar.ParseInstant(test.in)
		require.NoError(t, err)
		require.Equal(t, test.want, got)
		require.Equal(t, test.out, calendar.FormatInstant(got))
	}
	lisbon := calendar.MustLoadZone("Europe/Lisbon").Location()
	require.Equal(t, "2026-06-30T23:00:00Z", calendar.FormatInstant(time.Date(2026, 7, 1, 0, 0, 0, 0, lisbon)))
}

func TestMalformedInstantsAreRefused(t *testing.T) {
	t.Parallel()
	const (
		form     = "must be YYYY-MM-DDThh:mm:ss and Z or an offset"
		clock    = "no such time of day"
		fraction = "a fraction must have one to nine digits"
		offset   = "must end in Z or an offset such as +02:00"
		years    = "must lie in the years 1 to 9999 of UTC"
	)
	for _, test := range []struct {
		in   string
		is   error
		want string
	}{
		{"", calendar.ErrSyntax, form},
		{"2026-01-31", calendar.ErrSyntax, form},
		{"2026-01-31T09:30Z", calendar.ErrSyntax, form},
		{"2026-01-31T09:30:00", calendar.ErrSyntax, form},
		{"2026-01-31 09:30:00Z", calendar.ErrSyntax, form},
		{"2026-01-31t09:30:00Z", calendar.ErrSyntax, form},
		{"2026-01-31T9:30:000Z", calendar.ErrSyntax, form},
		{"2026-01-31T09-30-00Z", calendar.ErrSyntax, form},
		{"2026-01-31T0a:30:00Z", calendar.ErrSyntax, form},
		{"2026-01-31T+9:30:00Z", calendar.ErrSyntax, form},
		{"1769850000", calendar.ErrSyntax, form},
		{"2026-01-31T09:30:00.0000000000000000000000000000Z", calendar.ErrSyntax, form},
		{"2026/01/31T09:30:00Z", calendar.ErrSyntax, "must be YYYY-MM-DD"},
		{"2026-02-29T09:30:00Z", calendar.ErrNoSuchDay, "no such day"},
		{"2026-13-01T09:30:00Z", calendar.ErrNoSuchDay, "no such month"},
		{"2026-01-31T24:00:00Z", calendar.ErrSyntax, clock},
		{"2026-01-31T09:60:00Z", calendar.ErrSyntax, clock},
		{"2016-12-31T23:59:60Z", calendar.ErrSyntax, clock}, // a leap second that was
		{"2026-01-31T09:30:00.Z", calendar.ErrSyntax, fraction},
		{"2026-01-31T09:30:00.0000000001Z", calendar.ErrSyntax, fraction},
		{"2026-01-31T09:30:00,5Z", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00z", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00.5", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00+01", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00+0100", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00+24:00", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00+01:60", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00 01:00", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00ZZ", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00Z ", calendar.ErrSyntax, offset},
		{"2026-01-31T09:30:00 UTC", calendar.ErrSyntax, offset},
		{"0000-12-31T23:59:59Z", calendar.ErrRange, "the year must be 0001 to 9999"},
		{"0001-01-01T00:59:59+01:00", calendar.ErrRange, years},
		{"9999-12-31T23:30:00-01:00", calendar.ErrRange, years},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			_, err := calendar.ParseInstant(test.in)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, "calendar: instant "+strconv.Quote(test.in)+": "+test.want)
		})
	}
}
