package subscription

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/grow"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// ID identifies a subscription: a line of 1 to [MaxID] bytes, usually a UUID. It must be
// unique across all tenants of a service, because the ids of invoices, lines and events
// are derived from it.
type ID string

// A Subscription is a customer's agreement and everything that was done to it. It is
// an immutable value the size of a pointer: verbs return a new one and leave this one
// unchanged, so that previews, retries and comparisons are cheap. It is safe for
// concurrent use.
//
// The zero Subscription is no subscription: its accessors return zero values, its
// status is empty, and its verbs fail with [ErrZero].
type Subscription struct{ c *core }

// A core is the data of a subscription, as small as possible: services keep millions.
type core struct {
	id    ID
	more  *made           // what it was created with, if its first span does not say all of it
	*log                  // never nil
	spans grow.List[span] // the first begins where the subscription was created
	// increases is how many spans follow them that only increases of prices open: see
	// span.tail.
	increases int
}

// log is what was done to a subscription since it was created.
type log struct {
	details  *Details // nil: none
	commands grow.List[*record]
	// feeds are the pending items (discounts, one-off charges and account credit) in
	// order of their instants; discounts are the discounts among them.
	feeds, discounts grow.List[*record]
	// ahead are the spans expected after those of the core, where a verb projected them:
	// the next verb drops those that did not begin, without a copy of the others.
	ahead []span
	keys  keyIndex
	// latest is the latest instant of a command, if the commands are not in order of
	// their instants.
	latest time.Time
	// moved says that an instant is not the recorded one: see kept.
	moved bool
	// size is at least the length of the document; see fitting.
	size int
	// charged and credited are the sums of one-off charges and of account credit.
	charged, credited int64
}

// untouched is the log of every subscription without commands and details. It is never
// changed.
var untouched = &log{}

// next returns a copy of the core whose log may be changed.
func (c *core) next() *core {
	n, l := *c, *c.log
	n.log = &l
	return &n
}

// span returns span i, of those that count tells.
func (c *core) span(i int) *span {
	known := c.spans.Len()
	switch ahead := i - known; {
	case ahead < 0:
		return c.spans.At(i)
	case ahead < len(c.ahead):
		return &c.ahead[ahead]
	default:
		return c.last().tail(ahead - len(c.ahead))
	}
}

// last returns the last span that something else than an increase of prices opens.
func (c *core) last() *span {
	if n := len(c.ahead); n > 0 {
		return &c.ahead[n-1]
	}
	return c.spans.At(c.spans.Len() - 1)
}

// count returns the number of spans, the expected ones included.
func (c *core) count() int { return c.spans.Len() + len(c.ahead) + c.increases }

func (c *core) createdAt() time.Time { return c.spans.At(0).from }

// backdated reports that the commands are not in order of their instants.
func (c *core) backdated() bool { return !c.latest.IsZero() }

// origin returns what the subscription was created with.
func (c *core) origin() made {
	if c.more != nil {
		return *c.more
	}
	first := c.span(0).terms
	q := first.quantity
	return made{ID: c.id, Plan: first.version, At: c.createdAt(), Start: c.createdAt(), Zone: first.zone, Quantity: &q}
}

// isPlain reports that it is only id, plan, start, zone and quantity.
func (p *made) isPlain() bool {
	return p.Offering == nil && p.At.Equal(p.Start) && p.Anchor.IsZero() && len(p.Quantities) == 0 && len(p.Prices) == 0 && p.Minimum == nil &&
		!p.TrialUsed && !p.NoRenewal && p.EndDate.IsZero() && p.Details.isZero() && p.Quantity != nil && len(p.kept) == 0 && p.policy == nil
}

// Params are what a subscription is created from.
type Params struct {
	// ID is required.
	ID ID
	// Plan is the version that is sold. Required.
	Plan *plan.Version
	// Offering is what was sold, if plans are sold in offerings: a change of plan must
	// then stay within it.
	Offering *plan.Offering
	// At is when the subscription is created; it must not lie after Start. Zero: Start.
	At time.Time
	// Start is when service begins, with the plan's trial or with the first period.
	// Required.
	Start time.Time
	// Zone is the zone in which the calendar of the subscription runs; zero is UTC.
	Zone calendar.Zone
	// Anchor is a boundary from which all other boundaries of periods are computed; it
	// may lie before or after the start. Zero: the end of the trial if there is one,
	// else the start. With another anchor the first period is partial, and
	// Policy.FirstPeriod says what it costs, and Policy.FirstInvoice where it is billed.
	Anchor time.Time
	// Quantity is the quantity of the charges that have none of their own. Nil means
	// one. See [Units].
	Quantity *decimal.Decimal
	// Quantities are quantities by the id of the charge; they override Quantity and the
	// plan's.
	Quantities map[string]decimal.Decimal
	// Prices are negotiated prices by the id of the charge; they override the plan's.
	Prices map[string]plan.Price
	// Minimum is what a period comes to at least, instead of the plan's minimum; it ends with
	// the plan. One of zero, with nothing else, is none. Nil: the plan's.
	Minimum *plan.Minimum
	// Policy overrides the plan's policy; empty choices are the plan's.
	Policy plan.Policy
	// TrialUsed says that the customer had a trial before: the plan's trial is not
	// granted.
	TrialUsed bool
	// NoRenewal starts with auto-renewal off: the subscription ends after one period.
	NoRenewal bool
	// EndDate ends the subscription at that instant; zero: no end date.
	EndDate time.Time
	// Details are references, labels and opaque data.
	Details Details
}

