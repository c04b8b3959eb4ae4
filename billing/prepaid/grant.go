package prepaid

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// MaxScope is the largest number of charges, and of metrics, of a scope.
const MaxScope = 1000

// Class says whether a grant was paid for.
type Class string

// The classes.
const (
	// Paid: the customer bought it. It is the default.
	Paid Class = "paid"
	// Promotional: it was given away, and is never refunded.
	Promotional Class = "promotional"
)

// Late says what a grant pays of what was used before it expired and is billed later.
type Late string

// The rules for what is billed late.
const (
	// DrawLate draws for it. It is the default.
	DrawLate Late = "draw"
	// LapseLate draws nothing once the grant has expired.
	LapseLate Late = "lapse"
)

// A Scope says for which lines a grant pays; the zero Scope is all.
type Scope struct {
	// Charges are the ids of charges and one-offs, Metrics those of what is metered: a line
	// of either is in the scope.
	Charges []string `json:"charges,omitempty"`
	Metrics []string `json:"metrics,omitempty"`
}

// A Rollover says what of a grant goes on after it expires: see [Roll].
type Rollover struct {
	// Share is the share of what is left that goes on, 0 to 1.
	Share decimal.Decimal `json:"share"`
	// Cap is the most that goes on; the zero Money is no bound.
	Cap money.Money `json:"cap,omitzero"`
}

// A Source says where a grant comes from. All of it may be left out.
type Source struct {
	// Subscription and Command are those of the one-off that bought it: no grant pays for
	// that line.
	Subscription subscription.ID `json:"subscription,omitempty"`
	Command      int             `json:"command,omitempty"`
	// Plan is the plan that grants it for a period.
	Plan plan.Ref `json:"plan,omitzero"`
}

// A Grant is money that pays for later invoices.
type Grant struct {
	// ID names it among the customer's grants, required.
	ID string `json:"id"`
	// Class says whether it was paid for; empty is Paid.
	Class Class `json:"class,omitempty"`
	// Amount is what it pays for, above zero. Cost is what was paid for it, the zero Money
	// for the whole amount; a promotional grant has none.
	Amount money.Money `json:"amount"`
	Cost   money.Money `json:"cost,omitzero"`
	// From is when it begins to pay, required: it pays for what is invoiced at that instant or
	// later, whenever that was used. Until is when it expires, exclusive; zero for never.
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
	// Priority orders grants: those of a lower number are drawn on first.
	Priority int `json:"priority,omitempty"`
	// Scope says for which lines it pays.
	Scope Scope `json:"scope,omitzero"`
	// Late says what it pays of what was used before it expired; empty is DrawLate.
	Late Late `json:"late,omitempty"`
	// Rollover says what goes on after it expires; nil for nothing.
	Rollover *Rollover `json:"rollover,omitempty"`
	// Source says where it comes from.
	Source Source `json:"source,omitzero"`
}

// Validate returns nil, or every fault as a [fault.FieldError], joined.
func (g Grant) Validate() error { return g.faults().Err() }

func (g Grant) faults() faults.List {
	var f faults.List
	f.Wrap("id", text.ID(g.ID, plan.MaxIDLen))
	faults.Word(&f, "class", g.Class, classes)
	faults.Word(&f, "late", g.Late, lates)
	switch {
	case !g.Amount.IsValid():
		f.Wrap("amount", faults.ErrMissing)
	case g.Amount.Sign() <= 0:
		f.Add("amount", fault.OutOfRange, "must be above zero")
	}
	inCurrency := func(path string, m money.Money) {
		switch {
		case !m.IsValid():
		case m.IsNegative():
			f.Add(path, fault.OutOfRange, "must not be negative")
		case g.Amount.IsValid() && m.Currency() != g.Amount.Currency():
			f.Add(path, fault.Inconsistent, "must be in the currency of the amount, %s", g.Amount.Currency())
		}
	}
	inCurrency("cost", g.Cost)
	if g.Class == Promotional && g.Cost.IsValid() {
		f.Add("cost", fault.Excluded, "must be left out of a promotional grant")
	}
	f.Instant("from", g.From, true)
	f.Instant("until", g.Until, false)
	if !g.Until.IsZero() && !g.Until.After(g.From) {
		f.Add("until", fault.OutOfOrder, "must lie after from")
	}
	for _, list := range []struct {
		path  string
		names []string
	}{{"scope.charges", g.Scope.Charges}, {"scope.metrics", g.Scope.Metrics}} {
		if len(list.names) > MaxScope {
			f.Add(list.path, fault.TooMany, "must be at most %d", MaxScope)
			continue
		}
		seen := map[string]bool{}
		for i, name := range list.names {
			path := strictjson.Index(list.path, i)
			f.Wrap(path, text.ID(name, plan.MaxIDLen))
			if seen[name] {
				f.Add(path, fault.Duplicate, "is there twice")
			}
			seen[name] = true
		}
	}
	if r := g.Rollover; r != nil {
		if err := dec.Check(r.Share); err != nil {
			f.Wrap("rollover.share", err)
		} else if r.Share.IsNegative() || r.Share.GreaterThan(decimal.NewFromInt(1)) {
			f.Add("rollover.share", fault.OutOfRange, "must be from 0 to 1")
		}
		inCurrency("rollover.cap", r.Cap)
		if g.Until.IsZero() {
			f.Add("rollover", fault.Excluded, "must be left out of a grant that never expires")
		}
	}
	f.Wrap("source.subscription", text.Name(string(g.Source.Subscription), plan.MaxIDLen))
	if g.Source.Command < 0 {
		f.Add("source.command", fault.OutOfRange, "must not be negative")
	}
	if (g.Source.Command > 0) != (g.Source.Subscription != "") {
		f.Add("source", fault.Inconsistent, "must have both subscription and command, or neither")
	}
	return f
}

