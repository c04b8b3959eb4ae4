package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// stored answers what a service would have stored of all invoices.
func stored(made []billing.Invoice) []billing.StoredLine {
	var all []billing.StoredLine
	for _, inv := range made {
		all = append(all, inv.StoredLines()...)
	}
	return all
}

func total(billed []billing.StoredLine, c money.Currency) money.Money {
	sum := money.FromMinor(0, c)
	for _, b := range billed {
		if !b.Adjusts {
			sum = money.FromMinor(sum.Minor()+b.Amount.Minor(), c)
		}
	}
	return sum
}

func correction(at string) subscription.Call {
	call := operator(date(at))
	call.Correction = true
	return call
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// office sells seats in advance and calls as used, 31 USD a seat in months of 31 days.
func office(policy plan.Policy) subscription.Subscription {
	return must(subscription.New(subscription.Params{
		ID: "office", Start: date("2026-01-01"), Quantity: subscription.Units(10),
		Plan: plan.MustCompile(plan.Plan{
			ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy,
			Charges: []plan.Charge{
				{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: num("31")}},
				{ID: "calls", Name: "Calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("0.01")}},
			},
		}),
	}))
}

// pro costs twice as much.
func pro() *plan.Version {
	return plan.MustCompile(plan.Plan{
		ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: num("62")}}},
	})
}

func calls(at string, n int64) billing.Record {
	return billing.Record{Metric: "calls", At: date(at), Quantity: decimal.NewFromInt(n)}
}

func TestReconcileFindsOnlyTheDifference(t *testing.T) {
	t.Parallel()
	now := subscription.Immediately()
	for _, row := range []struct {
		name   string
		policy plan.Policy
		before func(subscription.Subscription) subscription.Subscription // what was billed
		change func(subscription.Subscription) subscription.Subscription // and what is true
		late   billing.Usage
		want   string // total, lines and corrections
	}{
		{name: "nothing happened", want: "0.00: "},
		{
			name: "usage arrived after its period was billed", late: billing.Usage{calls("2026-01-31 23:59", 500), calls("2026-02-01", 700)},
			want: "12.00: +usage 5.00 USD +usage 7.00 USD",
		},
		{
			name: "a quantity was lower all along",
			change: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangeQuantity(correction("2026-01-11"), now, "", num("9")))
			},
			// 21 of 31 days of 310 back and of 279 on; February and March one seat less.
			want: "-83.00: +credit -210.00 USD +charge 189.00 USD 310.00>279.00 310.00>279.00",
		},
		{
			name: "the plan had changed",
			change: func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangePlan(correction("2026-02-15"), now, pro()))
			},
			// Half of February at either price; March twice as dear.
			want: "465.00: +credit -155.00 USD +charge 310.00 USD 310.00>620.00",
		},
		{
			name: "it had been cancelled", policy: plan.Policy{CancelCredit: plan.CreditProrate},
			change: func(s subscription.Subscription) subscription.Subscription {
				return must(s.Cancel(correction("2026-01-11"), now))
			},
			want: "-830.00: +credit -210.00 USD 310.00>0.00 310.00>0.00",
		},
		{
			name: "it had never been cancelled", policy: plan.Policy{CancelCredit: plan.CreditProrate},
			before: func(s subscription.Subscription) subscription.Subscription {
				return must(s.Cancel(operator(date("2026-02-15")), now))
			},
			change: func(s subscription.Subscription) subscription.Subscription {
				return must(s.Reactivate(operator(date("2026-03-01")), subscription.Reactivation{}))
			},
			want: "310.00: +charge 310.00 USD",
		},
		{
			name: "a discount was promised",
			change: func(s subscription.Subscription) subscription.Subscription {
				return must(s.AddDiscount(correction("2026-02-01"), plan.Discount{ID: "sorry", Percent: plan.Bound(num("10")), Duration: plan.OnceOnly}))
			},
			want: "-31.00: +discount -31.00 USD",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub, to := office(row.policy), date("2026-03-20")
			if row.change != nil { // a later command, so that a correction is one
				sub = must(sub.Update(operator(date("2026-03-19")), subscription.Patch{}))
			}
			if row.before != nil {
				sub = row.before(office(row.policy))
			}
			made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, to)
			require.NoError(t, err)
			billed := stored(made)
			if row.change != nil {
				sub = row.change(sub)
				_, _, err = billing.Invoices(sub, row.late, checkpoint, to)
				require.ErrorIs(t, err, billing.ErrReconcile)
			}
			diff, err := billing.Reconcile(sub, row.late, billed, checkpoint, to)
			require.NoError(t, err)
			require.Equal(t, row.want, written(diff))
			converges(t, sub, row.late, append(billed, diff.StoredLines()...), diff.Checkpoint, to)
		})
	}
}

