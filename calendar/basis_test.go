package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

func TestAPartOfAPeriodIsAFraction(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		basis        calendar.Basis
		zone         string
		part, whole  [2]string
		wantN, wantD int64
	}{
		{"the default is by day", "", "UTC", [2]string{"2026-01-16", "2026-02-01"}, [2]string{"2026-01-01", "2026-02-01"}, 16, 31},
		{"the whole", "day", "UTC", [2]string{"2026-01-01", "2026-02-01"}, [2]string{"2026-01-01", "2026-02-01"}, 31, 31},
		{"none of it", "day", "UTC", [2]string{"2026-01-16", "2026-01-16"}, [2]string{"2026-01-01", "2026-02-01"}, 0, 31},
		{"hours do not matter", "day", "UTC", [2]string{"2026-01-16T01:00:00Z", "2026-01-16T23:00:00Z"}, [2]string{"2026-01-01", "2026-02-01"}, 0, 31},
		{"civil days of the zone", "day", "America/New_York", [2]string{"2026-03-01T05:00:00Z", "2026-03-16T04:00:00Z"}, [2]string{"2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"}, 15, 31},
		{"a skipped day counts", "day", "Pacific/Apia", [2]string{"2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"}, [2]string{"2011-12-01T10:00:00Z", "2011-12-31T10:00:00Z"}, 2, 31},

		{"seconds", "second", "UTC", [2]string{"2026-01-01T12:00:00Z", "2026-01-02"}, [2]string{"2026-01-01", "2026-01-02"}, 43200, 86400},
		{"a day of 23 hours", "second", "America/New_York", [2]string{"2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z"}, [2]string{"2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"}, 3600, 82800},
		{"microseconds where an end has them", "second", "UTC", [2]string{"2026-01-01", "2026-01-01T00:00:00.000001Z"}, [2]string{"2026-01-01", "2026-01-02"}, 1000, 86400e9},
		{"nanoseconds in both ends", "second", "UTC", [2]string{"2026-01-01T00:00:00.9Z", "2026-01-01T00:00:02.1Z"}, [2]string{"2026-01-01T00:00:00.9Z", "2026-01-02T00:00:00.9Z"}, 1_200_000_000, 86400e9},
		{"more seconds than an int64 has nanoseconds", "second", "UTC", [2]string{"1000-01-01", "2000-01-01"}, [2]string{"1000-01-01", "3000-01-01"}, 31556908800, 63113904000},

		{"thirty days a month", "day_30", "UTC", [2]string{"2023-06-23", "2023-07-15"}, [2]string{"2023-06-23", "2023-07-23"}, 22, 30},
		{"the 31st is the 30th", "day_30", "UTC", [2]string{"2026-01-16", "2026-01-31"}, [2]string{"2026-01-01", "2026-02-01"}, 14, 30},
		{"February has thirty", "day_30", "UTC", [2]string{"2026-02-15", "2026-03-01"}, [2]string{"2026-02-01", "2026-03-01"}, 16, 30},
		{"a year has 360", "day_30", "UTC", [2]string{"2026-01-01", "2026-04-01"}, [2]string{"2026-01-01", "2027-01-01"}, 90, 360},
		{"dates of the zone", "day_30", "Asia/Tokyo", [2]string{"2026-01-15T15:00:00Z", "2026-01-31T15:00:00Z"}, [2]string{"2025-12-31T15:00:00Z", "2026-01-31T15:00:00Z"}, 15, 30},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n, d, err := test.basis.Fraction(
				calendar.Period{Start: at(t, test.part[0]), End: at(t, test.part[1])},
				calendar.Period{Start: at(t, test.whole[0]), End: at(t, test.whole[1])},
				calendar.MustLoadZone(test.zone))
			require.NoError(t, err)
			require.Equal(t, [2]int64{test.wantN, test.wantD}, [2]int64{n, d})
		})
	}
}

