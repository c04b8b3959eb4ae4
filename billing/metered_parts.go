package billing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What was counted of usage is remembered in the checkpoint, for the periods that a later
// run computes again: of parts that an invoice was made of, the quantity, which must stay;
// of parts that run on, what was there, which may only become more. So a run that is given
// too little, or what came too late, says so, and a checkpoint without usage holds nothing.

// A UsageError says that the usage given to a run is not what earlier runs have counted,
// or that a record came too late.
type UsageError struct {
	// Err is [ErrLateUsage] or [ErrMissingUsage].
	Err error
	// Metric is what was used.
	Metric string
	// Dimensions are the values of the combination, of a charge that is priced by them; else nil.
	Dimensions map[string]string
	// From and To bound the part of a period that it belongs to, To exclusive. To is zero
	// for one that runs on.
	From, To time.Time
	// InvoiceAt is the instant of the invoice that was made of the part; zero for one that
	// runs on.
	InvoiceAt time.Time
	// Counted is what earlier runs counted, and Given what is there now, by the
	// aggregation of the metric: both zero where all that is gone had a quantity of zero, which is
	// something where it makes a line. Of a single record only Given is set, to its quantity.
	Counted, Given decimal.Decimal
	// CountedEvents and GivenEvents are how many records these are of, where a price rates
	// single events; else 0.
	CountedEvents, GivenEvents int64
}

// Error says what is wrong, and what to do about it.
func (e *UsageError) Error() string {
	var b strings.Builder
	events := e.CountedEvents != 0 || e.GivenEvents != 0
	given := e.Given.String()
	if e.Err == ErrMissingUsage && !events && e.Given.Equal(e.Counted) {
		given = "no record"
	}
	fmt.Fprintf(&b, "%v: %q: %s", e.Err, titled(e.Metric, e.Dimensions), given)
	if !e.Counted.IsZero() || e.Err == ErrMissingUsage || events {
		fmt.Fprintf(&b, " of the %s", e.Counted)
	}
	if events {
		fmt.Fprintf(&b, ", %d events of the %d,", e.GivenEvents, e.CountedEvents)
	}
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	fmt.Fprintf(&b, " counted since %s", at(e.From))
	if !e.To.IsZero() {
		fmt.Fprintf(&b, " and before %s", at(e.To))
	}
	if !e.InvoiceAt.IsZero() {
		fmt.Fprintf(&b, ", billed at %s", at(e.InvoiceAt))
	}
	return b.String()
}

// Unwrap returns Err.
func (e *UsageError) Unwrap() error { return e.Err }

// A billedPart is a metered part of which an invoice was made, with or without usage.
type billedPart struct {
	MeteredPart
	used bool
}

// countParts notes the metered parts of which an invoice is made, and holds them to what
// earlier runs counted.
func (r *run) countParts(d *draft) error {
	for _, line := range d.lines {
		a := line.part
		if a == nil {
			continue
		}
		if r.probe != nil {
			r.done = r.probe.finds(r, d, line)
			if r.done {
				return nil
			}
		}
		if err := r.holdPart(d, line, a); err != nil {
			return err
		}
		part := MeteredPart{
			Metric: a.charge.Metric(), Dimensions: maps.Clone(a.by.named), From: utc(a.since), To: utc(a.until), Billed: true, Interim: d.interim, Command: d.behind,
		}
		part.Quantity, part.Events = r.countedBy(line, a)
		r.billed = append(r.billed, billedPart{part, r.hasUsage(a, part.Quantity, a.until)})
	}
	return nil
}

// holdPart compares a part with what the checkpoint remembers of it.
func (r *run) holdPart(d *draft, line *draftLine, a *accrual) error {
	switch {
	case r.trusts:
		return nil
	case r.saw(d):
		return r.holdBilled(a, line, d.at)
	}
	return r.holdOpen(a)
}

// because returns why a part cannot be rated: a level is below zero, it may be, since a record is
// gone.
func (r *run) because(err error, d *draft, line *draftLine, a *accrual) error {
	if err == nil || line.Aggregate == nil {
		return err
	}
	return cmp.Or(r.holdPart(d, line, a), r.holdLevels(), err)
}

