package calendar_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

func ExampleSchedule_PeriodAt() {
	anchor := time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	s, err := calendar.NewSchedule(anchor, calendar.Months(1), calendar.Clamp, calendar.UTC())
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := s.PeriodAt(time.Date(2026, time.March, 5, 0, 0, 0, 0, time.UTC))
	fmt.Println(p, err)
	// Output: [2026-02-28T09:00:00Z, 2026-03-31T09:00:00Z) <nil>
}

func ExampleSchedule_Boundary() {
	newYork := calendar.MustLoadZone("America/New_York")
	// Nine in the morning in New York, whatever its clocks do.
	anchor := time.Date(2026, time.January, 31, 9, 0, 0, 0, newYork.Location())
	s, _ := calendar.NewSchedule(anchor, calendar.Months(1), calendar.Clamp, newYork)
	for k := range 4 {
		b, err := s.Boundary(k)
		fmt.Println(b, err)
	}
	// Output:
	// 2026-01-31 14:00:00 +0000 UTC <nil>
	// 2026-02-28 14:00:00 +0000 UTC <nil>
	// 2026-03-31 13:00:00 +0000 UTC <nil>
	// 2026-04-30 13:00:00 +0000 UTC <nil>
}

func ExampleSchedule_Periods() {
	s, _ := calendar.NewSchedule(time.Date(2026, time.January, 31, 0, 0, 0, 0, time.UTC), calendar.Months(1), "", calendar.UTC())
	for p := range s.Periods(s.Anchor()) {
		if p.Start.Month() == time.April {
			break
		}
		fmt.Println(p)
	}
	// Output:
	// [2026-01-31T00:00:00Z, 2026-02-28T00:00:00Z)
	// [2026-02-28T00:00:00Z, 2026-03-31T00:00:00Z)
	// [2026-03-31T00:00:00Z, 2026-04-30T00:00:00Z)
}

// Samoa skipped 2011-12-30: the boundaries of that day and of the next are one
// instant, and a daily subscription has one period less.
func ExampleSchedule_Count() {
	apia := calendar.MustLoadZone("Pacific/Apia")
	start := time.Date(2011, time.December, 1, 0, 0, 0, 0, apia.Location())
	end := time.Date(2012, time.January, 1, 0, 0, 0, 0, apia.Location())
	s, _ := calendar.NewSchedule(start, calendar.Days(1), "", apia)
	fmt.Println(s.Count(start, end))
	// Output: 30 <nil>
}

// Twelve cycles of a month end here.
func ExampleSchedule_After() {
	s, _ := calendar.NewSchedule(time.Date(2024, time.February, 29, 0, 0, 0, 0, time.UTC), calendar.Months(1), "", calendar.UTC())
	fmt.Println(s.After(s.Anchor(), 12))
	// Output: 2025-02-28 00:00:00 +0000 UTC <nil>
}

func ExampleMonthEnd() {
	anchor := time.Date(2026, time.February, 28, 0, 0, 0, 0, time.UTC)
	for _, rule := range calendar.Words[calendar.MonthEnd]() {
		s, _ := calendar.NewSchedule(anchor, calendar.Months(1), rule, calendar.UTC())
		next, _ := s.NextAfter(anchor)
		fmt.Println(rule, next.Format(time.DateOnly))
	}
	// Output:
	// clamp 2026-03-28
	// last_day 2026-03-31
}

func ExampleParseInterval() {
	fmt.Println(calendar.ParseInterval("P2W"))
	_, err := calendar.ParseInterval("P1Y6M")
	fmt.Println(err)
	fmt.Println(errors.Is(err, calendar.ErrSyntax))
	// Output:
	// P2W <nil>
	// calendar: interval "P1Y6M": must have one whole count and one unit
	// true
}

func ExampleInterval() {
	fmt.Println(calendar.Months(3), calendar.Days(14), calendar.Interval{}.IsZero())
	data, err := json.Marshal(map[string]calendar.Interval{"every": calendar.Years(1), "never": {}})
	fmt.Println(string(data), err)
	// Output:
	// P3M P14D true
	// {"every":"P1Y","never":""} <nil>
}

