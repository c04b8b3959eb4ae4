package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
)

// zoneNames are zones of every kind: none, hours, half and quarter hours,
// daylight saving of one hour and of half an hour, north and south, midnights
// skipped, midnights repeated, days skipped and days repeated.
var zoneNames = []string{
	"UTC", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "Pacific/Apia", "Africa/Cairo", "America/Sao_Paulo",
	"Asia/Kathmandu", "Pacific/Kwajalein", "Australia/Lord_Howe", "America/St_Johns", "Europe/Dublin", "Africa/Casablanca",
	"Asia/Tehran", "Pacific/Kiritimati", "America/Juneau", "Asia/Manila", "Etc/GMT-14", "Antarctica/Troll", "Asia/Gaza",
}

// naiveWall finds the instant of a wall-clock time by trial: it tries all
// offsets that the zone has about that time. Nothing of it is shared with the
// package.
func naiveWall(loc *time.Location, wall time.Time) time.Time {
	var shown, skipped time.Time
	for hours := -26; hours <= 26; hours++ {
		_, offset := wall.Add(time.Duration(hours) * time.Hour).In(loc).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		local := t.In(loc)
		_, there := local.Zone()
		if there == offset {
			if shown.IsZero() || t.Before(shown) {
				shown = t
			}
		}
		if t.After(skipped) {
			skipped = t
		}
	}
	if shown.IsZero() {
		return skipped
	}
	return shown
}

// naiveBoundary steps from the anchor, one interval after the other, in civil
// dates that it lets package time normalise.
func naiveBoundary(anchor time.Time, every calendar.Interval, m calendar.MonthEnd, loc *time.Location, k int) time.Time {
	if k == 0 {
		return anchor
	}
	local := anchor.In(loc)
	year, month, dom := local.Date()
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	onLast := m == calendar.LastDay && local.AddDate(0, 0, 1).Day() == 1
	step, direction := every.Count(), 1
	if k < 0 {
		k, direction = -k, -1
	}
	day := time.Date(year, month, dom, 0, 0, 0, 0, time.UTC)
	for range k {
		switch every.Unit() {
		case calendar.Day:
			day = day.AddDate(0, 0, direction*step)
		case calendar.Week:
			day = day.AddDate(0, 0, direction*step*7)
		case calendar.Month:
			month += time.Month(direction * step)
		case calendar.Year:
			year += direction * step
		}
	}
	if every.Unit() == calendar.Month || every.Unit() == calendar.Year {
		last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		day = last
		if !onLast && dom < last.Day() {
			day = last.AddDate(0, 0, dom-last.Day())
		}
	}
	return naiveWall(loc, day.Add(clock))
}

