package subscription_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// seats is the plan of the walks: one charge in advance, priced by its id so that
// every plan's terms can be told apart.
func seats(id string, every string, alter func(*plan.Plan)) plan.Plan {
	p := plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Charges: []plan.Charge{seat("5")},
		Features: feature.Set{
			"sso":   feature.Grant{Kind: feature.Switch, Active: true},
			"ips":   feature.UpTo(int64(len(id))),
			"scans": feature.Per(feature.Week, 10), "exports": feature.Per(feature.BillingPeriod, 10),
		},
		CreditPacks: []plan.CreditPack{{ID: "ten", Credits: 10, ListPrice: decimal.NewFromInt(1)}},
	}
	metered(&p)
	if every != "" {
		p.Every = calendar.MustParseInterval(every)
	}
	if alter != nil {
		alter(&p)
	}
	return p
}

func seat(price string) plan.Charge {
	return plan.Charge{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString(price)}}
}

func interval(s string) calendar.Interval { return calendar.MustParseInterval(s) }

var walkPlans = sync(
	seats("month", "P1M", nil),
	seats("week", "P1W", nil),
	seats("day", "P1D", nil),
	seats("quarter", "P3M", func(p *plan.Plan) { p.MonthEnd = calendar.LastDay }),
	seats("arrears", "P1M", func(p *plan.Plan) { p.Charges[0].Timing = plan.Arrears }),
	seats("trial", "P1M", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: interval("P14D")} }),
	seats("trial-pause", "P1M", func(p *plan.Plan) {
		p.Trial = &plan.Trial{Length: interval("P1M"), AtEnd: plan.PauseAtTrialEnd}
	}),
	seats("trial-cancel", "P2W", func(p *plan.Plan) {
		p.Trial = &plan.Trial{Length: interval("P7D"), AtEnd: plan.CancelAtTrialEnd}
	}),
	seats("twice", "P1M", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 2} }),
	seats("five", "P1W", func(p *plan.Plan) {
		p.Length = &plan.Length{Cycles: 5}
		p.Trial = &plan.Trial{Length: interval("P3D")}
	}),
	seats("rolls", "P1M", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 3, AtEnd: plan.Roll} }),
	seats("forty-days", "P1M", func(p *plan.Plan) { p.Length = &plan.Length{Interval: interval("P40D")} }),
	seats("from-start", "P1M", func(p *plan.Plan) {
		p.Length = &plan.Length{Interval: interval("P3M"), From: plan.FromStart}
		p.Trial = &plan.Trial{Length: interval("P10D")}
	}),
	seats("intro", "P1M", func(p *plan.Plan) {
		p.Phases = []plan.Phase{{Charges: []plan.Charge{seat("1")}, Cycles: 2}}
	}),
	seats("stairs", "P1M", func(p *plan.Plan) {
		p.Phases = []plan.Phase{
			{Every: interval("P1W"), Charges: []plan.Charge{seat("1")}, Cycles: 3},
			{Charges: []plan.Charge{seat("2")}, Length: interval("P45D")},
		}
	}),
	seats("half-phase", "P2W", func(p *plan.Plan) {
		p.Phases = []plan.Phase{{Every: interval("P1M"), Charges: []plan.Charge{seat("1")}, Length: interval("P20D")}}
		p.Length = &plan.Length{Cycles: 4}
	}),
	seats("none", "", nil),
	seats("none-for-a-while", "", func(p *plan.Plan) { p.Length = &plan.Length{Interval: interval("P2M")} }),
	seats("strict", "P1M", func(p *plan.Plan) {
		p.Rules = plan.Rules{CancelNow: plan.Operator, Pause: plan.Operator, Resume: plan.Operator, Quantity: plan.Operator}
	}),
	seats("term", "P1M", func(p *plan.Plan) {
		p.Term = &plan.Term{Interval: interval("P3M"), Notice: interval("P10D"), Pause: plan.PauseExtends}
	}),
	seats("term-strict", "P1M", func(p *plan.Plan) {
		p.Trial = &plan.Trial{Length: interval("P10D")}
		p.Term = &plan.Term{Interval: interval("P2M"), Minimum: interval("P5M"), Notice: interval("P1M"), LateNotice: plan.LateRefused, From: plan.FromStart}
	}),
	seats("term-rolls", "P2W", func(p *plan.Plan) {
		p.Term = &plan.Term{Interval: interval("P2M"), Notice: interval("P5D"), Renewal: plan.RenewRolling, PlanChange: plan.TermRestarts}
	}),
	seats("term-once", "P1M", func(p *plan.Plan) {
		p.Term = &plan.Term{Interval: interval("P40D"), Renewal: plan.RenewOnce, RenewalInterval: interval("P1M")}
	}),
	seats("bound", "P1M", func(p *plan.Plan) { p.Rules = plan.Rules{Cancel: plan.Nobody} }),
	seats("resets", "P1M", func(p *plan.Plan) {
		p.Policy = plan.Policy{ChangeAnchor: plan.ResetAnchor, ResumeAnchor: plan.ResetAnchor, CancelCredit: plan.CreditProrate, Basis: calendar.BySecond}
	}),
)

