package plan

import (
	"fmt"
	"iter"
	"maps"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
)

// Version is a compiled plan: what is sold. It is immutable and safe for concurrent
// use; subscriptions share it by pointer. Changes of the plan it was compiled from do
// not affect it. Versions have no JSON: a subscription stores the [Ref], and a
// [Catalog] resolves it.
type Version struct {
	plan    Plan                        // as it is in this currency
	defined *Plan                       // in all of them
	all     map[money.Currency]*Version // nil: it is sold in one currency
	policy  Policy
	phases  []CompiledPhase
	packs   map[string]PackPrice
	// entitlements are what those to one feature have in common, of the features of which the
	// grant alone tells.
	entitlements map[feature.Key]*feature.Entitlement
}

// Compile validates a plan, copies it deeply, and compiles its prices. The error
// joins a [*fault.FieldError] for every fault of the plan.
func Compile(p Plan) (*Version, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("plan: %q: %w", clip(p.Ref().String()), err)
	}
	p = p.Clone()
	v, err := compile(p, &p)
	if err != nil || len(p.Currencies) == 0 {
		return v, err
	}
	v.all = map[money.Currency]*Version{p.Currency: v}
	for _, c := range p.Currencies {
		other, err := compile(p.in(c), &p)
		if err != nil {
			return nil, err
		}
		other.all = v.all
		v.all[c] = other
	}
	return v, nil
}

// compile compiles a valid plan of one currency, which defined is in all.
func compile(p Plan, defined *Plan) (*Version, error) {
	v := &Version{
		plan: p, defined: defined,
		policy: p.Policy.Or(DefaultPolicy()),
		phases: make([]CompiledPhase, len(p.Phases)+1),
		packs:  make(map[string]PackPrice, len(p.CreditPacks)),
	}
	for i, phase := range p.Phases {
		every := phase.Every
		if every.IsZero() {
			every = p.Every
		}
		v.phases[i] = CompiledPhase{id: phase.ID, every: every, cycles: phase.Cycles, length: phase.Length}
		if err := v.phases[i].compile(v, phase.Charges); err != nil {
			return nil, err
		}
	}
	last := &v.phases[len(p.Phases)]
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
	v.entitlements = make(map[feature.Key]*feature.Entitlement, len(p.Features))
	for key, grant := range p.Features {
		if e := granting.Prepare(string(key), grant); e != nil {
			v.entitlements[key] = e
		}
	}
	return v, nil
}

// MustCompile is [Compile] for plans that are written in source code. It panics on an error.
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

// Plan returns the definition, in all its currencies, as a copy that the caller may change.
func (v *Version) Plan() Plan { return v.definition().Clone() }

// definition is that of a zero Version, too.
func (v *Version) definition() Plan {
	if v.defined == nil {
		return v.plan
	}
	return *v.defined
}

// Currency returns the currency of every price: the plan's own, unless it is of [Version.In].
func (v *Version) Currency() money.Currency { return v.plan.Currency }

// Every returns the billing interval of the plan after its phases; the zero interval
// if nothing recurs.
func (v *Version) Every() calendar.Interval { return v.plan.Every }

// MonthEnd returns the rule for months without the anchor's day, never empty.
func (v *Version) MonthEnd() calendar.MonthEnd { return or(v.plan.MonthEnd, calendar.Clamp) }

// Policy returns the choices for subscriptions of the plan: its own over
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

// Term returns the contract term with its defaults filled in, and whether there is one.
func (v *Version) Term() (Term, bool) {
	if v.plan.Term == nil {
		return Term{}, false
	}
	return v.plan.Term.clone().resolved(), true
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

// Features returns what the plan grants, as a copy that the caller may change.
func (v *Version) Features() feature.Set { return v.plan.Features.Clone() }

// Feature returns one grant of the plan, and whether there is one for the key.
func (v *Version) Feature(key feature.Key) (feature.Grant, bool) {
	g, ok := v.plan.Features[key]
	return g.Clone(), ok
}

// CreditPack returns the credit pack with this id, and whether the plan sells it.
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
	for i := range v.phases {
		for _, charge := range v.phases[i].charges {
			if charge.metric == id && id != "" {
				return Metric{ID: id, Aggregation: Sum}, true
			}
		}
	}
	return Metric{}, false
}

// Phases returns the number of compiled phases: one for each phase of the plan, and
// a last one for the plan's own charges.
func (v *Version) Phases() int { return len(v.phases) }

// Phase returns phase i, from 0, in the order of the plan; the last one holds the
// plan's own charges, which have no end. It is nil if there is no such phase.
func (v *Version) Phase(i int) *CompiledPhase {
	if i < 0 || i >= len(v.phases) {
		return nil
	}
	return &v.phases[i]
}

// CompiledPhase is a phase of a compiled plan: one that the plan defines, or the last
// one, which holds the plan's own charges and has no end. It is immutable.
type CompiledPhase struct {
	id      string
	every   calendar.Interval
	cycles  int
	length  calendar.Interval
	charges []*CompiledCharge          // those of add-ons behind the others, by their attachments
	byID    map[string]*CompiledCharge // those of the plan
	places  places                     // of those of add-ons
	// intervals are those of charges that are not the phase's.
	intervals []calendar.Interval
	// countOver is the longest term over which a charge counts.
	countOver calendar.Interval
	// pricesParts says that a price is for a shorter interval than its charge bills by.
	pricesParts bool
}

