package collection

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

const (
	// DocumentVersion is the version of the JSON of a [State] that this package writes.
	// Documents of another version are refused.
	DocumentVersion = 1
	// MaxDocument is the largest document, in bytes.
	MaxDocument = 16 << 20
)

var limits = strictjson.Limits{Size: MaxDocument, Values: 4 << 20, Elements: 1 << 20}

// The JSON of this package: the fields of each value in the order in which they are written.

var (
	moneyCodec   = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
	actionsCodec = strictjson.List[[]Action](strictjson.Closed(Words[Action]()))
	verbCodec    = strictjson.Plain[lifecycle.Action, *lifecycle.Action]("", verbs()...)
)

var stepCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Step) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("days", func(v *Step) *int { return &v.Days }, strictjson.Int[int]()),
	strictjson.Optional("invoices", func(v *Step) *int { return &v.Invoices }, strictjson.Int[int]()),
	strictjson.Optional("attempts", func(v *Step) *int { return &v.Attempts }, strictjson.Int[int]()),
	strictjson.Optional("amount", func(v *Step) *money.Money { return &v.Amount }, moneyCodec),
	strictjson.Field("do", func(v *Step) *[]Action { return &v.Do }, actionsCodec).Needed(),
)

var policyCodec = strictjson.Struct(
	strictjson.Optional("count_from", func(v *Policy) *CountFrom { return &v.CountFrom }, strictjson.Closed(Words[CountFrom]())),
	strictjson.Optional("grace", func(v *Policy) *Grace { return &v.Grace }, strictjson.Closed(Words[Grace]())),
	strictjson.Optional("scope", func(v *Policy) *Scope { return &v.Scope }, strictjson.Closed(Words[Scope]())),
	strictjson.Optional("coverage", func(v *Policy) *Coverage { return &v.Coverage }, strictjson.Closed(Words[Coverage]())),
	strictjson.Optional("reactivation", func(v *Policy) *Reactivation { return &v.Reactivation }, strictjson.Closed(Words[Reactivation]())),
	strictjson.Optional("steps", func(v *Policy) *[]Step { return &v.Steps }, strictjson.List[[]Step](stepCodec)),
).Finally(func(p *Policy) {
	if len(p.Steps) == 0 {
		p.Steps = nil
	}
})

