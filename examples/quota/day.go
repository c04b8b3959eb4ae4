package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// event is what somebody does in an hour; it returns the result.
type event func(*account, time.Time) (string, error)

// story is the day, by the hour of New York.
var story = map[string][]event{
	"2026-03-07 22:00": {uses("rescans", 2)},
	"2026-03-07 23:00": {uses("rescans", 1)},
	"2026-03-08 00:00": {uses("rescans", 1)},
	"2026-03-08 01:00": {uses("calls", 150)},
	"2026-03-08 03:00": {uses("calls", 20)},
	"2026-03-08 06:00": {uses("addresses", 4)},
	"2026-03-08 07:00": {uses("addresses", 5)},
	"2026-03-08 08:00": {releases("addresses", 4), uses("addresses", 5)},
	"2026-03-08 09:00": {uses("calls", 150)},
	"2026-03-08 10:00": {uses("calls", 100)},
	"2026-03-08 11:00": {uses("calls", 40)},
	"2026-03-08 12:00": {bills, uses("calls", 30)},
	"2026-03-08 13:00": {handsOver},
	"2026-03-08 14:00": {fills("", 4), fills("", 3), fills("red", 2), fills("red", 1)},
	"2026-03-08 15:00": {handsOver},
	"2026-03-08 16:00": {pauses, uses("rescans", 1)},
	"2026-03-08 17:00": {resumes, uses("rescans", 1)},
	"2026-03-08 18:00": {scansDeep(false), scansDeep(true)},
	"2026-03-08 19:00": {spends(8, "deep scan 1"), buys("fifty"), spends(8, "deep scan 1")},
	"2026-03-08 21:00": {grants("rescans", 20), uses("rescans", 12)},
	"2026-03-09 00:00": {uses("rescans", 1)},
}

// day tells the whole of it.
func day(w io.Writer) error {
	zone, err := calendar.LoadZone("America/New_York")
	if err != nil {
		return err
	}
	local := func(year int, month time.Month, day, hour int) time.Time {
		return time.Date(year, month, day, hour, 0, 0, 0, zone.Location())
	}
	a, err := open(zone, local)
	if err != nil {
		return err
	}
	first, last := local(2026, time.March, 7, 22), local(2026, time.March, 9, 0)
	p := printer{w: w, zone: zone}
	p.head(a)
	for at := first; !at.After(last); at = at.Add(time.Hour) {
		var told []string
		p.hour(a, at)
		for _, happens := range story[at.In(zone.Location()).Format("2006-01-02 15:04")] {
			what, err := happens(a, at)
			if err != nil {
				return err
			}
			told = append(told, what)
		}
		p.tell(told)
	}
	p.foot(a, last)
	return p.err
}

// some is a number of things in words.
func some(n int64, things string) string {
	if n == 1 {
		things = strings.TrimSuffix(things, "s")
	}
	return fmt.Sprintf("%d %s", n, things)
}

// refused is a refusal in words. It is news, not a failure of the program.
func refused(err error) string { return ": refused: " + strings.TrimPrefix(err.Error(), "feature: ") }

func uses(key feature.Key, n int64) event {
	return func(a *account, at time.Time) (string, error) {
		d, err := a.use(key, n, at, nil)
		return said(a, some(n, string(key)), d), err
	}
}

func releases(key feature.Key, n int64) event {
	return func(a *account, at time.Time) (string, error) {
		return some(n, string(key)) + " released", a.release(key, n, at)
	}
}

// scansDeep asks for a scan that the plan allows only after another was completed; the
// application knows whether one was.
func scansDeep(completed bool) event {
	return func(a *account, at time.Time) (string, error) {
		met := feature.Conditions{"after a completed scan": func() bool { return completed }}
		d, err := a.use("deep scans", 1, at, met)
		return said(a, some(1, "deep scans"), d), err
	}
}

func fills(team string, n int64) event {
	return func(a *account, _ time.Time) (string, error) {
		next, err := a.seats.Fill(n)
		who := some(n, "targets")
		if team != "" {
			next, err = a.seats.FillTeam(team, n)
			who += " for team " + team
		}
		if err != nil {
			return who + refused(err), nil
		}
		a.seats = next
		return fmt.Sprintf("%s: filled, %d available, %d of them not reserved", who, next.Available(), next.Unreserved()), nil
	}
}

func handsOver(a *account, at time.Time) (string, error) {
	next, err := a.seats.HandOver(a.changes, at)
	if err != nil {
		free, _ := a.changes.NextAllowed(at)
		return "a target is reassigned: refused: no changes left this year, the next is allowed at " + clock(a.zone, free), nil
	}
	a.changes = next
	return fmt.Sprintf("a target is reassigned: %d of %d changes in the past year", next.Count(at), next.Max()), nil
}

func spends(n int64, on string) event {
	return func(a *account, at time.Time) (string, error) {
		next, draws, err := a.credits.Spend(decimal.NewFromInt(n), at, on)
		what := some(n, "credits") + " for " + on
		if err != nil {
			return what + refused(err), nil
		}
		a.credits = next
		var taken []string
		for _, d := range draws {
			taken = append(taken, d.Amount.String()+" of "+d.Grant)
		}
		return what + ": " + strings.Join(taken, ", "), nil
	}
}

func buys(pack string) event {
	return func(a *account, at time.Time) (string, error) {
		err := a.buy(pack, at)
		price, _ := a.sub.Plan(at).PackPrice(pack)
		return fmt.Sprintf("pack %q bought: %s on the next invoice", pack, price.Price), err
	}
}

func bills(a *account, at time.Time) (string, error) {
	invoices, err := a.bill(at)
	what := "a new billing period begins"
	for _, inv := range invoices {
		what += ": invoice of " + inv.Total.String()
		for _, l := range inv.Lines {
			what += fmt.Sprintf("\n  %s: %s, %s", l.Name, l.Quantity, l.Amount)
		}
	}
	return what, err
}

func pauses(a *account, at time.Time) (string, error) {
	next, err := a.sub.Pause(subscription.Call{At: at, Actor: lifecycle.Subscriber}, subscription.Immediately(), subscription.Pause{})
	a.sub = next
	return "the subscription is paused", err
}

func resumes(a *account, at time.Time) (string, error) {
	next, err := a.sub.Resume(subscription.Call{At: at, Actor: lifecycle.Subscriber}, subscription.Immediately())
	a.sub = next
	return "the subscription is resumed", err
}

// grants gives the subscription another limit than its plan does.
func grants(key feature.Key, limit int64) event {
	return func(a *account, at time.Time) (string, error) {
		call := subscription.Call{At: at, Actor: lifecycle.Operator, Reason: "a bad day"}
		next, err := a.sub.AssignFeatures(call, feature.Overrides{key: feature.LimitTo(limit)}, feature.Assignment{})
		a.sub = next
		return fmt.Sprintf("support raises %s to %d", key, limit), err
	}
}
