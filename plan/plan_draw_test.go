package plan_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// drawWord draws one of the words or none.
func drawWord[T ~string](t *rapid.T, words []T, name string) T {
	return rapid.SampledFrom(append(words, "")).Draw(t, name)
}

func drawInterval(t *rapid.T, name string) calendar.Interval {
	units := []func(int) calendar.Interval{calendar.Days, calendar.Weeks, calendar.Months, calendar.Years}
	return rapid.SampledFrom(units).Draw(t, name)(rapid.IntRange(1, 10_000).Draw(t, name))
}

func drawText(t *rapid.T, name string) string {
	return rapid.StringMatching(`([!-~é漢][ -~é漢]{0,8}[!-~é漢])?`).Draw(t, name)
}

func drawInstant(t *rapid.T, name string) time.Time {
	sec := rapid.Int64Range(-62_135_596_799, 253_402_300_799).Draw(t, name)
	zone := time.FixedZone("somewhere", rapid.IntRange(-43_200, 43_200).Draw(t, name))
	return time.Unix(sec, rapid.Int64Range(0, 999_999).Draw(t, name)*1000).In(zone)
}

func drawMetadata(t *rapid.T) map[string]string {
	return rapid.MapOfN(rapid.StringMatching(`[!-~é]([ -~]{0,5}[!-~])?`), rapid.StringMatching(`[ -~é漢\n\t]{0,10}`), 0, 3).Draw(t, "metadata")
}

func drawCharges(t *rapid.T) []plan.Charge {
	var charges []plan.Charge
	for i := range rapid.IntRange(0, 3).Draw(t, "charges") {
		c := plan.Charge{ID: fmt.Sprint("charge ", i), Name: drawText(t, "name"), Price: drawPrice(t, rapid.SampledFrom([]int{ordinary, precise}).Draw(t, "size"))}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			c.Once, c.Timing = true, drawWord(t, []plan.Timing{plan.Advance}, "timing")
		case 1:
			c.Metric, c.Timing = "metric "+fmt.Sprint(i), drawWord(t, []plan.Timing{plan.Arrears}, "timing")
			if rapid.IntRange(0, 3).Draw(t, "of events") == 0 {
				c.Price, c.Metric = drawEventPrice(t, ordinary), "events "+fmt.Sprint(i) // no other aggregation is declared of it
			}
		case 2:
			c.Quantity, c.Timing = plan.Bound(decimal.New(rapid.Int64Range(0, 1<<62).Draw(t, "quantity"), -5)), drawWord(t, plan.Words[plan.Timing](), "timing")
		}
		if rapid.Bool().Draw(t, "taxed") {
			c.TaxCode, c.Metadata = "txcd_"+fmt.Sprint(i), drawMetadata(t)
		}
		charges = append(charges, c)
	}
	return charges
}

func drawPolicy(t *rapid.T) plan.Policy {
	return plan.Policy{
		Basis:         drawWord(t, calendar.Words[calendar.Basis](), "basis"),
		ChangeDay:     drawWord(t, calendar.Words[calendar.ChangeDay](), "change_day"),
		ChangeCredit:  drawWord(t, plan.Words[plan.UnusedCredit](), "change_credit"),
		CancelCredit:  drawWord(t, plan.Words[plan.UnusedCredit](), "cancel_credit"),
		PauseCredit:   drawWord(t, []plan.UnusedCredit{plan.CreditNone, plan.CreditProrate}, "pause_credit"),
		CreditBasis:   drawWord(t, plan.Words[plan.CreditBasis](), "credit_basis"),
		ChargeNew:     drawWord(t, plan.Words[plan.ChargeNew](), "charge_new"),
		Collect:       drawWord(t, plan.Words[plan.Collect](), "collect"),
		ChangeAnchor:  drawWord(t, []plan.Anchor{plan.KeepAnchor, plan.ResetAnchor}, "change_anchor"),
		ResumeAnchor:  drawWord(t, plan.Words[plan.Anchor](), "resume_anchor"),
		FirstPeriod:   drawWord(t, plan.Words[plan.FirstPeriod](), "first_period"),
		Rounding:      drawWord(t, money.Roundings(), "rounding"),
		Negative:      drawWord(t, plan.Words[plan.Negative](), "negative"),
		DiscountSplit: drawWord(t, plan.Words[plan.DiscountSplit](), "discount_split"),
		ZeroInvoices:  drawWord(t, plan.Words[plan.ZeroInvoices](), "zero_invoices"),
		TaxRounding:   drawWord(t, plan.Words[plan.TaxRounding](), "tax_rounding"),
		UsageBounds:   drawWord(t, plan.Words[plan.UsageBounds](), "usage_bounds"),
		UsageCount:    drawWord(t, plan.Words[plan.UsageCount](), "usage_count"),
		ChangeAddOns:  drawWord(t, plan.Words[plan.AddOnChange](), "change_add_ons"),
		ChangePrices:  drawWord(t, plan.Words[plan.PriceChange](), "change_prices"),
		PeriodEnd:     drawWord(t, plan.Words[plan.PeriodEnd](), "period_end"),
	}
}

