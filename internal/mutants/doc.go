// Package mutants finds small changes of a Go file that would be mistakes: a comparison turned
// round, a branch that is never taken, a statement left out. Tests that still pass on one of them
// do not hold the code to what it does.
//
// Every place is found by the syntax of the file, also the conditions of switches without a tag, and
// each mutant is a replacement of a few bytes. A mutant may not compile, as when a variable is
// no longer used: then it is none. What only words a message is left alone, as are files of
// tests.
//
// The program sample draws some of them and runs the tests on each:
//
//	go run ./internal/mutants/sample -n 400 -seed 1
package mutants
