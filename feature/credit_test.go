package feature_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/feature"
)

// credits grants several, each written "id amount [priority] [until]".
func credits(t *testing.T, now string, grants ...string) feature.Credits {
	t.Helper()
	var c feature.Credits
	for _, text := range grants {
		g := feature.CreditGrant{}
		for i, word := range strings.Fields(text) {
			switch {
			case i == 0:
				g.ID = word
			case i == 1:
				g.Amount = num(word)
			case strings.HasPrefix(word, "p"):
				_, err := fmt.Sscanf(word, "p%d", &g.Priority)
				require.NoError(t, err)
			default:
				g.Until = at(word)
			}
		}
		var err error
		c, err = c.Grant(g, at(now))
		require.NoError(t, err)
	}
	return c
}

func TestCreditsAreSpentInOrder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		grants []string
		amount string
		draws  string
	}{
		{"the soonest to expire first", []string{"a 5 2026-12-01", "b 5 2026-06-01"}, "7", "b 5, a 2"},
		{"what never expires last", []string{"a 5", "b 5 2026-06-01"}, "7", "b 5, a 2"},
		{"priority before expiry", []string{"a 5 p1", "b 5 p2 2026-06-01"}, "7", "a 5, b 2"},
		{"a lower number is a higher priority", []string{"a 5 p0", "b 5 p-1"}, "1", "b 1"},
		{"then by id", []string{"b 5", "a 5"}, "6", "a 5, b 1"},
		{"fractions", []string{"a 0.5 2026-06-01", "b 1"}, "0.75", "a 0.5, b 0.25"},
		{"nothing", []string{"a 5"}, "0", ""},
		{"everything", []string{"a 5", "b 5"}, "10", "a 5, b 5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := credits(t, "2026-03-04", test.grants...)
			before := c.Balance()
			next, draws, err := c.Spend(num(test.amount), at("2026-03-05"), "scan 1")
			require.NoError(t, err)
			var words []string
			for _, d := range draws {
				words = append(words, d.Grant+" "+d.Amount.String())
			}
			require.Equal(t, test.draws, strings.Join(words, ", "))
			require.True(t, before.Sub(num(test.amount)).Equal(next.Balance()))
			require.True(t, before.Equal(c.Balance()), "the old value stays")
		})
	}
}

func TestCreditsExpireAtTheirInstant(t *testing.T) {
	t.Parallel()
	c := credits(t, "2026-03-04", "a 5 2026-06-01", "b 3 2026-06-01", "c 1")
	when, amount, known := c.NextExpiry()
	require.True(t, known)
	require.Equal(t, at("2026-06-01"), when)
	require.Equal(t, "8", amount.String())
	last, err := c.At(at("2026-06-01").Add(-1))
	require.NoError(t, err)
	require.Equal(t, "9", last.Balance().String())
	_, _, err = c.Spend(num("2"), at("2026-06-01"), "")
	require.ErrorIs(t, err, feature.ErrInsufficientCredits)
	require.EqualError(t, err, "feature: insufficient credits: 2 to spend, 1 left")
	c, err = c.At(at("2026-07-01"))
	require.NoError(t, err)
	require.Equal(t, "1", c.Balance().String())
	entries := c.Entries()
	require.Len(t, entries, 5)
	require.Equal(t, at("2026-06-01"), entries[3].At, "not when it was noticed")
	require.Equal(t, feature.EntryExpired, entries[3].Kind)
	_, _, known = c.NextExpiry()
	require.False(t, known)
	_, err = c.At(at("2026-06-30"))
	require.ErrorIs(t, err, feature.ErrOutOfOrder)
}

