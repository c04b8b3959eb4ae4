package billing_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// paying sells calls as payments of the price, from January on; more are further charges.
func paying(price plan.Price, policy plan.Policy, more ...plan.Charge) subscription.Subscription {
	return must(subscription.New(subscription.Params{ID: "shop", Start: date("2026-01-01"), Plan: plan.MustCompile(plan.Plan{
		ID: "shop", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy,
		Charges: append([]plan.Charge{{ID: "payments", Name: "Card payments", Metric: "calls", Price: price}}, more...),
	})}))
}

// bounded has all that a price of single events may have.
func boundedEvents() plan.Percentage {
	return plan.Percentage{
		Rate: num("1"), FixedAmount: num("0.50"), FreeEvents: num("1"), EventMinimum: upTo("1"), EventMaximum: upTo("5"),
		Bounds: plan.Bounds{Minimum: upTo("3.10")},
	}
}

func TestALineOfEventsExplainsItselfAndSoDoesADecodedOne(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	for _, row := range []struct {
		name    string
		count   plan.UsageCount
		records string
		pauses  bool
		changes plan.Price // on 16 January
	}{
		{name: "a whole month", records: "01-03 40, 01-04 20, 01-05 600, 01-06 100, 01-07 -30"},
		{name: "the minimum of the month", records: "01-03 40, 01-04 20"},
		{name: "two parts, the second gives back", records: "01-03 40, 01-04 600, 01-20 100, 01-21 -700", pauses: true},
		{name: "refunds before anything", records: "01-20 -700, 01-21 100, 01-22 100"},
		{name: "on from another price", count: plan.CountAcross, records: "01-03 40, 01-20 100", changes: plan.Percentage{Rate: num("2"), FixedAmount: num("0.10"), FreeEvents: num("1")}},
	} {
		sub := paying(boundedEvents(), plan.Policy{UsageCount: row.count})
		if row.pauses {
			sub = must(sub.Pause(operator(date("2026-01-11")), subscription.Immediately(), subscription.Pause{}))
			sub = must(sub.Resume(operator(date("2026-01-12")), subscription.Immediately()))
		}
		if row.changes != nil {
			sub = must(sub.ChangePrice(operator(date("2026-01-16")), subscription.Immediately(), "payments", row.changes))
		}
		all, _, err := billing.Invoices(sub, usedAt(row.records), billing.Checkpoint{}, date("2026-02-01"))
		require.NoError(t, err)
		fmt.Fprintf(&out, "%s\n\n", row.name)
		for _, inv := range all {
			text, err := inv.Explain()
			require.NoError(t, err)
			fmt.Fprintf(&out, "%s\n", text)
			back := survivesWhole(t, inv)
			again, err := back.Explain()
			require.NoError(t, err)
			require.Equal(t, text, again)
			require.NotNil(t, back.Lines[0].Events)
		}
	}
	golden.Equal(t, "testdata/events.txt", out.Bytes())
}

// survivesWhole returns what is read of an invoice that was written.
func survivesWhole(t *testing.T, inv billing.Invoice) billing.Invoice {
	t.Helper()
	data, err := inv.MarshalJSON()
	require.NoError(t, err)
	var back billing.Invoice
	require.NoError(t, back.UnmarshalJSON(data), "%s", data)
	require.True(t, inv.Equal(back), "%s", data)
	return back
}

