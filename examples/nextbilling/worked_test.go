package main

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Worked examples: figures that were computed apart from this engine, on paper and
// with another decimal library. Amounts are minor units. The files have the numbers
// of the examples; a plan's charges stand in testdata/worked/catalog.json.

const workedCatalog = "testdata/worked/catalog.json"

// figures are what an example says of one subscription. An empty instant: none.
type figures struct {
	id     string
	status lifecycle.Status
	at     string
	amount int64
	plan   int64
}

// worked runs the program on the file of an example, compares the figures with its
// JSON and what it prints with the golden file, and returns the answers.
func worked(t *testing.T, number string, want ...figures) map[string]answered {
	t.Helper()
	file := "testdata/worked/" + number + ".json"
	args := []string{"-catalog", workedCatalog, "-subscriptions", file}

	var r report
	require.NoError(t, json.Unmarshal([]byte(printed(t, append(args, "-json")...)), &r))
	require.Len(t, r.Subscriptions, len(want))
	text := printed(t, args...)
	for i, row := range r.Subscriptions {
		at := ""
		if !row.NextInvoice.At.IsZero() {
			at = row.NextInvoice.At.Format(time.RFC3339Nano)
		}
		require.Equal(t, want[i], figures{row.ID, row.Status, at, row.NextInvoice.Amount.Minor(), row.NextInvoice.PlanAmount.Minor()})
		text += "\n" + strings.Repeat("-", 72) + "\n" + printed(t, append(args, "-explain", row.ID)...)
	}
	equalsFile(t, "testdata/worked/"+number+".golden", []byte(text))

	b, faults := load(options{catalog: workedCatalog, subscriptions: file})
	require.Empty(t, faults)
	answers, faults := b.ask()
	require.Empty(t, faults)
	byID := map[string]answered{}
	for _, a := range answers {
		byID[string(a.sub.ID())] = a
	}
	return byID
}

// bills are the instants and amounts of the invoices from the start to an instant.
func bills(t *testing.T, a answered, to string) []string {
	t.Helper()
	made, _, err := billing.Invoices(a.sub, a.usage, billing.Checkpoint{}, instant(t, to))
	require.NoError(t, err)
	list := []string{}
	for _, inv := range made {
		list = append(list, inv.At.Format(time.RFC3339Nano)+" "+inv.Total.String())
	}
	return list
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at
}

// minor rates a quantity with the price of the first charge.
func minor(t *testing.T, a answered, quantity int64) int64 {
	t.Helper()
	seg := a.segment()
	amount, err := seg.Price(slices.Collect(seg.Phase().Charges())[0]).Rate(decimal.NewFromInt(quantity), seg.Policy().Rounding)
	require.NoError(t, err)
	return amount.Minor()
}

// boundaries are the boundaries first to last of the grid, as dates.
func boundaries(t *testing.T, a answered, first, last int) []string {
	t.Helper()
	var list []string
	for k := first; k <= last; k++ {
		at, err := a.sub.Segment(a.sub.Segments() - 1).Grid().Boundary(k)
		require.NoError(t, err)
		list = append(list, at.Format(time.DateOnly))
	}
	return list
}

func TestWorkedExample01PerUnitWithSeats(t *testing.T) {
	t.Parallel()
	a := worked(t, "01", figures{"one", lifecycle.Active, "2026-02-15T10:00:00Z", 99000, 99000})["one"]
	require.Equal(t, []string{"2026-01-15T10:00:00Z 990.00 USD", "2026-02-15T10:00:00Z 990.00 USD"}, bills(t, a, "2026-02-15T10:00:00Z"))

	seats := feature.Seats{Free: 2, Paid: 10, Used: 7, Teams: map[string]feature.Team{"red": {Quota: 3, Used: 1}, "blue": {Quota: 2, Used: 2}}}
	require.EqualValues(t, 12, seats.Cap())
	require.EqualValues(t, 5, seats.Available())
	require.EqualValues(t, 3, seats.Unreserved())
}

func TestWorkedExample02YearlyWithPromotionalTargets(t *testing.T) {
	t.Parallel()
	a := worked(t, "02", figures{"two", lifecycle.Active, "2027-05-01T00:00:00Z", 1980000, 1980000})["two"]
	require.Equal(t, []string{"2026-05-01T00:00:00Z 19800.00 USD", "2027-05-01T00:00:00Z 19800.00 USD"}, bills(t, a, "2027-05-01T00:00:00Z"))

	_, data, err := file(workedCatalog, "", nil)
	require.NoError(t, err)
	catalog, err := plan.DecodeCatalog(data)
	require.NoError(t, err)
	monthly, err := catalog.Lookup(plan.Ref{ID: "per-unit-monthly-free", Version: 1})
	require.NoError(t, err)
	saved, err := a.version().SavingsOver(monthly, decimal.NewFromInt(6)) // one above the free ones
	require.NoError(t, err)
	require.EqualValues(t, 118800, saved.Reference.Minor())
	require.EqualValues(t, 99000, saved.Price.Minor())
	require.EqualValues(t, 19800, saved.Saved.Minor())
	require.Equal(t, 17, saved.Percent)
}

