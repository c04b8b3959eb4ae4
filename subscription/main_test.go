package subscription_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws far more random histories when PERENNIAL_LONG is 1. Each run draws others,
// unless PERENNIAL_SEED is set; a red test names the seed that draws its own again, with
// -rapid.seed.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" || f.Name == "rapid.seed" })
	set := func(name, value string) {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	switch {
	case asked:
	case os.Getenv("PERENNIAL_LONG") == "1":
		set("rapid.checks", "5000")
	case os.Getenv("PERENNIAL_SHORT") == "1": // under the race detector, which is slow
		set("rapid.checks", "5")
	default:
		set("rapid.checks", "25")
	}
	if seed := os.Getenv("PERENNIAL_SEED"); seed != "" && !asked {
		set("rapid.seed", seed)
	}
	os.Exit(m.Run())
}