func sync(plans ...plan.Plan) *shelf {
	s := &shelf{plans: plans, versions: map[plan.Ref]*plan.Version{}}
	var entries []plan.CatalogEntry
	for _, p := range plans {
		entries = append(entries, p)
	}
	for _, a := range walkAddOns {
		entries = append(entries, a)
	}
	s.catalog = plan.MustCatalog(entries...)
	for _, p := range plans {
		v, err := s.catalog.Lookup(p.Ref())
		if err != nil {
			panic(err)
		}
		s.versions[p.Ref()] = v
	}
	return s
}

// scenes are starts with zones: month ends, clock changes, a skipped day.
var scenes = []struct{ zone, start string }{
	{"UTC", "2026-01-31T09:00:00Z"},
	{"UTC", "2024-02-29T00:00:00Z"},
	{"America/New_York", "2026-02-08T02:30:00-05:00"},
	{"Europe/Berlin", "2026-10-25T02:30:00+02:00"},
	{"Pacific/Apia", "2011-12-02T10:00:00-10:00"},
	{"America/Sao_Paulo", "2018-10-04T00:00:00-03:00"},
}

// walk is a subscription under both implementations.
type walk struct {
	t       *rapid.T
	zone    calendar.Zone
	sub     subscription.Subscription
	machine *machine
	log     []string
	seen    []sight // what was so in the past
	params  subscription.Params
	calls   []verb // that were recorded
}

type sight struct {
	at    time.Time
	shown string
}

func newWalk(t *rapid.T, first plan.Plan) *walk {
	scene := scenes[rapid.IntRange(0, len(scenes)-1).Draw(t, "scene")]
	start, err := time.Parse(time.RFC3339, scene.start)
	require.NoError(t, err)
	w := &walk{t: t, zone: calendar.MustLoadZone(scene.zone)}
	start = start.UTC().Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "days")) * 24 * time.Hour)
	at := start
	if rapid.IntRange(0, 3).Draw(t, "sold before") == 0 {
		at = start.AddDate(0, 0, -20)
	}
	w.params = subscription.Params{
		ID: "walk", Plan: walkPlans.versions[first.Ref()], At: at, Start: start, Zone: w.zone, Quantity: subscription.Units(3),
		TrialUsed: rapid.IntRange(0, 7).Draw(t, "trial used") == 0, NoRenewal: rapid.IntRange(0, 7).Draw(t, "no renewal") == 0,
	}
	if rapid.IntRange(0, 3).Draw(t, "anchored") == 0 {
		w.params.Anchor = start.Add(time.Duration(rapid.IntRange(-40, 40).Draw(t, "anchor")) * 12 * time.Hour)
	}
	if rapid.IntRange(0, 7).Draw(t, "ends") == 0 {
		w.params.EndDate = start.AddDate(0, 0, rapid.IntRange(1, 120).Draw(t, "end"))
	}
	w.sub, err = subscription.New(w.params)
	require.NoError(t, err)
	w.machine = &machine{
		loc: w.zone.Location(), now: at, life: "future", ordinal: -1, start: start, plan: first, quantity: 3,
		trialUsed: w.params.TrialUsed, renewalOff: w.params.NoRenewal, askedAnchor: w.params.Anchor, endDate: w.params.EndDate,
	}
	if w.params.NoRenewal {
		w.machine.bond.noticed = at
	}
	w.machine.watch()
	w.machine.run(at)
	w.log = append(w.log, fmt.Sprintf("%s of %s in %s from %s, anchor %s, end %s, trial used %v, renewal off %v", first.ID, at, scene.zone, start, w.params.Anchor, w.params.EndDate, w.params.TrialUsed, w.params.NoRenewal))
	return w
}

