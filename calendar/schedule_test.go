package calendar_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine that has none of its own
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

// at reads an instant, or a date as midnight UTC.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	if len(s) == len("2006-01-02") {
		s += "T00:00:00Z"
	}
	instant, err := calendar.ParseInstant(s)
	require.NoError(t, err)
	return instant
}

func schedule(t testing.TB, anchor, every string, m calendar.MonthEnd, zone string) calendar.Schedule {
	t.Helper()
	s, err := calendar.NewSchedule(at(t, anchor), calendar.MustParseInterval(every), m, calendar.MustLoadZone(zone))
	require.NoError(t, err)
	return s
}

func TestBoundariesAreComputedFromTheAnchor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, anchor, every string
		rule                calendar.MonthEnd
		zone                string
		first               int
		want                []string
	}{
		{"the 31st is clipped and returns", "2026-01-31", "P1M", "", "UTC", 0, []string{"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"}},
		{"also backwards", "2026-01-31", "P1M", "clamp", "UTC", -3, []string{"2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31"}},
		{"a leap February has 29", "2024-01-31", "P1M", "clamp", "UTC", 0, []string{"2024-01-31", "2024-02-29", "2024-03-31"}},
		{"the 30th is clipped in February only", "2026-01-30", "P1M", "clamp", "UTC", 0, []string{"2026-01-30", "2026-02-28", "2026-03-30"}},
		{"Feb 28 stays on the 28th when clamped", "2026-02-28", "P1M", "clamp", "UTC", 0, []string{"2026-02-28", "2026-03-28", "2026-04-28"}},
		{"Feb 28 of a common year is a last day", "2026-02-28", "P1M", "last_day", "UTC", 0, []string{"2026-02-28", "2026-03-31", "2026-04-30"}},
		{"Feb 28 of a leap year is none", "2024-02-28", "P1M", "last_day", "UTC", 0, []string{"2024-02-28", "2024-03-28", "2024-04-28"}},
		{"Apr 30 stays on last days", "2026-04-30", "P1M", "last_day", "UTC", -2, []string{"2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"}},
		{"other days are clamped under last_day", "2026-01-30", "P1M", "last_day", "UTC", 0, []string{"2026-01-30", "2026-02-28", "2026-03-30"}},
		{"yearly last days", "2023-02-28", "P1Y", "last_day", "UTC", 0, []string{"2023-02-28", "2024-02-29", "2025-02-28"}},
		{"days know no last day", "2026-02-28", "P1D", "last_day", "UTC", 0, []string{"2026-02-28", "2026-03-01"}},
		{"Feb 29 yearly returns", "2024-02-29", "P1Y", "clamp", "UTC", 0, []string{"2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"}},
		{"1900 was no leap year and 2000 was", "1896-02-29", "P4Y", "clamp", "UTC", 0, []string{"1896-02-29", "1900-02-28", "1904-02-29"}},
		{"quarters", "2022-12-31", "P3M", "clamp", "UTC", 0, []string{"2022-12-31", "2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"}},
		{"weeks", "2026-01-01", "P2W", "clamp", "UTC", -1, []string{"2025-12-18", "2026-01-01", "2026-01-15"}},
		{"thirty days", "2012-02-16", "P30D", "clamp", "UTC", 0, []string{"2012-02-16", "2012-03-17", "2012-04-16"}},
		{"microseconds are kept", "2026-01-31T23:59:59.999999Z", "P1M", "clamp", "UTC", 0, []string{"2026-01-31T23:59:59.999999Z", "2026-02-28T23:59:59.999999Z"}},
		{"before 1970 too", "1969-12-31T23:59:59.5Z", "P1D", "clamp", "UTC", -1, []string{"1969-12-30T23:59:59.5Z", "1969-12-31T23:59:59.5Z", "1970-01-01T23:59:59.5Z"}},

		{"the day is the zone's, not UTC's", "2026-02-01T04:00:00Z", "P1M", "clamp", "America/New_York", 0, []string{"2026-02-01T04:00:00Z", "2026-03-01T04:00:00Z", "2026-04-01T03:00:00Z"}},
		{"a last day is the zone's, too", "2026-02-28T18:30:00Z", "P1M", "last_day", "Asia/Kolkata", 0, []string{"2026-02-28T18:30:00Z", "2026-03-31T18:30:00Z"}},
		{"wall-clock time is kept through clock changes", "2026-03-07T14:00:00Z", "P1D", "clamp", "America/New_York", 0, []string{"2026-03-07T14:00:00Z", "2026-03-08T13:00:00Z"}},
		{"a skipped time moves forward by the gap", "2026-03-07T07:30:00Z", "P1D", "clamp", "America/New_York", 0, []string{"2026-03-07T07:30:00Z", "2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"}},
		{"a time that occurs twice is the first", "2026-10-31T05:30:00Z", "P1D", "clamp", "America/New_York", 0, []string{"2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"an anchor in the second hour keeps its instant", "2026-11-01T06:30:00Z", "P1D", "clamp", "America/New_York", -1, []string{"2026-10-31T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z"}},
		{"half an hour of daylight saving", "2026-10-02T15:45:00Z", "P1D", "clamp", "Australia/Lord_Howe", 0, []string{"2026-10-02T15:45:00Z", "2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"}},
		{"midnight that does not exist", "2017-10-14T03:00:00Z", "P1D", "clamp", "America/Sao_Paulo", 0, []string{"2017-10-14T03:00:00Z", "2017-10-15T03:00:00Z", "2017-10-16T02:00:00Z"}},
		{"boundaries coincide over a day that was skipped", "2011-12-29T10:00:00Z", "P1D", "clamp", "Pacific/Apia", 0, []string{"2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"}},
		{"a month whose day was skipped", "2011-11-30T22:00:00Z", "P1M", "clamp", "Pacific/Apia", 0, []string{"2011-11-30T22:00:00Z", "2011-12-30T22:00:00Z", "2012-01-29T22:00:00Z"}},
		{"the rules of a zone go on for ever", "2999-06-15T04:00:00Z", "P6M", "clamp", "America/New_York", 0, []string{"2999-06-15T04:00:00Z", "2999-12-15T05:00:00Z", "3000-06-15T04:00:00Z"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := schedule(t, test.anchor, test.every, test.rule, test.zone)
			for i, want := range test.want {
				got, err := s.Boundary(test.first + i)
				require.NoError(t, err)
				require.Equal(t, at(t, want), got, "boundary %d", test.first+i)
			}
		})
	}
}

func TestAPeriodHoldsItsStartAndNotItsEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, anchor, every, zone, at string
		index                         int
		start, end                    string
	}{
		{"at the anchor", "2026-01-31", "P1M", "UTC", "2026-01-31", 0, "2026-01-31", "2026-02-28"},
		{"just before an end", "2026-01-31", "P1M", "UTC", "2026-02-27T23:59:59.999999Z", 0, "2026-01-31", "2026-02-28"},
		{"at an end", "2026-01-31", "P1M", "UTC", "2026-02-28", 1, "2026-02-28", "2026-03-31"},
		{"in the clipped month", "2026-01-31", "P1M", "UTC", "2026-03-30", 1, "2026-02-28", "2026-03-31"},
		{"before the anchor", "2026-01-31", "P1M", "UTC", "2026-01-30", -1, "2025-12-31", "2026-01-31"},
		{"long after the anchor", "2026-01-31", "P1M", "UTC", "7026-02-14", 60000, "7026-01-31", "7026-02-28"},
		{"long before the anchor", "2026-01-31", "P1M", "UTC", "0001-02-14", -24300, "0001-01-31", "0001-02-28"},
		{"a microsecond before a boundary with a fraction", "2026-01-01T00:00:00.5Z", "P1D", "UTC", "2026-01-02T00:00:00.499999Z", 0, "2026-01-01T00:00:00.5Z", "2026-01-02T00:00:00.5Z"},
		{"on a boundary with a fraction", "2026-01-01T00:00:00.5Z", "P1D", "UTC", "2026-01-02T00:00:00.5Z", 1, "2026-01-02T00:00:00.5Z", "2026-01-03T00:00:00.5Z"},
		{"years", "2024-02-29", "P1Y", "UTC", "2025-02-28", 1, "2025-02-28", "2026-02-28"},
		{"three years", "2024-02-29", "P3Y", "UTC", "2021-02-27", -2, "2018-02-28", "2021-02-28"},
		{"a day of 23 hours", "2026-01-01T05:00:00Z", "P1D", "America/New_York", "2026-03-09T03:59:59Z", 66, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"the empty period is passed over", "2011-12-01T10:00:00Z", "P1D", "Pacific/Apia", "2011-12-30T10:00:00Z", 30, "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
		{"and so it is an instant earlier", "2011-12-01T10:00:00Z", "P1D", "Pacific/Apia", "2011-12-30T09:59:59Z", 28, "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := schedule(t, test.anchor, test.every, "", test.zone)
			p, err := s.PeriodAt(at(t, test.at))
			require.NoError(t, err)
			require.Equal(t, calendar.Period{Start: at(t, test.start), End: at(t, test.end)}, p)
			index, err := s.Index(at(t, test.at))
			require.NoError(t, err)
			require.Equal(t, test.index, index)
			next, err := s.NextAfter(at(t, test.at))
			require.NoError(t, err)
			require.Equal(t, at(t, test.end), next)
		})
	}
}

