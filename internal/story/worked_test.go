package story_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// next prints what is billed next, everything due by then having been billed.
func (s *story) next(when string) {
	s.t.Helper()
	_, checkpoint, err := billing.Invoices(s.sub, nil, billing.Checkpoint{}, at(when))
	require.NoError(s.t, err)
	next, err := billing.Next(s.sub, nil, checkpoint, at(when))
	require.NoError(s.t, err)
	answer := "nothing"
	if !next.At.IsZero() {
		answer = fmt.Sprintf("%s at %s", next.Amount, s.show(next.At))
	}
	fmt.Fprintf(&s.text, "%s  next: %s\n", s.show(at(when)), answer)
}

// Ten seats at 99.00 a month, paused on 20 March in the period from 15 March.
func TestSeatsPausedAndResumed(t *testing.T) {
	t.Parallel()
	seats := sold("seats", "0", func(p *plan.Plan) {
		p.Charges = []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(99)}}}
	})
	for _, row := range []struct {
		file, when string
		anchor     plan.Anchor
	}{
		{"seats_resumed_keep", "2026-04-05T00:00:00Z", plan.KeepAnchor},
		{"seats_resumed_extend", "2026-04-05T00:00:00Z", plan.ExtendAnchor},
		{"seats_resumed_late_keep", "2026-06-03T12:00:00Z", plan.KeepAnchor},
		{"seats_resumed_late_reset", "2026-06-03T12:00:00Z", plan.ResetAnchor},
	} {
		s := tell(t, "Seats paused on 20 March, resumed with "+string(row.anchor)+".", subscription.Params{Plan: seats, Start: at("2026-01-15T10:00:00Z"), Quantity: subscription.Units(10)})
		s.next("2026-01-20T00:00:00Z")
		s.does("2026-03-20T00:00:00Z", "pause now", pauses(subscription.Immediately(), subscription.Pause{}))
		s.next("2026-03-20T00:00:00Z")
		s.does(row.when, "resume", resumes(row.anchor))
		s.next(row.when)
		s.closes(row.file, "2026-07-10")
	}
}

// A plan for a year, 6.99 a month, that closes; and ten months billed every four.
func TestPlanOfALengthCloses(t *testing.T) {
	t.Parallel()
	year := sold("year", "6.99", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 12} })
	s := tell(t, "Twelve months at 6.99, and then it is closed.", subscription.Params{Plan: year, Start: at("2026-01-15")})
	s.looks("2026-12-14", "2026-12-15", "2027-01-14", "2027-01-15")
	s.next("2026-12-01")
	s.next("2026-12-15")
	s.closes("year_closes", "2028-01-01")

	for _, last := range plan.Words[plan.LastPeriod]() {
		ten := sold("ten", "6.99", func(p *plan.Plan) {
			p.Every = calendar.Months(4)
			p.Length = &plan.Length{Interval: calendar.Months(10), LastPeriod: last}
		})
		s := tell(t, "Ten months billed every four; the last period: "+string(last)+".", subscription.Params{Plan: ten, Start: at("2026-01-15")})
		s.looks("2026-09-14", "2026-09-15", "2026-11-14", "2026-11-15")
		s.closes("ten_months_"+string(last), "2028-01-01")
	}
}
