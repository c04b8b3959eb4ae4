package probely

import (
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/subscription"
)

// paidCredits is the class of the credits that were bought.
const paidCredits = "paid"

// BuyCredits sells one of the plan's packs: its price is added to the next invoice, or
// billed now if the call's Policy.Collect says so. The credits expire after a year, and
// paid credits that have not expired yet expire no sooner.
func BuyCredits(sub subscription.Subscription, credits feature.Credits, call subscription.Call, pack string) (subscription.Subscription, feature.Credits, error) {
	next, err := sub.AddCreditPack(call, pack)
	if err != nil || next.Version() == sub.Version() {
		return sub, credits, err // a retry has its credits already
	}
	until, err := sub.Zone().Add(call.At, calendar.Years(1), calendar.Clamp)
	if err != nil {
		return sub, credits, err
	}
	p, _ := sub.Plan(call.At).CreditPack(pack)
	more, err := credits.Grant(feature.CreditGrant{
		ID: pack + "#" + strconv.Itoa(next.Version()), Class: paidCredits, Amount: decimal.NewFromInt(p.Credits), Until: until,
	}, call.At)
	if err != nil {
		return sub, credits, err
	}
	if more, err = more.Extend(paidCredits, until, call.At); err != nil {
		return sub, credits, err
	}
	return next, more, nil
}
