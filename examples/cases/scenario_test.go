package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/cases"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// story has every key of the format that can stand beside the others.
const story = `{"id":"story","source":"here","kind":"scenario","note":"","currency":"EUR","time_zone":"Europe/Paris","rounding":"half_even",
	"plans":[
		{"id":"basic","every":{"count":1,"unit":"month"},"charges":[
			{"id":"fee","price":{"model":"flat_fee","amount":"10"},"timing":"advance"},
			{"id":"seats","price":{"model":"per_unit","unit_amount":"2"},"quantity":"3"},
			{"id":"calls","price":{"model":"per_unit","unit_amount":"0.01"},"usage":"api_calls"},
			{"id":"setup","price":{"model":"flat_fee","amount":"50"},"once":true}],
		 "trial":{"count":14,"unit":"day"},"cycles":12,"at_end":"renew",
		 "phases":[{"every":{"count":1,"unit":"month"},"charges":[],"cycles":3},
		           {"every":{"count":1,"unit":"week"},"charges":[],"length":{"count":30,"unit":"day"}}]},
		{"id":"pro","every":{"count":1,"unit":"year"},"charges":[],"trial":{"until":"2026-02-01"}}],
	"subscription":{"plan":"basic","start":"2026-01-01","quantity":"5","anchor":"2026-01-15","first_period":"free","auto_renew":false},
	"policy":{"basis":"second","change_day":"old","credit_basis":"list","month_end":"last_day","negative":"refund","zero_invoices":"emit","usage_bounds":"whole","usage_count":"across","change_add_ons":"drop","change_prices":"keep","period_end":"longest","first_invoice":"next"},
	"actions":[
		{"at":"2026-02-01","do":"change_plan","to":"pro","quantity":"6","effective":"period_end","credit":"full","charge_new":"none","collect":"next_invoice","anchor":"reset"},
		{"at":"2026-02-01","do":"change_quantity","quantity":"7","charge":"seats","effective":"2026-03-01"},
		{"at":"2026-02-01","do":"change_price","charge":"fee","price":{"model":"flat_fee","amount":"12"}},
		{"at":"2026-02-02","do":"cancel","effective":"2026-05-01T12:00:00Z","credit":"prorate"},
		{"at":"2026-02-03","do":"undo_cancel"},
		{"at":"2026-02-04","do":"pause","effective":"now","credit":"prorate","cycles":2},
		{"at":"2026-02-04","do":"pause","effective":"now","resume_at":"2026-02-05"},
		{"at":"2026-02-05","do":"resume","anchor":"extend"},
		{"at":"2026-02-06","do":"reactivate"},
		{"at":"2026-02-07","do":"end_trial"},
		{"at":"2026-02-08","do":"extend_trial","to":"2026-03-01"},
		{"at":"2026-02-09","do":"set_anchor","anchor":"2026-02-20","proration":"none"},
		{"at":"2026-02-10","do":"discount","percent":"10","duration":"cycles","cycles":3,"charge":"fee"},
		{"at":"2026-02-10","do":"discount","amount":"5","duration":"forever"},
		{"at":"2026-02-10T12:00:00Z","set":"raise","do":"change_quantity","quantity":"8"},
		{"at":"2026-02-10T12:00:00Z","set":"raise","do":"account_credit","amount":"4"},
		{"at":"2026-02-11","do":"one_off","amount":"3","collect":"now"},
		{"at":"2026-02-12","do":"account_credit","amount":"4"},
		{"at":"2026-02-13T01:02:03Z","do":"usage","of":"api_calls","quantity":"1.5"}],
	"until":"2026-06-01",
	"expect":{
		"invoices":[{"at":"2026-01-15","lines":[
				{"from":"2026-01-15","to":"2026-02-15","amount":"10","what":"charge"},
				{"from":"2026-01-15","to":null,"amount":"50","what":"one_off"},
				{"from":"2026-01-15","to":"2026-02-15","amount":"10","what":"usage"}],
			"total":"70","credit_applied":"4","due":"66"},
			{"at":"2026-02-15"}],
		"partial":false,
		"statuses":[{"at":"2026-01-01","status":"in_trial"},{"at":"2026-02-04","status":"paused"}],
		"next_billing":[{"at":"2026-02-01","next_at":"2026-02-15","next_amount":"12.50"},{"at":"2026-05-02","next_at":null,"next_amount":null}],
		"balance":"1.25"}}`

func TestAStoryWithEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	c := read(t, story)
	require.Equal(t, "scenario", c.Kind(), cases.Run(c).Reason)
	s := cases.Told(c)
	require.Equal(t, "EUR half_even Europe/Paris", s.Currency.String()+" "+string(s.Rounding)+" "+s.Zone.Name())
	require.Equal(t, cases.Policy{
		Basis: calendar.BySecond, ChangeDay: calendar.OldSide, CreditBasis: "list", MonthEnd: calendar.LastDay, Negative: "refund", ZeroInvoices: "emit",
		UsageBounds: plan.BoundsWhole, UsageCount: plan.CountAcross, ChangeAddOns: plan.DropAddOns, ChangePrices: plan.KeepPrices, PeriodEnd: plan.LongestPeriodEnd, FirstInvoice: plan.FirstWithNext,
	}, s.Policy)

	basic := s.Plans[0]
	require.Equal(t, "P1M 12 renew", basic.Every.String()+" "+decimal.NewFromInt(int64(basic.Cycles)).String()+" "+basic.AtEnd)
	require.Equal(t, calendar.Days(14), basic.Trial.Length)
	require.Equal(t, "2026-02-01", s.Plans[1].Trial.Until.String())
	require.Equal(t, plan.Advance, basic.Charges[0].Timing)
	require.Equal(t, plan.Advance, basic.Charges[1].Timing)
	require.Equal(t, plan.Arrears, basic.Charges[2].Timing)
	require.Equal(t, plan.FlatFeeModel, basic.Charges[3].Price.Model())
	require.True(t, basic.Charges[3].Once)
	require.Equal(t, 3, basic.Phases[0].Cycles)
	require.Equal(t, calendar.Days(30), basic.Phases[1].Length.Interval)

	require.Len(t, s.Actions, 19)
	change := s.Actions[0].Verb.(*cases.ChangePlan)
	require.Equal(t, cases.Change{
		Effective: cases.When{PeriodEnd: true}, Credit: "full", ChargeNew: "none", Collect: "next_invoice", Anchor: "reset",
	}, change.Change)
	quantity := s.Actions[1].Verb.(*cases.ChangeQuantity)
	require.Equal(t, "2026-03-01", quantity.Effective.At.String())
	require.False(t, quantity.Effective.IsNow())
	price := s.Actions[2].Verb.(*cases.ChangePrice)
	require.Equal(t, plan.FlatFeeModel, price.Price.Model())
	require.Equal(t, "raise raise", s.Actions[14].Set+" "+s.Actions[15].Set)
	require.Empty(t, s.Actions[13].Set)
	usage := s.Actions[18]
	require.Equal(t, time.Date(2026, 2, 13, 1, 2, 3, 0, time.UTC), usage.At.In(s.Zone))
	require.Equal(t, time.Date(2026, 5, 31, 22, 0, 0, 0, time.UTC), s.Until.In(s.Zone))
	require.Nil(t, s.Expect.Invoices[0].Lines[1].To)
	require.Nil(t, s.Expect.NextBilling[1].NextAt)
}

// plain is the shortest story; what follows its id can be added to it.
const plain = `"kind":"scenario","plans":[{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"10"}}]}],
	"subscription":{"plan":"p","start":"2026-01-31"},"until":"2026-03-01","expect":{"balance":"0"}`

