package subscription

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// ID names a subscription. Any text of 1 to 255 bytes will do; a UUID is usual.
type ID string

// A Subscription is a customer's agreement and all that was done to it. It is an
// immutable value of one word: verbs return the next one and leave this one as
// it was, so a preview, a retry and a comparison cost nothing. Copies are safe to
// use from any number of goroutines.
//
// The zero Subscription is none: its accessors return zero values, its status is
// empty, and its verbs fail with [ErrZero].
type Subscription struct{ c *core }

// A core holds as little as it can: a service keeps a million of them.
type core struct {
	id    ID
	at    time.Time // when it was made
	more  *Params   // what it was made with, where that is not told by its first span
	*log            // never nil
	spans []span
}

// log is what was done to a subscription since it was made.
type log struct {
	details  *Details // nil: none
	commands []*Command
	// feeds are the commands that only feed an invoice: discounts, one-offs and
	// account credit, in order of their instants.
	feeds []*Command
}

// untouched is the log of every subscription to which nothing was done. It is
// never changed.
var untouched = &log{}

// next answers a copy of the core whose log may be changed.
func (c *core) next() *core {
	n, l := *c, *c.log
	n.log = &l
	return &n
}

// params answers what the subscription was made with.
func (c *core) params() Params {
	if c.more != nil {
		return *c.more
	}
	first := c.spans[0].terms
	q := first.quantity
	return Params{ID: c.id, Plan: first.version, At: c.at, Start: c.at, Zone: first.zone, Quantity: &q}
}

// isPlain reports that the params say nothing but id, plan, start, zone and
// quantity.
func (p Params) isPlain() bool {
	return p.Offering == nil && p.At.Equal(p.Start) && p.Anchor.IsZero() && len(p.Quantities) == 0 && len(p.Prices) == 0 &&
		p.Policy == (plan.Policy{}) && !p.TrialUsed && !p.NoRenewal && p.EndDate.IsZero() && p.Details.isZero() && p.Quantity != nil
}

// Params are what a subscription is made of.
type Params struct {
	// ID is required.
	ID ID
	// Plan is the version that is sold. Required.
	Plan *plan.Version
	// Offering is what was sold as a whole, if plans are sold in offerings: a change
	// of plan then stays within it.
	Offering *plan.Offering
	// At is when the agreement was made; it must not lie after Start. Zero: Start.
	At time.Time
	// Start is when service begins: with the plan's trial, or with the first period.
	// Required.
	Start time.Time
	// Zone is the zone in which the calendar of the subscription runs; zero is UTC.
	Zone calendar.Zone
	// Anchor is where the grid of periods hangs; before or after the start. Zero:
	// the trial's end if there is a trial, else the start. Anchored elsewhere, the
	// first period is a part of one; Policy.FirstPeriod says what it costs.
	Anchor time.Time
	// Quantity is the quantity of the charges that have none of their own. Nil
	// means one; [Units] makes one of a whole number.
	Quantity *decimal.Decimal
	// Quantities are quantities by charge, over Quantity and over the plan's.
	Quantities map[string]decimal.Decimal
	// Prices are negotiated prices by charge, over the plan's.
	Prices map[string]plan.Price
	// Policy is negotiated over the plan's policy; empty choices are the plan's.
	Policy plan.Policy
	// TrialUsed says that the customer had a trial before: the plan's is not granted.
	TrialUsed bool
	// NoRenewal begins with auto-renewal off: one period, and it ends.
	NoRenewal bool
	// EndDate ends the subscription at that instant; zero: it has none.
	EndDate time.Time
	// Details are references, labels and opaque data.
	Details Details
}

// Details are names, references and opaque data: nothing in them changes what is
// billed or allowed. No text of this package shows them.
type Details struct {
	Name         string            `json:"name,omitempty"`
	ExternalRef  string            `json:"external_ref,omitempty"`
	Owner        string            `json:"owner,omitempty"`
	Account      string            `json:"account,omitempty"`
	Organization string            `json:"organization,omitempty"`
	Team         string            `json:"team,omitempty"`
	Parent       ID                `json:"parent,omitempty"` // the subscription that this one depends on
	Channel      string            `json:"channel,omitempty"`
	CancelReason string            `json:"cancel_reason,omitempty"` // why it was or will be cancelled
	Tags         []string          `json:"tags,omitempty"`
	Metadata     map[string]string `json:"metadata,omitempty"`
}

func (d Details) clone() Details {
	d.Tags = slices.Clone(d.Tags)
	d.Metadata = maps.Clone(d.Metadata)
	return d
}

func (d Details) isZero() bool {
	return d.Name == "" && d.ExternalRef == "" && d.Owner == "" && d.Account == "" && d.Organization == "" &&
		d.Team == "" && d.Parent == "" && d.Channel == "" && d.CancelReason == "" && len(d.Tags) == 0 && len(d.Metadata) == 0
}

