package cases

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
)

// Scenario is a subscription's story: what is sold, what happens, and what must
// follow. Once read, every choice that the story leaves out holds its default.
type Scenario struct {
	Header
	Plans        []Plan       `json:"plans"`
	AddOns       []AddOn      `json:"add_ons"`
	Subscription Subscription `json:"subscription"`
	Policy       Policy       `json:"policy"`
	Actions      []Action     `json:"actions"` // in order
	Until        Moment       `json:"until"`   // the engine runs up to and including this instant
	Expect       Expectation  `json:"expect"`
}

// Plan is a plan of a story.
type Plan struct {
	ID      string   `json:"id"`
	Every   Every    `json:"every"`
	Charges []Charge `json:"charges"`
	Trial   *Trial   `json:"trial"`
	Cycles  int      `json:"cycles"` // 0: without end
	AtEnd   string   `json:"at_end"` // of the cycles: cancel (default) or renew
	Phases  []Phase  `json:"phases"` // in order, then Charges without end

	Term     *Term    `json:"term"`
	Increase *Raise   `json:"increase"` // of prices
	Features Features `json:"features"`
	Metrics  []Metric `json:"metrics"`
	Minimum  *Minimum `json:"minimum"` // of every period, or of several together

	Commitment *Minimum `json:"commitment"` // a minimum over a term

	Thresholds *Thresholds `json:"thresholds"`
	SpendCap   *SpendCap   `json:"spend_cap"`
}

// AddOn is an add-on of a story.
type AddOn struct {
	ID      string   `json:"id"`
	Charges []Charge `json:"charges"`
	Plans   []string `json:"plans"` // none: all
	Trial   string   `json:"trial"` // wait (default): it is billed from the end of the trial

	Single      bool             `json:"single"` // it may be attached once at a time
	MinQuantity *decimal.Decimal `json:"min_quantity"`
	MaxQuantity *decimal.Decimal `json:"max_quantity"`
}

// Phase is a phase of a plan: a number of cycles, or a length.
type Phase struct {
	Every   Every    `json:"every"`
	Charges []Charge `json:"charges"`
	Cycles  int      `json:"cycles"` // 0: Length
	Length  Every    `json:"length"`
}

// Charge is a charge of a plan. Its quantity is that of its usage, else its own,
// else the subscription's.
type Charge struct {
	ID       string           `json:"id"`
	Price    Price            `json:"price"`
	Timing   plan.Timing      `json:"timing"` // advance (default); arrears for usage
	Quantity *decimal.Decimal `json:"quantity"`
	Usage    string           `json:"usage"` // the name of the usage it rates, "" for none
	Once     bool             `json:"once"`  // due once, at the first billing
	Every    Every            `json:"every"` // zero: the plan's

	CountOver  Every `json:"count_over"`  // a term over which usage counts on; zero: each period by itself
	PriceEvery Every `json:"price_every"` // what the price is for; zero: what the charge bills by
}

// Trial is the trial of a plan: a length, or an end.
type Trial struct {
	Length calendar.Interval // zero: Until
	Until  Moment
}

// Subscription is what the story starts with.
type Subscription struct {
	Plan        string           `json:"plan"` // the id of one of the plans
	Start       Moment           `json:"start"`
	Quantity    decimal.Decimal  `json:"quantity"`     // 1 if omitted
	Anchor      Moment           `json:"anchor"`       // zero: the trial's end, else the start
	FirstPeriod plan.FirstPeriod `json:"first_period"` // prorate (default), full or free
	AutoRenew   bool             `json:"auto_renew"`   // true if omitted
	Minimum     *Minimum         `json:"minimum"`      // instead of the plan's; of 0 for none
}

