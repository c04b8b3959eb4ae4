package subscription_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// edits makes the parts of an edit of told steps.
func edits(t require.TestingT, steps ...string) []subscription.Edit {
	var all []subscription.Edit
	for _, step := range steps {
		all = append(all, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return tellWith(t, s, c, step)
		})
	}
	return all
}

func TestTheCommandsOfAnEditAreAChangeSet(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, before, steps string
		call                string
		want                string // the sets of all commands, and of the segments they opened
		err                 error
	}{
		{what: "two changes", steps: "plan large;quantity 2", want: "2 2 | 0 2 2"},
		{what: "behind others", before: "2026-01-03 quantity 4", steps: "plan large;quantity 2", want: "0 3 3 | 0 0 3 3"},
		{what: "one change alone", steps: "quantity 2", want: "0 | 0 0"},
		{what: "one change of plan alone", steps: "plan large", want: "2 | 0 2"},
		{what: "one of two changes nothing", steps: "auto-renewal on;quantity 2", want: "0 | 0 0"},
		{what: "with a key both are recorded", steps: "auto-renewal on;quantity 2", call: "key", want: "2 2 | 0 2"},
		{what: "a discount in it", steps: "discount d;quantity 2", want: "2 2 | 0 2"},
		{what: "separate", steps: "plan large;quantity 2", call: "separate", want: "0 0 | 0 0 0"},
		{what: "an effect that is scheduled opens its segment alone", steps: "quantity 2;plan large at-end", want: "2 2 | 0 2 2 0"},
		{what: "a correction", before: "2026-02-03 credit", steps: "plan large;quantity 2", call: "correction", want: "0 3 3 | 0 3 3"},
		{what: "mixed policies", steps: "plan large, kept;quantity 2, credit", err: subscription.ErrMixedPolicies},
		{what: "mixed policies apart", steps: "plan large, kept;quantity 2, credit", call: "separate", want: "0 0 | 0 0 0"},
		{what: "a discount follows no policy", steps: "discount d, kept;quantity 2, credit", want: "2 2 | 0 2"},
		{what: "a flag follows no policy", steps: "auto-renewal off, kept;quantity 2, credit", want: "2 2 | 0 2 2 0"},
		{what: "two instants", steps: "plan large;@2026-01-11 quantity 2", err: subscription.ErrInvalidCall},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s, err := tell(t, opened(t, "month"), row.before)
			require.NoError(t, err)
			call := subscription.Call{At: at("2026-01-10"), Actor: lifecycle.Operator}
			switch row.call {
			case "key":
				call.Key = "k"
			case "separate":
				call.Separate = true
			case "correction":
				call.Correction = true
			}
			next, err := s.Edit(call, edits(t, strings.Split(row.steps, ";")...)...)
			require.ErrorIs(t, err, row.err)
			if row.err != nil {
				require.Equal(t, bytesOf(t, s), bytesOf(t, next))
				return
			}
			require.Equal(t, row.want, setsOf(next))
			again, err := subscription.Decode([]byte(bytesOf(t, next)), toldCatalog())
			require.NoError(t, err)
			require.Equal(t, row.want, setsOf(again))
			require.Equal(t, bytesOf(t, next), bytesOf(t, again))
			if call.Key != "" {
				call.Separate = true
				retried, err := next.Edit(call, edits(t, strings.Split(row.steps, ";")...)...)
				require.NoError(t, err, "a retry asks for the same")
				require.Equal(t, next, retried)
			}
		})
	}
}

func setsOf(s subscription.Subscription) string {
	var all []string
	for n := 2; n <= s.Version(); n++ {
		all = append(all, fmt.Sprint(s.Command(n).Set))
	}
	all = append(all, "|")
	for i := range s.Segments() {
		all = append(all, fmt.Sprint(s.Segment(i).Opened().Set))
	}
	return strings.Join(all, " ")
}

func toldCatalog() *plan.Catalog {
	var entries []plan.CatalogEntry
	for _, v := range toldPlans() {
		entries = append(entries, v.Plan())
	}
	entries = append(entries, plan.AddOn{ID: "extra", Version: 1, Currency: money.USD})
	return plan.MustCatalog(entries...)
}

