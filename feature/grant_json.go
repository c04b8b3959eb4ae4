package feature

// MarshalJSON writes the grant, always with "active". A grant that is not valid is
// an error.
func (g Grant) MarshalJSON() ([]byte, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return grantCodec.Append(nil, &g)
}

// UnmarshalJSON is strict and validates: unknown and repeated names, numbers where
// text belongs and unknown words are faults. A limit or an allowance that is not
// unlimited must say its limit.
func (g *Grant) UnmarshalJSON(data []byte) error { return decode(data, g, grantCodec, Grant.Faults) }
