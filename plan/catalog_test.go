package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// instant reads a date or an instant.
func instant(s string) time.Time {
	if len(s) == len(time.DateOnly) {
		s += "T00:00:00Z"
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func simple(id string, version int) plan.Plan {
	return plan.Plan{ID: id, Version: version, Currency: money.USD, Every: calendar.Months(1)}
}

// pro has four versions: always sold, from February, from April on and for those
// sold before from May on, and from June until July.
func pro(t require.TestingT) *plan.Catalog {
	c, err := plan.NewCatalog(
		plan.Release{Plan: simple("pro", 4), AvailableFrom: instant("2026-06-01"), AvailableUntil: instant("2026-07-01")},
		simple("pro", 1),
		plan.Release{Plan: simple("pro", 3), AvailableFrom: instant("2026-04-01"), AppliesToExistingFrom: instant("2026-05-01")},
		plan.Release{Plan: simple("pro", 2), AvailableFrom: instant("2026-02-01")},
		simple("basic", 7),
	)
	require.NoError(t, err)
	return c
}

func TestTheNewestAvailableVersionIsForSale(t *testing.T) {
	t.Parallel()
	rows := []struct{ at, want string }{
		{"0001-01-01", "pro@1"},
		{"2026-01-31T23:59:59.999999999Z", "pro@1"},
		{"2026-02-01", "pro@2"},
		{"2026-02-01T01:00:00+01:00", "pro@2"},
		{"2026-02-01T00:59:00+01:00", "pro@1"},
		{"2026-03-31", "pro@2"},
		{"2026-04-01", "pro@3"},
		{"2026-06-01", "pro@4"},
		{"2026-06-30T23:59:59Z", "pro@4"},
		{"2026-07-01", ""},
		{"9999-12-31", ""},
	}
	c := pro(t)
	for _, row := range rows {
		v, err := c.Current("pro", instant(row.at))
		if row.want == "" {
			require.ErrorIs(t, err, plan.ErrNotFound, row.at)
			require.EqualError(t, err, fmt.Sprintf(`plan: catalog: "pro" not found at %s`, instant(row.at).Format(time.RFC3339Nano)))
			continue
		}
		require.NoError(t, err, row.at)
		require.Equal(t, row.want, v.String(), row.at)
	}
	_, err := c.Current("nope", instant("2026-01-01"))
	require.EqualError(t, err, `plan: catalog: "nope" not found`)
}

func TestWhatWasSoldStaysSoldUntilANewerVersionNamesADate(t *testing.T) {
	t.Parallel()
	rows := []struct{ ref, at, want string }{
		{"pro@1", "2026-01-01", "pro@1"},
		{"pro@1", "2026-04-30T23:59:59Z", "pro@1"},
		{"pro@1", "2026-05-01", "pro@3"},
		{"pro@2", "2026-05-01", "pro@3"},
		{"pro@2", "2026-04-15", "pro@2"},
		{"pro@3", "2026-01-01", "pro@3"},
		{"pro@4", "2030-01-01", "pro@4"},
		{"basic@7", "2030-01-01", "basic@7"},
	}
	c := pro(t)
	for _, row := range rows {
		v, err := c.Existing(plan.MustParseRef(row.ref), instant(row.at))
		require.NoError(t, err)
		require.Equal(t, row.want, v.String(), "%s at %s", row.ref, row.at)
	}
	moves, err := c.Moves(plan.MustParseRef("pro@2"))
	require.NoError(t, err)
	require.Len(t, moves, 1)
	require.Equal(t, instant("2026-05-01"), moves[0].At)
	require.Equal(t, "pro@3", moves[0].To.String())

	var missing *plan.MissingError
	_, err = c.Existing(plan.MustParseRef("pro@9"), instant("2026-01-01"))
	require.ErrorAs(t, err, &missing)
	require.Equal(t, plan.MissingError{ID: "pro", Version: 9}, *missing)
	_, err = c.Moves(plan.MustParseRef("x@1"))
	require.EqualError(t, err, `plan: catalog: "x@1" not found`)
}

func TestAVersionThatIsOvertakenIsNeverMovedTo(t *testing.T) {
	t.Parallel()
	applies := func(version int, from string) plan.CatalogEntry {
		return plan.Release{Plan: simple("p", version), AppliesToExistingFrom: instant(from)}
	}
	rows := []struct {
		entries []plan.CatalogEntry
		moves   string
	}{
		{[]plan.CatalogEntry{applies(2, "2026-02-01"), applies(3, "2026-03-01")}, "2026-02-01 p@2, 2026-03-01 p@3"},
		{[]plan.CatalogEntry{applies(2, "2026-03-01"), applies(3, "2026-02-01")}, "2026-02-01 p@3"},
		{[]plan.CatalogEntry{applies(2, "2026-02-01"), applies(3, "2026-02-01")}, "2026-02-01 p@3"},
		{[]plan.CatalogEntry{applies(2, "2026-04-01"), applies(3, "2026-02-01"), applies(4, "2026-03-01")}, "2026-02-01 p@3, 2026-03-01 p@4"},
		{[]plan.CatalogEntry{simple("p", 2), simple("p", 3)}, ""},
	}
	for _, row := range rows {
		c, err := plan.NewCatalog(append(row.entries, simple("p", 1))...)
		require.NoError(t, err)
		moves, err := c.Moves(plan.MustParseRef("p@1"))
		require.NoError(t, err)
		var said []string
		for _, m := range moves {
			said = append(said, m.At.Format(time.DateOnly)+" "+m.To.String())
		}
		require.Equal(t, row.moves, strings.Join(said, ", "))
	}
}

func TestACatalogFindsWhatItHolds(t *testing.T) {
	t.Parallel()
	c, err := pro(t).Add(
		plan.Product{Code: "pci", Name: "PCI"},
		plan.Offering{ID: "web", Products: []plan.Product{{Code: "pci"}}, Plans: []plan.Ref{{ID: "pro", Version: 2}, {ID: "basic", Version: 7}}},
	)
	require.NoError(t, err)
	require.Equal(t, []string{"basic", "pro"}, c.Plans())
	require.Equal(t, "[pro@1 pro@2 pro@3 pro@4]", fmt.Sprint(c.Versions("pro")))
	require.Empty(t, c.Versions("nope"))
	v, err := c.Lookup(plan.MustParseRef("pro@2"))
	require.NoError(t, err)
	require.Equal(t, "pro@2", v.String())
	_, err = c.Lookup(plan.MustParseRef("pro@5"))
	require.EqualError(t, err, `plan: catalog: "pro@5" not found`)
	product, ok := c.Product("pci")
	require.True(t, ok)
	require.Equal(t, "PCI", product.Name)
	_, ok = c.Product("pro")
	require.False(t, ok)
	offering, err := c.Offering("web")
	require.NoError(t, err)
	require.True(t, offering.Offers(plan.Ref{ID: "pro", Version: 2}))
	require.False(t, offering.Offers(plan.Ref{ID: "pro", Version: 3}))
	_, err = c.Offering("nope")
	require.ErrorIs(t, err, plan.ErrNotFound)

	offering.Plans[0].ID = "changed"
	again, err := c.Offering("web")
	require.NoError(t, err)
	require.Equal(t, "pro", again.Plans[0].ID, "an offering is a snapshot")
}

func TestAddLeavesTheCatalogAsItWas(t *testing.T) {
	t.Parallel()
	before, err := plan.NewCatalog(simple("a", 1))
	require.NoError(t, err)
	one, err := before.Add(simple("a", 2))
	require.NoError(t, err)
	other, err := before.Add(simple("b", 1))
	require.NoError(t, err)
	_, err = before.Add(simple("a", 1))
	require.EqualError(t, err, `plan: catalog: plans[1].plan: "a@1" is used more than once`)
	require.Equal(t, []string{"a"}, before.Plans())
	require.Len(t, before.Versions("a"), 1)
	require.Len(t, one.Versions("a"), 2)
	require.Equal(t, []string{"a", "b"}, other.Plans())
	require.Same(t, before.Versions("a")[0], one.Versions("a")[0], "what was compiled is shared")

	p := simple("c", 1)
	p.Metadata = map[string]string{"a": "b"}
	p.Charges = []plan.Charge{{ID: "x", Price: plan.FlatFee{}}}
	c, err := plan.NewCatalog(p)
	require.NoError(t, err)
	p.Metadata["a"], p.Charges[0].ID = "changed", "changed"
	for _, e := range c.Entries() {
		r := e.(plan.Release)
		require.Equal(t, "b", r.Plan.Metadata["a"])
		require.Equal(t, "x", r.Plan.Charges[0].ID)
		r.Plan.Metadata["a"] = "changed"
	}
	require.Equal(t, "b", c.Versions("c")[0].Plan().Metadata["a"])
}

func TestTheZeroCatalogIsEmpty(t *testing.T) {
	t.Parallel()
	var c plan.Catalog
	require.Empty(t, c.Plans())
	require.Empty(t, c.Entries())
	_, err := c.Lookup(plan.MustParseRef("a@1"))
	require.ErrorIs(t, err, plan.ErrNotFound)
	data, err := json.Marshal(&c)
	require.NoError(t, err)
	require.Equal(t, "{}", string(data))
	back, err := plan.DecodeCatalog(data)
	require.NoError(t, err)
	require.True(t, c.Equal(back))
	none, err := plan.NewCatalog(nil)
	require.NoError(t, err)
	require.True(t, c.Equal(none))
}

// badCatalogs are documents that are no catalogs. PLAN1 stands for the plan p@1.
var badCatalogs = []struct{ document, faults string }{
	{`[]`, "must be an object"},
	{`null`, "must not be null"},
	{`{"plan":[]}`, "plan: unknown field"},
	{`{"Plans":[]}`, `Plans: unknown field; the name is "plans"`},
	{`{"plans":{}}`, "plans: must be an array"},
	{`{"plans":[],"plans":[]}`, "plans: repeated"},
	{`{"plans":[{}]}`, "plans[0].plan.id: missing\nplans[0].plan.version: must be from 1 to 1000000000\nplans[0].plan.currency: missing"},
	{`{"plans":[PLAN1,{"plan":PLAN1}]}`, "plans[0].id: unknown field\nplans[0].version: unknown field\nplans[0].currency: unknown field\n" +
		"plans[0].plan.id: missing\nplans[0].plan.version: must be from 1 to 1000000000\nplans[0].plan.currency: missing"},
	{`{"plans":[{"plan":PLAN1},{"plan":PLAN1}]}`, `plans[1].plan: "p@1" is used more than once`},
	{`{"plans":[{"plan":null}]}`, "plans[0].plan: must not be null"},
	{`{"plans":[{"plan":PLAN1,"available_from":"2026-01-01"}]}`, "plans[0].available_from: must be an instant such as 2026-01-31T09:00:00Z"},
	{
		`{"plans":[{"plan":PLAN1,"available_from":"2026-01-02T00:00:00Z","available_until":"2026-01-02T00:00:00Z"}]}`,
		"plans[0].available_until: must be after available_from",
	},
	{
		`{"plans":[{"plan":PLAN2,"available_from":"2026-01-01T00:00:00Z"},{"plan":PLAN1,"available_from":"2026-01-02T00:00:00Z"}]}`,
		`plans[0].available_from: must not be before that of "p@1"`,
	},
	{`{"plans":[{"plan":PLAN2},{"plan":PLAN1,"available_from":"2026-01-02T00:00:00Z"}]}`, `plans[0].available_from: must not be before that of "p@1"`},
	{`{"plans":[{"plan":EURO3,"applies_to_existing_from":"2026-01-02T00:00:00Z"},{"plan":PLAN1}]}`, `plans[0].applies_to_existing_from: "p@1" is in another currency`},
	{`{"plans":[{"plan":PLAN1},{"plan":PLAN2},{"plan":EURO3,"applies_to_existing_from":"2026-01-02T00:00:00Z"}]}`, `plans[2].applies_to_existing_from: "p@2" is in another currency`},
	{`{"plans":[{"plan":{"id":"p","version":1,"currency":"USD","product":"pci"}}]}`, `plans[0].plan.product: there is no product "pci"`},
	{`{"plans":[{"plan":{"id":"p","version":1,"currency":"USD","charges":[{"id":"a","price":{"model":"flat_fee","amount":"-1"}}]}}]}`, "plans[0].plan.charges[0].price.amount: must not be negative"},
	{`{"products":[{}]}`, "products[0].code: missing"},
	{`{"products":[{"code":"a"},{"code":"a","name":"\n"}]}`, "products[1].name: must be on one line, without control characters\n" + `products[1].code: "a" is used more than once`},
	{`{"products":[{"code":"a","description":"\u0007"}]}`, "products[0].description: must not hold control characters other than line feeds and tabs"},
	{`{"offerings":[{}]}`, "offerings[0].id: missing"},
	{`{"offerings":[{"id":"o"},{"id":"o"}]}`, `offerings[1].id: "o" is used more than once`},
	{`{"offerings":[{"id":"o","plans":["p@1"]}]}`, `offerings[0].plans[0]: there is no plan "p@1"`},
	{`{"plans":[{"plan":PLAN1}],"offerings":[{"id":"o","plans":["p@1","p@1","p@2"]}]}`, "offerings[0].plans[1]: \"p@1\" is used more than once\n" + `offerings[0].plans[2]: there is no plan "p@2"`},
	{`{"offerings":[{"id":"o","plans":["p"]}]}`, `offerings[0].plans[0]: reference "p": must be a plan and its version, such as "pro@3"`},
	{`{"offerings":[{"id":"o","plans":[""]}]}`, `offerings[0].plans[0]: must be a plan and its version, such as "pro@3"`},
	{`{"offerings":[{"id":"o","products":[{"code":" "}],"external_ref":" x"}]}`, "offerings[0].external_ref: must not begin or end with a space\nofferings[0].products[0].code: must not begin or end with a space"},
	{
		`{"offerings":[{"id":"o","created_at":"2026-01-02T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}]}`,
		"offerings[0].updated_at: must not be before created_at",
	},
	{`{"offerings":[{"id":"o","metadata":{"":"x"}}]}`, `offerings[0].metadata[""]: missing`},
}

func catalogDocument(s string) []byte {
	return []byte(strings.NewReplacer(
		"PLAN1", `{"id":"p","version":1,"currency":"USD"}`, "PLAN2", `{"id":"p","version":2,"currency":"USD"}`,
		"EURO3", `{"id":"p","version":3,"currency":"EUR"}`,
	).Replace(s))
}

func TestABadCatalogReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	for _, row := range badCatalogs {
		c, err := plan.DecodeCatalog(catalogDocument(row.document))
		require.Nil(t, c)
		require.EqualError(t, err, "plan: catalog: "+row.faults, row.document)
		require.Len(t, fault.Faults(err), 1+strings.Count(row.faults, "\n"))
		kept := pro(t)
		require.Error(t, kept.UnmarshalJSON(catalogDocument(row.document)))
		require.True(t, kept.Equal(pro(t)), "a refused document changes nothing")
	}
	_, err := plan.NewCatalog(plan.Plan{}, plan.Product{}, plan.Offering{})
	require.EqualError(t, err, "plan: catalog: products[0].code: missing\nplans[0].plan.id: missing\n"+
		"plans[0].plan.version: must be from 1 to 1000000000\nplans[0].plan.currency: missing\nofferings[0].id: missing")
	require.Panics(t, func() { plan.MustCatalog(plan.Plan{}) })
	require.NotPanics(t, func() { plan.MustCatalog(simple("a", 1)) })
}

func TestADocumentThatIsAllFaultsIsAnsweredInBounds(t *testing.T) {
	t.Parallel()
	charges := strings.Repeat("{},", 9_999) + "{}"
	plans := strings.Repeat(`{"plan":{"charges":[`+charges+`]}},`, 20)
	_, err := plan.DecodeCatalog([]byte(`{"plans":[` + strings.TrimSuffix(plans, ",") + `]}`))
	list := fault.Faults(err)
	require.Len(t, list, 1001)
	require.EqualError(t, list[3], "plans[0].plan.charges: must not have more than 200 elements")
	require.EqualError(t, list[1000], "more faults than can be listed")
	_, err = plan.DecodeCatalog([]byte(strings.Repeat(" ", plan.MaxCatalogDocument+1)))
	require.EqualError(t, err, "plan: catalog: must not be longer than 8388608 bytes")
}

// drawCatalog draws the entries of a valid catalog.
func drawCatalog(t *rapid.T) []plan.CatalogEntry {
	var entries []plan.CatalogEntry
	several := map[string]bool{} // plans that are sold in several currencies
	for i := range rapid.IntRange(0, 4).Draw(t, "plans") {
		p := drawPlan(t)
		p.ID, p.Version, p.Currency = fmt.Sprint("plan", i%2), 1+i/2, money.EUR
		if p.Term != nil {
			p.Term.EarlyEnd = nil // it may be an amount in another currency
		}
		if p.Minimum != nil {
			p.Minimum.Amount = money.FromMinor(p.Minimum.Amount.Minor(), money.EUR)
		}
		if p.SpendCap != nil {
			p.SpendCap.Amount = money.FromMinor(p.SpendCap.Amount.Minor(), money.EUR)
		}
		p.Product = fmt.Sprint("product", i)
		entries = append(entries, plan.Product{Code: p.Product, Name: drawText(t, "name")})
		r := plan.Release{Plan: p}
		if rapid.Bool().Draw(t, "dated") {
			r.AvailableFrom = instant("2026-01-01").AddDate(0, i, 0).In(time.FixedZone("", 3600))
			r.AvailableUntil = r.AvailableFrom.Add(time.Duration(rapid.IntRange(1, 1<<30).Draw(t, "until")) * time.Microsecond)
			if r.AppliesToExistingFrom = drawInstant(t, "applies"); several[p.ID] && len(p.Currencies) == 0 {
				r.AppliesToExistingFrom = time.Time{} // it would move subscriptions to another currency
			}
		} else if i > 1 {
			continue
		}
		several[p.ID] = several[p.ID] || len(p.Currencies) > 0
		entries = append(entries, r)
	}
	if rapid.Bool().Draw(t, "add-on") {
		p := drawPlan(t)
		a := plan.AddOn{
			ID: "extra", Version: 1 + rapid.IntRange(0, 2).Draw(t, "version"), Name: p.Name, Description: p.Description, Currency: p.Currency, Currencies: p.Currencies, Every: p.Every,
			Charges: p.Charges, Metrics: p.Metrics, Features: p.Features, Repeatable: rapid.Bool().Draw(t, "repeatable"), Metadata: p.Metadata,
		}
		for key, g := range a.Features {
			if g.Per != "" && !slices.ContainsFunc(a.Charges, func(c plan.Charge) bool { return c.ID == g.Per }) {
				delete(a.Features, key) // it is for a charge of a phase
			}
		}
		if rapid.Bool().Draw(t, "bounds") {
			least, most := decimal.New(rapid.Int64Range(0, 5).Draw(t, "least"), -1), decimal.New(rapid.Int64Range(5, 9).Draw(t, "most"), 1)
			a.MinQuantity, a.MaxQuantity = &least, &most
		}
		for _, e := range entries {
			if r, ok := e.(plan.Release); ok && !slices.Contains(a.Plans, r.Plan.ID) && rapid.Bool().Draw(t, "fits") {
				a.Plans = append(a.Plans, r.Plan.ID)
			}
		}
		entries = append(entries, a)
	}
	if rapid.Bool().Draw(t, "offering") {
		entries = append(entries, plan.Offering{
			ID: "o", Name: drawText(t, "name"), Metadata: drawMetadata(t), CreatedAt: drawInstant(t, "created"),
			Products: []plan.Product{{Code: "any"}},
		})
	}
	return entries
}

func TestEveryCatalogComesBackFromItsDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, err := plan.NewCatalog(drawCatalog(t)...)
		require.NoError(t, err)
		data, err := json.Marshal(c)
		require.NoError(t, err)
		back, err := plan.DecodeCatalog(data)
		require.NoError(t, err)
		require.True(t, c.Equal(back), "%s", data)
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, data, again)
		var unmarshalled plan.Catalog
		require.NoError(t, json.Unmarshal(data, &unmarshalled))
		require.True(t, c.Equal(&unmarshalled))
		rebuilt, err := plan.NewCatalog(c.Entries()...)
		require.NoError(t, err)
		require.True(t, c.Equal(rebuilt))
	})
}

func TestACatalogIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	c := pro(t)
	failures := make(chan error, 8)
	for range cap(failures) {
		go func() {
			_, err := c.Current("pro", instant("2026-03-01"))
			_, added := c.Add(simple("x", 1))
			_, encoded := json.Marshal(c)
			failures <- errors.Join(err, added, encoded)
		}()
	}
	for range cap(failures) {
		require.NoError(t, <-failures)
	}
}

func FuzzCatalogJSON(f *testing.F) {
	for _, row := range badCatalogs {
		f.Add(catalogDocument(row.document))
	}
	data, err := json.Marshal(pro(f))
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := plan.DecodeCatalog(data)
		if err != nil {
			require.NotEmpty(t, fault.Faults(err))
			return
		}
		written, err := json.Marshal(c)
		require.NoError(t, err)
		back, err := plan.DecodeCatalog(written)
		require.NoError(t, err)
		require.True(t, c.Equal(back))
	})
}
