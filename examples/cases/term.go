package cases

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Term is the contract term of a plan.
type Term struct {
	Length        Every            `json:"length"`
	From          plan.LengthFrom  `json:"from"`
	Minimum       Every            `json:"minimum"`
	Notice        Every            `json:"notice"`
	LateNotice    plan.LateNotice  `json:"late_notice"`
	Renew         plan.TermRenewal `json:"renew"`
	RenewalLength Every            `json:"renewal_length"`
	PlanChange    plan.TermChange  `json:"plan_change"`
	Pause         plan.TermPause   `json:"pause"`
	EarlyEnd      *EarlyEnd        `json:"early_end"`
}

// EarlyEnd is the fee for an end before that of the term.
type EarlyEnd struct {
	Fee     plan.EarlyEndFee `json:"fee"`
	Amount  *decimal.Decimal `json:"amount"`
	Percent *decimal.Decimal `json:"percent"`
}

// DecodeStrict reads a term.
func (t *Term) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Term
	return append(n.Decode((*fields)(t)), missing(n, "length")...)
}

// DecodeStrict reads a fee.
func (e *EarlyEnd) DecodeStrict(n strict.Node) []strict.Fault {
	type fields EarlyEnd
	return append(n.Decode((*fields)(e)), missing(n, "fee")...)
}

// term makes the engine's definition.
func (t *Term) term(in money.Currency) *plan.Term {
	if t == nil {
		return nil
	}
	out := &plan.Term{
		Interval: t.Length.Interval, From: t.From, Minimum: t.Minimum.Interval, Notice: t.Notice.Interval, LateNotice: t.LateNotice,
		Renewal: t.Renew, RenewalInterval: t.RenewalLength.Interval, PlanChange: t.PlanChange, Pause: t.Pause,
	}
	if fee := t.EarlyEnd; fee != nil {
		out.EarlyEnd = &plan.EarlyEnd{Fee: fee.Fee, Percent: fee.Percent}
		if fee.Amount != nil {
			amount, err := money.Exact(*fee.Amount, in)
			if err == nil {
				out.EarlyEnd.Amount = &amount
			}
		}
	}
	return out
}

var errEarlyEnd = errors.New("only what ends now has a fee for it")

// endEarly cancels at once and adds what the contract asks for that.
func (s *playing) endEarly(sub subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
	_, checkpoint, err := billing.Invoices(sub, s.usage, billing.Checkpoint{}, call.At)
	if err != nil {
		return sub, err
	}
	fee, err := billing.EarlyEndFee(sub, s.usage, checkpoint, call)
	if err != nil {
		return sub, err
	}
	edits := []subscription.Edit{func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Cancel(c, subscription.Immediately())
	}}
	if fee.Sign() > 0 {
		edits = append(edits, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.AddOneOff(c, subscription.OneOff{ID: "early_end", Amount: fee, NoDiscount: true})
		})
	}
	slices.Reverse(edits)
	return sub.Edit(call, edits...)
}

// ExpectedTerm is what a contract must say when it is asked at an instant. What it leaves
// out it does not assert.
type ExpectedTerm struct {
	At       Moment  `json:"at"`
	EndsAt   *Moment `json:"ends_at"`  // the ending that is expected
	CutOff   *Moment `json:"cut_off"`  // the last civil day on which a notice counts for the term that runs
	Earliest *Moment `json:"earliest"` // where a notice given then would lead
}

// DecodeStrict reads what a contract must say.
func (e *ExpectedTerm) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedTerm
	return append(n.Decode((*fields)(e)), missing(n, "at")...)
}

// Agreed is what a contract says at an instant; zero instants where it says nothing.
type Agreed struct {
	EndsAt, CutOff, Earliest time.Time
}

func (s *playing) agreed(t time.Time) (Agreed, error) {
	sub := s.at(t)
	var a Agreed
	if end, ok := sub.EndsAt(t); ok {
		a.EndsAt = end.At
	}
	term, ok, err := sub.Term(t)
	if err != nil || !ok {
		return a, err
	}
	a.Earliest = term.EarliestEnd
	if !term.CutOff.IsZero() {
		a.CutOff = sub.Zone().Midnight(term.CutOff, -1)
	}
	return a, nil
}

func (c *Scenario) judgeTerm(got Agreed, want ExpectedTerm) answer {
	for _, row := range []struct {
		name string
		got  time.Time
		want *Moment
	}{{"ends_at", got.EndsAt, want.EndsAt}, {"cut_off", got.CutOff, want.CutOff}, {"earliest", got.Earliest, want.Earliest}} {
		if row.want != nil && !row.got.Equal(row.want.In(c.Zone)) {
			return failed(fmt.Sprintf("term at %s: %s %s", want.At, row.name, show(row.got, c.Zone)), row.want.String())
		}
	}
	return passed()
}
