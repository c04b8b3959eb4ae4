// Package grow has lists that only grow, for immutable values that share them.
package grow

import (
	"iter"
	"slices"
)

// A List is an immutable list to which appending costs little: it consists of runs, which
// are never changed and which lists share, each shorter than the one before it. Appending
// puts the last runs together the way a counter carries, so that an item is moved once for
// each doubling: n appends one after another move n items log n times, and not n times n,
// and it does not matter what else was appended to older values. The zero List is empty.
type List[T any] struct {
	first []T   // the longest run, which most lists consist of
	more  [][]T // the others
}

// Of returns a list of a copy.
func Of[T any](items []T) List[T] { return List[T]{first: slices.Clone(items)} }

// Own returns a list of the items themselves, which nobody else may change.
func Own[T any](items []T) List[T] { return List[T]{first: items} }

// Len returns the number of items.
func (l *List[T]) Len() int {
	if len(l.more) == 0 {
		return len(l.first)
	}
	return l.long()
}

func (l *List[T]) long() int {
	n := len(l.first)
	for _, run := range l.more {
		n += len(run)
	}
	return n
}

// At returns a pointer to item i, which must not be changed. Like a slice, it panics if
// there is none.
func (l *List[T]) At(i int) *T {
	if i < len(l.first) || len(l.more) == 0 {
		return &l.first[i]
	}
	i -= len(l.first)
	n := 0
	for ; n < len(l.more)-1 && i >= len(l.more[n]); n++ {
		i -= len(l.more[n])
	}
	return &l.more[n][i]
}

// All yields the items.
func (l List[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range l.Len() {
			if !yield(i, *l.At(i)) {
				return
			}
		}
	}
}

// Slice returns the items, which must not be changed.
func (l *List[T]) Slice() []T {
	if len(l.more) == 0 {
		return l.first
	}
	return slices.Concat(append([][]T{l.first}, l.more...)...)
}

// With returns the list with one more item, and leaves l as it is.
func (l List[T]) With(x T) List[T] {
	size, kept := 1, len(l.more)
	for kept > 0 && len(l.more[kept-1]) <= size {
		kept--
		size += len(l.more[kept])
	}
	whole := kept == 0 && len(l.first) <= size
	if whole {
		size += len(l.first)
	}
	run := make([]T, 0, size)
	if whole {
		run = append(run, l.first...)
	}
	for _, last := range l.more[kept:] {
		run = append(run, last...)
	}
	run = append(run, x)
	if whole {
		return List[T]{first: run}
	}
	return List[T]{first: l.first, more: append(slices.Clip(l.more[:kept]), run)}
}

// Append appends an item in place, where nobody else holds the list: one that was made by
// Append, of the zero List, [Of] or [Own].
func (l *List[T]) Append(x T) { l.first = append(l.first, x) }

// First returns the first n items.
func (l List[T]) First(n int) List[T] {
	if n <= len(l.first) {
		return List[T]{first: slices.Clip(l.first[:n])}
	}
	for i, left := 0, n-len(l.first); ; i++ {
		if left <= len(l.more[i]) {
			more := slices.Clone(l.more[:i+1])
			more[i] = slices.Clip(more[i][:left])
			return List[T]{first: l.first, more: more}
		}
		left -= len(l.more[i])
	}
}
