package billing_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func bytesOf(t require.TestingT, x any) string {
	data, err := json.Marshal(x)
	require.NoError(t, err)
	return string(data)
}

// A keeper plays a story, and does something to what it holds after every step.
type keeper struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	// said is what the story came to so far, as bytes.
	said []string
	// after is told what was passed in and what came out.
	after func(k *keeper, at time.Time, passed ...any)
}

type ownedStep struct {
	verb  int
	n     int64
	at    time.Time
	bills bool
}

func (k *keeper) play(t require.TestingT, start time.Time, n int64, steps []ownedStep) {
	held := owned(n)
	held.params.ID, held.params.Plan, held.params.Start = "owned", ownedPlan, start
	held.params.Offering = &plan.Offering{ID: "offer", Plans: []plan.Ref{ownedPlan.Ref()}}
	var err error
	k.sub, err = subscription.New(held.params)
	require.NoError(t, err)
	held.params.Plan = nil // the plan is shared, and never changed
	k.after(k, start, &held.params)
	k.said = append(k.said, bytesOf(t, k.sub))
	for _, step := range steps {
		held := owned(step.n)
		call := operator(step.at)
		call.Correction = true
		if next, err := ownedVerbs[step.verb](k.sub, call, held); err == nil {
			k.sub = next
		} else {
			k.said = append(k.said, err.Error())
		}
		k.after(k, step.at, held, &held.patch, &held.price, &held.off, &held.grants, &held.revoked, &held.known, &held.params)
		k.said = append(k.said, bytesOf(t, k.sub))
		if step.bills {
			k.bill(t, start, step.at)
		}
	}
	k.bill(t, start, start.AddDate(0, 6, 0))
}

// bill runs, asks and reconciles, and says the results.
func (k *keeper) bill(t require.TestingT, start, to time.Time) {
	usage := usageOf(start, 30)
	aside := billing.WithUnbillable(func(billing.Record, error) {})
	given := k.checkpoint
	next, err := billing.Next(k.sub, usage, given, to, aside)
	if err == nil {
		k.said = append(k.said, bytesOf(t, next))
	}
	invoices, checkpoint, err := billing.Invoices(k.sub, usage, given, to, aside, billing.WithTax(vat))
	if err != nil {
		k.said = append(k.said, err.Error())
		return
	}
	k.checkpoint = checkpoint
	k.said = append(k.said, bytesOf(t, checkpoint))
	for _, inv := range invoices {
		text, err := inv.Explain()
		require.NoError(t, err)
		k.said = append(k.said, bytesOf(t, inv), text)
		stored := inv.StoredLines()
		again, err := billing.Reconcile(k.sub, usage, stored, checkpoint, to, aside)
		if err == nil {
			k.said = append(k.said, bytesOf(t, again))
		}
		k.after(k, to, &stored, &again)
	}
	k.after(k, to, &usage, &given, &invoices, &next)
	k.said = append(k.said, bytesOf(t, k.checkpoint))
}

func drawSteps(t *rapid.T, start time.Time) []ownedStep {
	steps := make([]ownedStep, rapid.IntRange(1, 5).Draw(t, "steps"))
	at := start
	for i := range steps {
		at = at.Add(time.Duration(rapid.IntRange(0, 25*24).Draw(t, "later")) * time.Hour)
		steps[i] = ownedStep{
			verb: rapid.IntRange(0, len(ownedVerbs)-1).Draw(t, "verb"), n: rapid.Int64Range(1, 60).Draw(t, "n"), at: at,
			bills: rapid.Bool().Draw(t, "bills"),
		}
	}
	return steps
}

func TestWhatACallerOverwritesReachesNoSubscriptionAndNoInvoice(t *testing.T) {
	planned := bytesOf(t, ownedPlan.Plan())
	rapid.Check(t, func(t *rapid.T) {
		start, n := date("2026-01-31 09:00"), rapid.Int64Range(1, 60).Draw(t, "n")
		steps := drawSteps(t, start)
		friendly := &keeper{after: func(*keeper, time.Time, ...any) {}}
		friendly.play(t, start, n, steps)
		wrote := 0
		hostile := &keeper{after: func(k *keeper, at time.Time, passed ...any) {
			v := &vandal{seen: map[uintptr]bool{}}
			for _, x := range passed {
				v.ransack(x, at, 1)
			}
			v.ransack(k.sub, at, 4)
			wrote += v.wrote
		}}
		hostile.play(t, start, n, steps)
		require.Equal(t, friendly.said, hostile.said)
		require.Positive(t, wrote)
		require.Equal(t, planned, bytesOf(t, ownedPlan.Plan()))
	})
}

