package seam

// A Terms is what subscription asks of plan beyond its functions: V is a *plan.Version, A
// a *plan.CompiledAddOn, F a *plan.CompiledPhase, C a *plan.CompiledCharge, T a *plan.CompiledPrice, P a
// plan.Policy, M a plan.Minimum, PF and DF are how a policy and a plan.Discount are read and written as
// parts of a longer document, E is a *feature.Entitlement, and K a
// feature.Key.
type Terms[V, A, F, C, T, P, M, PF, DF, E any, K ~string] struct {
	// Negotiable returns a minimum that a subscription has instead of the version's, with its
	// defaults filled in, or its faults. One of an amount of zero is none.
	Negotiable func(V, M) (M, error)
	// HasMinimum reports whether a version has a minimum.
	HasMinimum func(V) bool
	// Increases reports whether prices of a version increase by themselves.
	Increases func(V) bool
	// Raised returns the price of a charge after a number of increases; nil if it does not
	// increase.
	Raised func(charge C, times int) T
	// Negotiated returns a price that was negotiated for a charge of a version after a number of
	// increases, and whether it increases.
	Negotiated func(version V, charge string, price T, times int) (T, bool, error)
	// Rescaled returns a price that is to the one of a charge in version `to` what a negotiated one
	// is to that of a version after a number of increases.
	Rescaled func(version V, times int, to V, charge string, price T) (T, error)
	// Elsewhere reports whether a version is in another currency than the plan's own.
	Elsewhere func(V) bool
	// Attached returns the charges of an add-on under the id of an attachment.
	Attached func(addOn A, attachment string) []C
	// With returns a phase with more charges of add-ons behind its own, in the order of their
	// attachments: those of one, or of all where the phase has none yet. The ids must differ.
	With func(phase F, charges []C) F
	// Joins reports whether charges of an add-on may bill beside those of a phase: their
	// intervals divide one another, and no metric is rated by two.
	Joins func(phase F, charges []C) bool
	// Policy returns the policy of a version without a copy. It must not be changed.
	Policy func(V) *P
	// Grants returns the keys of the features that an add-on grants, in their order. They must
	// not be changed.
	Grants func(addOn A) []K
	// Prepared returns what entitlements to a feature of a version have in common ([Preparing]);
	// nil if the plan does not grant it, or its grant alone does not tell.
	Prepared func(version V, key string) E
	// PolicyForm reads and writes a policy. A policy that is read by it without a fault, and
	// only such a one, is valid.
	PolicyForm PF
	// DiscountForm reads and writes a discount, which must be validated.
	DiscountForm DF
}
