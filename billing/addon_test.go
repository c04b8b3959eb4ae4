package billing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// addOnCatalog has plans and what is sold beside them.
func addOnCatalog() *plan.Catalog {
	each := func(amount string) plan.Price { return plan.PerUnit{UnitAmount: decimal.RequireFromString(amount)} }
	flat := func(amount string) plan.Price { return plan.FlatFee{Amount: decimal.RequireFromString(amount)} }
	base := plan.Charge{ID: "base", Price: flat("100")}
	monthly := func(id string, p plan.Plan) plan.Plan {
		p.ID, p.Version, p.Currency, p.Every = id, 1, money.USD, calendar.Months(1)
		return p
	}
	trial, free := plan.Trial{Length: calendar.Days(14)}, plan.Phase{Charges: []plan.Charge{base}, Length: calendar.Days(10)}
	return plan.MustCatalog(
		monthly("pro", plan.Plan{Charges: []plan.Charge{base}}),
		monthly("basic", plan.Plan{Charges: []plan.Charge{{ID: "base", Price: flat("40")}}}),
		monthly("tried", plan.Plan{Charges: []plan.Charge{base}, Trial: &trial}),
		monthly("phased", plan.Plan{Charges: []plan.Charge{{ID: "base", Price: flat("50")}}, Phases: []plan.Phase{free}}),
		monthly("stepped", plan.Plan{
			Charges: []plan.Charge{{ID: "base", Price: flat("62")}},
			Phases:  []plan.Phase{{Every: calendar.Days(10), Length: calendar.Days(15), Charges: []plan.Charge{{ID: "base", Price: flat("10")}}}},
		}),
		monthly("fading", plan.Plan{Phases: []plan.Phase{{Every: calendar.Days(10), Length: calendar.Days(5), Charges: []plan.Charge{{ID: "base", Price: flat("14")}}}}}),
		plan.Plan{ID: "yearly", Version: 1, Currency: money.USD, Every: calendar.Years(1), Charges: []plan.Charge{{ID: "base", Price: flat("1000")}}},
		plan.AddOn{ID: "backup", Version: 1, Currency: money.USD, Charges: []plan.Charge{{ID: "storage", Price: each("10")}}, MaxQuantity: plan.Bound(decimal.NewFromInt(9))},
		plan.AddOn{ID: "support", Version: 1, Currency: money.USD, Plans: []string{"pro", "yearly"}, Charges: []plan.Charge{{ID: "hours", Price: flat("31"), Timing: plan.Arrears}}},
		plan.AddOn{ID: "onboarding", Version: 1, Currency: money.USD, Repeatable: true, Charges: []plan.Charge{{ID: "setup", Price: flat("7"), Once: true}, {ID: "fee", Price: flat("3.10")}}},
		plan.AddOn{
			ID: "calls", Version: 1, Currency: money.USD, Charges: []plan.Charge{{ID: "calls", Metric: "calls", Price: each("0.50")}},
			Metrics: []plan.Metric{{ID: "calls", Aggregation: plan.Max}},
		},
	)
}

// An addOnStory plays lines such as "01-16 10:00 attach backup extra 3" from 1 January 2026.
type addOnStory struct {
	name, plan string
	steps      []string
	until      string
	want       string // the invoices: date total
	anchor     string // of the grid, if not the start
}

