package billing_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

type taleAddOn struct {
	ID      string       `json:"id"`
	Charges []taleCharge `json:"charges"`
	Plans   []string     `json:"plans,omitempty"`
}

func (s tale) addOn(id string) *taleAddOn {
	for i := range s.AddOns {
		if s.AddOns[i].ID == id {
			return &s.AddOns[i]
		}
	}
	panic("no add-on " + id)
}

func (a *taleAddOn) fits(p *talePlan) bool {
	return len(a.Plans) == 0 || slices.Contains(a.Plans, p.ID)
}

// naiveAttached is an add-on that is attached, with the numbers of the periods in which it was
// billed.
type naiveAttached struct {
	id     string
	addOn  *taleAddOn
	cycles int
	lived  []int
}

// own are the charges of an attachment.
func (a naiveAttached) own() []taleCharge {
	all := slices.Clone(a.addOn.Charges)
	for i := range all {
		all[i].ID = a.id + "/" + all[i].ID
	}
	return all
}

func (n *naive) attachment(id string) int {
	return slices.IndexFunc(n.attached, func(a naiveAttached) bool { return a.id == id })
}

// holder is the attachment of a charge, -1 for a charge of the plan.
func (n *naive) holder(charge string) int {
	id, _, ok := strings.Cut(charge, "/")
	if !ok {
		return -1
	}
	return n.attachment(id)
}

// attach puts what an action says of add-ons in force.
func (n *naive) attach(a taleAction) {
	switch {
	case a.Do == "attach":
		it := naiveAttached{id: a.ID, addOn: n.s.addOn(a.AddOn), cycles: a.Cycles}
		n.attached = append(slices.Clone(n.attached), it)
		slices.SortFunc(n.attached, func(a, b naiveAttached) int { return strings.Compare(a.id, b.id) })
		n.units(a.ID, a.Quantity)
		if a.Price != nil {
			n.prices[it.own()[0].ID] = *a.Price
		}
	case a.Do == "detach":
		n.detach(func(at naiveAttached) bool { return at.id == a.ID })
	default:
		n.units(a.Attachment, a.Quantity)
	}
}

func (n *naive) units(id, quantity string) {
	i := n.attachment(id)
	if i < 0 && n.odd { // a change to the plan that runs has dropped it here
		return
	}
	for _, c := range n.attached[i].own() {
		if c.Usage == "" && c.Quantity == "" {
			n.quantities[c.ID] = naiveRat(quantity, "1")
		}
	}
}

func (n *naive) detach(these func(naiveAttached) bool) {
	for _, a := range n.attached {
		if these(a) {
			for _, c := range a.own() {
				delete(n.quantities, c.ID)
				delete(n.prices, c.ID)
				// An attachment does not come back: what no change has credited by now is forfeited.
				n.paid = slices.DeleteFunc(slices.Clone(n.paid), func(p *naivePaid) bool { return p.id == c.ID })
			}
		}
	}
	n.attached = slices.DeleteFunc(slices.Clone(n.attached), these)
}

// leftBehind tells whether a change of plan detaches an attachment.
func (n *naive) leftBehind(to *talePlan) func(naiveAttached) bool {
	return func(a naiveAttached) bool { return n.s.Policy.ChangeAddOns == "drop" || !a.addOn.fits(to) }
}

// first is the step of a plan as it begins.
func (p *talePlan) first() taleEvery {
	if len(p.Phases) > 0 {
		return p.Phases[0].Every
	}
	return p.Every
}

// touches tells whether a change ends a charge of an add-on.
func (n *naive) touches(a taleAction, charge string) bool {
	c, ok := n.find(charge)
	if !ok {
		return false
	}
	at := n.attached[n.holder(charge)]
	switch {
	case a.Anchor == "reset":
		return true
	case a.Do == "change_plan":
		to := n.s.plan(a.To)
		return n.leftBehind(to)(at) || to.first() != n.every()
	case a.Do == "detach":
		return a.ID == at.id
	case a.Do == "change_price":
		return a.Charge == charge
	}
	return a.Do == "change_quantity" && a.Attachment == at.id && c.Usage == "" && c.Quantity == "" && n.price(c).Model != "flat_fee" &&
		n.of(c).Cmp(naiveRat(a.Quantity, "1")) != 0
}

// phased tells which charges the next phase ends: of those of add-ons none, but by another step.
func (n *naive) phased(id string) bool {
	if n.holder(id) < 0 {
		return true
	}
	next := n.plan.Every
	if n.stage+1 < len(n.plan.Phases) {
		next = n.plan.Phases[n.stage+1].Every
	}
	return next != n.every()
}

// outlive counts the period that is charged for, and detaches what has had all of its own.
func (n *naive) outlive() {
	for i := range n.attached {
		if a := &n.attached[i]; a.cycles > 0 && !slices.Contains(a.lived, n.number) {
			a.lived = append(slices.Clone(a.lived), n.number)
		}
	}
	n.detach(func(a naiveAttached) bool { return a.cycles > 0 && len(a.lived) > a.cycles })
}

