package wiretest

import (
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Choose returns one of 0 to n-1. A test draws it from its source of randomness, so
// that a failing walk can be repeated.
type Choose func(n int) int

// Draw returns a Choose that draws from a property's source of randomness.
func Draw(t *rapid.T) Choose {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") }
}

// pick returns one of the values.
func pick[T any](choose Choose, values ...T) T { return values[choose(len(values))] }

// gaps are the times between two steps; most are odd, so that only a boundary is on a
// boundary by chance.
var gaps = []time.Duration{
	0, 37 * time.Minute, 25 * time.Hour, 9*24*time.Hour + 5*time.Hour, 31 * 24 * time.Hour, 100 * 24 * time.Hour, 400 * 24 * time.Hour,
}

// Walk makes a subscription by random verbs: an API must be able to express, or must
// refuse, every state that results. It begins with the parameters and performs up to
// steps verbs, none before the one preceding it; refused verbs are skipped. plans are
// those that it may change to. It returns the subscription and an instant to look at
// it, not before the last command.
func Walk(choose Choose, p subscription.Params, plans []*plan.Version, steps int) (subscription.Subscription, time.Time, error) {
	sub, err := subscription.New(p)
	if err != nil {
		return sub, time.Time{}, err
	}
	now := p.At
	if now.IsZero() {
		now = p.Start
	}
	for range choose(steps + 1) {
		now = now.Add(pick(choose, gaps...))
		if next, err := step(choose, sub, now, plans); err == nil {
			sub = next
		}
	}
	return sub, now.Add(pick(choose, gaps...)), nil
}

// step performs one verb at an instant.
func step(choose Choose, sub subscription.Subscription, now time.Time, plans []*plan.Version) (subscription.Subscription, error) {
	call := subscription.Call{At: now, Actor: pick(choose, lifecycle.Subscriber, lifecycle.Operator)}
	when := func() subscription.When {
		return pick(choose, subscription.Immediately(), subscription.AtPeriodEnd(), subscription.On(ahead(choose, now)))
	}
	verbs := []func() (subscription.Subscription, error){
		func() (subscription.Subscription, error) { return sub.StartNow(call) },
		func() (subscription.Subscription, error) { return sub.EndTrial(call) },
		func() (subscription.Subscription, error) { return sub.ExtendTrial(call, ahead(choose, now)) },
		func() (subscription.Subscription, error) {
			call.Reason = pick(choose, "", "too dear")
			return sub.Cancel(call, when())
		},
		func() (subscription.Subscription, error) { return sub.UndoCancel(call) },
		func() (subscription.Subscription, error) {
			return sub.Pause(call, when(), pick(choose, subscription.Pause{}, subscription.Pause{Cycles: 2}))
		},
		func() (subscription.Subscription, error) { return sub.UndoPause(call) },
		func() (subscription.Subscription, error) {
			call.Policy.ResumeAnchor = pick(choose, plan.KeepAnchor, plan.ResetAnchor, plan.ExtendAnchor)
			return sub.Resume(call, pick(choose, subscription.Immediately(), subscription.On(ahead(choose, now))))
		},
		func() (subscription.Subscription, error) {
			return sub.Reactivate(call, pick(choose, subscription.Reactivation{}, subscription.Reactivation{EndDate: ahead(choose, now)}))
		},
		func() (subscription.Subscription, error) { return sub.ChangePlan(call, when(), pick(choose, plans...)) },
		func() (subscription.Subscription, error) { return sub.UndoChange(call) },
		func() (subscription.Subscription, error) {
			return sub.ChangeQuantity(call, when(), "", decimal.NewFromInt(int64(choose(30))))
		},
		func() (subscription.Subscription, error) { return sub.SetAutoRenewal(call, choose(2) == 1) },
		func() (subscription.Subscription, error) {
			return sub.SetEndDate(call, pick(choose, time.Time{}, ahead(choose, now)))
		},
		func() (subscription.Subscription, error) { return sub.SetAnchor(call, ahead(choose, now)) },
		func() (subscription.Subscription, error) {
			call.Actor = lifecycle.Operator
			return sub.Hold(call)
		},
		func() (subscription.Subscription, error) {
			call.Actor = lifecycle.Operator
			return sub.Release(call)
		},
		func() (subscription.Subscription, error) {
			call.Actor = lifecycle.Operator
			return sub.Close(call)
		},
		func() (subscription.Subscription, error) {
			name, reason := pick(choose, "", "Harbor & Sons"), pick(choose, "", "no reason")
			return sub.Update(call, subscription.Patch{Name: &name, CancelReason: &reason})
		},
	}
	return verbs[choose(len(verbs))]()
}

// ahead returns an instant later than now.
func ahead(choose Choose, now time.Time) time.Time { return now.Add(pick(choose, gaps[1:]...)) }
