package billing_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

func pick[T any](t *rapid.T, name string, from ...T) T { return rapid.SampledFrom(from).Draw(t, name) }

// one in n: shrinks to no.
func chance(t *rapid.T, name string, n int) bool { return rapid.IntRange(0, n-1).Draw(t, name) == n-1 }

func cents(t *rapid.T, name string) string {
	return fmt.Sprintf("%d.%02d", rapid.IntRange(0, 99).Draw(t, name), pick(t, name+" cents", 0, 0, 50, 1, 15, 99))
}

func randomPrice(t *rapid.T) talePrice {
	switch pick(t, "model", "flat_fee", "flat_fee", "per_unit", "per_unit", "tiered", "volume", "package", "stairstep") {
	case "per_unit":
		p := talePrice{Model: "per_unit", UnitAmount: pick(t, "unit", "1.00", "9.99", "0.333", "12", "0.005")}
		if chance(t, "free", 4) {
			p.FreeUnits = "2"
		}
		if chance(t, "minimum", 5) {
			p.Minimum = "20"
		}
		if chance(t, "maximum", 5) {
			p.Maximum = "35.5"
		}
		return p
	case "tiered":
		return talePrice{Model: "tiered", Tiers: []taleTier{{UpTo: "3", UnitAmount: "5.05", FlatAmount: "1"}, {UpTo: "10", UnitAmount: "3.333"}, {UnitAmount: "1.01", FlatAmount: "2"}}}
	case "volume":
		return talePrice{Model: "volume", Tiers: []taleTier{{UpTo: "5", UnitAmount: "4.999"}, {UnitAmount: "3.5", FlatAmount: "1.5"}}}
	case "package":
		return talePrice{Model: "package", PackageSize: "4", PackageAmount: "7.77"}
	case "stairstep":
		return talePrice{Model: "stairstep", Tiers: []taleTier{{UpTo: "4", Amount: "19"}, {Amount: "49.99"}}}
	}
	return talePrice{Model: "flat_fee", Amount: cents(t, "amount")}
}

func randomCharges(t *rapid.T, plan string) []taleCharge {
	var all []taleCharge
	// The same id in two plans is the same charge; and it may not be.
	name := func(id string) string {
		if plan != "" && rapid.Bool().Draw(t, "own id") {
			return id + "-" + plan
		}
		return id
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "fees") {
		c := taleCharge{ID: name(fmt.Sprint("fee", i)), Price: randomPrice(t), Timing: pick(t, "timing", "advance", "advance", "arrears")}
		if chance(t, "fixed", 4) {
			c.Quantity = pick(t, "fixed quantity", "3", "7", "0")
		}
		all = append(all, c)
	}
	if chance(t, "usage", 3) {
		all = append(all, taleCharge{ID: name("calls"), Price: randomPrice(t), Usage: "calls"})
	}
	if chance(t, "once", 4) {
		all = append(all, taleCharge{ID: name("setup"), Price: talePrice{Model: "flat_fee", Amount: "50"}, Once: true})
	}
	return all
}

func randomEvery(t *rapid.T) taleEvery {
	return pick(t, "every", taleEvery{1, "month"}, taleEvery{1, "month"}, taleEvery{1, "month"}, taleEvery{1, "week"}, taleEvery{3, "month"}, taleEvery{1, "year"}, taleEvery{10, "day"})
}

func randomPlan(t *rapid.T, id string) talePlan {
	p := talePlan{ID: id, Every: randomEvery(t), Charges: randomCharges(t, id)}
	if chance(t, "trial", 5) {
		p.Trial = &taleEvery{rapid.IntRange(1, 40).Draw(t, "trial days"), "day"}
	}
	if chance(t, "length", 5) {
		p.Cycles = rapid.IntRange(1, 5).Draw(t, "cycles")
		p.AtEnd = pick(t, "at end", "cancel", "renew")
	}
	for range rapid.IntRange(0, 6).Draw(t, "phases") - 4 {
		phase := talePhase{Every: p.Every, Charges: randomCharges(t, id)}
		if chance(t, "own step", 3) {
			phase.Every = randomEvery(t)
		}
		if chance(t, "phase length", 2) {
			phase.Length = &taleEvery{rapid.IntRange(5, 70).Draw(t, "phase days"), "day"}
		} else {
			phase.Cycles = rapid.IntRange(1, 3).Draw(t, "phase cycles")
		}
		p.Phases = append(p.Phases, phase)
	}
	return p
}

