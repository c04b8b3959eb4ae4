package plan_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func backup() plan.AddOn {
	return plan.AddOn{
		ID: "backup", Version: 2, Name: "Backup", Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "storage", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(10)}, TaxCode: "st"},
			{ID: "traffic", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}, Metric: "traffic"},
		},
		Metrics:     []plan.Metric{{ID: "traffic", Aggregation: plan.Max}},
		Features:    feature.Set{"restore": {Kind: feature.Switch, Active: true}},
		Plans:       []string{"pro"},
		MinQuantity: plan.Bound(decimal.NewFromInt(1)), MaxQuantity: plan.Bound(decimal.RequireFromString("9.50")),
		Metadata: map[string]string{"a": "b"},
	}
}

func TestAnAddOnOwnsWhatItIsMadeOf(t *testing.T) {
	t.Parallel()
	given := backup()
	c, err := plan.CompileAddOn(given)
	require.NoError(t, err)
	given.Charges[0].ID, given.Plans[0], given.Metadata["a"] = "x", "x", "x"
	*given.MaxQuantity = decimal.Zero
	require.True(t, backup().Equal(c.AddOn()))
	out := c.AddOn()
	out.Charges[0].ID, out.Plans[0], out.Metadata["a"] = "x", "x", "x"
	require.True(t, backup().Equal(c.AddOn()))
	require.False(t, backup().Equal(out))
	require.Equal(t, "backup@2", c.Ref().String())
	require.Equal(t, "Backup", c.Name())
	require.Equal(t, money.USD, c.Currency())
	require.False(t, c.Repeatable())
	grant, ok := c.Feature("restore")
	require.True(t, ok)
	require.True(t, grant.Active)
	_, ok = c.Feature("other")
	require.False(t, ok)
	for quantity, want := range map[string]bool{"0.99": false, "1": true, "9.5": true, "9.51": false, "-1": false} {
		require.Equal(t, want, c.Allows(decimal.RequireFromString(quantity)), quantity)
	}
}

func TestAnAddOnFitsThePlansOfItsCurrencyNameAndInterval(t *testing.T) {
	t.Parallel()
	c, err := plan.CompileAddOn(backup())
	require.NoError(t, err)
	pro := plan.Plan{ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1)}
	for _, row := range []struct {
		name   string
		change func(*plan.Plan)
		want   bool
	}{
		{"as it is", func(*plan.Plan) {}, true},
		{"another version", func(p *plan.Plan) { p.Version = 7 }, true},
		{"another plan", func(p *plan.Plan) { p.ID = "basic" }, false},
		{"another currency", func(p *plan.Plan) { p.Currency = money.EUR }, false},
		{"another interval", func(p *plan.Plan) { p.Every = calendar.Years(1) }, false},
		{"nothing recurs", func(p *plan.Plan) { p.Every = calendar.Interval{} }, true},
		{"a phase of another interval", func(p *plan.Plan) {
			p.Phases = []plan.Phase{{Every: calendar.Weeks(1), Cycles: 2}}
		}, false},
	} {
		p := pro
		row.change(&p)
		require.Equal(t, row.want, c.Fits(plan.MustCompile(p)), row.name)
	}
}

