package plan

import (
	"math"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// MaxThresholds is the largest number of amounts in [Thresholds].
const MaxThresholds = 100

// Thresholds are amounts of usage at which it is billed before its period ends: where what the
// usage of a period has come to, before discounts and tax, reaches one, an interim invoice bills
// it so far, and the period goes on. The package documentation of billing says exactly when. The
// zero Thresholds has none: usage is billed at the end of its period.
type Thresholds struct {
	// Amounts are the steps, ascending, in the plan's currency. Each counts what the usage of
	// the period (or of all life, by Over) has come to since its start, not since the last invoice. The period is the
	// plan's: usage of a charge with an interval of its own is billed at the end of that.
	Amounts []decimal.Decimal `json:"amounts,omitempty"`
	// Over says what the steps count over. Empty: [OverPeriod].
	Over ThresholdSpan `json:"over,omitempty"`
	// Recurring is the distance of further steps, after the last of Amounts or from 0. Zero:
	// there are none.
	Recurring decimal.Decimal `json:"recurring,omitzero"`
	// Volume says whether usage may be billed before its end though more of it may cost less.
	// Empty: [VolumeRefused].
	Volume InterimVolume `json:"volume,omitempty"`
}

// ThresholdSpan says what the steps of [Thresholds] count over. The zero ThresholdSpan is [OverPeriod].
type ThresholdSpan string

const (
	// OverPeriod: each period counts from zero.
	OverPeriod ThresholdSpan = "period"
	// OverLife: the steps count what usage has come to in the whole life of the subscription under plans
	// whose thresholds count over it, so that each is reached once. Time under another plan counts
	// nothing and resets nothing.
	OverLife ThresholdSpan = "life"
)

func (ThresholdSpan) vocabulary() (string, []ThresholdSpan) {
	return "span of thresholds", []ThresholdSpan{OverPeriod, OverLife}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero ThresholdSpan.
func (s *ThresholdSpan) UnmarshalText(text []byte) error { return parseWord(s, text) }

// InterimVolume says what thresholds do with usage of which more may cost less, or that a later
// record may take back: at a price by [Volume] or [Stairstep], or of a metric whose quantity is
// its [Max], [Last], [Average] or [UniqueCount]. The zero InterimVolume is [VolumeRefused].
type InterimVolume string

const (
	// VolumeRefused: a plan that has such a charge is refused. One that is agreed with a
	// subscription, or is of an add-on, is billed at the end of its period and reaches no step.
	VolumeRefused InterimVolume = "refuse"
	// VolumeAsDifference bills what the usage so far has come to, less what was billed of the
	// period: the last invoice may be below zero.
	VolumeAsDifference InterimVolume = "difference"
)

func (InterimVolume) vocabulary() (string, []InterimVolume) {
	return "choice for volume", []InterimVolume{VolumeRefused, VolumeAsDifference}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero InterimVolume.
func (v *InterimVolume) UnmarshalText(text []byte) error { return parseWord(v, text) }

// IsZero reports whether there are no thresholds.
func (t Thresholds) IsZero() bool {
	return len(t.Amounts) == 0 && t.Recurring.IsZero() && t.Volume == "" && t.Over == ""
}

// Equal compares by value: 5.0 and 5.00 are the same amount.
func (t Thresholds) Equal(o Thresholds) bool {
	return slices.EqualFunc(t.Amounts, o.Amounts, equalDecimal) && equalDecimal(t.Recurring, o.Recurring) && t.Volume == o.Volume && t.Over == o.Over
}

func (t Thresholds) clone() Thresholds {
	t.Amounts = slices.Clone(t.Amounts)
	for i := range t.Amounts {
		t.Amounts[i] = canonical(t.Amounts[i])
	}
	t.Recurring = canonical(t.Recurring)
	return t
}

func (p Plan) checkThresholds(f faults) {
	t := p.Thresholds
	if t.IsZero() {
		return
	}
	own := f.field("thresholds")
	own.require(len(p.Currencies) == 0, fault.Excluded, "a plan that is sold in several currencies has none")
	own.field("amounts").atMost(len(t.Amounts), MaxThresholds)
	last := decimal.Zero
	for i, amount := range t.Amounts {
		at := own.field("amounts").index(i)
		if !at.positive(amount) {
			continue
		}
		at.exact(amount, p.Currency)
		at.require(amount.GreaterThan(last), fault.OutOfOrder, "must be above the amount before it")
		last = amount
	}
	if at := own.field("recurring"); !t.Recurring.IsZero() && at.amount(t.Recurring) {
		at.exact(t.Recurring, p.Currency)
	}
	own.require(len(t.Amounts) > 0 || !t.Recurring.IsZero(), fault.Required, "needs amounts, or a recurring one")
	word(own.field("over"), t.Over)
	word(own.field("volume"), t.Volume)
	f.field("charges").billedEarly(p, p.Charges)
	for i, phase := range p.Phases {
		f.field("phases").index(i).field("charges").billedEarly(p, phase.Charges)
	}
}

func (f faults) exact(amount decimal.Decimal, c money.Currency) {
	if !c.IsValid() {
		return
	}
	if _, err := money.Exact(amount, c); err != nil {
		f.add(fault.OutOfRange.Errorf("must be an amount of %s", c))
	}
}

// billedEarly checks charges of a plan with thresholds.
func (f faults) billedEarly(p Plan, charges []Charge) {
	for i, c := range charges {
		if c.Metric == "" {
			continue
		}
		how := Sum
		for _, m := range p.Metrics {
			if m.ID == c.Metric {
				how = or(m.Aggregation, Sum)
			}
		}
		at := f.index(i)
		at.field("metric").require(!how.weighsTime(), fault.Inconsistent, "a level over time reaches no threshold at a record: a plan with thresholds has none")
		at.field("count_over").require(c.CountOver.IsZero(), fault.Excluded, "a plan with thresholds counts no usage over a term")
		_, divided := c.Price.(Matrix)
		at.field("price").require(!divided, fault.Inconsistent, "a plan with thresholds has no price by dimensions")
		if p.Thresholds.Volume == VolumeAsDifference {
			continue
		}
		at.field("metric").require(!how.isTakenBack(), fault.Inconsistent, "thresholds refuse usage that a later record may take back, unless volume is difference")
		at.field("price").require(c.Price == nil || !ratesWhole(c.Price), fault.Inconsistent, "thresholds refuse a price at which more may cost less, unless volume is difference")
	}
}

// isTakenBack reports an aggregation to which a later record does not only add.
func (a Aggregation) isTakenBack() bool {
	switch a {
	case Max, Last, Average, UniqueCount, TimeAverage, WeightedSum:
		return true
	case "", Sum, RecordCount:
	}
	return false
}

// ratesWhole reports a price of which one tier rates the whole quantity.
func ratesWhole(p Price) bool { return p.Model() == VolumeModel || p.Model() == StairstepModel }

// NextThreshold returns the smallest amount above the one given at which usage of a period, or of
// all life, is billed before its period ends; false if there is none.
func (v *Version) NextThreshold(above money.Money) (money.Money, bool) {
	t := v.plan.Thresholds
	c := v.plan.Currency
	last := int64(0)
	for _, amount := range t.Amounts {
		m, err := money.Exact(amount, c)
		if err != nil {
			return money.Money{}, false
		}
		if last = m.Minor(); last > above.Minor() {
			return m, true
		}
	}
	each, err := money.Exact(t.Recurring, c)
	if err != nil || each.Minor() <= 0 {
		return money.Money{}, false
	}
	n := (max(above.Minor(), last)-last)/each.Minor() + 1
	if n > (math.MaxInt64-last)/each.Minor() {
		return money.Money{}, false
	}
	return money.FromMinor(last+n*each.Minor(), c), true
}

// HasThresholds reports whether the plan bills usage before its period ends.
func (v *Version) HasThresholds() bool { return !v.plan.Thresholds.IsZero() }

// CountsLife reports whether thresholds count over all life.
func (v *Version) CountsLife() bool { return v.plan.Thresholds.Over == OverLife }

// BilledEarly reports whether thresholds bill a charge before its period ends, at a price that
// may be agreed with the subscription: see [VolumeRefused].
func (v *Version) BilledEarly(c *CompiledCharge, price *CompiledPrice) bool {
	if c == nil || price == nil {
		return false
	}
	t := v.plan.Thresholds
	_, divided := price.price.(Matrix)
	switch {
	case divided || t.IsZero() || !c.countOver.IsZero() || c.metric == "" || c.aggregation.weighsTime():
		return false
	case t.Volume == VolumeAsDifference:
		return true
	}
	return !c.aggregation.isTakenBack() && price.price != nil && !ratesWhole(price.price)
}
