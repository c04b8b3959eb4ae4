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
	"github.com/perennial-billing/perennial/internal/strictjson"
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
	key      Key
	granted  bool
	grant    Grant
	override *Override // nil: none
	added    *Addition // nil: nothing comes from add-ons
	origin   Origin
	terms    Terms

	limit     count
	told      bool            // the terms said the limit
	condition string          // "": none
	open      bool            // granted, active, not dormant and without a condition
	blocks    bool            // a use beyond the limit is refused
	code      windowCode      // of the grant's window
	window    calendar.Period // the calendar window or billing period of terms.At
	span      *span           // the same; nil if there is none
	windowed  span            // what span points to
	triggers  []trigger       // thresholds in the quota scope
	quiet     count           // the use up to which none of them is exceeded
	tiers     []count
	tierAlert []Threshold // thresholds in the tier scope
}

// trigger is a threshold and the use beyond which it is exceeded.
type trigger struct {
	threshold Threshold
	at        count
}

// Resolve returns the entitlement to one feature: the grant of the plan with the
// override for it applied. A feature that neither grants is not an error: its
// entitlement denies with [ErrNotGranted]. An invalid grant, override or terms are an
// error.
func Resolve(key Key, plan Set, overrides Overrides, t Terms) (*Entitlement, error) {
	base, inPlan := plan[key]
	override, overridden := overrides[key]
	return resolve(key, &base, inPlan, &override, overridden, &t, false)
}