func TestGrantsBeginWhenTheySay(t *testing.T) {
	t.Parallel()
	c, err := feature.Credits{}.Grant(feature.CreditGrant{ID: "a", Amount: num("5"), From: at("2026-04-01"), Until: at("2026-05-01")}, at("2026-03-04"))
	require.NoError(t, err)
	require.Equal(t, "0", c.Balance().String())
	require.Empty(t, c.Entries())
	begun, err := c.At(at("2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, "5", begun.Balance().String())
	over, err := c.At(at("2026-06-01"))
	require.NoError(t, err)
	require.Equal(t, "0", over.Balance().String())
	require.Len(t, over.Entries(), 2, "begun and expired meanwhile")
	gone, err := c.Revoke("a", at("2026-03-05"), "mistake")
	require.NoError(t, err)
	require.Empty(t, gone.Grants())
	_, err = c.Revoke("b", at("2026-03-05"), "")
	require.ErrorIs(t, err, feature.ErrUnknownGrant)
}

func TestGrantsAreChecked(t *testing.T) {
	t.Parallel()
	c := credits(t, "2026-03-04", "a 5")
	for _, test := range []struct {
		name  string
		grant feature.CreditGrant
		want  string
	}{
		{"no id", feature.CreditGrant{Amount: num("1")}, "id: missing"},
		{"an id twice", feature.CreditGrant{ID: "a", Amount: num("1")}, `duplicate credit grant: "a"`},
		{"nothing", feature.CreditGrant{ID: "b"}, "amount: must exceed 0"},
		{"less than nothing", feature.CreditGrant{ID: "b", Amount: num("-1")}, "amount: must exceed 0"},
		{"an end before the beginning", feature.CreditGrant{ID: "b", Amount: num("1"), Until: at("2026-03-05")}, "until: must be after from"},
		{"a beginning in the past", feature.CreditGrant{ID: "b", Amount: num("1"), From: at("2026-03-04")}, "out of order"},
		{"a rollover upside down", feature.CreditGrant{ID: "b", Amount: num("1"), Rollover: &feature.Rollover{Min: num("2"), Max: num("1")}}, "rollover.max: must be at least min"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			next, err := c.Grant(test.grant, at("2026-03-05"))
			require.ErrorContains(t, err, test.want)
			require.True(t, next.Equal(c))
		})
	}
}

func TestPaidCreditsAreExtendedByThePurchase(t *testing.T) {
	t.Parallel()
	c, err := feature.Credits{}.Grant(feature.CreditGrant{ID: "gift", Class: "gift", Amount: num("5"), Until: at("2026-06-01")}, at("2026-01-10"))
	require.NoError(t, err)
	for _, pack := range []struct{ id, at, until string }{
		{"p1", "2026-01-10", "2027-01-10"}, {"p2", "2026-07-20", "2027-07-20"},
	} {
		c, err = c.Grant(feature.CreditGrant{ID: pack.id, Class: "paid", Amount: num("10"), Until: at(pack.until)}, at(pack.at))
		require.NoError(t, err)
		c, err = c.Extend("paid", at(pack.until), at(pack.at))
		require.NoError(t, err)
	}
	c, err = c.At(at("2027-07-19"))
	require.NoError(t, err)
	require.Equal(t, "20", c.Balance().String())
	c, err = c.At(at("2027-07-20"))
	require.NoError(t, err)
	require.Equal(t, "0", c.Balance().String())
	again, err := c.Extend("paid", at("2028-01-01"), at("2027-07-20"))
	require.NoError(t, err)
	require.Equal(t, "0", again.Balance().String(), "what has expired stays so")
	require.True(t, again.Equal(c))

	c, err = feature.Credits{}.Grant(feature.CreditGrant{ID: "a", Class: "paid", Amount: num("5")}, at("2026-01-10"))
	require.NoError(t, err)
	c, err = c.Extend("paid", at("2026-02-10"), at("2026-01-10"))
	require.NoError(t, err)
	require.True(t, c.Grants()[0].Grant.Until.IsZero(), "what never expires has nothing to extend")
}

func TestRolloverHasAMinimumAndAMaximum(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, amount, spent, least, most, want string }{
		{"nothing is left without one", "10", "4", "0", "0", "0"},
		{"between the bounds", "10", "4", "0", "10", "6"},
		{"cut down", "10", "4", "0", "5", "5"},
		{"filled up", "10", "9", "3", "5", "3"},
		{"filled up from nothing", "10", "10", "10", "10", "10"},
		{"at a bound", "10", "5", "5", "5", "5"},
		{"above what was granted", "10", "0", "20", "20", "20"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := feature.CreditGrant{ID: "a", Amount: num(test.amount), Rollover: &feature.Rollover{Min: num(test.least), Max: num(test.most)}}
			c, err := feature.Credits{}.Grant(g, at("2026-03-01"))
			require.NoError(t, err)
			c, _, err = c.Spend(num(test.spent), at("2026-03-04"), "")
			require.NoError(t, err)
			c, err = c.Reset(at("2026-04-01"))
			require.NoError(t, err)
			require.Equal(t, test.want, c.Balance().String())
			require.True(t, ledgerSum(c).Equal(c.Balance()))
		})
	}
	c, err := credits(t, "2026-03-04", "a 5").Reset(at("2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, "5", c.Balance().String(), "a grant without a rollover is left alone")
}

func TestRefundsGoBackWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	c := credits(t, "2026-03-04", "a 5 2026-06-01", "b 5")
	c, _, err := c.Spend(num("7"), at("2026-03-05"), "scan 1")
	require.NoError(t, err)
	back, draws, err := c.Refund("scan 1", at("2026-03-06"))
	require.NoError(t, err)
	require.Len(t, draws, 2)
	require.Equal(t, "10", back.Balance().String())
	_, _, err = back.Refund("scan 1", at("2026-03-06"))
	require.ErrorIs(t, err, feature.ErrNotInUse, "once")
	_, _, err = back.Refund("scan 2", at("2026-03-06"))
	require.ErrorIs(t, err, feature.ErrNotInUse)
	_, _, err = back.Refund("", at("2026-03-06"))
	require.ErrorIs(t, err, feature.ErrInvalid)
	late, _, err := c.Refund("scan 1", at("2026-07-01"))
	require.NoError(t, err)
	require.Equal(t, "5", late.Balance().String(), "the part of the expired grant is lost")
	require.True(t, ledgerSum(late).Equal(late.Balance()))
}

