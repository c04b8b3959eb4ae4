package fault

import (
	"strconv"
)

// A FieldError is one fault of a value or a document: where, which, and what. Validating,
// decoding and constructing functions of every room join one for every fault they find.
type FieldError struct {
	// Path leads to the value at fault by its names in JSON, from the value that was
	// validated or decoded: "charges[2].price.tiers[1].up_to". It is "" for that value
	// itself.
	Path string
	// Code says in a word what is wrong.
	Code Code
	// Err says it in a sentence, without the path.
	Err error
}

// Error is the path and what is wrong: "charges[0].id: missing". Without Err it is the
// path and the code.
func (e *FieldError) Error() string {
	what := string(e.Code)
	if e.Err != nil {
		what = e.Err.Error()
	}
	if e.Path == "" {
		return what
	}
	return e.Path + ": " + what
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// At returns a fault at a path, with the code that err carries, or [Unusable] if it
// carries none. A FieldError is moved: its path begins at the given one.
func At(path string, err error) *FieldError {
	if e, ok := err.(*FieldError); ok {
		return &FieldError{Path: join(path, e.Path), Code: e.Code, Err: e.Err}
	}
	code := codeOf(err)
	if code == "" {
		code = Unusable
	}
	return &FieldError{Path: path, Code: code, Err: err}
}

// Faults takes an error apart into one FieldError for each thing that is wrong, in
// order and each once: errors that were joined, in errors that wrap them, in the parts
// of an edit, at any depth. The path of a fault below another leads from the outermost.
// What is not about a value has no path, and the code of its class. Nil for nil.
func Faults(err error) []*FieldError {
	var found list
	found.collect("", err)
	return found.faults
}

type list struct {
	faults []*FieldError
	seen   map[string]bool
}

func (l *list) add(f *FieldError) {
	key := strconv.Quote(f.Path) + string(f.Code) + f.Err.Error()
	if l.seen[key] {
		return
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[key] = true
	l.faults = append(l.faults, f)
}

func (l *list) collect(path string, err error) {
	if err == nil {
		return
	}
	if parts, ok := joined(err); ok {
		for _, part := range parts {
			l.collect(path, part)
		}
		return
	}
	if e, ok := err.(*FieldError); ok {
		path = join(path, e.Path)
		if !divisible(e.Err) {
			l.add(&FieldError{Path: path, Code: e.Code, Err: e.Err})
			return
		}
		l.collect(path, e.Err)
		return
	}
	if !divisible(err) {
		f := At(path, err)
		if path == "" && codeOf(err) == "" {
			f.Code = Broken
		}
		l.add(f)
		return
	}
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			if divisible(part) {
				l.collect(path, part)
			}
		}
	case interface{ Unwrap() error }:
		l.collect(path, e.Unwrap())
	}
}

// divisible reports whether an error is or wraps a FieldError or joined errors.
func divisible(err error) bool {
	if _, ok := joined(err); ok {
		return true
	}
	switch e := err.(type) {
	case *FieldError:
		return true
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			if divisible(part) {
				return true
			}
		}
	case interface{ Unwrap() error }:
		return divisible(e.Unwrap())
	}
	return false
}

// join returns the path that leads to outer and from there on to inner.
func join(outer, inner string) string {
	if outer == "" || inner == "" || inner[0] == '[' {
		return outer + inner
	}
	return outer + "." + inner
}
