// Command document prints an invoice and the credit note that corrects it, in the words and
// the numbers of the customer's locale:
//
//	go run . [-locale en] [-html FILE]
//
// A customer of four seats has used the API; after the invoice was issued it is found that a
// part of the calls was counted twice. With -html it writes one page to print that needs
// nothing else.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("document", flag.ContinueOnError)
	locale := flags.String("locale", "en", "the locale of the customer, such as de or fr-CH")
	file := flags.String("html", "", "a file to write a page to print to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	documents, err := story()
	if err != nil {
		return err
	}
	sheets, err := sheets(documents, *locale)
	if err != nil {
		return err
	}
	if *file == "" {
		return writeText(out, sheets)
	}
	page, err := os.Create(*file)
	if err != nil {
		return err
	}
	if err := writeHTML(page, sheets); err != nil {
		_ = page.Close()
		return err
	}
	return page.Close()
}
