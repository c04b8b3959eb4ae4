package story_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestTrialBecomesPaid(t *testing.T) {
	t.Parallel()
	pro := sold("pro", "14.33", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} })
	s := tell(t, "A trial of 14 days becomes paid.", subscription.Params{Plan: pro, Start: at("2023-12-01T19:19:18Z")})
	s.does("2023-12-05T00:00:00Z", "pause now", pauses(subscription.Immediately(), subscription.Pause{}))
	s.looks("2023-12-01T19:19:17Z", "2023-12-01T19:19:18Z", "2023-12-15T19:19:17Z", "2023-12-15T19:19:18Z", "2024-01-15T19:19:18Z")
	s.closes("trial_to_paid", "2024-02-01")
}

func TestCancelAtPeriodEndAndUndo(t *testing.T) {
	t.Parallel()
	s := tell(t, "A cancellation at the end of the period is undone; a later one stands.", subscription.Params{Plan: sold("basic", "30", nil), Start: at("2026-01-31")})
	s.does("2026-02-10", "cancel at period end", cancels(subscription.AtPeriodEnd()))
	s.does("2026-02-11", "cancel at period end", cancels(subscription.AtPeriodEnd()))
	s.does("2026-02-12", "undo cancel", undoesCancel)
	s.does("2026-02-12", "undo cancel", undoesCancel)
	s.looks("2026-02-28")
	s.does("2026-03-31", "cancel at period end, on the boundary", cancels(subscription.AtPeriodEnd()))
	s.looks("2026-04-29T23:59:59Z", "2026-04-30")
	s.does("2026-05-01", "cancel now", cancels(subscription.Immediately()))
	s.closes("cancel_and_undo", "2026-07-01")
}

func TestPauseAcrossARenewal(t *testing.T) {
	t.Parallel()
	for _, anchor := range plan.Words[plan.Anchor]() {
		s := tell(t, "A pause across a renewal, resumed with "+string(anchor)+".", subscription.Params{Plan: sold("basic", "31", nil), Start: at("2026-01-15T10:00:00Z")})
		s.does("2026-02-20T10:00:00Z", "pause now", pauses(subscription.Immediately(), subscription.Pause{}))
		s.looks("2026-03-15T10:00:00Z")
		s.does("2026-04-05T12:00:00Z", "resume", resumes(anchor))
		s.looks("2026-04-15T10:00:00Z")
		s.closes("pause_"+string(anchor), "2026-06-20")
	}
}

func TestPauseAtPeriodEndResumesByItself(t *testing.T) {
	t.Parallel()
	s := tell(t, "A pause of two periods that begins with the next one.", subscription.Params{Plan: sold("basic", "31", nil), Start: at("2026-01-15")})
	s.does("2026-02-01", "pause at period end for 2 periods", pauses(subscription.AtPeriodEnd(), subscription.Pause{Cycles: 2}))
	s.looks("2026-02-14T23:59:59Z", "2026-02-15", "2026-04-14T23:59:59Z", "2026-04-15")
	s.closes("pause_cycles", "2026-05-20")
}

func TestFixedTermClosesAndRolls(t *testing.T) {
	t.Parallel()
	term := func(end plan.EndBehavior) *plan.Version {
		return sold("term-"+string(end), "10", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 3, AtEnd: end} })
	}
	for _, end := range plan.Words[plan.EndBehavior]() {
		s := tell(t, "A term of three months, then "+string(end)+".", subscription.Params{Plan: term(end), Start: at("2026-01-31")})
		s.looks("2026-03-30", "2026-03-31", "2026-04-29", "2026-04-30", "2026-05-31")
		if end == plan.Close {
			s.does("2026-05-01", "reactivate", reactivates(subscription.Reactivation{}))
			s.by(lifecycle.Operator, "2026-05-02", "reactivate by an operator", reactivates(subscription.Reactivation{}))
		}
		s.closes("term_"+string(end), "2026-07-05")
	}
}

