package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
)

// program runs the program and returns what it printed.
func program(args ...string) (stdout, stderr string, status int) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return out.String(), err.String(), status
}

// printed runs the program, which must succeed and complain about nothing.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, status := program(args...)
	require.Empty(t, stderr)
	require.Zero(t, status)
	return stdout
}

func TestThePrintedAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		golden string
		args   []string
	}{
		{"table", nil},
		{"json", []string{"-json"}},
		{"a-year-later", []string{"-at", "2027-03-10T09:00:00Z", "-catalog", "catalog.json", "-subscriptions", "testdata/no-instant.json"}},
		{"explain-free-units", []string{"-explain", "northwind"}},
		{"explain-credit-pack", []string{"-explain", "bluefin"}},
		{"explain-tiers", []string{"-explain", "leapfrog"}},
		{"explain-scheduled-change", []string{"-explain", "mill-lane"}},
		{"explain-clock-change", []string{"-explain", "hafen"}},
		{"explain-packages", []string{"-explain", "sakura"}},
		{"explain-usage", []string{"-explain", "meridian"}},
		{"explain-proration", []string{"-explain", "atelier"}},
		{"explain-phases", []string{"-explain", "quarry"}},
		{"explain-discount-and-credit", []string{"-explain", "tern"}},
		{"explain-overdue", []string{"-explain", "harbor"}},
		{"explain-trial", []string{"-explain", "kestrel"}},
		{"explain-trial-that-ends", []string{"-explain", "dune"}},
		{"explain-future", []string{"-explain", "juniper"}},
		{"explain-non-renewing", []string{"-explain", "pinecone"}},
		{"explain-pause-with-an-end", []string{"-explain", "lagoon"}},
		{"explain-pause-without-an-end", []string{"-explain", "ember"}},
		{"explain-hold", []string{"-explain", "ridge"}},
		{"explain-cancelled", []string{"-explain", "vesper"}},
	} {
		t.Run(test.golden, func(t *testing.T) {
			t.Parallel()
			equalsFile(t, "testdata/"+test.golden+".golden", []byte(printed(t, test.args...)))
		})
	}
}

func TestTheSampleHasSomethingOfEverything(t *testing.T) {
	t.Parallel()
	var r report
	require.NoError(t, json.Unmarshal([]byte(printed(t, "-json")), &r))
	require.GreaterOrEqual(t, len(r.Subscriptions), 14)
	statuses, currencies := map[lifecycle.Status]bool{}, map[string]bool{}
	for _, row := range r.Subscriptions {
		statuses[row.Status] = true
		currencies[row.NextInvoice.PlanAmount.Currency().String()] = true
		explanation := printed(t, "-explain", row.ID)
		require.Contains(t, explanation, row.Customer)
		require.Contains(t, explanation, row.NextInvoice.PlanAmount.String())
		require.NotContains(t, explanation, "dispute") // the reason of a hold is for the operator
		if !row.NextInvoice.At.IsZero() {
			require.Contains(t, explanation, ": "+row.NextInvoice.Amount.String()+".\n")
		}
		require.Equal(t, row.NextInvoice.At.IsZero(), row.NextInvoice.Amount.Sign() == 0)
	}
	for _, status := range lifecycle.Words[lifecycle.Status]() {
		require.True(t, statuses[status], status)
	}
	for _, currency := range []string{"USD", "EUR", "GBP", "JPY"} {
		require.True(t, currencies[currency], currency)
	}
}

func TestTheSameQuestionHasTheSameAnswer(t *testing.T) {
	t.Parallel()
	require.Equal(t, printed(t), printed(t))
	require.Equal(t, printed(t), printed(t, "-at", "2026-03-10T09:00:00Z", "-catalog", "catalog.json", "-subscriptions", "subscriptions.json"))
	require.Equal(t, printed(t), printed(t, "-at", "2026-03-10T10:00:00+01:00"))
}

