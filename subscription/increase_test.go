package subscription_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func risingPlan(id string, amount string, every calendar.Interval, i plan.Increase) *plan.Version {
	return plan.MustCompile(plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Every: every, Increase: &i,
		Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: decimal.RequireFromString(amount)}}},
	})
}

var sevenPercent = plan.Increase{Percent: decimal.NewFromInt(7)}

// pricesOf are the amounts of the base charge, year by year from the start.
func pricesOf(t *testing.T, sub subscription.Subscription, years int) []string {
	t.Helper()
	var all []string
	for n := range years {
		at := sub.CreatedAt().AddDate(n, 0, 1)
		seg := sub.Segment(sub.SegmentAt(at))
		charge, ok := seg.Phase().Charge("base")
		require.True(t, ok)
		amount, err := seg.Price(charge).Rate(decimal.NewFromInt(1), money.HalfUp)
		require.NoError(t, err)
		all = append(all, amount.String())
	}
	return all
}

func TestPricesIncreaseYearByYear(t *testing.T) {
	t.Parallel()
	noPlaces, four := 0, 4
	start := onDay(t, "2026-01-31T10:00")
	for _, row := range []struct {
		name  string
		every calendar.Interval
		rule  plan.Increase
		want  []string
	}{
		{"by 7 % a year", calendar.Years(1), sevenPercent, []string{"100.00 USD", "107.00 USD", "114.49 USD", "122.50 USD", "131.08 USD"}},
		{"billed by the month", calendar.Months(1), sevenPercent, []string{"100.00 USD", "107.00 USD", "114.49 USD", "122.50 USD", "131.08 USD"}},
		{"in a period of three years", calendar.Years(3), sevenPercent, []string{"100.00 USD", "100.00 USD", "100.00 USD", "122.50 USD", "122.50 USD"}},
		{"read by the term of three years", calendar.Years(3), plan.Increase{Percent: sevenPercent.Percent, Every: calendar.Years(3)}, []string{"100.00 USD", "100.00 USD", "100.00 USD", "107.00 USD", "107.00 USD"}},
		{"to whole units", calendar.Months(1), plan.Increase{Percent: sevenPercent.Percent, Decimals: &noPlaces}, []string{"100.00 USD", "107.00 USD", "114.00 USD", "122.00 USD", "131.00 USD"}},
		{"to four decimal places", calendar.Months(1), plan.Increase{Percent: sevenPercent.Percent, Decimals: &four}, []string{"100.00 USD", "107.00 USD", "114.49 USD", "122.50 USD", "131.08 USD"}},
		{"twice", calendar.Months(1), plan.Increase{Percent: sevenPercent.Percent, Times: 2}, []string{"100.00 USD", "107.00 USD", "114.49 USD", "114.49 USD", "114.49 USD"}},
		{"not in the first two years", calendar.Months(1), plan.Increase{Percent: sevenPercent.Percent, First: calendar.Years(2)}, []string{"100.00 USD", "100.00 USD", "107.00 USD", "114.49 USD", "122.50 USD"}},
	} {
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: risingPlan("base", "100", row.every, row.rule), Start: start})
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, pricesOf(t, sub, 5), row.name)
	}
}

func TestAnIncreaseWaitsForABoundary(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{
		ID: "s", Plan: risingPlan("base", "100", calendar.Months(1), sevenPercent), Start: onDay(t, "2026-01-15T10:00"), Anchor: onDay(t, "2026-02-01"),
	})
	require.NoError(t, err)
	snap, err := sub.At(onDay(t, "2026-03-01"))
	require.NoError(t, err)
	require.Zero(t, snap.Increases)
	require.Equal(t, onDay(t, "2027-02-01"), snap.NextIncrease)
	snap, err = sub.At(onDay(t, "2028-02-01"))
	require.NoError(t, err)
	require.Equal(t, 2, snap.Increases)
	require.Equal(t, onDay(t, "2029-02-01"), snap.NextIncrease)
	snap, err = sub.At(onDay(t, "2200-01-01"))
	require.NoError(t, err)
	require.Equal(t, plan.MaxIncreases, snap.Increases)
	require.Zero(t, snap.NextIncrease)
}