// resolve is Resolve; valid says that the plan's grant was found valid before.
func resolve(key Key, base *Grant, inPlan bool, override *Override, overridden bool, t *Terms, valid bool) (*Entitlement, error) {
	e := &Entitlement{key: key, terms: *t}
	e.terms.At, e.terms.Tiers, e.terms.Windows, e.terms.Limits, e.terms.Additions = instant(t.At), nil, nil, nil, nil
	e.terms.Period.Start, e.terms.Period.End = instant(t.Period.Start), instant(t.Period.End)
	if !t.Until.IsZero() {
		e.terms.Until = instant(t.Until)
		if err := e.terms.untilFault(); err != nil {
			return nil, fmt.Errorf("feature: resolve: %w", fault.At("until", err))
		}
	}
	if t.Additions != nil && inPlan {
		if added, ok := t.Additions[key]; ok {
			e.added = &Addition{slices.Clone(added.Attachments), added.Alone}
		}
	}
	switch {
	case inPlan && (overridden || e.added != nil && !e.added.Alone):
		e.origin = Merged
	case inPlan && e.added != nil:
		e.origin = FromAddOn
	case inPlan:
		e.origin = FromPlan
	case overridden:
		e.origin = FromOverride
	default:
		return e, nil
	}
	e.grant = *base
	e.grant.Thresholds = slices.Clone(base.Thresholds)
	if overridden {
		own := override.Clone()
		e.override = &own
		e.grant = own.over(e.grant)
	}
	e.granted = true
	if e.grant.Window == Anchored {
		w := t.Windows[key]
		e.terms.Period.Start, e.terms.Period.End = instant(w.Start), instant(w.End)
	}
	limit := &e.grant.Limit
	if t.Limits != nil {
		if special, told := t.Limits[key]; told && e.grant.Kind != Switch && !e.grant.Unlimited {
			limit, e.told = &special, true
		}
	}
	if err := e.compile(limit, t.Tiers[key], valid && !overridden); err != nil {
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

// compile computes what every question needs; limit is the one in force, and valid says that
// the grant is.
func (e *Entitlement) compile(limit *decimal.Decimal, tiers []decimal.Decimal, valid bool) error {
	if !valid {
		if found := e.grant.faults(); len(found) > 0 {
			return fmt.Errorf("feature: resolve: %w", strictjson.JoinErrors(below(keyPath(e.key, ""), found)))
		}
	}
	if e.grant.WhenRun != Always {
		e.condition = e.grant.WhenRun
	}
	e.open = e.granted && e.grant.Active && !e.terms.Dormant && e.condition == ""
	e.blocks = e.grant.overage() == Block
	e.code = e.grant.Window.code()
	if e.grant.Kind == Switch {
		return nil
	}
	if e.grant.Per != "" && !e.told && !e.grant.Unlimited {
		return fmt.Errorf("feature: resolve: %w", fault.At(keyPath(e.key, "per"), fault.Required.Errorf("the terms must have the limit for all units")))
	}
	var err error
	if e.limit, err = countOf(*limit); err != nil {
		return fmt.Errorf("feature: resolve: %s: limit: %w", e.key, err)
	}
	if err := e.compileWindow(); err != nil {
		return err
	}
	if err := e.compileTiers(tiers); err != nil {
		return err
	}
	for _, t := range e.grant.Thresholds {
		switch {
		case t.Percent.IsZero():
		case t.scope() == TierScope:
			e.tierAlert = append(e.tierAlert, t)
		case !e.grant.Unlimited:
			at := countAny(t.trigger(*limit))
			if len(e.triggers) == 0 || at.cmp(e.quiet) < 0 {
				e.quiet = at
			}
			e.triggers = append(e.triggers, trigger{t, at})
		}
	}
	return nil
}

func (e *Entitlement) compileWindow() error {
	if e.grant.Kind != Allowance {
		return nil
	}
	switch e.grant.Window {
	case BillingPeriod, Anchored:
		if !e.terms.Period.Contains(e.terms.At) {
			return fmt.Errorf("%w: %s: %s does not hold %s", ErrStale, e.key, e.terms.Period, calendar.FormatInstant(e.terms.At))
		}
		e.window = e.terms.Period
	case Day, Week, Month, Year:
		w, err := WindowAt(e.grant.Window, e.terms.At, e.terms.Zone)
		if err != nil {
			return err
		}
		e.window = w
	case Life, Rolling:
		return nil
	}
	e.windowed = spanOf(e.window)
	e.span = &e.windowed
	return nil
}

func (e *Entitlement) compileTiers(tiers []decimal.Decimal) error {
	for i, upTo := range tiers {
		n, err := countOf(upTo)
		if err != nil {
			return fmt.Errorf("feature: resolve: %s: tiers[%d]: %w", e.key, i, err)
		}
		var last count
		if i > 0 {
			last = e.tiers[i-1]
		}
		if n.cmp(last) <= 0 {
			return fault.OutOfOrder.Errorf("feature: resolve: %s: tiers[%d]: must exceed %s", e.key, i, last)
		}
		e.tiers = append(e.tiers, n)
	}
	return nil
}

// Key returns the key of the feature.
func (e *Entitlement) Key() Key { return e.key }

// Granted reports whether the plan or an override grants the feature, turned on or
// not.
func (e *Entitlement) Granted() bool { return e.granted }

// Grant returns a copy of the grant in force: the plan's with the override applied.
// It is the zero Grant if nothing is granted.
func (e *Entitlement) Grant() Grant { return e.grant.Clone() }

// Limit returns the limit in force, and whether there is one: false for a switch, for what
// is unlimited and for what is not granted. It is that of the grant, unless the grant is
// for each unit of a charge or the limit changed within the window; see [Grant].
func (e *Entitlement) Limit() (decimal.Decimal, bool) {
	if !e.granted || e.grant.Kind == Switch || e.grant.Unlimited {
		return decimal.Decimal{}, false
	}
	return e.limit.decimal(), true
}

// Origin says where the grant comes from; empty if nothing is granted.
func (e *Entitlement) Origin() Origin { return e.origin }

// OriginOf says where one member of the grant comes from, by its name in JSON:
// "limit", "active". It is empty for a name that is not a member, and if nothing is
// granted.
func (e *Entitlement) OriginOf(member string) Origin {
	switch {
	case !e.granted || !slices.Contains(grantMembers, member):
		return ""
	case e.origin != Merged:
		return e.origin
	case e.override != nil && slices.Contains(e.override.Members(), member):
		return FromOverride
	case member == "limit" && e.override != nil && e.override.Extra != nil:
		return Merged
	case e.added == nil:
		return FromPlan
	case e.added.Alone:
		return FromAddOn
	case slices.Contains(joined, member):
		return Merged
	}
	return FromPlan
}

// joined are the members to which add-ons contribute.
var joined = []string{"active", "unlimited", "limit", "required"}

// Dormant reports whether the subscription's state keeps the entitlement dormant.
func (e *Entitlement) Dormant() bool { return e.terms.Dormant }

// Zone returns the zone in which calendar windows run.
func (e *Entitlement) Zone() calendar.Zone { return e.terms.Zone }

// ResolvedAt returns the instant of the terms, in UTC.
func (e *Entitlement) ResolvedAt() time.Time { return e.terms.At }

// untilFault reports an end of the terms that is not after their instant.
func (t Terms) untilFault() error {
	if !t.Until.IsZero() && !t.Until.After(t.At) {
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
	end := e.window.End
	if until := e.terms.Until; end.IsZero() || !until.IsZero() && until.Before(end) {
		return until
	}
	return end.UTC()
}

// Window returns the window in which a use at an instant counts: for a calendar
// window, a billing period or a window from the anchor that period; for a rolling window
// the zero Period, as for switches, limits and allowances for life, which have none. It
// fails with [ErrStale] outside the billing period, or the window from the anchor, of the
// terms.
func (e *Entitlement) Window(at time.Time) (calendar.Period, error) {
	if e.window.IsZero() || e.window.Contains(at) {
		return e.window, nil
	}
	if e.grant.Window == BillingPeriod || e.grant.Window == Anchored {
		return calendar.Period{}, ErrStale
	}
	return WindowAt(e.grant.Window, at, e.terms.Zone)
}

// String describes the entitlement in one line: "rescan: 10 per day (plan)".
func (e *Entitlement) String() string {
	text := "not granted"
	switch {
	case !e.granted:
	case !e.grant.Active:
		text = "off"
	case e.grant.Kind == Switch:
		text = "on"
	default:
		text = e.limitText()
		switch e.grant.Kind {
		case Limit:
			text += " in use at a time"
		case Allowance:
			text += e.windowText()
		case Switch:
		}
	}
	if e.granted {
		text += " (" + string(e.origin) + ")"
	}
	if e.terms.Dormant {
		text += ", dormant"
	}
	return string(e.key) + ": " + text
}

func (e *Entitlement) limitText() string {
	if e.grant.Unlimited {
		return "unlimited"
	}
	if e.told {
		return e.limit.String()
	}
	return dec.String(e.grant.Limit)
}

func (e *Entitlement) windowText() string {
	switch e.grant.Window {
	case Life:
		return " for life"
	case Rolling:
		return " in any " + e.grant.Every.String()
	case BillingPeriod:
		return " per billing period"
	case Anchored:
		return " in each " + e.grant.Every.String() + " from the anchor"
	case Day, Week, Month, Year:
	}
	return " per " + string(e.grant.Window)
}
