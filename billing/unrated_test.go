package billing_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func upTo(end string) *decimal.Decimal {
	d := decimal.RequireFromString(end)
	return &d
}

// callPrices are prices of calls.
var callPrices = map[string]plan.Price{
	"open":           plan.PerUnit{UnitAmount: decimal.NewFromInt(1)},
	"expensive":      plan.PerUnit{UnitAmount: decimal.New(1, 12)},
	"at most 5":      plan.PerUnit{UnitAmount: decimal.NewFromInt(1), Bounds: plan.Bounds{Maximum: upTo("5")}},
	"up to 10":       plan.Tiered{Closed: true, Tiers: []plan.Tier{{UpTo: upTo("10"), UnitAmount: decimal.NewFromInt(1)}}},
	"up to 2 free 1": plan.Volume{Closed: true, FreeUnits: decimal.NewFromInt(1), Tiers: []plan.Tier{{UpTo: upTo("2.5"), UnitAmount: decimal.NewFromInt(1)}}},
	"steps up to 10": plan.Stairstep{Closed: true, Steps: []plan.Step{{UpTo: upTo("5"), Amount: decimal.NewFromInt(5)}, {UpTo: upTo("10"), Amount: decimal.NewFromInt(7)}}},
}

// calling returns a plan with a fee of 3.00 and a charge for calls at each of the prices.
func calling(how plan.Aggregation, trial int, names ...string) *plan.Version {
	p := plan.Plan{
		ID: strings.ReplaceAll(strings.Join(names, "_"), " ", "_"), Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(3)}, Timing: plan.Arrears}},
		Metrics: []plan.Metric{{ID: "calls", Aggregation: how}},
	}
	if trial > 0 {
		p.Trial = &plan.Trial{Length: calendar.Days(trial)}
	}
	for i, name := range names {
		p.Charges = append(p.Charges, plan.Charge{ID: fmt.Sprintf("calls%d", i), Metric: "calls", Price: callPrices[name]})
	}
	return plan.MustCompile(p)
}

// usedAt reads records as "day quantity, day quantity".
func usedAt(records string) (all billing.Usage) {
	for _, text := range strings.Split(records, ", ") {
		day, quantity, _ := strings.Cut(text, " ")
		q, err := decimal.NewFromString(quantity)
		if err != nil {
			panic(err)
		}
		all = append(all, billing.Record{Metric: "calls", At: date("2026-" + day).Add(12 * time.Hour), Quantity: q})
	}
	return all
}

