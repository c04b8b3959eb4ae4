package story_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A story is told to a file: what was done, what is so at the instants that
// matter, the segments of the life, and what is billed for it.
type story struct {
	t    *testing.T
	text strings.Builder
	sub  subscription.Subscription
	loc  *time.Location
}

type act func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error)

func tell(t *testing.T, title string, p subscription.Params) *story {
	t.Helper()
	if p.ID == "" {
		p.ID = "story"
	}
	sub, err := subscription.New(p)
	require.NoError(t, err)
	s := &story{t: t, sub: sub, loc: p.Zone.Location()}
	fmt.Fprintf(&s.text, "%s\n\nplan %s, from %s, %s\n", title, p.Plan.Ref(), s.show(p.Start), p.Zone.Name())
	return s
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		panic(err)
	}
	return t
}

func (s *story) show(t time.Time) string { return t.In(s.loc).Format("2006-01-02 15:04:05 -07:00") }

// does does something and says what is so right after it.
func (s *story) does(when, what string, do act) {
	s.t.Helper()
	s.by(lifecycle.Subscriber, when, what, do)
}

func (s *story) by(actor lifecycle.Actor, when, what string, do act) {
	s.t.Helper()
	next, err := do(s.sub, subscription.Call{At: at(when), Actor: actor})
	if err != nil {
		fmt.Fprintf(&s.text, "%s  %s: refused: %v\n", s.show(at(when)), what, err)
		return
	}
	s.sub = next
	fmt.Fprintf(&s.text, "%s  %s: %s\n", s.show(at(when)), what, s.state(at(when)))
}

func (s *story) state(t time.Time) string {
	state, err := s.sub.State(t)
	require.NoError(s.t, err)
	return state.String()
}

// looks says what is so at instants.
func (s *story) looks(instants ...string) {
	for _, t := range instants {
		fmt.Fprintf(&s.text, "%s  is %s\n", s.show(at(t)), s.state(at(t)))
	}
}

// closes prints the life and the bills, and compares the whole with the file.
func (s *story) closes(file, until string) {
	s.t.Helper()
	s.text.WriteString("\nsegments\n")
	for i := range s.sub.Segments() {
		g := s.sub.Segment(i)
		o := g.Opened()
		text := string(o.Kind)
		if o.Cause != "" {
			text += " by " + string(o.Cause)
		}
		if o.Command > 0 {
			text += fmt.Sprintf(", command %d", o.Command)
		}
		if p := g.Period(); g.Billable() && !p.End.IsZero() {
			text += fmt.Sprintf(", period %s to %s", s.show(p.Start), s.show(p.End))
		}
		fmt.Fprintf(&s.text, "%s  %s: %s, %s\n", s.show(g.From()), g.Version().Ref(), s.state(g.From()), text)
	}
	s.bills(until)
	golden.Equal(s.t, filepath.Join("testdata", file+".txt"), []byte(s.text.String()))
}

func (s *story) bills(until string) {
	s.t.Helper()
	fmt.Fprintf(&s.text, "\ninvoices until %s\n", s.show(at(until)))
	invoices, _, err := billing.Invoices(s.sub, nil, billing.Checkpoint{}, at(until))
	require.NoError(s.t, err)
	for _, inv := range invoices {
		fmt.Fprintf(&s.text, "%s  total %s\n", s.show(inv.At), inv.Total)
		for _, l := range inv.Lines {
			share := ""
			if l.Num != l.Den {
				share = fmt.Sprintf(", %d of %d", l.Num, l.Den)
			}
			fmt.Fprintf(&s.text, "    %s %s: %s (%s to %s%s)\n", l.Kind, l.Charge, l.Amount, s.show(l.From), s.show(l.To), share)
		}
	}
}

// sold makes a plan with one fee in advance.
func sold(id, fee string, alter func(*plan.Plan)) *plan.Version {
	p := plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.RequireFromString(fee)}}},
	}
	if alter != nil {
		alter(&p)
	}
	return plan.MustCompile(p)
}

func cancels(w subscription.When) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Cancel(c, w)
	}
}

func pauses(w subscription.When, p subscription.Pause) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Pause(c, w, p)
	}
}

func resumes(anchor plan.Anchor) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		c.Policy.ResumeAnchor = anchor
		return s.Resume(c, subscription.Immediately())
	}
}

func changes(w subscription.When, to *plan.Version) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangePlan(c, w, to)
	}
}

func reactivates(r subscription.Reactivation) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Reactivate(c, r)
	}
}

func undoesCancel(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
	return s.UndoCancel(c)
}

func holds(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
	return s.Hold(c)
}

func releases(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
	return s.Release(c)
}
