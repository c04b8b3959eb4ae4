package subscription_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// shop sells what the bad documents and calls below are about.
func shop() (*plan.Catalog, *plan.Version) {
	basic := plan.Plan{
		ID: "basic", Version: 1, Currency: money.USD, Every: calendar.Months(1), Metrics: []plan.Metric{{ID: "calls"}},
		Charges: []plan.Charge{
			{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(10)}},
			{ID: "usage", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}, Metric: "calls"},
		},
		CreditPacks: []plan.CreditPack{{ID: "ten", Credits: 10, ListPrice: decimal.NewFromInt(1)}},
	}
	euro := sold("euro", "5", func(p *plan.Plan) { p.Currency = money.EUR })
	c := plan.MustCatalog(basic, sold("pro", "20", nil).Plan(), sold("gold", "90", nil).Plan(), euro.Plan(), sold("manual", "5", func(p *plan.Plan) { p.Every = calendar.Interval{} }).Plan(),
		plan.Plan{ID: "both", Version: 1, Currency: money.USD, Currencies: []money.Currency{money.EUR}, Every: calendar.Months(1), Charges: []plan.Charge{inEuros(10, 9)}},
		plan.AddOn{
			ID: "extra", Version: 1, Currency: money.USD, Currencies: []money.Currency{money.EUR}, Repeatable: true, Charges: []plan.Charge{inEuros(2, 1)},
			Features: feature.Set{"ips": feature.UpTo(3), "phone": feature.On()}, MaxQuantity: plan.Bound(decimal.NewFromInt(9)),
		})
	v, err := c.Lookup(plan.MustParseRef("basic@1"))
	if err != nil {
		panic(err)
	}
	return c, v
}

// document is a good document with members put in or over the good ones.
func document(members string) string {
	good := []string{`"format":1`, `"id":"x"`, `"plan":"basic@1"`, `"start":"2026-01-01T00:00:00Z"`}
	kept := ""
	for _, m := range good {
		if name, _, _ := strings.Cut(m, ":"); !strings.HasPrefix(members, name+":") {
			kept += m + ","
		}
	}
	return "{" + strings.TrimSuffix(kept+members, ",") + "}"
}

// commands is a document with commands of the operator.
func commands(list ...string) string {
	return document(`"commands":[` + strings.Join(list, ",") + `]`)
}

func command(when, rest string) string {
	return fmt.Sprintf(`{"at":"%sT00:00:00Z","actor":"operator",%s}`, when, rest)
}

type badDocument struct{ name, doc, want string }

