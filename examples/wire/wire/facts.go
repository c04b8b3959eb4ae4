package wire

import (
	"encoding/json"
	"time"

	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// EndOf returns the earliest ending that is foreseen at an instant, or the one that
// took effect; the zero time if there is none.
func EndOf(s subscription.Snapshot) time.Time {
	if len(s.Endings) == 0 {
		return time.Time{}
	}
	return s.Endings[0].At
}

// Trial is a trial of a subscription, begun or ahead.
type Trial struct {
	// Start and End are where it begins and ends; End is exclusive, and where it was
	// cut short it is where it was cut.
	Start, End time.Time
}

// TrialOf returns the last trial that began at or before an instant, or else the
// first one after it; false if there is none. Times when an operator's hold or a
// note cut it into pieces are put together again.
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

// BasePrice returns the price in force at an instant of the charge that an API's one
// price stands for: the plan's first charge. The id of the charge is "" if the plan
// has none.
func BasePrice(sub subscription.Subscription, at time.Time) (charge string, price plan.Price) {
	snapshot, err := sub.At(at)
	if err != nil {
		return "", nil
	}
	v := sub.Plan(at)
	if v == nil {
		return "", nil
	}
	stage := v.Stage(snapshot.Stage)
	if stage == nil || len(stage.Items()) == 0 {
		return "", nil
	}
	item := stage.Items()[0]
	if p, ok := snapshot.Prices[item.ID()]; ok {
		return item.ID(), p
	}
	return item.ID(), item.Table().Price()
}

// StartOf returns when service began, or will begin; of a subscription that was
// cancelled before its start, when it was to begin.
func StartOf(sub subscription.Subscription, s subscription.Snapshot) (time.Time, error) {
	if !s.Start.IsZero() {
		return s.Start, nil
	}
	// A snapshot has the start that was agreed only while it lies ahead; the document
	// of the subscription has it for good.
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