func TestFixedTermGoesOnUnderAnotherPlan(t *testing.T) {
	t.Parallel()
	first := sold("first", "10", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 2} })
	second := sold("second", "20", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 1} })
	s := tell(t, "In its last period a term is followed by another plan, whose own term counts anew.", subscription.Params{Plan: first, Start: at("2026-01-15")})
	s.does("2026-02-20", "change the fee's price at period end", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangePrice(c, subscription.AtPeriodEnd(), "fee", plan.FlatFee{Amount: decimal.NewFromInt(9)})
	})
	s.does("2026-02-20", "change plan at period end", changes(subscription.AtPeriodEnd(), second))
	s.looks("2026-03-14", "2026-03-15", "2026-04-15")
	s.closes("term_followed", "2026-05-01")
}

func TestPlanChangesInATrial(t *testing.T) {
	t.Parallel()
	small := sold("small", "10", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} })
	large := sold("large", "50", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(30)} })
	s := tell(t, "A plan is changed in a trial: its end stays, and nothing is billed.", subscription.Params{Plan: small, Start: at("2026-01-01")})
	s.does("2026-01-05", "change plan now", changes(subscription.Immediately(), large))
	s.does("2026-01-06", "change plan at the trial's end", changes(subscription.AtPeriodEnd(), small))
	s.looks("2026-01-14", "2026-01-15")
	s.closes("trial_change", "2026-03-01")
}

func TestReactivatesInAndOutOfThePaidPeriod(t *testing.T) {
	t.Parallel()
	s := tell(t, "Cancelled at once and brought back: into the paid period, and after it.", subscription.Params{Plan: sold("basic", "30", nil), Start: at("2026-01-15")})
	s.does("2026-01-20", "cancel now", cancels(subscription.Immediately()))
	s.does("2026-01-25", "reactivate", reactivates(subscription.Reactivation{}))
	s.looks("2026-02-15")
	s.does("2026-02-20", "cancel now", cancels(subscription.Immediately()))
	s.does("2026-03-20T08:00:00Z", "reactivate", reactivates(subscription.Reactivation{}))
	s.closes("reactivation", "2026-05-01")
}

func TestOperatorHolds(t *testing.T) {
	t.Parallel()
	s := tell(t, "An operator's hold, and the customer's own pause under it.", subscription.Params{Plan: sold("basic", "30", nil), Start: at("2026-01-15")})
	s.does("2026-01-18", "hold by the subscriber", holds)
	s.by(lifecycle.Operator, "2026-01-20", "hold", holds)
	s.does("2026-01-21", "resume", resumes(""))
	s.by(lifecycle.Operator, "2026-01-25", "release", releases)
	s.does("2026-02-20", "pause now", pauses(subscription.Immediately(), subscription.Pause{}))
	s.by(lifecycle.Operator, "2026-02-21", "hold", holds)
	s.by(lifecycle.Operator, "2026-02-25", "release", releases)
	s.does("2026-03-01", "resume", resumes(""))
	s.by(lifecycle.Operator, "2026-03-20", "hold", holds)
	s.does("2026-03-21", "cancel now", cancels(subscription.Immediately()))
	s.does("2026-03-22", "reactivate by the subscriber", reactivates(subscription.Reactivation{}))
	s.by(lifecycle.Operator, "2026-03-23", "reactivate by an operator", reactivates(subscription.Reactivation{}))
	s.closes("hold", "2026-05-01")
}

