package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Bounds of the JSON that this package writes and reads.
const (
	// MaxRecords is the largest number of records in a document of usage.
	MaxRecords = 100_000
	// MaxRedeemed is the largest number of redemptions in a checkpoint, and of commands
	// that it carries over.
	MaxRedeemed = 100_000
	// MaxDocument is the largest document, in bytes.
	MaxDocument = 64 << 20
)

var limits = strictjson.Limits{Size: MaxDocument, Values: 4*MaxRecords + 100, Elements: MaxRecords}

func utc(t time.Time) time.Time { return micro.Floor(t) }

// encode appends a value without faults.
func encode[T value](dst []byte, v *T, c strictjson.Codec[T]) ([]byte, error) {
	if err := (*v).faults().Err(); err != nil {
		return dst, err
	}
	return faults.Encode(dst, v, c, MaxDocument, "billing")
}

// Validate returns nil, or every fault as a [fault.FieldError], joined: whatever cannot
// come from a run, such as a negative credit balance.
func (l Checkpoint) Validate() error { return l.faults().Err() }

func (l Checkpoint) faults() faults.List {
	var f faults.List
	f.Instant("charged_through", l.ChargedThrough, false)
	none := l.ChargedThrough.IsZero()
	switch {
	case l.Revision < 0:
		f.Add("revision", fault.OutOfRange, "must not be negative")
	case none && l.Revision > 0:
		f.Add("revision", fault.Excluded, "must be left out where nothing was billed")
	}
	civil(&f, "civil", l.Civil, l.ChargedThrough)
	if !l.Boundary.IsZero() || l.Boundary != (BilledBoundary{}) {
		f.Below("boundary", l.Boundary.faults())
		if l.Boundary.At.After(l.ChargedThrough) {
			f.Add("boundary.at", fault.OutOfOrder, "must not lie after charged_through")
		}
	}
	switch {
	case l.LastCommand < 0:
		f.Add("last_command", fault.OutOfRange, "must not be negative")
	case none && l.LastCommand > 0:
		f.Add("last_command", fault.Excluded, "must be left out where nothing was billed")
	}
	switch {
	case l.CreditBalance == money.Money{}:
	case !l.CreditBalance.IsValid():
		f.Add("credit_balance", fault.Malformed, "not an amount of money")
	case l.CreditBalance.Sign() <= 0:
		f.Add("credit_balance", fault.OutOfRange, "must be above zero, or left out")
	case none:
		f.Add("credit_balance", fault.Excluded, "must be left out where nothing was billed")
	}
	f.Below("", l.meteredFaults())
	f.Below("", l.spentFaults())
	f.Below("", l.lifeFaults())
	if len(l.CarriedOver) > MaxRedeemed {
		f.Add("carried_over", fault.TooMany, "must be at most %d", MaxRedeemed)
		return f
	}
	for i, n := range l.CarriedOver {
		path := func() string { return strictjson.Index("carried_over", i) }
		switch {
		case n < 2 || n > l.LastCommand:
			f.Add(path(), fault.OutOfRange, "must be 2 or more, and not exceed the checkpoint's command")
		case i > 0 && n <= l.CarriedOver[i-1]:
			f.Add(path(), fault.OutOfOrder, "must be in ascending order")
		}
	}
	if len(l.Redeemed) > MaxRedeemed {
		f.Add("redeemed", fault.TooMany, "must be at most %d", MaxRedeemed)
		return f
	}
	for i, s := range l.Redeemed {
		path := func(member string) string { return strictjson.Index("redeemed", i) + member }
		if own := s.faults(); len(own) > 0 {
			f.Below(path(""), own)
			continue
		}
		var last Redemption
		if i > 0 {
			last = l.Redeemed[i-1]
		}
		again := s.Command == last.Command
		switch {
		case s.Command > l.LastCommand:
			f.Add(path(".command"), fault.OutOfRange, "must not exceed the checkpoint's")
		case s.Command < last.Command:
			f.Add(path(".command"), fault.OutOfOrder, "must be in ascending order")
		case again && s.Cycle == last.Cycle:
			f.Add(path(".command"), fault.Duplicate, "is there twice")
		}
		switch {
		case s.InvoiceAt.After(l.ChargedThrough):
			f.Add(path(".invoice_at"), fault.OutOfOrder, "must not lie after charged_through")
		case again && s.InvoiceAt.Before(last.InvoiceAt):
			f.Add(path(".invoice_at"), fault.OutOfOrder, "must be in order of time")
		}
		if s.InvoiceCommand > l.LastCommand {
			f.Add(path(".invoice_command"), fault.OutOfRange, "must not exceed the checkpoint's command")
		}
	}
	return f
}

