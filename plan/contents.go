package plan

import (
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/fault"
)

// MaxEntries is the largest number of products, of plans, of add-ons and of offerings of a
// catalog.
const MaxEntries = 10_000

// CatalogEntry is a part of a catalog: a [Product], a [Plan] that is always for sale, a
// [Release], an [AddOn], or an [Offering].
type CatalogEntry interface{ addTo(c *contents) }

func (p Product) addTo(c *contents)  { c.Products = append(c.Products, p) }
func (p Plan) addTo(c *contents)     { c.Plans = append(c.Plans, Release{Plan: p}) }
func (r Release) addTo(c *contents)  { c.Plans = append(c.Plans, r) }
func (a AddOn) addTo(c *contents)    { c.AddOns = append(c.AddOns, a) }
func (o Offering) addTo(c *contents) { c.Offerings = append(c.Offerings, o) }

// contents is the definition of a catalog, as in JSON.
type contents struct {
	Products  []Product  `json:"products,omitempty"`
	Plans     []Release  `json:"plans,omitempty"`
	AddOns    []AddOn    `json:"add_ons,omitempty"`
	Offerings []Offering `json:"offerings,omitempty"`
}

// with returns the contents with more entries; no memory that is written to is
// shared.
func (c contents) with(entries []CatalogEntry) contents {
	c.Products, c.Plans = slices.Clip(c.Products), slices.Clip(c.Plans)
	c.AddOns, c.Offerings = slices.Clip(c.AddOns), slices.Clip(c.Offerings)
	for _, e := range entries {
		if e != nil {
			e.addTo(&c)
		}
	}
	return c
}

func (c contents) check(f faults) {
	f.field("products").products(c.Products, MaxEntries)
	c.checkPlans(f.field("plans"))
	c.checkAddOns(f.field("add_ons"))
	c.checkOfferings(f.field("offerings"))
}

// checkAddOns checks each add-on by itself, and then against the plans and the other
// versions.
func (c contents) checkAddOns(f faults) {
	f.atMost(len(c.AddOns), MaxEntries)
	plans := make(map[string]bool, len(c.Plans))
	for _, p := range c.Plans {
		plans[p.Plan.ID] = true
	}
	seen := make(map[Ref]bool, len(c.AddOns))
	for i, a := range c.AddOns {
		at := f.index(i)
		a.check(at)
		for n, id := range a.Plans {
			if id != "" && !plans[id] {
				at.field("plans").index(n).addf(fault.NotFound, "there is no plan %q", clip(id))
			}
		}
		if ref := a.Ref(); ref.IsValid() {
			if seen[ref] {
				at.addf(fault.Duplicate, "%q is used more than once", ref)
			}
			seen[ref] = true
		}
	}
}

// checkPlans checks each plan by itself, and then against the products and the other
// versions.
func (c contents) checkPlans(f faults) {
	f.atMost(len(c.Plans), MaxEntries)
	products := make(map[string]bool, len(c.Products))
	for _, p := range c.Products {
		products[p.Code] = true
	}
	seen := make(map[Ref]bool, len(c.Plans))
	for i, r := range c.Plans {
		at := f.index(i)
		r.check(at)
		if r.Plan.Product != "" && !products[r.Plan.Product] {
			at.field("plan").field("product").addf(fault.NotFound, "there is no product %q", clip(r.Plan.Product))
		}
		if ref := r.Plan.Ref(); ref.IsValid() {
			if seen[ref] {
				at.field("plan").addf(fault.Duplicate, "%q is used more than once", ref)
			}
			seen[ref] = true
		}
	}
	c.checkVersions(f)
}

// checkVersions compares each release with the versions of the plan before it: a
// version must not be sold before an earlier one, and must not move existing
// subscriptions to another currency.
func (c contents) checkVersions(f faults) {
	order := make([]int, len(c.Plans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		p, q := c.Plans[a].Plan, c.Plans[b].Plan
		if p.ID != q.ID {
			return strings.Compare(p.ID, q.ID)
		}
		return p.Version - q.Version
	})
	moved := make([]bool, len(c.Plans)) // sold before an earlier version
	other := make([]int, len(c.Plans))  // an earlier version in a currency that this one lacks
	before := make([]int, len(c.Plans)) // the earlier version
	for i := range other {
		other[i], before[i] = -1, -1
	}
	for n := 1; n < len(order); n++ {
		i, p := order[n], c.Plans[order[n]]
		j := order[n-1]
		q := c.Plans[j]
		if p.Plan.ID != q.Plan.ID || p.Plan.Version == q.Plan.Version {
			continue
		}
		before[i], moved[i] = j, p.AvailableFrom.Before(q.AvailableFrom)
		switch {
		case p.Plan.lacks(q.Plan):
			other[i] = j
		case other[j] >= 0 && p.Plan.lacks(c.Plans[other[j]].Plan):
			other[i] = other[j]
		}
	}
	for i, p := range c.Plans {
		at := f.index(i)
		if moved[i] {
			at.field("available_from").addf(fault.OutOfOrder, "must not be before that of %q", c.Plans[before[i]].Plan.Ref())
		}
		if other[i] >= 0 && !p.AppliesToExistingFrom.IsZero() && p.Plan.Currency.IsValid() {
			q := c.Plans[other[i]].Plan
			at.field("applies_to_existing_from").addf(fault.Inconsistent, "%q is in another currency", q.Ref())
		}
	}
}

func (c contents) checkOfferings(f faults) {
	f.atMost(len(c.Offerings), MaxEntries)
	plans := make(map[Ref]bool, len(c.Plans))
	for _, r := range c.Plans {
		plans[r.Plan.Ref()] = true
	}
	ids := make(map[string]bool, len(c.Offerings))
	for i, o := range c.Offerings {
		at := f.index(i)
		o.check(at)
		at.field("id").unique(ids, o.ID)
		for n, r := range o.Plans {
			if r.IsValid() && !plans[r] {
				at.field("plans").index(n).addf(fault.NotFound, "there is no plan %q", clip(r.String()))
			}
		}
	}
}
