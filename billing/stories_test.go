package billing_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/internal/golden"
)

// The golden file before.txt.gz holds stories and what they billed when it was made;
// differences.txt is what they bill otherwise since, each story with the rules of the
// stories' format that may be why. A story without a suspect feature bills as before.
//
//	go test ./billing -run Stories                           compares; prints new differences
//	PERENNIAL_STORIES=report go test -v ./billing -run Stories    all differences, grouped by features
//	PERENNIAL_STORIES=usage/12 go test -v ./billing -run Stories  one story, before and now
//	UPDATE_GOLDEN=1 go test ./billing -run Stories           writes differences.txt
//	PERENNIAL_STORIES=redraw go test ./billing -run Stories  draws before.txt.gz anew, by this build
const (
	storiesBefore = "testdata/stories/before.txt.gz"
	storiesSince  = "testdata/stories/differences.txt"
	storiesAsk    = "PERENNIAL_STORIES"
)

// bill tells the story to the engine and writes what it bills.
func (t told) bill() []string {
	p, err := play(t.tale)
	if err != nil {
		return []string{"refused: " + err.Error()}
	}
	all, checkpoint, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, t.tale.instant(t.tale.Until), t.tale.options()...)
	if err != nil {
		return []string{"not billed: " + err.Error()}
	}
	return t.tale.write(all, checkpoint)
}

// entries are lines of write that each say what they belong to: an invoice, or a line
// and its invoice.
func entries(bills []string) []string {
	var out []string
	head := ""
	for _, text := range bills {
		invoice, isInvoice := strings.CutPrefix(text, "= ")
		span, lines, isSpan := strings.Cut(text, ": ")
		switch {
		case isInvoice:
			head = strings.Join(strings.Fields(invoice)[:2], " ")
			out = append(out, invoice)
		case isSpan && head != "":
			for line := range strings.SplitSeq(lines, ", ") {
				out = append(out, head+" "+span+": "+line)
			}
		default:
			out = append(out, "end: "+text)
		}
	}
	return out
}

// withoutIDs leaves out the ids: they were named otherwise, once, since the stories
// were drawn.
func withoutIDs(bills []string) []string {
	out := slices.Clone(bills)
	if n := len(out) - 1; n >= 0 {
		out[n], _, _ = strings.Cut(out[n], ", ids ")
	}
	return withoutBases(out)
}

// withoutBases leaves out the base of the tax on top where prices hold another one: it
// is net of the latter as that is rounded, since the stories were drawn.
func withoutBases(bills []string) []string {
	for i, text := range bills {
		head, base, found := strings.Cut(text, " vat ")
		if !found || !strings.HasPrefix(text, "= ") || !strings.Contains(text, " levy ") {
			continue
		}
		words := strings.Fields(base) // the amount, "of", the base
		bills[i] = head + " vat " + strings.Join(slices.Delete(words, 1, 3), " ")
	}
	return bills
}

// compare returns what only one of the two has, "- " for before and "+ " for now, in
// the order of the invoices.
func compare(before, now []string) []string {
	if slices.Equal(before, now) {
		return nil
	}
	left, right := entries(before), entries(now)
	count := map[string]int{}
	for _, e := range right {
		count[e]++
	}
	var out []string
	for _, e := range left {
		if count[e]--; count[e] < 0 {
			out = append(out, "- "+e)
		}
	}
	count = map[string]int{}
	for _, e := range left {
		count[e]++
	}
	for _, e := range right {
		if count[e]--; count[e] < 0 {
			out = append(out, "+ "+e)
		}
	}
	if len(out) == 0 {
		return []string{"+ the same lines in another order"}
	}
	instant := func(e string) string { return strings.Fields(e)[1] }
	slices.SortStableFunc(out, func(a, b string) int { return strings.Compare(instant(a), instant(b)) })
	return out
}

// describe tells a story to people.
func (t told) describe() string {
	s, out := t.tale, new(strings.Builder)
	fmt.Fprintf(out, "%s: %s\n", t.id, strings.Join(t.features, " "))
	actions := s.Actions
	s.Actions = nil
	for _, part := range []struct {
		name string
		of   any
	}{{"plans", s.Plans}, {"subscription", s.Sub}, {"policy", s.Policy}} {
		data, err := json.Marshal(part.of)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(out, "  %s: %s\n", part.name, data)
	}
	fmt.Fprintf(out, "  %s, %s, %s; tax %s, aggregations %v\n", naiveOr(s.Zone, "UTC"), naiveOr(s.Currency, "USD"), naiveOr(s.Rounding, "half_up"), naiveOr(s.Tax, "none"), s.Aggregations)
	for _, a := range actions {
		data, err := json.Marshal(a)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(out, "  %s\n", data)
	}
	fmt.Fprintf(out, "  until %s\n", s.Until)
	return out.String()
}

// difference is a story that does not bill as before.
type difference struct {
	told
	changed []string
}

