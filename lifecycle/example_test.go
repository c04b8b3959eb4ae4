package lifecycle_test

import (
	"errors"
	"fmt"

	"github.com/perennial-billing/perennial/lifecycle"
)

func ExampleDecide() {
	active := lifecycle.MustState(lifecycle.Active, 0, 0, lifecycle.ScheduledPause)

	out, err := lifecycle.Decide(active, lifecycle.CancelAtPeriodEnd, lifecycle.Subscriber, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("effect:", out.Effect)
	fmt.Println("until then:", out.To)
	fmt.Println("dropped:", out.Drops)
	// Output:
	// effect: deferred
	// until then: non_renewing
	// dropped: pause
}

func ExampleDecide_refused() {
	active := lifecycle.MustState(lifecycle.Active, 0, 0, 0)
	denied := lifecycle.ImmediateCancelDenied

	_, err := lifecycle.Decide(active, lifecycle.CancelNow, lifecycle.Subscriber, denied)
	fmt.Println(err)
	fmt.Println(errors.Is(err, lifecycle.ErrImmediateCancel))

	_, err = lifecycle.Decide(active, lifecycle.CancelNow, lifecycle.Operator, denied)
	fmt.Println("operator:", err)
	// Output:
	// lifecycle: immediate cancel not permitted: cancel_now by subscriber while active; allowed instead: cancel_at_period_end, cancel_on_date, auto_renewal_off
	// true
	// operator: <nil>
}

func ExampleTransitionError_Instead() {
	held := lifecycle.MustState(lifecycle.Paused, lifecycle.Held, 0, 0)

	_, err := lifecycle.Decide(held, lifecycle.ChangePlanNow, lifecycle.Operator, 0)
	var refusal *lifecycle.TransitionError
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Err)
		fmt.Println(refusal.Instead())
	}
	// Output:
	// lifecycle: paused
	// [release]
}

func ExampleAllowed() {
	cancelled := lifecycle.MustState(lifecycle.Cancelled, 0, 0, 0)
	closed := lifecycle.MustState(lifecycle.Cancelled, lifecycle.Closed, 0, 0)

	fmt.Println(lifecycle.Allowed(cancelled, lifecycle.Subscriber, 0))
	fmt.Println(lifecycle.Allowed(closed, lifecycle.Subscriber, 0))
	fmt.Println(lifecycle.Allowed(closed, lifecycle.Operator, 0))
	// Output:
	// [reactivate update]
	// [update]
	// [reactivate update]
}

func ExampleNewState() {
	// A customer paused on his own, and then an operator put a hold on top.
	s, err := lifecycle.NewState(lifecycle.Paused, lifecycle.Held|lifecycle.OwnPause, 0, lifecycle.ScheduledResume)
	fmt.Println(s, err)
	fmt.Println(s.Entitled(), s.Billable())

	// The release leaves his own pause in effect.
	out, err := lifecycle.Decide(s, lifecycle.Release, lifecycle.Operator, 0)
	fmt.Println(out.Effect, out.To, err)

	_, err = lifecycle.NewState(lifecycle.Active, lifecycle.Held, 0, 0)
	fmt.Println(err)
	// Output:
	// paused (flags: held, own pause; scheduled: resume) <nil>
	// false false
	// recorded paused <nil>
	// lifecycle: invalid: state: held while active
}

func ExampleCauses() {
	causes := lifecycle.CausesOf(lifecycle.CauseCancel, lifecycle.CauseEndDate)
	fmt.Println(causes)
	fmt.Println(causes.Without(lifecycle.CauseCancel))
	// Output:
	// cancel, end_date
	// end_date
}

func ExampleTick_To() {
	fmt.Println(lifecycle.TickStart.To(lifecycle.Future))
	fmt.Println(lifecycle.TickRenewal.To(lifecycle.Cancelled))
	// Output:
	// in_trial, active or non_renewing
	// none
}

func ExampleParseWord() {
	action, err := lifecycle.ParseWord[lifecycle.Action]("pause_at_period_end")
	fmt.Println(action == lifecycle.PauseAtPeriodEnd, err)

	_, err = lifecycle.ParseWord[lifecycle.Action]("Pause")
	fmt.Println(err)
	// Output:
	// true <nil>
	// lifecycle: invalid: "Pause" is not an action
}