// Equal reports whether two checkpoints say the same, instants whatever their zones.
func (l Checkpoint) Equal(o Checkpoint) bool {
	return l.Revision == o.Revision && l.ChargedThrough.Equal(o.ChargedThrough) && l.Civil == o.Civil && l.Boundary.Equal(o.Boundary) && l.LastCommand == o.LastCommand &&
		l.CreditBalance == o.CreditBalance && slices.EqualFunc(l.Redeemed, o.Redeemed, Redemption.Equal) && slices.Equal(l.CarriedOver, o.CarriedOver) &&
		l.MeteredFrom.Equal(o.MeteredFrom) && slices.EqualFunc(l.Metered, o.Metered, MeteredPart.Equal) && slices.EqualFunc(l.Levels, o.Levels, MeteredLevel.Equal) && slices.Equal(l.Spent, o.Spent) &&
		slices.Equal(l.Lifetime, o.Lifetime)
}

// MarshalJSON writes the checkpoint, {} for the zero one. One that cannot come from a
// run is an error.
func (l Checkpoint) MarshalJSON() ([]byte, error) { return encode(nil, &l, checkpointCodec) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (l Checkpoint) AppendJSON(dst []byte) ([]byte, error) { return encode(dst, &l, checkpointCodec) }

func (b BilledBoundary) faults() faults.List {
	var f faults.List
	if !b.Every.IsValid() {
		f.Wrap("every", faults.ErrMissing)
	}
	if b.Civil.IsZero() {
		f.Wrap("civil", faults.ErrMissing)
	}
	f.Instant("at", b.At, true)
	civil(&f, "civil", b.Civil, b.At)
	return f
}

// farthest is how far two zones can be apart.
const farthest = 26 * time.Hour

// civil reports a civil time that no zone can have had at an instant.
func civil(f *faults.List, path string, c calendar.CivilTime, at time.Time) {
	if c.IsZero() {
		return
	}
	if off := calendar.UTC().Instant(c).Sub(at); off > farthest || off < -farthest {
		f.Add(path, fault.Inconsistent, "must be the civil time of the instant in some zone")
	}
}

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (l *Checkpoint) UnmarshalJSON(data []byte) error { return decode(data, l, checkpointCodec) }

func (s Redemption) faults() faults.List {
	var f faults.List
	if s.Command < 2 {
		f.Add("command", fault.OutOfRange, "must be 2 or more")
	}
	f.Instant("invoice_at", s.InvoiceAt, true)
	civil(&f, "invoice_civil", s.InvoiceCivil, s.InvoiceAt)
	if s.InvoiceCommand < 0 {
		f.Add("invoice_command", fault.OutOfRange, "must not be negative")
	}
	if s.Cycle < 0 {
		f.Add("cycle", fault.OutOfRange, "must not be negative")
	}
	if s.Uses < 0 {
		f.Add("uses", fault.OutOfRange, "must not be negative")
	}
	return f
}

// Equal reports whether both say the same, instants whatever their zones.
func (s Redemption) Equal(o Redemption) bool {
	return s.Command == o.Command && s.InvoiceAt.Equal(o.InvoiceAt) && s.InvoiceCivil == o.InvoiceCivil && s.InvoiceCommand == o.InvoiceCommand && s.Cycle == o.Cycle && s.Uses == o.Uses
}

func (r Record) faults() faults.List {
	var f faults.List
	metric(&f, r.Metric)
	f.Instant("at", r.At, true)
	f.Wrap("quantity", dec.Check(r.Quantity))
	f.Wrap("key", text.Name(r.Key, plan.MaxIDLen))
	if len(r.Properties) > 0 {
		f.Below("properties", dimensionFaults(r.Properties, MaxProperties))
	}
	return f
}

func metric(f *faults.List, name string) {
	f.Wrap("metric", text.ID(name, plan.MaxIDLen))
}

// Equal reports whether both say the same: instants whatever their zones, and
// quantities by value.
func (r Record) Equal(o Record) bool {
	return r.Metric == o.Metric && r.At.Equal(o.At) && sameQuantity(r.Quantity, o.Quantity) && r.Key == o.Key && maps.Equal(r.Properties, o.Properties)
}

// sameQuantity compares by value; quantities out of bounds are the same only if they
// are written alike, because comparing their values could use all memory.
func sameQuantity(a, b decimal.Decimal) bool {
	x, errX := dec.Canonical(a)
	y, errY := dec.Canonical(b)
	if errX != nil || errY != nil {
		return a.Exponent() == b.Exponent() && a.Coefficient().Cmp(b.Coefficient()) == 0
	}
	return x.Equal(y)
}

// MarshalJSON writes the record, its quantity as a string. A record that cannot be
// billed under any price is an error.
func (r Record) MarshalJSON() ([]byte, error) { return encode(nil, &r, recordCodec) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (r Record) AppendJSON(dst []byte) ([]byte, error) { return encode(dst, &r, recordCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (r *Record) UnmarshalJSON(data []byte) error { return decode(data, r, recordCodec) }

func (u Usage) faults() faults.List {
	var f faults.List
	if len(u) > MaxRecords {
		f.Add("", fault.TooMany, "must be at most %d records", MaxRecords)
		return f
	}
	for i := range u {
		if own := u[i].faults(); len(own) > 0 {
			f.Below(strictjson.Index("", i), own)
		}
	}
	return f
}

// Equal reports whether both hold equal records in the same order.
func (u Usage) Equal(o Usage) bool { return slices.EqualFunc(u, o, Record.Equal) }

// MarshalJSON writes the records, [] if there are none. A record that cannot be
// billed under any price is an error.
func (u Usage) MarshalJSON() ([]byte, error) { return encode(nil, &u, usageCodec) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (u Usage) AppendJSON(dst []byte) ([]byte, error) { return encode(dst, &u, usageCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (u *Usage) UnmarshalJSON(data []byte) error { return decode(data, u, usageCodec) }

func (b StoredLine) faults() faults.List {
	var f faults.List
	if b.ID == uuid.Nil {
		f.Wrap("id", faults.ErrMissing)
	}
	switch {
	case b.Adjusts && b.Of == uuid.Nil:
		f.Wrap("of", faults.ErrMissing)
	case b.Of != uuid.Nil && b.Of == b.ID:
		f.Add("of", fault.Inconsistent, "must be another line")
	}
	if !b.Amount.IsValid() {
		f.Wrap("amount", faults.ErrMissing)
	}
	return f
}

// MarshalJSON writes the line; one without an id or an amount is an error.
func (b StoredLine) MarshalJSON() ([]byte, error) { return b.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (b StoredLine) AppendJSON(dst []byte) ([]byte, error) {
	if err := b.faults().Err(); err != nil {
		return dst, err
	}
	// What its table writes, member by member: a table has to have the line in the heap.
	out := strictjson.AppendUUID(append(dst, `{"id":`...), b.ID)
	if b.Of != uuid.Nil {
		out = strictjson.AppendUUID(append(out, `,"of":`...), b.Of)
	}
	if b.Adjusts {
		out = append(out, `,"adjusts":true`...)
	}
	out, err := b.Amount.AppendJSON(append(out, `,"amount":`...))
	if err != nil {
		return dst, fmt.Errorf("billing: encode: %w", err)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (b *StoredLine) UnmarshalJSON(data []byte) error { return decode(data, b, storedLineCodec) }
