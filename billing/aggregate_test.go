package billing_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// aggregating sells one metric at a price, from January on.
func aggregating(m plan.Metric, price plan.Price, policy plan.Policy) subscription.Subscription {
	m.ID = "calls"
	return must(subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Plan: plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy, Metrics: []plan.Metric{m},
		Charges: []plan.Charge{{ID: "calls", Name: "Calls", Metric: "calls", Price: price}},
	})}))
}

// recorded reads records of calls: "01-20 60, 01-21T12:00 -1 key".
func recorded(text string) billing.Usage {
	var all billing.Usage
	for _, one := range strings.Split(text, ", ") {
		if one == "" {
			continue
		}
		parts := append(strings.Fields(one), "")
		all = append(all, billing.Record{Metric: "calls", At: date("2026-" + parts[0]), Quantity: num(parts[1]), Key: parts[2]})
	}
	return all
}

func TestRecordsBecomeOneQuantity(t *testing.T) {
	t.Parallel()
	changes := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadChange}
	levels := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadLevel}
	carried := func(m plan.Metric) plan.Metric { m.Carry = true; return m }
	const added = "01-20 60, 01-21 75, 01-22 90, 01-23 55, 01-26 100"
	for _, row := range []struct {
		name    string
		metric  plan.Metric
		unit    string
		records string
		want    string // quantity and amount of each month
	}{
		{"changes added up over time", changes, "0.10", added, "114.1935483871 11.42, 0 0.00"},
		{"the same read as levels", levels, "0.10", added, "31.935483871 3.19, 0 0.00"},
		{"a level that is carried", carried(changes), "0.10", added, "114.1935483871 11.42, 380 38.00"},
		{"a level read, and carried", carried(levels), "0.10", added, "31.935483871 3.19, 100 10.00"},
		{"records", plan.Metric{Aggregation: plan.RecordCount}, "2", "01-02 0, 01-02 7, 01-31 1.5, 02-01 9", "3 6.00, 1 2.00"},
		{"distinct keys", plan.Metric{Aggregation: plan.UniqueCount}, "2", "01-02 1 a, 01-03 1 b, 01-04 5 a, 02-01 1 a", "2 4.00, 1 2.00"},
		{"a key that is removed", plan.Metric{Aggregation: plan.UniqueCount}, "2", "01-02 1 a, 01-03 1 b, 01-04 -1 a, 01-05 -1 c", "1 2.00, 0 0.00"},
		{"a key that is removed and comes back", plan.Metric{Aggregation: plan.UniqueCount}, "2", "01-02 1 a, 01-03 -1 a, 01-03 1 a", "1 2.00, 0 0.00"},
		{"a plain mean", plan.Metric{Aggregation: plan.Average}, "1", "01-02 1, 01-03 0, 01-31 1", "0.6666666667 0.67, 0 0.00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub := aggregating(row.metric, plan.PerUnit{UnitAmount: num(row.unit)}, plan.Policy{ZeroInvoices: plan.EmitZeroInvoices})
			all, _, err := billing.Invoices(sub, recorded(row.records), billing.Checkpoint{}, date("2026-03-01"))
			require.NoError(t, err)
			var got []string
			for _, inv := range all {
				survivesWhole(t, inv)
				for _, line := range inv.Lines {
					got = append(got, fmt.Sprintf("%s %s", line.Quantity, line.Amount.Amount()))
					_, err := line.Explain(inv.Zone)
					require.NoError(t, err)
				}
			}
			require.Equal(t, row.want, strings.Join(got, ", "))
		})
	}
}