func drawPacks(t *rapid.T) []plan.CreditPack {
	var packs []plan.CreditPack
	for i := range rapid.IntRange(0, 2).Draw(t, "packs") {
		p := plan.CreditPack{
			ID: fmt.Sprint("pack", i), Name: drawText(t, "name"), Credits: rapid.Int64Range(1, 10_000).Draw(t, "credits"),
			ListPrice: decimal.New(rapid.Int64Range(1, 1_000_000_000).Draw(t, "list"), -4),
		}
		if rapid.Bool().Draw(t, "priced") {
			p.Price = plan.Bound(p.ListPrice)
		} else {
			p.PercentOff = decimal.New(rapid.Int64Range(0, 10_000).Draw(t, "off"), -2)
		}
		if rapid.Bool().Draw(t, "expire") {
			p.ValidFor = drawInterval(t, "valid")
			p.ExtendsPaid = rapid.Bool().Draw(t, "extends")
		}
		packs = append(packs, p)
	}
	return packs
}

// drawTerm draws a contract term of a plan in a currency.
func drawTerm(t *rapid.T, in money.Currency) *plan.Term {
	term := plan.Term{
		Interval: drawInterval(t, "term"), From: drawWord(t, plan.Words[plan.LengthFrom](), "from"), Renewal: drawWord(t, plan.Words[plan.TermRenewal](), "renewal"),
		PlanChange: drawWord(t, plan.Words[plan.TermChange](), "plan_change"), Pause: drawWord(t, plan.Words[plan.TermPause](), "pause"),
	}
	if rapid.Bool().Draw(t, "minimum") {
		term.Minimum = drawInterval(t, "minimum")
	}
	if rapid.Bool().Draw(t, "notice") {
		term.Notice, term.LateNotice = drawInterval(t, "notice"), drawWord(t, plan.Words[plan.LateNotice](), "late_notice")
	}
	if term.Renewal == plan.RenewSame || term.Renewal == plan.RenewOnce {
		term.RenewalInterval = drawInterval(t, "renewal_interval")
	}
	switch amount := money.FromMinor(rapid.Int64Range(1, 1_000_000).Draw(t, "fee"), in); rapid.IntRange(0, 3).Draw(t, "early_end") {
	case 1:
		term.EarlyEnd = &plan.EarlyEnd{Fee: plan.FixedFee, Amount: &amount}
	case 2:
		term.EarlyEnd = &plan.EarlyEnd{Fee: plan.FallingFee, Amount: &amount}
	case 3:
		percent := decimal.New(rapid.Int64Range(1, 10_000).Draw(t, "percent"), -2)
		term.EarlyEnd = &plan.EarlyEnd{Fee: plan.RestFee, Percent: &percent}
	}
	return &term
}

// drawIncrease draws an increase of a plan's prices; nil where the plan cannot have one.
func drawIncrease(t *rapid.T, p plan.Plan) *plan.Increase {
	i := &plan.Increase{
		Percent: decimal.New(rapid.Int64Range(1, 2000).Draw(t, "increase"), -2), KeepNegotiated: rapid.Bool().Draw(t, "keep negotiated"),
		Times: rapid.IntRange(1, 5).Draw(t, "times"), First: rapid.SampledFrom([]calendar.Interval{{}, calendar.Months(7)}).Draw(t, "first"),
	}
	if rapid.Bool().Draw(t, "decimals") {
		places := rapid.IntRange(0, 12).Draw(t, "decimal places")
		i.Decimals = &places
	}
	if p.Every != calendar.Years(1) {
		i.Every = p.Every
	}
	for _, c := range p.Charges {
		if rapid.Bool().Draw(t, "increases") {
			i.Charges = append(i.Charges, c.ID)
		}
	}
	if p.Increase = i; p.Validate() != nil {
		return nil
	}
	return i
}

