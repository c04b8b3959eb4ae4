package seam

import "time"

// A Granting is what subscription asks of feature beyond its functions: G is a
// feature.Grant, E a feature.Entitlement, Z a calendar.Zone, P a
// calendar.Period and S a calendar.Schedule.
type Granting[G, E, Z, P, S any] struct {
	// Join returns what two grants of one feature give together: it is on if either is; of
	// those that are on the limits add up, and no limit wins. All other choices are the
	// first one's. It is false if they cannot be in force together: they are of different
	// kinds or windows, have different conditions, or are for each unit of something.
	Join func(a, b G) (G, bool)
	// Under returns what was prepared ([Preparing]) under the terms of an instant, which it
	// shares with all others; nil: nothing is granted.
	Under func(prepared *E, key string, at time.Time, zone Z, period P, dormant bool) (*E, error)
	// InGrid is Under with the period of a grid that holds the instant, if [Grid.Holds]
	// says so. It is computed where it is asked for. Something must be prepared.
	InGrid func(prepared *E, at time.Time, zone Z, grid *S, dormant bool) (*E, error)
}

// A Preparing is what plan asks of feature beyond its functions: G is a feature.Grant and E a
// feature.Entitlement.
type Preparing[G, E any] struct {
	// Prepare computes once what every entitlement to a feature of a plan has in common; nil if
	// more must be known of a subscription than its zone, its status and its billing period.
	Prepare func(key string, plan G) *E
}
