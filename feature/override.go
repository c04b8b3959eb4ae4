package feature

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Origin says where a grant, or one member of it, comes from. The zero Origin means
// not granted.
type Origin string

const (
	// FromPlan is the plan.
	FromPlan Origin = "plan"
	// FromOverride is an override assigned to the subscription.
	FromOverride Origin = "override"
	// FromAddOn is one or more add-ons; see [Entitlement.Additions].
	FromAddOn Origin = "add_on"
	// Merged is more than one of these: the plan with add-ons, or either with an override
	// for some members.
	Merged Origin = "merged"
)

func (Origin) words() []Origin { return []Origin{FromPlan, FromOverride, FromAddOn, Merged} }

// Override is what a subscription was given for one feature in addition to its plan.
// Nil members take the plan's value, and follow it when the plan changes. It is a
// definition. The zero Override changes nothing.
//
// For a feature that the plan does not grant, the override is the grant: Kind is then
// required, and Active nil means true.
type Override struct {
	// Kind must be that of the plan's grant, if the plan has one.
	Kind *Kind
	// Active turns the feature on or off.
	Active *bool
	// Unlimited removes the limit, or restores it.
	Unlimited *bool
	// Limit replaces the limit. A limit alone does not make an unlimited feature
	// limited. It is the whole limit, at once and whatever the plan says of units and of
	// changes within a window, unless Per, Raise and Lower say so here.
	Limit *decimal.Decimal
	// Extra is added to the limit, the plan's or that of Limit: zero or more. It is added
	// once, also to a limit for each unit, and whole, whenever it is given.
	Extra *decimal.Decimal
	// Per, Window, Every, Raise, Lower, WhenRun, Required, Overage, Metric and Thresholds
	// replace what the grant has.
	Per        *string
	Window     *Window
	Every      *calendar.Interval
	Raise      *Raise
	Lower      *Lower
	WhenRun    *string
	Required   *bool
	Overage    *Overage
	Metric     *string
	Thresholds *[]Threshold
}

// grantMembers are the names of a grant's members in JSON.
var grantMembers = []string{
	"kind", "active", "unlimited", "limit", "per", "window", "every", "raise", "lower", "when_run", "required", "overage", "metric", "thresholds",
}

// LimitTo returns an override that sets the limit.
func LimitTo(n int64) Override {
	limit := decimal.NewFromInt(n)
	return Override{Limit: &limit}
}

// ExtraOf returns an override that adds to the limit.
func ExtraOf(n int64) Override {
	extra := decimal.NewFromInt(n)
	return Override{Extra: &extra}
}

// Turn returns an override that turns a feature on or off.
func Turn(on bool) Override { return Override{Active: &on} }

// Instead returns an override that replaces a grant as a whole, and that also works
// where the plan has none.
func Instead(g Grant) Override {
	g = g.Clone()
	o := Override{
		Kind: &g.Kind, Active: &g.Active, Unlimited: &g.Unlimited, Limit: &g.Limit, Window: &g.Window, Every: &g.Every,
		WhenRun: &g.WhenRun, Required: &g.Required, Overage: &g.Overage, Metric: &g.Metric, Thresholds: &g.Thresholds,
	}
	// With a limit, those of the plan do not count.
	if g.Per != "" {
		o.Per = &g.Per
	}
	if g.Raise != "" {
		o.Raise = &g.Raise
	}
	if g.Lower != "" {
		o.Lower = &g.Lower
	}
	return o
}

// Members returns the names in JSON of the members that the override sets, in the
// order of the fields; "extra" is one of them.
func (o Override) Members() []string {
	var names []string
	for _, m := range []struct {
		name string
		set  bool
	}{
		{"kind", o.Kind != nil},
		{"active", o.Active != nil},
		{"unlimited", o.Unlimited != nil},
		{"limit", o.Limit != nil},
		{"extra", o.Extra != nil},
		{"per", o.Per != nil},
		{"window", o.Window != nil},
		{"every", o.Every != nil},
		{"raise", o.Raise != nil},
		{"lower", o.Lower != nil},
		{"when_run", o.WhenRun != nil},
		{"required", o.Required != nil},
		{"overage", o.Overage != nil},
		{"metric", o.Metric != nil},
		{"thresholds", o.Thresholds != nil},
	} {
		if m.set {
			names = append(names, m.name)
		}
	}
	return names
}

// IsZero reports whether the override sets nothing.
func (o Override) IsZero() bool { return len(o.Members()) == 0 }

// Merge returns o with the members that later sets. Merging the same override twice
// has no further effect.
func (o Override) Merge(later Override) Override {
	next := o.Clone()
	later = later.Clone()
	put(&next.Kind, later.Kind)
	put(&next.Active, later.Active)
	put(&next.Unlimited, later.Unlimited)
	put(&next.Limit, later.Limit)
	put(&next.Extra, later.Extra)
	put(&next.Per, later.Per)
	put(&next.Window, later.Window)
	put(&next.Every, later.Every)
	put(&next.Raise, later.Raise)
	put(&next.Lower, later.Lower)
	put(&next.WhenRun, later.WhenRun)
	put(&next.Required, later.Required)
	put(&next.Overage, later.Overage)
	put(&next.Metric, later.Metric)
	put(&next.Thresholds, later.Thresholds)
	return next
}

func put[T any](member **T, later *T) {
	if later != nil {
		*member = later
	}
}