// countedBy returns what is remembered of a billed part.
func (r *run) countedBy(line *draftLine, a *accrual) (q decimal.Decimal, events int64) {
	if g := line.Aggregate; g != nil {
		return g.Sum, g.remembered()
	}
	return line.Quantity, r.eventsOf(a, a.until)
}

// hasUsage reports whether anything was counted: a last quantity of zero is something, and so are
// events, or single records, that add up to nothing, and any record that makes the line of a
// combination.
func (r *run) hasUsage(a *accrual, quantity decimal.Decimal, until time.Time) bool {
	if quantity.Sign() != 0 {
		return true
	}
	how := a.charge.Aggregation()
	return (how == plan.Last || !isOne(how) || a.by.key != "" || a.table.RatesEvents()) && r.of(a).any(a.charge.Metric(), a.since, until)
}

// eventsOf returns how many records a part counts, if its price rates single events. A sum
// alone would not tell that one is missing: events below zero may come later.
func (r *run) eventsOf(a *accrual, until time.Time) int64 {
	if !a.table.RatesEvents() {
		return 0
	}
	return r.of(a).events(a.charge.Metric(), a.since, until)
}

// holdBilled compares a part that was billed with the checkpoint.
func (r *run) holdBilled(a *accrual, line *draftLine, at time.Time) error {
	if r.mark.MeteredFrom.IsZero() || a.since.Before(r.mark.MeteredFrom) {
		return nil
	}
	var was MeteredPart
	i := slices.IndexFunc(r.mark.Metered, func(p MeteredPart) bool {
		return p.Billed && p.isOf(a) && p.From.Equal(utc(a.since)) && p.To.Equal(utc(a.until))
	})
	if i >= 0 {
		was = r.mark.Metered[i]
	} else if r.moved || r.mark.elsewhere() {
		return nil // by other zone data, it lies elsewhere
	}
	given, events := r.countedBy(line, a)
	some := r.hasUsage(a, given, a.until)
	if !some && (i < 0 || was.Interim && was.Quantity.IsZero() && was.Events == 0) {
		return nil
	}
	counted := events == was.Events || events == 0 || was.Events == 0 && i >= 0
	if some == (i >= 0) && given.Equal(was.Quantity) && counted {
		return nil
	}
	e := &UsageError{
		Err: ErrLateUsage, Metric: a.charge.Metric(), Dimensions: maps.Clone(a.by.named), From: a.since, To: a.until, InvoiceAt: at,
		Counted: was.Quantity, Given: given, CountedEvents: was.Events, GivenEvents: events,
	}
	switch {
	case !some:
		e.Err = ErrMissingUsage
	case events != 0 && was.Events != 0:
		if events <= was.Events {
			e.Err = ErrMissingUsage
		}
	case a.charge.Aggregation() != plan.Last && given.LessThan(was.Quantity):
		e.Err = ErrMissingUsage
	}
	return e
}

// holdOpen compares a part that was not billed when the checkpoint was made.
func (r *run) holdOpen(a *accrual) error {
	for _, was := range r.mark.Metered {
		if was.Billed || !was.isOf(a) || !was.From.Equal(utc(a.since)) {
			continue
		}
		until := r.countedUntil(&was)
		given, events, err := r.comesTo(a, until)
		if err != nil {
			return err
		}
		holds := a.charge.Aggregation() == plan.Last || !given.LessThan(was.Quantity)
		if was.Events != 0 && (events != 0 || !isOne(a.charge.Aggregation())) {
			holds = events > was.Events || events == was.Events && given.Equal(was.Quantity)
		}
		if holds && r.hasUsage(a, given, until) {
			return nil
		}
		return &UsageError{
			Err: ErrMissingUsage, Metric: was.Metric, Dimensions: maps.Clone(was.Dimensions), From: was.From, To: was.To,
			Counted: was.Quantity, Given: given, CountedEvents: was.Events, GivenEvents: events,
		}
	}
	return nil
}

// countedUntil returns the instant before which an open part was counted.
func (r *run) countedUntil(was *MeteredPart) time.Time {
	if was.To.IsZero() {
		return r.mark.given.Add(1)
	}
	return was.To
}

