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

// decode reads a document strictly into target, which must be zero, and reports
// what is wrong with it together with the faults of what could be read.
func decode(data []byte, target any, check func() []*fault.FieldError) error {
	// Room for the largest value of the package, a ledger of credits, whose names may
	// each take 1.5 KiB when escaped.
	limits := strictjson.Limits{Size: 64 << 20, Values: 100_000}
	return strictjson.Read(data, target, limits, check)
}
