package subscription

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// The JSON of this package: the fields of each value in the order in which they are
// written. The tables are made once and never change.

var (
	actionCodec = strictjson.Plain[lifecycle.Action, *lifecycle.Action]("", lifecycle.Words[lifecycle.Action]()...)
	actorCodec  = strictjson.Plain[lifecycle.Actor, *lifecycle.Actor]("", lifecycle.Words[lifecycle.Actor]()...)
	refCodec    = strictjson.Marshaled[plan.Ref, *plan.Ref](`^([\s\S]+@[0-9]+)?$`).Parsed(read(plan.ParseRef)).Written(appendRef)
	civilCodec  = strictjson.Entries[civilTimes](func(c *civilTime) *string { return &c.name }, func(c *civilTime) *calendar.CivilTime { return &c.civil },
		strictjson.Marshaled[calendar.CivilTime, *calendar.CivilTime](strictjson.CivilPattern))
	currencyCodec = strictjson.Plain[money.Currency, *money.Currency](`^([A-Z]{3})?$`)
	zoneCodec     = strictjson.Marshaled[calendar.Zone, *calendar.Zone]("").Parsed(read(calendar.LoadZone))

	// What other rooms read and write.
	policyCodec   = strictjson.Foreign[plan.Policy, *plan.Policy](strictjson.RefTo("policy"), func(p *plan.Policy) bool { return *p == plan.Policy{} })
	offeringCodec = strictjson.Foreign[plan.Offering, *plan.Offering](strictjson.RefTo("offering"), nil)
	minimumCodec  = strictjson.Foreign[plan.Minimum, *plan.Minimum](strictjson.RefTo("minimum"), nil)
	discountCodec = strictjson.Foreign[plan.Discount, *plan.Discount](strictjson.RefTo("discount"), nil)
	featuresCodec = strictjson.Foreign[feature.Overrides, *feature.Overrides](strictjson.RefTo("overrides"), func(o *feature.Overrides) bool { return len(*o) == 0 })
	moneyCodec    = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
	priceCodec    = strictjson.Custom(strictjson.RefTo("price"), readPrice, writePrice, func(p *plan.Price) bool { return *p == nil })
)

// The policies and discounts of subscriptions and commands, which are valid.
var (
	ownPolicyCodec   = policyCodec.InPlace(planTerms.PolicyForm, plan.MaxDocument, func(p *plan.Policy) bool { return p.Validate() == nil })
	ownDiscountCodec = discountCodec.InPlace(planTerms.DiscountForm, plan.MaxDocument, func(d *plan.Discount) bool { return d.Validate() == nil })
)

// planTerms is what package plan lends.
var planTerms = seam.Borrow[seam.Terms[
	*plan.Version, *plan.CompiledAddOn, *plan.CompiledPhase, *plan.CompiledCharge, *plan.CompiledPrice, plan.Policy, plan.Minimum,
	*strictjson.Codec[plan.Policy], *strictjson.Codec[plan.Discount], *feature.Entitlement, feature.Key,
]]()

// read is a function that parses, without its error.
func read[T any](parse func(text string) (T, error)) func(text string) (T, bool) {
	return func(text string) (T, bool) {
		v, err := parse(text)
		return v, err == nil
	}
}

func appendRef(dst []byte, r *plan.Ref) ([]byte, bool) {
	if !r.IsValid() {
		return dst, false
	}
	dst = strictjson.AppendString(dst, r.ID)
	dst[len(dst)-1] = '@'
	return append(strconv.AppendInt(dst, int64(r.Version), 10), '"'), true
}

// writeCommands writes the commands one after the other in the same place.
func writeCommands(dst []byte, v *document) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	w := v.writing.command
	for i, cmd := range v.writing.recorded.All() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(cmd.kept) > 0 {
			w.moved, w.rare = *cmd, *cmd.rare
			w.moved.rare = &w.rare
			cmd = &w.moved
		}
		w.form.Civil = restore(w.civil[:0], v.Zone, cmd, recordInstants, cmd.kept)
		w.form.show(cmd)
		if dst, err = commandCodec.Append(dst, &w.form); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func readPrice(n strictjson.Node, to *plan.Price, r *strictjson.Report) {
	p, err := plan.DecodePrice(n.Raw())
	if err != nil {
		r.Err(n, err)
		return
	}
	*to = p
}

func writePrice(dst []byte, p *plan.Price) ([]byte, error) {
	data, err := (*p).MarshalJSON()
	return append(dst, data...), err
}

