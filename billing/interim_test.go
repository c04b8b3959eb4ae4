package billing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// stepped is a plan that bills usage at some amounts, at so much a unit.
func stepped(unit string, amounts ...string) plan.Plan {
	p := plan.Plan{
		ID: "api", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num(unit)}}},
	}
	for _, a := range amounts {
		p.Thresholds.Amounts = append(p.Thresholds.Amounts, num(a))
	}
	return p
}

func calledAt(list ...string) billing.Usage {
	var all billing.Usage
	for _, s := range list {
		at, q, _ := strings.Cut(s, ": ")
		all = append(all, billing.Record{Metric: "calls", At: date(at), Quantity: num(q)})
	}
	return all
}

func billedAs(all []billing.Invoice) []string {
	var out []string
	for _, inv := range all {
		s := fmt.Sprintf("%s %s", inv.At.Format("01-02 15:04"), inv.Total)
		if inv.Interim {
			s += " interim"
		}
		for _, l := range inv.Lines {
			s += fmt.Sprintf(" | %s %s..%s %s", l.Kind, l.From.Format("01-02 15:04"), l.To.Format("01-02 15:04"), l.Amount)
		}
		out = append(out, s)
	}
	return out
}

func subscribed(t *testing.T, p plan.Plan, start string) subscription.Subscription {
	t.Helper()
	sub, err := subscription.New(subscription.Params{ID: "sub", Plan: plan.MustCompile(p), Start: date(start)})
	require.NoError(t, err)
	return sub
}

func TestSeveralThresholdsThatArePassedAtOnceMakeOneInvoice(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, stepped("1", "5", "20", "50"), "2026-01-01")
	usage := calledAt("2026-01-10 12:00: 27", "2026-01-20: 4")
	all, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"01-10 12:00 27.00 USD interim | usage 01-01 00:00..01-10 12:00 27.00 USD",
		"02-01 00:00 4.00 USD | usage 01-10 12:00..02-01 00:00 4.00 USD",
	}, billedAs(all))
	text, err := all[1].Explain()
	require.NoError(t, err)
	require.Contains(t, text, "31 units so far this period: 31.00 USD; billed before: 27.00 USD")
	require.NoError(t, checkpoint.Validate())
	require.NotEqual(t, all[0].ID(), all[1].ID())
}

func TestAnInterimInvoiceIsMadeOnceWhoeverRunsWhen(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, stepped("1", "5", "20", "50"), "2026-01-01")
	usage := calledAt("2026-01-10 12:00: 27", "2026-01-20: 4")
	var checkpoint billing.Checkpoint
	var all []billing.Invoice
	for at := date("2026-01-01"); !at.After(date("2026-02-01")); at = at.Add(6 * time.Hour) {
		made, next, err := billing.Invoices(sub, before(usage, at), checkpoint, at)
		require.NoError(t, err)
		all, checkpoint = append(all, made...), next
		data, err := checkpoint.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, checkpoint.UnmarshalJSON(data))
	}
	require.Equal(t, []string{
		"01-10 12:00 27.00 USD interim | usage 01-01 00:00..01-10 12:00 27.00 USD",
		"02-01 00:00 4.00 USD | usage 01-10 12:00..02-01 00:00 4.00 USD",
	}, billedAs(all))
}