func (s *addOnStory) play(t *testing.T) (subscription.Subscription, []billing.Invoice) {
	t.Helper()
	catalog := addOnCatalog()
	version := func(id string) *plan.Version {
		v, err := catalog.Lookup(plan.Ref{ID: id, Version: 1})
		require.NoError(t, err)
		return v
	}
	on := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", "2026-"+text)
		if err != nil {
			at, err = time.Parse("2006-01-02", "2026-"+text)
		}
		require.NoError(t, err)
		return at
	}
	params := subscription.Params{ID: "s", Plan: version(s.plan), Start: on("01-01")}
	if s.anchor != "" {
		params.Anchor = on(s.anchor)
	}
	sub, err := subscription.New(params)
	require.NoError(t, err)
	var usage billing.Usage
	for _, step := range s.steps {
		at, words, _ := strings.Cut(step, ": ")
		args := append(strings.Fields(words), "", "", "", "")
		call := subscription.Call{At: on(at), Actor: lifecycle.Operator}
		when := subscription.Immediately()
		for i, word := range args {
			switch value, _ := strings.CutPrefix(word, "on="); {
			case word == "later":
				when, args[i] = subscription.AtPeriodEnd(), ""
			case value != word:
				when, args[i] = subscription.On(on(value)), ""
			case strings.HasPrefix(word, "credit="):
				call.Policy.ChangeCredit, args[i] = plan.UnusedCredit(word[7:]), ""
			case strings.HasPrefix(word, "cancel_credit="):
				call.Policy.CancelCredit, args[i] = plan.UnusedCredit(word[14:]), ""
			case strings.HasPrefix(word, "new="):
				call.Policy.ChargeNew, args[i] = plan.ChargeNew(word[4:]), ""
			case strings.HasPrefix(word, "collect="):
				call.Policy.Collect, args[i] = plan.Collect(word[8:]), ""
			case strings.HasPrefix(word, "day="):
				call.Policy.ChangeDay, args[i] = calendar.ChangeDay(word[4:]), ""
			case word == "reset":
				call.Policy.ChangeAnchor, args[i] = plan.ResetAnchor, ""
			case strings.HasPrefix(word, "add_ons="):
				call.Policy.ChangeAddOns, args[i] = plan.AddOnChange(word[8:]), ""
			}
		}
		switch args[0] {
		case "attach":
			addOn, err := catalog.AddOn(plan.Ref{ID: args[1], Version: 1})
			require.NoError(t, err)
			a := subscription.Attachment{ID: args[2], AddOn: addOn}
			for _, word := range args[3:] {
				value, isCycles := strings.CutPrefix(word, "cycles=")
				until, isUntil := strings.CutPrefix(word, "until=")
				price, isPrice := strings.CutPrefix(word, "price=")
				switch {
				case isCycles:
					_, err = fmt.Sscan(value, &a.Cycles)
					require.NoError(t, err)
				case isUntil:
					a.Until = on(until)
				case isPrice:
					a.Prices = map[string]plan.Price{"storage": plan.PerUnit{UnitAmount: decimal.RequireFromString(price)}}
				case word != "":
					a.Quantity = plan.Bound(decimal.RequireFromString(word))
				}
			}
			sub, err = sub.Attach(call, when, a)
			require.NoError(t, err, "%s: %s", s.name, step)
		case "detach":
			sub, err = sub.Detach(call, when, args[1])
		case "quantity":
			sub, err = sub.ChangeAddOnQuantity(call, when, args[1], decimal.RequireFromString(args[2]))
		case "plan":
			sub, err = sub.ChangePlan(call, when, version(args[1]))
		case "pause":
			sub, err = sub.Pause(call, when, subscription.Pause{})
		case "resume":
			sub, err = sub.Resume(call, when)
		case "cancel":
			sub, err = sub.Cancel(call, when)
		case "undo":
			sub, err = sub.UndoChange(call)
		case "discount":
			sub, err = sub.AddDiscount(call, plan.Discount{ID: "d", Percent: plan.Bound(decimal.NewFromInt(50)), Charges: []string{args[1]}, Duration: plan.Forever})
		case "usage":
			usage = append(usage, billing.Record{Metric: "calls", At: on(at), Quantity: decimal.RequireFromString(args[1])})
		}
		require.NoError(t, err, "%s: %s", s.name, step)
	}
	until := on(s.until)
	invoices, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, until)
	require.NoError(t, err, s.name)

	// In two runs, and from the document.
	data, err := sub.MarshalJSON()
	require.NoError(t, err)
	back, err := subscription.Decode(data, catalog)
	require.NoError(t, err, "%s: %s", s.name, data)
	require.True(t, sub.Equal(back))
	var apart []billing.Invoice
	var stored []billing.StoredLine
	from := billing.Checkpoint{}
	for at := on("01-01"); ; at = at.AddDate(0, 0, 3) {
		made, next, err := billing.Invoices(back, usage, from, minTime(at, until))
		require.NoError(t, err)
		apart, from = append(apart, made...), next
		for _, inv := range made {
			stored = append(stored, inv.StoredLines()...)
		}
		if !at.Before(until) {
			break
		}
	}
	require.Equal(t, linesTold(invoices), linesTold(apart), s.name)
	diff, err := billing.Reconcile(back, usage, stored, checkpoint, until)
	require.NoError(t, err)
	require.True(t, diff.IsEmpty(), s.name)
	for _, inv := range invoices {
		_, err := inv.Explain()
		require.NoError(t, err)
	}
	return sub, invoices
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// linesTold is what invoices come to, with their lines.
func linesTold(invoices []billing.Invoice) string {
	var out []string
	for _, inv := range invoices {
		text := inv.At.Format("01-02") + " " + inv.Total.Amount()
		for _, l := range inv.Lines {
			text += fmt.Sprintf(" [%s %s..%s %s]", l.Charge, l.From.Format("01-02"), l.To.Format("01-02"), l.Amount.Amount())
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

var addOnStories = []addOnStory{
	{
		name: "removed on the 25th with its credit", plan: "pro", until: "02-01",
		steps: []string{"01-16 10:00: attach backup b 3", "01-25 12:00: detach b"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"01-25 -6.77 [b/storage 01-25..02-01 -6.77]\n" +
			"02-01 100.00 [base 02-01..03-01 100.00]",
	},
	{
		name: "removed without a credit it is not billed again", plan: "pro", until: "03-01",
		steps: []string{"01-16 10:00: attach backup b 3", "01-25 12:00: detach b credit=none"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"02-01 100.00 [base 02-01..03-01 100.00]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]",
	},
	{
		name: "removed at the end of the period", plan: "pro", until: "03-01",
		steps: []string{"01-16 10:00: attach backup b 3", "01-25 12:00: detach b later"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"02-01 100.00 [base 02-01..03-01 100.00]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]",
	},
	{
		name: "removed on a date that is known beforehand", plan: "pro", until: "03-01",
		steps: []string{"01-10: attach backup b 3", "01-11: detach b on=02-15"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-10 21.29 [b/storage 01-10..02-01 21.29]\n" +
			"02-01 115.00 [base 02-01..03-01 100.00] [b/storage 02-01..02-15 15.00]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]",
	},
	{
		name: "whole from its start", plan: "pro", until: "02-01",
		steps: []string{"01-16 10:00: attach backup b 3 new=full"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 30.00 [b/storage 01-16..02-01 30.00]\n" +
			"02-01 130.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 30.00]",
	},
	{
		name: "free up to the boundary", plan: "pro", until: "02-01",
		steps: []string{"01-16 10:00: attach backup b 3 new=none"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"02-01 130.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 30.00]",
	},
	{
		name: "from the next boundary", plan: "pro", until: "02-01",
		steps: []string{"01-16 10:00: attach backup b 3 later"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"02-01 130.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 30.00]",
	},
	{
		name: "two cycles, of which the running part is the first", plan: "pro", until: "04-01",
		steps: []string{"01-16 10:00: attach backup b 3 cycles=2"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"02-01 130.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 30.00]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]\n" +
			"04-01 100.00 [base 04-01..05-01 100.00]",
	},
	{
		name: "until a date", plan: "pro", until: "04-01",
		steps: []string{"01-16: attach backup b 3 until=02-15"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"02-01 115.00 [base 02-01..03-01 100.00] [b/storage 02-01..02-15 15.00]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]\n" +
			"04-01 100.00 [base 04-01..05-01 100.00]",
	},
	{
		name: "its beginning opens a new period, its end does not", plan: "pro", until: "02-10",
		steps: []string{"01-10: attach backup b 1 until=01-20 reset"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-10 32.26 [base 01-10..02-01 -70.97] [base 01-10..02-10 100.00] [b/storage 01-10..01-20 3.23]\n" +
			"02-10 100.00 [base 02-10..03-10 100.00]",
	},
	{
		name: "begun in a pause, the rest of the period is the first cycle", plan: "pro", until: "02-01",
		steps: []string{"01-10: attach backup b 1 on=01-12 cycles=1", "01-11: pause", "01-20: resume"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-20 3.87 [b/storage 01-20..02-01 3.87]\n" +
			"02-01 100.00 [base 02-01..03-01 100.00]",
	},
	{
		name: "over before the period ends at which it was to begin", plan: "pro", until: "02-01",
		steps: []string{"01-10: attach backup b 1 until=01-20 later"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"02-01 100.00 [base 02-01..03-01 100.00]",
	},
	{
		name: "an end that goes with a change follows its choices", plan: "pro", until: "01-21",
		steps: []string{"01-10: attach backup b 1 until=01-21 credit=full", "01-11: plan basic on=01-21"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-10 7.10 [b/storage 01-10..02-01 7.10]\n" +
			"01-21 -24.84 [base 01-21..02-01 -35.48] [b/storage 01-21..02-01 -3.55] [base 01-21..02-01 14.19]",
	},
	{
		name: "an end where a phase begins does not make the phase free", plan: "phased", until: "02-01",
		steps: []string{"01-06: attach backup b 1 until=01-11 new=none"},
		want: "01-01 32.26 [base 01-01..01-11 32.26]\n" +
			"01-11 33.87 [base 01-11..02-01 33.87]\n" +
			"02-01 50.00 [base 02-01..03-01 50.00]",
	},
	{
		name: "an end where a phase begins does not make the phase wait", plan: "stepped", until: "02-01",
		steps: []string{"01-11: attach backup b 1 cycles=1 collect=next_invoice"},
		want: "01-01 10.00 [base 01-01..01-11 10.00]\n" +
			"01-11 5.00 [base 01-11..01-16 5.00]\n" +
			"01-16 37.00 [b/storage 01-11..01-16 5.00] [base 01-16..02-01 32.00]\n" +
			"02-01 62.00 [base 02-01..03-01 62.00]",
	},
	{
		name: "what waits is due with a phase also where the phase has nothing to charge", plan: "fading", until: "02-01",
		steps: []string{"01-01: attach backup b 1 cycles=1 collect=next_invoice"},
		want: "01-01 7.00 [base 01-01..01-06 7.00]\n" +
			"01-06 5.00 [b/storage 01-01..01-06 5.00]",
	},
	{
		name: "an end where a phase begins is cut as the phase is", plan: "stepped", until: "02-01",
		steps: []string{"01-11: attach backup b 1 cycles=1 day=old"},
		want: "01-01 10.00 [base 01-01..01-11 10.00]\n" +
			"01-11 5.00 [base 01-11..01-16 5.00]\n" +
			"01-11 4.00 [b/storage 01-12..01-16 4.00]\n" +
			"01-16 32.00 [base 01-16..02-01 32.00]\n" +
			"02-01 62.00 [base 02-01..03-01 62.00]",
	},
	{
		name: "more units", plan: "pro", until: "02-01",
		steps: []string{"01-16: attach backup b 3", "01-24: quantity b 5"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"01-24 5.16 [b/storage 01-24..02-01 -7.74] [b/storage 01-24..02-01 12.90]\n" +
			"02-01 150.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 50.00]",
	},
	{
		name: "at its own price", plan: "pro", until: "02-01",
		steps: []string{"01-16: attach backup b 3 price=31"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 48.00 [b/storage 01-16..02-01 48.00]\n" +
			"02-01 193.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 93.00]",
	},
	{
		name: "several of one kind at one instant", plan: "pro", until: "02-01",
		steps: []string{"01-16: attach onboarding one", "01-16: attach onboarding two"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 8.60 [one/setup 01-16..01-01 7.00] [one/fee 01-16..02-01 1.60]\n" +
			"01-16 8.60 [two/setup 01-16..01-01 7.00] [two/fee 01-16..02-01 1.60]\n" +
			"02-01 106.20 [base 02-01..03-01 100.00] [one/fee 02-01..03-01 3.10] [two/fee 02-01..03-01 3.10]",
	},
	{
		name: "at the very start", plan: "pro", until: "02-01",
		steps: []string{"01-01: attach backup b 2"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-01 20.00 [b/storage 01-01..02-01 20.00]\n" +
			"02-01 120.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 20.00]",
	},
	{
		name: "in arrears", plan: "pro", until: "03-01",
		steps: []string{"01-16: attach support s"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"02-01 116.00 [s/hours 01-16..02-01 16.00] [base 02-01..03-01 100.00]\n" +
			"03-01 131.00 [s/hours 02-01..03-01 31.00] [base 03-01..04-01 100.00]",
	},
	{
		name: "in arrears, removed in between", plan: "pro", until: "03-01",
		steps: []string{"01-16: attach support s", "02-15: detach s"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"02-01 116.00 [s/hours 01-16..02-01 16.00] [base 02-01..03-01 100.00]\n" +
			"02-15 15.50 [s/hours 02-01..02-15 15.50]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]",
	},
	{
		name: "waits for the end of a trial", plan: "tried", until: "02-15",
		steps: []string{"01-03: attach backup b 1", "01-04: attach onboarding o"},
		want: "01-15 120.10 [base 01-15..02-15 100.00] [b/storage 01-15..02-15 10.00] [o/setup 01-15..01-01 7.00] [o/fee 01-15..02-15 3.10]\n" +
			"02-15 113.10 [base 02-15..03-15 100.00] [b/storage 02-15..03-15 10.00] [o/fee 02-15..03-15 3.10]",
	},
	{
		name: "a plan that it does not fit ends it", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach support s", "01-11: attach backup b 1", "01-21: plan basic"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 6.77 [b/storage 01-11..02-01 6.77]\n" +
			"01-21 -11.29 [s/hours 01-11..01-21 10.00] [base 01-21..02-01 -35.48] [base 01-21..02-01 14.19]\n" +
			"02-01 50.00 [base 02-01..03-01 40.00] [b/storage 02-01..03-01 10.00]",
	},
	{
		name: "a change of plan drops all", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 1", "01-21: plan basic add_ons=drop"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 6.77 [b/storage 01-11..02-01 6.77]\n" +
			"01-21 -24.84 [base 01-21..02-01 -35.48] [b/storage 01-21..02-01 -3.55] [base 01-21..02-01 14.19]\n" +
			"02-01 40.00 [base 02-01..03-01 40.00]",
	},
	{
		name: "a plan of another interval cuts it", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 1", "01-21: plan yearly"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 6.77 [b/storage 01-11..02-01 6.77]\n" +
			"01-21 915.63 [base 01-21..02-01 -35.48] [b/storage 01-21..02-01 -3.55] [base 01-21..01-01 945.21] [b/storage 01-21..01-01 9.45]",
	},
	{
		name: "a phase that ends within the period does not cut it", plan: "phased", until: "02-01",
		steps: []string{"01-06: attach backup b 1"},
		want: "01-01 32.26 [base 01-01..01-11 32.26]\n" +
			"01-06 8.39 [b/storage 01-06..02-01 8.39]\n" +
			"01-11 33.87 [base 01-11..02-01 33.87]\n" +
			"02-01 60.00 [base 02-01..03-01 50.00] [b/storage 02-01..03-01 10.00]",
	},
	{
		name: "a pause takes it along", plan: "pro", until: "03-01",
		steps: []string{"01-01: attach backup b 1", "01-15: pause", "02-20: resume"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-01 10.00 [b/storage 01-01..02-01 10.00]\n" +
			"02-20 35.35 [base 02-20..03-01 32.14] [b/storage 02-20..03-01 3.21]\n" +
			"03-01 110.00 [base 03-01..04-01 100.00] [b/storage 03-01..04-01 10.00]",
	},
	{
		name: "a cancellation takes it along", plan: "pro", until: "03-01",
		steps: []string{"01-01: attach backup b 1", "01-16: cancel cancel_credit=prorate"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-01 10.00 [b/storage 01-01..02-01 10.00]\n" +
			"01-16 -56.77 [base 01-16..02-01 -51.61] [b/storage 01-16..02-01 -5.16]",
	},
	{
		name: "a discount of its charge", plan: "pro", until: "02-01",
		steps: []string{"01-01: attach backup b 1", "01-10: discount b/storage"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-01 10.00 [b/storage 01-01..02-01 10.00]\n" +
			"02-01 105.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 10.00] [d 02-01..03-01 -5.00]",
	},
	{
		name: "its usage", plan: "pro", until: "03-01",
		steps: []string{"01-01: attach calls c", "01-05: usage 10", "01-20: usage 30", "02-03: usage 4"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"02-01 115.00 [c/calls 01-01..02-01 15.00] [base 02-01..03-01 100.00]\n" +
			"03-01 102.00 [c/calls 02-01..03-01 2.00] [base 03-01..04-01 100.00]",
	},
	{
		name: "a change that is undone leaves its end", plan: "pro", until: "04-01",
		steps: []string{"01-16: attach backup b 3 cycles=2", "01-17: quantity b 4 later", "01-18: undo"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"02-01 130.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 30.00]\n" +
			"03-01 100.00 [base 03-01..04-01 100.00]\n" +
			"04-01 100.00 [base 04-01..05-01 100.00]",
	},
	{
		name: "three units from the middle of a month", plan: "pro", until: "02-01",
		steps: []string{"01-16 10:00: attach backup b 3"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-16 15.48 [b/storage 01-16..02-01 15.48]\n" +
			"02-01 130.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 30.00]",
	},
}

func TestAddOnStories(t *testing.T) {
	t.Parallel()
	for _, s := range addOnStories {
		_, invoices := s.play(t)
		require.Equal(t, s.want, linesTold(invoices), s.name)
	}
}

// What is asked beforehand says what is billed then.
func TestWhatAnAddOnWillCostIsKnownBeforehand(t *testing.T) {
	t.Parallel()
	story := addOnStory{name: "asked", plan: "pro", until: "02-01", steps: []string{"01-10: attach backup a 1"}}
	before, _ := story.play(t)
	at := func(day string) time.Time {
		out, err := time.Parse("2006-01-02 15:04", "2026-"+day)
		require.NoError(t, err)
		return out
	}
	_, checkpoint, err := billing.Invoices(before, nil, billing.Checkpoint{}, at("01-12 00:00"))
	require.NoError(t, err)
	next, err := billing.Next(before, nil, checkpoint, at("01-12 00:00"))
	require.NoError(t, err)
	require.Equal(t, "110.00 USD", next.Amount.String())
	require.Equal(t, at("02-01 00:00"), next.At)

	call := subscription.Call{At: at("01-16 10:00"), Actor: lifecycle.Subscriber}
	after, err := before.ChangeAddOnQuantity(call, subscription.Immediately(), "a", decimal.NewFromInt(4))
	require.NoError(t, err)
	preview, err := billing.Preview(before, after, nil, checkpoint)
	require.NoError(t, err)
	made, checkpoint, err := billing.Invoices(after, nil, checkpoint, at("01-16 10:00"))
	require.NoError(t, err)
	require.Len(t, made, 1)
	require.Equal(t, linesTold(made), linesTold(preview.Invoices))
	require.Equal(t, "15.49 USD", made[0].Total.String()) // 20.65, less 16 of 22 days of 7.10
	require.Equal(t, "140.00 USD", preview.After.Amount.String())
	next, err = billing.Next(after, nil, checkpoint, at("01-17 00:00"))
	require.NoError(t, err)
	require.Equal(t, "140.00 USD", next.Amount.String())
}