func TestWhatChangesWithIncreasesOfPrices(t *testing.T) {
	t.Parallel()
	keep := plan.Increase{Percent: sevenPercent.Percent, KeepNegotiated: true}
	for _, row := range []struct {
		name string
		rule plan.Increase
		do   func(subscription.Subscription) (subscription.Subscription, error)
		want []string
	}{
		{"a negotiated price increases from what was negotiated", sevenPercent, func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangePrice(operator("2027-06-01"), subscription.Immediately(), "base", plan.FlatFee{Amount: decimal.NewFromInt(50)})
		}, []string{"100.00 USD", "107.00 USD", "53.50 USD", "57.25 USD"}},
		{"a negotiated price stays", keep, func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangePrice(operator("2027-06-01"), subscription.Immediately(), "base", plan.FlatFee{Amount: decimal.NewFromInt(50)})
		}, []string{"100.00 USD", "107.00 USD", "50.00 USD", "50.00 USD"}},
		{"a change of plan begins at its prices", sevenPercent, func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangePlan(operator("2028-06-01"), subscription.Immediately(), risingPlan("other", "200", calendar.Months(1), sevenPercent))
		}, []string{"100.00 USD", "107.00 USD", "114.49 USD", "200.00 USD", "214.00 USD"}},
		{"a pause does not stop them", sevenPercent, func(s subscription.Subscription) (subscription.Subscription, error) {
			s, err := s.Pause(operator("2026-12-01"), subscription.Immediately(), subscription.Pause{})
			if err != nil {
				return s, err
			}
			return s.Resume(operator("2027-03-20"), subscription.Immediately())
		}, []string{"100.00 USD", "107.00 USD", "114.49 USD"}},
		{"a reactivation that begins anew begins at the prices of the plan", sevenPercent, func(s subscription.Subscription) (subscription.Subscription, error) {
			s, err := s.Cancel(operator("2028-03-01"), subscription.Immediately())
			if err != nil {
				return s, err
			}
			return s.Reactivate(operator("2028-12-01"), subscription.Reactivation{})
		}, []string{"100.00 USD", "107.00 USD", "114.49 USD", "100.00 USD", "107.00 USD"}},
		{"a reactivation into the paid period goes on", sevenPercent, func(s subscription.Subscription) (subscription.Subscription, error) {
			s, err := s.Cancel(operator("2028-03-01"), subscription.Immediately())
			if err != nil {
				return s, err
			}
			return s.Reactivate(operator("2028-03-02"), subscription.Reactivation{})
		}, []string{"100.00 USD", "107.00 USD", "114.49 USD", "122.50 USD"}},
		{"a scheduled change far ahead changes none of them", sevenPercent, func(s subscription.Subscription) (subscription.Subscription, error) {
			return s.ChangePrice(operator("2026-06-01"), subscription.On(onDay(t, "2030-06-01")), "base", plan.FlatFee{Amount: decimal.NewFromInt(50)})
		}, []string{"100.00 USD", "107.00 USD", "114.49 USD", "122.50 USD", "131.08 USD", "53.50 USD"}},
	} {
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: risingPlan("base", "100", calendar.Months(1), row.rule), Start: onDay(t, "2026-01-15T10:00")})
		require.NoError(t, err, row.name)
		sub, err = row.do(sub)
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, pricesOf(t, sub, len(row.want)), row.name)
	}
}

// What is made when it is asked for is what would be kept if something came after it.
func TestIncreasesThatAreNotKeptAreThoseThatAre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom([]calendar.Interval{calendar.Months(1), calendar.Months(3), calendar.Years(1), calendar.Days(7), calendar.Weeks(1)}).Draw(t, "every")
		rule := plan.Increase{Percent: decimal.NewFromInt(3), Every: rapid.SampledFrom([]calendar.Interval{every, calendar.Months(1), calendar.Months(6), calendar.Years(1), calendar.Years(2), calendar.Weeks(2)}).Draw(t, "increases"), Times: rapid.IntRange(1, 30).Draw(t, "times")}
		p := plan.Plan{
			ID: "base", Version: 1, Currency: money.USD, Every: every, Increase: &rule, MonthEnd: rapid.SampledFrom([]calendar.MonthEnd{calendar.Clamp, calendar.LastDay}).Draw(t, "month end"),
			Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: decimal.NewFromInt(100)}}},
		}
		v, err := plan.Compile(p)
		if err != nil {
			t.Skip("the intervals do not fit")
		}
		start := time.Date(2024, 1, 1, rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "day"))
		params := subscription.Params{ID: "s", Plan: v, Start: start, Zone: calendar.MustLoadZone(rapid.SampledFrom([]string{"UTC", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone"))}
		if rapid.Bool().Draw(t, "anchored") {
			params.Anchor = start.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "anchor"))
		}
		made, err := subscription.New(params)
		require.NoError(t, err)
		params.EndDate = start.AddDate(90, 0, 0)
		kept, err := subscription.New(params)
		require.NoError(t, err)
		require.Equal(t, kept.Segments()-1, made.Segments())
		for i := range made.Segments() {
			a, b := made.Segment(i), kept.Segment(i)
			require.Equal(t, b.From(), a.From())
			require.Equal(t, b.Opened(), a.Opened())
			require.Equal(t, b.Period(), a.Period())
			charge, _ := a.Phase().Charge("base")
			require.Same(t, b.Price(charge), a.Price(charge))
			require.Equal(t, i, made.SegmentAt(a.From()))
			x, err := made.At(a.From())
			require.NoError(t, err)
			y, err := kept.At(a.From())
			require.NoError(t, err)
			require.Equal(t, y.Cycle, x.Cycle)
			require.Equal(t, y.Increases, x.Increases)
			require.Equal(t, y.NextIncrease, x.NextIncrease)
		}
		data, err := made.MarshalJSON()
		require.NoError(t, err)
		again, err := subscription.Decode(data, plan.MustCatalog(p))
		require.NoError(t, err)
		require.Equal(t, made.Segments(), again.Segments())
	})
}

func TestIncreasesEndWithTheCalendar(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"9990-10-21", "9997-01-31", "9998-06-15", "2026-01-31"} {
		for _, every := range []calendar.Interval{calendar.Months(1), calendar.Years(1), calendar.Months(3)} {
			sub, err := subscription.New(subscription.Params{ID: "s", Plan: risingPlan("p", "0.01", every, sevenPercent), Start: onDay(t, start)})
			require.NoError(t, err)
			require.Positive(t, sub.Segments())
			for i := 1; i < sub.Segments(); i++ {
				require.True(t, sub.Segment(i).From().After(sub.Segment(i-1).From()), "segment %d from %s every %s", i, start, every)
			}
		}
	}
}
