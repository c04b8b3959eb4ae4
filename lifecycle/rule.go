package lifecycle

// row is one row of the table: what an action does, status by status.
type row struct {
	action Action

	// operatorOnly refuses a subscriber in every status.
	operatorOnly bool
	// guards are asked first in every cell in which the action could succeed.
	guards []rule

	future, inTrial, active, nonRenewing, paused, cancelled cell

	// instead lists what to offer when the action is refused, the best first.
	instead []Action
}

// cells returns the cells by statusIndex; index 0 has none.
func (r *row) cells() [statusCount]cell {
	return [statusCount]cell{nil, r.future, r.inTrial, r.active, r.nonRenewing, r.paused, r.cancelled}
}

// cell is a list of rules of which the first one that applies decides. The last one always applies.
type cell []rule

// rule gives an outcome, or a refusal, if all its conditions hold.
type rule struct {
	when []condition
	out  Outcome
	err  error
}

// condition holds if any of its bits is set; a negated one, if none is.
type condition struct {
	bits    word
	negated bool
}

// is holds if any of the bits is set.
func is(b word) condition { return condition{bits: b} }

// not holds if none of the bits is set.
func not(b word) condition { return condition{bits: b, negated: true} }

// refused is a cell that refuses under all circumstances.
func refused(err error) cell { return cell{refuse(err)} }

// always is a cell that does one thing under all circumstances, once its guards have passed.
func always(r rule) cell { return cell{r} }

func refuse(err error, when ...condition) rule { return rule{when: when, err: err} }

// already: what is asked for is in force, nothing happens.
func already(s Status, when ...condition) rule { return outcome(Unchanged, SetOf(s), when) }

// stays: takes effect immediately, the status stays.
func stays(s Status, when ...condition) rule { return outcome(Recorded, SetOf(s), when) }

// becomes: takes effect immediately with this status.
func becomes(s Status, when ...condition) rule { return outcome(Changed, SetOf(s), when) }

// later: takes effect later; until then the status is one of these.
func later(to StatusSet, when ...condition) rule { return outcome(Deferred, to, when) }

// activeOrNonRenewing: takes effect immediately, active or non_renewing by the endings.
func activeOrNonRenewing(when ...condition) rule { return outcome(ByCauses, running, when) }

// byTrialRule: takes effect immediately, as the trial's own rule says.
func byTrialRule(to StatusSet, when ...condition) rule { return outcome(ByTrialRule, to, when) }

func outcome(e Effect, to StatusSet, when []condition) rule {
	return rule{when: when, out: Outcome{Effect: e, To: to}}
}

// dropping adds which scheduled things the outcome drops.
func (r rule) dropping(x Scheduled) rule {
	r.out.Drops = x
	return r
}

// word is everything that a condition may ask about, one bit each.
type word uint64

// The positions of the parts in a word. The lower half is what a State holds.
const (
	endingShift    = 7
	besideShift    = 11
	scheduledShift = 15
	actorShift     = 19
	factShift      = 20
)

// What the conditions of the table ask about, by the names that the table uses.
const (
	// The flags lie where the bits that are asked for together fold into short numbers: see foldable.
	renewalOff  = word(1) << 0
	held        = word(1) << 1
	closed      = word(1) << 2
	ownPause    = word(1) << 3
	trialLapsed = word(1) << 4
	suspended   = word(1) << 5
	endDateSet  = word(1) << 6

	// The order of causeNames.
	endsByCancel    = word(1) << endingShift
	endsByNoRenewal = word(2) << endingShift
	endsByLength    = word(4) << endingShift
	endsByEndDate   = word(8) << endingShift

	// An ending by any cause other than the one named; besideCauses derives them from the endings.
	endsBesideCancel    = word(1) << besideShift
	endsBesideNoRenewal = word(2) << besideShift
	endsBesideLength    = word(4) << besideShift
	endsBesideEndDate   = word(8) << besideShift

	cancelScheduled = word(ScheduledCancel) << scheduledShift
	pauseScheduled  = word(ScheduledPause) << scheduledShift
	resumeScheduled = word(ScheduledResume) << scheduledShift
	changeScheduled = word(ScheduledChange) << scheduledShift

	subscriber = word(1) << actorShift

	cancelDenied          = word(CancelDenied) << factShift
	dependentsLive        = word(DependentsLive) << factShift
	immediateCancelDenied = word(ImmediateCancelDenied) << factShift
	pauseDenied           = word(PauseDenied) << factShift
	resumeDenied          = word(ResumeDenied) << factShift
	quantityLocked        = word(QuantityLocked) << factShift
	noPeriods             = word(NoPeriods) << factShift
	trialAhead            = word(TrialAhead) << factShift
	trialUsed             = word(TrialUsed) << factShift
	startPassed           = word(StartPassed) << factShift
	pausedPeriodPassed    = word(PausedPeriodPassed) << factShift
	endPassed             = word(EndPassed) << factShift
	startAhead            = word(StartAhead) << factShift
	periodRenews          = word(PeriodRenews) << factShift
	datePast              = word(DatePast) << factShift
	datesInvalid          = word(DatesInvalid) << factShift
	endsEarly             = word(EndsEarly) << factShift
	endsInPeriod          = word(EndsInPeriod) << factShift
	fallsAfterEnding      = word(FallsAfterEnding) << factShift
	replaces              = word(Replaces) << factShift
	changeRepeats         = word(ChangeRepeats) << factShift
	clearsEndDate         = word(ClearsEndDate) << factShift
	creditUnchosen        = word(CreditUnchosen) << factShift
	noticeLate            = word(NoticeLate) << factShift
)

// bypassed holds the permissions that bind subscribers only. For an operator an action is
// decided as if the plan denied none of them.
const bypassed = immediateCancelDenied | pauseDenied | resumeDenied | quantityLocked

// besideCauses returns, by the bit of each cause, whether the set holds any other one.
func besideCauses(set Causes) Causes {
	var beside Causes
	for i := range causeNames {
		if set&^(1<<i) != 0 {
			beside |= 1 << i
		}
	}
	return beside
}

// circumstances packs the state and the facts into a word. The actor must be valid.
func circumstances(s State, by Actor, f Facts) word {
	return (word(s.marks) | word(f)<<factShift | subscriber) & binds[by]
}

// binds masks, for each actor, the circumstances that bind them.
var binds = [actorEnd]word{Subscriber: ^word(0), Operator: ^(bypassed | subscriber)}

// rules returns what decides in one status: the operator's privilege, the guards, and the cell.
func (r *row) rules(i statusIndex) []rule {
	var all []rule
	if r.operatorOnly {
		all = append(all, refuse(ErrNotPermitted, is(subscriber)))
	}
	c := r.cells()[i]
	if !c.refusesAlways() {
		all = append(all, r.guards...)
	}
	return append(all, c...)
}

// refusesAlways reports whether nothing can succeed in the cell.
func (c cell) refusesAlways() bool {
	for _, r := range c {
		if r.err == nil {
			return false
		}
	}
	return true
}
