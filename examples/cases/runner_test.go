package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
)

func TestCasesOfEachKind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		text string // a case without its id
		want string // "passed", or what the line says after the id
	}{
		// amount
		{"amounts compare by value", `"kind":"amount","price":{"model":"per_unit","unit_amount":"5"},"quantity":"2","expect":"10"`, "passed"},
		{"amounts compare by value with zeros", `"kind":"amount","price":{"model":"per_unit","unit_amount":"5.00"},"quantity":"2.0","expect":"10.0000"`, "passed"},
		{"an exact amount is not rounded", `"kind":"amount","price":{"model":"per_unit","unit_amount":"0.0045"},"quantity":"1","expect_exact":"0.0045"`, "passed"},
		{"an exact amount that is the rounded one fails", `"kind":"amount","price":{"model":"per_unit","unit_amount":"0.0045"},"quantity":"1","expect_exact":"0"`, "got 0.0045, want 0.00"},
		{"a rounded amount that is the exact one fails", `"kind":"amount","price":{"model":"per_unit","unit_amount":"0.0045"},"quantity":"1","expect":"0.0045"`, "got 0.00, want 0.0045"},
		{"both amounts must hold", `"kind":"amount","price":{"model":"per_unit","unit_amount":"0.005"},"quantity":"1","expect":"0.01","expect_exact":"0.005"`, "passed"},
		{"both amounts must hold, the rounded one too", `"kind":"amount","price":{"model":"per_unit","unit_amount":"0.005"},"quantity":"1","expect":"0.00","expect_exact":"0.005"`, "got 0.01, want 0.00"},
		{"the rounding is the case's", `"kind":"amount","rounding":"half_even","price":{"model":"per_unit","unit_amount":"0.005"},"quantity":"1","expect":"0.00"`, "passed"},
		{"the digits are the currency's", `"kind":"amount","currency":"JPY","price":{"model":"per_unit","unit_amount":"0.5"},"quantity":"1","expect":"1"`, "passed"},
		{"further units", `"kind":"amount","price":{"model":"tiered","tiers":[{"up_to":"10","unit_amount":"5"},{"unit_amount":"4"}]},"quantity_before":"8","quantity":"4","expect":"18"`, "passed"},
		{"further units are rounded once", `"kind":"amount","price":{"model":"per_unit","unit_amount":"0.005"},"quantity_before":"1","quantity":"1","expect":"0.01","expect_exact":"0.005"`, "passed"},
		{"events", `"kind":"amount","price":{"model":"percentage","rate":"1","fixed_amount":"0.50","event_minimum":"1","event_maximum":"5"},"events":["20","600"],"expect":"6"`, "passed"},
		{"further events", `"kind":"amount","price":{"model":"percentage","rate":"1.2","fixed_amount":"0.10","free_events":"3","free_amount":"500"},"events_before":["200","100","100"],"events":["50"],"expect":"0.70","expect_exact":"0.7"`, "passed"},
		{"further events that cost otherwise", `"kind":"amount","price":{"model":"percentage","rate":"1.2","fixed_amount":"0.10","free_events":"3"},"events_before":["200","100"],"events":["100","50"],"expect":"0.80"`, "got 0.70, want 0.80"},
		{"events of a price that rates their sum", `"kind":"amount","price":{"model":"per_unit","unit_amount":"1"},"events":["100","-20"],"expect":"80"`, "passed"},
		{"further events of a price that rates their sum", `"kind":"amount","price":{"model":"graduated_percentage","tiers":[{"up_to":"1000","rate":"1","flat_amount":"200"},{"rate":"2","flat_amount":"300"}]},"events_before":["500"],"events":["550"],"expect":"306"`, "passed"},
		{"events of a price that rates their sum, which is below zero", `"kind":"amount","price":{"model":"per_unit","unit_amount":"1"},"events":["-20"],"expect":"0"`, "got error: plan: negative quantity: -20"},
		{"a quantity of a price that rates events", `"kind":"amount","price":{"model":"percentage","rate":"1","free_events":"2"},"quantity":"10","expect":"0.10"`, "got error: a price of single events"},
		{"events beside a quantity", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1","events":["1"],"expect":"5"`, "must have exactly one of quantity, events"},
		{"events before a quantity", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1","events_before":["1"],"expect":"5"`, "events_before: must be left out without events"},
		{"events that are no list", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"events":"1","expect":"5"`, "events: "},
		{"what the engine refuses fails", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"-1","expect":"5"`, "got error: plan: "},
		{"no expectation", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1"`, "must have expect or expect_exact"},
		{"no quantity", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"expect":"5"`, "quantity: missing"},
		{"no price", `"kind":"amount","quantity":"1","expect":"5"`, "price: missing"},
		{"no model", `"kind":"amount","price":{"amount":"5"},"quantity":"1","expect":"5"`, "price.model: "},
		{"an unknown model", `"kind":"amount","price":{"model":"free","amount":"5"},"quantity":"1","expect":"5"`, "price.model: "},
		{"a field of another model", `"kind":"amount","price":{"model":"flat_fee","amount":"5","unit_amount":"1"},"quantity":"1","expect":"5"`, "price.unit_amount: "},
		{"a field of another model's tier", `"kind":"amount","price":{"model":"stairstep","tiers":[{"amount":"5","unit_amount":"1"}]},"quantity":"1","expect":"5"`, "price.tiers[0].unit_amount: "},
		{"a field that only the engine has", `"kind":"amount","price":{"model":"stairstep","closed":true,"tiers":[{"up_to":"5","amount":"5"}]},"quantity":"1","expect":"5"`, "price.closed: unknown field"},
		{"a field of another kind of case", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1","basis":"day","expect":"5"`, "basis: unknown"},
		{"a number that is not a string", `"kind":"amount","price":{"model":"flat_fee","amount":5},"quantity":"1","expect":"5"`, "price.amount: "},
		{"an exponent", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1e1000000000","expect":"5"`, "quantity: not a decimal"},
		{"a million digits", `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"` + strings.Repeat("9", 900_000) + `","expect":"5"`, "quantity"},
		{"an unknown currency", `"kind":"amount","currency":"XYZ","price":{"model":"flat_fee","amount":"5"},"quantity":"1","expect":"5"`, "currency: "},
		{"an unknown rounding", `"kind":"amount","rounding":"bankers","price":{"model":"flat_fee","amount":"5"},"quantity":"1","expect":"5"`, "rounding: "},
		{"an unknown zone", `"kind":"amount","time_zone":"Mars/Olympus","price":{"model":"flat_fee","amount":"5"},"quantity":"1","expect":"5"`, "time_zone: "},
		// schedule
		{"boundaries", `"kind":"schedule","anchor":"2026-01-31","every":{"count":1,"unit":"month"},"from":"2026-02-01","expect":["2026-02-28","2026-03-31"]`, "passed"},
		{"boundaries before the anchor", `"kind":"schedule","anchor":"2026-01-31","every":{"count":1,"unit":"month"},"from":"2025-11-01","expect":["2025-11-30","2025-12-31","2026-01-31"]`, "passed"},
		{"last days", `"kind":"schedule","anchor":"2026-02-28","month_end":"last_day","every":{"count":1,"unit":"month"},"from":"2026-03-01","expect":["2026-03-31"]`, "passed"},
		{"the default clamps", `"kind":"schedule","anchor":"2026-02-28","every":{"count":1,"unit":"month"},"from":"2026-03-01","expect":["2026-03-31"]`, "got [2026-03-28], want [2026-03-31]"},
		{"a list that skips a boundary", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01","expect":["2026-01-01","2026-03-01"]`, "got [2026-01-01 2026-02-01], want [2026-01-01 2026-03-01]"},
		{"a list that repeats a boundary", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01","expect":["2026-01-01","2026-01-01"]`, "got [2026-01-01 2026-02-01], want [2026-01-01 2026-01-01]"},
		{"a list that begins late", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01","expect":["2026-02-01"]`, "got [2026-01-01], want [2026-02-01]"},
		{"from a moment within a period", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01T00:00:00.000001Z","expect":["2026-02-01"]`, "passed"},
		{"dates are midnights of the zone", `"kind":"schedule","time_zone":"America/New_York","anchor":"2026-03-01","every":{"count":1,"unit":"week"},"from":"2026-03-08","expect":["2026-03-08T05:00:00Z","2026-03-15T04:00:00Z"]`, "passed"},
		{"the period that holds an instant", `"kind":"schedule","anchor":"2026-01-31","every":{"count":1,"unit":"month"},"at":"2026-02-28","expect":["2026-02-28","2026-03-31"]`, "passed"},
		{"a period holds its start and not its end", `"kind":"schedule","anchor":"2026-01-31","every":{"count":1,"unit":"month"},"at":"2026-02-28","expect":["2026-01-31","2026-02-28"]`, "got [2026-02-28 2026-03-31], want [2026-01-31 2026-02-28]"},
		{"a skipped day may be named", `"kind":"schedule","time_zone":"Pacific/Apia","anchor":"2011-12-28","every":{"count":1,"unit":"day"},"from":"2011-12-29","expect":["2011-12-29","2011-12-30","2011-12-31","2012-01-01"]`, "passed"},
		{"a skipped day may be left out", `"kind":"schedule","time_zone":"Pacific/Apia","anchor":"2011-12-28","every":{"count":1,"unit":"day"},"from":"2011-12-29","expect":["2011-12-29","2011-12-31","2012-01-01"]`, "passed"},
		{"a list that begins with a skipped day", `"kind":"schedule","time_zone":"Pacific/Apia","anchor":"2011-12-28","every":{"count":1,"unit":"day"},"from":"2011-12-30","expect":["2011-12-30","2011-12-31","2012-01-01"]`, "passed"},
		{"an ordinary day may not be left out there", `"kind":"schedule","time_zone":"Pacific/Apia","anchor":"2011-12-28","every":{"count":1,"unit":"day"},"from":"2011-12-29","expect":["2011-12-29","2012-01-01"]`, "got [2011-12-29 2011-12-31], want [2011-12-29 2012-01-01]"},
		{"a boundary after the year 9999", `"kind":"schedule","anchor":"9999-01-01","every":{"count":1,"unit":"year"},"from":"9999-01-01","expect":["9999-01-01","9999-12-31"]`, "got error: after 1 boundaries: calendar: "},
		{"a day that does not exist", `"kind":"schedule","anchor":"2026-02-30","every":{"count":1,"unit":"month"},"from":"2026-03-01","expect":["2026-03-30"]`, "anchor: calendar: "},
		{"an instant without a zone", `"kind":"schedule","anchor":"2026-02-28T00:00:00","every":{"count":1,"unit":"month"},"from":"2026-03-01","expect":["2026-03-28"]`, "anchor: calendar: "},
		{"from and at", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01","at":"2026-01-01","expect":["2026-01-01","2026-02-01"]`, "must have exactly one of from, at"},
		{"neither from nor at", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"expect":["2026-01-01","2026-02-01"]`, "must have exactly one of from, at"},
		{"at with one boundary", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"at":"2026-01-01","expect":["2026-01-01"]`, "expect: must be the start and the end of the period"},
		{"at with three boundaries", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"at":"2026-01-01","expect":["2026-01-01","2026-02-01","2026-03-01"]`, "expect: must be the start and the end of the period"},
		{"no boundaries", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01","expect":[]`, "expect: must have at least one boundary"},
		{"an unknown unit", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"quarter"},"from":"2026-01-01","expect":["2026-01-01"]`, "every.unit: "},
		{"no count", `"kind":"schedule","anchor":"2026-01-01","every":{"unit":"month"},"from":"2026-01-01","expect":["2026-01-01"]`, "every.count: missing"},
		{"a count of zero", `"kind":"schedule","anchor":"2026-01-01","every":{"count":0,"unit":"month"},"from":"2026-01-01","expect":["2026-01-01"]`, "every: calendar: "},
		{"a key within every", `"kind":"schedule","anchor":"2026-01-01","every":{"count":1,"unit":"month","day":31},"from":"2026-01-01","expect":["2026-01-01"]`, "every.day: unknown"},
		{"an unknown month end", `"kind":"schedule","month_end":"first_day","anchor":"2026-01-01","every":{"count":1,"unit":"month"},"from":"2026-01-01","expect":["2026-01-01"]`, "month_end: "},
		// due_date
		{"on receipt", `"kind":"due_date","at":"2026-01-31","terms":{},"expect":"2026-01-31"`, "passed"},
		{"days", `"kind":"due_date","at":"2026-01-31","terms":{"net":30},"expect":"2026-03-01"`, "got 2026-03-02, want 2026-03-01"},
		{"terms that say two things", `"kind":"due_date","at":"2026-01-31","terms":{"net":30,"months":1},"expect":"2026-03-01"`, "terms.months: must be left out without a day"},
		{"terms of an unknown word", `"kind":"due_date","at":"2026-01-31","terms":{"net":30,"month_end":"last"},"expect":"2026-03-01"`, "terms.month_end: unknown word"},
		{"no terms", `"kind":"due_date","at":"2026-01-31","expect":"2026-03-01"`, "terms: missing"},
		{"a due date after the year 9999", `"kind":"due_date","at":"9999-12-31","terms":{"net":1},"expect":"9999-12-31"`, "got error: document: due date"},
		// proration
		{"by day", `"kind":"proration","amount":"31","period":["2026-01-01","2026-02-01"],"used":["2026-01-11","2026-02-01"],"expect":"21.00"`, "passed"},
		{"multiplied before divided", `"kind":"proration","amount":"30.15","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"1.01"`, "passed"},
		{"by second", `"kind":"proration","basis":"second","amount":"31","period":["2026-01-01","2026-02-01"],"used":["2026-01-01","2026-01-01T12:00:00Z"],"expect":"0.5"`, "passed"},
		{"by months of 30 days", `"kind":"proration","basis":"day_30","amount":"30","period":["2026-01-01","2026-02-01"],"used":["2026-01-11","2026-02-01"],"expect":"20"`, "passed"},
		{"an amount finer than the currency is rounded once", `"kind":"proration","amount":"0.015","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-11"],"expect":"0.01"`, "passed"},
		{"nothing used", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-04-11","2026-04-11"],"expect":"0"`, "passed"},
		{"a charge rounds up towards infinity", `"kind":"proration","rounding":"ceiling","amount":"10","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"0.34"`, "passed"},
		{"a credit is rounded as a negative number", `"kind":"proration","rounding":"ceiling","sign":"credit","amount":"10","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"0.33"`, "passed"},
		{"a credit is expected without its sign", `"kind":"proration","sign":"credit","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"-1"`, "got 1.00, want -1.00"},
		{"used begins before the period", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-03-31","2026-04-11"],"expect":"11"`, "got error: calendar: "},
		{"used ends after the period", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-04-11","2026-05-02"],"expect":"21"`, "got error: calendar: "},
		{"used beside the period", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-06-01","2026-06-02"],"expect":"0"`, "got error: calendar: "},
		{"used backwards", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-04-11","2026-04-01"],"expect":"0"`, "got error: calendar: "},
		{"a period of no length", `"kind":"proration","amount":"30","period":["2026-04-01","2026-04-01"],"used":["2026-04-01","2026-04-01"],"expect":"0"`, "got error: calendar: "},
		{"a negative amount", `"kind":"proration","amount":"-30","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"-1"`, "got error: "},
		{"a period of three", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01","2026-06-01"],"used":["2026-04-01","2026-04-02"],"expect":"1"`, "period: must be an array of a start and an end"},
		{"an open period", `"kind":"proration","amount":"30","period":["2026-04-01"],"used":["2026-04-01","2026-04-02"],"expect":"1"`, "period: must be an array of a start and an end"},
		{"an unknown basis", `"kind":"proration","basis":"week","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"1"`, "basis: "},
		{"an unknown sign", `"kind":"proration","sign":"charge","amount":"30","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"1"`, `sign: unknown word "charge"`},
		{"no used", `"kind":"proration","amount":"30","period":["2026-04-01","2026-05-01"],"expect":"1"`, "used: missing"},
		// recognition
		{"by days", `"kind":"recognition","amount":"31","period":["2026-01-15","2026-02-15"],"expect":{"2026-01":"17","2026-02":"14.00","2026-03":"0"}`, "passed"},
		{"by months", `"kind":"recognition","amount":"31","by":"month","period":["2026-01-15","2026-02-15"],"expect":{"2026-01":"17"}`, "got 2026-01: 16.22, want 17.00"},
		{"a credit takes the rest back", `"kind":"recognition","amount":"31","period":["2026-01-15","2026-02-15"],"credit":{"at":"2026-02-01","amount":"14"},"expect":{"2026-01":"17","2026-02":"0"}`, "passed"},
		{"a credit after the end", `"kind":"recognition","amount":"31","period":["2026-01-15","2026-02-15"],"credit":{"at":"2026-03-01","amount":"1"},"expect":{"2026-03":"-1"}`, "passed"},
		{"an amount finer than the currency", `"kind":"recognition","amount":"0.001","period":["2026-01-15","2026-02-15"],"expect":{"2026-01":"0"}`, "got error: money: "},
		{"an unknown spread", `"kind":"recognition","amount":"31","by":"week","period":["2026-01-15","2026-02-15"],"expect":{"2026-01":"17"}`, `by: unknown word "week"`},
		{"an unknown part", `"kind":"recognition","amount":"31","part":"odd","period":["2026-01-15","2026-02-15"],"expect":{"2026-01":"17"}`, `part: unknown word "odd"`},
		{"a month that is none", `"kind":"recognition","amount":"31","period":["2026-01-15","2026-02-15"],"expect":{"2026-13":"17"}`, `expect.2026-13: unknown field: must be a month`},
		{"no months", `"kind":"recognition","amount":"31","period":["2026-01-15","2026-02-15"],"expect":{}`, "expect: must assert something"},
		{"no amount of a credit", `"kind":"recognition","amount":"31","period":["2026-01-15","2026-02-15"],"credit":{"at":"2026-02-01"},"expect":{"2026-01":"17"}`, "credit.amount: missing"},
		// standing
		{"nothing is paid", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"policy":{"steps":[{"id":"x","days":3,"do":["close"]}]},"expect":[{"at":"2026-03-03","step":"none","unpaid":"9.00","next_step":"x","next_at":"2026-03-04"},{"at":"2026-03-04","step":"x","access":"paid_up","commands":[{"do":"close","at":"2026-03-04"}]}]`, "passed"},
		{"another step", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"policy":{},"expect":[{"at":"2026-03-03","step":"x"}]`, `got at 2026-03-03: step none, want x`},
		{"no command", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"policy":{},"expect":[{"at":"2026-03-03","commands":[{"do":"close","at":"2026-03-03"}]}]`, `got at 2026-03-03: commands, want  close at 2026-03-03`},
		{"invoices of two subscriptions", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"},{"id":"b","at":"2026-03-01","amount":"9","subscription":"t"}],"policy":{},"expect":[{"at":"2026-03-03","unpaid":"18"}]`, `got error: invoices[1].subscription: `},
		{"an unknown policy", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"policy":{"grace":"long"},"expect":[{"at":"2026-03-03","step":"none"}]`, "policy.grace: must be"},
		{"an unknown invoice", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"facts":[{"invoice":"b","kind":"paid","at":"2026-03-02"}],"policy":{},"expect":[{"at":"2026-03-03","step":"none"}]`, `facts[0].invoice: no invoice is named "b"`},
		{"an invoice twice", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"},{"id":"a","at":"2026-03-01","amount":"9"}],"policy":{},"expect":[{"at":"2026-03-03","step":"none"}]`, `invoices[1].id: another invoice is named "a"`},
		{"an unknown fact", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"facts":[{"invoice":"a","kind":"lost","at":"2026-03-02"}],"policy":{},"expect":[{"at":"2026-03-03","step":"none"}]`, `facts[0].kind: unknown word "lost"`},
		{"a charge without an end", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9","charge":"base"}],"policy":{},"expect":[{"at":"2026-03-03","step":"none"}]`, "invoices[0]: must have both of charge, to or none"},
		{"a question without an answer", `"kind":"standing","invoices":[{"id":"a","at":"2026-03-01","amount":"9"}],"policy":{},"expect":[{"at":"2026-03-03"}]`, "expect[0]: must assert something"},
		{"no questions", `"kind":"standing","invoices":[],"policy":{},"expect":[]`, "expect: must assert something"},
		// kinds
		{"an unknown kind", `"kind":"tax","amount":"30"`, `kind: unknown kind "tax"`},
		{"no kind", `"amount":"30"`, "kind: missing"},
		{"a kind that is no string", `"kind":7`, `kind: unknown kind ""`},
		{"a kind in capitals", `"kind":"Amount"`, `kind: unknown kind "Amount"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			line := run(t, `{"id":"x",`+test.text+`}`).String()
			switch {
			case test.want == "passed":
				require.Equal(t, "passed x", line)
			case strings.HasPrefix(test.want, "got "):
				require.True(t, strings.HasPrefix(line, "FAIL x: "+test.want), line)
			default:
				require.True(t, strings.HasPrefix(line, "UNSUPPORTED x: "+test.want), line)
			}
		})
	}
}

func TestAFileThatIsNoArrayIsAnError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `null`, `{}`, `"x"`, `7`, `[`, `[{}`, `[{},]`, `[{}] x`, `[{}][]`, `[{"id":"x",}]`, "\ufeff[]", `[{'id':1}]`,
		strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
	} {
		_, err := cases.Read([]byte(text))
		require.ErrorContains(t, err, "cases: not an array of cases", "%.20q", text)
	}
}

func TestOneBadCaseDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	const good = `"kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1","expect":"5"`
	list, err := cases.Read([]byte(`[
		{"id":"a",` + good + `}, 7, null, [], "x", {}, {` + good + `}, {"id":7,` + good + `}, {"id":"a",` + good + `},
		{"id":"b","deep":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `},
		{"id":"c\n\u0007",` + good + `,"colour":"red"},
		{"id":"z",` + good + `}]`))
	require.NoError(t, err)
	var lines []string
	for _, c := range list {
		lines = append(lines, cases.Run(c).String())
	}
	require.Equal(t, []string{
		"passed a",
		"UNSUPPORTED #2: a case must be an object",
		"UNSUPPORTED #3: a case must be an object",
		"UNSUPPORTED #4: a case must be an object",
		"UNSUPPORTED #5: a case must be an object",
		"UNSUPPORTED #6: kind: missing",
		"UNSUPPORTED #7: id: missing",
		"UNSUPPORTED #8: id: must be a string",
		"UNSUPPORTED a: id: case #1 of the file has it too",
	}, lines[:9])
	require.Contains(t, lines[9], "UNSUPPORTED ")
	require.Equal(t, "UNSUPPORTED c  : colour: unknown field", lines[10])
	require.Equal(t, "passed z", lines[11])
	require.Len(t, lines, 12)
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`[{"id":"a","kind":"amount","price":{"model":"tiered","tiers":[{"up_to":"10","unit_amount":"5"},{"unit_amount":"4"}]},"quantity_before":"8","quantity":"4","expect":"18"}]`,
		`[{"id":"b","kind":"schedule","time_zone":"Pacific/Apia","anchor":"2011-12-28","every":{"count":1,"unit":"day"},"from":"2011-12-29","expect":["2011-12-29"]}]`,
		`[{"id":"c","kind":"proration","sign":"credit","amount":"10","period":["2026-04-01","2026-05-01"],"used":["2026-04-01","2026-04-02"],"expect":"0.33"}]`,
		"[" + story + "]", "[" + tale[:1] + `"id":"d","kind":"scenario","until":"2026-02-01","expect":{"balance":"0"},"policy":{"usage_bounds":"whole","usage_count":"across"},` + tale[1:] +
			`{"at":"2026-01-10","set":"s","do":"change_quantity","quantity":"2"},{"at":"2026-01-10","set":"s","do":"change_plan","to":"b"},{"at":"2026-01-11","do":"attach"}]}]`,
		`[{"id":"e","kind":"due_date","at":"2026-01-31","terms":{"net":30},"expect":"2026-03-02"}]`, `[]`, `[{}]`, `[null]`, `{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := cases.Read(data)
		if err != nil {
			require.Empty(t, list)
			return
		}
		for _, c := range list {
			if c.Kind() == "scenario" && !short(cases.Told(c)) {
				continue
			}
			result := cases.Run(c)
			require.NotEmpty(t, result.ID)
			require.NotContains(t, result.String(), "\n")
			require.Equal(t, result.Verdict == cases.Unsupported, result.Reason != "")
			require.Equal(t, result.Verdict == cases.Failed, result.Want != "")
		}
	})
}

// short reports whether a story can be played in an instant: one of daily invoices
// until the year 9999 is a long story and a right one.
func short(s cases.Scenario) bool {
	const years = 3 * 366 * 24 * time.Hour
	return s.Until.In(s.Zone).Sub(s.Subscription.Start.In(s.Zone)) < years && len(s.Actions) <= 20
}
