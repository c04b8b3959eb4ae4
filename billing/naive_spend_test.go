package billing_test

import (
	"math/big"
	"reflect"
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
	Cycles        int      `json:"cycles,omitempty"`
	Instalments   bool     `json:"instalments,omitempty"`
}

// taleCommitment is a minimum over so many of its plan's steps.
type taleCommitment struct {
	taleMinimum
	Length taleEvery `json:"length"`
}

// commit gives a plan the minimum that its commitment is, or that was negotiated.
func (p *talePlan) commit(sub taleSub) {
	if p.Commitment != nil {
		p.Minimum = &p.Commitment.taleMinimum
		p.Minimum.Cycles = p.Commitment.Length.Count / p.Every.Count
	}
	if sub.Minimum != nil && sub.Plan == p.ID {
		if p.Minimum = sub.Minimum; p.Minimum.Amount == "0" {
			p.Minimum = nil
		}
	}
}

// term is the minimum if it is one over several periods.
func (m *taleMinimum) term() *taleMinimum {
	if m == nil || m.Cycles < 2 {
		return nil
	}
	return m
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
		Discounts: plan.MinimumDiscounts(m.Discounts), Discounted: m.Discounted, Cycles: m.Cycles, Instalments: m.Instalments,
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
	term    *taleMinimum // over several periods; nil: of one
	periods int          // of the term that began
	over    bool
}

// begun begins a period of the present spend, or another one.
func (n *naive) begun() {
	if n.meets {
		return // one period begins at a boundary, under what all changes that meet there come to
	}
	s := n.min
	if s != nil && s.term != nil && !s.over {
		if s.periods < s.term.Cycles && reflect.DeepEqual(s.term, n.plan.Minimum.term()) {
			if s.term.Instalments && slices.ContainsFunc(s.parts, func(p naiveLived) bool { return !p.trued }) {
				n.closed = append(n.closed, naiveClosed{s, false, s.number, s.since})
			}
			s.number, s.since = n.number, time.Time{}
			s.periods++
			return
		}
		s.over = true
		n.closed = append(n.closed, naiveClosed{s, true, s.number, s.since})
	} else if s != nil && slices.ContainsFunc(s.parts, func(p naiveLived) bool { return !p.trued }) {
		n.closed = append(n.closed, naiveClosed{s, true, s.number, s.since})
	}
	n.min = &naiveSpend{number: n.number, term: n.plan.Minimum.term(), periods: 1}
}

// A naiveClosed is a spend that is due, of a period that is over.
type naiveClosed struct {
	s      *naiveSpend
	final  bool
	number int
	since  time.Time
}

// turns bills what ran until a term begins within a period, or another minimum follows one.
func (n *naive) turns(b *naiveBill) {
	s, next := n.min, n.plan.Minimum
	if s == nil || s.open || s.term == nil && next.term() == nil || s.term != nil && !s.over && reflect.DeepEqual(s.term, next.term()) || s.term == nil && len(s.parts) == 0 && s.periods == 0 {
		return
	}
	if s.term == nil && len(s.parts) == 0 || s.term != nil && s.over {
		n.min = &naiveSpend{number: n.number, term: next.term(), periods: 1}
		return
	}
	n.trueUp(b, s, true)
	s.over = true
	n.min = &naiveSpend{number: n.number, term: next.term(), periods: 1}
}

type naiveLived struct {
	min   *taleMinimum
	share *big.Rat
	cut   time.Time
	trued bool

	number int // of its period
}

type naiveCounted struct {
	line   *naiveLine
	amount int64
	net    bool
}

// naiveTrueUp is what waits for the discounts of its invoice.
type naiveTrueUp struct {
	s             *naiveSpend
	final         bool
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
	s.open, s.parts = false, append(s.parts, naiveLived{s.min, share, naiveLater(cut, s.from), false, s.number})
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
func (n *naive) trueUp(b *naiveBill, s *naiveSpend, final bool) {
	if s != nil {
		n.trueUpOf(b, naiveClosed{s, final, s.number, s.since})
		s.since = time.Time{}
	}
}

func (n *naive) trueUpOf(b *naiveBill, c naiveClosed) {
	s := c.s
	var last *taleMinimum
	share, late, cut := new(big.Rat), false, time.Time{}
	for i, p := range s.parts {
		if p.min != nil {
			last = p.min
		}
		if s.term == nil && !p.trued || s.term != nil && p.number == c.number {
			share.Add(share, p.share)
		}
		if !p.trued && p.number == c.number {
			cut = p.cut
		}
		s.parts[i].trued = true
	}
	if last == nil {
		return
	}
	for _, c := range s.lines {
		late = late || c.net
	}
	from := c.since
	if cut.IsZero() || from.IsZero() { // nothing was lived since
		from = naiveLater(n.now, n.floor)
		cut = from
	}
	line := func(kind string) *naiveLine {
		return &naiveLine{from: from, to: cut, kind: kind, cycle: c.number + 1, uses: true, part: share, discounted: last.Discounted && !late}
	}
	due := naiveTrueUp{s, c.final, line("true_up"), line("overage")}
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
		if p.min.Part == "whole" && due.final {
			part.Quo(part, all)
		} else if s.term != nil {
			part.Quo(part, big.NewRat(int64(s.term.Cycles), 1))
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
	if lack < 0 && owed.Sign() > 0 && due.final {
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

// oneStep gives the phases of a plan with a minimum, or a spend cap, its step.
func (p *talePlan) oneStep() {
	for i := range p.Phases {
		if p.Minimum != nil || p.SpendCap != nil {
			p.Phases[i].Every = p.Every
		}
	}
}

func (m menu) minimum(d draws, p *talePlan) {
	if !m.spend || !m.terms && chance(d, "no minimum", 4) {
		return
	}
	p.Minimum = &taleMinimum{
		Amount: pick(d, "minimum spend", "100", "20", "333"), Part: pick(d, "minimum part", "", "", "whole"), Base: pick(d, "minimum base", "", "", "usage"),
		Discounts: pick(d, "minimum discounts", "", "", "before"), OverageFactor: pick(d, "overage", "", "", "1.5", "1.333"),
	}
	p.Minimum.Discounted = p.Minimum.Discounts == "" && chance(d, "discounted", 3)
	if m.terms {
		p.Minimum.Discounts = ""
	}
	if p.Minimum.Discounts == "" && (m.terms || chance(d, "a term", 3)) {
		p.Minimum.Cycles, p.Minimum.Instalments = d.between("cycles of the minimum", 2, 4), chance(d, "instalments", 2)
	}
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
	covering(t, 5, property, func() bool { return lines[billing.TrueUpLine] > 0 && lines[billing.OverageLine] > 0 })
}