func TestWorkedExample03FlatFeeEveryTwoWeeks(t *testing.T) {
	t.Parallel()
	a := worked(t, "03", figures{"three", lifecycle.Active, "2026-04-27T00:00:00Z", 4900, 4900})["three"]
	period, err := a.segment().Grid().PeriodAt(a.at)
	require.NoError(t, err)
	fourth, err := a.segment().Grid().PeriodN(3) // counted from 0
	require.NoError(t, err)
	require.Equal(t, fourth, period)
	require.Equal(t, "2026-04-13", period.Start.Format(time.DateOnly))
	require.Equal(t, "2026-04-27", period.End.Format(time.DateOnly))
}

func TestWorkedExample04VolumeEveryThreeMonths(t *testing.T) {
	t.Parallel()
	const next = "2026-08-10T08:30:00Z"
	worked(t, "04",
		figures{"volume-20", lifecycle.Active, next, 78000, 78000}, figures{"volume-21", lifecycle.Active, next, 60900, 60900},
		figures{"volume-5", lifecycle.Active, next, 24500, 24500}, figures{"volume-6", lifecycle.Active, next, 23400, 23400})
}

func TestWorkedExample05TieredYearly(t *testing.T) {
	t.Parallel()
	const next = "2027-02-10T08:30:00Z"
	a := worked(t, "05",
		figures{"tiered-21", lifecycle.Active, next, 85900, 85900}, figures{"tiered-5", lifecycle.Active, next, 24500, 24500},
		figures{"tiered-6", lifecycle.Active, next, 28400, 28400}, figures{"tiered-20", lifecycle.Active, next, 83000, 83000})["tiered-21"]
	seg := a.segment()
	rating, err := seg.Price(slices.Collect(seg.Phase().Charges())[0]).Explain(decimal.NewFromInt(21))
	require.NoError(t, err)
	var steps []string
	for _, step := range rating.Steps {
		steps = append(steps, step.Amount.StringFixed(2))
	}
	require.Equal(t, []string{"245.00", "585.00", "29.00"}, steps)
}

func TestWorkedExample06FreeUnitsComeOffBeforeTiers(t *testing.T) {
	t.Parallel()
	const next = "2026-06-10T08:30:00Z"
	a := worked(t, "06", figures{"volume-23", lifecycle.Active, next, 60900, 60900}, figures{"tiered-23", lifecycle.Active, next, 85900, 85900})
	// In the wrong order it would be what two more units cost.
	require.EqualValues(t, 66700, minor(t, a["volume-23"], 25))
	require.EqualValues(t, 91700, minor(t, a["tiered-23"], 25))
}

func TestWorkedExample08Trial(t *testing.T) {
	t.Parallel()
	const next = "2023-12-15T19:19:18.037Z"
	a := worked(t, "08", figures{"monthly", lifecycle.InTrial, next, 1433, 1433}, figures{"yearly", lifecycle.InTrial, next, 1433, 1433})
	require.Equal(t, []string{next + " 14.33 USD", "2024-01-15T19:19:18.037Z 14.33 USD"}, bills(t, a["monthly"], "2024-01-15T19:19:18.037Z"))
	require.Equal(t, []string{next + " 14.33 USD", "2024-12-15T19:19:18.037Z 14.33 USD"}, bills(t, a["yearly"], "2024-12-15T19:19:18.037Z"))
	require.Equal(t, lifecycle.Active, a["monthly"].sub.Status(instant(t, next)))
}

func TestWorkedExample09CancelledInItsTrial(t *testing.T) {
	t.Parallel()
	a := worked(t, "09", figures{"cancelled-in-trial", lifecycle.InTrial, "", 0, 1433})["cancelled-in-trial"]
	end := instant(t, "2023-12-15T19:19:18.037Z")
	require.Equal(t, lifecycle.InTrial, a.sub.Status(end.Add(-1)))
	require.Equal(t, lifecycle.Cancelled, a.sub.Status(end))
	require.Empty(t, bills(t, a, "2033-01-01T00:00:00Z"))
}

