package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// What is billed for a period of several whole periods of a smaller grid has a line for each of
// them, with a share by its own days.

// A piece is such a line: what its id tells of it beside the charge.
type piece struct {
	from, to point
	command  int
}

// piecesOf returns by what a charge is measured that is billed by the periods of a grid, and where
// its lines end that bill the time between two points: at the boundaries between them, of its price
// or of a part that is joined with the period behind it, and at the last point.
func (s *side) piecesOf(charge *plan.CompiledCharge, m measure, from, to point) (measure, []point, error) {
	each := s.seg.Phase().PriceInterval(charge)
	if m.grid.IsZero() || !s.divides(charge) {
		return m, []point{to}, nil
	}
	if !each.IsZero() {
		var err error
		if m, err = m.by(each); err != nil {
			return m, nil, err
		}
	}
	ends, err := pieces(m.grid, from, to)
	return m, ends, err
}

// divides reports whether what is billed of a charge may have several lines.
func (s *side) divides(charge *plan.CompiledCharge) bool {
	return s.joined || !s.seg.Phase().PriceInterval(charge).IsZero()
}

// by returns the measure by the periods of a shorter interval on the same anchor. A first period that
// is one of its own is so up to the first boundary.
func (m measure) by(each calendar.Interval) (measure, error) {
	grid, err := calendar.NewSchedule(m.grid.Anchor(), each, m.grid.MonthEnd(), m.grid.Zone())
	if err != nil {
		return m, err
	}
	m.grid = grid
	if !m.first.IsZero() {
		end, err := grid.NextAfter(m.first.Start)
		if err != nil {
			return m, err
		}
		m.first.End = earlier(m.first.End, end)
	}
	return m, nil
}

// pieces returns the boundaries of a grid between two points, and the last point.
func pieces(grid calendar.Schedule, from, to point) ([]point, error) {
	var ends []point
	for at := from.Time; ; {
		next, err := grid.NextAfter(at)
		if err != nil {
			return nil, err
		}
		if !next.Before(to.Time) {
			return append(ends, to), nil
		}
		ends = append(ends, boundary(next))
		at = next
	}
}

// tellApart gives a line that is a piece the number of the subscription's last command, if a line of
// the same charge, span and command was billed before: what a command cut and another one mended may
// be billed again for whole pieces.
func (r *run) tellApart(f *fold, line *draftLine, at time.Time) {
	p := piece{point{Time: line.From, wall: line.wallFrom}, point{Time: line.To, wall: line.wallTo}, line.Command}
	same := func(o piece) bool {
		return o.command == line.Command && o.from.Equal(line.From) && o.to.Equal(line.To)
	}
	if slices.ContainsFunc(f.pieces, same) {
		line.Command = r.sub.LastCommand(at)
		p.command = line.Command
	}
	f.pieces = append(f.pieces, p)
}

// hasPieceFrom reports whether a piece begins there.
func (f *fold) hasPieceFrom(at point) bool {
	return slices.ContainsFunc(f.pieces, func(p piece) bool { return p.from.Equal(at.Time) })
}

// extend moves what was billed in advance along with the end of the period that a resume moves: of
// several pieces that in which the pause began becomes longer, and those behind it move as the
// boundaries do.
func (f *fold) extend(tr *transition) error {
	old, end := tr.was.period.End, tr.is.period.End
	reaches := slices.ContainsFunc(f.paid, func(p *prepaid) bool { return p.every == tr.is.every && p.to.Equal(old) })
	for _, p := range f.paid {
		if p.every != tr.is.every || !reaches {
			continue
		}
		var err error
		if p.piece && p.from.after(tr.stopped) {
			if p.from, err = p.moved(tr, p.from); err != nil {
				return err
			}
		}
		if p.to.Equal(old) {
			p.to = boundary(end)
			p.measure = p.measure.later(old, end)
		} else if p.piece && p.to.after(tr.stopped) {
			if p.to, err = p.moved(tr, p.to); err != nil {
				return err
			}
		}
		f.through = laterPoint(f.through, p.to)
	}
	return nil
}

// moved returns where a boundary between pieces lies after a resume moved the end of the period: as
// many lie between the two as before.
func (p *prepaid) moved(tr *transition, at point) (point, error) {
	was, is := p.measure.grid, tr.is.measure.grid
	if was.Interval() != is.Interval() {
		m, err := tr.is.measure.by(was.Interval())
		if err != nil {
			return at, err
		}
		is = m.grid
	}
	if q, err := was.PeriodAt(at.Time); err != nil || !q.Start.Equal(at.Time) {
		return at, err
	}
	n, err := was.Count(at.Time, tr.was.period.End)
	if err != nil {
		return at, err
	}
	k, err := is.Index(tr.is.period.End)
	if err != nil {
		return at, err
	}
	t, err := is.Boundary(k - n)
	return boundary(t), err
}
