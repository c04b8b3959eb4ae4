package billing_test

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// played is a story told to the engine: the subscription after each action.
type played struct {
	addOns map[string]*plan.CompiledAddOn
	s      tale
	zone   calendar.Zone
	plans  map[string]*plan.Version
	sub    subscription.Subscription
	usage  billing.Usage
	past   []moment
}

// moment is the subscription from an instant on, until the next one.
type moment struct {
	at  time.Time
	sub subscription.Subscription
}

func enginePrice(p talePrice) plan.Price {
	num := func(s string) decimal.Decimal { return decimal.RequireFromString(naiveOr(s, "0")) }
	ptr := func(s string) *decimal.Decimal {
		if s == "" {
			return nil
		}
		d := num(s)
		return &d
	}
	bounds := plan.Bounds{Minimum: ptr(p.Minimum), Maximum: ptr(p.Maximum)}
	var tiers []plan.Tier
	var steps []plan.Step
	var rates []plan.PercentageTier
	for _, t := range p.Tiers {
		tiers = append(tiers, plan.Tier{UpTo: ptr(t.UpTo), UnitAmount: num(t.UnitAmount), FlatAmount: num(t.FlatAmount), PackageSize: num(t.PackageSize)})
		rates = append(rates, plan.PercentageTier{UpTo: ptr(t.UpTo), Rate: num(t.Rate), FlatAmount: num(t.FlatAmount)})
		steps = append(steps, plan.Step{UpTo: ptr(t.UpTo), Amount: num(t.Amount)})
	}
	switch p.Model {
	case "flat_fee":
		return plan.FlatFee{Amount: num(p.Amount), Bounds: bounds}
	case "per_unit":
		return plan.PerUnit{UnitAmount: num(p.UnitAmount), FreeUnits: num(p.FreeUnits), Bounds: bounds}
	case "package":
		return plan.Package{PackageSize: num(p.PackageSize), PackageAmount: num(p.PackageAmount), FreeUnits: num(p.FreeUnits), Bounds: bounds}
	case "tiered":
		return plan.Tiered{Tiers: tiers, FreeUnits: num(p.FreeUnits), Zero: plan.Zero(p.Zero), Bounds: bounds}
	case "volume":
		return plan.Volume{Tiers: tiers, FreeUnits: num(p.FreeUnits), Zero: plan.Zero(p.Zero), Bounds: bounds}
	case "percentage":
		return plan.Percentage{
			Rate: num(p.Rate), FixedAmount: num(p.FixedAmount), FreeEvents: num(p.FreeEvents), FreeAmount: num(p.FreeAmount),
			FreeBy: plan.FreeBy(p.FreeBy), EventMinimum: ptr(p.EventMinimum), EventMaximum: ptr(p.EventMaximum), Bounds: bounds,
		}
	case "graduated_percentage":
		return plan.GraduatedPercentage{Tiers: rates, FreeAmount: num(p.FreeAmount), Zero: plan.Zero(p.Zero), Bounds: bounds}
	case "stairstep":
		return plan.Stairstep{Steps: steps, Zero: plan.Zero(p.Zero), Bounds: bounds}
	case "matrix":
		m := plan.Matrix{Dimensions: p.Dimensions}
		for _, row := range p.Rows {
			m.Rows = append(m.Rows, plan.MatrixRow{Values: row.Values, Price: enginePrice(row.Price)})
		}
		if p.Default != nil {
			m.Default = enginePrice(*p.Default)
		}
		return m
	}
	panic("model " + p.Model)
}

func engineEvery(e taleEvery) calendar.Interval {
	i, err := calendar.Every(e.Count, calendar.Unit(e.Unit))
	if err != nil {
		panic(err)
	}
	return i
}

func engineCharges(all []taleCharge) []plan.Charge {
	var out []plan.Charge
	for _, c := range all {
		charge := plan.Charge{ID: c.ID, Price: enginePrice(c.Price), Timing: plan.Timing(c.timing()), Metric: c.Usage, Once: c.Once}
		if c.Every != nil {
			charge.Every = engineEvery(*c.Every)
		}
		if c.PriceEvery != nil {
			charge.PriceEvery = engineEvery(*c.PriceEvery)
		}
		if c.CountOver != nil {
			charge.CountOver = engineEvery(*c.CountOver)
		}
		if c.Quantity != "" {
			q := decimal.RequireFromString(c.Quantity)
			charge.Quantity = &q
		}
		out = append(out, charge)
	}
	return out
}

