package plan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// team is a plan that uses every field.
func team() plan.Plan {
	quantity := d("3.50")
	price := d("95")
	return plan.Plan{
		ID: "team", Version: 2, Name: "Team", Description: "For teams.\nBy the month.", Family: "business", Product: "suite",
		Currency: money.USD, Every: calendar.Months(1), MonthEnd: calendar.LastDay,
		Charges: []plan.Charge{
			{ID: "base", Name: "Base fee", Price: plan.FlatFee{Amount: d("30.15")}},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: d("12.00"), FreeUnits: d("2")}, Timing: plan.Advance},
			{ID: "support", Price: plan.PerUnit{UnitAmount: d("10")}, Quantity: &quantity, Timing: plan.Arrears},
			{ID: "setup", Price: plan.FlatFee{Amount: d("99")}, Once: true},
			{ID: "calls", Metric: "api_calls", Price: plan.Tiered{Tiers: []plan.Tier{
				{UpTo: at("1000")}, {UnitAmount: d("0.0299")},
			}}},
			{ID: "peak", Metric: "connections", Price: plan.Volume{Tiers: []plan.Tier{{UnitAmount: d("1")}}}},
		},
		Phases: []plan.Phase{
			{ID: "intro", Every: calendar.Weeks(2), Cycles: 3, Charges: []plan.Charge{
				{ID: "base", Price: plan.FlatFee{Amount: d("10")}},
			}},
			{Length: calendar.Days(45)},
		},
		Trial:  &plan.Trial{Length: calendar.Days(14), AtEnd: plan.PauseAtTrialEnd},
		Length: &plan.Length{Interval: calendar.Years(1), From: plan.FromStart, LastPeriod: plan.LastFull, AtEnd: plan.Roll},
		Rules:  plan.Rules{CancelNow: plan.Operator, Quantity: plan.Nobody},
		Policy: plan.Policy{Basis: calendar.BySecond, Rounding: money.HalfEven, CancelCredit: plan.CreditProrate},
		Features: feature.Set{
			"rescan": {Kind: feature.Allowance, Active: true, Limit: d("10"), Window: feature.Day},
			"sso":    {Kind: feature.Switch, Active: true},
		},
		CreditPacks: []plan.CreditPack{
			{ID: "ten", Name: "Ten", Credits: 10, ListPrice: d("10.00"), PercentOff: d("5")},
			{ID: "dozen", Credits: 12, ListPrice: d("10"), Price: &price, ValidFor: calendar.Years(1), ExtendsPaid: true},
		},
		Metrics:  []plan.Metric{{ID: "connections", Name: "Connections", Aggregation: plan.Max}, {ID: "spare"}},
		Metadata: map[string]string{"sales region": "north", "crm": "4711"},
	}
}

func TestAPlanMayUseEveryFieldOrHardlyAny(t *testing.T) {
	t.Parallel()
	require.NoError(t, team().Validate())
	require.NoError(t, plan.Plan{ID: "free", Version: 1, Currency: money.JPY}.Validate())
	require.Equal(t, "team@2", team().Ref().String())
}

