package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// An add-on bills as a charge that the plan foresees with a quantity of zero, whose quantity
// is changed where the add-on is attached, changed and detached. Lines that wait for an
// invoice are left out: a charge of quantity zero has lines of zero for them to go with.
func TestAnAddOnBillsAsAChargeThatThePlanForesees(t *testing.T) {
	t.Parallel()
	attached := 0
	property := func(t *rapid.T) {
		two := drawTwins(t)
		for range rapid.IntRange(1, 9).Draw(t, "verbs") {
			two.step(t)
		}
		until := two.now.AddDate(0, rapid.IntRange(0, 3).Draw(t, "months"), 0)
		foreseen, own := two.bill(t, two.foreseen, until), two.bill(t, two.own, until)
		require.Equal(t, foreseen, own, "%s", strings.Join(two.story, "\n"))
		attached += strings.Count(own, " x ")
	}
	covering(t, 1, property, func() bool { return attached > 0 })
}

// twins are one agreement, by a plan that foresees a charge and by one with an add-on.
type twins struct {
	foreseen, own subscription.Subscription
	addOn         *plan.CompiledAddOn
	now           time.Time
	id            string // of the attachment; "" for none
	made          int
	story         []string
}

func drawTwins(t *rapid.T) *twins {
	amount := func(label string) decimal.Decimal { return decimal.New(rapid.Int64Range(1, 9999).Draw(t, label), -2) }
	timing := rapid.SampledFrom([]plan.Timing{plan.Advance, plan.Arrears})
	base := plan.Charge{ID: "base", Price: plan.PerUnit{UnitAmount: amount("base")}, Timing: timing.Draw(t, "timing of base")}
	x := plan.Charge{ID: "x", Price: plan.PerUnit{UnitAmount: amount("x")}, Timing: timing.Draw(t, "timing of x")}
	if x.Timing == plan.Advance || x.Timing == "" {
		base.Timing = plan.Advance // a cancelled period comes back if something of it was billed in advance
	}
	p := plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: rapid.SampledFrom([]calendar.Interval{calendar.Months(1), calendar.Weeks(1), calendar.Months(3)}).Draw(t, "every")}
	if rapid.IntRange(0, 3).Draw(t, "trial") == 0 {
		p.Trial = &plan.Trial{Length: calendar.Days(10)}
	}
	p.Policy = plan.Policy{
		Basis: draw(t, "basis", calendar.Words[calendar.Basis]()), ChangeDay: draw(t, "day", calendar.Words[calendar.ChangeDay]()),
		CreditBasis: draw(t, "credit basis", plan.Words[plan.CreditBasis]()), FirstPeriod: draw(t, "first", plan.Words[plan.FirstPeriod]()), FirstInvoice: draw(t, "first invoice", plan.Words[plan.FirstInvoice]()),
		Rounding: draw(t, "rounding", money.Roundings()),
	}
	p.Charges = []plan.Charge{base}
	own := plan.MustCompile(p)
	p.Charges = append(p.Charges, x)
	addOn, err := plan.CompileAddOn(plan.AddOn{ID: "extra", Version: 1, Currency: money.USD, Charges: []plan.Charge{x}})
	require.NoError(t, err)
	start := time.Date(2026, 1, rapid.IntRange(1, 31).Draw(t, "start"), rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, time.UTC)
	params := subscription.Params{ID: "s", Plan: own, Start: start, Quantity: subscription.Units(2)}
	if rapid.IntRange(0, 3).Draw(t, "anchored") == 0 {
		params.Anchor = start.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "anchor"))
	}
	two := &twins{addOn: addOn, now: start}
	two.own, err = subscription.New(params)
	require.NoError(t, err)
	params.Plan, params.Quantities = plan.MustCompile(p), map[string]decimal.Decimal{"x": decimal.Zero}
	two.foreseen, err = subscription.New(params)
	require.NoError(t, err)
	return two
}

