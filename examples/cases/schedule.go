package cases

import (
	"fmt"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
)

// Schedule says where the boundaries of periods lie: those from From on, or the
// two of the period that holds At.
type Schedule struct {
	Header
	Anchor   Moment            `json:"anchor"`
	Every    Every             `json:"every"`
	MonthEnd calendar.MonthEnd `json:"month_end"` // clamp if omitted
	From     *Moment           `json:"from"`
	At       *Moment           `json:"at"`
	Expect   []Moment          `json:"expect"`
}

func (c *Schedule) settle(n strict.Node) []strict.Fault {
	faults := append(c.Header.settle(n), missing(n, "anchor", "every", "expect")...)
	faults = append(faults, exactlyOne(n, "from", "at")...)
	if !has(n, "month_end") {
		c.MonthEnd = calendar.Clamp
	}
	expect, _ := n.Field("expect")
	switch {
	case len(faults) > 0:
	case c.At != nil && len(c.Expect) != 2:
		faults = append(faults, expect.Faultf(fault.Unusable, "must be the start and the end of the period"))
	case len(c.Expect) == 0:
		faults = append(faults, expect.Faultf(fault.OutOfRange, "must have at least one boundary"))
	}
	return faults
}

func (c *Schedule) run() answer {
	want := make([]time.Time, len(c.Expect))
	for i, moment := range c.Expect {
		want[i] = moment.In(c.Zone)
	}
	schedule, err := calendar.NewSchedule(c.Anchor.In(c.Zone), c.Every.Interval, c.MonthEnd, c.Zone)
	if err != nil {
		return refused(err, c.list(want))
	}
	var got []time.Time
	if c.At != nil {
		period, err := schedule.PeriodAt(c.At.In(c.Zone))
		if err != nil {
			return refused(err, c.list(want))
		}
		got = []time.Time{period.Start, period.End}
	} else if got, err = boundaries(schedule, c.From.In(c.Zone), want); err != nil {
		return refused(err, c.list(want))
	}
	for i := range want {
		if !got[i].Equal(want[i]) {
			return failed(c.list(got), c.list(want))
		}
	}
	return passed()
}

// boundaries returns as many boundaries as are wanted, beginning with the first
// at or after from. One that coincides with the boundary before it is omitted
// unless it is wanted.
func boundaries(s calendar.Schedule, from time.Time, want []time.Time) ([]time.Time, error) {
	first, err := s.FirstAtOrAfter(from)
	if err != nil {
		return nil, err
	}
	k, err := s.Index(first)
	if err != nil {
		return nil, err
	}
	for { // the first of those that coincide
		before, err := s.Boundary(k - 1)
		if err != nil || !before.Equal(first) {
			break // before the year 1 there is none
		}
		k--
	}
	got := make([]time.Time, 0, len(want))
	for ; len(got) < len(want); k++ {
		boundary, err := s.Boundary(k)
		if err != nil {
			return nil, fmt.Errorf("after %d boundaries: %w", len(got), err)
		}
		if i := len(got); i > 0 && boundary.Equal(got[i-1]) && !boundary.Equal(want[i]) {
			continue
		}
		got = append(got, boundary)
	}
	return got, nil
}

func (c *Schedule) list(times []time.Time) string {
	parts := make([]string, len(times))
	for i, t := range times {
		parts[i] = show(t, c.Zone)
	}
	return "[" + strings.Join(parts, " ") + "]"
}
