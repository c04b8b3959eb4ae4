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

func (UsageBounds) vocabulary() (string, []UsageBounds) {
	return "choice for bounds of usage", []UsageBounds{BoundsShare, BoundsWhole}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero UsageBounds.
func (u *UsageBounds) UnmarshalText(text []byte) error { return parseWord(u, text) }

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

func (UsageCount) vocabulary() (string, []UsageCount) {
	return "choice for the count of usage", []UsageCount{CountPerPrice, CountAcross}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero UsageCount.
func (u *UsageCount) UnmarshalText(text []byte) error { return parseWord(u, text) }