func ExampleBasis_Fraction() {
	newYork := calendar.MustLoadZone("America/New_York")
	day := func(month time.Month, d, hour int) time.Time {
		return time.Date(2026, month, d, hour, 0, 0, 0, newYork.Location())
	}
	march := calendar.Period{Start: day(3, 1, 0), End: day(4, 1, 0)}
	rest := calendar.Period{Start: day(3, 16, 12), End: day(4, 1, 0)}
	for _, basis := range calendar.Words[calendar.Basis]() {
		num, den, err := basis.Fraction(rest, march, newYork)
		fmt.Printf("%s: %d/%d %v\n", basis, num, den, err)
	}
	// Output:
	// day: 16/31 <nil>
	// second: 1339200/2674800 <nil>
	// day_30: 15/30 <nil>
}

func ExampleChangeDay_Cut() {
	afternoon := time.Date(2026, time.January, 15, 18, 0, 0, 0, time.UTC)
	for _, side := range calendar.Words[calendar.ChangeDay]() {
		cut, err := side.Cut(afternoon, calendar.UTC())
		fmt.Println(side, cut.Format(time.DateOnly), err)
	}
	// Output:
	// new 2026-01-15 <nil>
	// old 2026-01-16 <nil>
	// more 2026-01-16 <nil>
}

func ExampleLoadZone() {
	z, err := calendar.LoadZone("Asia/Kolkata")
	fmt.Println(z, err)
	_, err = calendar.LoadZone("Local")
	fmt.Println(err)
	// Output:
	// Asia/Kolkata <nil>
	// calendar: time zone "Local": must be a named zone, not the machine's own
}

func ExampleZone_Midnight() {
	// In Cairo, the clocks of 2026-04-24 went from 00:00 to 01:00.
	cairo := calendar.MustLoadZone("Africa/Cairo")
	noon, _ := cairo.At(2026, time.April, 24, 12*time.Hour)
	fmt.Println(cairo.Midnight(noon, 0).In(cairo.Location()).Format(time.DateTime))
	fmt.Println(cairo.Midnight(noon, 1).In(cairo.Location()).Format(time.DateTime))
	// Output:
	// 2026-04-24 01:00:00
	// 2026-04-25 00:00:00
}

func ExampleZone_Add() {
	// A trial of fourteen days ends at the same time of day, across the change
	// to summer time.
	paris := calendar.MustLoadZone("Europe/Paris")
	start := time.Date(2026, time.March, 20, 10, 0, 0, 0, paris.Location())
	end, err := paris.Add(start, calendar.Days(14), calendar.Clamp)
	fmt.Println(end.In(paris.Location()).Format(time.DateTime), err)
	// Output: 2026-04-03 10:00:00 <nil>
}

func ExamplePeriod_Intersect() {
	jan, _ := calendar.ParseInstant("2026-01-01T00:00:00Z")
	mar, _ := calendar.ParseInstant("2026-03-01T00:00:00Z")
	feb, _ := calendar.ParseInstant("2026-02-01T00:00:00Z")
	both, ok := calendar.Period{Start: jan, End: mar}.Intersect(calendar.Period{Start: feb})
	fmt.Println(both, ok)
	// Output: [2026-02-01T00:00:00Z, 2026-03-01T00:00:00Z) true
}

func ExampleParseDate() {
	year, month, day, err := calendar.ParseDate("2024-02-29")
	fmt.Println(year, month, day, err)
	_, _, _, err = calendar.ParseDate("2026-02-29")
	fmt.Println(err)
	// Output:
	// 2024 February 29 <nil>
	// calendar: date "2026-02-29": no such day
}

func ExampleParseInstant() {
	t, err := calendar.ParseInstant("2026-01-31T09:30:00+05:30")
	fmt.Println(calendar.FormatInstant(t), err)
	// Output: 2026-01-31T04:00:00Z <nil>
}
