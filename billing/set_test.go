package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// targets sells targets by the month, and by the year.
func targets() (monthly, yearly *plan.Version) {
	of := func(id, unit string, every calendar.Interval) *plan.Version {
		return plan.MustCompile(plan.Plan{
			ID: id, Version: 1, Currency: money.USD, Every: every,
			Charges: []plan.Charge{{ID: "targets", Price: plan.PerUnit{UnitAmount: num(unit)}}},
		})
	}
	return of("monthly", "99.00", calendar.Months(1)), of("yearly", "990.00", calendar.Years(1))
}

// Several verbs of one edit are one cut, billed from the state before the first to the
// state after the last: one credit, one charge, one invoice.
func TestAnEditIsOneCutAndOneInvoice(t *testing.T) {
	t.Parallel()
	monthly, yearly := targets()
	half := num("50")
	for _, row := range []struct {
		name     string
		separate bool
		discount bool
		totals   []string
		commands []int
	}{
		{"a set", false, false, []string{"495.00", "5443.47"}, []int{1, 3}},
		{"each part apart", true, false, []string{"495.00", "4467.03", "976.44"}, []int{1, 2, 3}},
		{"a discount at its end reduces the new line and not the credit", false, true, []string{"495.00", "2514.15"}, []int{1, 4}},
	} {
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: monthly, Start: date("2026-01-15 10:00"), Quantity: subscription.Units(5)})
		require.NoError(t, err)
		call := operator(date("2026-01-20 12:00"))
		call.Separate = row.separate
		edits := []subscription.Edit{
			func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.ChangePlan(c, subscription.Immediately(), yearly)
			},
			func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.ChangeQuantity(c, subscription.Immediately(), "", num("6"))
			},
		}
		if row.discount {
			edits = append(edits, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.AddDiscount(c, plan.Discount{ID: "half", Percent: &half, Duration: plan.OnceOnly})
			})
		}
		sub, err = sub.Edit(call, edits...)
		require.NoError(t, err, row.name)
		made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-21"))
		require.NoError(t, err, row.name)
		var totals []string
		var commands []int
		for _, inv := range made {
			totals, commands = append(totals, inv.Total.Amount()), append(commands, inv.Command)
		}
		require.Equal(t, row.totals, totals, row.name)
		require.Equal(t, row.commands, commands, "the invoice carries the number of the last command")
		if !row.separate {
			change := made[1]
			require.Equal(t, []billing.LineKind{billing.CreditLine, billing.ChargeLine}, []billing.LineKind{change.Lines[0].Kind, change.Lines[1].Kind})
			require.Equal(t, "-415.16", change.Lines[0].Amount.Amount())
			require.Equal(t, "5858.63", change.Lines[1].Amount.Amount())
		}
	}
}

func TestASetThatEndsWhereItBeganBillsNothing(t *testing.T) {
	t.Parallel()
	monthly, _ := targets()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: monthly, Start: date("2026-01-15"), Quantity: subscription.Units(5)})
	require.NoError(t, err)
	to := func(n string) subscription.Edit {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangeQuantity(c, subscription.Immediately(), "", num(n))
		}
	}
	sub, err = sub.Edit(operator(date("2026-01-20")), to("9"), to("5"))
	require.NoError(t, err)
	require.Equal(t, 3, sub.Version(), "the history keeps every command")
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	require.Len(t, made, 1)
}