func TestARecordBehindAnInterimInvoiceIsInTimeAndOneBeforeItIsLate(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, stepped("1", "5", "20", "50"), "2026-01-01")
	usage := calledAt("2026-01-10: 6")
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-15"))
	require.NoError(t, err)
	require.Len(t, made, 1)

	for _, row := range []struct {
		at   string
		late bool
	}{{"2026-01-09", true}, {"2026-01-10", true}, {"2026-01-10 00:01", false}, {"2026-01-14", false}, {"2026-01-16", false}} {
		err := billing.CheckUsage(sub, checkpoint, calledAt(row.at + ": 3")[0])
		if !row.late {
			require.NoError(t, err, row.at)
			continue
		}
		var e *billing.UsageError
		require.ErrorIs(t, err, billing.ErrLateUsage, row.at)
		require.ErrorAs(t, err, &e)
		require.Equal(t, date("2026-01-10"), e.InvoiceAt)
		_, _, err = billing.Invoices(sub, append(calledAt(row.at+": 3"), usage...), checkpoint, date("2026-01-16"))
		require.ErrorIs(t, err, billing.ErrLateUsage, row.at)
	}
	_, _, err = billing.Invoices(sub, nil, checkpoint, date("2026-01-16"))
	require.ErrorIs(t, err, billing.ErrMissingUsage)

	// One that is in time is billed at its instant, though a run has looked behind it.
	more, next, err := billing.Invoices(sub, append(calledAt("2026-01-12: 15"), usage...), checkpoint, date("2026-01-16"))
	require.NoError(t, err)
	require.Equal(t, []string{"01-12 00:00 15.00 USD interim | usage 01-10 00:00..01-12 00:00 15.00 USD"}, billedAs(more))
	again, _, err := billing.Invoices(sub, append(calledAt("2026-01-12: 15"), usage...), next, date("2026-01-16"))
	require.NoError(t, err)
	require.Empty(t, again)
	shown, err := billing.Next(sub, append(calledAt("2026-01-12: 15"), usage...), checkpoint, date("2026-01-16"))
	require.NoError(t, err)
	require.Equal(t, date("2026-01-12"), shown.At)
	require.True(t, shown.Overdue)
	require.Equal(t, date("2026-02-01"), shown.Boundary)
}

func TestReconcilingLetsInterimInvoicesStandThatKnewOfFewerRecords(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, stepped("1", "5", "20", "50"), "2026-01-01")
	usage := calledAt("2026-01-05: 3", "2026-01-10: 3")
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-15"))
	require.NoError(t, err)
	stored := made[0].StoredLines()

	all := append(calledAt("2026-01-07: 4"), usage...) // by which 5 was reached on the 7th
	diff, err := billing.Reconcile(sub, all, stored, checkpoint, date("2026-01-15"))
	require.NoError(t, err)
	require.Empty(t, diff.Lines)
	require.Len(t, diff.Corrections, 1)
	require.Equal(t, money.MustParse("4 USD"), diff.Corrections[0].Amount)
	require.Equal(t, stored[0].ID, diff.Corrections[0].Of)

	stored = append(stored, diff.StoredLines()...)
	none, err := billing.Reconcile(sub, all, stored, diff.Checkpoint, date("2026-01-15"))
	require.NoError(t, err)
	require.True(t, none.IsEmpty())

	// Runs go on from there: the period has come to 10, and reaches 20 with 10 more.
	all = append(all, calledAt("2026-01-20: 9", "2026-01-21: 1", "2026-01-22: 2")...)
	more, last, err := billing.Invoices(sub, all, diff.Checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"01-21 00:00 10.00 USD interim | usage 01-10 00:00..01-21 00:00 10.00 USD",
		"02-01 00:00 2.00 USD | usage 01-21 00:00..02-01 00:00 2.00 USD",
	}, billedAs(more))
	for _, inv := range more {
		stored = append(stored, inv.StoredLines()...)
	}
	none, err = billing.Reconcile(sub, all, stored, last, date("2026-02-01"))
	require.NoError(t, err)
	require.True(t, none.IsEmpty())
}

func TestAPeriodHasAtMostAHundredInterimInvoices(t *testing.T) {
	t.Parallel()
	p := stepped("1")
	p.Thresholds.Recurring = num("1")
	sub := subscribed(t, p, "2026-01-01")
	var usage billing.Usage
	for i := range 150 {
		usage = append(usage, billing.Record{Metric: "calls", At: date("2026-01-02").Add(time.Duration(i) * time.Hour), Quantity: num("1")})
	}
	all, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-31"))
	require.NoError(t, err)
	require.Len(t, all, 100)
	require.Len(t, checkpoint.Metered, 101)
	rest, checkpoint, err := billing.Invoices(sub, usage, checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	require.Equal(t, "50.00 USD", rest[0].Total.String())
	require.Empty(t, checkpoint.Metered)
}

func before(usage billing.Usage, at time.Time) billing.Usage {
	var known billing.Usage
	for _, r := range usage {
		if !r.At.After(at) {
			known = append(known, r)
		}
	}
	return known
}
