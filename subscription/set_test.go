package subscription_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// belongs makes a subscription of an organization to a product.
func belongs(t *testing.T, id, organization, product, parent string) subscription.Subscription {
	t.Helper()
	return made(t, sold("plan-"+product, "10", func(p *plan.Plan) { p.Product = product }), func(p *subscription.Params) {
		p.ID = subscription.ID(id)
		p.Details = subscription.Details{Organization: organization, Parent: subscription.ID(parent)}
	})
}

func ids(list []subscription.Subscription) []string {
	var all []string
	for _, s := range list {
		all = append(all, string(s.ID()))
	}
	return all
}

func TestTheFirstOfAProductWins(t *testing.T) {
	t.Parallel()
	now := at("2026-01-10")
	set, skipped := subscription.Set{}.Add(now,
		belongs(t, "b", "acme", "pci", ""), belongs(t, "a", "acme", "pci", ""), belongs(t, "c", "acme", "vpn", ""),
		belongs(t, "d", "other", "pci", ""), belongs(t, "c", "third", "pci", ""), belongs(t, "e", "", "pci", ""), subscription.Subscription{},
	)
	require.Equal(t, []string{"b", "c", "d", "e"}, ids(set))
	require.Len(t, skipped, 3)
	require.ErrorIs(t, skipped[0].Err, subscription.ErrDuplicateActive)
	require.EqualError(t, skipped[0].Err, `subscription: "a": "b" is live for product "pci" of the same organization`)
	require.ErrorIs(t, skipped[1].Err, subscription.ErrDuplicateID)
	require.ErrorIs(t, skipped[2].Err, subscription.ErrZero)
	require.NoError(t, set.Validate(now))

	// Once the first is cancelled its place is free.
	cancelled := done(t, set[0], "2026-01-05", cancels(subscription.Immediately()))
	set, skipped = set.With(cancelled).Add(now, belongs(t, "a", "acme", "pci", ""))
	require.Empty(t, skipped)
	require.Equal(t, []string{"a", "c", "d", "e"}, ids(set.Live(now)))
	require.Equal(t, []string{"a", "b", "c"}, ids(set.Of("acme")))
	again := done(t, cancelled, "2026-01-06", revives)
	require.ErrorIs(t, set.With(again).Validate(now), subscription.ErrDuplicateActive)
}

func TestActiveOnesComeInOrderOfStartAndID(t *testing.T) {
	t.Parallel()
	early := made(t, sold("p", "1", nil), func(p *subscription.Params) { p.ID, p.Start = "z", at("2025-06-01") })
	held := done(t, belongs(t, "h", "", "", ""), "2026-01-02", act(subscription.Subscription.Hold))
	set := subscription.Set{belongs(t, "b", "", "", ""), belongs(t, "a", "", "", ""), held, early}
	require.Equal(t, []string{"z", "a", "b"}, ids(set.Active(at("2026-01-10"))))
	require.Equal(t, []string{"z", "a", "b", "h"}, ids(set.Live(at("2026-01-10"))))
	require.Equal(t, []string{"z"}, ids(set.Live(at("2025-12-01"))))
	_, found := set.Find("none")
	require.False(t, found)
}

func TestDependentsStandInTheWayOfACancelUnlessItCascades(t *testing.T) {
	t.Parallel()
	locked := made(t, sold("locked", "1", func(p *plan.Plan) { p.Rules.Cancel = plan.Nobody }), func(p *subscription.Params) {
		p.ID, p.Details.Parent = "locked", "root"
	})
	set := subscription.Set{
		belongs(t, "root", "a", "x", ""), belongs(t, "child", "b", "x", "root"), belongs(t, "grandchild", "c", "x", "child"),
		belongs(t, "stranger", "d", "x", ""), belongs(t, "self", "e", "x", "none"),
	}
	now := at("2026-01-10")
	require.Equal(t, []string{"child", "grandchild"}, ids(set.Dependents("root", now)))
	require.Empty(t, set.Dependents("self", now))

	call := operator("2026-01-10")
	_, err := set.Cancel(call, "root", subscription.AtPeriodEnd())
	require.ErrorIs(t, err, lifecycle.ErrHasDependents)
	_, err = set.Close(call, "root")
	require.ErrorIs(t, err, lifecycle.ErrHasDependents)
	_, err = set.Cancel(call, "nobody", subscription.AtPeriodEnd())
	require.ErrorIs(t, err, subscription.ErrNotFound)

	call.Cascade = true
	next, err := set.Cancel(call, "root", subscription.AtPeriodEnd())
	require.NoError(t, err)
	require.Equal(t, []string{"root", "child", "grandchild"}, ids(next))
	require.Len(t, set.With(next...).Live(at("2026-01-31")), 5)
	require.Equal(t, []string{"self", "stranger"}, ids(set.With(next...).Live(at("2026-02-01"))))
	require.Len(t, set.Live(at("2026-02-01")), 5, "the set itself is as it was")

	next, err = set.Close(call, "root")
	require.NoError(t, err)
	require.Len(t, next, 3)

	_, err = append(set, locked).Cancel(call, "root", subscription.Immediately())
	require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
	require.ErrorContains(t, err, `dependent "locked"`)
}

