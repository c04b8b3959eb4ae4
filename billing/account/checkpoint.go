package account

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// A Checkpoint is everything that an account keeps between two calls: its credit, what
// waits for a common invoice, and what of each subscription was taken in. The service saves
// the next one together with the invoices and with the checkpoints of the subscriptions. The
// zero Checkpoint is that of an account which was never billed.
type Checkpoint struct {
	// Revision counts the checkpoints of the account: every next one that says something else
	// has a higher number. Save a checkpoint only over the one it was made from, by comparing
	// it: two calls that read one balance must not both apply it.
	Revision int `json:"revision,omitempty"`
	// ClosedThrough is the instant up to which invoices were made, inclusive.
	ClosedThrough time.Time `json:"closed_through,omitzero"`
	// Balance is the credit that all members share; the zero Money if there is none.
	Balance money.Money `json:"balance,omitzero"`
	// Waiting are the invoices that wait for a common one, by instant, subscription and id.
	Waiting []Section `json:"waiting,omitempty"`
	// Billed says what was taken in of each subscription, in order of their ids.
	Billed []Billed `json:"billed,omitempty"`
}

// Billed is what was taken in of a subscription.
type Billed struct {
	// Subscription is the subscription.
	Subscription subscription.ID `json:"subscription"`
	// Through is the instant of the last of its invoices; zero if there was none.
	Through time.Time `json:"through,omitzero"`
	// Invoices are the ids of those that the last call which had any took in, in order.
	Invoices []uuid.UUID `json:"invoices,omitempty"`
	// CreditCommand is the number of the last command whose credit was added.
	CreditCommand int `json:"credit_command,omitempty"`
}

// A Credit is account credit that a command of a subscription gave.
type Credit struct {
	Subscription subscription.ID
	// Command is the number of the command, At when it was given.
	Command int
	At      time.Time
	// Amount is above zero.
	Amount money.Money
}

// Credits returns the account credit that the commands of a subscription gave up to a
// checkpoint, in their order: all of it, since its start. [Combine] adds each once. Of a
// subscription that had a credit of its own before it joined the account, leave out what
// that balance already held.
func Credits(sub subscription.Subscription, checkpoint billing.Checkpoint) []Credit {
	if sub.IsZero() {
		return nil
	}
	var all []Credit
	for i := range sub.PendingItems() {
		item := sub.PendingItem(i)
		if item.AccountCredit.IsValid() && item.Command <= checkpoint.LastCommand && !item.At.After(checkpoint.ChargedThrough) {
			all = append(all, Credit{Subscription: sub.ID(), Command: item.Command, At: item.At, Amount: item.AccountCredit})
		}
	}
	return all
}

// Give returns the checkpoint with an amount more in the balance, or less if it is below
// zero: a gift of the operator, or the balance of a subscription that joins the account. What
// would leave the balance below zero, and another currency, is an error.
func (c Checkpoint) Give(amount money.Money) (Checkpoint, error) {
	balance := c.Balance
	if !balance.IsValid() {
		balance = money.FromMinor(0, amount.Currency())
	}
	balance, err := balance.Add(amount)
	switch {
	case err != nil:
		return c, wrap(err)
	case balance.IsNegative():
		return c, fault.OutOfRange.Errorf("account: balance: %s is more than there is", amount)
	}
	if amount.Sign() != 0 {
		c = c.clone()
		c.setBalance(balance)
		c.Revision++
	}
	return c, nil
}

func (c *Checkpoint) setBalance(balance money.Money) {
	c.Balance = money.Money{}
	if balance.Sign() != 0 {
		c.Balance = balance
	}
}

// clone returns a copy that shares no memory with c, but for invoices, which nobody changes.
func (c Checkpoint) clone() Checkpoint {
	c.Waiting, c.Billed = slices.Clone(c.Waiting), slices.Clone(c.Billed)
	for i := range c.Billed {
		c.Billed[i].Invoices = slices.Clone(c.Billed[i].Invoices)
	}
	return c
}

