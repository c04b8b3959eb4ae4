package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

// options are what the command line says.
type options struct {
	catalog, subscriptions string // files; "": the embedded ones
	at                     time.Time
	explain                string // an id; "": none
	json                   bool
}

// run is the program: it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, status := parse(args, stderr)
	if status >= 0 {
		return status
	}
	faults, err := answer(o, stdout)
	for _, fault := range faults {
		fmt.Fprintln(stderr, fault)
	}
	if err != nil {
		fmt.Fprintln(stderr, "nextbilling:", err)
	}
	if err != nil || len(faults) > 0 {
		return 1
	}
	return 0
}

// answer reads the files, asks the engine and prints what the options want. It
// returns the faults of the files, or what else went wrong.
func answer(o options, stdout io.Writer) (faults []string, err error) {
	b, faults := load(o)
	if len(faults) > 0 {
		return faults, nil
	}
	answers, faults := b.ask()
	if len(faults) > 0 {
		return faults, nil
	}
	switch {
	case o.explain != "":
		a, ok := find(answers, o.explain)
		if !ok {
			return nil, fmt.Errorf("no subscription %q in %s", o.explain, b.file)
		}
		return nil, explain(stdout, a)
	case o.json:
		return nil, printJSON(stdout, b.at, answers)
	}
	return nil, printTable(stdout, b.at, answers)
}

// parse reads the command line. A status of 0 or more ends the program.
func parse(args []string, stderr io.Writer) (o options, status int) {
	flags := flag.NewFlagSet("nextbilling", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: nextbilling [-catalog FILE] [-subscriptions FILE] [-at TIME] [-json | -explain ID]\n\n"+
			"Prints when subscriptions are billed next, and how much.\n\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.catalog, "catalog", "", "a `FILE` with the plans, in place of the sample's")
	flags.StringVar(&o.subscriptions, "subscriptions", "", "a `FILE` with the subscriptions, in place of the sample's")
	at := flags.String("at", "", "the `TIME` to answer for, as in 2026-03-10T09:00:00Z, in place of the file's")
	flags.StringVar(&o.explain, "explain", "", "explain how the next amount of the subscription `ID` comes about")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, 0
	case err != nil:
		return o, 2
	}
	refuse := func(format string, args ...any) (options, int) {
		fmt.Fprintf(stderr, "nextbilling: "+format+"\n", args...)
		flags.Usage()
		return o, 2
	}
	if flags.NArg() > 0 {
		return refuse("unexpected argument %q", flags.Arg(0))
	}
	if o.json && o.explain != "" {
		return refuse("-json and -explain exclude each other")
	}
	if *at != "" {
		var err error
		if o.at, err = calendar.ParseInstant(*at); err != nil {
			return refuse("-at: %v", err)
		}
	}
	return o, -1
}
