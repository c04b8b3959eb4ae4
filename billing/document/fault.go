package document

import (
	"github.com/perennial-billing/perennial/fault"
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
