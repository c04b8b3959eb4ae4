package billing

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The JSON of results: the fields of each in the order in which they are written. A
// document has a version; a part of one has not.

var (
	kindCodec  = strictjson.Word(LineKinds(), parseLineKind)
	tableCodec = strictjson.Custom(strictjson.RefTo("price"), leaveTable, writeTable, func(t **plan.CompiledPrice) bool { return *t == nil })
	namedCodec = strictjson.Map[map[string]string](strictjson.Text[string]())
	keyCodec   = strictjson.Custom(namedCodec.Shape(), func(n strictjson.Node, to *string, r *strictjson.Report) {
		var named map[string]string
		before := r.Len()
		if namedCodec.ReadNode(n, &named, r); r.Len() > before {
			return
		}
		if err := dimensionFaults(named, plan.MaxDimensions).Err(); err != nil {
			r.Err(n, err)
			return
		}
		*to = keyOf(named)
	}, func(dst []byte, key *string) ([]byte, error) {
		named := namedBy(*key)
		return namedCodec.Append(dst, &named)
	}, func(key *string) bool { return *key == "" })
	originCodec = strictjson.Struct(
		strictjson.Required("kind", func(v *LineRef) *LineKind { return &v.Kind }, kindCodec),
		strictjson.Optional("charge", func(v *LineRef) *string { return &v.Charge }, strictjson.Text[string]()),
		strictjson.Optional("from", func(v *LineRef) *time.Time { return &v.From }, strictjson.Instant()),
		strictjson.Optional("from_boundary", func(v *LineRef) *bool { return &v.wallFrom }, strictjson.Truth()),
		strictjson.Optional("to", func(v *LineRef) *time.Time { return &v.To }, strictjson.Instant()),
		strictjson.Optional("to_boundary", func(v *LineRef) *bool { return &v.wallTo }, strictjson.Truth()),
		strictjson.Optional("command", func(v *LineRef) *int { return &v.Command }, strictjson.Int[int]()),
		strictjson.Optional("dimensions", func(v *LineRef) *string { return &v.key }, keyCodec),
	)

	// How an amount was made: what it is a share of, and what was counted or billed before.
	derivationCodec = strictjson.Struct(
		strictjson.Optional("of", func(v *derivation) *string { return &v.of }, strictjson.Text[string]()),
		strictjson.Optional("basis", func(v *derivation) *calendar.Basis { return &v.basis }, strictjson.Word(calendar.Words[calendar.Basis](), strictjson.FromText[calendar.Basis])),
		strictjson.Optional("net", func(v *derivation) *money.Money { return &v.net }, moneyCodec),
		strictjson.Optional("whole", func(v *derivation) *money.Money { return &v.whole }, moneyCodec),
		strictjson.Optional("capped", func(v *derivation) *bool { return &v.capped }, strictjson.Truth()),
		strictjson.Optional("without_included_taxes", func(v *derivation) *bool { return &v.held }, strictjson.Truth()),
		strictjson.Optional("shares_of_charged", func(v *derivation) *bool { return &v.shared }, strictjson.Truth()),
		strictjson.Optional("units_before", func(v *derivation) *decimal.Decimal { return &v.before }, strictjson.Exact()),
		strictjson.Optional("units_so_far", func(v *derivation) *decimal.Decimal { return &v.units }, strictjson.Exact()),
		strictjson.Optional("owed", func(v *derivation) *money.Money { return &v.owed }, moneyCodec),
		strictjson.Optional("exact_so_far", func(v *derivation) *decimal.Decimal { return &v.unbounded }, strictjson.Exact()),
		strictjson.Optional("across_prices", func(v *derivation) *bool { return &v.across }, strictjson.Truth()),
		strictjson.Optional("term_from", func(v *derivation) *time.Time { return &v.term }, strictjson.Instant()),
		strictjson.Optional("units_of_term_before", func(v *derivation) *decimal.Decimal { return &v.counted }, strictjson.Exact()),
		strictjson.Optional("minimum_num", func(v *derivation) *int64 { return &v.least }, strictjson.Int[int64]()),
		strictjson.Optional("maximum_num", func(v *derivation) *int64 { return &v.most }, strictjson.Int[int64]()),
		strictjson.Optional("num", func(v *derivation) *int64 { return &v.num }, strictjson.Int[int64]()),
		strictjson.Optional("den", func(v *derivation) *int64 { return &v.den }, strictjson.Int[int64]()),
		strictjson.Optional("billed", func(v *derivation) *money.Money { return &v.gross }, moneyCodec),
		strictjson.Optional("discounts", func(v *derivation) *money.Money { return &v.discount }, moneyCodec),
		strictjson.Optional("over_cap", func(v *derivation) *money.Money { return &v.over }, moneyCodec),
	)

	// What single events came to, in the order of the explanation.
	eventsCodec = strictjson.Struct(
		strictjson.Required("events", func(v *plan.EventRating) *int64 { return &v.Events }, strictjson.Int[int64]()),
		strictjson.Required("quantity", func(v *plan.EventRating) *decimal.Decimal { return &v.Quantity }, strictjson.Exact()),
		strictjson.Optional("free", func(v *plan.EventRating) *int64 { return &v.Free }, strictjson.Int[int64]()),
		strictjson.Optional("refunds", func(v *plan.EventRating) *int64 { return &v.Refunds }, strictjson.Int[int64]()),
		strictjson.Optional("charged", func(v *plan.EventRating) *int64 { return &v.Charged }, strictjson.Int[int64]()),
		strictjson.Optional("charged_amount", func(v *plan.EventRating) *decimal.Decimal { return &v.ChargedAmount }, strictjson.Exact()),
		strictjson.Optional("fees", func(v *plan.EventRating) *decimal.Decimal { return &v.Fees }, strictjson.Exact()),
		strictjson.Optional("raised", func(v *plan.EventRating) *int64 { return &v.Raised }, strictjson.Int[int64]()),
		strictjson.Optional("raised_by", func(v *plan.EventRating) *decimal.Decimal { return &v.RaisedBy }, strictjson.Exact()),
		strictjson.Optional("lowered", func(v *plan.EventRating) *int64 { return &v.Lowered }, strictjson.Int[int64]()),
		strictjson.Optional("lowered_by", func(v *plan.EventRating) *decimal.Decimal { return &v.LoweredBy }, strictjson.Exact()),
		strictjson.Optional("refunded_amount", func(v *plan.EventRating) *decimal.Decimal { return &v.RefundedAmount }, strictjson.Exact()),
		strictjson.Optional("capped", func(v *plan.EventRating) *int64 { return &v.Capped }, strictjson.Int[int64]()),
		strictjson.Optional("capped_by", func(v *plan.EventRating) *decimal.Decimal { return &v.CappedBy }, strictjson.Exact()),
	)

	// What records that are read one by one came to.
	aggregateCodec = strictjson.Struct(
		strictjson.Required("aggregation", func(v *Aggregate) *plan.Aggregation { return &v.Aggregation }, strictjson.Word(plan.Words[plan.Aggregation](), strictjson.FromText[plan.Aggregation])),
		strictjson.Optional("records", func(v *Aggregate) *int64 { return &v.Records }, strictjson.Int[int64]()),
		strictjson.Optional("level", func(v *Aggregate) *decimal.Decimal { return &v.Level }, strictjson.Exact()),
		strictjson.Required("sum", func(v *Aggregate) *decimal.Decimal { return &v.Sum }, strictjson.Exact()),
		strictjson.Required("over", func(v *Aggregate) *decimal.Decimal { return &v.Over }, strictjson.Exact()),
	)

	// What lies above a spend cap.
	overCapCodec = strictjson.Struct(
		strictjson.Required("cap", func(v *OverCap) *money.Money { return &v.Cap }, moneyCodec).Needed(),
		strictjson.Required("usage", func(v *OverCap) *money.Money { return &v.Usage }, moneyCodec).Needed(),
		strictjson.Required("over", func(v *OverCap) *money.Money { return &v.Over }, moneyCodec).Needed(),
		strictjson.Optional("billed", func(v *OverCap) *bool { return &v.Billed }, strictjson.Truth()),
	)

	lineMembers = []strictjson.Member[Line]{
		strictjson.Required("kind", func(v *Line) *LineKind { return &v.Kind }, kindCodec),
		strictjson.Optional("charge", func(v *Line) *string { return &v.Charge }, strictjson.Text[string]()),
		strictjson.Optional("name", func(v *Line) *string { return &v.Name }, strictjson.Text[string]()),
		strictjson.Optional("tax_code", func(v *Line) *string { return &v.TaxCode }, strictjson.Text[string]()),
		strictjson.Optional("metadata", func(v *Line) *map[string]string { return &v.Metadata }, strictjson.Map[map[string]string](strictjson.Text[string]())),
		strictjson.Optional("dimensions", func(v *Line) *map[string]string { return &v.Dimensions }, namedCodec),
		strictjson.Optional("from", func(v *Line) *time.Time { return &v.From }, strictjson.Instant()),
		strictjson.Optional("from_boundary", func(v *Line) *bool { return &v.wallFrom }, strictjson.Truth()),
		strictjson.Optional("to", func(v *Line) *time.Time { return &v.To }, strictjson.Instant()),
		strictjson.Optional("to_boundary", func(v *Line) *bool { return &v.wallTo }, strictjson.Truth()),
		strictjson.Optional("quantity", func(v *Line) *decimal.Decimal { return &v.Quantity }, strictjson.Exact()),
		strictjson.Optional("events", func(v *Line) **plan.EventRating { return &v.Events }, strictjson.Pointer(eventsCodec)),
		strictjson.Optional("aggregate", func(v *Line) **Aggregate { return &v.Aggregate }, strictjson.Pointer(aggregateCodec)),
		strictjson.Optional("over_cap", func(v *Line) **OverCap { return &v.OverCap }, strictjson.Pointer(overCapCodec)),
		strictjson.Optional("increases", func(v *Line) *int { return &v.Increases }, strictjson.Int[int]()),
		strictjson.Optional("num", func(v *Line) *int64 { return &v.Num }, strictjson.Int[int64]()),
		strictjson.Optional("den", func(v *Line) *int64 { return &v.Den }, strictjson.Int[int64]()),
		strictjson.Optional("percent", func(v *Line) *decimal.Decimal { return &v.Percent }, strictjson.Exact()),
		strictjson.Optional("basis", func(v *Line) *calendar.Basis { return &v.Basis }, strictjson.Word(calendar.Words[calendar.Basis](), strictjson.FromText[calendar.Basis])),
		strictjson.Optional("rounding", func(v *Line) *money.Rounding { return &v.Rounding }, strictjson.Word(money.Roundings(), strictjson.FromText[money.Rounding])),
		strictjson.Required("amount", func(v *Line) *money.Money { return &v.Amount }, moneyCodec).Needed(),
		strictjson.Optional("command", func(v *Line) *int { return &v.Command }, strictjson.Int[int]()),
		strictjson.Optional("of", func(v *Line) *LineRef { return &v.Of }, originCodec).When(func(v *Line) bool { return v.Of != (LineRef{}) }),
		strictjson.Optional("price", func(v *Line) **plan.CompiledPrice { return &v.table }, tableCodec),
		strictjson.Optional("derivation", func(v *Line) **derivation { return &v.derivation }, strictjson.Pointer(derivationCodec)),
	}
	lineCodec    = strictjson.Struct(lineMembers...)
	lineDocument = strictjson.Struct(append([]strictjson.Member[Line]{strictjson.Version[Line](DocumentVersion)}, lineMembers...)...).Then(compilePrice)

	identifiedCodec = strictjson.Struct(append([]strictjson.Member[identified]{
		strictjson.Required("id", func(v *identified) *uuid.UUID { return &v.id }, idCodec),
	}, strictjson.Embed(func(v *identified) *Line { return &v.line }, lineMembers...)...)...).Then(func(n strictjson.Node, v *identified, r *strictjson.Report) {
		compilePrice(n, &v.line, r)
		v.line.id = &v.id
	})

	rateCodec = strictjson.Struct(
		strictjson.Required("id", func(v *TaxRate) *string { return &v.ID }, strictjson.Text[string]()),
		strictjson.Optional("name", func(v *TaxRate) *string { return &v.Name }, strictjson.Text[string]()),
		strictjson.Required("percent", func(v *TaxRate) *decimal.Decimal { return &v.Percent }, strictjson.Exact()),
		strictjson.Optional("inclusive", func(v *TaxRate) *bool { return &v.Inclusive }, strictjson.Truth()),
	)
	taxMembers = []strictjson.Member[Tax]{
		strictjson.Required("rate", func(v *Tax) *TaxRate { return &v.Rate }, rateCodec),
		strictjson.Required("base", func(v *Tax) *money.Money { return &v.Base }, moneyCodec).Needed(),
		strictjson.Required("amount", func(v *Tax) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	}
	taxDocument = strictjson.Struct(append([]strictjson.Member[Tax]{strictjson.Version[Tax](DocumentVersion)}, taxMembers...)...)

	invoiceMembers = []strictjson.Member[Invoice]{
		strictjson.Required("id", func(v *Invoice) *uuid.UUID { return &v.id }, idCodec).Write(func(dst []byte, v *Invoice) ([]byte, error) {
			id := v.ID()
			return idCodec.Append(dst, &id)
		}),
		strictjson.Required("subscription", func(v *Invoice) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
		strictjson.Required("at", func(v *Invoice) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("boundary", func(v *Invoice) *bool { return &v.wall }, strictjson.Truth()),
		strictjson.Optional("time_zone", func(v *Invoice) *calendar.Zone { return &v.Zone }, zoneCodec),
		strictjson.Optional("command", func(v *Invoice) *int { return &v.Command }, strictjson.Int[int]()),
		strictjson.Optional("lines", func(v *Invoice) *[]Line { return &v.Lines }, linesCodec).Write(func(dst []byte, v *Invoice) ([]byte, error) {
			return appendLines(dst, v.Lines, v.Subscription, v.Zone)
		}),
		strictjson.Optional("taxes", func(v *Invoice) *[]Tax { return &v.Taxes }, strictjson.List[[]Tax](strictjson.Struct(taxMembers...))),
		strictjson.Required("total", func(v *Invoice) *money.Money { return &v.Total }, moneyCodec),
		strictjson.Required("credit_applied", func(v *Invoice) *money.Money { return &v.CreditApplied }, moneyCodec),
		strictjson.Required("amount_due", func(v *Invoice) *money.Money { return &v.AmountDue }, moneyCodec),
		strictjson.Optional("refund", func(v *Invoice) *money.Money { return &v.Refund }, moneyCodec),
		strictjson.Optional("draft", func(v *Invoice) *bool { return &v.Draft }, strictjson.Truth()),
		strictjson.Optional("interim", func(v *Invoice) *bool { return &v.Interim }, strictjson.Truth()),
	}
	invoiceCodec    = strictjson.Struct(invoiceMembers...)
	invoiceDocument = strictjson.Struct(append([]strictjson.Member[Invoice]{strictjson.Version[Invoice](DocumentVersion)}, invoiceMembers...)...)

	nextMembers = []strictjson.Member[NextInvoice]{
		strictjson.Optional("at", func(v *NextInvoice) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("boundary", func(v *NextInvoice) *time.Time { return &v.Boundary }, strictjson.Instant()),
		strictjson.Required("amount", func(v *NextInvoice) *money.Money { return &v.Amount }, moneyCodec),
		strictjson.Required("amount_due", func(v *NextInvoice) *money.Money { return &v.AmountDue }, moneyCodec),
		strictjson.Required("plan_amount", func(v *NextInvoice) *money.Money { return &v.PlanAmount }, moneyCodec),
		strictjson.Optional("estimate", func(v *NextInvoice) *bool { return &v.Estimate }, strictjson.Truth()),
		strictjson.Optional("overdue", func(v *NextInvoice) *bool { return &v.Overdue }, strictjson.Truth()),
	}
	nextCodec    = strictjson.Struct(nextMembers...)
	nextDocument = strictjson.Struct(append([]strictjson.Member[NextInvoice]{strictjson.Version[NextInvoice](DocumentVersion)}, nextMembers...)...)

	previewDocument = strictjson.Struct(
		strictjson.Version[PreviewResult](DocumentVersion),
		strictjson.Optional("invoices", func(v *PreviewResult) *[]Invoice { return &v.Invoices }, strictjson.List[[]Invoice](invoiceCodec)),
		strictjson.Required("checkpoint", func(v *PreviewResult) *Checkpoint { return &v.Checkpoint }, checkpointCodec),
		strictjson.Required("before", func(v *PreviewResult) *NextInvoice { return &v.Before }, nextCodec),
		strictjson.Required("after", func(v *PreviewResult) *NextInvoice { return &v.After }, nextCodec),
	)

	correctionCodec = strictjson.Struct(
		strictjson.Required("id", func(v *Correction) *uuid.UUID { return &v.ID }, idCodec),
		strictjson.Required("of", func(v *Correction) *uuid.UUID { return &v.Of }, idCodec),
		strictjson.Required("amount", func(v *Correction) *money.Money { return &v.Amount }, moneyCodec),
		strictjson.Required("was", func(v *Correction) *money.Money { return &v.Was }, moneyCodec),
		strictjson.Required("is", func(v *Correction) *money.Money { return &v.Is }, moneyCodec),
		strictjson.Optional("line", func(v *Correction) **Line { return &v.line }, strictjson.Pointer(lineCodec.Then(compilePrice))),
	)
	reconciliationDocument = strictjson.Struct(
		strictjson.Version[Reconciliation](DocumentVersion),
		strictjson.Required("subscription", func(v *Reconciliation) *subscription.ID { return &v.subscription }, strictjson.Text[subscription.ID]()).Needed(),
		strictjson.Optional("time_zone", func(v *Reconciliation) *calendar.Zone { return &v.zone }, zoneCodec),
		strictjson.Required("at", func(v *Reconciliation) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("lines", func(v *Reconciliation) *[]Line { return &v.Lines }, linesCodec).Write(func(dst []byte, v *Reconciliation) ([]byte, error) {
			return appendLines(dst, v.Lines, v.subscription, v.zone)
		}),
		strictjson.Optional("corrections", func(v *Reconciliation) *[]Correction { return &v.Corrections }, strictjson.List[[]Correction](correctionCodec)),
		strictjson.Required("total", func(v *Reconciliation) *money.Money { return &v.Total }, moneyCodec),
		strictjson.Required("credit_applied", func(v *Reconciliation) *money.Money { return &v.CreditApplied }, moneyCodec),
		strictjson.Required("amount_due", func(v *Reconciliation) *money.Money { return &v.AmountDue }, moneyCodec),
		strictjson.Optional("refund", func(v *Reconciliation) *money.Money { return &v.Refund }, moneyCodec),
		strictjson.Required("checkpoint", func(v *Reconciliation) *Checkpoint { return &v.Checkpoint }, checkpointCodec),
	)
)

var identifiedLines = strictjson.List[[]identified](identifiedCodec)

// linesCodec reads lines with their ids; [appendLines] writes them.
var linesCodec = strictjson.Custom(identifiedLines.Shape(), func(n strictjson.Node, to *[]Line, r *strictjson.Report) {
	var list []identified
	identifiedLines.ReadNode(n, &list, r)
	if len(list) == 0 {
		return
	}
	*to = make([]Line, len(list))
	for i := range list {
		(*to)[i] = list[i].line
	}
}, nil, func(v *[]Line) bool { return len(*v) == 0 })

// appendLines appends the lines of an invoice with their ids.
func appendLines(dst []byte, lines []Line, sub subscription.ID, z calendar.Zone) ([]byte, error) {
	dst = append(dst, '[')
	for i := range lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendUUID(append(dst, `{"id":`...), lines[i].identity(sub, z))
		at := len(dst)
		var err error
		if dst, err = lineCodec.Append(dst, &lines[i]); err != nil {
			return dst, err
		}
		dst[at] = ',' // a line has its kind, so that members follow
	}
	return append(dst, ']'), nil
}

// compilePrice compiles the price of a line that was read, in the currency of its amount.
func compilePrice(n strictjson.Node, l *Line, r *strictjson.Report) {
	at, ok := n.Field("price")
	if !ok {
		return
	}
	p, err := plan.DecodePrice(at.Raw())
	if err == nil && l.Amount.IsValid() {
		l.table, err = plan.CompilePrice(p, l.Amount.Currency())
	}
	if err != nil {
		r.Err(at, err)
	}
}

// leaveTable leaves the price to [compilePrice].
func leaveTable(strictjson.Node, **plan.CompiledPrice, *strictjson.Report) {}

func writeTable(dst []byte, t **plan.CompiledPrice) ([]byte, error) {
	return (*t).AppendJSON(dst)
}
