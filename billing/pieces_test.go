package billing_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/subscription"
)

// billsEarly reports whether a plan of the story has thresholds.
func (s tale) billsEarly() bool {
	return slices.ContainsFunc(s.Plans, func(p talePlan) bool { return p.Thresholds != nil })
}

// inPieces runs the story after its actions, between those of one instant too if asked, each run twice,
// and to its end.
func (p *played) inPieces(t *testing.T, between bool) []billing.Invoice {
	t.Helper()
	var all []billing.Invoice
	var checkpoint billing.Checkpoint
	run := func(m moment) {
		made, next, err := billing.Invoices(m.sub, p.used(m.at), checkpoint, m.at)
		require.NoError(t, err, "at %s", m.at)
		data, err := next.MarshalJSON()
		require.NoError(t, err)
		checkpoint = billing.Checkpoint{}
		require.NoError(t, checkpoint.UnmarshalJSON(data))
		again, same, err := billing.Invoices(m.sub, p.used(m.at), checkpoint, m.at)
		require.NoError(t, err, "again at %s", m.at)
		require.Empty(t, again, "a run repeated at %s", m.at)
		require.True(t, checkpoint.Equal(same), "a run repeated at %s: %+v\n%+v", m.at, checkpoint, same)
		all = append(all, made...)
	}
	for i, m := range p.past {
		if last := i+1 == len(p.past) || !p.past[i+1].at.Equal(m.at); between || last {
			run(m)
		}
	}
	run(moment{p.s.instant(p.s.Until), p.sub})
	return all
}

// An item that is given in a pause waits for the first invoice after it. A resume into a later period makes none
// where nothing is billed in advance, and a run that begins with it still knows the item.
func TestAnItemOfAPauseWaitsAcrossRuns(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "one-off", plans: []string{"p week: calls 1 per calls"}, sub: "01-01",
		actions: []string{"01-05 pause cycles=1", "01-06 one_off amount=1"}, until: "02-09",
		want: []string{"01-22: 01-06>- 1.00"}, next: []string{"01-06: 01-22 1.00"},
	}})
	p, err := play(ruleTale(t, rule{
		plans: []string{"p week: calls 1 per calls"}, sub: "01-01", actions: []string{"01-05 pause cycles=1", "01-06 one_off amount=1"}, until: "01-22",
	}))
	require.NoError(t, err)
	var checkpoint billing.Checkpoint
	for _, day := range []string{"2026-01-01", "2026-01-05", "2026-01-06", "2026-01-15"} {
		none, next, err := billing.Invoices(p.at(date(day)), nil, checkpoint, date(day))
		require.NoError(t, err)
		require.Empty(t, none, day)
		checkpoint = next
	}
	soon, err := billing.Next(p.sub, nil, checkpoint, date("2026-01-15"))
	require.NoError(t, err)
	require.Equal(t, "1.00 USD", soon.Amount.String())
	made, checkpoint, err := billing.Invoices(p.sub, nil, checkpoint, date("2026-01-22"))
	require.NoError(t, err)
	require.Equal(t, []string{"01-22: 01-06>- 1.00"}, ruleShow(p.s, made))
	none, _, err := billing.Invoices(p.sub, nil, checkpoint, date("2026-02-09"))
	require.NoError(t, err)
	require.Empty(t, none)
}

// Items and changes of one instant, with a run between any two of them, are billed in the order in
// which they were given: no item twice.
func TestRunsBetweenItemsAndAChangeOfOneInstant(t *testing.T) {
	t.Parallel()
	p, err := play(ruleTale(t, rule{
		plans: []string{"p month: fee 30 each"}, sub: "01-01",
		actions: []string{"01-10 one_off amount=33", "01-16 one_off amount=32 collect=now", "01-16 change_quantity quantity=2"}, until: "02-01",
	}))
	require.NoError(t, err)
	want := []string{"01-01: 01-01>02-01 30.00", "01-16: 01-10>- 33.00, 01-16>- 32.00", "01-16: 01-16>02-01 -15.48, 01-16>02-01 30.97", "02-01: 02-01>03-01 60.00"}
	at := func(day string, command int) subscription.Subscription {
		for _, m := range p.past {
			if m.sub.Version() == command && !m.at.After(date(day)) {
				return m.sub
			}
		}
		require.Fail(t, "no such moment")
		return subscription.Subscription{}
	}
	for _, commands := range [][]int{{4}, {2, 4}, {3, 4}, {2, 3, 4}} {
		var made []billing.Invoice
		var checkpoint billing.Checkpoint
		for _, command := range commands {
			more, next, err := billing.Invoices(at("2026-01-16", command), nil, checkpoint, date("2026-01-16"))
			require.NoError(t, err)
			made, checkpoint = append(made, more...), next
		}
		more, _, err := billing.Invoices(p.sub, nil, checkpoint, date("2026-02-01"))
		require.NoError(t, err)
		require.Equal(t, want, ruleShow(p.s, append(made, more...)), "runs after the commands %v", commands)
	}
}

