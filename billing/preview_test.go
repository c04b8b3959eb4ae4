package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Whatever is done: what a preview shows is what is billed when it is kept.
func TestAPreviewIsWhatApplyingBills(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, 5)
		options := drawOptions(t)
		usage := s.still(s.sub, s.now)
		checkpoint := billing.Checkpoint{}
		if rapid.Bool().Draw(t, "billed before") {
			var err error
			_, checkpoint, err = billing.Invoices(s.sub, usage, checkpoint, s.now, options...)
			require.NoError(t, err)
			s.now = s.now.Add(time.Duration(rapid.IntRange(1, 40*24).Draw(t, "later")) * time.Hour)
		}
		before := s.sub
		for i := range rapid.IntRange(1, 3).Draw(t, "verbs") {
			if next, err := s.verb(t, operator(s.now), i); err == nil {
				s.sub = next
			}
			s.now = s.now.Add(time.Duration(rapid.IntRange(0, 5*24).Draw(t, "apart")) * time.Hour)
		}
		at := s.sub.UpdatedAt()
		if at.Before(checkpoint.ChargedThrough) || s.sub.Version() == before.Version() {
			at = checkpoint.ChargedThrough
		}
		if at.IsZero() {
			at = before.UpdatedAt()
		}
		usage = s.still(s.sub, at)
		p, err := billing.Preview(before, s.sub, usage, checkpoint, options...)
		require.NoError(t, err)
		made, next, err := billing.Invoices(s.sub, usage, checkpoint, at, options...)
		require.NoError(t, err)
		require.Equal(t, next, p.Checkpoint)

		anyway, mark, err := billing.Invoices(before, usage, checkpoint, at, options...)
		require.NoError(t, err)
		shown := 0
		for _, inv := range made {
			if shown < len(p.Invoices) && inv.ID() == p.Invoices[shown].ID() {
				require.Equal(t, inv, p.Invoices[shown])
				shown++
				continue
			}
			found := false
			for _, other := range anyway {
				found = found || other.ID() == inv.ID() && billing.SameInvoice(other, inv)
			}
			require.True(t, found, "what is not shown is billed without the change as well")
		}
		require.Len(t, p.Invoices, shown)

		after, err := billing.Next(s.sub, usage, next, at, options...)
		require.NoError(t, err)
		require.Equal(t, after, p.After)
		without, err := billing.Next(before, usage, mark, at, options...)
		require.NoError(t, err)
		require.Equal(t, without, p.Before)
	})
}

func TestAPreviewShowsTheNextBillingBeforeAndAfter(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-05"))
	require.NoError(t, err)
	now, end := subscription.Immediately(), subscription.AtPeriodEnd()
	call := operator(date("2026-01-11"))
	amount := func(at, total string) billing.NextInvoice {
		m := money.MustParse(total)
		return billing.NextInvoice{At: date(at), Amount: m, AmountDue: m}
	}
	for _, row := range []struct {
		name  string
		after subscription.Subscription
		total string // of what is billed at once; empty: nothing
		next  billing.NextInvoice
	}{
		{"nothing", sub, "", amount("2026-02-01", "310.00 USD")},
		{"a seat more", must(sub.ChangeQuantity(call, now, "", num("11"))), "21.00 USD", amount("2026-02-01", "341.00 USD")},
		{"a seat less", must(sub.ChangeQuantity(call, now, "", num("9"))), "-21.00 USD", billing.NextInvoice{At: date("2026-02-01"), Amount: money.MustParse("279.00 USD"), AmountDue: money.MustParse("258.00 USD")}},
		{"a seat less from February", must(sub.ChangeQuantity(call, end, "", num("9"))), "", amount("2026-02-01", "279.00 USD")},
		{"another plan", must(sub.ChangePlan(call, now, pro())), "210.00 USD", amount("2026-02-01", "620.00 USD")},
		{"an end", must(sub.Cancel(call, end)), "", billing.NextInvoice{Amount: money.FromMinor(0, money.USD), AmountDue: money.FromMinor(0, money.USD)}},
		{"a visit", must(sub.AddOneOff(call, subscription.OneOff{ID: "visit", Amount: money.MustParse("50.00 USD")})), "", amount("2026-02-01", "360.00 USD")},
	} {
		p, err := billing.Preview(sub, row.after, nil, checkpoint)
		require.NoError(t, err, row.name)
		if row.total == "" {
			require.Empty(t, p.Invoices, row.name)
		} else {
			require.Len(t, p.Invoices, 1, row.name)
			require.Equal(t, row.total, p.Invoices[0].Total.String(), row.name)
		}
		require.Equal(t, amount("2026-02-01", "310.00 USD"), plainly(p.Before), row.name)
		require.Equal(t, row.next, plainly(p.After), row.name)
	}
}

// plainly leaves out the plan's amount, when to look again, and that usage may come.
func plainly(b billing.NextInvoice) billing.NextInvoice {
	b.PlanAmount, b.Boundary, b.Estimate = money.Money{}, time.Time{}, false
	return b
}

func TestAPreviewOfWhatWasBilledIsRefused(t *testing.T) {
	t.Parallel()
	sub := must(office(plan.Policy{}).Update(operator(date("2026-01-20")), subscription.Patch{}))
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-31"))
	require.NoError(t, err)
	back := must(sub.ChangeQuantity(correction("2026-01-11"), subscription.Immediately(), "", num("9")))
	_, err = billing.Preview(sub, back, nil, checkpoint)
	require.ErrorIs(t, err, billing.ErrReconcile)
	open, err := billing.Preview(sub, back, nil, billing.Checkpoint{})
	require.NoError(t, err, "nothing was billed yet")
	require.Len(t, open.Invoices, 1)

	_, err = billing.Preview(back, sub, nil, checkpoint)
	require.ErrorIs(t, err, billing.ErrUnrelated, "the wrong way round")
	_, err = billing.Preview(sub, seats(t, plan.Policy{}), nil, checkpoint)
	require.ErrorIs(t, err, billing.ErrUnrelated)
	other := must(office(plan.Policy{}).Cancel(operator(date("2026-01-20")), subscription.AtPeriodEnd()))
	_, err = billing.Preview(sub, other, nil, checkpoint)
	require.ErrorIs(t, err, billing.ErrUnrelated)
	_, err = billing.Preview(subscription.Subscription{}, sub, nil, checkpoint)
	require.ErrorIs(t, err, billing.ErrZero)
	_, err = billing.Preview(sub, subscription.Subscription{}, nil, checkpoint)
	require.ErrorIs(t, err, billing.ErrZero)
	_, err = billing.Preview(sub, sub, billing.Usage{calls("2025-12-31", 1)}, billing.Checkpoint{})
	require.ErrorIs(t, err, billing.ErrNotEntitled)
	require.EqualError(t, err, `billing: usage while not entitled: usage[0]: "calls" at 2025-12-31T00:00:00Z`)
}
