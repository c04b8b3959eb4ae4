package billing_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// taleMinimum is what every period of a plan comes to at least.
type taleMinimum struct {
	Amount        string   `json:"amount"`
	Charges       []string `json:"charges,omitempty"`
	Part          string   `json:"part,omitempty"`
	Base          string   `json:"base,omitempty"`
	Discounts     string   `json:"discounts,omitempty"`
	Discounted    bool     `json:"discounted,omitempty"`
	OverageFactor string   `json:"overage_factor,omitempty"`
}

func (m *taleMinimum) counts(id, usage string) bool {
	switch {
	case m == nil:
		return false
	case len(m.Charges) > 0:
		return slices.Contains(m.Charges, id)
	}
	return m.Base != "usage" || usage != ""
}

// engine is the minimum as the engine has it.
func (m *taleMinimum) engine(c money.Currency) *plan.Minimum {
	out := &plan.Minimum{
		Amount: money.MustParse(m.Amount + " " + c.String()), Charges: m.Charges, Part: plan.MinimumPart(m.Part), Base: plan.MinimumBase(m.Base),
		Discounts: plan.MinimumDiscounts(m.Discounts), Discounted: m.Discounted,
	}
	if m.OverageFactor != "" {
		out.OverageFactor = plan.Bound(num(m.OverageFactor))
	}
	return out
}

// naiveSpend is what a period owes of minimums, and what counts towards them.
type naiveSpend struct {
	number  int
	parts   []naiveLived
	open    bool // a part runs
	min     *taleMinimum
	from    time.Time // of the part that runs
	since   time.Time // of the first part since the last true-up
	lines   []*naiveCounted
	trued   int64
	overage int64
}

type naiveLived struct {
	min   *taleMinimum
	share *big.Rat
	cut   time.Time
	trued bool
}

type naiveCounted struct {
	line   *naiveLine
	amount int64
	net    bool
}

// naiveTrueUp is what waits for the discounts of its invoice.
type naiveTrueUp struct {
	s             *naiveSpend
	lack, overage *naiveLine
}

// begins begins a part under the present minimum.
func (s *naiveSpend) begins(from time.Time, min *taleMinimum) {
	if s.open {
		return
	}
	s.open, s.from, s.min = true, from, min
}

// lived ends the part that runs.
func (n *naive) livedUntil(cut time.Time) {
	s := n.min
	if s == nil || !s.open {
		return
	}
	share := new(big.Rat)
	if cut.After(s.from) && (n.stub == nil || !n.stub.free) {
		share = n.share(n.stub, s.from, cut)
	}
	if s.since.IsZero() {
		s.since = s.from
	}
	s.open, s.parts = false, append(s.parts, naiveLived{s.min, share, naiveLater(cut, s.from), false})
}

// counts notes a line that counts towards a minimum.
func (s *naiveSpend) counts(m *taleMinimum, l *naiveLine, usage string, gross int64) bool {
	if s == nil || !m.counts(l.charge, usage) {
		return false
	}
	c := &naiveCounted{l, gross, m.Discounts == "before"}
	if c.net {
		c.amount = l.amount
	}
	s.lines = append(s.lines, c)
	return true
}

// countsLess notes what is given back of one.
func (n *naive) countsLess(p *naivePaid, l *naiveLine, ofBilled bool) {
	if p.min == nil {
		return
	}
	amount, net := l.amount, p.line.Discounts == "before"
	if paid := p.amount + p.off; !net && ofBilled && p.off != 0 && paid != 0 {
		amount = naiveRound(big.NewRat(l.amount*p.amount, paid), 0, n.s.Rounding)
	}
	p.min.lines = append(p.min.lines, &naiveCounted{l, amount, net})
}

