package subscription

import "slices"

// Command returns the command with the number n; the making of the subscription
// is 1 and says only when that was. It panics if there is none.
func (s Subscription) Command(n int) Command {
	if n == 1 {
		return Command{Number: 1, At: s.c.born.params.At}
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
