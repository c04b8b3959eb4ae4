package billing_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// explained tells a story and explains its invoices.
type explained struct {
	name     string
	currency money.Currency
	zone     string
	start    string
	anchor   string
	policy   plan.Policy
	charges  []plan.Charge
	trial    *plan.Trial
	act      func(subscription.Subscription) subscription.Subscription
	usage    billing.Usage
	until    string
	options  []billing.Option
}

func (e explained) subscription(t *testing.T) subscription.Subscription {
	t.Helper()
	if e.currency == 0 {
		e.currency = money.EUR
	}
	if e.zone == "" {
		e.zone = "Europe/Berlin"
	}
	p := subscription.Params{
		ID: "sub", Start: date(e.start), Zone: calendar.MustLoadZone(e.zone), Quantity: subscription.Units(4),
		Plan: plan.MustCompile(plan.Plan{ID: "team", Version: 1, Currency: e.currency, Every: calendar.Months(1), Charges: e.charges, Policy: e.policy, Trial: e.trial}),
	}
	if e.anchor != "" {
		p.Anchor = date(e.anchor)
	}
	sub := must(subscription.New(p))
	if e.act != nil {
		sub = e.act(sub)
	}
	return sub
}

func TestExplanations(t *testing.T) {
	t.Parallel()
	upTo := func(s string) *decimal.Decimal { return plan.Bound(num(s)) }
	base := plan.Charge{ID: "base", Name: "Base fee", Price: plan.FlatFee{Amount: num("120")}}
	seats := plan.Charge{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: num("12.50")}}
	usage := plan.Charge{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.Tiered{Tiers: []plan.Tier{
		{UpTo: upTo("1000"), UnitAmount: num("0")}, {UpTo: upTo("10000"), UnitAmount: num("0.0035")}, {UnitAmount: num("0.002")},
	}}}
	cheap := plan.Charge{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("0.10"), FreeUnits: num("100"), Bounds: plan.Bounds{Minimum: upTo("31"), Maximum: upTo("62")}}}
	falling := plan.Charge{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.Volume{Tiers: []plan.Tier{{UpTo: upTo("100"), UnitAmount: num("0.20")}, {UnitAmount: num("0.10")}}}}
	now := subscription.Immediately()
	for _, e := range []explained{
		{name: "charge-whole", start: "2026-02-28 23:00", until: "2026-02-28 23:00", charges: []plan.Charge{base, seats}},
		{name: "first-part-period", start: "2026-02-13 09:30", anchor: "2026-02-28 23:00", until: "2026-02-14", charges: []plan.Charge{base, seats}},
		{name: "setup-fee", start: "2026-02-13 09:30", until: "2026-02-14", charges: []plan.Charge{{ID: "setup", Name: "Onboarding", Once: true, Price: plan.FlatFee{Amount: num("99")}}}},
		{
			name: "usage-tiered", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{usage},
			usage: billing.Usage{calls("2026-03-05", 7001), calls("2026-03-06", 4100)},
		},
		{
			name: "change-of-quantity", start: "2026-02-28 08:00", until: "2026-03-31 07:00", policy: plan.Policy{Collect: plan.CollectNextInvoice}, charges: []plan.Charge{base, seats},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangeQuantity(operator(date("2026-03-09 10:00")), now, "", num("7")))
			},
		},
		{
			name: "change-by-seconds", start: "2026-02-28 08:00", until: "2026-03-10", policy: plan.Policy{Basis: calendar.BySecond, Rounding: money.HalfEven}, charges: []plan.Charge{seats},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangeQuantity(operator(date("2026-03-09 10:00").Add(30e9)), now, "", num("5")))
			},
		},
		{
			name: "change-by-months-of-30-days", start: "2026-02-28 23:00", until: "2026-03-10", policy: plan.Policy{Basis: calendar.ByDay30}, charges: []plan.Charge{seats},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangeQuantity(operator(date("2026-03-09 10:00")), now, "", num("5")))
			},
		},
		{
			name: "credit-of-all", start: "2026-02-28 23:00", until: "2026-03-10", charges: []plan.Charge{base},
			act: func(s subscription.Subscription) subscription.Subscription {
				call := operator(date("2026-03-09 10:00"))
				call.Policy.CancelCredit = plan.CreditFull
				return must(s.Cancel(call, now))
			},
		},
		{
			name: "credit-at-list-price", start: "2026-02-28 23:00", until: "2026-03-10", charges: []plan.Charge{seats},
			policy: plan.Policy{CreditBasis: plan.CreditList, CancelCredit: plan.CreditProrate, Negative: plan.RefundNegative},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.Cancel(operator(date("2026-03-09 10:00")), now))
			},
		},
		{
			name: "discounts", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{base, seats},
			act: func(s subscription.Subscription) subscription.Subscription {
				ten := money.MustParse("10.00 EUR")
				s = must(s.AddDiscount(operator(date("2026-03-02")), plan.Discount{ID: "loyal", Name: "Loyal customer", Percent: upTo("12.5"), Duration: plan.Forever, Charges: []string{"seats"}}))
				return must(s.AddDiscount(operator(date("2026-03-02")), plan.Discount{ID: "sorry", Name: "Outage in March", Amount: &ten, Duration: plan.OnceOnly}))
			},
		},
		{
			name: "usage-in-parts", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{cheap},
			usage: billing.Usage{calls("2026-03-05", 160), calls("2026-03-15", 40), calls("2026-03-25", 900)},
			act: func(s subscription.Subscription) subscription.Subscription {
				s = must(s.Pause(operator(date("2026-03-10 23:00")), now, subscription.Pause{}))
				s = must(s.Resume(operator(date("2026-03-12 23:00")), now))
				s = must(s.Pause(operator(date("2026-03-20 23:00")), now, subscription.Pause{}))
				return must(s.Resume(operator(date("2026-03-22 23:00")), now))
			},
		},
		{
			name: "usage-in-parts-below-zero", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{falling}, policy: plan.Policy{UsageBounds: plan.BoundsWhole},
			usage: billing.Usage{calls("2026-03-05", 90), calls("2026-03-25", 30)},
			act: func(s subscription.Subscription) subscription.Subscription {
				s = must(s.AddDiscount(operator(date("2026-03-02")), plan.Discount{ID: "loyal", Name: "Loyal customer", Percent: upTo("10"), Duration: plan.Forever}))
				s = must(s.Pause(operator(date("2026-03-10 23:00")), now, subscription.Pause{}))
				return must(s.Resume(operator(date("2026-03-12 09:30")), now))
			},
		},
		{
			name: "usage-across-prices", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{cheap}, policy: plan.Policy{UsageCount: plan.CountAcross},
			usage: billing.Usage{calls("2026-03-05", 160), calls("2026-03-15", 40)},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangePrice(operator(date("2026-03-10 23:00")), now, "calls", plan.PerUnit{UnitAmount: num("0.20"), FreeUnits: num("100")}))
			},
		},
		{
			name: "discount-per-cycle", start: "2026-02-28 23:00", anchor: "2026-03-10 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{base, seats},
			act: func(s subscription.Subscription) subscription.Subscription {
				nine, forty := money.MustParse("9.00 EUR"), money.MustParse("400.00 EUR")
				s = must(s.AddDiscount(operator(date("2026-02-28 23:00")), plan.Discount{ID: "seats-off", Amount: &nine, Duration: plan.Forever, Charges: []string{"seats"}}))
				s = must(s.AddDiscount(operator(date("2026-02-28 23:00")), plan.Discount{ID: "welcome", Name: "Welcome", Amount: &nine, Duration: plan.ForCycles, Cycles: 2}))
				s = must(s.ChangeQuantity(operator(date("2026-03-16 10:00")), now, "", num("9")))
				return must(s.AddDiscount(operator(date("2026-03-17")), plan.Discount{ID: "sorry", Name: "Outage", Amount: &forty, Duration: plan.OnceOnly, Charges: []string{"seats"}}))
			},
		},
		{
			name: "credit-of-what-is-left", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{seats}, policy: plan.Policy{CancelCredit: plan.CreditProrate},
			act: func(s subscription.Subscription) subscription.Subscription {
				s = must(s.AddDiscount(operator(date("2026-02-28 23:00")), plan.Discount{ID: "loyal", Percent: upTo("60"), Duration: plan.Forever}))
				s = must(s.ChangeQuantity(operator(date("2026-03-11 10:00")), now, "", num("2")))
				call := operator(date("2026-03-20 10:00"))
				call.Policy.CreditBasis = plan.CreditList
				return must(s.Cancel(call, now))
			},
		},
		{
			name: "names-that-look-like-lines", start: "2026-02-28 23:00", until: "2026-02-28 23:00",
			charges: []plan.Charge{{ID: "seats", Name: `Seats: 0.00 EUR`, Price: seats.Price}},
			options: []billing.Option{billing.WithTax(func(billing.Line) []billing.TaxRate {
				return []billing.TaxRate{{ID: "vat", Name: `Total: "0.00 EUR"`, Percent: num("19")}}
			})},
		},
		{
			name: "one-off", start: "2026-02-28 23:00", until: "2026-03-10", charges: []plan.Charge{base},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.AddOneOff(operator(date("2026-03-09 10:00")), subscription.OneOff{ID: "visit", Name: "Visit on site", Amount: money.MustParse("250.00 EUR"), Collect: plan.CollectNow}))
			},
		},
		{
			name: "tax-on-top", start: "2026-02-28 23:00", until: "2026-03-10", charges: []plan.Charge{base, seats}, policy: plan.Policy{CancelCredit: plan.CreditProrate},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.Cancel(operator(date("2026-03-09 10:00")), now))
			},
			options: []billing.Option{billing.WithTax(func(billing.Line) []billing.TaxRate {
				return []billing.TaxRate{{ID: "vat", Name: "VAT", Percent: num("19")}}
			})},
		},
		{
			name: "tax-held-and-on-top-by-invoice", start: "2026-02-28 23:00", until: "2026-03-10", charges: []plan.Charge{base, seats}, policy: plan.Policy{TaxRounding: plan.TaxPerInvoice},
			options: []billing.Option{billing.WithTax(func(billing.Line) []billing.TaxRate {
				return []billing.TaxRate{{ID: "gst", Name: "GST", Percent: num("5"), Inclusive: true}, {ID: "pst", Name: "PST", Percent: num("7.5")}, {ID: "none"}}
			})},
		},
		{
			name: "account-credit", start: "2026-02-28 23:00", until: "2026-03-31 22:00", charges: []plan.Charge{base},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.AddAccountCredit(operator(date("2026-03-09 10:00")), money.MustParse("20.00 EUR")))
			},
		},
		{
			name: "yen", currency: money.JPY, zone: "Asia/Tokyo", start: "2026-02-28 15:00", until: "2026-03-10", policy: plan.Policy{Rounding: money.Down},
			charges: []plan.Charge{{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: num("1250")}}},
			act: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangeQuantity(operator(date("2026-03-09 10:00")), now, "", num("7")))
			},
		},
		{
			name: "trial", start: "2026-02-28 23:00", until: "2026-03-10", policy: plan.Policy{ZeroInvoices: plan.EmitZeroInvoices},
			charges: []plan.Charge{base}, trial: &plan.Trial{Length: calendar.Days(14)},
		},
	} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			made, _, err := billing.Invoices(e.subscription(t), e.usage, billing.Checkpoint{}, date(e.until), e.options...)
			require.NoError(t, err)
			var all []string
			for _, inv := range made {
				text, err := inv.Explain()
				require.NoError(t, err)
				all = append(all, text)
				survives(t, inv)
				for i, line := range inv.Lines {
					own, err := line.Explain(inv.Zone)
					require.NoError(t, err)
					require.Contains(t, strings.ReplaceAll(text, "\n   ", "\n"), own, "line %d", i)
				}
			}
			golden.Equal(t, "testdata/explain/"+e.name+".txt", []byte(strings.Join(all, "\n")))
		})
	}
}

