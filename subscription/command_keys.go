package subscription

import (
	"cmp"
	"slices"

	"github.com/perennial-billing/perennial/internal/grow"
)

// A keyIndex finds commands by their idempotency keys without reading them all. It is
// never changed: runs of entries, each in order, are merged into new ones, the way a
// counter carries, so that an entry is copied once for each doubling. The last commands
// are not in it yet; so few are read one by one.
type keyIndex struct {
	runs [][]keyEntry // the longest first
	upTo int          // of so many commands
}

type keyEntry struct {
	hash  uint32
	index int32 // among the commands
}

// keyBlock is how many commands are added at once.
const keyBlock = 64

func (a keyEntry) compare(b keyEntry) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.index, b.index))
}

// keyHash is FNV-1a.
func keyHash(key string) uint32 {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return h
}

// with returns the index of all commands, if there are enough that it lacks.
func (x keyIndex) with(commands *grow.List[*record]) keyIndex {
	n := commands.Len()
	if n-x.upTo < keyBlock {
		return x
	}
	var run []keyEntry
	for i := x.upTo; i < n; i++ {
		if key := (*commands.At(i)).Key; key != "" {
			run = append(run, keyEntry{keyHash(key), int32(i)})
		}
	}
	x.upTo = n
	if len(run) == 0 {
		return x
	}
	slices.SortFunc(run, keyEntry.compare)
	kept := len(x.runs)
	for kept > 0 && len(x.runs[kept-1]) <= len(run) {
		kept--
		run = merged(x.runs[kept], run)
	}
	x.runs = append(slices.Clip(x.runs[:kept]), run)
	return x
}

func merged(a, b []keyEntry) []keyEntry {
	all := make([]keyEntry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].compare(b[0]) <= 0 {
			all, a = append(all, a[0]), a[1:]
			continue
		}
		all, b = append(all, b[0]), b[1:]
	}
	return append(append(all, a...), b...)
}

// find returns the place of the first command with the key; -1 if there is none.
func (x keyIndex) find(commands *grow.List[*record], key string) int {
	first := -1
	h := keyHash(key)
	for _, run := range x.runs {
		i, _ := slices.BinarySearchFunc(run, h, func(e keyEntry, h uint32) int { return cmp.Compare(e.hash, h) })
		for ; i < len(run) && run[i].hash == h; i++ {
			if at := int(run[i].index); (*commands.At(at)).Key == key && (first < 0 || at < first) {
				first = at
				break
			}
		}
	}
	if first >= 0 {
		return first
	}
	for i := x.upTo; i < commands.Len(); i++ {
		if (*commands.At(i)).Key == key {
			return i
		}
	}
	return -1
}
