package subscription

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// standing is what an entitlement to one feature depends on, at an instant.
type standing struct {
	entitled, inPlan, granted bool
	override                  feature.Override
	grant                     feature.Grant
	tiers                     []decimal.Decimal
	period                    calendar.Period // if the use is counted by it
	limit                     decimal.Decimal // if it is not that of the grant
}

// standing returns what the entitlement to a feature depends on at t, in span i; -1 is
// before the subscription was created.
func (c *core) standing(key feature.Key, i int, t time.Time) (standing, error) {
	if i < 0 {
		return standing{}, nil
	}
	s := c.span(i)
	set, overrides := s.terms.features(key, s.phase)
	applied := overrides.Apply(set)
	now := standing{entitled: s.entitled(), override: overrides[key]}
	_, now.inPlan = set[key]
	now.grant, now.granted = applied[key]
	var limits map[feature.Key]decimal.Decimal
	if special(&now.grant) {
		limit, told, err := c.limit(key, i, t)
		if err != nil {
			return now, err
		}
		if now.limit = limit; told {
			limits = map[feature.Key]decimal.Decimal{key: limit}
		}
	}
	now.tiers = s.tiers(applied, limits)[key]
	var err error
	if now.grant.Window == feature.BillingPeriod || now.grant.Window == feature.Anchored {
		now.period, err = c.windowOf(&now.grant, i, t)
	}
	return now, err
}

func (a standing) equal(b standing) bool {
	return a.entitled == b.entitled && a.inPlan == b.inPlan && a.granted == b.granted && a.override.Equal(b.override) && a.grant.Equal(b.grant) &&
		slices.EqualFunc(a.tiers, b.tiers, decimal.Decimal.Equal) && a.period.Equal(b.period) && a.limit.Equal(b.limit)
}

// changes returns the first instant after t at which the entitlement to a feature becomes
// another one because a span ends; zero if none does before the billing period, or the
// window from the anchor, in which the use is counted. Within a span nothing but that
// period ends.
func (c *core) changes(key feature.Key, t time.Time) (time.Time, error) {
	i := c.index(t)
	if i+1 >= c.count() {
		return time.Time{}, nil
	}
	now, err := c.standing(key, i, t)
	if err != nil {
		return time.Time{}, err
	}
	for i+1 < c.count() {
		at := c.span(i + 1).from
		if end := now.period.End; !end.IsZero() && end.Before(at) {
			return time.Time{}, nil
		}
		i = c.index(at)
		next, err := c.standing(key, i, at)
		if err != nil || !next.equal(now) {
			return at, err
		}
	}
	return time.Time{}, nil
}
