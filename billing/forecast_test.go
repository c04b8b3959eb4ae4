package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// take answers the first n invoices of a forecast, or all there are.
func take(t require.TestingT, n int, sub subscription.Subscription, usage billing.Usage, checkpoint billing.Checkpoint, options ...billing.Option) []billing.Invoice {
	var made []billing.Invoice
	for inv, err := range billing.Forecast(sub, usage, checkpoint, options...) {
		require.NoError(t, err)
		if made = append(made, inv); len(made) == n {
			break
		}
	}
	return made
}

func TestAForecastIsWhatRunsWillMake(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, 5)
		options := drawOptions(t)
		usage := s.still(s.sub, s.now)
		_, checkpoint, err := billing.Invoices(s.sub, usage, billing.Checkpoint{}, s.now, options...)
		require.NoError(t, err)
		ahead := take(t, 5, s.sub, usage, checkpoint, options...)
		if len(ahead) == 0 {
			return
		}
		made, _, err := billing.Invoices(s.sub, usage, checkpoint, ahead[len(ahead)-1].At, options...)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(made), len(ahead))
		for i := range ahead {
			require.True(t, ahead[i].Draft)
			require.False(t, made[i].Draft)
			ahead[i].Draft = false
		}
		require.Equal(t, ahead, made[:len(ahead)])
		next, err := billing.Next(s.sub, usage, checkpoint, s.now, options...)
		require.NoError(t, err)
		require.Equal(t, ahead[0].Total, next.Amount)
		require.True(t, ahead[0].At.Equal(next.At))
	})
}

// A forecast makes what is asked for and no more, however far it could go.
func TestAForecastIsLazy(t *testing.T) {
	sub := office(plan.Policy{})
	asked := 0
	count := billing.WithTax(func(billing.Line) []billing.TaxRate { asked++; return nil })
	require.Len(t, take(t, 3, sub, nil, billing.Checkpoint{}, count), 3)
	require.LessOrEqual(t, asked, 6, "two lines an invoice")
	cost := func(n int) float64 {
		return testing.AllocsPerRun(20, func() { take(t, n, sub, nil, billing.Checkpoint{}) })
	}
	require.Less(t, cost(3), cost(30)/5)
}

func TestAForecastEnds(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	years := take(t, 120, sub, nil, billing.Checkpoint{})
	require.Len(t, years, 120)
	require.Equal(t, date("2035-12-01"), years[119].At)

	ends := must(sub.SetEndDate(operator(date("2026-01-02")), date("2026-03-15")))
	require.Len(t, take(t, 1000, ends, nil, billing.Checkpoint{}), 3)
	require.Empty(t, take(t, 1000, must(sub.Cancel(operator(date("2026-01-01")), subscription.Immediately())), nil, billing.Checkpoint{ChargedThrough: date("2026-01-01"), LastCommand: 2}))
	require.Empty(t, take(t, 1000, fees(money.USD, plan.Policy{}, "0"), nil, billing.Checkpoint{}), "nothing is ever due")

	// Up to the end of the calendar, and no further.
	last := take(t, 1000, sub, nil, billing.Checkpoint{ChargedThrough: date("9999-10-15"), LastCommand: 1})
	require.NotEmpty(t, last)
	require.Less(t, len(last), 4)

	for _, err := range billing.Forecast(subscription.Subscription{}, nil, billing.Checkpoint{}) {
		require.ErrorIs(t, err, billing.ErrZero)
	}
	for _, err := range billing.Forecast(sub, billing.Usage{calls("2025-01-01", 1)}, billing.Checkpoint{}) {
		require.ErrorIs(t, err, billing.ErrNotEntitled)
	}
}
