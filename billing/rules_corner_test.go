package billing_test

import (
	"slices"
	"testing"
)

// Where several rules meet. April has 30 days and May 31: a fee of 30.00 is 1.00 a day in
// April.

func TestAKnownCutIsNotHidden(t *testing.T) {
	t.Parallel()
	phased := `{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30.00"}}],"length":{"count":5,"unit":"day"}}],"charges":[]}`
	checkRules(t, []rule{
		{
			name: "the end of a phase, by a change of plan before it that credits nothing", plans: []string{phased, "q month: seat 60"}, sub: "04-01",
			actions: []string{"04-01 change_plan to=q effective=04-03 credit=none charge_new=none", "04-01 pause effective=now", "04-02 resume anchor=reset"}, until: "04-02",
			want: []string{"04-01: 04-01>04-06 5.00", "04-02: 04-02>04-06 4.00"},
		},
		{
			name: "a reset, by a pause before it", plans: []string{"p month: fee 30"}, sub: "03-01",
			actions: []string{"03-02 change_quantity quantity=2 effective=04-11 anchor=reset", "03-02 pause effective=04-06"}, until: "04-01",
			want: []string{"03-01: 03-01>04-01 30.00", "04-01: 04-01>04-11 10.00"},
		},
		{
			name: "but a change in the pause that leaves the charge alone is none", plans: []string{"p month: fee 30"}, sub: "03-01",
			actions: []string{"03-02 change_quantity quantity=2 effective=04-11", "03-02 pause effective=04-06"}, until: "04-01",
			want: []string{"03-01: 03-01>04-01 30.00", "04-01: 04-01>05-01 30.00"},
		},
	})
}

func TestAResetOnTheDayOfAStartInsideIt(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{
		{
			name: "what accrues begins at the midnight too, also after a later change of that day", plans: []string{"p month: fee 30 each arrears"}, sub: "04-01T06:00:00Z",
			actions: []string{"04-01T07:00:00Z change_quantity quantity=1 anchor=reset", "04-01T08:00:00Z change_quantity quantity=2"}, until: "05-01",
			want: []string{"05-01: 04-01>05-01 60.00"},
		},
		{
			name: "a pause on that day, which divides nothing, leaves it so", plans: []string{"p month: fee 30 each"}, sub: "04-01T06:00:00Z",
			actions: []string{"04-01T07:00:00Z pause", "04-01T08:00:00Z resume", "04-01T08:00:00Z change_quantity quantity=2 anchor=reset"}, until: "04-30",
			want: []string{"04-01T06:00Z: 04-01T06:00Z>05-01T06:00Z 30.00", "04-01T08:00Z: 04-01T06:00Z>05-01T06:00Z -30.00, 04-01>05-01 60.00"},
		},
		{
			name: "also what accrues", plans: []string{"p month: fee 30 each arrears"}, sub: "04-01T06:00:00Z",
			actions: []string{"04-01T06:00:00Z pause", "04-01T06:00:00Z resume", "04-01T06:00:00Z change_quantity quantity=2 anchor=reset", "04-02 cancel"}, until: "05-01",
			want: []string{"04-02: 04-01>04-02 2.00"},
		},
	})
}

func TestAPhaseThatBeginsWithAChange(t *testing.T) {
	t.Parallel()
	phased := `{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":[],"length":{"count":15,"unit":"day"}}],"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30.00"}}]}`
	checkRules(t, []rule{
		{
			name: "costs its part, though the change, which leaves its fee alone, charges in full", plans: []string{phased}, sub: "04-01",
			actions: []string{"04-02 change_quantity quantity=2 effective=04-16 charge_new=full"}, until: "04-30",
			want: []string{"04-16: 04-16>05-01 15.00"},
		},
		{
			name:  "begins at its cut, behind a change to another step of that instant",
			plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30.00"}}],"length":{"count":5,"unit":"day"}}],"charges":[]}`, "q week:"}, sub: "04-01",
			actions: []string{"04-02T06:00:00Z change_plan to=q", "04-02T06:00:00Z change_plan to=p"}, until: "04-30",
			want: []string{"04-01: 04-01>04-06 5.00", "04-02T06:00Z: 04-02>04-06 -4.00", "04-02T06:00Z: 04-02>04-07 5.00 applied 4.00 due 1.00"},
		},
	})
}