// step is one verb, at an instant at which something may happen.
func (w *walk) step() {
	w.machine.run(w.nextMoment())
	v := w.draw()
	w.log = append(w.log, v.String())
	before, err := json.Marshal(w.sub)
	require.NoError(w.t, err)

	state, err := w.sub.State(v.at)
	require.NoError(w.t, err, w.story())
	standing := w.machine
	if v.replace {
		standing = w.machine.withdrawn(v)
		state, err = standing.state()
		require.NoError(w.t, err, w.story())
	}
	facts := standing.facts(v)
	outcome, refusal := lifecycle.Decide(state, v.action, v.actor, facts)
	next, err := v.call(w.sub, walkPlans)

	after, jsonErr := json.Marshal(w.sub)
	require.NoError(w.t, jsonErr)
	require.JSONEq(w.t, string(before), string(after), "the value before is as it was")
	if refusal != nil {
		w.log[len(w.log)-1] += ": " + refusal.Error()
		require.ErrorIs(w.t, err, errors.Unwrap(refusal), "facts: %s\n%s", facts, w.story())
		w.unchanged(next, after)
		return
	}
	if outcome.Effect == lifecycle.Unchanged || w.machine.repeats(v) {
		require.Equal(w.t, v.action == lifecycle.RevokeFeatures, err != nil, "%v\n%s", err, w.story())
		w.unchanged(next, after)
		return
	}
	if barred := standing.bars(v); barred != nil {
		w.log[len(w.log)-1] += ": " + barred.Error()
		require.ErrorIs(w.t, err, barred, w.story())
		w.unchanged(next, after)
		return
	}
	m := standing.clone()
	if !m.do(v) {
		want := subscription.ErrPlanUnchanged
		if why := standing.refuses(v.due()); why != nil {
			want = why
		}
		if v.action == lifecycle.Reactivate {
			want = lifecycle.ErrInvalidDates
		}
		require.ErrorIs(w.t, err, want, w.story())
		w.unchanged(next, after)
		return
	}
	require.NoError(w.t, err, "facts: %s\n%s", facts, w.story())
	require.Equal(w.t, w.sub.Version()+1, next.Version())
	w.sub, w.machine = next, m
	w.calls = append(w.calls, v)
	w.agreesWithTable(v, outcome)
}

func (w *walk) unchanged(next subscription.Subscription, before []byte) {
	after, err := json.Marshal(next)
	require.NoError(w.t, err)
	require.Equal(w.t, string(before), string(after), "a refused verb changed the value\n%s", w.story())
}

// agreesWithTable checks that the state after the verb is one that the table named.
func (w *walk) agreesWithTable(v verb, outcome lifecycle.Outcome) {
	state, err := w.sub.State(v.at)
	require.NoError(w.t, err, w.story())
	if v.action == lifecycle.Release && w.machine.pausedOut || v.on.Equal(v.at) || v.resumeAt.Equal(v.at) || v.endDate.Equal(v.at) {
		return // no time lies between the call and the effect
	}
	require.True(w.t, outcome.To.Has(state.Status()), "the table says %s, it is %s\n%s", outcome.To, state, w.story())
	drops := outcome.Drops
	switch v.action { // what replaces the same
	case lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
		drops &^= lifecycle.ScheduledCancel
	case lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate, lifecycle.PauseNow:
		drops &^= lifecycle.ScheduledPause
	case lifecycle.ResumeOnDate:
		drops &^= lifecycle.ScheduledResume
	}
	require.Zero(w.t, state.Scheduled()&drops, "the table drops %s, it is %s\n%s", outcome.Drops, state, w.story())
}

