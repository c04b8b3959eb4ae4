package revenue

import (
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

const (
	// DocumentVersion is the version of the JSON of results that this package writes.
	// Documents of another version are refused.
	DocumentVersion = 1
	// MaxDocument is the largest document, in bytes.
	MaxDocument = 64 << 20
)

// maxCharge is the longest id of a charge: that of an attachment, a slash and its own.
const maxCharge = subscription.MaxID + 1 + plan.MaxIDLen

var limits = strictjson.Limits{Size: MaxDocument, Values: 8 << 20, Elements: 1 << 20}

// The JSON of this package: the fields of each value in the order in which they are written.

var (
	zoneCodec  = strictjson.Marshaled[calendar.Zone, *calendar.Zone]("")
	monthCodec = strictjson.Marshaled[Month, *Month](`^[0-9]{4}-[0-9]{2}$`)
	kindCodec  = strictjson.Closed(billing.LineKinds())
	moneyCodec = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
)

var methodCodec = strictjson.Struct(
	strictjson.Optional("by", func(v *Method) *By { return &v.By }, strictjson.Closed(Words[By]())),
	strictjson.Optional("parts", func(v *Method) *Parts { return &v.Parts }, strictjson.Closed(Words[Parts]())),
	strictjson.Optional("time_zone", func(v *Method) *calendar.Zone { return &v.Zone }, zoneCodec),
	strictjson.Optional("rounding", func(v *Method) *money.Rounding { return &v.Rounding }, strictjson.Closed(money.Roundings())),
)

var partCodec = strictjson.Struct(
	strictjson.Field("month", func(v *Part) *Month { return &v.Month }, monthCodec).Needed(),
	strictjson.Field("amount", func(v *Part) *money.Money { return &v.Amount }, moneyCodec).Needed(),
)

var partsCodec = strictjson.NotNull(strictjson.List[[]Part](partCodec), []Part{})

var refCodec = strictjson.Struct(
	strictjson.Required("kind", func(v *billing.LineRef) *billing.LineKind { return &v.Kind }, kindCodec),
	strictjson.Optional("charge", func(v *billing.LineRef) *string { return &v.Charge }, strictjson.Text[string]()),
	strictjson.Field("from", func(v *billing.LineRef) *time.Time { return &v.From }, strictjson.Instant()).Needed(),
	strictjson.Optional("to", func(v *billing.LineRef) *time.Time { return &v.To }, strictjson.Instant()),
	strictjson.Optional("command", func(v *billing.LineRef) *int { return &v.Command }, strictjson.Int[int]()),
)

var lineCodec = strictjson.Struct(
	strictjson.Required("line", func(v *LineSchedule) *billing.LineRef { return &v.Line }, refCodec),
	strictjson.Field("of", func(v *LineSchedule) *billing.LineRef { return &v.Of }, refCodec).When(func(v *LineSchedule) bool { return v.Of != billing.LineRef{} }),
	strictjson.Field("amount", func(v *LineSchedule) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	strictjson.Required("months", func(v *LineSchedule) *[]Part { return &v.Months }, partsCodec),
)

var scheduleCodec = strictjson.Struct(
	strictjson.Version[Schedule](DocumentVersion),
	strictjson.Required("lines", func(v *Schedule) *[]LineSchedule { return &v.Lines }, strictjson.NotNull(strictjson.List[[]LineSchedule](lineCodec), []LineSchedule{})),
	strictjson.Required("months", func(v *Schedule) *[]Part { return &v.Months }, partsCodec),
)

var chargeCodec = strictjson.Struct(
	strictjson.Field("charge", func(v *RecurringCharge) *string { return &v.Charge }, strictjson.Text[string]()).Needed(),
	strictjson.Field("amount", func(v *RecurringCharge) *money.Money { return &v.Amount }, moneyCodec).Needed(),
)

var recurringCodec = strictjson.Struct(
	strictjson.Version[Recurring](DocumentVersion),
	strictjson.Field("at", func(v *Recurring) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Field("amount", func(v *Recurring) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	strictjson.Required("charges", func(v *Recurring) *[]RecurringCharge { return &v.Charges }, strictjson.NotNull(strictjson.List[[]RecurringCharge](chargeCodec), []RecurringCharge{})),
)

var movementCodec = strictjson.Struct(
	strictjson.Version[Movement](DocumentVersion),
	strictjson.Field("at", func(v *Movement) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Required("kind", func(v *Movement) *MovementKind { return &v.Kind }, strictjson.Closed(Words[MovementKind]())),
	strictjson.Field("amount", func(v *Movement) *money.Money { return &v.Amount }, moneyCodec).Needed(),
)

// value is what this package writes as JSON and reads.
type value interface{ faults() faults.List }

// encode appends a value without faults.
func encode[T value](dst []byte, v *T, c strictjson.Codec[T]) ([]byte, error) {
	if err := (*v).faults().Err(); err != nil {
		return dst, err
	}
	return faults.Encode(dst, v, c, MaxDocument, "revenue")
}

// decode reads a value strictly and reports the faults of the document together with those
// of what could be read. The target changes only if there are none.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	return faults.Decode(data, to, c, limits, T.faults)
}

// MarshalJSON writes the method: {} for the zero one.
func (m Method) MarshalJSON() ([]byte, error) { return encode(nil, &m, methodCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (m *Method) UnmarshalJSON(data []byte) error { return decode(data, m, methodCodec) }

// Validate returns nil, or every fault as a [fault.FieldError], joined: parts that do not add
// up, say.
func (s Schedule) Validate() error { return s.faults().Err() }

func (s Schedule) faults() faults.List {
	var f faults.List
	sums := map[Month][]money.Money{}
	for i, l := range s.Lines {
		path := strictjson.Index("lines", i)
		ref(&f, path+".line", l.Line)
		if l.Of != (billing.LineRef{}) {
			ref(&f, path+".of", l.Of)
		}
		if !l.Amount.IsValid() {
			f.Wrap(path+".amount", faults.ErrMissing)
			continue
		}
		if parts(&f, path+".months", l.Months) {
			sum(&f, path+".months", l.Amount, amounts(l.Months))
		}
		for _, p := range l.Months {
			sums[p.Month] = append(sums[p.Month], p.Amount)
		}
	}
	if !parts(&f, "months", s.Months) || len(f) > 0 {
		return f
	}
	for i, p := range s.Months {
		if sum, err := money.Sum(p.Amount.Currency(), sums[p.Month]...); err != nil {
			f.Wrap(strictjson.Index("months", i)+".amount", err)
		} else if sum != p.Amount {
			f.Add(strictjson.Index("months", i)+".amount", fault.Inconsistent, "must be the sum of the lines, %s", sum)
		}
		delete(sums, p.Month)
	}
	if len(sums) > 0 {
		f.Add("months", fault.Inconsistent, "must have every month of the lines")
	}
	return f
}

// ref reports a name of a line that no line has.
func ref(f *faults.List, path string, r billing.LineRef) {
	f.Wrap(path+".charge", text.Name(r.Charge, maxCharge))
	f.Instant(path+".from", r.From, true)
	f.Instant(path+".to", r.To, false)
	if r.Command < 0 {
		f.Add(path+".command", fault.OutOfRange, "must not be negative")
	}
}

// parts reports parts without a month or an amount, and those not in order.
func parts(f *faults.List, path string, parts []Part) bool {
	n := len(*f)
	for i, p := range parts {
		at := strictjson.Index(path, i)
		switch {
		case p.Month.IsZero():
			f.Wrap(at+".month", faults.ErrMissing)
		case !p.Month.isValid():
			f.Add(at+".month", fault.OutOfRange, "must be a month of the years 1 to 9999")
		case i > 0 && p.Month.compare(parts[i-1].Month) <= 0:
			f.Add(at+".month", fault.OutOfOrder, "must come after the month before")
		}
		if !p.Amount.IsValid() {
			f.Wrap(at+".amount", faults.ErrMissing)
		}
	}
	return len(*f) == n
}

func amounts(parts []Part) []money.Money {
	all := make([]money.Money, len(parts))
	for i, p := range parts {
		all[i] = p.Amount
	}
	return all
}

// MarshalJSON writes the schedule. One that this package does not make is an error.
func (s Schedule) MarshalJSON() ([]byte, error) { return encode(nil, &s, scheduleCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (s *Schedule) UnmarshalJSON(data []byte) error { return decode(data, s, scheduleCodec) }

// MarshalJSON writes the result. One whose charges do not add up is an error.
func (r Recurring) MarshalJSON() ([]byte, error) { return encode(nil, &r, recurringCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (r *Recurring) UnmarshalJSON(data []byte) error { return decode(data, r, recurringCodec) }

func (m Movement) faults() faults.List {
	var f faults.List
	f.Instant("at", m.At, true)
	chosen(&f, "kind", m.Kind)
	up := m.Kind == New || m.Kind == Expansion || m.Kind == Reactivation
	switch {
	case m.Kind == "":
		f.Wrap("kind", faults.ErrMissing)
	case !m.Amount.IsValid():
		f.Wrap("amount", faults.ErrMissing)
	case m.Amount.Sign() == 0, m.Amount.IsNegative() == up:
		f.Add("amount", fault.Inconsistent, "must have the sign of its kind")
	}
	return f
}

// MarshalJSON writes the movement. One without an instant, a kind or an amount of its sign is
// an error.
func (m Movement) MarshalJSON() ([]byte, error) { return encode(nil, &m, movementCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (m *Movement) UnmarshalJSON(data []byte) error { return decode(data, m, movementCodec) }