// randomTale draws a story. Its actions are drawn against the engine, so that
// they are such as it lets happen.
func randomTale(t *rapid.T) *played {
	s := tale{ID: "random"}
	s.Zone = pick(t, "zone", "", "", "America/New_York", "Europe/Paris", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe")
	s.Currency = pick(t, "currency", "", "", "", "JPY")
	s.Rounding = pick(t, "rounding", "", "", "", "half_even", "half_down", "half_floor", "up", "down", "floor", "ceiling")
	s.Policy = talePolicy{
		Basis: pick(t, "basis", "", "", "second", "day_30"), ChangeDay: pick(t, "change day", "", "", "old"),
		CreditBasis: pick(t, "credit basis", "", "", "list"), MonthEnd: pick(t, "month end", "", "", "last_day"),
		Negative: pick(t, "negative", "", "refund"), Zero: pick(t, "zero", "", "", "emit"),
	}
	s.Plans = []talePlan{randomPlan(t, "p")}
	if rapid.Bool().Draw(t, "second plan") {
		s.Plans = append(s.Plans, randomPlan(t, "q"))
		if chance(t, "same step", 2) {
			s.Plans[1].Every = s.Plans[0].Every
		}
	}
	if chance(t, "aggregation", 2) {
		s.Aggregations = map[string]string{"calls": pick(t, "aggregate", "sum", "max", "last")}
	}
	start := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 500).Draw(t, "start"))
	if chance(t, "month end start", 5) {
		start = time.Date(2017, time.Month(rapid.IntRange(1, 14).Draw(t, "month")), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1)
	}
	s.Sub = taleSub{Plan: "p", Start: start.Format(time.DateOnly), Quantity: strconv.Itoa(rapid.IntRange(0, 12).Draw(t, "quantity"))}
	if chance(t, "start inside a day", 3) {
		s.Sub.Start = start.Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "seconds")) * time.Second).Format(time.RFC3339)
	}
	if chance(t, "anchor", 3) {
		s.Sub.Anchor = start.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "anchor days")).Format(time.DateOnly)
		s.Sub.FirstPeriod = pick(t, "first", "", "prorate", "full", "free")
	}
	if chance(t, "no renewal", 12) {
		no := false
		s.Sub.AutoRenew = &no
	}
	p, err := play(s)
	if err != nil {
		t.Fatalf("%v\n%s", err, s)
	}
	at := s.instant(s.Sub.Start)
	for range rapid.IntRange(0, 7).Draw(t, "actions") {
		switch pick(t, "step", 0, 1, 1, 1, 2) {
		case 0: // the same instant
		case 1:
			at = naiveWall(naiveDay(at, s.location()).AddDate(0, 0, rapid.IntRange(1, 45).Draw(t, "days")), s.location())
			if rapid.Bool().Draw(t, "inside a day") {
				at = at.Add(time.Duration(rapid.IntRange(1, 86000).Draw(t, "at second")) * time.Second)
			}
		case 2: // a boundary
			if b := p.boundary(at); b.After(at) {
				at = b
			}
		}
		a := randomAction(t, p, at)
		p.try(a)
	}
	p.s.Until = at.AddDate(0, rapid.IntRange(0, 7).Draw(t, "months more"), 3).Format(time.RFC3339)
	return p
}

// boundary answers the end of the period that runs at t.
func (p *played) boundary(t time.Time) time.Time {
	seg := p.sub.Segment(p.sub.SegmentAt(t))
	if !seg.Billable() || seg.Grid().IsZero() {
		return time.Time{}
	}
	period, err := seg.PeriodEndingAt(t.Add(1))
	if err != nil {
		return time.Time{}
	}
	return period.End
}

// try does an action, if the engine lets it.
func (p *played) try(a taleAction) {
	s := p.s
	p.s.Actions = append(slices.Clone(p.s.Actions), a)
	sub, err := p.do(a)
	if err == nil && a.Do == "usage" {
		_, _, err = billing.Invoices(p.sub, p.usage, billing.Ledger{}, p.s.instant(a.At))
		if err != nil {
			p.usage = p.usage[:len(p.usage)-1]
		}
	}
	if err != nil {
		p.s = s
		return
	}
	p.sub = sub
	p.past = append(p.past, moment{p.s.instant(a.At), sub})
}