func TestHistoryAcrossAllIsPagedNewestFirst(t *testing.T) {
	t.Parallel()
	set := subscription.Set{
		done(t, belongs(t, "b", "", "", ""), "2026-01-05", cancels(subscription.AtPeriodEnd()), "2026-01-07", act(subscription.Subscription.UndoCancel)),
		done(t, belongs(t, "a", "", "", ""), "2026-01-06", cancels(subscription.AtPeriodEnd())),
	}
	line := func(r subscription.SetCommand) string {
		return string(r.ID) + " " + r.At.Format("01-02") + " " + r.Action.String()
	}
	var all []string
	for _, r := range set.History(0, 0) {
		all = append(all, line(r))
	}
	require.Equal(t, []string{
		"b 01-07 remove_scheduled_cancel", "a 01-06 cancel_at_period_end", "b 01-05 cancel_at_period_end", "a 01-01 ", "b 01-01 ",
	}, all)
	require.Equal(t, all[1:3], []string{line(set.History(1, 2)[0]), line(set.History(1, 2)[1])})
	require.Empty(t, set.History(9, 2))
	require.Equal(t, []string{"b"}, ids(set.Newest(1, 5)))
}

func TestAnEditIsDoneAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := made(t, sold("basic", "10", nil), nil)
	renewal := func(on bool) subscription.Edit {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetAutoRenewal(c, on)
		}
	}
	quantity := func(n int64) subscription.Edit {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(n))
		}
	}
	before := bytesOf(t, s)
	_, err := s.Edit(operator("2026-01-05"), quantity(2), subscription.Edit(subscription.Subscription.UndoCancel), quantity(-1))
	var part *subscription.EditError
	require.ErrorAs(t, err, &part)
	require.Equal(t, 1, part.Part)
	require.ErrorIs(t, err, lifecycle.ErrNothingScheduled)
	require.ErrorContains(t, err, "edit 2: subscription: invalid call: change_quantity_now: quantity: must not be negative")
	require.Equal(t, before, bytesOf(t, s))

	call := operator("2026-01-05")
	call.Key = "k"
	next, err := s.Edit(call, quantity(2), renewal(true), renewal(false))
	require.NoError(t, err)
	require.Equal(t, 4, next.Version(), "with a key the part that changes nothing is recorded too")
	call.At = at("2026-03-01")
	retried, err := next.Edit(call, quantity(2), renewal(true), renewal(false))
	require.NoError(t, err)
	require.Equal(t, next, retried)
	_, err = next.Edit(call, quantity(2), renewal(true))
	require.ErrorIs(t, err, subscription.ErrKeyReused)
	_, err = next.Edit(call, quantity(3), renewal(true), renewal(false))
	require.ErrorIs(t, err, subscription.ErrKeyReused)
	_, err = quantity(2)(next, call)
	require.ErrorIs(t, err, subscription.ErrKeyReused, "a part is not the whole")
	back, err := subscription.Decode([]byte(bytesOf(t, next)), plan.MustCatalog(sold("basic", "10", nil).Plan()))
	require.NoError(t, err)
	require.True(t, next.Equal(back))

	call.Key, call.At = "none", at("2026-01-05")
	same, err := next.Edit(call, renewal(false))
	require.NoError(t, err)
	require.Equal(t, next, same, "nothing changed, so nothing is recorded")
	_, err = s.Edit(call)
	require.ErrorIs(t, err, subscription.ErrInvalidCall)
	_, err = s.Edit(call, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Edit(c, quantity(2))
	})
	require.ErrorContains(t, err, "an edit within an edit")
}
