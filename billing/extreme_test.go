package billing_test

import (
	"encoding/json"
	"errors"
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

// documented are the errors that billing may answer a valid subscription with.
var documented = []error{
	billing.ErrRange, billing.ErrUsage, billing.ErrNotEntitled, billing.ErrUnknownMetric, billing.ErrReconcile, billing.ErrCheckpoint,
	billing.ErrTaxRate, billing.ErrLateUsage, billing.ErrMissingUsage, money.ErrOverflow, plan.ErrQuantity, plan.ErrNoTier, calendar.ErrRange,
}

func isDocumented(err error) bool {
	for _, known := range documented {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// extreme draws a decimal of any size that plans take.
func extreme(t *rapid.T, name string) decimal.Decimal {
	return rapid.SampledFrom([]decimal.Decimal{
		{},
		num("0.00000000000000000001"), num("1"), num("0.005"), num("92233720368547758.07"), num("46116860184273879.04"),
		num("999999999999999999999999999999"), num("123456789012345678901234567890.1234567891"),
	}).Draw(t, name)
}

// Whatever is sold to whomever, in whatever amount and year: billing says what is wrong by one
// of its errors and changes nothing, or what it makes can be stored.
func TestExtremesAreBilledOrNamed(t *testing.T) {
	t.Parallel()
	billed, refused := 0, 0
	property := func(t *rapid.T) {
		year := rapid.SampledFrom([]int{1, 2, 1900, 2026, 9000, 9990, 9999})
		start := time.Date(year.Draw(t, "start"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"), 1, 0, 0, 0, time.UTC)
		p := plan.Plan{ID: "p", Version: 1, Currency: rapid.SampledFrom([]money.Currency{money.USD, money.JPY, money.CLF}).Draw(t, "currency")}
		p.Every = rapid.SampledFrom([]calendar.Interval{calendar.Months(1), calendar.Years(1), calendar.Years(1000), calendar.Days(1)}).Draw(t, "every")
		p.Policy.TaxRounding = rapid.SampledFrom(plan.Words[plan.TaxRounding]()).Draw(t, "tax rounding")
		p.Policy.Basis = rapid.SampledFrom(calendar.Words[calendar.Basis]()).Draw(t, "basis")
		p.Charges = []plan.Charge{
			{ID: "fee", Price: plan.FlatFee{Amount: extreme(t, "fee")}},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: extreme(t, "seat")}},
			{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: extreme(t, "call")}},
		}
		v, err := plan.Compile(p)
		if err != nil {
			require.ErrorIs(t, err, money.ErrOverflow)
			return
		}
		sub, err := subscription.New(subscription.Params{
			ID: "s", Plan: v, Start: start, Quantity: subscription.Units(rapid.SampledFrom([]int64{0, 1, 1 << 40, 1<<63 - 1}).Draw(t, "quantity")),
			Zone: calendar.MustLoadZone(rapid.SampledFrom([]string{"UTC", "Pacific/Kiritimati"}).Draw(t, "zone")),
		})
		if err != nil {
			return
		}
		near := func(name string) time.Time {
			if p.Every == calendar.Days(1) || rapid.Bool().Draw(t, name+" is near") {
				return start.Add(time.Duration(rapid.Int64Range(-1000, 3000).Draw(t, name)) * time.Hour)
			}
			return start.AddDate(rapid.SampledFrom([]int{0, 1, 9, 40}).Draw(t, name), 0, 1)
		}
		for range rapid.IntRange(0, 3).Draw(t, "verbs") {
			call := byOperator(near("verb"))
			next := sub
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0:
				next, err = sub.ChangeQuantity(call, subscription.Immediately(), "", extreme(t, "to"))
			case 1:
				next, err = sub.AddOneOff(call, subscription.OneOff{ID: "x", Amount: money.FromMinor(rapid.SampledFrom([]int64{1, 1<<63 - 1}).Draw(t, "one-off"), p.Currency)})
			case 2:
				next, err = sub.AddAccountCredit(call, money.FromMinor(rapid.SampledFrom([]int64{1, 1<<63 - 1}).Draw(t, "credit"), p.Currency))
			case 3:
				next, err = sub.Cancel(call, subscription.Immediately())
			}
			if err == nil {
				sub = next
			}
		}
		var usage billing.Usage
		for range rapid.IntRange(0, 3).Draw(t, "records") {
			usage = append(usage, billing.Record{Metric: "calls", At: near("record"), Quantity: extreme(t, "used")})
		}
		percent := rapid.SampledFrom([]string{"0", "19", "1000"}).Draw(t, "percent")
		options := []billing.Option{billing.WithTax(func(billing.Line) []billing.TaxRate { return []billing.TaxRate{onTop("vat", percent)} })}
		if rapid.Bool().Draw(t, "set aside") {
			options = append(options, billing.WithUnbillable(func(billing.Record, error) {}))
		}
		holds := func(what string, err error) {
			require.True(t, err == nil || isDocumented(err), "%s: %v", what, err)
		}
		var checkpoint billing.Checkpoint
		for range rapid.IntRange(1, 3).Draw(t, "runs") {
			to := near("to")
			if rapid.IntRange(0, 9).Draw(t, "far") == 0 {
				to = time.Date(rapid.SampledFrom([]int{-1, 0, 12000, 200_000}).Draw(t, "far year"), 1, 1, 0, 0, 0, 0, time.UTC)
			}
			made, next, err := billing.Invoices(sub, usage, checkpoint, to, options...)
			holds("a run", err)
			_, nextErr := billing.Next(sub, usage, checkpoint, to, options...)
			holds("next", nextErr)
			_, wakeErr := billing.WakeAt(sub, checkpoint)
			holds("wake", wakeErr)
			if y := to.Year(); y < 1 || y > 9999 {
				require.ErrorIs(t, err, billing.ErrRange)
				require.ErrorIs(t, nextErr, billing.ErrRange)
			}
			n := 0
			for _, err := range billing.Forecast(sub, usage, checkpoint, options...) {
				holds("a forecast", err)
				if n++; n > 3 {
					break
				}
			}
			_, fromErr := billing.UsageFrom(sub, checkpoint)
			holds("usage from", fromErr)
			for _, r := range usage {
				holds("a record", billing.CheckUsage(sub, checkpoint, r))
			}
			_, diffErr := billing.Reconcile(sub, usage, stored(made), checkpoint, to, options...)
			holds("a reconciliation", diffErr)
			_, previewErr := billing.Preview(sub, sub, usage, checkpoint, options...)
			holds("a preview", previewErr)
			if err != nil {
				refused++
				require.Equal(t, checkpoint, next, "%v", err)
				require.Empty(t, made)
				continue
			}
			billed++
			data, err := json.Marshal(next)
			require.NoError(t, err, "%+v", next)
			var back billing.Checkpoint
			require.NoError(t, json.Unmarshal(data, &back))
			require.True(t, next.Equal(back))
			for _, inv := range made {
				_, err := json.Marshal(inv)
				require.NoError(t, err)
				_, err = inv.Explain()
				require.NoError(t, err)
			}
			checkpoint = back
		}
	}
	covering(t, 1, property, func() bool { return billed > 0 && refused > 0 })
}

// Verbs refuse what no invoice could add up; only usage can still come to more.
func TestWhatOverflowsTogetherIsNamed(t *testing.T) {
	t.Parallel()
	perUnit := plan.PerUnit{UnitAmount: num("1")}
	sub := must(subscription.New(subscription.Params{
		ID: "used", Start: date("2026-01-01"),
		Plan: plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{
			{ID: "calls", Metric: "calls", Price: perUnit}, {ID: "texts", Metric: "texts", Price: perUnit},
		}}),
	}))
	used := func(calls, texts string) billing.Usage {
		at := date("2026-01-10")
		return billing.Usage{{Metric: "calls", At: at, Quantity: num(calls)}, {Metric: "texts", At: at, Quantity: num(texts)}}
	}
	tenfold := billing.WithTax(func(billing.Line) []billing.TaxRate { return []billing.TaxRate{onTop("vat", "1000")} })
	for _, row := range []struct {
		usage   billing.Usage
		options []billing.Option
		want    string
	}{
		{append(used("50000000000000000", "1"), used("50000000000000000", "1")...), nil, `billing: usage of charge "calls" at 2026-02-01T00:00:00Z: plan: rated amount: amount out of range: lower the price, the quantity or the credit`},
		{used("50000000000000000", "50000000000000000"), nil, `billing: the invoice at 2026-02-01T00:00:00Z with line 1, usage "texts" of 50000000000000000.00 USD: money: add: amount out of range: lower the price, the quantity or the credit`},
		{used("9999999999999999", "9999999999999999"), []billing.Option{tenfold}, `billing: taxes of the invoice at 2026-02-01T00:00:00Z: money: prorate: amount out of range: lower the price, the quantity or the credit`},
	} {
		_, _, err := billing.Invoices(sub, row.usage, billing.Checkpoint{}, date("2026-03-01"), row.options...)
		require.ErrorIs(t, err, money.ErrOverflow)
		require.EqualError(t, err, row.want)
	}
	_, err := sub.AddAccountCredit(byOperator(date("2026-01-01")), money.MustParse("92233720368547758.07 USD"))
	require.ErrorIs(t, err, subscription.ErrFull)
}

