package subscription

import (
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// readAttach is what was read of a command that attaches.
type readAttach struct {
	addOn  plan.Ref
	prices map[string]plan.Price
}

// inCurrency returns a plan or an add-on in a currency, if it is sold in it; otherwise as it is,
// which is refused.
func inCurrency[V interface {
	In(money.Currency) (V, bool)
}](v V, c money.Currency) V {
	if in, ok := v.In(c); ok {
		return in
	}
	return v
}

// completeAttach looks up the add-on that a command attaches.
func (c *record) completeAttach(read *readAttach, catalog *plan.Catalog, first *plan.Version) error {
	own := *c.rare
	c.rare = &own
	if read.addOn.IsZero() {
		return c.invalidAt("prices", errNoPlace)
	}
	if catalog == nil {
		return &LostPlanError{Plan: read.addOn}
	}
	var err error
	if own.addOn, err = catalog.AddOn(read.addOn); err != nil {
		return &LostPlanError{Plan: read.addOn}
	}
	if first != nil {
		own.addOn = inCurrency(own.addOn, first.Currency())
	}
	own.tables, err = tablesOf(read.prices, own.addOn)
	return err
}
