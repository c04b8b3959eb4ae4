package billing_test

import (
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The oracle does not play a story: it lays out what the subscription was over its whole
// life, by its segments, divides that by the rules of the stories' format, and adds up
// the days of each charge, each at the price in force on it.
//
// Time is counted in positions: civil days, days of months of thirty, or seconds, by the
// story's basis. A position belongs to one segment and to one period.
type oracle struct {
	p     *played
	s     tale
	loc   *time.Location
	until time.Time
	segs  []segment
	spans []stretch
}

// A segment is one of the subscription's with where it begins by the rules.
type segment struct {
	subscription.Segment
	cut      time.Time
	opened   subscription.Change
	boundary bool // it was opened by what was scheduled for the end of a period
	inside   bool // it divides a period that runs
}

// A stretch is the part of a segment that lies in one period.
type stretch struct {
	seg        int
	from, to   time.Time
	start, end time.Time // the period that its days are a share of
	stub       bool      // that is a first period of its own length
	free       bool      // and nothing of it is charged
	replanned  bool      // a plan was changed to in it
	number     int       // of the period; an extended one is the same
}

// position numbers what the basis counts.
func (o *oracle) position(t time.Time) int64 {
	day := naiveDay(t, o.loc)
	switch o.s.Policy.Basis {
	case "second":
		return t.Unix()
	case "day_30":
		return int64(360*day.Year() + 30*int(day.Month()) + min(day.Day(), 30))
	}
	return day.Unix() / (24 * 60 * 60)
}

func (o *oracle) length(from, to time.Time) int64 { return o.position(to) - o.position(from) }

func newOracle(p *played) *oracle {
	o := &oracle{p: p, s: p.s, loc: p.s.location(), until: p.s.instant(p.s.Until)}
	for i := range p.sub.Segments() {
		seg := p.sub.Segment(i)
		if seg.From().After(o.until) {
			break
		}
		o.segs = append(o.segs, segment{Segment: seg, opened: seg.Opened(), cut: seg.From()})
		o.divide(i)
	}
	o.lay()
	return o
}

// divide finds where segment i begins (rule 2): never behind what was divided before
// (rule 19).
func (o *oracle) divide(i int) {
	if i == 0 {
		return
	}
	seg, before := &o.segs[i], o.segs[i-1]
	at := seg.From()
	defer func() {
		if before.cut.After(seg.cut) {
			seg.cut = before.cut
		}
	}()
	if !before.Billable() || before.Grid().IsZero() {
		return
	}
	// What was scheduled for where a period opens comes before that (rule 1).
	opens := before.boundary || begins(before.opened) || before.opened.Scheduled() && !before.inside
	waited := seg.opened.Scheduled() || seg.opened.Command > 0 && seg.opened.Command < before.opened.Command
	if seg.boundary = waited && opens && at.Equal(before.From()); seg.boundary {
		return
	}
	runs, err := inside.PeriodEndingAt(before.Segment, at)
	if err != nil {
		panic(err)
	}
	// What falls due by itself on a boundary uses none of the period that begins there.
	if seg.boundary = seg.opened.Scheduled() && runs.End.Equal(at); seg.boundary {
		return
	}
	switch seg.opened.Kind {
	case subscription.Recorded:
		return
	case subscription.AnchorSet:
		return
	case subscription.PhaseBegan:
		seg.inside = true
		return
	}
	seg.inside = true
	seg.cut = naiveCut(at, o.s.Policy.Basis, o.s.Policy.ChangeDay, o.loc)
	if runs, err = inside.PeriodEndingAt(before.Segment, at.Add(1)); err != nil {
		panic(err)
	}
	if runs.End.Before(seg.cut) { // the period ends on the day of the cut
		seg.cut = runs.End
	}
}

// lay lays out the stretches of all billable segments.
func (o *oracle) lay() {
	var stub stretch // the first period, where it has a length of its own
	begun := false   // a period was opened since the start or the last new beginning
	fresh := false   // what opens a first period
	for i, seg := range o.segs {
		if seg.opened.Kind == subscription.Reactivated && !seg.Billable() {
			begun = false
		}
		if !seg.Billable() || seg.Grid().IsZero() {
			continue
		}
		if !o.opens(i, seg.From()) { // what was scheduled comes before the period opens
			fresh = fresh || i == 0 || !o.segs[i-1].Billable() && (!begun || begins(seg.opened) || inside.Effects(&seg.opened).NewGrid)
			continue
		}
		to := o.until.AddDate(10, 0, 0)
		if i+1 < len(o.segs) {
			to = o.segs[i+1].cut
		}
		fresh = fresh || i == 0 || !o.segs[i-1].Billable() && (!begun || begins(seg.opened) || inside.Effects(&seg.opened).NewGrid)
		begun = true
		switch {
		case fresh:
			stub, fresh = o.first(i), false
		case stub.stub && o.extends(i): // it is as long as before, and ends later
			end := seg.Period().End
			moved := end.Sub(stub.end)
			if o.s.Policy.Basis != "second" {
				days := int(naiveDay(end, o.loc).Sub(naiveDay(stub.end, o.loc)) / (24 * time.Hour))
				moved = naiveWall(naiveClock(stub.start, o.loc).AddDate(0, 0, days), o.loc).Sub(stub.start)
			}
			stub.start, stub.end = stub.start.Add(moved), end
		case inside.Effects(&seg.opened).NewGrid || seg.Grid() != o.segs[i-1].Grid():
			stub = stretch{}
		case o.changesPlan(i) && !seg.boundary && seg.Version() != o.segs[i-1].Segment.Version():
			stub.replanned = true
		}
		x := seg.cut
		start, end := o.period(i, x)
		if x.Equal(start) && x.After(seg.From()) && !x.Before(to) && !o.opens(i, x) && !inside.Effects(&seg.opened).NewGrid {
			continue // its period ends on the day of its cut, and the next is another segment's
		}
		for {
			part := stretch{seg: i, from: x, to: to, start: start, end: end}
			if end.Before(to) {
				part.to = end
			}
			if stub.stub && o.position(x) < o.position(stub.end) {
				part.start, part.end, part.stub, part.free, part.replanned = stub.start, stub.end, true, stub.free, stub.replanned
			}
			o.number(&part, o.extends(i) && x.Equal(seg.cut))
			o.spans = append(o.spans, part)
			// A period that begins on the day of the next cut, and before that was asked
			// for, was opened, though none of its days are left.
			if part.to.After(o.until) || !end.Before(to) && (o.position(end) > o.position(to) || !o.opens(i, end)) {
				break
			}
			if x = end; to.Before(x) {
				x = to
			}
			p, err := seg.Grid().PeriodAt(end)
			if err != nil {
				panic(err)
			}
			start, end = p.Start, p.End
		}
	}
}

// extends reports whether segment i moved the end of the period that a pause interrupted
// and goes on in it. Where the moved end is not after the resume another one opens.
func (o *oracle) extends(i int) bool {
	seg := o.segs[i]
	return inside.Effects(&seg.opened).Extended && inside.Ordinal(seg.Segment) == inside.Ordinal(o.segs[i-1].Segment)
}

// number numbers the period of a stretch.
func (o *oracle) number(part *stretch, extended bool) {
	last := len(o.spans) - 1
	if extended && last >= 0 {
		part.number = o.spans[last].number
		return
	}
	for _, other := range o.spans {
		if other.start.Equal(part.start) && other.end.Equal(part.end) {
			part.number = other.number
			return
		}
		part.number = max(part.number, other.number+1)
	}
}

// opens reports whether a period of segment i opens at the boundary.
func (o *oracle) opens(i int, boundary time.Time) bool {
	if i+1 == len(o.segs) {
		return true
	}
	next := o.segs[i+1]
	return boundary.Before(next.From()) || boundary.Equal(next.From()) && !next.boundary
}

// period is the period of segment i that holds the position of t; not one that had not
// begun when the segment did.
func (o *oracle) period(i int, t time.Time) (start, end time.Time) {
	grid := o.segs[i].Grid()
	p, err := grid.PeriodAt(t)
	for err == nil && o.position(p.End) <= o.position(t) && p.End.After(p.Start) && !p.End.After(o.segs[i].From()) && o.opens(i, p.End) {
		p, err = grid.PeriodAt(p.End)
	}
	if err != nil {
		panic(err)
	}
	return p.Start, p.End
}

// first is the first period that segment i opens, if it is a part of the grid's that is
// full or free (rule 18).
func (o *oracle) first(i int) stretch {
	seg := o.segs[i]
	p, err := seg.Grid().PeriodAt(seg.cut)
	if err != nil {
		panic(err)
	}
	mode := o.s.Sub.FirstPeriod
	if mode != "full" && mode != "free" || !p.Start.Before(seg.cut) {
		return stretch{}
	}
	return stretch{start: seg.cut, end: p.End, stub: true, free: mode == "free"}
}

// command is the action of the command that opened a segment.
func (o *oracle) command(i int) subscription.Command {
	return o.p.sub.Command(max(o.segs[i].opened.Command, 1))
}

func (o *oracle) changesPlan(i int) bool {
	return o.segs[i].opened.Kind == subscription.Changed && o.command(i).Plan.ID != ""
}

// cuts reports whether segment i divides what is billed of a charge (rule 5): not what a
// change of another charge leaves as it was.
func (o *oracle) cuts(i int, charge string) bool {
	seg, before := o.segs[i], o.segs[i-1]
	if !seg.inside {
		return false
	}
	if !seg.Billable() || inside.Effects(&seg.opened).NewGrid || seg.opened.Kind != subscription.Changed || o.changesPlan(i) || seg.Grid() != before.Grid() {
		return true
	}
	command := o.command(i)
	if command.Price != nil {
		return command.Charge == charge
	}
	a, in := before.Phase().Charge(charge)
	b, still := seg.Phase().Charge(charge)
	return in && still && a.Metric() == "" && seg.Price(b).Model() != plan.FlatFeeModel && !before.Quantity(a).Equal(seg.Quantity(b))
}

// A season is the periods that lie over one another: one period of a grid, or several
// where a new grid began inside one. Its lines are compared by their sum.
type season struct {
	from, to time.Time
	spans    []int // of the oracle's stretches
	segs     []int // that begin in it
}

// seasons are those that are over when the story is.
func (o *oracle) seasons() []season {
	var all []season
	for i, part := range o.spans {
		start := part.start
		if part.from.Before(start) { // a cut before the hour of a boundary, on its day
			start = part.from
		}
		if len(all) > 0 && (o.position(start) < o.position(all[len(all)-1].to) || inside.Effects(&o.segs[part.seg].opened).Extended) {
			last := &all[len(all)-1]
			last.spans = append(last.spans, i)
			if part.end.After(last.to) {
				last.to = part.end
			}
			continue
		}
		all = append(all, season{from: part.from, to: part.end, spans: []int{i}})
	}
	for k := range all {
		for i, seg := range o.segs {
			if i > 0 && o.within(all[k], seg.cut) {
				all[k].segs = append(all[k].segs, i)
			}
		}
	}
	return all
}

func (o *oracle) within(s season, t time.Time) bool {
	return o.position(t) >= o.position(s.from) && o.position(t) < o.position(s.to)
}

// counts reports whether a line bills usage or has a day: what a choice of full gives for
// hours within one has none.
func (o *oracle) counts(l billing.Line) bool {
	return l.Kind == billing.UsageLine || o.length(l.From, l.To) > 0
}

// lines are those of a charge, its discounts and taxes left out, that begin in the season.
func (o *oracle) lines(s season, charge string, all []billing.Invoice) []billing.Line {
	var out []billing.Line
	for _, inv := range all {
		for _, l := range inv.Lines {
			switch l.Kind {
			case billing.ChargeLine, billing.UsageLine, billing.CreditLine:
				if l.Charge == charge && !l.To.IsZero() && o.within(s, l.From) && o.counts(l) {
					out = append(out, l)
				}
			case billing.DiscountLine, billing.OneOffLine, billing.TaxLine:
			}
		}
	}
	return out
}
