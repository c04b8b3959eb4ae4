package money

import (
	"fmt"

	"github.com/perennial-billing/perennial/internal/arith"
)

// Rounding names the way in which an exact amount becomes a whole number of minor units. The empty
// Rounding is no rounding: it stands for a choice that is inherited from elsewhere, IsValid is
// false, and arithmetic refuses it with [ErrRounding].
type Rounding string

// The roundings. The first four take the nearest minor unit and differ when two are equally near.
const (
	HalfUp    Rounding = "half_up"    // a half goes away from zero: 0.5 is 1, -0.5 is -1
	HalfEven  Rounding = "half_even"  // a half goes to the even neighbour: 0.5 is 0, 1.5 is 2
	HalfDown  Rounding = "half_down"  // a half goes towards zero: 0.5 is 0, -0.5 is 0
	HalfFloor Rounding = "half_floor" // a half goes towards minus infinity: 0.5 is 0, -0.5 is -1
	Up        Rounding = "up"         // away from zero: 0.1 is 1, -0.1 is -1
	Down      Rounding = "down"       // towards zero: 0.9 is 0, -0.9 is 0
	Floor     Rounding = "floor"      // towards minus infinity: 0.9 is 0, -0.1 is -1
	Ceiling   Rounding = "ceiling"    // towards plus infinity: 0.1 is 1, -0.9 is 0
)

// Roundings returns every rounding, in the order in which they are declared. The caller may change the slice.
func Roundings() []Rounding {
	return []Rounding{HalfUp, HalfEven, HalfDown, HalfFloor, Up, Down, Floor, Ceiling}
}

// IsValid reports whether r is one of [Roundings]. The empty Rounding is not.
func (r Rounding) IsValid() bool {
	return arith.Named(string(r)).IsValid()
}

// mode returns the integer arithmetic behind r, and [ErrRounding] when r is not valid.
func (r Rounding) mode() (arith.Mode, error) {
	m := arith.Named(string(r))
	if !m.IsValid() {
		return 0, fmt.Errorf("money: rounding %s: %w", quote(string(r)), ErrRounding)
	}
	return m, nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]: one of the words of [Roundings], exactly, or empty text for
// the empty Rounding. It returns [ErrRounding] for anything else; r is then unchanged.
func (r *Rounding) UnmarshalText(text []byte) error {
	word := Rounding(text)
	if word != "" && !word.IsValid() {
		return fmt.Errorf("money: rounding %s: %w", quote(string(text)), ErrRounding)
	}
	*r = word
	return nil
}
