package subscription_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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

func attachCatalog() *plan.Catalog {
	fee := []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}}}
	pro := plan.Plan{ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: fee}
	basic, odd := pro, pro
	basic.ID, odd.ID = "basic", "odd"
	odd.Charges = append(odd.Charges, plan.Charge{ID: "x/seat", Price: plan.FlatFee{Amount: decimal.NewFromInt(1)}})
	seat := []plan.Charge{{ID: "seat", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(3)}}}
	return plan.MustCatalog(
		pro, basic, odd,
		plan.AddOn{ID: "seats", Version: 1, Currency: money.USD, Charges: seat, MinQuantity: plan.Bound(decimal.NewFromInt(2)), MaxQuantity: plan.Bound(decimal.NewFromInt(5))},
		plan.AddOn{ID: "seats", Version: 2, Currency: money.USD, Charges: seat},
		plan.AddOn{ID: "many", Version: 1, Currency: money.USD, Charges: seat, Repeatable: true},
		plan.AddOn{ID: "proper", Version: 1, Currency: money.USD, Plans: []string{"pro"}},
		plan.AddOn{ID: "euro", Version: 1, Currency: money.EUR},
		plan.AddOn{ID: "yearly", Version: 1, Currency: money.USD, Every: calendar.Years(1)},
		plan.AddOn{ID: "long", Version: 1, Currency: money.USD, Charges: []plan.Charge{{ID: strings.Repeat("c", 250), Price: plan.FlatFee{}}}},
	)
}

type attaching struct {
	t       *testing.T
	catalog *plan.Catalog
	sub     subscription.Subscription
	day     int
}

func newAttaching(t *testing.T, planID string) *attaching {
	t.Helper()
	a := &attaching{t: t, catalog: attachCatalog(), day: 10}
	v, err := a.catalog.Lookup(plan.Ref{ID: planID, Version: 1})
	require.NoError(t, err)
	a.sub, err = subscription.New(subscription.Params{ID: "s", Plan: v, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return a
}

func (a *attaching) call() subscription.Call {
	a.day++
	return subscription.Call{At: time.Date(2026, 1, a.day, 0, 0, 0, 0, time.UTC), Actor: lifecycle.Operator}
}

// attach attaches "seats@1" under an id, say, in a quantity: 0 leaves it out.
func (a *attaching) attach(ref, id string, quantity int64) error {
	addOn, err := a.catalog.AddOn(plan.MustParseRef(ref))
	require.NoError(a.t, err)
	given := subscription.Attachment{ID: id, AddOn: addOn}
	if quantity > 0 {
		given.Quantity = plan.Bound(decimal.NewFromInt(quantity))
	}
	next, err := a.sub.Attach(a.call(), subscription.Immediately(), given)
	if err == nil {
		a.sub = next
	}
	return err
}

func TestAnAddOnThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, plan, addOn, id string
		quantity              int64
		want                  error
		text                  string
	}{
		{"too few", "pro", "seats@1", "x", 1, subscription.ErrAddOn, "subscription: add-on does not fit: seats@1 in quantity 1"},
		{"one is too few as well", "pro", "seats@1", "x", 0, subscription.ErrAddOn, "seats@1 in quantity 1"},
		{"too many", "pro", "seats@1", "x", 6, subscription.ErrAddOn, "seats@1 in quantity 6"},
		{"another plan", "basic", "proper@1", "x", 1, subscription.ErrAddOn, "subscription: add-on does not fit: proper@1 with basic@1"},
		{"another interval", "pro", "yearly@1", "x", 1, subscription.ErrAddOn, "yearly@1 with pro@1"},
		{"another currency", "pro", "euro@1", "x", 1, subscription.ErrCurrency, "subscription: currency differs: EUR, not USD"},
		{"the plan has such a charge", "odd", "seats@2", "x", 1, subscription.ErrAddOn, `the plan has a charge "x/seat" itself`},
		{"a slash", "pro", "seats@2", "a/b", 1, subscription.ErrInvalidCall, "attachment: must not contain a slash"},
		{"no id", "pro", "seats@2", "", 1, subscription.ErrInvalidCall, "attach_now: attachment: missing"},
		{"a control character", "pro", "seats@2", "a\nb", 1, subscription.ErrInvalidCall, "attachment: "},
		{"too long with its charge", "pro", "long@1", "abcde", 1, subscription.ErrInvalidCall, "must be at most 255 bytes"},
	} {
		a := newAttaching(t, row.plan)
		err := a.attach(row.addOn, row.id, row.quantity)
		require.ErrorIs(t, err, row.want, row.name)
		require.ErrorContains(t, err, row.text, row.name)
	}
}

