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

// regions are the values of the one dimension of stories. Not all of them have a row.
var regions = []string{"eu", "us", "", "ap"}

// matrix draws a table of prices by region, in which every region has a price.
func (m menu) matrix(d draws) talePrice {
	price := func() talePrice {
		if m.events && chance(d, "row of events", 2) {
			return m.eventPrice(d)
		}
		p := m.randomPrice(d)
		if m.counts {
			p.Minimum, p.Maximum = "", ""
		}
		return p
	}
	p := talePrice{Model: "matrix", Dimensions: []string{"region"}}
	for _, region := range regions[:d.between("rows", 1, len(regions))] {
		p.Rows = append(p.Rows, taleRow{[]string{region}, price()})
	}
	if len(p.Rows) < len(regions) || pick(d, "default", false, true) {
		rest := price()
		p.Default = &rest
	}
	return p
}

// byDimensions reports whether some price of the story is a table of others.
func (s tale) byDimensions() bool {
	matrix := func(p talePrice) bool { return p.Model == "matrix" }
	return slices.ContainsFunc(s.allCharges(), func(c taleCharge) bool { return matrix(c.Price) }) ||
		slices.ContainsFunc(s.Actions, func(a taleAction) bool { return a.Price != nil && matrix(*a.Price) })
}

// row is the price of some values; false if they have none.
func (p talePrice) row(values []string) (talePrice, bool) {
	for _, row := range p.Rows {
		if slices.Equal(row.Values, values) {
			return row.Price, true
		}
	}
	if p.Default == nil {
		return talePrice{}, false
	}
	return *p.Default, true
}

// of names the usage of some values: "calls|region=eu|size=small".
func (p talePrice) of(usage string, values []string) string {
	for i, name := range p.Dimensions {
		usage += "|" + name + "=" + values[i]
	}
	return usage
}

// values are those that the record has of the dimensions of the price.
func (a taleAction) values(p talePrice) []string {
	var values []string
	for _, name := range p.Dimensions {
		values = append(values, a.Properties[name])
	}
	return values
}

// baseOf is the metric of a usage, which may be that of one region: "calls|eu".
func baseOf(usage string) string {
	base, _, _ := strings.Cut(usage, "|")
	return base
}

// uses reports whether the action records a usage.
func (a taleAction) uses(usage string) bool {
	parts := strings.Split(usage, "|")
	return a.Do == "usage" && a.Of == parts[0] && !slices.ContainsFunc(parts[1:], func(part string) bool {
		name, value, _ := strings.Cut(part, "=")
		return a.Properties[name] != value
	})
}

// A naiveTable is a part of a period in which usage had a table of prices.
type naiveTable struct {
	run    *naiveRun
	share  *big.Rat
	window naiveWindow
}

// combinations are the runs of the regions that were used in a run, or before it in the period under
// the same price.
func (n *naive) combinations(r *naiveRun, t time.Time) []*naiveRun {
	if r.price.Model != "matrix" {
		return []*naiveRun{r}
	}
	since := r.since
	if strings.Contains(n.s.Aggregations[r.usage], " ") {
		since = n.opened(r)
	}
	var all []*naiveRun
	var known [][]string
	for _, a := range n.s.Actions {
		if a.uses(r.usage) {
			known = append(known, a.values(r.price))
		}
	}
	slices.SortFunc(known, slices.Compare)
	for _, values := range slices.CompactFunc(known, slices.Equal) {
		part, priced := *r, false
		part.usage, part.values = r.price.of(r.usage, values), values
		if part.price, priced = r.price.row(values); !priced {
			continue
		}
		counts := slices.ContainsFunc(n.counts, func(c *naiveCount) bool {
			return c.id == r.id && c.usage == part.usage && c.whole == r.whole && samePrice(c.price, part.price)
		})
		if counts || len(n.events(part.usage, since, t)) > 0 {
			all = append(all, &part)
		}
	}
	return all
}

// livedBefore adds to a count that begins the time before, in which its price was in force already.
func (n *naive) livedBefore(c *naiveCount, r *naiveRun) {
	for _, t := range n.tables {
		if t.run.price.Model != "matrix" || t.run.id != r.id || t.run.whole != r.whole || len(t.run.price.Dimensions) != len(r.values) || t.run.price.of(t.run.usage, r.values) != r.usage {
			continue
		}
		if price, ok := t.run.price.row(r.values); ok && samePrice(price, r.price) {
			c.share.Add(c.share, t.share)
			c.windows = append(c.windows, t.window)
		}
	}
}

func TestANaiveEngineRatesByDimensionsTheSame(t *testing.T) {
	t.Parallel()
	lines, several := 0, 0 // by dimensions, and on invoices with more than one
	property := func(t *rapid.T) {
		p := dimensional(rapid.Bool().Draw(t, "of events")).tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		for _, inv := range all {
			own := 0
			for _, line := range inv.Lines {
				if len(line.Dimensions) > 0 {
					own++
				}
			}
			if lines += own; own > 1 {
				several++
			}
			survivesDocument(t, inv)
		}
	}
	covering(t, 5, property, func() bool { return lines > 0 && several > 0 })
}

// survivesDocument checks that an invoice explains itself and comes back from its document.
func survivesDocument(t *rapid.T, inv billing.Invoice) {
	text, err := inv.Explain()
	require.NoError(t, err)
	data, err := inv.MarshalJSON()
	require.NoError(t, err)
	var back billing.Invoice
	require.NoError(t, back.UnmarshalJSON(data), "%s", data)
	require.True(t, inv.Equal(back), "%s", data)
	again, err := back.Explain()
	require.NoError(t, err)
	require.Equal(t, text, again)
}
