package billing_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// chains are intervals that divide one another.
var chains = [][]taleEvery{
	{{1, "month"}, {3, "month"}, {1, "year"}},
	{{1, "week"}, {2, "week"}, {28, "day"}},
	{{1, "day"}, {10, "day"}},
	{{2, "month"}, {12, "month"}, {2, "year"}},
}

// ownPlan gives a plan and its charges intervals of a chain.
func (m menu) ownPlan(d draws, p *talePlan) {
	if m.own == nil {
		return
	}
	some := func(charges []taleCharge) {
		for i := range charges {
			if !charges[i].Once && pick(d, "own interval", true, false) {
				every := pick(d, "interval of a charge", m.own...)
				charges[i].Every = &every
			}
		}
	}
	p.Every = pick(d, "interval of the plan", m.own...)
	if p.Minimum != nil || p.SpendCap != nil { // which are of periods of one length
		p.oneStep()
		return
	}
	some(p.Charges)
	for i := range p.Phases {
		p.Phases[i].Every = p.Every
		if chance(d, "own step", 3) {
			p.Phases[i].Every = pick(d, "interval of a phase", m.own...)
		}
		some(p.Phases[i].Charges)
	}
}

func (s tale) hasOwn() bool {
	own := func(c taleCharge) bool { return c.Every != nil }
	return slices.ContainsFunc(s.allCharges(), own) ||
		slices.ContainsFunc(s.AddOns, func(a taleAddOn) bool { return slices.ContainsFunc(a.Charges, own) })
}

// anyTale draws a story, of charges with intervals of their own or without.
func anyTale(t *rapid.T) *played {
	d := rapidDraws{t}
	if chance(d, "own intervals", 3) {
		m := everything
		switch pick(d, "about own intervals", 0, 1, 2, 3) {
		case 1:
			m = eventful()
		case 2:
			m = recordful()
		case 3:
			m = earlyBilled()
		}
		m.newer, m.own = true, pick(d, "intervals", chains...)
		// Then a change leads from a plan with intervals of charges to one that has a minimum, or a cap.
		m.spend, m.caps = pick(d, "minimums", false, false, true), pick(d, "caps", false, false, true)
		return m.tale(d)
	}
	return randomTale(t)
}

// A charge with an interval of its own is billed as by a plan of that interval. The stories
// have nothing that counts periods of the plan.
func TestAChargeIsBilledByItsOwnIntervalAsByAPlanOfIt(t *testing.T) {
	t.Parallel()
	compared, differ := 0, 0
	property := func(t *rapid.T) {
		d := rapidDraws{t}
		m := everything
		m.newer = true
		m.own = pick(d, "intervals", chains...)
		m.effective, m.changeDay = []string{"now", "now", "date"}, []string{""}
		if pick(d, "nothing is scheduled", false, true) {
			m.effective, m.changeDay = []string{"now"}, []string{"", "old"}
		}
		s := m.tale(d).uncounted(func(name string) taleEvery { return pick(d, "interval of "+name, m.own...) })
		for _, id := range s.charges() {
			beside, ok := s.only(t, id)
			if !ok {
				continue
			}
			want, got := beside.alone.linesOf(t, id), beside.whole.linesOf(t, id)
			require.Equal(t, want, got, "%s\nalone\n%s\nbeside others\n%s", id, beside.alone.s, beside.whole.s)
			if compared++; beside.alone.s.Plans[0].Every != beside.whole.s.Plans[0].Every && len(want) > 0 {
				differ++
			}
		}
	}
	covering(t, 1, property, func() bool { return compared > 0 && differ > 0 })
}

