package feature

import (
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// MaxSet is the largest number of features of one set.
const MaxSet = 1000

// Set is what a plan grants, by the keys of the features. It is a definition. A nil
// Set grants nothing, and equals an empty one.
type Set map[Key]Grant

// Keys returns the keys of the set, in alphabetical order.
func (s Set) Keys() []Key { return slices.Sorted(maps.Keys(s)) }

// Clone returns a copy that shares no memory with s; nil for nil.
func (s Set) Clone() Set {
	if s == nil {
		return nil
	}
	next := make(Set, len(s))
	for k, g := range s {
		next[k] = g.Clone()
	}
	return next
}

// Equal reports whether two sets grant the same; see [Grant.Equal].
func (s Set) Equal(o Set) bool { return maps.EqualFunc(s, o, Grant.Equal) }

// Validate reports every fault of every grant, in the order of the keys, as an
// [errors.Join] of [*fault.FieldError] whose paths begin with the key.
func (s Set) Validate() error { return strictjson.JoinErrors(s.Faults()) }

// Faults returns what Validate reports, for definitions that hold a set.
func (s Set) Faults() []*fault.FieldError {
	if len(s) > MaxSet {
		return []*fault.FieldError{{Err: fault.TooMany.Errorf("must be at most %d features, not %d", MaxSet, len(s))}}
	}
	var f faults
	for _, k := range s.Keys() {
		path := strictjson.Key("", string(k))
		f.add(path, k.fault())
		f = append(f, below(path, s[k].Faults())...)
	}
	return f
}

// MarshalJSON writes an object with a member per feature, in the order of the keys;
// {} for a nil set. A set that is not valid is an error.
func (s Set) MarshalJSON() ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return setCodec.Append(nil, &s)
}

// UnmarshalJSON is strict and validates.
func (s *Set) UnmarshalJSON(data []byte) error { return decode(data, s, setCodec, Set.Faults) }
