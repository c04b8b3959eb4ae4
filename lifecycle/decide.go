package lifecycle

// alternatives returns the actions that the row of an action offers when it is refused.
func alternatives(a Action) []Action {
	for r := range table {
		if table[r].action == a {
			return table[r].instead
		}
	}
	return nil
}

// Decide decides whether an actor may do an action in a state, and what the action does. facts
// holds what the action's row asks about the plan, the related subscriptions and the call; a fact
// that the row does not mention makes no difference. It allocates nothing if the action is allowed.
//
// A refusal is a *TransitionError with the zero Outcome. An invalid state, action or actor is refused
// with ErrInvalid.
func Decide(state State, action Action, by Actor, facts Facts) (Outcome, error) {
	if action < actionEnd && by.IsValid() {
		cell := &ready.cells[state.status][action]
		number := ready.folded[cell.number(circumstances(state, by, facts))]
		found := ready.answers[number]
		if !found.refuses {
			found.out.Drops &= state.Scheduled()
			return found.out, nil
		}
		return Outcome{}, refusal(state, action, by, facts, ready.reasons[number])
	}
	return Outcome{}, refusal(state, action, by, facts, ErrInvalid)
}

// refusal is a function of its own so that Decide needs no room for it if the action is allowed.
//
//go:noinline
func refusal(state State, action Action, by Actor, facts Facts, err error) error {
	return &TransitionError{State: state, Action: action, Actor: by, Facts: facts, Err: err}
}

// Allowed returns the actions that an actor may do in a state and that would change something
// there, in the order of their words. An action for which Decide returns Unchanged is omitted, and so
// is one that is allowed only with options that facts does not hold. Empty for an invalid state or
// actor. The caller may change the slice.
func Allowed(state State, by Actor, facts Facts) []Action {
	if !by.IsValid() {
		return nil
	}
	var allowed []Action
	w := circumstances(state, by, facts)
	for a := Action(1); a < actionEnd; a++ {
		cell := &ready.cells[state.status][a]
		found := ready.answers[ready.folded[cell.number(w)]]
		if !found.refuses && found.out.Effect != Unchanged {
			allowed = append(allowed, a)
		}
	}
	return allowed
}
