package main

import (
	"errors"
	"fmt"

	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// line is one fault of a file: the file, the path in it, and what is wrong there.
func line(file, path string, err error) string {
	if path == "" {
		return fmt.Sprintf("%s: %v", file, err)
	}
	return fmt.Sprintf("%s: %s: %v", file, path, err)
}

// listed takes an error apart into one line for each fault that it joins.
func listed(file, path string, err error) []string {
	if field, ok := err.(*subscription.FieldError); ok {
		return listed(file, strictjson.Join(path, field.Path), field.Err)
	}
	var lines []string
	if parts, ok := joined(err); ok {
		for _, part := range parts {
			lines = append(lines, listed(file, path, part)...)
		}
		return lines
	}
	for _, field := range plan.FieldErrors(err) {
		lines = append(lines, line(file, strictjson.Join(path, field.Path), field.Err))
	}
	if lines == nil {
		lines = []string{line(file, path, err)}
	}
	return lines
}

// joined returns what errors.Join put together. An error that merely has two causes
// is one fault.
func joined(err error) ([]error, bool) {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, false
	}
	parts := list.Unwrap()
	return parts, errors.Join(parts...).Error() == err.Error()
}
