package plan

// FieldError is one fault of a definition: where it is, and what is wrong there.
type FieldError struct {
	// Path leads to the value at fault, as in JSON: "charges[2].tiers[1].up_to". The empty path is
	// the whole definition.
	Path string
	// Err says what is wrong, without the path.
	Err error
}

func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }
