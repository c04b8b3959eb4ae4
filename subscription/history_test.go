package subscription_test

import (
	"encoding/json"
	"fmt"
	gosync "sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func quantity(w subscription.When, n int) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, w, "seats", decimal.NewFromInt(int64(n)))
	}
}

// deeds are verbs that a long life consists of, each for the nth time.
var deeds = map[string]func(n int) act{
	"a change": func(n int) act { return quantity(subscription.Immediately(), 2+n%2) },
	"a change at the end": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			c.Replace = true
			return quantity(subscription.AtPeriodEnd(), 2+n%3)(s, c)
		}
	},
	"a discount": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			percent := decimal.NewFromInt(1)
			return s.AddDiscount(c, plan.Discount{ID: fmt.Sprint("d", n), Percent: &percent, Duration: plan.OnceOnly})
		}
	},
	"a one-off": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.AddOneOff(c, subscription.OneOff{ID: fmt.Sprint("o", n), Amount: money.FromMinor(1, money.USD)})
		}
	},
	"a pause or a resume": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			if s.Status(c.At) == lifecycle.Paused {
				return s.Resume(c, subscription.Immediately())
			}
			return s.Pause(c, subscription.Immediately(), subscription.Pause{})
		}
	},
	"an edit": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Edit(c, subscription.Edit(quantity(subscription.Immediately(), 4+n%2)))
		}
	},
	"an end date": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetEndDate(c, c.At.AddDate(1, 0, n%7))
		}
	},
	"auto-renewal": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetAutoRenewal(c, n%2 == 0)
		}
	},
	"a name": func(n int) act {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			name := fmt.Sprint("name ", n)
			return s.Update(c, subscription.Patch{Name: &name})
		}
	},
}

// A long life is added to, not copied: what a verb copies is bounded by how far the lists
// have grown, whatever is expected after it.
func TestALongHistoryIsNotCopiedByEachVerb(t *testing.T) {
	t.Parallel()
	ends := at("2090-01-01")
	lives := map[string]subscription.Params{
		"open":   {Plan: walkPlans.versions[plan.Ref{ID: "month", Version: 1}]},
		"ending": {Plan: walkPlans.versions[plan.Ref{ID: "month", Version: 1}], EndDate: ends},
		"phases": {Plan: walkPlans.versions[plan.Ref{ID: "intro", Version: 1}]},
		"trial":  {Plan: walkPlans.versions[plan.Ref{ID: "trial", Version: 1}]},
	}
	for life, p := range lives {
		for what, deed := range deeds {
			p.ID, p.Start = "long", at("2026-01-31")
			s, err := subscription.New(p)
			require.NoError(t, err)
			const verbs = 1000
			moved, recorded := 0, 0
			for n := range verbs {
				call := subscription.Call{At: p.Start.Add(time.Duration(n) * 5 * time.Hour), Actor: lifecycle.Operator, Key: fmt.Sprint("key ", n)}
				next, err := deed(n)(s, call)
				if err != nil {
					continue
				}
				moved += subscription.Moved(s, next)
				recorded += next.Version() - s.Version()
				s = next
			}
			require.Greater(t, recorded, verbs/6, "%s: %s", life, what)
			require.Less(t, moved, 4*10*verbs, "%s: %s", life, what)
			require.Equal(t, recorded+1, s.Version())
			for _, n := range []int{0, verbs / 2, verbs - 1} {
				for _, c := range s.CommandOf(fmt.Sprint("key ", n)) {
					require.Equal(t, fmt.Sprint("key ", n), c.Key)
				}
			}
		}
	}
}

// told is all that a value says.
func told(t require.TestingT, s subscription.Subscription) string {
	data, err := json.Marshal(s)
	require.NoError(t, err)
	return string(data) + "\n" + life(t, s) + fmt.Sprint(s.PendingItems(), s.Discounts(), s.UpdatedAt())
}

