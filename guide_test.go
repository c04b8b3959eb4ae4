package perennial_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
	"github.com/shopspring/decimal"
)

// The code of the guide stands, line by line, in files that are compiled and tested.
func TestTheCodeOfTheGuideIsTaken(t *testing.T) {
	t.Parallel()
	var sources []string
	for _, pattern := range []string{"examples/service/*/*.go", "example_embedding_test.go", "fault/example_test.go"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, names)
		for _, name := range names {
			sources = append(sources, read(t, name))
		}
	}
	blocks := regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$").FindAllStringSubmatch(read(t, "docs/embedding.md"), -1)
	var schemas []string
	for _, block := range blocks {
		language, text := block[1], block[2]
		if language == "sql" {
			schemas = append(schemas, text)
			continue
		}
		require.Equal(t, "go", language)
		require.True(t, taken(text, sources), "not found:\n%s", text)
	}
	require.Equal(t, []string{read(t, "examples/service/store/schema/1.sql")}, schemas)
	require.Greater(t, len(blocks), 12)
	require.False(t, taken("return err // of nothing\n", sources), "the search can fail")
}

// taken reports whether a source holds the lines, however deep they are indented there.
func taken(text string, sources []string) bool {
	for range 4 {
		for _, source := range sources {
			if strings.Contains("\n"+source, "\n"+text) {
				return true
			}
		}
		text = regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(text, "\t$1")
	}
	return false
}

func TestTheLinksOfTheGuideLeadSomewhere(t *testing.T) {
	t.Parallel()
	links := regexp.MustCompile(`\]\(\.\./([^)#]+)\)`).FindAllStringSubmatch(read(t, "docs/embedding.md"), -1)
	require.NotEmpty(t, links)
	for _, link := range links {
		require.FileExists(t, filepath.Join(link[1], map[bool]string{true: "go.mod"}[link[1] == "examples/service"]))
	}
}

// A takenOver is a customer who was billed by another system since January; or, to compare,
// by this one.
type takenOver struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	billed     []billing.StoredLine
}

var (
	since = time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	cut   = time.Date(2026, time.May, 10, 0, 0, 0, 0, time.UTC)
	later = time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)
)

func operator(at time.Time) subscription.Call {
	return subscription.Call{At: at, Actor: lifecycle.Operator}
}

func tenthOff(t *testing.T, sub subscription.Subscription, at time.Time, cycles int) subscription.Subscription {
	tenth := decimal.NewFromInt(10)
	sub, err := sub.AddDiscount(operator(at), plan.Discount{ID: "launch", Percent: &tenth, Duration: plan.ForCycles, Cycles: cycles})
	require.NoError(t, err)
	return sub
}

func takeOver(t *testing.T, p subscription.Params, cycles int) takenOver {
	sub, err := subscription.New(p)
	require.NoError(t, err)
	if cycles > 0 {
		sub = tenthOff(t, sub, p.Start, cycles)
	}
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, cut)
	require.NoError(t, err)
	out := takenOver{sub: sub, checkpoint: checkpoint}
	for _, inv := range made {
		out.billed = append(out.billed, inv.StoredLines()...)
	}
	return out
}

// goesOn adds a seat in the period that the other system billed, and bills until autumn.
func (o takenOver) goesOn(t *testing.T) []billing.Invoice {
	sub, err := o.sub.ChangeQuantity(operator(cut.AddDate(0, 0, 5)), subscription.Immediately(), "seats", decimal.NewFromInt(6))
	require.NoError(t, err)
	made, checkpoint, err := billing.Invoices(sub, nil, o.checkpoint, later)
	require.NoError(t, err)
	require.NotEmpty(t, made)
	if len(o.billed) > 0 {
		for _, inv := range made {
			o.billed = append(o.billed, inv.StoredLines()...)
		}
		diff, err := billing.Reconcile(sub, nil, o.billed, checkpoint, later)
		require.NoError(t, err)
		require.True(t, diff.IsEmpty(), "%+v", diff)
	}
	return made
}

func told(t *testing.T, made []billing.Invoice) []string {
	var all []string
	for _, inv := range made {
		data, err := json.Marshal(inv)
		require.NoError(t, err)
		all = append(all, string(data))
	}
	return all
}

func dues(made []billing.Invoice) []string {
	var all []string
	for _, inv := range made {
		all = append(all, inv.At.Format(time.DateOnly)+" "+inv.Total.String()+", due "+inv.AmountDue.String())
	}
	return all
}

