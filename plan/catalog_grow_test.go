package plan_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A catalog that was made entry by entry is the one that is made at once, and refuses the
// same in the same words.
func TestACatalogMadeEntryByEntryIsTheOneMadeAtOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := func(label string) string {
			return fmt.Sprintf("2026-01-%02d", rapid.IntRange(1, 9).Draw(t, label))
		}
		catalog, err := plan.NewCatalog(plan.Product{Code: "pci"})
		require.NoError(t, err)
		entries := []plan.CatalogEntry{plan.Product{Code: "pci"}}
		older := []*plan.Catalog{catalog}
		for range rapid.IntRange(1, 25).Draw(t, "entries") {
			p := simple(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"), rapid.IntRange(0, 12).Draw(t, "version"))
			if rapid.IntRange(0, 6).Draw(t, "euro") == 0 {
				p.Currency = money.EUR
			}
			p.Product = rapid.SampledFrom([]string{"", "", "", "pci", "none"}).Draw(t, "product")
			r := plan.Release{Plan: p}
			switch rapid.IntRange(0, 3).Draw(t, "dates") {
			case 0:
				r.AvailableFrom = instant(day("from"))
			case 1:
				r.AvailableFrom, r.AppliesToExistingFrom = instant(day("from")), instant(day("moves"))
			case 2:
				r.AvailableUntil = instant(day("until"))
			}
			var e plan.CatalogEntry = r
			if rapid.IntRange(0, 7).Draw(t, "offering") == 0 {
				e = plan.Offering{ID: fmt.Sprint("o", len(entries)), Plans: []plan.Ref{p.Ref()}}
			}
			next, err := catalog.Add(e)
			whole, errWhole := plan.NewCatalog(append(append([]plan.CatalogEntry(nil), entries...), e)...)
			require.Equal(t, fmt.Sprint(errWhole), fmt.Sprint(err))
			if err != nil {
				continue
			}
			require.True(t, whole.Equal(next))
			catalog, entries = next, append(entries, e)
			older = append(older, catalog)
			require.Equal(t, sells(whole), sells(catalog))
		}
		for n, c := range older {
			whole, err := plan.NewCatalog(entries[:n+1]...)
			require.NoError(t, err)
			require.True(t, whole.Equal(c), "a catalog is as it was")
			require.Equal(t, sells(whole), sells(c))
		}
	})
}

// sells tells what a catalog answers.
func sells(c *plan.Catalog) string {
	told := fmt.Sprint(c.Plans())
	for _, id := range []string{"a", "b", "c"} {
		told += fmt.Sprint("\n", id, c.Versions(id))
		for n := range 14 {
			ref := plan.Ref{ID: id, Version: n}
			_, err := c.Lookup(ref)
			moves, _ := c.Moves(ref)
			told += fmt.Sprint(" ", err == nil, moves)
		}
		for n := range 11 {
			at := instant("2026-01-01").AddDate(0, 0, n-1)
			v, err := c.Current(id, at)
			told += fmt.Sprint(" ", v, err)
			v, err = c.Existing(plan.Ref{ID: id, Version: 1}, at)
			told += fmt.Sprint(" ", v, err)
		}
	}
	return told
}

// What a release costs to add does not grow with the catalog, but for the doublings: so
// many bytes are allocated, for ten times as many releases.
func TestAReleaseIsAddedWithoutACopyOfTheCatalog(t *testing.T) {
	add := func(n int) uint64 {
		var before, after runtime.MemStats
		c := new(plan.Catalog)
		runtime.ReadMemStats(&before)
		for v := range n {
			next, err := c.Add(simple("a", v+1))
			require.NoError(t, err)
			c = next
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	few, many := add(200), add(2000)
	require.Less(t, many, 16*few)
}

// BenchmarkCatalog adds so many versions one by one, and reads as many from JSON.
func BenchmarkCatalog(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		data := []byte(`{"plans":[`)
		for v := range n {
			if v > 0 {
				data = append(data, ',')
			}
			data = fmt.Appendf(data, `{"plan":{"id":"p%d","version":%d,"currency":"USD","every":"P1M"}}`, v%10, v/10+1)
		}
		data = append(data, "]}"...)
		b.Run(fmt.Sprint("decode-", n), func(b *testing.B) {
			for range b.N {
				if _, err := plan.DecodeCatalog(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("add-", n), func(b *testing.B) {
			for range b.N {
				c := new(plan.Catalog)
				for v := range n {
					next, err := c.Add(simple(fmt.Sprint("p", v%10), v/10+1))
					if err != nil {
						b.Fatal(err)
					}
					c = next
				}
			}
		})
	}
}
