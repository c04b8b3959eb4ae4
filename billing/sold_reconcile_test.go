package billing_test

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// What is sold in more than one way beside the plain charges: add-ons, intervals of charges,
// minimums, caps, interim invoices and terms of usage are all corrected by one reconciliation, whatever
// was lost and whatever came late.
func TestWhateverIsSoldOneReconciliationMakesItGood(t *testing.T) {
	t.Parallel()
	late, lost := 0, 0
	property := func(t *rapid.T) {
		d := rapidDraws{t}
		m := everything
		switch pick(d, "about", 0, 1, 2, 3, 4, 5) {
		case 0:
			m.newer, m.own = true, pick(d, "intervals", chains...)
			m.spend, m.caps = pick(d, "minimums", false, true), pick(d, "caps", false, true)
		case 1:
			m = spendful()
		case 2:
			m = withCaps(earlyBilled())
		case 3:
			m = capped()
			m.spend = true
		case 4:
			m = counting()
		case 5:
			m = selling()
		}
		p := m.tale(d)
		to := p.s.instant(p.s.Until)
		usage := slices.Clone(p.usage)
		made, checkpoint, err := billing.Invoices(p.sub, usage, billing.Checkpoint{}, to)
		if err != nil {
			t.Skip("usage that nothing rates")
		}
		billed := stored(made)
		diff, err := billing.Reconcile(p.sub, usage, billed, checkpoint, to)
		require.NoError(t, err, "%s", p.s)
		require.True(t, diff.IsEmpty(), "nothing changed: %s\n%s", written(diff), p.s)

		billed = slices.DeleteFunc(billed, func(billing.StoredLine) bool {
			gone := rapid.IntRange(0, 5).Draw(t, "lost") == 0
			if gone {
				lost++
			}
			return gone
		})
		if len(usage) > 0 {
			usage[0].Quantity = usage[0].Quantity.Add(decimal.NewFromInt(rapid.Int64Range(1, 50).Draw(t, "late")))
			late++
		}
		diff, err = billing.Reconcile(p.sub, usage, billed, checkpoint, to)
		if err != nil {
			t.Skip("what came late cannot be rated")
		}
		billed = append(billed, diff.StoredLines()...)
		if p.s.Plans[0].Thresholds == nil {
			converges(t, p.sub, usage, billed, diff.Checkpoint, to)
			return
		}
		// Interim invoices stand where they were made, so that discounts may round otherwise.
		again, err := billing.Reconcile(p.sub, usage, billed, diff.Checkpoint, to)
		require.NoError(t, err)
		require.True(t, again.IsEmpty(), "%s\n%s", written(again), p.s)
	}
	covering(t, 2, property, func() bool { return late > 0 && lost > 0 })
}
