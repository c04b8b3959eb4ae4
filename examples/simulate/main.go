// Simulate plays the story of a subscription and prints what happened, what was
// billed and why, and how it ended:
//
//	go run ./examples/simulate examples/simulate/stories/trial-to-paid.json
//	go run ./examples/simulate -until 2026-06-01 -json FILE...
//	go run ./examples/simulate -html out.html FILE...
//
// A story is a scenario of the conformance cases without "expect": plans, a
// subscription, a policy, and actions. A file holds one, or an array of them. The
// folder stories has some; the format is the one that package examples/cases
// reads, and of its header only what matters: "id", "note", "currency", "time_zone"
// and "rounding", each of which may be omitted.
//
// There is no clock. A story is played up to and including -until, a date or an
// instant, or else its own "until"; without both it ends with the first billing
// after everything that was done, or was known to come, has happened.
//
// The timeline numbers the actions as they stand in the file, from 1; what has no
// number fell due by itself. A span of days includes the first and not the last.
// With -json the same comes as one array with an object for each story. With -html a page is
// written that needs no other file: a picture of the life, its figures, each invoice with its reasons, and
// what is expected next; for a support ticket or a report of a fault.
//
// The exit status is 0 if every story was played; 1 with one line for each fault of
// a file, led by its path; and 2 for wrong usage.
package main

import (
	"os"
	_ "time/tzdata" // the time zones, where the machine has none
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