// Policy is the billing choices of the story.
type Policy struct {
	Basis        calendar.Basis     `json:"basis"`         // day if omitted
	ChangeDay    calendar.ChangeDay `json:"change_day"`    // new if omitted
	CreditBasis  plan.CreditBasis   `json:"credit_basis"`  // billed (default) or list
	MonthEnd     calendar.MonthEnd  `json:"month_end"`     // clamp if omitted
	Negative     plan.Negative      `json:"negative"`      // carry (default) or refund
	ZeroInvoices plan.ZeroInvoices  `json:"zero_invoices"` // omit (default) or emit
	UsageBounds  plan.UsageBounds   `json:"usage_bounds"`  // share (default) or whole
	UsageCount   plan.UsageCount    `json:"usage_count"`   // per_price (default) or across
	FirstInvoice plan.FirstInvoice  `json:"first_invoice"` // apart (default), with_period or next

	ChangeAddOns plan.AddOnChange `json:"change_add_ons"` // keep (default), drop or refuse
	ChangePrices plan.PriceChange `json:"change_prices"`  // drop (default), keep or scale
	PeriodEnd    plan.PeriodEnd   `json:"period_end"`     // plan (default), shortest or longest
}

func (c *Scenario) settle(n strict.Node) []strict.Fault {
	return append(append(c.Header.settle(n), missing(n, "expect")...), c.settleStory(n)...)
}

// settleStory settles all but the header and what is expected.
func (c *Scenario) settleStory(n strict.Node) []strict.Fault {
	faults := missing(n, "plans", "subscription", "until")
	if !has(n, "policy") {
		c.Policy.defaults()
	}
	faults = append(faults, names(n)...)
	faults = append(faults, c.readings(n)...)
	return append(faults, c.sets(n)...)
}

// names reports plans and add-ons that are named alike, and what is named but is
// nowhere in the story. It reads the document itself, so that one fault does
// not hide another.
func names(n strict.Node) []strict.Fault {
	var faults []strict.Fault
	plans, metrics := map[string]bool{}, map[string]bool{}
	rated := func(holder strict.Node) {
		charges, _ := holder.Field("charges")
		for _, charge := range charges.Elems() {
			metrics[text(charge, "usage")] = true
		}
	}
	grants := map[string]bool{}
	addOns, chargesOf := map[string]bool{}, map[string]int{}
	list, _ := n.Field("add_ons")
	for _, addOn := range list.Elems() {
		id := text(addOn, "id")
		if id != "" && addOns[id] {
			faults = append(faults, below(addOn, "id", fmt.Errorf("another add-on is named %q", id)))
		}
		rated(addOn)
		charges, _ := addOn.Field("charges")
		addOns[id], chargesOf[id] = true, len(charges.Elems())
	}
	list, _ = n.Field("plans")
	for _, p := range list.Elems() {
		id := text(p, "id")
		if id != "" && plans[id] {
			faults = append(faults, below(p, "id", fmt.Errorf("another plan is named %q", id)))
		}
		plans[id] = true
		phases, _ := p.Field("phases")
		rated(p)
		for _, phase := range phases.Elems() {
			rated(phase)
		}
	}
	known := func(n strict.Node, name string, names map[string]bool, message string) {
		if word := text(n, name); word != "" && !names[word] {
			faults = append(faults, below(n, name, fmt.Errorf(message, word)))
		}
	}
	sub, _ := n.Field("subscription")
	known(sub, "plan", plans, "no plan is named %q")
	list, _ = n.Field("actions")
	for _, action := range list.Elems() {
		switch text(action, "do") {
		case "change_plan":
			known(action, "to", plans, "no plan is named %q")
		case "attach":
			known(action, "add_on", addOns, "no add-on is named %q")
			if id := text(action, "add_on"); has(action, "price") && addOns[id] && chargesOf[id] != 1 {
				faults = append(faults, below(action, "price", fmt.Errorf("must be of the one charge of the add-on: %q has %d", id, chargesOf[id])))
			}
		case "grant":
			grants[text(action, "id")] = true
		case "revoke_grant":
			known(action, "id", grants, "no grant before is named %q")
		case "usage":
			known(action, "of", metrics, "no charge rates the usage %q")
		}
	}
	expect, _ := n.Field("expect")
	left, _ := expect.Field("grants")
	for _, id := range left.Names() {
		if grant, _ := left.Field(id); !grants[id] {
			faults = append(faults, grant.Fault(fmt.Errorf("no grant is named %q", id)))
		}
	}
	return faults
}

