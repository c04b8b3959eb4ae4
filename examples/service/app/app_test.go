package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/internal/running"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

func day(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

func call(at time.Time, key string) subscription.Call {
	return subscription.Call{At: at, Actor: lifecycle.Subscriber, Key: key}
}

func seats(n int64) app.Verb {
	return func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
		return sub.ChangeQuantity(call(at, fmt.Sprint("seats-", n)), subscription.Immediately(), "seats", decimal.NewFromInt(n))
	}
}

// Four months of a customer: usage, a seat more, usage that comes late; at the end nothing
// is missing and nothing is there twice.
func TestFourMonthsAreBilledOnceAndCorrectedOnce(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		s.Start(t)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 3))
		require.NoError(t, err)
		s.Move(t, day(2, 10))
		calls := func(at time.Time, n int64) billing.Record {
			return billing.Record{Metric: "calls", At: at, Quantity: decimal.NewFromInt(n)}
		}
		require.NoError(t, s.Record(ctx, running.Tenant, "s", "r-1", calls(day(2, 10), 700)))
		require.NoError(t, s.Record(ctx, running.Tenant, "s", "r-1", calls(day(2, 10), 700)))
		s.Move(t, day(3, 10))
		before, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		for range 2 { // the client asks again
			_, err = s.Do(ctx, running.Tenant, "s", "", seats(4))
			require.NoError(t, err)
		}
		after, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		require.Equal(t, before.Row.Revision+1, after.Row.Revision)
		_, err = s.Do(ctx, running.Tenant, "s", before.Tag(), seats(5))
		require.ErrorIs(t, err, app.ErrStale)
		s.Move(t, day(4, 2))
		require.NoError(t, s.Record(ctx, running.Tenant, "s", "r-2", calls(day(2, 20), 50)))
		s.Move(t, day(4, 3))

		made, err := s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		var got []string
		for _, p := range made {
			got = append(got, fmt.Sprintf("%s %s %s left %s", p.Dated.Format(time.DateOnly), p.Topic, p.Total, p.Left))
		}
		require.Equal(t, []string{
			"2026-01-31 invoice 93.00 EUR left 0.00 EUR",
			"2026-02-28 invoice 107.00 EUR left 0.00 EUR",
			"2026-03-10 invoice 21.00 EUR left 0.00 EUR", // a seat for 21 of 31 days
			"2026-03-31 invoice 124.00 EUR left 0.00 EUR",
			"2026-03-31 difference 1.00 EUR left 0.00 EUR", // 50 calls
		}, got)
		whole(t, s, "s")
	})
}

// Usage comes late, and before a worker looks at it the invoice is paid.
func TestAPaymentDoesNotForgetWhatIsToBeLookedAt(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 3))
		require.NoError(t, err)
		require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetClock(ctx, day(3, 10), day(3, 10)) }))
		for range 2 { // bills February, and then nothing
			_, err = s.Do(ctx, running.Tenant, "s", "", seats(4))
			require.NoError(t, err)
		}
		require.NoError(t, s.Record(ctx, running.Tenant, "s", "r", billing.Record{Metric: "calls", At: day(2, 20), Quantity: decimal.NewFromInt(50)}))
		late, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		require.True(t, late.Row.Late)
		made, err := s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		_, err = s.Pay(ctx, running.Tenant, made[0].ID.String(), "1", "transfer", made[0].Left)
		require.NoError(t, err)
		paid, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		late.Row.Revision++
		require.Equal(t, late.Row, paid.Row)
		s.Start(t)
		s.Move(t, day(3, 11))
		made, err = s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		require.True(t, slices.ContainsFunc(made, func(p store.Posting) bool { return p.Topic == "difference" && p.Total.String() == "1.00 EUR" }))
		whole(t, s, "s")
	})
}

// whole requires that what is stored is what one run bills.
func whole(t *testing.T, s *running.Service, id string) {
	ctx := context.Background()
	state, err := s.Load(ctx, running.Tenant, id)
	require.NoError(t, err)
	usage, err := s.Store.Usage(ctx, running.Tenant, id, time.Unix(0, 0))
	require.NoError(t, err)
	lines, err := s.Store.Lines(ctx, running.Tenant, id)
	require.NoError(t, err)
	diff, err := billing.Reconcile(state.Sub, usage, lines, state.Checkpoint, state.Checkpoint.ChargedThrough)
	require.NoError(t, err)
	require.True(t, diff.IsEmpty(), "%+v", diff)
}

func TestWhoDoesNotPayIsAttemptedFourTimesHeldAndReleasedByAPayment(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
			return tx.PutCustomer(ctx, running.Tenant, store.Customer{ID: "acme", Name: "Acme", Card: app.CardDeclined})
		}))
		s.Start(t)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "solo@1", 1))
		require.NoError(t, err)
		s.Move(t, day(2, 1))
		made, err := s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		_, err = s.Pay(ctx, running.Tenant, made[0].ID.String(), "bank-0", "a part of it", money.MustParse("2.00 EUR"))
		require.NoError(t, err)
		s.Move(t, day(2, 10))
		state, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		require.False(t, state.Sub.Entitled(day(2, 10)))
		made, err = s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		require.Len(t, made, 1)
		require.Equal(t, 5, made[0].Attempts, "four, and a part that was paid")
		require.True(t, made[0].WakeAt.IsZero())

		_, err = s.Pay(ctx, running.Tenant, made[0].ID.String(), "bank-1", "transfer", made[0].Left)
		require.NoError(t, err)
		_, err = s.Pay(ctx, running.Tenant, made[0].ID.String(), "bank-1", "transfer", made[0].Left)
		require.NoError(t, err, "the same payment")
		_, err = s.Pay(ctx, running.Tenant, made[0].ID.String(), "bank-2", "transfer", made[0].Left)
		require.ErrorContains(t, err, "more than what is left")
		state, err = s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		require.True(t, state.Sub.Entitled(day(2, 11)))
		require.Equal(t, lifecycle.Release, state.Sub.History(0, 1)[0].Action)
	})
}