func TestARecordThatNoRunCanBillIsSetAsideAndTheRestIsBilled(t *testing.T) {
	t.Parallel()
	const above, overflow = "quantity above the last tier", "amount out of range"
	for _, row := range []struct {
		name    string
		how     plan.Aggregation
		prices  string // of calls, separated by " + "
		then    string // the price from 16 January on; "" for the same
		trial   int
		records string
		refused string // the numbers of the records, each with its cause
		billed  string // by the end of February
	}{
		{name: "above a closed tier nothing is rated", prices: "up to 10", records: "01-05 4, 01-06 11, 01-07 5", refused: "1 " + above, billed: "12.00 3.00"},
		{name: "the end of the last tier is in it", prices: "up to 10", records: "01-05 10, 02-06 10.00", billed: "13.00 13.00"},
		{name: "a little above it is not", prices: "up to 10", records: "01-05 10.0000001", refused: "0 " + above, billed: "3.00 3.00"},
		{name: "free units come on top of the last tier", prices: "up to 2 free 1", records: "01-05 3.5, 02-05 3.6", refused: "1 " + above, billed: "5.50 3.00"},
		{name: "above the last step nothing is rated", prices: "steps up to 10", records: "01-05 10, 02-06 12", refused: "1 " + above, billed: "10.00 8.00"},
		{name: "the largest counts, and cannot be rated", how: plan.Max, prices: "up to 10", records: "01-05 4, 01-06 11, 01-07 5", refused: "1 " + above, billed: "8.00 3.00"},
		{name: "the last counts, and cannot be rated", how: plan.Last, prices: "up to 10", records: "01-05 4, 01-06 11", refused: "1 " + above, billed: "7.00 3.00"},
		{name: "a last quantity is refused though another one follows", how: plan.Last, prices: "up to 10", records: "01-06 11, 01-07 5", refused: "0 " + above, billed: "8.00 3.00"},
		{name: "the amount does not fit", prices: "open", records: "01-05 100000000000000000000000000000, 01-06 2", refused: "0 " + overflow, billed: "5.00 3.00"},
		{name: "the amount of few units does not fit", prices: "expensive", records: "01-05 100000, 01-06 1", refused: "0 " + overflow, billed: "1000000000003.00 3.00"},
		{name: "a maximum bounds the amount of any quantity", prices: "at most 5", records: "01-05 100000000000000000000000000000", billed: "8.00 3.00"},
		{name: "each charge that rates the metric must rate it", prices: "open + up to 10", records: "01-05 11, 01-06 2", refused: "0 " + above, billed: "7.00 3.00"},
		{name: "in a trial it is free", prices: "up to 10", trial: 10, records: "01-05 11, 01-12 2", billed: "5.00 3.00"},
		{name: "its own price rates it, a later one could not", prices: "open", then: "up to 10", records: "01-05 11, 01-20 11", refused: "1 " + above, billed: "11.00 3.00 3.00"},
		{name: "its own price cannot rate it, a later one could", prices: "up to 10", then: "open", records: "01-05 11, 01-20 11", refused: "0 " + above, billed: "14.00 3.00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub, err := subscription.New(subscription.Params{ID: "s", Plan: calling(row.how, row.trial, strings.Split(row.prices, " + ")...), Start: date("2026-01-01")})
			require.NoError(t, err)
			if row.then != "" {
				sub, err = sub.ChangePrice(byOperator(date("2026-01-16")), subscription.Immediately(), "calls0", callPrices[row.then])
				require.NoError(t, err)
			}
			usage, to := usedAt(row.records), date("2026-03-11")
			bad := map[int]string{}
			if row.refused != "" {
				number, cause, _ := strings.Cut(row.refused, " ")
				bad[int(number[0]-'0')] = cause
			}
			for i, r := range usage {
				err := billing.CheckUsage(sub, billing.Checkpoint{}, r)
				if bad[i] == "" {
					require.NoError(t, err, i)
					continue
				}
				require.ErrorIs(t, err, billing.ErrUsage)
				require.ErrorContains(t, err, "quantity: charge \"calls")
				require.ErrorContains(t, err, bad[i])
			}
			_, _, err = billing.Invoices(sub, usage, billing.Checkpoint{}, to)
			for i, cause := range bad {
				require.ErrorIs(t, err, billing.ErrUsage)
				require.Equal(t, fmt.Sprintf("usage[%d].quantity", i), fault.Faults(err)[0].Path)
				require.Equal(t, cause == above, errors.Is(err, plan.ErrNoTier))
				require.Equal(t, cause == overflow, errors.Is(err, money.ErrOverflow))
			}
			aside := map[int]string{}
			report := billing.WithUnbillable(func(r billing.Record, err error) {
				for i := range usage {
					if usage[i].Equal(r) {
						aside[i] = err.Error()
					}
				}
			})
			made, next, err := billing.Invoices(sub, usage, billing.Checkpoint{}, to, report)
			require.NoError(t, err)
			require.Len(t, aside, len(bad))
			for i, cause := range bad {
				require.Contains(t, aside[i], cause)
			}
			var totals []string
			for _, inv := range made {
				totals = append(totals, strings.TrimSuffix(inv.Total.String(), " USD"))
			}
			require.Equal(t, row.billed, strings.Join(totals, " "))
			diff, err := billing.Reconcile(sub, usage, stored(made), next, to, report)
			require.NoError(t, err)
			require.True(t, diff.IsEmpty())
		})
	}
}

