package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// byTheQuarter sells seats at a price a month, billed by the quarter.
func byTheQuarter(policy plan.Policy, seats int64) subscription.Subscription {
	return must(subscription.New(subscription.Params{
		ID: "office", Start: date("2026-01-01"), Quantity: subscription.Units(seats),
		Plan: plan.MustCompile(plan.Plan{
			ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(3), Policy: policy,
			Charges: []plan.Charge{{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: num("10")}, PriceEvery: calendar.Months(1)}},
		}),
	}))
}

func TestTheAmountOfAPlanHasEachPeriodOfAPrice(t *testing.T) {
	t.Parallel()
	amount, err := billing.PlanAmount(byTheQuarter(plan.Policy{}, 4), date("2026-02-01"))
	require.NoError(t, err)
	require.Equal(t, "120.00 USD", amount.String())
}

// What a cut left open that was foreseen, and a withdrawn cancellation has billed later, is billed for
// months that were billed before: each line has an id of its own all the same.
func TestAMonthThatIsBilledAgainHasAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	sub := byTheQuarter(plan.Policy{CancelCredit: plan.CreditProrate}, 3)
	sub = must(sub.Cancel(operator(date("2026-01-05")), subscription.On(date("2026-02-15"))))
	sub = must(sub.ChangeQuantity(operator(date("2026-01-11")), subscription.Immediately(), "", num("5")))
	sub = must(sub.UndoCancel(operator(date("2026-01-20"))))
	all, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-03-01"))
	require.NoError(t, err)
	ids, lines := map[string]string{}, []string{}
	for _, inv := range all {
		for i, l := range inv.Lines {
			text := fmt.Sprintf("%s %s %s %s", inv.At.Format(time.DateOnly), l.From.Format(time.DateOnly), l.To.Format(time.DateOnly), l.Amount.Amount())
			lines = append(lines, text)
			id := inv.LineID(i).String()
			require.Empty(t, ids[id], "%s has the id of another line", text)
			ids[id] = text
		}
	}
	require.Equal(t, []string{
		"2026-01-01 2026-01-01 2026-02-01 30.00", "2026-01-01 2026-02-01 2026-03-01 30.00", "2026-01-01 2026-03-01 2026-04-01 30.00",
		"2026-01-11 2026-01-11 2026-02-01 -20.32", "2026-01-11 2026-02-01 2026-03-01 -30.00", "2026-01-11 2026-03-01 2026-04-01 -30.00",
		"2026-01-11 2026-01-11 2026-02-01 33.87", "2026-01-11 2026-02-01 2026-02-15 25.00",
		"2026-02-15 2026-02-15 2026-03-01 25.00", "2026-02-15 2026-03-01 2026-04-01 50.00",
	}, lines)
	diff, err := billing.Reconcile(sub, nil, stored(all), checkpoint, date("2026-03-01"))
	require.NoError(t, err)
	require.Equal(t, "0.00: ", written(diff))
}

// A correction is of each line that it concerns.
func TestACorrectedPriceCorrectsEachMonth(t *testing.T) {
	t.Parallel()
	sub := must(byTheQuarter(plan.Policy{}, 4).Update(operator(date("2026-03-19")), subscription.Patch{}))
	all, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-03-20"))
	require.NoError(t, err)
	sub = must(sub.ChangeQuantity(correction("2026-02-15"), subscription.Immediately(), "", num("2")))
	diff, err := billing.Reconcile(sub, nil, stored(all), checkpoint, date("2026-03-20"))
	require.NoError(t, err)
	require.Equal(t, "-30.00: +credit -20.00 USD +credit -40.00 USD +charge 10.00 USD +charge 20.00 USD", written(diff))
	converges(t, sub, nil, append(stored(all), diff.StoredLines()...), diff.Checkpoint, date("2026-03-20"))
}

// A quarter at 3,950.00 a month that begins on 8 May: each month by its own days.
func Example_priceOfAMonthBilledByTheQuarter() {
	sub, err := subscription.New(subscription.Params{
		ID: "sub-1", Start: date("2026-05-08"), Anchor: date("2026-07-01"),
		Plan: plan.MustCompile(plan.Plan{
			ID: "hall", Version: 1, Currency: money.EUR, Every: calendar.Months(3),
			Charges: []plan.Charge{{ID: "rent", Name: "Rent", Price: plan.FlatFee{Amount: num("3950")}, PriceEvery: calendar.Months(1)}},
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-05-08"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range invoices {
		for _, line := range inv.Lines {
			fmt.Println(line.From.Format(time.DateOnly), line.To.Format(time.DateOnly), line.Amount)
		}
		fmt.Println(inv.Total)
	}
	// Output:
	// 2026-05-08 2026-06-01 3058.06 EUR
	// 2026-06-01 2026-07-01 3950.00 EUR
	// 7008.06 EUR
}
