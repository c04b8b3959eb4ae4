package billing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// bills runs the story to its end in one go.
func (p *played) bills(t require.TestingT, options ...billing.Option) ([]billing.Invoice, billing.Checkpoint) {
	all, checkpoint, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until), options...)
	require.NoError(t, err, "%s", p.s)
	return all, checkpoint
}

// replayed plays a story anew from what it says, without the actions that the
// engine refuses.
func replayed(t require.TestingT, s tale) *played {
	actions := s.Actions
	s.Actions = nil
	p, err := play(s)
	require.NoError(t, err, "%s", s)
	for _, a := range actions {
		p.try(a)
	}
	return p
}

// plain takes out of a story what makes lines unequal: every price becomes a high
// one by the unit, every quantity at least 1, and neither minimum nor spend cap.
func (s tale) plain() tale {
	unit := func(amount string) talePrice { return talePrice{Model: "per_unit", UnitAmount: amount} }
	charges := func(all []taleCharge) []taleCharge {
		all = slices.Clone(all)
		for i := range all {
			all[i].Price = unit(fmt.Sprintf("%d.00", 1000+i))
			if all[i].Quantity == "0" {
				all[i].Quantity = "1"
			}
		}
		return all
	}
	plans := slices.Clone(s.Plans)
	for i := range plans {
		plans[i].Minimum, plans[i].SpendCap = nil, nil
	}
	for i := range plans {
		plans[i].Charges = charges(plans[i].Charges)
		phases := slices.Clone(plans[i].Phases)
		for j := range phases {
			phases[j].Charges = charges(phases[j].Charges)
		}
		plans[i].Phases, plans[i].Thresholds = phases, nil
	}
	s.Plans = plans
	if s.Sub.Quantity == "0" {
		s.Sub.Quantity = "1"
	}
	var actions []taleAction
	for _, a := range s.Actions {
		if a.Quantity = strings.TrimPrefix(a.Quantity, "-"); a.Quantity == "0" {
			a.Quantity = "1"
		}
		if a.Price != nil {
			price := unit("1234.00")
			a.Price = &price
		}
		actions = append(actions, a)
	}
	s.Actions = actions
	return s
}

// dear is a plain story whose prices are so high that no second of a period comes to nothing.
func (s tale) dear() tale {
	raise := func(p *talePrice) { p.UnitAmount = strings.Replace(p.UnitAmount, ".00", "00000.00", 1) }
	for i := range s.Plans {
		for j := range s.Plans[i].Charges {
			raise(&s.Plans[i].Charges[j].Price)
		}
		for j := range s.Plans[i].Phases {
			for k := range s.Plans[i].Phases[j].Charges {
				raise(&s.Plans[i].Phases[j].Charges[k].Price)
			}
		}
	}
	for i := range s.Actions {
		if s.Actions[i].Price != nil {
			raise(s.Actions[i].Price)
		}
	}
	return s
}

func TestTotalsAreSumsOfLinesAndDuesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		all, checkpoint := p.bills(t)
		balance := int64(0)
		for _, a := range p.s.Actions {
			if a.Do == "account_credit" && !p.s.instant(a.At).After(p.s.instant(p.s.Until)) {
				balance += p.money(a.Amount).Minor()
			}
		}
		for i, inv := range all {
			sum := int64(0)
			for _, l := range inv.Lines {
				sum += l.Amount.Minor()
				require.True(t, l.To.IsZero() || !l.To.Before(l.From), "%s", p.s)
			}
			require.Equal(t, sum, inv.Total.Minor(), "%s", p.s)
			require.Equal(t, max(sum, 0)-inv.CreditApplied.Minor(), inv.AmountDue.Minor(), "%s", p.s)
			require.False(t, inv.CreditApplied.IsNegative() || inv.AmountDue.IsNegative(), "%s", p.s)
			require.False(t, i > 0 && inv.At.Before(all[i-1].At), "%s", p.s)
			balance -= inv.CreditApplied.Minor()
			if sum < 0 && p.s.Policy.Negative != "refund" {
				balance -= sum
			}
		}
		left := int64(0)
		if checkpoint.CreditBalance.IsValid() {
			left = checkpoint.CreditBalance.Minor()
		}
		require.Equal(t, balance, left, "what was given and not applied is left: %s", p.s)
	})
}

func TestRunningInPiecesIsRunningAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		options := drawTaxes(t)
		whole, last := p.bills(t, options...)
		start, until := p.past[0].at, p.s.instant(p.s.Until)
		runs := []time.Time{until}
		for range rapid.IntRange(0, 6).Draw(t, "runs") {
			runs = append(runs, start.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(start)/time.Second)).Draw(t, "run"))*time.Second))
		}
		for _, inv := range whole {
			if rapid.Bool().Draw(t, "at an invoice") {
				runs = append(runs, inv.At)
			}
		}
		slices.SortFunc(runs, time.Time.Compare)
		often := rapid.Bool().Draw(t, "after each action")
		var checkpoint billing.Checkpoint
		var parts []billing.Invoice
		run := func(sub int, to time.Time) {
			made, next, err := billing.Invoices(p.past[sub].sub, p.used(to), checkpoint, to, options...)
			require.NoError(t, err, "%s\nat %s, runs %s", p.s, to, runs)
			parts, checkpoint = append(parts, made...), next
			again, same, err := billing.Invoices(p.past[sub].sub, p.used(to), checkpoint, to, options...)
			require.NoError(t, err, "%s", p.s)
			require.Empty(t, again, "a run repeated at %s: %s", to, p.s)
			require.Equal(t, checkpoint, same, "%s", p.s)
		}
		next := 0
		for _, to := range runs {
			for ; next+1 < len(p.past) && !p.past[next+1].at.After(to); next++ {
				// Between two actions of one instant too, if none is to come that feeds
				// what was billed there. What an interim invoice has billed stays, whatever is
				// done at its instant then: see TestARunBetweenTheActionsOfOneInstant.
				at := p.past[next+1].at
				fed := slices.ContainsFunc(p.s.Actions[next+1:], func(a taleAction) bool {
					return p.s.instant(a.At).Equal(at) && (feeds(a) || p.s.billsEarly())
				})
				if often && !fed && !at.Before(checkpoint.ChargedThrough) {
					run(next+1, at)
				}
			}
			run(next, to)
		}
		require.Equal(t, showEngine(whole), showEngine(parts), "%s\nruns %s", p.s, runs)
		for i := range whole {
			require.Equal(t, taxes(whole[i]), taxes(parts[i]), "%s\nruns %s", p.s, runs)
			require.Equal(t, whole[i].StoredLines(), parts[i].StoredLines(), "%s\nruns %s", p.s, runs)
		}
		require.Equal(t, last.CreditBalance, checkpoint.CreditBalance, "%s\nruns %s", p.s, runs)
	})
}

func TestNextIsTheFirstInvoiceOfTheFollowingRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		at := p.s.instant(p.s.Until)
		_, checkpoint := p.bills(t)
		for range 3 {
			next, err := billing.Next(p.sub, p.usage, checkpoint, at)
			require.NoError(t, err, "%s", p.s)
			if next.At.IsZero() {
				none, _, err := billing.Invoices(p.sub, p.usage, checkpoint, at.AddDate(5, 0, 0))
				require.NoError(t, err, "%s", p.s)
				require.Empty(t, none, "%s", p.s)
				return
			}
			before, _, err := billing.Invoices(p.sub, p.usage, checkpoint, next.At.Add(-1))
			require.NoError(t, err, "%s", p.s)
			require.Empty(t, before, "%s", p.s)
			made, after, err := billing.Invoices(p.sub, p.usage, checkpoint, next.At)
			require.NoError(t, err, "%s", p.s)
			require.NotEmpty(t, made, "%s", p.s)
			require.Equal(t, []any{next.At, next.Amount, next.AmountDue}, []any{made[0].At, made[0].Total, made[0].AmountDue}, "%s", p.s)
			checkpoint, at = after, next.At
		}
	})
}

