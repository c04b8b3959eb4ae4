package lifecycle

import "errors"

// Mentions returns what a cell's rules ask about beside the status and the actor.
func Mentions(status Status, action Action) (Flags, Causes, Scheduled, Facts) {
	c := ready.cells[status.index()][action]
	endings := Causes(c.mask>>endingShift) & causesAll
	if Causes(c.mask>>besideShift)&causesAll != 0 {
		endings = causesAll
	}
	return flagsOf(c.mask), endings, Scheduled(c.mask>>scheduledShift) & scheduledAll,
		Facts(c.mask >> factShift)
}

// FoldedRoom returns how much of the room for folded answers the table uses, and how much there is.
func FoldedRoom() (used, room int) {
	for i := range ready.cells {
		for j := range ready.cells[i] {
			used = max(used, int(ready.cells[i][j].offset+ready.cells[i][j].window)+1)
		}
	}
	return used, maxFolded
}

// FactNames, FlagNames and ScheduledNames are the words of the sets, by bit.
var (
	FactNames      = factNames
	FlagNames      = flagNames
	ScheduledNames = scheduledNames
)

// Reasons returns the reasons for refusing by their names in Go.
func Reasons() map[string]error {
	reasons := make(map[string]error)
	for _, r := range refusals {
		reasons[r.name] = r.err
	}
	return reasons
}

// Faults checks what the table promises by its form and returns what is wrong with it.
func Faults() error {
	var faults []error
	fault := func(a Action, s Status, what string) {
		faults = append(faults, errors.New(a.String()+" while "+string(s)+": "+what))
	}
	seen := map[Action]bool{}
	for i := range table {
		r := &table[i]
		if seen[r.action] {
			fault(r.action, "", "two rows")
		}
		seen[r.action] = true
		for _, s := range Words[Status]() {
			c := r.cells()[s.index()]
			if len(c) == 0 {
				fault(r.action, s, "undecided")
				continue
			}
			for k, rule := range c {
				last := k == len(c)-1
				if last != (len(rule.when) == 0) {
					fault(r.action, s, "the last rule, and no other, must always apply")
				}
				if (rule.err == nil) == (rule.out == Outcome{}) {
					fault(r.action, s, "a rule must either refuse or have an outcome")
				}
				if rule.err == nil && (!rule.out.Effect.IsValid() || rule.out.To == 0) {
					fault(r.action, s, "an outcome without effect or status")
				}
			}
		}
		for _, g := range r.guards {
			if g.err == nil || len(g.when) == 0 {
				fault(r.action, "", "a guard must refuse, under a condition")
			}
		}
	}
	for _, a := range Words[Action]() {
		if !seen[a] {
			fault(a, "", "no row")
		}
	}
	return errors.Join(faults...)
}

// Unmentioned returns the phrases of the printed table that no rule uses.
func Unmentioned() []string {
	var all word
	for i := range table {
		for _, s := range Words[Status]() {
			for _, r := range table[i].rules(s.index()) {
				for _, c := range r.when {
					all |= c.bits
				}
			}
		}
	}
	var unused []string
	for _, p := range phrases {
		if all&p.bit == 0 {
			unused = append(unused, p.yes)
		}
	}
	return unused
}
