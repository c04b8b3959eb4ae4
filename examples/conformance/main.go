// Conformance runs cases, facts that billing systems document, against the engine:
//
//	go run ./examples/conformance PATH...
//
// A path is a file of cases or a folder, read with all that is in it. For each
// case that failed or is not supported it prints one line, and at the end how many
// there were:
//
//	FAIL stripe-amount-graduated-6: got 41.00, want 41.50
//	UNSUPPORTED my-case: price.colour: unknown field
//	231 passed, 1 failed, 1 unsupported
//
// The exit status is 0 if all cases passed, and 1 if one did not, if a file could
// not be read or if there were no cases at all; 2 if no path was given. The format
// is described in the package examples/cases.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/examples/cases"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: it returns the exit status.
func run(paths []string, stdout, stderr io.Writer) int {
	if len(paths) == 0 || strings.HasPrefix(paths[0], "-") {
		fmt.Fprintln(stderr, "usage: conformance PATH...\n\nRuns the conformance cases of JSON files, or of folders with such files.")
		return 2
	}
	files, err := find(paths)
	unread := err != nil
	if unread {
		fmt.Fprintln(stderr, "conformance:", err)
	}
	var passed, failed, unsupported int
	for _, file := range files {
		list, err := read(file)
		if err != nil {
			unread = true
			fmt.Fprintln(stderr, "conformance:", err)
			continue
		}
		for _, c := range list {
			result := cases.Run(c)
			switch result.Verdict {
			case cases.Passed:
				passed++
				continue
			case cases.Failed:
				failed++
			case cases.Unsupported:
				unsupported++
			}
			fmt.Fprintln(stdout, result)
		}
	}
	fmt.Fprintf(stdout, "%d passed, %d failed, %d unsupported\n", passed, failed, unsupported)
	if passed+failed+unsupported == 0 && !unread {
		fmt.Fprintln(stderr, "cases: there are no cases")
	}
	if unread || passed == 0 || failed+unsupported > 0 {
		return 1
	}
	return 0
}

// find returns the files that the paths name, each once, in the order of the
// paths, and by name within a folder. Its error joins one for each path of no use.
func find(paths []string) ([]string, error) {
	var (
		files []string
		errs  []error
	)
	add := func(file string) {
		if file = filepath.Clean(file); !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			errs = append(errs, err)
			continue
		case !info.IsDir():
			add(path)
			continue
		}
		found := false
		err = fs.WalkDir(os.DirFS(path), ".", func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && filepath.Ext(name) == ".json" {
				found = true
				add(filepath.Join(path, filepath.FromSlash(name)))
			}
			return err
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		} else if !found {
			errs = append(errs, fmt.Errorf("%s: no files named *.json", path))
		}
	}
	return files, errors.Join(errs...)
}

func read(file string) ([]cases.Case, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list, err := cases.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}
