package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
)

// steppingBaseline finds the period that holds t as many billing programs do:
// month after month from the anchor. (It is also wrong, since AddDate turns Jan
// 31 into Mar 3; only its cost matters here.)
func steppingBaseline(anchor, t time.Time) (start, end time.Time) {
	start = anchor
	for {
		end = start.AddDate(0, 1, 0)
		if end.After(t) {
			return start, end
		}
		start = end
	}
}

// instantsAt returns instants spread over a month, a number of months from the
// anchor, so that a branch predictor does not learn one answer.
func instantsAt(anchor time.Time, months int) []time.Time {
	instants := make([]time.Time, 64)
	for i := range instants {
		instants[i] = anchor.AddDate(0, months, 0).Add(time.Duration(i*i%29)*24*time.Hour + time.Duration(i)*time.Minute)
	}
	return instants
}

func BenchmarkPeriodAt(b *testing.B) {
	anchor := time.Date(2020, time.January, 31, 9, 30, 0, 0, time.UTC)
	var sink calendar.Period
	for _, months := range []int{12, 120, 1200, 12000} {
		instants := instantsAt(anchor, months)
		for _, zone := range []string{"UTC", "America/New_York", "Asia/Kolkata"} {
			z := calendar.MustLoadZone(zone)
			for _, every := range []calendar.Interval{calendar.Months(1), calendar.Days(30)} {
				s, err := calendar.NewSchedule(anchor, every, calendar.Clamp, z)
				require.NoError(b, err)
				b.Run(fmt.Sprintf("%s/%s/distance=%d", zone, every, months), func(b *testing.B) {
					b.ReportAllocs()
					i := 0
					for b.Loop() {
						sink, err = s.PeriodAt(instants[i&63])
						i++
					}
				})
				require.NoError(b, err)
			}
		}
	}
	for _, months := range []int{12, 120, 1200} {
		instants := instantsAt(anchor, months)
		b.Run(fmt.Sprintf("baseline_AddDate/distance=%d", months), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				sink.Start, sink.End = steppingBaseline(anchor, instants[i&63])
				i++
			}
		})
	}
	_ = sink
}
