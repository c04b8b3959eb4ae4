package billing_test

import "testing"

func TestRule6CreditsAndTheirInvoices(t *testing.T) {
	t.Parallel()
	plans := []string{"p month: fee 30", "q month: fee 60", "r month: fee 90"}
	first := "04-01: 04-01>05-01 30.00"
	checkRules(t, []rule{
		{name: "a cancellation's credit is an invoice of its own", plans: plans, sub: "04-01", actions: []string{"04-11 cancel effective=now credit=prorate"}, until: "06-01", want: []string{first, "04-11: 04-11>05-01 -20.00"}},
		{
			name: "lines that waited join the last one", plans: plans, sub: "04-01",
			actions: []string{"04-05 one_off amount=5", "04-11 cancel effective=now"}, until: "06-01", want: []string{first, "04-11: 04-05>- 5.00"},
		},
		{
			name: "prorations that waited too", plans: plans, sub: "04-01",
			actions: []string{"04-11 change_plan to=q collect=next_invoice", "04-21 cancel effective=now"}, until: "06-01",
			want: []string{first, "04-21: 04-11>05-01 -20.00, 04-11>05-01 40.00"},
		},
		{
			name: "a full credit gives back all that is held, from the cut on", plans: plans, sub: "04-01",
			actions: []string{"04-11 change_plan to=q credit=full"}, until: "04-30", want: []string{first, "04-11: 04-11>05-01 -30.00, 04-11>05-01 40.00"},
		},
		{
			name: "a full charge costs the whole period's amount", plans: plans, sub: "04-01",
			actions: []string{"04-11 change_plan to=q charge_new=full"}, until: "04-30", want: []string{first, "04-11: 04-11>05-01 -20.00, 04-11>05-01 60.00"},
		},
		{
			name: "neither credited nor charged, what was billed is credited later", plans: plans, sub: "04-01",
			actions: []string{"04-11 change_plan to=q credit=none charge_new=none", "04-21 change_plan to=r"}, until: "05-01",
			want: []string{first, "04-21: 04-21>05-01 -10.00, 04-21>05-01 30.00", "05-01: 05-01>06-01 90.00"},
		},
		{
			name: "a reset that charges nothing leaves its whole period free", plans: plans, sub: "04-01",
			actions: []string{"04-11 change_plan to=q credit=none charge_new=none anchor=reset"}, until: "05-31",
			want: []string{first, "05-11: 05-11>06-11 60.00"},
		},
		{
			name: "with the next invoice", plans: plans, sub: "04-01",
			actions: []string{"04-11 change_plan to=q collect=next_invoice"}, until: "05-01",
			want: []string{first, "05-01: 04-11>05-01 -20.00, 04-11>05-01 40.00, 05-01>06-01 60.00"},
		},
	})
}

