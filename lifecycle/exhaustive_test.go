package lifecycle_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
)

// naiveChange is the rules of changing plan, quantity or price.
func naiveChange(q asked) answer {
	ofPlan, ofQuantity, now, atEnd := false, false, false, false
	switch q.action {
	case lifecycle.ChangePlanNow:
		ofPlan, now = true, true
	case lifecycle.ChangePlanAtPeriodEnd:
		ofPlan, atEnd = true, true
	case lifecycle.ChangePlanOnDate:
		ofPlan = true
	case lifecycle.ChangeQuantityNow:
		ofQuantity, now = true, true
	case lifecycle.ChangeQuantityAtPeriodEnd:
		ofQuantity, atEnd = true, true
	case lifecycle.ChangeQuantityOnDate:
		ofQuantity = true
	case lifecycle.ChangePriceNow, lifecycle.AttachNow, lifecycle.DetachNow:
		now = true
	case lifecycle.ChangePriceAtPeriodEnd, lifecycle.AttachAtPeriodEnd, lifecycle.DetachAtPeriodEnd:
		atEnd = true
	}
	runs := q.status == lifecycle.Active || q.status == lifecycle.NonRenewing
	ending := q.status == lifecycle.NonRenewing && !q.is(lifecycle.PeriodRenews)

	if q.status == lifecycle.Paused {
		return no(lifecycle.ErrPaused)
	}
	locked := ofQuantity && q.subscriber && q.is(lifecycle.QuantityLocked)
	if locked {
		return no(lifecycle.ErrQuantityLocked)
	}
	if ending && atEnd && !ofPlan {
		if q.is(lifecycle.NoPeriods) {
			return no(lifecycle.ErrNoPeriod)
		}
		return no(lifecycle.ErrEnding)
	}
	if now {
		if ending && ofQuantity && q.is(lifecycle.CreditUnchosen) {
			return no(lifecycle.ErrCreditChoice)
		}
		if runs {
			return yes(lifecycle.ByCauses, lifecycle.Active, lifecycle.NonRenewing)
		}
		return yes(lifecycle.Recorded, q.status)
	}
	if atEnd {
		if q.status == lifecycle.Future {
			return yes(lifecycle.Recorded, q.status)
		}
		if runs && q.is(lifecycle.NoPeriods) {
			return no(lifecycle.ErrNoPeriod)
		}
		if ending && q.endsBeside(lifecycle.CauseLength) {
			return no(lifecycle.ErrEnding)
		}
		if q.status == lifecycle.InTrial && q.is(lifecycle.FallsAfterEnding) {
			return no(lifecycle.ErrEnding)
		}
	} else {
		if q.is(lifecycle.DatePast) {
			return no(lifecycle.ErrPast)
		}
		if ending && q.ends(lifecycle.CauseCancel) || q.is(lifecycle.FallsAfterEnding) {
			return no(lifecycle.ErrEnding)
		}
	}
	if q.is(lifecycle.ChangeRepeats) && !q.is(lifecycle.Replaces) {
		return no(lifecycle.ErrChangeScheduled)
	}
	if ofPlan && runs && (q.status == lifecycle.NonRenewing || !atEnd) {
		return yes(lifecycle.Deferred, lifecycle.Active, lifecycle.NonRenewing)
	}
	return yes(lifecycle.Deferred, q.status)
}

// TestTableAgreesWithASecondImplementation asks every question there is: each valid state, each action,
// each actor, and each combination of the facts that the cell asks about. With every question the facts
// that the cell does not ask about are drawn at random, once for both: they must make no difference.
func TestTableAgreesWithASecondImplementation(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	questions := 0
	for _, state := range sampleStates() {
		for _, action := range lifecycle.Words[lifecycle.Action]() {
			_, _, _, asks := lifecycle.Mentions(state.Status(), action)
			for _, actor := range lifecycle.Words[lifecycle.Actor]() {
				for facts := asks; ; facts = (facts - 1) & asks {
					others := lifecycle.Facts(random.Uint32()) & (1<<factCount - 1) &^ asks
					q := asked{state.Status(), state, action, actor == lifecycle.Subscriber, facts | others}
					want := naive(q)
					out, err := lifecycle.Decide(state, action, actor, facts|others)
					questions++
					if want.err != nil {
						require.ErrorIs(t, err, want.err, "%s by %s while %s, %s", action, actor, state, q.facts)
					} else if err != nil || out.Effect != want.effect || out.To != want.to {
						require.NoError(t, err, "%s by %s while %s, %s", action, actor, state, q.facts)
						require.Equal(t, want.effect, out.Effect, "%s by %s while %s, %s", action, actor, state, q.facts)
						require.Equal(t, want.to, out.To, "%s by %s while %s, %s", action, actor, state, q.facts)
					}
					if facts == 0 {
						break
					}
				}
			}
		}
	}
	t.Logf("%d questions", questions)
	require.Greater(t, questions, 1_000_000)
}