func TestAStoryHasItsDefaults(t *testing.T) {
	t.Parallel()
	s := cases.Told(read(t, `{"id":"x",`+plain+`,"actions":[
		{"at":"2026-02-01","do":"change_plan","to":"p"},
		{"at":"2026-02-01","do":"cancel","effective":"now"},
		{"at":"2026-02-01","do":"pause","effective":"period_end"},
		{"at":"2026-02-01","do":"resume"},
		{"at":"2026-02-01","do":"set_anchor","anchor":"2026-02-02"},
		{"at":"2026-02-01","do":"one_off","amount":"1"}]}`))
	require.Equal(t, "USD half_up UTC", s.Currency.String()+" "+string(s.Rounding)+" "+s.Zone.Name())
	wanted := cases.Policy{
		Basis: calendar.ByDay, ChangeDay: calendar.NewSide, CreditBasis: "billed", MonthEnd: calendar.Clamp, Negative: "carry", ZeroInvoices: "omit",
		UsageBounds: "share", UsageCount: "per_price", ChangeAddOns: "keep", ChangePrices: "drop", PeriodEnd: "plan", FirstInvoice: "apart",
	}
	require.Equal(t, wanted, s.Policy)
	empty := cases.Told(read(t, `{"id":"x",`+plain+`,"policy":{}}`))
	require.Equal(t, wanted, empty.Policy)
	require.Equal(t, "1 prorate", s.Subscription.Quantity.String()+" "+string(s.Subscription.FirstPeriod))
	require.True(t, s.Subscription.AutoRenew)
	require.True(t, s.Subscription.Anchor.IsZero())
	require.Equal(t, "cancel", s.Plans[0].AtEnd)
	change := s.Actions[0].Verb.(*cases.ChangePlan)
	require.Equal(t, cases.Change{Credit: "prorate", ChargeNew: "prorate", Collect: "now", Anchor: "keep"}, change.Change)
	require.True(t, change.Effective.IsNow())
	require.Equal(t, plan.CreditNone, s.Actions[1].Verb.(*cases.Cancel).Credit)
	pause := s.Actions[2].Verb.(*cases.Pause)
	require.Equal(t, plan.CreditNone, pause.Credit)
	require.True(t, pause.Effective.PeriodEnd)
	require.Equal(t, plan.KeepAnchor, s.Actions[3].Verb.(*cases.Resume).Anchor)
	require.Equal(t, "prorate", s.Actions[4].Verb.(*cases.SetAnchor).Proration)
	require.Equal(t, plan.CollectNextInvoice, s.Actions[5].Verb.(*cases.OneOff).Collect)
}

