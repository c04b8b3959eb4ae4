package subscription_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func TestCorrectionsAtTheSamePlaceGiveTheSameLife(t *testing.T) {
	t.Parallel()
	s, err := subscription.New(subscription.Params{ID: "corrected", Plan: sold("basic", "30", nil), Start: at("2026-01-15")})
	require.NoError(t, err)
	call := func(when string) subscription.Call {
		return subscription.Call{At: at(when), Actor: lifecycle.Operator}
	}
	pause := func(s subscription.Subscription, c subscription.Call) subscription.Subscription {
		s, err := s.Pause(c, subscription.Immediately(), subscription.Pause{})
		require.NoError(t, err)
		return s
	}
	seats := func(s subscription.Subscription, c subscription.Call) subscription.Subscription {
		s, err := s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(4))
		require.NoError(t, err)
		return s
	}
	inOrder := pause(seats(s, call("2026-02-01")), call("2026-03-01"))
	back := call("2026-02-01")
	_, err = pause(s, call("2026-03-01")).ChangeQuantity(back, subscription.Immediately(), "", decimal.NewFromInt(4))
	require.ErrorIs(t, err, subscription.ErrBackdated, "a correction is declared")
	back.Correction = true
	corrected := seats(pause(s, call("2026-03-01")), back)
	require.Equal(t, shownLife(t, inOrder), shownLife(t, corrected))

	back.At = at("2026-03-02")
	_, err = corrected.ChangeQuantity(subscription.Call{At: back.At, Actor: lifecycle.Operator}, subscription.Immediately(), "", decimal.NewFromInt(5))
	require.ErrorIs(t, err, lifecycle.ErrPaused)
	cancel := call("2026-01-20")
	cancel.Correction = true
	before := bytesOf(t, corrected)
	got, err := corrected.Cancel(cancel, subscription.Immediately())
	require.ErrorIs(t, err, subscription.ErrHistory, "what came later no longer holds")
	require.Equal(t, before, bytesOf(t, got))
}