func TestATakenOverSubscriptionIsBilledAsIfItHadAlwaysBeenHere(t *testing.T) {
	t.Parallel()
	p := subscription.Params{ID: "acme", Plan: teamPlan(), Start: since, Quantity: subscription.Units(5)}
	here := takeOver(t, p, 6)

	// Billed here all along, month by month.
	var checkpoint billing.Checkpoint
	for day := since; day.Before(cut); day = day.AddDate(0, 0, 7) {
		_, next, err := billing.Invoices(here.sub, nil, checkpoint, day)
		require.NoError(t, err)
		checkpoint = next
	}
	_, checkpoint, err := billing.Invoices(here.sub, nil, checkpoint, cut)
	require.NoError(t, err)
	always := takenOver{sub: here.sub, checkpoint: checkpoint}
	want := told(t, always.goesOn(t))
	require.Equal(t, want, told(t, here.goesOn(t)))

	here.checkpoint.CreditBalance = money.MustParse("20.00 EUR")
	require.Equal(t, []string{
		"2026-05-15 5.57 EUR, due 0.00 EUR", // half a month of one seat, less a tenth
		"2026-05-31 64.80 EUR, due 50.37 EUR",
		"2026-06-30 64.80 EUR, due 64.80 EUR",
		"2026-07-31 72.00 EUR, due 72.00 EUR", // six months are over
		"2026-08-31 72.00 EUR, due 72.00 EUR",
		"2026-09-30 72.00 EUR, due 72.00 EUR",
	}, dues(here.goesOn(t)))
}

func TestACheckpointByHandBillsOnButCannotReconcile(t *testing.T) {
	t.Parallel()
	p := subscription.Params{ID: "acme", Plan: teamPlan(), Start: since, Quantity: subscription.Units(5)}
	here := takeOver(t, p, 0)
	byHand := takenOver{sub: here.sub, checkpoint: billing.Checkpoint{ChargedThrough: cut, LastCommand: here.sub.Version()}}
	require.Equal(t, told(t, here.goesOn(t)), told(t, byHand.goesOn(t)))
	diff, err := billing.Reconcile(byHand.sub, nil, nil, byHand.checkpoint, cut)
	require.NoError(t, err)
	require.Equal(t, "339.00 EUR", diff.Total.String(), "the past again")
}

func TestASubscriptionOfWhichOnlyTheRunningPeriodIsKnownIsTakenOver(t *testing.T) {
	t.Parallel()
	p := subscription.Params{ID: "acme", Plan: teamPlan(), Start: since, Quantity: subscription.Units(5)}
	known := takeOver(t, p, 6)
	p.Start = time.Date(2026, time.April, 30, 9, 0, 0, 0, time.UTC)
	p.Anchor, p.TrialUsed = since, true
	unknown := takeOver(t, p, 3) // that of April is one of the three that are left
	require.Equal(t, dues(known.goesOn(t)), dues(unknown.goesOn(t)))
}

func TestADifferenceOfTheOtherSystemIsAnAdjustment(t *testing.T) {
	t.Parallel()
	p := subscription.Params{ID: "acme", Plan: teamPlan(), Start: since, Quantity: subscription.Units(5)}
	here := takeOver(t, p, 0)
	last := here.billed[len(here.billed)-1]
	here.billed = append(here.billed, billing.StoredLine{ID: uuid.UUID{1}, Of: last.ID, Adjusts: true, Amount: money.MustParse("-50.00 EUR")})
	diff, err := billing.Reconcile(here.sub, nil, here.billed, here.checkpoint, cut)
	require.NoError(t, err)
	require.True(t, diff.IsEmpty())
	sub, err := here.sub.ChangeQuantity(operator(cut), subscription.Immediately(), "seats", decimal.Decimal{})
	require.NoError(t, err)
	made, _, err := billing.Invoices(sub, nil, here.checkpoint, cut, billing.WithAdjustments(here.billed))
	require.NoError(t, err)
	require.Equal(t, "-10.00 EUR", made[0].Total.String(), "60.00 less 50.00 is left to credit")
}

// Why a line's id alone is no key: what a change charges was billed with a renewal, was
// taken back because a new anchor that was recorded late moves the renewal, and is billed
// again with that.
func TestALineCanStandOnTwoInvoices(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "acme", Plan: teamPlan(), Start: since})
	require.NoError(t, err)
	call := operator(since.AddDate(0, 0, 5))
	call.Policy.Collect = plan.CollectNextInvoice
	sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "seats", decimal.NewFromInt(2))
	require.NoError(t, err)
	standsOn := map[uuid.UUID]int{}
	var billed []billing.StoredLine
	store := func(lines []billing.StoredLine) {
		for _, line := range lines {
			standsOn[line.ID]++
		}
		billed = append(billed, lines...)
	}
	run := func(checkpoint billing.Checkpoint, to time.Time) billing.Checkpoint {
		made, next, err := billing.Invoices(sub, nil, checkpoint, to)
		require.NoError(t, err)
		for _, inv := range made {
			store(inv.StoredLines())
		}
		return next
	}
	march := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	checkpoint := run(billing.Checkpoint{}, march)
	call = operator(since.AddDate(0, 0, 9))
	call.Correction = true
	call.Policy.Collect = plan.CollectNextInvoice
	sub, err = sub.SetAnchor(call, time.Date(2026, time.March, 5, 9, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	diff, err := billing.Reconcile(sub, nil, billed, checkpoint, march)
	require.NoError(t, err)
	store(diff.StoredLines())
	run(diff.Checkpoint, later)
	twice := 0
	for _, n := range standsOn {
		if n > 1 {
			twice++
		}
	}
	require.Equal(t, 2, twice, "the charge and the credit of the change")
}