func TestInstantsBeyondTheCalendarAreRefusedByName(t *testing.T) {
	t.Parallel()
	sub, _ := meteredFrom("2026-01-01")
	far := time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	checkpoint := billing.Checkpoint{ChargedThrough: date("2026-02-10"), LastCommand: 1}
	_, same, err := billing.Invoices(sub, nil, checkpoint, far)
	require.EqualError(t, err, "billing: instant out of range: to: 12000-01-01T00:00:00Z: must lie in the years 1 to 9999")
	require.ErrorIs(t, err, billing.ErrRange)
	require.Equal(t, checkpoint, same)
	_, err = billing.Next(sub, nil, checkpoint, far)
	require.ErrorIs(t, err, billing.ErrRange)
	_, err = billing.PlanAmount(sub, far)
	require.ErrorIs(t, err, billing.ErrRange)
	_, err = billing.Reconcile(sub, nil, nil, checkpoint, far)
	require.ErrorIs(t, err, billing.ErrRange)
	_, err = billing.NotBefore(sub, checkpoint, far)
	require.ErrorIs(t, err, billing.ErrRange)
	_, _, err = billing.Invoices(sub, nil, billing.Checkpoint{ChargedThrough: far, LastCommand: 1}, date("2026-03-01"))
	require.ErrorIs(t, err, billing.ErrCheckpoint)
	require.ErrorIs(t, billing.CheckUsage(sub, checkpoint, billing.Record{Metric: "calls", At: far}), billing.ErrUsage)
}

