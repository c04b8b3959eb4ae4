package feature

// MarshalJSON writes the counts, those that are zero omitted. Seats that are not
// valid are an error.
func (s Seats) MarshalJSON() ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return seatsCodec.Append(nil, &s)
}

// UnmarshalJSON is strict and validates.
func (s *Seats) UnmarshalJSON(data []byte) error { return decode(data, s, seatsCodec, Seats.faults) }
