package billing_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func date(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.UTC)
	if err != nil {
		t, err = time.ParseInLocation("2006-01-02", s, time.UTC)
	}
	if err != nil {
		panic(err)
	}
	return t
}

func num(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func operator(at time.Time) subscription.Call {
	return subscription.Call{At: at, Actor: lifecycle.Operator, Replace: true}
}

// A story is a subscription with what was done to it, drawn at random.
type story struct {
	sub   subscription.Subscription
	past  []subscription.Subscription // before each verb
	usage billing.Usage
	now   time.Time
	plans []*plan.Version
}

// drawPlan draws a plan with a base fee, seats, and now and then a charge in arrears,
// usage and a setup fee.
func drawPlan(t *rapid.T, id string) *plan.Version {
	p := plan.Plan{
		ID: id, Version: 1, Currency: money.EUR,
		Every: rapid.SampledFrom([]calendar.Interval{calendar.Months(1), calendar.Months(1), calendar.Weeks(1), calendar.Days(10)}).Draw(t, id+" every"),
		Charges: []plan.Charge{
			{ID: "base", Price: plan.FlatFee{Amount: decimal.New(rapid.Int64Range(0, 9999).Draw(t, id+" base"), -2)}},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.New(rapid.Int64Range(1, 99999).Draw(t, id+" seat"), -3), FreeUnits: decimal.NewFromInt(rapid.Int64Range(0, 1).Draw(t, id+" free"))}},
		},
		Policy: drawPolicy(t, id),
	}
	if rapid.Bool().Draw(t, id+" arrears") {
		p.Charges = append(p.Charges, plan.Charge{ID: "support", Timing: plan.Arrears, Price: plan.FlatFee{Amount: num("10")}})
	}
	if rapid.Bool().Draw(t, id+" metered") {
		p.Charges = append(p.Charges, plan.Charge{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("0.015")}})
	}
	if rapid.IntRange(0, 3).Draw(t, id+" minimum") == 0 {
		p.Minimum = &plan.Minimum{
			Amount: money.FromMinor(rapid.Int64Range(1, 20000).Draw(t, id+" minimum of"), p.Currency), Part: draw(t, id+" part of the minimum", plan.Words[plan.MinimumPart]()),
			Discounts: draw(t, id+" discounts of the minimum", plan.Words[plan.MinimumDiscounts]()),
		}
	}
	if rapid.IntRange(0, 3).Draw(t, id+" setup") == 0 {
		p.Charges = append(p.Charges, plan.Charge{ID: "setup", Once: true, Price: plan.FlatFee{Amount: num("25")}})
	}
	if rapid.IntRange(0, 4).Draw(t, id+" trial") == 0 {
		p.Trial = &plan.Trial{Length: calendar.Days(5)}
	}
	return plan.MustCompile(p)
}

func drawPolicy(t *rapid.T, label string) plan.Policy {
	return plan.Policy{
		Basis:         draw(t, label+" basis", calendar.Words[calendar.Basis]()),
		ChangeCredit:  draw(t, label+" change credit", plan.Words[plan.UnusedCredit]()),
		CancelCredit:  draw(t, label+" cancel credit", plan.Words[plan.UnusedCredit]()),
		PauseCredit:   draw(t, label+" pause credit", []plan.UnusedCredit{plan.CreditNone, plan.CreditProrate}),
		CreditBasis:   draw(t, label+" credit basis", plan.Words[plan.CreditBasis]()),
		ChargeNew:     draw(t, label+" charge new", plan.Words[plan.ChargeNew]()),
		Collect:       draw(t, label+" collect", plan.Words[plan.Collect]()),
		ChangeAnchor:  draw(t, label+" change anchor", []plan.Anchor{plan.KeepAnchor, plan.ResetAnchor}),
		ResumeAnchor:  draw(t, label+" resume anchor", plan.Words[plan.Anchor]()),
		Negative:      draw(t, label+" negative", plan.Words[plan.Negative]()),
		DiscountSplit: draw(t, label+" split", plan.Words[plan.DiscountSplit]()),
		ZeroInvoices:  draw(t, label+" zero", plan.Words[plan.ZeroInvoices]()),
		Rounding:      draw(t, label+" rounding", money.Roundings()),
		TaxRounding:   draw(t, label+" tax rounding", plan.Words[plan.TaxRounding]()),
		FirstInvoice:  draw(t, label+" first invoice", plan.Words[plan.FirstInvoice]()),
	}
}

// draw picks one of the words, or in half of the cases none.
func draw[T ~string](t *rapid.T, label string, all []T) T {
	return rapid.OneOf(rapid.Just(T("")), rapid.SampledFrom(all)).Draw(t, label)
}

// newStory draws a subscription, and up to so many verbs.
func newStory(t *rapid.T, verbs int) *story {
	s := &story{now: date("2026-01-01").Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "start")) * time.Minute)}
	for _, id := range []string{"basic", "pro"} {
		s.plans = append(s.plans, drawPlan(t, id))
	}
	params := subscription.Params{
		ID: "sub", Plan: s.plans[0], Start: s.now, Quantity: subscription.Units(rapid.Int64Range(1, 9).Draw(t, "quantity")),
		Zone: calendar.MustLoadZone(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}).Draw(t, "zone")),
	}
	if rapid.IntRange(0, 3).Draw(t, "anchored") == 0 {
		params.Anchor = s.now.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "anchor"))
	}
	var err error
	if s.sub, err = subscription.New(params); err != nil {
		t.Fatal(err)
	}
	for i := range verbs {
		s.now = s.now.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(t, "later")) * time.Hour)
		s.use(t)
		if next, err := s.verb(t, operator(s.now), i); err == nil {
			s.past = append(s.past, s.sub)
			s.sub = next
		}
	}
	s.now = s.now.Add(time.Duration(rapid.IntRange(0, 40*24).Draw(t, "end")) * time.Hour)
	return s
}

