package probely_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// story is an account that is told step by step: what was asked for, what was billed
// until then, and how the document differs from the one before.
type story struct {
	t      *testing.T
	out    bytes.Buffer
	sub    subscription.Subscription
	facts  probely.Facts
	before map[string]json.RawMessage
}

// tell notes a step: it bills up to an instant and shows the account.
func (s *story) tell(now, what string) {
	fmt.Fprintf(&s.out, "%s  %s\n", now, what)
	invoices, ledger, err := billing.Invoices(s.sub, nil, s.facts.Ledger, at(now))
	require.NoError(s.t, err)
	s.facts.Ledger = ledger
	for _, inv := range invoices {
		fmt.Fprintf(&s.out, "  invoice of %s: %s\n", calendar.FormatInstant(inv.At), inv.Total)
		for _, line := range inv.Lines {
			fmt.Fprintf(&s.out, "    %-8s %s\n", line.Kind, line.Amount)
		}
	}
	doc, err := probely.Encode(s.sub, s.facts, at(now), wire.Strict)
	if err != nil {
		fmt.Fprintf(&s.out, "  strict: %s\n", err)
		doc, err = probely.Encode(s.sub, s.facts, at(now), wire.Lossy)
	}
	require.NoError(s.t, err)
	data, err := json.Marshal(doc)
	require.NoError(s.t, err)
	var members map[string]json.RawMessage
	require.NoError(s.t, json.Unmarshal(data, &members))
	for _, f := range probely.Fields() {
		if is, ok := members[f.Path]; ok && !bytes.Equal(is, s.before[f.Path]) {
			fmt.Fprintf(&s.out, "  %s: %s\n", f.Path, is)
		}
	}
	s.before = members
	s.out.WriteByte('\n')
}

// send does what a changed document asks for.
func (s *story) send(now, change string, actor lifecycle.Actor, when subscription.When, catalog *plan.Catalog) {
	mode := wire.Strict
	if s.sub.Status(at(now)) == lifecycle.Paused {
		mode = wire.Lossy
	}
	u := probely.Update{Call: subscription.Call{At: at(now), Actor: actor}, When: when, Catalog: catalog, Mode: mode}
	next, facts, err := u.Apply(s.sub, s.facts, []byte(change))
	what := change
	if err != nil {
		what += "\n  refused: " + err.Error()
	}
	s.sub, s.facts = next, facts
	s.tell(now, what)
}

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
	s := &story{t: t, sub: sub, facts: probely.Facts{
		Seats: feature.Seats{Free: 2}, CreditTargets: feature.CreditTargets{Max: 5}, Changes: budget,
	}}
	const subscriber, operator = lifecycle.Subscriber, lifecycle.Operator
	none := subscription.When{}

	s.tell("2025-12-20T09:00:00Z", "sold")
	s.tell("2026-01-01T10:00:00Z", "the trial begins")
	s.send("2026-01-05T00:00:00Z", `{"number_used_ultd_targets":7}`, operator, none, nil)
	s.tell("2026-01-15T10:00:00Z", "the trial is over")
	s.send("2026-01-16T00:00:00Z", `{"subscription_status":"active","number_paid_ultd_targets":10}`, subscriber, none, nil)
	var credits feature.Credits
	s.sub, credits, err = probely.BuyCredits(s.sub, credits, subscription.Call{At: at("2026-01-20T00:00:00Z"), Actor: subscriber}, "credits-50")
	require.NoError(t, err)
	s.tell("2026-01-20T00:00:00Z", "a pack of credits is bought")
	s.send("2026-02-01T00:00:00Z", `{"next_billing_amount":0}`, subscriber, none, nil)
	s.send("2026-02-03T10:00:00Z", `{"number_paid_ultd_targets":13}`, operator, subscription.Immediately(), nil)
	s.facts.Seats, s.facts.Changes, err = s.facts.Seats.VacateWithin(s.facts.Changes, "", 2, at("2026-02-10T00:00:00Z"))
	require.NoError(t, err)
	s.tell("2026-02-10T00:00:00Z", "two targets are freed")
	s.tell("2026-02-15T10:00:00Z", "a period begins")
	s.send("2026-03-01T00:00:00Z", `{"plan":{"id":"plus"}}`, subscriber, subscription.AtPeriodEnd(), catalog)
	s.tell("2026-03-15T10:00:00Z", "the plan changes")
	s.sub, err = s.sub.Pause(subscription.Call{At: at("2026-03-20T00:00:00Z"), Actor: operator}, subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	s.tell("2026-03-20T00:00:00Z", "paused, for which there is no word")
	s.send("2026-04-05T00:00:00Z", `{"subscription_status":"active"}`, subscriber, none, nil)
	s.send("2026-04-20T00:00:00Z", `{"subscription_status":"non_renewing"}`, subscriber, none, nil)
	s.send("2026-04-25T00:00:00Z", `{"subscription_status":"active"}`, subscriber, none, nil)
	s.send("2026-05-01T00:00:00Z", `{"subscription_status":"non_renewing"}`, subscriber, none, nil)
	s.tell("2026-05-15T10:00:00Z", "the last period is over")
	require.Equal(t, "50", credits.Balance().String())
	golden.Equal(t, "testdata/story.golden", s.out.Bytes())
}
