package picture

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/subscription"
)

// A Life is what is drawn of a subscription.
type Life struct {
	Subscription subscription.Subscription
	// From and Until bound the axis. What lies after Now is expected.
	From, Now, Until time.Time
	// Invoices are those that were made, and the drafts of those that are expected.
	Invoices []billing.Invoice
	// Open shows the figures without being asked.
	Open bool
}

// A span is a stretch of a life in which something stays the same.
type span struct {
	from, until  time.Time
	class, label string
}

// A happening is a line of the figures.
type happening struct {
	at           time.Time
	what, amount string
}

const (
	statusTop, bandHeight = 4, 22
	planTop               = 32
	dotsAt                = 70
	moneyTop, moneyBottom = 86, 150
	lifeHeight            = 172
)

// Draw draws it: a band of statuses, one of plans, a dot for each thing that was done or
// falls due, and a bar for each invoice, which is hollow for a
// credit. What is expected is dashed.
func (l Life) Draw() (template.HTML, error) {
	var c canvas
	a := axis{l.From, l.Until}
	place := l.Subscription.Zone().Location()
	date := func(t time.Time) string { return t.In(place).Format("2 Jan 2006") }
	c.ticks(a, place, statusTop, moneyBottom)
	for _, s := range l.statuses() {
		c.band(a, s, s.class, statusTop, date)
	}
	plans, err := l.plans()
	if err != nil {
		return "", err
	}
	for _, s := range plans {
		c.band(a, s, "plan", planTop, date)
	}
	var told []happening
	for e := range l.Subscription.Events(l.From, l.Until) {
		if e.Kind == subscription.Renewed {
			continue
		}
		what := string(e.Kind)
		if e.Action.IsValid() {
			what += " by " + e.Action.String()
		}
		class := "dot"
		if e.At.After(l.Now) {
			class, what = "expected", what+" (expected)"
		}
		c.dot(class, clamp(a.at(e.At), 150), dotsAt, date(e.At)+": "+what)
		told = append(told, happening{e.At, what + ", " + e.Plan.String() + ", " + string(e.Status), ""})
	}
	largest := int64(1)
	for _, inv := range l.Invoices {
		largest = max(largest, size(inv.Total.Minor()))
	}
	for _, inv := range l.Invoices {
		if inv.At.Before(l.From) || inv.At.After(l.Until) {
			continue
		}
		class, what := "bar", "invoice"
		if inv.Total.IsNegative() {
			class, what = "credit", "credit"
		}
		if inv.Draft {
			class, what = "expected", what+" (expected)"
		}
		height := max(2, scale(size(inv.Total.Minor()), moneyBottom-moneyTop, largest))
		c.rect(class, clamp(a.at(inv.At), 100)-50, 100, moneyBottom-height, height, date(inv.At)+": "+what+", "+inv.Total.String())
		told = append(told, happening{inv.At, what, inv.Total.String()})
	}
	c.line("rule", 0, moneyBottom, whole, moneyBottom)
	if x := a.at(l.Now); x > 0 && x < whole {
		c.line("now", x, 0, x, moneyBottom)
	}
	slices.SortStableFunc(told, func(x, y happening) int { return x.at.Compare(y.at) })
	figures := Table{Head: []string{"Date", "What", "#Amount"}}
	for _, h := range told {
		figures.Rows = append(figures.Rows, []string{date(h.at), h.what, h.amount})
	}
	caption := fmt.Sprintf("Life from %s to %s", date(l.From), date(l.Until))
	return figure(caption, caption+": statuses, plans, changes, and invoices. What is expected is dashed.", lifeHeight, c.String(), figures, l.Open), nil
}

// band draws a span with its label, if there is room for it.
func (c *canvas) band(a axis, s span, class string, top int64, date func(time.Time) string) {
	x, end := a.at(s.from), a.at(s.until)
	if end <= x {
		return
	}
	c.rect(class, x, end-x, top, bandHeight, s.label+", "+date(s.from)+" to "+date(s.until))
	if label := " " + s.label; room(label) < end-x {
		c.label("", x+100, top+15, s.label)
	}
}

// statuses are the spans of one status.
func (l Life) statuses() []span {
	var all []span
	for at := l.From; at.Before(l.Until); {
		next, ok := l.Subscription.NextChange(at)
		if !ok || next.After(l.Until) {
			next = l.Until
		}
		status := string(l.Subscription.Status(at))
		if status == "" { // before it was made
			at = l.Subscription.CreatedAt()
			continue
		}
		all = append(all, span{at, next, status, words(status)})
		at = next
	}
	return all
}

// plans are the spans of one plan and quantity.
func (l Life) plans() ([]span, error) {
	var all []span
	for i := range l.Subscription.Segments() {
		g := l.Subscription.Segment(i)
		from, until := g.From(), g.To()
		if until.IsZero() || until.After(l.Until) {
			until = l.Until
		}
		if from.Before(l.From) {
			from = l.From
		}
		if g.Ended() || !from.Before(until) {
			continue
		}
		snap, err := l.Subscription.At(from)
		if err != nil {
			return nil, err
		}
		label := snap.Plan.String()
		if q := snap.Quantity.String(); q != "1" {
			label += " × " + q
		}
		for _, charge := range slices.Sorted(maps.Keys(snap.Quantities)) {
			label += ", " + charge + " " + snap.Quantities[charge].String()
		}
		if n := len(all); n > 0 && all[n-1].label == label && all[n-1].until.Equal(from) {
			all[n-1].until = until
			continue
		}
		all = append(all, span{from, until, "plan", label})
	}
	return all, nil
}

// words writes a word of the library for people.
func words(word string) string {
	out := []rune(word)
	for i, r := range out {
		if r == '_' {
			out[i] = ' '
		}
	}
	return string(out)
}

func size(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// clamp keeps a mark of a width within the picture.
func clamp(x, half int64) int64 { return min(max(x, half), whole-half) }
