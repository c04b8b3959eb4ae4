package perennial_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

// blocks are the contents of README's fenced blocks of a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(read(t, "README.md"), -1) {
		found = append(found, m[1])
	}
	return found
}

// The program of README is the example of the package's page, with its imports, and what
// README says that it prints is what the example prints.
func TestTheProgramOfREADMEIsTheExample(t *testing.T) {
	t.Parallel()
	example := regexp.MustCompile(`(?ms)^package perennial_test\n(\nimport .*?^\)\n).*?^func Example\(\) (\{\n.*?)^\t// Output: (.*?\n)(\}\n)`).FindStringSubmatch(read(t, "example_test.go"))
	require.NotNil(t, example)
	require.Equal(t, []string{"package main\n" + example[1] + "\nfunc main() " + example[2] + example[4]}, blocks(t, "go"))
	require.Equal(t, []string{example[3]}, blocks(t, "text"))
	require.LessOrEqual(t, strings.Count(example[2], "\n"), 15)
}

func TestTheCommandsOfREADMENameWhatIsThere(t *testing.T) {
	t.Parallel()
	text := read(t, "README.md")
	var paths []string
	for _, m := range regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(text, -1) {
		paths = append(paths, m[1])
	}
	for _, block := range append(blocks(t, "sh"), blocks(t, "console")...) {
		paths = append(paths, regexp.MustCompile(`\./[a-z/]+|testdata/[a-z]+`).FindAllString(block, -1)...)
	}
	for _, m := range regexp.MustCompile("`go run (?:-C )?([a-z./]+)").FindAllStringSubmatch(text, -1) {
		paths = append(paths, m[1])
	}
	require.NotEmpty(t, paths)
	for _, path := range paths {
		_, err := os.Stat(path)
		require.NoError(t, err, "README.md names %s", path)
	}
}

// The table of choices has a row for every field of a policy, with all its words,
// the default first.
func TestTheChoicesOfREADMEAreThoseOfThePlan(t *testing.T) {
	t.Parallel()
	all := map[string][]string{
		"basis": texts(calendar.Words[calendar.Basis]()), "change_day": texts(calendar.Words[calendar.ChangeDay]()),
		"change_credit": texts(plan.Words[plan.UnusedCredit]()), "cancel_credit": texts(plan.Words[plan.UnusedCredit]()), "pause_credit": texts(plan.Words[plan.UnusedCredit]()),
		"credit_basis": texts(plan.Words[plan.CreditBasis]()), "charge_new": texts(plan.Words[plan.ChargeNew]()), "collect": texts(plan.Words[plan.Collect]()),
		"change_anchor": texts(plan.Words[plan.Anchor]()), "resume_anchor": texts(plan.Words[plan.Anchor]()), "first_period": texts(plan.Words[plan.FirstPeriod]()),
		"rounding": texts(money.Roundings()), "negative": texts(plan.Words[plan.Negative]()), "discount_split": texts(plan.Words[plan.DiscountSplit]()),
		"zero_invoices": texts(plan.Words[plan.ZeroInvoices]()), "tax_rounding": texts(plan.Words[plan.TaxRounding]()),
		"usage_bounds": texts(plan.Words[plan.UsageBounds]()), "usage_count": texts(plan.Words[plan.UsageCount]()),
		"change_add_ons": texts(plan.Words[plan.AddOnChange]()), "change_prices": texts(plan.Words[plan.PriceChange]()), "period_end": texts(plan.Words[plan.PeriodEnd]()),
		"first_invoice": texts(plan.Words[plan.FirstInvoice]()),
	}
	data, err := json.Marshal(plan.DefaultPolicy())
	require.NoError(t, err)
	var defaults map[string]string
	require.NoError(t, json.Unmarshal(data, &defaults))

	seen := map[string]bool{}
	word := regexp.MustCompile("`([a-z_0-9]+)`")
	for _, row := range regexp.MustCompile("(?m)^\\| [^|]+ \\| `([a-z_]+)` \\| (.+) \\|$").FindAllStringSubmatch(read(t, "README.md"), -1) {
		field := row[1]
		seen[field] = true
		var words, valid []string
		for _, m := range word.FindAllStringSubmatch(row[2], -1) {
			words = append(words, m[1])
		}
		for _, w := range all[field] {
			var p plan.Policy
			if json.Unmarshal([]byte(`{"`+field+`":"`+w+`"}`), &p) == nil && p.Validate() == nil {
				valid = append(valid, w)
			}
		}
		require.ElementsMatch(t, valid, words, field)
		require.Equal(t, defaults[field], words[0], "the default of %s stands first", field)
	}
	for field := range defaults {
		require.True(t, seen[field], "README.md has no row for %s", field)
	}
	require.Len(t, seen, len(defaults))
}

func texts[T ~string](words []T) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return list
}