func TestADocumentSaysOfEventsWhatARunCouldSay(t *testing.T) {
	t.Parallel()
	all, _, err := billing.Invoices(paying(boundedEvents(), plan.Policy{}), usedAt("01-03 40, 01-04 20, 01-05 600, 01-06 -1"), billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	data, err := all[0].MarshalJSON()
	require.NoError(t, err)
	document := string(data)
	const events = `"events":{"events":4,"quantity":"659","free":1,"refunds":1,"charged":2,"charged_amount":"620","fees":"1","raised":1,"raised_by":"0.3","lowered":1,"lowered_by":"1.5","refunded_amount":"1"}`
	require.Contains(t, document, events)
	for _, row := range []struct{ name, old, new, want string }{
		{"nothing of events", events + ",", "", "lines[0].events: missing"},
		{"events of a price that rates none", `"fixed_amount":"0.5","free_events":"1","event_minimum":"1","event_maximum":"5",`, "", "lines[0].events: must be left out unless the price rates single events"},
		{"one more than there are", `"events":4`, `"events":5`, "lines[0].events.events: must be the sum of free, refunds and charged"},
		{"no quantity", `"quantity":"659","free"`, `"free"`, "lines[0].events.quantity: missing"},
		{"fewer than none", `"free":1`, `"free":-1`, "lines[0].events.free: must be from 0 to 4"},
		{"more raised than charged", `"raised":1`, `"raised":3`, "lines[0].events.raised: must be from 0 to 2"},
		{"other fees", `"fees":"1"`, `"fees":"1.5"`, "lines[0].events.fees: must be the fixed amount for each event that was charged"},
		{"an amount below zero", `"charged_amount":"620"`, `"charged_amount":"-620"`, "lines[0].events.charged_amount: must not be negative"},
		{"an unknown field", `"lowered":1`, `"lowered":1,"more":1`, "lines[0].events.more: unknown field"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, document, row.old)
			var inv billing.Invoice
			err := inv.UnmarshalJSON([]byte(strings.Replace(document, row.old, row.new, 1)))
			require.Error(t, err)
			require.Contains(t, strings.Split(err.Error(), "\n"), row.want)
		})
	}
}

func TestARefundIsForAMetricThatOnlyPricesOfEventsRate(t *testing.T) {
	t.Parallel()
	events, units := plan.Percentage{Rate: num("1"), FixedAmount: num("1")}, plan.PerUnit{UnitAmount: num("1")}
	beside := paying(events, plan.Policy{}, plan.Charge{ID: "volume", Metric: "calls", Price: units})
	later := must(paying(units, plan.Policy{}).ChangePrice(operator(date("2026-01-16")), subscription.Immediately(), "payments", events))
	for _, row := range []struct {
		name   string
		sub    subscription.Subscription
		record billing.Record
		want   string
	}{
		{"of events", paying(events, plan.Policy{}), used("2026-01-20", -5), ""},
		{"of a sum", paying(units, plan.Policy{}), used("2026-01-20", -5), "billing: invalid usage: quantity: must not be negative"},
		{"of a percentage of a sum", paying(plan.Percentage{Rate: num("1")}, plan.Policy{}), used("2026-01-20", -5), "billing: invalid usage: quantity: must not be negative"},
		{"of events and of a sum", beside, used("2026-01-20", -5), `billing: invalid usage: quantity: charge "volume": plan: negative quantity: -5`},
		{"before events were rated", later, used("2026-01-15", -5), "billing: invalid usage: quantity: must not be negative"},
		{"since events are rated", later, used("2026-01-16", -5), ""},
		{"of another metric", paying(events, plan.Policy{}), billing.Record{Metric: "n", At: date("2026-01-20"), Quantity: num("-5")}, "billing: invalid usage: quantity: must not be negative"},
		{"of an amount that does not fit", paying(plan.Percentage{Rate: num("1000"), FixedAmount: num("1")}, plan.Policy{}), billing.Record{Metric: "calls", At: date("2026-01-20"), Quantity: num("99999999999999999999999")}, `billing: invalid usage: quantity: charge "payments": plan: rated amount: amount out of range`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			err := billing.CheckUsage(row.sub, billing.Checkpoint{}, row.record)
			_, _, run := billing.Invoices(row.sub, billing.Usage{row.record}, billing.Checkpoint{}, date("2026-02-01"))
			if row.want == "" {
				require.NoError(t, err)
				require.NoError(t, run)
				return
			}
			require.EqualError(t, err, row.want)
			require.Equal(t, fault.Invalid, fault.Kind(err))
			require.EqualError(t, run, strings.Replace(row.want, "quantity:", "usage[0].quantity:", 1))
		})
	}
}

