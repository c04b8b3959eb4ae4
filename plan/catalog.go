package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/grow"
)

// ErrNotFound says that a catalog does not contain what was asked for. See
// [MissingError].
var ErrNotFound = fault.New(fault.Missing, "not found")

// MissingError names what a catalog does not contain. It is [ErrNotFound].
type MissingError struct {
	// ID is the id of the plan, of the add-on or of the offering.
	ID string
	// Version is the version of the plan or of the add-on; 0: no particular version.
	Version int
	// At is the instant at which the plan is not for sale; the zero time: it is not
	// in the catalog.
	At time.Time
}

// Error names the plan, its version and the instant.
func (e *MissingError) Error() string {
	what := clip(e.ID)
	if e.Version != 0 {
		what = clip(Ref{e.ID, e.Version}.String())
	}
	if !e.At.IsZero() {
		return fmt.Sprintf("plan: catalog: %q %v at %s", what, ErrNotFound, e.At.UTC().Format(time.RFC3339Nano))
	}
	return fmt.Sprintf("plan: catalog: %q %v", what, ErrNotFound)
}

// Unwrap returns [ErrNotFound].
func (e *MissingError) Unwrap() error { return ErrNotFound }

// Catalog is everything that is and was sold: plans in all their versions with the
// dates from which they apply, products and offerings. It is immutable and safe for
// concurrent use; [Catalog.Add] returns the next one. The zero Catalog is empty.
type Catalog struct {
	products  []Product
	plans     grow.List[Release]
	addOns    []*CompiledAddOn
	addOnRefs map[Ref]*CompiledAddOn
	offerings []Offering
	shelves   []shelf
	// mixed says that some plan has versions in several currencies.
	mixed bool
}

// release is a release with its compiled plan.
type release struct {
	version            *Version
	from, until, moves time.Time
}

// NewCatalog makes a catalog from products, plans, add-ons and offerings. The error joins a
// [*fault.FieldError] for every fault, whose path is that of the catalog's JSON:
// plans[0].plan.currency. A product that a plan names, and a plan that an offering
// or an add-on names, must be among the entries.
func NewCatalog(entries ...CatalogEntry) (*Catalog, error) { return new(Catalog).Add(entries...) }

// Add returns the catalog with more entries, and leaves c as it was. Compiled plans
// are shared between the two. Errors: as for [NewCatalog], of the catalog as a whole.
func (c *Catalog) Add(entries ...CatalogEntry) (*Catalog, error) {
	if next, ok := c.add(entries); ok {
		return next, nil
	}
	return c.next(c.contents().with(entries))
}

// MustCatalog is [NewCatalog] for entries that are written in source code. It panics on an
// error.
func MustCatalog(entries ...CatalogEntry) *Catalog {
	c, err := NewCatalog(entries...)
	if err != nil {
		panic(err)
	}
	return c
}

// contents returns what the catalog is made of.
func (c *Catalog) contents() contents {
	all := contents{Products: c.products, Plans: c.plans.Slice(), Offerings: c.offerings}
	for _, a := range c.addOns {
		all.AddOns = append(all.AddOns, *a.defined)
	}
	return all
}

