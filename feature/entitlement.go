package feature

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

// Terms are the facts of one subscription at one instant under which entitlements are
// resolved.
type Terms struct {
	// At is the instant, for which the current window is computed in advance. The
	// entitlement can be asked about other instants too.
	At time.Time
	// Zone is the zone of calendar windows; zero is UTC.
	Zone calendar.Zone
	// Period is the billing period that holds At, for allowances per billing period.
	// An open one never resets. It may be zero if no grant needs it.
	Period calendar.Period
	// Dormant says that the subscription's state keeps its entitlements dormant.
	Dormant bool
	// Until is the instant until which these terms and the grant hold without anything
	// new; see [Entitlement.Until]. Zero: nothing is known that ends them. Otherwise it
	// must lie after At.
	Until time.Time
	// Windows are the windows that hold At of allowances that are counted from the anchor
	// of the subscription ([Anchored]), by feature; an open one never resets. An
	// entitlement to one holds it, and writes it, as its period.
	Windows map[Key]calendar.Period
	// Additions say which part of what is given to [Resolve] as the plan's comes from
	// add-ons, by feature.
	Additions map[Key]Addition
	// Limits are the limits that are not what the grant says, by feature: those for each
	// unit, for all units, with the Extra of an override; and those that a change within
	// the window raised by a share, or will lower in the next one.
	Limits map[Key]decimal.Decimal
	// Tiers are the inclusive upper bounds of the price tiers of a feature,
	// ascending, for thresholds in the tier scope. An open last tier has none.
	Tiers map[Key][]decimal.Decimal
}

// Entitlement is what one subscription's owner may do with one feature under given
// [Terms]. It is an immutable result, made by [Resolve] and shared by pointer; the
// zero Entitlement grants nothing.
type Entitlement struct {
	of       *ruling // nil: nothing is granted
	zone     calendar.Zone
	resolved moment // the instant of the terms
	until    moment
	period   span              // of the terms
	grid     calendar.Schedule // if it is not zero, the period is the one of it
	window   span              // the calendar window or billing period of the instant, if windowed
	dormant  bool
	open     bool // granted, active, not dormant and without a condition
	windowed bool
}

// rules returns what is in force.
func (e *Entitlement) rules() *ruling {
	if e.of == nil {
		return &nothing
	}
	return e.of
}

// Resolve returns the entitlement to one feature: the grant of the plan with the
// override for it applied. A feature that neither grants is not an error: its
// entitlement denies with [ErrNotGranted]. An invalid grant, override or terms are an
// error.
func Resolve(key Key, plan Set, overrides Overrides, t Terms) (*Entitlement, error) {
	base, inPlan := plan[key]
	override, overridden := overrides[key]
	return resolve(key, &base, inPlan, &override, overridden, &t)
}

// resolve is Resolve of one grant and one override.
func resolve(key Key, base *Grant, inPlan bool, override *Override, overridden bool, t *Terms) (*Entitlement, error) {
	if err := t.untilFault(); err != nil {
		return nil, fmt.Errorf("feature: resolve: %w", fault.At("until", err))
	}
	both := &struct {
		Entitlement
		rules ruling
	}{rules: ruling{key: key}}
	e, r := &both.Entitlement, &both.rules
	e.of = r
	if t.Additions != nil && inPlan {
		if added, ok := t.Additions[key]; ok {
			r.added = &Addition{slices.Clone(added.Attachments), added.Alone}
		}
	}
	switch {
	case inPlan && (overridden || r.added != nil && !r.added.Alone):
		r.origin = Merged
	case inPlan && r.added != nil:
		r.origin = FromAddOn
	case inPlan:
		r.origin = FromPlan
	case overridden:
		r.origin = FromOverride
	default:
		e.under(t, t.Period)
		return e, nil
	}
	r.grant = *base
	r.grant.Thresholds = slices.Clone(base.Thresholds)
	if overridden {
		own := override.Clone()
		r.override = &own
		r.grant = own.over(r.grant)
	}
	r.granted = true
	period := t.Period
	if r.grant.Window == Anchored {
		period = t.Windows[key]
	}
	limit := &r.grant.Limit
	if t.Limits != nil {
		if special, told := t.Limits[key]; told && r.grant.Kind != Switch && !r.grant.Unlimited {
			limit, r.told = &special, true
		}
	}
	if err := e.compile(t, period, limit, t.Tiers[key]); err != nil {
		return nil, err
	}
	return e, nil
}