func TestAnAttachmentIsNamedForGood(t *testing.T) {
	t.Parallel()
	a := newAttaching(t, "pro")
	require.NoError(t, a.attach("seats@1", "x", 2))
	err := a.attach("many@1", "x", 1)
	require.ErrorIs(t, err, subscription.ErrAttached)
	require.EqualError(t, err, `subscription: attached already: the id "x" is that of command 2`)
	require.ErrorIs(t, a.attach("seats@2", "y", 1), subscription.ErrAttached, "in whatever version")
	require.NoError(t, a.attach("many@1", "y", 1))
	require.NoError(t, a.attach("many@1", "z", 1))
	next, err := a.sub.Detach(a.call(), subscription.Immediately(), "x")
	require.NoError(t, err)
	a.sub = next
	require.ErrorIs(t, a.attach("seats@1", "x", 2), subscription.ErrAttached)
	require.NoError(t, a.attach("seats@2", "w", 1), "the add-on may be attached again")
	_, err = a.sub.Detach(a.call(), subscription.Immediately(), "x")
	require.ErrorIs(t, err, subscription.ErrNoAttachment)
	require.Equal(t, fault.Missing, fault.Kind(err))
	_, err = a.sub.ChangeAddOnQuantity(a.call(), subscription.Immediately(), "x", decimal.NewFromInt(3))
	require.ErrorIs(t, err, subscription.ErrNoAttachment)
	_, err = a.sub.ChangeQuantity(a.call(), subscription.Immediately(), "w/seat", decimal.NewFromInt(3))
	require.ErrorContains(t, err, `"w/seat" takes the quantity of its attachment`)
	snap, err := a.sub.At(a.sub.UpdatedAt())
	require.NoError(t, err)
	var told []string
	for _, at := range snap.Attached {
		told = append(told, fmt.Sprint(at.ID, " ", at.AddOn, " ", at.Quantity))
	}
	require.Equal(t, []string{"w seats@2 1", "y many@1 1", "z many@1 1"}, told)
}

func TestBadAttachmentsAreRefused(t *testing.T) {
	t.Parallel()
	a := newAttaching(t, "pro")
	addOn, err := a.catalog.AddOn(plan.MustParseRef("many@1"))
	require.NoError(t, err)
	at := func(day int) time.Time { return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC) }
	price := func(id string, p plan.Price) map[string]plan.Price { return map[string]plan.Price{id: p} }
	for _, row := range []struct {
		name string
		when subscription.When
		give subscription.Attachment
		want string
	}{
		{"nothing", subscription.Immediately(), subscription.Attachment{ID: "x"}, "add_on: missing"},
		{"no time", subscription.When{}, subscription.Attachment{ID: "x", AddOn: addOn}, "when: missing"},
		{"an end before its beginning", subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: addOn, Until: at(2)}, "end_date: must lie after the beginning"},
		{"an end before its date", subscription.On(at(25)), subscription.Attachment{ID: "x", AddOn: addOn, Until: at(25)}, "end_date: must lie after the beginning"},
		{"two ends", subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: addOn, Until: at(30), Cycles: 1}, "an attachment ends at an instant or after cycles, not both"},
		{"cycles below zero", subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: addOn, Cycles: -1}, "cycles: must be 1 to 1000000"},
		{"a price of nothing", subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: addOn, Prices: price("seat", plan.PerUnit{UnitAmount: decimal.NewFromInt(-1)})}, `prices["seat"]: `},
		{"a price of another charge", subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: addOn, Prices: price("fee", plan.FlatFee{})}, `prices["fee"]: subscription: no such charge: "fee"`},
	} {
		_, err := a.sub.Attach(subscription.Call{At: at(15), Actor: lifecycle.Operator}, row.when, row.give)
		require.ErrorIs(t, err, subscription.ErrInvalidCall, row.name)
		require.ErrorContains(t, err, row.want, row.name)
	}
}

