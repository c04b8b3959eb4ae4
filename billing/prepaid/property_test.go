package prepaid_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// drawn is a customer with grants and subscriptions.
type drawn struct {
	subs    []subscription.Subscription
	usage   []billing.Usage
	grants  []prepaid.Grant
	options []billing.Option
	terms   prepaid.Terms
}

func amount(t *rapid.T, most int, what string) string {
	return fmt.Sprintf("%d.%02d", rapid.IntRange(0, most).Draw(t, what), rapid.IntRange(1, 99).Draw(t, what+", cents"))
}

func day(t *rapid.T, days int, what string) time.Time {
	return date("2026-01-01").AddDate(0, 0, rapid.IntRange(0, days).Draw(t, what))
}

func drawGrant(t *rapid.T, id string) prepaid.Grant {
	g := prepaid.Grant{ID: id, Amount: usd(amount(t, 80, "grant")), From: day(t, 50, "from"), Priority: rapid.IntRange(-1, 1).Draw(t, "priority")}
	g.Class = rapid.SampledFrom([]prepaid.Class{"", prepaid.Paid, prepaid.Promotional}).Draw(t, "class")
	g.Late = rapid.SampledFrom([]prepaid.Late{"", prepaid.DrawLate, prepaid.LapseLate}).Draw(t, "late")
	if g.Class != prepaid.Promotional && rapid.Bool().Draw(t, "cost") {
		g.Cost = usd(amount(t, 80, "cost"))
	}
	if rapid.Bool().Draw(t, "ends") {
		g.Until = g.From.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(t, "hours")) * time.Hour)
		if rapid.Bool().Draw(t, "rolls") {
			g.Rollover = &prepaid.Rollover{Share: num(rapid.SampledFrom([]string{"0", "0.333", "1"}).Draw(t, "share"))}
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "scope") {
	case 1:
		g.Scope.Charges = []string{"fee"}
	case 2:
		g.Scope.Metrics = []string{"call"}
	case 3:
		g.Scope = prepaid.Scope{Charges: []string{"ahead"}, Metrics: []string{"call"}}
	}
	return g
}

func draw(t *rapid.T) drawn {
	d := drawn{terms: prepaid.Terms{Metrics: map[string]string{"calls": "call"}}}
	rounding := rapid.SampledFrom([]plan.TaxRounding{plan.TaxPerLine, plan.TaxPerInvoice}).Draw(t, "tax rounding")
	for i := range rapid.IntRange(1, 2).Draw(t, "subscriptions") {
		p := plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{
			{ID: "fee", Price: plan.FlatFee{Amount: num(amount(t, 40, "fee"))}, Timing: plan.Arrears},
			{ID: "ahead", Price: plan.FlatFee{Amount: num(amount(t, 40, "fee"))}},
			{ID: "calls", Metric: "call", Price: plan.PerUnit{UnitAmount: num("0.37")}},
		}, Policy: plan.Policy{TaxRounding: rounding, CancelCredit: plan.CreditProrate, ChangeCredit: plan.CreditProrate, PauseCredit: plan.CreditProrate, Negative: rapid.SampledFrom([]plan.Negative{plan.CarryNegative, plan.RefundNegative}).Draw(t, "negative")}}
		start := day(t, 20, "start")
		sub := must(subscription.New(subscription.Params{ID: subscription.ID(fmt.Sprint("s", i)), Plan: plan.MustCompile(p), At: start, Start: start}))
		call := operator(start)
		for range rapid.IntRange(0, 4).Draw(t, "commands") {
			call.At = call.At.Add(time.Duration(rapid.IntRange(1, 20*24).Draw(t, "later")) * time.Hour)
			next, err := sub, error(nil)
			switch rapid.IntRange(0, 7).Draw(t, "command") {
			case 0:
				next, err = sub.AddDiscount(call, plan.Discount{ID: fmt.Sprint("off", call.At.Unix()), Percent: plan.Bound(num("15")), Duration: plan.Forever})
			case 1:
				next, err = sub.AddOneOff(call, subscription.OneOff{ID: fmt.Sprint("extra", call.At.Unix()), Amount: usd(amount(t, 40, "one-off"))})
			case 2, 3:
				next, err = sub.ChangePrice(call, subscription.Immediately(), "ahead", plan.FlatFee{Amount: num(amount(t, 40, "price"))})
			case 4:
				next, err = sub.Cancel(call, subscription.Immediately())
			case 5:
				next, err = sub.Pause(call, subscription.Immediately(), subscription.Pause{})
			case 6:
				next, err = sub.Resume(call, subscription.Immediately())
			case 7:
				next, err = sub.Cancel(call, subscription.AtPeriodEnd())
			}
			if err == nil {
				sub = next
			}
		}
		var usage billing.Usage
		for range rapid.IntRange(0, 3).Draw(t, "records") {
			r := billing.Record{Metric: "call", At: start.AddDate(0, 0, rapid.IntRange(0, 50).Draw(t, "used")), Quantity: num(fmt.Sprint(rapid.IntRange(1, 90).Draw(t, "quantity")))}
			if billing.CheckUsage(sub, billing.Checkpoint{}, r) == nil {
				usage = append(usage, r)
			}
		}
		d.subs, d.usage = append(d.subs, sub), append(d.usage, usage)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "grants") {
		d.grants = append(d.grants, drawGrant(t, fmt.Sprint("g", i)))
	}
	if rapid.Bool().Draw(t, "taxed") {
		d.options = []billing.Option{vat("24", false)}
		if rounding == plan.TaxPerLine && rapid.Bool().Draw(t, "on the rest") {
			d.terms.Tax = prepaid.TaxOnRest
		}
	}
	return d
}

