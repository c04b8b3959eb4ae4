package subscription

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
)

// tiers answers the bounds of the price tiers by which use of features is billed,
// for thresholds in the tier scope. A feature's use is billed by the charge of the
// running phase that rates its metric. What costs nothing comes before the first
// tier: a charge's free units, and the limit of an allowance whose overage is rated.
func (s *span) tiers(granted feature.Set) map[feature.Key][]decimal.Decimal {
	var all map[feature.Key][]decimal.Decimal
	for key, g := range granted {
		if !slices.ContainsFunc(g.Thresholds, func(t feature.Threshold) bool { return t.Scope == feature.TierScope }) {
			continue
		}
		for _, item := range s.terms.stage(s.stage).Items() {
			if item.Metric() != g.MetricOr(key) {
				continue
			}
			bounds, free := s.terms.table(item).TierBounds()
			if g.Overage == feature.Rate && !g.Unlimited {
				free = free.Add(g.Limit)
			}
			for i := range bounds {
				bounds[i] = bounds[i].Add(free)
			}
			if all == nil {
				all = map[feature.Key][]decimal.Decimal{}
			}
			all[key] = bounds
			break
		}
	}
	return all
}