// What a change of plan does to add-ons is a choice; nothing is lost without being named.
func TestAChangeOfPlanNamesWhatItDetaches(t *testing.T) {
	t.Parallel()
	a := newAttaching(t, "pro")
	require.NoError(t, a.attach("proper@1", "p", 1))
	require.NoError(t, a.attach("many@1", "m", 1))
	basic, err := a.catalog.Lookup(plan.Ref{ID: "basic", Version: 1})
	require.NoError(t, err)
	change := func(choice plan.AddOnChange) (subscription.Subscription, error) {
		call := a.call()
		call.Policy.ChangeAddOns = choice
		return a.sub.ChangePlan(call, subscription.Immediately(), basic)
	}
	_, err = change(plan.RefuseAddOns)
	require.ErrorIs(t, err, subscription.ErrAddOn)
	for choice, want := range map[plan.AddOnChange][]string{"": {"p"}, plan.KeepAddOns: {"p"}, plan.DropAddOns: {"m", "p"}} {
		next, err := change(choice)
		require.NoError(t, err)
		opened := next.Segment(next.Segments() - 1).Opened()
		require.Equal(t, want, opened.Detached())
		opened.Detached()[0] = "overwritten"
		require.Equal(t, want, next.Segment(next.Segments()-1).Opened().Detached())
		var events []subscription.Event
		for e := range next.Events(next.UpdatedAt(), next.UpdatedAt().Add(time.Hour)) {
			events = append(events, e)
		}
		require.Len(t, events, 1)
		require.Equal(t, want, events[0].Detached)
	}
}

func TestADocumentNamesTheAddOnThatTheCatalogLost(t *testing.T) {
	t.Parallel()
	a := newAttaching(t, "pro")
	require.NoError(t, a.attach("seats@1", "x", 2))
	data, err := a.sub.MarshalJSON()
	require.NoError(t, err)
	pro, err := a.catalog.Lookup(plan.Ref{ID: "pro", Version: 1})
	require.NoError(t, err)
	_, err = subscription.Decode(data, plan.MustCatalog(pro.Plan()))
	var lost *subscription.LostPlanError
	require.True(t, errors.As(err, &lost))
	require.Equal(t, "seats@1", lost.Plan.String())
	require.ErrorContains(t, err, "commands[0]: ")
	back, err := subscription.Decode(data, a.catalog)
	require.NoError(t, err)
	require.True(t, a.sub.Equal(back))
}

// An attachment that has an end ends by itself, once, and the event says what ended.
func TestAnAttachmentEndsByItself(t *testing.T) {
	t.Parallel()
	for _, cycles := range []int{1, 2, 5} {
		a := newAttaching(t, "pro")
		addOn, err := a.catalog.AddOn(plan.MustParseRef("many@1"))
		require.NoError(t, err)
		a.sub, err = a.sub.Attach(a.call(), subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: addOn, Cycles: cycles})
		require.NoError(t, err)
		end := time.Date(2026, time.Month(1+cycles), 1, 0, 0, 0, 0, time.UTC)
		snap, err := a.sub.At(end.Add(-time.Second))
		require.NoError(t, err)
		require.Len(t, snap.Attached, 1)
		require.Equal(t, end, snap.Attached[0].Until)
		snap, err = a.sub.At(end)
		require.NoError(t, err)
		require.Empty(t, snap.Attached)
		ended := 0
		for e := range a.sub.Events(time.Time{}, end.AddDate(1, 0, 0)) {
			if len(e.Detached) > 0 {
				ended++
				require.Equal(t, end, e.At)
				require.True(t, e.Derived)
			}
		}
		require.Equal(t, 1, ended)
	}
}

