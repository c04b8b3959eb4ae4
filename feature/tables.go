package feature

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// The JSON of this package: the fields of each value in the order in which they are
// written. The tables are made once and never change.

// words is the codec of all words of a type.
func words[W Word[W]]() strictjson.Codec[W] { return strictjson.Word(Words[W](), read[W]) }

var intervalCodec = strictjson.Marshaled[calendar.Interval, *calendar.Interval](`^P[0-9]+[DWMY]$|^$`)

var thresholdCodec = strictjson.Struct(
	strictjson.Required("percent", func(v *Threshold) *decimal.Decimal { return &v.Percent }, strictjson.OrNull(strictjson.Decimal())),
	strictjson.Optional("scope", func(v *Threshold) *Scope { return &v.Scope }, words[Scope]()),
)

var grantFields = strictjson.Struct(
	strictjson.Field("kind", func(v *Grant) *Kind { return &v.Kind }, words[Kind]()).Needed(),
	strictjson.Field("active", func(v *Grant) *bool { return &v.Active }, strictjson.OrNull(strictjson.Truth())),
	strictjson.Optional("unlimited", func(v *Grant) *bool { return &v.Unlimited }, strictjson.Truth()),
	strictjson.Field("limit", func(v *Grant) *decimal.Decimal { return &v.Limit }, strictjson.OrNull(strictjson.Decimal())).When(writesLimit),
	strictjson.Optional("per", func(v *Grant) *string { return &v.Per }, strictjson.Text[string]()),
	strictjson.Optional("window", func(v *Grant) *Window { return &v.Window }, words[Window]()),
	strictjson.Optional("every", func(v *Grant) *calendar.Interval { return &v.Every }, intervalCodec),
	strictjson.Optional("raise", func(v *Grant) *Raise { return &v.Raise }, words[Raise]()),
	strictjson.Optional("lower", func(v *Grant) *Lower { return &v.Lower }, words[Lower]()),
	strictjson.Optional("when_run", func(v *Grant) *string { return &v.WhenRun }, strictjson.Text[string]()),
	strictjson.Optional("required", func(v *Grant) *bool { return &v.Required }, strictjson.Truth()),
	strictjson.Optional("overage", func(v *Grant) *Overage { return &v.Overage }, words[Overage]()),
	strictjson.Optional("metric", func(v *Grant) *string { return &v.Metric }, strictjson.Text[string]()),
	strictjson.Optional("thresholds", func(v *Grant) *[]Threshold { return &v.Thresholds }, strictjson.List[[]Threshold](thresholdCodec)),
)

