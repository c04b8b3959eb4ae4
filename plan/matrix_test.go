package plan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// drawMatrix draws a table of prices by one or two dimensions.
func drawMatrix(t *rapid.T, size int) plan.Matrix {
	p := plan.Matrix{Dimensions: []string{"region", "size"}[:rapid.IntRange(1, 2).Draw(t, "dimensions")]}
	values := []string{"", "eu", "us", "ap: 1"}
	for i := range rapid.IntRange(0, 4).Draw(t, "rows") {
		row := plan.MatrixRow{Values: []string{values[i%len(values)]}, Price: drawPrice(t, size)}
		if len(p.Dimensions) == 2 {
			row.Values = append(row.Values, rapid.SampledFrom(values).Draw(t, "value"))
		}
		p.Rows = append(p.Rows, row)
	}
	if len(p.Rows) == 0 || rapid.Bool().Draw(t, "has default") {
		p.Default = drawEventPrice(t, size)
	}
	return p
}

var hours = plan.Matrix{
	Dimensions: []string{"region", "size"},
	Rows: []plan.MatrixRow{
		{Values: []string{"eu", "small"}, Price: plan.PerUnit{UnitAmount: d("0.05")}},
		{Values: []string{"us", "large"}, Price: plan.PerUnit{UnitAmount: d("0.40")}},
		{Values: []string{"us", ""}, Price: plan.Percentage{Rate: d("1"), FixedAmount: d("0.10")}},
	},
}

func TestEveryCombinationOfAMatrixHasItsOwnPrice(t *testing.T) {
	t.Parallel()
	closed, err := plan.CompilePrice(hours, money.USD)
	require.NoError(t, err)
	open := hours
	open.Default = plan.PerUnit{UnitAmount: d("1")}
	withDefault, err := plan.CompilePrice(open, money.USD)
	require.NoError(t, err)
	require.Equal(t, []string{"region", "size"}, closed.Dimensions())
	for _, row := range []struct {
		name   string
		table  *plan.CompiledPrice
		values []string
		want   string // of ten units, or the error
	}{
		{"the first row", closed, []string{"eu", "small"}, "0.50 USD"},
		{"the second row", closed, []string{"us", "large"}, "4.00 USD"},
		{"a value that is empty", closed, []string{"us", ""}, plan.ErrEvents.Error()},
		{"an unknown value is refused", closed, []string{"eu", "large"}, `plan: no price for these values: region "eu", size "large"`},
		{"an unknown value has the default price", withDefault, []string{"eu", "large"}, "10.00 USD"},
		{"the default leaves the rows alone", withDefault, []string{"eu", "small"}, "0.50 USD"},
		{"another number of values", withDefault, []string{"eu"}, plan.ErrDimensions.Error()},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			price, err := row.table.ByValues(row.values...)
			if err == nil {
				var amount money.Money
				if amount, err = price.Rate(d("10"), money.HalfUp); err == nil {
					require.Equal(t, row.want, amount.String())
					return
				}
			}
			require.EqualError(t, err, row.want)
		})
	}
	_, err = closed.ByValues("eu", "x")
	require.ErrorIs(t, err, plan.ErrNoRow)
}

func TestAMatrixRatesNothingByItself(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(hours, money.USD)
	require.NoError(t, err)
	require.True(t, table.RatesEvents())
	_, err = table.Rate(d("1"), money.HalfUp)
	require.ErrorIs(t, err, plan.ErrDimensions)
	_, err = table.Explain(d("1"))
	require.ErrorIs(t, err, plan.ErrDimensions)
	_, err = table.RateEvents(plan.EventRating{}, d("1"))
	require.ErrorIs(t, err, plan.ErrDimensions)
	plain, err := plan.CompilePrice(plan.PerUnit{}, money.USD)
	require.NoError(t, err)
	require.Nil(t, plain.Dimensions())
	_, err = plain.ByValues()
	require.ErrorIs(t, err, plan.ErrDimensions)
}

