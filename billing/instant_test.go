package billing_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// column is what a database keeps of an instant: microseconds, in whatever zone the
// driver answers.
func column(t time.Time) time.Time {
	return time.UnixMicro(t.UnixMicro()).In(time.FixedZone("", 2*3600))
}

func team() *plan.Version { return office(plan.Policy{}).Plan(date("2026-01-01")) }

// sameBills compares the documents of invoices and of the checkpoint.
func sameBills(t require.TestingT, a, b []billing.Invoice, x, y billing.Checkpoint) {
	for _, pair := range [][2]any{{a, b}, {x, y}} {
		want, err := json.Marshal(pair[0])
		require.NoError(t, err)
		got, err := json.Marshal(pair[1])
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}

// A service starts a subscription at the clock's time, stores what it got, and lets a
// queue, whose schedule has microseconds, wake it at each boundary.
func TestAClocksNanosecondsBillOnceThroughAColumnAndAJob(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 14, 7, 53, 123_456_789, time.FixedZone("", -5*3600))
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: team(), Start: now, Zone: calendar.MustLoadZone("America/New_York")})
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 1, 31, 19, 7, 53, 123_456_000, time.UTC), sub.CreatedAt())

	stored, err := subscription.New(subscription.Params{ID: "s", Plan: team(), Start: column(now), Zone: calendar.MustLoadZone("America/New_York")})
	require.NoError(t, err)
	require.True(t, sub.Equal(stored))

	var (
		checkpoint billing.Checkpoint
		made       []billing.Invoice
		usage      = billing.Usage{{Metric: "calls", At: now.Add(111 * time.Nanosecond), Quantity: num("3")}}
		at         = now
	)
	for range 4 {
		invoices, next, err := billing.Invoices(sub, usage, checkpoint, at)
		require.NoError(t, err)
		require.Len(t, invoices, 1)
		made, checkpoint = append(made, invoices...), next
		again, same, err := billing.Invoices(sub, usage, checkpoint, at)
		require.NoError(t, err)
		require.Empty(t, again)
		require.True(t, checkpoint.Equal(same))

		job, err := billing.WakeAt(sub, checkpoint)
		require.NoError(t, err)
		coming, err := billing.Next(sub, usage, checkpoint, at.Add(777*time.Nanosecond))
		require.NoError(t, err)
		require.Equal(t, job, coming.At)
		require.Equal(t, job, column(job).UTC(), "a job's time survives the queue")
		early, none, err := billing.Invoices(sub, usage, checkpoint, job.Add(-time.Nanosecond))
		require.NoError(t, err)
		require.Empty(t, early)
		require.True(t, none.ChargedThrough.Before(job))
		at = column(job)
	}
	all, through, err := billing.Invoices(stored, billing.Usage{{Metric: "calls", At: column(usage[0].At), Quantity: num("3")}}, billing.Checkpoint{}, checkpoint.ChargedThrough)
	require.NoError(t, err)
	through.Revision = checkpoint.Revision
	sameBills(t, all, made, through, checkpoint)
}

// An instant beside a command or a boundary comes with digits that no database keeps, and
// billing comes to the same with and without them.
func TestFinerDigitsThanMicrosecondsChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(1_770_000_000, rapid.Int64Range(0, 999_999_999).Draw(t, "start"))
		fine := func(at time.Time) time.Time { return at }
		near := func(at time.Time, label string) time.Time {
			return at.Add(time.Duration(rapid.Int64Range(-1500, 1500).Draw(t, label)))
		}
		type step struct {
			kind     int
			at       time.Time
			quantity string
		}
		var steps []step
		last := start
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			s := step{rapid.IntRange(0, 3).Draw(t, "kind"), near(last.AddDate(0, rapid.IntRange(0, 1).Draw(t, "months"), 0), "near"), rapid.SampledFrom([]string{"1", "3", "7"}).Draw(t, "quantity")}
			if s.at.Before(last) {
				s.at = last
			}
			last = s.at
			steps = append(steps, s)
		}
		end := near(last.AddDate(0, 1, 0), "end")
		play := func(keep func(time.Time) time.Time) ([]billing.Invoice, billing.Checkpoint, billing.NextInvoice, []bool) {
			sub, err := subscription.New(subscription.Params{ID: "s", Plan: team(), Start: keep(start)})
			require.NoError(t, err)
			var (
				usage   billing.Usage
				refused []bool
			)
			for _, s := range steps {
				call := subscription.Call{At: keep(s.at), Actor: lifecycle.Operator}
				switch s.kind {
				case 0:
					sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "", num(s.quantity))
				case 1:
					sub, err = sub.AddOneOff(call, subscription.OneOff{Amount: money.MustParse("5 USD"), Collect: plan.CollectNow})
				case 2:
					sub, err = sub.ChangeQuantity(call, subscription.On(keep(s.at.AddDate(0, 0, 9))), "", num("4"))
				case 3:
					usage = append(usage, billing.Record{Metric: "calls", At: keep(s.at), Quantity: num("2")})
				}
				refused = append(refused, err != nil)
			}
			made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, keep(end))
			require.NoError(t, err)
			coming, err := billing.Next(sub, usage, checkpoint, keep(end))
			require.NoError(t, err)
			return made, checkpoint, coming, refused
		}
		a, x, nextA, refusedA := play(fine)
		b, y, nextB, refusedB := play(column)
		sameBills(t, a, b, x, y)
		require.Equal(t, nextA, nextB)
		require.Equal(t, refusedA, refusedB)
	})
}

// A checkpoint made by hand, as when a subscription is taken over, has its digits dropped
// too.
func TestACheckpointMadeByHandHasMicroseconds(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	through := date("2026-02-01").Add(-time.Nanosecond)
	a, x, err := billing.Invoices(sub, nil, billing.Checkpoint{ChargedThrough: through, LastCommand: 1}, date("2026-03-15"))
	require.NoError(t, err)
	b, y, err := billing.Invoices(sub, nil, billing.Checkpoint{ChargedThrough: column(through), LastCommand: 1}, date("2026-03-15"))
	require.NoError(t, err)
	require.NotEmpty(t, a)
	sameBills(t, a, b, x, y)
	data, err := json.Marshal(billing.Checkpoint{ChargedThrough: through, LastCommand: 1})
	require.NoError(t, err)
	require.JSONEq(t, `{"charged_through":"2026-01-31T23:59:59.999999Z","last_command":1}`, string(data))
}
