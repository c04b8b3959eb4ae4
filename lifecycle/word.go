package lifecycle

import (
	"fmt"
	"strings"
)

// A Word is a choice by name: [Action], [Actor], [Effect], [Status], [EndingCause] or
// [Tick]. The zero value is none of the words.
type Word[W any] interface {
	comparable
	// vocabulary returns what the words of the type name, and all of them.
	vocabulary() (what string, words []W)
}

// Words returns every word of a type, in the order of its documentation: Words[Status]().
// The caller may change the slice.
func Words[W Word[W]]() []W {
	var none W
	_, words := none.vocabulary()
	return words
}

// ParseWord returns the word of this exact spelling: that which String returns, or of which
// the type is. Anything else, the empty text included, is [ErrInvalid].
func ParseWord[W Word[W]](text string) (W, error) {
	var none W
	what, words := none.vocabulary()
	for _, w := range words {
		if fmt.Sprint(w) == text {
			return w, nil
		}
	}
	return none, noWord(what, text)
}

// noWord says that a text is none of the words.
func noWord(what, text string) error {
	article := "a"
	if strings.ContainsRune("aeiou", rune(what[0])) {
		article = "an"
	}
	return fmt.Errorf("%w: %.40q is not %s %s", ErrInvalid, text, article, what)
}

func marshalWord[W interface {
	Word[W]
	fmt.Stringer
}](w W, valid bool) ([]byte, error) {
	if !valid {
		what, _ := w.vocabulary()
		return nil, noWord(what, w.String())
	}
	return []byte(w.String()), nil
}

func unmarshalWord[W Word[W]](target *W, text []byte) error {
	w, err := ParseWord[W](string(text))
	if err != nil {
		return err
	}
	*target = w
	return nil
}