func written(r billing.Reconciliation) string {
	out := r.Total.Amount() + ":"
	for _, l := range r.Lines {
		out += fmt.Sprintf(" +%s %s", l.Kind, l.Amount)
	}
	for _, c := range r.Corrections {
		out += fmt.Sprintf(" %s>%s", c.Was.Amount(), c.Is.Amount())
	}
	if r.IsEmpty() {
		out += " "
	}
	return out
}

// converges holds a stored reconciliation to its promise: there is no difference any
// more, and what was billed comes to what should have been.
func converges(t require.TestingT, sub subscription.Subscription, usage billing.Usage, billed []billing.StoredLine, checkpoint billing.Checkpoint, to time.Time, options ...billing.Option) {
	again, err := billing.Reconcile(sub, usage, billed, checkpoint, to, options...)
	require.NoError(t, err)
	require.True(t, again.IsEmpty(), "%+v", again)
	require.Zero(t, again.Total.Minor())
	require.True(t, again.Checkpoint.Equal(checkpoint), "%+v\n%+v", again.Checkpoint, checkpoint)
	should, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, to, options...)
	require.NoError(t, err)
	require.Equal(t, total(stored(should), sub.Currency()), total(billed, sub.Currency()))
	more, _, err := billing.Invoices(sub, usage, checkpoint, to, options...)
	require.NoError(t, err)
	require.Empty(t, more)
}

func TestCorrectionsNameTheLineThatTheyCorrect(t *testing.T) {
	t.Parallel()
	sub, to := office(plan.Policy{}), date("2026-02-20")
	made, checkpoint, err := billing.Invoices(sub, billing.Usage{calls("2026-01-20", 100)}, billing.Checkpoint{}, to)
	require.NoError(t, err)
	billed := stored(made)
	usage := billing.Usage{calls("2026-01-20", 100), calls("2026-01-21", 50)}
	diff, err := billing.Reconcile(sub, usage, billed, checkpoint, to)
	require.NoError(t, err)
	require.Empty(t, diff.Lines)
	require.Len(t, diff.Corrections, 1)
	c := diff.Corrections[0]
	require.Equal(t, made[1].LineID(0), c.Of)
	require.Equal(t, money.MustParse("0.50 USD"), c.Amount)
	require.Equal(t, money.MustParse("1.00 USD"), c.Was)
	require.Equal(t, money.MustParse("1.50 USD"), c.Is)

	same, err := billing.Reconcile(sub, usage, billed, checkpoint, to)
	require.NoError(t, err)
	require.Equal(t, c.ID, same.Corrections[0].ID, "the same difference found again is the same correction")

	// The records turn out not to be of this customer: a second correction, of the line.
	billed = append(billed, diff.StoredLines()...)
	back, err := billing.Reconcile(sub, nil, billed, diff.Checkpoint, to)
	require.NoError(t, err)
	require.Len(t, back.Corrections, 1)
	require.Equal(t, c.Of, back.Corrections[0].Of)
	require.NotEqual(t, c.ID, back.Corrections[0].ID)
	require.Equal(t, money.MustParse("-1.50 USD"), back.Corrections[0].Amount)
	converges(t, sub, nil, append(billed, back.StoredLines()...), back.Checkpoint, to)
}