// passedOn reports whether what the checkpoint knows of a part that has no usage is of a part that ran
// on, and was used at the very instant at which this one ends now: a command of that instant, of
// which the earlier run did not know, has passed it on to what follows. It fails if it is gone.
func (r *run) passedOn(a *accrual, was *MeteredPart, until time.Time) (bool, error) {
	if was.Billed || !r.of(a).any(a.charge.Metric(), until, r.countedUntil(was)) {
		return false, nil
	}
	return true, r.holdOpen(a)
}

// remembers reports whether the checkpoint knows usage of a part that has none. If it is gone, a part
// of no length needs its line to be held to that.
func (r *run) remembers(a *accrual) (bool, error) {
	if r.trusts {
		return false, nil
	}
	for _, was := range r.mark.Metered {
		if was.Interim || !was.isOf(a) || !was.From.Equal(utc(a.since)) || was.Billed && !was.To.Equal(utc(a.until)) {
			continue
		}
		if passed, err := r.passedOn(a, &was, a.until); !passed || err != nil {
			return true, err
		}
	}
	return false, nil
}

// rememberUsage adds to the next checkpoint what a later run holds the usage to that it is
// given.
func (r *run) rememberUsage(next *Checkpoint) error {
	var parts []MeteredPart
	metered := false
	note := func(a *accrual, to time.Time) error {
		if err := r.holdOpen(a); err != nil {
			return err
		}
		end := to
		if to.IsZero() {
			end = next.ChargedThrough.Add(1)
		}
		q, events, err := r.comesTo(a, end)
		if err != nil {
			return err
		}
		if err := dec.Check(q); err != nil {
			return fmt.Errorf("%w: %q: the sum since %s: %w", ErrUsage, a.charge.Metric(), a.since.UTC().Format(time.RFC3339Nano), err)
		}
		if r.hasUsage(a, q, end) {
			parts = append(parts, MeteredPart{Metric: a.charge.Metric(), Dimensions: maps.Clone(a.by.named), From: utc(a.since), To: to, Quantity: q, Events: events})
		}
		return nil
	}
	for _, f := range r.folds {
		for _, a := range []*accrual{f.accrual, f.stray} {
			if a == nil || a.charge.Metric() == "" {
				continue
			}
			metered = true
			divided, err := r.parts(f, a, next.ChargedThrough.Add(1))
			if err != nil {
				return err
			}
			for _, part := range divided {
				if err := note(part, time.Time{}); err != nil {
					return err
				}
			}
		}
	}
	for _, line := range r.waiting {
		if line.part == nil {
			continue
		}
		metered = true
		if err := note(line.part, utc(line.part.until)); err != nil {
			return err
		}
	}
	if !metered && len(r.billed) == 0 && len(r.mark.Levels)+len(r.carries) == 0 {
		return nil
	}
	start := r.timeline.actual(r.safeStart(next.ChargedThrough).at)
	if start.IsZero() {
		start = r.sub.Segment(0).From()
	}
	var err error
	if next.Levels, err = r.carriedAt(start, next.ChargedThrough.Add(micro.Second)); err != nil {
		return err
	}
	metered = metered || len(next.Levels) > 0
	for _, p := range r.billed {
		if p.From.Before(start) {
			continue
		}
		if metered = true; p.used || p.Interim {
			parts = append(parts, p.MeteredPart)
		}
	}
	if metered {
		next.MeteredFrom, next.Metered = utc(start), inOrder(parts)
		if len(next.Metered) > MaxMetered {
			return fmt.Errorf("%w: %d metrics and combinations of dimensions in a period, and at most %d can be remembered", ErrUsage, len(next.Metered), MaxMetered)
		}
	}
	return nil
}

