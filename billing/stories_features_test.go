package billing_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/subscription"
)

// suspects are the features of a story that a rule of the stories' format bills
// otherwise than the build of testdata/stories/before.txt.gz did, with that rule.
var suspects = map[string]string{
	"usage_cut":        "17",     // a metered charge whose period is cut
	"usage_no_length":  "10, 17", // a metered charge that was billed for no time
	"same_plan":        "5",      // a change to the plan in force, with another quantity
	"usage_stub":       "17",     // a metered charge in a first period before the anchor's boundary
	"discount_once":    "12b",
	"discount_cycles":  "12b",
	"discount_fixed":   "12c",
	"discount_waiting": "12",     // a discount, and lines that wait for the next invoice
	"stub_full":        "18",     // a first period that is charged whole
	"stub_free":        "18",     // a first period that is free
	"change_day_old":   "19",     // with something that cuts by it
	"change_day_more":  "19",     // with something that cuts by it
	"pause":            "19",     // a pause or a hold
	"reactivation":     "11, 19", // of the cancelled
	"undone":           "19",     // something scheduled was taken back
	"known_cut":        "4, 19",  // a cut on a date beside another one
	"same_day":         "19",     // two cuts on one civil day, or a cut on the day of a boundary
	"phase_by_change":  "19",     // a change to a plan with phases
	"set_anchor":       "16, 19",
	"list_credit":      "20", // the list basis, and something that cuts
	"equal_change":     "21", // a change after which every charge is what it was

	// No rule of the format is about tax: see the documentation of the package.
	"tax_credit": "tax", // credits, which give back shares of the tax that was charged
}

// suspected are those of the features that are suspects.
func suspected(features []string) []string {
	return slices.DeleteFunc(slices.Clone(features), func(f string) bool { return suspects[f] == "" })
}

// marks is a set of features.
type marks map[string]bool

func (m marks) add(when bool, feature string) {
	if when {
		m[feature] = true
	}
}

// features names what a story holds, sorted.
func (p *played) features() []string {
	m := marks{}
	p.s.given(m)
	p.acted(m)
	p.cut(m)
	return slices.Sorted(maps.Keys(m))
}

// given are the features that the plans, the subscription and the policy have.
func (s tale) given(m marks) {
	for _, p := range s.Plans {
		m.add(p.Trial != nil, "trial")
		m.add(p.Cycles > 0, "length_cycles")
		m.add(p.Length != nil, "length_in_time")
		m.add(len(p.Phases) > 0, "phases")
		for _, c := range p.all() {
			m.add(true, c.Price.Model)
			m.add(c.timing() == "arrears" && c.Usage == "", "arrears")
			m.add(c.Usage != "", "usage")
			m.add(c.Usage != "" && s.Aggregations[c.Usage] != "" && s.Aggregations[c.Usage] != "sum", "usage_"+s.Aggregations[c.Usage])
			m.add(c.Price.Minimum != "" || c.Price.Maximum != "", "bounds")
			m.add(c.Once, "once")
		}
	}
	m.add(s.Zone != "", "zone")
	m.add(s.Currency != "", "currency")
	m.add(s.Rounding != "", "rounding_"+s.Rounding)
	m.add(s.Policy.Basis != "", "basis_"+s.Policy.Basis)
	m.add(s.Policy.MonthEnd != "", "last_day")
	m.add(s.Policy.Negative != "", "refund")
	m.add(s.Policy.Zero != "", "emit")
	m.add(s.Policy.Split != "", "split_"+s.Policy.Split)
	m.add(s.Tax != "", "tax_by_"+s.Tax)
	m.add(s.Sub.Agreed != "", "future")
	m.add(s.Sub.EndDate != "", "end_date")
	m.add(s.Sub.AutoRenew != nil, "no_renewal")
	m.add(s.stub(), "stub")
	m.add(s.stub() && m["usage"], "usage_stub")
	m.add(s.stub() && s.Sub.FirstPeriod == "full", "stub_full")
	m.add(s.stub() && s.Sub.FirstPeriod == "free", "stub_free")
}

func (s tale) stub() bool { return s.Sub.Anchor != "" && s.Sub.Anchor != s.Sub.Start }

