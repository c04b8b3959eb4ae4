package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is attached, detached or changed beside each of what else happens to a subscription.
// January has 31 days: a unit at its own price of 31 costs 1 a day, the plan's base of 100
// costs 3.2258 a day.
var addOnPairs = []addOnStory{
	{
		name: "attach, then a pause within the period", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-16: pause", "01-22: resume"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"02-01 162.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 62.00]",
	},
	{
		name: "detach after a pause", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-16: pause", "01-22: resume", "01-27: detach b"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-27 -10.00 [b/storage 01-27..02-01 -10.00]\n" +
			"02-01 100.00 [base 02-01..03-01 100.00]",
	},
	{
		name: "quantity after a pause", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-16: pause", "01-22: resume", "01-27: quantity b 3"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-27 5.00 [b/storage 01-27..02-01 -10.00] [b/storage 01-27..02-01 15.00]\n" +
			"02-01 193.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 93.00]",
	},
	{
		name: "attach before a cancellation with prorate", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-22: cancel cancel_credit=prorate"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-22 -52.26 [base 01-22..02-01 -32.26] [b/storage 01-22..02-01 -20.00]",
	},
	{
		name: "attach before a cancellation with full", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-22: cancel cancel_credit=full"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-22 -142.00 [base 01-22..02-01 -100.00] [b/storage 01-22..02-01 -42.00]",
	},
	{
		name: "attach before a cancellation with none", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-22: cancel cancel_credit=none"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]",
	},
	{
		name: "detach before a cancellation with prorate", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-17: detach b", "01-22: cancel cancel_credit=prorate"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-17 -30.00 [b/storage 01-17..02-01 -30.00]\n" +
			"01-22 -32.26 [base 01-22..02-01 -32.26]",
	},
	{
		name: "detach before a cancellation with full", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-17: detach b", "01-22: cancel cancel_credit=full"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-17 -30.00 [b/storage 01-17..02-01 -30.00]\n" +
			"01-22 -100.00 [base 01-22..02-01 -100.00]",
	},
	{
		name: "detach without a credit, then a cancellation with full: it does not come back", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-17: detach b credit=none new=none", "01-22: cancel cancel_credit=full"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-22 -100.00 [base 01-22..02-01 -100.00]",
	},
	{
		name: "quantity before a cancellation with prorate", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-17: quantity b 3", "01-22: cancel cancel_credit=prorate"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-17 15.00 [b/storage 01-17..02-01 -30.00] [b/storage 01-17..02-01 45.00]\n" +
			"01-22 -62.26 [base 01-22..02-01 -32.26] [b/storage 01-22..02-01 -30.00]",
	},
	{
		name: "quantity before a cancellation with none", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-17: quantity b 3", "01-22: cancel cancel_credit=none"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-17 15.00 [b/storage 01-17..02-01 -30.00] [b/storage 01-17..02-01 45.00]",
	},
	{
		name: "attach before a change of plan that keeps it", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-22: plan basic"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-22 -19.36 [base 01-22..02-01 -32.26] [base 01-22..02-01 12.90]\n" +
			"02-01 102.00 [base 02-01..03-01 40.00] [b/storage 02-01..03-01 62.00]",
	},
	{
		name: "detach after a change of plan", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-22: plan basic", "01-27: detach b"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-22 -19.36 [base 01-22..02-01 -32.26] [base 01-22..02-01 12.90]\n" +
			"01-27 -10.00 [b/storage 01-27..02-01 -10.00]\n" +
			"02-01 40.00 [base 02-01..03-01 40.00]",
	},
	{
		name: "quantity after a change of plan", plan: "pro", until: "02-01",
		steps: []string{"01-11: attach backup b 2 price=31", "01-22: plan basic", "01-27: quantity b 1"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"01-22 -19.36 [base 01-22..02-01 -32.26] [base 01-22..02-01 12.90]\n" +
			"01-27 -5.00 [b/storage 01-27..02-01 -10.00] [b/storage 01-27..02-01 5.00]\n" +
			"02-01 71.00 [base 02-01..03-01 40.00] [b/storage 02-01..03-01 31.00]",
	},
	{
		name: "attach beside a discount of something else", plan: "pro", until: "02-01",
		steps: []string{"01-03: discount base", "01-11: attach backup b 2 price=31"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-11 42.00 [b/storage 01-11..02-01 42.00]\n" +
			"02-01 112.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 62.00] [d 02-01..03-01 -50.00]",
	},
	{
		name: "detach under a discount gives back the net amount", plan: "pro", until: "02-12",
		steps: []string{"01-01: attach backup b 2 price=28", "01-03: discount b/storage", "02-11: detach b"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-01 56.00 [b/storage 01-01..02-01 56.00]\n" +
			"02-01 128.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 56.00] [d 02-01..03-01 -28.00]\n" +
			"02-11 -18.00 [b/storage 02-11..03-01 -18.00]",
	},
	{
		name: "quantity under a discount", plan: "pro", until: "02-12",
		steps: []string{"01-01: attach backup b 2 price=28", "01-03: discount b/storage", "02-11: quantity b 3"},
		want: "01-01 100.00 [base 01-01..02-01 100.00]\n" +
			"01-01 56.00 [b/storage 01-01..02-01 56.00]\n" +
			"02-01 128.00 [base 02-01..03-01 100.00] [b/storage 02-01..03-01 56.00] [d 02-01..03-01 -28.00]\n" +
			"02-11 9.00 [b/storage 02-11..03-01 -18.00] [b/storage 02-11..03-01 54.00] [d 02-11..03-01 -27.00]",
	},
	{
		name: "attach in a stub", plan: "pro", until: "01-11", anchor: "01-11",
		steps: []string{"01-06: attach backup b 2 price=31"},
		want: "01-01 32.26 [base 01-01..01-11 32.26]\n" +
			"01-06 10.00 [b/storage 01-06..01-11 10.00]\n" +
			"01-11 162.00 [base 01-11..02-11 100.00] [b/storage 01-11..02-11 62.00]",
	},
	{
		name: "detach in a stub", plan: "pro", until: "01-11", anchor: "01-11",
		steps: []string{"01-06: attach backup b 2 price=31", "01-09: detach b"},
		want: "01-01 32.26 [base 01-01..01-11 32.26]\n" +
			"01-06 10.00 [b/storage 01-06..01-11 10.00]\n" +
			"01-09 -4.00 [b/storage 01-09..01-11 -4.00]\n" +
			"01-11 100.00 [base 01-11..02-11 100.00]",
	},
	{
		name: "quantity in a stub", plan: "pro", until: "01-11", anchor: "01-11",
		steps: []string{"01-06: attach backup b 2 price=31", "01-09: quantity b 3"},
		want: "01-01 32.26 [base 01-01..01-11 32.26]\n" +
			"01-06 10.00 [b/storage 01-06..01-11 10.00]\n" +
			"01-09 2.00 [b/storage 01-09..01-11 -4.00] [b/storage 01-09..01-11 6.00]\n" +
			"01-11 193.00 [base 01-11..02-11 100.00] [b/storage 01-11..02-11 93.00]",
	},
	{
		name: "attach in a trial, detach in it", plan: "tried", until: "01-15",
		steps: []string{"01-03: attach backup b 2 price=31", "01-05: detach b"},
		want:  "01-15 100.00 [base 01-15..02-15 100.00]",
	},
	{
		name: "quantity in a trial", plan: "tried", until: "01-15",
		steps: []string{"01-03: attach backup b 2 price=31", "01-05: quantity b 3"},
		want:  "01-15 193.00 [base 01-15..02-15 100.00] [b/storage 01-15..02-15 93.00]",
	},
}

func TestAddOnsBesideWhatElseHappens(t *testing.T) {
	t.Parallel()
	for _, s := range addOnPairs {
		_, invoices := s.play(t)
		require.Equal(t, s.want, linesTold(invoices), s.name)
	}
}
