package feature_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

func yes() bool { return true }

func no() bool { return false }

func TestTheFirstQuestionToFailDecides(t *testing.T) {
	t.Parallel()
	off := feature.Per(feature.Day, 10)
	off.Active = false
	conditional := feature.Per(feature.Day, 10)
	conditional.WhenRun = "after scan"
	offAndConditional := conditional
	offAndConditional.Active = false
	unlimitedOff := off
	unlimitedOff.Unlimited = true
	conditionalEndless := conditional.Endless()
	known := func(holds func() bool) feature.Conditions { return feature.Conditions{"after scan": holds} }

	for _, test := range []struct {
		name       string
		grant      feature.Grant
		dormant    bool
		used       string
		amount     string
		conditions feature.Conditions
		why        feature.Reason
		err        error
	}{
		{"within the limit", feature.Per(feature.Day, 10), false, "9", "1", nil, feature.BecauseWithinLimit, nil},
		{"beyond it", feature.Per(feature.Day, 10), false, "10", "1", nil, feature.BecauseQuotaExceeded, feature.ErrQuotaExceeded},
		{"by a fraction", feature.Per(feature.Day, 10), false, "9.5", "0.51", nil, feature.BecauseQuotaExceeded, feature.ErrQuotaExceeded},
		{"not by a fraction", feature.Per(feature.Day, 10), false, "9.5", "0.5", nil, feature.BecauseWithinLimit, nil},
		{"a limit of zero means none", feature.UpTo(0), false, "0", "1", nil, feature.BecauseQuotaExceeded, feature.ErrQuotaExceeded},
		{"asking for nothing", feature.UpTo(0), false, "0", "0", nil, feature.BecauseWithinLimit, nil},
		{"asking for nothing while over quota", feature.UpTo(5), false, "6", "0", nil, feature.BecauseQuotaExceeded, feature.ErrQuotaExceeded},
		{"unlimited ignores the limit", feature.UpTo(0).Endless(), false, "1000", "1", nil, feature.BecauseUnlimited, nil},
		{"a switch", feature.On(), false, "0", "0", nil, feature.BecauseOn, nil},
		{"a switch turned off", feature.Grant{Kind: feature.Switch}, false, "0", "0", nil, feature.BecauseInactive, feature.ErrInactive},
		{"off before unlimited", unlimitedOff, false, "0", "1", nil, feature.BecauseInactive, feature.ErrInactive},
		{"dormant before off", off, true, "0", "1", nil, feature.BecauseDormant, feature.ErrDormant},
		{"off before the condition", offAndConditional, false, "0", "1", known(yes), feature.BecauseInactive, feature.ErrInactive},
		{"a condition nobody knows", conditional, false, "0", "1", nil, feature.BecauseUnsupportedCondition, feature.ErrUnsupportedCondition},
		{"another condition is known", conditional, false, "0", "1", feature.Conditions{"x": yes}, feature.BecauseUnsupportedCondition, feature.ErrUnsupportedCondition},
		{"a nil predicate is not known", conditional, false, "0", "1", known(nil), feature.BecauseUnsupportedCondition, feature.ErrUnsupportedCondition},
		{"a condition that does not hold", conditional, false, "0", "1", known(no), feature.BecauseConditionNotMet, feature.ErrConditionNotMet},
		{"a condition that holds", conditional, false, "0", "1", known(yes), feature.BecauseWithinLimit, nil},
		{"the condition before unlimited", conditionalEndless, false, "0", "1", nil, feature.BecauseUnsupportedCondition, feature.ErrUnsupportedCondition},
		{"the condition before the limit", conditional, false, "10", "1", known(no), feature.BecauseConditionNotMet, feature.ErrConditionNotMet},
		{"a negative amount", feature.UpTo(5), false, "0", "-1", nil, feature.BecauseInvalid, feature.ErrInvalidAmount},
		{"an amount of too many digits", feature.UpTo(5).Endless(), false, "0", "1e31", nil, feature.BecauseInvalid, feature.ErrInvalidAmount},
		{"a sum of too many digits", feature.UpTo(5).Endless(), false, "999999999999999999999999999999", "1", nil, feature.BecauseInvalid, feature.ErrInvalidAmount},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := resolved(t, test.grant, feature.Terms{Dormant: test.dormant})
			u := counted(t, test.used, "2026-03-04T09:00:00Z")
			r := ask(test.amount, "2026-03-04T10:00:00Z")
			r.Conditions = test.conditions
			d := e.Check(u, r)
			require.Equal(t, test.why, d.Why)
			require.Equal(t, test.err == nil, d.Allowed)
			next, made := e.Consume(u, r)
			require.Equal(t, d.Allowed, made.Allowed)
			require.Equal(t, d.Why, made.Why)
			if test.err == nil {
				require.NoError(t, d.Err())
				return
			}
			require.ErrorIs(t, d.Err(), test.err)
			require.True(t, next.Equal(u), "a refusal leaves the usage as it was")
			var denied *feature.DeniedError
			require.ErrorAs(t, d.Err(), &denied)
			require.Equal(t, feature.Key("rescan"), denied.Key)
			require.Equal(t, test.why, denied.Why)
		})
	}
}