// A fixed discount lets a run begin one period earlier than the checkpoint remembers usage for.
func TestAnInterimInvoiceIsNotMadeAgainForADiscount(t *testing.T) {
	t.Parallel()
	week := `"every":{"count":1,"unit":"week"},`
	p, err := play(ruleTale(t, rule{
		plans: []string{`{"id":"p",` + week + `"phases":[{` + week + `"charges":[{"id":"calls","usage":"calls","price":{"model":"per_unit","unit_amount":"2.00"}}],"cycles":1}],` +
			`"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"10.00"}}],"thresholds":["5"]}`},
		sub: "01-01", actions: []string{"01-03 usage of=calls quantity=3", "01-10 discount amount=1 duration=forever"}, until: "01-22",
	}))
	require.NoError(t, err)
	whole, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, date("2026-01-22"))
	require.NoError(t, err)
	var made []billing.Invoice
	var checkpoint billing.Checkpoint
	for _, day := range []string{"2026-01-01", "2026-01-05", "2026-01-08", "2026-01-09", "2026-01-15", "2026-01-22"} {
		at := date(day)
		more, next, err := billing.Invoices(p.at(at), p.usage, checkpoint, at)
		require.NoError(t, err)
		made, checkpoint = append(made, more...), next
	}
	require.Equal(t, []string{"01-03: 01-01>01-03 6.00", "01-08: 01-08>01-15 10.00", "01-15: 01-15>01-22 10.00, 01-15>01-22 -1.00", "01-22: 01-22>01-29 10.00, 01-22>01-29 -1.00"}, ruleShow(p.s, whole))
	require.Equal(t, ruleShow(p.s, whole), ruleShow(p.s, made))
}

// A term goes on behind a pause, also for a run that begins at the pause, where a phase that rates usage was
// over at once.
func TestATermGoesOnBehindAPauseAcrossRuns(t *testing.T) {
	t.Parallel()
	fee := `{"id":"fee","price":{"model":"flat_fee","amount":"1.00"}}`
	every := `"every":{"count":10,"unit":"day"},`
	p, err := play(ruleTale(t, rule{
		plans: []string{`{"id":"p",` + every + `"phases":[{` + every + `"charges":[` + fee + `],"cycles":2},` +
			`{` + every + `"charges":[` + fee + `,{"id":"calls","usage":"calls","price":{"model":"per_unit","unit_amount":"2.00"}}],"cycles":1}],` +
			`"charges":[` + fee + `],"minimum":{"amount":"100","cycles":3}}`},
		sub: "01-01", actions: []string{"01-11 pause effective=period_end cycles=1"}, until: "04-01",
	}))
	require.NoError(t, err)
	whole, last, err := billing.Invoices(p.sub, nil, billing.Checkpoint{}, date("2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"01-01: 01-01>01-11 1.00", "01-11: 01-11>01-21 1.00", "01-31: 01-31>02-10 1.00", "02-10: 01-31>02-10 97.00, 02-10>02-20 1.00", "02-20: 02-20>03-02 1.00",
		"03-02: 03-02>03-12 1.00", "03-12: 03-02>03-12 97.00, 03-12>03-22 1.00", "03-22: 03-22>04-01 1.00", "04-01: 04-01>04-11 1.00",
	}, ruleShow(p.s, whole))
	var made []billing.Invoice
	var checkpoint billing.Checkpoint
	for _, day := range []string{"2026-01-01", "2026-01-31", "2026-02-05", "2026-04-01"} {
		more, next, err := billing.Invoices(p.sub, nil, checkpoint, date(day))
		require.NoError(t, err)
		made, checkpoint = append(made, more...), next
	}
	require.Equal(t, ruleShow(p.s, whole), ruleShow(p.s, made))
	require.Equal(t, last.Spent, checkpoint.Spent)
}

