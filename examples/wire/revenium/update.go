package revenium

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Update is one PUT.
type Update struct {
	// ID is the path's id.
	ID subscription.ID
	// Call says when and by whom.
	Call subscription.Call
	// When says when a change of the product or of the recurring charge takes effect.
	// There is no default.
	When subscription.When
	// Products are the plans that the subscription may change to, by product.
	Products map[string]*plan.Version
	// Mode is the one in which the subscription was shown.
	Mode wire.Mode
}

// Apply compares a document with what is shown at the instant of the call and performs
// the differences: all or none. The second result is everything that is scheduled
// afterwards, since a document shows only the values in force. The error joins every
// refusal.
func (u Update) Apply(sub subscription.Subscription, facts Facts, data []byte) (subscription.Subscription, []subscription.Waiting, error) {
	next, err := u.apply(sub, facts, data)
	if err != nil {
		return sub, nil, err
	}
	return next, next.Scheduled(u.Call.At), nil
}

func (u Update) apply(sub subscription.Subscription, facts Facts, data []byte) (subscription.Subscription, error) {
	if sub.ID() != u.ID {
		return sub, fmt.Errorf("revenium: subscription %q: %w", u.ID, subscription.ErrNotFound)
	}
	sent, err := Read(data)
	if err != nil {
		return sub, err
	}
	if id, ok := sent.ID.Value(); ok && id != string(u.ID) {
		return sub, ErrIDMismatch
	}
	shown, err := Encode(sub, facts, u.Call.At, u.Mode)
	if err != nil {
		return sub, err
	}
	c := change{Update: u, sub: sub, shown: shown, sent: sent}
	c.labels()
	c.dates()
	c.terms()
	if err := c.alone(); err != nil {
		return sub, err
	}
	if err := errors.Join(c.errs...); err != nil {
		return sub, err
	}
	if len(c.edits) == 0 {
		return sub, nil
	}
	return sub.Edit(u.Call, c.edits...)
}

// change collects the edits of an update.
type change struct {
	Update
	sub         subscription.Subscription
	shown, sent Subscription
	edits       []subscription.Edit
	errs        []error
}

func (c *change) do(e subscription.Edit) { c.edits = append(c.edits, e) }

func (c *change) refuse(field string, err error) {
	c.errs = append(c.errs, fmt.Errorf("%s: %w", field, err))
}

// labels changes names and metadata. A subscriber may not change whether the
// subscription can end immediately.
func (c *change) labels() {
	if !c.sent.ImmediateCancel.IsZero() && !same(c.shown.ImmediateCancel, c.sent.ImmediateCancel) && c.Call.Actor != lifecycle.Operator {
		c.refuse("allowImmediateCancellation", lifecycle.ErrNotPermitted)
	}
	if p, ok := patch(c.shown, c.sent); ok {
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			return s.Update(call, p)
		})
	}
}

// dates changes the dates from which the status follows.
func (c *change) dates() {
	if t, ok := c.moved(c.shown.Expiration, c.sent.Expiration); ok {
		c.expire(t)
	}
	if t, ok := c.moved(c.shown.Start, c.sent.Start); ok {
		if c.sub.Status(c.Call.At) != lifecycle.Future || t.IsZero() || t.After(c.Call.At) {
			c.refuse("start", ErrReadOnly)
		} else {
			c.do(subscription.Subscription.StartNow)
		}
	}
	if t, ok := c.moved(c.shown.TrialEnd, c.sent.TrialEnd); ok {
		if t.After(c.Call.At) {
			c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
				return s.ExtendTrial(call, t)
			})
		} else {
			c.do(subscription.Subscription.EndTrial)
		}
	}
	if c.remembered() {
		return
	}
	if _, ok := c.moved(c.shown.PeriodStart, c.sent.PeriodStart); ok {
		c.refuse("currentPeriodStart", ErrReadOnly)
	}
	if t, ok := c.moved(c.shown.PeriodEnd, c.sent.PeriodEnd); ok {
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			if !t.After(call.At) {
				return s, fmt.Errorf("currentPeriodEnd: %w", ErrReadOnly)
			}
			next, err := s.SetAnchor(call, t)
			if p, _ := next.Period(call.At); err == nil && !p.End.Equal(t) {
				return s, fmt.Errorf("currentPeriodEnd: %w: the period would end at %s", ErrReadOnly, wire.Seconds.Format(p.End))
			}
			return next, err
		})
	}
}

