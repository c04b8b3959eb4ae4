package elasticpath_test

import (
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wire/walk"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
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

func at(t require.TestingT, text string) time.Time {
	instant, err := calendar.ParseInstant(text)
	require.NoError(t, err)
	return instant
}

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
	p := subscription.Params{
		ID: id, Plan: v, Offering: offering(), At: at(t, start).Add(-24 * time.Hour), Start: at(t, start),
		Details: subscription.Details{Account: account, ExternalRef: "erp-4711"},
	}
	for _, c := range change {
		c(&p)
	}
	sub, err := subscription.New(p)
	require.NoError(t, err)
	return sub
}

func by(t require.TestingT, actor lifecycle.Actor, when string) subscription.Call {
	return subscription.Call{At: at(t, when), Actor: actor}
}

func change(t require.TestingT, planID string) elasticpath.Change {
	c, err := elasticpath.DecodeChange([]byte(`{"data":{"id":"`+id+`","type":"subscription","attributes":{"plan_id":"`+planID+`"}}}`), id)
	require.NoError(t, err)
	return c
}

func TestEveryFieldOfThePageIsAccountedFor(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("testdata/fields.txt")
	require.NoError(t, err)
	require.NoError(t, wire.Check(elasticpath.Fields(), string(list)))
}

func TestADocumentWithEveryFieldLosesNothing(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/document.json")
	require.NoError(t, err)
	d, err := elasticpath.Decode(data)
	require.NoError(t, err)
	again, err := elasticpath.Marshal(d)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))

	// By way of a subscription only the latest action is told, with an id of its own.
	now := at(t, "2026-04-12T00:00:00Z")
	kept := elasticpath.Kept{GoLive: at(t, "2026-01-01T00:00:00Z")}
	kept.GoLive = at(t, "2026-02-01T00:00:00Z")
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
	choose := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
	plans := []*plan.Version{basicPlan, premiumPlan, triedPlan, closingPlan}
	start := at(t, "2026-01-15T10:00:00Z")
	p := subscription.Params{
		ID: id, Plan: plans[choose(len(plans))], Offering: offering(), At: start.Add(-time.Duration(choose(2)) * 30 * 24 * time.Hour), Start: start,
		NoRenewal: choose(4) == 0, Details: subscription.Details{Account: account},
	}
	sub, now, err := walk.Walk(choose, p, plans, 6)
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

func TestThePlanInForceSentBackChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, now := random(t)
		shown, err := store().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
		next, err := store().Update(sub, subscription.Call{At: now, Actor: lifecycle.Subscriber}, subscription.Immediately(), change(t, shown.Data.Attributes.PlanID))
		require.NoError(t, err)
		require.True(t, next.Equal(sub))
	})
}