var (
	y1900 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	y2200 = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

func drawZone(t *rapid.T) calendar.Zone {
	return calendar.MustLoadZone(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
}

// drawInstant draws an instant of 1900 to 2200, often one at which the zone
// changes its clocks, or a round one.
func drawInstant(t *rapid.T, label string, z calendar.Zone) time.Time {
	instant := time.Unix(rapid.Int64Range(y1900, y2200).Draw(t, label), 0)
	switch rapid.IntRange(0, 4).Draw(t, label+" kind") {
	case 0:
		if start, _ := instant.In(z.Location()).ZoneBounds(); start.Unix() > y1900 {
			instant = start.Add(time.Duration(rapid.IntRange(-26*60, 26*60).Draw(t, label+" minutes")) * time.Minute)
		}
	case 1:
		instant = instant.Truncate(24 * time.Hour)
	case 2:
		instant = z.Midnight(instant, 0)
	case 3:
		instant = instant.Add(time.Duration(rapid.Int64Range(0, 999_999).Draw(t, label+" microseconds")) * time.Microsecond)
	}
	return instant.UTC()
}

func drawSchedule(t *rapid.T) calendar.Schedule {
	z := drawZone(t)
	unit := rapid.SampledFrom(calendar.Words[calendar.Unit]()).Draw(t, "unit")
	count := rapid.OneOf(rapid.Just(1), rapid.IntRange(1, 13), rapid.IntRange(1, 100)).Draw(t, "count")
	every, err := calendar.Every(count, unit)
	require.NoError(t, err)
	rule := rapid.SampledFrom(calendar.Words[calendar.MonthEnd]()).Draw(t, "month end")
	anchor := drawInstant(t, "anchor", z)
	if rapid.Bool().Draw(t, "on a late day of the month") {
		year, month, _ := anchor.In(z.Location()).Date()
		last := time.Date(year, month+1, rapid.IntRange(-3, 0).Draw(t, "days before the end"), 0, 0, 0, 0, time.UTC)
		anchor, err = z.At(last.Year(), last.Month(), last.Day(), time.Duration(rapid.Int64Range(0, 24*3600-1).Draw(t, "clock"))*time.Second)
		require.NoError(t, err)
	}
	s, err := calendar.NewSchedule(anchor, every, rule, z)
	require.NoError(t, err)
	return s
}

func TestBoundariesAgreeWithSteppingThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		k := rapid.OneOf(rapid.IntRange(-40, 40), rapid.IntRange(-5000, 5000)).Draw(t, "k")
		want := naiveBoundary(s.Anchor(), s.Interval(), s.MonthEnd(), s.Zone().Location(), k)
		if want.Unix() < y1900-400*366*24*3600 || want.Year() > 9999 || want.Year() < 1 {
			t.Skip("too far away for the years of zones")
		}
		got, err := s.Boundary(k)
		require.NoError(t, err)
		require.Equal(t, want.UTC(), got, "boundary %d of %s", k, s)
	})
}

func TestPeriodsTileAndAreFoundFromAnyInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		instant := drawInstant(t, "instant", s.Zone())
		k, err := s.Index(instant)
		require.NoError(t, err)
		p, err := s.PeriodAt(instant)
		require.NoError(t, err)
		require.True(t, p.Contains(instant), "%s in %s", instant, p)
		require.False(t, p.IsEmpty())
		same, err := s.PeriodN(k)
		require.NoError(t, err)
		require.Equal(t, same, p)

		for n := k - 3; n < k+3; n++ {
			p, err := s.PeriodN(n)
			require.NoError(t, err)
			require.True(t, p.IsValid())
			following, err := s.PeriodN(n + 1)
			require.NoError(t, err)
			require.Equal(t, p.End, following.Start)
			if p.IsEmpty() {
				require.Equal(t, calendar.Days(1), s.Interval(), "only a day can be skipped")
				continue
			}
			for _, inside := range []time.Time{p.Start, p.End.Add(-1), p.Start.Add(p.End.Sub(p.Start) / 2)} {
				found, err := s.PeriodAt(inside)
				require.NoError(t, err)
				require.Equal(t, p, found)
				index, err := s.Index(inside)
				require.NoError(t, err)
				require.Equal(t, n, index, "Index inverts Boundary")
				next, err := s.NextAfter(inside)
				require.NoError(t, err)
				require.Equal(t, p.End, next)
				first, err := s.FirstAtOrAfter(inside)
				require.NoError(t, err)
				if inside.Equal(p.Start) {
					require.Equal(t, p.Start, first)
				} else {
					require.Equal(t, p.End, first)
				}
			}
		}
	})
}

func TestCountingAgreesWithWalking(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		a := drawInstant(t, "a", s.Zone())
		n := rapid.IntRange(1, 400).Draw(t, "n")
		walked, last := 0, a
		for p := range s.Periods(a) {
			require.False(t, p.IsEmpty())
			walked++
			if last = p.End; walked == n {
				break
			}
		}
		if walked < n {
			t.Skip("the year 9999 came first")
		}
		after, err := s.After(a, n)
		require.NoError(t, err)
		require.Equal(t, last, after)

		first, err := s.FirstAtOrAfter(a)
		require.NoError(t, err)
		counted, err := s.Count(a, last)
		require.NoError(t, err)
		if first.Equal(a) {
			require.Equal(t, n, counted)
		} else {
			require.Equal(t, n-1, counted, "the first period began before a")
		}
	})
}

