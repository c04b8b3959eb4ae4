package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// d reads a decimal that a test wrote.
func d(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// at reads an optional decimal that a test wrote.
func at(s string) *decimal.Decimal { return plan.Bound(d(s)) }

// badPrices are definitions as a Go program may write them, with every fault in order.
var badPrices = []struct {
	name  string
	price plan.Price
	want  string // one fault a line
}{
	{"no price", nil, `missing`},
	{"a pointer", &plan.PerUnit{}, `must be one of the price definitions of this package, by value`},
	{"a nil pointer", (*plan.Tiered)(nil), `must be one of the price definitions of this package, by value`},
	{"another type around one", struct{ plan.PerUnit }{}, `must be one of the price definitions of this package, by value`},

	{"negative unit amount", plan.PerUnit{UnitAmount: d("-0.01")}, `unit_amount: must not be negative`},
	{"negative free units", plan.PerUnit{FreeUnits: d("-1")}, `free_units: must not be negative`},
	{"too many places", plan.PerUnit{UnitAmount: decimal.New(1, -21)}, `unit_amount: too many digits`},
	{"too many digits before the point", plan.PerUnit{UnitAmount: decimal.New(1, 30)}, `unit_amount: too many digits`},
	{"an enormous exponent", plan.PerUnit{UnitAmount: decimal.New(1, 2_000_000_000)}, `unit_amount: too many digits`},
	{"an enormous negative exponent", plan.PerUnit{FreeUnits: decimal.New(1, -2_000_000_000)}, `free_units: too many digits`},
	{"more digits than forty", plan.PerUnit{UnitAmount: d("123456789012345678901.12345678901234567891")}, `unit_amount: too many digits`},
	{"negative minimum", plan.PerUnit{Bounds: plan.Bounds{Minimum: at("-1")}}, `minimum: must not be negative`},
	{"negative maximum", plan.PerUnit{Bounds: plan.Bounds{Maximum: at("-1")}}, `maximum: must not be negative`},
	{"maximum below the minimum", plan.PerUnit{Bounds: plan.Bounds{Minimum: at("10.50"), Maximum: at("10.49")}}, `maximum: must be at least the minimum 10.5`},
	{"minimum of too many digits", plan.PerUnit{Bounds: plan.Bounds{Minimum: plan.Bound(decimal.New(1, 99)), Maximum: at("1")}}, `minimum: too many digits`},
	{"all of it", plan.PerUnit{UnitAmount: d("-1"), FreeUnits: d("-1"), Bounds: plan.Bounds{Minimum: at("-1"), Maximum: at("-2")}}, `
		unit_amount: must not be negative
		free_units: must not be negative
		minimum: must not be negative
		maximum: must not be negative`},

	{"negative fee", plan.FlatFee{Amount: d("-49")}, `amount: must not be negative`},
	{"fee with crossed bounds", plan.FlatFee{Bounds: plan.Bounds{Minimum: at("2"), Maximum: at("1")}}, `maximum: must be at least the minimum 2`},

	{"package without a size", plan.Package{PackageAmount: d("5")}, `package_size: must exceed 0`},
	{"package of negative size", plan.Package{PackageSize: d("-10")}, `package_size: must exceed 0`},
	{"package of an enormous size", plan.Package{PackageSize: decimal.New(1, 31)}, `package_size: too many digits`},
	{"package with negative amounts", plan.Package{PackageSize: d("10"), PackageAmount: d("-5"), FreeUnits: d("-1")}, `
		package_amount: must not be negative
		free_units: must not be negative`},

	{"no tiers", plan.Tiered{}, `tiers: missing`},
	{"no tiers but closed", plan.Volume{Closed: true}, `tiers: missing`},
	{"too many tiers", plan.Volume{Tiers: make([]plan.Tier, 1001)}, `tiers: must be at most 1000, not 1001`},
	{"open end in the middle", plan.Tiered{Tiers: []plan.Tier{{}, {}}}, `tiers[0].up_to: missing: only the last tier is open`},
	{"last tier ends", plan.Tiered{Tiers: []plan.Tier{{UpTo: at("10")}}}, `tiers[0].up_to: must be left out: the last tier is open unless the price is closed`},
	{"closed without an end", plan.Tiered{Tiers: []plan.Tier{{UpTo: at("10")}, {}}, Closed: true}, `tiers[1].up_to: missing: the price is closed`},
	{"first tier ends at zero", plan.Tiered{Tiers: []plan.Tier{{UpTo: at("0")}, {}}}, `tiers[0].up_to: must exceed 0`},
	{"first tier ends below zero", plan.Tiered{Tiers: []plan.Tier{{UpTo: at("-1")}, {}}}, `tiers[0].up_to: must exceed 0`},
	{"tiers that do not ascend", plan.Volume{Tiers: []plan.Tier{{UpTo: at("10")}, {UpTo: at("10.0")}, {}}}, `tiers[1].up_to: must exceed 10`},
	{"a fall is measured against the last good end", plan.Volume{Tiers: []plan.Tier{{UpTo: at("10")}, {UpTo: at("5")}, {UpTo: at("7")}, {}}}, `
		tiers[1].up_to: must exceed 10
		tiers[2].up_to: must exceed 10`},
	{"a fraction below the end before", plan.Volume{Tiers: []plan.Tier{{UpTo: at("10.5")}, {UpTo: at("10.25")}, {}}}, `tiers[1].up_to: must exceed 10.5`},
	{"end of too many digits", plan.Volume{Tiers: []plan.Tier{{UpTo: plan.Bound(decimal.New(1, -25))}, {}}}, `tiers[0].up_to: too many digits`},
	{"tier with negative amounts", plan.Tiered{Tiers: []plan.Tier{{UnitAmount: d("-1"), FlatAmount: d("-2"), PackageSize: d("-3")}}}, `
		tiers[0].unit_amount: must not be negative
		tiers[0].flat_amount: must not be negative
		tiers[0].package_size: must not be negative`},
	{"tier amounts of too many digits", plan.Tiered{Tiers: []plan.Tier{{UnitAmount: decimal.New(1, 40), FlatAmount: decimal.New(1, -40)}}}, `
		tiers[0].unit_amount: too many digits
		tiers[0].flat_amount: too many digits`},
	{"tiered with negative free units", plan.Tiered{Tiers: []plan.Tier{{}}, FreeUnits: d("-0.5")}, `free_units: must not be negative`},
	{"tiered with an unknown word for zero", plan.Tiered{Tiers: []plan.Tier{{}}, Zero: "due"}, `zero: unknown choice "due": must be one of free`},
	{"volume with negative free units", plan.Volume{Tiers: []plan.Tier{{}}, FreeUnits: d("-0.5")}, `free_units: must not be negative`},
	{"volume with an unknown word for zero", plan.Volume{Tiers: []plan.Tier{{}}, Zero: "FREE"}, `zero: unknown choice "FREE": must be one of free`},
	{"faults of several tiers in order", plan.Volume{
		Tiers: []plan.Tier{{UpTo: at("5"), UnitAmount: d("-1")}, {UpTo: at("4"), FlatAmount: d("-1")}, {UpTo: at("9")}},
		Zero:  "no", Bounds: plan.Bounds{Maximum: at("-1")},
	}, `
		tiers[0].unit_amount: must not be negative
		tiers[1].up_to: must exceed 5
		tiers[1].flat_amount: must not be negative
		tiers[2].up_to: must be left out: the last tier is open unless the price is closed
		zero: unknown choice "no": must be one of free
		maximum: must not be negative`},

	{"no steps", plan.Stairstep{}, `tiers: missing`},
	{"too many steps", plan.Stairstep{Steps: make([]plan.Step, 2000)}, `tiers: must be at most 1000, not 2000`},
	{"step with a negative amount", plan.Stairstep{Steps: []plan.Step{{Amount: d("-1")}}}, `tiers[0].amount: must not be negative`},
	{"steps that do not ascend", plan.Stairstep{Steps: []plan.Step{{UpTo: at("2")}, {UpTo: at("1")}, {}}}, `tiers[1].up_to: must exceed 2`},
	{"open step in the middle", plan.Stairstep{Steps: []plan.Step{{}, {}}}, `tiers[0].up_to: missing: only the last tier is open`},
	{"last step ends", plan.Stairstep{Steps: []plan.Step{{UpTo: at("2")}}}, `tiers[0].up_to: must be left out: the last tier is open unless the price is closed`},
	{"closed steps without an end", plan.Stairstep{Steps: []plan.Step{{}}, Closed: true}, `tiers[0].up_to: missing: the price is closed`},
	{"rate below zero and a negative free amount", plan.Percentage{Rate: d("-1"), FreeAmount: d("-1")}, "rate: must not be negative\nfree_amount: must not be negative"},
	{"rate above a thousand percent", plan.Percentage{Rate: d("1000.000001")}, `rate: must be at most 1000`},
	{"rate of too many places", plan.Percentage{Rate: d("0.0000001")}, `rate: must have at most 6 decimal places`},
	{"faults of what is due for events", plan.Percentage{
		FixedAmount: d("-1"), FreeEvents: d("1.5"), FreeAmount: d("1"), FreeBy: "all", EventMinimum: at("2"), EventMaximum: at("1.99"),
	}, `
		fixed_amount: must not be negative
		free_events: must be a whole number
		free_by: unknown choice of allowances "all": must be one of first_to_end, both
		event_maximum: must be at least the minimum 2`},
	{"more free events than are counted", plan.Percentage{FreeEvents: d("1000000001"), EventMinimum: at("-1")}, `
		free_events: must be at most 1000000000
		event_minimum: must not be negative`},
	{"rates of tiers that do not ascend", plan.GraduatedPercentage{Tiers: []plan.PercentageTier{{UpTo: at("2"), Rate: d("-1")}, {UpTo: at("1"), FlatAmount: d("-1")}, {Rate: d("1001")}}}, `
		tiers[0].rate: must not be negative
		tiers[1].up_to: must exceed 2
		tiers[1].flat_amount: must not be negative
		tiers[2].rate: must be at most 1000`},
	{"no rates", plan.GraduatedPercentage{Zero: "due"}, "tiers: missing\nzero: unknown choice \"due\": must be one of free"},
	{"steps with an unknown word for zero", plan.Stairstep{Steps: []plan.Step{{}}, Zero: "0"}, `zero: unknown choice "0": must be one of free`},
}

// lines puts one fault on a line, as errors.Join does.
func lines(want string) string {
	var list []string
	for line := range strings.SplitSeq(strings.TrimSpace(want), "\n") {
		list = append(list, strings.TrimSpace(line))
	}
	return strings.Join(list, "\n")
}

func TestABadPriceReportsEveryFaultWithItsPath(t *testing.T) {
	t.Parallel()
	for _, test := range badPrices {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			table, err := plan.CompilePrice(test.price, money.USD)
			require.EqualError(t, err, lines(test.want))
			require.Nil(t, table)
			var fault *fault.FieldError
			require.True(t, errors.As(err, &fault))
		})
	}
}

