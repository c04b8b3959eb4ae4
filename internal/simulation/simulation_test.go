package simulation_test

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/cases"
	"github.com/perennial-billing/perennial/internal/simulation"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// lives are how many are played, from which seed on: others where PERENNIAL_SEED says so.
func lives(t *testing.T) (from, n uint64) {
	t.Helper()
	n = 300
	if os.Getenv("PERENNIAL_SHORT") == "1" {
		n = 40
	}
	if text := os.Getenv("PERENNIAL_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		return seed, n
	}
	return 1, n
}

func TestWhatMustHoldHoldsOfManyLives(t *testing.T) {
	t.Parallel()
	counts := simulation.Counts{}
	from, n := lives(t)
	play := func(seed uint64) {
		life, err := simulation.Play(seed)
		require.NoError(t, err)
		counts.Add(life.Counts)
	}
	for seed := from; seed < from+n; seed++ {
		play(seed)
	}
	happens := []string{
		"invoices", "restarts", "runs repeated", "runs lost", "runs ahead", "bills foreseen", "previews", "usage", "lives in one run", "charges that tile",
		"does change_plan", "does change_quantity", "does cancel", "does pause", "does reactivate", "does discount", "does set_anchor", "does suspend", "does restore", "does set_next_billing", "life: edge",
	}
	missing := func(what string) bool { return counts[what] == 0 }
	for seed := uint64(1); seed <= 300 && slices.ContainsFunc(happens, missing); seed++ { // always the same ones
		play(seed)
	}
	for _, what := range happens {
		require.Positive(t, counts[what], what)
	}
}

// The document of a life is a story: whoever plays it sees the same bills.
func TestALifeIsAStoryToPlay(t *testing.T) {
	t.Parallel()
	from, n := lives(t)
	played := 0
	for seed := from; seed < from+n/4; seed++ {
		life, err := simulation.Play(seed)
		require.NoError(t, err)
		if !life.Whole {
			continue
		}
		stories, faults := cases.DecodeStories(life.Story)
		require.Empty(t, faults, "%s", life.Story)
		// The life has taxes that a story has no word for: what is not taxed is compared.
		again, faults := stories[0].Play(time.Time{})
		require.Empty(t, faults, "%s", life.Story)
		total := int64(0)
		for _, inv := range again.Invoices {
			total += inv.Total.Minor()
		}
		if life.Counts["life: taxed"] == 0 {
			require.Equal(t, life.Billed, total, "%s", life.Story)
			played++
		}
	}
	require.Positive(t, played)
}

func TestEachFaultOfAnInvoiceIsSeen(t *testing.T) {
	t.Parallel()
	ten, below := money.MustParse("10.00 USD"), money.MustParse("-10.00 USD")
	for _, row := range []struct {
		name  string
		spoil func(all []billing.Invoice)
		want  string
	}{
		{"nothing is wrong", func([]billing.Invoice) {}, ""},
		{"an invoice twice", func(all []billing.Invoice) { all[1] = all[0] }, "two invoices have the id"},
		{"a line twice", func(all []billing.Invoice) { all[0].Lines = append(all[0].Lines, all[0].Lines[0]) }, "two lines have the id"},
		{"a total that is not the sum", func(all []billing.Invoice) { all[0].Total = ten }, "the lines sum to 3570, the total is 1000"},
		{"more due than there is", func(all []billing.Invoice) { all[0].AmountDue = ten }, "1000 due"},
		{"credit below nothing", func(all []billing.Invoice) { all[0].CreditApplied = below }, "-1000 applied"},
		{"a credit of a line that was not billed", func(all []billing.Invoice) { all[1].Lines[0].Of.Charge = "other" }, "a credit of a line that was not billed"},
		{"a credit of more than was billed", func(all []billing.Invoice) { all[1].Lines[0].Amount = money.MustParse("-30.01 USD") }, "3001 is credited of 3000 less 0"},
		{"a tax that the lines do not have", func(all []billing.Invoice) { all[0].Taxes[0].Amount = ten }, "the lines of taxes sum to 570, the taxes to 1000"},
		{"a base that the lines do not have", func(all []billing.Invoice) { all[0].Taxes[0].Base = ten }, "the base is 10.00 USD"},
		{"a line that ends before it begins", func(all []billing.Invoice) {
			all[0].Lines[0].From, all[0].Lines[0].To = all[0].Lines[0].To, all[0].Lines[0].From
		}, "a line ends before it begins"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			all := twoInvoices(t)
			row.spoil(all)
			b := simulation.EmittingBooks()
			err := b.Enter(all[0])
			if err == nil {
				err = b.Enter(all[1])
			}
			if row.want == "" {
				require.NoError(t, err)
				require.NoError(t, b.Balance(billing.Checkpoint{CreditBalance: money.MustParse("19.58 USD")}))
				require.ErrorContains(t, b.Balance(billing.Checkpoint{}), "0 of credit is left")
				return
			}
			require.ErrorContains(t, err, row.want)
		})
	}
}

// twoInvoices are a month of 30.00, and what is left of it when it is cancelled after 14 days; 19 % of tax.
func twoInvoices(t *testing.T) []billing.Invoice {
	t.Helper()
	v := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(30)}}}})
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		return at
	}
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: day("2026-01-01")})
	require.NoError(t, err)
	sub, err = sub.Cancel(subscription.Call{At: day("2026-01-15"), Actor: lifecycle.Operator, Policy: plan.Policy{CancelCredit: plan.CreditProrate}}, subscription.Immediately())
	require.NoError(t, err)
	all, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day("2026-02-01"), billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Percent: decimal.NewFromInt(19)}}
	}))
	require.NoError(t, err)
	require.Len(t, all, 2)
	return all
}