// The decoders below read the fields of a type by its tags and then do what tags
// cannot say. The local types have the fields without the method.

// DecodeStrict reads a plan.
func (p *Plan) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Plan
	faults := n.Decode((*fields)(p))
	faults = append(faults, missing(n, "id", "every", "charges")...)
	faults = append(faults, positive(n, "cycles", p.Cycles)...)
	if p.Commitment != nil && len(faults) == 0 {
		faults = append(faults, p.commitment(n)...)
	}
	return append(faults, word(n, "at_end", &p.AtEnd, "cancel", "cancel", "renew")...)
}

// DecodeStrict reads an add-on.
func (a *AddOn) DecodeStrict(n strict.Node) []strict.Fault {
	type fields AddOn
	faults := append(n.Decode((*fields)(a)), missing(n, "id", "charges")...)
	return append(faults, word(n, "trial", &a.Trial, "wait", "wait", "bill")...)
}

// DecodeStrict reads a phase.
func (p *Phase) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Phase
	faults := n.Decode((*fields)(p))
	faults = append(faults, missing(n, "every", "charges")...)
	faults = append(faults, positive(n, "cycles", p.Cycles)...)
	return append(faults, exactlyOne(n, "cycles", "length")...)
}

// DecodeStrict reads a charge.
func (c *Charge) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Charge
	faults := append(n.Decode((*fields)(c)), missing(n, "id", "price")...)
	switch {
	case has(n, "timing"):
	case c.Usage != "":
		c.Timing = plan.Arrears
	default:
		c.Timing = plan.Advance
	}
	if has(n, "usage") && has(n, "quantity") {
		faults = append(faults, n.Faultf(fault.Unusable, "must not have both usage and quantity"))
	}
	return faults
}

// DecodeStrict reads a trial: a count and a unit, or until.
func (t *Trial) DecodeStrict(n strict.Node) []strict.Fault {
	if !has(n, "until") {
		var length Every
		faults := length.DecodeStrict(n)
		t.Length = length.Interval
		return faults
	}
	var form struct {
		Until Moment `json:"until"`
	}
	faults := n.Decode(&form)
	t.Until = form.Until
	return faults
}

// DecodeStrict reads a subscription.
func (s *Subscription) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Subscription
	faults := append(n.Decode((*fields)(s)), missing(n, "plan", "start")...)
	if !has(n, "quantity") {
		s.Quantity = decimal.NewFromInt(1)
	}
	if !has(n, "auto_renew") {
		s.AutoRenew = true
	}
	return append(faults, word(n, "first_period", &s.FirstPeriod, plan.FirstProrate, plan.Words[plan.FirstPeriod]()...)...)
}

// DecodeStrict reads a policy.
func (p *Policy) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Policy
	faults := n.Decode((*fields)(p))
	if len(faults) == 0 {
		p.defaults()
	}
	return faults
}

// defaults fills in what the story leaves out.
func (p *Policy) defaults() {
	set(&p.Basis, calendar.ByDay)
	set(&p.ChangeDay, calendar.NewSide)
	set(&p.CreditBasis, plan.CreditBilled)
	set(&p.MonthEnd, calendar.Clamp)
	set(&p.Negative, plan.CarryNegative)
	set(&p.ZeroInvoices, plan.OmitZeroInvoices)
	set(&p.UsageBounds, plan.BoundsShare)
	set(&p.UsageCount, plan.CountPerPrice)
	set(&p.ChangeAddOns, plan.KeepAddOns)
	set(&p.ChangePrices, plan.DropPrices)
	set(&p.PeriodEnd, plan.PlanPeriodEnd)
	set(&p.FirstInvoice, plan.FirstApart)
}

func set[T ~string](field *T, fallback T) {
	if *field == "" {
		*field = fallback
	}
}

func (c *Scenario) run() answer {
	outcome, err := playScenario(*c)
	if err != nil {
		return refused(err, "the story to play to its end")
	}
	return c.judge(outcome)
}
