package revenium

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// expire moves the end of a subscription to an instant; zero: none.
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
		if cuts, err := cutsTerm(s, call, to); err != nil {
			return s, err
		} else if cuts {
			if err := c.early(s, call, lifecycle.SetEndDate, lifecycle.EndsEarly); err != nil {
				return s, err
			}
		}
		return s.SetEndDate(call, to)
	})
}

// lift undoes the endings before an instant; zero: all of them. The end of the plan's
// own length cannot be undone.
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

// cutsTerm reports whether an end date is within a period or a trial, at any distance,
// and not at its end.
func cutsTerm(s subscription.Subscription, call subscription.Call, to time.Time) (bool, error) {
	if to.IsZero() {
		return false, nil
	}
	open, err := s.SetEndDate(call, time.Time{}) // an end date that stands hides what would come after it
	if err != nil {
		return false, err
	}
	before := to.Add(-1)
	if end, ok := open.TrialEnd(before); ok {
		return to.Before(end), nil
	}
	p, ok := open.Period(before)
	return ok && to.Before(p.End), nil
}

// early refuses an end before that of its period if the subscription, in addition to
// its plan, denies it to a subscriber. The refusal is that of the lifecycle's table.
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
