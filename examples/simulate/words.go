package main

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/cases"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// words says what happened.
func (t *telling) words(h happening) string {
	s := t.happened(h)
	if h.Dropped != 0 {
		s += fmt.Sprintf("; no longer scheduled: %s", h.Dropped)
	}
	return s
}

func (t *telling) happened(h happening) string {
	var s string
	switch {
	case h.Kind == subscription.Created:
		return t.made(h)
	case h.action == 0 || h.Derived:
		s = t.fell(h)
		if h.action > 0 {
			s += fmt.Sprintf(", as requested in %d", h.action)
		}
	default:
		verb := t.Actions[h.action-1].Verb
		s = t.asked(verb)
		if set := t.Actions[h.action-1].Set; set != "" {
			s += ", in the set " + set
		}
		if _, ok := verb.(*cases.Usage); h.Command == 0 && !ok {
			s += ", which changes nothing"
		}
	}
	if h.first {
		s = t.made(h) + "; " + s
	}
	switch {
	case h.Kind == subscription.Renewed:
		return s + " for " + t.span(h.Period)
	case h.moved:
		return s + "; the period is " + t.span(h.Period)
	}
	return s
}

func (t *telling) made(h happening) string {
	return fmt.Sprintf("sold: plan %s, quantity %s", h.Plan.ID, t.Subscription.Quantity.String())
}

// fell says what an event is that nobody asked for at its instant.
func (t *telling) fell(h happening) string {
	switch h.Kind {
	case subscription.TrialBegan:
		if end, ok := t.played.Subscription.TrialEnd(h.At); ok {
			return "a trial begins, " + t.span(calendar.Period{Start: h.At, End: end})
		}
		return "a trial begins"
	case subscription.Started:
		return "the subscription starts"
	case subscription.TrialEnded:
		return "the trial ends"
	case subscription.PhaseBegan:
		if h.Phase == "" {
			return "the last phase is over and the plan's own charges begin"
		}
		return h.Phase + " begins"
	case subscription.Changed:
		if h.Command == 0 {
			return "prices increase"
		}
		return "the change takes effect"
	case subscription.Paused:
		return "the pause begins"
	case subscription.Resumed:
		return "the pause ends"
	case subscription.Renewed:
		return "it renews"
	case subscription.Ended:
		switch h.Cause {
		case lifecycle.CauseNoRenewal:
			return "it ends, as it does not renew"
		case lifecycle.CauseLength:
			return "it ends, as the last of its cycles is over"
		case lifecycle.CauseCancel, lifecycle.CauseEndDate:
		}
		return "it ends"
	case subscription.Recorded:
		return "what is left of the period is billed"
	case subscription.Created, subscription.AnchorSet, subscription.Held, subscription.Released, subscription.Reactivated:
	}
	return strings.ReplaceAll(string(h.Kind), "_", " ")
}

