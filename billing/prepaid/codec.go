package prepaid

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

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

// DocumentVersion is the version of the JSON of a [Drawing] that this package writes.
// Documents of another version are refused.
const DocumentVersion = 1

var limits = strictjson.Limits{Size: billing.MaxDocument, Values: 8 << 20, Elements: MaxDraws}

// The words of each field, the default first. Nothing changes them.
var (
	classes = []Class{Paid, Promotional}
	lates   = []Late{DrawLate, LapseLate}
	taxes   = []Taxed{TaxOnAll, TaxOnRest}
)

// The JSON of what a service stores, and of results: the fields of each value in the order in
// which they are written. The tables are made once and never change.
var (
	moneyCodec = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
	zoneCodec  = strictjson.Marshaled[calendar.Zone, *calendar.Zone]("")
	refCodec   = strictjson.Marshaled[plan.Ref, *plan.Ref]("")
	namesCodec = strictjson.List[[]string](strictjson.Text[string]())
)

var scopeCodec = strictjson.Struct(
	strictjson.Optional("charges", func(v *Scope) *[]string { return &v.Charges }, namesCodec),
	strictjson.Optional("metrics", func(v *Scope) *[]string { return &v.Metrics }, namesCodec),
)

var rolloverCodec = strictjson.Struct(
	strictjson.Required("share", func(v *Rollover) *decimal.Decimal { return &v.Share }, strictjson.Decimal()),
	strictjson.Optional("cap", func(v *Rollover) *money.Money { return &v.Cap }, moneyCodec),
)

var sourceCodec = strictjson.Struct(
	strictjson.Optional("subscription", func(v *Source) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()),
	strictjson.Optional("command", func(v *Source) *int { return &v.Command }, strictjson.Int[int]()),
	strictjson.Optional("plan", func(v *Source) *plan.Ref { return &v.Plan }, refCodec),
)