// What add-ons grant adds to what the plan grants, and is gone with them.
func TestAddOnsGrantBesideThePlan(t *testing.T) {
	t.Parallel()
	limit := func(n int64, per string) feature.Grant {
		g := feature.UpTo(n)
		g.Per = per
		return g
	}
	pro := plan.Plan{
		ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges:  []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}}},
		Features: feature.Set{"storage": limit(10, ""), "hours": feature.Per(feature.BillingPeriod, 5), "sso": {Kind: feature.Switch}, "boards": limit(2, "seats"), "calls": feature.Per(feature.Month, 1)},
	}
	pro.Features["calls"] = pro.Features["calls"].Endless()
	gigabytes := []plan.Charge{{ID: "gb", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}}}
	catalog := plan.MustCatalog(
		pro,
		plan.AddOn{
			ID: "more", Version: 1, Currency: money.USD, Charges: gigabytes, Repeatable: true,
			Features: feature.Set{"storage": limit(3, "gb"), "hours": feature.Per(feature.BillingPeriod, 7), "sso": feature.On(), "boards": limit(1, ""), "calls": feature.Per(feature.Month, 9), "phone": feature.On()},
		},
		plan.AddOn{ID: "daily", Version: 1, Currency: money.USD, Features: feature.Set{"hours": feature.Per(feature.Day, 1)}},
	)
	v, err := catalog.Lookup(plan.Ref{ID: "pro", Version: 1})
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Quantity: subscription.Units(4)})
	require.NoError(t, err)
	a := &attaching{t: t, catalog: catalog, sub: sub, day: 10}
	told := func() string {
		all, err := a.sub.Entitlements(a.sub.UpdatedAt())
		require.NoError(t, err)
		var lines []string
		for _, e := range all {
			one, err := a.sub.Entitlement(e.Key(), a.sub.UpdatedAt())
			require.NoError(t, err)
			require.True(t, one.Equal(e), "%s and %s", one, e)
			data, err := e.MarshalJSON()
			require.NoError(t, err)
			var back feature.Entitlement
			require.NoError(t, back.UnmarshalJSON(data), "%s", data)
			require.True(t, e.Equal(&back))
			lines = append(lines, fmt.Sprint(e, " ", e.Additions().Attachments))
		}
		return strings.Join(lines, "\n")
	}
	before := told()
	require.Equal(t, "boards: 8 in use at a time (plan) []\ncalls: unlimited per month (plan) []\nhours: 5 per billing period (plan) []\nsso: off (plan) []\nstorage: 10 in use at a time (plan) []", before)
	require.NoError(t, a.attach("more@1", "m", 5))
	require.Equal(t, "boards: 9 in use at a time (merged) [m]\ncalls: unlimited per month (merged) [m]\nhours: 12 per billing period (merged) [m]\nphone: on (add_on) [m]\nsso: on (merged) [m]\nstorage: 25 in use at a time (merged) [m]", told())
	require.NoError(t, a.attach("more@1", "n", 1))
	require.Contains(t, told(), "storage: 28 in use at a time (merged) [m n]")
	require.Contains(t, told(), "hours: 19 per billing period (merged) [m n]")
	e, err := a.sub.Entitlement("sso", a.sub.UpdatedAt())
	require.NoError(t, err)
	require.Equal(t, feature.Merged, e.OriginOf("active"))
	require.Equal(t, feature.FromPlan, e.OriginOf("when_run"))

	// An override counts for all of it; an extra is added.
	phone := "phone"
	next, err := a.sub.AssignFeatures(a.call(), feature.Overrides{"storage": feature.LimitTo(4), "hours": feature.ExtraOf(1), feature.Key(phone): feature.Override{Active: new(bool)}}, feature.Assignment{})
	require.NoError(t, err)
	a.sub = next
	require.Contains(t, told(), "storage: 4 in use at a time (merged) [m n]")
	require.Contains(t, told(), "hours: 20 per billing period (merged) [m n]")
	require.Contains(t, told(), "phone: off (merged) [m n]")
	_, err = a.sub.Attach(a.call(), subscription.Immediately(), subscription.Attachment{ID: "d", AddOn: func() *plan.CompiledAddOn {
		addOn, err := catalog.AddOn(plan.MustParseRef("daily@1"))
		require.NoError(t, err)
		return addOn
	}()})
	require.ErrorIs(t, err, subscription.ErrAddOn)
	require.ErrorContains(t, err, `the feature "hours" is granted in another way`)

	// The last one takes with it what only add-ons granted, and the override of it.
	for _, id := range []string{"m", "n"} {
		next, err := a.sub.Detach(a.call(), subscription.Immediately(), id)
		require.NoError(t, err)
		a.sub = next
	}
	require.NotContains(t, told(), "phone")
	require.Contains(t, told(), "hours: 6 per billing period (merged) []")
	require.NotContains(t, a.sub.Overrides(a.sub.UpdatedAt()), feature.Key("phone"))
}

