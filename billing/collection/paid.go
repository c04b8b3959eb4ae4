package collection

import (
	"cmp"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// paid lists what is paid for at an instant, of each charge to its latest end.
func (c *collecting) paid(t time.Time) []PaidCharge {
	var all []PaidCharge
	for _, d := range c.debts {
		left, voided, _ := d.at(t)
		if voided || left.Sign() > 0 {
			continue
		}
		for i := range d.inv.Lines {
			line := &d.inv.Lines[i]
			if line.Kind != billing.ChargeLine || line.From.After(t) {
				continue
			}
			until := c.until(d, line)
			if !until.After(t) {
				continue
			}
			p := PaidCharge{Subscription: d.inv.Subscription, Charge: line.Charge, Until: until}
			at := slices.IndexFunc(all, func(o PaidCharge) bool { return o.Subscription == p.Subscription && o.Charge == p.Charge })
			if at < 0 {
				all = append(all, p)
			} else if until.After(all[at].Until) {
				all[at].Until = until
			}
		}
	}
	slices.SortFunc(all, func(a, b PaidCharge) int {
		return cmp.Or(cmp.Compare(a.Subscription, b.Subscription), cmp.Compare(a.Charge, b.Charge))
	})
	return all
}

// until returns where a line ends, or where a credit took back the rest of it.
func (c *collecting) until(d *debt, line *billing.Line) time.Time {
	until := line.To
	for _, o := range c.debts {
		if o.inv.Subscription != d.inv.Subscription {
			continue
		}
		for i := range o.inv.Lines {
			credit := &o.inv.Lines[i]
			if credit.Kind == billing.CreditLine && sameLine(credit.Of, line.Ref()) && credit.From.Before(until) {
				until = credit.From
			}
		}
	}
	return until
}

func sameLine(a, b billing.LineRef) bool {
	return a.Kind == b.Kind && a.Charge == b.Charge && a.Command == b.Command && a.From.Equal(b.From) && a.To.Equal(b.To)
}

// verbs are the commands that a step may propose.
func verbs() []lifecycle.Action {
	return []lifecycle.Action{lifecycle.Suspend, lifecycle.Hold, lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.Close}
}

// commands proposes what the step does to the subscriptions: not before the time is over
// that is paid for, unless the policy cuts it.
func (c *collecting) commands(s *State) []Command {
	var action lifecycle.Action
	for _, a := range s.Actions {
		switch a {
		case SuspendNow:
			action = lifecycle.Suspend
		case Hold:
			action = lifecycle.Hold
		case EndNow:
			action = lifecycle.CancelNow
		case EndAtPeriod:
			action = lifecycle.CancelAtPeriodEnd
		case Close:
			action = lifecycle.Close
		case Notify, Retry, BlockChanges, Suspend:
		}
	}
	if action == 0 {
		return nil
	}
	at := map[subscription.ID]time.Time{}
	for _, d := range c.debts {
		at[d.inv.Subscription] = s.StepAt
	}
	if c.policy.Coverage != CutPaid && action != lifecycle.CancelAtPeriodEnd {
		for _, p := range s.Paid {
			if p.Until.After(at[p.Subscription]) {
				at[p.Subscription] = p.Until
			}
		}
	}
	var all []Command
	for sub, t := range at {
		all = append(all, Command{Subscription: sub, Action: action, At: t, Key: s.Key})
	}
	slices.SortFunc(all, func(a, b Command) int { return cmp.Compare(a.Subscription, b.Subscription) })
	return all
}
