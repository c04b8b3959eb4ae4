package billing_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// taleCap is what usage of a plan comes to at most in a period.
type taleCap struct {
	Amount  string   `json:"amount"`
	Charges []string `json:"charges,omitempty"`
	Over    string   `json:"over,omitempty"`
}

// engine is the cap as the engine has it.
func (c *taleCap) engine(currency money.Currency) *plan.SpendCap {
	return &plan.SpendCap{Amount: money.MustParse(c.Amount + " " + currency.String()), Charges: c.Charges, Over: plan.OverCap(c.Over)}
}

// naiveCapped is all usage that counts towards the caps of a period: what each line would come to, and
// under which cap it was billed.
type naiveCapped struct {
	whole  [2]time.Time
	usage  []int64
	caps   []*taleCap
	billed int64
}

// comesTo adds up what of the usage is billed, cap by cap: of what is used under one, as much as it
// leaves beside what is billed under those before.
func (p *naiveCapped) comesTo(minor func(string) int64) int64 {
	used, billed := int64(0), int64(0)
	for i := 0; i < len(p.usage); {
		most, before, under := p.caps[i], billed, int64(0)
		for ; i < len(p.usage) && reflect.DeepEqual(p.caps[i], most); i++ {
			under += p.usage[i]
		}
		used += under
		switch room := minor(most.Amount) - before; {
		case under < 0:
			billed = min(before, used)
		case most.Over == "stop":
			billed = before + min(under, max(room, 0))
		default:
			billed = before + under
		}
	}
	return billed
}

// underCap lowers a line of usage to what the cap leaves of it, and returns what it would come to.
func (n *naive) underCap(c *naiveCount, most *taleCap, line *naiveLine) {
	if most == nil || len(most.Charges) > 0 && !slices.Contains(most.Charges, line.charge) {
		return
	}
	i := slices.IndexFunc(n.caps, func(p *naiveCapped) bool { return p.whole == c.whole })
	if i < 0 {
		i = len(n.caps)
		n.caps = append(n.caps, &naiveCapped{whole: c.whole})
	}
	p := n.caps[i]
	p.usage, p.caps = append(p.usage, line.amount), append(p.caps, most)
	was := p.billed
	p.billed = p.comesTo(n.minor)
	usage := line.amount
	if line.amount = p.billed - was; most.Over == "stop" {
		line.over = usage != line.amount
		c.above += usage - line.amount
		return
	}
	above := func(billed int64) int64 { return max(0, billed-n.minor(most.Amount)) }
	line.over = above(p.billed) != above(was)
}

// capped is the menu of stories about spend caps.
func capped() menu {
	m := everything
	m.newer, m.caps, m.least = true, true, 2
	m.do = append(slices.Clone(m.do), "usage", "usage", "usage", "usage", "usage")
	return m
}

// withCaps is a menu of stories in which plans have caps.
func withCaps(m menu) menu {
	m.caps = true
	return m
}

// falling is a menu of stories in which more usage may cost less, and is billed before its period ends.
func falling() menu {
	m := withCaps(earlyBilled())
	m.falls = true
	return m
}

// spendCap gives a plan a cap.
func (m menu) spendCap(d draws, p *talePlan) {
	if !m.caps || chance(d, "no cap", 4) {
		return
	}
	p.SpendCap = &taleCap{Amount: pick(d, "spend cap", "20", "5", "100"), Over: pick(d, "over the cap", "stop", "stop", "", "report")}
	p.oneStep()
	for i := range p.Charges {
		if m.falls && p.Charges[i].Usage != "" {
			p.Charges[i].Price = talePrice{Model: "volume", Tiers: []taleTier{{UpTo: "3", UnitAmount: "15"}, {UpTo: "6", UnitAmount: "4.5"}, {UnitAmount: "6"}}}
		}
	}
	for _, c := range p.Charges {
		if c.Usage != "" && chance(d, "capped charge", 4) {
			p.SpendCap.Charges = append(p.SpendCap.Charges, c.ID)
		}
	}
}

func TestANaiveEngineCapsTheSame(t *testing.T) {
	t.Parallel()
	minimums := capped()
	minimums.spend = true
	for name, m := range map[string]menu{
		"plain": capped(), "with minimums": minimums, "with interim invoices": withCaps(earlyBilled()), "of events": withCaps(eventful()),
		"of falling prices": falling(), "of single records": withCaps(recordful()), "over terms": withCaps(counting()), "by dimensions": withCaps(dimensional(false)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lowered, reported, back := 0, 0, 0
			property := func(t *rapid.T) {
				p := m.tale(rapidDraws{t})
				n := tell(p.s)
				if n.odd {
					t.Skip("the format has no rule for this story: see naive.odd")
				}
				all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
				require.NoError(t, err, "%s", p.s)
				require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
				for _, inv := range all {
					survivesDocument(t, inv)
					for _, line := range inv.Lines {
						switch o := line.OverCap; {
						case o == nil:
						case o.Over.IsNegative():
							back++
						case o.Billed:
							reported++
						default:
							lowered++
						}
					}
				}
			}
			covering(t, 5, property, func() bool { return lowered > 0 && reported > 0 && (back > 0 || name != "of falling prices") })
		})
	}
}

func TestACapLowersLinesOfUsageAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	property := func(t *rapid.T) {
		m := capped()
		m.do = slices.DeleteFunc(m.do, func(do string) bool { return do == "discount" })
		p := m.tale(rapidDraws{t})
		free := p.s
		free.Plans = slices.Clone(free.Plans)
		for i := range free.Plans {
			free.Plans[i].SpendCap = nil
		}
		uncapped, err := play(free)
		require.NoError(t, err)
		without := map[uuid.UUID]money.Money{}
		all, _, err := billing.Invoices(uncapped.sub, uncapped.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err)
		for _, inv := range all {
			for i, line := range inv.Lines {
				without[inv.LineID(i)] = line.Amount
			}
		}
		all, _, err = billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err)
		for _, inv := range all {
			for i, line := range inv.Lines {
				amount := line.Amount
				if o := line.OverCap; o != nil && !o.Billed {
					more, err := amount.Add(o.Over)
					require.NoError(t, err)
					require.Equal(t, o.Usage, more)
					amount = more
				}
				require.Equal(t, amount.Minor(), without[inv.LineID(i)].Minor(), "%s", p.s)
			}
		}
	}
	for range 3 {
		rapid.Check(t, property)
	}
}
