package fault

import "fmt"

// A Code says in a word for machines what is wrong at a path. The words are a closed
// set, so that an API can translate them; the error beside the code says it in English.
// The zero Code is not valid.
type Code string

const (
	// Required: a value is missing.
	Required Code = "required"
	// UnknownField: an object has a member of a name that is not one of its fields, or
	// not in this case.
	UnknownField Code = "unknown_field"
	// Duplicate: a name, an id or an element is there twice.
	Duplicate Code = "duplicate"
	// WrongType: a JSON value is null or of another kind than its field.
	WrongType Code = "wrong_type"
	// Malformed: a document is not JSON, or a text does not have the form that its field
	// has: a decimal, an instant, an interval, a reference.
	Malformed Code = "malformed"
	// UnknownWord: a text is not one of the words of its field.
	UnknownWord Code = "unknown_word"
	// UnknownVersion: a document is of a version that this package does not read.
	UnknownVersion Code = "unknown_version"
	// BadText: a text has characters that cannot be printed, is not UTF-8, or begins or
	// ends with a space.
	BadText Code = "bad_text"
	// OutOfRange: a number, an amount or an instant is too small or too large.
	OutOfRange Code = "out_of_range"
	// TooPrecise: a decimal has more digits than its field holds.
	TooPrecise Code = "too_precise"
	// TooLong: a text or a document has too many bytes.
	TooLong Code = "too_long"
	// TooMany: a list or an object has too many elements.
	TooMany Code = "too_many"
	// OutOfOrder: an instant or an element comes before one that it must come after.
	OutOfOrder Code = "out_of_order"
	// Excluded: a value must be left out beside the others that are there.
	Excluded Code = "excluded"
	// Inconsistent: a value contradicts another one.
	Inconsistent Code = "inconsistent"
	// NotFound: a name leads to nothing.
	NotFound Code = "not_found"
	// Unusable: a value is invalid in another way.
	Unusable Code = "unusable"

	// Rejected, Clashing, Overdue and Broken are the codes of faults that are not about a
	// value: their classes are Refused, Conflict, Late and Internal.
	Rejected Code = "rejected"
	// Clashing: see Rejected.
	Clashing Code = "clashing"
	// Overdue: see Rejected.
	Overdue Code = "overdue"
	// Broken: see Rejected.
	Broken Code = "broken"
)

// Codes returns every code. The slice is the caller's own.
func Codes() []Code {
	return []Code{
		Required, UnknownField, Duplicate, WrongType, Malformed, UnknownWord, UnknownVersion, BadText, OutOfRange, TooPrecise, TooLong,
		TooMany, OutOfOrder, Excluded, Inconsistent, NotFound, Unusable, Rejected, Clashing, Overdue, Broken,
	}
}

// Errorf returns an error of class [Invalid] that carries the code; the other arguments
// are those of [fmt.Errorf].
func (c Code) Errorf(format string, args ...any) error {
	return &coded{c, fmt.Errorf(format, args...)}
}

// coded is an error that knows its code.
type coded struct {
	code Code
	err  error
}

func (e *coded) Error() string { return e.err.Error() }
func (e *coded) Unwrap() error { return e.err }

// codeOf returns the code that an error carries, from the outside in; "" for none.
func codeOf(err error) Code {
	switch e := err.(type) {
	case nil:
		return ""
	case *FieldError:
		return e.Code
	case *coded:
		return e.code
	case *sentinel:
		return e.class.code()
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			if code := codeOf(part); code != "" {
				return code
			}
		}
	case interface{ Unwrap() error }:
		return codeOf(e.Unwrap())
	}
	return ""
}

// code returns the code of an error of which no more is known.
func (c Class) code() Code {
	switch c {
	case None:
		return ""
	case Invalid:
		return Unusable
	case Missing:
		return NotFound
	case Late:
		return Overdue
	case Refused:
		return Rejected
	case Conflict:
		return Clashing
	case Internal:
		return Broken
	}
	return ""
}
