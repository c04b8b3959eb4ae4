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

func contractOf(t *testing.T, term plan.Term) subscription.Subscription {
	t.Helper()
	v, err := plan.Compile(plan.Plan{
		ID: "line", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Term: &term,
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.RequireFromString("6.99")}}},
	})
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return sub
}

func onDay(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		at, err = time.Parse("2006-01-02", s)
	}
	require.NoError(t, err)
	return at
}

func TestACancellationWaitsForTheEndOfTheTerm(t *testing.T) {
	t.Parallel()
	year := plan.Term{Interval: calendar.Years(1), Notice: calendar.Days(30)}
	for _, row := range []struct {
		name   string
		term   plan.Term
		at     string
		ends   string
		status lifecycle.Status
	}{
		{"in time", year, "2026-12-15", "2027-01-15T10:00", lifecycle.NonRenewing},
		{"in the first month", year, "2026-01-20", "2027-01-15T10:00", lifecycle.NonRenewing},
		{"on the day of the cut-off", year, "2026-12-16T23:59", "2027-01-15T10:00", lifecycle.NonRenewing},
		{"late", year, "2026-12-17", "2028-01-15T10:00", lifecycle.Active},
		{"late, as the contract's example", year, "2026-12-20", "2028-01-15T10:00", lifecycle.Active},
		{"within a minimum", plan.Term{Interval: calendar.Months(6), Minimum: calendar.Months(18)}, "2026-03-01", "2027-07-15T10:00", lifecycle.Active},
		{"in the last month without notice", plan.Term{Interval: calendar.Years(1)}, "2027-01-15T09:59", "2027-01-15T10:00", lifecycle.NonRenewing},
		{"at the boundary", plan.Term{Interval: calendar.Years(1)}, "2027-01-15T10:00", "2028-01-15T10:00", lifecycle.NonRenewing},
		{"a shorter renewal", plan.Term{Interval: calendar.Years(1), RenewalInterval: calendar.Months(3)}, "2027-02-01", "2027-04-15T10:00", lifecycle.NonRenewing},
		{"rolling in the term", plan.Term{Interval: calendar.Years(1), Renewal: plan.RenewRolling}, "2026-02-01", "2027-01-15T10:00", lifecycle.NonRenewing},
		{"rolling after it", plan.Term{Interval: calendar.Years(1), Renewal: plan.RenewRolling}, "2027-02-01", "2027-02-15T10:00", lifecycle.NonRenewing},
		{"rolling after it with notice", plan.Term{Interval: calendar.Years(1), Renewal: plan.RenewRolling, Notice: calendar.Months(1)}, "2027-02-16", "2027-04-15T10:00", lifecycle.Active},
		{"never renewed", plan.Term{Interval: calendar.Years(1), Renewal: plan.RenewNever}, "2026-02-01", "2027-01-15T10:00", lifecycle.NonRenewing},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub := contractOf(t, row.term)
			at := onDay(t, row.at)
			call := subscription.Call{At: at, Actor: lifecycle.Subscriber}
			for _, verb := range []func() (subscription.Subscription, error){
				func() (subscription.Subscription, error) { return sub.Cancel(call, subscription.AtPeriodEnd()) },
				func() (subscription.Subscription, error) { return sub.SetAutoRenewal(call, false) },
				func() (subscription.Subscription, error) {
					return sub.Cancel(call, subscription.On(onDay(t, row.ends)))
				},
				func() (subscription.Subscription, error) { return sub.SetEndDate(call, onDay(t, row.ends)) },
			} {
				next, err := verb()
				require.NoError(t, err)
				end, ok := next.EndsAt(at)
				require.True(t, ok)
				require.Equal(t, onDay(t, row.ends), end.At)
				require.Equal(t, row.status, next.Status(at))
				require.Equal(t, lifecycle.Cancelled, next.Status(end.At))
				require.Equal(t, lifecycle.NonRenewing, next.Status(end.At.Add(-time.Minute)))
			}
			_, err := sub.Cancel(call, subscription.Immediately())
			var refused *subscription.TermError
			if row.term.Renewal == plan.RenewRolling && row.term.Notice.IsZero() && row.at > "2027" {
				require.NoError(t, err)
				return
			}
			require.ErrorAs(t, err, &refused)
			require.ErrorIs(t, err, subscription.ErrMinimumTerm)
			require.Equal(t, onDay(t, row.ends), refused.Earliest)
			call.Actor = lifecycle.Operator
			_, err = sub.Cancel(call, subscription.Immediately())
			require.NoError(t, err)
		})
	}
}

// At one instant a resume comes before the ending that a notice led to.
func TestANoticeTakesEffectAlsoWhereAPauseEndsThen(t *testing.T) {
	t.Parallel()
	rolling := plan.Term{Interval: calendar.Months(2), Renewal: plan.RenewRolling}
	operator := func(at string, policy plan.Policy) subscription.Call {
		return subscription.Call{At: onDay(t, at), Actor: lifecycle.Operator, Policy: policy}
	}
	for name, anchor := range map[string]plan.Anchor{"into the old period": plan.KeepAnchor, "into a new period": plan.ResetAnchor, "with a later end": plan.ExtendAnchor} {
		sub, err := contractOf(t, rolling).SetAutoRenewal(operator("2026-01-20", plan.Policy{}), false)
		require.NoError(t, err, name)
		sub, err = sub.Pause(operator("2026-01-25", plan.Policy{ResumeAnchor: anchor}), subscription.Immediately(), subscription.Pause{Cycles: 1})
		require.NoError(t, err, name)
		end := onDay(t, "2026-03-15T10:00")
		require.Equal(t, lifecycle.Paused, sub.Status(end.Add(-time.Second)), name)
		require.Equal(t, lifecycle.Cancelled, sub.Status(end), name)
	}
}