func (s tale) compile(p talePlan) (*plan.Version, error) {
	currency, err := money.ParseCurrency(naiveOr(s.Currency, "USD"))
	if err != nil {
		return nil, err
	}
	out := plan.Plan{
		ID: p.ID, Version: 1, Currency: currency, Every: engineEvery(p.Every), MonthEnd: calendar.MonthEnd(s.Policy.MonthEnd),
		Charges: engineCharges(p.Charges),
		Policy: plan.Policy{
			Basis: calendar.Basis(s.Policy.Basis), ChangeDay: calendar.ChangeDay(s.Policy.ChangeDay),
			CreditBasis: plan.CreditBasis(s.Policy.CreditBasis), Negative: plan.Negative(s.Policy.Negative),
			UsageBounds: plan.UsageBounds(s.Policy.UsageBounds), UsageCount: plan.UsageCount(s.Policy.UsageCount),
			ChangeAddOns: plan.AddOnChange(s.Policy.ChangeAddOns), ChangePrices: plan.PriceChange(s.Policy.ChangePrices),
			ZeroInvoices: plan.ZeroInvoices(s.Policy.Zero), Rounding: money.Rounding(s.Rounding), FirstPeriod: plan.FirstPeriod(s.Sub.FirstPeriod),
			FirstInvoice:  plan.FirstInvoice(s.Policy.FirstInvoice),
			DiscountSplit: plan.DiscountSplit(s.Policy.Split), TaxRounding: plan.TaxRounding(s.Tax),
		},
	}
	for i, phase := range p.Phases {
		next := plan.Phase{ID: fmt.Sprint("phase-", i+1), Every: engineEvery(phase.Every), Charges: engineCharges(phase.Charges), Cycles: phase.Cycles}
		if phase.Length != nil {
			next.Length = engineEvery(*phase.Length)
		}
		out.Phases = append(out.Phases, next)
	}
	if p.Trial != nil {
		out.Trial = &plan.Trial{Length: engineEvery(*p.Trial), AtEnd: plan.TrialEnd(p.TrialEnd)}
	}
	if p.Cycles > 0 {
		out.Length = &plan.Length{Cycles: p.Cycles}
	}
	if p.Length != nil {
		out.Length = &plan.Length{Interval: engineEvery(*p.Length), From: plan.LengthFrom(p.LengthFrom), LastPeriod: plan.LastPeriod(p.LastPeriod)}
	}
	if out.Length != nil {
		out.Length.AtEnd = plan.Close
		if p.AtEnd == "renew" {
			out.Length.AtEnd = plan.Roll
		}
	}
	if p.Minimum != nil {
		out.Minimum = p.Minimum.engine(currency)
	}
	if p.SpendCap != nil {
		out.SpendCap = p.SpendCap.engine(currency)
	}
	if p.Increase != nil {
		out.Increase = p.Increase.engine()
	}
	if p.Pack != "" {
		price := decimal.RequireFromString(p.Pack)
		out.CreditPacks = append(out.CreditPacks, plan.CreditPack{ID: "pack", Credits: 100, Price: &price})
	}
	if t := p.Thresholds; t != nil {
		for _, amount := range t.Amounts {
			out.Thresholds.Amounts = append(out.Thresholds.Amounts, decimal.RequireFromString(amount))
		}
		out.Thresholds.Recurring = decimal.RequireFromString(naiveOr(t.Recurring, "0"))
		out.Thresholds.Over = plan.ThresholdSpan(t.Over)
		out.Thresholds.Volume = plan.InterimVolume(t.Volume)
	}
	for of, how := range s.Aggregations {
		words := append(strings.Split(how, " "), "", "")
		out.Metrics = append(out.Metrics, plan.Metric{ID: of, Aggregation: plan.Aggregation(words[0]), Records: plan.Reading(words[1]), Carry: words[2] == "carried"})
	}
	sort.Slice(out.Metrics, func(i, j int) bool { return out.Metrics[i].ID < out.Metrics[j].ID })
	return plan.Compile(out)
}

