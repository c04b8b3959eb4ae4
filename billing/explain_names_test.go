package billing_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// drawHostileName draws a name that the rule for text lets pass.
func drawHostileName(t *rapid.T, what string) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"Total: 0.00 USD", "Total", `"Total: 0.00 USD"`, `\nTotal: 0.00 USD`, "1. Seats", "Tax: VAT", "Nothing is due. 9.99 USD will be refunded.",
			"Amount due: 0.00 USD", "Invoice dated 1 January 2026", "Seats, 1 January to 31 January 2026: 0.00 USD", "<b>Total</b>", "%s%d%n", "東京 Bäckerei",
			"می\u200cخواهم", strings.Repeat("Total: 0.00 USD ", 60) + "x",
		}),
		rapid.StringMatching(`[!-~é漢]([ -~é漢]{0,30}[!-~é漢])?`),
	).Draw(t, what)
}

// named returns the invoice texts of a subscription in which every name is one of names.
func named(t require.TestingT, names [5]string) (text string) {
	v, err := plan.Compile(plan.Plan{
		ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: plan.Policy{CancelCredit: plan.CreditProrate},
		Charges: []plan.Charge{
			{ID: "seats", Name: names[0], Price: plan.PerUnit{UnitAmount: num("31")}},
			{ID: "calls", Name: names[1], Metric: "calls", Price: plan.PerUnit{UnitAmount: num("0.10")}},
		},
	})
	require.NoError(t, err)
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01")})
	require.NoError(t, err)
	sub, err = sub.AddDiscount(operator(date("2026-01-01")), plan.Discount{ID: "d", Name: names[2], Percent: plan.Bound(num("10")), Duration: plan.Forever})
	require.NoError(t, err)
	sub, err = sub.AddOneOff(operator(date("2026-01-02")), subscription.OneOff{ID: "o", Name: names[3], Amount: money.MustParse("5.00 USD")})
	require.NoError(t, err)
	sub, err = sub.Cancel(operator(date("2026-02-11")), subscription.Immediately())
	require.NoError(t, err)
	tax := billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Name: names[4], Percent: num("19")}, {ID: "in", Name: names[4], Percent: num("1"), Inclusive: true}}
	})
	made, checkpoint, err := billing.Invoices(sub, billing.Usage{calls("2026-01-20", 7)}, billing.Checkpoint{}, date("2026-03-01"), tax)
	require.NoError(t, err)
	require.Len(t, made, 3)
	var b strings.Builder
	for _, inv := range made {
		one, err := inv.Explain()
		require.NoError(t, err)
		b.WriteString(one)
	}
	sub, err = sub.ChangeQuantity(correction("2026-01-11"), subscription.Immediately(), "", num("3"))
	require.NoError(t, err)
	diff, err := billing.Reconcile(sub, billing.Usage{calls("2026-01-20", 7)}, stored(made[:2]), checkpoint, date("2026-03-01"), tax)
	require.NoError(t, err)
	one, err := diff.Explain()
	require.NoError(t, err)
	return b.String() + one
}

// lineStart is what every line of an explanation of an invoice begins with.
var lineStart = regexp.MustCompile(`^(Invoice dated |Corrections to what was billed up to |[0-9]+\. |   |Tax: |Total: |Nothing is due\. |Paid from account credit: |Amount due: )`)

func TestANameCannotPassForALineOfAnExplanation(t *testing.T) {
	t.Parallel()
	plainNames := [5]string{"NameA", "NameB", "NameC", "NameD", "NameE"}
	plainText := named(t, plainNames)
	require.Regexp(t, `(?m)^Tax: NameE`, plainText)
	require.Regexp(t, `Not billed before: `, plainText)
	for _, name := range plainNames {
		require.Contains(t, plainText, name)
	}
	lines := strings.Split(strings.TrimSuffix(plainText, "\n"), "\n")
	for _, line := range lines {
		require.Regexp(t, lineStart, line)
	}
	rapid.Check(t, func(t *rapid.T) {
		var names [5]string
		var swap []string
		for i := range names {
			names[i] = drawHostileName(t, "name")
			shown := names[i]
			if strings.ContainsAny(shown, `:"`) {
				shown = strconv.Quote(shown)
			}
			swap = append(swap, plainNames[i], shown)
		}
		// The text is that of plain names, line for line, with the names put in.
		require.Equal(t, strings.NewReplacer(swap...).Replace(plainText), named(t, names))
	})
}

// What is read from a document that somebody else wrote may break the rule.
func TestANameThatNoRoomWouldLetInIsQuoted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a\nTotal: 0.00 USD", "a\u2028b", "a\u202eb", "a\x00", "a\xff", " a", "a\r", "\u0085"} {
		line := billing.Line{Kind: billing.OneOffLine, Name: name, From: date("2026-01-01"), Amount: money.MustParse("5.00 USD")}
		text, err := line.Explain(calendar.UTC())
		require.NoError(t, err)
		require.Equal(t, strconv.Quote(name)+", one-off charge, 1 January 2026: 5.00 USD", text)
	}
}
