package billing_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws far more random stories when PERENNIAL_LONG is 1. Each run draws others,
// unless PERENNIAL_SEED is set; a red test names the seed that draws its own again, with
// -rapid.seed.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" || f.Name == "rapid.seed" })
	if !asked {
		checks := "25"
		switch {
		case os.Getenv("PERENNIAL_LONG") == "1":
			checks = "20000"
		case os.Getenv("PERENNIAL_SHORT") == "1": // under the race detector, which is slow
			checks = "5"
		}
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
		if seed := os.Getenv("PERENNIAL_SEED"); seed != "" {
			if err := flag.Set("rapid.seed", seed); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}
