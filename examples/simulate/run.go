package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/perennial-billing/perennial/examples/cases"
)

// options are what the command line says.
type options struct {
	files []string
	until cases.Moment // zero: as the stories say
	json  bool
	html  string // the file of the page; empty: none
}

// run is the program: it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	o, status := parse(args, stderr)
	if status >= 0 {
		return status
	}
	var all []telling
	faulty := false
	for _, file := range o.files {
		told, faults := play(file, o.until)
		for _, fault := range faults {
			faulty = true
			fmt.Fprintf(stderr, "%s: %s\n", file, printable(fault))
		}
		all = append(all, told...)
	}
	if faulty {
		return 1
	}
	var out bytes.Buffer // nothing is printed of what cannot be printed whole
	err := write(&out, all, o)
	switch {
	case err != nil:
	case o.html != "":
		err = os.WriteFile(o.html, out.Bytes(), 0o644)
	default:
		_, err = stdout.Write(out.Bytes())
	}
	if err != nil {
		fmt.Fprintln(stderr, "simulate:", err)
		return 1
	}
	return 0
}

// play reads a file and plays its stories, or returns all that is wrong with them.
func play(file string, until cases.Moment) (all []telling, faults []string) {
	data, err := os.ReadFile(file)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, []string{err.Error()}
	}
	stories, wrong := cases.DecodeStories(data)
	for _, fault := range wrong {
		faults = append(faults, fault.Error())
	}
	for i, story := range stories {
		t, wrong := tell(story, until)
		for _, fault := range wrong {
			line := fault.Error()
			if len(stories) > 1 || bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
				fault.Path = fmt.Sprintf("[%d]", i) + dotted(fault.Path)
				line = fault.Error()
			}
			faults = append(faults, line)
		}
		all = append(all, t)
	}
	return all, faults
}

func dotted(path string) string {
	if path == "" || path[0] == '[' {
		return path
	}
	return "." + path
}

func write(w io.Writer, all []telling, o options) error {
	if o.json {
		return printJSON(w, all)
	}
	if o.html != "" {
		return printHTML(w, all)
	}
	for i, t := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := printText(w, t); err != nil {
			return err
		}
	}
	return nil
}

// parse reads the command line. A status of 0 or more ends the program.
func parse(args []string, stderr io.Writer) (o options, status int) {
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: simulate [-until TIME] [-json | -html OUT] FILE...\n\n"+
			"Plays the stories of JSON files and prints their timelines, invoices and ends.\n\n")
		flags.PrintDefaults()
	}
	until := flags.String("until", "", "play up to and including this `TIME`, a date or an instant, in place of the story's own")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.html, "html", "", "write a page with pictures into this `file`, and print nothing")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, 0
	case err != nil:
		return o, 2
	}
	refuse := func(message string) (options, int) {
		fmt.Fprintln(stderr, "simulate:", message)
		flags.Usage()
		return o, 2
	}
	if o.files = flags.Args(); len(o.files) == 0 {
		return refuse("no file")
	}
	if o.json && o.html != "" {
		return refuse("-json and -html: one of them")
	}
	given := false
	flags.Visit(func(f *flag.Flag) { given = given || f.Name == "until" })
	if given {
		if err := o.until.UnmarshalText([]byte(*until)); err != nil {
			return refuse("-until: " + err.Error())
		}
	}
	return o, -1
}
