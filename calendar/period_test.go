package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

// period reads "start end", or "start" for an open one, or "" for none.
func period(t testing.TB, s string) calendar.Period {
	t.Helper()
	if s == "" {
		return calendar.Period{}
	}
	p := calendar.Period{Start: at(t, s[:10])}
	if len(s) > 10 {
		p.End = at(t, s[11:])
	}
	return p
}

func TestPeriodsIntersectHalfOpen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, p, o, want string }{
		{"inside", "2026-01-01 2026-02-01", "2026-01-10 2026-01-20", "2026-01-10 2026-01-20"},
		{"across the end", "2026-01-01 2026-02-01", "2026-01-10 2026-02-20", "2026-01-10 2026-02-01"},
		{"touching", "2026-01-01 2026-02-01", "2026-02-01 2026-03-01", ""},
		{"apart", "2026-01-01 2026-02-01", "2026-05-01 2026-06-01", ""},
		{"the same", "2026-01-01 2026-02-01", "2026-01-01 2026-02-01", "2026-01-01 2026-02-01"},
		{"one open", "2026-01-01", "2025-01-10 2026-01-20", "2026-01-01 2026-01-20"},
		{"one open, too late", "2026-01-20", "2025-01-10 2026-01-20", ""},
		{"both open", "2026-01-01", "2026-03-01", "2026-03-01"},
		{"an empty one inside", "2026-01-01 2026-02-01", "2026-01-10 2026-01-10", ""},
		{"a reversed one", "2026-01-01 2026-02-01", "2026-01-20 2026-01-10", ""},
		{"none", "2026-01-01", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, o := period(t, test.p), period(t, test.o)
			for _, pair := range [][2]calendar.Period{{p, o}, {o, p}} {
				got, ok := pair[0].Intersect(pair[1])
				require.Equal(t, period(t, test.want), got)
				require.Equal(t, test.want != "", ok)
				require.Equal(t, ok, pair[0].Overlaps(pair[1]))
			}
		})
	}
}

func TestWhatAPeriodIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, p                    string
		valid, empty, open, isZero bool
		text                       string
	}{
		{"closed", "2026-01-01 2026-02-01", true, false, false, false, "[2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z)"},
		{"open", "2026-01-01", true, false, true, false, "[2026-01-01T00:00:00Z, open)"},
		{"empty", "2026-01-01 2026-01-01", true, true, false, false, "[2026-01-01T00:00:00Z, 2026-01-01T00:00:00Z)"},
		{"reversed", "2026-02-01 2026-01-01", false, true, false, false, "[2026-02-01T00:00:00Z, 2026-01-01T00:00:00Z)"},
		{"zero", "", false, true, false, true, "[)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := period(t, test.p)
			require.Equal(t, test.valid, p.IsValid())
			require.Equal(t, test.empty, p.IsEmpty())
			require.Equal(t, test.open, p.IsOpen())
			require.Equal(t, test.isZero, p.IsZero())
			require.Equal(t, test.text, p.String())
			require.Equal(t, !test.empty, p.Contains(p.Start))
			require.False(t, !p.End.IsZero() && p.Contains(p.End))
			require.False(t, p.Contains(p.Start.Add(-1)))
		})
	}
	require.False(t, calendar.Period{Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}.IsValid())
	lisbon := calendar.MustLoadZone("Europe/Lisbon").Location()
	p := period(t, "2026-01-01 2026-07-01")
	require.True(t, p.Equal(calendar.Period{Start: p.Start.In(lisbon), End: p.End.In(lisbon)}))
	require.False(t, p.Equal(period(t, "2026-01-01")))
}

func TestPeriodsSurviveJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, json string
		p          calendar.Period
	}{
		{"closed", `{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00.5Z"}`, calendar.Period{Start: at(t, "2026-01-01"), End: at(t, "2026-02-01T00:00:00.5Z")}},
		{"open", `{"start":"2026-01-01T00:00:00Z"}`, period(t, "2026-01-01")},
		{"empty", `{"start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:00:00Z"}`, period(t, "2026-01-01 2026-01-01")},
		{"from the first instant there is", `{"start":"0001-01-01T00:00:00Z","end":"2026-01-01T00:00:00Z"}`, period(t, "0001-01-01 2026-01-01")},
		{"zero", `null`, calendar.Period{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(test.p)
			require.NoError(t, err)
			require.Equal(t, test.json, string(data))
			read := period(t, "2020-01-01")
			require.NoError(t, json.Unmarshal(data, &read))
			require.Equal(t, test.p, read)
		})
	}
	var p calendar.Period
	require.NoError(t, p.UnmarshalJSON([]byte(" { \"end\" : \"2026-07-01T00:00:00+01:00\", \"start\":\"2026-01-01T00:00:00Z\" }\n")))
	require.Equal(t, calendar.Period{Start: at(t, "2026-01-01"), End: at(t, "2026-06-30T23:00:00Z")}, p)
}

