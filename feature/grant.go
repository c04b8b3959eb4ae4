package feature

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Always is the condition under which a feature may run at any time. An empty
// condition means the same.
const Always = "always"

// MaxThresholds is the largest number of thresholds of one grant.
const MaxThresholds = 20

// Grant is what a plan lets the owner of a subscription do with one feature. It is a
// definition, written by people. The zero Grant is invalid; [On], [UpTo] and [Per]
// make the common ones, which are active.
type Grant struct {
	// Kind says what is counted.
	Kind Kind
	// If Active is false the feature is off, whatever the limit. In JSON an absent
	// "active" is true: what a plan lists is granted unless it says otherwise.
	Active bool
	// Unlimited ignores Limit. Use is still counted.
	Unlimited bool
	// Limit is how many: in use at a time ([Limit]) or used in each window
	// ([Allowance]). It may have a fraction; 0 means none. A switch has no limit.
	Limit decimal.Decimal
	// Per names a charge of the plan that has a quantity: Limit is then for each of its
	// units. Empty: Limit is the limit.
	Per string
	// Window says when the count of an allowance starts over. Only allowances have
	// one.
	Window Window
	// Every is the length of a [Rolling] or an [Anchored] window; zero for all others.
	Every calendar.Interval
	// Raise says how much of a higher limit there is in the window in which it rises;
	// empty means [RaiseWhole]. Only allowances whose windows start over have a choice.
	Raise Raise
	// Lower says when a lower limit takes effect; empty means [LowerNow]. Only allowances
	// whose windows start over have a choice.
	Lower Lower
	// WhenRun is the condition under which the feature may be used. Empty means
	// [Always]. Any other word is kept, and denies unless the application registers
	// a predicate for it with the call.
	WhenRun string
	// Required says that the subscription must have the feature: it can be neither
	// turned off nor removed.
	Required bool
	// Overage says what happens beyond the limit; empty means [Block].
	Overage Overage
	// Metric names the usage that is billed when Overage is [Rate]; empty means the
	// key of the feature.
	Metric string
	// Thresholds ask for a notice when use exceeds a percentage.
	Thresholds []Threshold
}

// On returns an active switch.
func On() Grant { return Grant{Kind: Switch, Active: true} }

// UpTo returns an active limit: at most n in use at a time.
func UpTo(n int64) Grant {
	return Grant{Kind: Limit, Active: true, Limit: decimal.NewFromInt(n)}
}

// Per returns an active allowance: at most n uses in each window. A [Rolling] or an
// [Anchored] window needs its length too: set Every.
func Per(w Window, n int64) Grant {
	return Grant{Kind: Allowance, Active: true, Window: w, Limit: decimal.NewFromInt(n)}
}

// Endless returns the grant without a limit.
func (g Grant) Endless() Grant {
	g.Unlimited, g.Limit = true, decimal.Decimal{}
	return g
}

// Clone returns a copy that shares no memory with g.
func (g Grant) Clone() Grant {
	g.Thresholds = slices.Clone(g.Thresholds)
	return g
}

// Equal reports whether two grants are the same: decimals by value, an empty choice
// as its default, and nil thresholds as none.
func (g Grant) Equal(o Grant) bool {
	return g.Kind == o.Kind && g.Active == o.Active && g.Unlimited == o.Unlimited &&
		g.Limit.Equal(o.Limit) && g.Per == o.Per && g.Window == o.Window && g.Every == o.Every &&
		g.raise() == o.raise() && g.lower() == o.lower() &&
		g.condition() == o.condition() && g.Required == o.Required &&
		g.overage() == o.overage() && g.Metric == o.Metric &&
		slices.EqualFunc(g.Thresholds, o.Thresholds, Threshold.Equal)
}

func (g Grant) condition() string {
	if g.WhenRun == "" {
		return Always
	}
	return g.WhenRun
}

func (g Grant) overage() Overage {
	if g.Overage == "" {
		return Block
	}
	return g.Overage
}

func (g Grant) raise() Raise {
	if g.Raise == "" {
		return RaiseWhole
	}
	return g.Raise
}

func (g Grant) lower() Lower {
	if g.Lower == "" {
		return LowerNow
	}
	return g.Lower
}

