package billing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
)

// byRegionAndSize prices compute hours by region and size.
func byRegionAndSize(rest plan.Price) plan.Matrix {
	return plan.Matrix{
		Dimensions: []string{"region", "size"},
		Rows: []plan.MatrixRow{
			{Values: []string{"eu", "small"}, Price: plan.PerUnit{UnitAmount: num("0.05")}},
			{Values: []string{"us", "large"}, Price: plan.PerUnit{UnitAmount: num("0.40")}},
			{Values: []string{"us", ""}, Price: plan.Tiered{Tiers: []plan.Tier{{UpTo: upTo("10"), UnitAmount: num("1"), FlatAmount: num("3")}, {UnitAmount: num("0.5")}}, Bounds: plan.Bounds{Minimum: upTo("8")}}},
		},
		Default: rest,
	}
}

// recordedBy reads records of calls with a region and a size: "01-02 10 eu small".
func recordedBy(text string) billing.Usage {
	var all billing.Usage
	for _, one := range strings.Split(text, ", ") {
		parts := append(strings.Fields(one), "", "")
		r := billing.Record{Metric: "calls", At: date("2026-" + parts[0]), Quantity: num(parts[1]), Properties: map[string]string{"host": "a", "region": parts[2]}}
		if parts[3] != "" {
			r.Properties["size"] = parts[3]
		}
		all = append(all, r)
	}
	return all
}

func TestEveryCombinationHasItsOwnCountAndLine(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		metric  plan.Metric
		rest    plan.Price
		records string
		want    string // of the first month
	}{
		{"hours by region and size", plan.Metric{}, nil, "01-20 4 us large, 01-02 6 eu small, 01-03 4 eu small, 02-01 100 eu small", "eu/small 10 0.50, us/large 4 1.60: 2.10"},
		{"a property that is not there is empty", plan.Metric{}, nil, "01-02 12 us", "us/ 12 14.00: 14.00"},
		{"bounds and flat amounts of each", plan.Metric{}, nil, "01-02 1 us, 01-03 20 us large", "us/ 1 8.00, us/large 20 8.00: 16.00"},
		{"what nothing was used of costs nothing", plan.Metric{}, nil, "01-02 1 eu small", "eu/small 1 0.05: 0.05"},
		{"a default price, by itself for each", plan.Metric{}, plan.Package{PackageSize: num("10"), PackageAmount: num("2")}, "01-02 1 eu xl, 01-03 1 eu xxl, 01-04 9 eu xl, 01-05 1 ap", "ap/ 1 2.00, eu/xl 10 2.00, eu/xxl 1 2.00: 6.00"},
		{"the largest of each", plan.Metric{Aggregation: plan.Max}, nil, "01-02 6 eu small, 01-03 4 eu small, 01-04 10 us large", "eu/small 6 0.30, us/large 10 4.00: 4.30"},
		{"the last of each", plan.Metric{Aggregation: plan.Last}, nil, "01-02 6 eu small, 01-03 4 eu small, 01-04 10 us large", "eu/small 4 0.20, us/large 10 4.00: 4.20"},
		{"records of each", plan.Metric{Aggregation: plan.RecordCount}, nil, "01-02 6 eu small, 01-03 4 eu small, 01-04 10 us large", "eu/small 2 0.10, us/large 1 0.40: 0.50"},
		{"a level of each", plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadChange}, nil, "01-01 20 eu small, 01-01 31 us large, 01-11 -20 eu small", "eu/small 6.4516129032 0.32, us/large 31 12.40: 12.72"},
		{"single events of each", plan.Metric{}, plan.Percentage{Rate: num("1"), FixedAmount: num("0.10"), FreeEvents: num("1")}, "01-02 100 x, 01-03 200 y, 01-04 100 x", "x/ 200 1.10: 1.10"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub := aggregating(row.metric, byRegionAndSize(row.rest), plan.Policy{ZeroInvoices: plan.EmitZeroInvoices})
			all, _, err := billing.Invoices(sub, recordedBy(row.records), billing.Checkpoint{}, date("2026-02-01"))
			require.NoError(t, err)
			require.Len(t, all, 1)
			var got []string
			ids := map[string]bool{}
			for i, line := range all[0].Lines {
				got = append(got, fmt.Sprintf("%s/%s %s %s", line.Dimensions["region"], line.Dimensions["size"], line.Quantity, line.Amount.Amount()))
				ids[all[0].LineID(i).String()] = true
			}
			require.Equal(t, row.want, strings.Join(got, ", ")+": "+all[0].Total.Amount())
			require.Len(t, ids, len(all[0].Lines))
			decoded := survivesWhole(t, all[0])
			for i, line := range all[0].Lines {
				require.Equal(t, line.Dimensions, decoded.Lines[i].Dimensions)
			}
		})
	}
}