func TestFirstAtOrAfterIncludesTheInstantItself(t *testing.T) {
	t.Parallel()
	s := schedule(t, "2026-01-31T09:00:00.25Z", "P1M", "", "UTC")
	for _, test := range []struct{ from, want string }{
		{"2026-02-28T09:00:00.249999999Z", "2026-02-28T09:00:00.25Z"},
		{"2026-02-28T09:00:00.25Z", "2026-02-28T09:00:00.25Z"},
		{"2026-02-28T09:00:00.250001Z", "2026-03-31T09:00:00.25Z"},
		{"2025-12-31T09:00:00.25Z", "2025-12-31T09:00:00.25Z"},
	} {
		got, err := s.FirstAtOrAfter(at(t, test.from))
		require.NoError(t, err)
		require.Equal(t, at(t, test.want), got, test.from)
	}
}

func TestCountAndAfterPassOverEmptyPeriods(t *testing.T) {
	t.Parallel()
	apia := schedule(t, "2011-12-01T10:00:00Z", "P1D", "", "Pacific/Apia")
	utc := schedule(t, "2026-01-31", "P1M", "", "UTC")
	for _, test := range []struct {
		s    calendar.Schedule
		a, b string
		want int
	}{
		{utc, "2026-01-31", "2026-01-31", 0},
		{utc, "2026-01-31", "2026-02-01", 1},
		{utc, "2026-01-31", "2026-02-28", 1},
		{utc, "2026-01-31", "2026-02-28T00:00:00.000001Z", 2},
		{utc, "2026-01-31T00:00:00.000001Z", "2026-02-28", 0},
		{utc, "2026-01-31", "2126-01-31", 1200},
		{utc, "1926-01-31", "2026-01-31", 1200},
		{utc, "2026-03-01", "2026-01-01", 0},
		{apia, "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", 1},
		{apia, "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", 1},
		{apia, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", 2},
		{apia, "2011-01-01T10:00:00Z", "2012-01-01T10:00:00Z", 365},
	} {
		got, err := test.s.Count(at(t, test.a), at(t, test.b))
		require.NoError(t, err)
		require.Equal(t, test.want, got, "%s in [%s, %s)", test.s, test.a, test.b)
	}
	for _, test := range []struct {
		s    calendar.Schedule
		from string
		n    int
		want string
	}{
		{utc, "2026-01-31", 1, "2026-02-28"},
		{utc, "2026-02-27", 12, "2027-01-31"},
		{apia, "2011-12-28T10:00:00Z", 1, "2011-12-29T10:00:00Z"},
		{apia, "2011-12-28T10:00:00Z", 2, "2011-12-30T10:00:00Z"},
		{apia, "2011-12-28T10:00:00Z", 3, "2011-12-31T10:00:00Z"},
		{apia, "2011-12-30T10:00:00Z", 1, "2011-12-31T10:00:00Z"},
	} {
		got, err := test.s.After(at(t, test.from), test.n)
		require.NoError(t, err)
		require.Equal(t, at(t, test.want), got, "%d after %s", test.n, test.from)
	}
}

func TestPeriodsTileAndEndWithTheYear9999(t *testing.T) {
	t.Parallel()
	s := schedule(t, "9999-10-31T12:00:00Z", "P1M", "", "UTC")
	var got []string
	for p := range s.Periods(at(t, "9999-09-30T12:00:00Z")) {
		got = append(got, p.String())
	}
	require.Equal(t, []string{
		"[9999-09-30T12:00:00Z, 9999-10-31T12:00:00Z)",
		"[9999-10-31T12:00:00Z, 9999-11-30T12:00:00Z)",
		"[9999-11-30T12:00:00Z, 9999-12-31T12:00:00Z)",
	}, got)

	apia := schedule(t, "2011-12-28T10:00:00Z", "P1D", "", "Pacific/Apia")
	got = nil
	for p := range apia.Periods(apia.Anchor()) {
		if got = append(got, p.String()); len(got) == 3 {
			break
		}
	}
	require.Equal(t, []string{
		"[2011-12-28T10:00:00Z, 2011-12-29T10:00:00Z)",
		"[2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z)",
		"[2011-12-30T10:00:00Z, 2011-12-31T10:00:00Z)",
	}, got)

	first := slices.Collect(schedule(t, "0001-01-02", "P5000Y", "", "UTC").Periods(at(t, "0001-01-01")))
	require.Equal(t, []calendar.Period{{Start: at(t, "0001-01-02"), End: at(t, "5001-01-02")}}, first, "begins before the year 1")

	require.Empty(t, slices.Collect(calendar.Schedule{}.Periods(at(t, "2026-01-01"))))
	require.Empty(t, slices.Collect(s.Periods(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))))
}

func TestAScheduleRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	anchor := at(t, "2026-01-31")
	for _, test := range []struct {
		name   string
		anchor time.Time
		every  calendar.Interval
		rule   calendar.MonthEnd
		is     error
		want   string
	}{
		{"nothing recurs", anchor, calendar.Interval{}, "", calendar.ErrInterval, `calendar: not an interval that recurs: schedule: every ""`},
		{"a count of none", anchor, calendar.Months(0), "", calendar.ErrInterval, `calendar: not an interval that recurs: schedule: every "invalid"`},
		{"an unknown rule", anchor, calendar.Months(1), "eom", calendar.ErrUnknown, `calendar: month end "eom": must be one of "clamp", "last_day"`},
		{"the year 0", time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC), calendar.Months(1), "", calendar.ErrRange, `calendar: out of range: schedule: anchor 0000-12-31T00:00:00Z`},
		{"the year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), calendar.Months(1), "", calendar.ErrRange, `calendar: out of range: schedule: anchor 10000-01-01T00:00:00Z`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := calendar.NewSchedule(test.anchor, test.every, test.rule, calendar.UTC())
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.want)
			require.True(t, s.IsZero())
		})
	}
}

func TestQuestionsOutsideTheYears1To9999AreErrors(t *testing.T) {
	t.Parallel()
	s := schedule(t, "2026-01-31", "P1M", "", "UTC")
	late, early := at(t, "9999-12-31T12:00:00Z"), at(t, "0001-01-15")
	tooLate, tooEarly := late.AddDate(1, 0, 0), early.AddDate(-1, 0, 0)
	calls := map[string]func() error{
		"calendar: out of range: boundary 4000001 of P1M from 2026-01-31T00:00:00Z (clamp, UTC)": func() error { _, err := s.Boundary(4_000_001); return err },
		"calendar: out of range: a boundary of P1M from 2026-01-31T00:00:00Z (clamp, UTC)":       func() error { _, err := s.Boundary(-24301); return err },
		"calendar: out of range: period of P1M from 2026-01-31T00:00:00Z (clamp, UTC) at 9999-12-31T12:00:00Z": func() error {
			_, err := s.PeriodAt(late)
			return err
		},
		"calendar: out of range: period of P1M from 2026-01-31T00:00:00Z (clamp, UTC) at 0001-01-15T00:00:00Z": func() error {
			_, err := s.PeriodAt(early)
			return err
		},
		"calendar: out of range: instant 10000-12-31T12:00:00Z": func() error { _, err := s.Index(tooLate); return err },
		"calendar: out of range: instant 0000-01-15T00:00:00Z":  func() error { _, err := s.Count(tooEarly, late); return err },
		"calendar: out of range: boundary 0 after 9999-12-31T12:00:00Z": func() error {
			_, err := s.After(late, 0)
			return err
		},
	}
	for want, call := range calls {
		err := call()
		require.ErrorIs(t, err, calendar.ErrRange)
		require.EqualError(t, err, want)
	}
	for _, err := range []error{
		second(s.PeriodN(-24301)), second(s.PeriodN(95_700)), second(s.NextAfter(late)), second(s.NextAfter(tooLate)),
		second(s.FirstAtOrAfter(late)), second(s.FirstAtOrAfter(tooEarly)), second(s.Index(early)),
		second(s.Count(early, tooLate)), second(s.After(late, 1)), second(s.After(tooLate, 1)), second(s.After(late, 1<<62)),
	} {
		require.ErrorIs(t, err, calendar.ErrRange)
	}

	next, err := s.NextAfter(early)
	require.NoError(t, err)
	require.Equal(t, at(t, "0001-01-31"), next, "the first boundary there is")
}

