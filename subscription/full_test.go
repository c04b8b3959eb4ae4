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
	"github.com/perennial-billing/perennial/lifecycle"
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

func TestChangesThatBillingCouldNotAddUpAreRefusedAtTheVerb(t *testing.T) {
	t.Parallel()
	v := sold("p", "1", func(p *plan.Plan) { p.Charges = append(p.Charges, seat("5")) })
	policy := plan.Policy{ChangeCredit: plan.CreditNone, ChargeNew: plan.ChargeFull, Collect: plan.CollectNextInvoice}
	dear := plan.PerUnit{UnitAmount: decimal.New(9, 14)}
	for name, prices := range map[string][]plan.PerUnit{
		"of one extreme price after the other":    {dear, {UnitAmount: decimal.New(8, 14)}},
		"of an extreme price and an ordinary one": {dear, {UnitAmount: decimal.New(1, -2)}},
	} {
		s := begun(t, subscription.Params{Plan: v, Start: at("2026-01-01")})
		var refused error
		for k := 0; refused == nil && k < 300; k++ {
			call := operator("2026-01-02")
			call.At, call.Policy = call.At.Add(time.Duration(k)*time.Minute), policy
			var next subscription.Subscription
			if next, refused = s.ChangePrice(call, subscription.Immediately(), "seats", prices[k%2]); refused == nil {
				s = next
			}
		}
		require.ErrorIs(t, refused, subscription.ErrFull, name)
		require.ErrorContains(t, refused, "all changes together", name)
	}
	s := begun(t, subscription.Params{Plan: v, Start: at("2026-01-01")})
	for k := range 300 {
		call := operator("2026-01-02")
		call.At, call.Policy = call.At.Add(time.Duration(k)*time.Minute), policy
		var err error
		s, err = s.ChangePrice(call, subscription.Immediately(), "seats", plan.PerUnit{UnitAmount: decimal.New(int64(100+k%2), 6)})
		require.NoError(t, err, "what is ordinary is not counted")
	}
}

// The bound that each verb adds to is never less than the document: here is what takes the
// most, in a zone whose civil times are written too.
func TestTheBoundOfALengthIsNoLessThanTheLength(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("\"", subscription.MaxID)
	first := subscription.Params{ID: subscription.ID(name), Plan: sold(strings.Repeat("p", 255), "1", nil), Start: at("2026-01-01T01:02:03.456789Z"), Zone: calendar.MustLoadZone("America/Argentina/ComodRivadavia")}
	s, err := subscription.New(first)
	require.NoError(t, err)
	holds := func(what string) {
		data, err := s.MarshalJSON()
		require.NoError(t, err)
		require.GreaterOrEqual(t, subscription.Room(s), len(data), what)
	}
	holds("made")
	every := plan.DefaultPolicy()
	for _, longest := range []func(*plan.Policy){
		func(p *plan.Policy) {
			p.ChangeCredit, p.CancelCredit, p.PauseCredit = plan.CreditProrate, plan.CreditProrate, plan.CreditProrate
		},
		func(p *plan.Policy) { p.Collect = plan.CollectNextInvoice },
	} {
		longest(&every)
	}
	quantity := decimal.RequireFromString(strings.Repeat("9", 20) + "." + strings.Repeat("7", 20))
	now := first.Start
	for n, verb := range []func(subscription.Call) (subscription.Subscription, error){
		func(c subscription.Call) (subscription.Subscription, error) {
			return s.ChangeQuantity(c, subscription.Immediately(), "", quantity)
		},
		func(c subscription.Call) (subscription.Subscription, error) {
			return s.Pause(c, subscription.On(c.At.AddDate(0, 3, 0)), subscription.Pause{Until: c.At.AddDate(0, 6, 0)})
		},
		func(c subscription.Call) (subscription.Subscription, error) {
			return s.SetEndDate(c, c.At.AddDate(1, 2, 3))
		},
		func(c subscription.Call) (subscription.Subscription, error) {
			return s.Cancel(c, subscription.Immediately())
		},
		func(c subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(c, subscription.Reactivation{TrialEnd: c.At.AddDate(0, 0, 9), EndDate: c.At.AddDate(2, 0, 0)})
		},
	} {
		now = now.AddDate(0, 0, 1)
		next, err := verb(subscription.Call{At: now, Actor: lifecycle.Operator, Reason: strings.Repeat("\\", 300), Key: fmt.Sprint(n, strings.Repeat("<", 200)), Policy: every, Replace: true})
		require.NoError(t, err, n)
		s = next
		holds(fmt.Sprint("verb ", n))
	}
}

func TestAnArgumentThatIsMissingIsNamedByItsPath(t *testing.T) {
	t.Parallel()
	monthly := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "a", Price: plan.FlatFee{}}}})
	sub, call, now := made(t, monthly, nil), operator("2026-01-02"), subscription.Immediately()
	for path, do := range map[string]func() (subscription.Subscription, error){
		"when":   func() (subscription.Subscription, error) { return sub.Cancel(call, subscription.When{}) },
		"plan":   func() (subscription.Subscription, error) { return sub.ChangePlan(call, now, nil) },
		"price":  func() (subscription.Subscription, error) { return sub.ChangePrice(call, now, "a", nil) },
		"anchor": func() (subscription.Subscription, error) { return sub.SetAnchor(call, time.Time{}) },
		"price.unit_amount": func() (subscription.Subscription, error) {
			return sub.ChangePrice(call, now, "a", plan.PerUnit{UnitAmount: decimal.NewFromInt(-1)})
		},
	} {
		_, err := do()
		require.ErrorIs(t, err, subscription.ErrInvalidCall, path)
		require.Equal(t, fault.Invalid, fault.Kind(err), path)
		faults := fault.Faults(err)
		require.Len(t, faults, 1, path)
		require.Equal(t, path, faults[0].Path)
	}
}
