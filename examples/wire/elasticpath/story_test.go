package elasticpath_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// next says when it is billed next, and how much.
func next(t *testing.T, sub subscription.Subscription, when string) string {
	n, err := billing.Next(sub, nil, billing.Checkpoint{}, at(when))
	require.NoError(t, err)
	if n.At.IsZero() {
		return "never"
	}
	return wire.Nanos.Format(n.At) + " " + n.Amount.String()
}

func TestTheStoryOfAMagazine(t *testing.T) {
	t.Parallel()
	s := wiretest.NewStory(t, func(s *wiretest.Story, now string, mode wire.Mode) (any, error) {
		return store().Encode(s.Sub, at(now), mode)
	})
	s.Sub = sold(t, triedPlan, "2026-03-01T00:00:00Z")
	do := func(now, what string, a elasticpath.Action) {
		next, err := elasticpath.Act(s.Sub, subscriber(now), a)
		s.Do(now, what, next, err)
	}
	s.Tell("2026-02-28T12:00:00Z", "created")
	s.Tell("2026-03-10T00:00:00Z", "the trial runs")
	s.Tell("2026-04-01T00:00:00Z", "the trial is over, and the first term is billed")
	changed, _, err := store().Update(s.Sub, subscriber("2026-04-11T00:00:00Z"), subscription.Immediately(), change(t, premium))
	s.Do("2026-04-11T00:00:00Z", "another plan, at once", changed, err)
	do("2026-05-10T00:00:00Z", "pause requested", elasticpath.Pause)
	s.Tell("2026-06-01T00:00:00Z", "the run at which the pause takes effect")
	do("2026-06-20T00:00:00Z", "resumed", elasticpath.Resume)
	do("2026-07-05T00:00:00Z", "cancel requested", elasticpath.Cancel)
	do("2026-07-06T00:00:00Z", "undone", elasticpath.Resume)
	do("2026-07-07T00:00:00Z", "requested again", elasticpath.Cancel)
	s.Tell("2026-08-01T00:00:00Z", "the run at which it ends")
	closed, err := s.Sub.Close(operator("2026-09-01T00:00:00Z"))
	s.Do("2026-09-01T00:00:00Z", "closed", closed, err)
	s.Golden("testdata/story.golden")
}

// The numbers are those of the worked examples.
func TestWorked10AFutureSubscriptionWithATrial(t *testing.T) {
	t.Parallel()
	sub := sold(t, triedPlan, "2026-03-01T00:00:00Z")
	require.Equal(t, "2026-04-01T00:00:00Z 6.99 USD", next(t, sub, "2026-02-28T12:00:00Z"))
	require.Equal(t, "2026-05-01T00:00:00Z 6.99 USD", next(t, sub, "2026-04-01T00:00:00Z"))
	plain := sold(t, triedPlan, "2026-03-01T00:00:00Z", func(p *subscription.Params) { p.TrialUsed = true })
	require.Equal(t, "2026-03-01T00:00:00Z 6.99 USD", next(t, plain, "2026-02-28T12:00:00Z"))
}

func TestWorked11InvoiceAfterIsTheBoundaryEvenIfCancelled(t *testing.T) {
	t.Parallel()
	ten := compiled(basic, "99", func(p *plan.Plan) { p.Charges[0].Price = plan.PerUnit{UnitAmount: decimal.RequireFromString("99")} })
	sub := sold(t, ten, "2026-01-15T10:00:00Z", func(p *subscription.Params) { p.Quantity = subscription.Units(10) })
	sub, err := elasticpath.Act(sub, subscriber("2026-01-20T00:00:00Z"), elasticpath.Cancel)
	require.NoError(t, err)
	d, err := store().Encode(sub, at("2026-01-20T00:00:00Z"), wire.Strict)
	require.NoError(t, err)
	require.Equal(t, "2026-02-15T10:00:00Z", wire.Nanos.Format(d.Data.Meta.InvoiceAfter.Time))
	require.Equal(t, "2026-02-15T10:00:00Z", wire.Nanos.Format(d.Data.Meta.Timestamps.EndDate.Time))
	require.Equal(t, "never", next(t, sub, "2026-01-20T00:00:00Z"))
	amount, err := billing.PlanAmount(sub, at("2026-01-20T00:00:00Z"))
	require.NoError(t, err)
	require.Equal(t, "990.00 USD", amount.String())
}

func TestWorked17AChangeOfPlanByWholeDays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		when     string
		days     elasticpath.Proration
		from, to *plan.Version
		lines    string
		total    string
		next     string
	}{
		{"2026-04-11T00:00:00Z", elasticpath.Nearest, basicPlan, premiumPlan, "-20.00 40.00", "20.00 USD", "2026-05-01T00:00:00Z 60.00 USD"},
		{"2026-04-11T12:00:00Z", elasticpath.Up, basicPlan, premiumPlan, "-20.00 40.00", "20.00 USD", "2026-05-01T00:00:00Z 60.00 USD"},
		{"2026-04-11T12:00:00Z", elasticpath.Nearest, basicPlan, premiumPlan, "-20.00 40.00", "20.00 USD", "2026-05-01T00:00:00Z 60.00 USD"},
		{"2026-04-11T12:00:00Z", elasticpath.Down, basicPlan, premiumPlan, "-19.00 38.00", "19.00 USD", "2026-05-01T00:00:00Z 60.00 USD"},
		{"2026-04-11T00:00:00Z", elasticpath.Nearest, premiumPlan, basicPlan, "-40.00 20.00", "-20.00 USD", "2026-05-01T00:00:00Z 30.00 USD"},
	} {
		sub := sold(t, tc.from, "2026-04-01T00:00:00Z")
		_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at("2026-04-01T00:00:00Z"))
		require.NoError(t, err)
		call := subscriber(tc.when)
		call.Policy.ChangeDay = tc.days.ChangeDay()
		changed, _, err := store().Update(sub, call, subscription.Immediately(), change(t, tc.to.ID()))
		require.NoError(t, err)
		invoices, checkpoint, err := billing.Invoices(changed, nil, checkpoint, call.At)
		require.NoError(t, err)
		require.Len(t, invoices, 1)
		require.Equal(t, tc.total, invoices[0].Total.String())
		var lines []string
		for _, line := range invoices[0].Lines {
			lines = append(lines, line.Amount.Amount())
		}
		require.Equal(t, tc.lines, strings.Join(lines, " "))
		require.Equal(t, tc.next, next(t, changed, tc.when))
		// What is below zero is carried: the bill of 1 May is 30.00 less 20.00.
		after, err := billing.Next(changed, nil, checkpoint, call.At)
		require.NoError(t, err)
		if invoices[0].Total.IsNegative() {
			require.Equal(t, "10.00 USD", after.AmountDue.String())
		}
	}
}

