package feature

import (
	"encoding/json"

	"github.com/perennial-billing/perennial/fault"
)

// MarshalJSON writes the counts, those that are zero omitted. Seats that are not
// valid are an error.
func (s Seats) MarshalJSON() ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	type plain Seats
	return json.Marshal(plain(s))
}

// UnmarshalJSON is strict and validates.
func (s *Seats) UnmarshalJSON(data []byte) error {
	type plain Seats
	var next plain
	if err := decode(data, &next, func() []*fault.FieldError { return Seats(next).faults() }); err != nil {
		return err
	}
	*s = Seats(next)
	return nil
}
