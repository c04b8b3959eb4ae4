package subscription

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
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
			bounds, free := tierBounds(s.terms.table(item).Price())
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

// tierBounds answers the inclusive upper bounds of a price's tiers, but for an open
// last one, and the units that come off before them.
func tierBounds(p plan.Price) (bounds []decimal.Decimal, free decimal.Decimal) {
	var tiers []plan.Tier
	switch p := p.(type) {
	case plan.Volume:
		tiers, free = p.Tiers, p.FreeUnits
	case plan.Tiered:
		tiers, free = p.Tiers, p.FreeUnits
	case plan.Stairstep:
		for _, step := range p.Steps {
			tiers = append(tiers, plan.Tier{UpTo: step.UpTo})
		}
	}
	for _, t := range tiers {
		if t.UpTo != nil {
			bounds = append(bounds, *t.UpTo)
		}
	}
	return bounds, free
}
