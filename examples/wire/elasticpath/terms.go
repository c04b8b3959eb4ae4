package elasticpath

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Terms are the API's terms of a plan, which are on its other pages.
type Terms struct {
	// ID is the plan's id, Currency its currency.
	ID, Currency string
	// IntervalType is day, week, month or year; Frequency the number of them from one
	// bill to the next.
	IntervalType string
	Frequency    int
	// Trial and Length are numbers of intervals, not of bills; 0: none.
	Trial, Length int
	// EndBehavior is close or roll; empty: close.
	EndBehavior string
	// NoCancel, NoPause and NoResume deny the action to the subscriber.
	NoCancel, NoPause, NoResume bool
	// Prices are the prices of the products for one interval, in major units.
	Prices []string
	// PercentOff is subtracted from each price, 0 to 100; empty: nothing.
	PercentOff string
}

var (
	errFrequency = errors.New("must be at least 1")
	errNegative  = errors.New("must not be negative")
	errPercent   = errors.New("must be from 0 to 100")
	errEnd       = errors.New("must be close or roll")
)

// Plan returns the terms as a plan of the engine, whose charges are product-1,
// product-2 and so on. The error joins a *fault.FieldError for every fault.
func (t Terms) Plan() (plan.Plan, error) {
	var f wire.Faults
	p := plan.Plan{ID: t.ID, Version: 1, Policy: plan.Policy{Rounding: money.Down}}
	var err error
	if p.Currency, err = money.ParseCurrency(t.Currency); err != nil {
		f.Add("currency", err)
	}
	if t.Frequency < 1 {
		f.Add("billing_frequency", errFrequency)
	} else if p.Every, err = calendar.Every(t.Frequency, calendar.Unit(t.IntervalType)); err != nil {
		f.Add("billing_interval_type", err)
	}
	t.dates(&p, &f)
	t.rules(&p)
	t.prices(&p, &f)
	if err := f.Err(); err != nil {
		return plan.Plan{}, err
	}
	return p, p.Validate()
}

// dates sets the trial and the length.
func (t Terms) dates(p *plan.Plan, f *wire.Faults) {
	intervals := func(path string, n int) (calendar.Interval, bool) {
		if n < 0 {
			f.Add(path, errNegative)
		}
		if n <= 0 {
			return calendar.Interval{}, false
		}
		i, err := calendar.Every(n, calendar.Unit(t.IntervalType))
		f.Add(path, err)
		return i, err == nil
	}
	if i, ok := intervals("trial_period", t.Trial); ok {
		p.Trial = &plan.Trial{Length: i}
	}
	atEnd := plan.Close
	switch t.EndBehavior {
	case "", "close":
	case "roll":
		atEnd = plan.Roll
	default:
		f.Add("end_behavior", errEnd)
	}
	if i, ok := intervals("plan_length", t.Length); ok {
		p.Length = &plan.Length{Interval: i, LastPeriod: plan.LastFull, AtEnd: atEnd}
	}
}

// rules sets what a subscriber may do; an operator may do everything.
func (t Terms) rules(p *plan.Plan) {
	allowed := func(no bool) plan.Permission {
		if no {
			return plan.Operator
		}
		return plan.Anyone
	}
	p.Rules = plan.Rules{Cancel: allowed(t.NoCancel), Pause: allowed(t.NoPause), Resume: allowed(t.NoResume)}
}

// prices sets the prices of one bill, which covers Frequency intervals.
func (t Terms) prices(p *plan.Plan, f *wire.Faults) {
	off := decimal.Zero
	if t.PercentOff != "" {
		d, err := wire.ParseDecimal(t.PercentOff)
		if err == nil && (d.IsNegative() || d.GreaterThan(decimal.NewFromInt(100))) {
			err = errPercent
		}
		f.Add("percent", err)
		off = d
	}
	share := decimal.NewFromInt(100).Sub(off).Shift(-2)
	for i, text := range t.Prices {
		d, err := wire.ParseDecimal(text)
		f.Add(fmt.Sprintf("prices[%d]", i), err)
		amount := d.Mul(decimal.NewFromInt(int64(t.Frequency))).Mul(share)
		p.Charges = append(p.Charges, plan.Charge{ID: fmt.Sprintf("product-%d", i+1), Price: plan.FlatFee{Amount: amount}})
	}
}
