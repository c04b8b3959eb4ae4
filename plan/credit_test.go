package plan_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestACreditPackSavesAgainstItsListPrice(t *testing.T) {
	t.Parallel()
	rows := []struct {
		credits              int64
		list, off, price     string
		currency             money.Currency
		rounding             money.Rounding
		wantList, want, save string
		discount             int
	}{
		{10, "10", "5", "", money.USD, money.HalfUp, "100.00", "95.00", "5.00", 5},
		{50, "10", "10", "", money.USD, money.HalfUp, "500.00", "450.00", "50.00", 10},
		{100, "10", "20", "", money.USD, money.HalfUp, "1000.00", "800.00", "200.00", 20},
		{7, "3.33", "15", "", money.USD, money.HalfUp, "23.31", "19.81", "3.50", 15},
		{7, "3.33", "15", "", money.USD, money.Down, "23.31", "19.81", "3.50", 15},
		{7, "3.33", "15", "", money.USD, money.Up, "23.31", "19.82", "3.49", 15},
		{7, "333", "15", "", money.JPY, money.HalfUp, "2331", "1981", "350", 15},
		{1, "0.005", "0", "", money.USD, money.HalfUp, "0.01", "0.01", "0.00", 0},
		{1, "0.005", "0", "", money.USD, money.HalfEven, "0.00", "0.00", "0.00", 0},
		{3, "10", "", "25", money.USD, money.HalfUp, "30.00", "25.00", "5.00", 17},
		{3, "10", "", "29.85", money.USD, money.HalfUp, "30.00", "29.85", "0.15", 1},
		{3, "10", "", "29.8501", money.USD, money.HalfUp, "30.00", "29.85", "0.15", 0},
		{3, "0", "", "25", money.USD, money.HalfUp, "25.00", "25.00", "0.00", 0},
		{3, "0", "0", "", money.USD, money.HalfUp, "0.00", "0.00", "0.00", 0},
		{3, "9", "100", "", money.USD, money.HalfUp, "27.00", "0.00", "27.00", 100},
		{2, "9", "12.5", "", money.USD, money.HalfUp, "18.00", "15.75", "2.25", 13},
	}
	for _, row := range rows {
		pack := plan.CreditPack{ID: "p", Credits: row.credits, ListPrice: d(row.list)}
		if row.off != "" {
			pack.PercentOff = d(row.off)
		}
		if row.price != "" {
			pack.Price = at(row.price)
		}
		got, err := pack.In(row.currency, row.rounding)
		require.NoError(t, err)
		require.Equal(t, row.wantList, got.List.Amount(), "%+v", row)
		require.Equal(t, row.want, got.Price.Amount(), "%+v", row)
		require.Equal(t, row.save, got.Savings.Amount(), "%+v", row)
		require.Equal(t, row.discount, got.Discount, "%+v", row)
	}
}

func TestACreditPackThatCannotBePricedIsAnError(t *testing.T) {
	t.Parallel()
	good := plan.CreditPack{ID: "p", Credits: 1, ListPrice: d("1")}
	_, err := plan.CreditPack{}.In(money.USD, money.HalfUp)
	require.EqualError(t, err, "id: missing\ncredits: must be at least 1")
	_, err = good.In(0, money.HalfUp)
	require.ErrorIs(t, err, money.ErrUnknownCurrency)
	_, err = good.In(money.USD, "")
	require.ErrorIs(t, err, money.ErrRounding)
	good.ListPrice = d("99999999999999999999")
	_, err = good.In(money.USD, money.HalfUp)
	require.ErrorIs(t, err, money.ErrOverflow)
	require.ErrorContains(t, err, `plan: list price of credit pack "p": `)
}

