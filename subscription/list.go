package subscription

import (
	"slices"
	"sync/atomic"
)

// A list is an append-only list whose values share one array: a value never reads beyond
// its own length, and no place is ever written twice. The first value that is appended to
// takes the place behind it; another one of the same length finds it taken and copies. So
// n appends one after another cost n, whatever reads older values meanwhile.
type list[T any] struct {
	items []T
	// taken is how many places of the array are written, for all lists that share it;
	// nil: as many as there are.
	taken *atomic.Int64
}

// listOf returns a list of a copy.
func listOf[T any](items []T) list[T] { return list[T]{items: slices.Clone(items)} }

// add appends an item. In place means that nobody else holds the array.
func (l *list[T]) add(x T, inPlace bool) {
	if inPlace {
		l.items = append(l.items, x)
		return
	}
	*l = l.with(x)
}

// with returns the list with one more item.
func (l list[T]) with(x T) list[T] {
	n := len(l.items)
	if n < cap(l.items) && l.taken != nil && l.taken.CompareAndSwap(int64(n), int64(n)+1) {
		l.items = l.items[:n+1]
		l.items[n] = x
		return l
	}
	copied := make([]T, n+1, n+1+n/4)
	copy(copied, l.items)
	copied[n] = x
	next := list[T]{items: copied, taken: new(atomic.Int64)}
	next.taken.Store(int64(n) + 1)
	return next
}

// first returns the first n items as a list: without places of their own, so that what
// is appended copies them.
func (l list[T]) first(n int) list[T] {
	if n == len(l.items) {
		return l
	}
	return list[T]{items: slices.Clip(l.items[:n])}
}
