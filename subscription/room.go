package subscription

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// What a verb accepts can be written, read back and billed: what would outgrow a document,
// or the amounts that billing counts with, is refused at the verb.

// ErrFull: the document of the subscription would outgrow [MaxDocument], its commands
// [MaxCommands], the changes that wait [MaxWaiting], the features with an override
// [MaxAssigned], what it is given [MaxGiven], or its changes what billing adds up. End the
// subscription and go on with a new one, or give less: shorter reasons, less metadata,
// smaller amounts.
var ErrFull = fault.New(fault.Refused, "subscription: full")

// MaxGiven is the most, in minor units, that a full period of all charges at their
// quantities comes to, and, each by itself, all one-off charges and all account credit: a
// hundredth of what an amount can be. So invoices of several periods, with taxes, add up.
const MaxGiven = 1<<63/100 - 1

// What is more than a part takes in a document.
const (
	plainSize        = 4096 // a subscription created from id, plan, start, zone and quantity
	plainCommandSize = 448  // a command without texts, policy, further instants, values, prices and features
	policySize       = 1024 // the choices of a command
	instantSize      = 128  // an instant with its civil time
	valueSize        = 512  // a discount, a one-off or a patch, without texts
)

// sizeBound returns at least what the command takes in a document.
func (c *record) sizeBound() int {
	size := plainCommandSize
	if c.policy != nil {
		size += policySize
	}
	for _, at := range []*time.Time{&c.On, &c.ResumeAt, &c.Anchor, &c.NextBilling, &c.TrialEnd, &c.EndDate} {
		if !at.IsZero() {
			size += instantSize
		}
	}
	if c.Discount != nil || c.OneOff != nil || c.Patch != nil {
		size += valueSize
	}
	if c.table != nil || c.Features != nil || c.tables != nil {
		var form commandForm
		form.show(c)
		if data, err := commandCodec.Append(nil, &form); err == nil {
			return size + len(data)
		}
	}
	texts := len(c.Reason) + len(c.Key) + len(c.Charge) + len(c.Pack) + len(c.Attachment)
	if c.addOn != nil {
		texts += len(c.addOn.Ref().ID)
	}
	if c.version != nil {
		texts += len(c.version.Ref().ID)
	}
	for _, key := range c.Revoked {
		texts += len(key) + 1
	}
	if d := c.Discount; d != nil {
		texts += len(d.ID) + len(d.Name)
		for _, charge := range d.Charges {
			texts += len(charge) + 1
		}
	}
	if o := c.OneOff; o != nil {
		texts += len(o.ID) + len(o.Name) + len(o.TaxCode)
	}
	if c.Patch != nil {
		texts += c.Patch.texts()
	}
	return size + escaped*texts
}

// texts returns how long the texts of a patch are, and at least a byte for what a tag or
// an entry takes beside them.
func (p *Patch) texts() int {
	n := 0
	for _, s := range [...]*string{p.Name, p.ExternalRef, p.Owner, p.Account, p.Organization, p.Team, p.Channel, p.CancelReason} {
		if s != nil {
			n += len(*s)
		}
	}
	if p.Parent != nil {
		n += len(*p.Parent)
	}
	if p.Tags != nil {
		for _, tag := range *p.Tags {
			n += len(tag) + 1
		}
	}
	for k, v := range p.Metadata {
		n += len(k) + 2 // quotes, a colon, a comma, and null
		if v != nil {
			n += len(*v)
		}
	}
	return n
}

// sizeBound returns at least what the parameters take in a document, and 0 where only
// writing them tells.
func (p *made) sizeBound() int {
	const third, last = -62072524800, 253339228800                                                // the years 3 and 9998, in seconds since 1970
	usual := func(t time.Time) bool { return t.IsZero() || third <= t.Unix() && t.Unix() < last } // in every zone
	if p.Offering != nil || len(p.Prices) > 0 || p.Minimum != nil || len(p.kept) > 0 || !usual(p.At) || !usual(p.Start) || !usual(p.Anchor) || !usual(p.EndDate) {
		return 0
	}
	d := &p.Details
	texts := len(p.ID) + len(p.Plan.Ref().ID) + len(d.Name) + len(d.ExternalRef) + len(d.Owner) + len(d.Account) + len(d.Organization) + len(d.Team) +
		len(d.Parent) + len(d.Channel) + len(d.CancelReason)
	for _, tag := range d.Tags {
		texts += len(tag) + 1
	}
	for k, v := range d.Metadata {
		texts += len(k) + len(v) + 1
	}
	for charge := range p.Quantities {
		texts += len(charge) + longestDecimal
	}
	return plainSize + escaped*texts
}

// longestDecimal is more than a sixth of what a quantity takes, with all that stands
// around it.
const longestDecimal = 16

// escaped is the most bytes that a byte of text takes in JSON.
const escaped = 6

// fitting returns the subscription unless its document would be too long. The document is
// written only where the sum of the bounds comes to more than there is room for; then the
// sum goes on from its length.
func (s Subscription) fitting() (Subscription, error) {
	if s.c.size <= MaxDocument {
		return s, nil
	}
	data, err := s.AppendJSON(nil)
	if err != nil {
		return Subscription{}, fmt.Errorf("%w: %w", ErrFull, err)
	}
	n := s.c.next()
	n.size = len(data)
	return Subscription{n}, nil
}

// give counts what a command adds to invoices, and refuses more than billing adds up.
func (c *core) give(cmd *record) error {
	var err error
	switch {
	case cmd.OneOff != nil:
		c.charged, err = more(c.charged, cmd.OneOff.Amount)
	case cmd.AccountCredit.IsValid():
		c.credited, err = more(c.credited, cmd.AccountCredit)
	}
	return err
}

// maxChanged is the most, in minor units, that the full periods of all changes come to: each
// may be charged and credited whole, and wait with the others for one invoice or add to the
// account credit.
const maxChanged = 1 << 61

// affords refuses a change if all changes together could come to more than billing adds
// up. Ordinary amounts never do, however many changes there are.
func (c *core) affords(cmd *record) error {
	if cmd.Quantity == nil && cmd.table == nil && cmd.version == nil {
		return nil
	}
	const ordinary = maxChanged / MaxCommands
	all := false
	for i := c.count() - 1; i >= 0 && !all && !c.span(i).from.Before(cmd.At); i-- {
		full, err := c.span(i).terms.fullPeriod()
		if err != nil {
			return invalid("%w", err)
		}
		all = full > ordinary
	}
	if !all {
		return nil
	}
	var sum int64
	for i := range c.count() {
		s := c.span(i)
		if s.opening().Kind != Changed {
			continue
		}
		full, err := s.terms.fullPeriod()
		if err != nil {
			return invalid("%w", err)
		}
		if sum += full; sum > maxChanged {
			return fmt.Errorf("%w: all changes together could come to more than %s: change less often, or smaller amounts", ErrFull, money.FromMinor(maxChanged, s.terms.version.Currency()))
		}
	}
	return nil
}

func more(sum int64, amount money.Money) (int64, error) {
	if amount.Minor() > MaxGiven-sum {
		return sum, fmt.Errorf("%w: all together would come to more than %s: give less", ErrFull, money.FromMinor(MaxGiven, amount.Currency()))
	}
	return sum + amount.Minor(), nil
}
