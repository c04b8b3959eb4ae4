package plan

import (
	"iter"
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/money"
)

// Releases lie on shelves, each a map that is never changed: one shelf of all that a catalog
// was made of at once. Each release that is added is a shelf of its own; shelves are put
// together the way a counter carries, so that a release is moved once for each doubling,
// and there are never many.

// A shelf holds releases of plans, each plan's in the order of their versions.
type shelf struct {
	releases map[string][]release
	size     int
}

// shelved returns the shelves with one more release.
func shelved(shelves []shelf, r release) []shelf {
	last := shelf{map[string][]release{r.version.ID(): {r}}, 1}
	kept := len(shelves)
	for kept > 0 && shelves[kept-1].size <= last.size {
		kept--
		last = together(shelves[kept], last)
	}
	return append(slices.Clip(shelves[:kept]), last)
}

func together(a, b shelf) shelf {
	all := shelf{make(map[string][]release, len(a.releases)+len(b.releases)), a.size + b.size}
	maps.Copy(all.releases, a.releases)
	for id, releases := range b.releases {
		all.releases[id] = inVersions(a.releases[id], releases)
	}
	return all
}

// inVersions merges two lists in the order of their versions.
func inVersions(a, b []release) []release {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	all := make([]release, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].version.Number() < b[0].version.Number() {
			all, a = append(all, a[0]), a[1:]
			continue
		}
		all, b = append(all, b[0]), b[1:]
	}
	return append(append(all, a...), b...)
}

// newestFirst yields the releases of a plan, the newest version first.
func (c *Catalog) newestFirst(id string) iter.Seq[release] {
	return func(yield func(release) bool) {
		if len(c.shelves) == 1 {
			for _, r := range slices.Backward(c.shelves[0].releases[id]) {
				if !yield(r) {
					return
				}
			}
			return
		}
		var rest [][]release
		for _, s := range c.shelves {
			if releases := s.releases[id]; len(releases) > 0 {
				rest = append(rest, releases)
			}
		}
		for len(rest) > 0 {
			next, newest := 0, release{}
			for i, releases := range rest {
				if last := releases[len(releases)-1]; newest.version == nil || last.version.Number() > newest.version.Number() {
					next, newest = i, last
				}
			}
			if rest[next] = rest[next][:len(rest[next])-1]; len(rest[next]) == 0 {
				rest = slices.Delete(rest, next, next+1)
			}
			if !yield(newest) {
				return
			}
		}
	}
}

// inOrder returns the releases of a plan in the order of their versions.
func (c *Catalog) inOrder(id string) []release {
	var all []release
	for _, s := range c.shelves {
		all = inVersions(s.releases[id], all)
	}
	return all
}

// neighbours returns the releases of the plan before and after a version.
func (c *Catalog) neighbours(r Ref) (before, after release) {
	for _, s := range c.shelves {
		releases := s.releases[r.ID]
		i, _ := slices.BinarySearchFunc(releases, r.Version, func(e release, n int) int { return e.version.Number() - n })
		if i > 0 && (before.version == nil || releases[i-1].version.Number() > before.version.Number()) {
			before = releases[i-1]
		}
		if i < len(releases) && (after.version == nil || releases[i].version.Number() < after.version.Number()) {
			after = releases[i]
		}
	}
	return before, after
}

// add returns the catalog with more releases, checking only what they concern; false if
// anything may be wrong with them, which the check of the whole says.
func (c *Catalog) add(entries []CatalogEntry) (*Catalog, bool) {
	next := *c
	for _, e := range entries {
		var r Release
		switch e := e.(type) {
		case nil:
			continue
		case Plan:
			r.Plan = e
		case Release:
			r = e
		case Product, AddOn, Offering:
			return nil, false
		}
		if !next.fits(r) {
			return nil, false
		}
		compiled, err := Compile(r.Plan)
		if err != nil {
			return nil, false
		}
		next.put(r.clone(), compiled)
	}
	return &next, true
}

// put puts a release on a shelf.
func (c *Catalog) put(r Release, compiled *Version) {
	if before, after := c.neighbours(r.Plan.Ref()); before.hasNot(compiled.Currency()) || after.hasNot(compiled.Currency()) {
		c.mixed = true
	}
	c.plans = c.plans.With(r)
	c.shelves = shelved(c.shelves, release{compiled, r.AvailableFrom, r.AvailableUntil, r.AppliesToExistingFrom})
}

// fits reports whether a release surely may be added.
func (c *Catalog) fits(r Release) bool {
	if len(r.Plan.Currencies) > 0 || len(faultsOf(r)) > 0 || c.plans.Len() >= MaxEntries {
		return false
	}
	if _, ok := c.Product(r.Plan.Product); r.Plan.Product != "" && !ok {
		return false
	}
	if _, ok := c.find(r.Plan.Ref()); ok {
		return false
	}
	before, after := c.neighbours(r.Plan.Ref())
	if before.version != nil && r.AvailableFrom.Before(before.from) || after.version != nil && after.from.Before(r.AvailableFrom) {
		return false
	}
	// A version moves no subscription to another currency: one that moves none, and that
	// no other follows, has any.
	if after.version == nil && r.AppliesToExistingFrom.IsZero() {
		return true
	}
	return !c.mixed && !before.hasNot(r.Plan.Currency) && !after.hasNot(r.Plan.Currency)
}

// hasNot reports whether there is a release, in another currency.
func (r release) hasNot(currency money.Currency) bool {
	return r.version != nil && r.version.Currency() != currency
}
