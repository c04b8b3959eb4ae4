package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A kept is a row with its lock: the version of the subscription and the revision of the
// checkpoint. A copy is what a process has loaded.
type kept struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	billed     []billing.StoredLine
}

// save writes what a process made of the row that it had loaded, if nobody else has
// written since.
func (k *kept) save(loaded kept, next kept, added []billing.StoredLine) bool {
	if k.sub.Version() != loaded.sub.Version() || k.checkpoint.Revision != loaded.checkpoint.Revision {
		return false
	}
	k.sub, k.checkpoint, k.billed = next.sub, next.checkpoint, append(k.billed, added...)
	return true
}

// process is what a process does with a row that it has loaded.
type process func(t require.TestingT, loaded kept, now time.Time) (next kept, added []billing.StoredLine)

func runs(t require.TestingT, loaded kept, now time.Time) (kept, []billing.StoredLine) {
	made, checkpoint, err := billing.Invoices(loaded.sub, nil, loaded.checkpoint, now)
	require.NoError(t, err)
	loaded.checkpoint = checkpoint
	return loaded, stored(made)
}

func reconciles(t require.TestingT, loaded kept, now time.Time) (kept, []billing.StoredLine) {
	diff, err := billing.Reconcile(loaded.sub, nil, loaded.billed, loaded.checkpoint, now)
	require.NoError(t, err)
	loaded.checkpoint = diff.Checkpoint
	return loaded, diff.StoredLines()
}

func corrects(t require.TestingT, loaded kept, _ time.Time) (kept, []billing.StoredLine) {
	call := operator(date("2026-01-11"))
	call.Correction = true
	next, err := loaded.sub.ChangeQuantity(call, subscription.Immediately(), "", num("9"))
	require.NoError(t, err)
	loaded.sub = next
	return loaded, nil
}

// Reconciliation leaves account credit behind; a run that had loaded the row before must
// not write its own over it, although both come to the same instant.
func TestAReconciliationAndARunAtOneInstantLoseNoCredit(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	first, lines := runs(t, kept{sub: sub}, date("2026-01-15"))
	row := kept{sub: sub}
	require.True(t, row.save(kept{sub: sub}, first, lines))
	corrected, _ := corrects(t, row, date("2026-01-15"))
	require.True(t, row.save(row, corrected, nil))

	now := date("2026-01-15")
	loaded := row
	a, linesA := reconciles(t, loaded, now)
	require.Equal(t, money.MustParse("21.00 USD"), a.checkpoint.CreditBalance)
	require.Equal(t, loaded.checkpoint.ChargedThrough, a.checkpoint.ChargedThrough, "the instant says nothing")
	require.True(t, row.save(loaded, a, linesA))

	stale, linesB := reconciles(t, loaded, now)
	require.False(t, row.save(loaded, stale, linesB), "the revision does")
	again, linesB := runs(t, row, date("2026-02-01"))
	require.True(t, row.save(row, again, linesB))
	require.Equal(t, money.Money{}, row.checkpoint.CreditBalance, "the credit was used")
}

// Late usage that is charged leaves neither credit nor a later instant behind: without a
// higher number two processes that found the same difference would both store it.
func TestADifferenceThatLeavesNothingBehindIsStoredOnce(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	row := kept{sub: sub}
	now := date("2026-02-01")
	next, lines := runs(t, row, now)
	require.True(t, row.save(kept{sub: sub}, next, lines))

	late := billing.Usage{{Metric: "calls", At: date("2026-01-20"), Quantity: num("100")}}
	loaded := row
	diff, err := billing.Reconcile(sub, late, loaded.billed, loaded.checkpoint, now)
	require.NoError(t, err)
	require.Equal(t, money.MustParse("1.00 USD"), diff.AmountDue)
	next = kept{sub: sub, checkpoint: diff.Checkpoint}
	require.True(t, row.save(loaded, next, diff.StoredLines()))
	require.False(t, row.save(loaded, next, diff.StoredLines()))

	none, err := billing.Reconcile(sub, late, row.billed, row.checkpoint, now)
	require.NoError(t, err)
	require.True(t, none.IsEmpty())
	require.Equal(t, row.checkpoint, none.Checkpoint, "no difference, no new checkpoint")
}

func TestWhateverProcessesRaceNothingIsLostOrBilledTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		row := kept{sub: office(plan.Policy{})}
		next, lines := runs(t, row, date("2026-01-12"))
		require.True(t, row.save(row, next, lines))
		next, _ = corrects(t, row, date("2026-01-12"))
		require.True(t, row.save(row, next, nil))
		now := date("2026-01-12")
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			now = now.AddDate(0, 0, rapid.IntRange(0, 40).Draw(t, "days"))
			// Some processes load the row, and save in turn; whoever loses tries again.
			loaded := make([]kept, rapid.IntRange(1, 3).Draw(t, "processes"))
			for i := range loaded {
				loaded[i] = row
			}
			for i := range loaded {
				what := process(reconciles)
				if loaded[i].checkpoint.LastCommand == row.sub.Version() && rapid.Bool().Draw(t, "runs") {
					what = runs
				}
				next, added := what(t, loaded[i], now)
				if !row.save(loaded[i], next, added) {
					next, added = what(t, row, now)
					fresh := row
					require.True(t, row.save(fresh, next, added))
				}
			}
		}
		converges(t, row.sub, nil, row.billed, row.checkpoint, later(now, row.checkpoint.ChargedThrough))
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