// A run may come between what is used at an instant and a command of that instant, of which it
// knows nothing yet.
func TestARunBetweenTheActionsOfOneInstant(t *testing.T) {
	t.Parallel()
	matrix := func(id, eu string) string {
		return `{"id":"` + id + `","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","usage":"calls","price":{"model":"matrix","dimensions":["region"],` +
			`"rows":[{"values":["eu"],"price":` + eu + `}],"default":{"model":"per_unit","unit_amount":"1.00"}}}]}`
	}
	flat := func(amount string) string { return `{"model":"flat_fee","amount":"` + amount + `"}` }
	level := []string{`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","usage":"calls","price":{"model":"flat_fee","amount":"7.00"}}]}`}
	early := []string{`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","usage":"calls","price":{"model":"per_unit","unit_amount":"2.00"}}],"thresholds":["5"]}`}
	used := func(more string) []string {
		return []string{`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","usage":"calls","price":{"model":"flat_fee","amount":"7.00"}}],"thresholds":["5"]` + more + `}`}
	}
	tens := func(every string) []string {
		return []string{`{"id":"p","every":{"count":10,"unit":"day"},"charges":[{"id":"calls",` + every + `"usage":"calls","price":{"model":"per_unit","unit_amount":"2.00"}}]}`}
	}
	for _, r := range []struct {
		between bool
		rule
	}{
		{true, rule{
			name:  "a change: what is used at it is the new plan's, and of the old one nothing was used",
			plans: []string{matrix("p", flat("9.00")), matrix("q", flat("4.00"))}, sub: "01-01", how: "count",
			actions: []string{"01-02 usage of=calls quantity=1 region=eu", "01-02 change_plan to=q"}, until: "02-01",
			want: []string{"02-01: 01-02>02-01 4.00"},
		}},
		{true, rule{
			name:  "a cancellation: a level of no time is nothing",
			plans: []string{matrix("p", flat("9.00"))}, sub: "01-01", how: "weighted_sum level",
			actions: []string{"01-02 usage of=calls quantity=1 region=eu", "01-02 cancel"}, until: "02-01",
		}},
		{true, rule{
			name:  "but what is counted is used before it",
			plans: []string{matrix("p", flat("9.00"))}, sub: "01-01", how: "count",
			actions: []string{"01-02 usage of=calls quantity=1 region=eu", "01-02 cancel"}, until: "02-01",
			want: []string{"01-02: 01-01>01-02 9.00"},
		}},
		{true, rule{
			name: "a cancellation on the first day: a level of no time on a part of no length has no line", plans: level, sub: "01-01T08:00:00Z", how: "weighted_sum level",
			actions: []string{"01-01T09:00:00Z usage of=calls quantity=1", "01-01T09:00:00Z cancel"}, until: "02-01",
		}},
		{true, rule{
			name: "an interim invoice that was made stands before a pause, also when the run is repeated", plans: early, sub: "01-01",
			actions: []string{"01-02 usage of=calls quantity=3", "01-02 pause", "01-12 resume", "01-22 usage of=calls quantity=1"}, until: "02-01",
			want: []string{"01-02: 01-01>01-02 6.00", "02-01: 01-12>02-01 2.00"},
		}},
		{false, rule{
			name: "and one that was made after a reset stands behind it", plans: early, sub: "01-01",
			actions: []string{"01-02 cancel", "01-03 reactivate", "01-03 usage of=calls quantity=3", "01-03 change_quantity quantity=1 anchor=reset"}, until: "02-03",
			want: []string{"01-03: 01-03>01-03 6.00"},
		}},
		{true, rule{
			name: "one that was made of a boundary stands before a cancellation there, also when a run after it is repeated", plans: early, sub: "01-01 anchor=01-10",
			actions: []string{"01-10 usage of=calls quantity=3", "01-10 cancel", "01-12 reactivate"}, until: "03-01",
			want: []string{"01-10: 01-10>01-10 6.00"},
		}},
		{false, rule{
			name: "and one of a reactivation at the instant of the cancellation behind both", plans: used(""), sub: "01-01",
			actions: []string{"02-01 cancel", "02-01 usage of=calls quantity=0", "02-01 reactivate", "02-20 change_quantity quantity=2"}, until: "02-21",
			want: []string{"02-01: 01-01>02-01 7.00", "02-01: 02-01>02-01 7.00"},
		}},
		{true, rule{
			name: "and one of a trial that is ended at the instant of a record, up to which a run has looked", plans: used(`,"trial":{"count":20,"unit":"day"}`), sub: "01-01",
			actions: []string{"01-05 usage of=calls quantity=3", "01-05 end_trial"}, until: "01-21",
			want: []string{"01-05: 01-05>01-05 7.00"},
		}},
		{false, rule{
			name: "what is used at a pause on a boundary waits for the resume, also when a run there is repeated", plans: tens(""), sub: "01-01",
			actions: []string{"01-11 usage of=calls quantity=3", "01-11 pause cycles=1", "01-21 one_off amount=1"}, until: "01-31",
			want: []string{"01-31: 01-21>- 1.00, 01-21>01-31 6.00"},
		}},
		{false, rule{
			name: "also on one of an interval of one day of its own", plans: tens(`"every":{"count":1,"unit":"day"},`), sub: "01-01",
			actions: []string{"01-03 usage of=calls quantity=3", "01-03 pause cycles=1", "01-21 one_off amount=1"}, until: "01-22",
			want: []string{"01-22: 01-21>- 1.00, 01-21>01-22 6.00"},
		}},
		{false, rule{
			name: "and of two days", plans: tens(`"every":{"count":2,"unit":"day"},`), sub: "01-01",
			actions: []string{"01-03 usage of=calls quantity=3", "01-03 pause cycles=1", "01-21 one_off amount=1"}, until: "01-23",
			want: []string{"01-23: 01-21>- 1.00, 01-21>01-23 6.00"},
		}},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			p, err := play(ruleTale(t, r.rule))
			require.NoError(t, err)
			all, _ := p.bills(t)
			require.Equal(t, append([]string{}, r.want...), ruleShow(p.s, all))
			require.Equal(t, append([]string{}, r.want...), ruleShow(p.s, p.inPieces(t, r.between)), "in pieces")
			if !p.s.hasOwn() { // of which the naive engine knows nothing
				require.Equal(t, showNaive(tell(p.s).invoices), showEngine(all), "the naive engine says otherwise")
			}
		})
	}
}