// trueUp adds what a period has not come to.
func (n *naive) trueUp(b *naiveBill, s *naiveSpend) {
	if s == nil {
		return
	}
	var last *taleMinimum
	share, late, cut := new(big.Rat), false, time.Time{}
	for i, p := range s.parts {
		if p.min != nil {
			last = p.min
		}
		if !p.trued {
			share.Add(share, p.share)
			cut = p.cut
		}
		s.parts[i].trued = true
	}
	if last == nil {
		s.since = time.Time{}
		return
	}
	for _, c := range s.lines {
		late = late || c.net
	}
	from := s.since
	s.since = time.Time{}
	if cut.IsZero() { // nothing was lived since
		from, cut = n.floor, n.floor
	}
	line := func(kind string) *naiveLine {
		return &naiveLine{from: from, to: cut, kind: kind, cycle: s.number + 1, uses: true, part: share, discounted: last.Discounted && !late}
	}
	due := naiveTrueUp{s, line("true_up"), line("overage")}
	if late {
		due.lack.due = &due
		b.lines = append(b.lines, due.lack, due.overage)
		return
	}
	n.settle(due)
	for _, l := range []*naiveLine{due.lack, due.overage} {
		if l.amount != 0 {
			b.lines = append(b.lines, l)
		}
	}
}

// settle computes a true-up.
func (n *naive) settle(due naiveTrueUp) {
	s := due.s
	all, owed, sum := new(big.Rat), new(big.Rat), int64(0)
	var last *taleMinimum
	for _, p := range s.parts {
		all.Add(all, p.share)
	}
	for _, p := range s.parts {
		if p.min == nil {
			continue
		}
		last = p.min
		if p.share.Sign() == 0 {
			continue
		}
		part := new(big.Rat).Set(p.share)
		if p.min.Part == "whole" {
			part.Quo(part, all)
		}
		owed.Add(owed, part.Mul(part, naiveRat(p.min.Amount, "0")))
	}
	for _, c := range s.lines {
		sum += c.amount
		if c.net {
			sum -= c.line.off
		}
	}
	lack, over := n.round(owed)-sum, int64(0)
	if lack < 0 && owed.Sign() > 0 {
		extra := new(big.Rat).Sub(naiveRat(last.OverageFactor, "1"), big.NewRat(1, 1))
		over = naiveRound(extra.Mul(extra, big.NewRat(-lack, 1)), 0, n.s.Rounding)
	}
	lack = max(lack, 0)
	due.lack.amount, s.trued = lack-s.trued, lack
	due.overage.amount, s.overage = over-s.overage, over
}

// settleAll computes what waited for the discounts of an invoice, and drops what comes to
// nothing.
func (n *naive) settleAll(lines []*naiveLine) []*naiveLine {
	for _, l := range lines {
		if l.kind == "discount" {
			l.of.off -= l.amount
		}
	}
	for _, l := range lines {
		if l.due != nil {
			n.settle(*l.due)
		}
	}
	return slices.DeleteFunc(lines, func(l *naiveLine) bool { return (l.kind == "true_up" || l.kind == "overage") && l.amount == 0 })
}

// spendful is the menu of stories about minimums.
func spendful() menu {
	m := everything
	m.newer, m.spend, m.least = true, true, 2
	return m
}

// oneStep gives the phases of a plan with a minimum its step.
func (p *talePlan) oneStep() {
	for i := range p.Phases {
		if p.Minimum != nil {
			p.Phases[i].Every = p.Every
		}
	}
}

func (m menu) minimum(d draws, p *talePlan) {
	if !m.spend || chance(d, "no minimum", 4) {
		return
	}
	p.Minimum = &taleMinimum{
		Amount: pick(d, "minimum spend", "100", "20", "333"), Part: pick(d, "minimum part", "", "", "whole"), Base: pick(d, "minimum base", "", "", "usage"),
		Discounts: pick(d, "minimum discounts", "", "", "before"), OverageFactor: pick(d, "overage", "", "", "1.5", "1.333"),
	}
	p.Minimum.Discounted = p.Minimum.Discounts == "" && chance(d, "discounted", 3)
	p.oneStep()
	for _, c := range p.Charges {
		if p.Minimum.Base == "" && !c.Once && chance(d, "listed", 4) {
			p.Minimum.Charges = append(p.Minimum.Charges, c.ID)
		}
	}
}

func TestANaiveEngineTruesUpTheSame(t *testing.T) {
	t.Parallel()
	lines := map[billing.LineKind]int{}
	property := func(t *rapid.T) {
		p := spendful().tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		for _, inv := range all {
			for _, line := range inv.Lines {
				lines[line.Kind]++
			}
			_, err := inv.Explain()
			require.NoError(t, err, "%s", p.s)
		}
	}
	for range 5 {
		rapid.Check(t, property)
	}
	require.Positive(t, lines[billing.TrueUpLine])
	require.Positive(t, lines[billing.OverageLine])
}