func TestThePlanPricesItsPacks(t *testing.T) {
	t.Parallel()
	p := plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Policy: plan.Policy{Rounding: money.Up},
		CreditPacks: []plan.CreditPack{{ID: "seven", Credits: 7, ListPrice: d("3.33"), PercentOff: d("15"), ValidFor: calendar.Years(1)}},
	}
	v := plan.MustCompile(p)
	price, ok := v.PackPrice("seven")
	require.True(t, ok)
	require.Equal(t, "19.82 USD", price.Price.String())
	pack, ok := v.CreditPack("seven")
	require.True(t, ok)
	require.True(t, pack.Equal(p.CreditPacks[0]))
	_, ok = v.PackPrice("eight")
	require.False(t, ok)
	_, ok = v.CreditPack("eight")
	require.False(t, ok)
}

func TestPriceAndSavingsOfAPackAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pack := plan.CreditPack{
			ID: "p", Credits: rapid.Int64Range(1, 1_000_000).Draw(t, "credits"),
			ListPrice:  decimal.New(rapid.Int64Range(0, 1_000_000_000).Draw(t, "list"), -5),
			PercentOff: decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "off"), -4),
		}
		c := rapid.SampledFrom(money.Currencies()).Draw(t, "currency")
		got, err := pack.In(c, rapid.SampledFrom(money.Roundings()).Draw(t, "rounding"))
		require.NoError(t, err)
		sum, err := got.Price.Add(got.Savings)
		require.NoError(t, err)
		require.Equal(t, got.List, sum)
		require.False(t, got.Savings.IsNegative())
		if !pack.ListPrice.IsZero() {
			half := decimal.New(5, -1)
			off := pack.PercentOff.Sub(decimal.NewFromInt(int64(got.Discount)))
			require.True(t, off.GreaterThanOrEqual(half.Neg()) && off.LessThan(half), "nearest, a half up: %s", off)
		}
	})
}

