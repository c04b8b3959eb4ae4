package cases

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// stories plays every given scenario to its end.
func stories(t *testing.T) map[string]*playing {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "conformance", "*.json"))
	require.NoError(t, err)
	all := map[string]*playing{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		list, err := Read(data)
		require.NoError(t, err)
		for _, c := range list {
			scenario, ok := c.body.(*Scenario)
			if !ok {
				continue
			}
			s, faults := scenario.begin("story")
			require.Empty(t, faults, c.id)
			for i := 0; i < len(scenario.Actions); i += scenario.together(i) {
				_, err := s.act(scenario.Actions[i : i+scenario.together(i)])
				require.NoError(t, err, c.id)
			}
			all[c.id] = s
		}
	}
	require.NotEmpty(t, all)
	return all
}

// horizon is a good while after the story's end, so that more periods are billed.
func (s *playing) horizon() time.Time { return s.c.Until.In(s.c.Zone).AddDate(0, 7, 3) }

func TestEveryStoryIsBilledTheSameInOneRunAndInManySmallOnes(t *testing.T) {
	t.Parallel()
	for id, s := range stories(t) {
		end := s.horizon()
		whole, last, err := billing.Invoices(s.sub, s.usage, billing.Checkpoint{}, end)
		require.NoError(t, err, id)
		// Run after every action and every eleven days, as a service would.
		var runs []time.Time
		for at := s.past[0].at; at.Before(end); at = at.AddDate(0, 0, 11) {
			runs = append(runs, at)
		}
		for _, m := range s.past {
			runs = append(runs, m.at)
		}
		runs = append(runs, end)
		slices.SortFunc(runs, time.Time.Compare)
		var checkpoint billing.Checkpoint
		var parts []billing.Invoice
		for _, at := range runs {
			var made []billing.Invoice
			made, checkpoint, err = billing.Invoices(s.at(at), s.used(at), checkpoint, at)
			require.NoError(t, err, id)
			parts = append(parts, made...)
		}
		require.Equal(t, shown(whole), shown(parts), id)
		require.Equal(t, last.CreditBalance, checkpoint.CreditBalance, id)
	}
}

func TestNextSaysWhatTheFollowingRunWillBill(t *testing.T) {
	t.Parallel()
	for id, s := range stories(t) {
		var checkpoint billing.Checkpoint
		at := s.past[len(s.past)-1].at
		_, checkpoint, err := billing.Invoices(s.sub, s.usage, checkpoint, at)
		require.NoError(t, err, id)
		for range 4 {
			next, err := billing.Next(s.sub, s.usage, checkpoint, at)
			require.NoError(t, err, id)
			if next.At.IsZero() {
				far, _, err := billing.Invoices(s.sub, s.usage, checkpoint, at.AddDate(4, 0, 0))
				require.NoError(t, err, id)
				require.Empty(t, far, id)
				break
			}
			made, after, err := billing.Invoices(s.sub, s.usage, checkpoint, next.At)
			require.NoError(t, err, id)
			require.Equal(t, next.At, made[0].At, id)
			require.Equal(t, next.Amount, made[0].Total, id)
			require.Equal(t, next.AmountDue, made[0].AmountDue, id)
			none, _, err := billing.Invoices(s.sub, s.usage, checkpoint, next.At.Add(-1))
			require.NoError(t, err, id)
			require.Empty(t, none, id)
			checkpoint, at = after, next.At
		}
	}
}

func TestEveryStorySurvivesJSON(t *testing.T) {
	t.Parallel()
	for id, s := range stories(t) {
		var entries []plan.CatalogEntry
		for _, v := range s.versions {
			entries = append(entries, plan.Release{Plan: v.Plan()})
		}
		for _, a := range s.addOns {
			entries = append(entries, a.AddOn())
		}
		catalog, err := plan.NewCatalog(entries...)
		require.NoError(t, err, id)
		data, err := json.Marshal(s.sub)
		require.NoError(t, err, id)
		back, err := subscription.Decode(data, catalog)
		require.NoError(t, err, "%s: %s", id, data)
		require.True(t, s.sub.Equal(back), id)
		again, err := json.Marshal(back)
		require.NoError(t, err, id)
		require.Equal(t, string(data), string(again), id)
		a, _, err := billing.Invoices(s.sub, s.usage, billing.Checkpoint{}, s.horizon())
		require.NoError(t, err, id)
		b, _, err := billing.Invoices(back, s.usage, billing.Checkpoint{}, s.horizon())
		require.NoError(t, err, id)
		require.Equal(t, shown(a), shown(b), id)
	}
}

// shown writes what a reader of the invoices would compare.
func shown(invoices []billing.Invoice) []string {
	out := []string{}
	for _, inv := range invoices {
		line := inv.At.Format(time.RFC3339) + " " + inv.Total.String() + " due " + inv.AmountDue.String()
		for _, l := range inv.Lines {
			line += "\n  " + string(l.Kind) + " " + l.Charge + " " + l.From.Format(time.RFC3339) + " " + l.To.Format(time.RFC3339) + " " + l.Amount.String()
		}
		out = append(out, line)
	}
	return out
}

func TestReconcilingEveryStoryFindsWhatWasNotBilledAndNothingElse(t *testing.T) {
	t.Parallel()
	for id, s := range stories(t) {
		end := s.horizon()
		whole, checkpoint, err := billing.Invoices(s.sub, s.usage, billing.Checkpoint{}, end)
		require.NoError(t, err, id)
		var billed []billing.StoredLine
		seen := map[string]bool{}
		for _, inv := range whole {
			for _, b := range inv.StoredLines() {
				require.False(t, seen[b.ID.String()], "%s: an id twice", id)
				seen[b.ID.String()] = true
				billed = append(billed, b)
			}
		}
		diff, err := billing.Reconcile(s.sub, s.usage, billed, checkpoint, end)
		require.NoError(t, err, id)
		require.True(t, diff.IsEmpty(), id)
		require.Equal(t, checkpoint, diff.Checkpoint, id)
		if len(billed) == 0 {
			continue
		}
		lost := billed[len(billed)/2]
		diff, err = billing.Reconcile(s.sub, s.usage, slices.Delete(slices.Clone(billed), len(billed)/2, len(billed)/2+1), checkpoint, end)
		require.NoError(t, err, id)
		require.Len(t, diff.Lines, 1, id)
		require.Empty(t, diff.Corrections, id)
		require.Equal(t, []billing.StoredLine{lost}, diff.StoredLines(), id)
	}
}