func TestAStoryThatCannotBeReadIsUnsupported(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, new, want string }{
		{"a field of another verb", `"do":"undo_cancel"`, `"do":"undo_cancel","credit":"none"`, "actions[4].credit: unknown"},
		{"a cancel that collects", `"do":"cancel",`, `"do":"cancel","collect":"now",`, "actions[3].collect: unknown"},
		{"an unknown verb", `"do":"reactivate"`, `"do":"hold"`, `actions[8].do: unknown action "hold"`},
		{"no verb", `"do":"reactivate"`, `"quantity":"1"`, "actions[8].do: missing"},
		{"no instant", `"at":"2026-02-06",`, ``, "actions[8].at: missing"},
		{"an unknown plan to change to", `"to":"pro"`, `"to":"gold"`, `actions[0].to: no plan is named "gold"`},
		{"an unknown usage", `"of":"api_calls"`, `"of":"calls"`, `actions[18].of: no charge rates the usage "calls"`},
		{"an unknown plan to start with", `"plan":"basic"`, `"plan":"gold"`, `subscription.plan: no plan is named "gold"`},
		{"two plans of one name", `"id":"pro"`, `"id":"basic"`, `plans[1].id: another plan is named "basic"`},
		{"an unknown credit", `"credit":"full"`, `"credit":"most"`, "actions[0].credit: "},
		{"a full credit of a pause", `"effective":"now","credit":"prorate"`, `"effective":"now","credit":"full"`, `actions[5].credit: unknown word "full"`},
		{"a cancel without its effect", `"do":"cancel","effective":"2026-05-01T12:00:00Z",`, `"do":"cancel",`, "actions[3].effective: missing"},
		{"an unknown effect", `"effective":"period_end"`, `"effective":"tomorrow"`, "actions[0].effective: calendar: "},
		{"a pause of both cycles and an end", `"credit":"prorate","cycles":2`, `"cycles":2,"resume_at":"2026-02-05"`, "actions[5]: must have exactly one of cycles, resume_at"},
		{"a pause of no cycles", `"credit":"prorate","cycles":2`, `"credit":"prorate","cycles":0`, "actions[5].cycles: must be at least 1"},
		{"a discount of both kinds", `"percent":"10",`, `"percent":"10","amount":"1",`, "actions[12]: must have exactly one of percent, amount"},
		{"a discount of neither kind", `"percent":"10",`, ``, "actions[12]: must have exactly one of percent, amount"},
		{"a discount without its duration", `"amount":"5","duration":"forever"`, `"amount":"5"`, "actions[13].duration: missing"},
		{"a discount for ever and cycles", `"duration":"forever"`, `"duration":"forever","cycles":2`, "actions[13]: must have cycles exactly if"},
		{"a discount of cycles without them", `"duration":"cycles","cycles":3`, `"duration":"cycles"`, "actions[12]: must have cycles exactly if"},
		{"an end of a resume that only a change has", `"anchor":"reset"`, `"anchor":"extend"`, `actions[0].anchor: unknown word "extend"`},
		{"a trial of both kinds", `"count":14,`, `"until":"2026-02-01","count":14,`, "plans[0].trial.count: unknown"},
		{"a trial of neither kind", `{"until":"2026-02-01"}`, `{}`, "plans[1].trial.count: missing"},
		{"a phase of both lengths", `"charges":[],"cycles":3`, `"charges":[],"cycles":3,"length":{"count":1,"unit":"day"}`, "plans[0].phases[0]: must have exactly one of cycles, length"},
		{"a phase of neither length", `"charges":[],"cycles":3`, `"charges":[]`, "plans[0].phases[0]: must have exactly one of cycles, length"},
		{"a trial of a phase", `"charges":[],"cycles":3`, `"charges":[],"cycles":3,"trial":{}`, "plans[0].phases[0].trial: unknown"},
		{"no cycles", `"cycles":12`, `"cycles":0`, "plans[0].cycles: must be at least 1"},
		{"an unknown end", `"at_end":"renew"`, `"at_end":"roll"`, `plans[0].at_end: unknown word "roll"`},
		{"an unknown timing", `"timing":"advance"`, `"timing":"later"`, "plans[0].charges[0].timing: "},
		{"a usage with a quantity", `"usage":"api_calls"`, `"usage":"api_calls","quantity":"1"`, "plans[0].charges[2]: must not have both usage and quantity"},
		{"a price within a charge", `"unit_amount":"2"`, `"unit_amount":"2","per":"hour"`, "plans[0].charges[1].price.per: unknown field"},
		{"a price within an action", `"amount":"12"}`, `"amount":"12","per":"hour"}`, "actions[2].price.per: unknown field"},
		{"an unknown choice of the policy", `"negative":"refund"`, `"negative":"forget"`, "policy.negative: "},
		{"unknown bounds of usage", `"usage_bounds":"whole"`, `"usage_bounds":"half"`, "policy.usage_bounds: plan: unknown choice for bounds of usage \"half\": must be one of share, whole"},
		{"an unknown count of usage", `"usage_count":"across"`, `"usage_count":"over"`, "policy.usage_count: plan: unknown choice for the count of usage \"over\": must be one of per_price, across"},
		{"a rounding in the policy", `"negative":"refund"`, `"rounding":"half_up"`, "policy.rounding: unknown"},
		{"an unknown first period", `"first_period":"free"`, `"first_period":"half"`, "subscription.first_period: "},
		{"an unknown status", `"status":"paused"`, `"status":"trialing"`, "expect.statuses[1].status: "},
		{"an unknown line", `"what":"usage"`, `"what":"fee"`, `expect.invoices[0].lines[2].what: unknown word "fee"`},
		{"a line without its end", `"to":null,`, ``, "expect.invoices[0].lines[1].to: missing"},
		{"a line without its start", `"from":"2026-01-15","to":null,`, `"to":null,`, "expect.invoices[0].lines[1].from: missing"},
		{"an invoice without its instant", `{"at":"2026-02-15"}`, `{"total":"1"}`, "expect.invoices[1].at: missing"},
		{"an invoice with a number", `"due":"66"`, `"due":"66","number":"7"`, "expect.invoices[0].number: unknown"},
		{"half a next billing", `"next_amount":"12.50"`, `"next_amount":null`, "expect.next_billing[0]: next_at and next_amount must both be null or neither"},
		{"a next billing without its amount", `,"next_amount":"12.50"`, ``, "expect.next_billing[0].next_amount: missing"},
		{"an expectation of a tax", `"balance":"1.25"`, `"balance":"1.25","tax":"1"`, "expect.tax: unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, story, test.old)
			result := run(t, strings.Replace(story, test.old, test.new, 1))
			require.Equal(t, cases.Unsupported, result.Verdict)
			require.Contains(t, result.Reason, test.want)
		})
	}
	for _, test := range []struct{ name, old, new, want string }{
		{"an expectation of nothing", `{"balance":"0"}`, `{}`, "expect: must assert something"},
		{"an expectation of some of no invoices", `{"balance":"0"}`, `{"invoices":[],"partial":true}`, "expect: must assert something"},
		{"part of invoices that are not there", `{"balance":"0"}`, `{"balance":"0","partial":true}`, "expect.partial: there are no invoices"},
		{"no plans", `"plans":`, `"actions":[],"plan":`, "plan: unknown"},
		{"no end", `"until":"2026-03-01",`, ``, "until: missing"},
		{"no start", `,"start":"2026-01-31"`, ``, "subscription.start: missing"},
		{"no expectation", `,"expect":{"balance":"0"}`, ``, "expect: missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, plain, test.old)
			result := run(t, `{"id":"x",`+strings.Replace(plain, test.old, test.new, 1)+`}`)
			require.Equal(t, cases.Unsupported, result.Verdict)
			require.Contains(t, result.Reason, test.want)
		})
	}
}