func TestReconciliationsExplainThemselves(t *testing.T) {
	t.Parallel()
	sub, to := must(office(plan.Policy{}).Update(operator(date("2026-02-19")), subscription.Patch{})), date("2026-02-20 12:00")
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, to)
	require.NoError(t, err)
	same, err := billing.Reconcile(sub, nil, stored(made), checkpoint, to)
	require.NoError(t, err)
	text, err := same.Explain()
	require.NoError(t, err)
	require.Equal(t, "Everything that was due up to 20 February 2026, 12:00 UTC was billed correctly.\n", text)

	sub = must(sub.ChangeQuantity(correction("2026-01-11"), subscription.Immediately(), "", num("9")))
	diff, err := billing.Reconcile(sub, nil, stored(made), checkpoint, to)
	require.NoError(t, err)
	text, err = diff.Explain()
	require.NoError(t, err)
	data, err := diff.MarshalJSON()
	require.NoError(t, err)
	var back billing.Reconciliation
	require.NoError(t, back.UnmarshalJSON(data))
	again, err := back.Explain()
	require.NoError(t, err)
	require.Equal(t, text, again)
	golden.Equal(t, "testdata/explain/reconciliation.txt", []byte(text))
}

// A line that a service made itself, or read, has no more than its exported fields.
func TestALineThatNobodyDerivedIsExplainedAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	from, to := date("2026-03-09"), date("2026-04-01")
	amount := money.MustParse("-35.48 EUR")
	of := billing.LineRef{Kind: billing.ChargeLine, Charge: "seats", From: date("2026-03-01"), To: to}
	for _, test := range []struct {
		line billing.Line
		want string
	}{
		{billing.Line{Kind: billing.ChargeLine, Charge: "seats", From: from, To: to}, "seats, 9 March to 31 March 2026: -35.48 EUR"},
		{billing.Line{Kind: billing.ChargeLine, Charge: "setup", From: from}, "setup, one-time charge, 9 March 2026: -35.48 EUR"},
		{billing.Line{Kind: billing.UsageLine, Charge: "calls", From: from, To: to}, "Usage of calls, 9 March to 31 March 2026: -35.48 EUR"},
		{billing.Line{Kind: billing.CreditLine, Charge: "seats", From: from, To: to}, "Unused seats, 9 March to 31 March 2026: credit, -35.48 EUR"},
		{
			billing.Line{Kind: billing.CreditLine, Charge: "seats", Name: "Seats", From: from, To: to, Num: 23, Den: 31, Basis: calendar.ByDay, Of: of},
			"Unused Seats, 9 March to 31 March 2026: credit for 23 of 31 days, -35.48 EUR",
		},
		{billing.Line{Kind: billing.DiscountLine, Charge: "ten", From: from, To: to, Of: of}, "ten, discount on seats, 9 March to 31 March 2026: -35.48 EUR"},
		{billing.Line{Kind: billing.DiscountLine, Charge: "ten", From: from, To: to, Percent: num("10")}, "ten, 10% off, 9 March to 31 March 2026: -35.48 EUR"},
		{billing.Line{Kind: billing.DiscountLine, Charge: "ten", From: from}, "ten, discount, 9 March 2026: -35.48 EUR"},
		{billing.Line{Kind: billing.OneOffLine, Charge: "a\nb", From: from.Add(90e9)}, `"a\nb", one-off charge, 9 March 2026, 00:01:30 UTC: -35.48 EUR`},
		{billing.Line{Kind: billing.TaxLine, Charge: "vat", From: from, Percent: num("19")}, "vat (19%): -35.48 EUR"},
		{billing.Line{Kind: billing.TaxLine, Charge: "vat", From: from, To: to, Percent: num("19"), Of: of}, "vat (19%) on seats, 9 March to 31 March 2026: -35.48 EUR"},
		{billing.Line{From: from}, `"", 9 March 2026: -35.48 EUR`},
	} {
		test.line.Amount = amount
		text, err := test.line.Explain(calendar.UTC())
		require.NoError(t, err)
		require.Equal(t, test.want, text)
	}
}