func TestAFractionOfNothingIsAnError(t *testing.T) {
	t.Parallel()
	jan := period(t, "2026-01-01 2026-02-01")
	hour := calendar.Period{Start: at(t, "2026-01-01T01:00:00Z"), End: at(t, "2026-01-01T02:00:00Z")}
	long := calendar.Period{Start: at(t, "1000-01-01"), End: at(t, "3000-01-01T00:00:00.5Z")}
	for _, test := range []struct {
		name        string
		basis       calendar.Basis
		part, whole calendar.Period
		is          error
		want        string
	}{
		{"an unknown basis", "week", jan, jan, calendar.ErrUnknown, `calendar: basis "week": must be one of "day", "second", "day_30"`},
		{"no part", "", calendar.Period{}, jan, calendar.ErrPeriod, `calendar: not a period: part [)`},
		{"no whole", "", jan, calendar.Period{}, calendar.ErrPeriod, `calendar: not a period: whole [)`},
		{"a part reversed", "", period(t, "2026-01-20 2026-01-10"), jan, calendar.ErrPeriod, `calendar: not a period: part [2026-01-20T00:00:00Z, 2026-01-10T00:00:00Z)`},
		{"an open whole", "", jan, period(t, "2026-01-01"), calendar.ErrPeriod, `calendar: not a period: whole [2026-01-01T00:00:00Z, open) is open`},
		{"a part that begins before", "", period(t, "2025-12-31 2026-01-10"), jan, calendar.ErrOutside, `calendar: part lies outside the period: [2025-12-31T00:00:00Z, 2026-01-10T00:00:00Z) is not in [2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z)`},
		{"a part that ends after", "second", period(t, "2026-01-31 2026-02-02"), jan, calendar.ErrOutside, `calendar: part lies outside the period: [2026-01-31T00:00:00Z, 2026-02-02T00:00:00Z) is not in [2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z)`},
		{"an hour in days", "", hour, hour, calendar.ErrEmptyPeriod, `calendar: empty period: [2026-01-01T01:00:00Z, 2026-01-01T02:00:00Z) has no length by day`},
		{"the 31st in days of thirty", "day_30", period(t, "2026-01-30 2026-01-31"), period(t, "2026-01-30 2026-01-31"), calendar.ErrEmptyPeriod, `calendar: empty period: [2026-01-30T00:00:00Z, 2026-01-31T00:00:00Z) has no length by day_30`},
		{"an empty whole", "second", period(t, "2026-01-30 2026-01-30"), period(t, "2026-01-30 2026-01-30"), calendar.ErrEmptyPeriod, `calendar: empty period: [2026-01-30T00:00:00Z, 2026-01-30T00:00:00Z) has no length by second`},
		{"two thousand years in nanoseconds", "second", long, long, calendar.ErrRange, `calendar: out of range: [1000-01-01T00:00:00Z, 3000-01-01T00:00:00.5Z) in nanoseconds`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n, d, err := test.basis.Fraction(test.part, test.whole, calendar.UTC())
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.want)
			require.Zero(t, n)
			require.Zero(t, d)
		})
	}
}

func TestACutLiesAtACivilMidnight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		side calendar.ChangeDay
		zone string
		at   string
		want string
	}{
		{"the default is new", "", "UTC", "2026-01-15T18:00:00Z", "2026-01-15"},
		{"new", "new", "UTC", "2026-01-15T23:59:59.999999Z", "2026-01-15"},
		{"new at midnight", "new", "UTC", "2026-01-15", "2026-01-15"},
		{"old", "old", "UTC", "2026-01-15T00:00:00.000001Z", "2026-01-16"},
		{"old at midnight takes the day that begins", "old", "UTC", "2026-01-15", "2026-01-16"},
		{"more before noon", "more", "UTC", "2026-01-15T11:59:59.999999Z", "2026-01-15"},
		{"more at noon is a tie", "more", "UTC", "2026-01-15T12:00:00Z", "2026-01-15"},
		{"more after noon", "more", "UTC", "2026-01-15T12:00:00.000001Z", "2026-01-16"},
		{"noon is past half a day of 23 hours", "more", "America/New_York", "2026-03-08T16:00:00Z", "2026-03-08T05:00:00Z"},
		{"half past 12 is more than half of 23 hours", "more", "America/New_York", "2026-03-08T16:30:00.000001Z", "2026-03-09T04:00:00Z"},
		{"noon is more than half of 25 hours", "more", "America/New_York", "2026-11-01T17:00:00Z", "2026-11-02T05:00:00Z"},
		{"the day of the zone", "new", "Asia/Kolkata", "2026-01-15T20:00:00Z", "2026-01-15T18:30:00Z"},
		{"a skipped day", "old", "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.side.Cut(at(t, test.at), calendar.MustLoadZone(test.zone))
			require.NoError(t, err)
			require.Equal(t, at(t, test.want), got)
		})
	}
	last := at(t, "9999-12-31T12:00:00Z")
	for _, test := range []struct {
		side calendar.ChangeDay
		at   time.Time
		is   error
		want string
	}{
		{"both", last, calendar.ErrUnknown, `calendar: change day "both": must be one of "new", "old", "more"`},
		{"old", last, calendar.ErrRange, `calendar: out of range: cut at 10000-01-01T00:00:00Z`},
		{"new", last.AddDate(0, 0, 1), calendar.ErrRange, `calendar: out of range: change at 10000-01-01T12:00:00Z`},
	} {
		_, err := test.side.Cut(test.at, calendar.UTC())
		require.ErrorIs(t, err, test.is)
		require.EqualError(t, err, test.want)
	}
}