func (d drawn) start() prepaid.Checkpoint {
	var c prepaid.Checkpoint
	for _, g := range d.grants {
		c = must(prepaid.Add(c, g))
	}
	return c
}

// bills returns what is due by an instant and was not before.
func (d drawn) bills(t require.TestingT, checkpoints []billing.Checkpoint, to time.Time) []billing.Invoice {
	var all []billing.Invoice
	for i, sub := range d.subs {
		made, next, err := billing.Invoices(sub, d.usage[i], checkpoints[i], to, append([]billing.Option{billing.WithoutCredit()}, d.options...)...)
		require.NoError(t, err)
		checkpoints[i] = next
		all = append(all, made...)
	}
	return all
}

func documents(t require.TestingT, all []prepaid.Drawing) []string {
	var out []string
	for _, d := range all {
		data, err := d.MarshalJSON()
		require.NoError(t, err)
		var back prepaid.Drawing
		require.NoError(t, back.UnmarshalJSON(data), "%s", data)
		require.True(t, d.Equal(back))
		text, err := d.Explain()
		require.NoError(t, err)
		again, err := back.Explain()
		require.NoError(t, err)
		require.Equal(t, text, again)
		out = append(out, string(data))
	}
	return out
}

func TestDrawingDependsOnNoOrderAndOnNoPieces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, to := draw(t), date("2026-05-01")
		all := d.bills(t, make([]billing.Checkpoint, len(d.subs)), to)
		whole, last, err := prepaid.Draw(d.start(), all, d.terms)
		require.NoError(t, err)
		want := documents(t, whole)

		shuffled, end, err := prepaid.Draw(d.start(), rapid.Permutation(all).Draw(t, "order"), d.terms)
		require.NoError(t, err)
		require.Equal(t, want, documents(t, shuffled))
		require.True(t, last.Equal(end))

		again, same, err := prepaid.Draw(last, all, d.terms)
		require.NoError(t, err)
		require.True(t, last.Equal(same))
		for i := range again {
			require.True(t, again[i].Known)
			again[i].Known = false
			require.True(t, whole[i].Equal(again[i]))
		}

		c, checkpoints := d.start(), make([]billing.Checkpoint, len(d.subs))
		var parts []prepaid.Drawing
		for at := date("2026-01-01"); at.Before(to); {
			if at = at.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(t, "hours")) * time.Hour); at.After(to) {
				at = to
			}
			var made []prepaid.Drawing
			made, c, err = prepaid.Draw(c, d.bills(t, checkpoints, at), d.terms)
			require.NoError(t, err)
			parts = append(parts, made...)
			data, err := c.MarshalJSON()
			require.NoError(t, err)
			var back prepaid.Checkpoint
			require.NoError(t, back.UnmarshalJSON(data), "%s", data)
			require.True(t, c.Equal(back), "%s", data)
			c = back
		}
		require.Equal(t, want, documents(t, parts))
		require.Equal(t, left(last), left(c))
	})
}

