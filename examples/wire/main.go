// Wire prints one customer's subscription, at several moments of its life, in the
// vocabularies of four public APIs side by side. It is a module of its own and uses
// the library as any importer does.
//
//	go run -C examples/wire .
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tells the story.
func run(out io.Writer) error {
	moments, err := story()
	if err != nil {
		return err
	}
	for _, m := range moments {
		said, err := say(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.what, err)
		}
		if err := show(out, m, said); err != nil {
			return err
		}
	}
	return nil
}