func TestAPlanSavesAgainstAReferencePlan(t *testing.T) {
	t.Parallel()
	unit := func(id string, every calendar.Interval, price string) plan.Plan {
		return plan.Plan{
			ID: id, Version: 1, Currency: money.USD, Every: every,
			Charges: []plan.Charge{{ID: "targets", Price: plan.PerUnit{UnitAmount: d(price)}}},
		}
	}
	parts := func(p plan.Plan, each string) plan.Plan {
		p.Charges[0].PriceEvery = calendar.MustParseInterval(each)
		return p
	}
	rows := []struct {
		own, reference       plan.Plan
		quantity             string
		referenceCost, price string
		saved                string
		percent              int
	}{
		{unit("y", calendar.Years(1), "990"), unit("m", calendar.Months(1), "99"), "1", "1188.00", "990.00", "198.00", 17},
		{unit("y", calendar.Years(1), "990"), unit("m", calendar.Months(1), "99"), "20", "23760.00", "19800.00", "3960.00", 17},
		{unit("m", calendar.Months(1), "99"), unit("y", calendar.Years(1), "990"), "1", "82.50", "99.00", "-16.50", -20},
		{unit("q", calendar.Months(3), "10"), unit("y", calendar.Years(1), "40"), "1", "10.00", "10.00", "0.00", 0},
		{unit("w", calendar.Weeks(2), "7"), unit("d", calendar.Days(1), "1"), "1", "14.00", "7.00", "7.00", 50},
		{parts(unit("y", calendar.Years(1), "90"), "P1M"), unit("m", calendar.Months(1), "99"), "1", "1188.00", "1080.00", "108.00", 9},
		{unit("q", calendar.Months(3), "270"), parts(unit("y", calendar.Years(1), "99"), "P1M"), "1", "297.00", "270.00", "27.00", 9},
		{unit("w", calendar.Weeks(2), "7"), unit("d", calendar.Days(1), "0"), "1", "0.00", "7.00", "-7.00", 0},
	}
	for _, row := range rows {
		got, err := plan.MustCompile(row.own).SavingsOver(plan.MustCompile(row.reference), d(row.quantity))
		require.NoError(t, err)
		require.Equal(t, []string{row.referenceCost, row.price, row.saved},
			[]string{got.Reference.Amount(), got.Price.Amount(), got.Saved.Amount()})
		require.Equal(t, row.percent, got.Percent)
	}

	// Only what recurs without end counts, and a fixed quantity stays.
	full := unit("f", calendar.Months(1), "10")
	full.Charges = append(
		full.Charges,
		plan.Charge{ID: "once", Once: true, Price: plan.FlatFee{Amount: d("100")}},
		plan.Charge{ID: "usage", Metric: "m", Price: plan.FlatFee{Amount: d("100")}},
		plan.Charge{ID: "fixed", Quantity: at("3"), Price: plan.PerUnit{UnitAmount: d("1")}},
	)
	got, err := plan.MustCompile(full).SavingsOver(plan.MustCompile(unit("m", calendar.Months(1), "20")), d("2"))
	require.NoError(t, err)
	require.Equal(t, "23.00 USD", got.Price.String())
	require.Equal(t, "17.00 USD", got.Saved.String())
	require.Equal(t, 43, got.Percent)

	m := plan.MustCompile(unit("m", calendar.Months(1), "1"))
	for _, every := range []calendar.Interval{calendar.Days(30), calendar.Weeks(4), {}} {
		_, err = plan.MustCompile(unit("x", every, "1")).SavingsOver(m, d("1"))
		require.ErrorIs(t, err, plan.ErrIncomparable)
		require.EqualError(t, err, `plan: savings of "x@1" over "m@1": billing intervals cannot be compared`)
	}
	euro := unit("e", calendar.Months(1), "1")
	euro.Currency = money.EUR
	_, err = plan.MustCompile(euro).SavingsOver(m, d("1"))
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	_, err = m.SavingsOver(m, d("-1"))
	require.ErrorIs(t, err, plan.ErrNegativeQuantity)
	_, err = m.SavingsOver(m, d("99999999999999999999"))
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestAPurchaseOfACreditPackGrantsItsCredits(t *testing.T) {
	t.Parallel()
	lisbon := calendar.MustLoadZone("Europe/Lisbon")
	for _, row := range []struct {
		name  string
		valid calendar.Interval
		zone  calendar.Zone
		at    string
		until string // "": never
	}{
		{"for good", calendar.Interval{}, calendar.UTC(), "2026-01-20T00:00:00Z", ""},
		{"for a year", calendar.Years(1), calendar.UTC(), "2026-01-20T12:30:00.5Z", "2027-01-20T12:30:00.5Z"},
		{"for a year from a leap day", calendar.Years(1), calendar.UTC(), "2024-02-29T09:00:00Z", "2025-02-28T09:00:00Z"},
		{"for a month from its last day", calendar.Months(1), calendar.UTC(), "2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z"},
		{"to the same time of day in summer", calendar.Months(1), lisbon, "2026-03-20T09:00:00Z", "2026-04-20T08:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			bought, err := calendar.ParseInstant(row.at)
			require.NoError(t, err)
			g, err := plan.CreditPack{ID: "p", Credits: 50, ListPrice: d("10"), ValidFor: row.valid}.Grant("buy 1", bought, row.zone)
			require.NoError(t, err)
			require.Equal(t, "buy 1", g.ID)
			require.Equal(t, plan.PaidCredits, g.Class)
			require.Equal(t, "50", g.Amount.String())
			require.Equal(t, row.at, calendar.FormatInstant(g.From))
			if row.until == "" {
				require.True(t, g.Until.IsZero())
				return
			}
			require.Equal(t, row.until, calendar.FormatInstant(g.Until))
		})
	}
}

func TestAPurchaseThatGrantsNothingIsAnError(t *testing.T) {
	t.Parallel()
	bought := time.Date(2026, time.January, 20, 0, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		pack plan.CreditPack
		id   string
		at   time.Time
		text string
	}{
		"no credits":  {plan.CreditPack{ID: "p"}, "buy 1", bought, "must be at least 1"},
		"no id":       {plan.CreditPack{ID: "p", Credits: 1}, "", bought, `grant of credit pack "p": id: `},
		"end of time": {plan.CreditPack{ID: "p", Credits: 1, ValidFor: calendar.Years(9000)}, "buy 1", bought, `expiry of credit pack "p"`},
	} {
		_, err := row.pack.Grant(row.id, row.at, calendar.UTC())
		require.ErrorContains(t, err, row.text, name)
	}
}