func (p *CompiledPhase) compile(v *Version, charges []Charge) error {
	compiled, err := compileCharges(charges, v.plan.Currency, v.plan.Metrics)
	if err != nil {
		return err
	}
	p.charges = compiled
	p.byID = make(map[string]*CompiledCharge, len(charges))
	for i, c := range compiled {
		p.byID[c.id] = c
		if v.plan.Increase != nil {
			rule := v.plan.Increase.resolved()
			if err := rule.raiseCharge(&charges[i], c, v.plan.Currency); err != nil {
				return err
			}
		}
	}
	p.findOwn(p.charges)
	return nil
}

func compileCharges(charges []Charge, currency money.Currency, metrics []Metric) ([]*CompiledCharge, error) {
	compiled := make([]*CompiledCharge, len(charges))
	for i, c := range charges {
		price, err := CompilePrice(c.Price, currency)
		if err != nil {
			return nil, err
		}
		charge := &CompiledCharge{
			id: c.ID, name: c.Name, price: price, once: c.Once, every: c.Every, priceEvery: c.PriceEvery, countOver: c.CountOver, timing: c.timing(), metric: c.Metric,
			taxCode: c.TaxCode, metadata: c.Metadata,
		}
		if c.Quantity != nil {
			charge.quantity, charge.fixed = *c.Quantity, true
		}
		if c.Metric != "" {
			charge.aggregation = Sum
			for _, m := range metrics {
				if m.ID == c.Metric {
					charge.aggregation, charge.records, charge.carry = or(m.Aggregation, Sum), m.Records, m.Carry
				}
			}
		}
		compiled[i] = charge
	}
	return compiled, nil
}

// ID returns the id of the phase; it may be empty, and is empty for the last phase.
func (p *CompiledPhase) ID() string { return p.id }

// Every returns the billing interval; the zero interval if nothing recurs.
func (p *CompiledPhase) Every() calendar.Interval { return p.every }

// Cycles returns the number of periods after which the phase ends; 0 if it ends
// after a length or has no end.
func (p *CompiledPhase) Cycles() int { return p.cycles }

// Length returns the time after which the phase ends; the zero interval if it ends
// after a number of cycles or has no end.
func (p *CompiledPhase) Length() calendar.Interval { return p.length }

// Charges yields the charges in the order of the plan; behind them, where the phase is that
// of a subscription, those of its add-ons.
func (p *CompiledPhase) Charges() iter.Seq[*CompiledCharge] {
	return func(yield func(*CompiledCharge) bool) {
		for _, charge := range p.charges {
			if !yield(charge) {
				return
			}
		}
	}
}

// Charge returns the charge of this id, and whether the phase has one.
func (p *CompiledPhase) Charge(id string) (*CompiledCharge, bool) {
	charge, ok := p.byID[id]
	if !ok && len(p.charges) > len(p.byID) {
		return p.added(id)
	}
	return charge, ok
}

// CompiledCharge is a charge of a compiled plan. It is immutable.
type CompiledCharge struct {
	id, name    string
	attachment  string
	hash        uint32 // of the id, for a charge of an attachment
	price       *CompiledPrice
	once        bool
	every       calendar.Interval // zero: the phase's
	priceEvery  calendar.Interval // zero: that by which it bills
	countOver   calendar.Interval // zero: each period counts by itself
	timing      Timing
	metric      string
	aggregation Aggregation
	records     Reading
	carry       bool
	quantity    decimal.Decimal
	fixed       bool
	taxCode     string
	metadata    map[string]string
	increased   []*CompiledPrice // after one increase, after two, …
}

// ID returns the id of the charge. That of a charge of an add-on is the id of the
// attachment, a slash, and the charge's id in the add-on: "backup/storage".
func (c *CompiledCharge) ID() string { return c.id }

// Attachment returns the id of the attachment whose add-on the charge is of; "" for a charge
// of the plan.
func (c *CompiledCharge) Attachment() string { return c.attachment }

// Name returns the name of the charge for people; it may be empty.
func (c *CompiledCharge) Name() string { return c.name }

// Price returns the compiled price.
func (c *CompiledCharge) Price() *CompiledPrice { return c.price }

// Once reports whether the charge is due a single time, at the first billing.
func (c *CompiledCharge) Once() bool { return c.once }

// Timing returns when a recurring charge is due, never empty.
func (c *CompiledCharge) Timing() Timing { return c.timing }

// Metric returns the usage that the charge rates; "" if it rates a quantity.
func (c *CompiledCharge) Metric() string { return c.metric }

// Aggregation returns how the usage of a period becomes one quantity; empty if the
// charge rates no usage.
func (c *CompiledCharge) Aggregation() Aggregation { return c.aggregation }

// Records returns how the records of a level are read; empty if the charge rates none.
func (c *CompiledCharge) Records() Reading { return c.records }

// Carry reports whether a level goes on from one period into the next.
func (c *CompiledCharge) Carry() bool { return c.carry }

// TaxCode returns what is sold in the words of whoever computes taxes; it may be empty.
func (c *CompiledCharge) TaxCode() string { return c.taxCode }

// Metadata returns what is stored with the charge, as a copy that the caller may change.
func (c *CompiledCharge) Metadata() map[string]string { return maps.Clone(c.metadata) }

// FixedQuantity returns the charge's own quantity, and whether it has one. If not,
// the quantity is metered or the subscription's.
func (c *CompiledCharge) FixedQuantity() (decimal.Decimal, bool) { return c.quantity, c.fixed }