// over returns the grant in force: base, which may be the zero Grant, with the
// override applied.
func (o Override) over(base Grant) Grant {
	g := base
	if base.Kind == "" {
		g.Active = true
	}
	set(&g.Kind, o.Kind)
	set(&g.Active, o.Active)
	set(&g.Unlimited, o.Unlimited)
	if o.Limit != nil {
		g.Limit, g.Per, g.Raise, g.Lower = *o.Limit, "", "", ""
	}
	set(&g.Per, o.Per)
	set(&g.Window, o.Window)
	set(&g.Every, o.Every)
	set(&g.Raise, o.Raise)
	set(&g.Lower, o.Lower)
	set(&g.WhenRun, o.WhenRun)
	set(&g.Required, o.Required)
	set(&g.Overage, o.Overage)
	set(&g.Metric, o.Metric)
	set(&g.Thresholds, o.Thresholds)
	g.Thresholds = slices.Clone(g.Thresholds)
	if o.Extra != nil && g.Per == "" {
		g.Limit = g.Limit.Add(*o.Extra)
	}
	if !g.Window.measured() && o.Window != nil && o.Every == nil {
		// An override that removes a window with a length removes its length too.
		g.Every = calendar.Interval{}
	}
	if !g.Window.startsOver() && o.Window != nil {
		if o.Raise == nil {
			g.Raise = ""
		}
		if o.Lower == nil {
			g.Lower = ""
		}
	}
	if g.overage() != Rate && o.Overage != nil && o.Metric == nil {
		g.Metric = ""
	}
	return g
}

func set[T any](member *T, to *T) {
	if to != nil {
		*member = *to
	}
}

// whole returns the limit for all units: the override's Extra is in it once.
func (o Override) whole(g Grant, units decimal.Decimal) decimal.Decimal {
	if g.Per == "" {
		return g.Limit
	}
	all := g.Limit.Mul(units)
	if o.Extra != nil {
		all = all.Add(*o.Extra)
	}
	return all
}

// Clone returns a copy that shares no memory with o.
func (o Override) Clone() Override {
	next := Override{
		Kind: copied(o.Kind), Active: copied(o.Active), Unlimited: copied(o.Unlimited), Limit: copied(o.Limit),
		Extra: copied(o.Extra), Per: copied(o.Per), Window: copied(o.Window), Every: copied(o.Every),
		Raise: copied(o.Raise), Lower: copied(o.Lower), WhenRun: copied(o.WhenRun),
		Required: copied(o.Required), Overage: copied(o.Overage), Metric: copied(o.Metric), Thresholds: copied(o.Thresholds),
	}
	if next.Thresholds != nil {
		*next.Thresholds = slices.Clone(*next.Thresholds)
	}
	return next
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// Equal reports whether two overrides set the same members to the same values:
// decimals by value, and no thresholds whether nil or empty.
func (o Override) Equal(p Override) bool {
	return same(o.Kind, p.Kind) && same(o.Active, p.Active) && same(o.Unlimited, p.Unlimited) &&
		sameBy(o.Limit, p.Limit, decimal.Decimal.Equal) && sameBy(o.Extra, p.Extra, decimal.Decimal.Equal) &&
		same(o.Per, p.Per) && same(o.Window, p.Window) && same(o.Every, p.Every) &&
		same(o.Raise, p.Raise) && same(o.Lower, p.Lower) && same(o.WhenRun, p.WhenRun) &&
		same(o.Required, p.Required) && same(o.Overage, p.Overage) && same(o.Metric, p.Metric) &&
		sameBy(o.Thresholds, p.Thresholds, func(a, b []Threshold) bool { return slices.EqualFunc(a, b, Threshold.Equal) })
}

func same[T comparable](a, b *T) bool {
	return sameBy(a, b, func(x, y T) bool { return x == y })
}

func sameBy[T any](a, b *T, equal func(x, y T) bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equal(*a, *b)
}

// Overrides are the overrides of one subscription, by the keys of the features. Nil
// equals an empty map.
type Overrides map[Key]Override

// Keys returns the keys with an override, in alphabetical order.
func (o Overrides) Keys() []Key { return slices.Sorted(maps.Keys(o)) }

// Clone returns a copy that shares no memory with o; nil for nil.
func (o Overrides) Clone() Overrides {
	if o == nil {
		return nil
	}
	next := make(Overrides, len(o))
	for k, v := range o {
		next[k] = v.Clone()
	}
	return next
}

// Equal reports whether two sets of overrides are the same; see [Override.Equal].
func (o Overrides) Equal(p Overrides) bool { return maps.EqualFunc(o, p, Override.Equal) }

// Apply returns the grants in force: those of the plan with the overrides applied. It
// does not validate them.
func (o Overrides) Apply(plan Set) Set {
	next := make(Set, len(plan)+len(o))
	for _, k := range unionKeys(plan, o) {
		next[k] = o[k].over(plan[k].Clone())
	}
	return next
}

func unionKeys(plan Set, overrides Overrides) []Key {
	keys := slices.Concat(plan.Keys(), overrides.Keys())
	slices.Sort(keys)
	return slices.Compact(keys)
}

// keyPath is the path of a member of what a key holds.
func keyPath(k Key, member string) string {
	path := strictjson.Key("", string(k))
	if member == "" {
		return path
	}
	return strictjson.Key(path, member)
}
