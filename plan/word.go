package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/fault"
)

// A Word is a choice by name: any of the string types of this package that have constants,
// such as [Collect]. The empty word stands for a choice that is not made, and is none of
// the words.
type Word[W any] interface {
	~string
	// vocabulary returns what the words of the type name, and all of them.
	vocabulary() (what string, words []W)
}

// Words returns every word of a type, in the order of its documentation: Words[Collect]().
// The caller may change the slice.
func Words[W Word[W]]() []W {
	var none W
	_, words := none.vocabulary()
	return words
}

// parseWord stores a word of this exact spelling. Any other text leaves the target
// unchanged.
func parseWord[W Word[W]](target *W, text []byte) error {
	w := W(text)
	if what, words := w.vocabulary(); w != "" && !slices.Contains(words, w) {
		return fmt.Errorf("plan: %w", unknownWord(w, words, what))
	}
	*target = w
	return nil
}

// word checks a choice that may be omitted.
func word[W Word[W]](f faults, w W) {
	what, words := w.vocabulary()
	oneOf(f, w, words, what)
}

// chosen checks the choice in a field, which may be omitted, as most are.
func chosen[W Word[W]](f faults, field string, w W) {
	if w != "" {
		word(f.field(field), w)
	}
}

// oneOf checks a choice among words that may be omitted.
func oneOf[T ~string](f faults, w T, words []T, what string) {
	if w != "" && !slices.Contains(words, w) {
		f.add(unknownWord(w, words, what))
	}
}

// unknownWord lists the valid words.
func unknownWord[T ~string](w T, words []T, what string) error {
	return fault.UnknownWord.Errorf("unknown %s %q: must be one of %s", what, clip(string(w)), list(words))
}

// list writes words as a list for people: "a, b, c".
func list[T ~string](words []T) string {
	var s string
	for i, w := range words {
		if i > 0 {
			s += ", "
		}
		s += string(w)
	}
	return s
}

// clip shortens a text from a document for an error message.
func clip(s string) string {
	const longest = 40
	if len(s) > longest {
		return s[:longest] + "..."
	}
	return s
}

// or returns the first of the two that was not omitted.
func or[T ~string](a, b T) T {
	if a != "" {
		return a
	}
	return b
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
