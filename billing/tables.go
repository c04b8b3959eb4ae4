package billing

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// The JSON of what a service stores: the fields of each value in the order in which they
// are written. The tables are made once and never change.

var (
	idCodec       = strictjson.UUID()
	intervalCodec = strictjson.Marshaled[calendar.Interval, *calendar.Interval](`^P[0-9]+[DWMY]$|^$`).Parsed(read(calendar.ParseInterval))
	civilCodec    = strictjson.Marshaled[calendar.CivilTime, *calendar.CivilTime](strictjson.CivilPattern)
	zoneCodec     = strictjson.Marshaled[calendar.Zone, *calendar.Zone]("").Parsed(read(calendar.LoadZone))
	moneyCodec    = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
)

// read is a function that parses, without its error.
func read[T any](parse func(text string) (T, error)) func(text string) (T, bool) {
	return func(text string) (T, bool) {
		v, err := parse(text)
		return v, err == nil
	}
}

var boundaryCodec = strictjson.Struct(
	strictjson.Field("every", func(v *BilledBoundary) *calendar.Interval { return &v.Every }, intervalCodec),
	strictjson.Field("number", func(v *BilledBoundary) *int { return &v.Number }, strictjson.Int[int]()),
	strictjson.Field("civil", func(v *BilledBoundary) *calendar.CivilTime { return &v.Civil }, civilCodec),
	strictjson.Field("at", func(v *BilledBoundary) *time.Time { return &v.At }, strictjson.Instant()),
)

var redemptionCodec = strictjson.Struct(
	strictjson.Field("command", func(v *Redemption) *int { return &v.Command }, strictjson.Int[int]()).Needed(),
	strictjson.Field("invoice_at", func(v *Redemption) *time.Time { return &v.InvoiceAt }, strictjson.Instant()).Needed(),
	strictjson.Optional("invoice_civil", func(v *Redemption) *calendar.CivilTime { return &v.InvoiceCivil }, civilCodec),
	strictjson.Optional("invoice_command", func(v *Redemption) *int { return &v.InvoiceCommand }, strictjson.Int[int]()),
	strictjson.Optional("cycle", func(v *Redemption) *int { return &v.Cycle }, strictjson.Int[int]()),
	strictjson.Optional("uses", func(v *Redemption) *int { return &v.Uses }, strictjson.Int[int]()),
)