func second[T any](_ T, err error) error { return err }

func TestTheZeroScheduleAnswersThatItIsNone(t *testing.T) {
	t.Parallel()
	var s calendar.Schedule
	now := at(t, "2026-01-31")
	for _, err := range []error{
		second(s.Boundary(0)), second(s.PeriodN(0)), second(s.Index(now)), second(s.PeriodAt(now)), second(s.NextAfter(now)),
		second(s.FirstAtOrAfter(now)), second(s.Count(now, now)), second(s.After(now, 1)),
	} {
		require.ErrorIs(t, err, calendar.ErrNoSchedule)
		require.EqualError(t, err, "calendar: no schedule")
	}
	require.True(t, s.IsZero())
	require.True(t, s.Anchor().IsZero())
	require.True(t, s.Interval().IsZero())
	require.Equal(t, calendar.MonthEnd(""), s.MonthEnd())
	require.Equal(t, "no schedule", s.String())
}

func TestAScheduleRemembersWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	lisbon := calendar.MustLoadZone("Europe/Lisbon")
	anchor := time.Date(2026, 2, 28, 12, 0, 0, 7000, lisbon.Location())
	for _, rule := range []calendar.MonthEnd{"", calendar.Clamp, calendar.LastDay} {
		s, err := calendar.NewSchedule(anchor, calendar.Years(2), rule, lisbon)
		require.NoError(t, err)
		require.Equal(t, anchor.UTC(), s.Anchor())
		require.Equal(t, calendar.Years(2), s.Interval())
		require.Equal(t, lisbon, s.Zone())
		require.Equal(t, max(rule, calendar.Clamp), s.MonthEnd())
		again, err := calendar.NewSchedule(s.Anchor(), s.Interval(), s.MonthEnd(), s.Zone())
		require.NoError(t, err)
		require.True(t, s == again, "comparable with ==")
	}
	require.Equal(t, "P1M from 2026-02-28T00:00:00Z (last_day, UTC)", schedule(t, "2026-02-28", "P1M", "last_day", "UTC").String())
}

func TestValuesAreSmall(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, unsafe.Sizeof(calendar.Schedule{}), uintptr(32))
	require.LessOrEqual(t, unsafe.Sizeof(calendar.Interval{}), uintptr(4))
	require.LessOrEqual(t, unsafe.Sizeof(calendar.Zone{}), unsafe.Sizeof(uintptr(0)))
}

func TestQuestionsAllocateNothing(t *testing.T) {
	for _, zone := range []string{"UTC", "America/New_York"} {
		s := schedule(t, "2020-01-31T09:00:00Z", "P1M", "last_day", zone)
		now, later := at(t, "2126-07-14"), at(t, "2526-07-14")
		require.Zero(t, testing.AllocsPerRun(100, func() {
			_, _ = s.PeriodAt(now)
			_, _ = s.Boundary(1200)
			_, _ = s.Index(now)
			_, _ = s.NextAfter(now)
			_, _ = s.FirstAtOrAfter(now)
			_, _ = s.Count(now, later)
			_, _ = s.After(now, 12)
			_, _, _ = s.Zone().Date(now)
			_, _ = calendar.MoreSide.Cut(now, s.Zone())
		}))
	}
}
