package revenium

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// expire moves the end of a subscription to an instant; zero: it has none.
func (c *change) expire(to time.Time) {
	now := c.Call.At
	past := !to.IsZero() && !to.After(now)
	if c.sub.Status(now) == lifecycle.Cancelled {
		if past {
			c.refuse("expiration", ErrReadOnly)
			return
		}
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(call, subscription.Reactivation{EndDate: to})
		})
		return
	}
	if past {
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			if err := c.early(s, call, lifecycle.CancelNow, 0); err != nil {
				return s, err
			}
			return s.Cancel(call, subscription.Immediately())
		})
		return
	}
	c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
		s, err := lift(s, call, to)
		if err != nil {
			return s, err
		}
		if end, runs := ends(s, now); !to.IsZero() && runs && to.Before(end) {
			if err := c.early(s, call, lifecycle.SetEndDate, lifecycle.EndsEarly); err != nil {
				return s, err
			}
		}
		return s.SetEndDate(call, to)
	})
}

// lift takes back what would end a subscription before an instant; zero: whatever
// would end it. The end of the plan's own length cannot be taken back.
func lift(s subscription.Subscription, call subscription.Call, before time.Time) (subscription.Subscription, error) {
	snapshot, err := s.At(call.At)
	if err != nil {
		return s, err
	}
	for _, e := range snapshot.Endings {
		if !before.IsZero() && !e.At.Before(before) {
			continue
		}
		switch e.Cause {
		case lifecycle.CauseCancel:
			s, err = s.UndoCancel(call)
		case lifecycle.CauseNoRenewal:
			s, err = s.SetAutoRenewal(call, true)
		case lifecycle.CauseLength:
			err = fmt.Errorf("expiration: %w", ErrEndsByPlan)
		case lifecycle.CauseEndDate: // set anew
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

// ends answers when the running period or trial ends.
func ends(s subscription.Subscription, now time.Time) (time.Time, bool) {
	if end, ok := s.TrialEnd(now); ok {
		return end, true
	}
	p, ok := s.Period(now)
	return p.End, ok
}

// early refuses an end before that of the period where the subscription, over its
// plan, keeps a subscriber from it. The table of the lifecycle says so in its own
// words.
func (c *change) early(s subscription.Subscription, call subscription.Call, action lifecycle.Action, facts lifecycle.Facts) error {
	allowed, said := c.shown.ImmediateCancel.Value()
	if allowed || !said {
		return nil
	}
	state, err := s.State(call.At)
	if err != nil {
		return err
	}
	_, err = lifecycle.Decide(state, action, call.Actor, facts|lifecycle.ImmediateCancelDenied)
	return err
}
