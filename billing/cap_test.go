package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// cappedSub is a subscription of calls at a price under a cap.
func cappedSub(t *testing.T, price string, most plan.SpendCap, more ...plan.Charge) subscription.Subscription {
	t.Helper()
	v, err := plan.Compile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), SpendCap: &most,
		Charges: append([]plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString(price)}}}, more...),
	})
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return sub
}

func TestUsageThatOverflowsIsAnErrorUnderACapToo(t *testing.T) {
	t.Parallel()
	sub := cappedSub(t, "90000000000000", plan.SpendCap{Amount: money.MustParse("1.00 USD"), Over: plan.OverNotBilled},
		plan.Charge{ID: "more", Metric: "more", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("90000000000000")}})
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	usage := func(n int64) billing.Usage {
		return billing.Usage{{Metric: "calls", At: at, Quantity: decimal.NewFromInt(n)}, {Metric: "more", At: at, Quantity: decimal.NewFromInt(n)}}
	}
	until := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for n, fails := range map[int64]bool{1: false, 600: true, 1200: true} { // of a charge alone, or only together
		all, _, err := billing.Invoices(sub, usage(n), billing.Checkpoint{}, until)
		if fails {
			require.ErrorIs(t, err, money.ErrOverflow)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, "1.00 USD", all[0].Total.String())
	}
}

func TestTaxIsOfWhatACapLeaves(t *testing.T) {
	t.Parallel()
	sub := cappedSub(t, "1", plan.SpendCap{Amount: money.MustParse("100.00 USD"), Over: plan.OverNotBilled},
		plan.Charge{ID: "books", Metric: "books", TaxCode: "books", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}})
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	usage := billing.Usage{{Metric: "calls", At: at, Quantity: decimal.NewFromInt(70)}, {Metric: "books", At: at, Quantity: decimal.NewFromInt(80)}}
	hook := func(line billing.Line) []billing.TaxRate {
		percent := decimal.NewFromInt(20)
		if line.TaxCode == "books" {
			percent = decimal.NewFromInt(10)
		}
		return []billing.TaxRate{{ID: "vat" + percent.String(), Percent: percent}}
	}
	all, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), billing.WithTax(hook))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "117.00 USD", all[0].Total.String(), "70.00 and 20 %, and the 30.00 of 80.00 that the cap leaves and 10 %")
}

func TestUsageThatComesLateIsCorrectedUpToTheCap(t *testing.T) {
	t.Parallel()
	sub := cappedSub(t, "1", plan.SpendCap{Amount: money.MustParse("100.00 USD"), Over: plan.OverNotBilled})
	at, until := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	usage := billing.Usage{{Metric: "calls", At: at, Quantity: decimal.NewFromInt(70)}}
	all, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, until)
	require.NoError(t, err)
	stored := all[0].StoredLines()
	usage = append(usage, billing.Record{Metric: "calls", At: at.AddDate(0, 0, 1), Quantity: decimal.NewFromInt(90)})
	found, err := billing.Reconcile(sub, usage, stored, checkpoint, until)
	require.NoError(t, err)
	require.Len(t, found.Corrections, 1)
	require.Equal(t, "30.00 USD", found.Total.String())
	again, err := billing.Reconcile(sub, usage, append(stored, found.StoredLines()...), found.Checkpoint, until)
	require.NoError(t, err)
	require.True(t, again.IsEmpty())
}

func TestALineThatACapBringsToNothingStaysOnAnInvoiceThatIsMade(t *testing.T) {
	t.Parallel()
	sub := cappedSub(t, "1", plan.SpendCap{Amount: money.MustParse("100.00 USD"), Over: plan.OverNotBilled},
		plan.Charge{ID: "more", Metric: "more", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}})
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	usage := billing.Usage{{Metric: "calls", At: at, Quantity: decimal.NewFromInt(100)}, {Metric: "more", At: at, Quantity: decimal.NewFromInt(7)}}
	for forecast, err := range billing.Forecast(sub, usage, billing.Checkpoint{}) {
		require.NoError(t, err)
		require.Len(t, forecast.Lines, 2)
		over, err := forecast.OverCap()
		require.NoError(t, err)
		require.Equal(t, "7.00 USD", over.String(), "a service that stops usage at the cap asks for it before the month ends")
		break
	}
}
