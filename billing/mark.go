package billing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/subscription"
)

// A mark is a checkpoint by the zone data of this process. What was due by the clocks of
// the zone when it was made was billed, and nothing else, whatever instants that is now.
type mark struct {
	Checkpoint
	// given is the instant of the checkpoint, where ChargedThrough is the one that has its
	// civil time now.
	given time.Time
	// here is the boundary that was billed last; it was billed at Boundary.At, also if a command
	// that now lies there was recorded elsewhere. Zero if none runs.
	here time.Time
}

// settled reports whether the present zone data say of a checkpoint what those did with
// which it was made: then it is its own mark.
func (l *Checkpoint) settled(sub subscription.Subscription) bool {
	if l.Civil.IsZero() {
		return true // in UTC, or made by hand
	}
	z := sub.Zone()
	if z.IsZero() {
		return true
	}
	for i := range l.Redeemed {
		if use := &l.Redeemed[i]; !use.InvoiceCivil.IsZero() && z.Civil(use.InvoiceAt) != use.InvoiceCivil {
			return false
		}
	}
	return z.Civil(l.ChargedThrough) == l.Civil && (l.Boundary.IsZero() || z.Civil(l.Boundary.At) == l.Boundary.Civil)
}

// from makes the mark of a checkpoint.
func (m *mark) from(sub subscription.Subscription, checkpoint *Checkpoint) error {
	m.Checkpoint, m.given = *checkpoint, checkpoint.ChargedThrough
	if err := within("charged_through", m.given); err != nil {
		return fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	z := sub.Zone()
	if z.IsZero() || m.given.IsZero() {
		return nil
	}
	moved := !checkpoint.Civil.IsZero() && z.Civil(m.given) != checkpoint.Civil
	if moved {
		m.ChargedThrough = z.Instant(checkpoint.Civil)
	}
	for i, use := range checkpoint.Redeemed {
		if !use.InvoiceCivil.IsZero() && z.Civil(use.InvoiceAt) != use.InvoiceCivil {
			if i == 0 || &m.Redeemed[0] == &checkpoint.Redeemed[0] {
				m.Redeemed = slices.Clone(m.Redeemed)
			}
			m.Redeemed[i].InvoiceAt = z.Instant(use.InvoiceCivil)
		}
	}
	return m.settle(sub)
}

// settle finds the boundary that was billed last, and moves the mark to its period.
func (m *mark) settle(sub subscription.Subscription) error {
	b := m.Boundary
	if b.IsZero() {
		return nil
	}
	grid, runs := billedGrid(sub, m.ChargedThrough, m.LastCommand)
	if grid.IsZero() || grid.Interval() != b.Every {
		return nil // a command at the very instant has put another in its place
	}
	civil, err := grid.Civil(b.Number)
	if !runs {
		if err == nil && civil == b.Civil {
			if here, err := grid.Boundary(b.Number); err == nil {
				m.here = here
			}
		}
		return nil // nothing more falls due on it
	}
	if err != nil || civil != b.Civil {
		return m.lost()
	}
	here, err := grid.Boundary(b.Number)
	if err != nil {
		return m.lost()
	}
	next, err := grid.Boundary(b.Number + 1)
	switch {
	case errors.Is(err, calendar.ErrRange):
	case err != nil:
		return wrap(err)
	case !here.Before(next):
		return m.lost() // the zone has skipped it
	case !m.ChargedThrough.Before(next):
		m.ChargedThrough = next.Add(-micro.Second)
	}
	m.ChargedThrough = later(m.ChargedThrough, here)
	m.here = here
	return nil
}

// elsewhere reports whether what was billed lies at other instants now.
func (m *mark) elsewhere() bool {
	return !m.given.Equal(m.ChargedThrough) || !m.here.IsZero() && !m.here.Equal(m.Boundary.At)
}

func (m *mark) lost() error {
	return fmt.Errorf("%w: number %d of every %s, %s", ErrBoundary, m.Boundary.Number, m.Boundary.Every, m.Boundary.Civil)
}

// billedGrid returns the grid of the periods at t after all commands up to a number, and
// whether they run: a pause and an ending leave the grid.
func billedGrid(sub subscription.Subscription, t time.Time, last int) (grid calendar.Schedule, runs bool) {
	for i := sub.SegmentAt(t); i >= 0; i-- {
		seg := sub.Segment(i)
		if opened := seg.Opened(); seg.From().Equal(t) && opened.Command > last && !opened.Scheduled() {
			continue // it came after what was billed
		}
		return shortestGrid(seg), seg.Billable() && !seg.Grid().IsZero()
	}
	return calendar.Schedule{}, false
}

// checkpoint is the one that was given.
func (m *mark) checkpoint() Checkpoint {
	was := m.Checkpoint
	was.ChargedThrough = m.given
	return was
}

// remember adds to the next checkpoint what a run with other zone data needs of this one.
func (m *mark) remember(next *Checkpoint, sub subscription.Subscription) error {
	if err := next.rememberCivil(sub); err != nil {
		return err
	}
	was := m.checkpoint()
	next.follow(&was)
	return nil
}

// follow takes over from the checkpoint before what the next one keeps of it.
func (l *Checkpoint) follow(was *Checkpoint) {
	if l.Boundary.IsZero() && !l.Civil.IsZero() {
		l.Boundary = was.Boundary // no period runs now
	}
	if b := was.Boundary; l.Boundary.Every == b.Every && l.Boundary.Number == b.Number && l.Boundary.Civil == b.Civil {
		l.Boundary.At = b.At // usage was counted up to there
	}
	if l.Revision = was.Revision; !l.Equal(*was) {
		l.Revision++
	}
}

func (l *Checkpoint) rememberCivil(sub subscription.Subscription) error {
	z := sub.Zone()
	if z.IsZero() {
		return nil
	}
	if err := shows(z, l.ChargedThrough); err != nil {
		return err
	}
	l.Civil = z.Civil(l.ChargedThrough)
	for i := range l.Redeemed {
		l.Redeemed[i].InvoiceCivil = z.Civil(l.Redeemed[i].InvoiceAt)
	}
	grid, runs := billedGrid(sub, l.ChargedThrough, l.LastCommand)
	if !runs || grid.IsZero() {
		return nil
	}
	k, err := grid.Index(l.ChargedThrough)
	if err != nil {
		return err
	}
	b := BilledBoundary{Every: grid.Interval(), Number: k}
	if b.Civil, err = grid.Civil(k); err != nil {
		return err
	}
	if b.At, err = grid.Boundary(k); err != nil {
		return err
	}
	if err := shows(z, b.At); err != nil {
		return err
	}
	b.At = inside.Recorded(sub, b.At)
	l.Boundary = b
	return nil
}

// shows refuses an instant at which the clocks of the zone show a time that no document can
// hold: by them the years 1 to 9999 begin and end at other instants than in UTC.
func shows(z calendar.Zone, t time.Time) error {
	if wall := z.WallClock(t); wall < firstSecond*1_000_000 || wall >= (lastSecond+1)*1_000_000 {
		return fmt.Errorf("%w: charged_through: %s: must lie in the years 1 to 9999 in %s", ErrRange, t.UTC().Format(time.RFC3339), z)
	}
	return nil
}

// actual returns the instant at which what now falls at t was recorded or billed: that
// by which usage counts.
func (tl *timeline) actual(t time.Time) time.Time {
	if !tl.billedAt.IsZero() && t.Equal(tl.here) {
		return tl.billedAt
	}
	return inside.Recorded(tl.sub, t)
}

// show puts given instants on lines as they were recorded.
func (r *run) show(lines []*draftLine) {
	if !r.moved {
		return
	}
	for _, line := range lines {
		if line.shown {
			continue
		}
		line.shown = true
		line.From, line.To = r.shown(line.From, line.wallFrom), r.shown(line.To, line.wallTo)
	}
}

// shown returns a point as results show it: a given instant as it was recorded.
func (r *run) shown(t time.Time, wall bool) time.Time {
	if wall || !r.moved {
		return t
	}
	return inside.Recorded(r.sub, t)
}

// NotBefore returns the instant to give a verb that happens now: now, unless billing is
// ahead of it, or another server's clock was. Then it is the checkpoint's mark, or the
// instant of the last command: what is recorded there is billed by an ordinary run.
func NotBefore(sub subscription.Subscription, checkpoint Checkpoint, now time.Time) (time.Time, error) {
	if sub.IsZero() {
		return time.Time{}, ErrZero
	}
	checkpoint.floor()
	var m mark
	if err := m.from(sub, &checkpoint); err != nil {
		return time.Time{}, err
	}
	if err := within("now", now); err != nil {
		return time.Time{}, err
	}
	return later(utc(now), later(m.ChargedThrough, sub.UpdatedAt())), nil
}
