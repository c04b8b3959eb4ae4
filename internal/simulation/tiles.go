package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

// tiles sees that no day of a charge is billed twice, or given back that was not billed, in a
// life in which every choice is the share of the days. By the basis of seconds an instant is
// what a day is by the others.
func (l *life) tiles() error {
	zone := l.telling.Subscription().Zone()
	position := func(t time.Time) int64 {
		year, month, day := zone.Date(t)
		switch l.service.basis {
		case calendar.BySecond:
			return t.UnixMicro()
		case calendar.ByDay30:
			return int64(360*year + 30*int(month) + min(day, 30))
		case calendar.ByDay:
		}
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	}
	edges := map[string]map[int64]int{}
	for _, e := range l.service.books.entered {
		if e.line.To.IsZero() || e.line.Amount.Sign() == 0 {
			continue
		}
		from, to := position(e.line.From), position(e.line.To)
		if edges[e.line.Charge] == nil {
			edges[e.line.Charge] = map[int64]int{}
		}
		edges[e.line.Charge][from] += e.delta
		edges[e.line.Charge][to] -= e.delta
	}
	for charge, changes := range edges {
		var at []int64
		for x := range changes {
			at = append(at, x)
		}
		slices.Sort(at)
		times := 0
		for _, x := range at {
			if times += changes[x]; times < 0 || times > 1 {
				return fmt.Errorf("the charge %q is billed %d times from %d on", charge, times, x)
			}
		}
		l.counts["charges that tile"]++
	}
	return nil
}