var oneOffCodec = strictjson.Struct(
	strictjson.Optional("id", func(v *OneOff) *string { return &v.ID }, strictjson.Text[string]()),
	strictjson.Optional("name", func(v *OneOff) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Field("amount", func(v *OneOff) *money.Money { return &v.Amount }, moneyCodec).Needed(),
	strictjson.Optional("collect", func(v *OneOff) *plan.Collect { return &v.Collect }, strictjson.Word(plan.Words[plan.Collect](), strictjson.FromText[plan.Collect])),
	strictjson.Optional("tax_code", func(v *OneOff) *string { return &v.TaxCode }, strictjson.Text[string]()),
	strictjson.Optional("no_discount", func(v *OneOff) *bool { return &v.NoDiscount }, strictjson.Truth()),
)

var patchCodec = strictjson.Struct(
	strictjson.Optional("name", func(v *Patch) **string { return &v.Name }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("external_ref", func(v *Patch) **string { return &v.ExternalRef }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("owner", func(v *Patch) **string { return &v.Owner }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("account", func(v *Patch) **string { return &v.Account }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("organization", func(v *Patch) **string { return &v.Organization }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("team", func(v *Patch) **string { return &v.Team }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("parent", func(v *Patch) **ID { return &v.Parent }, strictjson.Pointer(strictjson.Text[ID]())),
	strictjson.Optional("channel", func(v *Patch) **string { return &v.Channel }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("cancel_reason", func(v *Patch) **string { return &v.CancelReason }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("tags", func(v *Patch) **[]string { return &v.Tags }, strictjson.Pointer(strictjson.List[[]string](strictjson.Text[string]()))),
	strictjson.Optional("metadata", func(v *Patch) *map[string]*string { return &v.Metadata }, strictjson.Map[map[string]*string](strictjson.Pointer(strictjson.Text[string]()))),
)

var detailsCodec = strictjson.Struct(
	strictjson.Optional("name", func(v *Details) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("external_ref", func(v *Details) *string { return &v.ExternalRef }, strictjson.Text[string]()),
	strictjson.Optional("owner", func(v *Details) *string { return &v.Owner }, strictjson.Text[string]()),
	strictjson.Optional("account", func(v *Details) *string { return &v.Account }, strictjson.Text[string]()),
	strictjson.Optional("organization", func(v *Details) *string { return &v.Organization }, strictjson.Text[string]()),
	strictjson.Optional("team", func(v *Details) *string { return &v.Team }, strictjson.Text[string]()),
	strictjson.Optional("parent", func(v *Details) *ID { return &v.Parent }, strictjson.Text[ID]()),
	strictjson.Optional("channel", func(v *Details) *string { return &v.Channel }, strictjson.Text[string]()),
	strictjson.Optional("cancel_reason", func(v *Details) *string { return &v.CancelReason }, strictjson.Text[string]()),
	strictjson.Optional("tags", func(v *Details) *[]string { return &v.Tags }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("metadata", func(v *Details) *map[string]string { return &v.Metadata }, strictjson.Map[map[string]string](strictjson.Text[string]())),
)

var commandCodec = strictjson.Struct(
	strictjson.Field("at", func(v *commandForm) *time.Time { return &v.At }, strictjson.Instant()).Needed(),
	strictjson.Field("action", func(v *commandForm) *lifecycle.Action { return &v.Action }, actionCodec).Needed(),
	strictjson.Field("actor", func(v *commandForm) *lifecycle.Actor { return &v.Actor }, actorCodec).Needed(),
	strictjson.Optional("reason", func(v *commandForm) *string { return &v.Reason }, strictjson.Text[string]()),
	strictjson.Optional("key", func(v *commandForm) *string { return &v.Key }, strictjson.Text[string]()),
	strictjson.Optional("correction", func(v *commandForm) *bool { return &v.Correction }, strictjson.Truth()),
	strictjson.Optional("replace", func(v *commandForm) *bool { return &v.Replace }, strictjson.Truth()),
	strictjson.Optional("set", func(v *commandForm) *int { return &v.Set }, strictjson.Int[int]()),
	strictjson.Optional("policy", (*commandForm).choices, ownPolicyCodec).When(func(v *commandForm) bool { return v.record.policy != noPolicy }),
	strictjson.Optional("on", func(v *commandForm) *time.Time { return &v.few().On }, strictjson.Instant()),
	strictjson.Optional("plan", func(v *commandForm) *plan.Ref { return &v.Plan }, refCodec),
	strictjson.Optional("attachment", func(v *commandForm) *string { return &v.few().Attachment }, strictjson.Text[string]()),
	strictjson.Optional("add_on", func(v *commandForm) *plan.Ref { return &v.AddOn }, refCodec),
	strictjson.Optional("prices", func(v *commandForm) *map[string]plan.Price { return &v.Prices }, strictjson.Map[map[string]plan.Price](priceCodec)),
	strictjson.Optional("charge", func(v *commandForm) *string { return &v.Charge }, strictjson.Text[string]()),
	strictjson.Optional("quantity", func(v *commandForm) **decimal.Decimal { return &v.Quantity }, strictjson.Pointer(strictjson.Decimal())),
	strictjson.Optional("price", func(v *commandForm) *plan.Price { return &v.Price }, priceCodec),
	strictjson.Optional("resume_at", func(v *commandForm) *time.Time { return &v.few().ResumeAt }, strictjson.Instant()),
	strictjson.Optional("cycles", func(v *commandForm) *int { return &v.few().Cycles }, strictjson.Int[int]()),
	strictjson.Optional("anchor", func(v *commandForm) *time.Time { return &v.few().Anchor }, strictjson.Instant()),
	strictjson.Optional("next_billing", func(v *commandForm) *time.Time { return &v.few().NextBilling }, strictjson.Instant()),
	strictjson.Optional("difference", func(v *commandForm) *Difference { return &v.few().Difference }, strictjson.Closed([]Difference{ByShare})),
	strictjson.Optional("trial_end", func(v *commandForm) *time.Time { return &v.few().TrialEnd }, strictjson.Instant()),
	strictjson.Optional("end_date", func(v *commandForm) *time.Time { return &v.few().EndDate }, strictjson.Instant()),
	strictjson.Optional("discount", func(v *commandForm) **plan.Discount { return &v.Discount }, strictjson.Pointer(ownDiscountCodec)),
	strictjson.Optional("one_off", func(v *commandForm) **OneOff { return &v.OneOff }, strictjson.Pointer(oneOffCodec)),
	strictjson.Optional("account_credit", func(v *commandForm) *money.Money { return &v.few().AccountCredit }, moneyCodec),
	strictjson.Optional("pack", func(v *commandForm) *string { return &v.few().Pack }, strictjson.Text[string]()),
	strictjson.Optional("patch", func(v *commandForm) **Patch { return &v.Patch }, strictjson.Pointer(patchCodec)),
	strictjson.Optional("features", func(v *commandForm) *feature.Overrides { return &v.few().Features }, featuresCodec),
	strictjson.Optional("revoked", func(v *commandForm) *[]feature.Key { return &v.few().Revoked }, strictjson.List[[]feature.Key](strictjson.Text[feature.Key]())),
	strictjson.Optional("civil", func(v *commandForm) *civilTimes { return &v.Civil }, civilCodec),
)

// formatCodec reads any number: what is not Format is refused by name.
var formatCodec = func() strictjson.Codec[int] {
	format := Format
	return strictjson.Int[int]().WithShape(&strictjson.Shape{Kind: strictjson.IntShape, Number: &format})
}()

var documentCodec = strictjson.Struct(
	strictjson.Field("format", func(v *document) *int { return &v.Format }, formatCodec).Needed(),
	strictjson.Field("id", func(v *document) *ID { return &v.ID }, strictjson.Text[ID]()).Needed(),
	strictjson.Field("plan", func(v *document) *plan.Ref { return &v.Plan }, refCodec).Needed(),
	strictjson.Optional("currency", func(v *document) *money.Currency { return &v.Currency }, currencyCodec),
	strictjson.Optional("offering", func(v *document) **plan.Offering { return &v.Offering }, strictjson.Pointer(offeringCodec)),
	strictjson.Field("at", func(v *document) *time.Time { return &v.At }, strictjson.Instant()).When((*document).createdBefore),
	strictjson.Field("start", func(v *document) *time.Time { return &v.Start }, strictjson.Instant()).Needed(),
	strictjson.Optional("time_zone", func(v *document) *calendar.Zone { return &v.Zone }, zoneCodec),
	strictjson.Optional("anchor", func(v *document) *time.Time { return &v.Anchor }, strictjson.Instant()),
	strictjson.Optional("quantity", func(v *document) **decimal.Decimal { return &v.Quantity }, strictjson.Pointer(strictjson.Decimal())),
	strictjson.Optional("quantities", func(v *document) *map[string]decimal.Decimal { return &v.Quantities }, strictjson.Map[map[string]decimal.Decimal](strictjson.Decimal())),
	strictjson.Optional("prices", func(v *document) *map[string]plan.Price { return &v.Prices }, strictjson.Map[map[string]plan.Price](priceCodec)),
	strictjson.Optional("minimum", func(v *document) **plan.Minimum { return &v.Minimum }, strictjson.Pointer(minimumCodec)),
	strictjson.Optional("policy", (*document).choices, ownPolicyCodec).When(func(v *document) bool { return v.made.policy != nil }),
	strictjson.Optional("trial_used", func(v *document) *bool { return &v.TrialUsed }, strictjson.Truth()),
	strictjson.Optional("no_renewal", func(v *document) *bool { return &v.NoRenewal }, strictjson.Truth()),
	strictjson.Optional("end_date", func(v *document) *time.Time { return &v.EndDate }, strictjson.Instant()),
	strictjson.Optional("details", func(v *document) *Details { return &v.Details }, detailsCodec),
	strictjson.Optional("civil", func(v *document) *civilTimes { return &v.Civil }, civilCodec),
	strictjson.Field("commands", func(v *document) *commandsRead { return &v.Commands }, strictjson.Each(commandCodec, (*commandsRead).begin, (*commandsRead).add, (*commandForm).clear)).
		Write(writeCommands).When(func(v *document) bool { return v.writing.recorded != nil }),
).Starting(func(doc *document) { doc.made = new(made) })
