package subscription

import (
	"iter"
	"slices"
	"strings"
)

// An assoc is a small immutable map: with and without return a new one, which shares
// all values with the old one. Each span keeps its own, so that a long history of
// small changes does not hold a whole map for each change. Nil is empty.
type assoc[V any] []*entry[V]

type entry[V any] struct {
	key   string
	value V
}

func (a assoc[V]) find(key string) (int, bool) {
	return slices.BinarySearchFunc(a, key, func(e *entry[V], key string) int { return strings.Compare(e.key, key) })
}

func (a assoc[V]) value(key string) (v V, ok bool) {
	if len(a) == 0 {
		return v, false
	}
	i, ok := a.find(key)
	if !ok {
		return v, false
	}
	return a[i].value, true
}

// both returns the values of a key in two maps, if it is in both. Where one came from the other, what
// did not change stands near its old place.
func both[V any](a, b assoc[V], key string) (v, w V, ok bool) {
	i, ok := a.find(key)
	if !ok {
		return v, w, false
	}
	for _, j := range [...]int{i, i + 1, i - 1} {
		if j >= 0 && j < len(b) && a[i] == b[j] {
			return a[i].value, a[i].value, true
		}
	}
	w, ok = b.value(key)
	return a[i].value, w, ok
}

func (a assoc[V]) with(key string, v V) assoc[V] {
	i, ok := a.find(key)
	if len(a) == 0 || ok && len(a) == 1 { // as most are
		alone := &struct {
			entry entry[V]
			list  [1]*entry[V]
		}{entry: entry[V]{key, v}}
		alone.list[0] = &alone.entry
		return alone.list[:]
	}
	e := &entry[V]{key, v}
	if ok {
		a = slices.Clone(a)
		a[i] = e
		return a
	}
	return slices.Insert(slices.Clip(a), i, e)
}

func (a assoc[V]) without(key string) assoc[V] {
	i, ok := a.find(key)
	switch {
	case !ok:
		return a
	case len(a) == 1:
		return nil
	}
	return slices.Delete(slices.Clone(a), i, i+1)
}

// all yields the entries in the order of their keys.
func (a assoc[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, e := range a {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}