func TestGrantsAreNeverOverdrawnNorOverpaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, to := draw(t), date("2026-05-01")
		all := d.bills(t, make([]billing.Checkpoint, len(d.subs)), to)
		made, c, err := prepaid.Draw(d.start(), all, d.terms)
		require.NoError(t, err)
		require.NoError(t, c.Validate())
		byInvoice, lines := map[uuid.UUID]prepaid.Drawing{}, map[uuid.UUID]int64{}
		for _, drawing := range made {
			byInvoice[drawing.Invoice] = drawing
		}
		for _, inv := range all {
			drawing := byInvoice[inv.ID()]
			require.Equal(t, inv.Total.Minor(), drawing.Covered.Minor()+drawing.AmountDue.Minor()-drawing.Credited.Minor()-drawing.Refund.Minor())
			for _, m := range []money.Money{drawing.AmountDue, drawing.Credited, drawing.Refund} {
				require.False(t, m.IsNegative())
			}
			if drawing.Drawn.Sign() > 0 {
				require.Zero(t, drawing.Credited.Minor()+drawing.Refund.Minor(), "who pays too much is not paid back")
			}
			for i, line := range inv.Lines {
				lines[inv.LineID(i)] += line.Amount.Minor()
				if line.Kind == billing.TaxLine && !line.To.IsZero() || line.Kind == billing.DiscountLine || line.Kind == billing.TaxLine && line.Of.Charge != "" {
					for j := range inv.Lines {
						if j != i && inv.Lines[j].Ref() == line.Of {
							lines[inv.LineID(j)] += line.Amount.Minor()
						}
					}
				}
			}
		}
		paid := map[uuid.UUID]int64{}
		for _, b := range c.Grants {
			require.GreaterOrEqual(t, b.Left.Minor(), int64(0))
			require.LessOrEqual(t, b.Left.Minor(), b.Grant.Amount.Minor())
			ofLine := map[uuid.UUID]int64{}
			for _, draw := range b.Draws {
				paid[draw.Line] += draw.Amount.Minor()
				ofLine[draw.Line] += draw.Amount.Minor()
				require.GreaterOrEqual(t, ofLine[draw.Line], int64(0), "no more goes back than was paid")
				require.False(t, draw.At.Before(b.Grant.From))
			}
		}
		for line, amount := range paid {
			require.LessOrEqual(t, amount, lines[line])
		}
	})
}

func TestWhatIsLeftIsEitherRefundedLostOrKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		all := d.bills(t, make([]billing.Checkpoint, len(d.subs)), date("2026-02-15"))
		_, c, err := prepaid.Draw(d.start(), all, d.terms)
		require.NoError(t, err)
		if len(d.grants) > 0 {
			if from := d.grants[0]; !from.Until.IsZero() {
				into := drawGrant(t, "rolled")
				into.From, into.Until, into.Rollover = from.Until, time.Time{}, nil
				c, err = prepaid.Roll(c, from.ID, into)
				require.NoError(t, err)
				require.NoError(t, c.Validate())
			}
		}
		at := day(t, 90, "end")
		unused := rapid.SampledFrom([]prepaid.Unused{prepaid.KeepUnused, prepaid.RefundUnused, prepaid.LoseUnused}).Draw(t, "unused")
		next, refund, err := prepaid.End(c, at, unused)
		require.NoError(t, err)
		require.NoError(t, next.Validate())
		again, nothing, err := prepaid.End(next, at, unused)
		require.NoError(t, err)
		require.True(t, next.Equal(again))
		require.Zero(t, nothing.Sign())
		var cost int64
		for i, b := range next.Grants {
			if b.Grant.Class != prepaid.Promotional {
				paid := b.Grant.Cost
				if !paid.IsValid() {
					paid = b.Grant.Amount
				}
				cost += paid.Minor()
			}
			require.LessOrEqual(t, b.Left.Minor(), c.Grants[i].Left.Minor())
		}
		require.GreaterOrEqual(t, cost, refund.Minor(), "no more is refunded than was paid")
		if unused != prepaid.KeepUnused && len(next.Grants) > 0 {
			require.Zero(t, must(next.Balance(at)).Sign())
		}
	})
}
