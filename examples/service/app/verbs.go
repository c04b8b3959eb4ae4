package app

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Wish is what a customer asks to be done, by an API or a form.
type Wish struct {
	When     When            `json:"when,omitzero" doc:"now, period_end, or an instant; needed by change, pause, resume, cancel" example:"period_end"`
	Plan     plan.Ref        `json:"plan,omitzero" doc:"change: the plan to move to, as id@version" example:"team@1"`
	Charge   string          `json:"charge,omitempty" doc:"change: whose quantity; empty for all without one of their own"`
	Quantity decimal.Decimal `json:"quantity,omitzero" doc:"change: the new quantity" example:"5"`
	Until    time.Time       `json:"until,omitzero" doc:"pause: when it ends by itself"`
	Cycles   int             `json:"cycles,omitempty" doc:"pause: after how many periods it ends by itself"`
	What     string          `json:"what,omitempty" doc:"undo: what was scheduled" enum:"cancel,pause,resume,change"`
	Reason   string          `json:"reason,omitempty"`
}

// Actions are what may be wished, each with the fields that it reads.
var Actions = map[string][]string{
	"change": {"when", "plan", "charge", "quantity", "reason"}, "pause": {"when", "until", "cycles", "reason"}, "resume": {"when", "reason"},
	"cancel": {"when", "reason"}, "undo": {"what", "reason"}, "reactivate": {"reason"},
}

var (
	errNeedless = fault.Excluded.Errorf("not read by this action")
	errWhen     = fault.UnknownWord.Errorf("not now, period_end or an instant")
	errNoWhen   = fault.Required.Errorf("now, period_end or an instant")
	errWhat     = fault.UnknownWord.Errorf("not cancel, pause, resume or change")
	errNoChange = fault.Required.Errorf("a plan or a quantity")
)

// When is when a wish takes effect.
type When struct{ subscription.When }

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *When) UnmarshalText(text []byte) error {
	switch string(text) {
	case "now":
		w.When = subscription.Immediately()
	case "period_end":
		w.When = subscription.AtPeriodEnd()
	default:
		at, err := calendar.ParseInstant(string(text))
		if err != nil {
			return errWhen
		}
		w.When = subscription.On(at)
	}
	return nil
}

// Read reads a body strictly: unknown, repeated and wrongly cased names are faults, and all
// faults are found at once.
func Read[B any](body []byte) (into B, err error) {
	var faults []error
	for _, f := range strict.Decode(body, &into, strict.Limits{}) {
		faults = append(faults, fault.At(f.Path, f.Err))
	}
	return into, errors.Join(faults...)
}

// Verb makes a verb of a wish. The key makes a request that is sent twice one change.
func (a *App) Verb(ctx context.Context, tenant, action, key string, body []byte) (Verb, error) {
	w, err := Read[Wish](body)
	reads := Actions[action]
	var given map[string]json.RawMessage
	_ = json.Unmarshal(body, &given) // Read says what is wrong with it
	var faults []error
	for name := range given {
		if known := slices.Concat(slices.Collect(maps.Values(Actions))...); slices.Contains(known, name) && !slices.Contains(reads, name) {
			faults = append(faults, fault.At(name, errNeedless))
		}
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if err == nil && slices.Contains(reads, "when") && w.When.IsZero() {
		err = fault.At("when", errNoWhen)
	}
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, err
	}
	catalog, err := a.Catalog(ctx, tenant)
	if err != nil {
		return nil, err
	}
	do, err := w.edit(action, catalog)
	return func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
		return do(sub, subscription.Call{At: at, Actor: lifecycle.Subscriber, Key: key, Reason: w.Reason})
	}, err
}

func (w Wish) edit(action string, catalog *plan.Catalog) (subscription.Edit, error) {
	type Sub = subscription.Subscription
	when := w.When.When
	switch action {
	case "pause":
		pause := subscription.Pause{Until: w.Until, Cycles: w.Cycles}
		return func(s Sub, c subscription.Call) (Sub, error) { return s.Pause(c, when, pause) }, nil
	case "resume":
		return func(s Sub, c subscription.Call) (Sub, error) { return s.Resume(c, when) }, nil
	case "cancel":
		return func(s Sub, c subscription.Call) (Sub, error) { return s.Cancel(c, when) }, nil
	case "reactivate":
		return func(s Sub, c subscription.Call) (Sub, error) { return s.Reactivate(c, subscription.Reactivation{}) }, nil
	case "undo":
		undo := map[string]subscription.Edit{"cancel": Sub.UndoCancel, "pause": Sub.UndoPause, "resume": Sub.UndoResume, "change": Sub.UndoChange}[w.What]
		if undo == nil {
			return nil, fault.At("what", errWhat)
		}
		return undo, nil
	}
	var parts []subscription.Edit // of a change
	if !w.Plan.IsZero() {
		to, err := catalog.Lookup(w.Plan)
		if err != nil {
			return nil, fault.At("plan", err)
		}
		parts = append(parts, func(s Sub, c subscription.Call) (Sub, error) { return s.ChangePlan(c, when, to) })
	}
	if !w.Quantity.IsZero() {
		parts = append(parts, func(s Sub, c subscription.Call) (Sub, error) { return s.ChangeQuantity(c, when, w.Charge, w.Quantity) })
	}
	if len(parts) == 0 {
		return nil, fault.At("", errNoChange)
	}
	return func(s Sub, c subscription.Call) (Sub, error) { return s.Edit(c, parts...) }, nil
}