func TestALostInvoiceIsFoundAndADoubleOneTakenBack(t *testing.T) {
	t.Parallel()
	sub, to := office(plan.Policy{}), date("2026-03-20")
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, to)
	require.NoError(t, err)
	require.Len(t, made, 3)
	diff, err := billing.Reconcile(sub, nil, stored([]billing.Invoice{made[0], made[2]}), checkpoint, to)
	require.NoError(t, err)
	require.Equal(t, made[1].Lines, diff.Lines)
	require.Equal(t, made[1].StoredLines(), diff.StoredLines())

	diff, err = billing.Reconcile(sub, nil, stored([]billing.Invoice{made[0], made[1], made[1], made[2]}), checkpoint, to)
	require.NoError(t, err)
	require.Empty(t, diff.Lines)
	back, err := made[1].Total.Neg()
	require.NoError(t, err)
	require.Equal(t, back, diff.Total)

	// Nothing was ever stored: all that was due is the difference.
	all, err := billing.Reconcile(sub, nil, nil, billing.Checkpoint{}, to)
	require.NoError(t, err)
	require.Equal(t, stored(made), all.StoredLines())
	require.True(t, checkpoint.Equal(all.Checkpoint))
}

func TestBilledLinesThatContradictThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	sub, to := office(plan.Policy{}), date("2026-01-20")
	one, two := uuid.UUID{1}, uuid.UUID{2}
	usd, eur := money.MustParse("1.00 USD"), money.MustParse("1.00 EUR")
	for _, row := range []struct {
		billed []billing.StoredLine
		want   string
	}{
		{[]billing.StoredLine{{Amount: usd}}, "billed[0]: id: missing"},
		{[]billing.StoredLine{{ID: one}}, "billed[0]: amount: missing"},
		{[]billing.StoredLine{{ID: one, Amount: eur}}, "billed[0]: amount: EUR, not USD"},
		{[]billing.StoredLine{{ID: one, Amount: usd}, {ID: two, Of: one, Amount: usd}, {ID: two, Of: one, Amount: usd}}, "billed[2]: id: 02000000-0000-0000-0000-000000000000 is there twice"},
		{[]billing.StoredLine{{ID: one, Of: two, Amount: usd}}, "billed[0]: of: no line 02000000-0000-0000-0000-000000000000"},
		{[]billing.StoredLine{{ID: one, Adjusts: true, Amount: usd}}, "billed[0]: of: missing"},
	} {
		_, err := billing.Reconcile(sub, nil, row.billed, billing.Checkpoint{}, to)
		require.ErrorIs(t, err, billing.ErrStoredLines)
		require.EqualError(t, err, "billing: invalid billed lines: "+row.want)
	}
	_, err := billing.Reconcile(subscription.Subscription{}, nil, nil, billing.Checkpoint{}, to)
	require.ErrorIs(t, err, billing.ErrZero)
	ahead, err := billing.Reconcile(sub, nil, nil, billing.Checkpoint{ChargedThrough: to.AddDate(0, 1, 0)}, to)
	require.NoError(t, err)
	require.Equal(t, to.AddDate(0, 1, 0), ahead.At, "what was billed later stands")
	_, err = billing.Reconcile(sub, nil, nil, billing.Checkpoint{CreditBalance: eur}, to)
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	_, err = billing.Reconcile(sub, nil, nil, billing.Checkpoint{CreditBalance: money.FromMinor(-1, money.USD)}, to)
	require.ErrorIs(t, err, billing.ErrCheckpoint)
}

