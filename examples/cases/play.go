package cases

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// playScenario plays a story on the engine, up to and including its Until. It
// answers the questions of the expectation, Statuses and NextBilling, in their
// order; all else of the expectation is not its business. An error is the
// engine's refusal, and the case has failed.
func playScenario(c Scenario) (Outcome, error) {
	s, err := c.playTo("story")
	if err != nil {
		return Outcome{}, err
	}
	return s.outcome()
}

// playTo does all actions to a subscription of this id.
func (c *Scenario) playTo(id subscription.ID) (*playing, error) {
	s, faults := c.begin(id)
	if len(faults) > 0 {
		return nil, errors.New(reason(faults))
	}
	for i := 0; i < len(c.Actions); i += c.together(i) {
		if _, err := s.act(c.Actions[i : i+c.together(i)]); err != nil {
			var errs []error
			for _, refused := range refusals(i, err) {
				errs = append(errs, fmt.Errorf("actions[%d]: %w", refused.action, refused.err))
			}
			return nil, errors.Join(errs...)
		}
	}
	return s, nil
}

// playing is a scenario while it is played.
type playing struct {
	c        *Scenario
	versions map[string]*plan.Version
	addOns   map[string]*plan.CompiledAddOn
	sub      subscription.Subscription
	usage    billing.Usage
	past     []moment // the subscription after each call
}

// moment is the subscription from an instant on, until the next one.
type moment struct {
	at  time.Time
	sub subscription.Subscription
}

// begin makes the plans and the subscription, or returns what the engine finds
// wrong with them.
func (c *Scenario) begin(id subscription.ID) (*playing, []strict.Fault) {
	s := &playing{c: c, versions: map[string]*plan.Version{}, addOns: map[string]*plan.CompiledAddOn{}}
	var faults []strict.Fault
	for i, p := range c.Plans {
		v, err := plan.Compile(c.plan(p))
		faults = append(faults, located(fmt.Sprintf("plans[%d]", i), err)...)
		s.versions[p.ID] = v
	}
	for i, a := range c.AddOns {
		compiled, err := plan.CompileAddOn(plan.AddOn{
			ID: a.ID, Version: 1, Currency: c.Currency, Charges: charges(a.Charges), Plans: a.Plans,
			MinQuantity: a.MinQuantity, MaxQuantity: a.MaxQuantity, Repeatable: !a.Single,
		})
		faults = append(faults, located(fmt.Sprintf("add_ons[%d]", i), err)...)
		s.addOns[a.ID] = compiled
	}
	if len(faults) > 0 {
		return nil, faults
	}
	start := c.Subscription.Start.In(c.Zone)
	params := subscription.Params{
		ID: id, Plan: s.versions[c.Subscription.Plan], At: start, Start: start, Zone: c.Zone,
		Quantity: &c.Subscription.Quantity, NoRenewal: !c.Subscription.AutoRenew, Minimum: c.Subscription.Minimum.definition(c.Currency),
	}
	if !c.Subscription.Anchor.IsZero() {
		params.Anchor = c.Subscription.Anchor.In(c.Zone)
	}
	// An action before the start is done to a subscription that waits for it, and a
	// question before it asked of one.
	early := func(m Moment) {
		if at := m.In(c.Zone); at.Before(params.At) {
			params.At = at
		}
	}
	for _, action := range c.Actions {
		early(action.At)
	}
	for _, question := range c.Expect.Statuses {
		early(question.At)
	}
	for _, question := range c.Expect.NextBilling {
		early(question.At)
	}
	for _, question := range c.Expect.Allowances {
		early(question.At)
	}
	for _, question := range c.Expect.Terms {
		early(question.At)
	}
	for _, question := range c.Expect.MRR {
		early(question.At)
	}
	var err error
	if s.sub, err = subscription.New(params); err != nil {
		return nil, located("subscription", err)
	}
	s.past = append(s.past, moment{params.At, s.sub})
	return s, nil
}

