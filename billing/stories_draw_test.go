package billing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/perennial-billing/perennial/billing"
)

// seeded draws by a generator whose numbers are part of its specification, so that a
// seed tells the same story for good.
type seeded struct{ source *rand.PCG }

func (d seeded) between(_ string, low, high int) int {
	return low + int(d.source.Uint64()%uint64(high-low+1))
}

// A class is a number of stories of one menu. Its stories have at least one of the
// features that it is about, and no suspect ones but these and those that it allows.
type class struct {
	name         string
	count        int
	menu         menu
	about, allow []string
	all          bool // it allows every feature
}

// plain is the menu of stories that every rule bills as before.
func plain() menu {
	return menu{
		do: []string{
			"change_quantity", "change_quantity", "change_plan", "change_plan", "change_price", "change_price", "cancel", "discount", "one_off",
			"account_credit", "usage", "usage", "end_trial", "extend_trial", "auto_renewal", "credit_pack", "set_end_date", "start_now",
		},
		effective:   []string{"now", "now", "now", "period_end", "date"},
		first:       []string{""},
		changeDay:   []string{""},
		creditBasis: []string{""},
		durations:   []string{"forever"},
		percent:     []bool{true},
		steps:       []int{1, 1, 1, 2},
		least:       2,
		most:        9,
		usage:       true,
		more:        true,
	}
}

// beside is the plain menu with more to do.
func beside(more ...string) menu {
	m := plain()
	m.do = append(m.do, more...)
	return m
}

// classes are all the stories. The order and the numbers are part of the golden file.
func classes() []class {
	discounts := beside("discount", "discount", "discount")
	discounts.durations, discounts.percent = everything.durations, everything.percent
	discounts.do = slices.DeleteFunc(discounts.do, func(do string) bool { return do == "usage" })
	discounts.usage = false
	renewals := discounts
	renewals.do = []string{"discount", "discount", "discount", "one_off", "account_credit", "end_trial"}
	stubs := plain()
	stubs.first = []string{"full", "free"}
	old := plain()
	old.changeDay = []string{"old", "old", "more"}
	list := beside("cancel", "change_quantity")
	list.creditBasis = []string{"list"}
	used := slices.Repeat([]string{"usage"}, 12)
	metered := beside(append(used, "change_plan", "change_plan", "change_price", "cancel")...)
	metered.most = 16
	parts := beside(append(used, "pause", "pause", "resume", "cancel", "reactivate")...)
	parts.most = 16
	counted := beside(append(used, "change_quantity")...)
	counted.most = 16
	days := plain()
	days.steps = []int{0, 0, 1, 2}
	days.effective = []string{"now", "date", "date", "boundary"}
	any := everything
	wide := everything
	wide.more, wide.most = true, 12
	wide.changeDay = append(slices.Clone(wide.changeDay), "more")
	wide.do = append(slices.Clone(wide.do), "hold", "release", "release", "start_now", "set_end_date", "auto_renewal", "undo_pause", "undo_resume", "undo_change", "credit_pack")
	usage := []string{"usage_cut", "usage_stub"}
	discount := []string{"discount_once", "discount_cycles", "discount_fixed", "discount_waiting"}
	return []class{
		{name: "plain", count: 800, menu: plain()},
		{name: "plain-cuts", count: 600, menu: beside("change_quantity", "change_plan", "change_plan", "change_plan", "cancel"), about: []string{"cut"}},
		{name: "plain-usage", count: 300, menu: counted, about: []string{"used"}},
		{name: "plain-discounts", count: 200, menu: beside("discount", "discount", "discount"), about: []string{"discount"}},
		{name: "usage", count: 200, menu: metered, about: usage},
		{name: "usage-parts", count: 200, menu: parts, about: []string{"usage_cut"}, allow: []string{"usage_stub", "pause", "reactivation"}},
		{name: "discounts-uncut", count: 200, menu: renewals, about: discount},
		{name: "discounts", count: 200, menu: discounts, about: discount},
		{name: "stubs", count: 150, menu: stubs, about: []string{"stub_full", "stub_free"}, allow: usage},
		{name: "change-day-old", count: 150, menu: old, about: []string{"change_day_old", "change_day_more"}},
		{name: "pauses", count: 250, menu: beside("pause", "pause", "pause", "pause", "pause", "pause", "resume", "hold", "release", "undo_pause", "undo_resume"), about: []string{"pause"}, allow: []string{"undone"}},
		{name: "reactivations", count: 150, menu: beside("cancel", "cancel", "reactivate", "reactivate", "reactivate"), about: []string{"reactivation"}},
		{name: "list-basis", count: 150, menu: list, about: []string{"list_credit"}},
		{name: "anchors", count: 150, menu: beside("set_anchor", "set_anchor", "set_anchor"), about: []string{"set_anchor"}},
		{name: "cuts-and-days", count: 200, menu: days, about: []string{"known_cut", "same_day", "equal_change", "phase_by_change"}},
		{name: "undone", count: 100, menu: beside("cancel", "undo_cancel", "undo_cancel", "undo_cancel", "undo_change"), about: []string{"undone"}, allow: []string{"known_cut"}},
		{name: "format", count: 350, menu: any, all: true},
		{name: "all", count: 500, menu: wide, all: true},
	}
}

// fits reports whether a story is one of the class.
func (c class) fits(features []string) bool {
	about := func(f string) bool { return slices.Contains(c.about, f) }
	if c.all {
		return true
	}
	if len(c.about) > 0 && !slices.ContainsFunc(features, about) {
		return false
	}
	return !slices.ContainsFunc(suspected(features), func(f string) bool { return !about(f) && !slices.Contains(c.allow, f) })
}

// draw tells the story of a seed, if it is one of the class and bills three lines or
// more.
func (c class) draw(seed uint64) (told, bool) {
	p := c.menu.tale(seeded{rand.NewPCG(seed, uint64(len(c.name)))})
	features := p.features()
	if !c.fits(features) {
		return told{}, false
	}
	all, checkpoint, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until), p.s.options()...)
	lines := 0
	for _, inv := range all {
		lines += len(inv.Lines)
	}
	if err != nil || lines < 3 {
		return told{}, false
	}
	return told{id: fmt.Sprintf("%s/%d", c.name, seed), features: features, tale: p.s, bills: p.s.write(all, checkpoint)}, true
}

// drawn are the stories of the class, by the first seeds that tell one.
func (c class) drawn() []told {
	var all []told
	for seed := uint64(1); len(all) < c.count; seed++ {
		if seed > 100_000 {
			panic("no stories of the class " + c.name)
		}
		if t, ok := c.draw(seed); ok {
			all = append(all, t)
		}
	}
	return all
}
