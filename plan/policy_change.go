package plan

// Credit says what is given back of a line that was billed in advance when its
// period is cut. The zero Credit is inherited.
type Credit string

const (
	// CreditProrate gives back the part that was not used.
	CreditProrate Credit = "prorate"
	// CreditFull gives back all that the line still holds.
	CreditFull Credit = "full"
	// CreditNone gives back nothing.
	CreditNone Credit = "none"
)

// Credits returns every word for a Credit. The slice is the caller's own.
func Credits() []Credit {
	return []Credit{CreditProrate, CreditFull, CreditNone}
}

// IsValid reports whether c is one of [Credits]; the zero Credit is not.
func (c Credit) IsValid() bool { return isWord(c, Credits()) }

// MarshalText is the word, or nothing for the zero Credit.
func (c Credit) MarshalText() ([]byte, error) { return encodeWord(c, Credits(), "credit") }

// UnmarshalText accepts exactly the words of [Credits], and nothing for the zero
// Credit.
func (c *Credit) UnmarshalText(text []byte) error {
	return decodeWord(c, text, Credits(), "credit")
}

// CreditBasis says what a credit is a share of. The zero CreditBasis is inherited.
type CreditBasis string

const (
	// CreditBilled is what was billed for the period, net of its discount; a credit
	// never exceeds what the line still holds.
	CreditBilled CreditBasis = "billed"
	// CreditList is the current price of the period; the credit has no upper bound.
	CreditList CreditBasis = "list"
)

// CreditBases returns every word for a CreditBasis. The slice is the caller's own.
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
	// ChargeProrate charges the share of the period that is left.
	ChargeProrate ChargeNew = "prorate"
	// ChargeFull charges the amount of a whole period.
	ChargeFull ChargeNew = "full"
	// ChargeNone charges nothing until the next period.
	ChargeNone ChargeNew = "none"
)

// ChargeNews returns every word for a ChargeNew. The slice is the caller's own.
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
	// CollectNextInvoice lets the lines wait for the next regular invoice.
	CollectNextInvoice Collect = "next_invoice"
)

// Collects returns every word for a Collect. The slice is the caller's own.
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

// Anchor says what becomes of the billing anchor at a change or a resume. The zero
// Anchor is inherited.
type Anchor string

const (
	// KeepAnchor keeps the boundaries where they were.
	KeepAnchor Anchor = "keep"
	// ResetAnchor begins a new period, and with it a new grid, at that instant.
	ResetAnchor Anchor = "reset"
	// ExtendAnchor moves the end of the running period, and the grid with it, by the
	// length of the pause. It is a choice for resuming only.
	ExtendAnchor Anchor = "extend"
)

// Anchors returns every word for an Anchor. The slice is the caller's own.
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