func randomAction(t *rapid.T, p *played, at time.Time) taleAction {
	a := taleAction{At: at.Format(time.RFC3339)}
	later := func() string {
		day := at.AddDate(0, 0, rapid.IntRange(1, 50).Draw(t, "later"))
		if rapid.Bool().Draw(t, "inside") {
			return day.Format(time.RFC3339)
		}
		return day.Format(time.DateOnly)
	}
	effective := func() string {
		switch pick(t, "effective", 0, 0, 1, 2, 3) {
		case 1:
			return "period_end"
		case 2:
			return later()
		case 3:
			if b := p.boundary(at); b.After(at) {
				return b.Format(time.RFC3339)
			}
		}
		return "now"
	}
	charge := func() string {
		c := p.s.Plans[0].Charges
		if len(c) == 0 {
			return ""
		}
		return c[rapid.IntRange(0, len(c)-1).Draw(t, "charge")].ID
	}
	change := func() {
		a.Effective = effective()
		a.Credit = pick(t, "credit", "", "prorate", "full", "none")
		a.ChargeNew = pick(t, "charge new", "", "prorate", "full", "none")
		a.Collect = pick(t, "collect", "", "now", "next_invoice")
		a.Anchor = pick(t, "change anchor", "", "keep", "keep", "reset")
	}
	a.Do = pick(t, "do", "change_quantity", "change_quantity", "change_plan", "change_plan", "change_price", "cancel", "pause", "resume", "resume",
		"reactivate", "reactivate", "undo_cancel", "discount", "one_off", "account_credit", "usage", "usage", "set_anchor", "end_trial", "extend_trial")
	switch a.Do {
	case "change_quantity":
		change()
		a.Quantity = strconv.Itoa(rapid.IntRange(0, 12).Draw(t, "to quantity"))
		if chance(t, "one charge", 4) {
			a.Charge = charge()
		}
	case "change_plan":
		change()
		a.To = p.s.Plans[rapid.IntRange(0, len(p.s.Plans)-1).Draw(t, "to")].ID
		if chance(t, "and quantity", 4) {
			a.Quantity = strconv.Itoa(rapid.IntRange(0, 12).Draw(t, "plan quantity"))
		}
	case "change_price":
		change()
		price := randomPrice(t)
		a.Price, a.Charge = &price, charge()
	case "cancel":
		a.Effective = effective()
		a.Credit = pick(t, "cancel credit", "", "none", "prorate", "full")
	case "pause":
		a.Effective = effective()
		a.Credit = pick(t, "pause credit", "", "none", "prorate")
		switch pick(t, "pause for", 0, 1, 2) {
		case 1:
			a.Cycles = rapid.IntRange(1, 3).Draw(t, "pause cycles")
		case 2:
			a.ResumeAt = later()
		}
	case "resume":
		a.Anchor = pick(t, "resume anchor", "", "keep", "reset", "extend")
	case "extend_trial":
		a.To = later()
	case "set_anchor":
		a.Anchor = at.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "set anchor")).Format(time.DateOnly)
		a.Proration = pick(t, "proration", "", "prorate", "none")
	case "discount":
		if rapid.Bool().Draw(t, "percent") {
			a.Percent = pick(t, "percentage", "10", "33.3", "50", "100")
		} else {
			a.Amount = strconv.Itoa(rapid.IntRange(1, 40).Draw(t, "off"))
		}
		a.Duration = pick(t, "duration", "once", "forever", "cycles")
		if a.Duration == "cycles" {
			a.Cycles = rapid.IntRange(1, 3).Draw(t, "discount cycles")
		}
		if chance(t, "on one charge", 4) {
			a.Charge = charge()
		}
	case "one_off":
		a.Amount = strconv.Itoa(rapid.IntRange(1, 40).Draw(t, "one-off"))
		a.Collect = pick(t, "one-off collect", "", "now", "next_invoice")
	case "account_credit":
		a.Amount = strconv.Itoa(rapid.IntRange(1, 40).Draw(t, "account credit"))
	case "usage":
		a.Of, a.Quantity = "calls", pick(t, "used", "1", "2.5", "7", "20")
	}
	return a
}

func TestANaiveEngineBillsRandomStoriesTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := randomTale(t)
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, ledger, err := billing.Invoices(p.sub, p.usage, billing.Ledger{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		balance := int64(0)
		if ledger.Credit.IsValid() {
			balance = ledger.Credit.Minor()
		}
		require.Equal(t, n.balance, balance, "%s", p.s)
	})
}
