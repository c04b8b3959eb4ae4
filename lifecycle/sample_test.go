package lifecycle_test

import "github.com/perennial-billing/perennial/lifecycle"

// factCount is the number of facts; TestEveryFactHasAName keeps it right.
const factCount = 24

// sampleStates returns every state that NewState accepts: 6 statuses, 7 flags, 4 causes, 4 things scheduled.
func sampleStates() []lifecycle.State {
	var states []lifecycle.State
	for _, status := range lifecycle.Words[lifecycle.Status]() {
		for flags := range 1 << 7 {
			for endings := range 1 << 4 {
				for scheduled := range 1 << 4 {
					s, err := lifecycle.NewState(status, lifecycle.Flags(flags), lifecycle.Causes(endings), lifecycle.Scheduled(scheduled))
					if err == nil {
						states = append(states, s)
					}
				}
			}
		}
	}
	return states
}