func TestRule7WhatACreditIsAShareOf(t *testing.T) {
	t.Parallel()
	plans := []string{"p month: fee 30", "q month: fee 60"}
	list := talePolicy{CreditBasis: "list"}
	checkRules(t, []rule{
		{
			name: "net of the line's discount: 20 of 30 days of 15.00", plans: plans, sub: "04-01",
			actions: []string{"04-01 discount percent=50 duration=once", "04-11 cancel effective=now credit=prorate"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00, 04-01>05-01 -15.00", "04-11: 04-11>05-01 -10.00"},
		},
		{
			name: "in full it is what is left after the discount", plans: plans, sub: "04-01",
			actions: []string{"04-01 discount percent=50 duration=once", "04-11 cancel effective=now credit=full"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00, 04-01>05-01 -15.00", "04-11: 04-11>05-01 -15.00"},
		},
		{
			name: "what was credited before counts", plans: plans, sub: "04-01",
			actions: []string{"04-06 set_anchor anchor=04-21", "04-11 cancel effective=now credit=full"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00", "04-06: 04-21>05-01 -10.00", "04-11: 04-11>04-21 -20.00"},
		},
		{
			name: "the list price, though the upgrade was never billed", plans: plans, sub: "04-01", policy: list,
			actions: []string{"04-11 change_plan to=q credit=none charge_new=none", "04-21 change_plan to=p"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 30.00", "04-21: 04-21>05-01 -20.00, 04-21>05-01 10.00"},
		},
		{
			name: "the list price, and no more than the line holds", plans: plans, sub: "04-01", policy: list,
			actions: []string{"04-01 discount percent=50 duration=once", "04-11 cancel effective=now credit=prorate"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00, 04-01>05-01 -15.00", "04-11: 04-11>05-01 -15.00"},
		},
	})
}

func TestRule8TrialsPhasesAndCycles(t *testing.T) {
	t.Parallel()
	trial := func(id, amount, days string) string {
		return `{"id":"` + id + `","every":{"count":1,"unit":"month"},"trial":{"count":` + days + `,"unit":"day"},
			"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"` + amount + `"}},{"id":"calls","usage":"calls","price":{"model":"per_unit","unit_amount":"1"}}]}`
	}
	phased := `{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"60"}}],
		"phases":[{"every":{"count":1,"unit":"month"},"cycles":2,"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30"}}]}]}`
	limited := `{"id":"p","every":{"count":1,"unit":"month"},"cycles":2,"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30"}}]}`
	checkRules(t, []rule{
		{
			name: "fourteen days end at the same wall clock through a change of clocks", plans: []string{trial("p", "30", "14")}, sub: "2026-03-01T15:00:00Z",
			zone: "America/New_York", until: "04-01", want: []string{"03-15T14:00Z: 03-15T14:00Z>04-15T14:00Z 30.00"},
		},
		{
			name: "use in a trial is free", plans: []string{trial("p", "30", "10")}, sub: "04-01",
			actions: []string{"04-05 usage of=calls quantity=7", "04-11 usage of=calls quantity=2"}, until: "05-11",
			want: []string{"04-11: 04-11>05-11 30.00", "05-11: 04-11>05-11 2.00, 05-11>06-11 30.00"},
		},
		{
			name: "a change of plan keeps the trial's end", plans: []string{trial("p", "30", "10"), trial("q", "60", "20")}, sub: "04-01",
			actions: []string{"04-05 change_plan to=q"}, until: "04-30", want: []string{"04-11: 04-11>05-11 60.00"},
			statuses: []string{"04-10 in_trial", "04-11 active"},
		},
		{
			name: "a change at the trial's end is in force for its first bill", plans: []string{trial("p", "30", "10"), trial("q", "60", "20")}, sub: "04-01",
			actions: []string{"04-05 change_plan to=q effective=period_end"}, until: "04-30", want: []string{"04-11: 04-11>05-11 60.00"},
		},
		{
			name: "and if the trial is ended early", plans: []string{trial("p", "30", "10"), trial("q", "60", "20")}, sub: "04-01",
			actions: []string{"04-05 change_plan to=q effective=period_end", "04-06 end_trial"}, until: "04-30", want: []string{"04-06: 04-06>05-06 60.00"},
		},
		{
			name: "a plan that is reached later grants no trial", plans: []string{"p month: fee 30", trial("q", "60", "20")}, sub: "04-01",
			actions: []string{"04-11 change_plan to=q"}, until: "04-30", want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>05-01 -20.00, 04-11>05-01 40.00"},
		},
		{
			name: "a part period is a cycle of the length", plans: []string{limited}, sub: "04-11 anchor=05-01", until: "08-01",
			want: []string{"04-11: 04-11>05-01 20.00", "05-01: 05-01>06-01 30.00"}, statuses: []string{"05-01 non_renewing", "06-01 cancelled"},
		},
		{
			name: "and of a phase", plans: []string{phased}, sub: "04-11 anchor=05-01", until: "06-01",
			want: []string{"04-11: 04-11>05-01 20.00", "05-01: 05-01>06-01 30.00", "06-01: 06-01>07-01 60.00"},
		},
		{
			name: "a change of plan starts the count anew", plans: []string{limited, twoCycles("q", "90")}, sub: "04-01",
			actions: []string{"05-11 change_plan to=q"}, until: "08-01",
			want: []string{"04-01: 04-01>05-01 30.00", "05-01: 05-01>06-01 30.00", "05-11: 05-11>06-01 -20.32, 05-11>06-01 60.97", "06-01: 06-01>07-01 90.00"},
		},
		{
			name: "a negotiated price holds in all phases", plans: []string{phased}, sub: "04-01",
			actions: []string{"04-05 change_price charge=fee price=45 effective=period_end"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00", "05-01: 05-01>06-01 45.00", "06-01: 06-01>07-01 45.00"},
		},
	})
}

// twoCycles is a plan of two cycles.
func twoCycles(id, amount string) string {
	return `{"id":"` + id + `","every":{"count":1,"unit":"month"},"cycles":2,"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"` + amount + `"}}]}`
}

func TestRule9TotalsAndAccountCredit(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 30"}
	first := "04-01: 04-01>05-01 30.00"
	down := []string{"04-11 change_price charge=fee price=15"}
	checkRules(t, []rule{
		{
			name: "what is below zero is carried", plans: fee, sub: "04-01", actions: down, until: "05-01",
			want: []string{first, "04-11: 04-11>05-01 -20.00, 04-11>05-01 10.00", "05-01: 05-01>06-01 15.00 applied 10.00 due 5.00"},
			next: []string{"04-12: 05-01 15.00"},
		},
		{
			name: "or refunded", plans: fee, sub: "04-01", actions: down, until: "05-01", policy: talePolicy{Negative: "refund"},
			want: []string{first, "04-11: 04-11>05-01 -20.00, 04-11>05-01 10.00", "05-01: 05-01>06-01 15.00"},
		},
		{
			name: "credit that was given is used up", plans: fee, sub: "04-01", actions: []string{"04-01 account_credit amount=40"}, until: "06-01",
			want: []string{first + " applied 30.00 due 0.00", "05-01: 05-01>06-01 30.00 applied 10.00 due 20.00", "06-01: 06-01>07-01 30.00"},
		},
		{
			name: "after a cancellation nothing comes", plans: fee, sub: "04-01", actions: []string{"04-05 cancel effective=period_end"}, until: "04-30",
			want: []string{first}, next: []string{"04-04: 05-01 30.00", "04-06: none"},
		},
	})
}

func TestRule10Nothing(t *testing.T) {
	t.Parallel()
	emit := talePolicy{Zero: "emit"}
	trial := `{"id":"p","every":{"count":1,"unit":"month"},"trial":{"count":10,"unit":"day"},"charges":[
		{"id":"fee","price":{"model":"flat_fee","amount":"30"}},{"id":"seats","price":{"model":"per_unit","unit_amount":"1"}},
		{"id":"late","timing":"arrears","price":{"model":"flat_fee","amount":"5"}},{"id":"setup","once":true,"price":{"model":"flat_fee","amount":"9"}}]}`
	checkRules(t, []rule{
		{name: "a free plan makes no invoice", plans: []string{"p month: fee 0"}, sub: "04-01", until: "06-01"},
		{name: "a fee of nothing is not listed beside another", plans: []string{"p month: fee 30; extra 0"}, sub: "04-01", until: "04-30", want: []string{"04-01: 04-01>05-01 30.00"}},
		{
			name: "nor an invoice whose lines come to nothing", plans: []string{"p month: fee 30"}, sub: "04-01",
			actions: []string{"04-01 discount percent=100 duration=once"}, until: "04-30",
		},
		{
			name: "unless it is wanted", plans: []string{"p month: fee 30"}, sub: "04-01", policy: emit,
			actions: []string{"04-01 discount percent=100 duration=once"}, until: "04-30", want: []string{"04-01: 04-01>05-01 30.00, 04-01>05-01 -30.00"},
		},
		{
			name: "then a trial has a line per charge in advance", plans: []string{trial}, sub: "04-01", policy: emit, until: "04-30",
			want: []string{"04-01: 04-01>04-11 0.00, 04-01>04-11 0.00", "04-11: 04-11>05-11 30.00, 04-11>05-11 1.00, 04-11>- 9.00"},
		},
		{
			name: "a credit of nothing is none", plans: []string{"p month: fee 30"}, sub: "04-11 anchor=05-01 first=free", policy: emit,
			actions: []string{"04-21 cancel effective=now credit=prorate"}, until: "06-01",
		},
		{name: "a line of no length is none", plans: []string{"p month: late 30 arrears"}, sub: "04-01", actions: []string{"04-01T09:00:00Z cancel effective=now"}, until: "06-01"},
	})
}

func TestRule11Statuses(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 30"}
	first := "04-01: 04-01>05-01 30.00"
	checkRules(t, []rule{
		{name: "a future subscription is cancelled at once", plans: fee, sub: "04-01", actions: []string{"03-11 cancel effective=period_end"}, until: "06-01", statuses: []string{"03-11 cancelled", "04-02 cancelled"}},
		{name: "or on its date", plans: fee, sub: "04-01", actions: []string{"03-11 cancel effective=04-11 credit=prorate"}, until: "06-01", want: []string{"04-01: 04-01>04-11 10.00"}, statuses: []string{"03-12 future", "04-02 non_renewing", "04-11 cancelled"}},
		{name: "a scheduled pause leaves it active", plans: fee, sub: "04-01", actions: []string{"04-05 pause effective=period_end"}, until: "06-01", want: []string{first}, statuses: []string{"04-30 active", "05-01 paused"}},
		{name: "a cancellation in a later period leaves it active", plans: fee, sub: "04-01", actions: []string{"04-05 cancel effective=05-11"}, until: "04-30", want: []string{first}, statuses: []string{"04-30 active", "05-01 non_renewing", "05-11 cancelled"}},
		{
			name: "a reactivation goes on in a period that is paid", plans: fee, sub: "04-01", actions: []string{"04-11 cancel effective=now", "04-21 reactivate"}, until: "05-01",
			want: []string{first, "05-01: 05-01>06-01 30.00"}, statuses: []string{"04-12 cancelled", "04-21 active"},
		},
		{
			name: "and begins a new one if it was credited", plans: fee, sub: "04-01", actions: []string{"04-11 cancel effective=now credit=prorate", "04-21 reactivate"}, until: "04-30",
			want: []string{first, "04-11: 04-11>05-01 -20.00", "04-21: 04-21>05-21 30.00 applied 20.00 due 10.00"},
		},
		{
			name: "or is over", plans: fee, sub: "04-01", actions: []string{"04-11 cancel effective=now", "05-02 reactivate"}, until: "05-31",
			want: []string{first, "05-02: 05-02>06-02 30.00"},
		},
	})
}

func TestRule12Discounts(t *testing.T) {
	t.Parallel()
	two := []string{"p month: a 10; b 20"}
	checkRules(t, []rule{
		{
			name: "a fixed amount in proportion, towards zero, the last line the rest", plans: two, sub: "04-01", actions: []string{"04-01 discount amount=5 duration=once"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 10.00, 04-01>05-01 20.00, 04-01>05-01 -1.66, 04-01>05-01 -3.34"},
		},
		{
			name: "each capped at its line", plans: two, sub: "04-01", actions: []string{"04-01 discount amount=25 duration=once charge=b"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 10.00, 04-01>05-01 20.00, 04-01>05-01 -20.00"},
		},
		{
			name: "several in order, each on what is left", plans: two, sub: "04-01",
			actions: []string{"04-01 discount amount=10 duration=once charge=b", "04-01 discount percent=50 duration=once charge=b"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 10.00, 04-01>05-01 20.00, 04-01>05-01 -10.00, 04-01>05-01 -5.00"},
		},
		{
			name: "for two regular invoices", plans: []string{"p month: fee 30"}, sub: "04-01", actions: []string{"04-01 discount percent=10 duration=cycles cycles=2"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00, 04-01>05-01 -3.00", "05-01: 05-01>06-01 30.00, 05-01>06-01 -3.00", "06-01: 06-01>07-01 30.00"},
		},
		{
			name: "one-offs are discounted, credits are not", plans: []string{"p month: fee 30"}, sub: "04-01",
			actions: []string{"04-11 discount percent=10 duration=once", "04-11 one_off amount=5", "04-11 change_price charge=fee price=60"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>- 5.00, 04-11>05-01 -20.00, 04-11>05-01 40.00, 04-11>- -0.50, 04-11>05-01 -4.00"},
		},
	})
}

func TestRule13ThirtyDaysAndBounds(t *testing.T) {
	t.Parallel()
	thirty := talePolicy{Basis: "day_30"}
	least := `{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"seats","price":{"model":"per_unit","unit_amount":"1","minimum":"30"}}]}`
	most := `{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"seats","price":{"model":"per_unit","unit_amount":"1","maximum":"30"}}]}`
	checkRules(t, []rule{
		{name: "20 of 30 days of February", plans: []string{"p month: fee 30"}, sub: "02-01", policy: thirty, actions: []string{"02-11 cancel effective=now credit=prorate"}, until: "03-01", want: []string{"02-01: 02-01>03-01 30.00", "02-11: 02-11>03-01 -20.00"}},
		{name: "20 of 30 days of May", plans: []string{"p month: fee 30"}, sub: "05-01", policy: thirty, actions: []string{"05-11 cancel effective=now credit=prorate"}, until: "06-01", want: []string{"05-01: 05-01>06-01 30.00", "05-11: 05-11>06-01 -20.00"}},
		{name: "the 31st counts as the 30th: one day is left", plans: []string{"p month: fee 30"}, sub: "05-01", policy: thirty, actions: []string{"05-31 cancel effective=now credit=prorate"}, until: "06-01", want: []string{"05-01: 05-01>06-01 30.00", "05-31: 05-31>06-01 -1.00"}},
		{name: "a minimum bounds the whole period", plans: []string{least}, sub: "04-16 anchor=05-01 quantity=5", until: "04-30", want: []string{"04-16: 04-16>05-01 15.00"}},
		{name: "and a maximum", plans: []string{most}, sub: "04-16 anchor=05-01 quantity=50", until: "04-30", want: []string{"04-16: 04-16>05-01 15.00"}},
	})
}

func TestRule15Defaults(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 62"}
	checkRules(t, []rule{
		{name: "a pause inside a period counts its cycles from the next boundary", plans: fee, sub: "04-01", actions: []string{"04-11 pause effective=now cycles=1"}, until: "06-01", want: []string{"04-01: 04-01>05-01 62.00", "06-01: 06-01>07-01 62.00"}, statuses: []string{"05-31 paused", "06-01 active"}},
		{name: "on a boundary from there", plans: fee, sub: "04-01", actions: []string{"04-11 pause effective=period_end cycles=1"}, until: "06-01", want: []string{"04-01: 04-01>05-01 62.00", "06-01: 06-01>07-01 62.00"}},
		{name: "an automatic resume keeps the boundaries", plans: fee, sub: "04-01", actions: []string{"04-11 pause effective=now resume_at=05-11"}, until: "06-01", want: []string{"04-01: 04-01>05-01 62.00", "05-11: 05-11>06-01 42.00", "06-01: 06-01>07-01 62.00"}},
		{name: "resumed in a paid period it costs nothing", plans: fee, sub: "04-01", actions: []string{"04-11 pause effective=now", "04-21 resume"}, until: "05-01", want: []string{"04-01: 04-01>05-01 62.00", "05-01: 05-01>06-01 62.00"}},
		{name: "reset begins a new period", plans: fee, sub: "04-01", actions: []string{"04-11 pause effective=now", "04-21 resume anchor=reset"}, until: "05-21", want: []string{"04-01: 04-01>05-01 62.00", "04-21: 04-21>05-21 62.00", "05-21: 05-21>06-21 62.00"}},
		{name: "extend moves the end by ten days", plans: fee, sub: "04-01", actions: []string{"04-11 pause effective=now", "04-21 resume anchor=extend"}, until: "06-11", want: []string{"04-01: 04-01>05-01 62.00", "05-11: 05-11>06-11 62.00", "06-11: 06-11>07-11 62.00"}},
	})
}

func TestRule16SettingTheAnchor(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 30"}
	first := "04-01: 04-01>05-01 30.00"
	checkRules(t, []rule{
		{name: "sooner: sixteen days are credited", plans: fee, sub: "04-01", actions: []string{"04-11 set_anchor anchor=04-15"}, until: "04-30", want: []string{first, "04-11: 04-15>05-01 -16.00", "04-15: 04-15>05-15 30.00 applied 16.00 due 14.00"}},
		{name: "later: 14 of the new period's 30 days are charged", plans: fee, sub: "04-01", actions: []string{"04-20 set_anchor anchor=04-15"}, until: "05-15", want: []string{first, "04-20: 05-01>05-15 14.00", "05-15: 05-15>06-15 30.00"}},
		{name: "with none neither", plans: fee, sub: "04-01", actions: []string{"04-20 set_anchor anchor=04-15 proration=none"}, until: "05-15", want: []string{first, "05-15: 05-15>06-15 30.00"}},
		{name: "on a boundary the period that begins is shortened", plans: fee, sub: "03-01", actions: []string{"04-01 set_anchor anchor=04-16"}, until: "04-15", want: []string{"03-01: 03-01>04-01 30.00", first, "04-01: 04-16>05-01 -15.00"}},
	})
}