// Units returns a quantity for [Params].
func Units(n int64) *decimal.Decimal {
	d := decimal.NewFromInt(n)
	return &d
}

// New makes a subscription. The error joins every fault of p, each with the name
// of its field.
func New(p Params) (Subscription, error) {
	p, terms, err := p.checked()
	if err != nil {
		return Subscription{}, err
	}
	first := span{from: p.At, kind: future, terms: terms, opened: &Change{Kind: Created, At: p.At, Command: 1, Recorded: p.At}}
	first.set(noRenewal, p.NoRenewal)
	first.set(trialUsed, p.TrialUsed)
	first.set(unopened, true)
	w := first.edit()
	w.start, w.anchor, w.endDate = p.Start, p.Anchor, p.EndDate
	spans := []span{first}
	if p.At.Equal(p.Start) {
		// Nothing lies before the start: the first span is the service's own.
		if err := spans[0].start(p.Start, nil); err != nil {
			return Subscription{}, fmt.Errorf("subscription: %w", err)
		}
		spans[0].opened.Command, spans[0].opened.Recorded = 1, p.At
		if spans[0].opened.Kind == Started {
			spans[0].opened = nil
		}
		spans[0].settle()
	}
	spans, err = project(spans, time.Time{})
	if err != nil {
		return Subscription{}, fmt.Errorf("subscription: %w", err)
	}
	c := &core{id: p.ID, at: p.At, log: untouched, spans: slices.Clone(spans)}
	if !p.isPlain() {
		c.more = &p
	}
	if !p.Details.isZero() {
		d := p.Details.clone()
		c.log = &log{details: &d}
	}
	return Subscription{c}, nil
}

// IsZero reports whether s is the zero Subscription.
func (s Subscription) IsZero() bool { return s.c == nil }

// ID returns the subscription's id.
func (s Subscription) ID() ID {
	if s.c == nil {
		return ""
	}
	return s.c.id
}

// Version counts the commands, the making of the subscription included: a number
// to compare before saving, for optimistic locking.
func (s Subscription) Version() int {
	if s.c == nil {
		return 0
	}
	return 1 + len(s.c.commands)
}

// Currency returns the currency of the plan, in which everything is billed.
func (s Subscription) Currency() money.Currency {
	if s.c == nil {
		return 0
	}
	return s.c.spans[0].terms.version.Currency()
}

// Zone returns the zone of the subscription's calendar.
func (s Subscription) Zone() calendar.Zone {
	if s.c == nil {
		return calendar.Zone{}
	}
	return s.c.spans[0].terms.zone
}

// CreatedAt returns when the agreement was made, UpdatedAt when the last command
// was given; a correction does not count with its own, earlier, instant.
func (s Subscription) CreatedAt() time.Time {
	if s.c == nil {
		return time.Time{}
	}
	return s.c.at
}

// UpdatedAt: see [Subscription.CreatedAt].
func (s Subscription) UpdatedAt() time.Time {
	if s.c == nil {
		return time.Time{}
	}
	at := s.c.at
	for _, cmd := range s.c.commands {
		at = later(at, cmd.At)
	}
	return at
}

// Details returns a copy of the subscription's references and labels.
func (s Subscription) Details() Details {
	if s.c == nil || s.c.details == nil {
		return Details{}
	}
	return s.c.details.clone()
}

// Offering returns what was sold as a whole, if anything was.
func (s Subscription) Offering() (plan.Offering, bool) {
	if s.c == nil || s.c.more == nil || s.c.more.Offering == nil {
		return plan.Offering{}, false
	}
	return *s.c.more.Offering, true
}

// String is the id, the plan and the version; never details or reasons.
func (s Subscription) String() string {
	if s.c == nil {
		return "no subscription"
	}
	last := s.c.spans[len(s.c.spans)-1]
	return fmt.Sprintf("subscription %q, plan %s, version %d", s.c.id, last.terms.version.Ref(), s.Version())
}

// index returns the span that holds t: the last one that begins at t or before;
// -1 before the subscription was made.
func (c *core) index(t time.Time) int {
	if n := len(c.spans) - 1; !t.Before(c.spans[n].from) {
		return n
	}
	return sort.Search(len(c.spans), func(i int) bool { return c.spans[i].from.After(t) }) - 1
}

// Status returns the status at t: as it was, or as it will be if nothing more is
// done. Before the agreement was made it is empty.
func (s Subscription) Status(t time.Time) lifecycle.Status {
	if s.c == nil {
		return ""
	}
	i := s.c.index(t)
	if i < 0 {
		return ""
	}
	return s.c.status(i, t)
}
