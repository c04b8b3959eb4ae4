package billing

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Bounds of what this package writes and reads as JSON.
const (
	// MaxRecords is the largest number of records of a document of usage.
	MaxRecords = 100_000
	// MaxSpent is the largest number of spent discounts of a ledger.
	MaxSpent = 100_000
	// MaxDocument is the largest document, in bytes.
	MaxDocument = 64 << 20
)

var limits = strictjson.Limits{Size: MaxDocument, Values: 4*MaxRecords + 100, Elements: MaxRecords}

func utc(t time.Time) time.Time { return t.UTC().Round(0) }

// encode writes the fields of a value that has no faults.
func encode(v value, fields any) ([]byte, error) {
	if err := v.faults().err(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("billing: encode: %w", err)
	}
	if len(data) > MaxDocument {
		return nil, fmt.Errorf("billing: encode: longer than %d bytes", MaxDocument)
	}
	return data, nil
}

// Validate returns nil, or every fault as a [FieldError], joined: what no run could
// have made, such as account credit below zero.
func (l Ledger) Validate() error { return l.faults().err() }

func (l Ledger) faults() faults {
	var f faults
	f.instant("through", l.Through, false)
	none := l.Through.IsZero()
	switch {
	case l.Command < 0:
		f.add("command", "must not be negative")
	case none && l.Command > 0:
		f.add("command", "must be left out where nothing was billed through")
	}
	switch {
	case l.Credit == money.Money{}:
	case !l.Credit.IsValid():
		f.add("credit", "not an amount of money")
	case l.Credit.Sign() <= 0:
		f.add("credit", "must be above zero, or left out")
	case none:
		f.add("credit", "must be left out where nothing was billed through")
	}
	if len(l.Late) > MaxSpent {
		f.add("late", "must be at most %d", MaxSpent)
		return f
	}
	for i, n := range l.Late {
		switch path := strictjson.Index("late", i); {
		case n < 2 || n > l.Command:
			f.add(path, "must be 2 or more, and not exceed the ledger's command")
		case i > 0 && n <= l.Late[i-1]:
			f.add(path, "must be in ascending order")
		}
	}
	if len(l.Spent) > MaxSpent {
		f.add("spent", "must be at most %d", MaxSpent)
		return f
	}
	seen := make(map[int]bool, len(l.Spent))
	for i, s := range l.Spent {
		path := strictjson.Index("spent", i)
		own := s.faults()
		f.below(path, own)
		if len(own) > 0 {
			continue
		}
		switch {
		case s.Command > l.Command:
			f.add(path+".command", "must not exceed the ledger's")
		case seen[s.Command]:
			f.add(path+".command", "is there twice")
		}
		switch {
		case s.At.After(l.Through):
			f.add(path+".at", "must not lie after through")
		case i > 0 && s.At.Before(l.Spent[i-1].At):
			f.add(path+".at", "must be in order of time")
		}
		if s.By > l.Command {
			f.add(path+".by", "must not exceed the ledger's command")
		}
		seen[s.Command] = true
	}
	return f
}

// Equal reports whether two ledgers say the same, instants whatever their zones.
func (l Ledger) Equal(o Ledger) bool {
	return l.Through.Equal(o.Through) && l.Command == o.Command && l.Credit == o.Credit && slices.EqualFunc(l.Spent, o.Spent, Spent.Equal) && slices.Equal(l.Late, o.Late)
}

// MarshalJSON writes the ledger, {} for the zero one. One that no run could have
// made is an error.
func (l Ledger) MarshalJSON() ([]byte, error) {
	type fields Ledger
	f := fields(l)
	f.Through = utc(l.Through)
	return encode(l, f)
}

// DecodeStrict reads the fields and leaves what they mean together to Validate.
func (l *Ledger) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	type fields Ledger
	found := n.Decode((*fields)(l))
	if len(l.Spent) == 0 {
		l.Spent = nil
	}
	if len(l.Late) == 0 {
		l.Late = nil
	}
	return found
}

// UnmarshalJSON is strict and reports every fault as a [FieldError].
func (l *Ledger) UnmarshalJSON(data []byte) error { return decode(data, l, limits) }

func (s Spent) faults() faults {
	var f faults
	if s.Command < 2 {
		f.add("command", "must be 2 or more")
	}
	f.instant("at", s.At, true)
	if s.By < 0 {
		f.add("by", "must not be negative")
	}
	return f
}

// Equal reports whether both say the same, instants whatever their zones.
func (s Spent) Equal(o Spent) bool {
	return s.Command == o.Command && s.At.Equal(o.At) && s.By == o.By
}

// MarshalJSON writes a valid one; an invalid one is an error.
func (s Spent) MarshalJSON() ([]byte, error) {
	type fields Spent
	f := fields(s)
	f.At = utc(s.At)
	return encode(s, f)
}

// DecodeStrict reads the fields.
func (s *Spent) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	type fields Spent
	return n.Decode((*fields)(s))
}

// UnmarshalJSON is strict and reports every fault as a [FieldError].
func (s *Spent) UnmarshalJSON(data []byte) error { return decode(data, s, limits) }

