package plan

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
)

// Version is a compiled plan: what is sold. It is immutable and safe for concurrent
// use; subscriptions share it by pointer. Changing the plan it was compiled from
// changes nothing about it. Versions have no JSON: a subscription stores the
// [Ref], and a [Catalog] resolves it.
type Version struct {
	plan   Plan
	policy Policy
	stages []Stage
	packs  map[string]PackPrice
}

// Compile validates a plan, copies it deeply, and compiles its prices. The error
// joins a [*FieldError] for every fault of the plan.
func Compile(p Plan) (*Version, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plan: %q: %w", clip(p.Ref().String()), err)
	}
	p = p.Clone()
	v := &Version{
		plan:   p,
		policy: p.Policy.Or(DefaultPolicy()),
		stages: make([]Stage, len(p.Phases)+1),
		packs:  make(map[string]PackPrice, len(p.CreditPacks)),
	}
	for i, phase := range p.Phases {
		every := phase.Every
		if every.IsZero() {
			every = p.Every
		}
		v.stages[i] = Stage{id: phase.ID, every: every, cycles: phase.Cycles, length: phase.Length}
		if err := v.stages[i].compile(v, phase.Charges); err != nil {
			return nil, err
		}
	}
	last := &v.stages[len(p.Phases)]
	last.every = p.Every
	if err := last.compile(v, p.Charges); err != nil {
		return nil, err
	}
	for _, pack := range p.CreditPacks {
		price, err := pack.in(p.Currency, v.policy.Rounding)
		if err != nil {
			return nil, err
		}
		v.packs[pack.ID] = price
	}
	return v, nil
}

// MustCompile is [Compile] for plans that stand in a program. It panics on an error.
func MustCompile(p Plan) *Version {
	v, err := Compile(p)
	if err != nil {
		panic(err)
	}
	return v
}

// Ref returns the reference that subscriptions store.
func (v *Version) Ref() Ref { return v.plan.Ref() }

// ID returns the id of the plan.
func (v *Version) ID() string { return v.plan.ID }

// Number returns the number of the version, from 1.
func (v *Version) Number() int { return v.plan.Version }

// Name returns the name of the plan for people; it may be empty.
func (v *Version) Name() string { return v.plan.Name }

// Product returns the code of the product that the plan sells; it may be empty.
func (v *Version) Product() string { return v.plan.Product }

// String is the reference: "pro@3".
func (v *Version) String() string { return v.Ref().String() }

// Plan returns the definition, as a copy of the caller's own.
func (v *Version) Plan() Plan { return v.plan.Clone() }

// Currency returns the currency of every price.
func (v *Version) Currency() money.Currency { return v.plan.Currency }

// Every returns the billing interval of the plan after its phases; the zero interval
// if nothing recurs.
func (v *Version) Every() calendar.Interval { return v.plan.Every }

// MonthEnd returns the rule for months without the anchor's day, never empty.
func (v *Version) MonthEnd() calendar.MonthEnd { return or(v.plan.MonthEnd, calendar.Clamp) }

// Policy returns the choices that hold for subscriptions of the plan: its own over
// [DefaultPolicy]. No field is empty.
func (v *Version) Policy() Policy { return v.policy }

// Rounding is the policy's rounding of a line.
func (v *Version) Rounding() money.Rounding { return v.policy.Rounding }

// Trial returns the trial with its defaults filled in, and whether there is one.
func (v *Version) Trial() (Trial, bool) {
	if v.plan.Trial == nil {
		return Trial{}, false
	}
	t := *v.plan.Trial
	t.AtEnd = or(t.AtEnd, BillAtTrialEnd)
	return t, true
}

// Length returns the length with its defaults filled in, and whether there is one.
func (v *Version) Length() (Length, bool) {
	if v.plan.Length == nil {
		return Length{}, false
	}
	return v.plan.Length.resolved(), true
}

// Rules returns the rules with their defaults filled in: no field is empty.
func (v *Version) Rules() Rules { return v.plan.Rules.resolved() }

// Features returns what the plan grants, as a copy of the caller's own.
func (v *Version) Features() feature.Set { return v.plan.Features.Clone() }

// Feature returns one grant of the plan, and whether there is one for the key.
func (v *Version) Feature(key feature.Key) (feature.Grant, bool) {
	g, ok := v.plan.Features[key]
	return g.Clone(), ok
}

// CreditPack returns the credit pack of this id, and whether the plan sells it.
func (v *Version) CreditPack(id string) (CreditPack, bool) {
	for _, pack := range v.plan.CreditPacks {
		if pack.ID == id {
			return pack.clone(), true
		}
	}
	return CreditPack{}, false
}

