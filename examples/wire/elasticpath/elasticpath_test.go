package elasticpath_test

import (
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

var (
	at         = wiretest.MustAt
	operator   = wiretest.MustOperator
	subscriber = wiretest.MustSubscriber
)

const (
	basic   = "110ec58a-a0f2-4ac4-8393-c866d813b8d1"
	premium = "2c5ea4c0-4067-41fe-8bad-9b1deb4d3b7d"
	tried   = "3c5ea4c0-4067-41fe-8bad-9b1deb4d3b7d"
	closing = "4c5ea4c0-4067-41fe-8bad-9b1deb4d3b7d"
	euro    = "5c5ea4c0-4067-41fe-8bad-9b1deb4d3b7d"
	foreign = "6c5ea4c0-4067-41fe-8bad-9b1deb4d3b7d"
	id      = "6c2b9a34-1a35-4a7e-9d6e-0f6c6c1f7d01"
	account = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"
)

// compiled is a plan of one flat charge.
func compiled(key, amount string, change ...func(*plan.Plan)) *plan.Version {
	p := plan.Plan{
		ID: key, Version: 1, Product: "magazine", Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "magazine", Price: plan.FlatFee{Amount: decimal.RequireFromString(amount)}}},
	}
	for _, c := range change {
		c(&p)
	}
	return plan.MustCompile(p)
}

var (
	basicPlan   = compiled(basic, "30")
	premiumPlan = compiled(premium, "60")
	triedPlan   = compiled(tried, "6.99", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Months(1)} })
	closingPlan = compiled(closing, "6.99", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 12} })
	euroPlan    = compiled(euro, "30", func(p *plan.Plan) { p.Currency = money.EUR })
	foreignPlan = compiled(foreign, "30")
)

func store() elasticpath.Store {
	return elasticpath.Store{Plans: []*plan.Version{basicPlan, premiumPlan, triedPlan, closingPlan, euroPlan, foreignPlan}}
}

// offering is what was sold; the foreign plan is not in it.
func offering() *plan.Offering {
	return &plan.Offering{
		ID: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", Name: "Magazine",
		Plans:     []plan.Ref{basicPlan.Ref(), premiumPlan.Ref(), triedPlan.Ref(), closingPlan.Ref(), euroPlan.Ref()},
		CreatedAt: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
}

// sold is a subscription from an instant on.
func sold(t require.TestingT, v *plan.Version, start string, change ...func(*subscription.Params)) subscription.Subscription {
	return wiretest.Sold(t, subscription.Params{
		ID: id, Plan: v, Offering: offering(), At: at(start).Add(-24 * time.Hour), Start: at(start),
		Details: subscription.Details{Account: account, ExternalRef: "erp-4711"},
	}, change...)
}

func change(t require.TestingT, planID string) elasticpath.Change {
	c, err := elasticpath.DecodeChange([]byte(`{"data":{"id":"`+id+`","type":"subscription","attributes":{"plan_id":"`+planID+`"}}}`), id)
	require.NoError(t, err)
	return c
}

func TestEveryFieldOfThePageIsAccountedFor(t *testing.T) {
	t.Parallel()
	wiretest.Fields(t, elasticpath.Fields())
}

func TestADocumentWithEveryFieldLosesNothing(t *testing.T) {
	t.Parallel()
	data := wiretest.File(t, "testdata/document.json")
	d, err := elasticpath.Decode(data)
	require.NoError(t, err)
	again, err := elasticpath.Marshal(d)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))

	// By way of a subscription only the latest action is told, with an id of its own.
	now := at("2026-04-12T00:00:00Z")
	kept := elasticpath.Kept{GoLive: at("2026-02-01T00:00:00Z")}
	sub, err := store().Adopt(d, kept, now)
	require.NoError(t, err)
	back, err := store().Encode(sub, now, wire.Strict)
	require.NoError(t, err)
	back.Data.Meta.State.ID = d.Data.Meta.State.ID
	back.Data.Meta.Timestamps.PausedAt = d.Data.Meta.Timestamps.PausedAt
	back.Data.Meta.Timestamps.ResumedAt = d.Data.Meta.Timestamps.ResumedAt
	again, err = elasticpath.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
}

// random is a subscription after a random walk, and an instant to look at it.
func random(t *rapid.T) (subscription.Subscription, time.Time) {
	choose := wiretest.Draw(t)
	plans := []*plan.Version{basicPlan, premiumPlan, triedPlan, closingPlan}
	start := at("2026-01-15T10:00:00Z")
	p := subscription.Params{
		ID: id, Plan: plans[choose(len(plans))], Offering: offering(), At: start.Add(-time.Duration(choose(2)) * 30 * 24 * time.Hour), Start: start,
		NoRenewal: choose(4) == 0, Details: subscription.Details{Account: account},
	}
	sub, now, err := wiretest.Walk(choose, p, plans, 6)
	require.NoError(t, err)
	return sub, now
}

func TestWhatCanBeSaidIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, now := random(t)
		lossy, err := store().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
		strict, err := store().Encode(sub, now, wire.Strict)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrNotRepresentable)
			return
		}
		require.Equal(t, lossy, strict)
		document, err := elasticpath.Marshal(strict)
		require.NoError(t, err)
		d, err := elasticpath.Decode(document)
		require.NoError(t, err, string(document))
		kept, err := elasticpath.Keep(sub, now)
		require.NoError(t, err)
		read, err := elasticpath.Read(d, kept, now)
		require.NoError(t, err)
		snap, err := sub.At(now)
		require.NoError(t, err)
		require.Equal(t, snap.State.Status(), read.Status)
		require.Equal(t, snap.State.Closed(), read.Closed)
		require.True(t, wire.EndOf(snap).Equal(read.Ends))
		require.Equal(t, snap.Plan.ID, d.Data.Attributes.PlanID)

		adopted, err := store().Adopt(d, kept, now)
		if d.Data.Attributes.PlanID == closing && err != nil {
			require.ErrorIs(t, err, elasticpath.ErrContradiction)
			return // how much of the length is over is not said
		}
		require.NoError(t, err, string(document))
		require.Equal(t, read.Status, adopted.Status(now))
	})
}

func TestThePlanInForceSentBackChangesNothingOrUndoesAChangeOfPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, now := random(t)
		shown, err := store().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
		waits := slices.ContainsFunc(sub.Scheduled(now), wire.OfPlan)
		next, left, err := store().Update(sub, subscription.Call{At: now, Actor: lifecycle.Subscriber}, subscription.Immediately(), change(t, shown.Data.Attributes.PlanID))
		require.NoError(t, err)
		require.Equal(t, !waits, next.Equal(sub))
		require.Equal(t, len(next.Scheduled(now)), len(left))
		require.False(t, slices.ContainsFunc(left, wire.OfPlan))
		again, _, err := store().Update(next, subscription.Call{At: now, Actor: lifecycle.Subscriber}, subscription.Immediately(), change(t, shown.Data.Attributes.PlanID))
		require.NoError(t, err)
		require.True(t, again.Equal(next))
	})
}
