package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// Whether the credit is kept by the checkpoint or by an account changes nothing else, and
// leaves out nothing that the account has to know.
func TestARunWithoutCreditMakesTheSameInvoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := randomTale(t)
		options := drawTaxes(t)
		to := p.s.instant(p.s.Until)
		want, kept, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, to, options...)
		require.NoError(t, err)
		got, next, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, to, append(options, billing.WithoutCredit())...)
		require.NoError(t, err)
		require.Len(t, got, len(want))
		var balance int64
		for i := range p.sub.PendingItems() {
			if item := p.sub.PendingItem(i); item.AccountCredit.IsValid() && !item.At.After(to) {
				balance += item.AccountCredit.Minor()
			}
		}
		for i := range got {
			require.Zero(t, got[i].CreditApplied.Sign())
			require.Equal(t, max(0, got[i].Total.Minor()), got[i].AmountDue.Minor())
			require.Equal(t, want[i].ID(), got[i].ID())
			balance -= want[i].CreditApplied.Minor() + min(0, got[i].Total.Minor()) + got[i].Refund.Minor()
			got[i].CreditApplied, got[i].AmountDue = want[i].CreditApplied, want[i].AmountDue
			require.True(t, want[i].Equal(got[i]))
		}
		require.False(t, next.CreditBalance.IsValid())
		if kept.CreditBalance.IsValid() {
			require.Equal(t, balance, kept.CreditBalance.Minor())
		} else {
			require.Zero(t, balance)
		}
		kept.CreditBalance, kept.Revision = money.Money{}, next.Revision
		require.True(t, kept.Equal(next))
	})
}