// coverage counts, by charge, where lines begin (1) and end (-1); a credit takes a
// line back.
func (p *played) coverage(all []billing.Invoice) map[string]map[time.Time]int {
	steps := map[string]map[time.Time]int{}
	for _, inv := range all {
		for _, l := range inv.Lines {
			by := 1
			switch {
			case l.To.IsZero() || l.Kind == billing.DiscountLine || l.Amount.Sign() == 0: // a credit of nothing is not listed
				continue
			case l.Kind == billing.CreditLine:
				by = -1
			}
			if steps[l.Charge] == nil {
				steps[l.Charge] = map[time.Time]int{}
			}
			from, to := l.From, l.To
			if p.s.Policy.Basis != "second" { // days are what is billed
				from, to = naiveDay(from, p.s.location()), naiveDay(to, p.s.location())
			}
			steps[l.Charge][from] += by
			steps[l.Charge][to] -= by
		}
	}
	return steps
}

func TestNoInstantIsBilledTwicePerCharge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyTale(t).s.plain().dear()
		// A full price for a part stands beside what a phase bills that begins in it.
		s.Policy.CreditBasis, s.Policy.Zero, s.Sub.FirstPeriod = "", "emit", ""
		var actions []taleAction
		for _, a := range s.Actions {
			// What is not credited may be billed beside what replaces it; an extended
			// period's line keeps the end it was billed with.
			a.Credit = map[bool]string{true: "prorate"}[a.Credit != "" || a.Do == "pause" || a.Do == "cancel"]
			a.ChargeNew = ""
			if a.Anchor == "extend" || a.Proration == "none" || a.Do == "set_next_billing" && a.Difference != "share" {
				continue
			}
			if a.Do == "discount" { // a credit of nothing is not listed
				continue
			}
			actions = append(actions, a)
		}
		s.Actions = actions
		if s.Policy.Basis == "day_30" { // the 31st is no day of its own
			s.Policy.Basis = ""
		}
		if s.Policy.ChangeDay == "old" {
			// A day that a pause leaves to the old side is billed again by a resume on it.
			s.Actions = slices.DeleteFunc(s.Actions, func(a taleAction) bool { return a.Do == "pause" || a.Do == "cancel" })
		}
		p := replayed(t, s)
		all, _ := p.bills(t)
		for charge, steps := range p.coverage(all) {
			var at []time.Time
			for t := range steps {
				at = append(at, t)
			}
			slices.SortFunc(at, time.Time.Compare)
			n := 0
			for _, x := range at {
				n += steps[x]
				require.True(t, n == 0 || n == 1, "%s is billed %d times at %s\n%s\n%s", charge, n, x, p.s, showEngine(all))
			}
		}
	})
}

func TestCreditsAndDiscountsNeverExceedTheLineTheyReduce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyTale(t).s
		// Shares of the list price are not capped; an invoice that comes to nothing
		// would hide a line.
		s.Policy.CreditBasis, s.Policy.Zero = "", "emit"
		// A discount of the invoice on which a line and its credit meet comes after both.
		s.Actions = slices.DeleteFunc(s.Actions, func(a taleAction) bool { return a.Collect == "next_invoice" })
		p := replayed(t, s)
		all, _ := p.bills(t)
		held, own := map[billing.LineRef]int64{}, map[billing.LineRef]int64{}
		for _, inv := range all {
			for _, l := range inv.Lines {
				switch {
				case l.Kind == billing.CreditLine || l.Kind == billing.DiscountLine:
					held[l.Of] += l.Amount.Minor()
				case l.Aggregate != nil && l.Amount.IsNegative():
					// Keys were removed, or a mean fell: the part gives back what parts before it billed.
				default:
					held[l.Ref()] += l.Amount.Minor()
					own[l.Ref()] = l.Amount.Minor()
				}
			}
		}
		for line, left := range held {
			// Usage may come to less than earlier parts of the period billed: nothing reduces that.
			require.GreaterOrEqual(t, left, min(0, own[line]), "%+v\n%s\n%s", line, p.s, showEngine(all))
		}
	})
}

