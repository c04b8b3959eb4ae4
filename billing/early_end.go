package billing

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// EarlyEndFee returns what an end at once, by the call, costs by the contract that the
// subscription then has, as [plan.EarlyEnd] says: the zero amount in its currency where no
// term runs, or none asks for a fee. It bills nothing by itself. A service adds the amount
// with the cancellation, in one [subscription.Subscription.Edit], as a one-off that no discount
// reduces:
//
//	subscription.OneOff{ID: "early_end", Name: "Early end", Amount: fee, NoDiscount: true}
//
// A rest is what would have been billed until the end of the term less what the cancellation
// itself still bills: charges and their credits, at negotiated prices, before discounts and
// tax, without usage. What was billed before the checkpoint is not part of it.
//
// The call is an operator's: a subscriber may not end it so, and a rest is refused to one
// ([subscription.ErrMinimumTerm]). The error is [ErrReconcile] if the call lies before the
// checkpoint, and as of [Invoices].
func EarlyEndFee(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, call subscription.Call, options ...Option) (money.Money, error) {
	none := money.FromMinor(0, sub.Currency())
	if sub.IsZero() {
		return none, ErrZero
	}
	at := micro.Floor(call.At)
	term, bound, err := sub.Term(at)
	if err != nil || !bound || term.Period.IsZero() {
		return none, wrap(err)
	}
	contract, ok := sub.Plan(at).Term()
	if !ok || contract.EarlyEnd == nil {
		return none, nil
	}
	policy := call.Policy.Or(sub.Segment(sub.SegmentAt(at)).Policy())
	switch fee := contract.EarlyEnd; fee.Fee {
	case plan.FixedFee:
		return *fee.Amount, nil
	case plan.FallingFee:
		left, all, err := monthsLeft(sub.Zone(), term.Period, at)
		if err != nil {
			return none, wrap(err)
		}
		amount, err := fee.Amount.Prorate(left, all, policy.Rounding)
		return amount, wrap(err)
	case plan.RestFee:
		rest, err := restOfTerm(sub, usage, checkpoint, call, term.End, options)
		if err != nil || rest.Sign() <= 0 {
			return none, err
		}
		if fee.Percent == nil {
			return rest, nil
		}
		amount, err := money.FromDecimal(rest.Decimal().Mul(*fee.Percent).Shift(-2), rest.Currency(), policy.Rounding)
		return amount, wrap(err)
	}
	return none, nil
}

// monthsLeft counts the months of a term, back from its end, and those that are not over at t.
func monthsLeft(zone calendar.Zone, term calendar.Period, t time.Time) (left, all int64, err error) {
	months, err := calendar.NewSchedule(term.End, calendar.Months(1), calendar.Clamp, zone)
	if err != nil {
		return 0, 0, err
	}
	since := func(t time.Time) int64 {
		p, wrong := months.PeriodAt(t)
		n := 0
		if wrong == nil {
			n, wrong = months.Count(p.Start, term.End)
		}
		if wrong != nil {
			err = wrong
		}
		return int64(n)
	}
	left, all = since(t), since(term.Start)
	return left, all, err
}

// restOfTerm returns what a subscription bills until an instant if it ends there, less what
// it bills if it ends by the call.
func restOfTerm(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, call subscription.Call, end time.Time, options []Option) (money.Money, error) {
	call.Replace, call.Key, call.Dependents = true, "", 0
	short, err := sub.Cancel(call, subscription.Immediately())
	if err != nil {
		return money.Money{}, err
	}
	long, err := sub.Cancel(call, subscription.On(end))
	if err != nil {
		return money.Money{}, err
	}
	billed := func(sub subscription.Subscription) (money.Money, error) {
		sum := money.FromMinor(0, sub.Currency())
		invoices, _, err := Invoices(sub, usage, checkpoint, end, options...)
		for _, inv := range invoices {
			for _, line := range inv.Lines {
				if line.Kind != ChargeLine && line.Kind != CreditLine || err != nil {
					continue
				}
				sum, err = sum.Add(line.Amount)
			}
		}
		return sum, wrap(err)
	}
	whole, err := billed(long)
	if err != nil {
		return whole, err
	}
	part, err := billed(short)
	if err != nil {
		return part, err
	}
	rest, err := whole.Sub(part)
	return rest, wrap(err)
}
