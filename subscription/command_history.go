package subscription

import (
	"sort"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
)

// Command returns the command with the number n. Number 1 is the creation of the
// subscription and has only its instant. It panics if there is no such command.
func (s Subscription) Command(n int) Command {
	if n == 1 {
		return Command{Number: 1, At: s.c.createdAt()}
	}
	return (*s.c.commands.At(n - 2)).clone()
}

// History returns the commands, newest first, that is by descending number: a
// correction is newer than the commands it lies before. The first offset commands are
// skipped; at most limit are returned, all if limit is below 1.
func (s Subscription) History(offset, limit int) []Command {
	var page []Command
	for n := s.Version() - max(offset, 0); n >= 1 && (limit < 1 || len(page) < limit); n-- {
		page = append(page, s.Command(n))
	}
	return page
}

// LastCommand returns the highest number of a command given at or before t: what a
// checkpoint at t has seen. It is 0 before the subscription was created.
func (s Subscription) LastCommand(t time.Time) int {
	if s.c == nil || t.Before(s.c.createdAt()) {
		return 0
	}
	later := func(i int) bool { return (*s.c.commands.At(i)).At.After(t) }
	if !s.c.backdated() {
		return 1 + sort.Search(s.c.commands.Len(), later)
	}
	n := s.c.commands.Len()
	for n > 0 && later(n-1) {
		n--
	}
	return 1 + n
}

// unbilled are the actions that change nothing that is billed.
var unbilled = actions(lifecycle.Update, lifecycle.AssignFeatures, lifecycle.RevokeFeatures)

// commandBefore is [seam.Timeline.CommandBefore].
func (s Subscription) commandBefore(t, recorded time.Time, n int) bool {
	if s.c == nil {
		return false
	}
	for i := max(n-1, 0); i < s.c.commands.Len(); i++ {
		cmd := (*s.c.commands.At(i))
		before := cmd.At.Before(t) && cmd.Recorded().Before(recorded)
		if before && !unbilled.has(cmd.Action) {
			return true
		}
		if !before && !s.c.backdated() && !s.c.moved {
			return false // all that follow lie later
		}
	}
	return false
}

// lastOfSet is [seam.Timeline.LastOfSet].
func (s Subscription) lastOfSet(n int) int {
	if n < 2 || n > s.Version() {
		return n
	}
	set := (*s.c.commands.At(n - 2)).Set
	for set != 0 && n < s.Version() && (*s.c.commands.At(n - 1)).Set == set {
		n++
	}
	return n
}

// atPeriodEnd is [seam.Timeline.AtPeriodEnd].
func (s Subscription) atPeriodEnd(n int) bool {
	if n < 2 || n > s.Version() {
		return false
	}
	action := (*s.c.commands.At(n - 2)).Action
	return action == lifecycle.CancelAtPeriodEnd || action == lifecycle.PauseAtPeriodEnd
}