// onceKey names a charge that is due once: for a plan, and for an attachment.
func (n *naive) onceKey(charge string) string {
	if n.holder(charge) >= 0 {
		return charge
	}
	return n.plan.ID + "/" + charge
}

// gone reports that a change of what is attached finds nothing, or no place.
func (n *naive) gone(a taleAction) bool {
	switch {
	case a.Do == "attach":
		return !n.s.addOn(a.AddOn).fits(n.plan)
	case a.Do == "detach":
		return n.attachment(a.ID) < 0
	}
	return a.Attachment != "" && n.attachment(a.Attachment) < 0
}

// compileAddOns compiles the add-ons of a tale.
func (p *played) compileAddOns() error {
	p.addOns = map[string]*plan.CompiledAddOn{}
	for _, a := range p.s.AddOns {
		currency, err := money.ParseCurrency(naiveOr(p.s.Currency, "USD"))
		if err != nil {
			return err
		}
		def := plan.AddOn{ID: a.ID, Version: 1, Currency: currency, Plans: a.Plans, Repeatable: true}
		def.Charges = engineCharges(a.Charges)
		compiled, err := plan.CompileAddOn(def)
		if err != nil {
			return err
		}
		p.addOns[a.ID] = compiled
	}
	return nil
}

// doAddOn does what an action says of add-ons.
func (p *played) doAddOn(call subscription.Call, a taleAction) (subscription.Subscription, error) {
	switch a.Do {
	case "attach":
		it := subscription.Attachment{ID: a.ID, AddOn: p.addOns[a.AddOn], Cycles: a.Cycles}
		q := decimal.RequireFromString(naiveOr(a.Quantity, "1"))
		it.Quantity = &q
		if a.Price != nil {
			it.Prices = map[string]plan.Price{p.s.addOn(a.AddOn).Charges[0].ID: enginePrice(*a.Price)}
		}
		return p.sub.Attach(call, p.when(a.Effective), it)
	case "detach":
		return p.sub.Detach(call, p.when(a.Effective), a.ID)
	}
	return p.sub.ChangeAddOnQuantity(call, p.when(a.Effective), a.Attachment, decimal.RequireFromString(a.Quantity))
}

// selling is the menu of stories that are about add-ons.
func selling() menu {
	m := everything
	m.selling, m.usage = true, false
	m.do = []string{
		"attach", "attach", "attach", "detach", "detach", "units", "units", "change_quantity", "change_plan", "change_price", "cancel", "pause", "resume", "resume",
		"reactivate", "undo_cancel", "discount", "one_off", "end_trial", "extend_trial",
	}
	return m
}

// sold draws what is sold beside the plans.
func (m menu) sold(d draws, s *tale) {
	if !m.selling {
		return
	}
	for _, id := range []string{"x", "y"} {
		a := taleAddOn{ID: id, Charges: []taleCharge{{ID: "fee", Price: m.randomPrice(d), Timing: pick(d, "timing of an add-on", "advance", "advance", "arrears")}}}
		if id == "y" {
			a.Plans = pick(d, "plans of an add-on", nil, []string{"p"})
		}
		s.AddOns = append(s.AddOns, a)
	}
	s.Policy.ChangeAddOns = pick(d, "change add-ons", "", "", "drop")
}

// ofAddOns draws the rest of an action that is about add-ons.
func (m menu) ofAddOns(d draws, p *played, a *taleAction) {
	var ids []string
	for _, b := range p.s.Actions {
		if b.Do == "attach" {
			ids = append(ids, b.ID)
		}
	}
	if a.Do != "attach" && len(ids) == 0 {
		a.Do = "attach"
	}
	switch a.Do {
	case "attach":
		a.ID, a.AddOn, a.Quantity = "a"+strconv.Itoa(len(p.s.Actions)), pick(d, "add-on", "x", "y"), strconv.Itoa(d.between("units", 0, 9))
		if chance(d, "attached for cycles", 3) {
			a.Cycles = d.between("cycles attached", 1, 3)
		}
		if chance(d, "own price", 4) {
			price := m.randomPrice(d)
			a.Price = &price
		}
	case "detach":
		a.ID = pick(d, "attachment", ids...)
	case "units":
		a.Do, a.Attachment, a.Quantity = "change_quantity", pick(d, "attachment", ids...), strconv.Itoa(d.between("to units", 0, 9))
	}
}

func TestANaiveEngineBillsAddOnsTheSame(t *testing.T) {
	t.Parallel()
	attached := 0
	property := func(t *rapid.T) {
		p := selling().tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		for _, inv := range all {
			for _, l := range inv.Lines {
				if strings.Contains(l.Charge, "/") {
					attached++
				}
			}
		}
	}
	covering(t, 1, property, func() bool { return attached > 0 })
}
