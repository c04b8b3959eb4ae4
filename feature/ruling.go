package feature

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// A ruling is what an entitlement says at every instant and under any status: the grant in
// force, and what every question asks of it. It is never changed, so that all entitlements
// to one feature of a compiled plan share one.
type ruling struct {
	key      Key
	granted  bool
	grant    Grant
	override *Override // nil: none
	added    *Addition // nil: nothing comes from add-ons
	origin   Origin

	limit     count
	told      bool       // the terms said the limit
	condition string     // "": none
	active    bool       // granted, active and without a condition
	blocks    bool       // a use beyond the limit is refused
	code      windowCode // of the grant's window
	triggers  []trigger  // thresholds in the quota scope
	quiet     count      // the use up to which none of them is exceeded
	tiers     []count
	tierAlert []Threshold // thresholds in the tier scope
}

// nothing is the ruling of the zero Entitlement. It is never changed.
var nothing ruling

// trigger is a threshold and the use beyond which it is exceeded.
type trigger struct {
	threshold Threshold
	at        count
}

// compile computes what does not depend on the window; limit is the one in force.
func (r *ruling) compile(limit *decimal.Decimal) error {
	if found := r.grant.faults(); len(found) > 0 {
		return fmt.Errorf("feature: resolve: %w", strictjson.JoinErrors(below(keyPath(r.key, ""), found)))
	}
	if r.grant.WhenRun != Always {
		r.condition = r.grant.WhenRun
	}
	r.active = r.granted && r.grant.Active && r.condition == ""
	r.blocks = r.grant.overage() == Block
	r.code = r.grant.Window.code()
	if r.grant.Kind == Switch {
		return nil
	}
	if r.grant.Per != "" && !r.told && !r.grant.Unlimited {
		return fmt.Errorf("feature: resolve: %w", fault.At(keyPath(r.key, "per"), fault.Required.Errorf("the terms must have the limit for all units")))
	}
	var err error
	if r.limit, err = countOf(*limit); err != nil {
		return fmt.Errorf("feature: resolve: %s: limit: %w", r.key, err)
	}
	return nil
}

// compileTiers computes the thresholds, of which some are of price tiers.
func (r *ruling) compileTiers(limit *decimal.Decimal, tiers []decimal.Decimal) error {
	if r.grant.Kind == Switch {
		return nil
	}
	for i, upTo := range tiers {
		n, err := countOf(upTo)
		if err != nil {
			return fmt.Errorf("feature: resolve: %s: tiers[%d]: %w", r.key, i, err)
		}
		var last count
		if i > 0 {
			last = r.tiers[i-1]
		}
		if n.cmp(last) <= 0 {
			return fault.OutOfOrder.Errorf("feature: resolve: %s: tiers[%d]: must exceed %s", r.key, i, last)
		}
		r.tiers = append(r.tiers, n)
	}
	for _, t := range r.grant.Thresholds {
		switch {
		case t.Percent.IsZero():
		case t.scope() == TierScope:
			r.tierAlert = append(r.tierAlert, t)
		case !r.grant.Unlimited:
			at := countAny(t.trigger(*limit))
			if len(r.triggers) == 0 || at.cmp(r.quiet) < 0 {
				r.quiet = at
			}
			r.triggers = append(r.triggers, trigger{t, at})
		}
	}
	return nil
}

// prepare is [seam.Granting.Prepare].
func prepare(key string, grant Grant) *Entitlement {
	if grant.Per != "" || grant.Window == Anchored || grant.raise() == RaiseShare || grant.lower() == LowerNextWindow || len(grant.Thresholds) > 0 {
		return nil
	}
	r := &ruling{key: Key(key), granted: true, grant: grant, origin: FromPlan}
	if r.compile(&r.grant.Limit) != nil {
		return nil
	}
	return &Entitlement{of: r}
}

// under is [seam.Granting.Under].
func under(prepared *Entitlement, key string, at time.Time, zone calendar.Zone, period calendar.Period, dormant bool) (*Entitlement, error) {
	if prepared == nil {
		return resolve(Key(key), nil, false, nil, false, &Terms{At: at, Zone: zone, Period: period, Dormant: dormant})
	}
	e := prepared.at(at, zone, dormant)
	e.period = spanOf(period)
	if err := e.findWindow(); err != nil {
		return nil, err
	}
	return e, nil
}

// inGrid is [seam.Granting.InGrid].
func inGrid(prepared *Entitlement, at time.Time, zone calendar.Zone, grid *calendar.Schedule, dormant bool) (*Entitlement, error) {
	e := prepared.at(at, zone, dormant)
	if prepared.of.grant.Window != BillingPeriod {
		e.grid = *grid
		return e, e.findWindow()
	}
	period, err := grid.PeriodAt(at)
	if err != nil {
		return nil, err
	}
	e.period = spanOf(period)
	e.window, e.windowed = e.period, true
	return e, nil
}

// at returns what was prepared at an instant, without any period.
func (e *Entitlement) at(t time.Time, zone calendar.Zone, dormant bool) *Entitlement {
	return &Entitlement{of: e.of, zone: zone, resolved: momentOf(t), until: zeroMoment, dormant: dormant, open: e.of.active && !dormant}
}