func TestABadPriceIsRefusedByValidateAndNeverEncoded(t *testing.T) {
	t.Parallel()
	for _, test := range badPrices[4:] { // those before have no methods to call
		require.EqualError(t, test.price.Validate(), lines(test.want), test.name)
		data, err := jsonOf(test.price)
		require.Error(t, err, test.name)
		require.Empty(t, data, test.name)
		require.True(t, test.price.Equal(test.price), test.name)
	}
}

func TestAPriceNeedsACurrency(t *testing.T) {
	t.Parallel()
	_, err := plan.CompilePrice(plan.PerUnit{}, 0)
	require.ErrorIs(t, err, money.ErrUnknownCurrency)
	require.EqualError(t, err, "plan: price: unknown currency")
}

func TestZeroValuesThatAreValidPricesCostNothing(t *testing.T) {
	t.Parallel()
	for _, price := range []plan.Price{
		plan.PerUnit{},
		plan.FlatFee{},
		plan.Package{PackageSize: d("1")},
		plan.Volume{Tiers: []plan.Tier{{}}},
		plan.Tiered{Tiers: []plan.Tier{{}}},
		plan.Stairstep{Steps: []plan.Step{{}}},
		plan.Percentage{},
		plan.GraduatedPercentage{Tiers: []plan.PercentageTier{{}}},
	} {
		require.NoError(t, price.Validate())
		require.Equal(t, "0.00 USD", rate(t, price, "12.5"))
		require.Contains(t, plan.Words[plan.Model](), price.Model())
	}
}

