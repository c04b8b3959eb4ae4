package revenium

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Create makes a subscription from a document at an instant, on its product's plan: one
// that starts then or later, or one that has been running since its start with the
// document's dates. Without a start it starts immediately.
//
// The trial is the plan's; the document may move its end, or omit it by null; a
// subscription that has been running and has no trialEnd had none. currentPeriodEnd, if
// there is one, anchors the grid of periods. The error is [wire.ErrMalformed] for a
// malformed document and for dates that no subscription of the plan can have.
func Create(id subscription.ID, data []byte, product *plan.Version, call subscription.Call) (subscription.Subscription, error) {
	none := subscription.Subscription{}
	doc, err := Read(data)
	if err != nil {
		return none, err
	}
	if given, ok := doc.ID.Value(); ok && given != string(id) {
		return none, ErrIDMismatch
	}
	start, ok := doc.Start.Value()
	if !ok {
		start.Time = call.At
	}
	at := call.At
	if start.Before(at) {
		at = start.Time
	}
	params := subscription.Params{ID: id, Plan: product, At: at, Start: start.Time}
	if end, ok := doc.PeriodEnd.Value(); ok {
		params.Anchor = end.Time
	}
	if end, ok := doc.Expiration.Value(); ok {
		params.EndDate = end.Time
	}
	params.TrialUsed = doc.TrialEnd.IsNull() || doc.TrialEnd.IsZero() && at.Before(call.At)
	sub, err := subscription.New(params)
	if err != nil {
		return none, err
	}
	made := call
	made.At = at
	if sub, err = fill(sub, doc, made); err != nil {
		return none, err
	}
	if at.Before(call.At) {
		shown, err := Encode(sub, Facts{}, call.At, wire.Strict)
		if err != nil {
			return none, err
		}
		var f wire.Faults
		fits(&f, shown, doc)
		if said, is := doc.Status(call.At), sub.Status(call.At); said != is {
			f.Add("", fmt.Errorf("is %s by its dates and would be %s under the plan", said, is))
		}
		if err := f.Err(); err != nil {
			return none, err
		}
	}
	return sub, nil
}

// fill sets what a document says beyond its dates.
func fill(sub subscription.Subscription, doc Subscription, call subscription.Call) (subscription.Subscription, error) {
	shown, err := Encode(sub, Facts{}, call.At, wire.Strict)
	if err != nil {
		return sub, err
	}
	c := change{Update: Update{ID: sub.ID(), Call: call, When: subscription.Immediately()}, sub: sub, shown: shown, sent: doc}
	if id, ok := differs(shown.ProductID, doc.ProductID); ok {
		c.refuse("productId", fmt.Errorf("%w: %q", ErrNoProduct, id))
	}
	if p, ok := patch(shown, doc); ok {
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			return s.Update(call, p)
		})
	}
	if t, ok := c.moved(shown.TrialEnd, doc.TrialEnd); ok && !t.IsZero() {
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			return s.ExtendTrial(call, t)
		})
	}
	if is, ok := doc.RecurringCharge.Value(); ok && !sameNumber(shown.RecurringCharge, doc.RecurringCharge) {
		c.price(is, true)
	}
	if !sameNumber(shown.QuotaThreshold, doc.QuotaThreshold) || !sameNumber(shown.TierThreshold, doc.TierThreshold) {
		given := thresholds(shown, doc)
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			return s.AssignFeatures(call, given, feature.Assignment{})
		})
	}
	if len(c.errs) > 0 || len(c.edits) == 0 {
		return sub, errors.Join(c.errs...)
	}
	return sub.Edit(call, c.edits...)
}

// fits reports the dates of a document that are not those of the subscription made from
// it.
func fits(f *wire.Faults, shown, doc Subscription) {
	for _, d := range []struct {
		path    string
		was, is wire.Opt[Instant]
	}{
		{"currentPeriodStart", shown.PeriodStart, doc.PeriodStart},
		{"currentPeriodEnd", shown.PeriodEnd, doc.PeriodEnd},
	} {
		is, ok := d.is.Value()
		was, _ := d.was.Value()
		if ok && !is.Equal(was.Time) {
			f.Add(d.path, fmt.Errorf("must be %s", instant(was.Time)))
		}
	}
}

func instant(t time.Time) string {
	if t.IsZero() {
		return "null"
	}
	return calendar.FormatInstant(t)
}