func (r Record) faults() faults {
	var f faults
	switch {
	case r.Metric == "":
		f.wrap("metric", errMissing)
	case len(r.Metric) > plan.MaxIDLen:
		f.add("metric", "must be at most %d bytes", plan.MaxIDLen)
	case !utf8.ValidString(r.Metric):
		f.add("metric", "must be UTF-8")
	}
	f.instant("at", r.At, true)
	f.amount("quantity", r.Quantity)
	return f
}

// Equal reports whether both say the same: instants whatever their zones, and
// quantities by value.
func (r Record) Equal(o Record) bool {
	return r.Metric == o.Metric && r.At.Equal(o.At) && sameQuantity(r.Quantity, o.Quantity)
}

// sameQuantity compares by value; quantities beyond all bounds are the same only if
// they are written alike, for to compare their values could take all memory.
func sameQuantity(a, b decimal.Decimal) bool {
	x, errX := dec.Canonical(a)
	y, errY := dec.Canonical(b)
	if errX != nil || errY != nil {
		return a.Exponent() == b.Exponent() && a.Coefficient().Cmp(b.Coefficient()) == 0
	}
	return x.Equal(y)
}

type recordForm struct {
	Metric   string    `json:"metric"`
	At       time.Time `json:"at"`
	Quantity string    `json:"quantity"`
}

// MarshalJSON writes the record, its quantity as a string. A record that cannot be
// billed is an error.
func (r Record) MarshalJSON() ([]byte, error) {
	if err := r.faults().err(); err != nil {
		return nil, err
	}
	return encode(r, recordForm{r.Metric, utc(r.At), dec.String(r.Quantity)})
}

// DecodeStrict reads the fields.
func (r *Record) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	type fields Record
	found := n.Decode((*fields)(r))
	if _, ok := n.Field("quantity"); !ok && n.Kind() == strictjson.Object {
		found = append(found, strictjson.Fault{Path: strictjson.Key(n.Path(), "quantity"), Err: errMissing})
	}
	return found
}

// UnmarshalJSON is strict and reports every fault as a [FieldError].
func (r *Record) UnmarshalJSON(data []byte) error { return decode(data, r, limits) }

func (u Usage) faults() faults {
	var f faults
	if len(u) > MaxRecords {
		f.add("", "must be at most %d records", MaxRecords)
		return f
	}
	for i, r := range u {
		f.below(strictjson.Index("", i), r.faults())
	}
	return f
}

// Equal reports whether both hold equal records in the same order.
func (u Usage) Equal(o Usage) bool { return slices.EqualFunc(u, o, Record.Equal) }

// MarshalJSON writes the records, [] if there are none. A record that cannot be
// billed is an error.
func (u Usage) MarshalJSON() ([]byte, error) {
	if err := u.faults().err(); err != nil {
		return nil, err
	}
	forms := make([]recordForm, len(u))
	for i, r := range u {
		forms[i] = recordForm{r.Metric, utc(r.At), dec.String(r.Quantity)}
	}
	return encode(Usage(nil), forms)
}

// DecodeStrict reads the records.
func (u *Usage) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	if n.Kind() != strictjson.Array {
		return []strictjson.Fault{n.Faultf("must be an array")}
	}
	found := n.Decode((*[]Record)(u))
	if len(*u) == 0 {
		*u = nil
	}
	return found
}

// UnmarshalJSON is strict and reports every fault as a [FieldError].
func (u *Usage) UnmarshalJSON(data []byte) error { return decode(data, u, limits) }

func (b Billed) faults() faults {
	var f faults
	if b.ID == uuid.Nil {
		f.wrap("id", errMissing)
	}
	switch {
	case b.Adjusts && b.Of == uuid.Nil:
		f.wrap("of", errMissing)
	case b.Of != uuid.Nil && b.Of == b.ID:
		f.add("of", "must be another line")
	}
	if !b.Amount.IsValid() {
		f.wrap("amount", errMissing)
	}
	return f
}

type billedForm struct {
	ID      string      `json:"id"`
	Of      string      `json:"of,omitempty"`
	Adjusts bool        `json:"adjusts,omitempty"`
	Amount  money.Money `json:"amount"`
}

// MarshalJSON writes the line; one without an id or an amount is an error.
func (b Billed) MarshalJSON() ([]byte, error) {
	form := billedForm{ID: b.ID.String(), Adjusts: b.Adjusts, Amount: b.Amount}
	if b.Of != uuid.Nil {
		form.Of = b.Of.String()
	}
	return encode(b, form)
}

// DecodeStrict reads the fields. Ids are written in their usual form: 32 digits in
// small letters, in groups with hyphens.
func (b *Billed) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	var form billedForm
	found := n.Decode(&form)
	b.Adjusts, b.Amount = form.Adjusts, form.Amount
	for _, id := range []struct {
		name, text string
		to         *uuid.UUID
	}{{"id", form.ID, &b.ID}, {"of", form.Of, &b.Of}} {
		if id.text == "" {
			continue
		}
		parsed, err := uuid.Parse(id.text)
		if err != nil || parsed.String() != id.text || parsed == uuid.Nil {
			at, _ := n.Field(id.name)
			found = append(found, at.Faultf("must be a UUID"))
			continue
		}
		*id.to = parsed
	}
	return found
}

// UnmarshalJSON is strict and reports every fault as a [FieldError].
func (b *Billed) UnmarshalJSON(data []byte) error { return decode(data, b, limits) }