// drawPlan draws a valid plan.
func drawPlan(t *rapid.T) plan.Plan {
	p := plan.Plan{
		ID: drawText(t, "id") + "x", Version: rapid.IntRange(1, 1_000_000_000).Draw(t, "version"),
		Name: drawText(t, "name"), Description: drawText(t, "description"), Family: drawText(t, "family"), Product: drawText(t, "product"),
		Currency: rapid.SampledFrom(money.Currencies()).Draw(t, "currency"), Every: drawInterval(t, "every"),
		MonthEnd: drawWord(t, calendar.Words[calendar.MonthEnd](), "month_end"), Charges: drawCharges(t), Policy: drawPolicy(t),
		CreditPacks: drawPacks(t), Metadata: drawMetadata(t),
		Rules: plan.Rules{
			Cancel: drawWord(t, plan.Words[plan.Permission](), "cancel"), CancelNow: drawWord(t, plan.Words[plan.Permission](), "cancel_now"),
			Pause: drawWord(t, plan.Words[plan.Permission](), "pause"), Resume: drawWord(t, plan.Words[plan.Permission](), "resume"),
			Quantity: drawWord(t, plan.Words[plan.Permission](), "quantity"),
		},
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "phases") {
		phase := plan.Phase{Charges: drawCharges(t), Cycles: rapid.IntRange(0, 3).Draw(t, "cycles")}
		if phase.Cycles == 0 {
			phase.ID, phase.Length = fmt.Sprint("phase", i), drawInterval(t, "length")
		} else if rapid.Bool().Draw(t, "every") {
			phase.Every = drawInterval(t, "every")
		}
		p.Phases = append(p.Phases, phase)
	}
	switch trial := (plan.Trial{AtEnd: drawWord(t, plan.Words[plan.TrialEnd](), "at_end")}); rapid.IntRange(0, 2).Draw(t, "trial") {
	case 1:
		trial.Length = drawInterval(t, "trial")
		p.Trial = &trial
	case 2:
		trial.Until = drawInstant(t, "until")
		p.Trial = &trial
	}
	switch length := (plan.Length{AtEnd: drawWord(t, plan.Words[plan.EndBehavior](), "at_end")}); rapid.IntRange(0, 2).Draw(t, "length") {
	case 1:
		length.Cycles = rapid.IntRange(1, 1_000_000).Draw(t, "cycles")
		p.Length = &length
	case 2:
		length.Interval, length.From = drawInterval(t, "length"), drawWord(t, plan.Words[plan.LengthFrom](), "from")
		length.LastPeriod = drawWord(t, plan.Words[plan.LastPeriod](), "last_period")
		p.Length = &length
	}
	if p.Length == nil && rapid.Bool().Draw(t, "term") {
		p.Term = drawTerm(t, p.Currency)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "features") {
		if p.Features == nil {
			p.Features = feature.Set{}
		}
		p.Features[feature.Key(fmt.Sprint("feature ", i))] = feature.Grant{
			Kind: feature.Limit, Active: rapid.Bool().Draw(t, "active"), Limit: decimal.New(rapid.Int64Range(0, 1000).Draw(t, "limit"), 0),
		}
	}
	if per := unitsOf(p); len(per) > 0 && rapid.Bool().Draw(t, "feature for each unit") {
		p.Features = feature.Set{"per unit": {
			Kind: feature.Allowance, Active: true, Window: feature.Anchored, Every: drawInterval(t, "window"), Limit: decimal.NewFromInt(20),
			Per: rapid.SampledFrom(per).Draw(t, "per"), Raise: feature.RaiseShare, Lower: feature.LowerNextWindow,
		}}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "metrics") {
		m := plan.Metric{
			ID: "metric " + fmt.Sprint(i), Name: drawText(t, "name"), Aggregation: drawWord(t, plan.Words[plan.Aggregation](), "aggregation"),
		}
		if m.Aggregation == plan.WeightedSum || m.Aggregation == plan.TimeAverage {
			m.Records = rapid.SampledFrom(plan.Words[plan.Reading]()).Draw(t, "records")
			m.Carry = rapid.Bool().Draw(t, "carry")
		}
		p.Metrics = append(p.Metrics, m)
	}
	if len(p.CreditPacks) == 0 && rapid.IntRange(0, 3).Draw(t, "in another currency too") == 0 {
		other := money.JPY
		if p.Currency == other {
			other = money.GBP
		}
		p.Currencies = []money.Currency{other}
		if p.Term != nil {
			p.Term.EarlyEnd = nil
		}
		price := func(charges []plan.Charge) {
			for i := range charges {
				charges[i].Prices = map[money.Currency]plan.Price{other: drawPrice(t, 2)}
			}
		}
		price(p.Charges)
		for _, phase := range p.Phases {
			price(phase.Charges)
		}
	}
	p.Minimum = drawMinimum(t, p)
	p.SpendCap = drawSpendCap(t, p)
	p.Increase = drawIncrease(t, p)
	return p
}