// ResolveAll returns the entitlements to every feature that the plan or an override
// grants, in the order of the keys.
func ResolveAll(plan Set, overrides Overrides, t Terms) ([]*Entitlement, error) {
	var (
		all  []*Entitlement
		errs []error
	)
	for _, k := range unionKeys(plan, overrides) {
		e, err := Resolve(k, plan, overrides, t)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, e)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// compile computes what every question needs; limit is the one in force.
func (e *Entitlement) compile(t *Terms, period calendar.Period, limit *decimal.Decimal, tiers []decimal.Decimal) error {
	if err := e.of.compile(limit); err != nil {
		return err
	}
	e.under(t, period)
	if err := e.findWindow(); err != nil {
		return err
	}
	return e.of.compileTiers(limit, tiers)
}

// under puts the entitlement under terms, with the period in which the grant is counted, if
// it is counted by one.
func (e *Entitlement) under(t *Terms, period calendar.Period) {
	e.zone, e.dormant = t.Zone, t.Dormant
	e.resolved, e.until = momentOf(t.At), momentOf(t.Until)
	e.period = spanOf(period)
	e.open = e.of.active && !e.dormant
}

// findWindow computes the window that holds the instant of the terms.
func (e *Entitlement) findWindow() error {
	g := &e.of.grant
	if g.Kind != Allowance {
		return nil
	}
	switch g.Window {
	case BillingPeriod, Anchored:
		if e.period.isZero() || !e.period.holds(e.resolved) {
			return fmt.Errorf("%w: %s: %s does not hold %s", ErrStale, e.of.key, e.period.period(), calendar.FormatInstant(e.resolved.time()))
		}
		e.window = e.period
	case Day, Week, Month, Year:
		w, err := WindowAt(g.Window, e.resolved.time(), e.zone)
		if err != nil {
			return err
		}
		e.window = spanOf(w)
	case Life, Rolling:
		return nil
	}
	e.windowed = true
	return nil
}

// Key returns the key of the feature.
func (e *Entitlement) Key() Key { return e.rules().key }

// Granted reports whether the plan or an override grants the feature, turned on or
// not.
func (e *Entitlement) Granted() bool { return e.rules().granted }

// Grant returns a copy of the grant in force: the plan's with the override applied.
// It is the zero Grant if nothing is granted.
func (e *Entitlement) Grant() Grant { return e.rules().grant.Clone() }

// Limit returns the limit in force, and whether there is one: false for a switch, for what
// is unlimited and for what is not granted. It is that of the grant, unless the grant is
// for each unit of a charge or the limit changed within the window; see [Grant].
func (e *Entitlement) Limit() (decimal.Decimal, bool) {
	if !e.rules().granted || e.rules().grant.Kind == Switch || e.rules().grant.Unlimited {
		return decimal.Decimal{}, false
	}
	return e.rules().limit.decimal(), true
}

// Origin says where the grant comes from; empty if nothing is granted.
func (e *Entitlement) Origin() Origin { return e.rules().origin }

// OriginOf says where one member of the grant comes from, by its name in JSON:
// "limit", "active". It is empty for a name that is not a member, and if nothing is
// granted.
func (e *Entitlement) OriginOf(member string) Origin {
	switch {
	case !e.rules().granted || !slices.Contains(grantMembers, member):
		return ""
	case e.rules().origin != Merged:
		return e.rules().origin
	case e.rules().override != nil && slices.Contains(e.rules().override.Members(), member):
		return FromOverride
	case member == "limit" && e.rules().override != nil && e.rules().override.Extra != nil:
		return Merged
	case e.rules().added == nil:
		return FromPlan
	case e.rules().added.Alone:
		return FromAddOn
	case slices.Contains(joined, member):
		return Merged
	}
	return FromPlan
}

// joined are the members to which add-ons contribute.
var joined = []string{"active", "unlimited", "limit", "required"}

// Dormant reports whether the subscription's state keeps the entitlement dormant.
func (e *Entitlement) Dormant() bool { return e.dormant }

// Zone returns the zone in which calendar windows run.
func (e *Entitlement) Zone() calendar.Zone { return e.zone }

// ResolvedAt returns the instant of the terms, in UTC.
func (e *Entitlement) ResolvedAt() time.Time {
	if e.of == nil {
		return time.Time{}
	}
	return e.resolved.time()
}

// terms returns what was known when it was resolved, of the feature itself.
func (e *Entitlement) terms() Terms {
	if e.of == nil {
		return Terms{}
	}
	at, period := e.resolved.time(), e.period.period()
	if !e.grid.IsZero() {
		period, _ = e.grid.PeriodAt(at) // which answers: see [seam.Granting.InGrid]
	}
	return Terms{At: at, Zone: e.zone, Period: period, Dormant: e.dormant, Until: e.until.time()}
}

// untilFault reports an end of the terms that is not after their instant.
func (t *Terms) untilFault() error {
	if !t.Until.IsZero() && !momentOf(t.At).before(momentOf(t.Until)) {
		return fault.OutOfOrder.Errorf("must lie after the instant of the terms")
	}
	return nil
}

// Until returns the instant until which the answer holds by itself, exclusive: before it
// the entitlement is the same at every instant, and at it something is known to be
// different. It is the end of the window that holds the instant of the terms, or what the
// terms say if that comes first: of those that a subscription gives, the first change of
// status, plan, phase, price tier or override that makes this entitlement another one.
// Zero: nothing is known that would change it. A new command may change it at any time,
// and a use what is left of it; a rolling window moves on all the time, and ends nothing.
func (e *Entitlement) Until() time.Time {
	if e.of == nil {
		return time.Time{}
	}
	end, until := e.window.ends(), e.until.time()
	if !e.windowed || end.IsZero() || !until.IsZero() && until.Before(end) {
		return until
	}
	return end
}

// Window returns the window in which a use at an instant counts: for a calendar
// window, a billing period or a window from the anchor that period; for a rolling window
// the zero Period, as for switches, limits and allowances for life, which have none. It
// fails with [ErrStale] outside the billing period, or the window from the anchor, of the
// terms.
func (e *Entitlement) Window(at time.Time) (calendar.Period, error) {
	switch {
	case !e.windowed:
		return calendar.Period{}, nil
	case e.window.holds(momentOf(at)):
		return e.window.period(), nil
	}
	if e.rules().grant.Window == BillingPeriod || e.rules().grant.Window == Anchored {
		return calendar.Period{}, ErrStale
	}
	return WindowAt(e.rules().grant.Window, at, e.zone)
}

// String describes the entitlement in one line: "rescan: 10 per day (plan)".
func (e *Entitlement) String() string {
	text := "not granted"
	switch {
	case !e.rules().granted:
	case !e.rules().grant.Active:
		text = "off"
	case e.rules().grant.Kind == Switch:
		text = "on"
	default:
		text = e.limitText()
		switch e.rules().grant.Kind {
		case Limit:
			text += " in use at a time"
		case Allowance:
			text += e.windowText()
		case Switch:
		}
	}
	if e.rules().granted {
		text += " (" + string(e.rules().origin) + ")"
	}
	if e.dormant {
		text += ", dormant"
	}
	return string(e.rules().key) + ": " + text
}

func (e *Entitlement) limitText() string {
	if e.rules().grant.Unlimited {
		return "unlimited"
	}
	if e.rules().told {
		return e.rules().limit.String()
	}
	return dec.String(e.rules().grant.Limit)
}

func (e *Entitlement) windowText() string {
	switch e.rules().grant.Window {
	case Life:
		return " for life"
	case Rolling:
		return " in any " + e.rules().grant.Every.String()
	case BillingPeriod:
		return " per billing period"
	case Anchored:
		return " in each " + e.rules().grant.Every.String() + " from the anchor"
	case Day, Week, Month, Year:
	}
	return " per " + string(e.rules().grant.Window)
}
