package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// overLife is a plan that bills usage at some amounts of all life, at 1.00 a unit.
func overLife(amounts ...string) plan.Plan {
	p := stepped("1", amounts...)
	p.Thresholds.Over = plan.OverLife
	return p
}

// The period from the third on needs no usage of the first: what that came to is in the checkpoint.
func TestStepsOverLifeNeedNoUsageOfEarlierPeriods(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, overLife("5", "20"), "2026-01-01")
	usage := calledAt("2026-01-10: 3", "2026-02-10: 4", "2026-02-20: 10", "2026-03-05: 4", "2026-03-10: 90")
	want := []string{
		"02-01 00:00 3.00 USD | usage 01-01 00:00..02-01 00:00 3.00 USD",
		"02-10 00:00 4.00 USD interim | usage 02-01 00:00..02-10 00:00 4.00 USD",
		"03-01 00:00 10.00 USD | usage 02-10 00:00..03-01 00:00 10.00 USD",
		"03-05 00:00 4.00 USD interim | usage 03-01 00:00..03-05 00:00 4.00 USD",
		"04-01 00:00 90.00 USD | usage 03-05 00:00..04-01 00:00 90.00 USD",
	}
	whole, last, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, want, billedAs(whole))

	var made []billing.Invoice
	var checkpoint billing.Checkpoint
	for at := date("2026-01-01"); !at.After(date("2026-04-01")); at = at.Add(12 * time.Hour) {
		from, err := billing.UsageFrom(sub, checkpoint)
		require.NoError(t, err)
		require.LessOrEqual(t, at.Sub(from), 32*24*time.Hour)
		known := before(usage, at)
		known = slices.DeleteFunc(known, func(r billing.Record) bool { return r.At.Before(from) })
		more, next, err := billing.Invoices(sub, known, checkpoint, at)
		require.NoError(t, err, at)
		shown, err := billing.Next(sub, known, next, at)
		require.NoError(t, err)
		require.True(t, shown.At.IsZero() || shown.At.After(at))
		data, err := next.MarshalJSON()
		require.NoError(t, err)
		checkpoint = billing.Checkpoint{}
		require.NoError(t, checkpoint.UnmarshalJSON(data))
		made = append(made, more...)
	}
	require.Equal(t, want, billedAs(made))
	require.Equal(t, last.Lifetime, checkpoint.Lifetime)
	require.Equal(t, billing.LifeUsage{Period: 3, Amount: money.MustParse("111 USD")}, checkpoint.Lifetime[3])
}

// A discount of a fixed amount lets a run begin a period earlier, which the checkpoint knows too; of one that
// was made by hand it needs all.
func TestAStepOverLifeIsReachedOnceWhereverTheRunBegins(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, overLife("5"), "2026-01-01")
	usage := calledAt("2026-01-10: 3", "2026-02-10: 4", "2026-03-10: 2", "2026-04-10: 2")
	_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-03-15"))
	require.NoError(t, err)
	amount := money.MustParse("1 USD")
	fixed, err := sub.AddDiscount(operator(date("2026-03-16")), plan.Discount{ID: "less", Amount: &amount, Duration: plan.Forever})
	require.NoError(t, err)
	from, err := billing.UsageFrom(fixed, checkpoint)
	require.NoError(t, err)
	require.Equal(t, date("2026-02-01"), from)
	made, _, err := billing.Invoices(fixed, usage, checkpoint, date("2026-05-01"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"04-01 00:00 1.00 USD | usage 03-01 00:00..04-01 00:00 2.00 USD | discount 03-01 00:00..04-01 00:00 -1.00 USD",
		"05-01 00:00 1.00 USD | usage 04-01 00:00..05-01 00:00 2.00 USD | discount 04-01 00:00..05-01 00:00 -1.00 USD",
	}, billedAs(made))

	hand := billing.Checkpoint{ChargedThrough: date("2026-03-15"), LastCommand: 1}
	from, err = billing.UsageFrom(sub, hand)
	require.NoError(t, err)
	require.Equal(t, date("2026-01-01"), from)
	made, _, err = billing.Invoices(sub, usage, hand, date("2026-04-15"))
	require.NoError(t, err)
	require.Equal(t, []string{"04-01 00:00 2.00 USD | usage 03-01 00:00..04-01 00:00 2.00 USD"}, billedAs(made))
}

// Usage of an earlier period that comes late moves what the steps have come to, and no interim
// invoice that was made.
func TestLateUsageCountsForTheStepsOverLifeThatFollow(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, overLife("5", "20"), "2026-01-01")
	usage := calledAt("2026-01-10: 3", "2026-02-10: 4")
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-02-15"))
	require.NoError(t, err)
	require.Len(t, made, 2)
	var stored []billing.StoredLine
	for _, inv := range made {
		stored = append(stored, inv.StoredLines()...)
	}
	all := append(usage, calledAt("2026-01-20: 8")...) // 15 in all, and 5 was reached then
	diff, err := billing.Reconcile(sub, all, stored, checkpoint, date("2026-02-15"))
	require.NoError(t, err)
	require.Equal(t, "8.00 USD", diff.Total.String())
	stored = append(stored, diff.StoredLines()...)
	again, err := billing.Reconcile(sub, all, stored, diff.Checkpoint, date("2026-02-15"))
	require.NoError(t, err)
	require.True(t, again.IsEmpty())
	more, _, err := billing.Invoices(sub, append(all, calledAt("2026-02-20: 5")...), diff.Checkpoint, date("2026-03-01"))
	require.NoError(t, err)
	require.Equal(t, []string{"02-20 00:00 5.00 USD interim | usage 02-10 00:00..02-20 00:00 5.00 USD"}, billedAs(more))
}

func TestACheckpointOfUsageOverLifeIsRead(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ text, want string }{
		{`[{"amount":{"amount":"3.00","currency":"USD"}},{"period":1,"amount":{"amount":"7.00","currency":"USD"}}]`, ""},
		{`[{"period":1,"amount":{"amount":"3.00","currency":"USD"}},{"period":1,"amount":{"amount":"7.00","currency":"USD"}}]`, "lifetime[1].period: must be in ascending order, from 0"},
		{`[{"period":-1,"amount":{"amount":"3.00","currency":"USD"}}]`, "lifetime[0].period: must be in ascending order, from 0"},
		{`[{"period":1}]`, "lifetime[0].amount: missing"},
	} {
		var c billing.Checkpoint
		err := c.UnmarshalJSON([]byte(`{"revision":1,"charged_through":"2026-03-01T00:00:00Z","last_command":1,"lifetime":` + row.text + `}`))
		if row.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, row.want)
	}
}