var badAddOns = []struct {
	name   string
	change func(*plan.AddOn)
	want   string
}{
	{"no id", func(a *plan.AddOn) { a.ID = "" }, "id: missing"},
	{"no version", func(a *plan.AddOn) { a.Version = 0 }, "version: must be from 1 to 1000000000"},
	{"no currency", func(a *plan.AddOn) { a.Currency = 0 }, "currency: missing"},
	{"a name of two lines", func(a *plan.AddOn) { a.Name = "a\nb" }, "name: "},
	{"a charge twice", func(a *plan.AddOn) { a.Charges = append(a.Charges, a.Charges[0]) }, `charges[2].id: "storage" is used more than once`},
	{"a charge without a price", func(a *plan.AddOn) { a.Charges[0].Price = nil }, "charges[0].price: missing"},
	{"a metric twice", func(a *plan.AddOn) { a.Metrics = append(a.Metrics, a.Metrics[0]) }, `metrics[1].id: "traffic" is used more than once`},
	{"a plan twice", func(a *plan.AddOn) { a.Plans = []string{"pro", "pro"} }, `plans[1]: "pro" is used more than once`},
	{"a plan without a name", func(a *plan.AddOn) { a.Plans = []string{""} }, "plans[0]: missing"},
	{"fewer than none", func(a *plan.AddOn) { a.MinQuantity = plan.Bound(decimal.NewFromInt(-1)) }, "min_quantity: must not be negative"},
	{"bounds that cross", func(a *plan.AddOn) { a.MaxQuantity = plan.Bound(decimal.RequireFromString("0.5")) }, "max_quantity: must not be less than min_quantity"},
	{"a bad feature", func(a *plan.AddOn) { a.Features["x"] = feature.Grant{} }, "features.x"},
	{"bad metadata", func(a *plan.AddOn) { a.Metadata[""] = "" }, "metadata"},
}

func TestABadAddOnIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	for _, row := range badAddOns {
		a := backup()
		row.change(&a)
		_, err := plan.CompileAddOn(a)
		require.ErrorContains(t, err, row.want, row.name)
		require.Error(t, a.Validate(), row.name)
		_, err = a.MarshalJSON()
		require.Error(t, err, row.name)
		_, err = plan.NewCatalog(plan.Plan{ID: "pro", Version: 1, Currency: money.USD}, a)
		require.ErrorContains(t, err, "add_ons[0].", row.name)
	}
}

func TestAnAddOnComesBackFromItsDocument(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(backup())
	require.NoError(t, err)
	var back plan.AddOn
	require.NoError(t, json.Unmarshal(data, &back))
	require.True(t, backup().Equal(back), "%s", data)
	err = json.Unmarshal([]byte(`{"id":"a","version":1,"currency":"USD","Repeatable":true,"plans":["p","p"]}`), &back)
	require.Len(t, fault.Faults(err), 2, "%v", err)
	require.True(t, backup().Equal(back), "left as it was")
}

func TestACatalogHasWhatIsSoldWithAPlan(t *testing.T) {
	t.Parallel()
	pro := plan.Plan{ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1)}
	basic := pro
	basic.ID = "basic"
	older, anyPlan := backup(), plan.AddOn{ID: "any", Version: 1, Currency: money.USD}
	older.Version = 1
	c := plan.MustCatalog(pro, basic, backup(), anyPlan, older)
	sold := func(id string) []plan.Ref {
		v, err := c.Lookup(plan.Ref{ID: id, Version: 1})
		require.NoError(t, err)
		return c.AddOns(v)
	}
	require.Equal(t, []plan.Ref{{ID: "backup", Version: 2}, {ID: "any", Version: 1}, {ID: "backup", Version: 1}}, sold("pro"))
	require.Equal(t, []plan.Ref{{ID: "any", Version: 1}}, sold("basic"))
	found, err := c.AddOn(plan.Ref{ID: "backup", Version: 2})
	require.NoError(t, err)
	next, err := c.Add(plan.AddOn{ID: "new", Version: 1, Currency: money.EUR})
	require.NoError(t, err)
	again, err := next.AddOn(plan.Ref{ID: "backup", Version: 2})
	require.NoError(t, err)
	require.Same(t, found, again, "compiled once")
	_, err = c.AddOn(plan.Ref{ID: "new", Version: 1})
	require.ErrorIs(t, err, plan.ErrNotFound)
	var missing *plan.MissingError
	require.True(t, errors.As(err, &missing))
	require.Equal(t, "new", missing.ID)
	_, err = c.Add(backup())
	require.ErrorContains(t, err, `add_ons[3]: "backup@2" is used more than once`)
	stray := backup()
	stray.ID, stray.Plans = "stray", []string{"gold"}
	_, err = c.Add(stray)
	require.ErrorContains(t, err, `add_ons[3].plans[0]: there is no plan "gold"`)
}