var meteredCodec = strictjson.Struct(
	strictjson.Field("metric", func(v *MeteredPart) *string { return &v.Metric }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("dimensions", func(v *MeteredPart) *map[string]string { return &v.Dimensions }, strictjson.Map[map[string]string](strictjson.Text[string]())),
	strictjson.Field("from", func(v *MeteredPart) *time.Time { return &v.From }, strictjson.Instant()).Needed(),
	strictjson.Optional("to", func(v *MeteredPart) *time.Time { return &v.To }, strictjson.Instant()),
	strictjson.Required("quantity", func(v *MeteredPart) *decimal.Decimal { return &v.Quantity }, strictjson.Decimal()),
	strictjson.Optional("events", func(v *MeteredPart) *int64 { return &v.Events }, strictjson.Int[int64]()),
	strictjson.Optional("billed", func(v *MeteredPart) *bool { return &v.Billed }, strictjson.Truth()),
	strictjson.Optional("interim", func(v *MeteredPart) *bool { return &v.Interim }, strictjson.Truth()),
	strictjson.Optional("command", func(v *MeteredPart) *int { return &v.Command }, strictjson.Int[int]()),
)

var levelCodec = strictjson.Struct(
	strictjson.Field("metric", func(v *MeteredLevel) *string { return &v.Metric }, strictjson.Text[string]()).Needed(),
	strictjson.Required("level", func(v *MeteredLevel) *decimal.Decimal { return &v.Level }, strictjson.Decimal()),
	strictjson.Optional("records", func(v *MeteredLevel) *int64 { return &v.Records }, strictjson.Int[int64]()),
)

var termSpendCodec = strictjson.Struct(
	strictjson.Optional("period", func(v *TermSpend) *int { return &v.Period }, strictjson.Int[int]()),
	strictjson.Optional("cycles", func(v *TermSpend) *int { return &v.Cycles }, strictjson.Int[int]()),
	strictjson.Optional("num", func(v *TermSpend) *int64 { return &v.Num }, strictjson.Int[int64]()),
	strictjson.Field("den", func(v *TermSpend) *int64 { return &v.Den }, strictjson.Int[int64]()).Needed(),
	strictjson.Field("amount", func(v *TermSpend) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	strictjson.Optional("trued_up", func(v *TermSpend) *money.Money { return &v.TruedUp }, moneyCodec),
)

var lifeUsageCodec = strictjson.Struct(
	strictjson.Optional("period", func(v *LifeUsage) *int { return &v.Period }, strictjson.Int[int]()),
	strictjson.Field("amount", func(v *LifeUsage) *money.Money { return &v.Amount }, moneyCodec).Needed(),
)

var checkpointFields = strictjson.Struct(
	strictjson.Optional("revision", func(v *Checkpoint) *int { return &v.Revision }, strictjson.Int[int]()),
	strictjson.Optional("charged_through", func(v *Checkpoint) *time.Time { return &v.ChargedThrough }, strictjson.Instant()),
	strictjson.Optional("civil", func(v *Checkpoint) *calendar.CivilTime { return &v.Civil }, civilCodec),
	strictjson.Field("boundary", func(v *Checkpoint) *BilledBoundary { return &v.Boundary }, boundaryCodec).When(func(v *Checkpoint) bool { return !v.Boundary.IsZero() }),
	strictjson.Optional("last_command", func(v *Checkpoint) *int { return &v.LastCommand }, strictjson.Int[int]()),
	strictjson.Optional("credit_balance", func(v *Checkpoint) *money.Money { return &v.CreditBalance }, moneyCodec),
	strictjson.Optional("redeemed", func(v *Checkpoint) *[]Redemption { return &v.Redeemed }, strictjson.List[[]Redemption](redemptionCodec)),
	strictjson.Optional("carried_over", func(v *Checkpoint) *[]int { return &v.CarriedOver }, strictjson.List[[]int](strictjson.Int[int]())),
	strictjson.Optional("metered_from", func(v *Checkpoint) *time.Time { return &v.MeteredFrom }, strictjson.Instant()),
	strictjson.Optional("metered", func(v *Checkpoint) *[]MeteredPart { return &v.Metered }, strictjson.List[[]MeteredPart](meteredCodec)),
	strictjson.Optional("levels", func(v *Checkpoint) *[]MeteredLevel { return &v.Levels }, strictjson.List[[]MeteredLevel](levelCodec)),
	strictjson.Optional("spent", func(v *Checkpoint) *[]TermSpend { return &v.Spent }, strictjson.List[[]TermSpend](termSpendCodec)),
	strictjson.Optional("lifetime", func(v *Checkpoint) *[]LifeUsage { return &v.Lifetime }, strictjson.List[[]LifeUsage](lifeUsageCodec)),
)

var recordCodec = strictjson.Struct(
	strictjson.Field("metric", func(v *Record) *string { return &v.Metric }, strictjson.Text[string]()).Needed(),
	strictjson.Field("at", func(v *Record) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Required("quantity", func(v *Record) *decimal.Decimal { return &v.Quantity }, strictjson.Decimal()),
	strictjson.Optional("key", func(v *Record) *string { return &v.Key }, strictjson.Text[string]()),
	strictjson.Optional("properties", func(v *Record) *map[string]string { return &v.Properties }, strictjson.Map[map[string]string](strictjson.Text[string]())),
)

var storedLineCodec = strictjson.Struct(
	strictjson.Field("id", func(v *StoredLine) *uuid.UUID { return &v.ID }, strictjson.UUID()).Needed(),
	strictjson.Optional("of", func(v *StoredLine) *uuid.UUID { return &v.Of }, strictjson.UUID()),
	strictjson.Optional("adjusts", func(v *StoredLine) *bool { return &v.Adjusts }, strictjson.Truth()),
	strictjson.Field("amount", func(v *StoredLine) *money.Money { return &v.Amount }, moneyCodec).Needed(),
)

var checkpointCodec = checkpointFields.Finally(func(c *Checkpoint) {
	if len(c.Redeemed) == 0 {
		c.Redeemed = nil
	}
	if len(c.CarriedOver) == 0 {
		c.CarriedOver = nil
	}
	if len(c.Metered) == 0 {
		c.Metered = nil
	}
	if len(c.Levels) == 0 {
		c.Levels = nil
	}
	if len(c.Spent) == 0 {
		c.Spent = nil
	}
})

var recordsCodec = strictjson.List[Usage](recordCodec).Finally(func(u *Usage) {
	if len(*u) == 0 {
		*u = nil
	}
})

// usageCodec is that of an array, which null is not.
var usageCodec = strictjson.Custom(&strictjson.Shape{Kind: strictjson.ArrayShape, Of: recordCodec.Shape()}, func(n strictjson.Node, to *Usage, r *strictjson.Report) {
	if n.Kind() != strictjson.Array {
		r.Add(n, fault.WrongType.Errorf("must be an array"))
		return
	}
	recordsCodec.ReadNode(n, to, r)
}, func(dst []byte, u *Usage) ([]byte, error) {
	if len(*u) == 0 {
		return append(dst, "[]"...), nil
	}
	return recordsCodec.Append(dst, u)
}, nil).Scanned(strictjson.NotNull(recordsCodec, Usage{}))
