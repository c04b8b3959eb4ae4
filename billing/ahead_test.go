package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// aheadOf bills an office of ten seats 14 days before February.
func aheadOf(t *testing.T) (subscription.Subscription, billing.Checkpoint) {
	t.Helper()
	sub := office(plan.Policy{})
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	require.Len(t, made, 2)
	return sub, checkpoint
}

func TestBeforeTheMarkNothingIsDue(t *testing.T) {
	t.Parallel()
	sub, checkpoint := aheadOf(t)
	for _, to := range []time.Time{date("2026-01-18"), date("2026-02-01").Add(-200 * time.Millisecond)} {
		made, same, err := billing.Invoices(sub, nil, checkpoint, to)
		require.NoError(t, err)
		require.Empty(t, made)
		require.Equal(t, checkpoint, same)
	}
}

func TestAfterARunAheadNextIsWhatComesAfterIt(t *testing.T) {
	t.Parallel()
	sub, checkpoint := aheadOf(t)
	next, err := billing.Next(sub, nil, checkpoint, date("2026-01-18"))
	require.NoError(t, err)
	require.Equal(t, date("2026-03-01"), next.At)
	require.False(t, next.Overdue)
}

func TestWhatChangesNoBillNeedsNoReconciliation(t *testing.T) {
	t.Parallel()
	sub, checkpoint := aheadOf(t)
	call := operator(date("2026-01-18"))
	name := "Head office"
	sub = must(sub.Update(call, subscription.Patch{Name: &name}))
	key, kind, on := feature.Key("api"), feature.Switch, true
	sub = must(sub.AssignFeatures(call, feature.Overrides{key: {Kind: &kind, Active: &on}}, feature.Assignment{Open: true}))
	sub = must(sub.RevokeFeatures(call, []feature.Key{key}, feature.Assignment{Open: true}))
	made, next, err := billing.Invoices(sub, nil, checkpoint, date("2026-03-01"))
	require.NoError(t, err)
	require.Len(t, made, 1)
	require.Equal(t, "310.00 USD", made[0].Total.String())
	require.Equal(t, sub.Version(), next.LastCommand)
	_, err = billing.Next(sub, nil, checkpoint, date("2026-01-18"))
	require.NoError(t, err)
	diff, err := billing.Reconcile(sub, nil, stored(made), checkpoint, date("2026-01-18"))
	require.NoError(t, err)
	require.Equal(t, date("2026-02-01"), diff.At)

	_, _, err = billing.Invoices(must(sub.ChangeQuantity(call, subscription.Immediately(), "", num("11"))), nil, checkpoint, date("2026-03-01"))
	require.ErrorIs(t, err, billing.ErrReconcile, "a change of what was billed does")
}

func TestAVerbAfterARunAheadIsBilledByAnOrdinaryRun(t *testing.T) {
	t.Parallel()
	sub, checkpoint := aheadOf(t)
	at, err := billing.NotBefore(sub, checkpoint, date("2026-01-18"))
	require.NoError(t, err)
	require.Equal(t, date("2026-02-01"), at)
	more := must(sub.ChangeQuantity(operator(at), subscription.Immediately(), "", num("11")))
	shown, err := billing.Preview(sub, more, nil, checkpoint)
	require.NoError(t, err)
	require.Len(t, shown.Invoices, 1)
	require.Equal(t, "31.00 USD", shown.Invoices[0].Total.String())
	made, next, err := billing.Invoices(more, nil, checkpoint, at)
	require.NoError(t, err)
	require.Equal(t, shown.Invoices, made)
	require.Equal(t, checkpoint.Revision+1, next.Revision)
}

func TestNotBeforeIsNowWhereNothingIsAhead(t *testing.T) {
	t.Parallel()
	sub, checkpoint := aheadOf(t)
	later := date("2026-02-03")
	at, err := billing.NotBefore(sub, checkpoint, later)
	require.NoError(t, err)
	require.Equal(t, later, at)
	at, err = billing.NotBefore(must(sub.Cancel(operator(later), subscription.AtPeriodEnd())), checkpoint, later.Add(-200*time.Millisecond))
	require.NoError(t, err)
	require.Equal(t, later, at, "the clock of the server of the last command was ahead")
	_, err = billing.NotBefore(subscription.Subscription{}, checkpoint, later)
	require.ErrorIs(t, err, billing.ErrZero)
}

func TestEveryNextCheckpointHasAHigherRevision(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	var checkpoint billing.Checkpoint
	for i, to := range []string{"2026-01-01", "2026-01-02", "2026-02-01", "2026-02-01", "2026-03-01"} {
		_, next, err := billing.Invoices(sub, nil, checkpoint, date(to))
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 3, 3, 4}[i], next.Revision, "a run that finds nothing new leaves the checkpoint as it was")
		checkpoint = next
	}
}