// inOrder sorts parts, and drops those that two charges have in common; of these it keeps the
// one that says more.
func inOrder(parts []MeteredPart) []MeteredPart {
	slices.SortStableFunc(parts, func(a, b MeteredPart) int {
		if order := cmp.Or(a.compare(b), cmp.Compare(b.Events, a.Events)); order != 0 || a.Interim == b.Interim {
			return order
		}
		if a.Interim {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(parts, func(a, b MeteredPart) bool { return a.compare(b) == 0 })
}

func (p MeteredPart) compare(o MeteredPart) int {
	return cmp.Or(p.From.Compare(o.From), strings.Compare(p.Metric, o.Metric), strings.Compare(keyOf(p.Dimensions), keyOf(o.Dimensions)), p.To.Compare(o.To))
}

// isOf reports whether the part is of the accrual's metric and combination.
func (p *MeteredPart) isOf(a *accrual) bool {
	return p.Metric == a.charge.Metric() && (len(p.Dimensions) == 0 && a.by.key == "" || keyOf(p.Dimensions) == a.by.key)
}

// straysReach reports whether usage of a part of no length may wait for segment i, before
// which nothing was billed.
func (r *run) straysReach(i int) bool {
	for i--; i >= 0 && !r.sub.Segment(i).Billable(); i-- {
		if r.sub.Segment(i).Ended() {
			return false
		}
	}
	return i >= 0 && strays(r.sub.Segment(i), r.sub.Segment(i).To(), true)
}

// strays reports whether the part of a segment that ends at an instant, by a boundary or
// by a cut, may have no length and pass its usage on. A cut lies on a midnight near its
// instant, and so does the beginning of a part that begins with the segment. Where a cut
// meets a boundary, of the plan or of an own interval, a part may begin and end there.
func strays(seg subscription.Segment, end time.Time, cut bool) bool {
	if !meters(seg.Phase()) {
		return false
	}
	from, near := seg.From(), 1
	if !seg.Grid().IsZero() {
		p, err := inside.PeriodEndingAt(seg, end)
		if err != nil || cut && p.End.Equal(end) {
			return true
		}
		if p.Start.After(from) {
			from, near = p.Start, 0
		}
	}
	if cut {
		near = 1
		for _, every := range seg.Phase().OwnIntervals() {
			grid, err := ownGrid(seg, every)
			if err != nil {
				return true
			}
			if grid.IsZero() {
				continue
			}
			p, err := grid.PeriodAt(end)
			if err != nil {
				return true
			}
			from = later(from, p.Start)
		}
	}
	return seg.Zone().DaysBetween(from, end) <= near
}

// agrees reports whether the usage has all that the checkpoint remembers of the period
// that runs, and the checkpoint remembers nothing else.
func (s *renewalOnly) agrees(usage Usage, checkpoint *Checkpoint) bool {
	for i := range checkpoint.Metered {
		was := &checkpoint.Metered[i]
		charge := rating(s.phase, was.Metric)
		if charge == nil || was.Billed || len(was.Dimensions) > 0 || !was.To.IsZero() || !was.From.Equal(s.start) || charge.Aggregation() == plan.Last || !isOne(charge.Aggregation()) ||
			s.counted(usage, charge, checkpoint).LessThan(was.Quantity) {
			return false
		}
	}
	return true
}

// counted returns what was used of a charge in the period up to the checkpoint.
func (s *renewalOnly) counted(usage Usage, charge *plan.CompiledCharge, checkpoint *Checkpoint) decimal.Decimal {
	if s.tally.of(charge) && !s.tally.uncounted {
		return decimal.New(s.tally.counted, s.tally.exp)
	}
	return s.total(usage, charge, s.start, checkpoint.ChargedThrough.Add(micro.Second))
}

// rememberUsage is that of a run; false if only a run can say what is wrong.
func (s *renewalOnly) rememberUsage(next *Checkpoint, usage Usage) bool {
	end := next.ChargedThrough.Add(micro.Second)
	for charge := range s.phase.Charges() {
		metric := charge.Metric()
		if metric == "" {
			continue
		}
		if price := s.seg.Price(charge); price.RatesEvents() || isMatrix(price) || !isOne(charge.Aggregation()) {
			return false
		}
		next.MeteredFrom = utc(s.start)
		if len(usage) == 0 || !s.unused.IsZero() && !s.start.Before(s.unused) {
			continue
		}
		q := s.total(usage, charge, s.start, end)
		if dec.Check(q) != nil {
			return false
		}
		if q.Sign() != 0 || charge.Aggregation() == plan.Last && s.any(usage, metric, s.start, end) {
			next.Metered = append(next.Metered, MeteredPart{Metric: metric, From: utc(s.start), Quantity: q})
		}
	}
	if len(next.Metered) > 1 {
		next.Metered = inOrder(next.Metered)
	}
	return true
}
