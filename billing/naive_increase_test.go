package billing_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
)

// taleIncrease is by how much the prices of a plan increase, and how often.
type taleIncrease struct {
	Percent    string    `json:"percent"`
	Each       taleEvery `json:"each"`
	First      taleEvery `json:"first,omitzero"`
	Charges    []string  `json:"charges,omitempty"`
	Negotiated string    `json:"negotiated,omitempty"`
	Decimals   *int      `json:"decimals,omitempty"`
	Times      int       `json:"times,omitempty"`
}

// naiveIncrease is what a plan's prices have increased to, step by step: the percentages so
// far, and how many there were when a price was negotiated.
type naiveIncrease struct {
	due   time.Time
	times int
	since map[string]int
}

func (n *naive) beginIncreases(t time.Time) {
	n.rising = naiveIncrease{since: map[string]int{}}
	if i := n.plan.Increase; i != nil {
		first := i.First
		if first.Count == 0 {
			first = i.Each
		}
		n.rising.due = n.add(t, first)
	}
}

func (n *naive) add(t time.Time, e taleEvery) time.Time {
	return naiveWall(naiveStep(naiveClock(t, n.loc), e.Count, e.Unit, false), n.loc)
}

// increasesAt tells when prices increase next in a pause, in which no boundary is looked at.
func (n *naive) increasesAt() time.Time {
	if n.rising.due.IsZero() || n.plan.Increase == nil {
		return time.Time{}
	}
	start, end := n.grid.period(naiveLater(n.rising.due, n.now))
	if start.After(n.now) && !start.Before(n.rising.due) {
		return start
	}
	return end
}

// increase lets prices increase where a period of the grid begins, if they are due.
func (n *naive) increase(t time.Time) {
	i := n.plan.Increase
	if i == nil || n.rising.due.IsZero() || n.rising.due.After(t) {
		return
	}
	for due := n.rising.due; !due.After(t) && n.rising.times < naiveMost(i.Times); due = n.add(due, i.Each) {
		n.rising.times++
	}
	if n.rising.due = n.add(t, i.Each); n.rising.times == naiveMost(i.Times) {
		n.rising.due = time.Time{}
	}
}

func (i *taleIncrease) engine() *plan.Increase {
	out := &plan.Increase{
		Percent: decimal.RequireFromString(i.Percent), Every: engineEvery(i.Each), Charges: i.Charges,
		KeepNegotiated: i.Negotiated == "keep", Decimals: i.Decimals, Times: i.Times,
	}
	if i.First.Count > 0 {
		out.First = engineEvery(i.First)
	}
	return out
}

func naiveMost(times int) int {
	if times == 0 {
		return 100
	}
	return times
}

// risen is a price as often increased as it is of the plan, or was negotiated.
func (n *naive) risen(id string, p talePrice, negotiated bool) talePrice {
	i, times := n.plan.Increase, n.rising.times
	if i == nil || len(i.Charges) > 0 && !slices.Contains(i.Charges, id) || n.holder(id) >= 0 || strings.Contains(p.Model, "percentage") {
		return p
	}
	if own := n.plan.all(); slices.ContainsFunc(own, func(c taleCharge) bool { return c.ID == id && c.Once }) {
		return p
	}
	if negotiated {
		if i.Negotiated == "keep" {
			return p
		}
		times -= n.rising.since[id]
	}
	up := func(text *string, like ...string) {
		if *text == "" || times == 0 {
			return
		}
		places := n.digits
		if i.Decimals != nil {
			places = *i.Decimals
		} else {
			for _, text := range append(like, *text) {
				if _, after, ok := strings.Cut(text, "."); ok {
					places = max(places, len(strings.TrimRight(after, "0")))
				}
			}
		}
		amount, factor := naiveRat(*text, "0"), naiveRat(i.Percent, "0")
		factor.Add(factor.Quo(factor, big.NewRat(100, 1)), big.NewRat(1, 1))
		unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil))
		for range times {
			amount.Mul(amount, factor).Mul(amount, unit).Add(amount, big.NewRat(1, 2))
			whole := new(big.Int).Quo(amount.Num(), amount.Denom())
			amount.SetInt(whole).Quo(amount, unit)
		}
		*text = amount.FloatString(places)
	}
	least, most := p.Minimum, p.Maximum
	for _, text := range p.amounts() {
		if text == &p.Minimum || text == &p.Maximum { // of as many decimals
			up(text, least, most)
			continue
		}
		up(text)
	}
	p.Rows = slices.Clone(p.Rows)
	for k := range p.Rows {
		p.Rows[k].Price = n.risen(id, p.Rows[k].Price, negotiated)
	}
	if p.Default != nil {
		other := n.risen(id, *p.Default, negotiated)
		p.Default = &other
	}
	return p
}