// plan makes the engine's definition of a plan of the story.
func (c *Scenario) plan(p Plan) plan.Plan {
	out := plan.Plan{
		ID: p.ID, Version: 1, Currency: c.Currency, Every: p.Every.Interval, MonthEnd: c.Policy.MonthEnd,
		Charges: charges(p.Charges), Features: p.Features.Set, Metrics: metrics(p.Metrics), Minimum: p.Minimum.definition(c.Currency),
		Thresholds: p.Thresholds.thresholds(), SpendCap: p.SpendCap.definition(c.Currency),
		Policy: plan.Policy{
			Basis: c.Policy.Basis, ChangeDay: c.Policy.ChangeDay, CreditBasis: c.Policy.CreditBasis, Negative: c.Policy.Negative,
			ZeroInvoices: c.Policy.ZeroInvoices, Rounding: c.Rounding, FirstPeriod: c.Subscription.FirstPeriod,
			UsageBounds: c.Policy.UsageBounds, UsageCount: c.Policy.UsageCount, ChangeAddOns: c.Policy.ChangeAddOns, ChangePrices: c.Policy.ChangePrices,
			PeriodEnd: c.Policy.PeriodEnd, FirstInvoice: c.Policy.FirstInvoice,
		},
	}
	for i, phase := range p.Phases {
		out.Phases = append(out.Phases, plan.Phase{
			ID: fmt.Sprintf("phase-%d", i+1), Every: phase.Every.Interval, Charges: charges(phase.Charges),
			Cycles: phase.Cycles, Length: phase.Length.Interval,
		})
	}
	if p.Trial != nil {
		out.Trial = &plan.Trial{Length: p.Trial.Length}
		if !p.Trial.Until.IsZero() {
			out.Trial.Until = p.Trial.Until.In(c.Zone)
		}
	}
	out.Term = p.Term.term(c.Currency)
	out.Increase = p.Increase.increase()
	if p.Cycles > 0 {
		out.Length = &plan.Length{Cycles: p.Cycles, AtEnd: plan.Close}
		if p.AtEnd == "renew" {
			out.Length.AtEnd = plan.Roll
		}
	}
	return out
}

func charges(list []Charge) []plan.Charge {
	out := make([]plan.Charge, len(list))
	for i, charge := range list {
		out[i] = plan.Charge{
			ID: charge.ID, Price: charge.Price.Price, Timing: charge.Timing, Quantity: charge.Quantity,
			Metric: charge.Usage, Once: charge.Once, Every: charge.Every.Interval, CountOver: charge.CountOver.Interval, PriceEvery: charge.PriceEvery.Interval,
		}
	}
	return out
}

// verb does what an action asks for to a subscription.
func (s *playing) verb(sub subscription.Subscription, call subscription.Call, verb Verb) (subscription.Subscription, error) {
	switch v := verb.(type) {
	case *ChangePlan:
		call.Policy = v.policy()
		if v.Quantity != nil {
			return sub.ChangePlanAndQuantity(call, s.when(v.Effective), s.versions[v.To], *v.Quantity)
		}
		return sub.ChangePlan(call, s.when(v.Effective), s.versions[v.To])
	case *ChangeQuantity:
		call.Policy = v.policy()
		if v.Attachment != "" {
			return sub.ChangeAddOnQuantity(call, s.when(v.Effective), v.Attachment, v.Quantity)
		}
		return sub.ChangeQuantity(call, s.when(v.Effective), v.Charge, v.Quantity)
	case *ChangePrice:
		call.Policy = v.policy()
		return sub.ChangePrice(call, s.when(v.Effective), v.Charge, v.Price.Price)
	case *Attach:
		call.Policy = v.policy()
		a := subscription.Attachment{ID: v.ID, AddOn: s.addOns[v.AddOn], Quantity: v.Quantity, Cycles: v.Cycles}
		if v.Price != nil {
			a.Prices = map[string]plan.Price{}
			for _, charge := range a.AddOn.AddOn().Charges {
				a.Prices[charge.ID] = v.Price.Price
			}
		}
		return sub.Attach(call, s.when(v.Effective), a)
	case *Detach:
		call.Policy = v.policy()
		return sub.Detach(call, s.when(v.Effective), v.ID)
	case *Cancel:
		call.Policy.CancelCredit = v.Credit
		if v.EarlyEnd {
			return s.endEarly(sub, call)
		}
		return sub.Cancel(call, s.when(v.Effective))
	case *UndoCancel:
		return sub.UndoCancel(call)
	case *Pause:
		call.Policy.PauseCredit = v.Credit
		pause := subscription.Pause{Cycles: v.Cycles}
		if !v.ResumeAt.IsZero() {
			pause.Until = v.ResumeAt.In(s.c.Zone)
		}
		return sub.Pause(call, s.when(v.Effective), pause)
	case *Resume:
		call.Policy.ResumeAnchor = v.Anchor
		return sub.Resume(call, subscription.Immediately())
	case *Reactivate:
		return sub.Reactivate(call, subscription.Reactivation{})
	case *EndTrial:
		return sub.EndTrial(call)
	case *ExtendTrial:
		return sub.ExtendTrial(call, v.To.In(s.c.Zone))
	case *SetAnchor:
		call.Policy = plan.Policy{ChangeCredit: plan.CreditProrate, ChargeNew: plan.ChargeProrate, Collect: plan.CollectNow}
		if v.Proration == "none" {
			call.Policy.ChangeCredit, call.Policy.ChargeNew = plan.CreditNone, plan.ChargeNone
		}
		return sub.SetAnchor(call, v.Anchor.In(s.c.Zone))
	case *SetNextBilling:
		call.Policy = plan.Policy{ChangeCredit: plan.CreditProrate, ChargeNew: plan.ChargeProrate, Collect: plan.CollectNow}
		return sub.SetNextBilling(call, v.To.In(s.c.Zone), v.Difference)
	case *Suspend:
		return sub.Suspend(call)
	case *Restore:
		return sub.Restore(call)
	case *Discount:
		d := plan.Discount{ID: "discount", Percent: v.Percent, Duration: v.Duration, Cycles: v.Cycles, For: v.For.Interval, Charges: v.Charges, Kinds: v.Kinds}
		if v.Amount != nil {
			amount, err := money.Exact(*v.Amount, s.c.Currency)
			if err != nil {
				return sub, err
			}
			d.Amount = &amount
		}
		return sub.AddDiscount(call, d)
	case *OneOff:
		amount, err := money.Exact(v.Amount, s.c.Currency)
		if err != nil {
			return sub, err
		}
		return sub.AddOneOff(call, subscription.OneOff{ID: "one_off", Amount: amount, Collect: v.Collect})
	case *AccountCredit:
		amount, err := money.Exact(v.Amount, s.c.Currency)
		if err != nil {
			return sub, err
		}
		return sub.AddAccountCredit(call, amount)
	case *Usage:
		s.usage = append(s.usage, billing.Record{Metric: v.Of, At: call.At, Quantity: v.Quantity, Key: v.Key, Properties: v.Properties})
		return sub, nil
	case *Grant, *RevokeGrant:
		return sub, nil // of no subscription: see draw
	}
	return sub, fmt.Errorf("cases: no verb for %T", verb)
}

