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
	behind := map[string]int{"billing/account": 46, "billing/prepaid": 58, "billing/revenue": 54, "billing/collection": 68, "billing/document": 99}
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
	require.Len(t, all, 13)
	for feature, more := range since {
		require.Positive(t, more, feature)
		names -= more
	}
	require.Less(t, names, 1516, "fewer names than before there were events, documents and usage to judge")
}

// since is what can be said since then, and how many names that took.
var since = map[string]int{
	"prices that are a share of an amount": 15,
	"increases of prices":                  12,
	"suspensions":                          8,
	"another next bill":                    8,
	"moves of a catalog":                   7,
	"prices of single events":              10,
	"add-ons":                              44,
	"windows from the anchor, limits that change within a window, what a change would exceed": 13,
	"discounts of some kinds of line":        5,
	"discounts that last a time":             1,
	"the invoice of a first part":            5,
	"prices of a shorter interval":           3,
	"instalments of an amount":               7,
	"several currencies of a plan":           4,
	"what records of usage become":           15,
	"contract terms":                         46,
	"minimums of a period":                   25,
	"several subscriptions on one invoice":   1,
	"intervals of charges":                   4,
	"usage that is counted over a term":      3,
	"caps of what usage comes to":            15,
	"the period with which it ends":          5,
	"prices by dimensions":                   16,
	"amounts at which usage is billed early": 10,
}