// badDocuments are documents of subscriptions to what the shop sells.
func badDocuments() []badDocument {
	now := "2026-01-05"
	return []badDocument{
		{"nothing", ``, `line 1, column 1: the document ends where a value should stand`},
		{"no object", `[]`, `must be an object`},
		{"null", `null`, `must not be null`},
		{"two documents", document("") + `{}`, `line 1, column 70: more follows the document`},
		{"no format", strings.Replace(document(""), `"format":1,`, ``, 1), `format: must be 1`},
		{"another format", document(`"format":2`), `format: must be 1`},
		{"a format as text", document(`"format":"1"`), `format: must be a whole number`},
		{"an unknown name", document(`"colour":"red"`), `colour: unknown field`},
		{"a name in another case", document(`"ID":"x"`), `ID: unknown field; the name is "id"`},
		{"a name twice", strings.TrimSuffix(document(""), "}") + `,"id":"y"}`, `id:`},
		{"no id", document(`"id":""`), `id: missing`},
		{"a long id", document(`"id":"` + strings.Repeat("x", 256) + `"`), `id: must not be longer than 255 bytes`},
		{"a number as id", document(`"id":7`), `id: must be a string`},
		{"no start", strings.Replace(document(""), `,"start":"2026-01-01T00:00:00Z"`, ``, 1), `start: missing`},
		{"a date as start", document(`"start":"2026-01-01"`), `start:`},
		{"a day that is none", document(`"start":"2026-02-30T00:00:00Z"`), `start:`},
		{"made after the start", document(`"at":"2026-01-02T00:00:00Z"`), `at: must not lie after start`},
		{"ends as it starts", document(`"end_date":"2026-01-01T00:00:00Z"`), `end_date: must lie after start`},
		{"no such zone", document(`"time_zone":"Mars/Base"`), `time_zone:`},
		{"no plan", strings.Replace(document(""), `"plan":"basic@1",`, ``, 1), `plan:`},
		{"a plan not in the catalog", document(`"plan":"none@1"`), `plan: subscription: plan lost from the catalog: "none@1"`},
		{"a plan that is no reference", document(`"plan":"basic"`), `plan:`},
		{"a quantity below zero", document(`"quantity":"-1"`), `quantity: must not be negative`},
		{"a quantity as a number", document(`"quantity":1`), `quantity: must be a string that holds a decimal`},
		{"a quantity with an exponent", document(`"quantity":"1e9"`), `quantity: not a decimal`},
		{"a quantity without end", document(`"quantity":"` + strings.Repeat("9", 60) + `"`), `quantity: too many digits`},
		{"a quantity of no charge", document(`"quantities":{"desks":"1"}`), `quantities["desks"]: subscription: no such charge: "desks"`},
		{"a quantity of usage", document(`"quantities":{"usage":"1"}`), `quantities["usage"]: subscription: no such charge: "usage" is metered and takes no quantity`},
		{"a price of no charge", document(`"prices":{"desks":{"model":"flat_fee","amount":"1"}}`), `prices["desks"]: subscription: no such charge: "desks"`},
		{"a price of no kind", document(`"prices":{"seats":{"model":"guess"}}`), `prices.seats.model:`},
		{"a choice that is none", document(`"policy":{"collect":"never"}`), `policy.collect:`},
		{"an offering without the plan", document(`"offering":{"id":"o","plans":["pro@1"]}`), `plan: subscription: plan not in offering`},
		{"a long name", document(`"details":{"name":"` + strings.Repeat("x", 2049) + `"}`), `details.name: must not be longer than 2048 bytes`},
		{"an empty tag", document(`"details":{"tags":["a",""]}`), `details.tags[1]: missing`},
		{"commands that are none", document(`"commands":{}`), `commands: must be an array`},

		{"no action", commands(command(now, `"reason":"x"`)), `commands[0]: subscription: invalid call: action "" cannot be played`},
		{"no such action", commands(command(now, `"action":"explode"`)), `commands[0].action:`},
		{"no actor", commands(`{"at":"2026-01-05T00:00:00Z","action":"cancel_now"}`), `commands[0]: subscription: invalid call: actor: ""`},
		{"no such actor", commands(`{"at":"2026-01-05T00:00:00Z","action":"cancel_now","actor":"root"}`), `commands[0].actor:`},
		{"no instant", commands(`{"actor":"operator","action":"cancel_now"}`), `commands[0]: subscription: invalid call: at: missing`},
		{"before it was made", commands(command("2025-12-31", `"action":"cancel_now"`)), `commands[0]: subscription: dated before the last command: 2025-12-31T00:00:00Z is before the subscription was made`},
		{"out of order", commands(command("2026-01-09", `"action":"auto_renewal_off"`), command(now, `"action":"auto_renewal_on"`)), `commands[1].at: subscription: dated before the last command`},
		{"a correction of nothing", commands(command(now, `"action":"cancel_now","correction":true`)), `commands[0].correction: nothing is corrected: no earlier command lies after it`},
		{"a key twice", commands(command(now, `"action":"auto_renewal_off","key":"k"`), command("2026-01-06", `"action":"auto_renewal_on","key":"k"`)), `commands[1].key: commands[0] has it too`},
		{"a long reason", commands(command(now, `"action":"cancel_now","reason":"`+strings.Repeat("x", 2049)+`"`)), `commands[0]: subscription: invalid call: reason: must not be longer than 2048 bytes`},
		{"a field of another action", commands(command(now, `"action":"cancel_now","quantity":"2"`)), `commands[0]: subscription: invalid call: cancel_now: quantity: has no place here`},
		{"a field that is needed", commands(command(now, `"action":"cancel_on_date"`)), `commands[0]: subscription: invalid call: cancel_on_date: on: missing`},
		{"a pause with two ends", commands(command(now, `"action":"pause_now","cycles":2,"resume_at":"2026-03-01T00:00:00Z"`)), `pause_now: cycles: a pause ends at an instant or after cycles, not both`},
		{"a pause of minus one", commands(command(now, `"action":"pause_now","cycles":-1`)), `pause_now: cycles: must be 1 to 1000000`},
		{"a pause that is over", commands(command(now, `"action":"pause_now","resume_at":"2026-01-04T00:00:00Z"`)), `commands[0]: subscription: invalid call: resume_at: must lie after the call`},
		{"what the table refuses", commands(command(now, `"action":"resume_now"`)), `commands[0]: lifecycle: not paused: resume_now by operator while active`},
		{"cancelled twice", commands(command(now, `"action":"cancel_now"`), command(now, `"action":"cancel_now"`)), `commands[1]: lifecycle: already cancelled`},
		{"what changes nothing", commands(command(now, `"action":"auto_renewal_on"`)), `commands[0]: subscription: nothing changes`},
		{"a plan in another currency", commands(command(now, `"action":"change_plan_now","plan":"euro@1"`)), `commands[0]: subscription: currency differs: EUR, not USD`},
		{"the same plan", commands(command(now, `"action":"change_plan_now","plan":"basic@1"`)), `commands[0]: subscription: plan unchanged`},
		{"a plan unknown", commands(command(now, `"action":"change_plan_now","plan":"none@3"`)), `commands[0]: subscription: plan lost from the catalog: "none@3"`},
		{"credit of nothing", commands(command(now, `"action":"add_account_credit","account_credit":{"amount":"0.00","currency":"USD"}`)), `account_credit: must be more than zero`},
		{"credit in euro", commands(command(now, `"action":"add_account_credit","account_credit":{"amount":"1.00","currency":"EUR"}`)), `currency differs: EUR, not USD`},
		{"a one-off of nothing", commands(command(now, `"action":"add_one_off","one_off":{"amount":{"amount":"-1.00","currency":"USD"}}`)), `one_off.amount: must be more than zero`},
		{"no such pack", commands(command(now, `"action":"add_credit_pack","pack":"hundred"`)), `commands[0]: subscription: credit pack not allowed by the plan: "hundred"`},
		{"an add-on that is lost", commands(command(now, `"action":"attach_now","attachment":"a","add_on":"other@1","quantity":"1"`)), `commands[0]: subscription: plan lost from the catalog: "other@1"`},
		{"an attachment without an add-on", commands(command(now, `"action":"attach_now","attachment":"a","quantity":"1"`)), `commands[0]: subscription: invalid call: attach_now: add_on: missing`},
		{"prices of no add-on", commands(command(now, `"action":"attach_now","attachment":"a","quantity":"1","prices":{"fee":{"model":"flat_fee","amount":"1"}}`)), `commands[0]: subscription: invalid call: attach_now: prices: has no place here`},
		{"an attachment in too many units", commands(command(now, `"action":"attach_now","attachment":"a","add_on":"extra@1","quantity":"10"`)), `commands[0]: subscription: add-on does not fit: extra@1 in quantity 10`},
		{"an attachment twice", commands(command(now, `"action":"attach_now","attachment":"a","add_on":"extra@1","quantity":"1"`), command("2026-01-11", `"action":"attach_now","attachment":"a","add_on":"extra@1","quantity":"1"`)), `commands[1]: subscription: attached already: the id "a" is that of command 2`},
		{"what is not attached is detached", commands(command(now, `"action":"detach_now","attachment":"a"`)), `commands[0]: subscription: no such attachment: "a"`},
		{"a currency in which the plan is not sold", document(`"currency":"EUR"`), `currency: subscription: currency differs: the plan is not sold in EUR`},
		{"a discount on no charge", commands(command(now, `"action":"add_discount","discount":{"id":"d","percent":"10","duration":"once","charges":["desks"]}`)), `commands[0]: subscription: no such charge: "desks"`},
		{"a feature with a limit below zero", commands(command(now, `"action":"assign_features","features":{"ips":{"kind":"limit","limit":"-1"}}`)), `commands[0].features.ips.limit: must not be negative`},
		{"a feature not assigned", commands(command(now, `"action":"revoke_features","revoked":["ips"]`)), `commands[0]: subscription: invalid call: features:`},
		{"no feature at all", commands(command(now, `"action":"assign_features","features":{}`)), `assign_features: features: missing`},
	}
}

func TestBadDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	catalog, _ := shop()
	_, err := subscription.Decode([]byte(document("")), catalog)
	require.NoError(t, err, "the good document is good")
	var all strings.Builder
	for _, test := range badDocuments() {
		t.Run(test.name, func(t *testing.T) {
			s, err := subscription.Decode([]byte(test.doc), catalog)
			require.ErrorContains(t, err, test.want)
			require.True(t, s.IsZero())
			fmt.Fprintf(&all, "%s: %s\n", test.name, err)
		})
	}
	golden.Equal(t, "testdata/bad_documents.txt", []byte(all.String()))
}

func TestBadParamsAreRefusedAllAtOnce(t *testing.T) {
	t.Parallel()
	_, v := shop()
	_, err := subscription.New(subscription.Params{
		Plan: v, At: at("2026-02-01"), Start: at("2026-01-01"), EndDate: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		Quantities: map[string]decimal.Decimal{"usage": decimal.NewFromInt(-1)}, Prices: map[string]plan.Price{"seats": nil},
		Details: subscription.Details{Channel: strings.Repeat("c", 300)},
	})
	for _, want := range []string{
		"id: missing", "at: must not lie after start",
		"end_date: must lie in the years 1 to 9999", `quantities["usage"]: must not be negative`,
		`quantities["usage"]: subscription: no such charge: "usage" is metered and takes no quantity`, `prices["seats"]`, "details.channel: must not be longer than 255 bytes",
	} {
		require.ErrorContains(t, err, want)
	}
	var field *fault.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "id", field.Path)
}

func TestBadCallsAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	catalog, v := shop()
	s := made(t, v, func(p *subscription.Params) {
		p.Offering = &plan.Offering{ID: "o", Plans: []plan.Ref{v.Ref(), plan.MustParseRef("gold@1")}}
		p.Quantity = subscription.Units(5)
	})
	lookup := func(ref string) *plan.Version {
		v, err := catalog.Lookup(plan.MustParseRef(ref))
		require.NoError(t, err)
		return v
	}
	before := bytesOf(t, s)
	call := operator("2026-01-05")
	with := func(change func(*subscription.Call)) subscription.Call {
		c := call
		change(&c)
		return c
	}
	now := subscription.Immediately()
	var all strings.Builder
	for _, test := range []struct {
		name string
		do   func() (subscription.Subscription, error)
		want string
	}{
		{"no instant", func() (subscription.Subscription, error) { return s.Cancel(subscription.Call{Actor: call.Actor}, now) }, "at: missing"},
		{"no actor", func() (subscription.Subscription, error) { return s.Cancel(subscription.Call{At: call.At}, now) }, "actor:"},
		{"no when", func() (subscription.Subscription, error) { return s.Cancel(call, subscription.When{}) }, "when: missing"},
		{"no date", func() (subscription.Subscription, error) { return s.Cancel(call, subscription.On(time.Time{})) }, "when: on: no date"},
		{"a date gone by", func() (subscription.Subscription, error) { return s.Cancel(call, subscription.On(at("2026-01-04"))) }, "date in the past"},
		{"back-dated", func() (subscription.Subscription, error) { return s.Cancel(operator("2025-12-31"), now) }, "dated before the last command"},
		{"a date out of the calendar", func() (subscription.Subscription, error) {
			return s.SetEndDate(call, time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC))
		}, "years 1 to 9999"},
		{"a choice that is none", func() (subscription.Subscription, error) {
			return s.Cancel(with(func(c *subscription.Call) { c.Policy.CancelCredit = "half" }), now)
		}, "policy:"},
		{"dependents", func() (subscription.Subscription, error) {
			return s.Cancel(with(func(c *subscription.Call) { c.Dependents = 1 }), now)
		}, "has live dependents"},
		{"dependents below zero", func() (subscription.Subscription, error) {
			return s.Cancel(with(func(c *subscription.Call) { c.Dependents = -1 }), now)
		}, "dependents: must not be negative"},
		{"a plan outside the offering", func() (subscription.Subscription, error) { return s.ChangePlan(call, now, lookup("pro@1")) }, "plan not in offering: pro@1"},
		{"the same plan", func() (subscription.Subscription, error) { return s.ChangePlan(call, now, v) }, "plan unchanged"},
		{"no plan", func() (subscription.Subscription, error) { return s.ChangePlan(call, now, nil) }, "plan: missing"},
		{"below use", func() (subscription.Subscription, error) {
			return s.ChangeQuantity(with(func(c *subscription.Call) { c.InUse = decimal.NewFromInt(4) }), now, "", decimal.NewFromInt(3))
		}, "quantity below what is in use: 3, 4 in use"},
		{"below use with a plan, at period end", func() (subscription.Subscription, error) {
			return s.ChangePlanAndQuantity(with(func(c *subscription.Call) { c.InUse = decimal.NewFromInt(4) }), subscription.AtPeriodEnd(), lookup("gold@1"), decimal.NewFromInt(3))
		}, "quantity below what is in use"},
		{"a quantity of no charge", func() (subscription.Subscription, error) {
			return s.ChangeQuantity(call, now, "desks", decimal.NewFromInt(3))
		}, `no such charge: "desks"`},
		{"a quantity of usage", func() (subscription.Subscription, error) {
			return s.ChangeQuantity(call, now, "usage", decimal.NewFromInt(3))
		}, `subscription: no such charge: "usage" is metered and takes no quantity`},
		{"a price of no charge", func() (subscription.Subscription, error) {
			return s.ChangePrice(call, now, "desks", plan.FlatFee{Amount: decimal.NewFromInt(1)})
		}, `no such charge: "desks"`},
		{"a price of all charges", func() (subscription.Subscription, error) {
			return s.ChangePrice(call, now, "", plan.FlatFee{Amount: decimal.NewFromInt(1)})
		}, "charge: missing"},
		{"no price", func() (subscription.Subscription, error) { return s.ChangePrice(call, now, "seats", nil) }, "price: missing"},
		{"no anchor", func() (subscription.Subscription, error) { return s.SetAnchor(call, time.Time{}) }, "anchor: missing"},
		{"a resume at period end", func() (subscription.Subscription, error) { return s.Resume(call, subscription.AtPeriodEnd()) }, "immediately or on a date"},
		{"the operator's words by the subscriber", func() (subscription.Subscription, error) {
			return s.Hold(with(func(c *subscription.Call) { c.Actor = 1 }))
		}, "not permitted"},
		{"no credit", func() (subscription.Subscription, error) { return s.AddAccountCredit(call, money.Money{}) }, "account_credit: missing"},
		{"a discount of nothing", func() (subscription.Subscription, error) { return s.AddDiscount(call, plan.Discount{ID: "d"}) }, "discount:"},
		{"a one-off of nothing", func() (subscription.Subscription, error) { return s.AddOneOff(call, subscription.OneOff{ID: "x"}) }, "more than zero"},
		{"no pack", func() (subscription.Subscription, error) { return s.AddCreditPack(call, "") }, "pack: missing"},
		{"a long reference", func() (subscription.Subscription, error) {
			long := strings.Repeat("x", 300)
			return s.Update(call, subscription.Patch{Team: &long})
		}, "team: must not be longer than 255 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			next, err := test.do()
			require.ErrorContains(t, err, test.want)
			require.Equal(t, s, next)
			require.Equal(t, before, bytesOf(t, s))
			fmt.Fprintf(&all, "%s: %s\n", test.name, err)
		})
	}
	golden.Equal(t, "testdata/bad_calls.txt", []byte(all.String()))
	_, err := subscription.Subscription{}.Hold(call)
	require.ErrorIs(t, err, subscription.ErrZero)
	_, err = subscription.Subscription{}.MarshalJSON()
	require.ErrorIs(t, err, subscription.ErrZero)
}