func (c Change) policy() plan.Policy {
	return plan.Policy{ChangeCredit: c.Credit, ChargeNew: c.ChargeNew, Collect: c.Collect, ChangeAnchor: c.Anchor}
}

func (s *playing) when(w When) subscription.When {
	switch {
	case w.PeriodEnd:
		return subscription.AtPeriodEnd()
	case !w.At.IsZero():
		return subscription.On(w.At.In(s.c.Zone))
	}
	return subscription.Immediately()
}

// at returns the subscription as it was known at t, all actions of t done.
func (s *playing) at(t time.Time) subscription.Subscription {
	sub := s.past[0].sub
	for _, m := range s.past {
		if !m.at.After(t) {
			sub = m.sub
		}
	}
	return sub
}

// used returns the usage that was recorded at t or before.
func (s *playing) used(t time.Time) billing.Usage {
	var all billing.Usage
	for _, r := range s.usage {
		if !r.At.After(t) {
			all = append(all, r)
		}
	}
	return all
}

func (s *playing) outcome() (Outcome, error) {
	bill := s.billed
	if s.c.grants() {
		bill = s.prepaid
	}
	out, err := bill(s.c.Until.In(s.c.Zone))
	if err != nil {
		return Outcome{}, err
	}
	for _, question := range s.c.Expect.Statuses {
		at := question.At.In(s.c.Zone)
		out.Statuses, out.Entitled = append(out.Statuses, s.sub.Status(at)), append(out.Entitled, s.sub.Entitled(at))
	}
	for _, question := range s.c.Expect.NextBilling {
		next, err := s.next(question.At.In(s.c.Zone))
		if err != nil {
			return Outcome{}, err
		}
		out.NextBilling = append(out.NextBilling, next)
	}
	for _, question := range s.c.Expect.Allowances {
		there, err := s.allowance(question.Feature, question.At.In(s.c.Zone))
		if err != nil {
			return Outcome{}, err
		}
		out.Allowances = append(out.Allowances, there)
	}
	for _, question := range s.c.Expect.Terms {
		agreed, err := s.agreed(question.At.In(s.c.Zone))
		if err != nil {
			return Outcome{}, err
		}
		out.Terms = append(out.Terms, agreed)
	}
	return out, s.recurring(&out)
}

// next asks for the next invoice at t, all that was due by then being billed.
func (s *playing) next(t time.Time) (Next, error) {
	sub, usage := s.at(t), s.used(t)
	_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, t)
	if err != nil {
		return Next{}, err
	}
	next, err := billing.Next(sub, usage, checkpoint, t)
	if err != nil || next.At.IsZero() {
		return Next{}, err
	}
	return Next{At: next.At, Amount: next.Amount.Decimal()}, nil
}

// billed is what the subscription owes up to an instant.
func (s *playing) billed(until time.Time) (Outcome, error) {
	invoices, checkpoint, err := billing.Invoices(s.sub, s.usage, billing.Checkpoint{}, until)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Balance: decimal.Zero}
	if checkpoint.CreditBalance.IsValid() {
		out.Balance = checkpoint.CreditBalance.Decimal()
	}
	for _, inv := range invoices {
		over, err := inv.OverCap()
		if err != nil {
			return out, err
		}
		made := Invoice{At: inv.At, Total: inv.Total.Decimal(), OverCap: over.Decimal(), CreditApplied: inv.CreditApplied.Decimal(), Due: inv.AmountDue.Decimal()}
		for _, line := range inv.Lines {
			made.Lines = append(made.Lines, Line{From: line.From, To: line.To, Amount: line.Amount.Decimal()})
		}
		out.Invoices = append(out.Invoices, made)
	}
	return out, nil
}