// badPlans are changes to a good plan, each with all that is wrong then.
var badPlans = []struct {
	name   string
	change func(p *plan.Plan)
	faults string
}{
	{"nothing at all", func(p *plan.Plan) { *p = plan.Plan{} }, "id: missing\nversion: must be from 1 to 1000000000\ncurrency: missing"},
	{"no id", func(p *plan.Plan) { p.ID = "" }, "id: missing"},
	{"an id of spaces", func(p *plan.Plan) { p.ID = " " }, "id: must not begin or end with a space"},
	{"an id that begins with a space", func(p *plan.Plan) { p.ID = " x" }, "id: must not begin or end with a space"},
	{"an id with a line break", func(p *plan.Plan) { p.ID = "a\nb" }, "id: must be on one line, without control characters"},
	{"an id that is not UTF-8", func(p *plan.Plan) { p.ID = "\xff" }, "id: must be valid UTF-8"},
	{"an id that turns around", func(p *plan.Plan) { p.ID = "a\u202eb" }, "id: must not hold characters that change the direction of text"},
	{"a long id", func(p *plan.Plan) { p.ID = strings.Repeat("x", 256) }, "id: must not be longer than 255 bytes"},
	{"version 0", func(p *plan.Plan) { p.Version = 0 }, "version: must be from 1 to 1000000000"},
	{"a negative version", func(p *plan.Plan) { p.Version = -1 }, "version: must be from 1 to 1000000000"},
	{"an enormous version", func(p *plan.Plan) { p.Version = 1_000_000_001 }, "version: must be from 1 to 1000000000"},
	{"a name of two lines", func(p *plan.Plan) { p.Name = "a\nb" }, "name: must be on one line, without control characters"},
	{"a long name", func(p *plan.Plan) { p.Name = strings.Repeat("x", 1025) }, "name: must not be longer than 1024 bytes"},
	{"a long description", func(p *plan.Plan) { p.Description = strings.Repeat("x", 4097) }, "description: must not be longer than 4096 bytes"},
	{"a description with a zero byte", func(p *plan.Plan) { p.Description = "a\x00b" }, "description: must not hold control characters other than line feeds and tabs"},
	{"a family with a tab", func(p *plan.Plan) { p.Family = "a\tb" }, "family: must be on one line, without control characters"},
	{"a product with a space at its end", func(p *plan.Plan) { p.Product = "x " }, "product: must not begin or end with a space"},
	{"no currency", func(p *plan.Plan) { p.Currency = 0 }, "currency: missing"},
	{"a currency that is none", func(p *plan.Plan) { p.Currency = 1 }, "currency: unknown currency"},
	{"an interval of no length", func(p *plan.Plan) { p.Every = calendar.Days(0) }, "every: must be 1 to 10000 days, weeks, months or years"},
	{"a negative interval", func(p *plan.Plan) { p.Every = calendar.Months(-1) }, "every: must be 1 to 10000 days, weeks, months or years"},
	{"a month end that is none", func(p *plan.Plan) { p.MonthEnd = "first_day" }, `month_end: unknown month end "first_day": must be one of clamp, last_day`},

	{"a charge of nothing", func(p *plan.Plan) { p.Charges[1] = plan.Charge{} }, "charges[1].id: missing\ncharges[1].price: missing"},
	{"two charges of one id", func(p *plan.Plan) { p.Charges[2].ID = "base" }, `charges[2].id: "base" is used more than once`},
	{"two charges without an id", func(p *plan.Plan) { p.Charges[1].ID, p.Charges[2].ID = "", "" }, "charges[1].id: missing\ncharges[2].id: missing"},
	{"a charge with a bad name", func(p *plan.Plan) { p.Charges[0].Name = "\x7f" }, "charges[0].name: must be on one line, without control characters"},
	{"a charge without a price", func(p *plan.Plan) { p.Charges[0].Price = nil }, "charges[0].price: missing"},
	{
		"a pointer as a price", func(p *plan.Plan) { p.Charges[0].Price = &plan.FlatFee{} },
		"charges[0].price: must be one of the price definitions of this package, by value",
	},
	{
		"a nil pointer as a price", func(p *plan.Plan) { p.Charges[0].Price = (*plan.FlatFee)(nil) },
		"charges[0].price: must be one of the price definitions of this package, by value",
	},
	{"a negative price", func(p *plan.Plan) { p.Charges[0].Price = plan.FlatFee{Amount: d("-1")} }, "charges[0].price.amount: must not be negative"},
	{
		"a tier that does not exceed the one before", func(p *plan.Plan) {
			p.Charges[4].Price = plan.Tiered{Tiers: []plan.Tier{{UpTo: at("10")}, {UpTo: at("10")}, {}}}
		}, "charges[4].price.tiers[1].up_to: must exceed 10",
	},
	{"a timing that is none", func(p *plan.Plan) { p.Charges[0].Timing = "later" }, `charges[0].timing: unknown timing "later": must be one of advance, arrears`},
	{"a charge that is due once, in arrears", func(p *plan.Plan) { p.Charges[3].Timing = plan.Arrears }, "charges[3].timing: a charge that is due once cannot be in arrears"},
	{"usage in advance", func(p *plan.Plan) { p.Charges[4].Timing = plan.Advance }, "charges[4].timing: usage cannot be rated in advance"},
	{"usage that is due once", func(p *plan.Plan) { p.Charges[4].Once = true }, "charges[4].metric: a charge that is due once cannot be metered"},
	{"usage of a fixed quantity", func(p *plan.Plan) { p.Charges[4].Quantity = at("1") }, "charges[4].metric: a charge with a fixed quantity cannot be metered"},
	{
		"a metered charge with every fault", func(p *plan.Plan) {
			p.Charges[4] = plan.Charge{Metric: " ", Once: true, Timing: plan.Advance, Quantity: at("-1")}
		}, "charges[4].id: missing\ncharges[4].price: missing\ncharges[4].timing: usage cannot be rated in advance\n" +
			"charges[4].quantity: must not be negative\ncharges[4].metric: must not begin or end with a space\n" +
			"charges[4].metric: a charge that is due once cannot be metered\n" +
			"charges[4].metric: a charge with a fixed quantity cannot be metered",
	},
	{"a negative quantity", func(p *plan.Plan) { p.Charges[2].Quantity = at("-0.01") }, "charges[2].quantity: must not be negative"},
	{"a quantity of too many places", func(p *plan.Plan) { p.Charges[2].Quantity = at("0.000000000000000000001") }, "charges[2].quantity: too many digits"},
	{
		"a quantity with a huge exponent", func(p *plan.Plan) { p.Charges[2].Quantity = plan.Bound(decimal.New(1, 2_000_000_000)) },
		"charges[2].quantity: too many digits",
	},
	{"too many charges", func(p *plan.Plan) {
		p.Charges = nil
		for i := range 201 {
			p.Charges = append(p.Charges, plan.Charge{ID: fmt.Sprint("c", i), Price: plan.FlatFee{}})
		}
	}, "charges: must not have more than 200 elements"},

	{"a phase of nothing", func(p *plan.Plan) { p.Phases[1] = plan.Phase{} }, "phases[1]: must have either cycles or a length"},
	{"a phase with two ends", func(p *plan.Plan) { p.Phases[0].Length = calendar.Days(1) }, "phases[0]: must have either cycles or a length"},
	{
		"a phase of negative cycles", func(p *plan.Plan) { p.Phases[0].Cycles = -1 },
		"phases[0].cycles: must be from 1 to 1000000",
	},
	{"a phase of too many cycles", func(p *plan.Plan) { p.Phases[0].Cycles = 1_000_001 }, "phases[0].cycles: must be from 1 to 1000000"},
	{
		"a phase with a bad length", func(p *plan.Plan) { p.Phases[1].Length = calendar.Days(10_001) },
		"phases[1].length: must be 1 to 10000 days, weeks, months or years",
	},
	{"a phase with a bad interval", func(p *plan.Plan) { p.Phases[0].Every = calendar.Years(0) }, "phases[0].every: must be 1 to 10000 days, weeks, months or years"},
	{"two phases of one id", func(p *plan.Plan) { p.Phases[1].ID = "intro" }, `phases[1].id: "intro" is used more than once`},
	{"a phase with a bad id", func(p *plan.Plan) { p.Phases[0].ID = "\t" }, "phases[0].id: must be on one line, without control characters"},
	{"a bad charge in a phase", func(p *plan.Plan) { p.Phases[0].Charges[0].Price = nil }, "phases[0].charges[0].price: missing"},
	{
		"cycles of a phase in which nothing recurs", func(p *plan.Plan) { p.Every, p.Phases[0].Every = calendar.Interval{}, calendar.Interval{} },
		"phases[0].cycles: nothing recurs that could be counted",
	},
	{"too many phases", func(p *plan.Plan) {
		for range 49 {
			p.Phases = append(p.Phases, plan.Phase{Cycles: 1})
		}
	}, "phases: must not have more than 50 elements"},

	{"a trial of nothing", func(p *plan.Plan) { *p.Trial = plan.Trial{} }, "trial: must have either a length or an instant until"},
	{"a trial with two ends", func(p *plan.Plan) { p.Trial.Until = time.Unix(1, 0) }, "trial: must have either a length or an instant until"},
	{"a trial with a bad length", func(p *plan.Plan) { p.Trial.Length = calendar.Days(-3) }, "trial.length: must be 1 to 10000 days, weeks, months or years"},
	{
		"a trial until the year 10000", func(p *plan.Plan) { *p.Trial = plan.Trial{Until: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)} },
		"trial.until: must be in the years 1 to 9999",
	},
	{"a trial with a bad end", func(p *plan.Plan) { p.Trial.AtEnd = "renew" }, `trial.at_end: unknown trial end "renew": must be one of bill, cancel, pause`},
	{"a length of nothing", func(p *plan.Plan) { *p.Length = plan.Length{} }, "length: must have either cycles or an interval"},
	{"a length of both kinds", func(p *plan.Plan) { p.Length.Cycles = 1 }, "length: must have either cycles or an interval"},
	{"a negative length", func(p *plan.Plan) { *p.Length = plan.Length{Cycles: -12} }, "length.cycles: must be from 1 to 1000000"},
	{"a bad interval of a length", func(p *plan.Plan) { p.Length.Interval = calendar.Weeks(0) }, "length.interval: must be 1 to 10000 days, weeks, months or years"},
	{
		"a length with bad words", func(p *plan.Plan) { p.Length.From, p.Length.LastPeriod, p.Length.AtEnd = "end", "free", "stop" },
		"length.from: unknown origin of a length \"end\": must be one of trial_end, start\n" +
			"length.last_period: unknown choice for the last period \"free\": must be one of prorate, full\n" +
			"length.at_end: unknown end behavior \"stop\": must be one of close, roll",
	},
	{
		"cycles from the start", func(p *plan.Plan) {
			*p.Length = plan.Length{Cycles: 12, From: plan.FromStart, LastPeriod: plan.LastFull}
		},
		"length.from: cycles are counted from the end of the trial\nlength.last_period: the last of a number of cycles is never cut",
	},
	{
		"cycles of a plan in which nothing recurs", func(p *plan.Plan) { p.Every, *p.Length = calendar.Interval{}, plan.Length{Cycles: 12} },
		"length.cycles: nothing recurs that could be counted",
	},

	{
		"a minimum beside intervals of charges", func(p *plan.Plan) {
			p.Phases, p.Charges = nil, []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: d("1")}, Every: calendar.Years(1)}}
			p.Minimum = &plan.Minimum{Amount: money.MustParse("5.00 USD")}
		},
		"minimum: a plan whose charges bill by intervals of their own has none",
	},
	{
		"thresholds of a price by dimensions", func(p *plan.Plan) {
			p.Phases, p.Metrics = nil, nil
			price := plan.Matrix{Dimensions: []string{"region"}, Rows: []plan.MatrixRow{{Values: []string{"eu"}, Price: plan.PerUnit{UnitAmount: d("1")}}}}
			p.Charges = []plan.Charge{{ID: "calls", Metric: "calls", Price: price}}
			p.Thresholds = plan.Thresholds{Amounts: []decimal.Decimal{d("5")}}
		},
		"charges[0].price: a plan with thresholds has no price by dimensions",
	},
	{"a length and a term", func(p *plan.Plan) { p.Term = &plan.Term{Interval: calendar.Years(1)} }, "term: a plan has a length or a term"},
	{"a term of nothing", func(p *plan.Plan) { p.Length, p.Term = nil, &plan.Term{} }, "term.interval: missing"},
	{
		"a term that binds to nothing", func(p *plan.Plan) {
			p.Every, p.Length, p.Term = calendar.Interval{}, nil, &plan.Term{Interval: calendar.Years(1)}
		},
		"term: nothing recurs that a term could bind to",
	},
	{
		"a term with bad words", func(p *plan.Plan) {
			p.Length, p.Term = nil, &plan.Term{Interval: calendar.Weeks(0), From: "end", Minimum: calendar.Days(-1), Notice: calendar.Days(-1), LateNotice: "never", Renewal: "twice", PlanChange: "stop", Pause: "stop"}
		},
		"term.interval: must be 1 to 10000 days, weeks, months or years\n" +
			"term.from: unknown origin of a length \"end\": must be one of trial_end, start\n" +
			"term.minimum: must be 1 to 10000 days, weeks, months or years\n" +
			"term.notice: must be 1 to 10000 days, weeks, months or years\n" +
			"term.late_notice: unknown choice for a late notice \"never\": must be one of next_term, refuse\n" +
			"term.renewal: unknown renewal of a term \"twice\": must be one of same, once, rolling, end\n" +
			"term.plan_change: unknown choice for a term at a change of plan \"stop\": must be one of keep, restart\n" +
			"term.pause: unknown choice for a term in a pause \"stop\": must be one of keep, extend",
	},
	{
		"a term with what it cannot have", func(p *plan.Plan) {
			p.Length, p.Term = nil, &plan.Term{Interval: calendar.Years(1), LateNotice: plan.LateRefused, Renewal: plan.RenewNever, RenewalInterval: calendar.Months(1)}
		},
		"term.late_notice: there is no notice that could be late\nterm.renewal_interval: no term follows the first",
	},
	{
		"fees without their amounts", func(p *plan.Plan) {
			p.Length, p.Term = nil, &plan.Term{Interval: calendar.Years(1), EarlyEnd: &plan.EarlyEnd{}}
		},
		"term.early_end.fee: missing",
	},
	{
		"a fixed fee without an amount", func(p *plan.Plan) {
			percent := d("10")
			p.Length, p.Term = nil, &plan.Term{Interval: calendar.Years(1), EarlyEnd: &plan.EarlyEnd{Fee: plan.FixedFee, Percent: &percent}}
		},
		"term.early_end.amount: must be given\nterm.early_end.percent: only the rest has a percent",
	},
	{
		"a share of the rest with an amount", func(p *plan.Plan) {
			percent, amount := d("101"), money.MustParse("1.00 USD")
			p.Length, p.Term = nil, &plan.Term{Interval: calendar.Years(1), EarlyEnd: &plan.EarlyEnd{Fee: plan.RestFee, Percent: &percent, Amount: &amount}}
		},
		"term.early_end.amount: a share of the rest has a percent\nterm.early_end.percent: must be above 0 and at most 100",
	},
	{
		"a fee in another currency", func(p *plan.Plan) {
			amount := money.MustParse("1.00 EUR")
			p.Length, p.Term = nil, &plan.Term{Interval: calendar.Years(1), EarlyEnd: &plan.EarlyEnd{Fee: plan.FallingFee, Amount: &amount}}
		},
		"term.early_end.amount: must be in the currency of the plan",
	},

	{
		"rules with bad words", func(p *plan.Plan) { p.Rules = plan.Rules{"a", "b", "c", "d", "e"} },
		"rules.cancel: unknown permission \"a\": must be one of anyone, operator, nobody\n" +
			"rules.cancel_now: unknown permission \"b\": must be one of anyone, operator, nobody\n" +
			"rules.pause: unknown permission \"c\": must be one of anyone, operator, nobody\n" +
			"rules.resume: unknown permission \"d\": must be one of anyone, operator, nobody\n" +
			"rules.quantity: unknown permission \"e\": must be one of anyone, operator, nobody",
	},
	{"a pause that credits all", func(p *plan.Plan) { p.Policy.PauseCredit = plan.CreditFull }, `policy.pause_credit: unknown credit "full": must be one of prorate, none`},
	{"a change that extends", func(p *plan.Plan) { p.Policy.ChangeAnchor = plan.ExtendAnchor }, `policy.change_anchor: unknown anchor "extend": must be one of keep, reset`},
	{
		"a policy of nonsense", func(p *plan.Plan) {
			p.Policy = plan.Policy{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v"}
		},
		`policy.basis: unknown basis "a": must be one of day, second, day_30
policy.change_day: unknown change day "b": must be one of new, old, more
policy.change_credit: unknown credit "c": must be one of prorate, full, none
policy.cancel_credit: unknown credit "d": must be one of prorate, full, none
policy.pause_credit: unknown credit "e": must be one of prorate, none
policy.credit_basis: unknown credit basis "f": must be one of billed, list
policy.charge_new: unknown choice for the new part "g": must be one of prorate, full, none
policy.collect: unknown time to collect "h": must be one of now, next_invoice
policy.change_anchor: unknown anchor "i": must be one of keep, reset
policy.resume_anchor: unknown anchor "j": must be one of keep, reset, extend
policy.first_period: unknown choice for the first period "k": must be one of prorate, full, free
policy.rounding: unknown rounding "l": must be one of half_up, half_even, half_down, half_floor, up, down, floor, ceiling
policy.negative: unknown choice for a negative invoice "m": must be one of carry, refund
policy.discount_split: unknown way to split a discount "n": must be one of proportion, largest_remainder, in_order
policy.zero_invoices: unknown choice for invoices of zero "o": must be one of omit, emit
policy.tax_rounding: unknown tax rounding "p": must be one of line, invoice
policy.usage_bounds: unknown choice for bounds of usage "q": must be one of share, whole
policy.usage_count: unknown choice for the count of usage "r": must be one of per_price, across
policy.change_add_ons: unknown choice for add-ons "s": must be one of keep, drop, refuse
policy.change_prices: unknown choice for negotiated prices "t": must be one of drop, keep, scale
policy.period_end: unknown choice for the period that ends "u": must be one of plan, shortest, longest
policy.first_invoice: unknown choice for the first invoice "v": must be one of apart, with_period, next`,
	},
	{
		"a word of many bytes", func(p *plan.Plan) { p.Policy.Collect = plan.Collect(strings.Repeat("x", 1000)) },
		`policy.collect: unknown time to collect "` + strings.Repeat("x", 40) + `...": must be one of now, next_invoice`,
	},

	{"a limit for each unit of no charge", func(p *plan.Plan) {
		p.Features["hours"] = feature.Grant{Kind: feature.Limit, Active: true, Per: "desks"}
	}, "features.hours.per: there is no charge of this id"},
	{"a limit for each unit of a metered charge", func(p *plan.Plan) {
		p.Charges = append(p.Charges, plan.Charge{ID: "metered", Metric: "m", Price: plan.PerUnit{}})
		p.Features["hours"] = feature.Grant{Kind: feature.Limit, Active: true, Per: "metered"}
	}, "features.hours.per: a metered charge has no quantity"},
	{"a bad feature", func(p *plan.Plan) { p.Features["rescan"] = feature.Grant{Kind: "quota"} }, `features.rescan.kind: must be one of "switch", "limit", "allowance"`},
	{"a pack of nothing", func(p *plan.Plan) { p.CreditPacks[0] = plan.CreditPack{} }, "credit_packs[0].id: missing\ncredit_packs[0].credits: must be at least 1"},
	{"two packs of one id", func(p *plan.Plan) { p.CreditPacks[1].ID = "ten" }, `credit_packs[1].id: "ten" is used more than once`},
	{"a negative list price", func(p *plan.Plan) { p.CreditPacks[0].ListPrice = d("-1") }, "credit_packs[0].list_price: must not be negative"},
	{"a pack that is more than free", func(p *plan.Plan) { p.CreditPacks[0].PercentOff = d("100.1") }, "credit_packs[0].percent_off: must be from 0 to 100"},
	{"a pack with a negative percentage", func(p *plan.Plan) { p.CreditPacks[0].PercentOff = d("-5") }, "credit_packs[0].percent_off: must be from 0 to 100"},
	{"a pack with two prices", func(p *plan.Plan) { p.CreditPacks[1].PercentOff = d("5") }, "credit_packs[1].percent_off: must be left out of a pack that has a price"},
	{"a pack above its list price", func(p *plan.Plan) { p.CreditPacks[1].Price = at("120.01") }, "credit_packs[1].price: must not exceed the list price of the credits"},
	{"a negative pack price", func(p *plan.Plan) { p.CreditPacks[1].Price = at("-1") }, "credit_packs[1].price: must not be negative"},
	{
		"a pack of too many digits", func(p *plan.Plan) {
			huge := decimal.New(1, 1_000_000_000)
			p.CreditPacks[1] = plan.CreditPack{ID: "x", Credits: 1, ListPrice: huge, PercentOff: huge, Price: &huge}
		}, "credit_packs[1].list_price: too many digits\ncredit_packs[1].percent_off: too many digits\ncredit_packs[1].price: too many digits",
	},
	{"a pack that no amount can pay", func(p *plan.Plan) { p.CreditPacks[0].Credits = 1 << 62 }, "credit_packs[0]: amount out of range"},
	{"credits that never expire and extend others", func(p *plan.Plan) { p.CreditPacks[0].ExtendsPaid = true }, "credit_packs[0].extends_paid: must be left out of a pack whose credits never expire"},
	{"credits with a bad life", func(p *plan.Plan) { p.CreditPacks[0].ValidFor = calendar.Days(0) }, "credit_packs[0].valid_for: must be 1 to 10000 days, weeks, months or years"},
	{"a metric without an id", func(p *plan.Plan) { p.Metrics[0].ID = "" }, "metrics[0].id: missing"},
	{"two metrics of one id", func(p *plan.Plan) { p.Metrics[1].ID = "connections" }, `metrics[1].id: "connections" is used more than once`},
	{"a bad aggregation", func(p *plan.Plan) { p.Metrics[1].Aggregation = "mean" }, `metrics[1].aggregation: unknown aggregation "mean": must be one of sum, max, last, count, unique, average, weighted_sum, time_average`},
	{"a level whose records are not said", func(p *plan.Plan) { p.Metrics[1].Aggregation = plan.TimeAverage }, `metrics[1].records: missing`},
	{"a level whose records are read in no way", func(p *plan.Plan) { p.Metrics[1].Aggregation, p.Metrics[1].Records = plan.WeightedSum, "delta" }, `metrics[1].records: unknown reading of records "delta": must be one of change, level`},
	{"records that are read as a level of a sum", func(p *plan.Plan) { p.Metrics[1].Records = plan.ReadLevel }, `metrics[1].records: only a level is read, of weighted_sum and time_average`},
	{"keys that are carried", func(p *plan.Plan) { p.Metrics[1].Aggregation, p.Metrics[1].Carry = plan.UniqueCount, true }, `metrics[1].carry: only a level is carried, of weighted_sum and time_average`},
	{
		"bad metadata", func(p *plan.Plan) {
			p.Metadata = map[string]string{"": "x", "b": "\xff", "a": strings.Repeat("x", 4097), "c\n": "", "d": "two\n\tlines", "e": "\r\n"}
		},
		"metadata[\"\"]: missing\nmetadata.a: must not be longer than 4096 bytes\nmetadata.b: must be valid UTF-8\n" +
			`metadata["c\n"]: must be on one line, without control characters` + "\nmetadata.e: must not hold control characters other than line feeds and tabs",
	},
	{"too much metadata", func(p *plan.Plan) {
		p.Metadata = map[string]string{}
		for i := range 1001 {
			p.Metadata[fmt.Sprint(i)] = ""
		}
	}, "metadata: must not have more than 1000 elements"},
	{"too many packs", func(p *plan.Plan) {
		for i := range 100 {
			p.CreditPacks = append(p.CreditPacks, plan.CreditPack{ID: fmt.Sprint(i), Credits: 1})
		}
	}, "credit_packs: must not have more than 100 elements"},
	{"too many metrics", func(p *plan.Plan) {
		for i := range 200 {
			p.Metrics = append(p.Metrics, plan.Metric{ID: fmt.Sprint(i)})
		}
	}, "metrics: must not have more than 200 elements"},
	{
		"faults in many places", func(p *plan.Plan) {
			p.ID, p.Currency, p.Charges[0].ID, p.Phases[0].Cycles, p.Trial.AtEnd, p.Metrics[0].ID = "", 0, "", 0, "x", ""
		},
		"id: missing\ncurrency: missing\ncharges[0].id: missing\nphases[0]: must have either cycles or a length\n" +
			"trial.at_end: unknown trial end \"x\": must be one of bill, cancel, pause\nmetrics[0].id: missing",
	},
}

func TestABadPlanReportsEveryFaultWithItsPathInOrder(t *testing.T) {
	t.Parallel()
	for _, row := range badPlans {
		p := team()
		row.change(&p)
		err := p.Validate()
		require.EqualError(t, err, row.faults, row.name)
		require.Len(t, fault.Faults(err), 1+strings.Count(row.faults, "\n"), row.name)

		_, err = plan.Compile(p)
		require.ErrorContains(t, err, row.faults, row.name)
		require.True(t, strings.HasPrefix(err.Error(), "plan: "), row.name)
		require.Len(t, fault.Faults(err), 1+strings.Count(row.faults, "\n"), row.name)
		require.Panics(t, func() { plan.MustCompile(p) })

		_, err = json.Marshal(p)
		require.ErrorContains(t, err, row.faults, row.name)
		_, err = plan.NewCatalog(plan.Product{Code: "suite"}, p)
		require.Error(t, err, row.name)
	}
}