func TestAPhaseThatBeginsWhileNothingIsBilledIsBilledFromWhereThatGoesOn(t *testing.T) {
	t.Parallel()
	fee := func(amount string) string {
		return `[{"id":"fee","price":{"model":"per_unit","unit_amount":"` + amount + `"}}]`
	}
	phased := []string{`{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":` + fee("30") + `,"length":{"count":5,"unit":"day"}}],"charges":` + fee("60") + `}`}
	checkRules(t, []rule{
		{
			name: "after a reset that charged nothing", plans: phased, sub: "04-01",
			actions: []string{"04-01 change_quantity quantity=1 anchor=reset charge_new=none", "04-03 cancel", "04-10 reactivate"}, until: "04-30",
			want: []string{"04-01: 04-01>04-06 5.00", "04-01: 04-01>04-06 -5.00", "04-10: 04-10>05-01 42.00 applied 5.00 due 37.00"},
		},
		{
			name: "what was paid in full for the phase before gives way", plans: phased, sub: "04-01",
			actions: []string{"04-01 change_quantity quantity=2 charge_new=full", "04-03 cancel", "04-10 reactivate"}, until: "04-30",
			want: []string{"04-01: 04-01>04-06 5.00", "04-01: 04-01>04-06 -5.00, 04-01>05-01 60.00", "04-10: 04-10>05-01 -42.00, 04-10>05-01 84.00"},
		},
		{
			name: "and so it does while all is billed", plans: phased, sub: "04-01",
			actions: []string{"04-01 change_quantity quantity=2 charge_new=full"}, until: "04-30",
			want: []string{"04-01: 04-01>04-06 5.00", "04-01: 04-01>04-06 -5.00, 04-01>05-01 60.00", "04-06: 04-06>05-01 -50.00, 04-06>05-01 100.00"},
		},
		{
			name: "but not what was paid for the phase that goes on", plans: phased, sub: "04-01",
			actions: []string{"04-01 change_quantity quantity=2 charge_new=full", "04-03 cancel", "04-05 reactivate"}, until: "04-05",
			want: []string{"04-01: 04-01>04-06 5.00", "04-01: 04-01>04-06 -5.00, 04-01>05-01 60.00"},
		},
		{
			name: "in a pause too", plans: phased, sub: "04-01",
			actions: []string{"04-01 change_quantity quantity=2 charge_new=full", "04-03 pause", "04-10 resume"}, until: "04-30",
			want: []string{"04-01: 04-01>04-06 5.00", "04-01: 04-01>04-06 -5.00, 04-01>05-01 60.00", "04-10: 04-10>05-01 -42.00, 04-10>05-01 84.00"},
		},
	})
}

