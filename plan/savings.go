package plan

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// ErrIncomparable says that the billing intervals of two plans are not multiples of
// one unit: months and years can be compared, and days and weeks.
var ErrIncomparable = fault.Inconsistent.Errorf("billing intervals cannot be compared")

// Savings is what a plan saves against another one over its own billing interval. It
// is for display: the price is already net.
type Savings struct {
	// Reference is what the other plan costs over the interval.
	Reference money.Money
	// Price is what the plan costs.
	Price money.Money
	// Saved is Reference less Price; negative if the plan costs more.
	Saved money.Money
	// Percent is Saved as a share of Reference, in whole percent, halves away from
	// zero; 0 if Reference is.
	Percent int
}

// SavingsOver compares one period of v with the same time under a reference plan,
// such as a yearly plan with the monthly one, at a quantity: the recurring charges
// after all phases, without usage and without one-time charges. Each charge is
// rounded once, in v's rounding. Errors: [ErrIncomparable],
// money.ErrCurrencyMismatch, and those of [CompiledPrice.Rate].
func (v *Version) SavingsOver(reference *Version, quantity decimal.Decimal) (Savings, error) {
	if reference == nil {
		return Savings{}, fmt.Errorf("plan: savings of %q over none: %w", v, ErrIncomparable)
	}
	num, den, ok := ratio(v.Every(), reference.Every())
	if !ok {
		return Savings{}, fmt.Errorf("plan: savings of %q over %q: %w", v, reference, ErrIncomparable)
	}
	rounding := v.policy.Rounding
	price, err := v.recurring(quantity, 1, 1, rounding)
	if err != nil {
		return Savings{}, err
	}
	over, err := reference.recurring(quantity, num, den, rounding)
	if err != nil {
		return Savings{}, err
	}
	saved, err := over.Sub(price)
	if err != nil {
		return Savings{}, fmt.Errorf("plan: savings of %q over %q: %w", v, reference, err)
	}
	return Savings{over, price, saved, percentOff(over.Decimal(), price.Decimal())}, nil
}

// recurring returns num/den of what one period costs.
func (v *Version) recurring(quantity decimal.Decimal, num, den int64, r money.Rounding) (money.Money, error) {
	total := money.FromMinor(0, v.Currency())
	last := v.phases[len(v.phases)-1]
	for _, charge := range last.charges {
		if charge.once || charge.metric != "" {
			continue
		}
		q := quantity
		if charge.fixed {
			q = charge.quantity
		}
		amount, err := charge.price.RatePart(q, num*int64(last.PricePeriods(charge)), den, r)
		if err != nil {
			return money.Money{}, fmt.Errorf("plan: charge %q of %q: %w", charge.id, v, err)
		}
		if total, err = total.Add(amount); err != nil {
			return money.Money{}, fmt.Errorf("plan: charges of %q: %w", v, err)
		}
	}
	return total, nil
}

// ratio returns a/b in days or in months.
func ratio(a, b calendar.Interval) (num, den int64, ok bool) {
	unit := func(i calendar.Interval) (n int64, days bool) {
		switch n = int64(i.Count()); i.Unit() {
		case calendar.Day:
			return n, true
		case calendar.Week:
			return 7 * n, true
		case calendar.Year:
			return 12 * n, false
		case calendar.Month:
		}
		return n, false
	}
	num, aDays := unit(a)
	den, bDays := unit(b)
	return num, den, num > 0 && den > 0 && aDays == bDays
}