// next makes a catalog from contents that begin with those of c.
func (c *Catalog) next(all contents) (*Catalog, error) {
	if err := validate(all); err != nil {
		return nil, fmt.Errorf("plan: catalog: %w", err)
	}
	plans := cloneEach(all.Plans, Release.clone)
	next := &Catalog{products: slices.Clone(all.Products), plans: grow.Own(plans), addOnRefs: make(map[Ref]*CompiledAddOn, len(all.AddOns)), offerings: cloneEach(all.Offerings, Offering.Clone)}
	for i, a := range all.AddOns {
		if i < len(c.addOns) {
			next.addOns = append(next.addOns, c.addOns[i])
			continue
		}
		compiled, err := CompileAddOn(a)
		if err != nil {
			return nil, err
		}
		next.addOns = append(next.addOns, compiled)
	}
	for _, a := range next.addOns {
		next.addOnRefs[a.Ref()] = a
	}
	on := shelf{make(map[string][]release), len(plans)}
	for i, r := range plans {
		version, ok := (*Version)(nil), false
		if i < c.plans.Len() {
			version, ok = c.find(r.Plan.Ref())
		}
		if !ok {
			compiled, err := Compile(r.Plan)
			if err != nil {
				return nil, err
			}
			version = compiled
		}
		id := r.Plan.ID
		if first := on.releases[id]; len(first) > 0 && first[0].version.Currency() != version.Currency() || len(r.Plan.Currencies) > 0 {
			next.mixed = true
		}
		on.releases[id] = append(on.releases[id], release{version, r.AvailableFrom, r.AvailableUntil, r.AppliesToExistingFrom})
	}
	for _, releases := range on.releases {
		slices.SortFunc(releases, func(a, b release) int { return a.version.Number() - b.version.Number() })
	}
	if on.size > 0 {
		next.shelves = []shelf{on}
	}
	return next, nil
}

// find returns a version by binary search.
func (c *Catalog) find(r Ref) (*Version, bool) {
	for _, s := range c.shelves {
		releases := s.releases[r.ID]
		i, ok := slices.BinarySearchFunc(releases, r.Version, func(e release, n int) int { return e.version.Number() - n })
		if ok {
			return releases[i].version, true
		}
	}
	return nil, false
}

// Lookup returns a version of a plan, whether it is still for sale or not. Error:
// [*MissingError].
func (c *Catalog) Lookup(r Ref) (*Version, error) {
	if v, ok := c.find(r); ok {
		return v, nil
	}
	return nil, &MissingError{ID: r.ID, Version: r.Version}
}

// Current returns the version of a plan that is for sale at an instant: the newest of
// those whose AvailableFrom has passed. After its AvailableUntil the plan is not for
// sale, even if earlier versions would be. Error: [*MissingError].
func (c *Catalog) Current(id string, at time.Time) (*Version, error) {
	known := false
	for r := range c.newestFirst(id) {
		known = true
		if r.from.After(at) {
			continue
		}
		if !r.until.IsZero() && !at.Before(r.until) {
			break
		}
		return r.version, nil
	}
	if !known {
		return nil, &MissingError{ID: id}
	}
	return nil, &MissingError{ID: id, At: at}
}

// Existing returns the version that applies at an instant to a subscription sold
// under r: the newest later version whose AppliesToExistingFrom has passed, or the
// one it was sold under. Error: [*MissingError].
func (c *Catalog) Existing(r Ref, at time.Time) (*Version, error) {
	v, err := c.Lookup(r)
	if err != nil {
		return nil, err
	}
	for _, m := range c.moves(r) {
		if m.At.After(at) {
			break
		}
		v = m.To
	}
	return v, nil
}

// Move is an instant from which a newer version of the plan applies to existing
// subscriptions.
type Move struct {
	// At is the first instant of the newer version.
	At time.Time
	// To is the newer version.
	To *Version
}

// Moves returns the instants from which newer versions apply to a subscription sold
// under r, in order of time. There are none unless a newer version names one. Error:
// [*MissingError].
func (c *Catalog) Moves(r Ref) ([]Move, error) {
	if _, err := c.Lookup(r); err != nil {
		return nil, err
	}
	return c.moves(r), nil
}