func TestARecordIsJudgedByHowItsMetricIsAggregated(t *testing.T) {
	t.Parallel()
	const key, zeroOrMinus, below = "key: missing: distinct keys are counted", "quantity: must be above zero, or -1 to remove the key", "quantity: must not be negative"
	unique := plan.Metric{Aggregation: plan.UniqueCount}
	change, level := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadChange}, plan.Metric{Aggregation: plan.TimeAverage, Records: plan.ReadLevel}
	for _, row := range []struct {
		name   string
		metric plan.Metric
		record string
		want   string
	}{
		{"a key", unique, "01-02 1 a", ""},
		{"a key that is removed", unique, "01-02 -1 a", ""},
		{"no key", unique, "01-02 1", key},
		{"two keys removed at once", unique, "01-02 -2 a", zeroOrMinus},
		{"nothing of a key", unique, "01-02 0 a", zeroOrMinus},
		{"all wrong at once", unique, "01-02 0", key + "\n" + zeroOrMinus},
		{"a change that takes off", change, "01-02 -5", ""},
		{"a level below zero", level, "01-02 -5", below},
		{"a level above the last tier, which may last a moment", level, "01-02 1000", ""},
		{"a count below zero", plan.Metric{Aggregation: plan.RecordCount}, "01-02 -1", below},
		{"a mean below zero", plan.Metric{Aggregation: plan.Average}, "01-02 -1", below},
		{"a key that is not read", plan.Metric{Aggregation: plan.Average}, "01-02 1 a", ""},
		{"a key of two lines", unique, "01-02 1 a\x00b", "key: must be on one line, without control characters"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub := aggregating(row.metric, plan.Volume{Tiers: []plan.Tier{{UpTo: upTo("900"), UnitAmount: num("1")}}, Closed: true}, plan.Policy{})
			usage := recorded(row.record)
			err := billing.CheckUsage(sub, billing.Checkpoint{}, usage[0])
			_, _, run := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-15"))
			if row.want == "" {
				require.NoError(t, err)
				require.NoError(t, run)
				return
			}
			require.EqualError(t, err, "billing: invalid usage: "+row.want)
			require.ErrorIs(t, run, billing.ErrUsage)
		})
	}
}

func TestALevelBelowZeroIsNotRaisedToIt(t *testing.T) {
	t.Parallel()
	m := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadChange, Carry: true}
	sub := aggregating(m, plan.PerUnit{UnitAmount: num("1")}, plan.Policy{})
	usage := recorded("01-01 31, 01-22 -62, 02-01 59")
	all, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-02-15"))
	require.NoError(t, err)
	require.Equal(t, "11.00", all[0].Total.Amount()) // 31 x 21/31 - 31 x 10/31
	require.Equal(t, []billing.MeteredLevel{{Metric: "calls", Level: num("-31"), Records: 1}}, checkpoint.Levels)
	require.NoError(t, checkpoint.Validate())
	all, _, err = billing.Invoices(sub, usage[2:], checkpoint, date("2026-03-01"))
	require.NoError(t, err)
	require.Equal(t, "28.00", all[0].Total.Amount())
	_, _, err = billing.Invoices(sub, usage[:2], billing.Checkpoint{}, date("2026-03-01"))
	require.ErrorIs(t, err, plan.ErrNegativeQuantity)
}

// A run reads no record of the periods before, however long the level has lasted.
func TestALevelIsCarriedByTheCheckpoint(t *testing.T) {
	t.Parallel()
	m := plan.Metric{Aggregation: plan.TimeAverage, Records: plan.ReadChange, Carry: true}
	sub := aggregating(m, plan.PerUnit{UnitAmount: num("0.10")}, plan.Policy{})
	usage := recorded("01-20 60, 01-21 75, 02-05 -35")
	whole, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2027-01-01"))
	require.NoError(t, err)
	require.Len(t, whole, 12)
	require.Equal(t, "10.00", whole[11].Total.Amount())
	var checkpoint billing.Checkpoint
	for i, inv := range whole {
		from, err := billing.UsageFrom(sub, checkpoint)
		require.NoError(t, err)
		var made []billing.Invoice
		made, checkpoint, err = billing.Invoices(sub, since(usage, from), checkpoint, inv.At)
		require.NoError(t, err)
		require.Len(t, made, 1)
		require.True(t, inv.Equal(made[0]), i)
	}
	late := recorded("03-15 1")[0]
	err = billing.CheckUsage(sub, checkpoint, late)
	require.ErrorIs(t, err, billing.ErrLateUsage)
	diff, err := billing.Reconcile(sub, append(usage, late), stored(whole), checkpoint, date("2027-01-01"))
	require.NoError(t, err)
	require.Len(t, diff.Corrections, 10) // March and what follows
	require.Equal(t, num("101"), diff.Checkpoint.Levels[0].Level)

	checkpoint.MeteredFrom, checkpoint.Levels, checkpoint.Metered = date("0001-01-01"), nil, nil // as made by hand
	from, err := billing.UsageFrom(sub, checkpoint)
	require.NoError(t, err)
	require.Equal(t, date("2026-01-01"), from)
	next, err := billing.Next(sub, usage, checkpoint, date("2027-01-01"))
	require.NoError(t, err)
	require.Equal(t, "10.00", next.Amount.Amount())
}

