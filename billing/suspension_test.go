package billing_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// withoutSuspensions tells a story again as if nobody had been suspended.
func withoutSuspensions(t *rapid.T, p *played) *played {
	s := p.s
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return a.Do == "suspend" || a.Do == "restore" })
	plain, err := play(s)
	require.NoError(t, err, "%s", s)
	return plain
}

func TestASuspensionChangesNoInvoice(t *testing.T) {
	t.Parallel()
	used, cut := 0, 0 // usage that is recorded, and changes that are made, while it lasts
	property := func(t *rapid.T) {
		p := randomTale(t)
		plain := withoutSuspensions(t, p)
		suspended := false
		for _, a := range p.s.Actions {
			switch a.Do {
			case "suspend", "restore":
				suspended = a.Do == "suspend"
			case "usage":
				used += one(suspended)
			case "change_plan", "change_quantity", "change_price", "pause", "cancel":
				cut += one(suspended)
			}
		}
		until := p.s.instant(p.s.Until)
		all, checkpoint, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, until)
		require.NoError(t, err, "%s", p.s)
		want, wanted, err := billing.Invoices(plain.sub, plain.usage, billing.Checkpoint{}, until)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showEngine(want), showEngine(all), "%s", p.s)
		require.Equal(t, wanted.CreditBalance, checkpoint.CreditBalance, "%s", p.s)

		next, err := billing.Next(p.sub, p.usage, checkpoint, until)
		require.NoError(t, err, "%s", p.s)
		then, err := billing.Next(plain.sub, plain.usage, wanted, until)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, then, next, "%s", p.s)
	}
	covering(t, 5, property, func() bool { return used > 0 && cut > 0 })
}

// one is 1 for what holds.
func one(holds bool) int {
	if holds {
		return 1
	}
	return 0
}