var factCodec = strictjson.Struct(
	strictjson.Field("invoice", func(v *Fact) *uuid.UUID { return &v.Invoice }, strictjson.UUID()).Needed(),
	strictjson.Required("kind", func(v *Fact) *FactKind { return &v.Kind }, strictjson.Closed(Words[FactKind]())),
	strictjson.Field("at", func(v *Fact) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Optional("left", func(v *Fact) *money.Money { return &v.Left }, moneyCodec),
)

var entryCodec = strictjson.Struct(
	strictjson.Optional("step", func(v *Entry) *string { return &v.Step }, strictjson.Text[string]()),
	strictjson.Field("at", func(v *Entry) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Optional("key", func(v *Entry) *string { return &v.Key }, strictjson.Text[string]()),
)

var paidCodec = strictjson.Struct(
	strictjson.Field("subscription", func(v *PaidCharge) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
	strictjson.Field("charge", func(v *PaidCharge) *string { return &v.Charge }, strictjson.Text[string]()).Needed(),
	strictjson.Field("until", func(v *PaidCharge) *time.Time { return &v.Until }, strictjson.Instant()).Needed(),
)

var commandCodec = strictjson.Struct(
	strictjson.Field("subscription", func(v *Command) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
	strictjson.Required("action", func(v *Command) *lifecycle.Action { return &v.Action }, verbCodec),
	strictjson.Field("at", func(v *Command) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Field("key", func(v *Command) *string { return &v.Key }, strictjson.Text[string]()).Needed(),
)

var stateCodec = strictjson.Struct(
	strictjson.Version[State](DocumentVersion),
	strictjson.Field("at", func(v *State) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Optional("past_due", func(v *State) *bool { return &v.PastDue }, strictjson.Truth()),
	strictjson.Optional("since", func(v *State) *time.Time { return &v.Since }, strictjson.Instant()),
	strictjson.Optional("unpaid", func(v *State) *[]money.Money { return &v.Unpaid }, strictjson.List[[]money.Money](moneyCodec)),
	strictjson.Optional("invoices", func(v *State) *[]uuid.UUID { return &v.Invoices }, strictjson.List[[]uuid.UUID](strictjson.UUID())),
	strictjson.Optional("attempts", func(v *State) *int { return &v.Attempts }, strictjson.Int[int]()),
	strictjson.Optional("step", func(v *State) *string { return &v.Step }, strictjson.Text[string]()),
	strictjson.Optional("step_at", func(v *State) *time.Time { return &v.StepAt }, strictjson.Instant()),
	strictjson.Optional("actions", func(v *State) *[]Action { return &v.Actions }, actionsCodec),
	strictjson.Optional("key", func(v *State) *string { return &v.Key }, strictjson.Text[string]()),
	strictjson.Optional("next", func(v *State) **Entry { return &v.Next }, strictjson.Pointer(entryCodec)),
	strictjson.Required("access", func(v *State) *Access { return &v.Access }, strictjson.Closed(Words[Access]())),
	strictjson.Optional("blocks_changes", func(v *State) *bool { return &v.BlocksChanges }, strictjson.Truth()),
	strictjson.Optional("blocks_reactivation", func(v *State) *bool { return &v.BlocksReactivation }, strictjson.Truth()),
	strictjson.Optional("paid", func(v *State) *[]PaidCharge { return &v.Paid }, strictjson.List[[]PaidCharge](paidCodec)),
	strictjson.Optional("commands", func(v *State) *[]Command { return &v.Commands }, strictjson.List[[]Command](commandCodec)),
	strictjson.Optional("past", func(v *State) *[]Entry { return &v.Past }, strictjson.List[[]Entry](entryCodec)),
)

// value is what this package writes as JSON and reads.
type value interface{ faults() faults.List }

// encode appends a value without faults.
func encode[T value](v *T, c strictjson.Codec[T]) ([]byte, error) {
	if err := (*v).faults().Err(); err != nil {
		return nil, err
	}
	return faults.Encode(nil, v, c, MaxDocument, "collection")
}

// decode reads a value strictly and reports the faults of the document together with those
// of what could be read. The target changes only if there are none.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	return faults.Decode(data, to, c, limits, T.faults)
}

// MarshalJSON writes the policy: {} for the zero one. An invalid one is an error.
func (p Policy) MarshalJSON() ([]byte, error) { return encode(&p, policyCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (p *Policy) UnmarshalJSON(data []byte) error { return decode(data, p, policyCodec) }

// MarshalJSON writes the fact. An invalid one is an error.
func (f Fact) MarshalJSON() ([]byte, error) { return encode(&f, factCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (f *Fact) UnmarshalJSON(data []byte) error { return decode(data, f, factCodec) }

// MarshalJSON writes the state. One that this package does not make is an error.
func (s State) MarshalJSON() ([]byte, error) { return encode(&s, stateCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (s *State) UnmarshalJSON(data []byte) error { return decode(data, s, stateCodec) }

func (s State) faults() faults.List {
	var f faults.List
	f.Instant("at", s.At, true)
	oneOf(&f, "access", s.Access, false)
	together := func(path string, there bool, with string, needed bool) {
		switch {
		case there && !needed:
			f.Add(path, fault.Excluded, "must be left out without %s", with)
		case !there && needed:
			f.Add(path, fault.Inconsistent, "must be there with %s", with)
		}
	}
	together("since", !s.Since.IsZero(), "past_due", s.PastDue)
	together("unpaid", len(s.Unpaid) > 0, "past_due", s.PastDue)
	together("invoices", len(s.Invoices) > 0, "past_due", s.PastDue)
	together("step_at", !s.StepAt.IsZero(), "step", s.Step != "")
	together("actions", len(s.Actions) > 0, "step", s.Step != "")
	together("key", s.Key != "", "step", s.Step != "")
	if s.Step != "" && !s.PastDue {
		f.Add("step", fault.Excluded, "must be left out without past_due")
	}
	if s.Attempts < 0 {
		f.Add("attempts", fault.OutOfRange, "must not be negative")
	}
	for i, a := range s.Actions {
		oneOf(&f, strictjson.Index("actions", i), a, false)
	}
	for i, m := range s.Unpaid {
		if path := strictjson.Index("unpaid", i); !m.IsValid() {
			f.Wrap(path, faults.ErrMissing)
		} else if m.Sign() <= 0 {
			f.Add(path, fault.OutOfRange, "must be above zero")
		}
	}
	for i, id := range s.Invoices {
		if id == uuid.Nil {
			f.Wrap(strictjson.Index("invoices", i), faults.ErrMissing)
		}
	}
	if s.Next != nil {
		f.Below("next", s.Next.faults())
		if s.Next.Step == "" {
			f.Wrap("next.step", faults.ErrMissing)
		}
	}
	for i, e := range s.Past {
		f.Below(strictjson.Index("past", i), e.faults())
	}
	for i, p := range s.Paid {
		path := strictjson.Index("paid", i)
		needed(&f, path+".subscription", string(p.Subscription))
		needed(&f, path+".charge", p.Charge)
		f.Instant(path+".until", p.Until, true)
	}
	for i, c := range s.Commands {
		path := strictjson.Index("commands", i)
		needed(&f, path+".subscription", string(c.Subscription))
		needed(&f, path+".key", c.Key)
		if !slices.Contains(verbs(), c.Action) {
			f.Add(path+".action", fault.UnknownWord, "not a command of this package: %q", c.Action.String())
		}
		f.Instant(path+".at", c.At, true)
	}
	return f
}

func needed(f *faults.List, path, text string) {
	if text == "" {
		f.Wrap(path, faults.ErrMissing)
	}
}

func (e Entry) faults() faults.List {
	var f faults.List
	f.Instant("at", e.At, true)
	if (e.Step == "") != (e.Key == "") {
		f.Add("key", fault.Inconsistent, "must be there with a step, and only then")
	}
	return f
}
