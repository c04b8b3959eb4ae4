package calendar

import (
	"slices"
	"strconv"
	"strings"
)

// word is a choice that is written as a word in plans and documents. In every
// such type the empty word means "not chosen": it encodes as an empty text and
// decodes from one, and is not valid by itself.
type word interface{ ~string }

func marshalWord[W word](what string, w W, all []W) ([]byte, error) {
	if w != "" && !slices.Contains(all, w) {
		return nil, unknownWord(what, string(w), all)
	}
	return []byte(w), nil
}

func unmarshalWord[W word](what string, dst *W, text []byte, all []W) error {
	w := W(text)
	if w != "" && !slices.Contains(all, w) {
		return unknownWord(what, string(w), all)
	}
	*dst = w
	return nil
}

func unknownWord[W word](what, input string, all []W) error {
	var b strings.Builder
	b.WriteString("must be one of ")
	for i, w := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(string(w)))
	}
	return &ParseError{What: what, Input: input, Detail: b.String(), Err: ErrUnknown}
}