// acted are the features that the actions have.
func (p *played) acted(m marks) {
	waits, discounted := false, false
	for _, a := range p.s.Actions {
		m.add(true, map[bool]string{false: a.Do, true: "used"}[a.Do == "usage"])
		m.add(a.Effective == "period_end", "at_period_end")
		m.add(a.dated(), "on_date")
		m.add(a.Credit == "full" || a.Credit == "none" && a.Do != "cancel" && a.Do != "pause", "credit_"+a.Credit)
		m.add(a.ChargeNew == "full" || a.ChargeNew == "none", "charge_new_"+a.ChargeNew)
		m.add(a.Collect == "next_invoice", "next_invoice")
		m.add(strings.HasPrefix(a.Do, "change_") && a.Anchor == "reset", "reset")
		waits = waits || a.Collect == "next_invoice" || a.Do == "one_off" && a.Collect == ""
		switch a.Do {
		case "discount":
			discounted = true
			m.add(a.Duration == "once", "discount_once")
			m.add(a.Duration == "cycles", "discount_cycles")
			m.add(a.Duration == "forever", "discount_forever")
			m.add(a.Percent == "", "discount_fixed")
			m.add(a.Percent != "", "discount_percent")
			m.add(a.Charge != "", "discount_on_charge")
		case "pause", "hold":
			m.add(true, "pause")
		case "resume":
			m.add(true, "resume_"+naiveOr(a.Anchor, "keep"))
		case "set_anchor":
			m.add(a.Proration == "none", "set_anchor_none")
		case "reactivate":
			m.add(true, "reactivation")
		case "undo_cancel", "undo_pause", "undo_resume", "undo_change":
			m.add(true, "undone")
		case "change_plan":
			m.add(len(p.s.plan(a.To).Phases) > 0, "phase_by_change")
		}
	}
	m.add(waits && discounted, "discount_waiting")
}

// dated reports whether an action takes effect on a date of its own.
func (a taleAction) dated() bool {
	return a.Effective != "" && a.Effective != "now" && a.Effective != "period_end"
}

// cut are the features that the course of the story has: where periods are cut.
func (p *played) cut(m marks) {
	dated := 0 // cuts that were known before they came
	for _, plan := range p.s.Plans {
		for _, phase := range plan.Phases {
			if phase.Length != nil {
				dated++
			}
		}
		if plan.Length != nil {
			dated++
		}
	}
	if p.s.Sub.EndDate != "" {
		dated++
	}
	for _, a := range p.s.Actions {
		if a.dated() || a.Do == "set_end_date" && a.To != "" {
			dated++
		}
	}
	cuts, days := 0, map[time.Time]bool{}
	loc, until := p.s.location(), p.s.instant(p.s.Until)
	for i := 1; i < p.sub.Segments(); i++ {
		seg, before := p.sub.Segment(i), p.sub.Segment(i-1)
		at := seg.From()
		if at.After(until) {
			break
		}
		opened := seg.Opened()
		if opened.Kind == subscription.Recorded {
			continue
		}
		m.add(days[naiveDay(at, loc)], "same_day")
		days[naiveDay(at, loc)] = true
		if opened.Kind == subscription.Changed {
			same := true
			for item := range seg.Phase().Charges() {
				same = same && seg.SameTerms(before, item)
			}
			m.add(same, "equal_change")
		}
		if !before.Billable() || before.Grid().IsZero() {
			continue
		}
		period, err := inside.PeriodEndingAt(before, at)
		if err != nil || !period.End.After(at) || !period.Start.Before(at) {
			continue
		}
		cuts++
		day := naiveDay(at, loc)
		m.add(day.Equal(naiveDay(period.Start, loc)) || day.Equal(naiveDay(period.End, loc)), "same_day")
		quantity := opened.Command > 0 && strings.HasPrefix(p.sub.Command(opened.Command).Action.String(), "change_quantity")
		m.add(m["usage"] && (!quantity || inside.Effects(&opened).NewGrid), "usage_cut")
	}
	m.add(cuts > 0, "cut")
	m.add(cuts > 0 && p.s.Policy.ChangeDay != "", "change_day_"+p.s.Policy.ChangeDay)
	m.add(cuts > 0 && p.s.Policy.CreditBasis == "list", "list_credit")
	m.add(dated > 1 || dated == 1 && cuts > 1, "known_cut")
}