// use records some usage at the present instant, if the plan rates any.
func (s *story) use(t *rapid.T) {
	if !s.sub.Entitled(s.now) {
		return
	}
	if _, ok := s.sub.Plan(s.now).Metric("calls"); ok {
		s.usage = append(s.usage, billing.Record{Metric: "calls", At: s.now, Quantity: decimal.NewFromInt(rapid.Int64Range(0, 5000).Draw(t, "calls"))})
	}
}

// still answers the records that the subscription still accepts.
func (s *story) still(sub subscription.Subscription, until time.Time) billing.Usage {
	var kept billing.Usage
	for _, r := range s.usage {
		if r.At.After(until) || !sub.Entitled(r.At) {
			continue
		}
		if _, ok := sub.Plan(r.At).Metric(r.Metric); ok {
			kept = append(kept, r)
		}
	}
	return kept
}

// verb does something at random; what the rules refuse is an error.
func (s *story) verb(t *rapid.T, call subscription.Call, i int) (subscription.Subscription, error) {
	when := func() subscription.When {
		switch rapid.IntRange(0, 3).Draw(t, "when") {
		case 0:
			return subscription.AtPeriodEnd()
		case 1:
			return subscription.On(call.At.Add(time.Duration(rapid.IntRange(1, 30*24).Draw(t, "on")) * time.Hour))
		}
		return subscription.Immediately()
	}
	if rapid.Bool().Draw(t, "choices") {
		call.Policy = drawPolicy(t, "call")
	}
	switch rapid.IntRange(0, 13).Draw(t, "verb") {
	case 0, 1, 2:
		return s.sub.ChangeQuantity(call, when(), "", decimal.NewFromInt(rapid.Int64Range(0, 12).Draw(t, "seats")))
	case 3:
		return s.sub.ChangePlan(call, when(), rapid.SampledFrom(s.plans).Draw(t, "plan"))
	case 4:
		return s.sub.ChangePrice(call, when(), "seats", plan.PerUnit{UnitAmount: decimal.New(rapid.Int64Range(1, 9999).Draw(t, "price"), -2)})
	case 5:
		return s.sub.Cancel(call, when())
	case 6:
		return s.sub.UndoCancel(call)
	case 7:
		return s.sub.Pause(call, when(), subscription.Pause{})
	case 8:
		return s.sub.Resume(call, subscription.Immediately())
	case 9:
		return s.sub.Reactivate(call, subscription.Reactivation{})
	case 10:
		d := plan.Discount{ID: fmt.Sprintf("discount-%d", i), Duration: rapid.SampledFrom(plan.Words[plan.Duration]()).Draw(t, "duration")}
		if d.Duration == plan.ForCycles {
			d.Cycles = rapid.IntRange(1, 3).Draw(t, "cycles")
		}
		if d.Duration == plan.ForTime {
			d.For = rapid.SampledFrom([]calendar.Interval{calendar.Days(20), calendar.Weeks(6), calendar.Months(2), calendar.Years(1)}).Draw(t, "for")
		}
		if rapid.Bool().Draw(t, "percent") {
			d.Percent = plan.Bound(decimal.New(rapid.Int64Range(1, 1000).Draw(t, "permille"), -1))
		} else {
			amount := money.FromMinor(rapid.Int64Range(1, 5000).Draw(t, "off"), money.EUR)
			d.Amount = &amount
		}
		return s.sub.AddDiscount(call, d)
	case 11:
		return s.sub.AddOneOff(call, subscription.OneOff{
			ID: fmt.Sprintf("one-off-%d", i), Amount: money.FromMinor(rapid.Int64Range(1, 9999).Draw(t, "one-off"), money.EUR),
			Collect: rapid.SampledFrom(plan.Words[plan.Collect]()).Draw(t, "collect"),
		})
	case 12:
		return s.sub.AddAccountCredit(call, money.FromMinor(rapid.Int64Range(1, 9999).Draw(t, "credit"), money.EUR))
	}
	return s.sub.SetAnchor(call, call.At.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "anchor")))
}

// vat taxes by charge: on top, held, both, or not at all.
func vat(line billing.Line) []billing.TaxRate {
	on, in := billing.TaxRate{ID: "vat", Percent: num("19")}, billing.TaxRate{ID: "levy", Percent: num("7.125"), Inclusive: true}
	switch line.Charge {
	case "base":
		return []billing.TaxRate{on}
	case "seats":
		return []billing.TaxRate{on, in}
	case "calls":
		return []billing.TaxRate{in}
	}
	return nil
}

// drawOptions draws a call with tax or without.
func drawOptions(t *rapid.T) []billing.Option {
	if rapid.Bool().Draw(t, "tax") {
		return []billing.Option{billing.WithTax(vat)}
	}
	return nil
}
