package revenium

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

const (
	// Quota is the key of the feature that the API calls the quota, and the metric of
	// the usage that a product's tiers rate.
	Quota feature.Key = "quota"
	// Recurring is the id of a product's recurring charge, Usage that of its tiers.
	Recurring = "recurring"
	Usage     = "usage"
)

// Product is what a customer subscribes to. It has the plan.
type Product struct {
	ID       string
	Name     string
	Currency money.Currency
	// Every is how often it bills.
	Every calendar.Interval
	// Charge is due in every period, in major units; in arrears if Arrears says so.
	Charge  decimal.Decimal
	Arrears bool
	// Tiers rate the usage of a period; none: usage is not billed. Graduated rates
	// each unit in its own tier, otherwise all units are rated in the one that holds
	// them. A flat amount is due once in each tier entered, or in the one that holds
	// them; no usage costs nothing.
	Tiers     []plan.Tier
	Graduated bool
	// Limit is the quota of a period; 0: none. OverQuota says what happens to usage
	// beyond it; empty: it is blocked.
	Limit     int64
	OverQuota feature.Overage
	// Trial is the length of the trial; zero: none.
	Trial calendar.Interval
}

// Plan returns the definition of the product's plan, version 1.
func (p Product) Plan() plan.Plan {
	timing := plan.Advance
	if p.Arrears {
		timing = plan.Arrears
	}
	out := plan.Plan{
		ID: p.ID, Version: 1, Name: p.Name, Product: p.ID, Currency: p.Currency, Every: p.Every,
		Charges: []plan.Charge{{ID: Recurring, Price: plan.FlatFee{Amount: p.Charge}, Timing: timing}},
	}
	switch {
	case len(p.Tiers) == 0:
	case p.Graduated:
		out.Charges = append(out.Charges, plan.Charge{ID: Usage, Metric: string(Quota), Price: plan.Tiered{Tiers: p.Tiers, Zero: plan.ZeroFree}})
	default:
		out.Charges = append(out.Charges, plan.Charge{ID: Usage, Metric: string(Quota), Price: plan.Volume{Tiers: p.Tiers, Zero: plan.ZeroFree}})
	}
	if p.Limit > 0 {
		grant := feature.Per(feature.BillingPeriod, p.Limit)
		grant.Overage = p.OverQuota
		out.Features = feature.Set{Quota: grant}
	}
	if !p.Trial.IsZero() {
		out.Trial = &plan.Trial{Length: p.Trial}
	}
	return out
}