func TestWhatIsNotGrantedIsDenied(t *testing.T) {
	t.Parallel()
	e, err := feature.Resolve("vrms", feature.Set{"rescan": feature.On()}, nil, feature.Terms{Dormant: true})
	require.NoError(t, err)
	require.False(t, e.Granted())
	d := e.Check(feature.QuotaUsage{}, ask("1", "2026-03-04"))
	require.ErrorIs(t, d.Err(), feature.ErrNotGranted)
	require.EqualError(t, d.Err(), "feature: not granted: vrms")
	require.Equal(t, feature.BecauseNotGranted, new(feature.Entitlement).Check(feature.QuotaUsage{}, feature.Request{}).Why)
	require.Error(t, feature.Decision{}.Err(), "the zero decision denies")
	require.Equal(t, "vrms: not granted, dormant", e.String())
	require.Empty(t, e.OriginOf("limit"))
}

func TestADecisionSaysWhatIsLeftAndWhenItResets(t *testing.T) {
	t.Parallel()
	soft := feature.Per(feature.Month, 10)
	soft.Overage = feature.Allow
	rated := soft
	rated.Overage = feature.Rate
	none := time.Time{}
	for _, test := range []struct {
		name      string
		grant     feature.Grant
		used, ask string
		allowed   bool
		left      string // "": not limited
		leftAfter string
		overage   string
		billable  string
		resets    time.Time
	}{
		{"a day", feature.Per(feature.Day, 10), "3", "2", true, "7", "5", "0", "0", at("2026-03-05")},
		{"a day used up", feature.Per(feature.Day, 10), "9", "2", false, "1", "1", "0", "0", at("2026-03-05")},
		{"a stock", feature.UpTo(10), "3", "2", true, "7", "5", "0", "0", none},
		{"for life", feature.Per(feature.Life, 10), "3", "2", true, "7", "5", "0", "0", none},
		{"unlimited", feature.Per(feature.Week, 0).Endless(), "3", "2", true, "", "", "0", "0", at("2026-03-09")},
		{"a switch", feature.On(), "0", "0", true, "", "", "0", "0", none},
		{"allowed beyond", soft, "9", "3", true, "1", "0", "2", "0", at("2026-04-01")},
		{"allowed wholly beyond", soft, "12", "3", true, "0", "0", "3", "0", at("2026-04-01")},
		{"rated beyond", rated, "9.5", "3", true, "0.5", "0", "2.5", "2.5", at("2026-04-01")},
		{"rated within", rated, "7", "3", true, "3", "0", "0", "0", at("2026-04-01")},
		{"inactive", feature.Grant{Kind: feature.Limit, Limit: num("10")}, "3", "1", false, "0", "0", "0", "0", none},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := resolved(t, test.grant, feature.Terms{})
			u := counted(t, test.used, "2026-03-04T09:00:00Z")
			d := e.Check(u, ask(test.ask, "2026-03-04T10:00:00Z"))
			require.Equal(t, test.allowed, d.Allowed)
			require.Equal(t, test.resets, d.ResetsAt)
			next, made := e.Consume(u, ask(test.ask, "2026-03-04T10:00:00Z"))
			for d, want := range map[*feature.Decision]string{&d: test.left, &made: test.leftAfter} {
				left, limited := d.Remaining()
				require.Equal(t, want != "", limited)
				if limited {
					require.Equal(t, want, left.String())
				}
				require.Equal(t, test.overage, d.Overage().String())
				require.Equal(t, test.billable, d.Billable().String())
			}
			if test.allowed && test.grant.Kind != feature.Switch {
				used, err := e.Used(next, at("2026-03-04T10:00:00Z"))
				require.NoError(t, err)
				require.True(t, used.Equal(made.Used()))
				over, err := e.OverQuota(next, at("2026-03-04T10:00:00Z"))
				require.NoError(t, err)
				require.Equal(t, made.OverQuota(), over)
			}
			require.NotEmpty(t, d.String())
		})
	}
}