func TestDoublePricesDoubleWhatIsCharged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyTale(t).s.plain()
		if strings.Contains(s.Aggregations["calls"], " ") {
			return // a level of a second may come to nothing, and twice as much not
		}
		s.Rounding, s.Policy.Basis, s.Policy.Zero = "", "", "emit" // no line so short that it comes to nothing
		for i := range s.Plans {
			s.Plans[i].Increase = nil // a price that increased is rounded, and twice the price by itself
		}
		s.Actions = slices.DeleteFunc(s.Actions, func(a taleAction) bool { return feeds(a) && a.Do != "usage" })
		double := func(p talePrice) talePrice {
			p.UnitAmount = map[string]string{"1000.00": "2000.00", "1001.00": "2002.00", "1002.00": "2004.00", "1003.00": "2006.00", "1234.00": "2468.00"}[p.UnitAmount]
			return p
		}
		twice := s.plain()
		for i := range twice.Plans {
			for j := range twice.Plans[i].Charges {
				twice.Plans[i].Charges[j].Price = double(twice.Plans[i].Charges[j].Price)
			}
			for k := range twice.Plans[i].Phases {
				for j := range twice.Plans[i].Phases[k].Charges {
					twice.Plans[i].Phases[k].Charges[j].Price = double(twice.Plans[i].Phases[k].Charges[j].Price)
				}
			}
		}
		for i, a := range twice.Actions {
			if a.Price != nil {
				price := double(*a.Price)
				twice.Actions[i].Price = &price
			}
		}
		p, q := replayed(t, s), replayed(t, twice)
		once, _ := p.bills(t)
		both, _ := q.bills(t)
		require.Len(t, both, len(once), "%s", p.s)
		for i := range once {
			some := func(inv billing.Invoice) []billing.Line {
				return slices.DeleteFunc(inv.Lines, func(l billing.Line) bool { return l.Amount.Sign() == 0 })
			}
			twofold := some(both[i])
			require.Len(t, twofold, len(some(once[i])), "%s", p.s)
			for j, l := range some(once[i]) {
				m := twofold[j]
				require.Equal(t, []any{l.From, l.To, l.Num, l.Den}, []any{m.From, m.To, m.Num, m.Den}, "%s", p.s)
				// Each was rounded once; a credit is a share of what was rounded before.
				slack := int64(1)
				switch {
				case l.Kind == billing.CreditLine:
					slack = 2
				case l.Aggregate != nil: // a part is the difference of two amounts, each rounded
					slack = 3
				}
				require.LessOrEqual(t, abs(2*l.Amount.Minor()-m.Amount.Minor()), slack, "%s", p.s)
			}
		}
	})
}

func abs(n int64) int64 { return max(n, -n) }

func TestSplitsAddUpToTheWholeWithinOneMinorUnitPerLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := rapidDraws{t}
		cents := rapid.Int64Range(1, 10_000_000).Draw(t, "cents")
		price := talePrice{Model: "flat_fee", Amount: fmt.Sprintf("%d.%02d", cents/100, cents%100)}
		s := tale{
			Rounding: pick(d, "rounding", "", "half_even", "half_down", "half_floor", "up", "down", "floor", "ceiling"),
			Policy:   talePolicy{Basis: pick(d, "basis", "day", "second", "day_30"), Zero: "emit"},
			Plans:    []talePlan{{ID: "p", Every: taleEvery{1, pick(d, "unit", "month", "year")}, Charges: []taleCharge{{ID: "fee", Price: price, Timing: pick(d, "timing", "advance", "arrears")}}}},
			Sub:      taleSub{Plan: "p", Start: "2026-03-01"},
		}
		at := s.instant("2026-03-01")
		for range rapid.IntRange(1, 5).Draw(t, "splits") {
			at = at.Add(time.Duration(rapid.IntRange(1, 500_000).Draw(t, "seconds")) * time.Second)
			s.Actions = append(s.Actions, taleAction{At: at.Format(time.RFC3339), Do: "change_price", Charge: "fee", Price: &price})
		}
		p, err := play(s)
		require.NoError(t, err)
		end := p.boundary(s.instant(s.Sub.Start))
		all, _, err := billing.Invoices(p.sub, nil, billing.Checkpoint{}, end)
		require.NoError(t, err)
		sum, lines := int64(0), int64(0)
		for _, inv := range all {
			for _, l := range inv.Lines {
				if l.From.Before(end) {
					sum += l.Amount.Minor()
					lines++
				}
			}
		}
		require.LessOrEqual(t, abs(sum-cents), lines, "%s\n%s", s, showEngine(all))
	})
}