func TestWhatTheServiceAdjustedStandsAndCapsLaterCredits(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ adjusted, credit, list string }{
		{"0.00", "-210.00", "-210.00"},
		{"-100.00", "-210.00", "-210.00"},
		{"-250.00", "-60.00", "-60.00"},
		{"-310.00", "0.00", "0.00"},
		{"-400.00", "0.00", "0.00"},
		{"50.00", "-210.00", "-210.00"},
	} {
		for basis, want := range map[plan.CreditBasis]string{plan.CreditBilled: row.credit, plan.CreditList: row.list} {
			sub, to := office(plan.Policy{CancelCredit: plan.CreditProrate, CreditBasis: basis}), date("2026-01-20")
			made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-05"))
			require.NoError(t, err)
			adjustment := billing.StoredLine{ID: uuid.UUID{9}, Of: made[0].LineID(0), Adjusts: true, Amount: money.MustParse(row.adjusted + " USD")}
			billed := append(stored(made), adjustment)
			sub = must(sub.Cancel(operator(date("2026-01-11")), subscription.Immediately()))
			diff, err := billing.Reconcile(sub, nil, billed, checkpoint, to)
			require.NoError(t, err)
			require.Equal(t, want, diff.Total.Amount(), "%s %s", row.adjusted, basis)
			converges(t, sub, nil, append(billed, diff.StoredLines()...), diff.Checkpoint, to, billing.WithAdjustments(billed))

			ran, _, err := billing.Invoices(sub, nil, checkpoint, to, billing.WithAdjustments(billed))
			require.NoError(t, err)
			require.Equal(t, diff.StoredLines(), stored(ran), "a run that is told of adjustments bills the same")
		}
	}
}

func TestACorrectionTakesNoMoreThanAdjustmentsLeft(t *testing.T) {
	t.Parallel()
	sub, to := must(office(plan.Policy{}).Update(operator(date("2026-02-19")), subscription.Patch{})), date("2026-02-20")
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, to)
	require.NoError(t, err)
	adjustment := billing.StoredLine{ID: uuid.UUID{9}, Of: made[1].LineID(0), Adjusts: true, Amount: money.MustParse("-300.00 USD")}
	billed := append(stored(made), adjustment)
	sub = must(sub.Cancel(correction("2026-01-11"), subscription.Immediately()))
	diff, err := billing.Reconcile(sub, nil, billed, checkpoint, to)
	require.NoError(t, err)
	require.Equal(t, "-10.00: 310.00>300.00", written(diff))
	again, err := billing.Reconcile(sub, nil, append(billed, diff.StoredLines()...), diff.Checkpoint, to)
	require.NoError(t, err)
	require.True(t, again.IsEmpty())
}

func TestAccountCreditIsCarriedThroughAReconciliation(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		negative plan.Negative
		quantity string
		// Due, applied, refunded, and credit left.
		want string
	}{
		{plan.CarryNegative, "11", "0.00 31.00 0.00 9.00"},
		{plan.CarryNegative, "12", "22.00 40.00 0.00 0.00"},
		{plan.CarryNegative, "9", "0.00 0.00 0.00 71.00"},
		{plan.RefundNegative, "9", "0.00 0.00 31.00 40.00"},
	} {
		sub, to := office(plan.Policy{Negative: row.negative}), date("2026-02-20")
		sub = must(sub.AddAccountCredit(operator(date("2026-02-10")), money.MustParse("40.00 USD")))
		made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-05"))
		require.NoError(t, err)
		require.False(t, checkpoint.CreditBalance.IsValid(), "the credit comes later")
		sub = must(sub.ChangeQuantity(correction("2026-01-31"), subscription.AtPeriodEnd(), "", num(row.quantity)))
		diff, err := billing.Reconcile(sub, nil, stored(made), checkpoint, to)
		require.NoError(t, err)
		credit := money.FromMinor(0, money.USD)
		if diff.Checkpoint.CreditBalance.IsValid() {
			credit = diff.Checkpoint.CreditBalance
		}
		require.Equal(t, row.want, fmt.Sprintf("%s %s %s %s", diff.AmountDue.Amount(), diff.CreditApplied.Amount(), diff.Refund.Amount(), credit.Amount()))
		converges(t, sub, nil, append(stored(made), diff.StoredLines()...), diff.Checkpoint, to)
	}
}