func (c *Catalog) moves(r Ref) []Move {
	var moves []Move
	for _, later := range c.inOrder(r.ID) {
		if later.version.Number() > r.Version && !later.moves.IsZero() {
			moves = append(moves, Move{later.moves, later.version})
		}
	}
	slices.SortStableFunc(moves, func(a, b Move) int { return a.At.Compare(b.At) })
	// A version that is superseded before or at its instant never applies.
	kept := moves[:0]
	for _, m := range moves {
		n := len(kept)
		if n > 0 && m.To.Number() < kept[n-1].To.Number() {
			continue
		}
		if n > 0 && m.At.Equal(kept[n-1].At) {
			kept[n-1] = m
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

// Versions returns the versions of a plan, the oldest first; none for an unknown id.
func (c *Catalog) Versions(id string) []*Version {
	var versions []*Version
	for _, r := range c.inOrder(id) {
		versions = append(versions, r.version)
	}
	return versions
}

// Plans returns the ids of all plans, in alphabetical order.
func (c *Catalog) Plans() []string {
	var ids []string
	for _, s := range c.shelves {
		ids = slices.AppendSeq(ids, maps.Keys(s.releases))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Product returns the product of this code, and whether there is one.
func (c *Catalog) Product(code string) (Product, bool) {
	for _, p := range c.products {
		if p.Code == code {
			return p, true
		}
	}
	return Product{}, false
}

// Offering returns a snapshot of the offering of this id. Error: [*MissingError].
func (c *Catalog) Offering(id string) (Offering, error) {
	for _, o := range c.offerings {
		if o.ID == id {
			return o.Clone(), nil
		}
	}
	return Offering{}, &MissingError{ID: id}
}

// AddOn returns a version of an add-on. Error: [*MissingError].
func (c *Catalog) AddOn(r Ref) (*CompiledAddOn, error) {
	if a, ok := c.addOnRefs[r]; ok {
		return a, nil
	}
	return nil, &MissingError{ID: r.ID, Version: r.Version}
}

// AddOns returns the references of all add-ons that can be sold with a version of a plan, in
// the order of the catalog.
func (c *Catalog) AddOns(v *Version) []Ref {
	var refs []Ref
	for _, a := range c.addOns {
		if a.Fits(v) {
			refs = append(refs, a.Ref())
		}
	}
	return refs
}

// Entries returns what the catalog is made of: products, releases, add-ons and offerings, as
// copies of the caller's own. NewCatalog makes an equal catalog of them.
func (c *Catalog) Entries() []CatalogEntry {
	var entries []CatalogEntry
	for _, p := range c.products {
		entries = append(entries, p)
	}
	for _, r := range c.plans.All() {
		entries = append(entries, r.clone())
	}
	for _, a := range c.addOns {
		entries = append(entries, a.AddOn())
	}
	for _, o := range c.offerings {
		entries = append(entries, o.Clone())
	}
	return entries
}

// Equal compares the entries by value and in order.
func (c *Catalog) Equal(o *Catalog) bool {
	if c == nil || o == nil {
		return c == o
	}
	return slices.Equal(c.products, o.products) &&
		slices.EqualFunc(c.plans.Slice(), o.plans.Slice(), Release.Equal) &&
		slices.EqualFunc(c.addOns, o.addOns, func(a, b *CompiledAddOn) bool { return a.defined.Equal(*b.defined) }) &&
		slices.EqualFunc(c.offerings, o.offerings, Offering.Equal)
}

// MarshalJSON writes the catalog as {"products":[],"plans":[],"add_ons":[],"offerings":[]}; an
// empty list is omitted.
func (c *Catalog) MarshalJSON() ([]byte, error) {
	return encode(c.contents(), contentsCodec, MaxCatalogDocument)
}

// UnmarshalJSON is [DecodeCatalog]. It leaves c as it was if there are faults, and
// must not be called on a catalog that others use.
func (c *Catalog) UnmarshalJSON(data []byte) error {
	next, err := DecodeCatalog(data)
	if err == nil {
		*c = *next
	}
	return err
}

// DecodeCatalog reads a catalog from JSON, strictly. The error joins a [*fault.FieldError]
// for every fault of the document, of its definitions and of the references between
// them.
func DecodeCatalog(data []byte) (*Catalog, error) {
	all, err := decoded(data, contentsCodec, MaxCatalogDocument)
	if err != nil {
		return nil, fmt.Errorf("plan: catalog: %w", err)
	}
	return new(Catalog).next(all)
}
