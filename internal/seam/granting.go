package seam

// A Granting is what subscription asks of feature beyond its functions: G is a
// feature.Grant, O a feature.Override, T the feature.Terms and E a feature.Entitlement.
type Granting[G, O, T, E any] struct {
	// Join returns what two grants of one feature give together: it is on if either is; of
	// those that are on the limits add up, and no limit wins. All other choices are the
	// first one's. It is false if they cannot be in force together: they are of different
	// kinds or windows, have different conditions, or are for each unit of something.
	Join func(a, b G) (G, bool)
	// Resolve is feature.Resolve of one grant and one override, without a set around each:
	// inPlan and overridden report whether there is any. The grant must be valid, as that of a
	// compiled plan is.
	Resolve func(key string, plan G, inPlan bool, override O, overridden bool, t T) (*E, error)
}
