// Nextbilling prints when the subscriptions of a book are billed next, and how much:
//
//	go run ./examples/nextbilling
//	go run ./examples/nextbilling -explain northwind
//	go run ./examples/nextbilling -catalog FILE -subscriptions FILE -at TIME -json
//
// Without files it reads the two that stand beside it, of an invented vendor who
// scans for vulnerabilities. The files of your own look like these: a catalog as
// package plan reads it, and
//
//	{
//	  "at": "2026-03-10T09:00:00Z",
//	  "subscriptions": [
//	    {"subscription": {…}, "checkpoint": {…}, "usage": [{…}]}
//	  ]
//	}
//
// where a subscription is a document of package subscription, and checkpoint and usage,
// which may be omitted, are those of package billing. The customer's name is the
// subscription's details.name. There is no clock: the instant is -at, or the "at" of
// the file, and without both there is no answer.
//
// The exit status is 0 if everything was answered; 1 with one line for each fault of
// the files and for each subscription that cannot be answered; and 2 for wrong usage.
package main

import (
	"os"
	_ "time/tzdata" // the time zones, where the machine has none
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
