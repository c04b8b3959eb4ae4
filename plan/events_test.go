package plan_test

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// amounts reads the amounts of events that a test wrote.
func amounts(text string) []decimal.Decimal {
	var all []decimal.Decimal
	for _, f := range strings.Fields(text) {
		all = append(all, d(f))
	}
	return all
}

func TestEventsCostWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	payments := plan.Percentage{Rate: d("1.2"), FixedAmount: d("0.10"), FreeEvents: d("3"), FreeAmount: d("500")}
	both := payments
	both.FreeBy = plan.BothToEnd
	bounded := plan.Percentage{Rate: d("1"), FixedAmount: d("0.50"), EventMinimum: at("1"), EventMaximum: at("5")}
	for _, test := range []struct {
		name   string
		price  plan.Percentage
		events string
		want   string // after each event
	}{
		{"the fourth of three free events is charged, though an amount is left", payments, "200 100 100 50", "0 0 0 0.7"},
		{"what exceeds the free amount is charged, of the event that it cuts", payments, "400 150 10", "0 0.7 0.92"},
		{"an amount that ends exactly with an event leaves it free", payments, "500 1", "0 0.112"},
		{"until both allowances are used up: the amount outlasts the events", both, "100 100 100 100 150 1", "0 0 0 0 0.7 0.812"},
		{"until both allowances are used up: the events outlast the amount", both, "900 900 900 100", "0 0 0 1.3"},
		{"the least and the most of an event, after the fee", bounded, "20 600 100", "1 6 7.5"},
		{"an event of zero owes neither fee nor minimum", bounded, "0", "0"},
		{"an event of zero uses up no free event", payments, "0 0 0 1 1 1 1", "0 0 0 0 0 0 0.112"},
		{"a refund takes off the rate and no fee, and never more than all", plan.Percentage{Rate: d("10"), FixedAmount: d("1")}, "100 -50 -100 20", "11 6 0 0"},
		{"what was taken off below zero counts on", plan.Percentage{Rate: d("10"), FixedAmount: d("1")}, "-100 50 60", "0 0 3"},
		{"a refund takes off at most the most of an event", bounded, "1000 -1000 1000", "5 0 5"},
		{"a refund of what was free takes nothing off", payments, "100 -100 100 100 50", "0 0 0 0 0.7"},
		{"a refund gives back the free amount", plan.Percentage{Rate: d("1"), FreeAmount: d("500"), FixedAmount: d("1")}, "400 -300 400 1", "0 0 0 1.01"},
		{"an allowance that is used up stays so", plan.Percentage{Rate: d("1"), FreeAmount: d("500"), FixedAmount: d("1")}, "500 -500 100", "0 0 0"},
		{"a minimum of the period is due without an event", plan.Percentage{Rate: d("1"), FreeEvents: d("1"), Bounds: plan.Bounds{Minimum: at("2"), Maximum: at("3")}}, "1000 150 100 100", "2 2 2.5 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			table, err := plan.CompilePrice(test.price, money.USD)
			require.NoError(t, err)
			require.True(t, table.RatesEvents())
			var all plan.EventRating
			var got []string
			for _, q := range amounts(test.events) {
				all, err = table.RateEvents(all, q)
				require.NoError(t, err)
				rating, err := table.ExplainEvents(all)
				require.NoError(t, err)
				got = append(got, rating.Amount.String())
			}
			require.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}

// referenceEvents rates events in fractions, from the rules alone.
func referenceEvents(p plan.Percentage, events []decimal.Decimal) *big.Rat {
	rate, total := mul(rat(p.Rate), big.NewRat(1, 100)), new(big.Rat)
	eventsLeft, amountLeft := p.FreeEvents.IntPart(), rat(p.FreeAmount)
	two := eventsLeft > 0 && amountLeft.Sign() > 0
	for _, event := range events {
		q := rat(event)
		free := eventsLeft > 0 || amountLeft.Sign() > 0
		if two && p.FreeBy != plan.BothToEnd {
			free = eventsLeft > 0 && amountLeft.Sign() > 0
		}
		switch {
		case q.Sign() < 0 && free:
			if amountLeft.Sign() > 0 {
				amountLeft = sub(amountLeft, q)
			}
			continue
		case q.Sign() < 0:
			off := mul(rate, new(big.Rat).Neg(q))
			if p.EventMaximum != nil && off.Cmp(rat(*p.EventMaximum)) > 0 {
				off = rat(*p.EventMaximum)
			}
			total = sub(total, off)
			continue
		case q.Sign() == 0:
			continue
		case free:
			byEvents := eventsLeft > 0
			eventsLeft--
			over := sub(q, amountLeft)
			if amountLeft = sub(amountLeft, q); amountLeft.Sign() < 0 {
				amountLeft = new(big.Rat)
			}
			if byEvents && (p.FreeAmount.IsZero() || p.FreeBy == plan.BothToEnd) || over.Sign() <= 0 {
				continue
			}
			q = over
		}
		total = add(total, bounded(add(mul(rate, q), rat(p.FixedAmount)), plan.Bounds{Minimum: p.EventMinimum, Maximum: p.EventMaximum}))
	}
	if total.Sign() < 0 {
		total = new(big.Rat)
	}
	return bounded(total, p.Bounds)
}

func TestEventsAreRatedAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := drawSize(t)
		price := drawEventPrice(t, size)
		table := compiled(t, price, money.USD)
		if table == nil {
			return
		}
		var events []decimal.Decimal
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			q := drawDecimal(t, rapid.SampledFrom([]int{ordinary, ordinary, size}).Draw(t, "event size"), "event")
			if rapid.IntRange(0, 4).Draw(t, "refund") == 0 {
				q = q.Neg()
			}
			events = append(events, q)
		}
		all, err := table.RateEvents(plan.EventRating{}, events...)
		require.NoError(t, err)
		rating, err := table.ExplainEvents(all)
		require.NoError(t, err)
		require.Zero(t, rat(rating.Amount).Cmp(referenceEvents(price, events)), "%s for %s", rating.Amount, events)
		require.Equal(t, all.Events, all.Free+all.Charged+all.Refunds)

		// However they are divided, and whatever was asked between.
		split := rapid.IntRange(0, len(events)).Draw(t, "split")
		first, err := table.RateEvents(plan.EventRating{}, events[:split]...)
		require.NoError(t, err)
		_, err = table.RateEvents(first, d("1"), d("-2"))
		require.NoError(t, err)
		rest, err := table.RateEvents(first, events[split:]...)
		require.NoError(t, err)
		require.Equal(t, all, rest)
	})
}