func TestAStoredStoryGoesOnAsTheOneInMemory(t *testing.T) {
	catalog, err := plan.NewCatalog(ownedPlan.Plan())
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		start, n := date("2026-01-31 09:00"), rapid.Int64Range(1, 60).Draw(t, "n")
		steps := drawSteps(t, start)
		kept := &keeper{after: func(*keeper, time.Time, ...any) {}}
		kept.play(t, start, n, steps)
		stored := &keeper{after: func(k *keeper, _ time.Time, _ ...any) {
			if rapid.Bool().Draw(t, "stored") {
				var err error
				k.sub, err = subscription.Decode([]byte(bytesOf(t, k.sub)), catalog)
				require.NoError(t, err)
			}
			if rapid.Bool().Draw(t, "checkpoint stored") {
				var next billing.Checkpoint
				require.NoError(t, json.Unmarshal([]byte(bytesOf(t, k.checkpoint)), &next))
				k.checkpoint = next
			}
		}}
		stored.play(t, start, n, steps)
		require.Equal(t, kept.said, stored.said)
	})
}

func TestWhatACallerOverwritesReachesNoOtherValue(t *testing.T) {
	at := date("2026-01-31 09:00")
	catalog := plan.MustCatalog(ownedPlan.Plan(), plan.Offering{ID: "offer", Plans: []plan.Ref{ownedPlan.Ref()}})
	version, err := catalog.Lookup(ownedPlan.Ref())
	require.NoError(t, err)
	limit := num("3")
	entitlement, err := feature.Resolve("api", ownedPlan.Features(), feature.Overrides{"api": {Extra: &limit}}, feature.Terms{
		At: at, Period: calendar.Period{Start: at, End: at.AddDate(0, 1, 0)},
	})
	require.NoError(t, err)
	var credits feature.Credits
	grant := feature.CreditGrant{ID: "g", Amount: num("5"), Rollover: &feature.Rollover{Max: num("2")}}
	credits, err = credits.Grant(grant, at)
	require.NoError(t, err)
	spent, draws, err := credits.Spend(num("1"), at, "ref")
	require.NoError(t, err)
	budget, err := feature.NewChangeBudget(3, calendar.UTC(), at)
	require.NoError(t, err)
	most := int64(9)
	seats := feature.Seats{Paid: 5, Max: &most, Teams: map[string]feature.Team{"a": {Quota: 2}}}
	filled, err := seats.Fill(1)
	require.NoError(t, err)
	values := map[string]any{
		"catalog": catalog, "version": version.Plan(), "entitlement": entitlement, "credits": credits, "spent": spent,
		"budget": budget, "filled": filled,
	}
	said := func() map[string]string {
		all := map[string]string{}
		for name, x := range values {
			all[name] = bytesOf(t, x)
		}
		all["version"] = bytesOf(t, version.Plan())
		return all
	}
	before := said()
	v := &vandal{seen: map[uintptr]bool{}}
	v.ransack(&grant, at, 2)
	v.overwrite(&draws)
	v.overwrite(&seats)
	for _, x := range []any{catalog, version, entitlement, credits, spent, budget} {
		v.accessors(reflect.ValueOf(x), at, 4)
	}
	require.Equal(t, before, said())
	require.Greater(t, v.wrote, 100)
}

func TestTheCheckpointOfARunThatBillsNothingIsACopy(t *testing.T) {
	t.Parallel()
	sub, _ := meteredFrom("2026-01-01")
	usage := billing.Usage{used("2026-02-03", 5)}
	_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-02-10"))
	require.NoError(t, err)
	require.NotEmpty(t, checkpoint.Metered)
	before := bytesOf(t, checkpoint)
	far := time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, run := range map[string]func() (billing.Checkpoint, error){
		"nothing is due": func() (billing.Checkpoint, error) {
			_, same, err := billing.Invoices(sub, usage, checkpoint, date("2026-02-09"))
			return same, err
		},
		"usage is missing": func() (billing.Checkpoint, error) {
			_, same, err := billing.Invoices(sub, nil, checkpoint, date("2026-03-10"))
			require.ErrorIs(t, err, billing.ErrMissingUsage)
			return same, nil
		},
		"beyond the calendar": func() (billing.Checkpoint, error) {
			_, same, err := billing.Invoices(sub, usage, checkpoint, far)
			require.ErrorIs(t, err, billing.ErrRange)
			return same, nil
		},
		"no subscription": func() (billing.Checkpoint, error) {
			_, same, err := billing.Invoices(subscription.Subscription{}, usage, checkpoint, date("2026-03-10"))
			require.ErrorIs(t, err, billing.ErrZero)
			return same, nil
		},
	} {
		same, err := run()
		require.NoError(t, err, name)
		require.Equal(t, before, bytesOf(t, same), name)
		v := &vandal{seen: map[uintptr]bool{}}
		v.overwrite(&same)
		require.Equal(t, before, bytesOf(t, checkpoint), name)
	}
}