// Equal reports whether two grants say the same, instants whatever their zones.
func (g Grant) Equal(o Grant) bool {
	rolls := g.Rollover == nil && o.Rollover == nil ||
		g.Rollover != nil && o.Rollover != nil && g.Rollover.Share.Equal(o.Rollover.Share) && g.Rollover.Cap == o.Rollover.Cap
	return rolls && g.ID == o.ID && g.class() == o.class() && g.Amount == o.Amount && g.cost() == o.cost() && g.From.Equal(o.From) && g.Until.Equal(o.Until) &&
		g.Priority == o.Priority && slices.Equal(g.Scope.Charges, o.Scope.Charges) && slices.Equal(g.Scope.Metrics, o.Scope.Metrics) &&
		g.late() == o.late() && g.Source == o.Source
}

func (g Grant) class() Class {
	if g.Class == "" {
		return Paid
	}
	return g.Class
}

func (g Grant) late() Late {
	if g.Late == "" {
		return DrawLate
	}
	return g.Late
}

// cost is what was paid for the grant.
func (g Grant) cost() money.Money {
	switch {
	case g.class() == Promotional:
		return money.FromMinor(0, g.Amount.Currency())
	case g.Cost.IsValid():
		return g.Cost
	}
	return g.Amount
}

func (g Grant) clone() Grant {
	g.Scope.Charges, g.Scope.Metrics = slices.Clone(g.Scope.Charges), slices.Clone(g.Scope.Metrics)
	if g.Rollover != nil {
		r := *g.Rollover
		g.Rollover = &r
	}
	return g
}

// isAll reports whether the grant pays for every line.
func (s Scope) isAll() bool { return len(s.Charges) == 0 && len(s.Metrics) == 0 }

// A Recurring is a grant for each period, as one that a plan includes.
type Recurring struct {
	// Grant is the grant for a whole period: its id begins the ids of all of them; From and
	// Until are left out.
	Grant Grant
	// Whole says that a part of a period has the whole amount; otherwise it has its share, by
	// civil days, rounded half up.
	Whole bool
}

// For returns the grant for a part of a period: From and Until are the part's, and the id
// ends in its start, so that adding it twice adds it once. The part lies in the whole period.
// The cost is shared as the amount is. A share that comes to nothing is an error, as every
// other fault of the grant.
func (r Recurring) For(part, whole calendar.Period, z calendar.Zone) (Grant, error) {
	g := r.Grant.clone()
	if part.Start.Before(whole.Start) || part.End.After(whole.End) || !part.Start.Before(part.End) {
		return Grant{}, fault.OutOfRange.Errorf("prepaid: the part must lie in the whole period")
	}
	g.ID += "/" + part.Start.UTC().Format(time.RFC3339)
	g.From, g.Until = part.Start.UTC(), part.End.UTC()
	if !r.Whole {
		num, den := int64(z.DaysBetween(part.Start, part.End)), int64(z.DaysBetween(whole.Start, whole.End))
		for _, m := range []*money.Money{&g.Amount, &g.Cost} {
			if !m.IsValid() {
				continue
			}
			share, err := m.Prorate(num, den, money.HalfUp)
			if err != nil {
				return Grant{}, wrap(err)
			}
			*m = share
		}
	}
	if err := g.Validate(); err != nil {
		return Grant{}, wrap(err)
	}
	return g, nil
}

// Metrics returns the metric of each metered charge of a subscription, by the charge: what
// grants for metrics need to know a line by ([Terms]). It reads all that the subscription was
// sold, is and will be as it stands.
func Metrics(sub subscription.Subscription) map[string]string {
	all := map[string]string{}
	if sub.IsZero() {
		return all
	}
	for i := range sub.Segments() {
		for charge := range sub.Segment(i).Phase().Charges() {
			if charge.Metric() != "" {
				all[charge.ID()] = charge.Metric()
			}
		}
	}
	return all
}

// pays reports whether the scope has a line. A line of usage whose metric is not known is an
// error where that decides.
func (s Scope) pays(line *billing.Line, metrics map[string]string) (bool, error) {
	if s.isAll() || slices.Contains(s.Charges, line.Charge) {
		return true, nil
	}
	if len(s.Metrics) == 0 || line.Kind != billing.UsageLine {
		return false, nil
	}
	metric, ok := metrics[line.Charge]
	if !ok {
		return false, fault.NotFound.Errorf("prepaid: terms: the metric of charge %q is missing", line.Charge)
	}
	return slices.Contains(s.Metrics, metric), nil
}