func TestAPhaseHasItsDaysBeforeAChangeOfItsInstantThatIsCutLater(t *testing.T) {
	t.Parallel()
	phased := func(timing string) []string {
		fee := func(amount string) string {
			return `[{"id":"fee","price":{"model":"per_unit","unit_amount":"` + amount + `"},"timing":"` + timing + `"}]`
		}
		return []string{`{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":` + fee("30") + `,"length":{"count":5,"unit":"day"}}],"charges":` + fee("60") + `}`}
	}
	flat := func(id, amount string) string {
		return `{"id":"` + id + `","price":{"model":"flat_fee","amount":"` + amount + `"},"timing":"advance"}`
	}
	several := []string{`{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":[` + flat("a", "30") + `,` + flat("b", "60") + `,` + flat("c", "90") + `],"length":{"count":5,"unit":"day"}}],"charges":[` + flat("fee", "60") + `]}`}
	old := talePolicy{ChangeDay: "old"}
	checkRules(t, []rule{
		{
			name: "in advance", plans: phased("advance"), sub: "04-01", policy: old,
			actions: []string{"04-03 change_quantity quantity=2 effective=04-06"}, until: "04-30",
			want: []string{"04-01: 04-01>04-06 5.00", "04-06: 04-06>04-07 2.00, 04-07>05-01 96.00"},
		},
		{
			name: "in arrears", plans: phased("arrears"), sub: "04-01", policy: old,
			actions: []string{"04-03 change_quantity quantity=2 effective=04-06"}, until: "05-01",
			want: []string{"04-06: 04-01>04-06 5.00, 04-06>04-07 2.00", "05-01: 04-07>05-01 96.00"},
		},
		{
			name: "and its lines do not wait with those of the change", plans: phased("advance"), sub: "04-01", policy: old,
			actions: []string{"04-03 change_quantity quantity=2 effective=04-06 collect=next_invoice"}, until: "05-01",
			want: []string{"04-01: 04-01>04-06 5.00", "04-06: 04-06>04-07 2.00", "05-01: 04-07>05-01 96.00, 05-01>06-01 120.00"},
		},
		{
			name: "and a pause of its instant leaves it its day", plans: phased("arrears"), sub: "04-01", policy: old,
			actions: []string{"04-03 pause effective=04-06"}, until: "05-01",
			want: []string{"04-06: 04-01>04-06 5.00, 04-06>04-07 2.00"},
		},
		{
			name: "and so does a cancellation, in advance", plans: phased("advance"), sub: "04-01", policy: old,
			actions: []string{"04-03 cancel effective=04-06"}, until: "05-01",
			want: []string{"04-01: 04-01>04-06 5.00", "04-06: 04-06>04-07 2.00"},
		},
		{
			name: "and in arrears", plans: phased("arrears"), sub: "04-01", policy: old,
			actions: []string{"04-03 cancel effective=04-06"}, until: "05-01",
			want: []string{"04-06: 04-01>04-06 5.00, 04-06>04-07 2.00"},
		},
		{
			name: "also in a later period of the phase", plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"per_unit","unit_amount":"30"}}],"length":{"count":40,"unit":"day"}}],"charges":[{"id":"fee","price":{"model":"per_unit","unit_amount":"62"}}]}`}, sub: "04-01", policy: old,
			actions: []string{"04-03 cancel effective=05-11 credit=prorate"}, until: "06-01",
			want: []string{"04-01: 04-01>05-01 30.00", "05-01: 05-01>05-11 9.68", "05-11: 05-11>05-12 2.00"},
		},
		{
			name: "a cancellation earlier on the day on which a phase would begin, in advance", plans: phased("advance"), sub: "04-01T12:00:00Z", policy: old,
			actions: []string{"04-03 cancel effective=04-06T10:00:00Z"}, until: "05-01",
			want: []string{"04-01T12:00Z: 04-01T12:00Z>04-06T12:00Z 5.00", "04-06T10:00Z: 04-06T12:00Z>04-07 1.00"},
		},
		{
			name: "and of several charges of each", plans: several, sub: "04-01T12:00:00Z", policy: old,
			actions: []string{"04-03 cancel effective=04-06T10:00:00Z"}, until: "05-01",
			want: []string{"04-01T12:00Z: 04-01T12:00Z>04-06T12:00Z 5.00, 04-01T12:00Z>04-06T12:00Z 10.00, 04-01T12:00Z>04-06T12:00Z 15.00", "04-06T10:00Z: 04-06T12:00Z>04-07 1.00, 04-06T12:00Z>04-07 2.00, 04-06T12:00Z>04-07 3.00"},
		},
		{
			name: "in arrears", plans: phased("arrears"), sub: "04-01T12:00:00Z", policy: old,
			actions: []string{"04-03 cancel effective=04-06T10:00:00Z"}, until: "05-01",
			want: []string{"04-06T10:00Z: 04-01T12:00Z>04-07 6.00"},
		},
		{
			name: "a change then, in advance", plans: phased("advance"), sub: "04-01T12:00:00Z", policy: old,
			actions: []string{"04-03 change_quantity quantity=2 effective=04-06T10:00:00Z"}, until: "04-30",
			want: []string{"04-01T12:00Z: 04-01T12:00Z>04-06T12:00Z 5.00", "04-06T10:00Z: 04-06T12:00Z>04-07 1.00", "04-06T12:00Z: 04-07>05-01T12:00Z 96.00"},
		},
		{
			name: "a change then, in arrears", plans: phased("arrears"), sub: "04-01T12:00:00Z", policy: old,
			actions: []string{"04-03 change_quantity quantity=2 effective=04-06T10:00:00Z"}, until: "05-02",
			want: []string{"04-06T10:00Z: 04-01T12:00Z>04-07 6.00", "05-01T12:00Z: 04-07>05-01T12:00Z 96.00"},
		},
	})
}

func TestOneTimeChargesOfAPlanReachedWhileNothingIsBilled(t *testing.T) {
	t.Parallel()
	setup := "q month: setup 50 once; fee 30"
	checkRules(t, []rule{
		{
			name: "in a pause, at the resume", plans: []string{"p month: fee 30", setup}, sub: "04-01",
			actions: []string{"04-02 change_plan to=q effective=04-16", "04-11 pause effective=now credit=prorate", "04-21 resume"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>05-01 -20.00", "04-21: 04-21>- 50.00, 04-21>05-01 10.00 applied 20.00 due 40.00"},
		},
		{
			name: "with another change that waits for the end of a trial", plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"trial":{"count":10,"unit":"day"},"charges":[]}`, "q month: setup 50 once"}, sub: "04-01",
			actions: []string{"04-01 change_plan to=q effective=period_end", "04-01 change_quantity quantity=2 effective=period_end", "04-02 end_trial"}, until: "04-30",
			want: []string{"04-02: 04-02>- 50.00"},
		},
	})
}

