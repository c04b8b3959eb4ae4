package account

import (
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Bounds of what an account may have.
const (
	// MaxMembers is the largest number of subscriptions of an account.
	MaxMembers = 10_000
	// MaxWaiting is the largest number of invoices that wait for a common one.
	MaxWaiting = 10_000
	// MaxIDLen is the longest id of an account and the longest key of a member, in bytes.
	MaxIDLen = 256
)

// Merge says which invoices become one.
type Merge string

// The ways to merge.
const (
	// ByDay merges those of one civil day in their zone. It is the default.
	ByDay Merge = "day"
	// ByInstant merges those of one instant.
	ByInstant Merge = "instant"
	// OnBillingDay moves invoices that fall at most Within days before the account's billing
	// day onto it, and merges the others by day.
	OnBillingDay Merge = "billing_day"
)

// Key says what the members of one invoice have in common, beside their payer.
type Key string

// The keys.
const (
	// ByPayer groups by payer alone. It is the default.
	ByPayer Key = "payer"
	// ByPurchaseOrder groups by payer and purchase order.
	ByPurchaseOrder Key = "purchase_order"
	// ByEntity groups by payer and by the entity that sells.
	ByEntity Key = "entity"
)

// A Rule says which invoices of an account become one. The zero Rule merges by day and by
// payer, and leaves invoices of actions apart.
type Rule struct {
	// Merge says which become one; empty is ByDay.
	Merge Merge `json:"merge,omitempty"`
	// BillingDay is the account's day of the month, 1 to 31, in shorter months the last; with
	// OnBillingDay only, where it is required.
	BillingDay int `json:"billing_day,omitempty"`
	// Within is how many days an invoice may wait for the billing day, 1 to 31; with
	// OnBillingDay only, where it is required.
	Within int `json:"within,omitempty"`
	// Collect says when the invoice of an action is made, such as a change that is billed at
	// its instant: at once and apart (plan.CollectNow, the default), or with the next invoice
	// of its group that falls due by itself (plan.CollectNextInvoice).
	Collect plan.Collect `json:"collect,omitempty"`
	// Key says what the members of one invoice have in common; empty is ByPayer.
	Key Key `json:"key,omitempty"`
}

// A Member is a subscription of an account.
type Member struct {
	// Subscription is its id, required.
	Subscription subscription.ID `json:"subscription"`
	// Payer, PurchaseOrder and Entity are what Key groups by; each may be empty.
	Payer         string `json:"payer,omitempty"`
	PurchaseOrder string `json:"purchase_order,omitempty"`
	Entity        string `json:"entity,omitempty"`
	// Start is when the subscription began; it orders the sections of an invoice, and which
	// of them the credit is applied to first. Zero comes before all others.
	Start time.Time `json:"start,omitzero"`
	// OwnCredit says that the subscription keeps its credit in its own checkpoint: its runs
	// are made without billing.WithoutCredit, may have any currency, and its sections stay
	// as they were made, credit and tax included.
	OwnCredit bool `json:"own_credit,omitempty"`
}

// An Account is what several subscriptions are billed on together.
type Account struct {
	// ID names the account, required. The ids of its invoices are derived from it.
	ID string `json:"id"`
	// Currency is that of the common credit, and of all members without OwnCredit.
	Currency money.Currency `json:"currency"`
	// Rule says which invoices become one.
	Rule Rule `json:"rule,omitzero"`
	// Members are its subscriptions, each once, in any order.
	Members []Member `json:"members,omitempty"`
}

// Errors of this package.
var (
	// ErrAccount: the account is invalid.
	ErrAccount = fault.Unusable.Errorf("account: invalid account")
	// ErrMember: an invoice or a credit of a subscription that is no member.
	ErrMember = fault.New(fault.Missing, "account: no member")
	// ErrCheckpoint: the checkpoint cannot come from this account.
	ErrCheckpoint = fault.New(fault.Internal, "account: invalid checkpoint")
	// ErrLate: an invoice is dated before others of its subscription that were combined. The
	// invoices of one subscription are combined in their order.
	ErrLate = fault.New(fault.Late, "account: invoice before those that were combined")
	// ErrInvoice: an invoice cannot be combined: it is in another currency than the credit, or
	// was made with the credit of its own checkpoint.
	ErrInvoice = fault.New(fault.Internal, "account: invalid invoice")
)

// Validate returns nil, or every fault as a [fault.FieldError], joined.
func (a Account) Validate() error { return a.faults().Err() }

func (a Account) faults() faults.List {
	var f faults.List
	f.Wrap("id", text.ID(a.ID, MaxIDLen))
	if !a.Currency.IsValid() {
		f.Wrap("currency", faults.ErrMissing)
	}
	f.Below("rule", a.Rule.faults())
	if len(a.Members) > MaxMembers {
		f.Add("members", fault.TooMany, "must be at most %d", MaxMembers)
		return f
	}
	seen := make(map[subscription.ID]bool, len(a.Members))
	for i, m := range a.Members {
		path := strictjson.Index("members", i)
		f.Wrap(path+".subscription", text.ID(string(m.Subscription), MaxIDLen))
		f.Wrap(path+".payer", text.Name(m.Payer, MaxIDLen))
		f.Wrap(path+".purchase_order", text.Name(m.PurchaseOrder, MaxIDLen))
		f.Wrap(path+".entity", text.Name(m.Entity, MaxIDLen))
		f.Instant(path+".start", m.Start, false)
		if m.Subscription != "" && seen[m.Subscription] {
			f.Add(path+".subscription", fault.Duplicate, "is there twice")
		}
		seen[m.Subscription] = true
	}
	return f
}

func (r Rule) faults() faults.List {
	var f faults.List
	faults.Word(&f, "merge", r.Merge, merges)
	faults.Word(&f, "key", r.Key, keys)
	faults.Word(&f, "collect", r.Collect, plan.Words[plan.Collect]())
	for _, n := range []struct {
		path string
		n    int
	}{{"billing_day", r.BillingDay}, {"within", r.Within}} {
		switch {
		case r.Merge != OnBillingDay && n.n != 0:
			f.Add(n.path, fault.Excluded, "must be left out without merge billing_day")
		case r.Merge == OnBillingDay && (n.n < 1 || n.n > 31):
			f.Add(n.path, fault.OutOfRange, "must be from 1 to 31")
		}
	}
	return f
}

// Equal reports whether two accounts say the same, instants whatever their zones.
func (a Account) Equal(o Account) bool {
	return a.ID == o.ID && a.Currency == o.Currency && a.Rule == o.Rule && equalAll(a.Members, o.Members, func(m, n Member) bool {
		same := m.Start.Equal(n.Start)
		m.Start, n.Start = time.Time{}, time.Time{}
		return same && m == n
	})
}

// group is what the members of one invoice have in common.
func (r Rule) group(m Member) (payer, purchaseOrder, entity string) {
	switch r.Key {
	case ByPurchaseOrder:
		return m.Payer, m.PurchaseOrder, ""
	case ByEntity:
		return m.Payer, "", m.Entity
	case ByPayer, "":
	}
	return m.Payer, "", ""
}
