package strictjson

import (
	"strings"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
)

var uuidShape = &Shape{Kind: StringShape, Pattern: `^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$`}

// UUID reads and writes an id in its usual form: 32 lower-case digits, in groups with
// hyphens. The empty text is none.
func UUID() Codec[uuid.UUID] {
	read := func(n Node, to *uuid.UUID, r *Report) {
		text, ok := n.Str()
		switch id, err := uuid.Parse(text); {
		case !ok:
			r.Must(n, "a string")
		case text == "":
		case err != nil || id.String() != text || id == uuid.Nil:
			r.Add(n, fault.WrongType.Errorf("must be a UUID"))
		default:
			*to = id
		}
	}
	write := func(dst []byte, id *uuid.UUID) ([]byte, error) { return AppendUUID(dst, *id), nil }
	c := Custom(uuidShape, read, write, func(id *uuid.UUID) bool { return *id == uuid.Nil })
	return c.Parsed(func(text string) (uuid.UUID, bool) {
		id, err := uuid.Parse(text)
		return id, text == "" || err == nil && len(text) == len(nilText) && id != uuid.Nil && strings.ToLower(text) == text
	})
}

const nilText = "00000000-0000-0000-0000-000000000000"

// AppendUUID appends an id in its usual form, as a string.
func AppendUUID(dst []byte, id uuid.UUID) []byte {
	dst = append(append(dst, '"'), nilText...)
	text := dst[len(dst)-len(nilText):]
	at := 0
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			at++ // the hyphen
		}
		text[at], text[at+1] = hexDigits[b>>4], hexDigits[b&0xf]
		at += 2
	}
	return append(dst, '"')
}