func (w *walk) story() string { return strings.Join(w.log, "\n") }

// nextMoment draws the instant of the next verb: the same, a boundary or another
// instant of interest or one close to it, a civil midnight, or any.
func (w *walk) nextMoment() time.Time {
	m := w.machine
	switch rapid.IntRange(0, 9).Draw(w.t, "moment") {
	case 0, 1:
		return m.now
	case 2, 3, 4, 5:
		c := m.clone()
		for range rapid.IntRange(1, 4).Draw(w.t, "after") {
			next := c.nextInstant()
			if next.IsZero() {
				break
			}
			c.run(next)
		}
		near := []time.Duration{0, 0, 0, -time.Microsecond, time.Microsecond, time.Second, -time.Hour, 6 * time.Hour}
		return laterOf(m.now, c.now.Add(near[rapid.IntRange(0, len(near)-1).Draw(w.t, "near")]))
	case 6:
		return laterOf(m.now, midnight(m.now, rapid.IntRange(1, 40).Draw(w.t, "midnights"), m.loc))
	}
	return m.now.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(w.t, "hours")) * time.Hour)
}

// someday draws a date for something: mostly ahead.
func (w *walk) someday(label string) time.Time {
	m := w.machine
	if rapid.IntRange(0, 2).Draw(w.t, label+" exact") == 0 {
		c := m.clone()
		for range rapid.IntRange(1, 3).Draw(w.t, label+" events") {
			if next := c.nextInstant(); !next.IsZero() {
				c.run(next)
			}
		}
		return c.now
	}
	return m.now.Add(time.Duration(rapid.IntRange(-2, 60).Draw(w.t, label)) * 12 * time.Hour)
}

func (w *walk) draw() verb {
	t := w.t
	actions := lifecycle.Words[lifecycle.Action]()
	v := verb{action: actions[rapid.IntRange(0, len(actions)-1).Draw(t, "action")], at: w.machine.now, actor: lifecycle.Subscriber}
	if rapid.Bool().Draw(t, "sensible") {
		state, err := w.sub.State(v.at)
		require.NoError(t, err, w.story())
		if state.IsValid() {
			allowed := lifecycle.Allowed(state, lifecycle.Operator, 0)
			v.action = allowed[rapid.IntRange(0, len(allowed)-1).Draw(t, "allowed")]
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "actor") > 0 || v.action >= lifecycle.Hold {
		v.actor = lifecycle.Operator
	}
	v.replace = rapid.IntRange(0, 2).Draw(t, "replace") == 0
	v.cascade = rapid.Bool().Draw(t, "cascade")
	if rapid.IntRange(0, 9).Draw(t, "dependents") == 0 {
		v.dependents = 1
	}
	quantity := func() *int64 { q := rapid.Int64Range(1, 6).Draw(t, "quantity"); return &q }
	switch v.action {
	case lifecycle.ExtendTrial:
		v.trialEnd = w.someday("trial end")
	case lifecycle.CancelOnDate, lifecycle.PauseOnDate, lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityOnDate, lifecycle.ChangePriceOnDate,
		lifecycle.AttachOnDate, lifecycle.DetachOnDate:
		v.on = w.someday("on")
	case lifecycle.ResumeOnDate:
		v.resumeAt = w.someday("resume at")
	case lifecycle.SetEndDate:
		if rapid.IntRange(0, 2).Draw(t, "clears") > 0 {
			v.endDate = w.someday("end date")
		}
	case lifecycle.SetAnchor:
		v.anchor = w.someday("anchor")
	case lifecycle.SetNextBilling:
		v.nextBilling = w.someday("next billing")
	case lifecycle.AssignFeatures:
		on := rapid.Bool().Draw(t, "sso")
		v.feature = &on
	case lifecycle.Reactivate:
		if rapid.IntRange(0, 3).Draw(t, "with trial") == 0 {
			v.trialEnd = w.machine.now.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "trial days"))
		}
		if rapid.IntRange(0, 2).Draw(t, "with end") == 0 {
			v.endDate = w.machine.now.AddDate(0, 0, rapid.IntRange(1, 90).Draw(t, "end days"))
		}
	}
	switch v.action {
	case lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate:
		p := walkPlans.plans[rapid.IntRange(0, len(walkPlans.plans)-1).Draw(t, "plan")]
		v.plan = &p
		if rapid.IntRange(0, 3).Draw(t, "and quantity") == 0 {
			v.quantity = quantity()
		}
	case lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate:
		v.quantity = quantity()
	case lifecycle.ChangePriceNow, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate:
		v.charge, v.price = "seats", fmt.Sprintf("%d.5", rapid.IntRange(1, 4).Draw(t, "price"))
	case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
		w.bound(&v)
	}
	w.drawAttached(&v)
	w.choose(&v)
	return v
}