func TestWorked18LinesAreRoundedDown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rounding     money.Rounding
		lines, total string
	}{
		{money.Down, "-9.67 16.12", "6.45 USD"},
		{money.HalfUp, "-9.67 16.13", "6.46 USD"},
	} {
		rounded := func(p *plan.Plan) { p.Policy.Rounding = tc.rounding }
		from, to := compiled(basic, "29.99", rounded), compiled(premium, "49.99", rounded)
		s := elasticpath.Store{Plans: []*plan.Version{from, to}}
		sub := sold(t, from, "2026-05-01T00:00:00Z")
		changed, _, err := s.Update(sub, subscriber("2026-05-22T00:00:00Z"), subscription.Immediately(), change(t, premium))
		require.NoError(t, err)
		invoices, _, err := billing.Invoices(changed, nil, billing.Checkpoint{}, at("2026-05-22T00:00:00Z"))
		require.NoError(t, err)
		last := invoices[len(invoices)-1]
		require.Equal(t, tc.lines, last.Lines[0].Amount.Amount()+" "+last.Lines[1].Amount.Amount())
		require.Equal(t, tc.total, last.Total.String())
	}
}

func TestWorked19DiscountsOfAPlan(t *testing.T) {
	t.Parallel()
	monthly := elasticpath.Terms{ID: basic, Currency: "USD", IntervalType: "month", Frequency: 1, Prices: []string{"50", "75"}, PercentOff: "5"}
	yearly := elasticpath.Terms{ID: premium, Currency: "USD", IntervalType: "month", Frequency: 12, Prices: []string{"50", "75"}, PercentOff: "10"}
	for _, tc := range []struct {
		terms elasticpath.Terms
		want  string
	}{
		{monthly, "2026-05-01T00:00:00Z 118.75 USD"},
		{yearly, "2027-04-01T00:00:00Z 1350.00 USD"},
	} {
		p, err := tc.terms.Plan()
		require.NoError(t, err)
		sub := sold(t, plan.MustCompile(p), "2026-04-01T00:00:00Z", func(p *subscription.Params) { p.Offering = nil })
		require.Equal(t, tc.want, next(t, sub, "2026-04-01T00:00:00Z"))
	}
}

func TestWorked20APlanThatCloses(t *testing.T) {
	t.Parallel()
	p, err := elasticpath.Terms{ID: closing, Currency: "USD", IntervalType: "month", Frequency: 1, Length: 12, EndBehavior: "close", Prices: []string{"6.99"}}.Plan()
	require.NoError(t, err)
	sub := sold(t, plan.MustCompile(p), "2026-01-15T00:00:00Z", func(p *subscription.Params) { p.Offering = nil })
	require.Equal(t, "2026-12-15T00:00:00Z 6.99 USD", next(t, sub, "2026-11-15T00:00:00Z"))
	require.Equal(t, "never", next(t, sub, "2026-12-15T00:00:00Z"))
	require.Equal(t, lifecycle.NonRenewing, sub.Status(at("2026-12-15T00:00:00Z")))
	d, err := store().Encode(sub, at("2027-01-15T00:00:00Z"), wire.Lossy)
	require.NoError(t, err)
	require.True(t, d.Data.Meta.Closed)
	require.Equal(t, elasticpath.Inactive, d.Data.Meta.Status)
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at("2028-01-01T00:00:00Z"))
	require.NoError(t, err)
	require.Len(t, invoices, 12)

	p, err = elasticpath.Terms{ID: closing, Currency: "USD", IntervalType: "month", Frequency: 4, Length: 10, Prices: []string{"1.7475"}}.Plan()
	require.NoError(t, err)
	p.Charges[0].Price = plan.FlatFee{Amount: decimal.RequireFromString("6.99")}
	p.Policy.Rounding = money.HalfUp // as the example has it; the vendor's own would be 3.49
	for last, want := range map[plan.LastPeriod]string{plan.LastFull: "6.99", plan.LastProrate: "3.50"} {
		p.Length.LastPeriod = last
		sub := sold(t, plan.MustCompile(p), "2026-01-15T00:00:00Z", func(p *subscription.Params) { p.Offering = nil })
		invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at("2028-01-01T00:00:00Z"))
		require.NoError(t, err)
		require.Len(t, invoices, 3)
		require.Equal(t, want, invoices[2].Total.Amount())
		ending, ok := sub.EndsAt(at("2026-10-01T00:00:00Z"))
		require.True(t, ok)
		require.Equal(t, at("2026-11-15T00:00:00Z"), ending.At)
	}
	require.Equal(t, calendar.Months(4), p.Every)
}
