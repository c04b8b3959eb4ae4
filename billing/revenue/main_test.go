package revenue_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws far more random stories when PERENNIAL_LONG is 1. Each run draws others; a
// red test names the seed that draws its own again, with -rapid.seed.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if os.Getenv("PERENNIAL_LONG") == "1" && !asked {
		if err := flag.Set("rapid.checks", "20000"); err != nil {
			panic(err)
		}
	}
	if os.Getenv("PERENNIAL_SHORT") == "1" && !asked { // under the race detector, which is slow
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
