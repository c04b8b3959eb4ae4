package billing

import (
	"maps"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
)

// MaxMetered is the largest number of metered parts in a checkpoint.
const MaxMetered = 10_000

func (l *Checkpoint) meteredFaults() faults {
	var f faults
	if len(l.Metered) > MaxMetered {
		f.add("metered", fault.TooMany, "must be at most %d", MaxMetered)
		return f
	}
	f.instant("metered_from", l.MeteredFrom, len(l.Metered) > 0 || len(l.Levels) > 0)
	below := l.levelFaults(&f)
	latest := l.ChargedThrough.Add(farthest) // a boundary may lie earlier by newer zone data
	if l.MeteredFrom.After(latest) {
		f.add("metered_from", fault.OutOfOrder, "must not lie after charged_through")
	}
	for i, p := range l.Metered {
		path := func(member string) string { return strictjson.Index("metered", i) + member }
		if own := p.faults(below[p.Metric]); len(own) > 0 {
			f.below(path(""), own)
		}
		if p.From.After(latest) {
			f.add(path(".from"), fault.OutOfOrder, "must not lie after charged_through")
		} else if p.To.After(latest) {
			f.add(path(".to"), fault.OutOfOrder, "must not lie after charged_through")
		}
		if i > 0 && l.Metered[i-1].compare(p) >= 0 {
			f.add(path(""), fault.OutOfOrder, "must be in order of from and metric, each once")
		}
	}
	return f
}

// levelFaults reports faults of the levels, and returns the metrics with one below zero.
func (l *Checkpoint) levelFaults(f *faults) (below map[string]bool) {
	if len(l.Levels) > MaxMetered {
		f.add("levels", fault.TooMany, "must be at most %d", MaxMetered)
		return nil
	}
	for i, level := range l.Levels {
		path := strictjson.Index("levels", i)
		var own faults
		own.metric(level.Metric)
		switch err := dec.Check(level.Level); {
		case err != nil:
			own.wrap("level", err)
		case level.Records < 0:
			own.add("records", fault.OutOfRange, "must not be negative")
		case level.Level.IsZero() && level.Records == 0:
			own.add("level", fault.OutOfRange, "must not be zero without records")
		case level.Level.IsNegative():
			if below == nil {
				below = map[string]bool{}
			}
			below[level.Metric] = true
		}
		f.below(path, own)
		if i > 0 && l.Levels[i-1].Metric >= level.Metric {
			f.add(path, fault.OutOfOrder, "must be in order of metric, each once")
		}
	}
	return below
}

// faults reports the faults of the part. belowZero says that the level it begins with is.
func (p MeteredPart) faults(belowZero bool) faults {
	var f faults
	f.metric(p.Metric)
	f.below("dimensions", dimensionFaults(p.Dimensions, plan.MaxDimensions))
	f.instant("from", p.From, true)
	f.instant("to", p.To, p.Billed)
	if !p.To.IsZero() && p.To.Before(p.From) {
		f.add("to", fault.OutOfOrder, "must not lie before from")
	}
	if p.Interim && !p.Billed {
		f.add("interim", fault.Inconsistent, "must be billed")
	}
	switch {
	case p.Events < 0:
		f.add("events", fault.OutOfRange, "must not be negative")
	case p.Events > 0 || belowZero: // refunds may be among them, or a level is below zero
		f.wrap("quantity", dec.Check(p.Quantity))
	default:
		f.amount("quantity", p.Quantity)
	}
	return f
}

// Equal reports whether both say the same: instants whatever their zones, and quantities
// by value.
func (p MeteredPart) Equal(o MeteredPart) bool {
	return p.Metric == o.Metric && maps.Equal(p.Dimensions, o.Dimensions) && p.From.Equal(o.From) && p.To.Equal(o.To) && sameQuantity(p.Quantity, o.Quantity) && p.Events == o.Events && p.Billed == o.Billed && p.Interim == o.Interim
}
