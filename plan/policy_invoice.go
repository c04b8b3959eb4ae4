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

// FirstPeriods returns every word for a FirstPeriod. The caller may change the slice.
func FirstPeriods() []FirstPeriod {
	return []FirstPeriod{FirstProrate, FirstFull, FirstFree}
}

// IsValid reports whether f is one of [FirstPeriods]; the zero FirstPeriod is not.
func (f FirstPeriod) IsValid() bool { return isWord(f, FirstPeriods()) }

// MarshalText is the word, or nothing for the zero FirstPeriod.
func (f FirstPeriod) MarshalText() ([]byte, error) {
	return encodeWord(f, FirstPeriods(), "choice for the first period")
}

// UnmarshalText accepts exactly the words of [FirstPeriods], and nothing for the zero
// FirstPeriod.
func (f *FirstPeriod) UnmarshalText(text []byte) error {
	return decodeWord(f, text, FirstPeriods(), "choice for the first period")
}

// Negative says what happens to an invoice whose total is below zero. The zero
// Negative is inherited.
type Negative string

const (
	// CarryNegative keeps the amount as account credit, for later invoices.
	CarryNegative Negative = "carry"
	// RefundNegative leaves it on the invoice, to be paid out.
	RefundNegative Negative = "refund"
)

// Negatives returns every word for a Negative. The caller may change the slice.
func Negatives() []Negative {
	return []Negative{CarryNegative, RefundNegative}
}

// IsValid reports whether n is one of [Negatives]; the zero Negative is not.
func (n Negative) IsValid() bool { return isWord(n, Negatives()) }

// MarshalText is the word, or nothing for the zero Negative.
func (n Negative) MarshalText() ([]byte, error) {
	return encodeWord(n, Negatives(), "choice for a negative invoice")
}

// UnmarshalText accepts exactly the words of [Negatives], and nothing for the zero
// Negative.
func (n *Negative) UnmarshalText(text []byte) error {
	return decodeWord(n, text, Negatives(), "choice for a negative invoice")
}

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

// DiscountSplits returns every word for a DiscountSplit. The caller may change the slice.
func DiscountSplits() []DiscountSplit {
	return []DiscountSplit{SplitProportion, SplitLargestRemainder, SplitInOrder}
}

// IsValid reports whether d is one of [DiscountSplits]; the zero DiscountSplit is not.
func (d DiscountSplit) IsValid() bool { return isWord(d, DiscountSplits()) }

// MarshalText is the word, or nothing for the zero DiscountSplit.
func (d DiscountSplit) MarshalText() ([]byte, error) {
	return encodeWord(d, DiscountSplits(), "way to split a discount")
}

// UnmarshalText accepts exactly the words of [DiscountSplits], and nothing for the zero
// DiscountSplit.
func (d *DiscountSplit) UnmarshalText(text []byte) error {
	return decodeWord(d, text, DiscountSplits(), "way to split a discount")
}

// ZeroInvoices says whether an invoice is made whose lines add up to zero. The zero
// ZeroInvoices is inherited.
type ZeroInvoices string

const (
	// OmitZeroInvoices makes none.
	OmitZeroInvoices ZeroInvoices = "omit"
	// EmitZeroInvoices makes it, with its lines of zero.
	EmitZeroInvoices ZeroInvoices = "emit"
)

// ZeroInvoiceChoices returns every word for a ZeroInvoices. The caller may change the slice.
func ZeroInvoiceChoices() []ZeroInvoices {
	return []ZeroInvoices{OmitZeroInvoices, EmitZeroInvoices}
}

// IsValid reports whether z is one of [ZeroInvoiceChoices]; the zero ZeroInvoices is not.
func (z ZeroInvoices) IsValid() bool { return isWord(z, ZeroInvoiceChoices()) }

// MarshalText is the word, or nothing for the zero ZeroInvoices.
func (z ZeroInvoices) MarshalText() ([]byte, error) {
	return encodeWord(z, ZeroInvoiceChoices(), "choice for invoices of zero")
}

// UnmarshalText accepts exactly the words of [ZeroInvoiceChoices], and nothing for the zero
// ZeroInvoices.
func (z *ZeroInvoices) UnmarshalText(text []byte) error {
	return decodeWord(z, text, ZeroInvoiceChoices(), "choice for invoices of zero")
}

// TaxRounding says where tax is rounded. The zero TaxRounding is inherited.
type TaxRounding string

const (
	// TaxPerLine rounds the tax of each line.
	TaxPerLine TaxRounding = "line"
	// TaxPerInvoice rounds the tax of each rate once, on the sum of its lines.
	TaxPerInvoice TaxRounding = "invoice"
)

// TaxRoundings returns every word for a TaxRounding. The caller may change the slice.
func TaxRoundings() []TaxRounding {
	return []TaxRounding{TaxPerLine, TaxPerInvoice}
}

// IsValid reports whether t is one of [TaxRoundings]; the zero TaxRounding is not.
func (t TaxRounding) IsValid() bool { return isWord(t, TaxRoundings()) }

// MarshalText is the word, or nothing for the zero TaxRounding.
func (t TaxRounding) MarshalText() ([]byte, error) {
	return encodeWord(t, TaxRoundings(), "tax rounding")
}

// UnmarshalText accepts exactly the words of [TaxRoundings], and nothing for the zero
// TaxRounding.
func (t *TaxRounding) UnmarshalText(text []byte) error {
	return decodeWord(t, text, TaxRoundings(), "tax rounding")
}