// drawMinimum draws a minimum for a plan whose periods are all of one length; nil for others.
func drawMinimum(t *rapid.T, p plan.Plan) *plan.Minimum {
	if slices.ContainsFunc(p.Phases, func(phase plan.Phase) bool { return !phase.Every.IsZero() && phase.Every != p.Every }) || rapid.Bool().Draw(t, "without a minimum") {
		return nil
	}
	m := plan.Minimum{
		Amount: money.FromMinor(rapid.Int64Range(1, 1_000_000).Draw(t, "minimum"), p.Currency),
		Base:   drawWord(t, []plan.MinimumBase{plan.MinimumAll, plan.MinimumUsage}, "base"), Part: drawWord(t, plan.Words[plan.MinimumPart](), "part"),
		Discounts: drawWord(t, plan.Words[plan.MinimumDiscounts](), "discounts"),
	}
	m.Discounted = m.Discounts != plan.DiscountBefore && rapid.Bool().Draw(t, "discounted")
	for _, c := range p.Currencies {
		m.Amounts = append(m.Amounts, money.FromMinor(rapid.Int64Range(1, 1_000_000).Draw(t, "minimum"), c))
	}
	for _, c := range p.Charges {
		if !c.Once && m.Base == "" {
			m.Charges = append(m.Charges, c.ID)
		}
	}
	if m.Discounts != plan.DiscountBefore && rapid.Bool().Draw(t, "a term") {
		m.Cycles, m.Instalments = rapid.IntRange(2, 60).Draw(t, "cycles of the minimum"), rapid.Bool().Draw(t, "instalments")
		if long, err := calendar.Every(m.Cycles*p.Every.Count(), p.Every.Unit()); err == nil && rapid.Bool().Draw(t, "as an interval") {
			m.Cycles, m.Interval = 0, long
		}
	}
	if rapid.Bool().Draw(t, "overage") {
		m.OverageFactor, m.TaxCode = plan.Bound(decimal.New(rapid.Int64Range(1000, 1_000_000).Draw(t, "factor"), -3)), "txcd_1"
	}
	return &m
}

// drawSpendCap draws a cap for a plan whose periods are all of one length; nil for others.
func drawSpendCap(t *rapid.T, p plan.Plan) *plan.SpendCap {
	if slices.ContainsFunc(p.Phases, func(phase plan.Phase) bool { return !phase.Every.IsZero() && phase.Every != p.Every }) || p.Every.IsZero() || rapid.Bool().Draw(t, "without a cap") {
		return nil
	}
	s := plan.SpendCap{Amount: money.FromMinor(rapid.Int64Range(1, 1_000_000).Draw(t, "cap"), p.Currency), Over: drawWord(t, plan.Words[plan.OverCap](), "over")}
	for _, c := range p.Currencies {
		s.Amounts = append(s.Amounts, money.FromMinor(rapid.Int64Range(1, 1_000_000).Draw(t, "cap"), c))
	}
	for _, c := range p.Charges {
		if c.Metric != "" && rapid.Bool().Draw(t, "capped") {
			s.Charges = append(s.Charges, c.ID)
		}
	}
	own := p
	if own.SpendCap = &s; own.Validate() != nil && p.Validate() == nil {
		return nil // usage of an interval of its own
	}
	return &s
}

// unitsOf returns the ids of the charges that have a quantity wherever they stand.
func unitsOf(p plan.Plan) []string {
	charges := slices.Clone(p.Charges)
	for _, phase := range p.Phases {
		charges = append(charges, phase.Charges...)
	}
	var ids []string
	for _, c := range charges {
		metered := func(o plan.Charge) bool { return o.ID == c.ID && o.Metric != "" }
		if !slices.Contains(ids, c.ID) && !slices.ContainsFunc(charges, metered) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
