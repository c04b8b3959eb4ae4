package subscription

import (
	"slices"
	"time"
)

// Command returns the command with the number n; the making of the subscription
// is 1 and says only when that was. It panics if there is none.
func (s Subscription) Command(n int) Command {
	if n == 1 {
		return Command{Number: 1, At: s.c.at}
	}
	return s.c.commands[n-2].clone()
}

// History returns the commands, newest first: the highest number, which a
// correction has too, although its instant lies before others. offset passes
// over that many; at most limit are returned, all with a limit below 1.
func (s Subscription) History(offset, limit int) []Command {
	var page []Command
	for n := s.Version() - max(offset, 0); n >= 1 && (limit < 1 || len(page) < limit); n-- {
		page = append(page, s.Command(n))
	}
	return page
}

// LastCommand returns the highest number of a command given at t or before: what
// a ledger through t has seen. It is 0 before the subscription was made.
func (s Subscription) LastCommand(t time.Time) int {
	if s.c == nil || t.Before(s.c.at) {
		return 0
	}
	last := 1
	for _, c := range s.c.commands {
		if !c.At.After(t) {
			last = max(last, c.Number)
		}
	}
	return last
}

// CommandBefore reports whether a command with a number above n was given for an
// instant before t: whether history before t changed since n was the last.
func (s Subscription) CommandBefore(t time.Time, n int) bool {
	if s.c == nil {
		return false
	}
	for i := max(n-1, 0); i < len(s.c.commands); i++ {
		if s.c.commands[i].At.Before(t) {
			return true
		}
	}
	return false
}

func (c *Command) clone() Command {
	out := *c
	if c.Quantity != nil {
		q := *c.Quantity
		out.Quantity = &q
	}
	if c.Discount != nil {
		d := c.Discount.Clone()
		out.Discount = &d
	}
	if c.OneOff != nil {
		o := *c.OneOff
		out.OneOff = &o
	}
	if c.Patch != nil {
		out.Patch = c.Patch.clone()
	}
	out.Features = c.Features.Clone()
	out.Revoked = slices.Clone(c.Revoked)
	return out
}
