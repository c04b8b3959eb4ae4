package lifecycle

import "slices"

// changeTable holds the rows of the table that change what is sold: plan, quantity, price, add-ons.
// The rows of all but the plan differ from those of plan if the running period is the last by the
// plan's length: only another plan continues after it.
var changeTable = slices.Concat(
	planRows,
	quantityRows,
	partRows(ChangePriceNow, ChangePriceAtPeriodEnd, ChangePriceOnDate),
	partRows(AttachNow, AttachAtPeriodEnd, AttachOnDate),
	partRows(DetachNow, DetachAtPeriodEnd, DetachOnDate),
	undoRows,
)

var planRows = []row{
	{
		action:      ChangePlanNow,
		future:      always(stays(Future)),
		inTrial:     always(stays(InTrial)),
		active:      always(activeOrNonRenewing()),
		nonRenewing: always(activeOrNonRenewing()),
		paused:      refused(ErrPaused),
		cancelled:   refused(ErrCancelled),
		instead:     []Action{ChangePlanAtPeriodEnd, ChangePlanOnDate},
	},
	{
		action:  ChangePlanAtPeriodEnd,
		future:  always(stays(Future)),
		inTrial: cell{beforeEnding, oneChange, later(SetOf(InTrial))},
		active:  cell{hasPeriods, oneChange, later(SetOf(Active))},
		nonRenewing: cell{
			hasPeriods,
			refuse(ErrEnding, is(endsBesideLength), not(periodRenews)),
			oneChange,
			later(running),
		},
		paused:    refused(ErrPaused),
		cancelled: refused(ErrCancelled),
		instead:   []Action{RemoveScheduledChange, ChangePlanNow, ChangePlanOnDate},
	},
	{
		action:  ChangePlanOnDate,
		guards:  []rule{ahead},
		future:  cell{beforeEnding, oneChange, later(SetOf(Future))},
		inTrial: cell{beforeEnding, oneChange, later(SetOf(InTrial))},
		active:  cell{beforeEnding, oneChange, later(running)},
		nonRenewing: cell{
			refuse(ErrEnding, is(endsByCancel), not(periodRenews)),
			beforeEnding,
			oneChange,
			later(running),
		},
		paused:    refused(ErrPaused),
		cancelled: refused(ErrCancelled),
		instead:   []Action{RemoveScheduledChange, ChangePlanNow, ChangePlanAtPeriodEnd},
	},
}

var quantityRows = []row{
	{
		action:      ChangeQuantityNow,
		guards:      []rule{quantityFree},
		future:      always(stays(Future)),
		inTrial:     always(stays(InTrial)),
		active:      always(activeOrNonRenewing()),
		nonRenewing: cell{refuse(ErrCreditChoice, is(creditUnchosen), not(periodRenews)), activeOrNonRenewing()},
		paused:      refused(ErrPaused),
		cancelled:   refused(ErrCancelled),
		instead:     []Action{ChangeQuantityAtPeriodEnd, ChangeQuantityOnDate},
	},
	{
		action:      ChangeQuantityAtPeriodEnd,
		guards:      []rule{quantityFree},
		future:      always(stays(Future)),
		inTrial:     cell{beforeEnding, oneChange, later(SetOf(InTrial))},
		active:      cell{hasPeriods, oneChange, later(SetOf(Active))},
		nonRenewing: cell{hasPeriods, lastPeriod, oneChange, later(SetOf(NonRenewing))},
		paused:      refused(ErrPaused),
		cancelled:   refused(ErrCancelled),
		instead:     []Action{RemoveScheduledChange, ChangeQuantityNow, ChangeQuantityOnDate},
	},
	{
		action:  ChangeQuantityOnDate,
		guards:  []rule{quantityFree, ahead},
		future:  cell{beforeEnding, oneChange, later(SetOf(Future))},
		inTrial: cell{beforeEnding, oneChange, later(SetOf(InTrial))},
		active:  cell{beforeEnding, oneChange, later(SetOf(Active))},
		nonRenewing: cell{
			refuse(ErrEnding, is(endsByCancel), not(periodRenews)),
			beforeEnding,
			oneChange,
			later(SetOf(NonRenewing)),
		},
		paused:    refused(ErrPaused),
		cancelled: refused(ErrCancelled),
		instead:   []Action{RemoveScheduledChange, ChangeQuantityNow, ChangeQuantityAtPeriodEnd},
	},
}

// partRows are the rows of a change of a part of what is sold, which no permission binds.
func partRows(now, atPeriodEnd, onDate Action) []row {
	return []row{
		{
			action:      now,
			future:      always(stays(Future)),
			inTrial:     always(stays(InTrial)),
			active:      always(activeOrNonRenewing()),
			nonRenewing: always(activeOrNonRenewing()),
			paused:      refused(ErrPaused),
			cancelled:   refused(ErrCancelled),
			instead:     []Action{atPeriodEnd, onDate},
		},
		{
			action:      atPeriodEnd,
			future:      always(stays(Future)),
			inTrial:     cell{beforeEnding, oneChange, later(SetOf(InTrial))},
			active:      cell{hasPeriods, oneChange, later(SetOf(Active))},
			nonRenewing: cell{hasPeriods, lastPeriod, oneChange, later(SetOf(NonRenewing))},
			paused:      refused(ErrPaused),
			cancelled:   refused(ErrCancelled),
			instead:     []Action{RemoveScheduledChange, now, onDate},
		},
		{
			action:  onDate,
			guards:  []rule{ahead},
			future:  cell{beforeEnding, oneChange, later(SetOf(Future))},
			inTrial: cell{beforeEnding, oneChange, later(SetOf(InTrial))},
			active:  cell{beforeEnding, oneChange, later(SetOf(Active))},
			nonRenewing: cell{
				refuse(ErrEnding, is(endsByCancel), not(periodRenews)),
				beforeEnding,
				oneChange,
				later(SetOf(NonRenewing)),
			},
			paused:    refused(ErrPaused),
			cancelled: refused(ErrCancelled),
			instead:   []Action{RemoveScheduledChange, now, atPeriodEnd},
		},
	}
}

var undoRows = []row{
	{
		action:      RemoveScheduledChange,
		guards:      []rule{someChange},
		future:      always(stays(Future)),
		inTrial:     always(stays(InTrial)),
		active:      always(activeOrNonRenewing()),
		nonRenewing: always(activeOrNonRenewing()),
		paused:      always(stays(Paused)),
		cancelled:   refused(ErrCancelled),
		instead:     []Action{ChangePlanNow, ChangeQuantityNow, ChangePriceNow},
	},
}