func TestWhatAChangeLeavesAloneIsBilledOnWhereAKnownCutWas(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{
		{
			name: "an equal change where a withdrawn cancellation had ended it", plans: []string{"p month: fee 30"}, sub: "03-01",
			actions: []string{"03-02 cancel effective=04-11 credit=prorate", "04-02 undo_cancel", "04-06 change_quantity quantity=2 charge_new=full"}, until: "04-11",
			want: []string{"03-01: 03-01>04-01 30.00", "04-01: 04-01>04-11 10.00", "04-11: 04-11>05-01 20.00"},
		},
	})
}

func TestWhatAWithdrawnCutLeftIsBilledBeforeAChangeOfItsInstantThatIsCutLater(t *testing.T) {
	t.Parallel()
	actions := []string{"03-02 cancel effective=04-10 credit=prorate", "04-02 undo_cancel"}
	checkRules(t, []rule{
		{
			name: "on its invoice", plans: []string{"p month: fee 30 each"}, sub: "03-01", policy: talePolicy{ChangeDay: "old"},
			actions: append(slices.Clip(actions), "04-03 change_quantity quantity=2 effective=04-11"), until: "04-30",
			want: []string{"03-01: 03-01>04-01 30.00", "04-01: 04-01>04-11 10.00", "04-11: 04-11>04-12 1.00, 04-12>05-01 38.00"},
		},
		{
			name: "and does not wait with it", plans: []string{"p month: fee 30 each"}, sub: "03-01", policy: talePolicy{ChangeDay: "old"},
			actions: append(slices.Clip(actions), "04-03 change_quantity quantity=2 effective=04-11 collect=next_invoice"), until: "05-01",
			want: []string{"03-01: 03-01>04-01 30.00", "04-01: 04-01>04-11 10.00", "04-11: 04-11>04-12 1.00", "05-01: 04-12>05-01 38.00, 05-01>06-01 60.00"},
		},
	})
}

func TestAFreeFirstPartAndArrearsOfAPlanChangedTo(t *testing.T) {
	t.Parallel()
	plans := []string{"p month: fee 30 arrears", "q month: seat 30 arrears"}
	checkRules(t, []rule{
		{
			name: "they cost their share of the grid's period", plans: plans, sub: "04-01 anchor=04-16 first=free",
			actions: []string{"04-06 change_plan to=q"}, until: "04-16",
			want: []string{"04-16: 04-06>04-16 9.68"},
		},
		{
			name: "but nothing where the change charges nothing", plans: plans, sub: "04-01 anchor=04-16 first=free",
			actions: []string{"04-06 change_plan to=q charge_new=none"}, until: "04-16",
			want: nil,
		},
	})
}

func TestAnAnchorAddsAtOnce(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{
		{
			name: "also after a change whose cut is the end of the period", plans: []string{"p month: fee 30 each"}, sub: "04-01", policy: talePolicy{ChangeDay: "old"},
			actions: []string{"04-30 change_quantity quantity=2", "04-30 set_anchor anchor=04-16"}, until: "05-01",
			want: []string{"04-01: 04-01>05-01 30.00", "04-30: 05-01>05-16 30.00"},
		},
	})
}

