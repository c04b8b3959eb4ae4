package billing_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws far more in the properties when PERENNIAL_LONG is 1.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("PERENNIAL_LONG") == "1" {
		if err := flag.Set("rapid.checks", "20000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
