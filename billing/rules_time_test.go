package billing_test

import "testing"

// April has 30 days and May 31: a fee of 30.00 is 1.00 a day in April, one of 62.00
// is 2.00 a day in May.

func TestRule1OrderAtOneInstant(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 30"}
	checkRules(t, []rule{
		{
			name: "use at a boundary belongs to the period that begins", plans: []string{"p month: calls 1 per calls"}, sub: "04-01",
			actions: []string{"05-01 usage of=calls quantity=5"}, until: "06-01",
			want: []string{"06-01: 05-01>06-01 5.00"},
		},
		{
			name: "a cancellation now on a boundary finds the new period billed", plans: fee, sub: "04-01",
			actions: []string{"05-01 cancel effective=now"}, until: "07-01",
			want:     []string{"04-01: 04-01>05-01 30.00", "05-01: 05-01>06-01 30.00"},
			statuses: []string{"05-01 cancelled"},
		},
		{
			name: "a discount at the start counts for the first billing", plans: fee, sub: "04-01",
			actions: []string{"04-01 discount percent=10 duration=once"}, until: "05-01",
			want: []string{"04-01: 04-01>05-01 30.00, 04-01>05-01 -3.00", "05-01: 05-01>06-01 30.00"},
		},
		{
			name: "what feeds an invoice comes before a change that is listed first", plans: fee, sub: "04-01",
			actions: []string{"04-11 change_price charge=fee price=60", "04-11 one_off amount=5"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>- 5.00, 04-11>05-01 -20.00, 04-11>05-01 40.00"},
		},
		{
			name: "use at the instant of a cancellation is billed with it", plans: []string{"p month: calls 1 per calls"}, sub: "04-01",
			actions: []string{"04-11 usage of=calls quantity=5", "04-11 cancel effective=now"}, until: "06-01",
			want: []string{"04-11: 04-01>04-11 5.00"},
		},
		{
			name: "two changes at one instant are two invoices, in order", plans: fee, sub: "04-01",
			actions: []string{"04-11 change_price charge=fee price=60", "04-11 change_price charge=fee price=90"}, until: "04-30",
			want: []string{"04-01: 04-01>05-01 30.00", "04-11: 04-11>05-01 -20.00, 04-11>05-01 40.00", "04-11: 04-11>05-01 -40.00, 04-11>05-01 60.00"},
		},
	})
}

func TestRule2TheCivilDayOfACut(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 30"}
	old := talePolicy{ChangeDay: "old"}
	first := "04-01: 04-01>05-01 30.00"
	checkRules(t, []rule{
		{
			name: "inside a day, the day is the new side's", plans: fee, sub: "04-01",
			actions: []string{"04-11T12:00:00Z change_price charge=fee price=60"}, until: "04-30",
			want: []string{first, "04-11T12:00Z: 04-11>05-01 -20.00, 04-11>05-01 40.00"},
		},
		{
			name: "or the old side's", plans: fee, sub: "04-01", policy: old,
			actions: []string{"04-11T12:00:00Z change_price charge=fee price=60"}, until: "04-30",
			want: []string{first, "04-11T12:00Z: 04-12>05-01 -19.00, 04-12>05-01 38.00"},
		},
		{
			name: "at midnight the old side has the day that begins", plans: fee, sub: "04-01", policy: old,
			actions: []string{"04-11 change_price charge=fee price=60"}, until: "04-30",
			want: []string{first, "04-11: 04-12>05-01 -19.00, 04-12>05-01 38.00"},
		},
		{
			name: "on a boundary too, if it is done now", plans: fee, sub: "03-01", policy: old,
			actions: []string{"04-01 cancel effective=now credit=prorate"}, until: "04-30",
			want: []string{"03-01: 03-01>04-01 30.00", first, "04-01: 04-02>05-01 -29.00"},
		},
		{
			name: "scheduled for a boundary it uses no day of the next period", plans: fee, sub: "04-01", policy: old,
			actions: []string{"04-05 change_price charge=fee price=62 effective=05-01"}, until: "05-30",
			want: []string{first, "05-01: 05-01>06-01 62.00"},
		},
		{
			name: "with seconds a cut is where it is", plans: fee, sub: "04-01", policy: talePolicy{Basis: "second"},
			actions: []string{"04-11T12:00:00Z change_price charge=fee price=60"}, until: "04-30",
			want: []string{first, "04-11T12:00Z: 04-11T12:00Z>05-01 -19.50, 04-11T12:00Z>05-01 39.00"},
		},
		{
			name: "a resume keeps its instant", plans: fee, sub: "04-01",
			actions: []string{"04-11T09:00:00Z pause effective=now credit=prorate", "04-21T12:00:00Z resume"}, until: "04-30",
			want: []string{first, "04-11T09:00Z: 04-11>05-01 -20.00", "04-21T12:00Z: 04-21T12:00Z>05-01 10.00 applied 10.00 due 0.00"},
		},
		{
			name: "lines of use carry the midnight, records count by their instant", plans: []string{"p month: calls 1 per calls"}, sub: "04-01", policy: old,
			actions: []string{"04-11T11:00:00Z usage of=calls quantity=5", "04-11T12:00:00Z change_price charge=calls price=7", "04-11T13:00:00Z usage of=calls quantity=1"}, until: "05-01",
			want: []string{"04-11T12:00Z: 04-01>04-12 5.00", "05-01: 04-12>05-01 7.00"},
		},
		{
			name: "a new period by reset begins at the midnight", plans: fee, sub: "04-01",
			actions: []string{"04-11T12:00:00Z change_price charge=fee price=60 anchor=reset"}, until: "05-20",
			want: []string{first, "04-11T12:00Z: 04-11>05-01 -20.00, 04-11>05-11 60.00", "05-11: 05-11>06-11 60.00"},
		},
	})
}

func TestRule3Boundaries(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 30"}
	checkRules(t, []rule{
		{name: "an anchor after the start", plans: fee, sub: "04-11 anchor=05-01", until: "05-01", want: []string{"04-11: 04-11>05-01 20.00", "05-01: 05-01>06-01 30.00"}},
		{name: "an anchor before the start", plans: fee, sub: "04-11 anchor=01-01", until: "05-01", want: []string{"04-11: 04-11>05-01 20.00", "05-01: 05-01>06-01 30.00"}},
		{name: "a stub in full", plans: fee, sub: "04-11 anchor=05-01 first=full", until: "04-30", want: []string{"04-11: 04-11>05-01 30.00"}},
		{name: "a stub for nothing", plans: fee, sub: "04-11 anchor=05-01 first=free", until: "05-01", want: []string{"05-01: 05-01>06-01 30.00"}},
		{name: "a first period that is whole is no stub", plans: fee, sub: "04-01 anchor=03-01 first=free", until: "04-30", want: []string{"04-01: 04-01>05-01 30.00"}},
		{
			name: "another step keeps the anchor: 355 of 365 days", plans: []string{"p month: fee 31", "q year: fee 365"}, sub: "01-01",
			actions: []string{"01-11 change_plan to=q"}, until: "12-31",
			want: []string{"01-01: 01-01>02-01 31.00", "01-11: 01-11>02-01 -21.00, 01-11>2027-01-01 355.00"},
		},
		{
			name: "the 31st, always from the anchor", plans: fee, sub: "01-31", until: "04-29",
			want: []string{"01-31: 01-31>02-28 30.00", "02-28: 02-28>03-31 30.00", "03-31: 03-31>04-30 30.00"},
		},
		{
			name: "boundaries keep the wall clock through a change of clocks", plans: fee, sub: "03-01", zone: "America/New_York", until: "05-01",
			want: []string{"03-01: 03-01>04-01 30.00", "04-01: 04-01>05-01 30.00", "05-01: 05-01>06-01 30.00"},
		},
	})
}

func TestRule4CutsThatAreKnown(t *testing.T) {
	t.Parallel()
	fee := []string{"p month: fee 62"}
	first := "04-01: 04-01>05-01 62.00"
	checkRules(t, []rule{
		{
			name: "a cancellation with its share credited: ten days of May", plans: fee, sub: "04-01",
			actions: []string{"04-05 cancel effective=05-11 credit=prorate"}, until: "07-01", want: []string{first, "05-01: 05-01>05-11 20.00"},
			next: []string{"04-20: 05-01 20.00", "05-02: none"},
		},
		{
			name: "a cancellation without credit: the whole of May", plans: fee, sub: "04-01",
			actions: []string{"04-05 cancel effective=05-11"}, until: "07-01", want: []string{first, "05-01: 05-01>06-01 62.00"},
		},
		{
			name: "a change of price: what follows is billed then", plans: fee, sub: "04-01",
			actions: []string{"04-05 change_price charge=fee price=124 effective=05-11"}, until: "05-31",
			want: []string{first, "05-01: 05-01>05-11 20.00", "05-11: 05-11>06-01 84.00"},
		},
		{
			name: "a pause, and what is left after it", plans: fee, sub: "04-01",
			actions: []string{"04-05 pause effective=05-11 credit=prorate", "05-21 resume"}, until: "05-31",
			want: []string{first, "05-01: 05-01>05-11 20.00", "05-21: 05-21>06-01 22.00"},
		},
		{
			name: "the end of a phase", sub: "04-01", until: "04-30",
			plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"60"}}],
				"phases":[{"every":{"count":1,"unit":"month"},"length":{"count":10,"unit":"day"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30"}}]}]}`},
			want: []string{"04-01: 04-01>04-11 10.00", "04-11: 04-11>05-01 40.00"},
		},
		{
			name: "a cancellation taken back: what follows is billed at the cut", plans: fee, sub: "04-01",
			actions: []string{"04-05 cancel effective=05-11 credit=prorate", "05-06 undo_cancel"}, until: "05-31",
			want: []string{first, "05-01: 05-01>05-11 20.00", "05-11: 05-11>06-01 42.00"},
		},
		{
			name: "a change of quantity leaves a flat fee and use alone", plans: []string{"p month: fee 62; seats 31 each; calls 1 per calls"}, sub: "05-01 quantity=1",
			actions: []string{"05-02 usage of=calls quantity=3", "05-11 change_quantity quantity=2"}, until: "06-01",
			want: []string{"05-01: 05-01>06-01 62.00, 05-01>06-01 31.00", "05-11: 05-11>06-01 -21.00, 05-11>06-01 42.00", "06-01: 05-01>06-01 3.00, 06-01>07-01 62.00, 06-01>07-01 62.00"},
		},
	})
}

func TestRule5ArrearsCutShort(t *testing.T) {
	t.Parallel()
	late := []string{"p month: late 30 arrears"}
	checkRules(t, []rule{
		{name: "a cancellation bills ten days, whatever it credits", plans: late, sub: "04-01", actions: []string{"04-11 cancel effective=now credit=full"}, until: "06-01", want: []string{"04-11: 04-01>04-11 10.00"}},
		{name: "a pause bills ten days", plans: late, sub: "04-01", actions: []string{"04-11 pause effective=now"}, until: "06-01", want: []string{"04-11: 04-01>04-11 10.00"}},
		{
			name: "a change without credit bills ten days and then the rest", plans: late, sub: "04-01",
			actions: []string{"04-11 change_price charge=late price=60 credit=none"}, until: "05-01",
			want: []string{"04-11: 04-01>04-11 10.00", "05-01: 04-11>05-01 40.00"},
		},
		{
			name: "use so far is billed with it", plans: []string{"p month: late 30 arrears; calls 1 per calls"}, sub: "04-01",
			actions: []string{"04-05 usage of=calls quantity=4", "04-11 cancel effective=now"}, until: "06-01",
			want: []string{"04-11: 04-01>04-11 10.00, 04-01>04-11 4.00"},
		},
		{name: "known long before, it is the same", plans: late, sub: "04-01", actions: []string{"04-01 cancel effective=04-11 credit=none"}, until: "06-01", want: []string{"04-11: 04-01>04-11 10.00"}},
	})
}
