package plan

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
)

// Policy holds every choice in billing, by name. An empty field is no choice: a call
// inherits it from the plan, and a plan from [DefaultPolicy] (see [Policy.Or]). The
// zero Policy inherits everything. Policies are comparable with ==.
type Policy struct {
	// Basis is how a part of a period becomes a fraction: by civil days, by seconds,
	// or by months of 30 days.
	Basis calendar.Basis `json:"basis,omitempty"`
	// ChangeDay is the side to which the civil day of a change belongs when the
	// basis is the day.
	ChangeDay calendar.ChangeDay `json:"change_day,omitempty"`
	// ChangeCredit is what a change credits of what was billed in advance.
	ChangeCredit UnusedCredit `json:"change_credit,omitempty"`
	// CancelCredit is what a cancellation credits.
	CancelCredit UnusedCredit `json:"cancel_credit,omitempty"`
	// PauseCredit is what a pause credits. [CreditFull] is not a choice here.
	PauseCredit UnusedCredit `json:"pause_credit,omitempty"`
	// CreditBasis is what a credit is a share of.
	CreditBasis CreditBasis `json:"credit_basis,omitempty"`
	// ChargeNew is what the part of the period after a change costs.
	ChargeNew ChargeNew `json:"charge_new,omitempty"`
	// Collect is when the lines of a change are invoiced.
	Collect Collect `json:"collect,omitempty"`
	// ChangeAnchor is what a change does to the boundaries. [ExtendAnchor] is not a
	// choice here.
	ChangeAnchor Anchor `json:"change_anchor,omitempty"`
	// ResumeAnchor is what a resume does to the boundaries.
	ResumeAnchor Anchor `json:"resume_anchor,omitempty"`
	// FirstPeriod is what the part before the first boundary costs.
	FirstPeriod FirstPeriod `json:"first_period,omitempty"`
	// Rounding is how the exact amount of a line becomes whole minor units.
	Rounding money.Rounding `json:"rounding,omitempty"`
	// Negative is what happens to an invoice below zero.
	Negative Negative `json:"negative,omitempty"`
	// DiscountSplit is how a fixed discount is shared among lines.
	DiscountSplit DiscountSplit `json:"discount_split,omitempty"`
	// ZeroInvoices is whether invoices of zero are made.
	ZeroInvoices ZeroInvoices `json:"zero_invoices,omitempty"`
	// TaxRounding is whether tax is rounded per line or per invoice.
	TaxRounding TaxRounding `json:"tax_rounding,omitempty"`
	// UsageBounds is how the bounds of a metered charge apply in a period that was
	// cut.
	UsageBounds UsageBounds `json:"usage_bounds,omitempty"`
	// UsageCount is how the count of a metered charge continues after a change of
	// price.
	UsageCount UsageCount `json:"usage_count,omitempty"`
	// ChangeAddOns is what a change of plan does to the add-ons.
	ChangeAddOns AddOnChange `json:"change_add_ons,omitempty"`
	// ChangePrices is what a change of plan does to negotiated prices of the plan's charges.
	ChangePrices PriceChange `json:"change_prices,omitempty"`
	// PeriodEnd is at the end of which period a cancellation "at the end of the period" takes
	// effect, where charges bill by intervals of their own.
	PeriodEnd PeriodEnd `json:"period_end,omitempty"`
	// FirstInvoice is on which invoice the part before the first boundary is billed.
	FirstInvoice FirstInvoice `json:"first_invoice,omitempty"`
}

// DefaultPolicy returns the choices that apply where none was made. No field of it is
// empty.
func DefaultPolicy() Policy {
	return Policy{
		Basis:         calendar.ByDay,
		ChangeDay:     calendar.NewSide,
		ChangeCredit:  CreditProrate,
		CancelCredit:  CreditNone,
		PauseCredit:   CreditNone,
		CreditBasis:   CreditBilled,
		ChargeNew:     ChargeProrate,
		Collect:       CollectNow,
		ChangeAnchor:  KeepAnchor,
		ResumeAnchor:  KeepAnchor,
		FirstPeriod:   FirstProrate,
		FirstInvoice:  FirstApart,
		Rounding:      money.HalfUp,
		Negative:      CarryNegative,
		DiscountSplit: SplitProportion,
		ZeroInvoices:  OmitZeroInvoices,
		TaxRounding:   TaxPerLine,
		UsageBounds:   BoundsShare,
		UsageCount:    CountPerPrice,
		ChangeAddOns:  KeepAddOns,
		ChangePrices:  DropPrices,
		PeriodEnd:     PlanPeriodEnd,
	}
}

