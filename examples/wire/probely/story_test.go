package probely_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestTheStoryOfAnAccount(t *testing.T) {
	t.Parallel()
	pro := perUnit("pro-monthly", "P1M", "99")
	pro.Name, pro.Family = "Pro", "pro"
	pro.Trial = &plan.Trial{Length: calendar.Days(14)}
	pro.CreditPacks = []plan.CreditPack{{ID: "credits-50", Name: "50 credits", Credits: 50, ListPrice: dec("10"), PercentOff: dec("10")}}
	pro.Features = feature.Set{probely.ProfilePrefix + "full": feature.On(), probely.ProfilePrefix + "lightning": feature.On()}
	plus := priced("plus", "P1M", plan.Volume{Tiers: table()})
	catalog := plan.MustCatalog(pro, plus)
	v, err := catalog.Lookup(pro.Ref())
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{
		ID: "harbor", Plan: v, At: at("2025-12-20T09:00:00Z"), Start: at("2026-01-01T10:00:00Z"), Quantity: subscription.Units(10),
		Details: subscription.Details{Channel: "self-service", Metadata: map[string]string{"probely.auto_collection": "true"}},
	})
	require.NoError(t, err)
	budget, err := feature.NewChangeBudget(4, calendar.UTC())
	require.NoError(t, err)
	facts := probely.Facts{Seats: feature.Seats{Free: 2}, CreditTargets: feature.CreditTargets{Max: 5}, Changes: budget}
	s := wiretest.NewStory(t, func(s *wiretest.Story, now string, mode wire.Mode) (any, error) {
		facts.Checkpoint = s.Checkpoint
		return probely.Encode(s.Sub, facts, at(now), mode)
	})
	s.Sub = sub
	// send does what a changed document asks for.
	send := func(now, change string, actor lifecycle.Actor, when subscription.When, catalog *plan.Catalog) {
		mode := wire.Strict
		if s.Sub.Status(at(now)) == lifecycle.Paused {
			mode = wire.Lossy
		}
		u := probely.Update{Call: wiretest.MustCall(actor, now), When: when, Catalog: catalog, Mode: mode}
		next, kept, err := u.Apply(s.Sub, facts, []byte(change))
		facts = kept
		s.Do(now, change, next, err)
	}
	const subscriber, operator = lifecycle.Subscriber, lifecycle.Operator
	none := subscription.When{}

	s.Tell("2025-12-20T09:00:00Z", "sold")
	s.Tell("2026-01-01T10:00:00Z", "the trial begins")
	send("2026-01-05T00:00:00Z", `{"number_used_ultd_targets":7}`, operator, none, nil)
	s.Tell("2026-01-15T10:00:00Z", "the trial is over")
	send("2026-01-16T00:00:00Z", `{"subscription_status":"active","number_paid_ultd_targets":10}`, subscriber, none, nil)
	var credits feature.Credits
	s.Sub, credits, err = probely.BuyCredits(s.Sub, credits, subscription.Call{At: at("2026-01-20T00:00:00Z"), Actor: subscriber}, "credits-50")
	require.NoError(t, err)
	s.Tell("2026-01-20T00:00:00Z", "a pack of credits is bought")
	send("2026-02-01T00:00:00Z", `{"next_billing_amount":0}`, subscriber, none, nil)
	send("2026-02-03T10:00:00Z", `{"number_paid_ultd_targets":13}`, operator, subscription.Immediately(), nil)
	facts.Seats, facts.Changes, err = facts.Seats.VacateWithin(facts.Changes, "", 2, at("2026-02-10T00:00:00Z"))
	require.NoError(t, err)
	s.Tell("2026-02-10T00:00:00Z", "two targets are freed")
	s.Tell("2026-02-15T10:00:00Z", "a period begins")
	send("2026-03-01T00:00:00Z", `{"plan":{"id":"plus"}}`, subscriber, subscription.AtPeriodEnd(), catalog)
	s.Tell("2026-03-15T10:00:00Z", "the plan changes")
	s.Sub, err = s.Sub.Pause(subscription.Call{At: at("2026-03-20T00:00:00Z"), Actor: operator}, subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	s.Tell("2026-03-20T00:00:00Z", "paused, for which there is no word")
	send("2026-04-05T00:00:00Z", `{"subscription_status":"active"}`, subscriber, none, nil)
	send("2026-04-20T00:00:00Z", `{"subscription_status":"non_renewing"}`, subscriber, none, nil)
	send("2026-04-25T00:00:00Z", `{"subscription_status":"active"}`, subscriber, none, nil)
	send("2026-05-01T00:00:00Z", `{"subscription_status":"non_renewing"}`, subscriber, none, nil)
	s.Tell("2026-05-15T10:00:00Z", "the last period is over")
	require.Equal(t, "50", credits.Balance().String())
	s.Golden("testdata/story.golden")
}
