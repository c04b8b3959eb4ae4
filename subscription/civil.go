package subscription

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/micro"
)

// What was agreed by the clock goes on by the clock. A document holds each of its
// instants with the civil time that it was in the zone of the subscription; where other
// zone data give it another civil time, the subscription is replayed with the instant
// that has the recorded one. So all that is due keeps its order, its civil days and its
// cuts, and the instants as they were recorded are kept for ids and for the next document.

// A keptInstant is an instant as it was recorded, whose civil time the present zone data
// give to another one.
type keptInstant struct {
	name  string // of the field
	at    time.Time
	civil calendar.CivilTime
}

// kept are the instants of a command, or of what a subscription was made with, that are
// not the recorded ones; usually none.
type kept []keptInstant

func (k kept) find(name string) (keptInstant, bool) {
	i := slices.IndexFunc(k, func(one keptInstant) bool { return one.name == name })
	if i < 0 {
		return keptInstant{}, false
	}
	return k[i], true
}

// An instantOf is an instant of a value in a document, by the name of its member.
type instantOf[T any] struct {
	name string
	of   func(*T) *time.Time
}

// The instants of what a subscription is made with, and of a command, in the order of
// their names.
var (
	paramInstants = []instantOf[made]{
		{"anchor", func(p *made) *time.Time { return &p.Anchor }},
		{"at", func(p *made) *time.Time { return &p.At }},
		{"end_date", func(p *made) *time.Time { return &p.EndDate }},
		{"start", func(p *made) *time.Time { return &p.Start }},
	}
	recordInstants = instantsOfRecords()
)

func instantsOfRecords() []instantOf[record] {
	all := []instantOf[record]{{"at", func(c *record) *time.Time { return &c.At }}}
	for _, f := range fields {
		if f.instant != nil {
			all = append(all, instantOf[record]{f.name, f.instant})
		}
	}
	slices.SortFunc(all, func(a, b instantOf[record]) int { return strings.Compare(a.name, b.name) })
	return all
}

// A civilTime is what the clocks of the zone showed at an instant, by its name.
type civilTime struct {
	name  string
	civil calendar.CivilTime
}

// civilTimes are the civil times of a document or of a command when they were recorded,
// in the order of their names.
type civilTimes []civilTime

// farthest is more than clocks of a zone can be from UTC.
const farthest = 26 * time.Hour

// settle moves instants that were read to where the zone's data now have their civil
// times, and returns those that moved as they were.
func settle[T any](z calendar.Zone, v *T, all []instantOf[T], civil civilTimes, f *faults) kept {
	var moved kept
	for _, c := range civil {
		i := slices.IndexFunc(all, func(one instantOf[T]) bool { return one.name == c.name })
		path := func() string { return fmt.Sprintf("civil[%q]", c.name) }
		switch {
		case i < 0 || all[i].of(v).IsZero():
			f.add(path(), fault.NotFound, "there is no such instant")
			continue
		case c.civil.IsZero():
			f.add(path(), fault.Required, "missing")
			continue
		case z.Civil(*all[i].of(v)) == c.civil:
			continue
		}
		at := all[i].of(v)
		off := calendar.UTC().Instant(c.civil).Sub(*at)
		if z.IsZero() || off > farthest || off < -farthest {
			f.add(path(), fault.Inconsistent, "is no civil time of %s in %s", stamp(*at), z)
			continue
		}
		moved = append(moved, keptInstant{name: all[i].name, at: at.UTC(), civil: c.civil})
		*at = z.Instant(c.civil)
	}
	return moved
}

// restore puts recorded instants back in place for a document, and appends the civil
// times of all. In UTC, which never changes, there is none.
func restore[T any](civil civilTimes, z calendar.Zone, v *T, all []instantOf[T], moved kept) civilTimes {
	if z.IsZero() {
		return civil
	}
	for i := range all {
		at := all[i].of(v)
		if at.IsZero() {
			continue
		}
		if was, ok := moved.find(all[i].name); ok {
			*at = was.at
			civil = append(civil, civilTime{all[i].name, was.civil})
			continue
		}
		civil = append(civil, civilTime{all[i].name, z.Civil(*at)})
	}
	return civil
}

