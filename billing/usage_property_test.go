package billing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
)

// usedTale draws a story with usage.
func usedTale(t *rapid.T) *played {
	for range 20 {
		if p := anyTale(t); len(p.usage) > 0 {
			return p
		}
	}
	t.Skip("no usage")
	return nil
}

// markedAt bills a story up to an instant within it.
func (p *played) markedAt(t *rapid.T) (time.Time, billing.Checkpoint) {
	start, until := p.past[0].at, p.s.instant(p.s.Until)
	at := start.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(start)/time.Second)).Draw(t, "mark")) * time.Second)
	if rapid.Bool().Draw(t, "at a record") {
		at = p.usage[rapid.IntRange(0, len(p.usage)-1).Draw(t, "record")].At
	}
	_, checkpoint, err := billing.Invoices(p.sub, p.used(at), billing.Checkpoint{}, at)
	require.NoError(t, err, "%s", p.s)
	require.NoError(t, checkpoint.Validate(), "%s", p.s)
	return at, checkpoint
}

func since(usage billing.Usage, from time.Time) billing.Usage {
	return slices.DeleteFunc(slices.Clone(usage), func(r billing.Record) bool { return r.At.Before(from) })
}

func TestARunNeedsNoUsageFromBeforeUsageFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := usedTale(t)
		at, checkpoint := p.markedAt(t)
		until := p.s.instant(p.s.Until)
		from, err := billing.UsageFrom(p.sub, checkpoint)
		require.NoError(t, err, "%s", p.s)
		require.False(t, from.After(at), "%s", p.s)
		fewer := since(p.usage, from)
		want, wanted, err := billing.Invoices(p.sub, p.usage, checkpoint, until)
		require.NoError(t, err, "%s", p.s)
		got, next, err := billing.Invoices(p.sub, fewer, checkpoint, until)
		require.NoError(t, err, "%s\nfrom %s", p.s, from)
		require.Equal(t, showEngine(want), showEngine(got), "%s\nfrom %s", p.s, from)
		require.True(t, wanted.Equal(next), "%+v\n%+v\n%s", wanted, next, p.s)
		one, err := billing.Next(p.sub, p.usage, checkpoint, at)
		require.NoError(t, err, "%s", p.s)
		other, err := billing.Next(p.sub, fewer, checkpoint, at)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, one, other, "%s", p.s)
	})
}

// Records that are gone are noticed, or change nothing; a last quantity that is gone is
// like one that was never there, as long as there is any.
func TestNoRunBillsLessBecauseARecordIsGone(t *testing.T) {
	t.Parallel()
	missed := 0
	property := func(t *rapid.T) {
		p := usedTale(t)
		if p.s.Aggregations["calls"] == "last" {
			return
		}
		at, checkpoint := p.markedAt(t)
		counted := p.used(at)
		if len(counted) == 0 {
			return
		}
		i := rapid.IntRange(0, len(counted)-1).Draw(t, "gone")
		fewer := slices.Delete(slices.Clone(p.usage), i, i+1)
		until := p.s.instant(p.s.Until)
		want, _, err := billing.Invoices(p.sub, p.usage, checkpoint, until)
		require.NoError(t, err, "%s", p.s)
		got, _, err := billing.Invoices(p.sub, fewer, checkpoint, until)
		if errors.Is(err, plan.ErrQuantity) && p.s.refunds() {
			return // what a refund was of is gone, and a price of sums cannot rate what is left
		}
		if err != nil {
			require.ErrorIs(t, err, billing.ErrMissingUsage, "%s", p.s)
			var e *billing.UsageError
			require.ErrorAs(t, err, &e)
			require.Equal(t, p.usage[i].Metric, e.Metric)
			nothing := len(e.Dimensions) > 0 && e.Counted.IsZero() && p.usage[i].Quantity.IsZero() // a combination has a line for it
			require.True(t, nothing || e.Given.LessThan(e.Counted) || e.GivenEvents < e.CountedEvents, "%v without %s: %s", err, p.usage[i].At, p.s)
			missed++
			return
		}
		require.Equal(t, showEngine(want), showEngine(got), "without %s: %s", p.usage[i].At, p.s)
	}
	covering(t, 1, property, func() bool { return missed > 0 })
}

