package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// meteredFrom sells calls at 1.00 each by the month from an instant on, and, by pro, at 2.00.
func meteredFrom(start string) (sub subscription.Subscription, pro *plan.Version) {
	sells := func(id, unit string) *plan.Version {
		return plan.MustCompile(plan.Plan{
			ID: id, Version: 1, Currency: money.USD, Every: calendar.Months(1), Metrics: []plan.Metric{{ID: "calls"}},
			Charges: []plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num(unit)}}},
		})
	}
	return must(subscription.New(subscription.Params{ID: "s", Plan: sells("p", "1"), Start: date(start)})), sells("pro", "2")
}

func used(at string, quantity int64) billing.Record {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		t = date(at)
	}
	return billing.Record{Metric: "calls", At: t, Quantity: decimal.NewFromInt(quantity)}
}

// A part of less than a day, after which nothing rates the metric, has a line only for its
// usage: without any left there is none to be held to what was counted.
func TestUsageOfLessThanADayIsMissedWhenAllOfItIsGone(t *testing.T) {
	t.Parallel()
	quiet := flatPlan("quiet", "31", calendar.Months(1))
	for _, row := range []struct {
		name    string
		collect plan.Collect
		mark    string
		bills   []string // after the mark
		gone    string   // the error without the record
	}{
		{
			"while its line waits", plan.CollectNextInvoice, "2026-01-01T02:00:00Z",
			[]string{"2026-02-01 69.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-01-01T00:00:00Z and before 2026-01-01T02:00:00.000001Z`,
		},
		{
			"after its line has waited", plan.CollectNextInvoice, "2026-02-01T00:00:00Z", []string{"2026-03-01 31.00 USD"}, "",
		},
		{
			"of a line that was billed", plan.CollectNow, "2026-01-01T02:00:00Z",
			[]string{"2026-02-01 31.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-01-01T00:00:00Z and before 2026-01-01T02:00:00.000001Z, billed at 2026-01-01T02:00:00Z`,
		},
	} {
		sub, _ := meteredFrom("2026-01-01")
		call := byOperator(date("2026-01-01").Add(2 * time.Hour))
		call.Policy = plan.Policy{Collect: row.collect}
		sub = must(sub.ChangePlan(call, subscription.Immediately(), quiet))
		usage := billing.Usage{used("2026-01-01T02:00:00Z", 7)}
		mark := must(time.Parse(time.RFC3339, row.mark))
		_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, mark)
		require.NoError(t, err, row.name)
		bills := func(usage billing.Usage) ([]string, error) {
			made, _, err := billing.Invoices(sub, usage, checkpoint, mark.AddDate(0, 1, 0))
			var got []string
			for _, inv := range made {
				got = append(got, inv.At.Format(time.DateOnly)+" "+inv.Total.String())
			}
			return got, err
		}
		got, err := bills(usage)
		require.NoError(t, err, row.name)
		require.Equal(t, row.bills, got, row.name)
		if got, err = bills(nil); row.gone == "" {
			require.NoError(t, err, row.name)
			require.Equal(t, row.bills, got, row.name)
			continue
		}
		require.EqualError(t, err, row.gone, row.name)
		_, err = billing.Next(sub, nil, checkpoint, mark)
		require.EqualError(t, err, row.gone, row.name)
		_, err = billing.WakeAt(sub, checkpoint)
		require.NoError(t, err, "it is given no usage")
	}
}

// Where usage is needed from, and that one record fewer there is one too few.
func TestUsageIsNeededFromTheBeginningOfThePeriod(t *testing.T) {
	t.Parallel()
	off := money.MustParse("5 USD")
	fixed := func(sub subscription.Subscription, at string) subscription.Subscription {
		return must(sub.AddDiscount(byOperator(date(at)), plan.Discount{ID: "five", Amount: &off, Duration: plan.Forever}))
	}
	for _, row := range []struct {
		name   string
		story  func(sub subscription.Subscription, pro *plan.Version) subscription.Subscription
		mark   string
		want   string
		record billing.Record // the first that is needed
		other  billing.Record // the rest
		to     string
		bills  []string
		fewer  string // the error without the record, or what is then billed
	}{
		{
			"inside a period", nil, "2026-03-10", "2026-03-01T00:00:00Z",
			used("2026-03-01", 7), used("2026-03-20", 1), "2026-04-01",
			[]string{"2026-04-01 8.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-03-01T00:00:00Z`,
		},
		{
			"at a boundary", nil, "2026-03-01", "2026-03-01T00:00:00Z",
			used("2026-03-01", 7), used("2026-03-20", 1), "2026-04-01",
			[]string{"2026-04-01 8.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-03-01T00:00:00Z`,
		},
		{
			"after a change inside the period, which shares its count", func(sub subscription.Subscription, pro *plan.Version) subscription.Subscription {
				return must(sub.ChangePlan(byOperator(date("2026-03-06")), subscription.Immediately(), pro))
			}, "2026-03-10", "2026-03-01T00:00:00Z",
			used("2026-03-01", 7), used("2026-03-20", 1), "2026-04-01",
			[]string{"2026-04-01 2.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-03-01T00:00:00Z and before 2026-03-06T00:00:00Z, billed at 2026-03-06T00:00:00Z`,
		},
		{
			"with a fixed discount, which two periods share, since the one before", func(sub subscription.Subscription, _ *plan.Version) subscription.Subscription {
				return fixed(sub, "2026-01-02")
			}, "2026-03-10", "2026-02-01T00:00:00Z",
			used("2026-02-01", 2), used("2026-03-20", 9), "2026-04-01",
			[]string{"2026-04-01 4.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 2 counted since 2026-02-01T00:00:00Z and before 2026-03-01T00:00:00Z, billed at 2026-03-01T00:00:00Z`,
		},
		{
			"in a pause, since the period that it cut", func(sub subscription.Subscription, _ *plan.Version) subscription.Subscription {
				sub = must(sub.Pause(byOperator(date("2026-03-01").Add(2*time.Hour)), subscription.Immediately(), subscription.Pause{}))
				return must(sub.Resume(byOperator(date("2026-06-10")), subscription.Immediately()))
			}, "2026-05-10", "2026-03-01T00:00:00Z",
			used("2026-03-01T00:30:00Z", 7), used("2026-06-20", 1), "2026-07-01",
			[]string{"2026-07-01 8.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-03-01T00:00:00Z`,
		},
		{
			"after a pause that let usage of less than a day wait, since then", func(sub subscription.Subscription, _ *plan.Version) subscription.Subscription {
				sub = must(sub.Pause(byOperator(date("2026-03-01").Add(2*time.Hour)), subscription.Immediately(), subscription.Pause{}))
				return must(sub.Resume(byOperator(date("2026-06-10")), subscription.Immediately()))
			}, "2026-06-11", "2026-03-01T00:00:00Z",
			used("2026-03-01T00:30:00Z", 7), used("2026-06-20", 1), "2026-07-01",
			[]string{"2026-07-01 8.00 USD"},
			`billing: counted usage is missing: "calls": 0 of the 7 counted since 2026-03-01T00:00:00Z`,
		},
	} {
		sub, pro := meteredFrom("2026-01-01")
		if row.story != nil {
			sub = row.story(sub, pro)
		}
		_, checkpoint, err := billing.Invoices(sub, billing.Usage{row.record}, billing.Checkpoint{}, date(row.mark))
		require.NoError(t, err, row.name)
		from, err := billing.UsageFrom(sub, checkpoint)
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, from.Format(time.RFC3339Nano), row.name)
		require.False(t, row.record.At.Before(from), row.name)
		bills := func(usage billing.Usage) ([]string, error) {
			made, _, err := billing.Invoices(sub, usage, checkpoint, date(row.to))
			var got []string
			for _, inv := range made {
				got = append(got, inv.At.Format(time.DateOnly)+" "+inv.Total.String())
			}
			return got, err
		}
		got, err := bills(billing.Usage{row.record, row.other})
		require.NoError(t, err, row.name)
		require.Equal(t, row.bills, got, row.name)
		_, err = bills(billing.Usage{row.other})
		require.EqualError(t, err, row.fewer, row.name)
		require.Equal(t, fault.Internal, fault.Kind(err))

		// A checkpoint that knows nothing of usage takes what it is given: the record counts.
		checkpoint.MeteredFrom, checkpoint.Metered = time.Time{}, nil
		again, err := bills(billing.Usage{row.record, row.other})
		require.NoError(t, err, row.name)
		require.Equal(t, row.bills, again, row.name)
	}
	sub, _ := meteredFrom("2026-01-01")
	from, err := billing.UsageFrom(sub, billing.Checkpoint{})
	require.NoError(t, err)
	require.Equal(t, date("2026-01-01"), from)
	_, err = billing.UsageFrom(subscription.Subscription{}, billing.Checkpoint{})
	require.ErrorIs(t, err, billing.ErrZero)
	_, err = billing.UsageFrom(sub, billing.Checkpoint{ChargedThrough: date("2026-02-10"), LastCommand: 99})
	require.ErrorIs(t, err, billing.ErrCheckpoint)
}

func TestARecordIsJudgedWhenItArrives(t *testing.T) {
	t.Parallel()
	sub, pro := meteredFrom("2026-01-01")
	sub = must(sub.ChangePlan(byOperator(date("2026-03-06").Add(12*time.Hour)), subscription.Immediately(), pro))
	sub = must(sub.Cancel(byOperator(date("2026-03-07")), subscription.On(date("2026-05-01"))))
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-03-10"))
	require.NoError(t, err)
	for _, row := range []struct {
		record billing.Record
		kind   fault.Class
		want   string
	}{
		{used("2026-03-09", 1), fault.None, ""},
		{used("2026-03-06T12:00:00Z", 1), fault.None, ""},
		{used("2026-04-20", 1), fault.None, ""},
		{used("2026-03-06T11:59:59Z", 3), fault.Late, `billing: usage of a part that is billed: "calls": 3 counted since 2026-03-01T00:00:00Z and before 2026-03-06T12:00:00Z, billed at 2026-03-06T12:00:00Z`},
		{used("2026-03-01", 1), fault.Late, `billing: usage of a part that is billed: "calls": 1 counted since 2026-03-01T00:00:00Z and before 2026-03-06T12:00:00Z, billed at 2026-03-06T12:00:00Z`},
		{used("2026-02-28", 1), fault.Late, `billing: usage of a part that is billed: "calls": 1 counted since 2026-02-01T00:00:00Z and before 2026-03-01T00:00:00Z, billed at 2026-03-01T00:00:00Z`},
		{used("2026-01-01", 1), fault.Late, `billing: usage of a part that is billed: "calls": 1 counted since 2026-01-01T00:00:00Z and before 2026-02-01T00:00:00Z, billed at 2026-02-01T00:00:00Z`},
		{used("2025-12-31", 1), fault.Refused, `billing: usage while not entitled: "calls" at 2025-12-31T00:00:00Z`},
		{used("2026-05-02", 1), fault.Refused, `billing: usage while not entitled: "calls" at 2026-05-02T00:00:00Z`},
		{billing.Record{Metric: "n", At: date("2026-03-09")}, fault.Missing, `billing: usage of an unknown metric: "n"`},
		{used("2026-03-09", -1), fault.Invalid, `billing: invalid usage: quantity: must not be negative`},
		{billing.Record{}, fault.Invalid, "billing: invalid usage: metric: missing\nat: missing"},
	} {
		err := billing.CheckUsage(sub, checkpoint, row.record)
		require.Equal(t, row.kind, fault.Kind(err), "%v", row.record)
		if row.want != "" {
			require.EqualError(t, err, row.want)
		}
		if row.kind == fault.Late {
			require.NoError(t, billing.CheckUsage(sub, billing.Checkpoint{}, row.record), "nothing was billed yet")
		}
	}
	require.ErrorIs(t, billing.CheckUsage(subscription.Subscription{}, checkpoint, used("2026-03-09", 1)), billing.ErrZero)
}

func TestUsageOfAPartThatIsBilledIsNotTakenForLess(t *testing.T) {
	t.Parallel()
	sub, pro := meteredFrom("2026-01-01")
	sub = must(sub.ChangePlan(byOperator(date("2026-03-06")), subscription.Immediately(), pro))
	made, checkpoint, err := billing.Invoices(sub, billing.Usage{used("2026-03-02", 5)}, billing.Checkpoint{}, date("2026-03-10"))
	require.NoError(t, err)
	billed := stored(made)
	all := billing.Usage{used("2026-03-02", 5), used("2026-03-05", 3), used("2026-03-20", 1)}
	_, same, err := billing.Invoices(sub, all, checkpoint, date("2026-04-01"))
	require.ErrorIs(t, err, billing.ErrLateUsage)
	require.EqualError(t, err, `billing: usage of a part that is billed: "calls": 8 of the 5 counted since 2026-03-01T00:00:00Z and before 2026-03-06T00:00:00Z, billed at 2026-03-06T00:00:00Z`)
	require.Equal(t, checkpoint, same)
	_, err = billing.Next(sub, all, checkpoint, date("2026-03-10"))
	require.ErrorIs(t, err, billing.ErrLateUsage)
	for _, err := range billing.Forecast(sub, all, checkpoint) {
		require.ErrorIs(t, err, billing.ErrLateUsage)
	}
	_, err = billing.Preview(sub, must(sub.ChangeQuantity(byOperator(date("2026-03-11")), subscription.Immediately(), "", num("2"))), all, checkpoint)
	require.ErrorIs(t, err, billing.ErrLateUsage)

	// The reconciliation bills the three, and from its checkpoint runs go on.
	diff, err := billing.Reconcile(sub, all, billed, checkpoint, date("2026-03-10"))
	require.NoError(t, err)
	require.Equal(t, "3.00 USD", diff.Total.String())
	rest, _, err := billing.Invoices(sub, all, diff.Checkpoint, date("2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, "2.00 USD", rest[0].Total.String())
}

func TestWhatRunsDayByDayCountIsHeldToByTheNext(t *testing.T) {
	t.Parallel()
	sub, _ := meteredFrom("2026-01-01")
	_, checkpoint, err := billing.Invoices(sub, billing.Usage{used("2026-03-02", 5)}, billing.Checkpoint{}, date("2026-03-03"))
	require.NoError(t, err)
	// The next day's run is given that day's usage only.
	_, _, err = billing.Invoices(sub, billing.Usage{used("2026-03-03", 2)}, checkpoint, date("2026-03-04"))
	require.ErrorIs(t, err, billing.ErrMissingUsage)
	// What comes late into the period that runs is counted, and what was read again alike.
	both := billing.Usage{used("2026-03-01", 1), used("2026-03-02", 5), used("2026-03-03", 2)}
	_, checkpoint, err = billing.Invoices(sub, both, checkpoint, date("2026-03-04"))
	require.NoError(t, err)
	require.Equal(t, []billing.MeteredPart{{Metric: "calls", From: date("2026-03-01"), Quantity: num("8")}}, checkpoint.Metered)
	made, checkpoint, err := billing.Invoices(sub, both, checkpoint, date("2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, "8.00 USD", made[0].Total.String())
	require.Empty(t, checkpoint.Metered, "a period that is over and no later run computes again is forgotten")
	// Records that are withdrawn on purpose need a reconciliation.
	_, checkpoint, err = billing.Invoices(sub, append(both, used("2026-04-02", 9)), checkpoint, date("2026-04-03"))
	require.NoError(t, err)
	_, _, err = billing.Invoices(sub, both, checkpoint, date("2026-05-01"))
	require.ErrorIs(t, err, billing.ErrMissingUsage)
	diff, err := billing.Reconcile(sub, both, stored(made), checkpoint, date("2026-04-03"))
	require.NoError(t, err)
	require.True(t, diff.IsEmpty())
	_, _, err = billing.Invoices(sub, both, diff.Checkpoint, date("2026-05-01"))
	require.NoError(t, err)
}