func TestAOneOffOnItsRegularInvoiceUsesTheCycle(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{
		{
			name: "though it is all that the discount reduces", plans: []string{"p month: fee 30 each"}, sub: "04-01 quantity=0",
			actions: []string{"04-01 discount amount=5 duration=cycles cycles=1", "04-01 one_off amount=6", "04-02 change_quantity quantity=1 effective=05-01"}, until: "05-01",
			want: []string{"04-01: 04-01>- 6.00, 04-01>- -5.00", "05-01: 05-01>06-01 30.00"},
		},
	})
}

func TestAFirstPeriodThatAResumeExtendsStaysWhole(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{
		{
			name: "what is left of it is a share of as many days", plans: []string{"p month: fee 30 each"}, sub: "04-01 anchor=04-11 first=full",
			actions: []string{"04-06 pause effective=now", "04-11 resume anchor=extend", "04-11 change_quantity quantity=2"}, until: "04-15",
			want: []string{"04-01: 04-01>04-11 30.00", "04-11: 04-11>04-16 -15.00, 04-11>04-16 30.00"},
		},
	})
}

func TestAListCreditGivesBackWhatWasPaid(t *testing.T) {
	t.Parallel()
	list := talePolicy{CreditBasis: "list"}
	checkRules(t, []rule{
		{
			name: "nothing where nothing was paid, though a change that charges nothing went before", plans: []string{"p month: fee 30", "q month: seat 60 each"}, sub: "04-01 anchor=04-16 first=free", policy: list,
			actions: []string{"04-06 change_plan to=q credit=none charge_new=none", "04-11 change_quantity quantity=2"}, until: "04-15",
			want: nil,
		},
		{
			name: "nothing where only hours of the day were paid", plans: []string{"p month: fee 30 each"}, sub: "03-01T06:00:00Z", policy: list,
			actions: []string{"04-01T05:00:00Z change_quantity quantity=2 credit=none charge_new=none anchor=reset", "04-11 change_quantity quantity=1"}, until: "04-15",
			want: []string{"03-01T06:00Z: 03-01T06:00Z>04-01T06:00Z 30.00", "04-11: 04-11>05-01 20.00"},
		},
		{
			name: "by the period by which it was billed, and not by the week that another plan brought", plans: []string{"p month: fee 30 each", "q week: fee 14 each"}, sub: "04-01", policy: list,
			actions: []string{"04-09 change_plan to=q credit=none charge_new=none", "04-11 change_quantity quantity=2"}, until: "04-14",
			want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>05-01 -9.33, 04-11>04-15 16.00"},
		},
		{
			name: "by the length of what was billed, where a resume extended it", plans: []string{"p month: fee 30 each"}, sub: "04-01", policy: list,
			actions: []string{"04-06 pause effective=now", "04-11 resume anchor=extend", "04-11 change_quantity quantity=2"}, until: "05-05",
			want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>05-06 -25.00, 04-11>05-06 50.00"},
		},
		{
			name: "nothing of a plan that was left, which has no price any more", plans: []string{"p month: fee 30", "q month: seat 60"}, sub: "04-01", policy: list,
			actions: []string{"04-06 change_plan to=q credit=none charge_new=none", "04-16 cancel effective=now credit=prorate"}, until: "05-01",
			want: []string{"04-01: 04-01>05-01 30.00"},
		},
	})
}

func TestTermsOfThePlanInForceLeaveAloneWhatAnotherBilled(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{
		{
			name: "a change of quantity credits no charge of the plan that was left", plans: []string{"p month: fee 30 each", "q month: seat 60"}, sub: "04-01",
			actions: []string{"04-06 change_plan to=q credit=none charge_new=none", "04-11 change_quantity quantity=2"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 30.00"},
		},
	})
}