// An add-on of one period, and a reset in the call after it: its period is over as it begins.
func TestAnAttachmentThatEndsWhereItBeginsIsTwoEvents(t *testing.T) {
	t.Parallel()
	v, err := walkPlans.catalog.Lookup(plan.Ref{ID: "month", Version: 1})
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: at("2026-01-01")})
	require.NoError(t, err)
	call := subscription.Call{At: at("2026-01-10"), Actor: lifecycle.Operator}
	addOn, err := walkPlans.catalog.AddOn(plan.Ref{ID: "many", Version: 1})
	require.NoError(t, err)
	sub, err = sub.Attach(call, subscription.Immediately(), subscription.Attachment{ID: "a", AddOn: addOn, Cycles: 1})
	require.NoError(t, err)
	call.Policy.ChangeAnchor = plan.ResetAnchor
	sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "", decimal.NewFromInt(2))
	require.NoError(t, err)
	ids := map[string]bool{}
	detached := 0
	for e := range sub.Events(time.Time{}, at("2026-02-01")) {
		require.False(t, ids[e.ID.String()], "%v", e)
		ids[e.ID.String()] = true
		detached += len(e.Detached)
	}
	require.Equal(t, 1, detached)
}

// Values that come from one another share what is attached, and none sees what another one
// attached or detached; each finds its own charges by their ids, in their order, and a full period
// comes to what it does where all is worked out at once.
func TestNoValueSeesWhatIsAttachedToAnotherOne(t *testing.T) {
	t.Parallel()
	a := newAttaching(t, "odd")
	random := rand.New(rand.NewPCG(1, 2))
	values, ids := []subscription.Subscription{a.sub}, [][]string{nil}
	for n := range 200 {
		of := random.IntN(len(values))
		a.sub, a.day = values[of], n/4
		attached := slices.Clone(ids[of])
		if k := len(attached); k > 0 && random.IntN(4) == 0 {
			gone := random.IntN(k)
			next, err := a.sub.Detach(a.at(n), subscription.Immediately(), attached[gone])
			require.NoError(t, err)
			a.sub, attached = next, slices.Delete(attached, gone, gone+1)
		} else {
			id := fmt.Sprint(random.IntN(1000))
			if slices.Contains(attached, id) {
				continue
			}
			addOn, err := a.catalog.AddOn(plan.Ref{ID: "many", Version: 1})
			require.NoError(t, err)
			next, err := a.sub.Attach(a.at(n), subscription.Immediately(), subscription.Attachment{ID: id, AddOn: addOn, Quantity: plan.Bound(decimal.NewFromInt(int64(1 + n)))})
			if errors.Is(err, subscription.ErrAttached) {
				continue // it was in use before
			}
			require.NoError(t, err)
			a.sub, attached = next, append(attached, id)
		}
		values, ids = append(values, a.sub), append(ids, attached)
	}
	for i, sub := range values {
		slices.Sort(ids[i])
		data, err := sub.MarshalJSON()
		require.NoError(t, err)
		again, err := subscription.Decode(data, a.catalog)
		require.NoError(t, err)
		for _, s := range []subscription.Subscription{sub, again} {
			phase := s.Segment(s.Segments() - 1).Phase()
			var found []string
			for c := range phase.Charges() {
				same, ok := phase.Charge(c.ID())
				require.True(t, ok)
				require.Same(t, c, same)
				if c.Attachment() != "" {
					found = append(found, c.Attachment())
				}
			}
			require.True(t, slices.Equal(ids[i], found), "%v, not %v", found, ids[i])
			for _, id := range []string{"", "x", "0/x", "1000/seat", "seat", "/seat"} {
				_, ok := phase.Charge(id)
				require.False(t, ok, id)
			}
			full, err := subscription.FullPeriod(s)
			require.NoError(t, err)
			worked, err := subscription.FullPeriodAnew(s)
			require.NoError(t, err)
			require.Equal(t, worked, full)
		}
	}
}

func (a *attaching) at(n int) subscription.Call {
	return subscription.Call{At: time.Date(2026, 2, 1, n, 0, 0, 0, time.UTC), Actor: lifecycle.Operator}
}
