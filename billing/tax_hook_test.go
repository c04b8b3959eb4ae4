package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// coded sells seats in advance and calls in arrears, with tax codes and an account.
func coded(policy plan.Policy) subscription.Subscription {
	return must(subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Quantity: subscription.Units(2), Plan: plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy,
		Charges: []plan.Charge{
			{ID: "seats", TaxCode: "saas", Metadata: map[string]string{"account": "4711"}, Price: plan.PerUnit{UnitAmount: num("31")}},
			{ID: "calls", TaxCode: "telecom", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("1")}},
		},
	})}))
}

// asked is a hook of 10% for everything that writes down what it is shown.
func asked(into *[]string) billing.Option {
	return billing.WithTaxes(func(inv billing.TaxableInvoice) ([][]billing.TaxRate, error) {
		text := fmt.Sprintf("%s %s %d", inv.Subscription, inv.At.Format(time.DateOnly), inv.Command)
		if inv.Billed {
			text += ", billed"
		}
		text += ":"
		var all [][]billing.TaxRate
		for _, line := range inv.Lines {
			text += fmt.Sprintf(" %s %s %s of %s", line.Kind, line.TaxCode, line.Net, line.Amount)
			all = append(all, []billing.TaxRate{onTop("vat", "10")})
			for key := range line.Metadata {
				line.Metadata[key] = "overwritten"
			}
		}
		*into = append(*into, text)
		return all, nil
	})
}

func TestTaxesAreAskedForOnceForEachInvoiceThatIsMade(t *testing.T) {
	t.Parallel()
	sub := coded(plan.Policy{})
	half := num("50")
	sub = must(sub.AddDiscount(byOperator(date("2026-01-20")), plan.Discount{ID: "half", Charges: []string{"seats"}, Percent: &half, Duration: plan.OnceOnly}))
	sub = must(sub.AddOneOff(byOperator(date("2026-01-21")), subscription.OneOff{ID: "router", TaxCode: "goods", Amount: money.MustParse("9 USD")}))
	sub = must(sub.AddAccountCredit(byOperator(date("2026-01-22")), money.MustParse("500 USD")))
	usage := billing.Usage{used("2026-01-05", 7)}
	want := []string{
		"s 2026-01-01 1: charge saas 62.00 USD of 62.00 USD",
		"s 2026-02-01 0: one_off goods 9.00 USD of 9.00 USD usage telecom 7.00 USD of 7.00 USD charge saas 31.00 USD of 62.00 USD",
	}
	var calls []string
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-02-10"), asked(&calls))
	require.NoError(t, err)
	require.Equal(t, want, calls)
	require.Equal(t, "51.70 USD", made[1].Total.String())
	require.Equal(t, map[string]string{"account": "4711"}, made[0].Lines[0].Metadata, "what the hook does to its copy is lost")
	require.Equal(t, "saas", made[0].Lines[0].TaxCode)
	for _, line := range made[1].Lines {
		require.Equal(t, line.Kind == billing.DiscountLine || line.Kind == billing.TaxLine, line.TaxCode == "", line.Kind)
	}

	// A run that makes nothing asks nothing, whatever it computes again.
	calls = nil
	_, checkpoint, err = billing.Invoices(sub, usage, checkpoint, date("2026-02-11"), asked(&calls))
	require.NoError(t, err)
	require.Empty(t, calls)
	// A forecast and a preview ask for what they show.
	for range billing.Forecast(sub, usage, checkpoint, asked(&calls)) {
		break
	}
	require.Equal(t, []string{"s 2026-03-01 0: usage telecom 0.00 USD of 0.00 USD charge saas 62.00 USD of 62.00 USD"}, calls)
	// What gives back a part of what an earlier run billed has the rates of that, which are
	// asked for again; the credit itself is not.
	calls = nil
	more := must(sub.ChangeQuantity(byOperator(date("2026-02-15")), subscription.Immediately(), "", num("3")))
	made, _, err = billing.Invoices(more, usage, checkpoint, date("2026-02-15"), asked(&calls))
	require.NoError(t, err)
	require.Equal(t, []string{"s 2026-02-01 0, billed: charge saas 31.00 USD of 62.00 USD", "s 2026-02-15 5: charge saas 46.50 USD of 46.50 USD"}, calls)
	require.Equal(t, "saas", made[0].Lines[0].TaxCode)
	require.Equal(t, billing.CreditLine, made[0].Lines[0].Kind)
	calls = nil
	_, err = billing.Preview(sub, more, usage, checkpoint, asked(&calls))
	require.NoError(t, err)
	require.Contains(t, calls, "s 2026-02-15 5: charge saas 46.50 USD of 46.50 USD")
}

func TestAnInterimInvoiceOfTheInstantOfARegularOneIsAskedForByItself(t *testing.T) {
	t.Parallel()
	sub := subscribed(t, stepped("1", "5"), "2026-01-01")
	usage := calledAt("2026-01-10: 4", "2026-02-01: 6")
	var asked []bool
	all, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-02-01"), billing.WithTaxes(func(inv billing.TaxableInvoice) ([][]billing.TaxRate, error) {
		require.Equal(t, date("2026-02-01"), inv.At.UTC())
		require.Zero(t, inv.Command)
		asked = append(asked, inv.Interim)
		return make([][]billing.TaxRate, len(inv.Lines)), nil
	}))
	require.NoError(t, err)
	require.Equal(t, []bool{false, true}, asked)
	for i, inv := range all {
		require.Equal(t, asked[i], inv.Interim)
	}
}