func TestEventsThatWereCountedMustBeThere(t *testing.T) {
	t.Parallel()
	sub := paying(plan.Percentage{Rate: num("1"), FixedAmount: num("1")}, plan.Policy{})
	counted := usedAt("01-03 40, 01-04 -40")
	_, open, err := billing.Invoices(sub, counted, billing.Checkpoint{}, date("2026-01-10"))
	require.NoError(t, err)
	require.Len(t, open.Metered, 1)
	require.True(t, open.Metered[0].Equal(billing.MeteredPart{Metric: "calls", From: date("2026-01-01"), Quantity: num("0"), Events: 2}))
	paused := must(sub.Pause(operator(date("2026-01-11")), subscription.Immediately(), subscription.Pause{}))
	paused = must(paused.Resume(operator(date("2026-01-12")), subscription.Immediately()))
	_, billed, err := billing.Invoices(paused, counted, open, date("2026-01-15"))
	require.NoError(t, err)
	for _, row := range []struct {
		name    string
		sub     subscription.Subscription
		mark    billing.Checkpoint
		records string
		want    string
	}{
		{"as it was", sub, open, "01-03 40, 01-04 -40", ""},
		{"a refund that comes late into a part that runs", sub, open, "01-02 -5, 01-03 40, 01-04 -40", ""},
		{"a payment that is gone", sub, open, "01-04 -40", `billing: counted usage is missing: "calls": -40 of the 0, 1 events of the 2, counted since 2026-01-01T00:00:00Z`},
		{"a refund that is gone", sub, open, "01-03 40", `billing: counted usage is missing: "calls": 40 of the 0, 1 events of the 2, counted since 2026-01-01T00:00:00Z`},
		{"both gone", sub, open, "01-12 1", `billing: counted usage is missing: "calls": 0 of the 0, 0 events of the 2, counted since 2026-01-01T00:00:00Z`},
		{"another amount", sub, open, "01-03 41, 01-04 -40", `billing: counted usage is missing: "calls": 1 of the 0, 2 events of the 2, counted since 2026-01-01T00:00:00Z`},
		{"a billed part as it was", paused, billed, "01-03 40, 01-04 -40, 01-20 7", ""},
		{"a refund of a billed part", paused, billed, "01-03 40, 01-04 -40, 01-05 -1", `billing: usage of a part that is billed: "calls": -1 of the 0, 3 events of the 2, counted since 2026-01-01T00:00:00Z and before 2026-01-11T00:00:00.000001Z, billed at 2026-01-11T00:00:00Z`},
		{"events of a billed part that cancel out", paused, billed, "01-03 40, 01-04 -40, 01-05 -1, 01-06 1", `billing: usage of a part that is billed: "calls": 0 of the 0, 4 events of the 2, counted since 2026-01-01T00:00:00Z and before 2026-01-11T00:00:00.000001Z, billed at 2026-01-11T00:00:00Z`},
		{"events of a billed part that are gone", paused, billed, "01-20 7", `billing: counted usage is missing: "calls": 0 of the 0, 0 events of the 2, counted since 2026-01-01T00:00:00Z and before 2026-01-11T00:00:00.000001Z, billed at 2026-01-11T00:00:00Z`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			data, err := row.mark.MarshalJSON()
			require.NoError(t, err)
			var mark billing.Checkpoint
			require.NoError(t, mark.UnmarshalJSON(data))
			require.True(t, mark.Equal(row.mark), "%s", data)
			_, _, err = billing.Invoices(row.sub, usedAt(row.records), mark, date("2026-02-01"))
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, row.want)
		})
	}
}