func TestFaultsOfFilesAreAllReportedWithTheirPaths(t *testing.T) {
	t.Parallel()
	const (
		catalog = `{"plans":[{"plan":{"id":"p","version":1,"currency":"USD","every":"P1M",` +
			`"metrics":[{"id":"m"}],"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"5"}}]}}]}`
		sub = `{"format":1,"id":"a","plan":"p@1","start":"2026-01-01T00:00:00Z"}`
	)
	for _, test := range []struct {
		name, catalog, subscriptions string
		stderr                       []string
	}{
		{
			"no instant", catalog, `{"subscriptions":[{"subscription":` + sub + `}]}`,
			[]string{"s.json: at: missing: the instant to answer for stands here or in -at"},
		},
		{
			"not JSON", catalog, `{"at":`,
			[]string{"s.json: "},
		},
		{
			"another kind of document", catalog, `[]`,
			[]string{"s.json: must be an object"},
		},
		{
			"faults of the catalog", `{"plans":[{"plan":{"id":"p","version":1,"currency":"USS","every":"P1M",` +
				`"charges":[{"id":"","price":{"model":"volume","tiers":[{"up_to":"5","unit_amount":"1"},{"up_to":"4","unit_amount":"1"}]}}]}}],"plan":[]}`,
			`{"at":"2026-03-10T09:00:00Z","subscriptions":[]}`,
			[]string{
				`c.json: plans[0].plan.currency: `,
				`c.json: plans[0].plan.charges[0].id: missing`,
				`c.json: plans[0].plan.charges[0].price.tiers[1].up_to: must be left out: the last tier is open unless the price is closed`,
				`c.json: plan: unknown field`,
			},
		},
		{
			"faults everywhere", catalog, `{"At":"2026-03-10T09:00:00Z","at":"2026-02-30T09:00:00Z","subscriptions":[` +
				`{"subscription":` + sub + `,"colour":"red"},` +
				`{"subscription":` + strings.Replace(sub, "p@1", "q@1", 1) + `},` +
				`{"subscription":` + strings.Replace(sub, `"id":"a"`, `"id":"","start":1`, 1) + `},` +
				`{"subscription":` + sub + `},` +
				`{"subscription":null},` +
				`{}]}`,
			[]string{
				`s.json: At: unknown field; the name is "at"`,
				`s.json: at: `,
				`s.json: subscriptions[0].colour: unknown field`,
				`s.json: subscriptions[1].subscription.plan: subscription: plan lost from the catalog: "q@1"`,
				`s.json: subscriptions[2].subscription.start: repeated`,
				`s.json: subscriptions[2].subscription.start: must be an instant`,
				`s.json: subscriptions[3].subscription.id: subscriptions[0] has the same`,
				`s.json: subscriptions[4].subscription: must not be null`,
				`s.json: subscriptions[5].subscription: missing`,
			},
		},
		{
			"what cannot be answered", catalog, `{"at":"2026-03-10T09:00:00Z","subscriptions":[` +
				`{"subscription":` + sub + `,"usage":[{"metric":"n","at":"2026-03-11T00:00:00Z","quantity":"1"}]},` +
				`{"subscription":` + strings.Replace(sub, `"a"`, `"b"`, 1) + `,"checkpoint":{"charged_through":"2026-03-11T00:00:00Z", "last_command":1}},` +
				`{"subscription":` + strings.Replace(sub, `"a"`, `"c"`, 1) + `,"checkpoint":{"charged_through":"2026-03-01T00:00:00Z","credit_balance":{"amount":"1","currency":"EUR"}}}]}`,
			[]string{
				`s.json: subscriptions[0]: billing: usage of an unknown metric: usage[0]: "n"`,
				`s.json: subscriptions[2]: billing: `,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "c.json"), []byte(test.catalog), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "s.json"), []byte(test.subscriptions), 0o600))
			stdout, stderr, status := program("-catalog", filepath.Join(dir, "c.json"), "-subscriptions", filepath.Join(dir, "s.json"))
			require.Equal(t, 1, status)
			require.Empty(t, stdout)
			stderr = strings.ReplaceAll(stderr, dir+string(filepath.Separator), "")
			for _, want := range test.stderr {
				require.Contains(t, "\n"+stderr, "\n"+want)
			}
			require.Equal(t, strings.Count(stderr, "\n"), len(test.stderr))
		})
	}
}

func TestUsageIsCheckedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"help", []string{"-h"}, 0, "usage: nextbilling"},
		{"unknown flag", []string{"-colour"}, 2, "flag provided but not defined: -colour"},
		{"an argument", []string{"northwind"}, 2, `unexpected argument "northwind"`},
		{"an instant that is none", []string{"-at", "2026-02-30T00:00:00Z"}, 2, "-at: "},
		{"a day is no instant", []string{"-at", "2026-02-03"}, 2, "-at: "},
		{"two forms at once", []string{"-json", "-explain", "northwind"}, 2, "-json and -explain exclude each other"},
		{"no such subscription", []string{"-explain", "nobody"}, 1, `nextbilling: no subscription "nobody" in subscriptions.json`},
		{"no such catalog", []string{"-catalog", "testdata/none.json"}, 1, "testdata/none.json"},
		{"no such subscriptions", []string{"-subscriptions", "testdata/none.json"}, 1, "testdata/none.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, status := program(test.args...)
			require.Equal(t, test.status, status)
			require.Empty(t, stdout)
			require.Contains(t, stderr, test.stderr)
		})
	}
}

func TestNamesCannotMoveTheCursor(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a?[2Jb?c", printable("a\x1b[2Jb\u009bc"))
	require.Equal(t, "Bäckerei 東京", printable("Bäckerei 東京"))
}

func TestTheOutputInREADMEIsWhatIsPrinted(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	var commands int
	for _, block := range strings.Split(string(readme), "```console\n")[1:] {
		block, _, closed := strings.Cut(block, "```\n")
		require.True(t, closed)
		command, output, _ := strings.Cut(block, "\n")
		args, ok := strings.CutPrefix(command, "$ go run ./examples/nextbilling")
		require.True(t, ok, command)
		args, head, cut := strings.Cut(args, " | head -")
		want := printed(t, strings.Fields(args)...)
		if cut {
			n, err := strconv.Atoi(head)
			require.NoError(t, err)
			want = strings.Join(strings.SplitAfter(want, "\n")[:n], "")
		}
		require.Equal(t, want, output, command)
		commands++
	}
	require.Equal(t, 2, commands)
}

// What Next says is what a run makes, at any time: explain fails where they differ.
func TestEveryAnswerCanBeExplainedAtAnyTime(t *testing.T) {
	t.Parallel()
	b, faults := load(options{})
	require.Empty(t, faults)
	for i := range b.entries {
		if b.entries[i].usage == nil {
			b.entries[i].checkpoint = billing.Checkpoint{} // as if all was billed
		}
	}
	for b.at = b.at.AddDate(-2, 0, 0); b.at.Year() < 2029; b.at = b.at.Add(131 * time.Hour) {
		for _, e := range b.entries {
			if b.at.Before(e.checkpoint.ChargedThrough) {
				continue
			}
			one := book{at: b.at, entries: []entry{e}}
			answers, faults := one.ask()
			require.Empty(t, faults, "%s at %s", e.sub.ID(), b.at)
			require.NoError(t, explain(io.Discard, answers[0]), "%s at %s", e.sub.ID(), b.at)
		}
	}
}