func TestASetThatNoEditCouldHaveRecordedIsRefused(t *testing.T) {
	t.Parallel()
	command := func(day, set, more string) string {
		return fmt.Sprintf(`{"at":"2026-01-%sT00:00:00Z","actor":"operator","action":"change_quantity_now"%s%s}`, day, set, more)
	}
	for _, row := range []struct{ what, commands, want string }{
		{"of another number", command("10", `,"set":3`, `,"quantity":"2"`) + "," + command("10", `,"set":3`, `,"quantity":"3"`), "commands[0].set: is 3: the first command of the set has another number, 2"},
		{"below zero", command("10", `,"set":-2`, `,"quantity":"2"`) + "," + command("10", `,"set":-2`, `,"quantity":"3"`), "commands[0].set: is -2: the first command of the set has another number, 2"},
		{"two instants", command("10", `,"set":2`, `,"quantity":"2"`) + "," + command("11", `,"set":2`, `,"quantity":"3"`), "commands[1].set: subscription: invalid call: a change set is given at one instant"},
		{"mixed policies", command("10", `,"set":2`, `,"quantity":"2"`) + "," + command("10", `,"set":2`, `,"quantity":"3","policy":{"collect":"next_invoice"}`), "commands[1].set: subscription: change set of mixed policies"},
		{"interrupted", command("10", `,"set":2`, `,"quantity":"2"`) + "," + command("10", ``, `,"quantity":"3"`) + "," + command("10", `,"set":2`, `,"quantity":"4"`), "commands[2].set: is 2: the first command of the set has another number, 4"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			_, err := subscription.Decode([]byte(`{"format":1,"id":"x","plan":"month@1","start":"2026-01-01T00:00:00Z","commands":[`+row.commands+`]}`), toldCatalog())
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestQuestionsAboutTheCommandsAreAnsweredAsByReadingAll(t *testing.T) {
	t.Parallel()
	days := []string{"2026-01-02", "2026-01-03", "2026-01-05", "2026-01-05T12:00:00Z", "2026-02-01", "2026-02-09"}
	rapid.Check(t, func(t *rapid.T) {
		s, err := subscription.New(subscription.Params{ID: "told", Plan: toldPlans()["month"], Start: at("2026-01-01")})
		require.NoError(t, err)
		for i := range rapid.IntRange(0, 8).Draw(t, "commands") {
			verb := rapid.SampledFrom([]string{"discount d%d", "credit", "quantity %d"}).Draw(t, "verb")
			if strings.Contains(verb, "%d") {
				verb = fmt.Sprintf(verb, i+2)
			}
			s, err = tell(t, s, rapid.SampledFrom(days).Draw(t, "day")+" "+verb+", correction")
			require.NoError(t, err)
		}
		if rapid.Bool().Draw(t, "decoded") {
			data, err := json.Marshal(s)
			require.NoError(t, err)
			s, err = subscription.Decode(data, toldCatalog())
			require.NoError(t, err)
		}
		updated := s.CreatedAt()
		for n := 2; n <= s.Version(); n++ {
			if c := s.Command(n); c.At.After(updated) {
				updated = c.At
			}
		}
		require.Equal(t, updated, s.UpdatedAt())
		for _, text := range append(days, "2026-01-01", "2025-12-31", "2027-01-01") {
			last, pending := 0, 0
			for n := 1; n <= s.Version(); n++ {
				if !s.Command(n).At.After(at(text)) {
					last = n
				}
				before := false
				for k := n + 1; k <= s.Version(); k++ {
					before = before || s.Command(k).At.Before(at(text))
				}
				require.Equal(t, before, inside.CommandBefore(s, at(text), at(text), n), "%s %d", text, n)
			}
			require.Equal(t, last, s.LastCommand(at(text)), text)
			for i := range s.PendingItems() {
				if s.PendingItem(i).At.Before(at(text)) {
					pending++
				}
			}
			require.Equal(t, pending, inside.PendingItemsBefore(s, at(text)), text)
		}
		var discounts []subscription.PendingItem
		for i := range s.PendingItems() {
			item := s.PendingItem(i)
			if _, ok := item.Discount(); ok {
				discounts = append(discounts, item)
			}
		}
		require.Equal(t, len(discounts), s.Discounts())
		for i, want := range discounts {
			require.Equal(t, want, s.Discount(i))
		}
	})
}

func TestAChargeIsTheSameIfItsIDIsAndNothingOfItDiffers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		steps, charge string
		same          bool
	}{
		{"2026-01-10 plan large", "fee-30", false},
		{"2026-01-10 plan both", "fee-30", true},
		{"2026-01-10 plan both", "fee-7", false},
		{"2026-01-10 plan late", "fee-30", false},
		{"2026-01-10 plan week", "fee-30", false},
		{"2026-01-10 quantity 2", "fee-30", false},
		{"2026-01-10 price fee-30 30.00", "fee-30", true},
		{"2026-01-10 price fee-30 31", "fee-30", false},
		{"2026-01-10 auto-renewal off", "fee-30", true},
		{"2026-01-10 auto-renewal off", "none", false},
	} {
		s, err := tell(t, opened(t, "month"), row.steps)
		require.NoError(t, err)
		require.Equal(t, row.same, inside.SameCharge(s.Segment(0), s.Segment(s.Segments()-1), row.charge), "%s: %s", row.steps, row.charge)
	}
}