func TestTheEndOfAPeriodOfThePlanToComeIsNoKnownCut(t *testing.T) {
	t.Parallel()
	plans := []string{"p month: fee 31", "q week: fee 7"}
	checkRules(t, []rule{
		{
			name: "of what this plan bills", plans: plans, sub: "01-01",
			actions: []string{"01-03 change_plan to=q effective=01-21 credit=full", "01-03 cancel effective=period_end credit=prorate", "01-05 change_quantity quantity=1 anchor=reset"}, until: "01-20",
			want: []string{"01-01: 01-01>02-01 31.00", "01-05: 01-05>02-01 -27.00, 01-05>02-05 31.00"},
		},
		{
			name: "but a date is", plans: plans, sub: "01-01",
			actions: []string{"01-03 change_plan to=q effective=02-21 credit=full", "01-03 cancel effective=02-25 credit=prorate"}, until: "02-20",
			want: []string{"01-01: 01-01>02-01 31.00", "02-01: 02-01>02-25 26.57"},
		},
	})
}

func TestAnAnchorSetBeforeThePeriodOfAResetBeginsEndsThatPeriodLater(t *testing.T) {
	t.Parallel()
	actions := []string{"01-10T10:00:00Z change_quantity quantity=2 anchor=reset", "01-10T12:00:00Z set_anchor anchor=01-10T22:00:00Z"}
	checkRules(t, []rule{
		{
			name: "in advance", plans: []string{"p month: fee 31 each"}, sub: "01-01", policy: talePolicy{ChangeDay: "old"}, actions: actions, until: "03-11",
			want: []string{"01-01: 01-01>02-01 31.00", "01-10T10:00Z: 01-11>02-01 -21.00, 01-11>02-11 62.00", "01-10T12:00Z: 02-10T22:00Z>02-11 -2.00", "02-10T22:00Z: 02-10T22:00Z>03-10T22:00Z 62.00 applied 2.00 due 60.00", "03-10T22:00Z: 03-10T22:00Z>04-10T22:00Z 62.00"},
		},
	})
}

func TestAPeriodThatBeginsOnTheDayOfItsCutHasACountOfItsOwn(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "reached again at its boundary, from weeks",
		plans: []string{
			`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","price":{"model":"flat_fee","amount":"31.00"},"usage":"calls"}]}`,
			`{"id":"q","every":{"count":1,"unit":"week"},"charges":[]}`,
		},
		sub: "01-01T06:00:00Z", actions: []string{"01-01T06:00:00Z change_plan to=q effective=01-02", "02-01T06:00:00Z change_plan to=p"}, until: "04-02",
		want: []string{"01-02: 01-01T06:00Z>01-02 31.00", "03-01T06:00Z: 02-01>03-01T06:00Z 31.00", "04-01T06:00Z: 03-01T06:00Z>04-01T06:00Z 31.00"},
	}})
}

func TestACountIsOfItsPeriodWhereverThatEnds(t *testing.T) {
	t.Parallel()
	flat := `{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","price":{"model":"flat_fee","amount":"30.00"},"usage":"calls"}]}`
	checkRules(t, []rule{
		{
			name: "one where a resume extended the period", plans: []string{flat}, sub: "04-01",
			actions: []string{"04-11 pause effective=now", "04-16 resume anchor=extend"}, until: "05-06",
			want: []string{"04-11: 04-01>04-11 30.00"},
		},
		{
			name: "one where another step came between", plans: []string{flat, "q week:"}, sub: "04-01",
			actions: []string{"04-11 change_plan to=q", "04-13 change_plan to=p"}, until: "05-01",
			want: []string{"04-11: 04-01>04-11 30.00"},
		},
		{
			name: "two where an anchor divided a month and was moved back", plans: []string{flat}, sub: "04-01",
			actions: []string{"04-05 pause effective=now", "04-06 resume", "04-07 set_anchor anchor=04-16", "04-20 set_anchor anchor=05-01"}, until: "05-01",
			want: []string{"04-05: 04-01>04-05 30.00", "05-01: 04-16>05-01 30.00"},
		},
	})
}

