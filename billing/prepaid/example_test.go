package prepaid_test

import (
	"fmt"
	"log"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/plan"
)

// A customer who bought 20.00 uses the service: what the credit does not cover is due.
func ExampleDraw() {
	sub := seller(plan.Policy{}, "14.29")
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-01"), billing.WithoutCredit())
	if err != nil {
		log.Fatal(err)
	}
	checkpoint, err := prepaid.Add(prepaid.Checkpoint{}, prepaid.Grant{ID: "top-up", Amount: usd("20.00"), From: date("2026-01-01")})
	if err != nil {
		log.Fatal(err)
	}
	drawings, checkpoint, err := prepaid.Draw(checkpoint, invoices, prepaid.Terms{})
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range drawings {
		text, err := d.Explain()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(text)
	}
	fmt.Println(checkpoint.Balance(date("2026-02-01")))
	// Output:
	// Prepaid credit for the invoice dated 1 January 2026
	// 1. Grant top-up pays for fee1: 14.29 USD, 5.71 USD are left
	// Left to pay: 0.00 USD
	// Prepaid credit for the invoice dated 1 February 2026
	// 1. Grant top-up pays for fee1: 5.71 USD, 0.00 USD are left
	// Left to pay: 8.58 USD
	// 0.00 USD <nil>
}
