package calendar_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

func TestIntervalsAreReadAndWrittenAsISO8601(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		want  calendar.Interval
		count int
		unit  calendar.Unit
	}{
		{"P1D", calendar.Days(1), 1, calendar.Day},
		{"P14D", calendar.Days(14), 14, calendar.Day},
		{"P2W", calendar.Weeks(2), 2, calendar.Week},
		{"P1M", calendar.Months(1), 1, calendar.Month},
		{"P12M", calendar.Months(12), 12, calendar.Month},
		{"P1Y", calendar.Years(1), 1, calendar.Year},
		{"P10000Y", calendar.Years(10000), 10000, calendar.Year},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			got, err := calendar.ParseInterval(test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Equal(t, test.text, got.String())
			require.Equal(t, test.count, got.Count())
			require.Equal(t, test.unit, got.Unit())
			require.True(t, got.IsValid())
			require.False(t, got.IsZero())
			every, err := calendar.Every(test.count, test.unit)
			require.NoError(t, err)
			require.Equal(t, got, every)

			data, err := json.Marshal(got)
			require.NoError(t, err)
			require.JSONEq(t, strconv.Quote(test.text), string(data))
			var again calendar.Interval
			require.NoError(t, json.Unmarshal(data, &again))
			require.Equal(t, got, again)
		})
	}
}

func TestMalformedIntervalsAreRefused(t *testing.T) {
	t.Parallel()
	const (
		form  = "must be P, a count, and one of D, W, M, Y, such as P1M"
		unit  = "must end in one of D, W, M, Y"
		whole = "must have one whole count and one unit"
		zero  = "the count must begin with 1 to 9"
		much  = "the count must not exceed 10000"
	)
	for _, test := range []struct {
		in   string
		is   error
		want string
	}{
		{"", calendar.ErrSyntax, form},
		{"P", calendar.ErrSyntax, form},
		{"PM", calendar.ErrSyntax, form},
		{"1M", calendar.ErrSyntax, form},
		{"p1m", calendar.ErrSyntax, form},
		{" P1M", calendar.ErrSyntax, form},
		{"month", calendar.ErrSyntax, form},
		{"P1M ", calendar.ErrSyntax, unit},
		{"P1m", calendar.ErrSyntax, unit},
		{"P10", calendar.ErrSyntax, unit},
		{"P1H", calendar.ErrSyntax, unit},
		{"PT1M", calendar.ErrSyntax, whole},
		{"P1Y6M", calendar.ErrSyntax, whole},
		{"P1.5M", calendar.ErrSyntax, whole},
		{"P1,5M", calendar.ErrSyntax, whole},
		{"P-1M", calendar.ErrSyntax, whole},
		{"P+1M", calendar.ErrSyntax, whole},
		{"P 1M", calendar.ErrSyntax, whole},
		{"P٣M", calendar.ErrSyntax, whole}, // a digit, but not one of ours
		{"P0M", calendar.ErrSyntax, zero},
		{"P01M", calendar.ErrSyntax, zero},
		{"P00000000000000000001M", calendar.ErrSyntax, zero},
		{"P10001D", calendar.ErrRange, much},
		{"P99999999999999999999D", calendar.ErrRange, much},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			_, err := calendar.ParseInterval(test.in)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, "calendar: interval "+strconv.Quote(test.in)+": "+test.want)
			require.Panics(t, func() { calendar.MustParseInterval(test.in) })
			if test.in == "" {
				return // the text of the zero Interval
			}
			kept := calendar.Months(3)
			require.EqualError(t, kept.UnmarshalText([]byte(test.in)), err.Error())
			require.Equal(t, calendar.Months(3), kept)
		})
	}
	_, err := calendar.ParseInterval("P1M" + strings.Repeat("x", 1000))
	require.EqualError(t, err, `calendar: interval "P1M`+strings.Repeat("x", 61)+`…": `+unit)
}

func TestTheZeroIntervalMeansThatNothingRecurs(t *testing.T) {
	t.Parallel()
	var zero calendar.Interval
	require.True(t, zero.IsZero())
	require.False(t, zero.IsValid())
	require.Equal(t, "", zero.String())
	require.Zero(t, zero.Count())
	require.Equal(t, calendar.Unit(""), zero.Unit())
	text, err := zero.MarshalText()
	require.NoError(t, err)
	require.Empty(t, text)
	read := calendar.Months(1)
	require.NoError(t, read.UnmarshalText(text))
	require.Equal(t, zero, read)
}

func TestACountOutOfRangeMakesTheOneInvalidInterval(t *testing.T) {
	t.Parallel()
	for _, i := range []calendar.Interval{calendar.Days(0), calendar.Weeks(-1), calendar.Months(10001), calendar.Years(1 << 40)} {
		require.False(t, i.IsValid())
		require.False(t, i.IsZero())
		require.Equal(t, calendar.Days(0), i)
		require.Equal(t, "invalid", i.String())
		require.Zero(t, i.Count())
		require.Equal(t, calendar.Unit(""), i.Unit())
		_, err := i.MarshalText()
		require.ErrorIs(t, err, calendar.ErrInterval)
		require.EqualError(t, err, "calendar: not an interval that recurs: its count was outside 1 to 10000")
	}
	_, err := calendar.Every(0, calendar.Month)
	require.ErrorIs(t, err, calendar.ErrInterval)
	require.EqualError(t, err, "calendar: not an interval that recurs: a count of 0 is outside 1 to 10000")
	_, err = calendar.Every(1, "fortnight")
	require.ErrorIs(t, err, calendar.ErrUnknown)
	require.EqualError(t, err, `calendar: unit "fortnight": must be one of "day", "week", "month", "year"`)
}
