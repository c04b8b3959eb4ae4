package calendar

import (
	"slices"
	"strconv"
	"strings"
)

// A Word is a choice that is written as a word in plans and documents: [Basis],
// [ChangeDay], [MonthEnd] or [Unit]. The empty word means that it is not chosen, and is
// none of the words.
type Word[W any] interface {
	~string
	// vocabulary returns what the words of the type name, and all of them.
	vocabulary() (what string, words []W)
}

// Words returns every word of a type, the default first: Words[Basis](). The caller may
// change the slice.
func Words[W Word[W]]() []W {
	var none W
	_, words := none.vocabulary()
	return words
}

// parseWord stores a word of this exact spelling. Any other text leaves the target
// unchanged.
func parseWord[W Word[W]](target *W, text []byte) error {
	w := W(text)
	if w != "" && !slices.Contains(Words[W](), w) {
		return unknownWord(w)
	}
	*target = w
	return nil
}

func unknownWord[W Word[W]](w W) error {
	what, all := w.vocabulary()
	var b strings.Builder
	b.WriteString("must be one of ")
	for i, known := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(string(known)))
	}
	return &ParseError{What: what, Input: string(w), Detail: b.String(), Err: ErrUnknown}
}
