package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// printer prints the day; it stops at the first error.
type printer struct {
	w    io.Writer
	zone calendar.Zone
	err  error

	row, last string // what stands before the first line of an hour, and the day printed last
}

const columns = "%-7s%-10s%-11s%-11s%-9s%-9s"

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

func (p *printer) head(a *account) {
	all, err := a.sub.Entitlements(a.checkpoint.ChargedThrough)
	if p.err = err; err != nil {
		return
	}
	p.line("What the plan grants:")
	for _, e := range all {
		p.line("  %s", e)
	}
	p.line("")
	p.line(columns+"what happens", "", "rescans", "addresses", "calls", "targets", "credits")
}

// hour notes how things stand when the hour begins.
func (p *printer) hour(a *account, at time.Time) {
	here := at.In(p.zone.Location())
	if today := here.Format("Monday 2 January 2006"); today != p.last {
		w, err := feature.WindowAt(feature.Day, at, p.zone)
		if err != nil {
			p.err = err
			return
		}
		p.line("%s, a day of %s hours", today, w.End.Sub(w.Start).Truncate(time.Hour).String()[:2])
		p.last = today
	}
	cells := []any{here.Format("15:04")}
	for _, key := range []feature.Key{"rescans", "addresses", "calls"} {
		text, err := a.standing(key, at)
		if err != nil && p.err == nil {
			p.err = err
		}
		cells = append(cells, text)
	}
	var balance decimal.Decimal
	if settled, err := a.credits.At(at); err == nil {
		balance = settled.Balance()
	}
	cells = append(cells, fmt.Sprintf("%d/%d", a.seats.Used, a.seats.Cap()), balance.String())
	p.row = fmt.Sprintf(columns, cells...)
}

// tell prints what happened in the hour beside how things stood.
func (p *printer) tell(told []string) {
	lines := strings.Split(strings.Join(told, "\n"), "\n")
	for i, text := range lines {
		if i > 0 {
			p.row = strings.Repeat(" ", len(p.row))
		}
		p.line("%s%s", p.row, text)
	}
}

// said is a decision in a few words.
func said(a *account, what string, d feature.Decision) string {
	switch left, limited := d.Remaining(); {
	case !d.Allowed:
		what += ": refused: " + strings.ReplaceAll(string(d.Why), "_", " ")
		if d.Why == feature.BecauseQuotaExceeded {
			what += fmt.Sprintf(", %s left", left)
		}
		if !d.ResetsAt.IsZero() {
			what += ", resets at " + clock(a.zone, d.ResetsAt)
		}
		return what
	case !d.Billable().IsZero():
		what += fmt.Sprintf(": allowed, %s of them billed", d.Billable())
	case limited:
		what += fmt.Sprintf(": allowed, %s left", left)
	default:
		what += ": allowed"
	}
	for _, t := range d.Fired() {
		what += fmt.Sprintf("; more than %s%% used", t.Percent)
	}
	return what
}

// foot says what the day will cost, and lists the entries of the credits.
func (p *printer) foot(a *account, at time.Time) {
	next, err := billing.Next(a.sub, a.records, a.checkpoint, at)
	if err != nil {
		p.err = err
		return
	}
	settled, err := a.credits.At(at)
	if err != nil {
		p.err = err
		return
	}
	p.line("")
	p.line("Next invoice: %s, %s, of which %s is for the plan.", next.At.In(p.zone.Location()).Format("2 January 2006, 15:04"), next.Amount, next.PlanAmount)
	p.line("")
	p.line("Credits of the account:")
	for _, e := range settled.Entries() {
		p.line("  %s  %-9s%4s  %-12s%s", e.At.In(p.zone.Location()).Format("2 Jan 15:04"), e.Kind, e.Amount, e.Grant, e.Ref)
	}
	p.line("  Balance: %s", settled.Balance())
}

func clock(z calendar.Zone, t time.Time) string { return t.In(z.Location()).Format("15:04") }
