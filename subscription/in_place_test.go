package subscription_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What another package reads and writes is read in its place where it is as usual, and
// has the faults that the package finds where it is not.
func TestWhatOtherPackagesReadIsReadTheSameInItsPlace(t *testing.T) {
	t.Parallel()
	catalog, _ := shop()
	amount := func(doc string) string { return `"action":"add_account_credit","account_credit":` + doc }
	discount := func(doc string) string { return `"action":"add_discount","discount":` + doc }
	policy := func(doc string) string { return `"action":"hold","policy":` + doc }
	for _, row := range []struct {
		rest string
		good bool
	}{
		{amount(`{"amount":"12.50","currency":"USD"}`), true},
		{amount(` { "currency" : "USD" , "amount" : "12" } `), true},
		{amount(`{"\u0061mount":"1\u0032","currency":"\u0055SD"}`), true},
		{amount(`null`), false},
		{amount(`{}`), false},
		{amount(`{"amount":"","currency":"USD"}`), false},
		{amount(`{"amount":"1","currency":""}`), false},
		{amount(`{"amount":"1"}`), false},
		{amount(`{"amount":"1","amount":"1","currency":"USD"}`), false},
		{amount(`{"amount":"1","currency":"USD","currency":"USD"}`), false},
		{amount(`{"amount":"","amount":"1","currency":"USD"}`), false},
		{amount(`{"amount":1,"currency":"USD"}`), false},
		{amount(`{"amount":"1","currency":"USD","tax":"1"}`), false},
		{amount(`{"amount":"1.005","currency":"USD"}`), false},
		{amount(`{"amount":"1","currency":"USD"` + strings.Repeat(" ", 1000) + `}`), false},
		{amount(`["1","USD"]`), false},
		{discount(`{"id":"d","percent":"10","duration":"once"}`), true},
		{discount(`{"id":"d","amount":{"amount":"1.00","currency":"USD"},"duration":"forever","charges":["seats"]}`), true},
		{discount(`null`), false},
		{discount(`{"id":"","percent":"200","duration":"once"}`), false},
		{discount(`{"id":"d","percent":"10","duration":"sometimes"}`), false},
		{discount(`{"id":"d","percent":"10","duration":"once","cycles":2}`), false},
		{discount(`{"id":"d","percent":"10","duration":"once","Percent":"10"}`), false},
		{discount(`{"id":"d","percent":"10","duration":"once"` + strings.Repeat(" ", plan.MaxDocument) + `}`), false},
		{policy(`{"pause_credit":"none","collect":"next_invoice"}`), true},
		{policy(`{}`), true},
		{policy(`{"pause_credit":"full"}`), false},
		{policy(`{"change_anchor":"extend"}`), false},
		{policy(`{"collect":""}`), true},
		{policy(`{"collect":"now","collect":"now"}`), false},
		{policy(`null`), false},
	} {
		doc := []byte(commands(command("2026-01-05", row.rest)))
		s, err := subscription.Decode(doc, catalog)
		byTree, other := subscription.DecodeTree(doc, catalog)
		name := row.rest[:min(len(row.rest), 200)]
		require.Equal(t, fmt.Sprint(other), fmt.Sprint(err), name)
		require.Equal(t, row.good, err == nil, "%s: %v", name, err)
		require.True(t, byTree.Equal(s), name)
	}
}

// Commands of a document that repeat a policy share it, and what few commands have is
// shared by all that have none of it: whoever changes a command changes only his own.
func TestCommandsOfADocumentAreOnesOwn(t *testing.T) {
	t.Parallel()
	catalog, _ := shop()
	policy := `"policy":{"change_credit":"none"}`
	doc := commands(
		command("2026-01-05", `"action":"change_quantity_now","quantity":"7",`+policy),
		command("2026-01-06", `"action":"change_quantity_at_period_end","quantity":"300",`+policy),
		command("2026-01-07", `"action":"add_discount","discount":{"id":"d","percent":"10","duration":"once"}`),
		command("2026-01-08", `"action":"add_one_off","one_off":{"id":"o","amount":{"amount":"1.00","currency":"USD"}}`),
		command("2026-01-09", `"action":"set_end_date","end_date":"2027-01-01T00:00:00Z"`),
		command("2026-01-10", `"action":"update","patch":{"name":"n","metadata":{"a":"b"}}`),
	)
	s, err := subscription.Decode([]byte(doc), catalog)
	require.NoError(t, err)
	written := bytesOf(t, s)
	for _, c := range s.History(0, 0) {
		c.Policy.ChangeCredit = plan.CreditFull
		c.On, c.EndDate = c.At, c.At
		if c.Quantity != nil {
			*c.Quantity = decimal.NewFromInt(1)
		}
		if c.Discount != nil {
			*c.Discount.Percent, c.Discount.ID = decimal.NewFromInt(1), "other"
		}
		if c.OneOff != nil {
			c.OneOff.Amount = money.MustParse("9.00 USD")
		}
		if c.Patch != nil {
			*c.Patch.Name, *c.Patch.Metadata["a"] = "other", "other"
		}
	}
	require.Equal(t, written, bytesOf(t, s))
	longer, err := s.Hold(subscription.Call{At: at("2026-02-01"), Actor: lifecycle.Operator})
	require.NoError(t, err)
	require.Equal(t, written, bytesOf(t, s))
	require.Equal(t, s.Command(2), longer.Command(2))
}

// Services keep many millions of commands.
func TestACommandIsHeldInLittleRoom(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, int(subscription.RecordSize), 152)
}

func TestADocumentIsAppendedByOneAllocation(t *testing.T) {
	catalog, _ := shop()
	for _, doc := range []string{
		document(`"details":{"name":"n","metadata":{"a":"b"}}`),
		document(`"time_zone":"Europe/Berlin","anchor":"2026-01-31T23:00:00Z","quantity":"2.5","no_renewal":true,"trial_used":true`),
		document(`"time_zone":"Europe/Berlin","details":{"name":"n"},"commands":[` + strings.Join([]string{
			command("2026-01-05", `"action":"change_quantity_now","quantity":"7","key":"k","reason":"more"`),
			command("2026-02-03", `"action":"pause_on_date","on":"2026-02-10T00:00:00Z","cycles":2`),
			command("2026-02-13", `"action":"resume_now","policy":{"resume_anchor":"extend"}`),
			command("2026-02-15", `"action":"add_discount","discount":{"id":"d","percent":"10","duration":"cycles","cycles":3}`),
			command("2026-02-16", `"action":"add_one_off","one_off":{"id":"o","amount":{"amount":"1.00","currency":"USD"}}`),
			command("2026-02-17", `"action":"update","patch":{"name":"n","metadata":{"a":"b"}}`),
		}, ",") + `]`),
	} {
		s, err := subscription.Decode([]byte(doc), catalog)
		require.NoError(t, err)
		dst := make([]byte, 0, 1<<16)
		allocs := testing.AllocsPerRun(20, func() { _, err = s.AppendJSON(dst) })
		require.NoError(t, err)
		require.LessOrEqual(t, allocs, 1.0, doc)
	}
}