func TestACountAcrossPricesGoesOn(t *testing.T) {
	t.Parallel()
	free := func(id, unit string) string {
		return `{"id":"` + id + `","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","price":{"model":"per_unit","unit_amount":"` + unit + `","free_units":"10"},"usage":"calls"}]}`
	}
	actions := []string{"04-02 usage of=calls quantity=10", "04-11 change_plan to=q", "04-15 usage of=calls quantity=12"}
	checkRules(t, []rule{
		{
			name: "behind the units of the metric before the change", plans: []string{free("p", "1"), free("q", "2")}, sub: "04-01", policy: talePolicy{UsageCount: "across"},
			actions: actions, until: "05-01",
			want: []string{"05-01: 04-11>05-01 24.00"},
		},
		{
			name: "per price another price has free units of its own", plans: []string{free("p", "1"), free("q", "2")}, sub: "04-01",
			actions: actions, until: "05-01",
			want: []string{"05-01: 04-11>05-01 4.00"},
		},
		{
			name: "and begins with the first part of a period, wherever that lies",
			plans: []string{
				"p month:",
				`{"id":"q","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","price":{"model":"flat_fee","amount":"30"},"usage":"calls"}]}`,
			}, sub: "04-01", policy: talePolicy{UsageCount: "across"},
			actions: []string{"04-11 change_plan to=q"}, until: "05-01",
			want: []string{"05-01: 04-11>05-01 30.00"},
		},
		{
			name:  "and holds nothing that was used before it and was free",
			plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"phases":[{"every":{"count":1,"unit":"month"},"charges":[],"length":{"count":10,"unit":"day"}}],"charges":[{"id":"calls","price":{"model":"per_unit","unit_amount":"1"},"usage":"calls"}]}`},
			sub:   "04-01", policy: talePolicy{UsageCount: "across"},
			actions: []string{"04-02 usage of=calls quantity=10", "04-15 usage of=calls quantity=5"}, until: "05-01",
			want: []string{"05-01: 04-11>05-01 5.00"},
		},
		{
			name: "and owes what is due at 0 once, also where the part before ended with its first day",
			plans: []string{
				`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","price":{"model":"flat_fee","amount":"30"},"usage":"calls"}]}`,
				`{"id":"q","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","price":{"model":"flat_fee","amount":"60"},"usage":"calls"}]}`,
			}, sub: "04-01", policy: talePolicy{UsageCount: "across", ChangeDay: "old"},
			actions: []string{"04-01 change_plan to=q"}, until: "05-01",
			want: []string{"04-01: 04-01>04-02 30.00"},
		},
		{
			name: "and holds what a part without a day passed on to a new period", plans: []string{"p month: calls 1 per calls"}, sub: "04-01", policy: talePolicy{UsageCount: "across"},
			actions: []string{"04-11 change_quantity quantity=1 anchor=reset", "04-11T06:00:00Z usage of=calls quantity=5", "04-11T12:00:00Z change_quantity quantity=1 anchor=reset"}, until: "05-11",
			want: []string{"05-11: 04-11>05-11 5.00"},
		},
	})
}

// An anchor that moves the end of a period does not divide what is counted in it.
func TestACountGoesOnBehindAMovedEnd(t *testing.T) {
	t.Parallel()
	metered := func(unit string) string {
		return `[{"id":"calls","price":{"model":"per_unit","unit_amount":"` + unit + `","free_units":"10"},"usage":"calls"}]`
	}
	month, week := `"every":{"count":1,"unit":"month"},`, `"every":{"count":1,"unit":"week"},`
	plans := func(first, second, third string) []string {
		return []string{
			`{"id":"p",` + month + `"charges":` + metered(first) + `}`,
			`{"id":"q",` + month + `"phases":[{` + week + `"charges":[],"length":{"count":5,"unit":"day"}},{` + month + `"charges":` + metered(second) + `,"length":{"count":6,"unit":"day"}}],"charges":` + metered(third) + `}`,
		}
	}
	actions := []string{"04-02 usage of=calls quantity=10", "04-06 change_plan to=q", "04-12 usage of=calls quantity=4", "04-15 set_anchor anchor=2026-04-15", "04-20 usage of=calls quantity=5"}
	checkRules(t, []rule{
		{
			name: "across prices, from the first part in the month", plans: plans("1", "2", "3"), sub: "04-01", policy: talePolicy{UsageCount: "across"},
			actions: actions, until: "05-15",
			want: []string{"04-17: 04-11>04-17 8.00", "05-15: 04-17>05-15 15.00"},
		},
		{
			name: "per price, also where a part under another price came between", plans: plans("1", "2", "1"), sub: "04-01",
			actions: actions, until: "05-15",
			want: []string{"05-15: 04-17>05-15 5.00"},
		},
	})
}