// Details are names, references and opaque data. They do not change what is billed or
// allowed, and no String, error or event shows them.
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

func (d *Details) isZero() bool {
	return d.Name == "" && d.ExternalRef == "" && d.Owner == "" && d.Account == "" && d.Organization == "" &&
		d.Team == "" && d.Parent == "" && d.Channel == "" && d.CancelReason == "" && len(d.Tags) == 0 && len(d.Metadata) == 0
}

// Units returns a whole number as a quantity for [Params].
func Units(n int64) *decimal.Decimal {
	d := decimal.NewFromInt(n)
	return &d
}

// New creates a subscription. The error joins a [*fault.FieldError] for every fault of p.
func New(p Params) (Subscription, error) { return create(p.owned()) }

// create is New for parameters that nobody else holds.
func create(p *made) (Subscription, error) {
	terms, err := p.check()
	if err != nil {
		return Subscription{}, err
	}
	first := span{from: p.At, kind: future, ordinal: -1, terms: terms}
	first.set(noRenewal, p.NoRenewal)
	first.set(trialUsed, p.TrialUsed)
	first.set(noPeriodYet, true)
	waits := pending{anchor: p.Anchor, endDate: p.EndDate}
	if p.NoRenewal {
		waits.renewalOff = p.At
	}
	begins := p.At.Equal(p.Start)
	if !begins {
		first.opened = &Change{Kind: Created, At: p.At, Command: 1, Recorded: p.At}
		waits.start = p.Start
	}
	first.setPending(waits)
	spans := []span{first}
	if begins {
		// Nothing lies before the start: the first span begins with the service.
		inTrial, err := spans[0].starts(p.Start)
		switch {
		case err != nil:
		case inTrial:
			spans[0].opened = &Change{Kind: TrialBegan, At: p.Start, Command: 1, Recorded: p.At}
		default: // see opening
			err = spans[0].open(p.Start)
		}
		if err != nil {
			return Subscription{}, fmt.Errorf("subscription: %w", err)
		}
		spans[0].dropEmpty()
		spans[0].mixes(&first, false)
	}
	spans, err = project(spans, time.Time{})
	if err != nil {
		return Subscription{}, fmt.Errorf("subscription: %w", err)
	}
	if p.isPlain() {
		return Subscription{&core{id: p.ID, log: untouched, spans: grow.Own(compact(spans)), increases: spans[len(spans)-1].tailLength()}}, nil
	}
	both := &struct {
		core
		own log
	}{core: core{id: p.ID, more: p, spans: grow.Own(compact(spans)), increases: spans[len(spans)-1].tailLength()}, own: log{moved: len(p.kept) > 0}}
	c := &both.core
	c.log = &both.own
	if !p.Details.isZero() {
		c.details = &p.Details
	}
	if c.size = p.sizeBound(); c.size == 0 || c.size > MaxDocument {
		data, err := Subscription{c}.AppendJSON(nil)
		if err != nil {
			return Subscription{}, err
		}
		c.size = len(data)
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

// Version returns the number of commands, the creation of the subscription included.
// Compare it before saving, for optimistic locking.
func (s Subscription) Version() int {
	if s.c == nil {
		return 0
	}
	return 1 + s.c.commands.Len()
}

// Currency returns the currency of the plan, in which everything is billed.
func (s Subscription) Currency() money.Currency {
	if s.c == nil {
		return 0
	}
	return s.c.span(0).terms.version.Currency()
}

// Zone returns the zone of the subscription's calendar.
func (s Subscription) Zone() calendar.Zone {
	if s.c == nil {
		return calendar.Zone{}
	}
	return s.c.span(0).terms.zone
}

// CreatedAt returns when the subscription was created.
func (s Subscription) CreatedAt() time.Time {
	if s.c == nil {
		return time.Time{}
	}
	return s.c.createdAt()
}

// UpdatedAt returns the latest instant of a command, or of the creation: a correction
// does not set it back.
func (s Subscription) UpdatedAt() time.Time {
	if s.c == nil {
		return time.Time{}
	}
	return s.c.lastAt()
}

// Details returns a copy of the subscription's references and labels.
func (s Subscription) Details() Details {
	if s.c == nil || s.c.details == nil {
		return Details{}
	}
	return s.c.details.clone()
}

// Offering returns a copy of the offering that was sold, if there was one.
func (s Subscription) Offering() (plan.Offering, bool) {
	if s.c == nil || s.c.more == nil || s.c.more.Offering == nil {
		return plan.Offering{}, false
	}
	return s.c.more.Offering.Clone(), true
}

// String returns the id, the plan and the version; never details or reasons.
func (s Subscription) String() string {
	if s.c == nil {
		return "no subscription"
	}
	last := s.c.span(s.c.count() - 1)
	return fmt.Sprintf("subscription %q, plan %s, version %d", s.c.id, last.terms.version.Ref(), s.Version())
}

// index returns the number of the span that contains t: the last one that begins at or
// before t; -1 before the subscription was created.
func (c *core) index(t time.Time) int {
	if n := c.count() - 1; !t.Before(c.span(n).from) {
		return n
	}
	return sort.Search(c.count(), func(i int) bool { return c.span(i).from.After(t) }) - 1
}

// Status returns the status at t: as it was, or as it will be without further
// commands. It is empty before the subscription was created.
func (s Subscription) Status(t time.Time) lifecycle.Status {
	if s.c == nil {
		return ""
	}
	i := s.c.index(t)
	if i < 0 {
		return ""
	}
	return s.c.span(i).status(t)
}
