package subscription

import (
	"fmt"
	"maps"
	"slices"
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

// A namedInstant is an instant in a document.
type namedInstant struct {
	name string
	at   *time.Time
}

func (p *Params) instants() []namedInstant {
	return []namedInstant{{"at", &p.At}, {"start", &p.Start}, {"anchor", &p.Anchor}, {"end_date", &p.EndDate}}
}

func (c *Command) instants() []namedInstant {
	all := []namedInstant{{"at", &c.At}}
	for _, f := range fields {
		if f.instant != nil {
			all = append(all, namedInstant{f.name, f.instant(c)})
		}
	}
	return all
}

// farthest is more than clocks of a zone can be from UTC.
const farthest = 26 * time.Hour

// settle moves instants that were read to where the zone's data now have their civil
// times, and returns those that moved as they were.
func settle(z calendar.Zone, all []namedInstant, civil map[string]calendar.CivilTime, f *faults) kept {
	var moved kept
	for _, name := range slices.Sorted(maps.Keys(civil)) {
		i := slices.IndexFunc(all, func(one namedInstant) bool { return one.name == name && !one.at.IsZero() })
		c, path := civil[name], fmt.Sprintf("civil[%q]", name)
		switch {
		case i < 0:
			f.add(path, fault.NotFound, "there is no such instant")
			continue
		case c.IsZero():
			f.add(path, fault.Required, "missing")
			continue
		case z.Civil(*all[i].at) == c:
			continue
		}
		off := calendar.UTC().Instant(c).Sub(*all[i].at)
		if z.IsZero() || off > farthest || off < -farthest {
			f.add(path, fault.Inconsistent, "is no civil time of %s in %s", stamp(*all[i].at), z)
			continue
		}
		moved = append(moved, keptInstant{name: name, at: all[i].at.UTC(), civil: c})
		*all[i].at = z.Instant(c)
	}
	return moved
}

// restore puts recorded instants back in place for a document, and returns the civil
// times of all. In UTC, which never changes, there is none.
func restore(z calendar.Zone, all []namedInstant, moved kept) map[string]calendar.CivilTime {
	if z.IsZero() {
		return nil
	}
	civil := make(map[string]calendar.CivilTime, len(all))
	for _, one := range all {
		if one.at.IsZero() {
			continue
		}
		if was, ok := moved.find(one.name); ok {
			*one.at, civil[one.name] = was.at, was.civil
			continue
		}
		civil[one.name] = z.Civil(*one.at)
	}
	return civil
}

// Recorded returns the instant of the call as it was recorded. It differs from At only
// where the data of the zone changed since: At is then when its clocks show what they
// showed at the call.
func (c Command) Recorded() time.Time {
	if was, ok := c.kept.find("at"); ok {
		return was.at
	}
	return c.At
}

// inOrderOfNumbers keeps commands in the order in which they were given, where zone data
// moved some of them: none but a correction comes before an earlier one, nor before the
// creation.
func inOrderOfNumbers(p *Params, commands []*Command) {
	moved := len(p.kept) > 0 || slices.ContainsFunc(commands, func(c *Command) bool { return len(c.kept) > 0 })
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
func (c *Command) notBefore(last time.Time, z calendar.Zone) {
	if !c.At.Before(last) {
		return
	}
	if _, ok := c.kept.find("at"); !ok {
		c.kept = append(c.kept, keptInstant{name: "at", at: c.At, civil: z.Civil(c.At)})
	}
	c.At = last
}

// lastRecorded is lastAt by the instants as they were recorded.
func (c *core) lastRecorded() time.Time {
	at := c.createdAt()
	if c.more != nil {
		if was, ok := c.more.kept.find("at"); ok {
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
		if was, ok := p.kept.of(p.instants(), t); ok {
			return was
		}
	}
	for _, c := range s.c.commands.All() {
		if len(c.kept) == 0 {
			continue
		}
		if was, ok := c.kept.of(c.instants(), t); ok {
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

// of returns what an instant was that is now t.
func (k kept) of(all []namedInstant, t time.Time) (time.Time, bool) {
	for _, one := range all {
		if one.at.Equal(t) {
			if was, ok := k.find(one.name); ok {
				return was.at, true
			}
		}
	}
	return time.Time{}, false
}