// Settle applies the common credit to the difference that [billing.Reconcile] found for a
// member, with billing.WithoutCredit: its CreditApplied and AmountDue are then those of the
// account, and a difference below zero that is not refunded is added to the balance. What the
// difference corrects are lines of one section; the other sections stay as they are. An empty
// reconciliation changes nothing.
//
// returned is what of the difference went back to prepaid grants (prepaid.Return), the zero
// Money for nothing: that is neither added to the balance nor refunded.
func Settle(checkpoint Checkpoint, r billing.Reconciliation, returned money.Money) (billing.Reconciliation, Checkpoint, error) {
	if r.IsEmpty() {
		return r, checkpoint, nil
	}
	if !r.Total.IsValid() || r.CreditApplied.Sign() != 0 {
		return r, checkpoint, fmt.Errorf("%w: the reconciliation was made with the credit of its own checkpoint", ErrInvoice)
	}
	balance, err := checkpoint.balance(r.Total.Currency())
	if err != nil {
		return r, checkpoint, wrap(err)
	}
	zero := money.FromMinor(0, r.Total.Currency())
	net, sum := r.Total, sums{}
	sum.add(&net, orZero(returned, zero))
	if sum.err != nil || orZero(returned, zero).IsNegative() {
		return r, checkpoint, fault.OutOfRange.Errorf("account: settle: returned: %s is not a part of the difference", returned)
	}
	out, next := r, checkpoint.clone()
	out.CreditApplied, out.AmountDue, out.Refund = zero, zero, zero
	if net.IsNegative() {
		back := zero
		sum.sub(&back, net)
		out.Refund = smaller(orZero(r.Refund, zero), back)
		sum.sub(&back, out.Refund)
		sum.add(&balance, back)
	} else {
		out.CreditApplied = smaller(balance, net)
		sum.add(&out.AmountDue, net)
		sum.sub(&out.AmountDue, out.CreditApplied)
		sum.sub(&balance, out.CreditApplied)
	}
	if sum.err != nil {
		return r, checkpoint, wrap(sum.err)
	}
	next.setBalance(balance)
	next.Revision++
	return out, next, nil
}

// balance returns the balance, in a currency.
func (c Checkpoint) balance(currency money.Currency) (money.Money, error) {
	if !c.Balance.IsValid() {
		return money.FromMinor(0, currency), nil
	}
	if c.Balance.Currency() != currency {
		return c.Balance, &money.MismatchError{A: c.Balance.Currency(), B: currency}
	}
	return c.Balance, nil
}

// smaller returns the smaller of two amounts of one currency.
func smaller(a, b money.Money) money.Money {
	if b.Minor() < a.Minor() {
		return b
	}
	return a
}

// Validate returns nil, or every fault as a [fault.FieldError], joined.
func (c Checkpoint) Validate() error { return c.faults().Err() }

func (c Checkpoint) faults() faults.List {
	var f faults.List
	if c.Revision < 0 {
		f.Add("revision", fault.OutOfRange, "must not be negative")
	}
	f.Instant("closed_through", c.ClosedThrough, false)
	if c.Balance != (money.Money{}) && c.Balance.Sign() <= 0 {
		f.Add("balance", fault.OutOfRange, "must be above zero, or left out")
	}
	if len(c.Waiting) > MaxWaiting {
		f.Add("waiting", fault.TooMany, "must be at most %d", MaxWaiting)
		return f
	}
	for i, s := range c.Waiting {
		path := strictjson.Index("waiting", i)
		f.Below(path, s.faults())
		if i > 0 && waitingOrder(c.Waiting[i-1], s) >= 0 {
			f.Add(path, fault.OutOfOrder, "must be in order of instant, subscription and id, each once")
		}
	}
	if len(c.Billed) > MaxMembers {
		f.Add("billed", fault.TooMany, "must be at most %d", MaxMembers)
		return f
	}
	for i, b := range c.Billed {
		path := strictjson.Index("billed", i)
		f.Wrap(path+".subscription", text.ID(string(b.Subscription), MaxIDLen))
		f.Instant(path+".through", b.Through, false)
		if i > 0 && b.Subscription <= c.Billed[i-1].Subscription {
			f.Add(path+".subscription", fault.OutOfOrder, "must be in ascending order, each once")
		}
		if b.CreditCommand < 0 {
			f.Add(path+".credit_command", fault.OutOfRange, "must not be negative")
		}
		if b.Through.IsZero() != (len(b.Invoices) == 0) {
			f.Add(path+".invoices", fault.Inconsistent, "must be there beside through, and only then")
		}
		for j, id := range b.Invoices {
			at := strictjson.Index(path+".invoices", j)
			switch {
			case id == uuid.Nil:
				f.Wrap(at, faults.ErrMissing)
			case j > 0 && compareIDs(b.Invoices[j-1], id) >= 0:
				f.Add(at, fault.OutOfOrder, "must be in ascending order, each once")
			}
		}
	}
	return f
}

// Equal reports whether two checkpoints say the same, instants whatever their zones.
func (c Checkpoint) Equal(o Checkpoint) bool {
	return c.Revision == o.Revision && c.ClosedThrough.Equal(o.ClosedThrough) && c.Balance == o.Balance && equalAll(c.Waiting, o.Waiting, Section.Equal) &&
		equalAll(c.Billed, o.Billed, func(a, b Billed) bool {
			return a.Subscription == b.Subscription && a.Through.Equal(b.Through) && slices.Equal(a.Invoices, b.Invoices) && a.CreditCommand == b.CreditCommand
		})
}
