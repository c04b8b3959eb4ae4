package plan

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

var productCodec = strictjson.Struct(
	strictjson.Field("code", func(v *Product) *string { return &v.Code }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("name", func(v *Product) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("description", func(v *Product) *string { return &v.Description }, strictjson.Text[string]()),
)

var offeringCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Offering) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Optional("external_ref", func(v *Offering) *string { return &v.ExternalRef }, strictjson.Text[string]()),
	strictjson.Optional("name", func(v *Offering) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("description", func(v *Offering) *string { return &v.Description }, strictjson.Text[string]()),
	strictjson.Optional("products", func(v *Offering) *[]Product { return &v.Products }, strictjson.List[[]Product](productCodec)),
	strictjson.Optional("plans", func(v *Offering) *[]Ref { return &v.Plans }, strictjson.List[[]Ref](refCodec)),
	strictjson.Optional("created_at", func(v *Offering) *time.Time { return &v.CreatedAt }, strictjson.Instant()),
	strictjson.Optional("updated_at", func(v *Offering) *time.Time { return &v.UpdatedAt }, strictjson.Instant()),
	strictjson.Optional("metadata", func(v *Offering) *map[string]string { return &v.Metadata }, strictjson.Map[map[string]string](strictjson.Text[string]())),
)

var planCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Plan) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Field("version", func(v *Plan) *int { return &v.Version }, strictjson.Int[int]()).Needed(),
	strictjson.Optional("name", func(v *Plan) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("description", func(v *Plan) *string { return &v.Description }, strictjson.Text[string]()),
	strictjson.Optional("family", func(v *Plan) *string { return &v.Family }, strictjson.Text[string]()),
	strictjson.Optional("product", func(v *Plan) *string { return &v.Product }, strictjson.Text[string]()),
	strictjson.Field("currency", func(v *Plan) *money.Currency { return &v.Currency }, currencyCodec).Needed(),
	strictjson.Optional("currencies", func(v *Plan) *[]money.Currency { return &v.Currencies }, strictjson.List[[]money.Currency](currencyCodec)),
	strictjson.Optional("every", func(v *Plan) *calendar.Interval { return &v.Every }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("month_end", func(v *Plan) *calendar.MonthEnd { return &v.MonthEnd }, strictjson.Word(calendar.Words[calendar.MonthEnd](), strictjson.FromText[calendar.MonthEnd])),
	strictjson.Optional("charges", func(v *Plan) *[]Charge { return &v.Charges }, strictjson.List[[]Charge](chargeCodec)),
	strictjson.Optional("phases", func(v *Plan) *[]Phase { return &v.Phases }, strictjson.List[[]Phase](phaseCodec)),
	strictjson.Optional("trial", func(v *Plan) **Trial { return &v.Trial }, strictjson.Pointer(trialCodec)),
	strictjson.Optional("length", func(v *Plan) **Length { return &v.Length }, strictjson.Pointer(lengthCodec)),
	strictjson.Optional("term", func(v *Plan) **Term { return &v.Term }, strictjson.Pointer(termCodec)),
	strictjson.Optional("minimum", func(v *Plan) **Minimum { return &v.Minimum }, strictjson.Pointer(minimumCodec)),
	strictjson.Optional("spend_cap", func(v *Plan) **SpendCap { return &v.SpendCap }, strictjson.Pointer(spendCapCodec)),
	strictjson.Optional("increase", func(v *Plan) **Increase { return &v.Increase }, strictjson.Pointer(increaseCodec)),
	strictjson.Optional("rules", func(v *Plan) *Rules { return &v.Rules }, rulesCodec),
	strictjson.Optional("policy", func(v *Plan) *Policy { return &v.Policy }, policyCodec),
	strictjson.Optional("features", func(v *Plan) *feature.Set { return &v.Features }, featuresCodec),
	strictjson.Optional("credit_packs", func(v *Plan) *[]CreditPack { return &v.CreditPacks }, strictjson.List[[]CreditPack](creditPackCodec)),
	strictjson.Optional("metrics", func(v *Plan) *[]Metric { return &v.Metrics }, strictjson.List[[]Metric](metricCodec)),
	strictjson.Optional("thresholds", func(v *Plan) *Thresholds { return &v.Thresholds }, thresholdsCodec),
	strictjson.Optional("metadata", func(v *Plan) *map[string]string { return &v.Metadata }, strictjson.Map[map[string]string](strictjson.Text[string]())),
)

var addOnCodec = strictjson.Struct(
	strictjson.Field("id", func(v *AddOn) *string { return &v.ID }, strictjson.Text[string]()).Needed(),
	strictjson.Field("version", func(v *AddOn) *int { return &v.Version }, strictjson.Int[int]()).Needed(),
	strictjson.Optional("name", func(v *AddOn) *string { return &v.Name }, strictjson.Text[string]()),
	strictjson.Optional("description", func(v *AddOn) *string { return &v.Description }, strictjson.Text[string]()),
	strictjson.Field("currency", func(v *AddOn) *money.Currency { return &v.Currency }, currencyCodec).Needed(),
	strictjson.Optional("currencies", func(v *AddOn) *[]money.Currency { return &v.Currencies }, strictjson.List[[]money.Currency](currencyCodec)),
	strictjson.Optional("every", func(v *AddOn) *calendar.Interval { return &v.Every }, strictjson.Marshaled[calendar.Interval, *calendar.Interval](intervalPattern)),
	strictjson.Optional("charges", func(v *AddOn) *[]Charge { return &v.Charges }, strictjson.List[[]Charge](chargeCodec)),
	strictjson.Optional("metrics", func(v *AddOn) *[]Metric { return &v.Metrics }, strictjson.List[[]Metric](metricCodec)),
	strictjson.Optional("features", func(v *AddOn) *feature.Set { return &v.Features }, featuresCodec),
	strictjson.Optional("plans", func(v *AddOn) *[]string { return &v.Plans }, strictjson.List[[]string](strictjson.Text[string]())),
	strictjson.Optional("min_quantity", func(v *AddOn) **decimal.Decimal { return &v.MinQuantity }, strictjson.Pointer(strictjson.DecimalText())),
	strictjson.Optional("max_quantity", func(v *AddOn) **decimal.Decimal { return &v.MaxQuantity }, strictjson.Pointer(strictjson.DecimalText())),
	strictjson.Optional("repeatable", func(v *AddOn) *bool { return &v.Repeatable }, strictjson.Truth()),
	strictjson.Optional("metadata", func(v *AddOn) *map[string]string { return &v.Metadata }, strictjson.Map[map[string]string](strictjson.Text[string]())),
)

var releaseCodec = strictjson.Struct(
	strictjson.Field("plan", func(v *Release) *Plan { return &v.Plan }, planCodec).Needed(),
	strictjson.Optional("available_from", func(v *Release) *time.Time { return &v.AvailableFrom }, strictjson.Instant()),
	strictjson.Optional("available_until", func(v *Release) *time.Time { return &v.AvailableUntil }, strictjson.Instant()),
	strictjson.Optional("applies_to_existing_from", func(v *Release) *time.Time { return &v.AppliesToExistingFrom }, strictjson.Instant()),
)

var contentsCodec = strictjson.Struct(
	strictjson.Optional("products", func(v *contents) *[]Product { return &v.Products }, strictjson.List[[]Product](productCodec)),
	strictjson.Optional("plans", func(v *contents) *[]Release { return &v.Plans }, strictjson.List[[]Release](releaseCodec)),
	strictjson.Optional("add_ons", func(v *contents) *[]AddOn { return &v.AddOns }, strictjson.List[[]AddOn](addOnCodec)),
	strictjson.Optional("offerings", func(v *contents) *[]Offering { return &v.Offerings }, strictjson.List[[]Offering](offeringCodec)),
)
