package billing_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAPolicyOfACallStandsOverThePlans(t *testing.T) {
	t.Parallel()
	three := money.MustParse("0.03 USD")
	sub := must(fees(money.USD, plan.Policy{Rounding: money.Up}, "1.005", "1.001").AddDiscount(operator(date("2026-01-01")),
		plan.Discount{ID: "off", Amount: &three, Duration: plan.Forever}))
	for _, row := range []struct {
		policy plan.Policy
		want   string
	}{
		{plan.Policy{}, "1.01 1.01 -0.01 -0.02"},
		{plan.Policy{Rounding: money.Down}, "1.00 1.00 -0.01 -0.02"},
		{plan.Policy{DiscountSplit: plan.SplitInOrder}, "1.01 1.01 -0.03"},
		{plan.Policy{DiscountSplit: plan.SplitLargestRemainder}, "1.01 1.01 -0.02 -0.01"},
	} {
		made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-01"), billing.WithPolicy(row.policy))
		require.NoError(t, err)
		require.Len(t, made, 1)
		got := ""
		for _, line := range made[0].Lines {
			got += " " + line.Amount.Amount()
		}
		require.Equal(t, " "+row.want, got)
		next, err := billing.Next(sub, nil, checkpoint, date("2026-01-01"), billing.WithPolicy(row.policy), nil)
		require.NoError(t, err)
		require.Equal(t, made[0].Total, next.Amount)
	}
	gone := must(office(plan.Policy{CancelCredit: plan.CreditProrate}).Cancel(operator(date("2026-01-11")), subscription.Immediately()))
	made, checkpoint, err := billing.Invoices(gone, nil, billing.Checkpoint{}, date("2026-01-11"), billing.WithPolicy(plan.Policy{Negative: plan.RefundNegative}))
	require.NoError(t, err)
	require.Equal(t, money.MustParse("210.00 USD"), made[1].Refund)
	require.False(t, checkpoint.CreditBalance.IsValid())

	_, _, err = billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-01"), billing.WithPolicy(plan.Policy{Rounding: "nearest"}))
	require.EqualError(t, err, `billing: rounding: unknown rounding "nearest": must be one of half_up, half_even, half_down, half_floor, up, down, floor, ceiling`)
	_, err = billing.Next(sub, nil, billing.Checkpoint{}, date("2026-01-01"), billing.WithPolicy(plan.Policy{Negative: "forget"}))
	require.ErrorContains(t, err, "billing: negative: ")
}

func TestNoKindOfLineIsForgotten(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "invoice.go", nil, 0)
	require.NoError(t, err)
	var declared []billing.LineKind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "LineKind" {
			word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			declared = append(declared, billing.LineKind(word))
		}
		return true
	})
	require.Equal(t, declared, billing.LineKinds())
	billing.LineKinds()[0] = "changed"
	require.Equal(t, declared, billing.LineKinds(), "the slice is the caller's own")
	for _, word := range []string{"", "Charge", "charge ", "fee"} {
		var line billing.Line
		err := line.UnmarshalJSON([]byte(`{"kind":` + strconv.Quote(word) + `}`))
		require.ErrorContains(t, err, "kind: billing: unknown kind of line: "+strconv.Quote(word))
	}
}
