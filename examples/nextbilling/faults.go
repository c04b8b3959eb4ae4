package main

import (
	"fmt"

	"github.com/perennial-billing/perennial/fault"
)

// line is one fault of a file: the file, the path in it, and what is wrong there.
func line(file, path string, err error) string {
	if path == "" {
		return fmt.Sprintf("%s: %v", file, err)
	}
	return fmt.Sprintf("%s: %s: %v", file, path, err)
}

// listed takes an error apart into one line for each thing that is wrong.
func listed(file, path string, err error) []string {
	var lines []string
	for _, f := range fault.Faults(fault.At(path, err)) {
		lines = append(lines, line(file, f.Path, f.Err))
	}
	return lines
}