// MetricOr returns the metric under which use beyond the limit is billed: Metric,
// or the key of the feature if that is empty.
func (g Grant) MetricOr(key Key) string {
	if g.Metric == "" {
		return string(key)
	}
	return g.Metric
}

// Validate reports every fault, in the order of the fields, as an [errors.Join] of
// [*fault.FieldError].
func (g Grant) Validate() error { return strictjson.JoinErrors(g.Faults()) }

// Faults returns what Validate reports, for definitions that hold grants.
func (g Grant) Faults() []*fault.FieldError { return g.faults() }

func (g *Grant) faults() []*fault.FieldError {
	var f faults
	if oneOf(g.Kind) != nil {
		f.add("kind", kindFault(g.Kind))
		return f
	}
	g.countFaults(&f)
	g.windowFaults(&f)
	if g.WhenRun != "" {
		f.add("when_run", labelFault(g.WhenRun))
	}
	if g.Required && !g.Active {
		f.add("required", fault.Inconsistent.Errorf("a required feature must be active"))
	}
	if g.Overage != "" {
		f.add("overage", oneOf(g.Overage))
	}
	if g.Metric != "" {
		f.add("metric", labelFault(g.Metric))
		if g.overage() != Rate {
			f.add("metric", fault.Excluded.Errorf("must be empty unless overage is %q", Rate))
		}
	}
	if n := len(g.Thresholds); n > MaxThresholds {
		f.add("thresholds", fault.TooMany.Errorf("must be at most %d, not %d", MaxThresholds, n))
		return f
	}
	for i, t := range g.Thresholds {
		path := strictjson.Index("thresholds", i)
		f = append(f, t.faults(path)...)
		if slices.ContainsFunc(g.Thresholds[:i], t.Equal) {
			f.add(path, fault.Duplicate.Errorf("repeats another threshold"))
		}
	}
	return f
}

func (g *Grant) countFaults(f *faults) {
	if g.Kind != Switch {
		f.add("limit", limitFault(g.Limit))
		if g.Per != "" {
			f.add("per", labelFault(g.Per))
		}
		return
	}
	none := func(has bool, field string) {
		if has {
			f.add(field, fault.Excluded.Errorf("a %s has none", Switch))
		}
	}
	none(g.Unlimited, "unlimited")
	none(!g.Limit.IsZero(), "limit")
	none(g.Per != "", "per")
	none(g.Overage != "", "overage")
	none(len(g.Thresholds) > 0, "thresholds")
}

func (g *Grant) windowFaults(f *faults) {
	switch {
	case g.Kind != Allowance:
		if g.Window != "" {
			f.add("window", fault.Excluded.Errorf("a %s has none", g.Kind))
		}
	case g.Window == "":
		f.add("window", errMissing)
	case oneOf(g.Window) != nil:
		f.add("window", oneOf(g.Window))
	}
	switch measured := g.Kind == Allowance && g.Window.measured(); {
	case measured && g.Every.IsZero():
		f.add("every", errMissing)
	case measured && !g.Every.IsValid():
		f.add("every", fault.OutOfRange.Errorf("must be an interval of 1 to 10000 units"))
	case !measured && !g.Every.IsZero():
		f.add("every", fault.Excluded.Errorf("must be empty unless the window is %q or %q", Rolling, Anchored))
	}
	midway(f, "raise", g.Raise, g)
	midway(f, "lower", g.Lower, g)
}

// midway adds the fault of a choice about limits that change within a window.
func midway[W Word[W]](f *faults, member string, choice W, g *Grant) {
	if choice == "" {
		return
	}
	f.add(member, oneOf(choice))
	if g.Kind != Allowance || !g.Window.startsOver() {
		f.add(member, fault.Excluded.Errorf("must be empty unless the count starts over with a window"))
	}
}

func kindFault(k Kind) error {
	if k == "" {
		return errMissing
	}
	return oneOf(k)
}

func limitFault(limit decimal.Decimal) error {
	if err := dec.Check(limit); err != nil {
		return err
	}
	if limit.IsNegative() {
		return errNegative
	}
	return nil
}

// faults collects what is wrong with one definition.
type faults []*fault.FieldError

func (f *faults) add(path string, err error) {
	if err != nil {
		*f = append(*f, fault.At(path, err))
	}
}