// bound draws how long a pause lasts.
func (w *walk) bound(v *verb) {
	switch rapid.IntRange(0, 2).Draw(w.t, "bounded") {
	case 1:
		if w.machine.every().IsZero() {
			break
		}
		v.cycles = rapid.IntRange(1, 3).Draw(w.t, "cycles")
	case 2:
		begins := laterOf(v.on, w.machine.now)
		if v.action == lifecycle.PauseAtPeriodEnd {
			begins = laterOf(begins, w.machine.runsUntil())
		}
		v.resumeAt = begins.Add(time.Duration(rapid.IntRange(1, 100).Draw(w.t, "pause")) * 12 * time.Hour)
	}
}

// choose draws the choices of a call.
func (w *walk) choose(v *verb) {
	t := w.t
	if rapid.Bool().Draw(t, "as the plan says") {
		return
	}
	v.policy = plan.Policy{
		ResumeAnchor: rapid.SampledFrom([]plan.Anchor{"", plan.KeepAnchor, plan.ResetAnchor, plan.ExtendAnchor}).Draw(t, "resume anchor"),
		ChangeAnchor: rapid.SampledFrom([]plan.Anchor{"", plan.KeepAnchor, plan.ResetAnchor}).Draw(t, "change anchor"),
		Basis:        rapid.SampledFrom([]calendar.Basis{"", calendar.ByDay, calendar.BySecond}).Draw(t, "basis"),
		ChangeDay:    rapid.SampledFrom([]calendar.ChangeDay{"", calendar.NewSide, calendar.OldSide}).Draw(t, "change day"),
		CancelCredit: rapid.SampledFrom([]plan.UnusedCredit{"", plan.CreditNone, plan.CreditFull}).Draw(t, "cancel credit"),
		PauseCredit:  rapid.SampledFrom([]plan.UnusedCredit{"", plan.CreditNone, plan.CreditProrate}).Draw(t, "pause credit"),
		ChangeCredit: rapid.SampledFrom([]plan.UnusedCredit{"", plan.CreditNone, plan.CreditProrate}).Draw(t, "change credit"),
		ChangeAddOns: rapid.SampledFrom([]plan.AddOnChange{"", plan.KeepAddOns, plan.DropAddOns, plan.RefuseAddOns}).Draw(t, "change add-ons"),
		ChargeNew:    rapid.SampledFrom([]plan.ChargeNew{"", plan.ChargeNone, plan.ChargeProrate}).Draw(t, "charge new"),
	}
}

func (v verb) String() string {
	text := fmt.Sprintf("%s %s by %s", v.at.Format(time.RFC3339Nano), v.action, v.actor)
	for _, part := range []struct {
		name string
		t    time.Time
	}{{"on", v.on}, {"resume at", v.resumeAt}, {"anchor", v.anchor}, {"trial end", v.trialEnd}, {"end date", v.endDate}} {
		if !part.t.IsZero() {
			text += fmt.Sprintf(", %s %s", part.name, part.t.UTC().Format(time.RFC3339Nano))
		}
	}
	if v.plan != nil {
		text += ", plan " + v.plan.ID
	}
	if v.quantity != nil {
		text += fmt.Sprintf(", quantity %d", *v.quantity)
	}
	if v.price != "" {
		text += ", price " + v.price
	}
	if v.attachment != "" {
		text += ", attachment " + v.attachment
	}
	if v.addOn != nil {
		text += ", add-on " + v.addOn.ID
	}
	if v.cycles > 0 {
		text += fmt.Sprintf(", cycles %d", v.cycles)
	}
	if v.policy != (plan.Policy{}) {
		text += fmt.Sprintf(", choices %+v", v.policy)
	}
	return text
}

