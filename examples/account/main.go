// Account prints a year of one customer with three subscriptions:
//
//	go run ./examples/account
//
// A bakery has a platform under a contract of twelve months, a web shop, to which it adds
// storage, and an API that it pays from credit bought in advance. In the year an invoice is
// not paid at first, a price rises, calls turn out to be counted twice and are given back by a
// credit note, and a notice comes too late for this year. At the end stands what recurred in
// each month.
//
// Every subscription has invoices of its own here; package account merges them where a customer
// wants one for all.
//
// catalog.go is what is sold, ledger.go what a service does with the packages of billing,
// year.go what happens.
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

func run(out io.Writer) error {
	l, err := opened(out)
	if err != nil {
		return err
	}
	if err := year(l); err != nil {
		return err
	}
	return l.recurring()
}
