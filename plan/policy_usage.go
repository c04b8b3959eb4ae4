package plan

// UsageBounds says how the minimum and the maximum of a metered charge apply in a
// period that was cut. The zero UsageBounds is inherited.
type UsageBounds string

const (
	// BoundsShare multiplies them by the share of the period that has passed under
	// the price so far.
	BoundsShare UsageBounds = "share"
	// BoundsWhole leaves them whole, however short a part is.
	BoundsWhole UsageBounds = "whole"
)

// UsageBoundsChoices returns every word for a UsageBounds. The caller may change the slice.
func UsageBoundsChoices() []UsageBounds { return []UsageBounds{BoundsShare, BoundsWhole} }

// IsValid reports whether u is one of [UsageBoundsChoices]; the zero UsageBounds is not.
func (u UsageBounds) IsValid() bool { return isWord(u, UsageBoundsChoices()) }

// MarshalText is the word, or nothing for the zero UsageBounds.
func (u UsageBounds) MarshalText() ([]byte, error) {
	return encodeWord(u, UsageBoundsChoices(), "choice for bounds of usage")
}

// UnmarshalText accepts exactly the words of [UsageBoundsChoices], and nothing for the
// zero UsageBounds.
func (u *UsageBounds) UnmarshalText(text []byte) error {
	return decodeWord(u, text, UsageBoundsChoices(), "choice for bounds of usage")
}

// UsageCount says how the count of a metered charge continues when its price changes
// within a period. The zero UsageCount is inherited.
type UsageCount string

const (
	// CountPerPrice counts for each price separately: free units and tiers begin
	// again under another price, and continue when an earlier price returns.
	CountPerPrice UsageCount = "per_price"
	// CountAcross continues from what was used of the metric in the period, under any
	// price.
	CountAcross UsageCount = "across"
)

// UsageCounts returns every word for a UsageCount. The caller may change the slice.
func UsageCounts() []UsageCount { return []UsageCount{CountPerPrice, CountAcross} }

// IsValid reports whether u is one of [UsageCounts]; the zero UsageCount is not.
func (u UsageCount) IsValid() bool { return isWord(u, UsageCounts()) }

// MarshalText is the word, or nothing for the zero UsageCount.
func (u UsageCount) MarshalText() ([]byte, error) {
	return encodeWord(u, UsageCounts(), "choice for the count of usage")
}

// UnmarshalText accepts exactly the words of [UsageCounts], and nothing for the zero
// UsageCount.
func (u *UsageCount) UnmarshalText(text []byte) error {
	return decodeWord(u, text, UsageCounts(), "choice for the count of usage")
}
