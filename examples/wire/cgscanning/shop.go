package cgscanning

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// Shop is what the service sells and where it is: what the API's words refer to and its
// documents do not contain. The zero Shop sells nothing.
type Shop struct {
	// Products are the families of plans, by their codes.
	Products map[string]plan.Product
	// Plans are the plans on sale. An interval selects the first of a product's plans
	// that has it.
	Plans []*plan.Version
	// Zone is where the days of a trial are counted; zero is UTC.
	Zone calendar.Zone
}

// plan returns the plan of a product with an interval, and whether there is one.
func (s Shop) plan(product string, i Interval) (*plan.Version, bool) {
	for _, v := range s.Plans {
		if word, ok := intervalOf(v.Every()); ok && word == i && v.Product() == product {
			return v, true
		}
	}
	return nil, false
}

// flat returns a price as a flat fee without bounds, and whether it is one.
func flat(p plan.Price) (plan.FlatFee, bool) {
	f, ok := p.(plan.FlatFee)
	return f, ok && f.Minimum == nil && f.Maximum == nil
}