// remembered reports whether the period sent has passed since the document was shown:
// then it changes nothing.
func (c *change) remembered() bool {
	start, there := c.sent.PeriodStart.Value()
	end, ends := c.sent.PeriodEnd.Value()
	if !there || !ends || end.After(c.Call.At) {
		return false
	}
	then, err := c.sub.At(start.Time)
	return err == nil && wire.Seconds.Format(then.Period.Start) == wire.Seconds.Format(start.Time) &&
		wire.Seconds.Format(then.Period.End) == wire.Seconds.Format(end.Time)
}

// moved returns the instant sent, zero for null, and whether it is not the one shown.
func (c *change) moved(was, is wire.Opt[Instant]) (time.Time, bool) {
	shown, _ := was.Value()
	sent, _ := is.Value()
	return sent.Time, !is.IsZero() && !sent.Equal(shown.Time)
}

// terms changes what is sold: the product, its charge, when to notify.
func (c *change) terms() {
	if id, ok := differs(c.shown.ProductID, c.sent.ProductID); ok {
		if to, sold := c.Products[id]; sold {
			c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
				return s.ChangePlan(call, c.When, to)
			})
		} else {
			c.refuse("productId", ErrNoProduct)
		}
	}
	if is, ok := c.sent.RecurringCharge.Value(); !c.sent.RecurringCharge.IsZero() && !(ok && sameNumber(c.shown.RecurringCharge, c.sent.RecurringCharge)) {
		c.price(is, ok)
	}
	if !c.sent.TierThreshold.IsZero() && !sameNumber(c.shown.TierThreshold, c.sent.TierThreshold) || !sameNumber(c.shown.QuotaThreshold, c.sent.QuotaThreshold) {
		given := thresholds(c.shown, c.sent)
		c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
			return s.AssignFeatures(call, given, feature.Assignment{})
		})
	}
}

// alone undoes a scheduled change of the product or of the recurring charge if a
// document only repeats the value in force: beside the members that the page requires,
// among them productId, it has none, or recurringCharge only.
func (c *change) alone() error {
	if len(c.edits)+len(c.errs) > 0 {
		return nil
	}
	data, err := json.Marshal(c.sent)
	if err != nil {
		return err
	}
	document, err := wire.Parse(data)
	if err != nil {
		return err
	}
	of := wire.OfPlan
	for _, m := range document.Members() {
		switch m.Name() {
		case "id", "name", "ownerId", "clientEmailAddress", "teamId", "productId", "quotaNotificationThreshold":
		case "recurringCharge":
			items := recurring(c.sub.Segment(c.sub.SegmentAt(c.Call.At)))
			if len(items) != 1 {
				return nil
			}
			of = wire.OfPrice(items[0].ID())
		default:
			return nil
		}
	}
	if !slices.ContainsFunc(c.sub.Scheduled(c.Call.At), of) {
		return nil // a retry with a key is no other edit
	}
	c.do(wire.UndoChanges(of, slices.Collect(maps.Values(c.Products))...))
	return nil
}

// price negotiates the recurring charge, or restores the plan's own.
func (c *change) price(amount wire.Number, given bool) {
	seg := c.sub.Segment(c.sub.SegmentAt(c.Call.At))
	items := recurring(seg)
	if len(items) != 1 {
		c.refuse("recurringCharge", subscription.ErrNoCharge)
		return
	}
	price := items[0].Price().Price()
	switch {
	case given:
		price = plan.FlatFee{Amount: amount.Decimal.Decimal}
	case price.Equal(seg.Price(items[0]).Price()):
		return // it is the plan's own
	}
	c.do(func(s subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
		return s.ChangePrice(call, c.When, items[0].ID(), price)
	})
}
