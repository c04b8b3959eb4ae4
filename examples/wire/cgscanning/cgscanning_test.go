package cgscanning_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

var (
	at         = wiretest.MustAt
	call       = wiretest.MustCall
	operator   = wiretest.MustOperator
	subscriber = wiretest.MustSubscriber
)

// compiled is a plan of the product pci.
func compiled(id string, every calendar.Interval, amount string, trial int) *plan.Version {
	p := plan.Plan{
		ID: id, Version: 1, Product: "pci", Currency: money.USD, Every: every,
		Charges: []plan.Charge{{ID: "scanning", Price: plan.FlatFee{Amount: decimal.RequireFromString(amount)}}},
		Features: feature.Set{
			cgscanning.NumberOfIPs: feature.UpTo(5),
			cgscanning.Rescan:      feature.Per(feature.Day, 3),
		},
	}
	if trial > 0 {
		p.Trial = &plan.Trial{Length: calendar.Days(trial)}
	}
	return plan.MustCompile(p)
}

var (
	monthly = compiled("pci-monthly", calendar.Months(1), "14.33", 14)
	yearly  = compiled("pci-yearly", calendar.Years(1), "143.30", 14)
	none    = compiled("pci-none", calendar.Interval{}, "14.33", 14)
)

// shop sells the product pci by the month, by the year, and without terms.
func shop() cgscanning.Shop {
	return cgscanning.Shop{
		Products: map[string]plan.Product{"pci": {Code: "pci", Name: "PCI", Description: "PCI product"}},
		Plans:    []*plan.Version{monthly, yearly, none},
	}
}

const org = "acme"

// sold is a subscription from 2023-12-01T19:19:18.037Z on.
func sold(t require.TestingT, v *plan.Version, change ...func(*subscription.Params)) subscription.Subscription {
	start := at("2023-12-01T19:19:18.037Z")
	return wiretest.Sold(t, subscription.Params{
		ID: "s-1", Plan: v, At: start.Add(-time.Hour), Start: start, Details: subscription.Details{Organization: org},
	}, change...)
}

func update(t require.TestingT, members string) cgscanning.Update {
	u, err := cgscanning.DecodeUpdate([]byte(`{"subscription":` + members + `}`))
	require.NoError(t, err)
	return u
}

func TestEveryFieldOfThePagesIsAccountedFor(t *testing.T) {
	t.Parallel()
	wiretest.Fields(t, cgscanning.Fields())
}

func TestTheExamplesOfThePagesLoseNothing(t *testing.T) {
	t.Parallel()
	data := wiretest.File(t, "testdata/update.json")
	u, err := cgscanning.DecodeUpdate(data)
	require.NoError(t, err)
	again, err := cgscanning.Marshal(u)
	require.NoError(t, err)
	// Contradiction 1: a price may come as a number and leaves as a string.
	var was, is map[string]map[string]any
	require.NoError(t, json.Unmarshal(data, &was))
	require.NoError(t, json.Unmarshal(again, &is))
	require.Equal(t, "14.33", is["subscription"]["price"])
	is["subscription"]["price"] = was["subscription"]["price"]
	require.Equal(t, was, is)

	data = wiretest.File(t, "testdata/history.json")
	list, err := cgscanning.DecodeList(data)
	require.NoError(t, err)
	again, err = cgscanning.Marshal(list)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))

	// By way of a subscription it loses nothing either.
	now := at("2024-01-05T00:00:00Z")
	sub, err := shop().Adopt(list.Data[0].Attributes, org, now)
	require.NoError(t, err)
	back, err := shop().Encode(sub, now, wire.Strict)
	require.NoError(t, err)
	back.Interval, back.Features = "", nil
	require.Equal(t, list.Data[0].Attributes, back)
}

func TestSendingBackWhatWasShownChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, now := random(t)
		shown, err := shop().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
		document, err := cgscanning.Marshal(shown.Echo())
		require.NoError(t, err)
		echo, err := cgscanning.DecodeUpdate(document)
		require.NoError(t, err)
		next, err := shop().Apply(sub, subscription.Call{At: now, Actor: lifecycle.Subscriber}, org, echo, feature.Assignment{})
		require.NoError(t, err)
		require.True(t, next.Equal(sub))
		require.Equal(t, sub.Version(), next.Version())
	})
}

// random is a subscription after a random walk, and an instant to look at it.
func random(t *rapid.T) (subscription.Subscription, time.Time) {
	choose := wiretest.Draw(t)
	v := []*plan.Version{monthly, yearly, none}[choose(3)]
	start := at("2023-12-01T19:19:18.037Z")
	p := subscription.Params{
		ID: "s-1", Plan: v, At: start.Add(-time.Duration(choose(2)) * 30 * 24 * time.Hour), Start: start,
		TrialUsed: choose(2) == 1, NoRenewal: choose(4) == 0, Details: subscription.Details{Organization: org},
	}
	sub, now, err := wiretest.Walk(choose, p, []*plan.Version{monthly, yearly, none}, 6)
	require.NoError(t, err)
	return sub, now
}

func TestWhatCanBeSaidIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, now := random(t)
		status := sub.Status(now)
		lossy, err := shop().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
		strict, err := shop().Encode(sub, now, wire.Strict)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrNotRepresentable)
			return
		}
		require.Equal(t, lossy, strict)
		document, err := cgscanning.Marshal(cgscanning.List{Data: []cgscanning.Item{{ID: strict.ID, Type: "subscription", Attributes: strict}}})
		require.NoError(t, err)
		list, err := cgscanning.DecodeList(document)
		require.NoError(t, err)
		read, err := shop().Read(list.Data[0].Attributes, now)
		require.NoError(t, err)
		require.Equal(t, status, read.Status)
		state, err := sub.State(now)
		require.NoError(t, err)
		require.Equal(t, state.Closed(), read.Closed)

		adopted, err := shop().Adopt(list.Data[0].Attributes, org, now)
		require.NoError(t, err, string(document))
		require.Equal(t, status, adopted.Status(now))
		if status == lifecycle.Paused {
			return // in which term the pause began is not said, and may be adopted otherwise
		}
		again, err := shop().Encode(adopted, now, wire.Strict)
		require.NoError(t, err, string(document))
		require.Equal(t, strict, again)
	})
}

// barePlan grants nothing.
func barePlan() *plan.Version {
	p := monthly.Plan()
	p.ID, p.Features = "pci-open", nil
	return plan.MustCompile(p)
}