func TestAnOutcomeIsJudged(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		var m cases.Moment
		require.NoError(t, m.UnmarshalText([]byte(s)))
		return m.In(calendar.MustLoadZone("Europe/Paris"))
	}
	amount := decimal.RequireFromString
	right := func() cases.Outcome {
		return cases.Outcome{
			Invoices: []cases.Invoice{
				{At: at("2026-01-15"), Lines: []cases.Line{
					{From: at("2026-01-15"), To: at("2026-02-15"), Amount: amount("10.00")},
					{From: at("2026-01-15"), To: at("2026-02-15"), Amount: amount("10.00")},
					{From: at("2026-01-15"), Amount: amount("50.00")},
				}, Total: amount("70.00"), CreditApplied: amount("4.00"), Due: amount("66.00")},
				{At: at("2026-02-15"), Total: amount("1")},
			},
			Statuses:    []lifecycle.Status{lifecycle.InTrial, lifecycle.Paused},
			NextBilling: []cases.Next{{At: at("2026-02-15"), Amount: amount("12.5")}, {}},
			Balance:     amount("1.250"),
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(o *cases.Outcome)
		want  string // "passed" or what the line says
	}{
		{"lines are a multiset", func(*cases.Outcome) {}, "passed story"},
		{"a line too few", func(o *cases.Outcome) { o.Invoices[0].Lines = o.Invoices[0].Lines[1:] }, "got invoice 1: 2026-01-15 lines [(2026-01-15 2026-02-15 10.00) (2026-01-15 null 50.00)]"},
		{"a line too many", func(o *cases.Outcome) {
			o.Invoices[0].Lines = append(o.Invoices[0].Lines, o.Invoices[0].Lines[0])
		}, "FAIL"},
		{"one line twice and another not", func(o *cases.Outcome) { o.Invoices[0].Lines[1] = o.Invoices[0].Lines[2] }, "FAIL"},
		{"another amount of a line", func(o *cases.Outcome) { o.Invoices[0].Lines[0].Amount = amount("10.01") }, "FAIL"},
		{"another start of a line", func(o *cases.Outcome) { o.Invoices[0].Lines[0].From = at("2026-01-16") }, "FAIL"},
		{"another end of a line", func(o *cases.Outcome) { o.Invoices[0].Lines[0].To = at("2026-02-15T00:00:00Z") }, "FAIL"},
		{"a period where there is none", func(o *cases.Outcome) { o.Invoices[0].Lines[2].To = at("2026-02-15") }, "FAIL"},
		{"no period where there is one", func(o *cases.Outcome) { o.Invoices[0].Lines[0].To = time.Time{} }, "FAIL"},
		{"another instant", func(o *cases.Outcome) { o.Invoices[1].At = at("2026-02-16") }, "got invoice 2: 2026-02-16 lines [] total 1.00 credit_applied 0.00 due 0.00, want 2026-02-15"},
		{"another total", func(o *cases.Outcome) { o.Invoices[0].Total = amount("70.01") }, "total 70.01"},
		{"another credit", func(o *cases.Outcome) { o.Invoices[0].CreditApplied = amount("3") }, "credit_applied 3.00"},
		{"another sum due", func(o *cases.Outcome) { o.Invoices[0].Due = amount("67") }, "due 67.00"},
		{"a total that is not asserted", func(o *cases.Outcome) { o.Invoices[1].Total = amount("99") }, "passed story"},
		{"an invoice too few", func(o *cases.Outcome) { o.Invoices = o.Invoices[:1] }, "got 1 invoices, want invoice 2: 2026-02-15"},
		{"an invoice too many", func(o *cases.Outcome) { o.Invoices = append(o.Invoices, o.Invoices[0]) }, "got invoice 3: 2026-01-15"},
		{"invoices in another order", func(o *cases.Outcome) { o.Invoices[0], o.Invoices[1] = o.Invoices[1], o.Invoices[0] }, "FAIL"},
		{"another status", func(o *cases.Outcome) { o.Statuses[1] = lifecycle.Active }, "got status active at 2026-02-04, want paused"},
		{"an unanswered question", func(o *cases.Outcome) { o.Statuses = o.Statuses[:1] }, "got another number of answers"},
		{"another next instant", func(o *cases.Outcome) { o.NextBilling[0].At = at("2026-02-16") }, "got next billing asked at 2026-02-01: 12.50 at 2026-02-16, want 12.50 at 2026-02-15"},
		{"another next amount", func(o *cases.Outcome) { o.NextBilling[0].Amount = amount("12") }, "got next billing asked at 2026-02-01: 12.00 at 2026-02-15, want 12.50 at 2026-02-15"},
		{"a next billing where there is none", func(o *cases.Outcome) { o.NextBilling[1] = o.NextBilling[0] }, "want none"},
		{"no next billing where there is one", func(o *cases.Outcome) { o.NextBilling[0] = cases.Next{} }, "got next billing asked at 2026-02-01: none"},
		{"another balance", func(o *cases.Outcome) { o.Balance = amount("1.26") }, "got balance 1.26, want 1.25"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outcome := right()
			test.spoil(&outcome)
			require.Contains(t, cases.Judge(read(t, story), outcome).String(), test.want)
		})
	}
}

