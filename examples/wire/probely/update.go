package probely

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Update is one change of an account by a document. The page itself is read-only; this
// is what its members would mean in an update.
type Update struct {
	// Call says when and by whom.
	Call subscription.Call
	// When says when a change of the plan or of the paid targets takes effect. There
	// is no default.
	When subscription.When
	// Catalog has the plans that the account may change to; nil: none.
	Catalog *plan.Catalog
	// Mode is the one in which the account was shown.
	Mode wire.Mode
}

// Apply compares a document with what is shown at the instant of the call and performs
// the differences: all or none. Members that are left out, and those sent as they were
// shown, change nothing. It returns the next subscription and facts.
//
//	subscription_status               start, end trial, cancel (at once, or at period end
//	                                  by non_renewing), undo an ending, resume, reactivate
//	plan.id                           change of plan; what else is sent of the plan then
//	                                  does not count
//	number_paid_ultd_targets          change of quantity, not below what is in use beyond
//	                                  the promotional targets, by the counts of the update
//	number_free_…, max_…, number_used_ultd_targets, number_used_credit_targets
//	                                  counts of the service
//	auto_collection, channel          update
//
// Anything else that differs is ErrReadOnly. The error joins every refusal.
func (u Update) Apply(sub subscription.Subscription, facts Facts, data []byte) (subscription.Subscription, Facts, error) {
	shown, err := Encode(sub, facts, u.Call.At, u.Mode)
	if err != nil {
		return sub, facts, err
	}
	differs, sent, err := differences(shown, data)
	if err != nil {
		return sub, facts, err
	}
	var errs []error
	var edits []subscription.Edit
	next := facts
	next.Seats = facts.Seats.Clone()
	for _, name := range differs {
		switch name {
		case "subscription_status":
			errs = append(errs, add(&edits, func() (subscription.Edit, error) { return u.status(sub, shown.Status, sent.Status) }))
		case "plan":
			errs = append(errs, add(&edits, func() (subscription.Edit, error) { return u.plan(shown.Plan, sent.Plan) }))
		case "number_paid_ultd_targets":
			edits = append(edits, u.paid(&next.Seats, int64(sent.PaidTargets)))
		case "auto_collection":
			value := strconv.FormatBool(sent.AutoCollection)
			edits = append(edits, update(subscription.Patch{Metadata: map[string]*string{autoCollection: &value}}))
		case "channel":
			channel := ""
			if sent.Channel != nil {
				channel = *sent.Channel
			}
			edits = append(edits, update(subscription.Patch{Channel: &channel}))
		case "number_free_ultd_targets":
			next.Seats.Free = int64(sent.FreeTargets)
		case "max_ultd_targets":
			next.Seats.Max = &sent.MaxTargets
		case "number_used_ultd_targets":
			next.Seats.Used = int64(sent.UsedTargets)
		case "number_used_credit_targets":
			next.CreditTargets.Used = sent.UsedCreditTargets
		default:
			errs = append(errs, fmt.Errorf("%w: %s", ErrReadOnly, name))
		}
	}
	done := sub
	if len(edits) > 0 {
		done, err = sub.Edit(u.Call, edits...)
		errs = append(errs, err)
	}
	errs = append(errs, next.Seats.Validate(), next.CreditTargets.Validate())
	if err := errors.Join(errs...); err != nil {
		return sub, facts, err
	}
	return done, next, nil
}

// differences returns the names of the members that are not as they were shown.
func differences(shown Subscription, data []byte) (names []string, sent Subscription, err error) {
	if err := wire.Read(data, &sent); err != nil {
		return nil, sent, err
	}
	was, err := members(shown)
	if err != nil {
		return nil, sent, err
	}
	is, err := members(sent)
	if err != nil {
		return nil, sent, err
	}
	document, err := wire.Parse(data)
	if err != nil {
		return nil, sent, err
	}
	for _, m := range document.Members() {
		if !bytes.Equal(was[m.Name()], is[m.Name()]) {
			names = append(names, m.Name())
		}
	}
	var f wire.Faults
	if sent.Channel != nil && channel(wire.NewLosses(""), *sent.Channel) == nil {
		f.Add("channel", fmt.Errorf("unknown word %q", *sent.Channel))
	}
	return names, sent, f.Err()
}

func members(doc Subscription) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	return all, json.Unmarshal(text, &all)
}

func add(edits *[]subscription.Edit, find func() (subscription.Edit, error)) error {
	edit, err := find()
	if err == nil {
		*edits = append(*edits, edit)
	}
	return err
}

func update(p subscription.Patch) subscription.Edit {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Update(c, p)
	}
}

// paid changes the paid targets, not below what is in use with the other counts of the
// update: the seats are read when the edit is performed.
func (u Update) paid(seats *feature.Seats, n int64) subscription.Edit {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		c.InUse = decimal.NewFromInt(seats.PaidFloor())
		return s.ChangeQuantity(c, u.When, "", decimal.NewFromInt(n))
	}
}

func (u Update) plan(shown, sent Plan) (subscription.Edit, error) {
	if sent.ID == shown.ID {
		return nil, fmt.Errorf("%w: plan", ErrReadOnly)
	}
	if u.Catalog == nil {
		return nil, fmt.Errorf("probely: plan %q: %w", sent.ID, plan.ErrNotFound)
	}
	to, err := u.Catalog.Current(sent.ID, u.Call.At)
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangePlan(c, u.When, to)
	}, err
}

// status returns the verb that leads from one status to another.
func (u Update) status(sub subscription.Subscription, from, to string) (subscription.Edit, error) {
	s := lifecycle.Status(to)
	is := sub.Status(u.Call.At)
	switch {
	case s == lifecycle.Cancelled:
		return cancel(subscription.Immediately()), nil
	case s == lifecycle.NonRenewing && (is == lifecycle.Active || is == lifecycle.InTrial):
		return cancel(subscription.AtPeriodEnd()), nil
	case is == lifecycle.Future && (s == lifecycle.InTrial || s == lifecycle.Active):
		return subscription.Subscription.StartNow, nil
	case is == lifecycle.InTrial && s == lifecycle.Active:
		return subscription.Subscription.EndTrial, nil
	case is == lifecycle.NonRenewing && s == lifecycle.Active:
		return renew, nil
	case is == lifecycle.Paused && s == lifecycle.Active:
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Resume(c, subscription.Immediately())
		}, nil
	case is == lifecycle.Cancelled && s == lifecycle.Active:
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(c, subscription.Reactivation{})
		}, nil
	}
	return nil, fmt.Errorf("%w: from %q to %q", ErrStatus, from, to)
}

func cancel(when subscription.When) subscription.Edit {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Cancel(c, when)
	}
}

// renew undoes every ending that can be undone. The end of the plan's own length
// cannot.
func renew(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
	state, err := s.State(c.At)
	if err != nil {
		return s, err
	}
	for cause := range state.Endings().All() {
		switch cause {
		case lifecycle.CauseCancel:
			s, err = s.UndoCancel(c)
		case lifecycle.CauseNoRenewal:
			s, err = s.SetAutoRenewal(c, true)
		case lifecycle.CauseEndDate:
			s, err = s.SetEndDate(c, time.Time{})
		case lifecycle.CauseLength:
			err = fmt.Errorf("%w: the plan ends by its length", ErrStatus)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}
