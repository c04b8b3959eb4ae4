package account

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// DocumentVersion is the version of the JSON of invoices that this package writes. Documents
// of another version are refused.
const DocumentVersion = 1

var limits = strictjson.Limits{Size: billing.MaxDocument, Values: 8 << 20, Elements: 1 << 20}

// The words of each field, the default first. Nothing changes them.
var (
	merges = []Merge{ByDay, ByInstant, OnBillingDay}
	keys   = []Key{ByPayer, ByPurchaseOrder, ByEntity}
)

// The JSON of what a service stores, and of results: the fields of each value in the order in
// which they are written. The tables are made once and never change.
var (
	moneyCodec    = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
	zoneCodec     = strictjson.Marshaled[calendar.Zone, *calendar.Zone]("")
	currencyCodec = strictjson.Plain[money.Currency, *money.Currency](`^[A-Z]{3}$`)
	invoiceCodec  = strictjson.Foreign[billing.Invoice, *billing.Invoice](strictjson.RefTo("invoice"), nil)
	taxCodec      = strictjson.Foreign[billing.Tax, *billing.Tax](strictjson.RefTo("tax"), nil)
)

var ruleCodec = strictjson.Struct(
	strictjson.Optional("merge", func(v *Rule) *Merge { return &v.Merge }, strictjson.Closed(merges)),
	strictjson.Optional("billing_day", func(v *Rule) *int { return &v.BillingDay }, strictjson.Int[int]()),
	strictjson.Optional("within", func(v *Rule) *int { return &v.Within }, strictjson.Int[int]()),
	strictjson.Optional("collect", func(v *Rule) *plan.Collect { return &v.Collect }, strictjson.Closed(plan.Words[plan.Collect]())),
	strictjson.Optional("key", func(v *Rule) *Key { return &v.Key }, strictjson.Closed(keys)),
)