func TestEqualComparesByValue(t *testing.T) {
	t.Parallel()
	long := plan.Tiered{Tiers: []plan.Tier{{UpTo: at("10.00"), UnitAmount: d("5.0")}, {}}, Bounds: plan.Bounds{Minimum: at("1.0")}}
	short := plan.Tiered{Tiers: []plan.Tier{{UpTo: at("10"), UnitAmount: d("5")}, {FlatAmount: decimal.New(0, 5)}}, Bounds: plan.Bounds{Minimum: at("1")}}
	require.True(t, long.Equal(short))
	require.True(t, short.Equal(long))
	require.True(t, plan.PerUnit{UnitAmount: decimal.New(1, 3)}.Equal(plan.PerUnit{UnitAmount: d("1000")}))
	require.False(t, long.Equal(plan.Volume{Tiers: long.Tiers, Bounds: long.Bounds}), "another model with the same numbers")
	require.False(t, long.Equal(nil))
	require.False(t, plan.PerUnit{}.Equal(&plan.PerUnit{}), "a pointer is no price")
	require.False(t, plan.PerUnit{}.Equal(plan.PerUnit{Bounds: plan.Bounds{Minimum: at("0")}}), "no minimum, and one of zero")
	require.False(t, plan.PerUnit{UnitAmount: decimal.New(1, 2_000_000_000)}.Equal(plan.PerUnit{UnitAmount: decimal.New(1, -2_000_000_000)}))
}

