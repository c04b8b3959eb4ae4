package plan

import (
	"encoding"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// The JSON of the definitions: their fields in the order in which they are written. The
// tables are made once and never change.

const intervalPattern = `^P[0-9]+[DWMY]$|^$`

// words is the codec of all words of a type.
func words[W Word[W], P textReader[W]]() strictjson.Codec[W] {
	return strictjson.Word(Words[W](), strictjson.FromText[W, P])
}

type textReader[W any] interface {
	*W
	encoding.TextUnmarshaler
}

var (
	permission    = words[Permission]()
	unusedCredit  = words[UnusedCredit]()
	refCodec      = strictjson.Marshaled[Ref, *Ref](`^([\s\S]+@[0-9]+)?$`)
	currencyCodec = strictjson.Plain[money.Currency, *money.Currency](`^([A-Z]{3})?$`)
	amountCodec   = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), nil), money.ParseCurrency, money.ParseAmount)
	featuresCodec = strictjson.Foreign[feature.Set, *feature.Set](strictjson.RefTo("features"), func(s *feature.Set) bool { return len(*s) == 0 })
)

var lengthCodec = strictjson.Struct(
	strictjson.Optional("cycles", func(v *Length) *int { return &v.Cycles }, strictjson.Int[int]()),
	strictjson.Optional("interval", func(v *Length) *calendar.Interval { return &v.Interval }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("from", func(v *Length) *LengthFrom { return &v.From }, words[LengthFrom]()),
	strictjson.Optional("last_period", func(v *Length) *LastPeriod { return &v.LastPeriod }, words[LastPeriod]()),
	strictjson.Optional("at_end", func(v *Length) *EndBehavior { return &v.AtEnd }, words[EndBehavior]()),
)

var termCodec = strictjson.Struct(
	strictjson.Field("interval", func(v *Term) *calendar.Interval { return &v.Interval }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)).Needed(),
	strictjson.Optional("from", func(v *Term) *LengthFrom { return &v.From }, words[LengthFrom]()),
	strictjson.Optional("minimum", func(v *Term) *calendar.Interval { return &v.Minimum }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("notice", func(v *Term) *calendar.Interval { return &v.Notice }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("late_notice", func(v *Term) *LateNotice { return &v.LateNotice }, words[LateNotice]()),
	strictjson.Optional("renewal", func(v *Term) *TermRenewal { return &v.Renewal }, words[TermRenewal]()),
	strictjson.Optional("renewal_interval", func(v *Term) *calendar.Interval { return &v.RenewalInterval }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("plan_change", func(v *Term) *TermChange { return &v.PlanChange }, words[TermChange]()),
	strictjson.Optional("pause", func(v *Term) *TermPause { return &v.Pause }, words[TermPause]()),
	strictjson.Optional("early_end", func(v *Term) **EarlyEnd { return &v.EarlyEnd }, strictjson.Pointer(earlyEndCodec)),
)

var earlyEndCodec = strictjson.Struct(
	strictjson.Field("fee", func(v *EarlyEnd) *EarlyEndFee { return &v.Fee }, words[EarlyEndFee]()).Needed(),
	strictjson.Optional("amount", func(v *EarlyEnd) **money.Money { return &v.Amount }, strictjson.Pointer(amountCodec)),
	strictjson.Optional("percent", func(v *EarlyEnd) **decimal.Decimal { return &v.Percent }, strictjson.Pointer(strictjson.DecimalText())),
)

var trialCodec = strictjson.Struct(
	strictjson.Optional("length", func(v *Trial) *calendar.Interval { return &v.Length }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("until", func(v *Trial) *time.Time { return &v.Until }, strictjson.Instant()),
	strictjson.Optional("at_end", func(v *Trial) *TrialEnd { return &v.AtEnd }, words[TrialEnd]()),
)

var rulesCodec = strictjson.Struct(
	strictjson.Optional("cancel", func(v *Rules) *Permission { return &v.Cancel }, permission),
	strictjson.Optional("cancel_now", func(v *Rules) *Permission { return &v.CancelNow }, permission),
	strictjson.Optional("pause", func(v *Rules) *Permission { return &v.Pause }, permission),
	strictjson.Optional("resume", func(v *Rules) *Permission { return &v.Resume }, permission),
	strictjson.Optional("quantity", func(v *Rules) *Permission { return &v.Quantity }, permission),
)

var metricCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Metric) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("name", func(v *Metric) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("aggregation", func(v *Metric) *Aggregation { return &v.Aggregation }, words[Aggregation]()),
	strictjson.Optional("records", func(v *Metric) *Reading { return &v.Records }, words[Reading]()),
	strictjson.Optional("carry", func(v *Metric) *bool { return &v.Carry }, strictjson.Truth()),
)

var thresholdsCodec = strictjson.Struct(
	strictjson.Optional("amounts", func(v *Thresholds) *[]decimal.Decimal { return &v.Amounts }, strictjson.List[[]decimal.Decimal](strictjson.DecimalText())),
	strictjson.Optional("over", func(v *Thresholds) *ThresholdSpan { return &v.Over }, words[ThresholdSpan]()),
	strictjson.Optional("recurring", func(v *Thresholds) *decimal.Decimal { return &v.Recurring }, strictjson.DecimalText()),
	strictjson.Optional("volume", func(v *Thresholds) *InterimVolume { return &v.Volume }, words[InterimVolume]()),
)

var policyCodec = strictjson.Struct(
	strictjson.Optional("basis", func(v *Policy) *calendar.Basis { return &v.Basis }, strictjson.Word(calendar.Words[calendar.Basis](), strictjson.FromText[calendar.Basis])),
	strictjson.Optional("change_day", func(v *Policy) *calendar.ChangeDay { return &v.ChangeDay }, strictjson.Word(calendar.Words[calendar.ChangeDay](), strictjson.FromText[calendar.ChangeDay])),
	strictjson.Optional("change_credit", func(v *Policy) *UnusedCredit { return &v.ChangeCredit }, unusedCredit),
	strictjson.Optional("cancel_credit", func(v *Policy) *UnusedCredit { return &v.CancelCredit }, unusedCredit),
	strictjson.Optional("pause_credit", func(v *Policy) *UnusedCredit { return &v.PauseCredit }, strictjson.Word([]UnusedCredit{CreditProrate, CreditNone}, strictjson.FromText[UnusedCredit])),
	strictjson.Optional("credit_basis", func(v *Policy) *CreditBasis { return &v.CreditBasis }, words[CreditBasis]()),
	strictjson.Optional("charge_new", func(v *Policy) *ChargeNew { return &v.ChargeNew }, words[ChargeNew]()),
	strictjson.Optional("collect", func(v *Policy) *Collect { return &v.Collect }, words[Collect]()),
	strictjson.Optional("change_anchor", func(v *Policy) *Anchor { return &v.ChangeAnchor }, strictjson.Word([]Anchor{KeepAnchor, ResetAnchor}, strictjson.FromText[Anchor])),
	strictjson.Optional("resume_anchor", func(v *Policy) *Anchor { return &v.ResumeAnchor }, words[Anchor]()),
	strictjson.Optional("first_period", func(v *Policy) *FirstPeriod { return &v.FirstPeriod }, words[FirstPeriod]()),
	strictjson.Optional("first_invoice", func(v *Policy) *FirstInvoice { return &v.FirstInvoice }, words[FirstInvoice]()),
	strictjson.Optional("rounding", func(v *Policy) *money.Rounding { return &v.Rounding }, strictjson.Word(money.Roundings(), strictjson.FromText[money.Rounding])),
	strictjson.Optional("negative", func(v *Policy) *Negative { return &v.Negative }, words[Negative]()),
	strictjson.Optional("discount_split", func(v *Policy) *DiscountSplit { return &v.DiscountSplit }, words[DiscountSplit]()),
	strictjson.Optional("zero_invoices", func(v *Policy) *ZeroInvoices { return &v.ZeroInvoices }, words[ZeroInvoices]()),
	strictjson.Optional("tax_rounding", func(v *Policy) *TaxRounding { return &v.TaxRounding }, words[TaxRounding]()),
	strictjson.Optional("usage_bounds", func(v *Policy) *UsageBounds { return &v.UsageBounds }, words[UsageBounds]()),
	strictjson.Optional("usage_count", func(v *Policy) *UsageCount { return &v.UsageCount }, words[UsageCount]()),
	strictjson.Optional("change_add_ons", func(v *Policy) *AddOnChange { return &v.ChangeAddOns }, words[AddOnChange]()),
	strictjson.Optional("change_prices", func(v *Policy) *PriceChange { return &v.ChangePrices }, words[PriceChange]()),
	strictjson.Optional("period_end", func(v *Policy) *PeriodEnd { return &v.PeriodEnd }, words[PeriodEnd]()),
)

var chargeCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Charge) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("name", func(v *Charge) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Field("price", func(v *Charge) *Price { return &v.Price }, anyPrice).Needed(),
	strictjson.Optional("prices", func(v *Charge) *map[money.Currency]Price { return &v.Prices }, pricesCodec),
	strictjson.Optional("once", func(v *Charge) *bool { return &v.Once }, strictjson.Truth()),
	strictjson.Optional("every", func(v *Charge) *calendar.Interval { return &v.Every }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("price_every", func(v *Charge) *calendar.Interval { return &v.PriceEvery }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("count_over", func(v *Charge) *calendar.Interval { return &v.CountOver }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("timing", func(v *Charge) *Timing { return &v.Timing }, words[Timing]()),
	strictjson.Optional("quantity", func(v *Charge) **decimal.Decimal { return &v.Quantity }, strictjson.Pointer(strictjson.DecimalText())),
	strictjson.Optional("metric", func(v *Charge) *string { return &v.Metric }, strictjson.Text[string]()),
	strictjson.Optional("tax_code", func(v *Charge) *string { return &v.TaxCode }, strictjson.Text[string]()),
	strictjson.Optional("metadata", func(v *Charge) *map[string]string { return &v.Metadata }, strictjson.Map[map[string]string](strictjson.Text[string]())),
)

var creditPackCodec = strictjson.Struct(
	strictjson.Field("id", func(v *CreditPack) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("name", func(v *CreditPack) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Field("credits", func(v *CreditPack) *int64 { return &v.Credits }, strictjson.Int[int64]()).Needed(),
	strictjson.Optional("list_price", func(v *CreditPack) *decimal.Decimal { return &v.ListPrice }, strictjson.OrNull(strictjson.DecimalText())),
	strictjson.Optional("percent_off", func(v *CreditPack) *decimal.Decimal { return &v.PercentOff }, strictjson.OrNull(strictjson.DecimalText())),
	strictjson.Optional("price", func(v *CreditPack) **decimal.Decimal { return &v.Price }, strictjson.Pointer(strictjson.DecimalText())),
	strictjson.Optional("valid_for", func(v *CreditPack) *calendar.Interval { return &v.ValidFor }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("extends_paid", func(v *CreditPack) *bool { return &v.ExtendsPaid }, strictjson.Truth()),
)

var discountCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Discount) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("name", func(v *Discount) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("percent", func(v *Discount) **decimal.Decimal { return &v.Percent }, strictjson.Pointer(strictjson.DecimalText())),
	strictjson.Optional("amount", func(v *Discount) **money.Money { return &v.Amount }, strictjson.Pointer(amountCodec)),
	strictjson.Field("duration", func(v *Discount) *Duration { return &v.Duration }, words[Duration]()).Needed(),
	strictjson.Optional("cycles", func(v *Discount) *int { return &v.Cycles }, strictjson.Int[int]()),
	strictjson.Optional("for", func(v *Discount) *calendar.Interval { return &v.For }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("charges", func(v *Discount) *[]string { return &v.Charges }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("kinds", func(v *Discount) *[]DiscountedKind { return &v.Kinds }, strictjson.List[[]DiscountedKind](words[DiscountedKind]())),
)

var phaseCodec = strictjson.Struct(
	strictjson.Optional("id", func(v *Phase) *string { return &v.ID }, strictjson.Text[string]()),
	strictjson.Optional("every", func(v *Phase) *calendar.Interval { return &v.Every }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("charges", func(v *Phase) *[]Charge { return &v.Charges }, strictjson.List[[]Charge](chargeCodec)),
	strictjson.Optional("cycles", func(v *Phase) *int { return &v.Cycles }, strictjson.Int[int]()),
	strictjson.Optional("length", func(v *Phase) *calendar.Interval { return &v.Length }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
)
