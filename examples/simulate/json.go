package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// The forms below are the answer as JSON; invoices are documents of the library. Instants
// are UTC, numbers of actions and of invoices count from 1, and what there is not is
// omitted.

type storyForm struct {
	ID       string            `json:"id,omitempty"`
	Note     string            `json:"note,omitempty"`
	Currency money.Currency    `json:"currency"`
	Zone     calendar.Zone     `json:"time_zone"`
	Until    time.Time         `json:"until"`
	Timeline []happeningForm   `json:"timeline"`
	Invoices []billing.Invoice `json:"invoices"`
	End      endForm           `json:"end"`
}

type happeningForm struct {
	At       time.Time               `json:"at"`
	Local    string                  `json:"local"` // as the text shows it
	Action   int                     `json:"action,omitempty"`
	Derived  bool                    `json:"derived,omitempty"` // it fell due, by itself or as scheduled
	Kind     subscription.ChangeKind `json:"kind"`
	Cause    lifecycle.EndingCause   `json:"cause,omitempty"`
	Words    string                  `json:"words"`
	Status   lifecycle.Status        `json:"status"`
	Plan     string                  `json:"plan"`
	Phase    string                  `json:"phase,omitempty"`
	Period   *calendar.Period        `json:"period,omitempty"`
	Invoices []int                   `json:"invoices,omitempty"`
}

type endForm struct {
	Status        lifecycle.Status     `json:"status"`
	Plan          string               `json:"plan"`
	Phase         string               `json:"phase,omitempty"`
	Quantity      string               `json:"quantity"`
	Quantities    map[string]string    `json:"quantities,omitempty"`
	Period        *calendar.Period     `json:"period,omitempty"`
	EndsAt        time.Time            `json:"ends_at,omitzero"`
	NextInvoice   *billing.NextInvoice `json:"next_invoice,omitempty"` // the library's own document
	AccountCredit money.Money          `json:"account_credit"`
	Billed        money.Money          `json:"billed"`
	AmountDue     money.Money          `json:"amount_due"`
	Refunded      money.Money          `json:"refunded"`
}

// printJSON prints an array with an object for each story.
func printJSON(w io.Writer, all []telling) error {
	forms := make([]storyForm, len(all))
	for i := range all {
		forms[i] = all[i].form()
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(forms)
}

func (t *telling) form() storyForm {
	out := storyForm{
		ID: t.ID, Note: t.Note, Currency: t.Currency, Zone: t.Zone, Until: t.played.Until,
		Timeline: make([]happeningForm, 0, len(t.timeline)), Invoices: append([]billing.Invoice{}, t.played.Invoices...), End: t.endForm(),
	}
	for _, h := range t.timeline {
		out.Timeline = append(out.Timeline, happeningForm{
			At: h.At, Local: t.stamp(h.At), Action: h.action, Derived: h.Derived, Kind: h.Kind, Cause: h.Cause, Words: t.words(h),
			Status: h.Status, Plan: h.Plan.ID, Phase: h.Phase, Period: period(h.Period), Invoices: h.bills,
		})
	}
	return out
}

func (t *telling) endForm() endForm {
	out := endForm{
		Status: t.end.State.Status(), Plan: t.end.Plan.ID, Phase: t.end.Phase, Quantity: t.end.Quantity.String(),
		EndsAt: t.endsAt(), AccountCredit: t.credit(), Billed: t.billed, AmountDue: t.due, Refunded: t.refunded,
	}
	for id, q := range t.end.Quantities {
		if out.Quantities == nil {
			out.Quantities = map[string]string{}
		}
		out.Quantities[id] = q.String()
	}
	if t.end.Billable {
		out.Period = period(t.end.Period)
	}
	if !t.next.At.IsZero() {
		out.NextInvoice = &t.next
	}
	return out
}

// period is nil where none runs.
func period(p calendar.Period) *calendar.Period {
	if p.Start.IsZero() && p.End.IsZero() {
		return nil
	}
	return &p
}
