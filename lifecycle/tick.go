package lifecycle

// Tick is something that happens because time passes, and not because somebody asks. Ticks are
// derived from what was recorded and are never recorded themselves. The zero value, "", is not a
// tick.
type Tick string

const (
	// TickStart: the start date comes.
	TickStart Tick = "start"
	// TickTrialEnd: the trial ends, by its own rule: bill, cancel or pause.
	TickTrialEnd Tick = "trial_end"
	// TickChange: a scheduled change, or a phase of the plan, takes effect.
	TickChange Tick = "change"
	// TickPause: a scheduled pause begins.
	TickPause Tick = "pause"
	// TickResume: a pause reaches its end.
	TickResume Tick = "resume"
	// TickEnding: the earliest ending comes.
	TickEnding Tick = "ending"
	// TickRenewal: a period ends and the next one begins.
	TickRenewal Tick = "renewal"
)

// tickTable says where each tick leads from each status in which it can happen.
var tickTable = []struct {
	tick Tick
	from Status
	to   StatusSet
}{
	{TickStart, Future, SetOf(InTrial, Active, NonRenewing)},
	{TickTrialEnd, InTrial, afterTrial},
	{TickChange, Future, SetOf(Future)},
	{TickChange, InTrial, SetOf(InTrial)},
	{TickChange, Active, running},
	{TickChange, NonRenewing, running},
	{TickChange, Paused, SetOf(Paused)},
	{TickPause, Active, SetOf(Paused)},
	{TickPause, NonRenewing, SetOf(Paused)},
	{TickPause, Paused, SetOf(Paused)}, // under a hold, as the customer's own
	{TickResume, Paused, SetOf(Active, NonRenewing, Paused)},
	{TickEnding, Future, SetOf(Cancelled)},
	{TickEnding, InTrial, SetOf(Cancelled)},
	{TickEnding, Active, SetOf(Cancelled)}, // an end date where there are no periods
	{TickEnding, NonRenewing, SetOf(Cancelled)},
	{TickEnding, Paused, SetOf(Cancelled)},
	{TickRenewal, Active, running},
	{TickRenewal, Paused, SetOf(Paused)}, // the boundary passes, and nothing is billed
}

func (Tick) vocabulary() (string, []Tick) {
	return "tick", []Tick{TickStart, TickTrialEnd, TickChange, TickPause, TickResume, TickEnding, TickRenewal}
}

// To returns the statuses that the tick may lead to from a status; the empty set if it cannot happen
// there.
func (k Tick) To(from Status) StatusSet {
	for _, t := range tickTable {
		if t.tick == k && t.from == from {
			return t.to
		}
	}
	return 0
}