func TestALineByDimensionsSaysItsValues(t *testing.T) {
	t.Parallel()
	sub := aggregating(plan.Metric{}, byRegionAndSize(nil), plan.Policy{})
	sub = must(sub.AddDiscount(operator(date("2026-01-01")), plan.Discount{ID: "ten", Percent: upTo("10"), Duration: plan.Forever}))
	all, _, err := billing.Invoices(sub, recordedBy("01-02 10 eu small, 01-03 12 us"), billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	text, err := all[0].Explain()
	require.NoError(t, err)
	require.Contains(t, text, "Usage of Calls (region eu, size small), ")
	require.Contains(t, text, `Usage of Calls (region us, size ""), `)
	require.Contains(t, text, "10% off Calls (region eu, size small)")
	text, err = survivesWhole(t, all[0]).Lines[0].Explain(sub.Zone())
	require.NoError(t, err)
	require.Contains(t, text, "(region eu, size small)")
}

func TestAnUnknownValueIsRefusedWhenItComesIn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		rest   plan.Price
		record string
		want   string
	}{
		{"a value without a price", nil, "01-02 1 eu large", `billing: invalid usage: properties: charge "calls": plan: no price for these values: region "eu", size "large"`},
		{"a value with the default price", plan.PerUnit{}, "01-02 1 eu large", ""},
		{"a record below zero where the row rates sums", plan.Percentage{Rate: num("1"), FixedAmount: num("1")}, "01-02 -1 eu small", `billing: invalid usage: quantity: charge "calls": plan: negative quantity: -1`},
		{"a refund where the default rates events", plan.Percentage{Rate: num("1"), FixedAmount: num("1")}, "01-02 -1 eu large", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub := aggregating(plan.Metric{}, byRegionAndSize(row.rest), plan.Policy{})
			usage := recordedBy(row.record)
			_, _, run := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-15"))
			if err := billing.CheckUsage(sub, billing.Checkpoint{}, usage[0]); row.want == "" {
				require.NoError(t, err)
				require.NoError(t, run)
			} else {
				require.EqualError(t, err, row.want)
				require.ErrorIs(t, run, billing.ErrUsage)
				require.ErrorIs(t, run, err.(interface{ Unwrap() []error }).Unwrap()[0])
			}
		})
	}
}

func TestACheckpointHoldsEachCombinationToWhatWasCounted(t *testing.T) {
	t.Parallel()
	sub := aggregating(plan.Metric{}, byRegionAndSize(nil), plan.Policy{})
	usage := recordedBy("01-02 10 eu small, 01-03 4 us large")
	_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-15"))
	require.NoError(t, err)
	require.Len(t, checkpoint.Metered, 2)
	require.Equal(t, map[string]string{"region": "eu", "size": "small"}, checkpoint.Metered[0].Dimensions)
	data, err := json.Marshal(checkpoint)
	require.NoError(t, err)
	var decoded billing.Checkpoint
	require.NoError(t, json.Unmarshal(data, &decoded))
	require.True(t, decoded.Equal(checkpoint))
	_, _, err = billing.Invoices(sub, usage[:1], checkpoint, date("2026-02-01"))
	require.ErrorIs(t, err, billing.ErrMissingUsage)
	var missing *billing.UsageError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, map[string]string{"region": "us", "size": "large"}, missing.Dimensions)
	all, next, err := billing.Invoices(sub, append(usage, recordedBy("01-20 1 us large")...), checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	require.Equal(t, "2.50", all[0].Total.Amount())
	late := recordedBy("01-21 1 us")[0]
	require.ErrorIs(t, billing.CheckUsage(sub, next, late), billing.ErrLateUsage)
	diff, err := billing.Reconcile(sub, append(usage, late), all[0].StoredLines(), next, date("2026-02-01"))
	require.NoError(t, err)
	require.Len(t, diff.Lines, 1)
	require.Len(t, diff.Corrections, 1)
	require.Equal(t, "7.60 USD", diff.Total.String())
}

// A combination that was used has a line, also if nothing of it was used.
func TestACombinationThatWasUsedWithNothingIsMissedToo(t *testing.T) {
	t.Parallel()
	sub := aggregating(plan.Metric{}, byRegionAndSize(nil), plan.Policy{})
	usage := recordedBy("01-02 10 eu small, 01-03 0 us large")
	_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-15"))
	require.NoError(t, err)
	_, _, err = billing.Invoices(sub, usage[:1], checkpoint, date("2026-02-01"))
	require.EqualError(t, err, `billing: counted usage is missing: "calls (region us, size large)": no record of the 0 counted since 2026-01-01T00:00:00Z`)
}