// A bound that binds nothing makes a price of events of a percentage, which costs the same.
func TestEventsWithoutFeesCostWhatTheirSumDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ofSum := plan.Percentage{Rate: drawRate(t), FreeAmount: drawDecimal(t, ordinary, "free amount"), Bounds: drawBounds(t, ordinary)}
		ofEvents := ofSum
		ofEvents.EventMinimum = at("0")
		sums, events := compiled(t, ofSum, money.EUR), compiled(t, ofEvents, money.EUR)
		require.False(t, sums.RatesEvents())
		var all plan.EventRating
		sum := decimal.Decimal{}
		for range rapid.IntRange(0, 8).Draw(t, "events") {
			q := drawDecimal(t, ordinary, "event").Sub(d("50"))
			sum = sum.Add(q)
			var err error
			all, err = events.RateEvents(all, q)
			require.NoError(t, err)
		}
		rating, err := events.ExplainEvents(all)
		require.NoError(t, err)
		want, err := sums.Exact(decimal.Max(sum, decimal.Decimal{}))
		require.NoError(t, err)
		require.True(t, want.Equal(rating.Amount), "%s, not %s", rating.Amount, want)
	})
}

func TestAPriceOfEventsRatesNoQuantity(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(plan.Percentage{Rate: d("1"), FixedAmount: d("1")}, money.USD)
	require.NoError(t, err)
	_, err = table.Exact(d("1"))
	require.ErrorIs(t, err, plan.ErrEvents)
	require.Equal(t, fault.Invalid, fault.Kind(err))
	_, err = table.Marginal(d("1"), d("1"))
	require.ErrorIs(t, err, plan.ErrEvents)
	_, err = table.Rate(d("1"), money.HalfUp)
	require.ErrorIs(t, err, plan.ErrEvents)
	_, err = table.RatePart(d("0"), 1, 2, money.HalfUp)
	require.ErrorIs(t, err, plan.ErrEvents)
	_, err = table.Explain(d("0"))
	require.ErrorIs(t, err, plan.ErrEvents)

	quantities, err := plan.CompilePrice(plan.Percentage{Rate: d("1")}, money.USD)
	require.NoError(t, err)
	_, err = quantities.RateEvents(plan.EventRating{}, d("1"))
	require.ErrorIs(t, err, plan.ErrEvents)
	_, err = quantities.ExplainEvents(plan.EventRating{})
	require.ErrorIs(t, err, plan.ErrEvents)
	_, err = table.RateEvents(plan.EventRating{}, decimal.New(1, 99))
	require.ErrorIs(t, err, plan.ErrQuantity)
}

func TestEventsAreExplained(t *testing.T) {
	t.Parallel()
	all := plan.Percentage{
		Rate: d("1"), FixedAmount: d("0.50"), FreeEvents: d("2"), FreeAmount: d("100"), EventMinimum: at("1"), EventMaximum: at("5"),
		Bounds: plan.Bounds{Maximum: at("9")},
	}
	var out bytes.Buffer
	for _, test := range []struct {
		price  plan.Percentage
		events []string
	}{
		{plan.Percentage{Rate: d("1.2"), FixedAmount: d("0.10"), FreeEvents: d("3"), FreeAmount: d("500")}, []string{"", "200", "200 100 100 50"}},
		{plan.Percentage{Rate: d("2.9"), FixedAmount: d("0.30")}, []string{"100.01 20", "10 -500"}},
		{all, []string{"10 -5 20 30", "50 60 20 600 10.005 -10 -900", "0 1 1 600 600 0"}},
	} {
		table, err := plan.CompilePrice(test.price, money.EUR)
		require.NoError(t, err)
		for _, events := range test.events {
			e, err := table.RateEvents(plan.EventRating{}, amounts(events)...)
			require.NoError(t, err)
			rating, err := table.ExplainEvents(e)
			require.NoError(t, err)
			fmt.Fprintf(&out, "%s\n\n", rating)
		}
	}
	golden.Equal(t, "testdata/explain_events.txt", out.Bytes())
}

func TestAPlanRatesEventsOfASummedMetricOnly(t *testing.T) {
	t.Parallel()
	price := plan.Percentage{Rate: d("1"), FixedAmount: d("0.10")}
	p := team()
	p.Charges = []plan.Charge{
		{ID: "fee", Price: price},
		{ID: "payments", Price: price, Metric: "payments"},
		{ID: "peak", Price: price, Metric: "peak"},
	}
	p.Phases, p.Metrics = nil, []plan.Metric{{ID: "payments"}, {ID: "peak", Aggregation: plan.Max}}
	require.EqualError(t, p.Validate(), "charges[0].price: a price of single events rates the usage of a metric\ncharges[2].price: a price of single events rates a metric that is summed")
}
