package billing_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// A naiveWindow is when usage counts, and how long the period is of which that is a share.
type naiveWindow struct {
	from, to time.Time
	long     time.Duration
}

// reads reports whether the records of a metric are read one by one.
func (n *naive) reads(of string) bool {
	return !slices.Contains([]string{"", "sum", "max", "last"}, n.s.Aggregations[baseOf(of)])
}

// single is what the records in some windows of time come to: all parts of a count at once.
func (n *naive) single(r *naiveRun, windows ...naiveWindow) *big.Rat {
	how := n.s.Aggregations[baseOf(r.usage)]
	inside := func(t time.Time) bool {
		return slices.ContainsFunc(windows, func(w naiveWindow) bool { return !t.Before(w.from) && t.Before(w.to) })
	}
	records, sum, keys := int64(0), new(big.Rat), map[string]bool{}
	for _, a := range n.s.Actions {
		if !a.uses(r.usage) || !inside(n.s.instant(a.At)) {
			continue
		}
		records++
		q := naiveRat(a.Quantity, "0")
		sum.Add(sum, q)
		if keys[a.Key] = true; q.Sign() < 0 {
			delete(keys, a.Key)
		}
	}
	switch how {
	case "count":
		return big.NewRat(records, 1)
	case "unique":
		return big.NewRat(int64(len(keys)), 1)
	case "average":
		if records == 0 {
			return new(big.Rat)
		}
		return sum.Quo(sum, big.NewRat(records, 1))
	}
	area, long := new(big.Rat), new(big.Rat)
	for _, w := range windows {
		part := n.area(r, w.from, w.to)
		if strings.HasPrefix(how, "weighted_sum") {
			area.Add(area, part.Quo(part, big.NewRat(int64(w.long/time.Microsecond), 1)))
			long.SetInt64(1)
			continue
		}
		area.Add(area, part)
		long.Add(long, big.NewRat(int64(w.to.Sub(w.from)/time.Microsecond), 1))
	}
	if long.Sign() == 0 {
		return long
	}
	return area.Quo(area, long)
}

// area is the level of a metric in each microsecond of [from, to), added up: each record changes
// what all that lies behind it comes to.
func (n *naive) area(r *naiveRun, from, to time.Time) *big.Rat {
	how := n.s.Aggregations[baseOf(r.usage)]
	since := n.opened(r)
	if strings.HasSuffix(how, "carried") {
		since = time.Time{}
	}
	area, level := new(big.Rat), new(big.Rat)
	for _, a := range n.s.Actions {
		at := n.s.instant(a.At)
		if !a.uses(r.usage) || at.Before(since) || !at.Before(to) {
			continue
		}
		change := naiveRat(a.Quantity, "0")
		if strings.Contains(how, "level") {
			change = new(big.Rat).Sub(change, level)
		}
		level.Add(level, change)
		rest := to.Sub(naiveLater(at, from)) / time.Microsecond
		area.Add(area, change.Mul(change, big.NewRat(int64(rest), 1)))
	}
	return area
}

// opened is from when usage of the metric counts in the period of a run.
func (n *naive) opened(r *naiveRun) time.Time {
	since := r.since
	for _, c := range n.counts {
		if baseOf(c.usage) == baseOf(r.usage) && c.whole == r.whole && c.since.Before(since) {
			since = c.since
		}
	}
	for _, o := range n.runs {
		if o.usage == baseOf(r.usage) && o.whole == r.whole && o.since.Before(since) {
			since = o.since
		}
	}
	return since
}

func TestANaiveEngineAggregatesSingleRecordsTheSame(t *testing.T) {
	t.Parallel()
	lines := map[string]int{}
	property := func(t *rapid.T) {
		p := recordful().tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		for _, inv := range all {
			for _, line := range inv.Lines {
				if line.Aggregate != nil && line.Aggregate.Records > 0 {
					lines[p.s.Aggregations["calls"]]++
				}
			}
			_, err := inv.Explain()
			require.NoError(t, err, "%s", p.s)
			data, err := inv.MarshalJSON()
			require.NoError(t, err, "%s", p.s)
			var back billing.Invoice
			require.NoError(t, back.UnmarshalJSON(data), "%s", data)
			require.True(t, inv.Equal(back), "%s", data)
		}
	}
	covering(t, 5, property, func() bool {
		return !slices.ContainsFunc(singleAggregations, func(how string) bool { return lines[how] == 0 })
	})
}
