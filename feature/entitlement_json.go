package feature

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// DocumentVersion is the version of the JSON of entitlements. Documents of another
// version are refused.
const DocumentVersion = 1

// entitlementForm is an entitlement in JSON: what it was resolved from. The rest follows.
type entitlementForm struct {
	key      Key
	origin   Origin
	grant    *Grant
	override Override
	at       time.Time
	zone     calendar.Zone
	period   calendar.Period
	dormant  bool
	until    time.Time
	limit    *decimal.Decimal
	tiers    []decimal.Decimal
	added    *Addition
}

var additionCodec = strictjson.Struct(
	strictjson.Required("attachments", func(v *Addition) *[]string { return &v.Attachments }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("alone", func(v *Addition) *bool { return &v.Alone }, strictjson.Truth()),
)

var entitlementFields = strictjson.Struct(
	strictjson.Version[entitlementForm](DocumentVersion),
	strictjson.Required("key", func(v *entitlementForm) *Key { return &v.key }, strictjson.Text[Key]()),
	strictjson.Optional("origin", func(v *entitlementForm) *Origin { return &v.origin }, words[Origin]()),
	strictjson.Optional("grant", func(v *entitlementForm) **Grant { return &v.grant }, strictjson.Pointer(grantCodec)),
	strictjson.Optional("additions", func(v *entitlementForm) **Addition { return &v.added }, strictjson.Pointer(additionCodec)),
	strictjson.Optional("override", func(v *entitlementForm) *Override { return &v.override }, overrideCodec),
	strictjson.Optional("at", func(v *entitlementForm) *time.Time { return &v.at }, strictjson.Instant()),
	strictjson.Optional("time_zone", func(v *entitlementForm) *calendar.Zone { return &v.zone }, strictjson.Marshaled[calendar.Zone, *calendar.Zone]("")),
	strictjson.Optional("period", func(v *entitlementForm) *calendar.Period { return &v.period },
		strictjson.Foreign[calendar.Period, *calendar.Period](strictjson.RefTo("period"), func(p *calendar.Period) bool { return p.IsZero() })),
	strictjson.Optional("dormant", func(v *entitlementForm) *bool { return &v.dormant }, strictjson.Truth()),
	strictjson.Optional("until", func(v *entitlementForm) *time.Time { return &v.until }, strictjson.Instant()),
	strictjson.Optional("limit", func(v *entitlementForm) **decimal.Decimal { return &v.limit }, strictjson.Pointer(strictjson.Decimal())),
	strictjson.Optional("tiers", func(v *entitlementForm) *[]decimal.Decimal { return &v.tiers }, strictjson.List[[]decimal.Decimal](strictjson.Decimal())),
)

// entitlementCodec reads what an entitlement was resolved from, and compiles it.
var entitlementCodec = strictjson.Custom(entitlementFields.Shape(), func(n strictjson.Node, e *Entitlement, r *strictjson.Report) {
	var form entitlementForm
	before := r.Len()
	if entitlementFields.ReadNode(n, &form, r); r.Len() > before {
		return
	}
	next := &ruling{key: form.key, origin: form.origin, override: &form.override}
	terms := Terms{At: form.at, Zone: form.zone, Period: form.period, Dormant: form.dormant, Until: form.until}
	made := Entitlement{of: next}
	if err := terms.untilFault(); err != nil {
		r.Below(n, []strictjson.Fault{{Path: "until", Err: err}})
		return
	}
	if (form.grant == nil) != (form.origin == "") {
		r.Below(n, []strictjson.Fault{{Path: "origin", Err: fault.Required.Errorf("must be there with a grant, and only then")}})
		return
	}
	if next.added = form.added; next.added != nil && len(next.added.Attachments) == 0 {
		r.Below(n, []strictjson.Fault{{Path: "additions.attachments", Err: fault.Required.Errorf("missing")}})
		return
	}
	if form.grant != nil {
		next.granted, next.grant = true, *form.grant
		limit := &next.grant.Limit
		if form.limit != nil {
			if limit, next.told = form.limit, true; next.grant.Kind == Switch || next.grant.Unlimited {
				r.Below(n, []strictjson.Fault{{Path: "limit", Err: fault.Excluded.Errorf("the grant has none")}})
				return
			}
		}
		if err := made.compile(&terms, terms.Period, limit, form.tiers); err != nil {
			r.Add(n, err)
			return
		}
	}
	made.under(&terms, terms.Period)
	*e = made
}, nil, nil)

// AppendJSON appends the entitlement as a document, {"version":1,"key":…}: the grant in
// force, the override in it, and the terms under which it was resolved. Decoding gives
// an entitlement that decides alike. With an error dst is as it was.
func (e *Entitlement) AppendJSON(dst []byte) ([]byte, error) {
	of, terms := e.rules(), e.terms()
	form := entitlementForm{
		key: of.key, origin: of.origin, override: e.overridden(), added: of.added,
		at: terms.At, zone: terms.Zone, period: terms.Period, dormant: terms.Dormant, until: terms.Until,
	}
	if of.granted {
		form.grant = &of.grant
	}
	if of.told {
		limit := of.limit.decimal()
		form.limit = &limit
	}
	for _, n := range of.tiers {
		form.tiers = append(form.tiers, n.decimal())
	}
	out, err := entitlementFields.Append(dst, &form)
	if err != nil {
		return dst, fmt.Errorf("feature: encode: %w", err)
	}
	return out, nil
}

// overridden returns the override in the grant; the zero one if there is none.
func (e *Entitlement) overridden() Override {
	if override := e.rules().override; override != nil {
		return *override
	}
	return Override{}
}

// MarshalJSON returns what AppendJSON appends.
func (e *Entitlement) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError]. It must not be
// called on an entitlement that others use.
func (e *Entitlement) UnmarshalJSON(data []byte) error {
	return decode(data, e, entitlementCodec, noFaults[Entitlement])
}

// Equal reports whether two entitlements were resolved from the same under the same
// terms.
func (e *Entitlement) Equal(o *Entitlement) bool {
	if e == nil || o == nil {
		return e == o
	}
	a, b, at, bt := e.rules(), o.rules(), e.terms(), o.terms()
	return a.key == b.key && a.granted == b.granted && a.origin == b.origin && a.grant.Equal(b.grant) && e.overridden().Equal(o.overridden()) && e.Additions().equal(o.Additions()) &&
		at.At.Equal(bt.At) && at.Zone == bt.Zone && at.Period.Equal(bt.Period) && at.Dormant == bt.Dormant && at.Until.Equal(bt.Until) &&
		a.told == b.told && a.limit.cmp(b.limit) == 0 && slices.EqualFunc(a.tiers, b.tiers, func(a, b count) bool { return a.cmp(b) == 0 })
}
