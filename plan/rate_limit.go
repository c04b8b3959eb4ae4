package plan

import (
	"math"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

// findLimit is [seam.Rating.Limit]. Few quantities are larger than what is tried first.
func (t *CompiledPrice) findLimit() int64 {
	if t.line.isLine && t.line.unit == 0 {
		return math.MaxInt64 // whatever the quantity
	}
	if t.events != nil {
		return t.findEventLimit()
	}
	f := &t.fast
	if len(f.pieces) == 0 {
		return 0
	}
	limit := uint64(1_000_000_000_000)
	if last := f.ends[len(f.ends)-1]; t.exact.closed && last+f.free >= last {
		limit = min(limit, (last+f.free)/pow10[f.scale])
	}
	for limit > 0 && !f.ratesUpTo(int64(limit)) {
		limit /= 1000
	}
	return int64(limit)
}

// ratesUpTo reports whether every quantity up to a limit can be rated. Within a piece more
// never costs less: the ends of the pieces tell.
func (f *fastCurve) ratesUpTo(limit int64) bool {
	if _, ok := f.rate(limit, 0, arith.Up); !ok {
		return false
	}
	for _, end := range f.ends {
		q := end + f.free
		if q < end || q >= uint64(limit)*pow10[f.scale] {
			break
		}
		if _, ok := f.rate(int64(q), -f.scale, arith.Up); q > math.MaxInt64 || !ok {
			return false
		}
	}
	return true
}

// findEventLimit is findLimit for a price of events, of which a quantity is one: a larger one
// never costs less.
func (t *CompiledPrice) findEventLimit() int64 {
	limit := int64(1_000_000_000_000)
	for ; limit > 0; limit /= 1000 {
		var one EventRating
		t.events.charge(&one, decimal.NewFromInt(limit))
		if _, err := t.rateAmount(t.events.amount(&one), 1, 1, 1, money.Up); err == nil {
			break
		}
	}
	return limit
}