func TestMessagesSayWhatAndWhy(t *testing.T) {
	t.Parallel()
	e := resolved(t, feature.Per(feature.Day, 10), feature.Terms{})
	u := counted(t, "10", "2026-03-04T09:00:00Z")
	require.Equal(t, "rescan: 10 per day (plan)", e.String())
	d := e.Check(u, ask("1.50", "2026-03-04T10:00:00Z"))
	require.EqualError(t, d.Err(), "feature: quota exceeded: rescan: 10 of 10 used, 1.5 asked, resets at 2026-03-05T00:00:00Z")
	require.Equal(t, "denied: "+d.Err().Error(), d.String())
	d = e.Check(feature.QuotaUsage{}, ask("1", "2026-03-04T10:00:00Z"))
	require.Equal(t, "allowed: rescan: within_limit: 0 of 10 used, 10 left, resets at 2026-03-05T00:00:00Z", d.String())
	g := feature.On()
	g.WhenRun = "after scan"
	require.EqualError(t, resolved(t, g, feature.Terms{}).Check(u, feature.Request{}).Err(),
		`feature: unsupported condition: rescan: "after scan"`)
	for want, g := range map[string]feature.Grant{
		"rescan: on (plan)":                         feature.On(),
		"rescan: off (plan)":                        {Kind: feature.Switch},
		"rescan: 5 in use at a time (plan)":         feature.UpTo(5),
		"rescan: unlimited per week (plan)":         feature.Per(feature.Week, 1).Endless(),
		"rescan: 3 for life (plan)":                 feature.Per(feature.Life, 3),
		"rescan: 3 in any P7D (plan)":               {Kind: feature.Allowance, Active: true, Limit: num("3"), Window: feature.Rolling, Every: calendar.Days(7)},
		"rescan: unlimited in use at a time (plan)": feature.UpTo(5).Endless(),
	} {
		require.Equal(t, want, resolved(t, g, feature.Terms{}).String())
	}
}

func TestABillingPeriodAnswersForItselfOnly(t *testing.T) {
	t.Parallel()
	period := calendar.Period{Start: at("2026-03-01"), End: at("2026-04-01")}
	g := feature.Per(feature.BillingPeriod, 10)
	e := resolved(t, g, feature.Terms{Period: period})
	require.Equal(t, "rescan: 10 per billing period (plan)", e.String())
	last := counted(t, "10", "2026-02-28T23:00:00Z")
	d := e.Check(last, ask("1", "2026-03-01"))
	require.True(t, d.Allowed, "the count of the last period is over")
	require.Equal(t, period.End, d.ResetsAt)
	require.ErrorIs(t, e.Check(last, ask("1", "2026-04-01")).Err(), feature.ErrStale)
	require.ErrorIs(t, e.Check(last, ask("1", "2026-02-28T23:59:59Z")).Err(), feature.ErrStale)

	_, err := feature.Resolve("rescan", feature.Set{"rescan": g}, nil, feature.Terms{At: period.End, Period: period})
	require.ErrorIs(t, err, feature.ErrStale)
	_, err = feature.Resolve("rescan", feature.Set{"rescan": g}, nil, feature.Terms{At: period.End})
	require.ErrorIs(t, err, feature.ErrStale)
	open := resolved(t, g, feature.Terms{Period: calendar.Period{Start: period.Start}})
	require.True(t, open.Check(feature.QuotaUsage{}, ask("1", "2030-01-01")).ResetsAt.IsZero())
}

func TestAnEntitlementTellsItsTerms(t *testing.T) {
	t.Parallel()
	zone := calendar.MustLoadZone("Asia/Kolkata")
	e := resolved(t, feature.Per(feature.Day, 10), feature.Terms{Zone: zone, Dormant: true})
	require.Equal(t, feature.Key("rescan"), e.Key())
	require.True(t, e.Key().IsValid())
	require.Equal(t, zone, e.Zone())
	require.True(t, e.Dormant())
	require.Equal(t, at("2026-03-04T10:00:00Z"), e.ResolvedAt())
	w, err := e.Window(at("2026-03-06T10:00:00Z"))
	require.NoError(t, err)
	require.Equal(t, at("2026-03-05T18:30:00Z"), w.Start)
	b := budget(t, 3, "Asia/Kolkata")
	require.Equal(t, 3, b.Max())
	require.Equal(t, zone, b.Zone())
}

