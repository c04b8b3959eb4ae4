package subscription

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
)

// An Excess is a feature of which more is used than a change leaves. It is a result.
type Excess struct {
	// Feature is the key of the feature.
	Feature feature.Key `json:"feature"`
	// Used is how much is used: in all, or in the window in which the use counts.
	Used decimal.Decimal `json:"used"`
	// Limit is how much there is after the change; zero if the feature is then not granted,
	// or turned off.
	Limit decimal.Decimal `json:"limit"`
}

// Exceeded returns what a change would exceed: the features of which more is used, at an
// instant at which the change is in force, than after grants. Verbs are pure, so the caller
// makes after, asks, and keeps or drops it, as with billing.Preview; for a scheduled change
// the instant is that of its effect.
//
// usage is what the service has counted, by feature; others are not looked at. A use counts
// as after counts it: an allowance whose window starts over with the change has nothing
// used. Of what after no longer grants, or has turned off, all counts that is used as
// before counts it. What has no limit is never exceeded, equal is not above, and that
// after is paused or ended does not matter.
//
// The result is in the order of the keys. The errors are those of
// [Subscription.Entitlement] and of [feature.Entitlement.Used], all of them.
func Exceeded(before, after Subscription, at time.Time, usage map[feature.Key]feature.QuotaUsage) ([]Excess, error) {
	var (
		all    []Excess
		faults []error
	)
	for _, key := range slices.Sorted(maps.Keys(usage)) {
		x, over, err := exceeded(before, after, at, key, usage[key])
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("subscription: exceeded: %s: %w", key, err))
		case over:
			all = append(all, x)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return all, nil
}

func exceeded(before, after Subscription, at time.Time, key feature.Key, u feature.QuotaUsage) (Excess, bool, error) {
	e, err := after.Entitlement(key, at)
	if err != nil {
		return Excess{}, false, err
	}
	grant := e.Grant()
	counts := e
	limit, limited := e.Limit()
	switch {
	case grant.Kind == feature.Switch:
		return Excess{}, false, nil
	case !e.Granted() || !grant.Active:
		limit, limited = decimal.Decimal{}, true
		if counts, err = before.Entitlement(key, at); err != nil {
			return Excess{}, false, err
		}
	}
	used, err := counts.Used(u, at)
	if err != nil {
		return Excess{}, false, err
	}
	return Excess{Feature: key, Used: used, Limit: limit}, limited && used.GreaterThan(limit), nil
}
