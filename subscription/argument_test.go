package subscription_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestEveryArgumentThatIsWrongIsNamedByItsPath(t *testing.T) {
	t.Parallel()
	monthly := plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "a", Price: plan.FlatFee{}}},
		Features: feature.Set{"ips": {Kind: feature.Limit, Active: true, Limit: decimal.NewFromInt(5)}},
	})
	sub, now := made(t, monthly, nil), subscription.Immediately()
	long, late := strings.Repeat("x", 3000), time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	below := decimal.NewFromInt(-1)
	type call = subscription.Call
	type result = func(call) (subscription.Subscription, error)
	usual := func(*call) {}
	cancel := func(c call) (subscription.Subscription, error) { return sub.Cancel(c, now) }
	oneOff := func(o subscription.OneOff) result {
		return func(c call) (subscription.Subscription, error) { return sub.AddOneOff(c, o) }
	}
	quantity := func(q int64) result {
		return func(c call) (subscription.Subscription, error) {
			return sub.ChangeQuantity(c, now, "a", decimal.NewFromInt(q))
		}
	}
	pause := func(p subscription.Pause) result {
		return func(c call) (subscription.Subscription, error) { return sub.Pause(c, now, p) }
	}
	for _, row := range []struct {
		name   string
		change func(*call)
		do     result
		want   string // path, code and text of each, one a line
	}{
		{"no instant", func(c *call) { c.At = time.Time{} }, cancel, `at required missing`},
		{"an instant out of the calendar", func(c *call) { c.At = late }, cancel, `at out_of_range must lie in the years 1 to 9999`},
		{"no actor", func(c *call) { c.Actor = 0 }, cancel, `actor required ""`},
		{"an actor that is none", func(c *call) { c.Actor = lifecycle.Actor(9) }, cancel, `actor unknown_word "Actor(9)"`},
		{"dependents below zero", func(c *call) { c.Dependents = -1 }, cancel, `dependents out_of_range must not be negative`},
		{"a use below zero", func(c *call) { c.InUse = decimal.NewFromInt(-1) }, cancel, `in_use out_of_range must not be negative`},
		{"a reason and a key too long", func(c *call) { c.Reason, c.Key = long, long }, cancel, "reason too_long must not be longer than 2048 bytes\nkey too_long must not be longer than 255 bytes"},
		{
			"a policy of no words", func(c *call) { c.Policy.CancelCredit, c.Policy.Collect = "half", "never" }, cancel,
			"policy.cancel_credit unknown_word\npolicy.collect unknown_word",
		},
		{"a one-off of nothing", usual, oneOff(subscription.OneOff{}), `one_off.amount out_of_range must be more than zero`},
		{"a one-off below nothing", usual, oneOff(subscription.OneOff{Amount: money.FromMinor(-1, money.USD)}), `one_off.amount out_of_range must be more than zero`},
		{
			"a one-off of which nothing is right", usual,
			oneOff(subscription.OneOff{ID: long, Name: long, Collect: "never", TaxCode: "a\nb"}),
			"one_off.id too_long must not be longer than 255 bytes\none_off.name too_long must not be longer than 2048 bytes\n" +
				"one_off.amount out_of_range must be more than zero\none_off.collect unknown_word \"never\"\none_off.tax_code bad_text",
		},
		{"no credit", usual, func(c call) (subscription.Subscription, error) { return sub.AddAccountCredit(c, money.Money{}) }, `account_credit required missing`},
		{"credit of nothing", usual, func(c call) (subscription.Subscription, error) {
			return sub.AddAccountCredit(c, money.FromMinor(0, money.USD))
		}, `account_credit out_of_range must be more than zero`},
		{"a quantity below zero", usual, quantity(-1), `quantity out_of_range must not be negative`},
		{"a date out of the calendar", usual, func(c call) (subscription.Subscription, error) { return sub.SetEndDate(c, late) }, `end_date out_of_range must lie in the years 1 to 9999`},
		{"a pause of minus one", usual, pause(subscription.Pause{Cycles: -1}), `cycles out_of_range must be 1 to 1000000`},
		{"no pack", usual, func(c call) (subscription.Subscription, error) { return sub.AddCreditPack(c, "") }, `pack required missing`},
		{"no features", usual, func(c call) (subscription.Subscription, error) {
			return sub.AssignFeatures(c, nil, feature.Assignment{})
		}, `features required missing`},
		{"features that do not fit", usual, func(c call) (subscription.Subscription, error) {
			return sub.AssignFeatures(c, feature.Overrides{"ips": {Limit: &below}, "x": {}}, feature.Assignment{})
		}, "features.ips.limit out_of_range\nfeatures.x"},
		{"features not assigned", usual, func(c call) (subscription.Subscription, error) {
			return sub.RevokeFeatures(c, []feature.Key{"ips", "x"}, feature.Assignment{})
		}, "features.ips\nfeatures.x"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := operator("2026-01-02")
			row.change(&c)
			next, err := row.do(c)
			require.ErrorIs(t, err, subscription.ErrInvalidCall)
			require.Equal(t, fault.Invalid, fault.Kind(err))
			require.Equal(t, sub, next)
			found, want := fault.Faults(err), strings.Split(row.want, "\n")
			require.Len(t, found, len(want), "%v", err)
			for i, f := range found {
				line := fmt.Sprintf("%s %s %v", f.Path, f.Code, f.Err)
				require.True(t, line == want[i] || strings.HasPrefix(line, want[i]+" "), "%q is not %q", line, want[i])
			}
		})
	}
}

func TestACommandTooManyFindsTheSubscriptionFull(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: sold("p", "1", nil), Start: at("2026-01-01")})
	s, err := s.SetAutoRenewal(operator("2026-01-02"), false)
	require.NoError(t, err)
	_, err = subscription.WithCommands(s, subscription.MaxCommands-1).SetAutoRenewal(operator("2026-01-03"), true)
	require.NoError(t, err)
	_, err = subscription.WithCommands(s, subscription.MaxCommands).SetAutoRenewal(operator("2026-01-03"), true)
	require.ErrorIs(t, err, subscription.ErrFull)
	require.NotErrorIs(t, err, subscription.ErrInvalidCall)
	require.Equal(t, fault.Refused, fault.Kind(err))
	require.EqualError(t, err, "subscription: full: more than 100000 commands: end the subscription and go on with a new one")
}
