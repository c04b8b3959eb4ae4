package text_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/text"
)

const (
	onOneLine = "must be on one line, without control characters"
	lines     = "must not hold control characters other than line feeds and tabs"
	direction = "must not hold characters that change the direction of text"
	spaces    = "must not begin or end with a space"
)

func TestEachTextIsJudgedAsALineAndAsANote(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, text, line, note string }{
		{"a word", "seats", "", ""},
		{"a name of several words and marks", `Acme, Inc. (2026): "pro" <b>&amp;`, "", ""},
		{"letters of other scripts", "Bäckerei 東京 مطعم", "", ""},
		{"a joiner in a Persian word", "می\u200cخواهم", "", ""},
		{"a family of one sign", "👨\u200d👩\u200d👧", "", ""},
		{"a letter of a later Unicode", "\U000323b0", "", ""},
		{"the last character of all", "a\U0010ffff", "", ""},
		{"a replacement character", "a\ufffdb", "", ""},
		{"a space that does not break", "a\u00a0b", "", ""},
		{"not UTF-8", "a\xff", "must be valid UTF-8", "must be valid UTF-8"},
		{"half of a surrogate pair", "a\xed\xa0\x80", "must be valid UTF-8", "must be valid UTF-8"},
		{"a zero byte", "a\x00b", onOneLine, lines},
		{"a line feed", "a\nb", onOneLine, ""},
		{"a tab", "a\tb", onOneLine, ""},
		{"a carriage return", "a\r\nb", onOneLine, lines},
		{"an escape", "\x1b[2J", onOneLine, lines},
		{"a delete", "a\x7f", onOneLine, lines},
		{"a next line", "a\u0085b", onOneLine, lines},
		{"a C1 control", "a\u009bb", onOneLine, lines},
		{"a line separator", "a\u2028b", onOneLine, lines},
		{"a paragraph separator", "a\u2029b", onOneLine, lines},
		{"an Arabic letter mark", "a\u061cb", direction, direction},
		{"a left-to-right mark", "a\u200eb", direction, direction},
		{"a right-to-left mark", "a\u200fb", direction, direction},
		{"an embedding", "a\u202ab", direction, direction},
		{"an override", "a\u202eb", direction, direction},
		{"an isolate", "a\u2066b", direction, direction},
		{"the end of an isolate", "a\u2069b", direction, direction},
		{"a space before", " a", spaces, ""},
		{"a space behind", "a ", spaces, ""},
		{"another space behind", "a\u3000", spaces, ""},
		{"nothing but a space", " ", spaces, ""},
	} {
		for _, judged := range []struct {
			what string
			err  error
			want string
		}{
			{"an id", text.ID(row.text, 100), row.line},
			{"a name", text.Name(row.text, 100), row.line},
			{"a note", text.Note(row.text, 100), row.note},
		} {
			if judged.want == "" {
				require.NoError(t, judged.err, "%s as %s", row.name, judged.what)
				continue
			}
			require.EqualError(t, judged.err, judged.want, "%s as %s", row.name, judged.what)
			require.Equal(t, fault.BadText, fault.At("", judged.err).Code)
		}
	}
}

func TestOnlyAnIDIsRequired(t *testing.T) {
	t.Parallel()
	require.EqualError(t, text.ID("", 1), "missing")
	require.Equal(t, fault.Required, fault.At("", text.ID("", 1)).Code)
	require.NoError(t, text.Name("", 0))
	require.NoError(t, text.Note("", 0))
}

func TestALengthIsCountedInBytes(t *testing.T) {
	t.Parallel()
	for _, err := range []error{text.ID("éé", 3), text.Name("éé", 3), text.Note("éé", 3)} {
		require.EqualError(t, err, "must not be longer than 3 bytes")
		require.Equal(t, fault.TooLong, fault.At("", err).Code)
	}
	for _, err := range []error{text.ID("éé", 4), text.Name("éé", 4), text.Note("éé", 4)} {
		require.NoError(t, err)
	}
}

// The rule lists what it refuses; Unicode's own tables say the same.
func TestTheRuleIsThatOfUnicode(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if 0xd800 <= r && r <= 0xdfff {
			continue
		}
		refused := unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
		require.Equal(t, refused, text.Name("a"+string(r)+"b", 9) != nil, "%U", r)
		require.Equal(t, refused && r != '\n' && r != '\t', text.Note("a"+string(r)+"b", 9) != nil, "%U", r)
		require.Equal(t, refused || unicode.IsSpace(r), text.Name("a"+string(r), 9) != nil, "%U", r)
	}
}

func TestALineIsANoteAndPartsOfANoteAreLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		line, note := text.Name(s, len(s)), text.Note(s, len(s))
		if line == nil {
			require.NoError(t, note)
			require.Len(t, strings.FieldsFunc(s+"x", func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' }), 1)
		}
		if note != nil {
			return
		}
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\t' }) {
			part = strings.TrimSpace(part)
			require.NoError(t, text.Name(part, len(part)))
		}
	})
}
