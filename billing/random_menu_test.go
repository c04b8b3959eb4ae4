package billing_test

import (
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
)

// A menu is what a random story may hold. A word of a list is as likely as it is
// often in it; the first one is what a story shrinks to.
type menu struct {
	do, effective                 []string
	first, changeDay, creditBasis []string
	durations                     []string
	percent                       []bool
	steps                         []int // to the next action: 0 the same instant, 1 some days, 2 the period's end
	least, most                   int   // actions to try; those that are refused are left out
	usage                         bool
	events                        bool        // single events are rated, several in each period
	single                        bool        // usage is aggregated record by record, several in each period
	billsEarly                    bool        // usage is billed before its period ends
	counts                        bool        // usage is counted over a term
	dimensions                    bool        // usage is priced by a property of its records
	newer                         bool        // what the golden stories were told without: how usage is counted and bounded, percentages
	spend, terms                  bool        // plans have minimums, each over several periods
	caps, falls                   bool        // plans cap what usage comes to, of which more may cost less
	selling                       bool        // add-ons are attached
	rises                         bool        // prices of plans increase
	parts                         bool        // all begin with a part, billed with the period behind it or with the next invoice
	more                          bool        // what the format has no words for
	own                           []taleEvery // intervals of charges, each a whole number of the one before; nil: none of their own
}

// everything is the menu of what the format has words for.
var everything = menu{
	do: []string{
		"change_quantity", "change_quantity", "change_plan", "change_plan", "change_price", "cancel", "pause", "resume", "resume",
		"reactivate", "reactivate", "undo_cancel", "discount", "one_off", "account_credit", "usage", "usage", "set_anchor", "end_trial", "extend_trial",
	},
	effective:   []string{"now", "now", "period_end", "date", "boundary"},
	first:       []string{"", "prorate", "full", "free"},
	changeDay:   []string{"", "", "old"},
	creditBasis: []string{"", "", "list"},
	durations:   []string{"once", "forever", "cycles"},
	percent:     []bool{false, true},
	steps:       []int{0, 1, 1, 1, 2},
	most:        7,
	usage:       true,
}

// eventful is the menu of stories that are about single events: many, also below zero, in
// periods that are divided.
func eventful() menu {
	m := everything
	m.newer, m.events = true, true
	m.do = []string{
		"usage", "usage", "usage", "usage", "usage", "usage", "pause", "resume", "resume", "change_price", "change_plan", "cancel", "reactivate",
		"set_anchor", "discount",
	}
	m.effective = []string{"now", "now", "now", "date"}
	m.steps = []int{0, 1, 1, 1}
	m.least, m.most = 4, 14
	return m
}

// recordful is the menu of stories that are about records that are read one by one.
func recordful() menu {
	m := eventful()
	m.events, m.single = false, true
	m.do = slices.DeleteFunc(m.do, func(do string) bool { return do == "discount" })
	return m
}

// earlyBilled is the menu of stories in which usage is billed before its period ends.
func earlyBilled() menu {
	m := eventful()
	m.billsEarly, m.events, m.single, m.usage = true, false, false, true
	m.do = append(m.do, "discount", "one_off", "account_credit", "change_quantity")
	return m
}

// early gives plans thresholds.
func (m menu) early(d draws, s *tale) {
	if !m.billsEarly || strings.Contains(s.Aggregations["calls"], " ") {
		return
	}
	for i := range s.Plans {
		t := &taleThresholds{Amounts: pick(d, "thresholds", []string{"5", "20", "50"}, []string{"1"}, nil, []string{"15"}), Volume: "difference"}
		if t.Amounts == nil || pick(d, "recurs", false, true) {
			t.Recurring = pick(d, "recurring", "10", "3")
		}
		t.Over = pick(d, "over", "", "life")
		plain := true
		for _, c := range s.Plans[i].Charges {
			plain = plain && (c.Usage == "" || c.Price.Model != "volume" && c.Price.Model != "stairstep")
		}
		for _, phase := range s.Plans[i].Phases {
			plain = plain && !slices.ContainsFunc(phase.Charges, func(c taleCharge) bool {
				return c.Usage != "" && (c.Price.Model == "volume" || c.Price.Model == "stairstep")
			})
		}
		if plain && slices.Contains([]string{"", "sum", "count"}, s.Aggregations["calls"]) && pick(d, "refuses", false, true) {
			t.Volume = ""
		}
		s.Plans[i].Thresholds = t
	}
}

// priceParts gives charges a price for a shorter interval than they bill by.
func (m menu) priceParts(d draws, p *talePlan) {
	if !m.newer {
		return
	}
	parts := func(charges []taleCharge, every taleEvery) {
		each := map[taleEvery][]taleEvery{
			{3, "month"}: {{1, "month"}}, {1, "year"}: {{1, "month"}, {3, "month"}}, {10, "day"}: {{5, "day"}, {1, "day"}}, {1, "month"}: {{1, "month"}},
		}[every]
		for i, c := range charges {
			if c.Usage == "" && !c.Once && c.Every == nil && len(each) > 0 && (m.parts || chance(d, "priced by part", 3)) {
				charges[i].PriceEvery = &each[d.between("each", 0, len(each)-1)]
			}
		}
	}
	parts(p.Charges, p.Every)
	for _, phase := range p.Phases {
		parts(phase.Charges, phase.Every)
	}
}