// branches grows a tree of values, each made from any earlier one, and returns them with
// what each said when it was made.
func branches(t *rapid.T, first subscription.Subscription, rounds int) (all []subscription.Subscription, said []string) {
	names := []string{"a change", "a change at the end", "a discount", "a one-off", "a pause or a resume", "an edit", "an end date", "auto-renewal", "a name"}
	all, said = []subscription.Subscription{first}, []string{told(t, first)}
	for n := range rounds {
		i := len(all) - 1
		if rapid.IntRange(0, 2).Draw(t, "branch") == 0 {
			i = rapid.IntRange(0, len(all)-1).Draw(t, "from")
		}
		from := all[i]
		call := subscription.Call{
			At: from.UpdatedAt().Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * 5 * time.Hour), Actor: lifecycle.Operator,
			Key: fmt.Sprint("key ", n),
		}
		if rapid.IntRange(0, 15).Draw(t, "correction") == 0 {
			call.Correction, call.At = true, call.At.Add(-400*time.Hour)
		}
		deed := deeds[rapid.SampledFrom(names).Draw(t, "deed")](n)
		next, err := deed(from, call)
		if err != nil {
			continue
		}
		all, said = append(all, next), append(said, told(t, next))
	}
	return all, said
}

func TestNoValueSeesWhatWasDoneToAnotherOne(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"month", "trial", "intro", "twice", "arrears"} {
		rapid.Check(t, func(t *rapid.T) {
			first, err := subscription.New(subscription.Params{ID: "tree", Plan: walkPlans.versions[plan.Ref{ID: id, Version: 1}], Start: at("2026-01-31")})
			require.NoError(t, err)
			all, said := branches(t, first, rapid.IntRange(1, 60).Draw(t, "rounds"))
			for i, s := range all {
				require.Equal(t, said[i], told(t, s))
				data, err := json.Marshal(s)
				require.NoError(t, err)
				again, err := subscription.Decode(data, walkPlans.catalog)
				require.NoError(t, err)
				require.Equal(t, said[i], told(t, again))
				for n := range 60 {
					key := fmt.Sprint("key ", n)
					require.Len(t, again.CommandOf(key), len(s.CommandOf(key)))
				}
			}
		})
	}
}

// Values are shared by goroutines that read them and go on from them, which the race
// detector watches.
func TestGoroutinesGoOnFromOneValue(t *testing.T) {
	t.Parallel()
	s, err := subscription.New(subscription.Params{ID: "shared", Plan: walkPlans.versions[plan.Ref{ID: "month", Version: 1}], Start: at("2026-01-31")})
	require.NoError(t, err)
	call := func(n int) subscription.Call {
		return subscription.Call{At: at("2026-02-01").Add(time.Duration(n) * time.Hour), Actor: lifecycle.Operator, Key: fmt.Sprint("key ", n)}
	}
	goOn := func(s subscription.Subscription, from, n int, apart int) (subscription.Subscription, error) {
		for i := range n {
			var err error
			for _, what := range []string{"a change", "a discount", "a one-off"} {
				c := call(from + i)
				c.Key += what
				if s, err = deeds[what](i+apart)(s, c); err != nil {
					return s, err
				}
			}
		}
		return s, nil
	}
	s, err = goOn(s, 0, 30, 0)
	require.NoError(t, err)
	before := told(t, s)
	const workers = 8
	ends, errs, seen := make([]subscription.Subscription, workers), make([]error, workers), make([]string, workers)
	var group gosync.WaitGroup
	for i := range workers {
		group.Go(func() {
			ends[i], errs[i] = goOn(s, 30, 40, i%2)
			data, _ := json.Marshal(s)
			seen[i] = string(data)
		})
	}
	group.Wait()
	require.Equal(t, before, told(t, s))
	for i := range workers {
		require.NoError(t, errs[i])
		require.Equal(t, bytesOf(t, s), seen[i])
		alone, err := subscription.Decode([]byte(seen[i]), walkPlans.catalog)
		require.NoError(t, err)
		alone, err = goOn(alone, 30, 40, i%2)
		require.NoError(t, err)
		require.Equal(t, told(t, alone), told(t, ends[i]))
	}
}