// The years 1 to 9999 begin and end at other instants by the clocks of a zone than in UTC.
func TestWhatTheClocksShowBeyondTheCalendarIsRefusedAsWell(t *testing.T) {
	t.Parallel()
	params := subscription.Params{ID: "s", Plan: flatPlan("p", "1", calendar.Months(1)), Zone: calendar.MustLoadZone("Pacific/Kiritimati")}
	params.Start = time.Date(1, 1, 1, 1, 0, 0, 0, time.UTC)
	_, err := subscription.New(params)
	require.EqualError(t, err, "at: must lie in the years 1 to 9999 in Pacific/Kiritimati\nstart: must lie in the years 1 to 9999 in Pacific/Kiritimati")
	params.Start = date("9999-11-20")
	sub := must(subscription.New(params))
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, time.Date(9999, 12, 31, 9, 59, 59, 0, time.UTC))
	require.NoError(t, err)
	data, err := json.Marshal(checkpoint)
	require.NoError(t, err)
	var back billing.Checkpoint
	require.NoError(t, json.Unmarshal(data, &back))
	_, same, err := billing.Invoices(sub, nil, checkpoint, time.Date(9999, 12, 31, 10, 0, 0, 0, time.UTC))
	require.EqualError(t, err, "billing: instant out of range: charged_through: 9999-12-31T10:00:00Z: must lie in the years 1 to 9999 in Pacific/Kiritimati")
	require.ErrorIs(t, err, billing.ErrRange)
	require.Equal(t, checkpoint, same)
}
