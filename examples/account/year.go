package main

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// year tells what happens, in order of time. Before each step, and at the end of its day, what
// is due is billed.
func year(l *ledger) error {
	var platform, shop, api *contract
	var err error
	for _, step := range []struct {
		at time.Time
		do func(at time.Time) error
	}{
		{on(1, 1), func(at time.Time) error { platform, err = l.sell("platform", at); return err }},
		{on(2, 1), func(at time.Time) error { shop, err = l.sell("shop", at); return err }},
		{on(3, 1), func(at time.Time) error { api, err = l.sell("api", at); return err }},
		{on(3, 1), func(at time.Time) error { return l.topUp(at, "300.00 EUR") }},
		{on(3, 31), func(at time.Time) error { return l.use(api, at, 70_000) }},
		{on(4, 16), func(at time.Time) error { return l.addStorage(shop, at, 3) }},
		{on(4, 30), func(at time.Time) error { return l.use(api, at, 90_000) }},
		{on(6, 1), func(at time.Time) error { return l.raise(platform, at, on(7, 1), "214") }},
		{on(6, 1), func(at time.Time) error { return l.payment(platform, collection.Failed, at) }},
		{on(6, 5), func(at time.Time) error { return l.standing(platform, at) }},
		{on(6, 10), func(at time.Time) error { return l.payment(platform, collection.Paid, at) }},
		{on(6, 10), func(at time.Time) error { return l.standing(platform, at) }},
		{on(9, 30), func(at time.Time) error { return l.use(api, at, 240_000) }},
		{on(10, 8), func(at time.Time) error { return l.recount(api, at, 120_000) }},
		{on(12, 10), func(at time.Time) error { return l.giveNotice(platform, at) }},
	} {
		if err := l.billBefore(step.at); err != nil {
			return err
		}
		if err := step.do(step.at); err != nil {
			return err
		}
		if err := l.bill(step.at); err != nil {
			return err
		}
	}
	return l.billBefore(on(13, 1))
}

// billBefore bills on the first of each month before an instant. What was billed is not billed
// again.
func (l *ledger) billBefore(at time.Time) error {
	for month := time.January; on(month, 1).Before(at); month++ {
		if err := l.bill(on(month, 1)); err != nil {
			return err
		}
	}
	return nil
}

// topUp grants what was bought in advance. It pays for API calls only.
func (l *ledger) topUp(at time.Time, amount string) error {
	bought, err := money.Parse(amount)
	if err != nil {
		return err
	}
	l.credit, err = prepaid.Add(l.credit, prepaid.Grant{ID: "top-up", Amount: bought, From: at, Scope: prepaid.Scope{Charges: []string{"calls"}}})
	l.say(at, "buys %s in advance", bought)
	return err
}

func (l *ledger) use(c *contract, at time.Time, calls int64) error {
	c.usage = append(c.usage, billing.Record{Metric: "calls", At: at, Quantity: decimal.NewFromInt(calls)})
	l.say(at, "has used %d calls", calls)
	return nil
}

// recount says that the last calls were another number, and corrects what was billed of them.
func (l *ledger) recount(c *contract, at time.Time, calls int64) error {
	last := &c.usage[len(c.usage)-1]
	l.say(at, "it was %d calls in September and not %s", calls, last.Quantity)
	last.Quantity = decimal.NewFromInt(calls)
	return l.correct(c, at)
}

func (l *ledger) addStorage(c *contract, at time.Time, units int64) error {
	storage, err := l.catalog.AddOn(plan.MustParseRef("storage@1"))
	if err != nil {
		return err
	}
	l.say(at, "adds %d units of storage", units)
	c.sub, err = c.sub.Attach(call(at, lifecycle.Subscriber), subscription.Immediately(), subscription.Attachment{ID: "storage", AddOn: storage, Quantity: subscription.Units(units)})
	return err
}

// raise sets a higher price from a date.
func (l *ledger) raise(c *contract, at, from time.Time, price string) error {
	var err error
	c.sub, err = c.sub.ChangePrice(call(at, lifecycle.Operator), subscription.On(from), "platform", plan.FlatFee{Amount: euros(price)})
	l.say(at, "from %s the platform is %s a month", from.Format("02 Jan"), price)
	return err
}

// giveNotice ends a subscription when its contract allows it.
func (l *ledger) giveNotice(c *contract, at time.Time) error {
	term, _, err := c.sub.Term(at)
	if err != nil {
		return err
	}
	if c.sub, err = c.sub.Cancel(call(at, lifecycle.Subscriber), subscription.AtPeriodEnd()); err != nil {
		return err
	}
	l.say(at, "gives notice of %q; it had to be given before %s", c.sub.ID(), term.CutOff.Format("02 Jan 2006"))
	l.note("it ends with the term, on %s", term.EarliestEnd.Format("02 Jan 2006"))
	return nil
}
