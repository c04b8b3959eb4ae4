package account_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// drawn is an account with the subscriptions that are billed on it.
type drawn struct {
	account account.Account
	subs    []subscription.Subscription
	options []billing.Option
	balance money.Money
}

func drawRule(t *rapid.T) account.Rule {
	rule := account.Rule{
		Merge:   rapid.SampledFrom([]account.Merge{"", account.ByDay, account.ByInstant, account.OnBillingDay}).Draw(t, "merge"),
		Collect: rapid.SampledFrom([]plan.Collect{"", plan.CollectNow, plan.CollectNextInvoice}).Draw(t, "collect"),
		Key:     rapid.SampledFrom([]account.Key{"", account.ByPayer, account.ByPurchaseOrder, account.ByEntity}).Draw(t, "key"),
	}
	if rule.Merge == account.OnBillingDay {
		rule.BillingDay, rule.Within = rapid.IntRange(1, 31).Draw(t, "billing day"), rapid.IntRange(1, 31).Draw(t, "within")
	}
	return rule
}

func draw(t *rapid.T) drawn {
	d := drawn{account: account.Account{ID: "acme", Currency: money.USD, Rule: drawRule(t)}}
	day := func(what string, from int) time.Time {
		return date("2026-01-01").AddDate(0, 0, rapid.IntRange(from, from+40).Draw(t, what))
	}
	amount := func(what string) string {
		return fmt.Sprintf("%d.%02d", rapid.IntRange(0, 60).Draw(t, what), rapid.IntRange(1, 99).Draw(t, what+", cents"))
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "subscriptions") {
		start := day("start", 0)
		policy := plan.Policy{TaxRounding: plan.TaxPerInvoice, CancelCredit: plan.CreditProrate, PauseCredit: plan.CreditProrate, Negative: rapid.SampledFrom([]plan.Negative{plan.CarryNegative, plan.RefundNegative}).Draw(t, "negative")}
		sub := monthly(fmt.Sprint("s", i), amount("fee"), start.Format("2006-01-02"), policy)
		m := account.Member{Subscription: sub.ID(), Payer: rapid.SampledFrom([]string{"", "p"}).Draw(t, "payer"), Start: start}
		m.PurchaseOrder, m.Entity = rapid.SampledFrom([]string{"", "4711"}).Draw(t, "purchase order"), rapid.SampledFrom([]string{"", "e"}).Draw(t, "entity")
		m.OwnCredit = rapid.IntRange(0, 4).Draw(t, "own credit") == 0
		call := operator(start)
		for range rapid.IntRange(0, 3).Draw(t, "commands") {
			call.At = call.At.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "later"))
			var err error
			next := sub
			switch rapid.IntRange(0, 6).Draw(t, "command") {
			case 0:
				next, err = sub.AddAccountCredit(call, usd(amount("credit")))
			case 1:
				next, err = sub.AddOneOff(call, subscription.OneOff{ID: fmt.Sprint("extra", call.At.Unix()), Amount: usd(amount("one-off"))})
			case 2:
				next, err = sub.ChangePrice(call, subscription.Immediately(), "fee", plan.FlatFee{Amount: num(amount("price"))})
			case 3:
				next, err = sub.Cancel(call, subscription.Immediately())
			case 4:
				next, err = sub.Pause(call, subscription.Immediately(), subscription.Pause{})
			case 5:
				next, err = sub.Resume(call, subscription.Immediately())
			case 6:
				next, err = sub.AddDiscount(call, plan.Discount{ID: fmt.Sprint("off", call.At.Unix()), Percent: plan.Bound(num("15")), Duration: plan.Forever})
			}
			if err == nil {
				sub = next
			}
		}
		d.subs, d.account.Members = append(d.subs, sub), append(d.account.Members, m)
	}
	if rapid.Bool().Draw(t, "taxed") {
		d.options = append(d.options, billing.WithTax(func(billing.Line) []billing.TaxRate { return []billing.TaxRate{{ID: "vat", Percent: num("19")}} }))
	}
	if rapid.Bool().Draw(t, "balance") {
		d.balance = usd(amount("balance"))
	}
	return d
}

// run bills what is due by an instant and was not before, and combines it.
func (d drawn) run(t require.TestingT, checkpoints []billing.Checkpoint, checkpoint account.Checkpoint, to time.Time, order func([]account.Section)) ([]account.Invoice, account.Checkpoint) {
	var ready []account.Section
	var credits []account.Credit
	for i, sub := range d.subs {
		options := d.options
		if !d.account.Members[i].OwnCredit {
			options = append(slices.Clip(options), billing.WithoutCredit())
		}
		made, next, err := billing.Invoices(sub, nil, checkpoints[i], to, options...)
		require.NoError(t, err)
		checkpoints[i] = next
		for _, inv := range made {
			ready = append(ready, account.Section{Invoice: inv})
		}
		if !d.account.Members[i].OwnCredit {
			credits = append(credits, account.Credits(sub, next)...)
		}
	}
	order(ready)
	made, next, err := account.Combine(d.account, checkpoint, ready, credits, to)
	require.NoError(t, err)
	again, same, err := account.Combine(d.account, next, ready, credits, to)
	require.NoError(t, err)
	require.Empty(t, again)
	require.True(t, next.Equal(same))
	return made, next
}

