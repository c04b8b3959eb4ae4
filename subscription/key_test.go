package subscription_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func bytesOf(t *testing.T, s subscription.Subscription) string {
	t.Helper()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	return string(data)
}

func TestARetryUnderTheSameKeyGivesTheRecordedResult(t *testing.T) {
	t.Parallel()
	basic, large := sold("basic", "30", nil), sold("large", "60", nil)
	for _, row := range []struct {
		what  string
		first act
		again act // nil: first
		err   error
	}{
		{what: "a cancellation at period end", first: cancels(subscription.AtPeriodEnd())},
		{what: "a cancellation at once", first: cancels(subscription.Immediately())},
		{what: "a pause", first: pauses(subscription.Immediately(), subscription.Pause{Cycles: 2})},
		{what: "a change of plan", first: changes(subscription.Immediately(), large)},
		{what: "a cancellation with another mode", first: cancels(subscription.AtPeriodEnd()), again: cancels(subscription.Immediately()), err: subscription.ErrKeyReused},
		{what: "a cancellation on another date", first: cancels(subscription.On(at("2026-03-01"))), again: cancels(subscription.On(at("2026-03-02"))), err: subscription.ErrKeyReused},
		{what: "a pause of another length", first: pauses(subscription.Immediately(), subscription.Pause{Cycles: 2}), again: pauses(subscription.Immediately(), subscription.Pause{Cycles: 3}), err: subscription.ErrKeyReused},
		{what: "another action", first: pauses(subscription.Immediately(), subscription.Pause{}), again: cancels(subscription.Immediately()), err: subscription.ErrKeyReused},
		{
			what: "a change with another choice", first: changes(subscription.Immediately(), large), err: subscription.ErrKeyReused,
			again: func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				c.Policy.ChangeCredit = plan.CreditNone
				return s.ChangePlan(c, subscription.Immediately(), large)
			},
		},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s, err := subscription.New(subscription.Params{ID: "keyed", Plan: basic, Start: at("2026-01-15")})
			require.NoError(t, err)
			call := subscription.Call{At: at("2026-01-20"), Actor: lifecycle.Subscriber, Key: "k1"}
			done, err := row.first(s, call)
			require.NoError(t, err)
			want := bytesOf(t, done)

			again := row.first
			if row.again != nil {
				again = row.again
			}
			// The instant of the retry is nothing: before, at, after, and much later,
			// when the table would refuse the action.
			for _, when := range []string{"2026-01-10", "2026-01-20", "2026-02-20", "2031-01-01"} {
				call.At = at(when)
				got, err := again(done, call)
				require.ErrorIs(t, err, row.err)
				require.Equal(t, want, bytesOf(t, got))
			}
		})
	}
}

func TestAKeyIsRememberedBehindOtherCommandsAndCorrections(t *testing.T) {
	t.Parallel()
	s, err := subscription.New(subscription.Params{ID: "keyed", Plan: sold("basic", "30", nil), Start: at("2026-01-15")})
	require.NoError(t, err)
	call := func(when, key string) subscription.Call {
		return subscription.Call{At: at(when), Actor: lifecycle.Operator, Key: key}
	}
	first, err := s.Pause(call("2026-02-01", "k1"), subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	second, err := first.Resume(call("2026-02-10", "k2"), subscription.Immediately())
	require.NoError(t, err)
	back := call("2026-01-20", "k3")
	back.Correction = true
	third, err := second.ChangeQuantity(back, subscription.Immediately(), "", decimal.NewFromInt(2))
	require.NoError(t, err)
	want := bytesOf(t, third)

	for _, retry := range []struct {
		key string
		do  act
	}{
		{"k1", pauses(subscription.Immediately(), subscription.Pause{})},
		{"k2", resumes("")},
		{"k3", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.RequireFromString("2.00"))
		}},
	} {
		got, err := retry.do(third, call("2026-06-01", retry.key))
		require.NoError(t, err, retry.key)
		require.Equal(t, want, bytesOf(t, got), retry.key)
	}
	_, err = third.ChangeQuantity(call("2026-06-01", "k3"), subscription.Immediately(), "", decimal.NewFromInt(3))
	require.ErrorIs(t, err, subscription.ErrKeyReused)
	other, err := third.ChangeQuantity(call("2026-06-01", "k4"), subscription.Immediately(), "", decimal.NewFromInt(3))
	require.NoError(t, err)
	require.Equal(t, 5, other.Version(), "a new key is a new command")
}

func TestARefusedCallUsesUpNoKey(t *testing.T) {
	t.Parallel()
	s, err := subscription.New(subscription.Params{ID: "keyed", Plan: sold("basic", "30", nil), Start: at("2026-01-15")})
	require.NoError(t, err)
	call := subscription.Call{At: at("2026-01-20"), Actor: lifecycle.Subscriber, Key: "k1"}
	_, err = s.Resume(call, subscription.Immediately())
	require.ErrorIs(t, err, lifecycle.ErrNotPaused)
	s, err = s.Pause(call, subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	require.Equal(t, lifecycle.Paused, s.Status(call.At))
}

func TestATakenBackActionStaysDoneForItsKey(t *testing.T) {
	t.Parallel()
	s, err := subscription.New(subscription.Params{ID: "keyed", Plan: sold("basic", "30", nil), Start: at("2026-01-15")})
	require.NoError(t, err)
	call := subscription.Call{At: at("2026-01-20"), Actor: lifecycle.Subscriber, Key: "k1"}
	s, err = s.Cancel(call, subscription.AtPeriodEnd())
	require.NoError(t, err)
	s, err = s.UndoCancel(subscription.Call{At: at("2026-01-21"), Actor: lifecycle.Subscriber})
	require.NoError(t, err)
	call.At = at("2026-01-22")
	again, err := s.Cancel(call, subscription.AtPeriodEnd())
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, s), bytesOf(t, again))
	require.Equal(t, lifecycle.Active, again.Status(call.At), "a late retry does not cancel what was uncancelled")
}