// A run forgets uses of a discount that no later run looks at. A fixed discount lets runs look
// back one period more; nothing was billed otherwise for that.
func TestAReconciliationDoesNotRecallUsesThatRunsHaveForgotten(t *testing.T) {
	t.Parallel()
	tenth, off := num("10"), money.MustParse("5 USD")
	sub := must(office(plan.Policy{}).AddDiscount(operator(date("2026-01-01")), plan.Discount{ID: "tenth", Percent: &tenth, Duration: plan.ForCycles, Cycles: 2}))
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-03-10"))
	require.NoError(t, err)
	billed := stored(made)
	require.Len(t, checkpoint.Redeemed, 1)
	require.Equal(t, 2, checkpoint.Redeemed[0].Uses)
	sub = must(sub.AddDiscount(operator(date("2026-03-20")), plan.Discount{ID: "five", Amount: &off, Duration: plan.Forever}))
	made, checkpoint, err = billing.Invoices(sub, nil, checkpoint, date("2026-03-25"))
	require.NoError(t, err)
	require.Empty(t, made)
	require.Len(t, checkpoint.Redeemed, 1)
	converges(t, sub, nil, billed, checkpoint, date("2026-03-25"))

	// Uses that another history makes are no longer those.
	call := operator(date("2026-01-20"))
	call.Correction = true
	sub = must(sub.ChangeQuantity(call, subscription.Immediately(), "", num("0")))
	diff, err := billing.Reconcile(sub, nil, billed, checkpoint, date("2026-03-25"))
	require.NoError(t, err)
	require.Len(t, diff.Checkpoint.Redeemed, 1)
	require.Equal(t, 1, diff.Checkpoint.Redeemed[0].Uses)
	converges(t, sub, nil, append(billed, diff.StoredLines()...), diff.Checkpoint, date("2026-03-25"))
}

// Whatever was billed in however many runs, and whatever turned out later: one
// reconciliation makes it good.
func TestReconcileConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, 6)
		options := drawOptions(t)
		usage := s.still(s.sub, s.now)
		billed, checkpoint := bill(t, s, options)
		diff, err := billing.Reconcile(s.sub, usage, billed, checkpoint, s.now, options...)
		require.NoError(t, err)
		require.True(t, diff.IsEmpty(), "nothing changed: %s\n%s\n%+v", written(diff), shown(s), billed)
		require.True(t, checkpoint.Equal(diff.Checkpoint), "%+v\n%+v", checkpoint, diff.Checkpoint)

		// Lines are lost, records arrive, and something happened long ago.
		billed = slices.DeleteFunc(billed, func(billing.StoredLine) bool { return rapid.IntRange(0, 5).Draw(t, "lost") == 0 })
		call := operator(s.sub.CreatedAt().Add(time.Duration(rapid.Int64Range(0, int64(s.now.Sub(s.sub.CreatedAt()))).Draw(t, "corrected"))))
		call.Correction = true
		if next, err := s.verb(t, call, 99); err == nil {
			s.sub = next
		}
		usage = s.still(s.sub, s.now)
		if len(usage) > 0 {
			usage[0].Quantity = usage[0].Quantity.Add(decimal.NewFromInt(1000))
		}
		diff, err = billing.Reconcile(s.sub, usage, billed, checkpoint, s.now, options...)
		require.NoError(t, err)
		billed = append(billed, diff.StoredLines()...)
		converges(t, s.sub, usage, billed, diff.Checkpoint, s.now, options...)
	})
}

// bill runs billing as a service does: now and then, before and after verbs.
func bill(t *rapid.T, s *story, options []billing.Option) ([]billing.StoredLine, billing.Checkpoint) {
	var billed []billing.StoredLine
	var checkpoint billing.Checkpoint
	run := func(sub subscription.Subscription, to time.Time) {
		if to.Before(checkpoint.ChargedThrough) {
			return
		}
		made, next, err := billing.Invoices(sub, s.still(sub, to), checkpoint, to, options...)
		require.NoError(t, err)
		billed, checkpoint = append(billed, stored(made)...), next
	}
	for n := 1; n < s.sub.Version(); n++ {
		// What is done at the instant of a run, and after it, comes too late for it.
		if at := s.sub.Command(n).At; at.Before(s.sub.Command(n+1).At) && rapid.Bool().Draw(t, "run") {
			run(s.past[n-1], at)
		}
	}
	run(s.sub, s.now)
	return billed, checkpoint
}
