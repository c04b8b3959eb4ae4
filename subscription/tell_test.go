package subscription_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// toldPlans are the plans of stories told in words, by their ids.
func toldPlans() map[string]*plan.Version {
	fee := func(price string, timing plan.Timing) plan.Charge {
		return plan.Charge{ID: "fee-" + price, Price: plan.PerUnit{UnitAmount: decimal.RequireFromString(price)}, Timing: timing}
	}
	plans := map[string]*plan.Version{}
	add := func(id string, every calendar.Interval, alter func(*plan.Plan), charges ...plan.Charge) {
		p := plan.Plan{ID: id, Version: 1, Currency: money.USD, Every: every, Charges: charges}
		if alter != nil {
			alter(&p)
		}
		plans[id] = plan.MustCompile(p)
	}
	month := calendar.Months(1)
	add("month", month, nil, fee("30", plan.Advance))
	add("large", month, nil, fee("60", plan.Advance))
	add("free", month, nil, fee("0", plan.Advance))
	add("late", month, nil, fee("30", plan.Arrears))
	add("both", month, nil, fee("30", plan.Advance), fee("7", plan.Arrears))
	add("week", calendar.Weeks(1), nil, fee("10", plan.Advance))
	add("trial", month, func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} }, fee("30", plan.Advance))
	add("weeks-first", month, func(p *plan.Plan) {
		p.Phases = []plan.Phase{{Every: calendar.Weeks(1), Charges: []plan.Charge{fee("5", plan.Advance)}, Cycles: 2}}
	}, fee("30", plan.Advance))
	add("ten-days-first", month, func(p *plan.Plan) {
		p.Phases = []plan.Phase{{Charges: []plan.Charge{fee("5", plan.Advance)}, Length: calendar.Days(10)}}
	}, fee("30", plan.Advance))
	add("month-then-ten-days", month, func(p *plan.Plan) {
		p.Phases = []plan.Phase{
			{Charges: []plan.Charge{fee("5", plan.Advance)}, Cycles: 1},
			{Charges: []plan.Charge{fee("6", plan.Advance)}, Length: calendar.Days(10)},
		}
	}, fee("30", plan.Advance))
	add("none-for-ten-days", calendar.Interval{}, func(p *plan.Plan) { p.Length = &plan.Length{Interval: calendar.Days(10)} }, fee("30", plan.Advance))
	add("ten-days", month, func(p *plan.Plan) { p.Length = &plan.Length{Interval: calendar.Days(10)} }, fee("30", plan.Advance))
	add("three", month, func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 3} }, fee("30", plan.Advance))
	add("guarded", month, func(p *plan.Plan) { p.Rules.CancelNow = plan.Operator }, fee("30", plan.Advance))
	return plans
}

// toldPolicies are choices by the words of a told step.
var toldPolicies = map[string]plan.Policy{
	"old": {ChangeDay: calendar.OldSide}, "second": {Basis: calendar.BySecond}, "reset": {ChangeAnchor: plan.ResetAnchor, ResumeAnchor: plan.ResetAnchor},
	"extend": {ResumeAnchor: plan.ExtendAnchor}, "wait": {Collect: plan.CollectNextInvoice},
	"credit": {ChangeCredit: plan.CreditProrate, PauseCredit: plan.CreditProrate, CancelCredit: plan.CreditProrate},
	"kept":   {ChangeCredit: plan.CreditNone, PauseCredit: plan.CreditNone, CancelCredit: plan.CreditNone},
	"unbilled": {
		ChargeNew: plan.ChargeNone,
	},
}

// tell does steps such as "2026-01-20 pause on 2026-02-01 until 2026-03-01, extend":
// an instant, a verb with its words, and after a comma the words of the call.
func tell(t require.TestingT, s subscription.Subscription, steps string) (subscription.Subscription, error) {
	for _, step := range strings.Split(steps, ";") {
		if strings.TrimSpace(step) == "" {
			continue
		}
		next, err := tellOne(t, s, step)
		if err != nil {
			return next, fmt.Errorf("%s: %w", strings.TrimSpace(step), err)
		}
		s = next
	}
	return s, nil
}