func TestACreditNoteReducesWhatIsLeftOrBecomesCreditOnTheAccount(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 3))
		require.NoError(t, err)
		made, err := s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		lines, err := s.Store.Lines(ctx, running.Tenant, "s")
		require.NoError(t, err)
		note := app.CreditNote{Line: lines[0].ID, Amount: made[0].Total, Reason: "goodwill"}
		_, err = s.Credit(ctx, running.Tenant, made[0].ID.String(), "k-1", note)
		require.NoError(t, err)
		p, err := s.Store.Invoice(ctx, running.Tenant, made[0].ID.String())
		require.NoError(t, err)
		require.Zero(t, p.Left.Minor())
		_, err = s.Credit(ctx, running.Tenant, made[0].ID.String(), "k-2", note)
		require.ErrorContains(t, err, "more than what is left")
		s.Start(t)
		s.Move(t, day(2, 28))
		made, err = s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		next := made[len(made)-1]
		lines, err = s.Store.Lines(ctx, running.Tenant, "s")
		require.NoError(t, err)
		for _, line := range lines {
			if !line.Adjusts && line.ID != note.Line {
				_, err = s.Credit(ctx, running.Tenant, next.ID.String(), "k-3", app.CreditNote{Line: line.ID, Amount: line.Amount, Reason: "goodwill"})
				require.NoError(t, err)
			}
		}
		s.Move(t, day(3, 31))
		made, err = s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		var last billing.Invoice
		require.NoError(t, json.Unmarshal(made[len(made)-1].Document, &last))
		require.Equal(t, "93.00 EUR applied, 0.00 EUR due", last.CreditApplied.String()+" applied, "+last.AmountDue.String()+" due")
	})
}

func TestTwoHundredConsumersAtALimitOfFiftyGetFifty(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 1))
		require.NoError(t, err)
		var group sync.WaitGroup
		var allowed, refused atomic.Int64
		for range 200 {
			group.Go(func() {
				d, err := s.Consume(ctx, running.Tenant, "s", "scans", decimal.NewFromInt(1), "")
				switch {
				case err != nil:
					t.Error(err)
				case d.Allowed:
					allowed.Add(1)
				default:
					refused.Add(1)
				}
			})
		}
		group.Wait()
		require.Equal(t, []int64{50, 150}, []int64{allowed.Load(), refused.Load()})
		d, err := s.Check(ctx, running.Tenant, "s", "scans", decimal.NewFromInt(1))
		require.NoError(t, err)
		require.False(t, d.Allowed)
	})
}

func TestARequestToConsumeThatComesTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 1))
		require.NoError(t, err)
		for range 2 {
			d, err := s.Consume(ctx, running.Tenant, "s", "scans", decimal.NewFromInt(3), "key")
			require.NoError(t, err)
			require.True(t, d.Allowed)
		}
		_, err = s.Consume(ctx, running.Tenant, "s", "scans", decimal.NewFromInt(4), "key")
		require.ErrorIs(t, err, store.ErrExists)
		d, err := s.Check(ctx, running.Tenant, "s", "scans", decimal.Zero)
		require.NoError(t, err)
		require.Equal(t, "3", d.Used().String())
	})
}

// A backup of one row is put back under a running process.
func TestARowThatWasSetBackIsRefusedAtTheNextWrite(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		first, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 1))
		require.NoError(t, err)
		for n := range int64(3) {
			_, err = s.Do(ctx, running.Tenant, "s", "", seats(n+2))
			require.NoError(t, err)
		}
		require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
			n, err := tx.Exec(ctx, `UPDATE subscriptions SET revision = $1, document = $2, checkpoint = $3 WHERE id = 's'`,
				first.Row.Revision, first.Row.Document, first.Row.Checkpoint)
			require.EqualValues(t, 1, n)
			return err
		}))
		_, err = s.Do(ctx, running.Tenant, "s", "", func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
			return sub.Cancel(call(at, ""), subscription.AtPeriodEnd())
		})
		require.ErrorIs(t, err, store.ErrSetBack)
		state, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		require.Equal(t, first.Row.Document, state.Row.Document, "and nothing was written")
	})
}

// While one is saving, others save too: each change is there once.
func TestChangesThatRaceAreAllMadeOnce(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 1))
		require.NoError(t, err)
		var group sync.WaitGroup
		var failed atomic.Value
		for n := range int64(12) {
			group.Go(func() {
				if _, err := s.Do(ctx, running.Tenant, "s", "", seats(n+2)); err != nil {
					failed.Store(errors.Join(err, fmt.Errorf("seats %d", n+2)))
				}
				r := billing.Record{Metric: "calls", At: running.Begin.Add(time.Hour), Quantity: decimal.NewFromInt(1)}
				if err := s.Record(ctx, running.Tenant, "s", fmt.Sprint(n), r); err != nil {
					failed.Store(err)
				}
				if _, err := s.Consume(ctx, running.Tenant, "s", "requests", decimal.NewFromInt(1), ""); err != nil {
					failed.Store(err)
				}
			})
		}
		group.Wait()
		require.Nil(t, failed.Load())
		state, err := s.Load(ctx, running.Tenant, "s")
		require.NoError(t, err)
		require.Equal(t, 13, state.Sub.Version())
		require.Equal(t, 12+11, state.Row.Records, "one use is free")
		whole(t, s, "s")
	})
}