// step does the same to both.
func (two *twins) step(t *rapid.T) {
	two.now = two.now.Add(time.Duration(rapid.IntRange(0, 60*24*25).Draw(t, "minutes")) * time.Minute)
	call := subscription.Call{At: two.now, Actor: lifecycle.Operator}
	call.Policy = plan.Policy{
		ChangeCredit: draw(t, "credit", plan.Words[plan.UnusedCredit]()), CancelCredit: draw(t, "cancel credit", plan.Words[plan.UnusedCredit]()),
		PauseCredit: draw(t, "pause credit", []plan.UnusedCredit{plan.CreditNone, plan.CreditProrate}), ChargeNew: draw(t, "new", plan.Words[plan.ChargeNew]()),
		ResumeAnchor: draw(t, "resume", plan.Words[plan.Anchor]()),
	}
	if call.Policy.ChangeCredit == "" {
		call.Policy.ChangeCredit = plan.CreditProrate // a decrease before an ending must say
	}
	now := subscription.Immediately()
	quantity := func() decimal.Decimal { return decimal.NewFromInt(rapid.Int64Range(1, 5).Draw(t, "quantity")) }
	type change func(subscription.Subscription) (subscription.Subscription, error)
	var foreseen, own change
	id := two.id
	kind := rapid.SampledFrom([]string{"x", "x", "x", "detach", "base", "pause", "resume", "cancel", "reactivate", "anchor", "end trial", "discount"}).Draw(t, "verb")
	switch kind {
	case "x":
		q := quantity()
		foreseen = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangeQuantity(call, now, "x", q)
		}
		if two.id != "" {
			own = func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.ChangeAddOnQuantity(call, now, two.id, q)
			}
			break
		}
		id = fmt.Sprint("a", two.made)
		own = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.Attach(call, now, subscription.Attachment{ID: id, AddOn: two.addOn, Quantity: &q})
		}
	case "detach":
		if two.id == "" {
			return
		}
		id = ""
		if call.Policy.ChargeNew == plan.ChargeNone {
			call.Policy.ChargeNew = "" // a quantity of zero keeps what is paid; an attachment does not come back
		}
		foreseen = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangeQuantity(call, now, "x", decimal.Zero)
		}
		own = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.Detach(call, now, two.id)
		}
	case "base":
		q := quantity()
		own = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangeQuantity(call, now, "base", q)
		}
	case "pause":
		own = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.Pause(call, now, subscription.Pause{})
		}
	case "resume":
		own = func(s subscription.Subscription) (subscription.Subscription, error) { return s.Resume(call, now) }
	case "cancel":
		when := rapid.SampledFrom([]subscription.When{now, subscription.AtPeriodEnd()}).Draw(t, "when")
		own = func(s subscription.Subscription) (subscription.Subscription, error) { return s.Cancel(call, when) }
	case "reactivate":
		own = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.Reactivate(call, subscription.Reactivation{})
		}
	case "anchor":
		anchor := two.now.AddDate(0, 0, rapid.IntRange(1, 9).Draw(t, "anchor"))
		own = func(s subscription.Subscription) (subscription.Subscription, error) { return s.SetAnchor(call, anchor) }
	case "end trial":
		own = func(s subscription.Subscription) (subscription.Subscription, error) { return s.EndTrial(call) }
	case "discount":
		own = func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.AddDiscount(call, plan.Discount{ID: "d", Percent: plan.Bound(decimal.NewFromInt(10)), Duration: plan.Forever})
		}
	}
	if foreseen == nil {
		foreseen = own
	}
	a, errA := foreseen(two.foreseen)
	b, errB := own(two.own)
	two.story = append(two.story, fmt.Sprint(two.now.Format(time.RFC3339), " ", kind, " ", id, " ", call.Policy, " ", errB))
	require.Equal(t, errA == nil, errB == nil, "%v and %v\n%s", errA, errB, strings.Join(two.story, "\n"))
	if errA != nil {
		require.Equal(t, errors.Is(errA, lifecycle.ErrPaused), errors.Is(errB, lifecycle.ErrPaused))
		return
	}
	two.foreseen, two.own = a, b
	if id != two.id {
		two.id = id
		two.made++
	}
}

// bill returns the lines that come to anything, by what they are of and not by its name.
func (two *twins) bill(t *rapid.T, s subscription.Subscription, until time.Time) string {
	invoices, _, err := billing.Invoices(s, nil, billing.Checkpoint{}, until)
	require.NoError(t, err, strings.Join(two.story, "\n"))
	var out strings.Builder
	for _, inv := range invoices {
		var lines []string
		for _, l := range inv.Lines {
			if l.Amount.Sign() == 0 {
				continue
			}
			charge := l.Charge
			if _, of, ok := strings.Cut(charge, "/"); ok {
				charge = of
			}
			lines = append(lines, fmt.Sprint(l.Kind, " ", charge, " ", l.From.Format(time.RFC3339), "..", l.To.Format(time.RFC3339), " ", l.Amount))
		}
		slices.Sort(lines)
		if len(lines) > 0 {
			fmt.Fprintf(&out, "%s %s\n  %s\n", inv.At.Format(time.RFC3339), inv.Total, strings.Join(lines, "\n  "))
		}
	}
	return out.String()
}
