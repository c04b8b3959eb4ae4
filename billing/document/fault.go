package document

import (
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// The errors of states and bounds. Each is wrapped with what it is about.
var (
	// ErrState: what was asked for is not permitted in the state of the document: a draft
	// is made again only until it is issued, and only a whole, unpaid invoice is voided.
	ErrState = fault.New(fault.Refused, "document: not permitted in this state")
	// ErrWindow: the window of the draft is still open: late usage may enter it.
	ErrWindow = fault.New(fault.Refused, "document: the window is open")
	// ErrExceeds: a credit note is above what is left of a line or of its document, or above
	// what was paid for a refund.
	ErrExceeds = fault.New(fault.Refused, "document: more than is left")
	// ErrNumber: a number does not follow the last one.
	ErrNumber = fault.New(fault.Conflict, "document: number out of sequence")
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

func (f faults) err() error { return strictjson.JoinErrors(f) }