var memberCodec = strictjson.Struct(
	strictjson.Required("subscription", func(v *Member) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
	strictjson.Optional("payer", func(v *Member) *string { return &v.Payer }, strictjson.Text[string]()),
	strictjson.Optional("purchase_order", func(v *Member) *string { return &v.PurchaseOrder }, strictjson.Text[string]()),
	strictjson.Optional("entity", func(v *Member) *string { return &v.Entity }, strictjson.Text[string]()),
	strictjson.Optional("start", func(v *Member) *time.Time { return &v.Start }, strictjson.Instant()),
	strictjson.Optional("own_credit", func(v *Member) *bool { return &v.OwnCredit }, strictjson.Truth()),
)

var accountCodec = strictjson.Struct(
	strictjson.Required("id", func(v *Account) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Required("currency", func(v *Account) *money.Currency { return &v.Currency }, currencyCodec).Needed(),
	strictjson.Optional("rule", func(v *Account) *Rule { return &v.Rule }, ruleCodec).When(func(v *Account) bool { return v.Rule != (Rule{}) }),
	strictjson.Optional("members", func(v *Account) *[]Member { return &v.Members }, strictjson.List[[]Member](memberCodec)),
)

var sectionCodec = strictjson.Struct(
	strictjson.Required("invoice", func(v *Section) *billing.Invoice { return &v.Invoice }, invoiceCodec).Needed(),
	strictjson.Optional("drawn", func(v *Section) *money.Money { return &v.Drawn }, moneyCodec),
	strictjson.Optional("credit_applied", func(v *Section) *money.Money { return &v.CreditApplied }, moneyCodec),
)

var billedCodec = strictjson.Struct(
	strictjson.Required("subscription", func(v *Billed) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()).Needed(),
	strictjson.Optional("through", func(v *Billed) *time.Time { return &v.Through }, strictjson.Instant()),
	strictjson.Optional("invoices", func(v *Billed) *[]uuid.UUID { return &v.Invoices }, strictjson.List[[]uuid.UUID](strictjson.UUID())),
	strictjson.Optional("credit_command", func(v *Billed) *int { return &v.CreditCommand }, strictjson.Int[int]()),
)

var checkpointCodec = strictjson.Struct(
	strictjson.Optional("revision", func(v *Checkpoint) *int { return &v.Revision }, strictjson.Int[int]()),
	strictjson.Optional("closed_through", func(v *Checkpoint) *time.Time { return &v.ClosedThrough }, strictjson.Instant()),
	strictjson.Optional("balance", func(v *Checkpoint) *money.Money { return &v.Balance }, moneyCodec),
	strictjson.Optional("waiting", func(v *Checkpoint) *[]Section { return &v.Waiting }, strictjson.List[[]Section](sectionCodec)),
	strictjson.Optional("billed", func(v *Checkpoint) *[]Billed { return &v.Billed }, strictjson.List[[]Billed](billedCodec)),
)

var rateCodec = strictjson.Struct(
	strictjson.Required("id", func(v *billing.TaxRate) *string { return &v.ID }, strictjson.Text[string]()),
	strictjson.Optional("name", func(v *billing.TaxRate) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Required("percent", func(v *billing.TaxRate) *decimal.Decimal { return &v.Percent }, strictjson.Decimal()),
)

var adjustmentCodec = strictjson.Struct(
	strictjson.Required("id", func(v *Adjustment) *uuid.UUID { return &v.ID }, strictjson.UUID()),
	strictjson.Required("subscription", func(v *Adjustment) *subscription.ID { return &v.Subscription }, strictjson.Text[subscription.ID]()),
	strictjson.Required("of", func(v *Adjustment) *uuid.UUID { return &v.Of }, strictjson.UUID()),
	strictjson.Required("rate", func(v *Adjustment) *billing.TaxRate { return &v.Rate }, rateCodec),
	strictjson.Required("base", func(v *Adjustment) *money.Money { return &v.Base }, moneyCodec),
	strictjson.Required("tax", func(v *Adjustment) *money.Money { return &v.Tax }, moneyCodec),
	strictjson.Required("amount", func(v *Adjustment) *money.Money { return &v.Amount }, moneyCodec),
)

// identified is an invoice with the id that its document has.
type identified struct {
	Invoice
	id uuid.UUID
}

func (v identified) faults() faults.List {
	f := v.Invoice.faults()
	if len(f) == 0 && v.id != v.ID() {
		f.Add("id", fault.Inconsistent, "must be derived from the account and the sections, %s", v.ID())
	}
	return f
}

var documentCodec = strictjson.Struct(
	strictjson.Version[identified](DocumentVersion),
	strictjson.Required("id", func(v *identified) *uuid.UUID { return &v.id }, strictjson.UUID()),
	strictjson.Required("account", func(v *identified) *string { return &v.Account }, strictjson.Text[string]()).Needed(),
	strictjson.Required("at", func(v *identified) *time.Time { return &v.At }, strictjson.Instant()),
	strictjson.Optional("time_zone", func(v *identified) *calendar.Zone { return &v.Zone }, zoneCodec),
	strictjson.Optional("payer", func(v *identified) *string { return &v.Payer }, strictjson.Text[string]()),
	strictjson.Optional("purchase_order", func(v *identified) *string { return &v.PurchaseOrder }, strictjson.Text[string]()),
	strictjson.Optional("entity", func(v *identified) *string { return &v.Entity }, strictjson.Text[string]()),
	strictjson.Required("sections", func(v *identified) *[]Section { return &v.Sections }, strictjson.List[[]Section](sectionCodec)).Needed(),
	strictjson.Optional("adjustments", func(v *identified) *[]Adjustment { return &v.Adjustments }, strictjson.List[[]Adjustment](adjustmentCodec)),
	strictjson.Optional("taxes", func(v *identified) *[]billing.Tax { return &v.Taxes }, strictjson.List[[]billing.Tax](taxCodec)),
	strictjson.Required("total", func(v *identified) *money.Money { return &v.Total }, moneyCodec),
	strictjson.Required("drawn", func(v *identified) *money.Money { return &v.Drawn }, moneyCodec),
	strictjson.Required("credit_applied", func(v *identified) *money.Money { return &v.CreditApplied }, moneyCodec),
	strictjson.Required("amount_due", func(v *identified) *money.Money { return &v.AmountDue }, moneyCodec),
	strictjson.Required("credited", func(v *identified) *money.Money { return &v.Credited }, moneyCodec),
	strictjson.Required("refund", func(v *identified) *money.Money { return &v.Refund }, moneyCodec),
	strictjson.Optional("draft", func(v *identified) *bool { return &v.Draft }, strictjson.Truth()),
)

// value is what this package writes as JSON and reads.
type value interface{ faults() faults.List }

// encode appends a value without faults. With an error dst is as it was.
func encode[T value](dst []byte, v *T, c strictjson.Codec[T]) ([]byte, error) {
	if err := (*v).faults().Err(); err != nil {
		return dst, err
	}
	return faults.Encode(dst, v, c, limits.Size, "account")
}

// decode reads a value strictly. The target changes only if there are no faults.
func decode[T value](data []byte, to *T, c strictjson.Codec[T]) error {
	return faults.Decode(data, to, c, limits, T.faults)
}

// MarshalJSON writes the account. An invalid one is an error.
func (a Account) MarshalJSON() ([]byte, error) { return encode(nil, &a, accountCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (a *Account) UnmarshalJSON(data []byte) error { return decode(data, a, accountCodec) }

// MarshalJSON writes the checkpoint, {} for the zero one. One that cannot come from a call is
// an error.
func (c Checkpoint) MarshalJSON() ([]byte, error) { return encode(nil, &c, checkpointCodec) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (c *Checkpoint) UnmarshalJSON(data []byte) error { return decode(data, c, checkpointCodec) }

// MarshalJSON writes the invoice as a document, {"version":1,"id":…}.
func (inv Invoice) MarshalJSON() ([]byte, error) {
	return encode(nil, &identified{inv, inv.ID()}, documentCodec)
}

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError]. The id must be the
// one that follows from the sections.
func (inv *Invoice) UnmarshalJSON(data []byte) error {
	var v identified
	err := decode(data, &v, documentCodec)
	if err == nil {
		*inv = v.Invoice
	}
	return err
}
