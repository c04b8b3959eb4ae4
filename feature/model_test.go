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
	anchor time.Time
	events []event
	fired  map[string]decimal.Decimal // the highest limit at which each fired, by window
}

// begins returns where the window from the anchor begins that holds an instant, month by
// month on the wall, and where it ends.
func (m *model) begins(t time.Time) (start, end time.Time) {
	nth := func(k int) time.Time {
		a := m.anchor.In(m.zone)
		first := time.Date(a.Year(), a.Month()+time.Month(k*m.grant.Every.Count()), 1, 0, 0, 0, 0, time.UTC)
		day := min(a.Day(), first.AddDate(0, 1, -1).Day())
		b, err := calendar.MustLoadZone(m.zone.String()).At(first.Year(), first.Month(), day, time.Duration(a.Hour())*time.Hour+time.Duration(a.Minute())*time.Minute)
		if err != nil {
			panic(err)
		}
		return b
	}
	k := 0
	for nth(k+1).Before(t) || nth(k+1).Equal(t) {
		k++
	}
	return nth(k), nth(k + 1)
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
	case feature.Anchored:
		start, _ := m.begins(t)
		return start.Format(time.RFC3339)
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
		at, once := m.fired[key]
		if m.grant.Unlimited || t.Percent.IsZero() || over(before) || !over(after) || counts && once && !m.grant.Limit.GreaterThan(at) {
			continue
		}
		m.fired[key] = m.grant.Limit
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
		m := &model{grant: g, zone: zone.Location(), fired: map[string]decimal.Decimal{}}
		now := rapid.SampledFrom([]time.Time{
			at("2011-12-28T00:00:00Z"), at("2018-11-02T00:00:00Z"), at("2026-03-06T00:00:00Z"), at("2026-12-30T00:00:00Z"),
		}).Draw(t, "start")
		m.anchor = now.AddDate(0, 0, -rapid.IntRange(0, 40).Draw(t, "days since the anchor"))
		told := g.Per != ""
		var e *feature.Entitlement
		resolve := func() {
			terms := feature.Terms{At: now, Zone: zone}
			if g.Window == feature.Anchored {
				start, end := m.begins(now)
				terms.Windows = map[feature.Key]calendar.Period{"f": {Start: start, End: end}}
			}
			if told {
				terms.Limits = map[feature.Key]decimal.Decimal{"f": m.grant.Limit}
			}
			var err error
			e, err = feature.Resolve("f", feature.Set{"f": g}, nil, terms)
			require.NoError(t, err)
		}
		resolve()
		goOn := func(to time.Time) {
			if now = to; g.Window == feature.Anchored {
				resolve() // it holds for its window only
			}
		}
		var u feature.QuotaUsage

		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				goOn(now.Add(time.Duration(rapid.Int64Range(0, int64(40*time.Hour/time.Microsecond)).Draw(t, "for")) * time.Microsecond))
			},
			"wait long": func(t *rapid.T) {
				goOn(now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days")))
			},
			"turn of the day": func(*rapid.T) {
				w, err := feature.WindowAt(feature.Day, now, zone)
				require.NoError(t, err)
				goOn(w.End)
			},
			"another limit": func(t *rapid.T) {
				m.grant.Limit, told = amounts().Draw(t, "limit"), true
				resolve()
			},
			"consume": func(t *rapid.T) {
				amount := amounts().Draw(t, "amount")
				if rapid.Bool().Draw(t, "a share of the limit") {
					amount = m.grant.Limit.Shift(-1).Truncate(2)
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
				within := g.Unlimited || !after.GreaterThan(m.grant.Limit)
				require.Equal(t, within || g.Overage == feature.Allow || g.Overage == feature.Rate, d.Allowed)
				if d.Allowed {
					m.events = append(m.events, event{now, amount})
					var fired []string
					for _, f := range d.Fired() {
						fired = append(fired, f.Percent.String())
					}
					require.Equal(t, m.alerts(now, before, after), fired)
					if !g.Unlimited {
						free := decimal.Max(m.grant.Limit.Sub(before), decimal.Zero)
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
				resolve()
			},
			"store the entitlement": func(t *rapid.T) {
				text, err := json.Marshal(e)
				require.NoError(t, err)
				var back feature.Entitlement
				require.NoError(t, json.Unmarshal(text, &back), "%s", text)
				require.True(t, back.Equal(e), "%s", text)
				require.Equal(t, e.String(), back.String())
				e = &back
			},
			"": func(t *rapid.T) {
				used, err := e.Used(u, now)
				require.NoError(t, err)
				require.True(t, m.used(now).Equal(used), "%s used, not %s", m.used(now), used)
				over, err := e.Overage(u, now)
				require.NoError(t, err)
				if !g.Unlimited {
					require.True(t, decimal.Max(used.Sub(m.grant.Limit), decimal.Zero).Equal(over))
				}
			},
		})
	})
}