// asked says what an action asks for. What it leaves to its default is not said.
func (t *telling) asked(verb cases.Verb) string {
	switch v := verb.(type) {
	case *cases.ChangePlan:
		s := "change to plan " + v.To
		if v.Quantity != nil {
			s += ", quantity " + v.Quantity.String()
		}
		return s + t.effective(v.Effective) + choices(v.Change)
	case *cases.ChangeQuantity:
		s := "change the quantity to " + v.Quantity.String()
		if v.Charge != "" {
			s = "change the quantity of " + v.Charge + " to " + v.Quantity.String()
		}
		if v.Attachment != "" {
			s = "change the quantity of " + v.Attachment + " to " + v.Quantity.String()
		}
		return s + t.effective(v.Effective) + choices(v.Change)
	case *cases.ChangePrice:
		return "change the price of " + v.Charge + t.priced(v.Price.Price) + t.effective(v.Effective) + choices(v.Change)
	case *cases.Attach:
		s := "attach " + v.AddOn + " as " + v.ID
		if v.Quantity != nil {
			s += ", quantity " + v.Quantity.String()
		}
		if v.Price != nil {
			s += t.priced(v.Price.Price)
		}
		if v.Cycles > 0 {
			s += fmt.Sprintf(", for %d periods", v.Cycles)
		}
		return s + t.effective(v.Effective) + choices(v.Change)
	case *cases.Detach:
		return "detach " + v.ID + t.effective(v.Effective) + choices(v.Change)
	case *cases.Cancel:
		s := "cancel" + t.effective(v.Effective)
		if v.Credit != plan.CreditNone {
			s += ", credit " + string(v.Credit)
		}
		return s
	case *cases.UndoCancel:
		return "undo the cancellation"
	case *cases.Pause:
		s := "pause" + t.effective(v.Effective)
		switch {
		case v.Cycles == 1:
			s += ", for 1 period"
		case v.Cycles > 1:
			s += fmt.Sprintf(", for %d periods", v.Cycles)
		case !v.ResumeAt.IsZero():
			s += ", until " + t.when(v.ResumeAt.In(t.Zone))
		}
		if v.Credit != plan.CreditNone {
			s += ", credit " + string(v.Credit)
		}
		return s
	case *cases.Resume:
		return "resume, anchor " + string(v.Anchor)
	case *cases.Reactivate:
		return "reactivate"
	case *cases.EndTrial:
		return "end the trial"
	case *cases.ExtendTrial:
		return "extend the trial to " + t.when(v.To.In(t.Zone))
	case *cases.SetAnchor:
		s := "set the anchor to " + t.when(v.Anchor.In(t.Zone))
		if v.Proration == "none" {
			s += ", without proration"
		}
		return s
	case *cases.SetNextBilling:
		s := "set the next billing to " + t.when(v.To.In(t.Zone))
		if v.Difference == subscription.ByShare {
			s += ", the difference by its share"
		}
		return s
	case *cases.Suspend:
		return "suspend: no service, and bills go on"
	case *cases.Restore:
		return "restore the service"
	case *cases.Discount:
		return "add a discount: " + t.discount(v)
	case *cases.OneOff:
		s := "add a one-off charge of " + t.price(v.Amount)
		if v.Collect == plan.CollectNow {
			return s + ", now"
		}
		return s + ", with the next invoice"
	case *cases.AccountCredit:
		return "add account credit of " + t.price(v.Amount)
	case *cases.Usage:
		return "usage of " + v.Of + ": " + v.Quantity.String()
	}
	return fmt.Sprintf("%T", verb)
}

// priced says what a new price is, where a few words can.
func (t *telling) priced(p plan.Price) string {
	switch p := p.(type) {
	case plan.FlatFee:
		return " to " + t.price(p.Amount)
	case plan.PerUnit:
		return " to " + t.price(p.UnitAmount) + " a unit"
	}
	return " to another " + string(p.Model()) + " price"
}

// discount says what is taken off: "10% off the charge fee, for 3 cycles".
func (t *telling) discount(v *cases.Discount) string {
	var s string
	if v.Percent != nil {
		s = v.Percent.String() + "% off"
	} else {
		s = t.price(*v.Amount) + " off"
	}
	if v.Charge != "" {
		s += " the charge " + v.Charge
	}
	switch v.Duration {
	case plan.ForCycles:
		if v.Cycles == 1 {
			return s + ", for 1 billing cycle"
		}
		return fmt.Sprintf("%s, for %d billing cycles", s, v.Cycles)
	case plan.ForTime:
		unit := string(v.For.Unit())
		if v.For.Count() > 1 {
			unit += "s"
		}
		return fmt.Sprintf("%s, for %d %s", s, v.For.Count(), unit)
	case plan.OnceOnly, plan.Forever:
	}
	return s + ", " + string(v.Duration)
}

func (t *telling) effective(w cases.When) string {
	switch {
	case w.PeriodEnd:
		return " at the period's end"
	case w.IsNow():
		return " now"
	}
	return " on " + t.when(w.At.In(t.Zone))
}

func choices(c cases.Change) string {
	var s string
	if c.Credit != plan.CreditProrate {
		s += ", credit " + string(c.Credit)
	}
	if c.ChargeNew != plan.ChargeProrate {
		s += ", charge " + string(c.ChargeNew)
	}
	if c.Collect != plan.CollectNow {
		s += ", collect with the next invoice"
	}
	if c.Anchor != plan.KeepAnchor {
		s += ", anchor " + string(c.Anchor)
	}
	return s
}

// price writes an amount in the story's currency.
func (t *telling) price(d decimal.Decimal) string {
	return d.StringFixed(max(int32(t.Currency.Digits()), -d.Exponent())) + " " + t.Currency.String()
}

// printable keeps the text of a file from moving the terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