func TestWhatAnExpectationLeavesOutIsNotAsserted(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	invoices := []cases.Invoice{{At: day(1), Total: decimal.NewFromInt(1)}, {At: day(2), Total: decimal.NewFromInt(2)}, {At: day(3), Total: decimal.NewFromInt(3)}}
	for _, test := range []struct{ name, expect, want string }{
		{"no invoices asserted", `{"balance":"0"}`, "passed x"},
		{"that there are none", `{"invoices":[]}`, "FAIL x: got invoice 1: 2026-01-01"},
		{"all of them by their instants", `{"invoices":[{"at":"2026-01-01"},{"at":"2026-01-02"},{"at":"2026-01-03"}]}`, "passed x"},
		{"no lines at all", `{"invoices":[{"at":"2026-01-01","lines":[]},{"at":"2026-01-02"},{"at":"2026-01-03"}]}`, "passed x"},
		{"some of them", `{"partial":true,"invoices":[{"at":"2026-01-01"},{"at":"2026-01-03","total":"3"}]}`, "passed x"},
		{"one that is not among them", `{"partial":true,"invoices":[{"at":"2026-01-03","total":"4"}]}`, "want among them, in order, invoice 1: 2026-01-03 total 4.00"},
		{"one twice", `{"partial":true,"invoices":[{"at":"2026-01-03"},{"at":"2026-01-03"}]}`, "want among them, in order, invoice 2: 2026-01-03"},
		{"some in another order", `{"partial":true,"invoices":[{"at":"2026-01-03"},{"at":"2026-01-01"}]}`, "want among them, in order, invoice 2: 2026-01-01"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := read(t, `{"id":"x",`+strings.Replace(plain, `{"balance":"0"}`, test.expect, 1)+`}`)
			require.Contains(t, cases.Judge(c, cases.Outcome{Invoices: invoices}).String(), test.want)
		})
	}
}