func TestTwoActionsAtOneInstant(t *testing.T) {
	t.Parallel()
	s := tell(t, "Two actions at one instant are both kept, in order of call.", subscription.Params{Plan: sold("small", "10", nil), Start: at("2026-01-15")})
	s.does("2026-01-25", "change to large", changes(subscription.Immediately(), sold("large", "50", nil)))
	s.does("2026-01-25", "change to huge", changes(subscription.Immediately(), sold("huge", "90", nil)))
	s.does("2026-02-15", "pause now, on the boundary", pauses(subscription.Immediately(), subscription.Pause{}))
	s.does("2026-02-15", "resume at once", resumes(""))
	s.does("2026-02-20", "cancel at period end", cancels(subscription.AtPeriodEnd()))
	s.does("2026-02-20", "undo cancel", undoesCancel)
	s.closes("one_instant", "2026-04-01")
}

func TestAllThatIsScheduledForOneBoundaryHappensThere(t *testing.T) {
	t.Parallel()
	s := tell(t, "A change and the end of renewal meet at one boundary: no further period is billed.", subscription.Params{Plan: sold("small", "10", nil), Start: at("2026-01-15")})
	s.does("2026-01-20", "change at period end", changes(subscription.AtPeriodEnd(), sold("large", "50", nil)))
	s.does("2026-01-21", "renewal off", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.SetAutoRenewal(c, false)
	})
	s.looks("2026-02-15")
	s.closes("boundary_no_renewal", "2026-04-01")

	s = tell(t, "A change and a pause meet at one boundary: the pause holds, and the resume bills the new plan.", subscription.Params{Plan: sold("small", "10", nil), Start: at("2026-01-15")})
	s.does("2026-01-20", "change at period end", changes(subscription.AtPeriodEnd(), sold("large", "28", nil)))
	s.does("2026-01-21", "pause at period end", pauses(subscription.AtPeriodEnd(), subscription.Pause{}))
	s.looks("2026-02-15")
	s.does("2026-03-01", "resume", resumes(""))
	s.closes("boundary_pause", "2026-04-01")
}

func TestClockChangeDay(t *testing.T) {
	t.Parallel()
	york := calendar.MustLoadZone("America/New_York")
	s := tell(t, "Boundaries at half past two, on the night on which the clocks skip that hour.", subscription.Params{
		Plan: sold("basic", "31", nil), Start: at("2026-02-08T02:30:00-05:00"), Zone: york,
	})
	s.looks("2026-03-08T03:29:59-04:00", "2026-03-08T03:30:00-04:00")
	s.does("2026-03-08T03:30:00-04:00", "cancel at period end", cancels(subscription.AtPeriodEnd()))
	s.looks("2026-04-08T02:29:59-04:00", "2026-04-08T02:30:00-04:00")
	s.closes("clock_change", "2026-06-01")
}

func TestCatchUpAfterMissedMonths(t *testing.T) {
	t.Parallel()
	pro := sold("pro", "10", func(p *plan.Plan) {
		p.Charges = append(p.Charges, plan.Charge{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.01")}})
	})
	sub, err := subscription.New(subscription.Params{ID: "late", Plan: pro, Start: at("2025-01-31")})
	require.NoError(t, err)
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at("2025-01-31"))
	require.NoError(t, err)

	var usage billing.Usage
	for month := range 14 {
		usage = append(usage, billing.Record{Metric: "calls", At: at("2025-02-10").AddDate(0, month, 0), Quantity: decimal.NewFromInt(int64(100 * (month + 1)))})
	}
	missed, after, err := billing.Invoices(sub, usage, checkpoint, at("2026-03-31"))
	require.NoError(t, err)
	require.Len(t, missed, 14, "one invoice for each missed period")
	for i, inv := range missed {
		require.Equal(t, money.FromMinor(int64(1000+100*(i+1)), money.USD), inv.Total, "each has its own period's usage")
		if i > 0 {
			require.Equal(t, missed[i-1].Lines[0].To, inv.Lines[0].From)
		}
	}
	none, _, err := billing.Invoices(sub, usage, after, at("2026-03-31"))
	require.NoError(t, err)
	require.Empty(t, none, "a second run bills nothing")
	require.Equal(t, 1, sub.Version(), "no tick was recorded")
}