var grantCodec = strictjson.Struct(
	strictjson.Required("id", func(v *Grant) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("class", func(v *Grant) *Class { return &v.Class }, strictjson.Closed(classes)),
	strictjson.Required("amount", func(v *Grant) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	strictjson.Optional("cost", func(v *Grant) *money.Money { return &v.Cost }, moneyCodec),
	strictjson.Required("from", func(v *Grant) *time.Time { return &v.From }, strictjson.Instant()).Needed(),
	strictjson.Optional("until", func(v *Grant) *time.Time { return &v.Until }, strictjson.Instant()),
	strictjson.Optional("priority", func(v *Grant) *int { return &v.Priority }, strictjson.Int[int]()),
	strictjson.Optional("scope", func(v *Grant) *Scope { return &v.Scope }, scopeCodec).When(func(v *Grant) bool { return !v.Scope.isAll() }),
	strictjson.Optional("late", func(v *Grant) *Late { return &v.Late }, strictjson.Closed(lates)),
	strictjson.Optional("rollover", func(v *Grant) **Rollover { return &v.Rollover }, strictjson.Pointer(rolloverCodec)),
	strictjson.Optional("source", func(v *Grant) *Source { return &v.Source }, sourceCodec).When(func(v *Grant) bool { return v.Source != (Source{}) }),
)

var drawMembers = []strictjson.Member[Drawdown]{
	strictjson.Required("grant", func(v *Drawdown) *string { return &v.Grant }, strictjson.Text[string]()),
	strictjson.Required("invoice", func(v *Drawdown) *uuid.UUID { return &v.Invoice }, strictjson.UUID()),
	strictjson.Required("at", func(v *Drawdown) *time.Time { return &v.At }, strictjson.Instant()),
	strictjson.Required("line", func(v *Drawdown) *uuid.UUID { return &v.Line }, strictjson.UUID()),
	strictjson.Optional("charge", func(v *Drawdown) *string { return &v.Charge }, strictjson.Text[string]()),
	strictjson.Optional("tax", func(v *Drawdown) *bool { return &v.Tax }, strictjson.Truth()),
	strictjson.Required("amount", func(v *Drawdown) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	strictjson.Required("left", func(v *Drawdown) *money.Money { return &v.Left }, moneyCodec).Needed(),
}

var drawsCodec = strictjson.List[[]Drawdown](strictjson.Struct(drawMembers...))

var balanceCodec = strictjson.Struct(
	strictjson.Required("grant", func(v *Balance) *Grant { return &v.Grant }, grantCodec),
	strictjson.Optional("rolled", func(v *Balance) *money.Money { return &v.Rolled }, moneyCodec),
	strictjson.Optional("rolled_cost", func(v *Balance) *money.Money { return &v.RolledCost }, moneyCodec),
	strictjson.Optional("rolled_from", func(v *Balance) *string { return &v.RolledFrom }, strictjson.Text[string]()),
	strictjson.Required("left", func(v *Balance) *money.Money { return &v.Left }, moneyCodec).Needed(),
	strictjson.Optional("gone", func(v *Balance) *money.Money { return &v.Gone }, moneyCodec),
	strictjson.Optional("ended", func(v *Balance) *time.Time { return &v.Ended }, strictjson.Instant()),
	strictjson.Optional("draws", func(v *Balance) *[]Drawdown { return &v.Draws }, drawsCodec),
)

var checkpointCodec = strictjson.Struct(
	strictjson.Optional("revision", func(v *Checkpoint) *int { return &v.Revision }, strictjson.Int[int]()),
	strictjson.Optional("grants", func(v *Checkpoint) *[]Balance { return &v.Grants }, strictjson.List[[]Balance](balanceCodec)),
	strictjson.Optional("billed", func(v *Checkpoint) *[]Billed { return &v.Billed }, strictjson.List[[]Billed](strictjson.Struct(
		strictjson.Required("subscription", func(v *Billed) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
		strictjson.Required("through", func(v *Billed) *time.Time { return &v.Through }, strictjson.Instant()).Needed(),
		strictjson.Required("invoices", func(v *Billed) *[]uuid.UUID { return &v.Invoices }, strictjson.List[[]uuid.UUID](strictjson.UUID())).Needed(),
	))),
)

var drawingCodec = strictjson.Struct(
	strictjson.Version[Drawing](DocumentVersion),
	strictjson.Required("invoice", func(v *Drawing) *uuid.UUID { return &v.Invoice }, strictjson.UUID()),
	strictjson.Required("subscription", func(v *Drawing) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
	strictjson.Required("at", func(v *Drawing) *time.Time { return &v.At }, strictjson.Instant()),
	strictjson.Optional("time_zone", func(v *Drawing) *calendar.Zone { return &v.Zone }, zoneCodec),
	strictjson.Optional("draws", func(v *Drawing) *[]Drawdown { return &v.Draws }, drawsCodec),
	strictjson.Required("drawn", func(v *Drawing) *money.Money { return &v.Drawn }, moneyCodec).Needed(),
	strictjson.Required("untaxed", func(v *Drawing) *money.Money { return &v.Untaxed }, moneyCodec).Needed(),
	strictjson.Optional("taxes", func(v *Drawing) *[]TaxCut { return &v.Taxes }, strictjson.List[[]TaxCut](strictjson.Struct(
		strictjson.Required("line", func(v *TaxCut) *uuid.UUID { return &v.Line }, strictjson.UUID()),
		strictjson.Required("amount", func(v *TaxCut) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	))),
	strictjson.Required("covered", func(v *Drawing) *money.Money { return &v.Covered }, moneyCodec).Needed(),
	strictjson.Required("amount_due", func(v *Drawing) *money.Money { return &v.AmountDue }, moneyCodec).Needed(),
	strictjson.Required("credited", func(v *Drawing) *money.Money { return &v.Credited }, moneyCodec).Needed(),
	strictjson.Required("refund", func(v *Drawing) *money.Money { return &v.Refund }, moneyCodec).Needed(),
	strictjson.Optional("known", func(v *Drawing) *bool { return &v.Known }, strictjson.Truth()),
)

func (d Drawing) faults() faults.List {
	var f faults.List
	f.Wrap("subscription", text.ID(string(d.Subscription), plan.MaxIDLen))
	f.Instant("at", d.At, true)
	if !d.Drawn.IsValid() {
		f.Wrap("drawn", faults.ErrMissing)
		return f
	}
	currency := d.Drawn.Currency()
	in := func(path string, m money.Money, signed bool) {
		switch {
		case !m.IsValid():
			f.Wrap(path, faults.ErrMissing)
		case m.Currency() != currency:
			f.Add(path, fault.Inconsistent, "must be in the currency of what was drawn, %s", currency)
		case m.IsNegative() && !signed:
			f.Add(path, fault.OutOfRange, "must not be negative")
		}
	}
	in("untaxed", d.Untaxed, true)
	in("covered", d.Covered, true)
	in("amount_due", d.AmountDue, false)
	in("credited", d.Credited, false)
	in("refund", d.Refund, false)
	for i, draw := range d.Draws {
		path := strictjson.Index("draws", i)
		f.Wrap(path+".grant", text.ID(draw.Grant, plan.MaxIDLen))
		f.Wrap(path+".charge", text.Name(draw.Charge, plan.MaxIDLen))
		f.Instant(path+".at", draw.At, true)
		in(path+".amount", draw.Amount, true)
		in(path+".left", draw.Left, false)
	}
	for i, t := range d.Taxes {
		in(strictjson.Index("taxes", i)+".amount", t.Amount, true)
	}
	if len(f) > 0 {
		return f
	}
	zero := money.FromMinor(0, currency)
	drawn, untaxed := zero, zero
	var sum sums
	for _, draw := range d.Draws {
		sum.add(&drawn, draw.Amount)
	}
	for _, t := range d.Taxes {
		sum.add(&untaxed, t.Amount)
	}
	covered := drawn
	sum.add(&covered, untaxed)
	switch {
	case sum.err != nil:
		f.Wrap("drawn", sum.err)
	case drawn != d.Drawn:
		f.Add("drawn", fault.Inconsistent, "must be the sum of the draws, %s", drawn)
	case untaxed != d.Untaxed:
		f.Add("untaxed", fault.Inconsistent, "must be the sum of the taxes, %s", untaxed)
	case covered != d.Covered:
		f.Add("covered", fault.Inconsistent, "must be the sum of drawn and untaxed, %s", covered)
	}
	return f
}

// Equal reports whether two drawings say the same, instants whatever their zones.
func (d Drawing) Equal(o Drawing) bool {
	return d.Invoice == o.Invoice && d.Subscription == o.Subscription && d.At.Equal(o.At) && d.Zone == o.Zone && equalAll(d.Draws, o.Draws, Drawdown.equal) &&
		d.Drawn == o.Drawn && d.Untaxed == o.Untaxed && equalAll(d.Taxes, o.Taxes, func(a, b TaxCut) bool { return a == b }) && d.Covered == o.Covered &&
		d.AmountDue == o.AmountDue && d.Credited == o.Credited && d.Refund == o.Refund && d.Known == o.Known
}

// value is what this package writes as JSON and reads.
type value interface{ faults() faults.List }

// encode returns a value without faults as JSON.
func encode[T value](v *T, c strictjson.Codec[T]) ([]byte, error) {
	if err := (*v).faults().Err(); err != nil {
		return nil, err
	}
	return faults.Encode(nil, v, c, limits.Size, "prepaid")
}

// decode reads a value strictly. The target changes only if there are no faults.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	return faults.Decode(data, to, c, limits, T.faults)
}

// MarshalJSON writes the grant. An invalid one is an error.
func (g Grant) MarshalJSON() ([]byte, error) { return encode(&g, grantCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (g *Grant) UnmarshalJSON(data []byte) error { return decode(data, g, grantCodec) }

// MarshalJSON writes the checkpoint, {} for the zero one. One that contradicts itself is an
// error.
func (c Checkpoint) MarshalJSON() ([]byte, error) { return encode(&c, checkpointCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (c *Checkpoint) UnmarshalJSON(data []byte) error { return decode(data, c, checkpointCodec) }

// MarshalJSON writes the drawing as a document, {"version":1,"invoice":…}.
func (d Drawing) MarshalJSON() ([]byte, error) { return encode(&d, drawingCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (d *Drawing) UnmarshalJSON(data []byte) error { return decode(data, d, drawingCodec) }
