package feature

import (
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

var (
	errNegative = fault.OutOfRange.Errorf("must not be negative")
	errMissing  = fault.Required.Errorf("missing")
)

// below prefixes faults with a path.
func below(path string, faults []*fault.FieldError) []*fault.FieldError {
	for _, f := range faults {
		f.Path = strictjson.Join(path, f.Path)
	}
	return faults
}

// limits leave room for the largest value of the package, a ledger of credits, whose
// names may each take 1.5 KiB when escaped.
var limits = strictjson.Limits{Size: 64 << 20, Values: 100_000}

// decode reads a document strictly and reports what is wrong with it together with the
// faults of what could be read. The target changes only if there are none.
func decode[T any](data []byte, to *T, c strictjson.Codec[T], check func(T) []*fault.FieldError) error {
	var next T
	found := strictjson.FieldErrors(c.Read(data, &next, limits))
	err := strictjson.Merge(found, check(next))
	if err == nil {
		*to = next
	}
	return err
}