// pricesParts reports whether a price is for a shorter interval than it is billed by.
func (s tale) pricesParts() bool {
	for _, p := range s.Plans {
		if slices.ContainsFunc(p.all(), func(c taleCharge) bool { return c.PriceEvery != nil }) {
			return true
		}
	}
	return false
}

// dimensional is the menu of stories that are about usage by a property of its records.
func dimensional(events bool) menu {
	m := recordful()
	if events {
		m = eventful()
	}
	m.dimensions = true
	return m
}

// counting is the menu of stories that are about usage that is counted over a term.
func counting() menu {
	m := eventful()
	m.counts, m.events, m.usage = true, false, true
	m.do = append(m.do, "change_quantity", "discount")
	m.effective = []string{"now", "now", "period_end", "date"}
	return m
}

// fitting are the actions to choose from. Those that only one status lets happen would
// seldom be drawn in it: half of the time they are the only ones.
func (m menu) fitting(d draws, p *played, at time.Time) []string {
	if !m.more {
		return m.do
	}
	fit := map[lifecycle.Status][]string{
		lifecycle.Future:    {"start_now"},
		lifecycle.InTrial:   {"end_trial", "extend_trial"},
		lifecycle.Paused:    {"resume", "release", "undo_resume"},
		lifecycle.Cancelled: {"reactivate"},
	}[p.sub.Status(at)]
	if len(p.sub.Scheduled(at)) > 0 {
		fit = append(fit, "undo_cancel", "undo_pause", "undo_resume", "undo_change")
	}
	some := slices.DeleteFunc(slices.Clone(m.do), func(do string) bool { return !slices.Contains(fit, do) })
	if len(some) == 0 || pick(d, "whatever the status", false, true) {
		return m.do
	}
	return some
}

// farthest is how many days may pass from one action to the next.
func (m menu) farthest() int {
	if m.counts {
		return 40
	}
	if m.events || m.single || m.billsEarly {
		return 7
	}
	return 45
}

// metered is the id of a charge for usage; empty if there is none.
func (p talePlan) metered() string {
	for _, c := range p.Charges {
		if c.Usage != "" {
			return c.ID
		}
	}
	return ""
}

// morePlan, moreTale and moreAction add to a story what the format has no words for.
func (m menu) morePlan(d draws, p *talePlan) {
	if !m.more {
		return
	}
	if p.Trial != nil {
		p.TrialEnd = pick(d, "at trial end", "", "", "cancel", "pause")
	}
	if p.Cycles == 0 && chance(d, "length in time", 8) {
		p.Length = &taleEvery{d.between("length of the plan", 2, 200), pick(d, "unit of the length", "day", "week")}
		p.LengthFrom = pick(d, "length from", "", "trial_end", "start")
		p.LastPeriod = pick(d, "last period", "", "prorate", "full")
		p.AtEnd = pick(d, "at the length's end", "cancel", "renew")
	}
	if chance(d, "credit pack", 6) {
		p.Pack = pick(d, "pack", "15", "99.95")
	}
	zero := func(charges []taleCharge) {
		for i, c := range charges {
			if len(c.Price.Tiers) > 0 && chance(d, "zero is free", 3) {
				charges[i].Price.Zero = "free"
			}
			if (c.Price.Model == "tiered" || c.Price.Model == "volume") && chance(d, "packages in a tier", 4) {
				charges[i].Price.Tiers[0].PackageSize = "2"
			}
			if c.Price.Model == "package" && chance(d, "free units of a package", 3) {
				charges[i].Price.FreeUnits = "3"
			}
		}
	}
	zero(p.Charges)
	for _, phase := range p.Phases {
		zero(phase.Charges)
	}
}

func (m menu) moreTale(d draws, s *tale) {
	if !m.more {
		return
	}
	s.Tax = pick(d, "tax", "", "", "", "line", "invoice")
	s.Policy.Split = pick(d, "split", "", "", "largest_remainder", "in_order")
	if chance(d, "agreed before the start", 8) {
		s.Sub.Agreed = s.instant(s.Sub.Start).AddDate(0, 0, -d.between("days before the start", 1, 40)).Format(time.DateOnly)
	}
	if chance(d, "end date", 10) {
		s.Sub.EndDate = s.instant(s.Sub.Start).AddDate(0, 0, d.between("to the end date", 10, 400)).Format(time.DateOnly)
	}
}

func (m menu) moreAction(d draws, p *played, at time.Time, a *taleAction) {
	if !m.more {
		return
	}
	later := func(name string) string {
		return at.AddDate(0, 0, d.between(name, 1, 60)).Format(time.DateOnly)
	}
	switch a.Do {
	case "resume":
		if chance(d, "a later resume", 4) {
			a.Effective = later("resume on")
		}
	case "set_end_date":
		if !chance(d, "no end date", 4) {
			a.To = later("end on")
		}
	case "auto_renewal":
		a.To = pick(d, "renewal", "off", "on")
	case "reactivate":
		if chance(d, "with a trial", 6) {
			a.To = later("trial of the reactivation")
		}
	}
}
