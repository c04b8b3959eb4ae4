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

// Credits returns every word for an UnusedCredit. The caller may change the slice.
func UnusedCredits() []UnusedCredit {
	return []UnusedCredit{CreditProrate, CreditFull, CreditNone}
}

// IsValid reports whether c is one of [UnusedCredits]; the zero UnusedCredit is not.
func (c UnusedCredit) IsValid() bool { return isWord(c, UnusedCredits()) }

// MarshalText is the word, or nothing for the zero UnusedCredit.
func (c UnusedCredit) MarshalText() ([]byte, error) { return encodeWord(c, UnusedCredits(), "credit") }

// UnmarshalText accepts exactly the words of [UnusedCredits], and nothing for the zero
// UnusedCredit.
func (c *UnusedCredit) UnmarshalText(text []byte) error {
	return decodeWord(c, text, UnusedCredits(), "credit")
}

// CreditBasis says what a credit is a share of. The zero CreditBasis is inherited.
type CreditBasis string

const (
	// CreditBilled is what was billed for the period, net of its discount; a credit
	// never exceeds what remains of the line.
	CreditBilled CreditBasis = "billed"
	// CreditList is the current price of the period; the credit has no upper bound.
	CreditList CreditBasis = "list"
)

// CreditBases returns every word for a CreditBasis. The caller may change the slice.
func CreditBases() []CreditBasis {
	return []CreditBasis{CreditBilled, CreditList}
}

// IsValid reports whether c is one of [CreditBases]; the zero CreditBasis is not.
func (c CreditBasis) IsValid() bool { return isWord(c, CreditBases()) }

// MarshalText is the word, or nothing for the zero CreditBasis.
func (c CreditBasis) MarshalText() ([]byte, error) {
	return encodeWord(c, CreditBases(), "credit basis")
}

// UnmarshalText accepts exactly the words of [CreditBases], and nothing for the zero
// CreditBasis.
func (c *CreditBasis) UnmarshalText(text []byte) error {
	return decodeWord(c, text, CreditBases(), "credit basis")
}

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

// ChargeNews returns every word for a ChargeNew. The caller may change the slice.
func ChargeNews() []ChargeNew {
	return []ChargeNew{ChargeProrate, ChargeFull, ChargeNone}
}

// IsValid reports whether c is one of [ChargeNews]; the zero ChargeNew is not.
func (c ChargeNew) IsValid() bool { return isWord(c, ChargeNews()) }

// MarshalText is the word, or nothing for the zero ChargeNew.
func (c ChargeNew) MarshalText() ([]byte, error) {
	return encodeWord(c, ChargeNews(), "choice for the new part")
}

// UnmarshalText accepts exactly the words of [ChargeNews], and nothing for the zero
// ChargeNew.
func (c *ChargeNew) UnmarshalText(text []byte) error {
	return decodeWord(c, text, ChargeNews(), "choice for the new part")
}

// Collect says when the lines of a change are invoiced. The zero Collect is
// inherited.
type Collect string

const (
	// CollectNow makes an invoice at the instant of the change.
	CollectNow Collect = "now"
	// CollectNextInvoice adds the lines to the next regular invoice.
	CollectNextInvoice Collect = "next_invoice"
)

// Collects returns every word for a Collect. The caller may change the slice.
func Collects() []Collect {
	return []Collect{CollectNow, CollectNextInvoice}
}

// IsValid reports whether c is one of [Collects]; the zero Collect is not.
func (c Collect) IsValid() bool { return isWord(c, Collects()) }

// MarshalText is the word, or nothing for the zero Collect.
func (c Collect) MarshalText() ([]byte, error) { return encodeWord(c, Collects(), "time to collect") }

// UnmarshalText accepts exactly the words of [Collects], and nothing for the zero
// Collect.
func (c *Collect) UnmarshalText(text []byte) error {
	return decodeWord(c, text, Collects(), "time to collect")
}

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

// Anchors returns every word for an Anchor. The caller may change the slice.
func Anchors() []Anchor {
	return []Anchor{KeepAnchor, ResetAnchor, ExtendAnchor}
}

// IsValid reports whether a is one of [Anchors]; the zero Anchor is not.
func (a Anchor) IsValid() bool { return isWord(a, Anchors()) }

// MarshalText is the word, or nothing for the zero Anchor.
func (a Anchor) MarshalText() ([]byte, error) { return encodeWord(a, Anchors(), "anchor") }

// UnmarshalText accepts exactly the words of [Anchors], and nothing for the zero
// Anchor.
func (a *Anchor) UnmarshalText(text []byte) error {
	return decodeWord(a, text, Anchors(), "anchor")
}
