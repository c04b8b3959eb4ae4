package cases

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// Grant gives prepaid credit.
type Grant struct {
	stamp
	ID       string          `json:"id"`
	Amount   decimal.Decimal `json:"amount"`
	Until    Moment          `json:"until"`    // zero: without end
	Priority int             `json:"priority"` // the lower first
	Class    prepaid.Class   `json:"class"`    // paid (default) or promotional
	Charges  []string        `json:"charges"`  // none: all lines
	Late     prepaid.Late    `json:"late"`     // draw (default) or lapse
}

func (v *Grant) settle(n strict.Node) []strict.Fault {
	faults := append(missing(n, "id", "amount"), word(n, "class", &v.Class, prepaid.Paid, prepaid.Paid, prepaid.Promotional)...)
	if v.Priority < 0 {
		faults = append(faults, below(n, "priority", fault.OutOfRange.Errorf("must not be negative")))
	}
	return append(faults, word(n, "late", &v.Late, prepaid.DrawLate, prepaid.DrawLate, prepaid.LapseLate)...)
}

// RevokeGrant ends a grant.
type RevokeGrant struct {
	stamp
	ID string `json:"id"`
}

func (v *RevokeGrant) settle(n strict.Node) []strict.Fault { return missing(n, "id") }

// grants reports whether the story has prepaid credit.
func (c *Scenario) grants() bool {
	return slices.ContainsFunc(c.Actions, func(a Action) bool {
		_, ok := a.Verb.(*Grant)
		return ok
	})
}

// untoldGrants reports the grants of a story that is told: nothing tells what they pay.
func untoldGrants(n strict.Node) []strict.Fault {
	var faults []strict.Fault
	actions, _ := n.Field("actions")
	for _, action := range actions.Elems() {
		if do := text(action, "do"); do == "grant" || do == "revoke_grant" {
			faults = append(faults, below(action, "do", fault.Excluded.Errorf("%q must be left out: a story tells of no prepaid credit, a case does", do)))
		}
	}
	return faults
}

// A feed adds or revokes a grant at an instant.
type feed struct {
	at   time.Time
	verb Verb
}

// draw pays invoices from the grants of the story, those of an instant before its invoices.
func (s *playing) draw(invoices []billing.Invoice, until time.Time) ([]prepaid.Drawing, prepaid.Checkpoint, error) {
	var feeds []feed
	for _, action := range s.c.Actions {
		switch action.Verb.(type) {
		case *Grant, *RevokeGrant:
			if at := action.At.In(s.c.Zone); !at.After(until) {
				feeds = append(feeds, feed{at, action.Verb})
			}
		}
	}
	slices.SortStableFunc(feeds, func(a, b feed) int { return cmp.Compare(a.at.UnixMicro(), b.at.UnixMicro()) })
	var c prepaid.Checkpoint
	var out []prepaid.Drawing
	for _, inv := range invoices {
		for len(feeds) > 0 && !feeds[0].at.After(inv.At) {
			var err error
			if c, err = s.feed(c, feeds[0]); err != nil {
				return nil, c, err
			}
			feeds = feeds[1:]
		}
		made, next, err := prepaid.Draw(c, []billing.Invoice{inv}, prepaid.Terms{})
		if err != nil {
			return nil, c, err
		}
		out, c = append(out, made...), next
	}
	for _, f := range feeds {
		var err error
		if c, err = s.feed(c, f); err != nil {
			return nil, c, err
		}
	}
	return out, c, nil
}

func (s *playing) feed(c prepaid.Checkpoint, f feed) (prepaid.Checkpoint, error) {
	switch v := f.verb.(type) {
	case *RevokeGrant:
		return prepaid.Revoke(c, v.ID, f.at)
	case *Grant:
		amount, err := money.Exact(v.Amount, s.c.Currency)
		if err != nil {
			return c, err
		}
		g := prepaid.Grant{ID: v.ID, Amount: amount, From: f.at, Priority: v.Priority, Class: v.Class, Scope: prepaid.Scope{Charges: v.Charges}, Late: v.Late}
		if !v.Until.IsZero() {
			g.Until = v.Until.In(s.c.Zone)
		}
		return prepaid.Add(c, g)
	}
	return c, fmt.Errorf("cases: no grant in %T", f.verb)
}

// prepaid bills a story with grants: what they pay comes off first, then account credit.
func (s *playing) prepaid(until time.Time) (Outcome, error) {
	made, next, err := billing.Invoices(s.sub, s.usage, billing.Checkpoint{}, until, billing.WithoutCredit())
	if err != nil {
		return Outcome{}, err
	}
	drawings, grants, err := s.draw(made, until)
	if err != nil {
		return Outcome{}, err
	}
	own := account.Account{ID: "own", Currency: s.c.Currency, Rule: account.Rule{Merge: account.ByInstant}, Members: []account.Member{{Subscription: s.sub.ID()}}}
	credits := account.Credits(s.sub, next)
	var checkpoint account.Checkpoint
	var all []account.Invoice
	for i, inv := range made {
		section := account.Section{Invoice: inv, Drawn: drawings[i].Covered}
		var combined []account.Invoice
		if combined, checkpoint, err = account.Combine(own, checkpoint, []account.Section{section}, credits, inv.At); err != nil {
			return Outcome{}, err
		}
		all = append(all, combined...)
	}
	if _, checkpoint, err = account.Combine(own, checkpoint, nil, credits, until); err != nil {
		return Outcome{}, err
	}
	out := combined(all, checkpoint)
	out.Grants = map[string]decimal.Decimal{}
	for _, b := range grants.Grants {
		out.Grants[b.Grant.ID] = b.Left.Decimal()
	}
	return out, nil
}