// Recorded returns the instant of the call as it was recorded. It differs from At only
// where the data of the zone changed since: At is then when its clocks show what they
// showed at the call.
func (c Command) Recorded() time.Time { return c.kept.recorded(c.At) }

// Recorded is that of the command.
func (c *record) Recorded() time.Time { return c.kept.recorded(c.At) }

// recorded returns the instant of a call as it was recorded.
func (k kept) recorded(at time.Time) time.Time {
	if was, ok := k.find("at"); ok {
		return was.at
	}
	return at
}

// inOrderOfNumbers keeps commands in the order in which they were given, where zone data
// moved some of them: none but a correction comes before an earlier one, nor before the
// creation.
func inOrderOfNumbers(p *made, commands []*record) {
	moved := len(p.kept) > 0 || slices.ContainsFunc(commands, func(c *record) bool { return len(c.kept) > 0 })
	if !moved {
		return
	}
	last := p.At
	if last.IsZero() {
		last = p.Start
	}
	for _, c := range commands {
		if !c.Correction {
			c.notBefore(last, p.Zone)
		}
		last = later(last, c.At)
	}
}

// notBefore moves a command that other zone data have put before what came first.
func (c *record) notBefore(last time.Time, z calendar.Zone) {
	if !c.At.Before(last) {
		return
	}
	if _, ok := c.kept.find("at"); !ok {
		c.keep(append(slices.Clip(c.kept), keptInstant{name: "at", at: c.At, civil: z.Civil(c.At)}))
	}
	c.At = last
}

// createdAtStart reports that no creation of its own was recorded: it is the start,
// wherever zone data put that.
func (p *made) createdAtStart() bool {
	_, moved := p.kept.find("at")
	return !moved && p.At.Equal(p.Start)
}

// lastRecorded is lastAt by the instants as they were recorded.
func (c *core) lastRecorded() time.Time {
	at := c.createdAt()
	if c.more != nil {
		name := "at"
		if c.more.createdAtStart() {
			name = "start"
		}
		if was, ok := c.more.kept.find(name); ok {
			at = was.at
		}
	}
	for _, cmd := range c.commands.All() {
		at = later(at, cmd.Recorded())
	}
	return at
}

// hasMoved is [seam.Timeline.Moved].
func (s Subscription) hasMoved() bool {
	return s.c != nil && s.c.moved
}

// recorded is [seam.Timeline.Recorded].
func (s Subscription) recorded(t time.Time) time.Time {
	if !s.hasMoved() {
		return t
	}
	if s.c.more != nil {
		p := *s.c.more
		if p.createdAtStart() {
			p.At = time.Time{}
		}
		if was, ok := movedTo(&p, paramInstants, p.kept, t); ok {
			return was
		}
	} else if s.c.createdAt().Equal(t) {
		return t
	}
	for _, c := range s.c.commands.All() {
		if was, ok := movedTo(c, recordInstants, c.kept, t); ok {
			return was
		}
	}
	return t
}

// placed is [seam.Timeline.Placed].
func (s Subscription) placed(t time.Time) time.Time {
	if !s.hasMoved() {
		return t
	}
	place := t
	for _, c := range s.c.commands.All() {
		was, ok := c.kept.find("at")
		switch {
		case !ok:
		case t.Before(was.at) && !place.Before(c.At):
			return c.At.Add(-micro.Second)
		case !t.Before(was.at) && place.Before(c.At):
			place = c.At
		}
	}
	return place
}

// movedTo returns what an instant was that is now t. Of several the first decides, moved or
// not: those that are one civil time are one instant by any data.
func movedTo[T any](v *T, all []instantOf[T], k kept, t time.Time) (time.Time, bool) {
	for _, one := range all {
		if one.of(v).Equal(t) {
			if was, ok := k.find(one.name); ok {
				return was.at, true
			}
			return t, true
		}
	}
	return time.Time{}, false
}
