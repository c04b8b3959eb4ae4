package simulation

import "github.com/perennial-billing/perennial/billing"

// Books are all invoices of a life together.
type Books struct{ books books }

// EmittingBooks are those of a life in which invoices that come to nothing are made.
func EmittingBooks() *Books { return &Books{books{emits: true}} }

// Enter takes in an invoice, and says what is wrong with it.
func (b *Books) Enter(inv billing.Invoice) error { return b.books.enter(&inv, false) }

// Balance compares the account credit that is left with what the invoices left.
func (b *Books) Balance(c billing.Checkpoint) error { return b.books.balance(c) }