// shown describes an instant of the package's subscription, for comparison.
func shown(t require.TestingT, s subscription.Subscription, at time.Time, story func() string) string {
	state, err := s.State(at)
	require.NoError(t, err, "at %s\n%s", at, story())
	if !state.IsValid() {
		return "nothing"
	}
	if got := s.Status(at); got != state.Status() {
		return fmt.Sprintf("status %s, state %s", got, state)
	}
	segs, err := s.Timeline(calendar.Period{Start: at, End: at.Add(time.Microsecond)})
	require.NoError(t, err)
	require.NotEmpty(t, segs, "%s at %s\n%s", state, at, story())
	g := segs[0]
	q := decimal.Zero
	price := ""
	if item, ok := g.Phase().Charge("seats"); ok {
		q = g.Quantity(item)
		amount, err := g.Price(item).Rate(decimal.NewFromInt(1), money.HalfUp)
		require.NoError(t, err)
		price = amount.String()
	}
	text := fmt.Sprintf("%s; %s x%s @ %s; entitled %v, billable %v", state, g.Version().Ref(), q, price, g.Entitled(), g.Billable())
	if g.Billable() {
		text += fmt.Sprintf("; %d, %s", inside.Ordinal(g), g.Period())
	}
	return text + attachedAt(t, s, at)
}

// shown describes the machine's present instant in the same words.
func (m *machine) shown(t require.TestingT) string {
	state, err := m.state()
	require.NoError(t, err)
	price := m.price
	charges := m.plan.Charges
	if p, ok := m.phase(); ok {
		charges = p.Charges
	}
	if price == "" {
		price = charges[0].Price.(plan.PerUnit).UnitAmount.String()
	}
	amount, err := money.Exact(decimal.RequireFromString(price), money.USD)
	require.NoError(t, err)
	text := fmt.Sprintf("%s; %s x%d @ %s; entitled %v, billable %v", state, m.plan.Ref(), m.quantity, amount, m.entitled(), m.billable())
	if m.billable() {
		text += fmt.Sprintf("; %d, %s", m.ordinal, calendar.Period{Start: m.from.UTC(), End: m.until.UTC()})
	}
	return text + m.shownAttached()
}

// compare looks at both at many instants from now on, and at the past.
func (w *walk) compare() {
	m := w.machine.clone()
	w.seen = append(w.seen, sight{m.now, w.same(m, m.now)})
	for i := range 24 {
		next := m.nextInstant()
		if next.IsZero() || next.Year() > w.machine.now.Year()+6 {
			break
		}
		if before := next.Add(-1); before.After(m.now) {
			m.run(before)
			w.same(m, before)
		}
		m.run(next)
		w.same(m, next)
		if i%5 == 4 {
			m.run(m.now.AddDate(0, 0, 17))
			w.same(m, m.now)
		}
	}
}

func (w *walk) same(m *machine, at time.Time) string {
	got := shown(w.t, w.sub, at, w.story)
	require.Equal(w.t, m.shown(w.t), got, "at %s\n%s", at, w.story())
	if m.entitled() {
		require.Equal(w.t, m.counted(), counted(w.t, w.sub, at, w.story), "at %s\n%s", at, w.story())
	}
	return got
}

// remembers checks that what was so stays so, whatever came later.
func (w *walk) remembers() {
	for i, past := range w.seen {
		if i+1 < len(w.seen) && w.seen[i+1].at.Equal(past.at) {
			continue // another verb of the same instant decided
		}
		require.Equal(w.t, past.shown, shown(w.t, w.sub, past.at, w.story), "at %s\n%s", past.at, w.story())
	}
}

