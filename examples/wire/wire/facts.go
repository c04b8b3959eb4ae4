package wire

import (
	"encoding/json"
	"time"

	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// EndOf returns the earliest ending expected at an instant, or the one that took
// effect; zero if there is none.
func EndOf(s subscription.Snapshot) time.Time {
	if len(s.Endings) == 0 {
		return time.Time{}
	}
	return s.Endings[0].At
}

// Trial is a trial of a subscription, past, running or future.
type Trial struct {
	// Start and End are when it begins and ends. End is exclusive; if the trial was cut
	// short, it is when that happened.
	Start, End time.Time
}

// TrialOf returns the last trial that began at or before an instant, or else the first
// one after it; false if there is none. A trial that a hold or a note divides into
// segments is one trial.
func TrialOf(sub subscription.Subscription, at time.Time) (Trial, bool) {
	var found Trial
	for i := range sub.Segments() {
		seg := sub.Segment(i)
		end, ok := seg.Trial()
		if !ok {
			continue
		}
		if seg.From().After(at) && !found.End.IsZero() {
			break
		}
		begins := seg.Opened().Kind == subscription.TrialBegan || found.End.IsZero() || seg.Opened().Kind == subscription.Reactivated
		if begins {
			found.Start = seg.From()
		}
		found.End = end
		if to := seg.To(); !to.IsZero() && to.Before(end) {
			if next := i + 1; next < sub.Segments() {
				if _, goesOn := sub.Segment(next).Trial(); !goesOn {
					found.End = to
				}
			}
		}
	}
	return found, !found.End.IsZero()
}

// BasePrice returns the price in force at an instant of the charge that an API's single
// price refers to, the plan's first one. The charge is "" if the plan has none.
func BasePrice(sub subscription.Subscription, at time.Time) (charge string, price plan.Price) {
	snapshot, err := sub.At(at)
	if err != nil {
		return "", nil
	}
	v := sub.Plan(at)
	if v == nil {
		return "", nil
	}
	stage := v.Phase(snapshot.Stage)
	if stage == nil {
		return "", nil
	}
	for item := range stage.Charges() {
		if p, ok := snapshot.Prices[item.ID()]; ok {
			return item.ID(), p
		}
		return item.ID(), item.Price().Price()
	}
	return "", nil
}

// StartOf returns when service began or will begin; for a subscription that was
// cancelled before its start, when it was to begin.
func StartOf(sub subscription.Subscription, s subscription.Snapshot) (time.Time, error) {
	if !s.Start.IsZero() {
		return s.Start, nil
	}
	// A snapshot of a subscription cancelled before its start has no start; its
	// document does.
	data, err := sub.MarshalJSON()
	if err != nil {
		return time.Time{}, err
	}
	var made struct {
		Start time.Time `json:"start"`
	}
	if err := json.Unmarshal(data, &made); err != nil {
		return time.Time{}, err
	}
	return made.Start, nil
}
