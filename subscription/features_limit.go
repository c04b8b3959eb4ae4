package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// special reports whether a grant asks for more than its own limit and a window that
// everybody knows.
func special(g *feature.Grant) bool {
	return g.Per != "" || g.Window == feature.Anchored || midway(g)
}

// midway reports whether a limit that changes within a window is not the new one there.
func midway(g *feature.Grant) bool {
	return g.Raise == feature.RaiseShare || g.Lower == feature.LowerNextWindow
}

// tell adds to terms what only the life of the subscription tells of the features in
// force in span i.
func (c *core) tell(terms *feature.Terms, i int, applied feature.Set) error {
	var errs []error
	for key, g := range applied {
		if !special(&g) {
			continue
		}
		if g.Window == feature.Anchored {
			w, err := c.anchored(i, terms.At, g.Every)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if terms.Windows == nil {
				terms.Windows = map[feature.Key]calendar.Period{}
			}
			terms.Windows[key] = w
		}
		limit, told, err := c.limit(key, i, terms.At)
		switch {
		case err != nil:
			errs = append(errs, err)
		case told:
			if terms.Limits == nil {
				terms.Limits = map[feature.Key]decimal.Decimal{}
			}
			terms.Limits[key] = limit
		}
	}
	return errors.Join(errs...)
}

// A limited feature is a grant, with what an override adds to its limit apart.
type limited struct {
	grant feature.Grant
	whole decimal.Decimal // the limit for all units
	extra decimal.Decimal
	ok    bool // it is granted, with a limit
}

// limited returns what a span grants of a feature.
func (s *span) limited(key feature.Key) (limited, error) {
	set, overrides := s.terms.features(key, s.phase)
	var l limited
	if o, ok := overrides[key]; ok && o.Extra != nil {
		l.extra = *o.Extra
		o.Extra = nil
		overrides[key] = o
	}
	l.grant, l.ok = overrides.Apply(set)[key]
	l.ok = l.ok && l.grant.Kind != feature.Switch && !l.grant.Unlimited
	if l.whole = l.grant.Limit; !l.ok || l.grant.Per == "" {
		return l, nil
	}
	units, ok := s.terms.units(s.phase, l.grant.Per)
	if !ok {
		return l, fmt.Errorf("%w: %q, by which feature %q is limited", ErrNoCharge, l.grant.Per, key)
	}
	l.whole = l.whole.Mul(units)
	return l, nil
}

// limit returns the limit of a feature at t, in span i, and whether it is another than
// that of its grant: the limit for all units, and in the window that holds t what changes
// in it left of it.
//
// Within a window the changes are followed one by one. covered is the highest limit that
// the window has been given, in whole or by a share: only what a change adds to it adds to
// the limit in force, and only a limit that falls at once lowers it.
func (c *core) limit(key feature.Key, i int, t time.Time) (limit decimal.Decimal, told bool, err error) {
	now, err := c.span(i).limited(key)
	if err != nil || !now.ok {
		return decimal.Decimal{}, false, err
	}
	if !midway(&now.grant) {
		return now.whole.Add(now.extra), now.grant.Per != "", nil
	}
	w, err := c.windowOf(&now.grant, i, t)
	if err != nil {
		return decimal.Decimal{}, false, err
	}
	first := max(c.index(w.Start), 0)
	var covered decimal.Decimal
	var last limited
	for j := first; j <= i; j++ {
		s := c.span(j)
		if j < i && c.span(j+1).from.Equal(s.from) {
			continue // what was done at one instant is one change
		}
		is, err := s.limited(key)
		if err != nil {
			return decimal.Decimal{}, false, err
		}
		goesOn := last.ok && is.ok && last.grant.Kind == is.grant.Kind && last.grant.Window == is.grant.Window && last.grant.Every == is.grant.Every
		switch last = is; {
		case !is.ok:
		case !goesOn || !midway(&is.grant):
			limit, covered = is.whole, is.whole
		case is.whole.GreaterThan(covered):
			part, err := c.raised(&is.grant, j, is.whole.Sub(covered))
			if err != nil {
				return decimal.Decimal{}, false, err
			}
			limit, covered = limit.Add(part), is.whole
		case is.grant.Lower != feature.LowerNextWindow:
			limit, covered = decimal.Min(limit, is.whole), is.whole
		}
	}
	return limit.Add(now.extra), now.grant.Per != "" || !limit.Equal(now.whole), nil
}

// raised returns how much of what is added where span j begins there is in its window.
func (c *core) raised(g *feature.Grant, j int, by decimal.Decimal) (decimal.Decimal, error) {
	if g.Raise != feature.RaiseShare {
		return by, nil
	}
	s := c.span(j)
	w, err := c.windowOf(g, j, s.from)
	if err != nil || w.End.IsZero() {
		return by, err
	}
	num, den, err := calendar.ByDay.Fraction(calendar.Period{Start: s.from, End: w.End}, w, s.terms.zone)
	switch {
	case errors.Is(err, calendar.ErrEmptyPeriod):
		return by, nil
	case err != nil:
		return decimal.Decimal{}, err
	}
	part, _ := by.Mul(decimal.NewFromInt(num)).QuoRem(decimal.NewFromInt(den), feature.SharePlaces)
	return part, nil
}

// units returns the quantity of a charge: as the phase has it, otherwise as the first phase
// has it that does. False: the plan has no such charge, or it is metered.
func (t *terms) units(phase uint16, charge string) (decimal.Decimal, bool) {
	item, ok := t.phase(phase).Charge(charge)
	for i := 0; i < t.version.Phases() && !ok; i++ {
		item, ok = t.version.Phase(i).Charge(charge)
	}
	if !ok || item.Metric() != "" {
		return decimal.Decimal{}, false
	}
	return t.quantityOf(item), true
}

// countUnits fills in the units of charges if an override, or the grant below it, is for
// each of them.
func (s *span) countUnits(a *feature.Assignment, all ...feature.Overrides) {
	a.Units = nil
	named := false
	for _, g := range a.Plan {
		named = named || g.Per != ""
	}
	for _, overrides := range all {
		for _, o := range overrides {
			named = named || o.Per != nil && *o.Per != ""
		}
	}
	if !named {
		return
	}
	a.Units = map[string]decimal.Decimal{}
	for i := range s.terms.version.Phases() {
		for item := range s.terms.version.Phase(i).Charges() {
			if units, ok := s.terms.units(s.phase, item.ID()); ok {
				a.Units[item.ID()] = units
			}
		}
	}
}

// lostUnits reports whether an override is for each unit of a charge that a plan lacks.
func (t *terms) lostUnits(o feature.Override) bool {
	if o.Per == nil || *o.Per == "" {
		return false
	}
	return t.takesQuantity(*o.Per) != nil
}
