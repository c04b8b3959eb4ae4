package plan

// FirstPeriod says what the part before the first boundary costs when the anchor is
// not the start. The zero FirstPeriod is inherited.
type FirstPeriod string

const (
	// FirstProrate charges its share of the whole period of the grid.
	FirstProrate FirstPeriod = "prorate"
	// FirstFull charges the amount of a whole period.
	FirstFull FirstPeriod = "full"
	// FirstFree charges nothing.
	FirstFree FirstPeriod = "free"
)

func (FirstPeriod) vocabulary() (string, []FirstPeriod) {
	return "choice for the first period", []FirstPeriod{FirstProrate, FirstFull, FirstFree}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero FirstPeriod.
func (f *FirstPeriod) UnmarshalText(text []byte) error { return parseWord(f, text) }

// FirstInvoice says on which invoice the part before the first boundary is billed when the anchor
// is not the start. The zero FirstInvoice is inherited.
type FirstInvoice string

const (
	// FirstApart bills it at the start, on an invoice of its own.
	FirstApart FirstInvoice = "apart"
	// FirstWithPeriod bills it at the start together with the first whole period, a line for
	// each. The two are one period of the subscription, which ends at the second boundary: one
	// cycle, one count of usage, one window of an allowance of the billing period. Where the part
	// is free ([FirstFree]) there is nothing to bill it with, and this is as [FirstApart]. So are
	// charges that bill by an interval of their own.
	FirstWithPeriod FirstInvoice = "with_period"
	// FirstWithNext bills it with the next invoice, that of the first boundary unless another comes
	// before: what is due at the start, one-time charges too, waits for it.
	FirstWithNext FirstInvoice = "next"
)

func (FirstInvoice) vocabulary() (string, []FirstInvoice) {
	return "choice for the first invoice", []FirstInvoice{FirstApart, FirstWithPeriod, FirstWithNext}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero FirstInvoice.
func (f *FirstInvoice) UnmarshalText(text []byte) error { return parseWord(f, text) }

// Negative says what happens to an invoice whose total is below zero. The zero
// Negative is inherited.
type Negative string

const (
	// CarryNegative keeps the amount as account credit, for later invoices.
	CarryNegative Negative = "carry"
	// RefundNegative leaves it on the invoice, to be paid out.
	RefundNegative Negative = "refund"
)

func (Negative) vocabulary() (string, []Negative) {
	return "choice for a negative invoice", []Negative{CarryNegative, RefundNegative}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Negative.
func (n *Negative) UnmarshalText(text []byte) error { return parseWord(n, text) }

// DiscountSplit says how a discount of a fixed amount is shared among the lines it
// reduces. The zero DiscountSplit is inherited.
type DiscountSplit string

const (
	// SplitProportion gives each line its share, rounded towards zero; the last line
	// takes the remainder, and what exceeds that line goes to the earlier ones.
	SplitProportion DiscountSplit = "proportion"
	// SplitLargestRemainder gives each line its share, and the minor units that
	// rounding leaves to the lines with the largest remainders, the earlier first.
	SplitLargestRemainder DiscountSplit = "largest_remainder"
	// SplitInOrder reduces the first line as far as possible, then the next.
	SplitInOrder DiscountSplit = "in_order"
)

func (DiscountSplit) vocabulary() (string, []DiscountSplit) {
	return "way to split a discount", []DiscountSplit{SplitProportion, SplitLargestRemainder, SplitInOrder}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero DiscountSplit.
func (d *DiscountSplit) UnmarshalText(text []byte) error { return parseWord(d, text) }

// ZeroInvoices says whether an invoice is made whose lines add up to zero. The zero
// ZeroInvoices is inherited.
type ZeroInvoices string

const (
	// OmitZeroInvoices makes none.
	OmitZeroInvoices ZeroInvoices = "omit"
	// EmitZeroInvoices makes it, with its lines of zero.
	EmitZeroInvoices ZeroInvoices = "emit"
)

func (ZeroInvoices) vocabulary() (string, []ZeroInvoices) {
	return "choice for invoices of zero", []ZeroInvoices{OmitZeroInvoices, EmitZeroInvoices}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero ZeroInvoices.
func (z *ZeroInvoices) UnmarshalText(text []byte) error { return parseWord(z, text) }

// TaxRounding says where tax is rounded. The zero TaxRounding is inherited.
type TaxRounding string

const (
	// TaxPerLine rounds the tax of each line.
	TaxPerLine TaxRounding = "line"
	// TaxPerInvoice rounds the tax of each rate once, on the sum of its lines.
	TaxPerInvoice TaxRounding = "invoice"
)

func (TaxRounding) vocabulary() (string, []TaxRounding) {
	return "tax rounding", []TaxRounding{TaxPerLine, TaxPerInvoice}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero TaxRounding.
func (t *TaxRounding) UnmarshalText(text []byte) error { return parseWord(t, text) }