// A reactivation at the midnight at which the day of the ending is over, a run in between: the line
// has one id, whether the run remembers the cut or not.
func TestALineHasOneIDWhereverTheRunBegins(t *testing.T) {
	t.Parallel()
	s := ruleTale(t, rule{
		plans: []string{"p month: fee 30"}, sub: "2021-06-18T11:16:56Z", policy: talePolicy{ChangeDay: "old"},
		actions: []string{"2021-09-22T18:30:00Z cancel credit=prorate", "2021-09-23T18:30:00Z reactivate"}, until: "2021-10-26",
	})
	s.Zone, s.Sub.Anchor = "Asia/Kolkata", "2021-05-24"
	p, err := play(s)
	require.NoError(t, err)
	ids := func(all []billing.Invoice) (out []string) {
		for _, inv := range all {
			out = append(out, inv.ID().String())
			for i := range inv.Lines {
				out = append(out, inv.LineID(i).String())
			}
		}
		return out
	}
	all, _ := p.bills(t)
	cancelled := p.past[len(p.past)-2].sub
	first, checkpoint, err := billing.Invoices(cancelled, nil, billing.Checkpoint{}, at(t, "2021-09-23T18:30:00Z"))
	require.NoError(t, err)
	second, _, err := billing.Invoices(p.sub, nil, checkpoint, p.s.instant(p.s.Until))
	require.NoError(t, err)
	require.Equal(t, ids(all), ids(append(first, second...)))
}

// A one-off waits for the first invoice, also where a run comes to the instant at which a trial or a
// pause is then ended by hand.
func TestAOneOffWaitsForAnOpeningThatWasNotBilled(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		actions []string
		want    []string
	}{
		{"a trial", []string{"01-05 one_off amount=26", "01-10 end_trial"}, []string{"01-10: 01-05>- 26.00, 01-10>02-10 30.00"}},
		{"a pause", []string{"01-02 end_trial", "01-03 pause credit=none", "01-05 one_off amount=26", "01-10 resume anchor=reset"}, []string{"01-02: 01-02>02-02 30.00", "01-10: 01-05>- 26.00, 01-10>02-10 30.00"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, err := play(ruleTale(t, rule{
				plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30.00"}}],"trial":{"count":20,"unit":"day"}}`},
				sub:   "01-01", actions: row.actions, until: "02-01",
			}))
			require.NoError(t, err)
			all, _ := p.bills(t)
			require.Equal(t, row.want, ruleShow(p.s, all))
			last := p.past[len(p.past)-1]
			first, checkpoint, err := billing.Invoices(p.past[len(p.past)-2].sub, nil, billing.Checkpoint{}, last.at)
			require.NoError(t, err)
			second, _, err := billing.Invoices(last.sub, nil, checkpoint, p.s.instant(p.s.Until))
			require.NoError(t, err)
			require.Equal(t, row.want, ruleShow(p.s, append(first, second...)))
		})
	}
}