// differing bills the stories, on all processors, and returns those that do not bill as
// before.
func differing(all []told) []difference {
	out := make([]difference, len(all))
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(all); i += workers {
				out[i] = difference{all[i], compare(withoutIDs(all[i].bills), withoutIDs(all[i].bill()))}
			}
		})
	}
	wait.Wait()
	return slices.DeleteFunc(out, func(d difference) bool { return d.changed == nil })
}

func TestStoriesBillAsBeforeButForTheRulesThatChanged(t *testing.T) {
	t.Parallel()
	ask := os.Getenv(storiesAsk)
	if ask == "redraw" {
		require.NoError(t, redraw())
	}
	all, err := readStories(storiesBefore)
	require.NoError(t, err)
	found := differing(all)
	switch ask {
	case "", "redraw":
	case "report":
		t.Log("\n" + grouped(all, found, true))
	default:
		i := slices.IndexFunc(all, func(s told) bool { return s.id == ask })
		require.GreaterOrEqual(t, i, 0, "no story is named %q", ask)
		t.Logf("\n%sbefore:\n  %s\nnow:\n  %s\n", all[i].describe(), strings.Join(all[i].bills, "\n  "), strings.Join(all[i].bill(), "\n  "))
	}

	odd := slices.DeleteFunc(slices.Clone(found), func(d difference) bool { return len(suspected(d.features)) > 0 })
	require.True(t, len(odd) == 0, "%d stories without a suspect feature bill otherwise than before; no rule says so:\n%s", len(odd), shortest(odd))

	var now strings.Builder
	now.WriteString(grouped(all, found, false) + "\n")
	for _, d := range found {
		now.WriteString(d.text())
	}
	if os.Getenv(golden.UpdateVariable) != "1" {
		data, err := os.ReadFile(storiesSince)
		require.NoError(t, err)
		accepted := string(data)
		fresh := slices.DeleteFunc(slices.Clone(found), func(d difference) bool { return strings.Contains(accepted, d.text()) })
		require.True(t, len(fresh) == 0, "%d stories bill otherwise than before and than %s says:\n%s\n%s", len(fresh), storiesSince, shortest(fresh), grouped(all, fresh, false))
	}
	golden.Equal(t, storiesSince, []byte(now.String()))
}

// redraw draws the stories anew, and what this build bills for them is before.
func redraw() error {
	var all []told
	for _, c := range classes() {
		all = append(all, c.drawn()...)
	}
	if err := os.MkdirAll(filepath.Dir(storiesBefore), 0o755); err != nil {
		return err
	}
	return writeStories(storiesBefore, all)
}

// text is the difference as the file of differences has it.
func (d difference) text() string {
	var rules []string
	for _, f := range suspected(d.features) {
		rules = append(rules, suspects[f]+" "+f)
	}
	return fmt.Sprintf("%s: %s\n%s\n\n", d.id, strings.Join(rules, "; "), strings.Join(d.changed, "\n"))
}

// shortest tells a few of the differences, of the stories of the fewest actions.
func shortest(all []difference) string {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b difference) int {
		return len(a.tale.Actions)*100 + len(a.changed) - len(b.tale.Actions)*100 - len(b.changed)
	})
	var out strings.Builder
	for _, d := range all[:min(len(all), 60)] {
		fmt.Fprintf(&out, "%s  %s\n\n", d.describe(), strings.Join(d.changed, "\n  "))
	}
	return out.String()
}

func TestStoriesHoldEveryFeature(t *testing.T) {
	t.Parallel()
	all, err := readStories(storiesBefore)
	require.NoError(t, err)
	count, plain := map[string]int{}, 0
	for _, s := range all {
		for _, f := range s.features {
			count[f]++
		}
		if len(suspected(s.features)) == 0 {
			plain++
		}
	}
	require.Greater(t, plain, 1500, "stories that no rule bills otherwise")
	for f := range suspects {
		require.Greater(t, count[f], 20, f)
	}
	for _, f := range strings.Fields(`
		flat_fee per_unit tiered volume package stairstep bounds once arrears usage usage_max usage_last used
		trial end_trial extend_trial phases length_cycles length_in_time future start_now end_date set_end_date no_renewal auto_renewal
		stub zone currency last_day basis_second basis_day_30 emit refund tax_by_line tax_by_invoice split_in_order split_largest_remainder
		rounding_half_even rounding_half_down rounding_half_floor rounding_up rounding_down rounding_floor rounding_ceiling
		change_plan change_quantity change_price at_period_end on_date credit_full credit_none charge_new_full charge_new_none next_invoice reset
		cancel undo_cancel undo_change pause resume_keep resume_reset resume_extend hold release reactivate set_anchor set_anchor_none
		discount_percent discount_forever discount_on_charge one_off account_credit credit_pack`) {
		require.Greater(t, count[f], 20, f)
	}
}
