package billing_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// draws is where a random story comes from: rapid, which shrinks it, or a seed, which
// tells the same one for good.
type draws interface {
	between(name string, low, high int) int
}

type rapidDraws struct{ t *rapid.T }

func (d rapidDraws) between(name string, low, high int) int {
	return rapid.IntRange(low, high).Draw(d.t, name)
}

func pick[T any](d draws, name string, from ...T) T { return from[d.between(name, 0, len(from)-1)] }

// one in n: shrinks to no.
func chance(d draws, name string, n int) bool { return d.between(name, 0, n-1) == n-1 }

func cents(d draws, name string) string {
	return fmt.Sprintf("%d.%02d", d.between(name, 0, 99), pick(d, name+" cents", 0, 0, 50, 1, 15, 99))
}

func (m menu) randomPrice(d draws) talePrice {
	if m.newer && chance(d, "percentage", 6) {
		if pick(d, "graduated", false, true) {
			return talePrice{Model: "graduated_percentage", Tiers: []taleTier{{UpTo: "3", Rate: "125.5", FlatAmount: "1"}, {UpTo: "10", Rate: "33.3333"}, {Rate: "0.5", FlatAmount: "2"}}}
		}
		return talePrice{Model: "percentage", Rate: pick(d, "rate", "2.9", "1000", "33.333333"), FreeAmount: pick(d, "free amount", "", "2.5"), Minimum: pick(d, "minimum", "", "20")}
	}
	switch pick(d, "model", "flat_fee", "flat_fee", "per_unit", "per_unit", "tiered", "volume", "package", "stairstep") {
	case "per_unit":
		p := talePrice{Model: "per_unit", UnitAmount: pick(d, "unit", "1.00", "9.99", "0.333", "12", "0.005")}
		if chance(d, "free", 4) {
			p.FreeUnits = "2"
		}
		if chance(d, "minimum", 5) {
			p.Minimum = "20"
		}
		if chance(d, "maximum", 5) {
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
	return talePrice{Model: "flat_fee", Amount: cents(d, "amount")}
}

func (m menu) charges(d draws, plan string) []taleCharge {
	var all []taleCharge
	// The same id in two plans is the same charge; and it may not be.
	name := func(id string) string {
		if plan != "" && pick(d, "own id", false, true) {
			return id + "-" + plan
		}
		return id
	}
	fees := 0
	if !m.single {
		fees = d.between("fees", 0, 2)
	}
	for i := range fees {
		c := taleCharge{ID: name(fmt.Sprint("fee", i)), Price: m.randomPrice(d), Timing: pick(d, "timing", "advance", "advance", "arrears")}
		if chance(d, "fixed", 4) {
			c.Quantity = pick(d, "fixed quantity", "3", "7", "0")
		}
		all = append(all, c)
	}
	if m.events || m.single || m.billsEarly || m.counts || m.usage && chance(d, "usage", 3) {
		c := taleCharge{ID: name("calls"), Price: m.randomPrice(d), Usage: "calls"}
		if m.events || m.newer && !m.single && !m.counts && chance(d, "of events", 3) {
			c.Price = m.eventPrice(d)
		}
		if m.dimensions {
			c.Price = m.matrix(d)
		}
		all = append(all, c)
	}
	if chance(d, "once", 4) {
		all = append(all, taleCharge{ID: name("setup"), Price: talePrice{Model: "flat_fee", Amount: "50"}, Once: true})
	}
	return all
}

func randomEvery(d draws) taleEvery {
	return pick(d, "every", taleEvery{1, "month"}, taleEvery{1, "month"}, taleEvery{1, "month"}, taleEvery{1, "week"}, taleEvery{3, "month"}, taleEvery{1, "year"}, taleEvery{10, "day"})
}

func (m menu) plan(d draws, id string) talePlan {
	p := talePlan{ID: id, Every: randomEvery(d), Charges: m.charges(d, id)}
	if chance(d, "trial", 5) {
		p.Trial = &taleEvery{d.between("trial days", 1, 40), "day"}
	}
	if chance(d, "length", 5) {
		p.Cycles = d.between("cycles", 1, 5)
		p.AtEnd = pick(d, "at end", "cancel", "renew")
	}
	for range d.between("phases", 0, 6) - 4 {
		phase := talePhase{Every: p.Every, Charges: m.charges(d, id)}
		if chance(d, "own step", 3) {
			phase.Every = randomEvery(d)
		}
		if chance(d, "phase length", 2) {
			phase.Length = &taleEvery{d.between("phase days", 5, 70), "day"}
		} else {
			phase.Cycles = d.between("phase cycles", 1, 3)
		}
		p.Phases = append(p.Phases, phase)
	}
	m.minimum(d, &p)
	m.spendCap(d, &p)
	m.morePlan(d, &p)
	m.ownPlan(d, &p)
	return p
}

// singleAggregations are those that read single records, with how a level is read and whether it
// is carried.
var singleAggregations = []string{
	"count", "unique", "average", "weighted_sum level", "weighted_sum change", "weighted_sum level carried", "weighted_sum change carried",
	"time_average change", "time_average level carried",
}

// randomTale draws a story of what the format has words for.
func randomTale(t *rapid.T) *played {
	m := everything
	m.newer = true
	switch rapid.IntRange(0, 9).Draw(t, "about") {
	case 2:
		m.rises = true
	case 3:
		m = eventful()
	case 4:
		m = recordful()
	case 5:
		m = spendful()
	case 6:
		m = earlyBilled()
	case 8:
		m = counting()
	case 9:
		m = capped()
	case 7:
		m = dimensional(rapid.Bool().Draw(t, "of events"))
	}
	m.do = append(slices.Clone(m.do), "suspend", "restore", "set_next_billing", "set_next_billing")
	return m.tale(rapidDraws{t})
}

// tale draws a story. Its actions are drawn against the engine, so that they are such
// as it lets happen.
func (m menu) tale(d draws) *played {
	s := tale{ID: "random"}
	s.Zone = pick(d, "zone", "", "", "America/New_York", "Europe/Paris", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe")
	s.Currency = pick(d, "currency", "", "", "", "JPY")
	s.Rounding = pick(d, "rounding", "", "", "", "half_even", "half_down", "half_floor", "up", "down", "floor", "ceiling")
	s.Policy = talePolicy{
		Basis: pick(d, "basis", "", "", "second", "day_30"), ChangeDay: pick(d, "change day", m.changeDay...),
		CreditBasis: pick(d, "credit basis", m.creditBasis...), MonthEnd: pick(d, "month end", "", "", "last_day"),
		Negative: pick(d, "negative", "", "refund"), Zero: pick(d, "zero", "", "", "emit"),
	}
	s.Plans = []talePlan{m.plan(d, "p")}
	if pick(d, "second plan", false, true) {
		s.Plans = append(s.Plans, m.plan(d, "q"))
		if chance(d, "same step", 2) {
			s.Plans[1].Every = s.Plans[0].Every
			s.Plans[1].oneStep()
		}
	}
	for i := range s.Plans {
		m.overTerms(d, &s.Plans[i])
		m.priceParts(d, &s.Plans[i])
	}
	if chance(d, "aggregation", 2) {
		s.Aggregations = map[string]string{"calls": pick(d, "aggregate", "sum", "max", "last")}
	}
	if m.single || m.newer && chance(d, "single records", 3) {
		s.Aggregations = map[string]string{"calls": pick(d, "aggregated", singleAggregations...)}
	}
	if m.counts {
		s.Aggregations = pick(d, "counted", nil, map[string]string{"calls": "sum"}, map[string]string{"calls": "count"})
	}
	if m.dimensions && s.Aggregations != nil { // no level by dimensions is carried
		s.Aggregations["calls"] = strings.TrimSuffix(s.Aggregations["calls"], " carried")
	}
	if s.ratesEvents() {
		s.Aggregations = nil
	}
	if m.newer {
		s.Policy.UsageCount = pick(d, "usage count", "", "", "across")
		s.Policy.UsageBounds = pick(d, "usage bounds", "", "", "whole")
	}
	start := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.between("start", 0, 500))
	if chance(d, "month end start", 5) {
		start = time.Date(2017, time.Month(d.between("month", 1, 14)), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1)
	}
	s.Sub = taleSub{Plan: "p", Start: start.Format(time.DateOnly), Quantity: strconv.Itoa(d.between("quantity", 0, 12))}
	if chance(d, "start inside a day", 3) {
		s.Sub.Start = start.Add(time.Duration(d.between("seconds", 0, 86399)) * time.Second).Format(time.RFC3339)
	}
	if m.parts || chance(d, "anchor", 3) {
		s.Sub.Anchor = start.AddDate(0, 0, d.between("anchor days", -40, 40)).Format(time.DateOnly)
		s.Sub.FirstPeriod = pick(d, "first", m.first...)
		if m.newer {
			s.Policy.FirstInvoice = pick(d, "first invoice", "", "with_period", "next")
		}
		if m.parts {
			s.Policy.FirstInvoice = pick(d, "first invoice of a part", "with_period", "with_period", "next")
		}
	}
	if chance(d, "no renewal", 12) {
		no := false
		s.Sub.AutoRenew = &no
	}
	m.early(d, &s)
	if m.rises {
		s.Policy.ChangePrices = pick(d, "change prices", "", "keep")
	}
	for i := range s.Plans {
		m.raise(d, &s.Plans[i])
	}
	m.moreTale(d, &s)
	m.sold(d, &s)
	p, err := play(s)
	if err != nil {
		panic(fmt.Sprintf("%v\n%s", err, s))
	}
	at := s.instant(naiveOr(s.Sub.Agreed, s.Sub.Start))
	for range d.between("actions", m.least, m.most) {
		switch pick(d, "step", m.steps...) {
		case 0: // the same instant
		case 1:
			at = naiveWall(naiveDay(at, s.location()).AddDate(0, 0, d.between("days", 1, m.farthest())), s.location())
			if pick(d, "inside a day", false, true) {
				at = at.Add(time.Duration(d.between("at second", 1, 86000)) * time.Second)
			}
		case 2: // a boundary
			if b := p.boundary(at); b.After(at) {
				at = b
			}
		}
		a := m.action(d, p, at)
		p.try(a)
	}
	p.s.Until = at.AddDate(0, d.between("months more", 0, 7), 3).Format(time.RFC3339)
	return p
}

// boundary answers the end of the period that runs at t.
func (p *played) boundary(t time.Time) time.Time {
	seg := p.sub.Segment(p.sub.SegmentAt(t))
	if !seg.Billable() || seg.Grid().IsZero() {
		return time.Time{}
	}
	period, err := inside.PeriodEndingAt(seg, t.Add(1))
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
	to := p.s.instant(a.At)
	if p.s.refunds() { // what they come to may be below zero under a later price
		to = to.AddDate(3, 0, 0)
	}
	if err == nil && (a.Do == "usage" || p.s.refunds()) {
		_, _, err = billing.Invoices(sub, p.usage, billing.Checkpoint{}, to)
		if err != nil && a.Do == "usage" {
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

func (m menu) action(d draws, p *played, at time.Time) taleAction {
	a := taleAction{At: at.Format(time.RFC3339)}
	later := func() string {
		day := at.AddDate(0, 0, d.between("later", 1, 50))
		if pick(d, "inside", false, true) {
			return day.Format(time.RFC3339)
		}
		return day.Format(time.DateOnly)
	}
	effective := func() string {
		switch pick(d, "effective", m.effective...) {
		case "period_end":
			return "period_end"
		case "date":
			return later()
		case "boundary":
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
		return c[d.between("charge", 0, len(c)-1)].ID
	}
	change := func() {
		a.Effective = effective()
		a.Credit = pick(d, "credit", "", "prorate", "full", "none")
		a.ChargeNew = pick(d, "charge new", "", "prorate", "full", "none")
		a.Collect = pick(d, "collect", "", "now", "next_invoice")
		a.Anchor = pick(d, "change anchor", "", "keep", "keep", "reset")
	}
	a.Do = pick(d, "do", m.fitting(d, p, at)...)
	switch a.Do {
	case "change_quantity":
		change()
		a.Quantity = strconv.Itoa(d.between("to quantity", 0, 12))
		if chance(d, "one charge", 4) {
			a.Charge = charge()
		}
	case "change_plan":
		change()
		a.To = p.s.Plans[d.between("to", 0, len(p.s.Plans)-1)].ID
		if chance(d, "and quantity", 4) {
			a.Quantity = strconv.Itoa(d.between("plan quantity", 0, 12))
		}
	case "change_price":
		change()
		price := m.randomPrice(d)
		a.Charge = charge()
		if m.counts {
			price.Minimum, price.Maximum = "", ""
			if a.Charge = p.s.Plans[0].metered(); pick(d, "to a matrix", false, false, true) {
				price = m.matrix(d)
			}
		} else if m.newer && !m.single && chance(d, "to events", 4) {
			price = m.eventPrice(d)
		}
		if m.events {
			a.Charge = p.s.Plans[0].metered() // one that is refused is no use
		}
		if m.dimensions {
			if a.Charge = p.s.Plans[0].metered(); pick(d, "to a matrix", true, true, false) {
				price = m.matrix(d)
			}
		}
		a.Price = &price
	case "cancel":
		a.Effective = effective()
		a.Credit = pick(d, "cancel credit", "", "none", "prorate", "full")
	case "pause":
		a.Effective = effective()
		a.Credit = pick(d, "pause credit", "", "none", "prorate")
		switch pick(d, "pause for", 0, 1, 2) {
		case 1:
			a.Cycles = d.between("pause cycles", 1, 3)
		case 2:
			a.ResumeAt = later()
		}
	case "resume":
		a.Anchor = pick(d, "resume anchor", "", "keep", "reset", "extend")
	case "extend_trial":
		a.To = later()
	case "set_next_billing":
		a.To, a.Difference = later(), pick(d, "difference", "", "", "share")
	case "set_anchor":
		a.Anchor = at.AddDate(0, 0, d.between("set anchor", -40, 40)).Format(time.DateOnly)
		a.Proration = pick(d, "proration", "", "prorate", "none")
	case "discount":
		if pick(d, "percent", m.percent...) {
			a.Percent = pick(d, "percentage", "10", "33.3", "50", "100")
		} else {
			a.Amount = strconv.Itoa(d.between("off", 1, 40))
		}
		a.Duration = pick(d, "duration", m.durations...)
		if a.Duration == "cycles" {
			a.Cycles = d.between("discount cycles", 1, 3)
		}
		if m.newer && chance(d, "for a time", 3) {
			a.Duration, a.Cycles = "", 0
			a.For = pick(d, "time", &taleEvery{1, "month"}, &taleEvery{3, "month"}, &taleEvery{10, "day"}, &taleEvery{6, "week"}, &taleEvery{1, "year"})
		}
		if chance(d, "on one charge", 4) {
			a.Charge = charge()
		}
		if m.newer && chance(d, "on some kinds", 4) {
			a.Kinds = strings.Split(pick(d, "kinds", "charge", "usage", "charge one_off", "charge usage"), " ")
		}
	case "one_off":
		a.Amount = strconv.Itoa(d.between("one-off", 1, 40))
		a.Collect = pick(d, "one-off collect", "", "now", "next_invoice")
	case "account_credit":
		a.Amount = strconv.Itoa(d.between("account credit", 1, 40))
	case "usage":
		a.Of, a.Quantity = "calls", pick(d, "used", "1", "2.5", "7", "20")
		if m.newer && (chance(d, "other event", 4) || (m.events || m.single) && chance(d, "one more", 4)) {
			a.Quantity = pick(d, "event", "0", "-2.5", "-20")
		}
		switch how := p.s.Aggregations["calls"]; {
		case how == "unique":
			a.Key, a.Quantity = pick(d, "key", "a", "b", "c"), pick(d, "there", "1", "1", "2.5", "-1")
		case a.Quantity[0] == '-' && !strings.Contains(how, "change"):
			a.Quantity = pick(d, "instead", "1", "7")
		}
	}
	if a.Do == "usage" && (m.dimensions || m.counts) {
		if region := pick(d, "region", regions...); region != "" {
			a.Properties = map[string]string{"region": region}
		}
	}
	m.moreAction(d, p, at, &a)
	if a.Do == "attach" || a.Do == "detach" || a.Do == "units" {
		change()
		m.ofAddOns(d, p, &a)
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
		all, checkpoint, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		balance := int64(0)
		if checkpoint.CreditBalance.IsValid() {
			balance = checkpoint.CreditBalance.Minor()
		}
		require.Equal(t, n.balance, balance, "%s", p.s)
	})
}

func TestANaiveEngineBillsUsageEarlyTheSame(t *testing.T) {
	t.Parallel()
	interims, several := 0, 0
	property := func(t *rapid.T) {
		p := earlyBilled().tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		made := 0
		for _, inv := range all {
			if inv.Interim {
				made++
			}
		}
		if interims += made; made > 1 {
			several++
		}
	}
	covering(t, 5, property, func() bool { return interims > 0 && several > 0 })
}

func TestANaiveEngineRatesSingleEventsTheSame(t *testing.T) {
	t.Parallel()
	events, parts := 0, 0 // stories with lines of events, and with several of one period
	property := func(t *rapid.T) {
		p := eventful().tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		one, several := eventLines(all)
		events, parts = events+one, parts+several
	}
	covering(t, 5, property, func() bool { return events > 0 && parts > 0 })
}
