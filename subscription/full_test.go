package subscription_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestParentsInACircleAreRefused(t *testing.T) {
	t.Parallel()
	now := at("2026-01-10")
	a, b, c := belongs(t, "a", "o", "x", "c"), belongs(t, "b", "p", "x", "a"), belongs(t, "c", "q", "x", "b")
	hanging := belongs(t, "d", "r", "x", "a")
	next, skipped := subscription.Set{}.Add(now, a, b, c, hanging)
	require.Equal(t, []string{"a", "b", "d"}, ids(next))
	require.Len(t, skipped, 1)
	require.ErrorIs(t, skipped[0].Err, subscription.ErrCyclicParents)
	require.NoError(t, next.Validate(now))
	err := subscription.Set{a, b, c, hanging}.Validate(now)
	require.ErrorIs(t, err, subscription.ErrCyclicParents)
	require.Len(t, strings.Split(err.Error(), "\n"), 3, "one that only hangs on a circle is none of it")

	own := subscription.ID("a")
	_, err = a.Update(operator("2026-01-10"), subscription.Patch{Parent: &own})
	require.ErrorIs(t, err, subscription.ErrCyclicParents)
	_, err = subscription.New(subscription.Params{ID: "a", Plan: a.Plan(now), Start: now, Details: subscription.Details{Parent: "a"}})
	require.ErrorContains(t, err, "details.parent: ")
}

func TestWhatWouldOutgrowADocumentIsRefusedAtTheVerb(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: sold("p", "1", nil), Start: at("2026-01-01")})
	value := strings.Repeat("\"x", subscription.MaxValue/2)
	refused := error(nil)
	for i := range 2000 {
		patch := subscription.Patch{Metadata: map[string]*string{}}
		for k := range 50 {
			patch.Metadata[fmt.Sprint("key", k)] = &value
		}
		next, err := s.Update(operator("2026-01-02"), patch)
		if err != nil {
			refused = err
			break
		}
		s = next
		require.Less(t, i, 20, "nothing refused it")
	}
	require.ErrorIs(t, refused, subscription.ErrFull)
	require.Equal(t, fault.Refused, fault.Kind(refused))
	data, err := s.MarshalJSON()
	require.NoError(t, err)
	require.Greater(t, len(data), subscription.MaxDocument-2<<20)
	// What is small goes on.
	s, err = s.SetAutoRenewal(operator("2026-01-03"), false)
	require.NoError(t, err)
	_, err = s.MarshalJSON()
	require.NoError(t, err)
}

func TestAmountsThatBillingCouldNotAddUpAreRefusedAtTheVerb(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: sold("p", "1", func(p *plan.Plan) { p.Charges = append(p.Charges, seat("5")) }), Start: at("2026-01-01")})
	call := operator("2026-01-02")
	half := money.FromMinor(subscription.MaxGiven/2+1, s.Currency())
	charged, err := s.AddOneOff(call, subscription.OneOff{ID: "a", Amount: half})
	require.NoError(t, err)
	_, err = charged.AddOneOff(call, subscription.OneOff{ID: "b", Amount: half})
	require.ErrorIs(t, err, subscription.ErrFull)
	given, err := charged.AddAccountCredit(call, half)
	require.NoError(t, err)
	_, err = given.AddAccountCredit(call, half)
	require.ErrorIs(t, err, subscription.ErrFull)
	_, err = s.ChangeQuantity(call, subscription.AtPeriodEnd(), "", decimal.New(2, 14))
	require.ErrorIs(t, err, subscription.ErrFull)
	_, err = s.ChangePrice(call, subscription.Immediately(), "seats", plan.PerUnit{UnitAmount: decimal.New(1, 29)})
	require.Error(t, err)
}
