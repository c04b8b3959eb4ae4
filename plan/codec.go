package plan

import (
	"errors"
	"fmt"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// The largest documents, in bytes. Encoding refuses what decoding would refuse.
const (
	// MaxDocument is the largest document of a definition.
	MaxDocument = 1 << 20
	// MaxCatalogDocument is the largest document of a catalog.
	MaxCatalogDocument = 8 << 20
)

// encode writes a definition if it is valid.
func encode[T definition](d T, c strictjson.Codec[T], limit int) ([]byte, error) {
	return appendTo(nil, d, c, limit)
}

// appendTo appends a definition if it is valid.
func appendTo[T definition](dst []byte, d T, c strictjson.Codec[T], limit int) ([]byte, error) {
	if err := validate(d); err != nil {
		return dst, err
	}
	out, err := c.Append(dst, &d)
	if err != nil {
		return dst, fmt.Errorf("plan: encode: %w", err)
	}
	if len(out)-len(dst) > limit {
		return dst, fault.TooLong.Errorf("plan: encode: longer than %d bytes", limit)
	}
	return out, nil
}

// decode reads a definition strictly and validates it, reporting the faults of the
// document and those of the definition together. The target changes only if there
// are none.
func decode[T definition](data []byte, target *T, c strictjson.Codec[T]) error {
	next, err := decoded(data, c, MaxDocument)
	if err == nil {
		*target = next
	}
	return err
}

func decoded[T definition](data []byte, c strictjson.Codec[T], size int) (T, error) {
	var next T
	// No value takes less than four bytes, so Size bounds Values.
	found := c.Read(data, &next, strictjson.Limits{Size: size, Values: size / 4})
	for i := range found {
		found[i].Err = bare(found[i].Err)
	}
	return next, strictjson.Merge(strictjson.FieldErrors(found), faultsOf(next))
}

// bare removes the name of the package, which is redundant after a path.
func bare(err error) error {
	if inner := errors.Unwrap(err); inner != nil && err.Error() == "plan: "+inner.Error() {
		return inner
	}
	return err
}
