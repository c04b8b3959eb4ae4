package plan

// UnusedCredit says what is credited of a line that was billed in advance when its
// period is cut. The zero UnusedCredit is inherited.
type UnusedCredit string

const (
	// CreditProrate credits the part that was not used.
	CreditProrate UnusedCredit = "prorate"
	// CreditFull credits all that remains of the line.
	CreditFull UnusedCredit = "full"
	// CreditNone credits nothing.
	CreditNone UnusedCredit = "none"
)

func (UnusedCredit) vocabulary() (string, []UnusedCredit) {
	return "credit", []UnusedCredit{CreditProrate, CreditFull, CreditNone}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero UnusedCredit.
func (u *UnusedCredit) UnmarshalText(text []byte) error { return parseWord(u, text) }

// CreditBasis says what a credit is a share of. The zero CreditBasis is inherited.
type CreditBasis string

const (
	// CreditBilled is what was billed for the period, net of its discount; a credit
	// never exceeds what remains of the line.
	CreditBilled CreditBasis = "billed"
	// CreditList is the current price of the period; the credit has no upper bound.
	CreditList CreditBasis = "list"
)

func (CreditBasis) vocabulary() (string, []CreditBasis) {
	return "credit basis", []CreditBasis{CreditBilled, CreditList}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero CreditBasis.
func (c *CreditBasis) UnmarshalText(text []byte) error { return parseWord(c, text) }

// ChargeNew says what the part of a period after a change costs. The zero ChargeNew
// is inherited.
type ChargeNew string

const (
	// ChargeProrate charges the remaining share of the period.
	ChargeProrate ChargeNew = "prorate"
	// ChargeFull charges the amount of a whole period.
	ChargeFull ChargeNew = "full"
	// ChargeNone charges nothing until the next period.
	ChargeNone ChargeNew = "none"
)

func (ChargeNew) vocabulary() (string, []ChargeNew) {
	return "choice for the new part", []ChargeNew{ChargeProrate, ChargeFull, ChargeNone}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero ChargeNew.
func (c *ChargeNew) UnmarshalText(text []byte) error { return parseWord(c, text) }

// Collect says when the lines of a change are invoiced. The zero Collect is
// inherited.
type Collect string

const (
	// CollectNow makes an invoice at the instant of the change.
	CollectNow Collect = "now"
	// CollectNextInvoice adds the lines to the next regular invoice.
	CollectNextInvoice Collect = "next_invoice"
)

func (Collect) vocabulary() (string, []Collect) {
	return "time to collect", []Collect{CollectNow, CollectNextInvoice}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Collect.
func (c *Collect) UnmarshalText(text []byte) error { return parseWord(c, text) }

// Anchor says what happens to the billing anchor at a change or a resume. The zero
// Anchor is inherited.
type Anchor string

const (
	// KeepAnchor keeps the boundaries where they were.
	KeepAnchor Anchor = "keep"
	// ResetAnchor begins a new period, and with it a new grid, at that instant.
	ResetAnchor Anchor = "reset"
	// ExtendAnchor moves the end of the running period, and the grid with it, by the
	// length of the pause. It is a choice for a resume only.
	ExtendAnchor Anchor = "extend"
)

func (Anchor) vocabulary() (string, []Anchor) {
	return "anchor", []Anchor{KeepAnchor, ResetAnchor, ExtendAnchor}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Anchor.
func (a *Anchor) UnmarshalText(text []byte) error { return parseWord(a, text) }

// AddOnChange says what a change of plan does to the add-ons of a subscription. The zero
// AddOnChange is inherited.
type AddOnChange string

const (
	// KeepAddOns keeps those that fit the new plan, and detaches the others.
	KeepAddOns AddOnChange = "keep"
	// DropAddOns detaches all of them.
	DropAddOns AddOnChange = "drop"
	// RefuseAddOns refuses a plan that one of them does not fit.
	RefuseAddOns AddOnChange = "refuse"
)

func (AddOnChange) vocabulary() (string, []AddOnChange) {
	return "choice for add-ons", []AddOnChange{KeepAddOns, DropAddOns, RefuseAddOns}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero AddOnChange.
func (a *AddOnChange) UnmarshalText(text []byte) error { return parseWord(a, text) }

// PriceChange says what a change of plan does to negotiated prices. The zero PriceChange is
// inherited.
type PriceChange string

const (
	// DropPrices ends them with the plan that they were negotiated for.
	DropPrices PriceChange = "drop"
	// KeepPrices keeps those of charges that the new plan has as well, by their ids.
	KeepPrices PriceChange = "keep"
	// ScalePrices keeps their ratio to the prices of the plans: who paid 80 of 100 pays 96 of 120.
	// Each amount of a price (units, flat amounts, bounds) is multiplied by the amount of the new
	// plan and divided by that of the old one, as both are then, and rounded, halves away from
	// zero, to the decimals of the currency, or of the negotiated amount if it has more. What has
	// no ratio refuses the change with [ErrScale]: prices of other models or tiers, of a share of an
	// amount, of phases that differ, and an amount where that of the old plan was 0, unless both are.
	ScalePrices PriceChange = "scale"
)

func (PriceChange) vocabulary() (string, []PriceChange) {
	return "choice for negotiated prices", []PriceChange{DropPrices, KeepPrices, ScalePrices}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero PriceChange.
func (p *PriceChange) UnmarshalText(text []byte) error { return parseWord(p, text) }

// PeriodEnd says at the end of which period a cancellation "at the end of the period" takes effect,
// where charges bill by intervals of their own. Pauses and changes, and auto-renewal that is turned
// off, are of the plan's period whatever it says. The zero PeriodEnd is no choice.
type PeriodEnd string

const (
	// PlanPeriodEnd is the end of the period of the plan.
	PlanPeriodEnd PeriodEnd = "plan"
	// ShortestPeriodEnd is the end of the period of the charge with the shortest interval. What
	// was billed beyond it by longer ones is kept or credited by Policy.CancelCredit.
	ShortestPeriodEnd PeriodEnd = "shortest"
	// LongestPeriodEnd is the end of the period of the charge with the longest interval: all
	// that was billed is lived. Until then shorter periods renew.
	LongestPeriodEnd PeriodEnd = "longest"
)

func (PeriodEnd) vocabulary() (string, []PeriodEnd) {
	return "choice for the period that ends", []PeriodEnd{PlanPeriodEnd, ShortestPeriodEnd, LongestPeriodEnd}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero PeriodEnd.
func (p *PeriodEnd) UnmarshalText(text []byte) error { return parseWord(p, text) }
