package feature

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Bounds of a credit balance.
const (
	// MaxCreditGrants is the largest number of grants of one balance.
	MaxCreditGrants = 1_000
	// MaxCreditEntries is the largest number of entries of one ledger;
	// [Credits.Compact] makes room.
	MaxCreditEntries = 10_000
)

// CreditGrant is a number of credits given to a subscription at once: a pack bought,
// a gift, the credits of a period. It is a definition; the amount never changes. What
// remains of it is in [Credits].
type CreditGrant struct {
	// ID names the grant within its balance.
	ID string `json:"id"`
	// Class groups grants that are extended together: "paid", "gift". It may be empty.
	Class string `json:"class,omitempty"`
	// Amount is how many credits: greater than zero, fractions allowed.
	Amount decimal.Decimal `json:"amount"`
	// Priority orders spending: the lower number first.
	Priority int `json:"priority,omitempty"`
	// From is when the credits can first be spent; zero: as soon as they are granted.
	From time.Time `json:"from,omitzero"`
	// Until is when the remaining credits expire: at that instant they can no longer
	// be spent. Zero: never.
	Until time.Time `json:"until,omitzero"`
	// Rollover says what [Credits.Reset] leaves of the grant; nil: everything.
	Rollover *Rollover `json:"rollover,omitempty"`
}

// Rollover bounds what remains of a grant after a reset: what remained before, or Share of
// it, but at least Min and at most Max. The zero Rollover leaves nothing.
type Rollover struct {
	// Min is the amount up to which a reset fills the grant.
	Min decimal.Decimal
	// Max is the amount down to which a reset cuts the grant: at least Min.
	Max decimal.Decimal
	// Share is how much of what remained is carried over, from 0 to 1, before Min and Max
	// bound it; nil: all of it. What it comes to is rounded down to [SharePlaces] decimal
	// places; all of it, by nil or a share of 1, is not rounded.
	Share *decimal.Decimal
}

// after returns what a reset leaves of an amount.
func (r Rollover) after(left decimal.Decimal) decimal.Decimal {
	if r.Share != nil && !r.Share.Equal(one) {
		left = left.Mul(*r.Share).RoundDown(SharePlaces)
	}
	return decimal.Min(r.Max, decimal.Max(left, r.Min))
}

var one = decimal.NewFromInt(1)

// Clone returns a copy that shares no memory with g.
func (g CreditGrant) Clone() CreditGrant {
	if g.Rollover = copied(g.Rollover); g.Rollover != nil {
		g.Rollover.Share = copied(g.Rollover.Share)
	}
	return g
}

// Equal reports whether two grants are the same: decimals by value, instants by
// time.
func (g CreditGrant) Equal(o CreditGrant) bool {
	return g.ID == o.ID && g.Class == o.Class && g.Amount.Equal(o.Amount) && g.Priority == o.Priority &&
		g.From.Equal(o.From) && g.Until.Equal(o.Until) && sameBy(g.Rollover, o.Rollover, Rollover.Equal)
}

// Equal reports whether two rollovers have the same bounds and share; no share is one of
// 1.
func (r Rollover) Equal(o Rollover) bool {
	return r.Min.Equal(o.Min) && r.Max.Equal(o.Max) && r.share().Equal(o.share())
}

func (r Rollover) share() decimal.Decimal {
	if r.Share == nil {
		return one
	}
	return *r.Share
}

// Validate reports every fault, as an [errors.Join] of [*fault.FieldError].
func (g CreditGrant) Validate() error { return strictjson.JoinErrors(g.faults()) }

func (g CreditGrant) faults() []*fault.FieldError {
	var f faults
	f.add("id", labelFault(g.ID))
	if g.Class != "" {
		f.add("class", labelFault(g.Class))
	}
	switch err := dec.Check(g.Amount); {
	case err != nil:
		f.add("amount", err)
	case !g.Amount.IsPositive():
		f.add("amount", fault.OutOfRange.Errorf("must exceed 0"))
	}
	f.add("from", yearFault(g.From))
	f.add("until", yearFault(g.Until))
	if !g.Until.IsZero() && !instant(g.Until).After(instant(g.From)) {
		f.add("until", fault.OutOfOrder.Errorf("must be after from"))
	}
	if r := g.Rollover; r != nil {
		before := len(f)
		f.add("rollover.min", limitFault(r.Min))
		f.add("rollover.max", limitFault(r.Max))
		if len(f) == before && r.Min.GreaterThan(r.Max) {
			f.add("rollover.max", fault.OutOfRange.Errorf("must be at least min"))
		}
		if r.Share != nil {
			err := dec.Check(*r.Share)
			if err == nil && (r.Share.IsNegative() || r.Share.GreaterThan(one)) {
				err = fault.OutOfRange.Errorf("must be from 0 to 1")
			}
			f.add("rollover.share", err)
		}
	}
	return f
}

func yearFault(t time.Time) error {
	if year := t.UTC().Year(); !t.IsZero() && (year < 1 || year > 9999) {
		return fault.OutOfRange.Errorf("must be in the years 1 to 9999")
	}
	return nil
}

// Draw is a part of an amount spent, taken from one grant.
type Draw struct {
	// Grant is the id of the grant.
	Grant string `json:"grant"`
	// Amount is how much was taken from it.
	Amount decimal.Decimal `json:"amount"`
}

// Held is a grant and what remains of it.
type Held struct {
	Grant CreditGrant `json:"grant"`
	// Left is what has been neither spent nor lost.
	Left decimal.Decimal `json:"left"`
	// Started says whether From has come.
	Started bool `json:"started"`
}

