package lifecycle

import "slices"

// Sets of statuses that outcomes name.
var (
	running    = SetOf(Active, NonRenewing)
	afterTrial = SetOf(Active, NonRenewing, Paused, Cancelled)
	unbilled   = SetOf(Paused, Cancelled)
)

// Guards that several rows share. A permission binds subscribers only; whether the plan can be
// cancelled at all, and whether live dependents would remain, binds both actors.
var (
	cancelAllowed  = refuse(ErrNotPermitted, is(cancelDenied))
	noDependents   = refuse(ErrHasDependents, is(dependentsLive))
	immediate      = refuse(ErrImmediateCancel, is(immediateCancelDenied))
	earlyImmediate = refuse(ErrImmediateCancel, is(immediateCancelDenied), is(endsEarly))
	earlyCancel    = refuse(ErrNotPermitted, is(subscriber), is(endsEarly), is(cancelDenied))
	lastPeriod     = refuse(ErrEnding, not(periodRenews))
	pauseAllowed   = refuse(ErrNotPermitted, is(pauseDenied))
	resumeAllowed  = refuse(ErrNotPermitted, is(resumeDenied))
	notHeld        = refuse(ErrNotPermitted, is(subscriber), is(held))
	notSuspended   = refuse(ErrNotPermitted, is(subscriber), is(suspended))
	quantityFree   = refuse(ErrQuantityLocked, is(quantityLocked))
	ahead          = refuse(ErrPast, is(datePast))
	afterStart     = refuse(ErrInvalidDates, is(datesInvalid))
	hasPeriods     = refuse(ErrNoPeriod, is(noPeriods))
	beforeEnding   = refuse(ErrEnding, is(fallsAfterEnding))
	oneCancel      = refuse(ErrAlreadyScheduled, is(cancelScheduled), not(replaces))
	oneEnding      = refuse(ErrAlreadyScheduled, is(endsByCancel), not(replaces))
	onePause       = refuse(ErrAlreadyScheduled, is(pauseScheduled), not(replaces))
	oneChange      = refuse(ErrChangeScheduled, is(changeRepeats), not(replaces))
	someCancel     = refuse(ErrNothingScheduled, not(cancelScheduled))
	somePause      = refuse(ErrNothingScheduled, not(pauseScheduled))
	someResume     = refuse(ErrNothingScheduled, not(resumeScheduled))
	someChange     = refuse(ErrNothingScheduled, not(changeScheduled))
)

// table holds all rules: what each action does in each status. Within a cell the first rule whose
// conditions hold decides; guards come before the cell, if something in the cell could succeed.
// Nothing else in this package decides anything.
var table = slices.Concat(lifeTable, changeTable, termTable)