var overrideFields = strictjson.Struct(
	strictjson.Optional("kind", func(v *Override) **Kind { return &v.Kind }, strictjson.Pointer(words[Kind]())),
	strictjson.Optional("active", func(v *Override) **bool { return &v.Active }, strictjson.Pointer(strictjson.Truth())),
	strictjson.Optional("unlimited", func(v *Override) **bool { return &v.Unlimited }, strictjson.Pointer(strictjson.Truth())),
	strictjson.Optional("limit", func(v *Override) **decimal.Decimal { return &v.Limit }, strictjson.Pointer(strictjson.Decimal())),
	strictjson.Optional("extra", func(v *Override) **decimal.Decimal { return &v.Extra }, strictjson.Pointer(strictjson.Decimal())),
	strictjson.Optional("per", func(v *Override) **string { return &v.Per }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("window", func(v *Override) **Window { return &v.Window }, strictjson.Pointer(clearable(words[Window]()))),
	strictjson.Optional("every", func(v *Override) **calendar.Interval { return &v.Every }, strictjson.Pointer(intervalCodec)),
	strictjson.Optional("raise", func(v *Override) **Raise { return &v.Raise }, strictjson.Pointer(clearable(words[Raise]()))),
	strictjson.Optional("lower", func(v *Override) **Lower { return &v.Lower }, strictjson.Pointer(clearable(words[Lower]()))),
	strictjson.Optional("when_run", func(v *Override) **string { return &v.WhenRun }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("required", func(v *Override) **bool { return &v.Required }, strictjson.Pointer(strictjson.Truth())),
	strictjson.Optional("overage", func(v *Override) **Overage { return &v.Overage }, strictjson.Pointer(clearable(words[Overage]()))),
	strictjson.Optional("metric", func(v *Override) **string { return &v.Metric }, strictjson.Pointer(strictjson.Text[string]())),
	strictjson.Optional("thresholds", func(v *Override) **[]Threshold { return &v.Thresholds }, strictjson.Pointer(strictjson.List[[]Threshold](thresholdCodec))),
)

var usageFields = strictjson.Struct(
	strictjson.Field("used", func(v *usageForm) *decimal.Decimal { return &v.Used }, strictjson.Decimal()),
	strictjson.Optional("window", func(v *usageForm) *Window { return &v.Window }, words[Window]()),
	strictjson.Optional("first", func(v *usageForm) *time.Time { return &v.First }, strictjson.Instant()),
	strictjson.Optional("last", func(v *usageForm) *time.Time { return &v.Last }, strictjson.Instant()),
	strictjson.Optional("uses", func(v *usageForm) *[]useForm { return &v.Uses }, strictjson.List[[]useForm](useCodec)),
	strictjson.Optional("fired", func(v *usageForm) *[]markForm { return &v.Fired }, strictjson.List[[]markForm](markCodec)),
	strictjson.Optional("revision", func(v *usageForm) *int { return &v.Revision }, strictjson.Int[int]()),
)

var useCodec = strictjson.Struct(
	strictjson.Field("at", func(v *useForm) *time.Time { return &v.At }, strictjson.Instant()),
	strictjson.Field("amount", func(v *useForm) *decimal.Decimal { return &v.Amount }, strictjson.Decimal()),
)

var markCodec = strictjson.Struct(
	strictjson.Field("percent", func(v *markForm) *decimal.Decimal { return &v.Percent }, strictjson.Decimal()),
	strictjson.Optional("scope", func(v *markForm) *Scope { return &v.Scope }, words[Scope]()),
	strictjson.Field("up_to", func(v *markForm) *decimal.Decimal { return &v.UpTo }, strictjson.Decimal()).When(func(v *markForm) bool { return v.Scope == TierScope || !v.UpTo.IsZero() }),
)

var rolloverCodec = strictjson.Struct(
	strictjson.Optional("min", func(v *Rollover) *decimal.Decimal { return &v.Min }, strictjson.Decimal()),
	strictjson.Required("max", func(v *Rollover) *decimal.Decimal { return &v.Max }, strictjson.Decimal()),
	strictjson.Optional("share", func(v *Rollover) **decimal.Decimal { return &v.Share }, strictjson.Pointer(strictjson.Decimal())),
)

var creditGrantCodec = strictjson.Struct(
	strictjson.Field("id", func(v *CreditGrant) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("class", func(v *CreditGrant) *string { return &v.Class }, strictjson.Text[string]()),
	strictjson.Field("amount", func(v *CreditGrant) *decimal.Decimal { return &v.Amount }, strictjson.Decimal()).Needed(),
	strictjson.Optional("priority", func(v *CreditGrant) *int { return &v.Priority }, strictjson.Int[int]()),
	strictjson.Optional("from", func(v *CreditGrant) *time.Time { return &v.From }, strictjson.Instant()).Needed(),
	strictjson.Optional("until", func(v *CreditGrant) *time.Time { return &v.Until }, strictjson.Instant()),
	strictjson.Optional("rollover", func(v *CreditGrant) **Rollover { return &v.Rollover }, strictjson.Pointer(rolloverCodec)),
)

var entryCodec = strictjson.Struct(
	strictjson.Field("at", func(v *Entry) *time.Time { return &v.At }, strictjson.Instant()),
	strictjson.Field("kind", func(v *Entry) *EntryKind { return &v.Kind }, words[EntryKind]()).Needed(),
	strictjson.Field("grant", func(v *Entry) *string { return &v.Grant }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("ref", func(v *Entry) *string { return &v.Ref }, strictjson.Text[string]()),
	strictjson.Field("amount", func(v *Entry) *decimal.Decimal { return &v.Amount }, strictjson.Decimal()),
)

var creditsCodec = strictjson.Struct(
	strictjson.Optional("as_of", func(v *creditsForm) *time.Time { return &v.AsOf }, strictjson.Instant()),
	strictjson.Optional("grants", func(v *creditsForm) *[]CreditGrant { return &v.Grants }, strictjson.List[[]CreditGrant](creditGrantCodec)),
	strictjson.Optional("entries", func(v *creditsForm) *[]Entry { return &v.Entries }, strictjson.List[[]Entry](entryCodec)),
)

var budgetCodec = strictjson.Struct(
	strictjson.Field("max", func(v *budgetForm) *int { return &v.Max }, strictjson.Int[int]()).Needed(),
	strictjson.Optional("zone", func(v *budgetForm) *calendar.Zone { return &v.Zone }, strictjson.Marshaled[calendar.Zone, *calendar.Zone]("")),
	strictjson.Optional("changes", func(v *budgetForm) *[]time.Time { return &v.Changes }, strictjson.List[[]time.Time](strictjson.Instant())),
)

var teamCodec = strictjson.Struct(
	strictjson.Field("quota", func(v *Team) *int64 { return &v.Quota }, strictjson.Int[int64]()),
	strictjson.Optional("used", func(v *Team) *int64 { return &v.Used }, strictjson.Int[int64]()),
)

var seatsCodec = strictjson.Struct(
	strictjson.Optional("free", func(v *Seats) *int64 { return &v.Free }, strictjson.Int[int64]()),
	strictjson.Optional("paid", func(v *Seats) *int64 { return &v.Paid }, strictjson.Int[int64]()),
	strictjson.Optional("used", func(v *Seats) *int64 { return &v.Used }, strictjson.Int[int64]()),
	strictjson.Optional("max", func(v *Seats) **int64 { return &v.Max }, strictjson.Pointer(strictjson.Int[int64]())),
	strictjson.Optional("teams", func(v *Seats) *map[string]Team { return &v.Teams }, strictjson.Map[map[string]Team](teamCodec)),
)

var creditTargetsCodec = strictjson.Struct(
	strictjson.Field("max", func(v *CreditTargets) *int64 { return &v.Max }, strictjson.Int[int64]()),
	strictjson.Optional("used", func(v *CreditTargets) *int64 { return &v.Used }, strictjson.Int[int64]()),
)

var (
	setCodec       = strictjson.NotNull(strictjson.Map[Set](grantCodec), Set{})
	overridesCodec = strictjson.NotNull(strictjson.Map[Overrides](overrideCodec), Overrides{})
)

// grantCodec reads a grant that is active unless it says otherwise.
var grantCodec = grantFields.Starting(func(g *Grant) { g.Active = true }).Then(func(n strictjson.Node, g *Grant, r *strictjson.Report) {
	if _, said := n.Field("limit"); !said && !g.Unlimited && (g.Kind == Limit || g.Kind == Allowance) {
		r.Missing(n, "limit")
	}
})

func writesLimit(g *Grant) bool { return g.Kind != Switch && (!g.Unlimited || !g.Limit.IsZero()) }

// overrideCodec refuses null: a member that is there overrides.
var overrideCodec = overrideFields.Then(func(n strictjson.Node, _ *Override, r *strictjson.Report) {
	for _, name := range n.Names() {
		if member, _ := n.Field(name); member.Kind() == strictjson.Null {
			r.Must(member, "set")
		}
	}
}).Before(func(o *Override) error {
	if o.Thresholds != nil && *o.Thresholds == nil {
		o.Thresholds = &[]Threshold{}
	}
	return nil
})

// clearable reads a word that an override may remove: the empty text.
func clearable[T ~string](c strictjson.Codec[T]) strictjson.Codec[T] {
	shape := *c.Shape()
	shape.Words = append(shape.Words, "")
	return strictjson.Custom(&shape, func(n strictjson.Node, to *T, r *strictjson.Report) {
		if s, ok := n.Str(); ok && s == "" {
			return
		}
		c.ReadNode(n, to, r)
	}, c.Append, func(v *T) bool { return *v == "" })
}