func play(s tale) (*played, error) {
	p := &played{s: s, zone: calendar.MustLoadZone(naiveOr(s.Zone, "UTC")), plans: map[string]*plan.Version{}}
	for _, def := range s.Plans {
		v, err := s.compile(def)
		if err != nil {
			return nil, err
		}
		p.plans[def.ID] = v
	}
	if err := p.compileAddOns(); err != nil {
		return nil, err
	}
	q := decimal.RequireFromString(naiveOr(s.Sub.Quantity, "1"))
	params := subscription.Params{
		ID: "story", Plan: p.plans[s.Sub.Plan], At: s.instant(s.Sub.Start), Start: s.instant(s.Sub.Start), Zone: p.zone,
		Quantity: &q, NoRenewal: s.Sub.AutoRenew != nil && !*s.Sub.AutoRenew, Anchor: s.instant(s.Sub.Anchor), EndDate: s.instant(s.Sub.EndDate),
	}
	if s.Sub.Agreed != "" {
		params.At = s.instant(s.Sub.Agreed)
	}
	if len(s.Actions) > 0 && s.instant(s.Actions[0].At).Before(params.At) {
		params.At = s.instant(s.Actions[0].At)
	}
	var err error
	if p.sub, err = subscription.New(params); err != nil {
		return nil, err
	}
	p.past = append(p.past, moment{params.At, p.sub})
	for i, a := range s.Actions {
		if p.sub, err = p.do(a); err != nil {
			return nil, fmt.Errorf("actions[%d]: %w", i, err)
		}
		p.past = append(p.past, moment{s.instant(a.At), p.sub})
	}
	return p, nil
}

func (p *played) when(effective string) subscription.When {
	switch effective {
	case "", "now":
		return subscription.Immediately()
	case "period_end":
		return subscription.AtPeriodEnd()
	}
	return subscription.On(p.s.instant(effective))
}

func (p *played) money(amount string) money.Money {
	return money.MustParse(amount + " " + naiveOr(p.s.Currency, "USD"))
}

func (p *played) do(a taleAction) (subscription.Subscription, error) {
	s := p.s
	call := subscription.Call{At: s.instant(a.At), Actor: lifecycle.Operator, Replace: true}
	switch a.Do {
	case "change_plan", "change_quantity", "change_price", "attach", "detach":
		call.Policy = plan.Policy{
			ChangeCredit: plan.UnusedCredit(naiveOr(a.Credit, "prorate")), ChargeNew: plan.ChargeNew(naiveOr(a.ChargeNew, "prorate")),
			Collect: plan.Collect(naiveOr(a.Collect, "now")), ChangeAnchor: plan.Anchor(naiveOr(a.Anchor, "keep")),
		}
		switch {
		case a.Do == "attach" || a.Do == "detach" || a.Attachment != "":
			return p.doAddOn(call, a)
		case a.Do == "change_price":
			return p.sub.ChangePrice(call, p.when(a.Effective), a.Charge, enginePrice(*a.Price))
		case a.Do == "change_quantity":
			return p.sub.ChangeQuantity(call, p.when(a.Effective), a.Charge, decimal.RequireFromString(a.Quantity))
		case a.Quantity != "":
			return p.sub.ChangePlanAndQuantity(call, p.when(a.Effective), p.plans[a.To], decimal.RequireFromString(a.Quantity))
		}
		return p.sub.ChangePlan(call, p.when(a.Effective), p.plans[a.To])
	case "cancel":
		call.Policy.CancelCredit = plan.UnusedCredit(naiveOr(a.Credit, "none"))
		return p.sub.Cancel(call, p.when(a.Effective))
	case "undo_cancel":
		return p.sub.UndoCancel(call)
	case "pause":
		call.Policy.PauseCredit = plan.UnusedCredit(naiveOr(a.Credit, "none"))
		return p.sub.Pause(call, p.when(a.Effective), subscription.Pause{Cycles: a.Cycles, Until: s.instant(a.ResumeAt)})
	case "resume":
		call.Policy.ResumeAnchor = plan.Anchor(naiveOr(a.Anchor, "keep"))
		return p.sub.Resume(call, p.when(a.Effective))
	case "reactivate":
		return p.sub.Reactivate(call, subscription.Reactivation{TrialEnd: s.instant(a.To)})
	case "end_trial":
		return p.sub.EndTrial(call)
	case "extend_trial":
		return p.sub.ExtendTrial(call, s.instant(a.To))
	case "set_anchor":
		call.Policy = plan.Policy{ChangeCredit: plan.CreditProrate, ChargeNew: plan.ChargeProrate, Collect: plan.CollectNow}
		if a.Proration == "none" {
			call.Policy.ChangeCredit, call.Policy.ChargeNew = plan.CreditNone, plan.ChargeNone
		}
		return p.sub.SetAnchor(call, s.instant(a.Anchor))
	case "set_next_billing":
		call.Policy = plan.Policy{ChangeCredit: plan.CreditProrate, ChargeNew: plan.ChargeProrate, Collect: plan.CollectNow}
		return p.sub.SetNextBilling(call, s.instant(a.To), subscription.Difference(a.Difference))
	case "suspend":
		return p.sub.Suspend(call)
	case "restore":
		return p.sub.Restore(call)
	case "discount":
		d := plan.Discount{ID: "discount", Duration: plan.Duration(a.Duration), Cycles: a.Cycles}
		if a.For != nil {
			d.Duration, d.For = plan.ForTime, engineEvery(*a.For)
		}
		if a.Charge != "" {
			d.Charges = []string{a.Charge}
		} else {
			d.Charges = a.Charges
		}
		for _, kind := range a.Kinds {
			d.Kinds = append(d.Kinds, plan.DiscountedKind(kind))
		}
		if a.Percent != "" {
			percent := decimal.RequireFromString(a.Percent)
			d.Percent = &percent
		} else {
			amount := p.money(a.Amount)
			d.Amount = &amount
		}
		return p.sub.AddDiscount(call, d)
	case "one_off":
		return p.sub.AddOneOff(call, subscription.OneOff{ID: "one_off", Amount: p.money(a.Amount), Collect: plan.Collect(naiveOr(a.Collect, "next_invoice"))})
	case "account_credit":
		return p.sub.AddAccountCredit(call, p.money(a.Amount))
	case "usage":
		p.usage = append(p.usage, billing.Record{Metric: a.Of, At: call.At, Quantity: decimal.RequireFromString(a.Quantity), Key: a.Key, Properties: a.Properties})
		return p.sub, nil
	}
	return p.doMore(call, a)
}

