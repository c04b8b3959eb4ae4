package feature_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// event is one use, or less than zero for what was released.
type event struct {
	at     time.Time
	amount decimal.Decimal
}

// model is the naive account of one feature: every event, kept forever. Windows are
// told apart by the date on the wall.
type model struct {
	grant  feature.Grant
	zone   *time.Location
	events []event
	fired  map[string]bool
}

// window names the calendar window that holds an instant.
func (m *model) window(t time.Time) string {
	t = t.In(m.zone)
	switch m.grant.Window {
	case feature.Day:
		return t.Format("2006-01-02")
	case feature.Week:
		year, week := t.ISOWeek()
		return fmt.Sprint(year, week)
	case feature.Month:
		return t.Format("2006-01")
	case feature.Year:
		return t.Format("2006")
	case feature.BillingPeriod, feature.Life, feature.Rolling:
	}
	return "" // one for all
}

func (m *model) used(now time.Time) decimal.Decimal {
	var sum decimal.Decimal
	for _, e := range m.events {
		if m.grant.Window == feature.Rolling {
			if e.at.Add(time.Duration(m.grant.Every.Count()) * 24 * time.Hour).After(now) {
				sum = sum.Add(e.amount)
			}
		} else if m.window(e.at) == m.window(now) {
			sum = sum.Add(e.amount)
		}
	}
	return sum
}

// alerts lists the whole percentages that fire when use goes from one amount to
// another.
func (m *model) alerts(now time.Time, before, after decimal.Decimal) []string {
	var fired []string
	for _, t := range m.grant.Thresholds {
		share := t.Percent.Mul(m.grant.Limit)
		over := func(n decimal.Decimal) bool { return n.Shift(2).GreaterThan(share) }
		key := m.window(now) + "/" + t.Percent.String()
		counts := m.grant.Kind == feature.Allowance && m.grant.Window != feature.Rolling
		if m.grant.Unlimited || t.Percent.IsZero() || over(before) || !over(after) || counts && m.fired[key] {
			continue
		}
		m.fired[key] = true
		fired = append(fired, t.Percent.String())
	}
	return fired
}

// giveBack takes an amount off the model: for a rolling window off the latest uses.
func (m *model) giveBack(now time.Time, amount decimal.Decimal) {
	if m.grant.Window != feature.Rolling {
		m.events = append(m.events, event{now, amount.Neg()})
		return
	}
	for i := len(m.events) - 1; i >= 0; i-- {
		take := decimal.Min(amount, m.events[i].amount)
		m.events[i].amount = m.events[i].amount.Sub(take)
		amount = amount.Sub(take)
	}
}

func TestConsumingAgreesWithAListOfEvents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zoneName := "UTC"
		g := rapid.Custom(func(t *rapid.T) feature.Grant {
			g := grants().Filter(func(g feature.Grant) bool {
				return g.Kind != feature.Switch && g.Window != feature.BillingPeriod
			}).Draw(t, "any")
			g.Active, g.WhenRun = true, ""
			for i := range g.Thresholds {
				g.Thresholds[i].Scope = ""
			}
			if g.Window == feature.Rolling {
				g.Every = calendar.Days(rapid.IntRange(1, 5).Draw(t, "days"))
			}
			return g
		}).Draw(t, "grant")
		if g.Validate() != nil {
			t.Skip("two thresholds became one")
		}
		if g.Window != feature.Rolling {
			zoneName = rapid.SampledFrom([]string{"UTC", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia"}).Draw(t, "zone")
		}
		zone := calendar.MustLoadZone(zoneName)
		m := &model{grant: g, zone: zone.Location(), fired: map[string]bool{}}
		now := rapid.SampledFrom([]time.Time{
			at("2011-12-28T00:00:00Z"), at("2018-11-02T00:00:00Z"), at("2026-03-06T00:00:00Z"), at("2026-12-30T00:00:00Z"),
		}).Draw(t, "start")
		e, err := feature.Resolve("f", feature.Set{"f": g}, nil, feature.Terms{At: now, Zone: zone})
		require.NoError(t, err)
		var u feature.QuotaUsage

		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(0, int64(40*time.Hour/time.Microsecond)).Draw(t, "for")) * time.Microsecond)
			},
			"turn of the day": func(*rapid.T) {
				w, err := feature.WindowAt(feature.Day, now, zone)
				require.NoError(t, err)
				now = w.End
			},
			"consume": func(t *rapid.T) {
				amount := amounts().Draw(t, "amount")
				if rapid.Bool().Draw(t, "a share of the limit") {
					amount = g.Limit.Shift(-1).Truncate(2)
				}
				before := m.used(now)
				after := before.Add(amount)
				r := feature.Request{Amount: amount, At: now}
				check := e.Check(u, r)
				next, d := e.Consume(u, r)
				if d.Why == feature.BecauseInvalid {
					require.ErrorIs(t, d.Err(), feature.ErrInvalidAmount, "more digits than are kept")
					return
				}
				require.Equal(t, check.Allowed, d.Allowed)
				require.Equal(t, check.Why, d.Why)
				within := g.Unlimited || !after.GreaterThan(g.Limit)
				require.Equal(t, within || g.Overage == feature.Allow || g.Overage == feature.Rate, d.Allowed)
				if d.Allowed {
					m.events = append(m.events, event{now, amount})
					var fired []string
					for _, f := range d.Fired() {
						fired = append(fired, f.Percent.String())
					}
					require.Equal(t, m.alerts(now, before, after), fired)
					if !g.Unlimited {
						free := decimal.Max(g.Limit.Sub(before), decimal.Zero)
						require.True(t, decimal.Max(amount.Sub(free), decimal.Zero).Equal(d.Overage()))
					}
				} else {
					require.True(t, next.Equal(u))
				}
				u = next
			},
			"release": func(t *rapid.T) {
				amount := amounts().Draw(t, "amount")
				if rapid.Bool().Draw(t, "all") {
					amount = m.used(now)
				}
				next, err := e.Release(u, amount, now)
				if amount.GreaterThan(m.used(now)) {
					require.ErrorIs(t, err, feature.ErrNotInUse)
					return
				}
				require.NoError(t, err)
				m.giveBack(now, amount)
				u = next
			},
			"store": func(t *rapid.T) {
				text, err := json.Marshal(u)
				require.NoError(t, err)
				var back feature.QuotaUsage
				require.NoError(t, json.Unmarshal(text, &back), "%s", text)
				require.True(t, back.Equal(u), "%s", text)
				u = back
			},
			"resolve again": func(t *rapid.T) {
				e, err = feature.Resolve("f", feature.Set{"f": g}, nil, feature.Terms{At: now, Zone: zone})
				require.NoError(t, err)
			},
			"": func(t *rapid.T) {
				used, err := e.Used(u, now)
				require.NoError(t, err)
				require.True(t, m.used(now).Equal(used), "%s used, not %s", m.used(now), used)
				over, err := e.Overage(u, now)
				require.NoError(t, err)
				if !g.Unlimited {
					require.True(t, decimal.Max(used.Sub(g.Limit), decimal.Zero).Equal(over))
				}
			},
		})
	})
}
