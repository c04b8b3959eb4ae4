package simulation

import (
	"fmt"
	"math/rand/v2"
)

// draws is where a life comes from: the same for a seed, for good.
type draws struct{ source *rand.PCG }

func newDraws(seed uint64) *draws { return &draws{rand.NewPCG(seed, seed^0x9e3779b97f4a7c15)} }

// between returns a whole number from low to high, both included.
func (d *draws) between(low, high int) int {
	return low + int(d.source.Uint64()%uint64(high-low+1))
}

// oneIn is true once in n times.
func (d *draws) oneIn(n int) bool { return d.between(1, n) == n }

func pick[T any](d *draws, from ...T) T { return from[d.between(0, len(from)-1)] }

// object is a part of a story, as its document says it.
type object map[string]any

// with adds a member, unless it is empty.
func (o object) with(name, text string) object {
	if text != "" {
		o[name] = text
	}
	return o
}

func every(count int, unit string) object { return object{"count": count, "unit": unit} }

// amount draws an amount of money in major units.
func (d *draws) amount(digits int) string {
	if digits == 0 {
		return fmt.Sprint(d.between(1, 99_999))
	}
	return fmt.Sprintf("%d.%0*d", d.between(0, 999), digits, d.between(1, pow10(digits)-1))
}

func pow10(n int) int {
	out := 1
	for range n {
		out *= 10
	}
	return out
}