// What CheckUsage lets pass is billed by an ordinary run; what it calls late is billed by a
// reconciliation, and no run takes it for less.
func TestALateRecordIsBilledByARunOrByAReconciliation(t *testing.T) {
	t.Parallel()
	lateOnes, inTime := 0, 0
	property := func(t *rapid.T) {
		p := usedTale(t)
		at, checkpoint := p.markedAt(t)
		until := p.s.instant(p.s.Until)
		start := p.past[0].at
		record := billing.Record{Metric: "calls", Quantity: decimal.NewFromInt(3), Key: "late"}
		record.At = start.Add(time.Duration(rapid.Int64Range(0, int64(at.Sub(start)/time.Second)).Draw(t, "late")) * time.Second)
		if rapid.Bool().Draw(t, "beside another") {
			record.At = p.usage[rapid.IntRange(0, len(p.usage)-1).Draw(t, "other")].At
		}
		before, _, err := billing.Invoices(p.sub, p.used(at), billing.Checkpoint{}, at)
		require.NoError(t, err, "%s", p.s)
		more := append(slices.Clone(p.usage), record)
		judged := billing.CheckUsage(p.sub, checkpoint, record)
		late := errors.Is(judged, billing.ErrLateUsage)
		made, next, err := billing.Invoices(p.sub, more, checkpoint, until)
		switch {
		case judged != nil && !late:
			require.True(t, errors.Is(judged, billing.ErrNotEntitled) || errors.Is(judged, billing.ErrUnknownMetric), "%v", judged)
			if err != nil {
				require.ErrorIs(t, err, errors.Unwrap(judged), "%s", p.s)
			}
			return
		case err != nil:
			require.ErrorIs(t, err, billing.ErrLateUsage, "%s", p.s)
			require.True(t, late, "%s: %s", record.At, p.s)
			made, next, err = billing.Invoices(p.sub, p.usage, checkpoint, until)
			require.NoError(t, err, "%s", p.s)
		}
		diff, err := billing.Reconcile(p.sub, more, append(stored(before), stored(made)...), next, until)
		require.NoError(t, err, "%s", p.s)
		if late {
			lateOnes++
			var e *billing.UsageError
			require.ErrorAs(t, judged, &e)
			require.False(t, record.At.Before(e.From) || !record.At.Before(e.To) || e.InvoiceAt.After(at), "%v: %s", e, p.s)
			return
		}
		inTime++
		require.True(t, diff.IsEmpty(), "%s of %s, mark %s: %s\n%s", written(diff), record.At, at, p.s, showEngine(made))
	}
	covering(t, 1, property, func() bool { return lateOnes > 0 && inTime > 0 })
}

func TestWhatCannotBeBilledIsSetAsideAndTheRestIsBilled(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := usedTale(t)
		until := p.s.instant(p.s.Until)
		var bad, mixed billing.Usage
		for _, r := range p.usage {
			if rapid.Bool().Draw(t, "bad") {
				b := rapid.SampledFrom([]billing.Record{
					{Metric: "nothing", At: r.At, Quantity: r.Quantity},
					{Metric: "calls", At: p.past[0].at.AddDate(0, 0, -1), Quantity: r.Quantity},
					{Metric: "calls", At: r.At, Quantity: r.Quantity.Sub(decimal.NewFromInt(100))},
					{Metric: "calls", At: r.At, Quantity: decimal.New(1, 1_000_000)},
					{At: r.At, Quantity: r.Quantity},
				}).Draw(t, "how")
				if billing.CheckUsage(p.sub, billing.Checkpoint{}, b) == nil {
					b.Metric = "nothing" // it is a refund of an event
				}
				bad, mixed = append(bad, b), append(mixed, b)
			}
			mixed = append(mixed, r)
		}
		var aside billing.Usage
		option := billing.WithUnbillable(func(r billing.Record, err error) {
			require.True(t, errors.Is(err, billing.ErrUsage) || errors.Is(err, billing.ErrNotEntitled) || errors.Is(err, billing.ErrUnknownMetric), "%v", err)
			aside = append(aside, r)
		})
		once := func(what string) {
			require.True(t, bad.Equal(aside), "%s: %v %v", what, bad, aside)
			aside = nil
		}
		given := slices.Clone(mixed)
		want, wanted, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, until)
		require.NoError(t, err)
		got, next, err := billing.Invoices(p.sub, mixed, billing.Checkpoint{}, until, option)
		require.NoError(t, err)
		once("a run")
		require.Equal(t, showEngine(want), showEngine(got))
		require.True(t, wanted.Equal(next))
		diff, err := billing.Reconcile(p.sub, mixed, stored(want), next, until, option)
		require.NoError(t, err)
		once("a reconciliation")
		require.True(t, diff.IsEmpty(), "%s\n%s", written(diff), p.s)
		for _, err := range billing.Forecast(p.sub, mixed, billing.Checkpoint{}, option) {
			require.NoError(t, err)
			break
		}
		once("a forecast")
		_, err = billing.Next(p.sub, mixed, billing.Checkpoint{}, p.past[0].at, option)
		require.NoError(t, err)
		aside = nil // those from before the period are not looked at
		bad = slices.DeleteFunc(bad, func(r billing.Record) bool { return r.At.After(p.sub.UpdatedAt()) })
		_, err = billing.Preview(p.sub, p.sub, mixed, billing.Checkpoint{}, option)
		require.NoError(t, err)
		once("a preview")
		require.True(t, given.Equal(mixed), "what was given stays as it was")
		_, _, err = billing.Invoices(p.sub, mixed, billing.Checkpoint{}, until)
		require.Equal(t, len(mixed) > len(p.usage), err != nil, "without the option it fails: %v", err)
	})
}
