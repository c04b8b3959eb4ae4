package document_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
)

func date(t testing.TB, s string) document.Date {
	t.Helper()
	var d document.Date
	require.NoError(t, d.UnmarshalText([]byte(s)))
	return d
}

func TestDueDates(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ terms, on, due, words string }{
		{`{}`, "2026-01-31", "2026-01-31", "due on receipt"},
		{`{"net":30}`, "2026-01-31", "2026-03-02", "net 30 days"},
		{`{"net":1}`, "2024-02-28", "2024-02-29", "net 1 day"},
		{`{"net":30,"month_end":"then"}`, "2026-01-31", "2026-03-31", "net 30 days, end of month"},
		{`{"month_end":"then"}`, "2026-02-05", "2026-02-28", "due at the end of the month"},
		{`{"net":15,"month_end":"first"}`, "2026-01-05", "2026-02-15", "end of month, then 15 days"},
		{`{"day":5,"months":1,"cut_off":15}`, "2026-01-15", "2026-02-05", "due on day 5 of the next month, for invoices after day 15 a month later"},
		{`{"day":5,"months":1,"cut_off":15}`, "2026-01-16", "2026-03-05", "due on day 5 of the next month, for invoices after day 15 a month later"},
		{`{"day":31,"months":1}`, "2026-01-31", "2026-02-28", "due on the last day of the next month"},
		{`{"day":15}`, "2026-01-20", "2026-02-15", "due on day 15 of the month"},
		{`{"day":15}`, "2026-01-15", "2026-01-15", "due on day 15 of the month"},
		{`{"net":30,"day":10,"months":1}`, "2023-12-12", "2024-02-10", "30 days, then on day 10 of the next month"},
		{`{"day":29,"months":2}`, "2025-12-31", "2026-02-28", "due on day 29 of the month 2 months later"},
	} {
		var terms document.Terms
		require.NoError(t, json.Unmarshal([]byte(row.terms), &terms), row.terms)
		due, err := terms.Due(date(t, row.on), nil)
		require.NoError(t, err)
		require.Equal(t, row.due, due.String(), "%s of %s", row.terms, row.on)
		require.Equal(t, row.words, terms.String())
		data, err := json.Marshal(terms)
		require.NoError(t, err)
		var again document.Terms
		require.NoError(t, json.Unmarshal(data, &again))
		require.Equal(t, terms, again)
	}
}

func TestTermsThatSayTwoThingsAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ terms, want string }{
		{`{"net":-1}`, "net: must be 0 to 3650"},
		{`{"net":3651}`, "net: must be 0 to 3650"},
		{`{"day":32}`, "day: must be 1 to 31"},
		{`{"months":1}`, "months: must be left out without a day"},
		{`{"cut_off":15}`, "cut_off: must be left out without a day"},
		{`{"day":5,"cut_off":15,"net":3}`, "cut_off: must be left out beside days"},
		{`{"day":5,"month_end":"then"}`, "month_end: must be left out beside a day"},
		{`{"month_end":"last"}`, `month_end: unknown word "last": must be one of ["then" "first"]`},
		{`{"Net":3}`, `Net: unknown field; the name is "net"`},
	} {
		var terms document.Terms
		require.EqualError(t, json.Unmarshal([]byte(row.terms), &terms), row.want)
	}
}

func TestABusinessDayMovesTheDueDateAndNeverBeforeTheInvoice(t *testing.T) {
	t.Parallel()
	following := func(d document.Date) document.Date {
		for {
			day := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
			if w := day.Weekday(); w != time.Saturday && w != time.Sunday {
				return document.DateOf(day, calendar.UTC())
			}
			d = document.DateOf(day.Add(24*time.Hour), calendar.UTC())
		}
	}
	due, err := document.Terms{Net: 1}.Due(date(t, "2026-01-30"), following) // a Friday
	require.NoError(t, err)
	require.Equal(t, "2026-02-02", due.String())
	_, err = document.Terms{}.Due(date(t, "2026-01-30"), func(document.Date) document.Date { return date(t, "2026-01-29") })
	require.EqualError(t, err, `document: business day: "2026-01-29" lies before the invoice of "2026-01-30"`)
	_, err = document.Terms{Net: 1}.Due(date(t, "9999-12-31"), following)
	require.EqualError(t, err, `document: due date: no such day: "10000-01-01"`)
	_, err = document.Terms{}.Due(document.Date{}, nil)
	require.Error(t, err)
}

func TestADueDateIsNeverBeforeTheInvoiceAndLaterForLaterInvoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := document.Terms{Net: rapid.IntRange(0, 100).Draw(t, "net")}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 1:
			terms.MonthEnd = document.NetThenMonthEnd
		case 2:
			terms.MonthEnd = document.MonthEndThenNet
		case 3:
			terms.Day, terms.Months = rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 14).Draw(t, "months")
			if rapid.Bool().Draw(t, "cut") {
				terms.Net, terms.CutOff = 0, rapid.IntRange(1, 31).Draw(t, "cut_off")
			}
		}
		day := time.Date(2020, 1, 1+rapid.IntRange(0, 4000).Draw(t, "date"), 0, 0, 0, 0, time.UTC)
		on, next := document.DateOf(day, calendar.UTC()), document.DateOf(day.Add(24*time.Hour), calendar.UTC())
		due, err := terms.Due(on, nil)
		require.NoError(t, err)
		require.GreaterOrEqual(t, due.Compare(on), 0)
		later, err := terms.Due(next, nil)
		require.NoError(t, err)
		require.GreaterOrEqual(t, later.Compare(due), 0, "%v %s %s", terms, on, next)
	})
}
