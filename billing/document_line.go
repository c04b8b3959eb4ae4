package billing

import (
	"maps"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Equal reports whether two lines say the same and were made of the same: decimals by
// value, instants whatever their zones.
func (l Line) Equal(o Line) bool {
	return l.Kind == o.Kind && l.Charge == o.Charge && l.Name == o.Name && maps.Equal(l.Dimensions, o.Dimensions) && l.From.Equal(o.From) && l.To.Equal(o.To) &&
		l.Quantity.Equal(o.Quantity) && l.Increases == o.Increases && l.Num == o.Num && l.Den == o.Den && l.Percent.Equal(o.Percent) && l.Basis == o.Basis &&
		l.Rounding == o.Rounding && l.Amount == o.Amount && sameEvents(l.Events, o.Events) && sameAggregate(l.Aggregate, o.Aggregate) && sameOverCap(l.OverCap, o.OverCap) &&
		l.Command == o.Command && l.Of.equal(o.Of) &&
		l.wallFrom == o.wallFrom && l.wallTo == o.wallTo && l.derivation.equal(o.derivation) && sameTable(l.table, o.table)
}

func sameOverCap(a, b *OverCap) bool { return a == b || a != nil && b != nil && *a == *b }

func sameTable(a, b *plan.CompiledPrice) bool {
	return a == b || a != nil && b != nil && a.Equal(b)
}

func (o LineRef) equal(p LineRef) bool {
	return o.Kind == p.Kind && o.Charge == p.Charge && o.From.Equal(p.From) && o.To.Equal(p.To) && o.Command == p.Command &&
		o.wallFrom == p.wallFrom && o.wallTo == p.wallTo && o.key == p.key
}

func (d *derivation) equal(o *derivation) bool {
	if d == nil || o == nil {
		return d == o
	}
	a, b := *d, *o
	same := a.counted.Equal(b.counted) && a.term.Equal(b.term) && a.before.Equal(b.before) && a.units.Equal(b.units) && a.unbounded.Equal(b.unbounded)
	a.before, a.units, a.unbounded = decimal.Decimal{}, decimal.Decimal{}, decimal.Decimal{}
	b.before, b.units, b.unbounded = decimal.Decimal{}, decimal.Decimal{}, decimal.Decimal{}
	return same && a.of == b.of && a.basis == b.basis && a.net == b.net && a.whole == b.whole && a.capped == b.capped &&
		a.held == b.held && a.shared == b.shared && a.owed == b.owed && a.across == b.across && a.least == b.least &&
		a.most == b.most && a.num == b.num && a.den == b.den && a.gross == b.gross && a.discount == b.discount && a.over == b.over
}

// AppendJSON appends the line as a document. Within an invoice it has its id too. With
// an error dst is as it was.
func (l Line) AppendJSON(dst []byte) ([]byte, error) { return appendResult(dst, &l, lineDocument) }

// MarshalJSON returns what AppendJSON appends.
func (l Line) MarshalJSON() ([]byte, error) { return l.AppendJSON(nil) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (l *Line) UnmarshalJSON(data []byte) error { return readResult(data, l, lineDocument) }

func (l Line) documentFaults() faults.List {
	var f faults.List
	if !l.Kind.isValid() {
		f.Wrap("kind", faults.ErrMissing)
	}
	if !l.Amount.IsValid() {
		f.Wrap("amount", faults.ErrMissing)
		return f
	}
	f.Instant("from", l.From, false)
	f.Instant("to", l.To, false)
	if !l.To.IsZero() && l.To.Before(l.From) {
		f.Add("to", fault.OutOfOrder, "must not lie before from")
	}
	if l.Den < 0 || l.Den == 0 && l.Num != 0 {
		f.Add("den", fault.OutOfRange, "must be above zero")
	}
	if l.Increases < 0 || l.Increases > plan.MaxIncreases {
		f.Add("increases", fault.OutOfRange, "must be from 1 to %d", plan.MaxIncreases)
	}
	if l.Command < 0 {
		f.Add("command", fault.OutOfRange, "must not be negative")
	}
	if l.Of != (LineRef{}) && !l.Of.Kind.isValid() {
		f.Wrap("of.kind", faults.ErrMissing)
	}
	f.Below("dimensions", dimensionFaults(l.Dimensions, plan.MaxDimensions))
	if l.Kind != UsageLine && len(l.Dimensions) > 0 {
		f.Add("dimensions", fault.Excluded, "must be left out unless it is a line of usage")
	}
	f.Below("events", l.eventFaults())
	f.Below("aggregate", l.aggregateFaults())
	f.Below("over_cap", l.overCapFaults())
	if d := l.derivation; d != nil {
		for _, part := range []struct {
			path string
			m    money.Money
		}{{"net", d.net}, {"whole", d.whole}, {"owed", d.owed}, {"billed", d.gross}, {"discounts", d.discount}, {"over_cap", d.over}} {
			if part.m.IsValid() && part.m.Currency() != l.Amount.Currency() {
				f.Add("derivation."+part.path, fault.Inconsistent, "must be in the currency of the amount, %s", l.Amount.Currency())
			}
		}
		if d.den < 0 || d.num < 0 || d.least < 0 || d.most < 0 {
			f.Add("derivation.den", fault.OutOfRange, "must not be negative")
		}
	}
	return f
}

func (l Line) overCapFaults() faults.List {
	var f faults.List
	o := l.OverCap
	if o == nil {
		return f
	}
	if l.Kind != UsageLine {
		f.Add("", fault.Excluded, "must be left out unless it is a line of usage")
	}
	for _, part := range []struct {
		path string
		m    money.Money
	}{{"cap", o.Cap}, {"usage", o.Usage}, {"over", o.Over}} {
		switch {
		case !part.m.IsValid():
			f.Wrap(part.path, faults.ErrMissing)
		case part.m.Currency() != l.Amount.Currency():
			f.Add(part.path, fault.Inconsistent, "must be in the currency of the amount, %s", l.Amount.Currency())
		}
	}
	return f
}

// identified is a line with its id, as an invoice holds it.
type identified struct {
	id   uuid.UUID
	line Line
}
