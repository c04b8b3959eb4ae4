// Quota prints a day in the life of one account, hour by hour:
//
//	go run ./examples/quota
//
// The account belongs to an invented vendor who scans for vulnerabilities, and lives in
// New York on the day on which clocks go forward. It runs into limits, thresholds and a
// team's quota, sees windows start over at its own midnight and at the turn of its
// billing period, is billed for overage, waits for its change budget, is paused, and
// buys and spends credits.
//
// The plan stands in plan.json, the day in day.go; account.go is what a service that
// uses the library would write. There is no clock: the day is always the same.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // the time zones, where the machine has none
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "usage: quota\n\nPrints a day in the life of one account. It takes no arguments.")
		os.Exit(2)
	}
	if err := day(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quota:", err)
		os.Exit(1)
	}
}