// amounts are those of a price of its own memory.
func (p *talePrice) amounts() []*string {
	all := []*string{&p.Amount, &p.UnitAmount, &p.PackageAmount, &p.Minimum, &p.Maximum}
	p.Tiers = slices.Clone(p.Tiers)
	for k := range p.Tiers {
		all = append(all, &p.Tiers[k].UnitAmount, &p.Tiers[k].FlatAmount, &p.Tiers[k].Amount)
	}
	return all
}

// scaled is a price that is to a list price what another one is to the list price before.
func (n *naive) scaled(own, was, is talePrice) talePrice {
	before, now := own.amounts(), is.amounts()
	for k, list := range was.amounts() {
		if *before[k] == "" || naiveRat(*list, "0").Sign() == 0 {
			continue // what has no ratio is no story
		}
		places := n.digits
		if _, after, ok := strings.Cut(*before[k], "."); ok {
			places = max(places, len(strings.TrimRight(after, "0")))
		}
		ratio := naiveRat(*before[k], "0")
		ratio.Mul(ratio, naiveRat(*now[k], "0")).Quo(ratio, naiveRat(*list, "0"))
		*now[k] = ratio.FloatString(places)
	}
	return is
}

// raise gives a plan an increase, if its intervals let it.
func (m menu) raise(d draws, p *talePlan) {
	if !m.rises || chance(d, "no increase", 5) {
		return
	}
	for _, phase := range p.Phases {
		if phase.Every != p.Every {
			return
		}
	}
	i := &taleIncrease{Percent: pick(d, "increase by", "7", "2.5", "100", "33.333"), Each: p.Every, Negotiated: pick(d, "negotiated", "", "keep")}
	i.Each.Count *= pick(d, "increases each", 1, 2, 3)
	if chance(d, "first increase", 3) {
		i.First = taleEvery{d.between("days to the first", 1, 60), "day"}
	}
	if i.Times = pick(d, "increases", 1, 2, 8); chance(d, "decimals", 3) {
		places := pick(d, "so many", 0, 1, 4)
		i.Decimals = &places
	}
	seen := map[string]bool{}
	for _, c := range p.all() {
		plain := !c.Once && c.Every == nil && !strings.Contains(c.Price.Model, "percentage")
		for _, row := range c.Price.Rows {
			plain = plain && !strings.Contains(row.Price.Model, "percentage")
		}
		plain = plain && (c.Price.Default == nil || !strings.Contains(c.Price.Default.Model, "percentage"))
		if ok, before := seen[c.ID]; !before || ok {
			seen[c.ID] = plain
		}
	}
	for _, c := range p.all() {
		if seen[c.ID] && !slices.Contains(i.Charges, c.ID) {
			i.Charges = append(i.Charges, c.ID)
		}
	}
	if len(i.Charges) > 0 {
		p.Increase = i
	}
}

func TestANaiveEngineRaisesPricesTheSame(t *testing.T) {
	t.Parallel()
	raised := 0
	property := func(t *rapid.T) {
		m := everything
		m.newer, m.rises = true, true
		p := m.tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		for _, inv := range all {
			if slices.ContainsFunc(inv.Lines, func(l billing.Line) bool { return l.Increases > 0 }) {
				raised++
			}
		}
	}
	covering(t, 5, property, func() bool { return raised > 0 })
}