func TestNothingIsAskedWhereNothingIsBilled(t *testing.T) {
	t.Parallel()
	sub := must(subscription.New(subscription.Params{ID: "s", Plan: flatPlan("free", "0", calendar.Months(1)), Start: date("2026-01-01")}))
	var calls []string
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-06-01"), asked(&calls))
	require.NoError(t, err)
	require.Empty(t, made)
	require.Empty(t, calls)
	emits := billing.WithPolicy(plan.Policy{ZeroInvoices: plan.EmitZeroInvoices})
	made, _, err = billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-06-01"), asked(&calls), emits)
	require.NoError(t, err)
	require.Len(t, calls, len(made))
}

func TestAnErrorOfTheTaxHookEndsTheRun(t *testing.T) {
	t.Parallel()
	sub := coded(plan.Policy{})
	down := errors.New("the tax service does not answer")
	checkpoint := billing.Checkpoint{ChargedThrough: date("2026-01-10"), LastCommand: 1}
	for _, row := range []struct {
		name  string
		rates func(billing.TaxableInvoice) ([][]billing.TaxRate, error)
		want  string
		is    error
		kind  fault.Class
	}{
		{"an error", func(billing.TaxableInvoice) ([][]billing.TaxRate, error) { return nil, down }, "billing: taxes of the invoice at 2026-02-01T00:00:00Z: the tax service does not answer", down, fault.Internal},
		{"too few", func(billing.TaxableInvoice) ([][]billing.TaxRate, error) { return nil, nil }, "billing: invalid tax rate: 0 lists for 2 lines", billing.ErrTaxRate, fault.Kind(billing.ErrTaxRate)},
		{"a bad rate", func(billing.TaxableInvoice) ([][]billing.TaxRate, error) {
			return [][]billing.TaxRate{nil, {onTop("", "10")}}, nil
		}, `billing: invalid tax rate: rates[""].id: missing`, billing.ErrTaxRate, fault.Kind(billing.ErrTaxRate)},
	} {
		option := billing.WithTaxes(row.rates)
		made, same, err := billing.AppendInvoices(make([]billing.Invoice, 1), sub, nil, checkpoint, date("2026-05-01"), option)
		require.EqualError(t, err, row.want, row.name)
		require.ErrorIs(t, err, row.is)
		require.Equal(t, row.kind, fault.Kind(err))
		require.Len(t, made, 1)
		require.Equal(t, checkpoint, same)
		_, err = billing.Next(sub, nil, checkpoint, date("2026-01-10"), option)
		require.EqualError(t, err, row.want, row.name)
		for _, err := range billing.Forecast(sub, nil, checkpoint, option) {
			require.EqualError(t, err, row.want, row.name)
		}
		_, err = billing.Reconcile(sub, nil, nil, checkpoint, date("2026-02-01"), option)
		require.ErrorIs(t, err, row.is)
	}
	for _, none := range []billing.Option{billing.WithTaxes(nil), billing.WithTax(nil)} {
		made, _, err := billing.Invoices(sub, nil, checkpoint, date("2026-02-01"), none)
		require.NoError(t, err)
		require.Empty(t, made[0].Taxes)
	}
}

// Whatever happens, and in however many runs, each invoice is asked for once in the run that
// makes it, and an earlier one at most once more in each run that credits something of it.
func TestTheTaxHookIsNotCalledInVain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		var calls []string
		billed, earlier := map[uuid.UUID]bool{}, map[string]bool{}
		key := func(at time.Time, command int, interim bool) string {
			return fmt.Sprint(at.UTC(), " ", command, " ", interim)
		}
		option := billing.WithTaxes(func(inv billing.TaxableInvoice) ([][]billing.TaxRate, error) {
			require.NotEmpty(t, inv.Lines)
			for _, line := range inv.Lines {
				id := line.ID(inv.Subscription, inv.Zone)
				require.True(t, !inv.Billed || billed[id] || line.Amount.Sign() == 0, "%s was not shown before: %s", line.Charge, p.s)
				billed[id] = true
			}
			calls = append(calls, key(inv.At, inv.Command, inv.Interim))
			return make([][]billing.TaxRate, len(inv.Lines)), nil
		})
		start, until := p.past[0].at, p.s.instant(p.s.Until)
		mid := start.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(start)/time.Second)).Draw(t, "run")) * time.Second)
		var checkpoint billing.Checkpoint
		for _, to := range []time.Time{mid, until} {
			calls = nil
			made, next, err := billing.Invoices(p.sub, p.usage, checkpoint, to, option)
			require.NoError(t, err, "%s", p.s)
			ids := map[string]bool{}
			credits := false
			for _, inv := range made {
				ids[key(inv.At, inv.Command, inv.Interim)] = true
				asks := slices.ContainsFunc(inv.Lines, func(l billing.Line) bool {
					return l.Amount.Sign() != 0 && (l.Kind == billing.ChargeLine || l.Kind == billing.UsageLine || l.Kind == billing.OneOffLine)
				})
				require.True(t, !asks || slices.Contains(calls, key(inv.At, inv.Command, inv.Interim)), "%s is not asked for: %s", inv.At, p.s)
			}
			// An invoice that comes to nothing credits too, and may not be made.
			all, _, err := billing.Invoices(p.sub, p.usage, checkpoint, to, billing.WithPolicy(plan.Policy{ZeroInvoices: plan.EmitZeroInvoices}))
			require.NoError(t, err, "%s", p.s)
			for _, inv := range all {
				credits = credits || slices.ContainsFunc(inv.Lines, func(l billing.Line) bool { return l.Kind == billing.CreditLine })
			}
			seen := map[string]int{}
			for _, call := range calls {
				seen[call]++
				if earlier[call] && !ids[call] {
					require.True(t, credits, "%s is asked for again: %s", call, p.s)
				}
			}
			for id := range ids {
				require.LessOrEqual(t, seen[id], 1, "%s: %s", id, p.s)
				earlier[id] = true
			}
			checkpoint = next
		}
	})
}
