package fault

import "errors"

// A Class says what an error means to whoever answers for a request: whether the
// request is wrong, or its moment, or the program. Every error of this module has one;
// see [Kind].
type Class string

const (
	// None is the class of no error. It is the zero Class.
	None Class = ""
	// Internal: nothing that the client sends could help. A stored document names what
	// is gone, two stored values do not belong together, a zero value was passed on, or
	// the error is not one of this module.
	Internal Class = "internal"
	// Invalid: the request or the document is wrong in itself, and stays wrong.
	Invalid Class = "invalid"
	// Missing: what the request names does not exist: a plan, a charge, a feature, a
	// team, a subscription.
	Missing Class = "missing"
	// Late: the request is dated before what is already settled: the last command, the
	// checkpoint, the last use.
	Late Class = "late"
	// Refused: the request is well formed, and the rules or the plan do not permit it in
	// this state.
	Refused Class = "refused"
	// Conflict: somebody else was first: an id or a key is taken, or what the request was
	// made from has changed. Read again, then decide.
	Conflict Class = "conflict"
)

// Classes returns every class but None, in the order in which they win where errors of
// several classes are joined. The slice is the caller's own.
func Classes() []Class { return []Class{Internal, Invalid, Missing, Late, Refused, Conflict} }

// New returns an error with a text and a class, to compare with by [errors.Is]. Every
// error that wraps it has its class.
func New(class Class, text string) error { return &sentinel{class, text} }

type sentinel struct {
	class Class
	text  string
}

func (e *sentinel) Error() string { return e.text }

// Kind returns the class of an error:
//
//   - None for nil.
//   - Of an error that wraps another, the class of the outermost one that has a class.
//     Where it wraps several, such as a reason and its cause, the first decides.
//   - Of errors that [errors.Join] put together, the first in the order of [Classes]:
//     a request that is both invalid and refused must be corrected before it can be
//     refused, and a conflict is worth another attempt only if nothing else is wrong.
//   - A [FieldError] is Invalid whatever it wraps, since the document is what is wrong;
//     unless it wraps what is Internal.
//   - An error without a class is Internal: nobody said that a client may know of it.
func Kind(err error) Class {
	if err == nil {
		return None
	}
	if class := kind(err); class != None {
		return class
	}
	return Internal
}

// kind returns None for an error without a class.
func kind(err error) Class {
	switch e := err.(type) {
	case nil:
		return None
	case *sentinel:
		return e.class
	case *coded:
		return Invalid
	case *FieldError:
		if kind(e.Err) == Internal {
			return Internal
		}
		return Invalid
	case interface{ Unwrap() []error }:
		if parts, ok := joined(err); ok {
			return first(parts)
		}
		for _, part := range e.Unwrap() {
			if class := kind(part); class != None {
				return class
			}
		}
	case interface{ Unwrap() error }:
		return kind(e.Unwrap())
	}
	return None
}

// first returns the class that wins among joined errors.
func first(parts []error) Class {
	for _, class := range Classes() {
		for _, part := range parts {
			if Kind(part) == class {
				return class
			}
		}
	}
	return None
}

// joined returns what errors.Join put together. An error that has two causes in one
// line is not joined.
func joined(err error) ([]error, bool) {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, false
	}
	parts := list.Unwrap()
	all := errors.Join(parts...)
	return parts, all != nil && all.Error() == err.Error()
}