// PackPrice returns what the credit pack of this id costs in the plan's currency and
// rounding, and whether the plan sells it.
func (v *Version) PackPrice(id string) (PackPrice, bool) {
	price, ok := v.packs[id]
	return price, ok
}

// Metric returns the metric of this id. One that a charge names and the plan does not
// declare is returned with the default aggregation. The second result is false for
// an id that is neither declared nor named: usage of it is an error.
func (v *Version) Metric(id string) (Metric, bool) {
	for _, m := range v.plan.Metrics {
		if m.ID == id {
			m.Aggregation = or(m.Aggregation, Sum)
			return m, true
		}
	}
	for i := range v.stages {
		for _, item := range v.stages[i].items {
			if item.metric == id && id != "" {
				return Metric{ID: id, Aggregation: Sum}, true
			}
		}
	}
	return Metric{}, false
}

// Stages returns the number of stages: one for each phase, and one for good.
func (v *Version) Stages() int { return len(v.stages) }

// Stage returns stage i, from 0. Stage i is phase i; the last one is the plan's own
// charges, which hold for good. It is nil if there is no such stage.
func (v *Version) Stage(i int) *Stage {
	if i < 0 || i >= len(v.stages) {
		return nil
	}
	return &v.stages[i]
}

// Stage is a phase of a compiled plan, or what holds after the last one. It is
// immutable.
type Stage struct {
	id     string
	every  calendar.Interval
	cycles int
	length calendar.Interval
	items  []*Item
	byID   map[string]*Item
}

func (s *Stage) compile(v *Version, charges []Charge) error {
	s.items = make([]*Item, len(charges))
	s.byID = make(map[string]*Item, len(charges))
	for i, c := range charges {
		table, err := CompilePrice(c.Price, v.plan.Currency)
		if err != nil {
			return err
		}
		item := &Item{id: c.ID, name: c.Name, table: table, once: c.Once, timing: c.timing(), metric: c.Metric}
		if c.Quantity != nil {
			item.quantity, item.fixed = *c.Quantity, true
		}
		if c.Metric != "" {
			item.aggregation = Sum
			for _, m := range v.plan.Metrics {
				if m.ID == c.Metric {
					item.aggregation = or(m.Aggregation, Sum)
				}
			}
		}
		s.items[i] = item
		s.byID[c.ID] = item
	}
	return nil
}

// ID returns the id of the phase; it may be empty, and is for the last stage.
func (s *Stage) ID() string { return s.id }

// Every returns the billing interval; the zero interval if nothing recurs.
func (s *Stage) Every() calendar.Interval { return s.every }

// Cycles returns the number of periods after which the stage ends; 0 if it ends
// after a length or holds for good.
func (s *Stage) Cycles() int { return s.cycles }

// Length returns the time after which the stage ends; the zero interval if it ends
// after a number of cycles or holds for good.
func (s *Stage) Length() calendar.Interval { return s.length }

// Items returns the charges in the order of the plan. The slice is the stage's own
// and must not be changed.
func (s *Stage) Items() []*Item { return s.items[:len(s.items):len(s.items)] }

// Item returns the charge of this id, and whether the stage has one.
func (s *Stage) Item(id string) (*Item, bool) {
	item, ok := s.byID[id]
	return item, ok
}

// Item is a charge of a compiled plan. It is immutable.
type Item struct {
	id, name    string
	table       *Table
	once        bool
	timing      Timing
	metric      string
	aggregation Aggregation
	quantity    decimal.Decimal
	fixed       bool
}

// ID returns the id of the charge.
func (i *Item) ID() string { return i.id }

// Name returns the name of the charge for people; it may be empty.
func (i *Item) Name() string { return i.name }

// Table returns the compiled price.
func (i *Item) Table() *Table { return i.table }

// Once reports whether the charge is due a single time, at the first billing.
func (i *Item) Once() bool { return i.once }

// Timing returns when a recurring charge is due, never empty.
func (i *Item) Timing() Timing { return i.timing }

// Metric returns the usage that the charge rates; "" if it rates a quantity.
func (i *Item) Metric() string { return i.metric }

// Aggregation returns how the usage of a period becomes one quantity; empty if the
// charge rates no usage.
func (i *Item) Aggregation() Aggregation { return i.aggregation }

// FixedQuantity returns the charge's own quantity, and whether it has one. If not,
// the quantity is metered or the subscription's.
func (i *Item) FixedQuantity() (decimal.Decimal, bool) { return i.quantity, i.fixed }
