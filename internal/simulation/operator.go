package simulation

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// action draws what an operator or a customer does at an instant, as the story says it.
func (d *draws) action(m *market, story object, sub subscription.Subscription, at time.Time) object {
	a := object{"at": at.Format(time.RFC3339Nano)}
	change := func() {
		a.with("effective", d.effective(sub, at)).with("collect", pick(d, "", "now", "next_invoice")).with("anchor", pick(d, "", "", "keep", "reset"))
		if !m.shares {
			a.with("credit", pick(d, "", "prorate", "full", "none")).with("charge_new", pick(d, "", "prorate", "full", "none"))
		}
	}
	do := pick(d, "change_quantity", "change_quantity", "change_plan", "change_plan", "change_price", "cancel", "pause", "discount", "one_off", "account_credit", "set_anchor")
	switch sub.Status(at) {
	case lifecycle.Cancelled:
		do = pick(d, do, "reactivate", "reactivate")
	case lifecycle.Paused:
		do = pick(d, do, "resume", "resume")
	case lifecycle.InTrial:
		do = pick(d, do, "end_trial", "extend_trial")
	case lifecycle.NonRenewing:
		do = pick(d, do, "undo_cancel")
	case lifecycle.Future, lifecycle.Active:
	}
	addOns, _ := story["add_ons"].([]any)
	if len(addOns) > 0 && d.oneIn(3) {
		do = pick(d, "attach", "attach", "detach", "units")
	}
	if d.oneIn(12) {
		do = pick(d, "suspend", "restore", "set_next_billing", "set_next_billing")
	}
	a["do"] = do
	plans := story["plans"].([]any)
	switch do {
	case "change_quantity":
		change()
		a["quantity"] = fmt.Sprint(d.between(1, 12))
		if d.oneIn(4) {
			a["charge"] = d.charge(plans)
		}
	case "change_plan":
		change()
		a["to"] = pick(d, plans...).(object)["id"]
		if d.oneIn(4) {
			a["quantity"] = fmt.Sprint(d.between(1, 12))
		}
	case "change_price":
		change()
		a["charge"], a["price"] = d.charge(plans), d.price(m, true)
	case "cancel", "pause":
		a.with("effective", d.effective(sub, at))
		if a["credit"] = "prorate"; !m.shares {
			a["credit"] = pick(d, "none", "prorate")
		}
		if do == "pause" && d.oneIn(2) {
			a["cycles"] = d.between(1, 3)
		}
	case "resume":
		a.with("anchor", pick(d, "", "keep", "reset", "extend"))
	case "extend_trial":
		a["to"] = at.AddDate(0, 0, d.between(1, 50)).Format(time.DateOnly)
	case "set_anchor":
		a["anchor"] = at.AddDate(0, 0, d.between(-40, 40)).Format(time.DateOnly)
		if !m.shares {
			a.with("proration", pick(d, "", "none"))
		}
	case "set_next_billing":
		a["to"] = at.AddDate(0, 0, d.between(1, 70)).Format(time.DateOnly)
		if a["difference"] = "share"; !m.shares { // what is free leaves time that no line bills
			a["difference"] = pick(d, "free", "free", "share")
		}
	case "discount":
		if m.shares { // a line that it takes to zero would not be there
			a["percent"] = "10"
		} else if d.oneIn(2) {
			a["percent"] = pick(d, "10", "33.3", "50", "100")
		} else {
			a["amount"] = fmt.Sprint(d.between(1, 40))
		}
		switch duration := pick(d, "once", "forever", "cycles", ""); duration {
		case "cycles":
			a["duration"], a["cycles"] = duration, d.between(1, 3)
		case "":
			a["for"] = pick(d, every(1, "month"), every(45, "day"), every(1, "year"))
		default:
			a["duration"] = duration
		}
	case "one_off":
		a["amount"] = fmt.Sprint(d.between(1, 40))
		a.with("collect", pick(d, "", "now"))
	case "account_credit":
		a["amount"] = fmt.Sprint(d.between(1, 40))
	case "attach":
		change()
		a["add_on"], a["id"] = pick(d, addOns...).(object)["id"], pick(d, "x", "y", "z")
		a.with("quantity", pick(d, "", "1", "4"))
	case "detach":
		change()
		a["id"] = pick(d, "x", "y", "z")
	case "units":
		change()
		a["do"], a["attachment"], a["quantity"] = "change_quantity", pick(d, "x", "y", "z"), fmt.Sprint(d.between(1, 5))
	}
	return a
}

func (d *draws) charge(plans []any) any {
	return pick(d, pick(d, plans...).(object)["charges"].([]any)...).(object)["id"]
}

func (d *draws) effective(sub subscription.Subscription, at time.Time) string {
	switch d.between(0, 5) {
	case 0:
		return "period_end"
	case 1:
		return at.AddDate(0, 0, d.between(1, 50)).Format(time.DateOnly)
	case 2:
		if end := boundary(sub, at); end.After(at) {
			return end.Format(time.RFC3339Nano)
		}
	}
	return "now"
}

// boundary returns the end of the period that runs at t; zero if none does.
func boundary(sub subscription.Subscription, t time.Time) time.Time {
	period, ok := sub.Period(t)
	if !ok {
		return time.Time{}
	}
	return period.End
}

// record draws a record of usage, at an instant at or before now.
func (d *draws) record(now, start time.Time) object {
	at := now
	if d.oneIn(4) {
		if at = now.AddDate(0, 0, -d.between(1, 30)); at.Before(start) {
			at = now
		}
	}
	return object{"at": calendar.FormatInstant(at), "do": "usage", "of": "calls", "quantity": pick(d, "1", "2.5", "7", "20", "0")}
}
