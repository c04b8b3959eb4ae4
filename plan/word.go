package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/fault"
)

// isWord reports whether w is one of the words of an enum.
func isWord[T ~string](w T, words []T) bool { return slices.Contains(words, w) }

// encodeWord is the text of a word. The empty word stands for an omitted choice, and
// its text is empty.
func encodeWord[T ~string](w T, words []T, what string) ([]byte, error) {
	if w != "" && !isWord(w, words) {
		return nil, fmt.Errorf("plan: %w", unknownWord(w, words, what))
	}
	return []byte(w), nil
}

// decodeWord is the reverse of encodeWord. Any other text leaves the target
// unchanged.
func decodeWord[T ~string](target *T, text []byte, words []T, what string) error {
	if w := T(text); w != "" && !isWord(w, words) {
		return fmt.Errorf("plan: %w", unknownWord(w, words, what))
	}
	*target = T(text)
	return nil
}

// word checks a choice that may be omitted.
func word[T ~string](f faults, w T, words []T, what string) {
	if w != "" && !isWord(w, words) {
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
