package strictjson

import (
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
	write := func(dst []byte, id *uuid.UUID) ([]byte, error) { return AppendString(dst, id.String()), nil }
	return Custom(uuidShape, read, write, func(id *uuid.UUID) bool { return *id == uuid.Nil })
}
