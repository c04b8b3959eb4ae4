package collection_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func TestACommandIsGivenOnceAndByAnOperator(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action collection.Action
		want   lifecycle.Status
		ends   lifecycle.Status // after the period
	}{
		{collection.SuspendNow, lifecycle.Active, lifecycle.Active},
		{collection.Hold, lifecycle.Paused, lifecycle.Paused},
		{collection.EndNow, lifecycle.Cancelled, lifecycle.Cancelled},
		{collection.EndAtPeriod, lifecycle.NonRenewing, lifecycle.Cancelled},
		{collection.Close, lifecycle.Cancelled, lifecycle.Cancelled},
	} {
		t.Run(string(test.action), func(t *testing.T) {
			t.Parallel()
			sub := monthly()
			invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, march(1))
			require.NoError(t, err)
			policy := collection.Policy{Steps: []collection.Step{{ID: "end", Days: 3, Do: []collection.Action{test.action}}}}
			s, err := collection.Standing(invoices, nil, policy, march(4))
			require.NoError(t, err)
			require.Len(t, s.Commands, 1)
			c := s.Commands[0]
			require.Equal(t, march(4), c.At)

			_, err = c.Apply(sub, march(4).Add(-time.Microsecond))
			require.ErrorIs(t, err, collection.ErrEarly)
			done, err := c.Apply(sub, march(4))
			require.NoError(t, err)
			require.Equal(t, test.want, done.Status(march(4)))
			require.Equal(t, test.action == collection.EndAtPeriod, done.Entitled(march(4)))
			require.Equal(t, test.ends, done.Status(march(31).AddDate(0, 0, 2)))
			given := done.Command(done.Version())
			require.Equal(t, lifecycle.Operator, given.Actor)
			require.Equal(t, collection.CauseUnpaid, given.Reason)

			// Asked again the next day, it is the same command.
			s, err = collection.Standing(invoices, nil, policy, march(5))
			require.NoError(t, err)
			again, err := s.Commands[0].Apply(done, march(5))
			require.NoError(t, err)
			require.True(t, done.Equal(again))
		})
	}
}

func TestWhatIsClosedIsReopenedByAnOperatorOnly(t *testing.T) {
	t.Parallel()
	c := collection.Command{Subscription: "s-1", Action: lifecycle.Close, At: march(4), Key: "k"}
	sub, err := c.Apply(monthly(), march(4))
	require.NoError(t, err)
	_, err = sub.Reactivate(subscription.Call{At: march(5), Actor: lifecycle.Subscriber}, subscription.Reactivation{})
	require.ErrorIs(t, err, lifecycle.ErrClosed)
	_, err = sub.Reactivate(subscription.Call{At: march(5), Actor: lifecycle.Operator}, subscription.Reactivation{})
	require.NoError(t, err)
}

func TestACommandOfAnotherIsRefused(t *testing.T) {
	t.Parallel()
	_, err := collection.Command{Subscription: "s-2", Action: lifecycle.Close, At: march(4), Key: "k"}.Apply(monthly(), march(4))
	require.ErrorIs(t, err, collection.ErrOther)
	_, err = collection.Command{Subscription: "s-1", Action: lifecycle.PauseNow, At: march(4), Key: "k"}.Apply(monthly(), march(4))
	require.EqualError(t, err, `collection: apply: not a command of this package: "pause_now"`)
	require.Equal(t, fault.Invalid, fault.Kind(err))
}