func TestAMatrixReportsAllItsFaults(t *testing.T) {
	t.Parallel()
	unit := plan.PerUnit{UnitAmount: d("1")}
	for _, row := range []struct {
		name  string
		price plan.Matrix
		want  string
	}{
		{"none", plan.Matrix{}, "dimensions: missing\nrows: missing"},
		{"names and values", plan.Matrix{
			Dimensions: []string{"a", "a", ""},
			Rows: []plan.MatrixRow{
				{Values: []string{"x", "y", "z"}, Price: unit},
				{Values: []string{"x", "y", "z"}, Price: plan.PerUnit{UnitAmount: d("-1")}},
				{Values: []string{"x"}},
				{Values: []string{"x\n", "", " "}, Price: plan.Matrix{}},
			},
			Default: hours,
		}, "dimensions[1]: \"a\" is used more than once\ndimensions[2]: missing\nrows[1].values: are there twice\nrows[1].price.unit_amount: must not be negative\n" +
			"rows[2].values: must have 3 values, one for each dimension\nrows[2].price: missing\n" +
			"rows[3].values[0]: must be on one line, without control characters\nrows[3].values[2]: must not begin or end with a space\nrows[3].price: must not be a matrix\ndefault: must not be a matrix"},
		{"too many dimensions", plan.Matrix{Dimensions: make([]string, 9), Default: unit}, "dimensions: must not have more than 8 elements"},
		{"too many rows", plan.Matrix{Dimensions: []string{"a"}, Rows: make([]plan.MatrixRow, 1001)}, "rows: must not have more than 1000 elements"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, row.price.Validate(), row.want)
		})
	}
	require.NoError(t, hours.Validate())
}

func TestAMatrixIsReadAndWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawMatrix(t, ordinary)
		if p.Validate() != nil {
			t.Skip("a combination is there twice")
		}
		data, err := json.Marshal(p)
		require.NoError(t, err)
		back, err := plan.DecodePrice(data)
		require.NoError(t, err)
		require.True(t, p.Equal(back))
		var own plan.Matrix
		require.NoError(t, json.Unmarshal(data, &own))
		require.True(t, own.Equal(p))
	})
	for _, row := range []struct{ document, want string }{
		{`{"model":"matrix"}`, "dimensions: missing\nrows: missing"},
		{`{"model":"matrix","dimensions":["a"],"rows":[{"values":["x"],"price":{"model":"matrix"}}]}`, "rows[0].price.model: must not be a matrix"},
		{`{"model":"matrix","dimensions":["a"],"rows":[{"values":["x"],"price":{"model":"cube"}}]}`, `rows[0].price.model: unknown price model "cube": must be one of per_unit, flat_fee, volume, tiered, package, stairstep, percentage, graduated_percentage, matrix`},
		{`{"model":"matrix","dimensions":["a"],"rows":[{"values":["x"]}],"free_units":"1"}`, "rows[0].price: missing\nfree_units: unknown field"},
		{`{"model":"matrix","dimensions":["a"],"default":{"model":"per_unit"}}`, "rows: missing\ndefault.unit_amount: missing"},
	} {
		_, err := plan.DecodePrice([]byte(row.document))
		require.EqualError(t, err, row.want)
	}
}

func TestOnlyUsageIsPricedByDimensions(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(p *plan.Plan)
		want   string
	}{
		{"no metric", func(p *plan.Plan) {
			p.Charges[0].Metric, p.Charges[0].Price = "", plan.Matrix{Dimensions: []string{"a"}, Default: plan.PerUnit{}}
		}, "charges[0].price: a price by dimensions rates the usage of a metric"},
		{"a level that is carried", func(p *plan.Plan) {
			p.Charges[0].Price = plan.Matrix{Dimensions: []string{"a"}, Default: plan.PerUnit{}}
			p.Metrics = []plan.Metric{{ID: "hours", Aggregation: plan.WeightedSum, Records: plan.ReadLevel, Carry: true}}
		}, "charges[0].price: a price by dimensions rates no level that is carried"},
		{"single events that are not summed", func(p *plan.Plan) {
			p.Metrics = []plan.Metric{{ID: "hours", Aggregation: plan.Max}}
		}, "charges[0].price: a price of single events rates a metric that is summed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := plan.Plan{ID: "p", Version: 1, Currency: money.USD, Charges: []plan.Charge{{ID: "h", Metric: "hours", Price: hours}}}
			require.NoError(t, p.Validate())
			row.change(&p)
			require.EqualError(t, p.Validate(), row.want)
		})
	}
}