// No text of the engine shows what a customer must not see, or strangers.
func TestNothingPrivateIsExplained(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	v := plan.MustCompile(plan.Plan{
		ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1), Description: secret + "-0",
		Charges: []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: num("31")}}}, Metadata: map[string]string{secret + "-1": secret + "-2"},
	})
	sub := must(subscription.New(subscription.Params{
		ID: "sub", Plan: v, Start: date("2026-01-01"), Details: subscription.Details{
			Name: secret + "-3", ExternalRef: secret + "-4", Owner: secret + "-5", Account: secret + "-6", Organization: secret + "-7", Team: secret + "-8",
			Parent: secret + "-9", Channel: secret + "-10", CancelReason: secret + "-11", Tags: []string{secret + "-12"}, Metadata: map[string]string{secret + "-13": secret + "-14"},
		},
	}))
	call := operator(date("2026-01-11"))
	call.Reason, call.Key = secret+"-15", secret+"-16"
	sub = must(sub.ChangeQuantity(call, subscription.Immediately(), "", num("3")))
	call = operator(date("2026-01-12"))
	call.Reason, call.Policy.CancelCredit = secret+"-17", plan.CreditProrate
	reason := secret + "-18"
	sub = must(sub.Update(call, subscription.Patch{CancelReason: &reason}))
	sub = must(sub.Cancel(call, subscription.Immediately()))
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	require.Len(t, made, 3)
	for _, inv := range made {
		text, err := inv.Explain()
		require.NoError(t, err)
		require.NotContains(t, text, secret)
	}
	diff, err := billing.Reconcile(sub, nil, nil, checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	text, err := diff.Explain()
	require.NoError(t, err)
	require.NotContains(t, text, secret)
	_, err = billing.Reconcile(sub, nil, []billing.StoredLine{{Amount: money.MustParse("1.00 USD")}}, checkpoint, date("2026-02-01"))
	require.Error(t, err)
	require.NotContains(t, err.Error(), secret)
	_, _, err = billing.Invoices(sub, billing.Usage{calls("2026-01-20", 1)}, billing.Checkpoint{}, date("2026-02-01"))
	require.Error(t, err)
	require.NotContains(t, err.Error(), secret)
}
