package lifecycle_test

import (
	"math/rand/v2"
	"testing"

	"github.com/perennial-billing/perennial/lifecycle"
)

// sink keeps results alive.
var sink int

type question struct {
	state  lifecycle.State
	action lifecycle.Action
	actor  lifecycle.Actor
	facts  lifecycle.Facts
}

// questions are mixed and shuffled, so that neither the compiler nor the branch predictor can fold them.
func questions(b *testing.B, keep func(error) bool) []question {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	states := sampleStates()
	actions := lifecycle.Words[lifecycle.Action]()
	actors := lifecycle.Words[lifecycle.Actor]()
	list := make([]question, 0, 1<<10)
	for len(list) < cap(list) {
		q := question{
			state:  states[random.IntN(len(states))],
			action: actions[random.IntN(len(actions))],
			actor:  actors[random.IntN(len(actors))],
		}
		if random.IntN(4) == 0 {
			q.facts = lifecycle.Facts(1) << random.IntN(factCount)
		}
		if _, err := lifecycle.Decide(q.state, q.action, q.actor, q.facts); keep(err) {
			list = append(list, q)
		}
	}
	return list
}

func BenchmarkDecideAllowed(b *testing.B) {
	list := questions(b, func(err error) bool { return err == nil })
	b.ReportAllocs()
	b.ResetTimer()
	var sum int
	for i := range b.N {
		q := &list[i&(1<<10-1)]
		out, err := lifecycle.Decide(q.state, q.action, q.actor, q.facts)
		if err != nil {
			b.Fatal(err)
		}
		sum += int(out.To)
	}
	sink = sum
}

func BenchmarkDecideRefused(b *testing.B) {
	list := questions(b, func(err error) bool { return err != nil })
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		q := &list[i&(1<<10-1)]
		if _, err := lifecycle.Decide(q.state, q.action, q.actor, q.facts); err == nil {
			b.Fatal("allowed")
		}
	}
}

// BenchmarkFloor is the same loop without the question: what remains above it is the answer's own cost.
func BenchmarkFloor(b *testing.B) {
	list := questions(b, func(err error) bool { return err == nil })
	b.ReportAllocs()
	b.ResetTimer()
	var sum int
	for i := range b.N {
		q := &list[i&(1<<10-1)]
		sum += int(q.action) + int(q.actor) + int(q.facts)
	}
	sink = sum
}
