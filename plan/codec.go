package plan

import (
	"encoding/json"
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

// encode writes the fields of a definition if it is valid.
func encode(d definition, fields any) ([]byte, error) {
	if err := validate(d); err != nil {
		return nil, err
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("plan: encode: %w", err)
	}
	limit := MaxDocument
	if _, ok := d.(contents); ok {
		limit = MaxCatalogDocument
	}
	if len(data) > limit {
		return nil, fault.TooLong.Errorf("plan: encode: longer than %d bytes", limit)
	}
	return data, nil
}

// decodable is a definition that reads its own fields.
type decodable[T any] interface {
	*T
	strictjson.Decoder
}

// decode reads a definition strictly and validates it, reporting the faults of the
// document and those of the definition together. The target changes only if there
// are none.
func decode[T definition, P decodable[T]](data []byte, target P) error {
	next, err := decoded[T, P](data, MaxDocument)
	if err == nil {
		*target = next
	}
	return err
}

func decoded[T definition, P decodable[T]](data []byte, size int) (T, error) {
	var next T
	// No value takes less than four bytes, so Size bounds Values.
	limits := strictjson.Limits{Size: size, Values: size / 4}
	found := strictjson.Decode(data, P(&next), limits)
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
