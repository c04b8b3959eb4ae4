package subscription

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
)

// DocumentVersion is the version of the JSON of results that this package writes:
// events and snapshots. Documents of another version are refused.
const DocumentVersion = 1

var resultLimits = strictjson.Limits{Size: MaxDocument, Values: MaxDocument / 8, Elements: MaxCommands}

// readResult reads a result strictly. The target changes only if there are no faults.
func readResult[T any](data []byte, to *T, c strictjson.Codec[T]) error {
	var next T
	if found := c.Read(data, &next, resultLimits); len(found) > 0 {
		return strictjson.JoinErrors(strictjson.FieldErrors(found))
	}
	*to = next
	return nil
}

func appendResult[T any](dst []byte, v *T, c strictjson.Codec[T]) ([]byte, error) {
	out, err := c.Append(dst, v)
	if err != nil {
		return dst, fmt.Errorf("subscription: encode: %w", err)
	}
	return out, nil
}

// AppendJSON appends the event as a document, {"version":1,"at":…}. With an error dst is
// as it was.
func (e Event) AppendJSON(dst []byte) ([]byte, error) { return appendResult(dst, &e, eventDocument) }

// MarshalJSON returns what AppendJSON appends.
func (e Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (e *Event) UnmarshalJSON(data []byte) error { return readResult(data, e, eventDocument) }

// Equal reports whether two events say the same, instants whatever their zones.
func (e Event) Equal(o Event) bool {
	same := e.At.Equal(o.At) && e.Recorded.Equal(o.Recorded) && e.Period.Equal(o.Period)
	return same && e.ID == o.ID && e.Kind == o.Kind && e.Derived == o.Derived && e.Command == o.Command && e.Action == o.Action &&
		e.Actor == o.Actor && e.Cause == o.Cause && e.Dropped == o.Dropped && slices.Equal(e.Detached, o.Detached) &&
		e.Status == o.Status && e.Plan == o.Plan && e.Phase == o.Phase
}

// AppendJSON appends the snapshot as a document, {"version":1,"at":…}. With an error dst
// is as it was.
func (s Snapshot) AppendJSON(dst []byte) ([]byte, error) {
	return appendResult(dst, &s, snapshotDocument)
}

// MarshalJSON returns what AppendJSON appends.
func (s Snapshot) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (s *Snapshot) UnmarshalJSON(data []byte) error { return readResult(data, s, snapshotDocument) }

// Equal reports whether two snapshots say the same: decimals by value, instants whatever
// their zones.
func (s Snapshot) Equal(o Snapshot) bool {
	instants := func(s Snapshot) []time.Time {
		return []time.Time{s.At, s.Start, s.Anchor, s.TrialEnd, s.EndDate, s.CanceledAt, s.PausedAt, s.ResumedAt, s.NextIncrease}
	}
	return slices.EqualFunc(instants(s), instants(o), time.Time.Equal) && s.State == o.State && s.Entitled == o.Entitled &&
		s.Billable == o.Billable && s.Plan == o.Plan && s.Stage == o.Stage && s.Increases == o.Increases && s.Phase == o.Phase && s.Quantity.Equal(o.Quantity) &&
		maps.EqualFunc(s.Quantities, o.Quantities, decimal.Decimal.Equal) && maps.EqualFunc(s.Prices, o.Prices, plan.Price.Equal) &&
		(s.Minimum == nil) == (o.Minimum == nil) && (s.Minimum == nil || s.Minimum.Equal(*o.Minimum)) && s.Policy == o.Policy && s.Period.Equal(o.Period) &&
		s.Cycle == o.Cycle && s.TrialUsed == o.TrialUsed &&
		s.AutoRenewal == o.AutoRenewal && slices.EqualFunc(s.Endings, o.Endings, Ending.Equal) &&
		slices.EqualFunc(s.Attached, o.Attached, Attached.Equal) && slices.EqualFunc(s.Scheduled, o.Scheduled, Waiting.Equal) && s.LastCommand == o.LastCommand
}

// Equal reports whether two endings say the same, instants whatever their zones.
func (e Ending) Equal(o Ending) bool {
	return e.At.Equal(o.At) && e.Cause == o.Cause && e.Command == o.Command
}

// Equal reports whether two scheduled effects say the same.
func (w Waiting) Equal(o Waiting) bool {
	quantities := w.Quantity == nil && o.Quantity == nil || w.Quantity != nil && o.Quantity != nil && w.Quantity.Equal(*o.Quantity)
	prices := w.Price == nil && o.Price == nil || w.Price != nil && o.Price != nil && w.Price.Equal(o.Price)
	return quantities && prices && w.Action == o.Action && w.Resumes == o.Resumes && w.When.mode == o.When.mode && w.When.on.Equal(o.When.on) &&
		w.At.Equal(o.At) && w.Command == o.Command && w.Plan == o.Plan && w.Charge == o.Charge &&
		w.Attachment == o.Attachment && w.AddOn == o.AddOn && maps.EqualFunc(w.Prices, o.Prices, plan.Price.Equal)
}