// said is what an error says; "" for none.
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What CheckUsage refuses is what the run sets aside, and the short way says the same.
func TestARecordIsJudgedAlikeWhenItArrivesAndByEachWayOfBilling(t *testing.T) {
	t.Parallel()
	names := slices.Sorted(maps.Keys(callPrices))
	short, refused, billed := 0, 0, 0
	property := func(t *rapid.T) {
		how := rapid.SampledFrom([]plan.Aggregation{plan.Sum, plan.Max, plan.Last}).Draw(t, "aggregation")
		v := calling(how, 0, rapid.SliceOfN(rapid.SampledFrom(names), 1, 2).Draw(t, "prices")...)
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01")})
		require.NoError(t, err)
		mark, to := date("2026-02-11"), date("2026-04-01")
		_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, mark)
		require.NoError(t, err)
		small := rapid.SampledFrom([]string{"0", "0.001", "0.002"})
		odds := rapid.SampledFrom([]string{"0.001", "2.5", "3.5", "3.5000001", "10", "10.0", "10.01", "11", "92233", "92234", "1000000000000", "99999999999999999", "100000000000000000000000000000"})
		n := rapid.SampledFrom([]int{1, 3, 30, 700}).Draw(t, "records")
		usage := make(billing.Usage, n)
		for i := range usage {
			at := mark.Add(time.Duration(i+1) * time.Minute)
			usage[i] = billing.Record{Metric: "calls", At: at, Quantity: decimal.RequireFromString("0.001")}
			if i%7 == 1 {
				usage[i].Quantity = decimal.RequireFromString(small.Draw(t, "small"))
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "odd ones") {
			usage[rapid.IntRange(0, n-1).Draw(t, "place")].Quantity = decimal.RequireFromString(odds.Draw(t, "quantity"))
		}
		if rapid.Bool().Draw(t, "turned") {
			slices.Reverse(usage)
		}
		var bad billing.Usage
		for _, r := range usage {
			if err := billing.CheckUsage(sub, checkpoint, r); err != nil {
				require.ErrorIs(t, err, billing.ErrUsage)
				bad = append(bad, r)
			}
		}
		var aside billing.Usage
		report := billing.WithUnbillable(func(r billing.Record, _ error) { aside = append(aside, r) })
		for _, options := range [][]billing.Option{nil, {report}} {
			aside = nil
			want, wanted, wrong := billing.InvoicesByRun(sub, usage, checkpoint, to, options...)
			byRun := aside
			aside = nil
			made, next, err := billing.Invoices(sub, usage, checkpoint, to, options...)
			require.Equal(t, said(wrong), said(err))
			require.Equal(t, byRun, aside)
			if options != nil {
				require.True(t, bad.Equal(aside), "%v: %v", bad, aside)
			}
			require.True(t, wanted.Equal(next))
			require.Len(t, made, len(want))
			for i := range made {
				require.True(t, billing.SameInvoice(want[i], made[i]))
			}
			one, errOne := billing.Next(sub, usage, checkpoint, mark, options...)
			other, errOther := billing.NextByRun(sub, usage, checkpoint, mark, options...)
			require.Equal(t, said(errOther), said(errOne))
			require.Equal(t, other, one)
			for inv, err := range billing.Forecast(sub, usage, checkpoint, options...) {
				require.Equal(t, said(errOne), said(err))
				require.Equal(t, one.At, inv.At)
				break
			}
			if options == nil {
				require.True(t, len(bad) == 0 || errors.Is(err, billing.ErrUsage), "%v", err)
			}
			if err == nil {
				billed++
			}
		}
		if len(bad) > 0 {
			refused++
			require.False(t, billing.IsRenewalOnly(sub, usage, checkpoint))
		} else if billing.IsRenewalOnly(sub, usage, checkpoint) {
			short++
		}
	}
	covering(t, 1, property, func() bool { return short > 0 && refused > 0 && billed > 0 })
}

func TestARecordWithoutAMetricIsRefusedByTheShortWayToo(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: calling(plan.Sum, 0, "open"), Start: date("2026-01-01")})
	require.NoError(t, err)
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-11"))
	require.NoError(t, err)
	usage := usedAt("02-12 1, 02-13 1")
	usage[1].Metric = ""
	_, _, err = billing.Invoices(sub, usage, checkpoint, date("2026-03-01"))
	require.ErrorIs(t, err, billing.ErrUsage)
	require.ErrorContains(t, err, "usage[1].metric")
}
