package subscription_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAPriceMayRiseInStepsOnSeveralDates(t *testing.T) {
	t.Parallel()
	flat := func(amount int64) plan.Price { return plan.FlatFee{Amount: decimal.NewFromInt(amount)} }
	v := plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "fee", Price: flat(10)}},
	})
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: at("2026-01-01T00:00:00Z")})
	require.NoError(t, err)
	call := subscription.Call{At: at("2026-01-05T00:00:00Z"), Actor: lifecycle.Operator}
	feb, mar := subscription.On(at("2026-02-01T00:00:00Z")), subscription.On(at("2026-03-01T00:00:00Z"))
	sub, err = sub.ChangePrice(call, feb, "fee", flat(12))
	require.NoError(t, err)
	sub, err = sub.ChangePrice(call, mar, "fee", flat(15))
	require.NoError(t, err)
	price := func(s subscription.Subscription, t time.Time) string {
		seg := s.Segment(s.SegmentAt(t))
		item, _ := seg.Phase().Charge("fee")
		amount, _ := seg.Price(item).Exact(decimal.NewFromInt(1))
		return amount.String()
	}
	require.Equal(t, "10", price(sub, at("2026-01-31T00:00:00Z")))
	require.Equal(t, "12", price(sub, at("2026-02-01T00:00:00Z")))
	require.Equal(t, "15", price(sub, at("2026-03-01T00:00:00Z")))

	_, err = sub.ChangePrice(call, mar, "fee", flat(20))
	require.ErrorIs(t, err, lifecycle.ErrChangeScheduled, "the same step twice")
	call.Replace = true
	sub, err = sub.ChangePrice(call, mar, "fee", flat(20))
	require.NoError(t, err)
	require.Equal(t, "10", price(sub, at("2026-02-01T00:00:00Z")), "replacing replaces what was scheduled for the charge")
	require.Equal(t, "20", price(sub, at("2026-03-01T00:00:00Z")))
}