func TestUsesOutOfOrder(t *testing.T) {
	t.Parallel()
	e := resolved(t, feature.Per(feature.Day, 10), feature.Terms{})
	u, d := e.Consume(feature.QuotaUsage{}, ask("3", "2026-03-05T00:00:00Z"))
	require.True(t, d.Allowed)
	d = e.Check(u, ask("1", "2026-03-04T23:59:59Z"))
	require.ErrorIs(t, d.Err(), feature.ErrOutOfOrder, "the count of that day is gone")
	u, d = e.Consume(u, ask("1", "2026-03-05T12:00:00Z"))
	require.True(t, d.Allowed)
	u, d = e.Consume(u, ask("1", "2026-03-05T06:00:00Z"))
	require.True(t, d.Allowed, "within a window the order does not matter")
	require.Equal(t, "5", u.Recorded().String())
	require.Equal(t, at("2026-03-05T12:00:00Z"), u.Last())
	u, d = e.Consume(u, ask("1", "2026-03-05T00:00:00Z"))
	require.True(t, d.Allowed)
	u, d = e.Consume(u, ask("1", "2026-03-05T01:00:00Z"))
	require.True(t, d.Allowed)
	text, err := json.Marshal(u)
	require.NoError(t, err)
	require.Equal(t, `{"used":"7","window":"day","first":"2026-03-05T00:00:00Z","last":"2026-03-05T12:00:00Z","revision":5}`, string(text))
}

func TestTheFirstUseMayBeRecordedLate(t *testing.T) {
	t.Parallel()
	month := resolved(t, feature.Per(feature.Month, 10), feature.Terms{})
	u, _ := month.Consume(feature.QuotaUsage{}, ask("3", "2026-03-04T10:00:00Z"))
	u, _ = month.Consume(u, ask("4", "2026-03-03T10:00:00Z"))
	used, err := resolved(t, feature.Per(feature.Day, 10), feature.Terms{}).Used(u, at("2026-03-04T11:00:00Z"))
	require.NoError(t, err)
	require.True(t, used.IsZero(), "a part of the count lies before today")
}

func TestACountGoesOnUnderANewGrantIfAllOfItLiesInTheNewWindow(t *testing.T) {
	t.Parallel()
	day := resolved(t, feature.Per(feature.Day, 10), feature.Terms{})
	month := resolved(t, feature.Per(feature.Month, 100), feature.Terms{})
	life := resolved(t, feature.Per(feature.Life, 100), feature.Terms{})
	rolling := resolved(t, rollingGrant(100, calendar.Days(2)), feature.Terms{})
	kolkata := resolved(t, feature.Per(feature.Day, 10), feature.Terms{Zone: calendar.MustLoadZone("Asia/Kolkata")})
	now := at("2026-03-04T20:00:00Z")
	used := func(e *feature.Entitlement, u feature.QuotaUsage) string {
		n, err := e.Used(u, now)
		require.NoError(t, err)
		return n.String()
	}

	u, _ := day.Consume(feature.QuotaUsage{}, ask("3", "2026-03-04T10:00:00Z"))
	require.Equal(t, "3", used(month, u), "from a day to its month")
	require.Equal(t, "3", used(life, u))
	require.Equal(t, "3", used(rolling, u))
	require.Equal(t, "0", used(kolkata, u), "there it is the fifth of March already")

	u, _ = month.Consume(feature.QuotaUsage{}, ask("3", "2026-03-02T10:00:00Z"))
	u, _ = month.Consume(u, ask("4", "2026-03-04T10:00:00Z"))
	require.Equal(t, "0", used(day, u), "from a month to a day nobody can tell how much of it was today")
	require.Equal(t, "0", used(rolling, u))
	require.Equal(t, "7", used(life, u))

	u, _ = rolling.Consume(feature.QuotaUsage{}, ask("3", "2026-03-03T10:00:00Z"))
	u, _ = rolling.Consume(u, ask("4", "2026-03-04T10:00:00Z"))
	require.Equal(t, "4", used(day, u), "a rolling window can")
	require.Equal(t, "7", used(month, u))
	u, d := day.Consume(u, ask("1", "2026-03-04T20:00:00Z"))
	require.True(t, d.Allowed)
	require.Equal(t, "5", used(day, u))
	u, err := day.Release(u, num("5"), now)
	require.NoError(t, err)
	require.Equal(t, "0", used(day, u))
}

func rollingGrant(limit int64, every calendar.Interval) feature.Grant {
	g := feature.Per(feature.Rolling, limit)
	g.Every = every
	return g
}