func TestPeriodsThatAreNoneAreNotWritten(t *testing.T) {
	t.Parallel()
	for _, p := range []calendar.Period{
		period(t, "2026-02-01 2026-01-01"),
		{Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{End: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		_, err := p.MarshalJSON()
		require.ErrorIs(t, err, calendar.ErrPeriod)
		require.EqualError(t, err, "calendar: not a period: "+p.String())
	}
}

func TestMalformedPeriodsAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   string
		is   error
		want string
	}{
		{``, calendar.ErrSyntax, `calendar: period "": must be an object`},
		{`[]`, calendar.ErrSyntax, `calendar: period "[]": must be an object`},
		{`"P1M"`, calendar.ErrSyntax, `calendar: period "\"P1M\"": must be an object`},
		{`{`, calendar.ErrSyntax, `calendar: period "{": not JSON`},
		{`{}`, calendar.ErrSyntax, `calendar: period "{}": start: missing`},
		{`{} {}`, calendar.ErrSyntax, `calendar: period "{} {}": must be one object`},
		{`{"end":"2026-01-01T00:00:00Z"}`, calendar.ErrSyntax, `calendar: period "{\"end\":\"2026-01-01T00:00:00Z\"}": start: missing`},
		{`{"Start":""}`, calendar.ErrSyntax, `calendar: period "{\"Start\":\"\"}": unknown field "Start"`},
		{`{"from":1}`, calendar.ErrSyntax, `calendar: period "{\"from\":1}": unknown field "from"`},
		{`{"start":1}`, calendar.ErrSyntax, `calendar: period "{\"start\":1}": start: must be a string`},
		{`{"start":null}`, calendar.ErrSyntax, `calendar: period "{\"start\":null}": start: must be a string`},
		{`{"start":[]}`, calendar.ErrSyntax, `calendar: period "{\"start\":[]}": start: must be a string`},
		{`{"start":x}`, calendar.ErrSyntax, `calendar: period "{\"start\":x}": start: not JSON`},
		{`{"start":"2026-02-29T00:00:00Z"}`, calendar.ErrNoSuchDay, `calendar: period start "2026-02-29T00:00:00Z": no such day`},
		{`{"start":"2026-02-01T00:00:00Z","end":""}`, calendar.ErrSyntax, `calendar: period end "": must be YYYY-MM-DDThh:mm:ss and Z or an offset`},
		{`{"start":"2026-02-01T00:00:00Z","start":"2026-02-01T00:00:00Z"}`, calendar.ErrSyntax, `calendar: period "{\"start\":\"2026-02-01T00:00:00Z\",\"start\":\"2026-02-01T00:00:00Z\"}": start: repeated`},
		{`{"start":"2026-02-01T00:00:00Z","end":"2026-01-01T00:00:00Z"}`, calendar.ErrPeriod, `calendar: period "{\"start\":\"2026-02-01T00:00:00Z\",\"end\":\"2026-01-01T00:00:00Z\"}": must not end before it starts`},
		{`{"start":"2026-02-01T00:00:00Z","end":"0001-01-01T00:00:00Z"}`, calendar.ErrPeriod, `calendar: period "{\"start\":\"2026-02-01T00:00:00Z\",\"end\":\"0001-01-01T00:00:00Z\"}": must not end before it starts`},
		{`{"start":"0001-01-01T00:00:00Z"}`, calendar.ErrPeriod, `calendar: period "{\"start\":\"0001-01-01T00:00:00Z\"}": an open period must not begin at the first instant of year 1`},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			kept := period(t, "2026-01-01")
			err := kept.UnmarshalJSON([]byte(test.in))
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.want)
			var fault *calendar.ParseError
			require.ErrorAs(t, err, &fault)
			require.Equal(t, period(t, "2026-01-01"), kept)
		})
	}
}