// uncounted is the story without what counts periods of the plan, and with one interval for
// each charge.
func (p *played) uncounted(interval func(name string) taleEvery) tale {
	s := p.s.unshared()
	s.Sub.AutoRenew, s.Policy.UsageCount, s.Policy.FirstInvoice = nil, "", "" // the last by the plan's period
	if len(s.Plans) > 1 || len(s.Plans[0].Phases) > 0 {
		s.Sub.FirstPeriod = "" // it is that of charges that are there from the start
	}
	every, of := s.Plans[0].Every, map[string]taleEvery{}
	fit := func(charges []taleCharge) []taleCharge {
		charges = slices.Clone(charges)
		for i := range charges {
			c := &charges[i]
			if c.Every, c.PriceEvery = nil, nil; c.Once {
				continue
			}
			if _, ok := of[c.ID]; !ok {
				of[c.ID] = interval(c.ID)
			}
			own := of[c.ID]
			c.Every = &own
		}
		return charges
	}
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		q := &s.Plans[i]
		q.Every, q.Cycles, q.AtEnd, q.Charges = every, 0, "", fit(q.Charges)
		q.Phases = slices.Clone(q.Phases)
		for j := range q.Phases {
			phase := &q.Phases[j]
			if phase.Every = every; phase.Cycles > 0 {
				phase.Cycles, phase.Length = 0, &taleEvery{20 * phase.Cycles, "day"}
			}
			phase.Charges = fit(phase.Charges)
		}
	}
	changed := map[string]bool{} // what is used at the instant of a change may be another charge's
	for _, a := range s.Actions {
		changed[a.At] = changed[a.At] || !feeds(a)
	}
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool {
		if a.Do == "usage" && changed[a.At] {
			return true
		}
		// Where days belong to the old side, all begin anew where the plan's period ends.
		early := s.Policy.ChangeDay == "old" && a.Anchor == "reset"
		return early || a.Effective == "period_end" || a.Do == "pause" && a.Cycles > 0 || a.Do == "resume" && a.Anchor == "extend" || a.Do == "reactivate"
	})
	for i := range s.Actions {
		if e := s.Actions[i].Effective; len(e) > len("2026-01-31") {
			s.Actions[i].Effective = e[:len("2026-01-31")] // at a boundary of the plan that is none of the charge it would be cut there
		}
		if s.Policy.CreditBasis == "list" && s.Actions[i].ChargeNew == "none" {
			s.Actions[i].ChargeNew = "" // what a later credit is then depends on other charges
		}
	}
	return s
}

// An apartTold is a story told whole, and by one charge whose interval is the plan's.
type apartTold struct{ whole, alone *played }

func (s tale) only(t require.TestingT, id string) (both apartTold, ok bool) {
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool {
		return a.elsewhere(id) && (a.Anchor == "reset" || s.Policy.ChangeDay == "old")
	})
	both.whole = replayed(t, s)
	single := *both.whole
	single.s.Plans = slices.Clone(single.s.Plans)
	var every *taleEvery
	for _, p := range s.Plans {
		for _, c := range p.all() {
			if c.ID == id && c.Every != nil {
				every = c.Every
			}
		}
	}
	step := func(charges []taleCharge) []taleCharge {
		charges = slices.Clone(charges)
		for i := range charges {
			charges[i].Every = nil
		}
		return charges
	}
	for i := range single.s.Plans {
		p := &single.s.Plans[i]
		p.Charges = step(p.Charges)
		p.Phases = slices.Clone(p.Phases)
		for j := range p.Phases {
			p.Phases[j].Charges = step(p.Phases[j].Charges)
			if every != nil {
				p.Phases[j].Every = *every
			}
		}
		if every != nil {
			p.Every = *every
		}
	}
	both.alone, ok = single.alone(t, id)
	return both, ok && slices.Equal(both.whole.course(), both.alone.course())
}

// Where nothing was used, the next boundary of any charge is found without a run.
func TestTheNextBillingOfOwnIntervalsIsThatOfARun(t *testing.T) {
	t.Parallel()
	short := 0
	property := func(t *rapid.T) {
		d := rapidDraws{t}
		m := everything
		m.own, m.most = pick(d, "intervals", chains...), 3
		if pick(d, "changed", false, true) {
			m.most = 0
		}
		p := m.tale(d)
		at := p.s.instant(p.s.Until).AddDate(0, 0, d.between("days on", -40, 500))
		checkpoint := billing.Checkpoint{ChargedThrough: at, LastCommand: p.sub.LastCommand(at)}
		next, err := billing.Next(p.sub, nil, checkpoint, at)
		want, wantErr := billing.NextByRun(p.sub, nil, checkpoint, at)
		same(t, wantErr, err)
		require.Equal(t, want, next, "%s", p.s)
		if billing.IsRenewalOfOwn(p.sub, checkpoint) {
			short++
		}
	}
	covering(t, 5, property, func() bool { return short > 0 })
}