func TestARecordBeforeWhatACheckpointKnowsOfALevelIsLate(t *testing.T) {
	t.Parallel()
	sub := must(subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Plan: plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Trial: &plan.Trial{Length: calendar.Days(10)},
		Metrics: []plan.Metric{{ID: "calls", Aggregation: plan.WeightedSum, Records: plan.ReadLevel, Carry: true}},
		Charges: []plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("1")}}},
	})}))
	_, checkpoint, err := billing.Invoices(sub, recorded("01-05 7"), billing.Checkpoint{}, date("2026-01-20"))
	require.NoError(t, err)
	require.Equal(t, []billing.MeteredLevel{{Metric: "calls", Level: num("7")}}, checkpoint.Levels)
	err = billing.CheckUsage(sub, checkpoint, recorded("01-06 8")[0]) // in the trial, which bills nothing
	require.EqualError(t, err, `billing: usage of a part that is billed: "calls": 8 counted since 2026-01-01T00:00:00Z and before 2026-01-11T00:00:00Z`)
	require.NoError(t, billing.CheckUsage(sub, checkpoint, recorded("01-12 8")[0]))
	diff, err := billing.Reconcile(sub, recorded("01-05 7, 01-06 8"), nil, checkpoint, date("2026-01-20"))
	require.NoError(t, err)
	require.True(t, diff.IsEmpty())
	require.Equal(t, num("8"), diff.Checkpoint.Levels[0].Level)
}

func TestALineSaysHowItsQuantityCameAboutAndSoDoesADecodedOne(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	level := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadLevel, Carry: true}
	for _, row := range []struct {
		name    string
		metric  plan.Metric
		price   plan.Price
		records string
		pauses  bool
	}{
		{"changes added up", plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadChange}, plan.PerUnit{UnitAmount: num("0.10")}, "01-20 60, 01-21 75, 01-22 90, 01-23 55, 01-26 100", false},
		{"a level in tiers", level, plan.Tiered{Tiers: []plan.Tier{{UpTo: upTo("10"), UnitAmount: num("1")}, {UnitAmount: num("0.5")}}}, "01-05 20, 02-14 7", false},
		{"a level in parts", level, plan.PerUnit{UnitAmount: num("1")}, "01-05 20", true},
		{"a mean level", plan.Metric{Aggregation: plan.TimeAverage, Records: plan.ReadLevel}, plan.PerUnit{UnitAmount: num("1")}, "01-05 20", true},
		{"a mean", plan.Metric{Aggregation: plan.Average}, plan.PerUnit{UnitAmount: num("1.5")}, "01-02 1, 01-03 0, 01-31 1", false},
		{"records", plan.Metric{Aggregation: plan.RecordCount}, plan.Package{PackageSize: num("2"), PackageAmount: num("3")}, "01-02 1, 01-03 0, 01-31 1", false},
		{"keys in parts", plan.Metric{Aggregation: plan.UniqueCount}, plan.PerUnit{UnitAmount: num("4")}, "01-02 1 a, 01-03 1 b, 01-20 -1 b, 01-21 1 a", true},
	} {
		sub := aggregating(row.metric, row.price, plan.Policy{})
		if row.pauses {
			sub = must(sub.Pause(operator(date("2026-01-11")), subscription.Immediately(), subscription.Pause{}))
			sub = must(sub.Resume(operator(date("2026-01-16")), subscription.Immediately()))
		}
		all, _, err := billing.Invoices(sub, recorded(row.records), billing.Checkpoint{}, date("2026-03-01"))
		require.NoError(t, err)
		fmt.Fprintf(&out, "%s\n\n", row.name)
		for _, inv := range all {
			text, err := inv.Explain()
			require.NoError(t, err)
			fmt.Fprintf(&out, "%s\n", text)
			back := survivesWhole(t, inv)
			again, err := back.Explain()
			require.NoError(t, err)
			require.Equal(t, text, again)
		}
	}
	golden.Equal(t, "testdata/aggregates.txt", out.Bytes())
}