// However the records are given, and in however many runs, the events count in the order of
// their instants.
func TestEventsAreRatedInTheOrderOfTheirInstants(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 26))
	price := boundedEvents()
	price.FreeEvents, price.FreeAmount, price.FreeBy = num("300"), num("9000"), plan.BothToEnd
	sub := paying(price, plan.Policy{})
	var usage billing.Usage
	for at := date("2026-01-01"); len(usage) < 3000; at = at.Add(time.Duration(1+random.IntN(3000)) * time.Second) {
		usage = append(usage, used(at.Format(time.RFC3339), int64(random.IntN(700)-60)))
	}
	end := date("2026-03-01")
	want, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, end)
	require.NoError(t, err)
	var all plan.EventRating
	table, err := plan.CompilePrice(price, money.USD)
	require.NoError(t, err)
	for _, r := range usage {
		if r.At.Before(date("2026-02-01")) {
			all, err = table.RateEvents(all, r.Quantity)
			require.NoError(t, err)
		}
	}
	require.True(t, want[0].Lines[0].Events.Equal(all))

	shuffled := slices.Clone(usage)
	random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	got, next, err := billing.Invoices(sub, shuffled, billing.Checkpoint{}, end)
	require.NoError(t, err)
	require.True(t, slices.EqualFunc(want, got, billing.Invoice.Equal))
	require.True(t, checkpoint.Equal(next))
	got, _, err = billing.Invoices(sub, usage, billing.Checkpoint{}, end, billing.WithOrderedUsage())
	require.NoError(t, err)
	require.True(t, slices.EqualFunc(want, got, billing.Invoice.Equal))

	var made []billing.Invoice
	mark := billing.Checkpoint{}
	for to := date("2026-01-04"); !to.After(end); to = to.AddDate(0, 0, 8) {
		if made, mark, err = billing.AppendInvoices(made, sub, until(usage, to), mark, to); err != nil {
			break
		}
	}
	require.NoError(t, err)
	require.True(t, slices.EqualFunc(want, made, billing.Invoice.Equal))
}

func TestWhatComesNextCountsTheEventsSoFar(t *testing.T) {
	t.Parallel()
	sub := paying(plan.Percentage{Rate: num("1"), FixedAmount: num("0.10"), FreeEvents: num("1")}, plan.Policy{})
	_, checkpoint, err := billing.Invoices(sub, usedAt("01-03 40, 01-04 100"), billing.Checkpoint{}, date("2026-01-05"))
	require.NoError(t, err)
	usage := usedAt("01-03 40, 01-04 100, 01-06 -20")
	next, err := billing.Next(sub, usage, checkpoint, date("2026-01-07"))
	require.NoError(t, err)
	require.True(t, next.Estimate)
	require.Equal(t, "0.90 USD", next.Amount.String())
	for draft, err := range billing.Forecast(sub, usage, checkpoint) {
		require.NoError(t, err)
		require.Equal(t, "0.90 USD", draft.Total.String())
		break
	}
	preview, err := billing.Preview(sub, must(sub.Cancel(operator(date("2026-01-08")), subscription.Immediately())), usage, checkpoint)
	require.NoError(t, err)
	require.Equal(t, "0.90 USD", preview.Invoices[0].Total.String())
	diff, err := billing.Reconcile(sub, usage, nil, checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	require.Equal(t, "0.90 USD", diff.Total.String())
}

func TestAPriceOfEventsIsNegotiatedForASummedMetricOnly(t *testing.T) {
	t.Parallel()
	price := plan.Percentage{Rate: num("1"), FixedAmount: num("0.10")}
	sub := must(subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Plan: calling(plan.Max, 0, "open")}))
	_, err := sub.ChangePrice(operator(date("2026-01-02")), subscription.Immediately(), "calls0", price)
	require.ErrorIs(t, err, plan.ErrEvents)
	require.Equal(t, fault.Invalid, fault.Kind(err))
	_, err = sub.ChangePrice(operator(date("2026-01-02")), subscription.On(date("2026-03-01")), "fee", price)
	require.ErrorIs(t, err, plan.ErrEvents)
	_, err = subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Plan: calling(plan.Last, 0, "open"), Prices: map[string]plan.Price{"calls0": price}})
	require.ErrorIs(t, err, plan.ErrEvents)
}