func TestWorkedExample10FutureWithATrial(t *testing.T) {
	t.Parallel()
	a := worked(t, "10",
		figures{"with-trial", lifecycle.Future, "2026-04-01T00:00:00Z", 699, 699},
		figures{"without-trial", lifecycle.Future, "2026-03-01T00:00:00Z", 699, 699})
	require.Equal(t, []string{"2026-04-01T00:00:00Z 6.99 USD", "2026-05-01T00:00:00Z 6.99 USD"}, bills(t, a["with-trial"], "2026-05-01T00:00:00Z"))
	require.Equal(t, []string{"2026-03-01T00:00:00Z 6.99 USD", "2026-04-01T00:00:00Z 6.99 USD"}, bills(t, a["without-trial"], "2026-04-01T00:00:00Z"))
}

func TestWorkedExample11CancelledAtTheEndOfThePeriod(t *testing.T) {
	t.Parallel()
	a := worked(t, "11", figures{"eleven", lifecycle.NonRenewing, "", 0, 99000})["eleven"]
	end, ok := a.opens(subscription.Ended)
	require.True(t, ok)
	require.Equal(t, instant(t, "2026-02-15T10:00:00Z"), end) // no invoice comes after it
	require.Equal(t, lifecycle.NonRenewing, a.sub.Status(end.Add(-1)))
	require.Equal(t, lifecycle.Cancelled, a.sub.Status(end))
	require.Equal(t, []string{"2026-01-15T10:00:00Z 990.00 USD"}, bills(t, a, "2036-01-01T00:00:00Z"))
}

func TestWorkedExample13MonthEnds(t *testing.T) {
	t.Parallel()
	a := worked(t, "13",
		figures{"january-31", lifecycle.Active, "2026-02-28T09:00:00Z", 1000, 1000},
		figures{"april-30", lifecycle.Future, "2026-04-30T09:00:00Z", 1000, 1000})
	january := a["january-31"]
	require.Equal(t, []string{"2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"}, boundaries(t, january, 1, 5))
	require.Equal(t, []string{"2027-02-28"}, boundaries(t, january, 13, 13))
	require.Equal(t, []string{"2028-02-29"}, boundaries(t, january, 25, 25))
	require.Equal(t, []string{"2026-05-30"}, boundaries(t, a["april-30"], 1, 1))
	require.Equal(t, []string{
		"2026-01-31T09:00:00Z 10.00 USD", "2026-02-28T09:00:00Z 10.00 USD", "2026-03-31T09:00:00Z 10.00 USD",
		"2026-04-30T09:00:00Z 10.00 USD", "2026-05-31T09:00:00Z 10.00 USD", "2026-06-30T09:00:00Z 10.00 USD",
	}, bills(t, january, "2026-07-01T00:00:00Z"))
}

func TestWorkedExample14LeapDayAndQuarterEnds(t *testing.T) {
	t.Parallel()
	a := worked(t, "14",
		figures{"leap-day", lifecycle.Active, "2026-02-28T00:00:00Z", 1000, 1000},
		figures{"november-30", lifecycle.Active, "2026-02-28T00:00:00Z", 1000, 1000})
	require.Equal(t, []string{"2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"}, boundaries(t, a["leap-day"], 1, 4))
	require.Equal(t, []string{"2026-02-28", "2026-05-30", "2026-08-30", "2026-11-30"}, boundaries(t, a["november-30"], 1, 4))
}

func TestWorkedExample16CreditPackRoundedTwoWays(t *testing.T) {
	t.Parallel()
	const next = "2026-02-15T10:00:00Z"
	a := worked(t, "16", figures{"half-up", lifecycle.Active, next, 1000, 1000}, figures{"down", lifecycle.Active, next, 1000, 1000})
	for id, answer := range a {
		price, ok := answer.version().PackPrice("seven")
		require.True(t, ok, id)
		require.EqualValues(t, 2331, price.List.Minor(), id)
		require.EqualValues(t, 1981, price.Price.Minor(), id)
		require.EqualValues(t, 350, price.Savings.Minor(), id)
		require.Equal(t, 15, price.Discount, id)
	}
}

func TestWorkedExample24AmountsBeyond32Bits(t *testing.T) {
	t.Parallel()
	const next = "2026-02-15T10:00:00Z"
	a := worked(t, "24",
		figures{"too-large-for-32-bits", lifecycle.Active, next, 4995000000, 4995000000},
		figures{"largest-within-32-bits", lifecycle.Active, next, 4294900800, 4294900800})["largest-within-32-bits"]
	require.LessOrEqual(t, minor(t, a, 42992), int64(math.MaxUint32))
	require.Greater(t, minor(t, a, 42993), int64(math.MaxUint32))
}

func TestWorkedExample25NoInterval(t *testing.T) {
	t.Parallel()
	a := worked(t, "25", figures{"no-interval", lifecycle.Active, "", 0, 1433})["no-interval"]
	end := instant(t, "2023-12-15T19:19:18.037Z")
	require.Equal(t, lifecycle.Active, a.sub.Status(end.Add(-1)))
	state, err := a.sub.State(end)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Cancelled, state.Status())
	require.True(t, state.Closed())
}
