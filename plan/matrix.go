package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

// MaxDimensions is the largest number of properties by which a [Matrix] prices.
const MaxDimensions = 8

// Matrix prices the usage of a metric by properties of its records: a table of prices by the values
// of named properties, as hours by region and size. Every combination of values is counted by itself
// and has its own price, with its own tiers, free units and bounds, and a line of its own. A
// combination that nothing was used of costs nothing, whatever is due at a quantity of zero.
//
// The compiled price of a Matrix rates nothing by itself ([ErrDimensions]): [CompiledPrice.ByValues]
// returns that of a combination. It prices metered charges only, and no level that is carried.
type Matrix struct {
	// Dimensions are the names of the properties, at least one and at most [MaxDimensions]. Each
	// has the form of an id. A record without the property has the empty value of it.
	Dimensions []string
	// Rows are the prices by values, each combination once; at most [MaxTiers].
	Rows []MatrixRow
	// Default is the price of every combination that has no row, counted by itself all the same.
	// Nil: usage of such a combination is refused, as unknown.
	Default Price
}

// MatrixRow is the price of one combination of values.
type MatrixRow struct {
	// Values are those of the dimensions, in their order: names of one line, which may be empty.
	Values []string
	// Price is of any kind but a [Matrix].
	Price Price
}

// Model is [MatrixModel].
func (p Matrix) Model() Model { return MatrixModel }

// Validate reports every fault: no dimension, one named twice, a combination that is there twice or
// has another number of values, a table without any price, and the faults of each price.
func (p Matrix) Validate() error { return validatePrice(p) }

// Equal compares by value; the order of the rows is a part of it.
func (p Matrix) Equal(other Price) bool { return equalPrices(p, other) }

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Matrix) MarshalJSON() ([]byte, error) { return encodePrice(p) }

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Matrix) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

func (p Matrix) check(f faults) {
	dimensions := f.field("dimensions")
	if len(p.Dimensions) == 0 {
		dimensions.add(errMissing)
	}
	if len(p.Dimensions) > MaxDimensions {
		dimensions.atMost(len(p.Dimensions), MaxDimensions)
		return
	}
	names := map[string]bool{}
	for i, name := range p.Dimensions {
		dimensions.index(i).id(name)
		dimensions.index(i).unique(names, name)
	}
	rows := f.field("rows")
	if len(p.Rows) == 0 && p.Default == nil {
		rows.add(errMissing)
	}
	if len(p.Rows) > MaxTiers {
		rows.atMost(len(p.Rows), MaxTiers)
		return
	}
	seen := map[string]bool{}
	for i, row := range p.Rows {
		values := rows.index(i).field("values")
		switch key := combination(row.Values); {
		case len(row.Values) != len(p.Dimensions):
			values.addf(fault.Inconsistent, "must have %d values, one for each dimension", len(p.Dimensions))
		case seen[key]:
			values.addf(fault.Duplicate, "are there twice")
		default:
			seen[key] = true
		}
		for j, v := range row.Values {
			values.index(j).wrap(text.Name(v, MaxIDLen))
		}
		rows.index(i).field("price").plain(row.Price)
	}
	if p.Default != nil {
		f.field("default").plain(p.Default)
	}
}

// plain checks a price that is no table of others.
func (f faults) plain(p Price) {
	if _, nested := p.(Matrix); nested {
		f.addf(fault.Inconsistent, "must not be a matrix")
		return
	}
	f.below(checkPrice(p, ""))
}

func (p Matrix) clone() Price {
	p.Dimensions = slices.Clone(p.Dimensions)
	var rows []MatrixRow
	for _, row := range p.Rows {
		rows = append(rows, MatrixRow{Values: slices.Clone(row.Values), Price: clonePrice(row.Price)})
	}
	p.Rows, p.Default = rows, clonePrice(p.Default)
	return p
}

func (p Matrix) curve() curve { return curve{byDimensions: true} }

// eachMatrix checks the prices of the charge, in all currencies, that are tables of others.
func (c Charge) eachMatrix(f faults, check func(f faults)) {
	if _, ok := c.Price.(Matrix); ok {
		check(f.field("price"))
	}
	for _, currency := range sortedCurrencies(c.Prices) {
		if _, ok := c.Prices[currency].(Matrix); ok {
			check(f.field("prices").field(currency.String()))
		}
	}
}

