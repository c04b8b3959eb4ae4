package plan

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
)

// Validate returns nil, or every fault of the plan as a [fault.FieldError], joined in the
// order of the fields. It does not check other plans and products: a [Catalog] does.
func (p Plan) Validate() error { return validate(p) }

func (p Plan) check(f faults) {
	f.field("id").id(p.ID)
	f.field("version").version(p.Version)
	f.field("name").name(p.Name)
	f.field("description").note(p.Description)
	f.field("family").name(p.Family)
	if p.Product != "" {
		f.field("product").id(p.Product)
	}
	f.field("currency").currency(p.Currency)
	f.field("currencies").currencies(p.Currency, p.Currencies)
	f.field("charges").pricedIn(p.Charges, p.Currencies)
	for i, phase := range p.Phases {
		f.field("phases").index(i).field("charges").pricedIn(phase.Charges, p.Currencies)
	}
	f.field("credit_packs").require(len(p.CreditPacks) == 0 || len(p.Currencies) == 0, fault.Excluded, "a plan that is sold in several currencies has none")
	f.field("every").interval(p.Every)
	oneOf(f.field("month_end"), p.MonthEnd, calendar.Words[calendar.MonthEnd](), "month end")
	f.field("charges").charges(p.Charges)
	f.field("charges").summed(p.Charges, p.Metrics)
	f.field("charges").ownIntervals(p.Charges, p.Every, false)
	f.field("charges").priceIntervals(p.Charges, p.Every, false)
	p.checkPhases(f.field("phases"))
	if p.Trial != nil {
		p.Trial.check(f.field("trial"))
	}
	if p.Length != nil {
		p.Length.check(f.field("length"))
		f.field("length").field("cycles").require(p.Length.Cycles == 0 || !p.Every.IsZero(), fault.Excluded, "nothing recurs that could be counted")
	}
	if p.Term != nil {
		p.checkTerm(f.field("term"))
	}
	if p.Minimum != nil {
		p.checkMinimum(f.field("minimum"))
	}
	if p.SpendCap != nil {
		p.checkSpendCap(f)
	}
	if p.Increase != nil {
		p.checkIncrease(f.field("increase"))
	}
	p.Rules.check(f.field("rules"))
	p.Policy.check(f.field("policy"))
	f.field("features").below(p.Features.Faults())
	p.checkUnits(f.field("features"))
	p.checkPacks(f.field("credit_packs"))
	f.field("metrics").metrics(p.Metrics)
	p.checkThresholds(f)
	f.field("metadata").metadata(p.Metadata)
}

// checkUnits checks the charges by whose units features are limited: each has a quantity,
// in every phase that has it.
func (p Plan) checkUnits(f faults) {
	f.units(p.Features, p.allCharges()...)
}

func (f faults) units(features feature.Set, all ...[]Charge) {
	for _, key := range features.Keys() {
		per := features[key].Per
		if per == "" {
			continue
		}
		found, metered := false, false
		for _, charges := range all {
			for _, c := range charges {
				if c.ID == per {
					found, metered = true, metered || c.Metric != ""
				}
			}
		}
		path := f.field(string(key)).field("per")
		path.require(found, fault.NotFound, "there is no charge of this id")
		path.require(!metered, fault.Inconsistent, "a metered charge has no quantity")
	}
}

func (f faults) currency(c money.Currency) {
	switch {
	case c == 0:
		f.add(errMissing)
	case !c.IsValid():
		f.add(fault.UnknownWord.Errorf("unknown currency"))
	}
}

func (p Plan) checkPhases(f faults) {
	f.atMost(len(p.Phases), MaxPhases)
	ids := make(map[string]bool, len(p.Phases))
	for i, phase := range p.Phases {
		phase.check(f.index(i))
		f.index(i).field("charges").summed(phase.Charges, p.Metrics)
		every := phase.Every
		if every.IsZero() {
			every = p.Every
		}
		f.index(i).field("charges").ownIntervals(phase.Charges, every, false)
		f.index(i).field("charges").priceIntervals(phase.Charges, every, false)
		f.index(i).field("id").unique(ids, phase.ID)
		counts := phase.Cycles == 0 || !phase.Every.IsZero() || !p.Every.IsZero()
		f.index(i).field("cycles").require(counts, fault.Excluded, "nothing recurs that could be counted")
	}
}

// checkPacks also prices each pack, because a pack whose price exceeds the largest
// amount of money could not be sold.
func (p Plan) checkPacks(f faults) {
	f.atMost(len(p.CreditPacks), MaxCreditPacks)
	ids := make(map[string]bool, len(p.CreditPacks))
	rounding := or(p.Policy.Rounding, DefaultPolicy().Rounding)
	for i, pack := range p.CreditPacks {
		own := faultsOf(pack)
		f.index(i).below(own)
		f.index(i).field("id").unique(ids, pack.ID)
		if len(own) > 0 || !p.Currency.IsValid() || !rounding.IsValid() {
			continue
		}
		if _, err := pack.in(p.Currency, rounding); err != nil {
			f.index(i).add(money.ErrOverflow)
		}
	}
}

// summed checks that what prices of single events rate is summed, and that no level that is
// carried has dimensions.
func (f faults) summed(charges []Charge, metrics []Metric) {
	for i, c := range charges {
		if c.Metric == "" {
			continue
		}
		for _, m := range metrics {
			how := or(m.Aggregation, Sum)
			f.index(i).field("count_over").require(c.CountOver.IsZero() || m.ID != c.Metric || how == Sum || how == RecordCount, fault.Inconsistent, "only a sum and a count go on from bill to bill")
			c.eachMatrix(f.index(i), func(f faults) {
				f.require(m.ID != c.Metric || !m.Carry, fault.Inconsistent, "a price by dimensions rates no level that is carried")
			})
			if !ratesEvents(c.Price) {
				continue
			}
			f.index(i).field("price").require(m.ID != c.Metric || or(m.Aggregation, Sum) == Sum, fault.Inconsistent, "a price of single events rates a metric that is summed")
		}
	}
}

func (f faults) metrics(metrics []Metric) {
	f.atMost(len(metrics), MaxMetrics)
	ids := make(map[string]bool, len(metrics))
	for i, metric := range metrics {
		metric.check(f.index(i))
		f.index(i).field("id").unique(ids, metric.ID)
	}
}