func TestARollingWindowLetsGoUseByUse(t *testing.T) {
	t.Parallel()
	e := resolved(t, rollingGrant(10, calendar.Days(7)), feature.Terms{})
	var u feature.QuotaUsage
	for _, v := range []struct{ amount, at string }{{"4", "2026-03-01T10:00:00Z"}, {"3", "2026-03-02T10:00:00Z"}, {"3", "2026-03-05T10:00:00Z"}} {
		var d feature.Decision
		u, d = e.Consume(u, ask(v.amount, v.at))
		require.True(t, d.Allowed)
		require.Equal(t, at("2026-03-08T10:00:00Z"), e.Check(u, ask("0", v.at)).ResetsAt, "the first to lapse")
	}
	for _, test := range []struct {
		amount, at string
		allowed    bool
		left       string
		resets     string
	}{
		{"1", "2026-03-08T09:59:59.999999999Z", false, "0", "2026-03-08T10:00:00Z"},
		{"1", "2026-03-08T10:00:00Z", true, "4", "2026-03-09T10:00:00Z"},
		{"5", "2026-03-08T10:00:00Z", false, "4", "2026-03-09T10:00:00Z"},
		{"8", "2026-03-08T10:00:00Z", false, "4", "2026-03-12T10:00:00Z"},
		{"10", "2026-03-12T09:00:00Z", false, "7", "2026-03-12T10:00:00Z"},
		{"10", "2026-03-12T10:00:00Z", true, "10", ""},
		{"11", "2026-03-12T10:00:00Z", false, "10", ""},
	} {
		d := e.Check(u, ask(test.amount, test.at))
		require.Equal(t, test.allowed, d.Allowed, "%s at %s", test.amount, test.at)
		left, _ := d.Remaining()
		require.Equal(t, test.left, left.String())
		if test.resets == "" {
			require.True(t, d.ResetsAt.IsZero())
		} else {
			require.Equal(t, at(test.resets), d.ResetsAt)
		}
	}
	d := e.Check(u, ask("1", "2026-02-26T10:00:00Z"))
	require.ErrorIs(t, d.Err(), feature.ErrOutOfOrder)
	d = e.Check(u, ask("1", "2026-03-04T10:00:00Z"))
	require.ErrorIs(t, d.Err(), feature.ErrQuotaExceeded, "later uses count too")

	u, err := e.Release(u, num("4"), at("2026-03-05T11:00:00Z"))
	require.NoError(t, err)
	require.Equal(t, "6", u.Recorded().String())
	require.Equal(t, at("2026-03-02T10:00:00Z"), u.Last(), "the latest are given back first")
	_, err = e.Release(u, num("7"), at("2026-03-05T11:00:00Z"))
	require.ErrorIs(t, err, feature.ErrNotInUse)
	u, err = e.Release(u, num("6"), at("2026-03-05T11:00:00Z"))
	require.NoError(t, err)
	require.True(t, u.IsZero())
}

func TestARollingWindowRemembersSoMany(t *testing.T) {
	t.Parallel()
	e := resolved(t, rollingGrant(0, calendar.Days(1)).Endless(), feature.Terms{})
	now, one := at("2026-03-04T10:00:00Z"), num("1")
	u := feature.QuotaUsage{}
	// Uses at one instant are one use.
	for range 3 {
		u, _ = e.Consume(u, feature.Request{Amount: one, At: now})
	}
	require.Equal(t, "3", u.Recorded().String())
	u = fullWindow(t, feature.MaxUses)
	_, d := e.Consume(u, feature.Request{Amount: one, At: now.Add(time.Hour)})
	require.ErrorIs(t, d.Err(), feature.ErrTooMany)
	require.False(t, d.Allowed)
}

func TestGivingBack(t *testing.T) {
	t.Parallel()
	e := resolved(t, feature.Per(feature.Day, 10), feature.Terms{})
	u, _ := e.Consume(feature.QuotaUsage{}, ask("3", "2026-03-04T10:00:00Z"))
	next, err := e.Release(u, num("1"), at("2026-03-04T11:00:00Z"))
	require.NoError(t, err)
	require.Equal(t, "2", next.Recorded().String())
	_, err = e.Release(u, num("1"), at("2026-03-05T00:00:00Z"))
	require.ErrorIs(t, err, feature.ErrNotInUse, "that day is over")
	_, err = e.Release(u, num("3.01"), at("2026-03-04T11:00:00Z"))
	require.ErrorIs(t, err, feature.ErrNotInUse)
	_, err = e.Release(u, num("-1"), at("2026-03-04T11:00:00Z"))
	require.ErrorIs(t, err, feature.ErrInvalidAmount)
	dormant := resolved(t, feature.UpTo(2), feature.Terms{Dormant: true})
	next, err = dormant.Release(counted(t, "5", "2026-03-04"), num("4"), at("2026-03-04"))
	require.NoError(t, err, "a dormant stock can be reduced")
	require.Equal(t, "1", next.Recorded().String())
}