// ratesEvents reports whether any price of the table rates single events.
func (p Matrix) ratesEvents() bool {
	return ratesEvents(p.Default) || slices.ContainsFunc(p.Rows, func(row MatrixRow) bool { return ratesEvents(row.Price) })
}

// combination names a list of values, which have no control characters.
func combination(values []string) string { return strings.Join(values, "\x00") }

// compiledMatrix is a [Matrix] with its prices compiled.
type compiledMatrix struct {
	dimensions []string
	rows       map[string]*CompiledPrice
	other      *CompiledPrice // nil: other combinations are refused
	events     bool
}

func (p Matrix) compile(c money.Currency) (*compiledMatrix, error) {
	m := &compiledMatrix{dimensions: p.Dimensions, rows: make(map[string]*CompiledPrice, len(p.Rows)), events: p.ratesEvents()}
	var err error
	for _, row := range p.Rows {
		if m.rows[combination(row.Values)], err = CompilePrice(row.Price, c); err != nil {
			return nil, err
		}
	}
	if p.Default != nil {
		m.other, err = CompilePrice(p.Default, c)
	}
	return m, err
}

// Dimensions returns the names of the properties by which a [Matrix] prices, in its order; nil for
// every other price.
func (t *CompiledPrice) Dimensions() []string {
	if t.matrix == nil {
		return nil
	}
	return slices.Clone(t.matrix.dimensions)
}

// ByValues returns the price of a combination of a [Matrix], by the values of its dimensions in
// their order. Errors: [ErrNoRow] for a combination that has no price, [ErrDimensions] for a price
// without dimensions or another number of values.
func (t *CompiledPrice) ByValues(values ...string) (*CompiledPrice, error) {
	if t.matrix == nil || len(values) != len(t.matrix.dimensions) {
		return nil, ErrDimensions
	}
	if p, ok := t.matrix.rows[combination(values)]; ok {
		return p, nil
	}
	if t.matrix.other != nil {
		return t.matrix.other, nil
	}
	return nil, &RowError{Dimensions: slices.Clone(t.matrix.dimensions), Values: slices.Clone(values)}
}

// RowError names a combination that has no price. It is [ErrNoRow].
type RowError struct {
	Dimensions, Values []string
}

func (e *RowError) Error() string {
	b := []byte("plan: " + ErrNoRow.Error() + ":")
	for i, name := range e.Dimensions {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(append(append(append(b, ' '), name...), ' '), e.Values[i])
	}
	return string(b)
}

// Unwrap returns [ErrNoRow].
func (e *RowError) Unwrap() error { return ErrNoRow }

// The JSON of a table of prices. Its prices are those of the other models.
var (
	plainPrice  = strictjson.Custom(plainShape, readPlain, writePrice, func(p *Price) bool { return *p == nil })
	matrixCodec = strictjson.Struct(
		strictjson.Required("model", func(f *matrixForm) *Model { return &f.Model }, modelCodec(MatrixModel)),
		strictjson.Field("dimensions", func(f *matrixForm) *[]string { return &f.Dimensions }, strictjson.List[[]string](strictjson.Text[string]())).Needed(),
		strictjson.Optional("rows", func(f *matrixForm) *[]MatrixRow { return &f.Rows }, strictjson.List[[]MatrixRow](strictjson.Struct(
			strictjson.Field("values", func(f *MatrixRow) *[]string { return &f.Values }, strictjson.List[[]string](strictjson.Text[string]())).Needed(),
			strictjson.Field("price", func(f *MatrixRow) *Price { return &f.Price }, plainPrice).Needed(),
		))),
		strictjson.Optional("default", func(f *matrixForm) *Price { return &f.Default }, plainPrice),
	)
)

type matrixForm struct {
	Model Model
	Matrix
}

func (f *matrixForm) check(func(string, error)) {}

func (f *matrixForm) price() Price { return f.Matrix.clone() }

func (p Matrix) appendTo(dst []byte) ([]byte, error) {
	return matrixCodec.Append(dst, &matrixForm{Model: MatrixModel, Matrix: p})
}
