package calendar_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

// requireParseError says that a refusal explains itself.
func requireParseError(t *testing.T, err error) {
	t.Helper()
	var fault *calendar.ParseError
	require.ErrorAs(t, err, &fault)
	require.NotEmpty(t, fault.What)
	require.NotEmpty(t, fault.Detail)
	require.Error(t, errors.Unwrap(err))
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-01-31", "2024-02-29", "2026-02-31", "0000-00-00", "", "2026-01-31T00:00:00Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		year, month, day, err := calendar.ParseDate(s)
		reference, refErr := time.Parse("2006-01-02", s)
		if err != nil {
			requireParseError(t, err)
			require.True(t, refErr != nil || reference.Year() == 0, "refused %q", s)
			return
		}
		require.NoError(t, refErr)
		require.Equal(t, reference, time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
		require.Equal(t, reference, calendar.UTC().Midnight(reference.Add(time.Hour), 0))
	})
}

func FuzzParseInstant(f *testing.F) {
	for _, seed := range []string{
		"2026-01-31T09:30:00Z", "2026-01-31T09:30:00.123456789+05:45", "2026-02-29T00:00:00Z", "2016-12-31T23:59:60Z",
		"0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.999999999Z", "2026-01-31T09:30:00,5Z", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := calendar.ParseInstant(s)
		if err != nil {
			requireParseError(t, err)
			return
		}
		reference, err := time.Parse(time.RFC3339Nano, s)
		require.NoError(t, err)
		require.Equal(t, reference.UTC().Truncate(time.Microsecond), got)
		again, err := calendar.ParseInstant(calendar.FormatInstant(got))
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

func FuzzParseInterval(f *testing.F) {
	for _, seed := range []string{"P1M", "P10000D", "P10001D", "P0M", "P1Y6M", "PT1H", "", "P-1D"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := calendar.ParseInterval(s)
		if err != nil {
			requireParseError(t, err)
			require.True(t, i.IsZero())
			return
		}
		require.True(t, i.IsValid())
		require.Equal(t, s, i.String())
		again, err := calendar.Every(i.Count(), i.Unit())
		require.NoError(t, err)
		require.Equal(t, i, again)
	})
}

func FuzzUnmarshalPeriod(f *testing.F) {
	for _, seed := range []string{
		`{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}`, `{"start":"2026-01-01T00:00:00Z"}`, `null`, `{}`,
		`{"start":"2026-01-01T00:00:00Z","START":""}`, `{"end":"2026-01-01T00:00:00Z","start":"2026-02-01T00:00:00Z"}`, `[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := calendar.Period{Start: time.Unix(7, 0).UTC()}
		p := kept
		if err := p.UnmarshalJSON(data); err != nil {
			requireParseError(t, err)
			require.Equal(t, kept, p)
			return
		}
		require.True(t, json.Valid(data))
		require.True(t, p.IsValid() || p.IsZero())
		written, err := json.Marshal(p)
		require.NoError(t, err)
		var again calendar.Period
		require.NoError(t, json.Unmarshal(written, &again))
		require.Equal(t, p, again)
	})
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{"day", "clamp", "last_day", "second", "day_30", "new", "Old", "more ", "", "UTC", "Europe/Paris", "../x", "right/UTC"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		parsesItself[calendar.Unit](t, string(data))
		parsesItself[calendar.MonthEnd](t, string(data))
		parsesItself[calendar.Basis](t, string(data))
		parsesItself[calendar.ChangeDay](t, string(data))
		var zone calendar.Zone
		if err := zone.UnmarshalText(data); err != nil {
			requireParseError(t, err)
			return
		}
		written, err := zone.MarshalText()
		require.NoError(t, err)
		require.Equal(t, string(data), string(written))
	})
}

func parsesItself[W calendar.Word[W], P textReader[W]](t *testing.T, text string) {
	t.Helper()
	w, err := read[W, P](text)
	if err != nil {
		requireParseError(t, err)
		return
	}
	require.Equal(t, text, string(w))
}

// FuzzSchedule asks a schedule of any make about any instant.
func FuzzSchedule(f *testing.F) {
	f.Add(int64(1769850000), int64(0), 1, uint8(2), uint8(0), int64(4102444800), 1200)
	f.Add(int64(-62135596800), int64(999999999), 10000, uint8(3), uint8(1), int64(253402300799), -1)
	f.Fuzz(func(t *testing.T, anchor, nsec int64, count int, unit, zone uint8, instant int64, n int) {
		every, err := calendar.Every(count, calendar.Words[calendar.Unit]()[unit%4])
		if err != nil {
			return
		}
		z := calendar.MustLoadZone(zoneNames[int(zone)%len(zoneNames)])
		rule := calendar.Words[calendar.MonthEnd]()[zone%2]
		s, err := calendar.NewSchedule(time.Unix(anchor, nsec), every, rule, z)
		if err != nil {
			require.ErrorIs(t, err, calendar.ErrRange)
			return
		}
		for _, instant := range []time.Time{time.Unix(instant, nsec), time.Unix(instant, 0)} {
			if p, err := s.PeriodAt(instant); err == nil {
				require.True(t, p.Contains(instant), "%s in %s of %s", instant, p, s)
				k, err := s.Index(instant)
				require.NoError(t, err)
				require.Equal(t, p, first(s.PeriodN(k)))
				require.Equal(t, p.End, first(s.NextAfter(instant)))
				require.Equal(t, p.End, first(s.After(instant, 1)))
			} else {
				require.ErrorIs(t, err, calendar.ErrRange)
			}
			if end, err := s.After(instant, n); err == nil {
				require.True(t, end.After(instant))
				begun, err := s.Count(instant, end)
				require.NoError(t, err)
				require.Contains(t, []int{n, n - 1}, begun)
			}
		}
		if b, err := s.Boundary(n); err == nil {
			require.Equal(t, b, first(s.FirstAtOrAfter(b)))
			require.True(t, 1 <= b.Year() && b.Year() <= 9999)
		}
	})
}

func first[T any](v T, _ error) T { return v }
