package lifecycle

// Facts is a set of what must be known about the plan, the related subscriptions and the call
// itself, beyond the state, to decide an action. Comparable with ==. The zero value says that
// nothing prevents it and that no option was given.
//
// A fact that an action's row does not mention makes no difference to it, so facts that are
// expensive to compute need to be set only for the actions that use them.
type Facts uint32

// Facts about the plan, the related subscriptions and the subscription's dates. They apply to every
// action.
const (
	// CancelDenied: the plan does not allow cancelling. Binds both actors.
	CancelDenied Facts = 1 << iota
	// DependentsLive: subscriptions that depend on this one are live, and the call does not cascade.
	// Binds both actors.
	DependentsLive
	// ImmediateCancelDenied: the plan does not let a subscriber end it before the end of a period.
	ImmediateCancelDenied
	// PauseDenied: the plan does not let a subscriber pause.
	PauseDenied
	// ResumeDenied: the plan does not let a subscriber resume or reactivate.
	ResumeDenied
	// QuantityLocked: the plan does not let a subscriber change this quantity.
	QuantityLocked
	// NoPeriods: nothing recurs, so there is no period end and no grid.
	NoPeriods
	// TrialAhead: with start, extend_trial and release, a future subscription begins with a trial;
	// with reactivate, the call gives a trial.
	TrialAhead
	// TrialUsed: a trial was already used. Needed by reactivate.
	TrialUsed
	// StartPassed: the start date passed while a hold kept the subscription from starting.
	StartPassed
	// PausedPeriodPassed: the period in which the pause began is over.
	PausedPeriodPassed
	// EndPassed: an ending has passed: with reactivate the end date, and the call gives no new one;
	// with resume_now any ending that takes effect with the resume.
	EndPassed
	// StartAhead: a subscription that was cancelled before its agreed start could still begin then.
	// Asked by reactivate.
	StartAhead
)

// Facts about the call's own options.
const (
	// DatePast: the instant that the call gives lies before the call's own; for extend_trial and
	// set_next_billing, at it too.
	DatePast Facts = 1 << (iota + 13)
	// DatesInvalid: the instant that the call gives lies before the start; for extend_trial of a
	// future subscription, at it too.
	DatesInvalid
	// EndsEarly: the ending that the call sets lies before the end of the running period or trial; with
	// cancel_on_date, before the end of the one that runs at that date, as far as is known.
	EndsEarly
	// EndsInPeriod: the ending that the call sets falls into the running period, its end included.
	EndsInPeriod
	// FallsAfterEnding: what the call schedules would take effect at or after the earliest expected
	// ending, so it would never happen. A change of plan exactly at an ending by length is not such
	// a case, because the new plan continues.
	FallsAfterEnding
	// Replaces: the call says that it replaces what is already scheduled.
	Replaces
	// ChangeRepeats: a change of the same thing (the plan; the quantity, or the price, of the same
	// charge) is already scheduled.
	ChangeRepeats
	// ClearsEndDate: the call clears the end date.
	ClearsEndDate
	// CreditUnchosen: the call lowers a quantity and does not say how the unused part is credited.
	CreditUnchosen
	// NoticeLate: the notice comes after the cut-off of the running term, so it ends a later one.
	NoticeLate
	// PeriodRenews: a contract term binds beyond the running period, and no ending lies within
	// that: another period follows, whatever the call asks for.
	PeriodRenews
)

// standingFacts are those that apply to every action, unlike the options of one call.
const standingFacts = StartAhead<<1 - 1

var factNames = []string{
	"cancel denied", "dependents live", "immediate cancel denied", "pause denied", "resume denied",
	"quantity locked", "no periods", "trial ahead", "trial used", "start passed", "paused period passed",
	"end passed", "start ahead", "date past", "dates invalid", "ends early", "ends in period", "falls after ending",
	"replaces", "change repeats", "clears end date", "credit unchosen", "notice late", "period renews",
}

// Has reports whether every fact of f is in the set.
func (set Facts) Has(f Facts) bool { return set&f == f }

// Standing returns the facts of the set that apply to every action, without the options of a call.
func (set Facts) Standing() Facts { return set & standingFacts }

// String lists the set: "cancel denied, replaces"; "none" if it is empty.
func (set Facts) String() string { return listBits(uint64(set), factNames) }