func TestCivilDaysTile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t)
		instant := drawInstant(t, "instant", z)
		d := dateOf(z, instant)
		start, end := z.Midnight(instant, 0), z.Midnight(instant, 1)
		require.True(t, calendar.Period{Start: start, End: end}.Contains(instant), "%s is in [%s, %s)", instant, start, end)
		require.Equal(t, d, dateOf(z, start))
		require.Equal(t, d, dateOf(z, end.Add(-1)))
		if wall := instant.In(z.Location()); wall.Format(time.DateOnly) != d {
			require.Equal(t, d, wall.AddDate(0, 0, 1).Format(time.DateOnly), "only a midnight that is repeated divides the wall from the day")
			require.False(t, instant.Before(start))
		}
	})
}

func TestFractionsOfCutsSumToTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		whole, err := s.PeriodAt(drawInstant(t, "instant", s.Zone()))
		require.NoError(t, err)
		span := whole.End.Sub(whole.Start)
		cut := whole.Start.Add(time.Duration(rapid.Int64Range(0, int64(span)).Draw(t, "cut")))
		if !whole.End.After(cut) {
			cut = whole.End
		}
		for _, basis := range calendar.Words[calendar.Basis]() {
			n1, d1, err := basis.Fraction(calendar.Period{Start: whole.Start, End: cut}, whole, s.Zone())
			if basis != calendar.BySecond && err != nil {
				require.ErrorIs(t, err, calendar.ErrEmptyPeriod)
				continue
			}
			require.NoError(t, err)
			n2, d2, err := basis.Fraction(calendar.Period{Start: cut, End: whole.End}, whole, s.Zone())
			require.NoError(t, err)
			require.Equal(t, d1, d2)
			require.Positive(t, d1)
			require.GreaterOrEqual(t, n1, int64(0))
			require.GreaterOrEqual(t, n2, int64(0))
			require.Equal(t, d1, n1+n2, "%s of %s cut at %s", basis, whole, cut)
		}
	})
}

func TestACutIsTheMidnightOnItsSide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t)
		instant := drawInstant(t, "instant", z)
		start, err := calendar.NewSide.Cut(instant, z)
		require.NoError(t, err)
		end, err := calendar.OldSide.Cut(instant, z)
		require.NoError(t, err)
		require.True(t, calendar.Period{Start: start, End: end}.Contains(instant))
		more, err := calendar.MoreSide.Cut(instant, z)
		require.NoError(t, err)
		if instant.Sub(start) > end.Sub(instant) {
			require.Equal(t, end, more)
		} else {
			require.Equal(t, start, more)
		}
	})
}

func TestEveryDayOfTheCalendarIsKnown(t *testing.T) {
	t.Parallel()
	daily := schedule(t, "0001-01-01", "P1D", "", "UTC")
	monthly := schedule(t, "0001-01-31", "P1M", "last_day", "UTC")
	month := 0
	k := 0
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() <= 9999; day = day.AddDate(0, 0, 1) {
		if k++; day.Day() > 3 && day.Day() < 26 && k%11 != 0 {
			continue // the middle of months is sampled
		}
		got, err := daily.Boundary(k - 1)
		if err != nil || !got.Equal(day) {
			require.NoError(t, err)
			require.Equal(t, day, got)
		}
		y, m, dom, err := calendar.ParseDate(day.Format("2006-01-02"))
		if err != nil || !time.Date(y, m, dom, 0, 0, 0, 0, time.UTC).Equal(day) {
			require.NoError(t, err)
			require.Equal(t, day.Format(time.DateOnly), fmt.Sprintf("%04d-%02d-%02d", y, m, dom))
		}
		if day.AddDate(0, 0, 1).Day() == 1 {
			got, err := monthly.Boundary(month)
			if err != nil || !got.Equal(day) {
				require.NoError(t, err)
				require.Equal(t, day, got)
			}
			month++
		}
	}
	require.Equal(t, 9999*12, month)
}