// tiles checks that the segments follow one another without a gap.
func (w *walk) tiles() {
	at := w.sub.CreatedAt()
	for i := range w.sub.Segments() {
		g := w.sub.Segment(i)
		require.Equal(w.t, at, g.From(), w.story())
		at = g.To()
	}
	require.Zero(w.t, at, "the last segment is open")
}

// replays checks that the document reads back as the same value.
func (w *walk) replays() {
	data, err := json.Marshal(w.sub)
	require.NoError(w.t, err)
	require.GreaterOrEqual(w.t, subscription.Room(w.sub), len(data), "the bound of its length")
	again, err := subscription.Decode(data, walkPlans.catalog)
	require.NoError(w.t, err, w.story())
	require.True(w.t, w.sub.Equal(again))
	back, err := json.Marshal(again)
	require.NoError(w.t, err)
	require.Equal(w.t, string(data), string(back))
	require.Equal(w.t, life(w.t, w.sub), life(w.t, again), w.story())
}

// shownLife prints all segments, without the numbers of commands, which tell in
// which order they were recorded.
func shownLife(t require.TestingT, s subscription.Subscription) string {
	var b strings.Builder
	for i := range s.Segments() {
		g := s.Segment(i)
		opened := g.Opened()
		fmt.Fprintf(&b, "%s %s %s: %s\n", g.From(), opened.Kind, opened.Cause, shown(t, s, g.From(), func() string { return "" }))
	}
	return b.String()
}

// life prints all segments.
func life(t require.TestingT, s subscription.Subscription) string {
	var b strings.Builder
	for i := range s.Segments() {
		g := s.Segment(i)
		opened := g.Opened()
		fmt.Fprintf(&b, "%s %s %s by %d: %s\n", g.From(), opened.Kind, opened.Cause, opened.Command,
			shown(t, s, g.From(), func() string { return "" }))
	}
	return b.String()
}

// corrects leaves one verb out and puts it in afterwards as a correction: where the
// others stand without it, the life is the same.
func (w *walk) corrects() {
	if len(w.calls) < 2 {
		return
	}
	left := rapid.IntRange(0, len(w.calls)-2).Draw(w.t, "left out")
	out := w.calls[left]
	if w.calls[left+1].at.Equal(out.at) || w.calls[len(w.calls)-1].at.Equal(out.at) {
		return // as a correction it would come after the others of its instant
	}
	s, err := subscription.New(w.params)
	require.NoError(w.t, err)
	for i, v := range w.calls {
		if i == left {
			continue
		}
		next, err := v.call(s, walkPlans)
		if err != nil || next.Version() == s.Version() {
			return // it needs the one omitted
		}
		s = next
	}
	call := subscription.Call{At: out.at, Actor: out.actor, Policy: out.policy, Replace: out.replace, Dependents: out.dependents, Cascade: out.cascade}
	call.Correction = true
	s, err = out.with(call, s, walkPlans)
	require.NoError(w.t, err, "correction of %s\n%s", out, w.story())
	require.Equal(w.t, shownLife(w.t, w.sub), shownLife(w.t, s), "correction of %s\n%s", out, w.story())
	data, err := json.Marshal(s)
	require.NoError(w.t, err)
	again, err := subscription.Decode(data, walkPlans.catalog)
	require.NoError(w.t, err, w.story())
	back, err := json.Marshal(again)
	require.NoError(w.t, err)
	require.Equal(w.t, string(data), string(back))
	require.Equal(w.t, life(w.t, s), life(w.t, again))
}

func TestRandomWalksAgreeWithTheTableAndWithTheSecondImplementation(t *testing.T) {
	t.Parallel()
	for _, first := range walkPlans.plans {
		t.Run(first.ID, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				w := newWalk(t, first)
				w.compare()
				for range rapid.IntRange(1, 10).Draw(t, "verbs") {
					w.step()
					w.compare()
				}
				w.remembers()
				w.tiles()
				w.replays()
				w.corrects()
				w.documents()
				w.events()
				w.holds()
			})
		})
	}
}