// Credits are the credits of one subscription: grants, and a ledger of everything
// that happened to them. The entries of a grant always add up to what remains of it,
// and all entries to the balance. It is an immutable value: the verbs return the next
// one, and on an error the unchanged one. The zero Credits is empty.
//
// Every verb first records what fell due up to its instant: grants that begin and
// grants that expire, each at its own instant. Instants must not decrease.
type Credits struct {
	held    []Held // in order of granting
	entries []Entry
	asOf    time.Time
}

// Balance returns the credits that can be spent as of the last verb.
func (c Credits) Balance() decimal.Decimal {
	var sum decimal.Decimal
	for _, h := range c.held {
		if h.Started {
			sum = sum.Add(h.Left)
		}
	}
	return sum
}

// AsOf returns the instant of the last verb, in UTC; zero before the first.
func (c Credits) AsOf() time.Time { return c.asOf }

// Grants returns every grant and what remains of it, in the order in which they were
// granted.
func (c Credits) Grants() []Held {
	all := slices.Clone(c.held)
	for i := range all {
		all[i].Grant = all[i].Grant.Clone()
	}
	return all
}

// Entries returns the ledger, oldest first.
func (c Credits) Entries() []Entry { return slices.Clone(c.entries) }

// Spendable returns the grants that an amount would be taken from, in that order: by
// priority, the lower number first; then the first to expire, those that never expire
// last; then the first to begin; then by id.
func (c Credits) Spendable() []Held {
	all := slices.DeleteFunc(c.Grants(), func(h Held) bool { return !h.Started || !h.Left.IsPositive() })
	slices.SortFunc(all, func(a, b Held) int {
		return cmp.Or(
			cmp.Compare(a.Grant.Priority, b.Grant.Priority),
			compareUntil(a.Grant.Until, b.Grant.Until),
			a.Grant.From.Compare(b.Grant.From),
			cmp.Compare(a.Grant.ID, b.Grant.ID),
		)
	})
	return all
}

// compareUntil orders expiries: zero, never, comes last.
func compareUntil(a, b time.Time) int {
	switch {
	case a.IsZero() || b.IsZero():
		return cmp.Compare(boolInt(a.IsZero()), boolInt(b.IsZero()))
	default:
		return a.Compare(b)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// NextExpiry returns the first instant at which credits of the balance expire, and
// how many do; false if none will.
func (c Credits) NextExpiry() (time.Time, decimal.Decimal, bool) {
	var (
		at  time.Time
		sum decimal.Decimal
	)
	for _, h := range c.Spendable() {
		switch {
		case h.Grant.Until.IsZero():
		case at.IsZero() || h.Grant.Until.Before(at):
			at, sum = h.Grant.Until, h.Left
		case h.Grant.Until.Equal(at):
			sum = sum.Add(h.Left)
		}
	}
	return at, sum, !at.IsZero()
}

// Equal reports whether two credits have the same grants, ledger and instant.
func (c Credits) Equal(o Credits) bool {
	return c.asOf.Equal(o.asOf) && slices.EqualFunc(c.entries, o.entries, Entry.Equal) &&
		slices.EqualFunc(c.held, o.held, func(a, b Held) bool {
			return a.Grant.Equal(b.Grant) && a.Left.Equal(b.Left) && a.Started == b.Started
		})
}

// At returns the credits as of an instant: grants that have begun by then are
// started, and those that have expired are gone. It fails with [ErrOutOfOrder]
// before the last verb.
func (c Credits) At(at time.Time) (Credits, error) {
	return c.settled(at)
}

// settled returns a copy that may be changed, with everything recorded that is due up
// to at.
func (c Credits) settled(at time.Time) (Credits, error) {
	at = instant(at)
	if err := yearFault(at); err != nil {
		return c, fmt.Errorf("%w: %w", calendar.ErrRange, err)
	}
	if at.Before(c.asOf) {
		return c, fmt.Errorf("%w: the last was at %s", ErrOutOfOrder, calendar.FormatInstant(c.asOf))
	}
	next := Credits{held: slices.Clone(c.held), entries: slices.Clip(c.entries), asOf: at}
	type due struct {
		at     time.Time
		expiry bool
		index  int
	}
	var dues []due
	for i, h := range next.held {
		if !h.Started && !h.Grant.From.After(at) {
			dues = append(dues, due{h.Grant.From, false, i})
		}
		if !h.Grant.Until.IsZero() && !h.Grant.Until.After(at) {
			dues = append(dues, due{h.Grant.Until, true, i})
		}
	}
	// At one instant, expiry comes before the beginning of another grant.
	slices.SortStableFunc(dues, func(a, b due) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(boolInt(b.expiry), boolInt(a.expiry)))
	})
	for _, d := range dues {
		h := &next.held[d.index]
		switch {
		case !d.expiry:
			h.Started = true
			next.note(d.at, EntryGranted, h, h.Left, "")
		case h.Left.IsPositive():
			next.note(d.at, EntryExpired, h, h.Left.Neg(), "")
			h.Left = decimal.Decimal{}
		}
	}
	if len(next.entries) > MaxCreditEntries {
		return c, fmt.Errorf("%w: %d entries in a credit ledger", ErrTooMany, len(c.entries))
	}
	return next, nil
}

// note appends an entry.
func (c *Credits) note(at time.Time, kind EntryKind, h *Held, amount decimal.Decimal, ref string) {
	c.entries = append(c.entries, Entry{At: instant(at), Kind: kind, Grant: h.Grant.ID, Amount: amount, Ref: ref})
}
