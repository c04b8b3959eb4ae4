package architecture_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/architecture"
)

// Every exported name earns its place: go test -v -run ExportedNames prints how many there are.
func TestTheNumberOfExportedNamesIsPrinted(t *testing.T) {
	t.Parallel()
	all, err := architecture.Exported(os.DirFS(root))
	require.NoError(t, err)
	var out strings.Builder
	fmt.Fprintf(&out, "%-13s %5s %5s %5s %5s %5s   %s\n", "room", "types", "funcs", "meths", "const", "all", "of the methods for JSON, for text, IsValid and String")
	names := 0
	behind := map[string]int{"billing/revenue": 54, "billing/collection": 67}
	for _, c := range all {
		fmt.Fprintf(&out, "%-13s %5d %5d %5d %5d %5d   %d, %d, %d\n", c.Room, c.Types, c.Functions, c.Methods, c.Constants, c.Names(), c.ForJSON, c.ForText, c.WordChecks)
		if !strings.Contains(c.Room, "/") { // rooms behind billing are counted apart
			names += c.Names()
			continue
		}
		require.LessOrEqual(t, c.Names(), behind[c.Room], c.Room)
	}
	fmt.Fprintf(&out, "%-13s %29d\n", "all", names)
	t.Log("\n" + out.String())
	require.Len(t, all, 10)
	// What can be said since then: prices that are a share of an amount, and of single events;
	// add-ons; windows from the anchor, limits that change within a window, and what a change
	// would exceed; discounts of some kinds of line; several currencies of a plan; what records of usage become.
	const shares, events, addOns, allowances, discounts, currencies, aggregations = 15, 10, 44, 13, 5, 4, 15
	require.Less(t, names-shares-events-addOns-allowances-discounts-currencies-aggregations, 1516, "fewer names than before there were events, documents and usage to judge")
}