// doMore does what the format has no words for.
func (p *played) doMore(call subscription.Call, a taleAction) (subscription.Subscription, error) {
	switch a.Do {
	case "hold":
		call.Policy.PauseCredit = plan.UnusedCredit(a.Credit)
		return p.sub.Hold(call)
	case "release":
		return p.sub.Release(call)
	case "start_now":
		return p.sub.StartNow(call)
	case "set_end_date":
		return p.sub.SetEndDate(call, p.s.instant(a.To))
	case "auto_renewal":
		return p.sub.SetAutoRenewal(call, a.To == "on")
	case "undo_pause":
		return p.sub.UndoPause(call)
	case "undo_resume":
		return p.sub.UndoResume(call)
	case "undo_change":
		return p.sub.UndoChange(call)
	case "credit_pack":
		return p.sub.AddCreditPack(call, "pack")
	}
	return p.sub, fmt.Errorf("no action %q", a.Do)
}

// at answers the subscription as it was known at t, all actions of t done.
func (p *played) at(t time.Time) subscription.Subscription {
	sub := p.past[0].sub
	for _, m := range p.past {
		if !m.at.After(t) {
			sub = m.sub
		}
	}
	return sub
}

// used answers the usage that was recorded at t or before.
func (p *played) used(t time.Time) billing.Usage {
	var all billing.Usage
	for _, r := range p.usage {
		if !r.At.After(t) {
			all = append(all, r)
		}
	}
	return all
}

// show writes what the stories' format compares of invoices, lines as a multiset.
func showEngine(all []billing.Invoice) string {
	var out strings.Builder
	for _, inv := range all {
		var lines []string
		for _, l := range inv.Lines {
			lines = append(lines, showLine(l.From, l.To, l.Amount.Minor()))
		}
		sort.Strings(lines)
		fmt.Fprintf(&out, "%s total %d applied %d due %d\n  %s\n", inv.At.Format(time.RFC3339), inv.Total.Minor(),
			inv.CreditApplied.Minor(), inv.AmountDue.Minor(), strings.Join(lines, "\n  "))
	}
	return out.String()
}

func showLine(from, to time.Time, amount int64) string {
	if to.IsZero() {
		return fmt.Sprintf("%s %d", from.Format(time.RFC3339), amount)
	}
	return fmt.Sprintf("%s %s %d", from.Format(time.RFC3339), to.Format(time.RFC3339), amount)
}

func showNaive(all []naiveInvoice) string {
	var out strings.Builder
	for _, inv := range all {
		var lines []string
		for _, l := range inv.lines {
			lines = append(lines, showLine(l.from, l.to, l.amount))
		}
		sort.Strings(lines)
		fmt.Fprintf(&out, "%s total %d applied %d due %d\n  %s\n", inv.at.Format(time.RFC3339), inv.total, inv.applied, inv.due, strings.Join(lines, "\n  "))
	}
	return out.String()
}