func TestADocumentSaysOfAnAggregateWhatARunCouldSay(t *testing.T) {
	t.Parallel()
	sub := aggregating(plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadLevel}, plan.PerUnit{UnitAmount: num("1")}, plan.Policy{})
	all, _, err := billing.Invoices(sub, recorded("01-17 31"), billing.Checkpoint{}, date("2026-02-01"))
	require.NoError(t, err)
	data, err := all[0].MarshalJSON()
	require.NoError(t, err)
	document := string(data)
	const aggregate = `"aggregate":{"aggregation":"weighted_sum","records":1,"sum":"40176000","over":"2678400"}`
	for _, row := range []struct{ name, old, new, want string }{
		{"a sum", `"weighted_sum"`, `"sum"`, "lines[0].aggregate.aggregation: must be one that reads single records"},
		{"an unknown word", `"weighted_sum"`, `"median"`, `lines[0].aggregate.aggregation: plan: unknown aggregation "median"`},
		{"fewer records than none", `"records":1`, `"records":-1`, "lines[0].aggregate.records: must not be negative"},
		{"a level of a count", `"weighted_sum","records":1`, `"count","level":"3"`, "lines[0].aggregate.level: must be left out unless a level is weighed by time"},
		{"another quantity", `"sum":"40176000"`, `"sum":"1"`, "lines[0].aggregate.sum: must make the quantity, divided by over"},
		{"no length", `,"over":"2678400"`, ``, "lines[0].aggregate.over: missing"},
		{"a length below zero", `"over":"2678400"`, `"over":"-2678400"`, "lines[0].aggregate.over: must not be negative"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, document, aggregate)
			require.Contains(t, document, row.old)
			var inv billing.Invoice
			err := inv.UnmarshalJSON([]byte(strings.Replace(document, row.old, row.new, 1)))
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestACheckpointHoldsEachLevelOnce(t *testing.T) {
	t.Parallel()
	const head = `{"charged_through":"2026-02-15T00:00:00Z","metered_from":"2026-02-01T00:00:00Z","levels":`
	for _, row := range []struct{ name, levels, want string }{
		{"levels", `[{"metric":"a","level":"-1.5"},{"metric":"b","level":"0","records":2}]}`, ""},
		{"no metric", `[{"metric":"","level":"1"}]}`, "levels[0].metric: missing"},
		{"no level", `[{"metric":"a"}]}`, "levels[0].level: missing"},
		{"nothing", `[{"metric":"a","level":"0"}]}`, "levels[0].level: must not be zero without records"},
		{"fewer records than none", `[{"metric":"a","level":"1","records":-1}]}`, "levels[0].records: must not be negative"},
		{"out of order", `[{"metric":"b","level":"1"},{"metric":"a","level":"1"}]}`, "levels[1]: must be in order of metric, each once"},
		{"twice", `[{"metric":"a","level":"1"},{"metric":"a","level":"1"}]}`, "levels[1]: must be in order of metric, each once"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var checkpoint billing.Checkpoint
			err := checkpoint.UnmarshalJSON([]byte(head + row.levels))
			if row.want == "" {
				require.NoError(t, err)
				data, err := checkpoint.MarshalJSON()
				require.NoError(t, err)
				require.Equal(t, head+row.levels, string(data))
				return
			}
			require.EqualError(t, err, row.want)
		})
	}
}