func (d drawn) start(t require.TestingT) account.Checkpoint {
	var checkpoint account.Checkpoint
	if d.balance.IsValid() {
		var err error
		checkpoint, err = checkpoint.Give(d.balance)
		require.NoError(t, err)
	}
	return checkpoint
}

func documents(t require.TestingT, all []account.Invoice) []string {
	var out []string
	for _, inv := range all {
		data, err := inv.MarshalJSON()
		require.NoError(t, err)
		out = append(out, string(data))
	}
	return out
}

func TestCombiningDependsOnNoOrderAndOnNoPieces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		to := date("2026-05-01")
		asIs := func([]account.Section) {}
		whole, last := d.run(t, make([]billing.Checkpoint, len(d.subs)), d.start(t), to, asIs)
		want := documents(t, whole)

		shuffled, end := d.run(t, make([]billing.Checkpoint, len(d.subs)), d.start(t), to, func(all []account.Section) {
			order := rapid.Permutation(all).Draw(t, "order")
			copy(all, order)
		})
		require.Equal(t, want, documents(t, shuffled))
		require.True(t, last.Equal(end))

		checkpoints, checkpoint := make([]billing.Checkpoint, len(d.subs)), d.start(t)
		var parts []account.Invoice
		for at := date("2026-01-01"); at.Before(to); {
			if at = at.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(t, "hours")) * time.Hour); at.After(to) {
				at = to
			}
			var made []account.Invoice
			made, checkpoint = d.run(t, checkpoints, checkpoint, at, asIs)
			parts = append(parts, made...)
			data, err := checkpoint.MarshalJSON()
			require.NoError(t, err)
			var back account.Checkpoint
			require.NoError(t, back.UnmarshalJSON(data), "%s", data)
			require.True(t, checkpoint.Equal(back))
			checkpoint = back
		}
		require.Equal(t, want, documents(t, parts))
		require.Equal(t, last.Balance, checkpoint.Balance)
	})
}

func TestMoneyIsNeitherMadeNorLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		checkpoints, first := make([]billing.Checkpoint, len(d.subs)), d.start(t)
		var sections int
		made, next := d.run(t, checkpoints, first, date("2026-06-01"), func(all []account.Section) { sections = len(all) })
		balance := minor(first.Balance)
		for _, inv := range made {
			sections -= len(inv.Sections)
			var applied, own int64
			ids := map[string]bool{}
			for _, s := range inv.Sections {
				if d.own(s.Invoice.Subscription) {
					own += s.CreditApplied.Minor() - max(-s.Invoice.Total.Minor(), 0) + s.Invoice.Refund.Minor()
				}
				applied += s.CreditApplied.Minor()
				require.LessOrEqual(t, s.CreditApplied.Minor(), max(s.Invoice.Total.Minor()+1, 0))
				require.False(t, ids[s.Invoice.ID().String()])
				ids[s.Invoice.ID().String()] = true
			}
			require.Equal(t, applied, inv.CreditApplied.Minor())
			require.GreaterOrEqual(t, inv.AmountDue.Minor(), int64(0))
			require.Equal(t, inv.Total.Minor(), inv.AmountDue.Minor()+inv.Drawn.Minor()+inv.CreditApplied.Minor()-inv.Credited.Minor()-inv.Refund.Minor())
			balance -= inv.CreditApplied.Minor() - inv.Credited.Minor() - own

			data, err := inv.MarshalJSON()
			require.NoError(t, err)
			var back account.Invoice
			require.NoError(t, back.UnmarshalJSON(data), "%s", data)
			require.True(t, inv.Equal(back))
			require.Equal(t, inv.ID(), back.ID())
			text, err := inv.Explain()
			require.NoError(t, err)
			again, err := back.Explain()
			require.NoError(t, err)
			require.Equal(t, text, again)
		}
		for i, sub := range d.subs {
			if !d.account.Members[i].OwnCredit {
				for _, credit := range account.Credits(sub, checkpoints[i]) {
					balance += credit.Amount.Minor()
				}
			}
		}
		require.Equal(t, balance, minor(next.Balance))
		require.Equal(t, sections, len(next.Waiting))
	})
}

func (d drawn) own(sub subscription.ID) bool {
	return slices.ContainsFunc(d.account.Members, func(m account.Member) bool { return m.Subscription == sub && m.OwnCredit })
}

func minor(m money.Money) int64 {
	if !m.IsValid() {
		return 0
	}
	return m.Minor()
}

func TestASubscriptionIsReconciledAsBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		to := date("2026-06-01")
		checkpoints := make([]billing.Checkpoint, len(d.subs))
		made, next := d.run(t, checkpoints, d.start(t), to, func([]account.Section) {})
		for i, sub := range d.subs {
			var stored []billing.StoredLine
			for _, inv := range made {
				stored = append(stored, inv.StoredLines(sub.ID())...)
			}
			for _, s := range next.Waiting {
				if s.Invoice.Subscription == sub.ID() {
					stored = append(stored, s.Invoice.StoredLines()...)
				}
			}
			options := d.options
			if !d.account.Members[i].OwnCredit {
				options = append(slices.Clip(options), billing.WithoutCredit())
			}
			r, err := billing.Reconcile(sub, nil, stored, checkpoints[i], to, options...)
			require.NoError(t, err)
			require.True(t, r.IsEmpty(), "%v", r)
		}
	})
}
