package billing

import (
	"maps"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
)

// MaxMetered is the largest number of metered parts in a checkpoint.
const MaxMetered = 10_000

func (l *Checkpoint) meteredFaults() faults.List {
	var f faults.List
	if len(l.Metered) > MaxMetered {
		f.Add("metered", fault.TooMany, "must be at most %d", MaxMetered)
		return f
	}
	f.Instant("metered_from", l.MeteredFrom, len(l.Metered) > 0 || len(l.Levels) > 0)
	below := l.levelFaults(&f)
	latest := l.ChargedThrough.Add(farthest) // a boundary may lie earlier by newer zone data
	if l.MeteredFrom.After(latest) {
		f.Add("metered_from", fault.OutOfOrder, "must not lie after charged_through")
	}
	for i, p := range l.Metered {
		path := func(member string) string { return strictjson.Index("metered", i) + member }
		if own := p.faults(below[p.Metric]); len(own) > 0 {
			f.Below(path(""), own)
		}
		if p.From.After(latest) {
			f.Add(path(".from"), fault.OutOfOrder, "must not lie after charged_through")
		} else if p.To.After(latest) {
			f.Add(path(".to"), fault.OutOfOrder, "must not lie after charged_through")
		}
		if p.Command > l.LastCommand {
			f.Add(path(".command"), fault.OutOfRange, "must not exceed the checkpoint's")
		}
		if i > 0 && l.Metered[i-1].compare(p) >= 0 {
			f.Add(path(""), fault.OutOfOrder, "must be in order of from and metric, each once")
		}
	}
	return f
}

// levelFaults reports faults of the levels, and returns the metrics with one below zero.
func (l *Checkpoint) levelFaults(f *faults.List) (below map[string]bool) {
	if len(l.Levels) > MaxMetered {
		f.Add("levels", fault.TooMany, "must be at most %d", MaxMetered)
		return nil
	}
	for i, level := range l.Levels {
		path := strictjson.Index("levels", i)
		var own faults.List
		metric(&own, level.Metric)
		switch err := dec.Check(level.Level); {
		case err != nil:
			own.Wrap("level", err)
		case level.Records < 0:
			own.Add("records", fault.OutOfRange, "must not be negative")
		case level.Level.IsZero() && level.Records == 0:
			own.Add("level", fault.OutOfRange, "must not be zero without records")
		case level.Level.IsNegative():
			if below == nil {
				below = map[string]bool{}
			}
			below[level.Metric] = true
		}
		f.Below(path, own)
		if i > 0 && l.Levels[i-1].Metric >= level.Metric {
			f.Add(path, fault.OutOfOrder, "must be in order of metric, each once")
		}
	}
	return below
}

// faults reports the faults of the part. belowZero says that the level it begins with is.
func (p MeteredPart) faults(belowZero bool) faults.List {
	var f faults.List
	metric(&f, p.Metric)
	f.Below("dimensions", dimensionFaults(p.Dimensions, plan.MaxDimensions))
	f.Instant("from", p.From, true)
	f.Instant("to", p.To, p.Billed)
	if !p.To.IsZero() && p.To.Before(p.From) {
		f.Add("to", fault.OutOfOrder, "must not lie before from")
	}
	if p.Interim && !p.Billed {
		f.Add("interim", fault.Inconsistent, "must be billed")
	}
	if p.Command < 0 {
		f.Add("command", fault.OutOfRange, "must not be negative")
	}
	if p.Command > 0 && !p.Interim {
		f.Add("command", fault.Inconsistent, "is of an interim invoice")
	}
	switch {
	case p.Events < 0:
		f.Add("events", fault.OutOfRange, "must not be negative")
	case p.Events > 0 || belowZero: // refunds may be among them, or a level is below zero
		f.Wrap("quantity", dec.Check(p.Quantity))
	default:
		quantity(&f, "quantity", p.Quantity)
	}
	return f
}

// Equal reports whether both say the same: instants whatever their zones, and quantities
// by value.
func (p MeteredPart) Equal(o MeteredPart) bool {
	return p.Metric == o.Metric && maps.Equal(p.Dimensions, o.Dimensions) && p.From.Equal(o.From) && p.To.Equal(o.To) && sameQuantity(p.Quantity, o.Quantity) &&
		p.Events == o.Events && p.Billed == o.Billed && p.Interim == o.Interim && p.Command == o.Command
}