func tellOne(t require.TestingT, s subscription.Subscription, step string) (subscription.Subscription, error) {
	when, rest, _ := strings.Cut(strings.TrimSpace(step), " ")
	return tellWith(t, s, subscription.Call{At: at(when), Actor: lifecycle.Operator}, rest)
}

// tellWith does one step with a call of which its words change something; with "@"
// and an instant first it is given at that one.
func tellWith(t require.TestingT, s subscription.Subscription, call subscription.Call, step string) (subscription.Subscription, error) {
	if when, ok := strings.CutPrefix(step, "@"); ok {
		when, step, _ = strings.Cut(when, " ")
		call.At = at(when)
	}
	doing, choices, _ := strings.Cut(step, ",")
	words := strings.Fields(doing)
	for _, word := range strings.Fields(choices) {
		switch word {
		case "subscriber":
			call.Actor = lifecycle.Subscriber
		case "replace":
			call.Replace = true
		case "correction":
			call.Correction = true
		default:
			p, ok := toldPolicies[word]
			require.True(t, ok, "%s: %s", step, word)
			call.Policy = p.Or(call.Policy)
		}
	}
	verb, args := words[0], words[1:]
	after := func(word string) string {
		if i := slices.Index(args, word); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	instant := func(word string) time.Time {
		if text := after(word); text != "" {
			return at(text)
		}
		return time.Time{}
	}
	when := subscription.Immediately()
	switch {
	case slices.Contains(args, "at-end"):
		when = subscription.AtPeriodEnd()
	case slices.Contains(args, "on"):
		when = subscription.On(instant("on"))
	}
	number := func(text string) decimal.Decimal { return decimal.RequireFromString(text) }
	switch verb {
	case "start":
		return s.StartNow(call)
	case "cancel":
		return s.Cancel(call, when)
	case "undo-pause":
		return s.UndoPause(call)
	case "undo-cancel":
		return s.UndoCancel(call)
	case "pause":
		cycles, _ := strconv.Atoi(after("cycles"))
		return s.Pause(call, when, subscription.Pause{Until: instant("until"), Cycles: cycles})
	case "resume":
		return s.Resume(call, when)
	case "hold":
		return s.Hold(call)
	case "release":
		return s.Release(call)
	case "reactivate":
		return s.Reactivate(call, subscription.Reactivation{EndDate: instant("ends")})
	case "plan":
		return s.ChangePlan(call, when, toldPlans()[args[0]])
	case "quantity":
		return s.ChangeQuantity(call, when, "", number(args[0]))
	case "price":
		return s.ChangePrice(call, when, args[0], plan.PerUnit{UnitAmount: number(args[1])})
	case "undo-change":
		return s.UndoChange(call)
	case "anchor":
		return s.SetAnchor(call, at(args[0]))
	case "auto-renewal":
		return s.SetAutoRenewal(call, args[0] == "on")
	case "ends":
		return s.SetEndDate(call, at(args[0]))
	case "discount":
		return s.AddDiscount(call, plan.Discount{ID: args[0], Percent: plan.Bound(number("10")), Duration: plan.Forever})
	case "credit":
		return s.AddAccountCredit(call, money.FromMinor(100, money.USD))
	}
	require.Fail(t, "no such verb", verb)
	return s, nil
}

// opened makes a subscription to a told plan; with "plan start" or "plan start
// anchor", each of the latter an instant.
func opened(t *testing.T, words string) subscription.Subscription {
	t.Helper()
	parts := strings.Fields(words)
	p := subscription.Params{ID: "told", Plan: toldPlans()[parts[0]], Start: at("2026-01-01")}
	if len(parts) > 1 {
		p.Start = at(parts[1])
	}
	if len(parts) > 2 {
		p.Anchor = at(parts[2])
	}
	if len(parts) > 3 {
		p.At = at(parts[3])
	}
	s, err := subscription.New(p)
	require.NoError(t, err)
	return s
}

// day prints an instant as briefly as it allows.
func day(t time.Time) string {
	switch text := t.UTC().Format(time.RFC3339Nano); {
	case t.IsZero():
		return "-"
	case strings.HasSuffix(text, "T00:00:00Z"):
		return text[5:10]
	default:
		return text[5:16]
	}
}