func TestAChangedDefinitionChangesNothingCompiled(t *testing.T) {
	t.Parallel()
	price := plan.Volume{
		Tiers: []plan.Tier{{UpTo: at("10"), UnitAmount: d("5")}, {UnitAmount: d("4")}}, Bounds: plan.Bounds{Maximum: at("1000")},
	}
	table, err := plan.CompilePrice(price, money.USD)
	require.NoError(t, err)

	*price.Tiers[0].UpTo = d("1")
	price.Tiers[1].UnitAmount = d("0")
	*price.Maximum = d("0")
	mine := table.Price().(plan.Volume)
	mine.Tiers[0].UnitAmount = d("99")
	*mine.Tiers[0].UpTo = d("99")

	m, err := table.Rate(d("11"), money.HalfUp)
	require.NoError(t, err)
	require.Equal(t, money.MustParse("44.00 USD"), m)
	require.Equal(t, plan.Volume{
		Tiers: []plan.Tier{{UpTo: at("10"), UnitAmount: d("5")}, {UnitAmount: d("4")}}, Bounds: plan.Bounds{Maximum: at("1000")},
	}, table.Price())
}

// rate is what a quantity costs in dollars, as text.
func rate(t *testing.T, price plan.Price, quantity string) string {
	t.Helper()
	table, err := plan.CompilePrice(price, money.USD)
	require.NoError(t, err)
	m, err := table.Rate(d(quantity), money.HalfUp)
	require.NoError(t, err)
	text, err := m.MarshalText()
	require.NoError(t, err)
	return string(text)
}
