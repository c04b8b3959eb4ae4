package lifecycle

import "fmt"

// Actor says on whose behalf an action is asked for. The service that embeds the engine decides who
// may act as an operator, and passes the actor with each call; it is never read from a document.
//
// In memory an actor is a number and everywhere else its word, as with Action. The zero value is
// not an actor, and every action on its behalf is refused with ErrInvalid.
type Actor uint8

const (
	// Subscriber is the customer, or whoever acts on the customer's behalf. The plan's permissions
	// bind them.
	Subscriber Actor = iota + 1

	// Operator is the seller's staff or the service itself. The plan's permissions do not bind them,
	// except whether the plan can be cancelled at all; the structure of the table does.
	Operator

	actorEnd
)

// actorWords is indexed by the actor; the word of 0, which is no actor, is empty.
var actorWords = [actorEnd]string{Subscriber: "subscriber", Operator: "operator"}

func (Actor) vocabulary() (string, []Actor) { return "actor", []Actor{Subscriber, Operator} }

// IsValid reports whether a is one of the actors. The zero value is not.
func (a Actor) IsValid() bool { return a-1 < actorEnd-1 }

// String returns the word, "subscriber" for Subscriber; "" for the zero value, and a number in
// brackets for what is not an actor.
func (a Actor) String() string {
	if a >= actorEnd {
		return fmt.Sprintf("Actor(%d)", uint8(a))
	}
	return actorWords[a]
}

// MarshalText returns the word. It fails with ErrInvalid if a is not an actor, the zero value included.
func (a Actor) MarshalText() ([]byte, error) { return marshalWord(a, a.IsValid()) }

// UnmarshalText accepts exactly what [ParseWord] accepts; otherwise it leaves a as it was.
func (a *Actor) UnmarshalText(text []byte) error { return unmarshalWord(a, text) }
