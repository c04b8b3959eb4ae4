package arith

// Mode says how a quotient that is not whole becomes a whole one. The zero Mode is not one of them:
// it never increments, and [Mode.IsValid] is false.
type Mode uint8

// The modes. "Half" means that what is left over is exactly half a unit; a larger remainder always
// goes up and a smaller one down in the five modes that are named after it.
const (
	HalfUp    Mode = iota + 1 // to the nearest, a half away from zero: 0.5 is 1, -0.5 is -1
	HalfEven                  // to the nearest, a half to the even neighbour: 0.5 is 0, 1.5 is 2
	HalfDown                  // to the nearest, a half towards zero: 0.5 is 0, -0.5 is 0
	HalfFloor                 // to the nearest, a half towards minus infinity: 0.5 is 0, -0.5 is -1
	Up                        // away from zero: 0.1 is 1, -0.1 is -1
	Down                      // towards zero: 0.9 is 0, -0.9 is 0
	Floor                     // towards minus infinity: 0.9 is 0, -0.1 is -1
	Ceiling                   // towards plus infinity: 0.1 is 1, -0.9 is 0
)

// IsValid reports whether m is one of the eight modes.
func (m Mode) IsValid() bool {
	return HalfUp <= m && m <= Ceiling
}

// Increment reports whether the magnitude of a quotient that was truncated towards zero grows by
// one. negative is the sign of the exact quotient, odd whether the truncated magnitude is odd,
// remVsHalf compares what was left over with half a unit (-1 less, 0 equal, +1 more), and
// exact says that nothing was left over: then no mode increments, and remVsHalf is not looked at.
func (m Mode) Increment(negative, odd bool, remVsHalf int, exact bool) bool {
	if exact {
		return false
	}
	switch m {
	case HalfUp:
		return remVsHalf >= 0
	case HalfEven:
		return remVsHalf > 0 || (remVsHalf == 0 && odd)
	case HalfDown:
		return remVsHalf > 0
	case HalfFloor:
		return remVsHalf > 0 || (remVsHalf == 0 && negative)
	case Up:
		return true
	case Floor:
		return negative
	case Ceiling:
		return !negative
	case Down:
	}
	return false
}

// CompareHalf compares what a division by d left over with half of d: -1 when r is less, 0 when
// it is exactly half, +1 when it is more. r must be below d; nothing is doubled, so nothing overflows.
func CompareHalf(r, d uint64) int {
	// Two separate comparisons compile to no branch; remainders are as good as random, and
	// a branch on them is mispredicted half of the time.
	rest := d - r
	more, less := 0, 0
	if r > rest {
		more = 1
	}
	if r < rest {
		less = 1
	}
	return more - less
}

// Named returns the mode of this name, as package money writes it; for any other word one
// that is not valid.
func Named(word string) Mode {
	switch word {
	case "half_up":
		return HalfUp
	case "half_even":
		return HalfEven
	case "half_down":
		return HalfDown
	case "half_floor":
		return HalfFloor
	case "up":
		return Up
	case "down":
		return Down
	case "floor":
		return Floor
	case "ceiling":
		return Ceiling
	}
	return 0
}
