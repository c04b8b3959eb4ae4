package seam

// A Granting is what subscription asks of feature beyond its functions: G is a
// feature.Grant, O a feature.Override, T the feature.Terms and E a feature.Entitlement.
type Granting[G, O, T, E any] struct {
	// Resolve is feature.Resolve of one grant and one override, without a set around each:
	// inPlan and overridden report whether there is any.
	Resolve func(key string, plan G, inPlan bool, override O, overridden bool, t T) (*E, error)
}