func ledgerSum(c feature.Credits) decimal.Decimal {
	var sum decimal.Decimal
	for _, e := range c.Entries() {
		sum = sum.Add(e.Amount)
	}
	return sum
}

// lot is a grant in the model: credits that are simply counted.
type lot struct {
	id       string
	left     decimal.Decimal
	until    time.Time
	priority int
}

func TestTheLedgerAlwaysSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var (
			c    feature.Credits
			lots []*lot
			now  = at("2026-03-04")
			next = 0
		)
		expire := func() {
			for _, l := range lots {
				if !l.until.IsZero() && !l.until.After(now) {
					l.left = decimal.Decimal{}
				}
			}
		}
		total := func() decimal.Decimal {
			var sum decimal.Decimal
			for _, l := range lots {
				sum = sum.Add(l.left)
			}
			return sum
		}
		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
				expire()
				var err error
				c, err = c.At(now)
				require.NoError(t, err)
			},
			"grant": func(t *rapid.T) {
				next++
				l := &lot{
					id: fmt.Sprintf("g%03d", next), left: decimal.New(rapid.Int64Range(1, 500).Draw(t, "amount"), -1),
					priority: rapid.IntRange(0, 2).Draw(t, "priority"),
				}
				if rapid.Bool().Draw(t, "expires") {
					l.until = now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "hours")) * time.Hour)
				}
				var err error
				c, err = c.Grant(feature.CreditGrant{ID: l.id, Amount: l.left, Priority: l.priority, Until: l.until}, now)
				require.NoError(t, err)
				lots = append(lots, l)
			},
			"spend": func(t *rapid.T) {
				amount := decimal.New(rapid.Int64Range(0, 800).Draw(t, "amount"), -1)
				spent, draws, err := c.Spend(amount, now, "x")
				require.Equal(t, !amount.GreaterThan(total()), err == nil)
				if err != nil {
					require.ErrorIs(t, err, feature.ErrInsufficientCredits)
					return
				}
				for _, d := range draws {
					// Nobody with more right to be spent may have anything left.
					var from *lot
					for _, l := range lots {
						if l.id == d.Grant {
							from = l
						}
					}
					for _, l := range lots {
						require.False(t, l.left.IsPositive() && before(l, from), "%s before %s", l.id, from.id)
					}
					from.left = from.left.Sub(d.Amount)
					amount = amount.Sub(d.Amount)
				}
				require.True(t, amount.IsZero())
				c = spent
			},
			"revoke": func(t *rapid.T) {
				if len(lots) == 0 {
					t.Skip("nothing to revoke")
				}
				l := rapid.SampledFrom(lots).Draw(t, "lot")
				if !known(c, l.id) {
					t.Skip("forgotten")
				}
				l.left = decimal.Decimal{}
				var err error
				c, err = c.Revoke(l.id, now, "")
				require.NoError(t, err)
			},
			"compact": func(t *rapid.T) {
				c = c.Compact(now.Add(-time.Duration(rapid.IntRange(-1, 100).Draw(t, "hours")) * time.Hour))
			},
			"store": func(t *rapid.T) {
				text, err := json.Marshal(c)
				require.NoError(t, err)
				var back feature.Credits
				require.NoError(t, json.Unmarshal(text, &back), "%s", text)
				require.True(t, back.Equal(c), "%s", text)
				c = back
			},
			"": func(t *rapid.T) {
				require.True(t, total().Equal(c.Balance()), "%s, not %s", total(), c.Balance())
				require.True(t, ledgerSum(c).Equal(c.Balance()))
				for _, h := range c.Grants() {
					var sum decimal.Decimal
					for _, e := range c.Entries() {
						if e.Grant == h.Grant.ID {
							sum = sum.Add(e.Amount)
						}
					}
					require.True(t, sum.Equal(h.Left))
					require.False(t, h.Left.IsNegative())
				}
			},
		})
	})
}

// before reports whether a must be spent before b.
func before(a, b *lot) bool {
	switch {
	case a == b:
		return false
	case a.priority != b.priority:
		return a.priority < b.priority
	case a.until.IsZero() || b.until.IsZero():
		return !a.until.IsZero() && b.until.IsZero()
	}
	return a.until.Before(b.until)
}

func known(c feature.Credits, id string) bool {
	for _, h := range c.Grants() {
		if h.Grant.ID == id {
			return true
		}
	}
	return false
}
