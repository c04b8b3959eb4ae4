package billing

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// quantity reports one that cannot be rated.
func quantity(f *faults.List, path string, d decimal.Decimal) {
	if err := dec.Check(d); err != nil {
		f.Wrap(path, err)
	} else if d.IsNegative() {
		f.Add(path, fault.OutOfRange, "must not be negative")
	}
}

// value is what this package writes as JSON and reads.
type value interface{ faults() faults.List }

// decode reads a value strictly and reports the faults of the document together
// with those of what could be read. The target changes only if there are none.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	return faults.Decode(data, to, c, limits, T.faults)
}