// Or returns p with its empty fields taken from base.
func (p Policy) Or(base Policy) Policy {
	return Policy{
		Basis:         or(p.Basis, base.Basis),
		ChangeDay:     or(p.ChangeDay, base.ChangeDay),
		ChangeCredit:  or(p.ChangeCredit, base.ChangeCredit),
		CancelCredit:  or(p.CancelCredit, base.CancelCredit),
		PauseCredit:   or(p.PauseCredit, base.PauseCredit),
		CreditBasis:   or(p.CreditBasis, base.CreditBasis),
		ChargeNew:     or(p.ChargeNew, base.ChargeNew),
		Collect:       or(p.Collect, base.Collect),
		ChangeAnchor:  or(p.ChangeAnchor, base.ChangeAnchor),
		ResumeAnchor:  or(p.ResumeAnchor, base.ResumeAnchor),
		FirstPeriod:   or(p.FirstPeriod, base.FirstPeriod),
		FirstInvoice:  or(p.FirstInvoice, base.FirstInvoice),
		Rounding:      or(p.Rounding, base.Rounding),
		Negative:      or(p.Negative, base.Negative),
		DiscountSplit: or(p.DiscountSplit, base.DiscountSplit),
		ZeroInvoices:  or(p.ZeroInvoices, base.ZeroInvoices),
		TaxRounding:   or(p.TaxRounding, base.TaxRounding),
		UsageBounds:   or(p.UsageBounds, base.UsageBounds),
		UsageCount:    or(p.UsageCount, base.UsageCount),
		ChangeAddOns:  or(p.ChangeAddOns, base.ChangeAddOns),
		ChangePrices:  or(p.ChangePrices, base.ChangePrices),
		PeriodEnd:     or(p.PeriodEnd, base.PeriodEnd),
	}
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order. Empty
// fields are not faults.
func (p Policy) Validate() error {
	if p == (Policy{}) {
		return nil // as most are
	}
	return validate(p)
}

func (p Policy) check(f faults) {
	if p.Basis != "" {
		oneOf(f.field("basis"), p.Basis, calendar.Words[calendar.Basis](), "basis")
	}
	if p.ChangeDay != "" {
		oneOf(f.field("change_day"), p.ChangeDay, calendar.Words[calendar.ChangeDay](), "change day")
	}
	chosen(f, "change_credit", p.ChangeCredit)
	chosen(f, "cancel_credit", p.CancelCredit)
	if p.PauseCredit != "" {
		oneOf(f.field("pause_credit"), p.PauseCredit, []UnusedCredit{CreditProrate, CreditNone}, "credit")
	}
	chosen(f, "credit_basis", p.CreditBasis)
	chosen(f, "charge_new", p.ChargeNew)
	chosen(f, "collect", p.Collect)
	if p.ChangeAnchor != "" {
		oneOf(f.field("change_anchor"), p.ChangeAnchor, []Anchor{KeepAnchor, ResetAnchor}, "anchor")
	}
	chosen(f, "resume_anchor", p.ResumeAnchor)
	chosen(f, "first_period", p.FirstPeriod)
	if p.Rounding != "" {
		oneOf(f.field("rounding"), p.Rounding, money.Roundings(), "rounding")
	}
	chosen(f, "negative", p.Negative)
	chosen(f, "discount_split", p.DiscountSplit)
	chosen(f, "zero_invoices", p.ZeroInvoices)
	chosen(f, "tax_rounding", p.TaxRounding)
	chosen(f, "usage_bounds", p.UsageBounds)
	chosen(f, "usage_count", p.UsageCount)
	chosen(f, "change_add_ons", p.ChangeAddOns)
	chosen(f, "change_prices", p.ChangePrices)
	chosen(f, "period_end", p.PeriodEnd)
	chosen(f, "first_invoice", p.FirstInvoice)
}

// MarshalJSON writes a valid policy, without inherited choices; an invalid one is an
// error.
func (p Policy) MarshalJSON() ([]byte, error) { return encode(p, policyCodec, MaxDocument) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (p Policy) AppendJSON(dst []byte) ([]byte, error) {
	return appendTo(dst, p, policyCodec, MaxDocument)
}

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (p *Policy) UnmarshalJSON(data []byte) error { return decode(data, p, policyCodec) }
