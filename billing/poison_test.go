package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// drawExtreme draws a number that is small, or near what an amount or a quantity can be.
func drawExtreme(t *rapid.T, label string) decimal.Decimal {
	return decimal.New(rapid.Int64Range(1, 9).Draw(t, label), int32(rapid.SampledFrom([]int{0, 1, -2, 8, 12, 14, 15, 16, 17, 18, 25, 29}).Draw(t, label+" exponent")))
}

func TestWhatVerbsAcceptIsWrittenReadBackAndBilled(t *testing.T) {
	catalog := plan.MustCatalog(ownedPlan.Plan())
	accepted, refused := 0, 0
	property := func(t *rapid.T) {
		now := rapid.SampledFrom([]time.Time{date("2026-01-31"), date("9999-11-30"), date("0001-01-02")}).Draw(t, "start")
		quantity := drawExtreme(t, "quantity")
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: ownedPlan, Start: now, Quantity: &quantity})
		if err != nil {
			return
		}
		for range rapid.IntRange(1, 8).Draw(t, "verbs") {
			later := rapid.SampledFrom([]time.Duration{0, time.Hour, 40 * 24 * time.Hour, 1<<63 - 1}).Draw(t, "later")
			now = now.Add(later)
			call := operator(now)
			x, minor := drawExtreme(t, "x"), rapid.SampledFrom([]int64{1, 1 << 40, 1<<56 + 1, subscription.MaxGiven, 1<<63 - 1}).Draw(t, "minor")
			on := now.Add(rapid.SampledFrom([]time.Duration{time.Hour, 1 << 62, 1<<63 - 1}).Draw(t, "on"))
			when := rapid.SampledFrom([]subscription.When{subscription.Immediately(), subscription.AtPeriodEnd(), subscription.On(on)}).Draw(t, "when")
			var next subscription.Subscription
			var err error
			switch rapid.IntRange(0, 9).Draw(t, "verb") {
			case 0:
				next, err = sub.ChangeQuantity(call, when, "", x)
			case 1:
				next, err = sub.ChangePrice(call, when, "base", plan.PerUnit{UnitAmount: x})
			case 2:
				next, err = sub.AddOneOff(call, subscription.OneOff{ID: "fee", Amount: money.FromMinor(minor, money.EUR), Collect: rapid.SampledFrom(plan.Words[plan.Collect]()).Draw(t, "collect")})
			case 3:
				next, err = sub.AddAccountCredit(call, money.FromMinor(minor, money.EUR))
			case 4:
				next, err = sub.SetEndDate(call, on)
			case 5:
				next, err = sub.SetAnchor(call, on)
			case 6:
				next, err = sub.Pause(call, when, subscription.Pause{Until: on.Add(time.Hour)})
			case 7:
				next, err = sub.Cancel(call, when)
			case 8:
				next, err = sub.ExtendTrial(call, on)
			case 9:
				amount := money.FromMinor(minor, money.EUR)
				next, err = sub.AddDiscount(call, plan.Discount{ID: "off", Amount: &amount, Duration: plan.Forever})
			}
			if err != nil {
				refused++
				continue
			}
			accepted++
			sub = next
			data, err := sub.MarshalJSON()
			require.NoError(t, err)
			again, err := subscription.Decode(data, catalog)
			require.NoError(t, err)
			require.Equal(t, string(data), bytesOf(t, again))
		}
		// A year after the start, then a year after the last verb: each from where the run
		// before it ended.
		var checkpoint billing.Checkpoint
		for _, to := range []time.Time{sub.CreatedAt().AddDate(1, 0, 0), earliest(now, sub.CreatedAt().AddDate(20, 0, 0)).AddDate(1, 0, 0)} {
			if to.Year() > 9999 {
				to = date("9999-12-31")
			}
			_, checkpoint, err = billing.Invoices(sub, nil, checkpoint, to)
			require.NoError(t, err)
			bytesOf(t, checkpoint)
		}
	}
	covering(t, 1, property, func() bool { return accepted > 0 && refused > 0 })
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func TestExtremeChangesThatAreAcceptedAreBilled(t *testing.T) {
	t.Parallel()
	dear, cheap := plan.PerUnit{UnitAmount: decimal.New(9, 14)}, plan.PerUnit{UnitAmount: decimal.New(1, -2)}
	v := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "fee", Price: cheap}}})
	for _, row := range []struct {
		name  string
		step  func(time.Time) time.Time
		where [2]plan.Policy // of the change to the dear price, and back
		basis plan.CreditBasis
	}{
		{
			name: "collected with the next invoice", step: func(t time.Time) time.Time { return t.Add(time.Minute) },
			where: [2]plan.Policy{
				{ChangeCredit: plan.CreditNone, ChargeNew: plan.ChargeFull, Collect: plan.CollectNextInvoice},
				{ChangeCredit: plan.CreditNone, ChargeNew: plan.ChargeFull, Collect: plan.CollectNextInvoice},
			},
		},
		{
			name: "credited by the list and never charged", step: func(t time.Time) time.Time { return t.AddDate(0, 0, 15) },
			where: [2]plan.Policy{{ChangeCredit: plan.CreditNone, ChargeNew: plan.ChargeNone}, {ChangeCredit: plan.CreditProrate, ChargeNew: plan.ChargeNone}},
			basis: plan.CreditList,
		},
	} {
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01"), Policy: plan.Policy{CreditBasis: row.basis}})
		require.NoError(t, err)
		at, refused := date("2026-01-01"), false
		for k := 0; k < 400 && !refused; k++ {
			at = row.step(at)
			call := operator(at)
			call.Policy = row.where[k%2]
			next, err := sub.ChangePrice(call, subscription.Immediately(), "fee", []plan.PerUnit{dear, cheap}[k%2])
			if refused = err != nil; !refused {
				sub = next
				continue
			}
			require.ErrorIs(t, err, subscription.ErrFull, row.name)
		}
		require.True(t, refused, row.name)
		_, _, err = billing.Invoices(sub, nil, billing.Checkpoint{}, at.AddDate(0, 3, 0))
		require.NoError(t, err, row.name)
	}
}
