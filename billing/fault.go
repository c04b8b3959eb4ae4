package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

var errMissing = fault.Required.Errorf("missing")

// faults collects the faults of a value.
type faults []*fault.FieldError

func (f *faults) add(path string, code fault.Code, format string, args ...any) {
	f.wrap(path, code.Errorf(format, args...))
}

func (f *faults) wrap(path string, err error) {
	if err != nil {
		*f = append(*f, fault.At(path, err))
	}
}

// below adds the faults of the value at path.
func (f *faults) below(path string, found faults) {
	for _, e := range found {
		*f = append(*f, fault.At(path, e))
	}
}

// instant reports an instant that a document cannot hold; a required one must be
// there.
func (f *faults) instant(path string, t time.Time, required bool) {
	switch y := t.UTC().Year(); {
	case t.IsZero() && required:
		f.wrap(path, errMissing)
	case y < 1 || y > 9999:
		f.add(path, fault.OutOfRange, "must lie in the years 1 to 9999")
	}
}

// amount reports a quantity that cannot be rated.
func (f *faults) amount(path string, d decimal.Decimal) {
	if err := dec.Check(d); err != nil {
		f.wrap(path, err)
	} else if d.IsNegative() {
		f.add(path, fault.OutOfRange, "must not be negative")
	}
}

func (f faults) err() error { return strictjson.JoinErrors(f) }

// value is what this package writes as JSON and reads.
type value interface{ faults() faults }

// decode reads a value strictly and reports the faults of the document together
// with those of what could be read. The target changes only if there are none.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	var none T
	was := *to
	*to = none // read in place: what is read is large, and another one would go to the heap
	found := strictjson.FieldErrors(c.Read(data, to, limits))
	err := strictjson.Merge(found, (*to).faults())
	if err != nil {
		*to = was
	}
	return err
}
