package account_test

import (
	"fmt"
	"log"

	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/plan"
)

// Two subscriptions that begin on one day are one invoice, and the credit of the account is
// applied once.
func ExampleCombine() {
	pistol := monthly("pistol", "24.95", "2021-09-17", plan.Policy{})
	rifle := monthly("rifle", "275.00", "2021-09-17", plan.Policy{})
	acme := of(account.Rule{}, pistol, rifle)
	checkpoint, err := account.Checkpoint{}.Give(usd("30.00"))
	if err != nil {
		log.Fatal(err)
	}
	to := date("2021-09-18")
	ready, credits := bills(to, nil, pistol, rifle) // billing.Invoices of each, with billing.WithoutCredit
	invoices, checkpoint, err := account.Combine(acme, checkpoint, ready, credits, to)
	if err != nil {
		log.Fatal(err)
	}
	for _, inv := range invoices {
		text, err := inv.Explain()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(text)
	}
	fmt.Println(checkpoint.Balance.IsValid())
	// Output:
	// Invoice of account acme dated 17 September 2021
	// Section 1, subscription pistol:
	//    Invoice dated 17 September 2021
	//    1. fee, 17 September to 16 October 2021: 24.95 USD
	//    Total: 24.95 USD
	// Section 2, subscription rifle:
	//    Invoice dated 17 September 2021
	//    1. fee, 17 September to 16 October 2021: 275.00 USD
	//    Total: 275.00 USD
	// Total: 299.95 USD
	// Paid from account credit: 30.00 USD (24.95 USD of section 1, 5.05 USD of section 2)
	// Amount due: 269.95 USD
	// false
}
