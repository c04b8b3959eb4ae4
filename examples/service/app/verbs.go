package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Wish is what a customer asks to be done, by an API or a form.
type Wish struct {
	When     string          `json:"when,omitempty" doc:"now, period_end, or an instant; needed by change, pause, resume, cancel" example:"period_end"`
	Plan     string          `json:"plan,omitempty" doc:"change: the plan to move to, as id@version" example:"team@1"`
	Charge   string          `json:"charge,omitempty" doc:"change: whose quantity; empty for all without one of their own"`
	Quantity decimal.Decimal `json:"quantity,omitzero" doc:"change: the new quantity" example:"5"`
	Until    string          `json:"until,omitempty" doc:"pause: when it ends by itself"`
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
	errWhat     = fault.UnknownWord.Errorf("not cancel, pause, resume or change")
	errNoChange = fault.Required.Errorf("a plan or a quantity")
	errAction   = fault.New(fault.Missing, "app: unknown action")
)

// Verb makes a verb of a wish. All that is wrong with the wish is reported at once.
func (a *App) Verb(ctx context.Context, tenant, action, key string, w Wish) (Verb, error) {
	reads, ok := Actions[action]
	if !ok {
		return nil, errAction
	}
	var faults []error
	for name, given := range map[string]bool{
		"when": w.When != "", "plan": w.Plan != "", "charge": w.Charge != "", "quantity": !w.Quantity.IsZero(),
		"until": w.Until != "", "cycles": w.Cycles != 0, "what": w.What != "", "reason": w.Reason != "",
	} {
		if given && !slices.Contains(reads, name) {
			faults = append(faults, fault.At(name, errNeedless))
		}
	}
	instant := func(name, text string) (t time.Time) {
		var err error
		if text != "" {
			if t, err = calendar.ParseInstant(text); err != nil {
				faults = append(faults, fault.At(name, err))
			}
		}
		return t
	}
	var when subscription.When
	switch {
	case !slices.Contains(reads, "when"):
	case w.When == "now":
		when = subscription.Immediately()
	case w.When == "period_end":
		when = subscription.AtPeriodEnd()
	case w.When == "":
		faults = append(faults, fault.At("when", errWhen))
	default:
		when = subscription.On(instant("when", w.When))
	}
	pause := subscription.Pause{Until: instant("until", w.Until), Cycles: w.Cycles}
	var to *plan.Version
	if action == "change" && w.Plan != "" {
		catalog, err := a.Catalog(ctx, tenant)
		if err != nil {
			return nil, err
		}
		ref, err := plan.ParseRef(w.Plan)
		if err == nil {
			to, err = catalog.Lookup(ref)
		}
		if err != nil {
			faults = append(faults, fault.At("plan", err))
		}
	}
	if action == "change" && w.Plan == "" && w.Quantity.IsZero() {
		faults = append(faults, fault.At("", errNoChange))
	}
	if action == "undo" && !slices.Contains([]string{"cancel", "pause", "resume", "change"}, w.What) {
		faults = append(faults, fault.At("what", errWhat))
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return nil, errors.Join(faults...)
	}
	return func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
		call := Call(at, key, w.Reason)
		switch action {
		case "pause":
			return sub.Pause(call, when, pause)
		case "resume":
			return sub.Resume(call, when)
		case "cancel":
			return sub.Cancel(call, when)
		case "reactivate":
			return sub.Reactivate(call, subscription.Reactivation{})
		case "undo":
			undo := map[string]func(subscription.Call) (subscription.Subscription, error){
				"cancel": sub.UndoCancel, "pause": sub.UndoPause, "resume": sub.UndoResume, "change": sub.UndoChange,
			}
			return undo[w.What](call)
		}
		var parts []subscription.Edit // of a change
		if to != nil {
			parts = append(parts, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.ChangePlan(c, when, to)
			})
		}
		if !w.Quantity.IsZero() {
			parts = append(parts, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.ChangeQuantity(c, when, w.Charge, w.Quantity)
			})
		}
		return sub.Edit(call, parts...)
	}, nil
}

// Explain returns why the amounts of a posting are what they are: plain text, to be escaped
// where it is shown.
func Explain(p store.Posting) (string, error) {
	switch p.Topic {
	case "invoice":
		var inv billing.Invoice
		if err := json.Unmarshal([]byte(p.Document), &inv); err != nil {
			return "", err
		}
		return inv.Explain()
	case "difference":
		var diff billing.Reconciliation
		if err := json.Unmarshal([]byte(p.Document), &diff); err != nil {
			return "", err
		}
		return diff.Explain()
	}
	var note CreditNote
	err := json.Unmarshal([]byte(p.Document), &note)
	return "Credit note of " + p.Dated.Format("2 January 2006") + ": " + p.Total.String() + "\n" + note.Reason + "\n", err
}
