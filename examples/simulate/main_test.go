package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
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

// shipped returns the files of the stories.
func shipped(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("stories/*.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 10)
	return files
}

// written writes a file of its own for a test.
func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "story.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestTheShippedStories(t *testing.T) {
	t.Parallel()
	for _, file := range shipped(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := printed(t, file)
			require.Equal(t, name, strings.SplitN(text, "\n", 2)[0], "a story has the name of its file")
			require.NotContains(t, text, "%!")
			equalsFile(t, "testdata/"+name+".golden", []byte(text))
			equalsFile(t, "testdata/"+name+".json.golden", []byte(printed(t, "-json", file)))
		})
	}
}

// The books of every story, shipped or given, balance: what was billed is what was due, except for
// what was paid back, what was given as credit, and the credit that is left.
func TestTheBooksBalance(t *testing.T) {
	t.Parallel()
	for _, file := range append(shipped(t), given(t)) {
		var stories []storyForm
		require.NoError(t, json.Unmarshal([]byte(printed(t, "-json", file)), &stories))
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		read, faults := cases.DecodeStories(data)
		require.Empty(t, faults)
		for i, s := range stories {
			given := money.FromMinor(0, s.Currency)
			for _, action := range read[i].Actions {
				if credit, ok := action.Verb.(*cases.AccountCredit); ok {
					amount, err := money.Exact(credit.Amount, s.Currency)
					require.NoError(t, err)
					given = sum(t, given, amount)
				}
			}
			refunded, err := s.End.Refunded.Neg()
			require.NoError(t, err)
			require.Equal(t, sum(t, s.End.AmountDue, refunded, given), sum(t, s.End.Billed, s.End.AccountCredit), s.ID)

			for _, inv := range s.Invoices {
				total := money.FromMinor(0, s.Currency)
				for _, line := range inv.Lines {
					total = sum(t, total, line.Amount)
				}
				require.Equal(t, inv.Total, total, s.ID)
			}
		}
	}
}

func sum(t *testing.T, amounts ...money.Money) money.Money {
	t.Helper()
	total, err := money.Sum(amounts[0].Currency(), amounts...)
	require.NoError(t, err)
	return total
}

func TestTheTimelineIsInOrderAndHasEveryActionAndInvoiceOnce(t *testing.T) {
	t.Parallel()
	for _, file := range append(shipped(t), given(t)) {
		var stories []storyForm
		require.NoError(t, json.Unmarshal([]byte(printed(t, "-json", file)), &stories))
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		read, _ := cases.DecodeStories(data)
		for i, s := range stories {
			last, actions, invoices := time.Time{}, map[int]bool{}, map[int]bool{}
			for _, h := range s.Timeline {
				require.False(t, h.At.Before(last), s.ID)
				last = h.At
				if h.Action > 0 && !h.Derived {
					require.False(t, actions[h.Action], "%s: action %d twice", s.ID, h.Action)
					actions[h.Action] = true
				}
				for _, n := range h.Invoices {
					require.False(t, invoices[n], "%s: invoice %d twice", s.ID, n)
					invoices[n] = true
					require.Equal(t, h.At, s.Invoices[n-1].At)
				}
			}
			done := 0
			for _, action := range read[i].Actions {
				if !action.At.In(read[i].Zone).After(s.Until) {
					done++
				}
			}
			require.Len(t, actions, done, s.ID)
			require.Len(t, invoices, len(s.Invoices), s.ID)
			require.Equal(t, s.End.Status, s.Timeline[len(s.Timeline)-1].Status, s.ID)
		}
	}
}

// given writes the given scenarios, without what they expect, into one file.
func given(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/conformance/*.json")
	require.NoError(t, err)
	var stories []map[string]json.RawMessage
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var cases []map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(data, &cases))
		for _, c := range cases {
			// A story tells of no prepaid credit.
			if string(c["kind"]) == `"scenario"` && !bytes.Contains(c["actions"], []byte(`"do":"grant"`)) && !bytes.Contains(c["actions"], []byte(`"do": "grant"`)) {
				delete(c, "expect")
				stories = append(stories, c)
			}
		}
	}
	require.NotEmpty(t, stories)
	text, err := json.Marshal(stories)
	require.NoError(t, err)
	return written(t, string(text))
}

func TestFaultsOfFilesAreAllReportedWithTheirPaths(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			stdout, stderr, status := program(filepath.ToSlash(file))
			require.Equal(t, 1, status)
			require.Empty(t, stdout)
			equalsFile(t, strings.TrimSuffix(file, ".json")+".golden", []byte(stderr))
		})
	}
	stdout, stderr, status := program("stories/leap-day.json", "testdata/bad/cut.json", "testdata/none.json")
	require.Equal(t, 1, status)
	require.Empty(t, stdout, "nothing is told if something is wrong")
	require.Equal(t, "testdata/bad/cut.json: line 1, column 12: unexpected end of JSON input\n"+
		"testdata/none.json: no such file or directory\n", stderr)
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"no file", nil, 2, "simulate: no file\nusage: simulate [-until TIME] [-json | -html OUT] FILE..."},
		{"an unknown flag", []string{"-page", "stories/leap-day.json"}, 2, "flag provided but not defined: -page"},
		{"an instant that is none", []string{"-until", "2026-02-30", "stories/leap-day.json"}, 2, `simulate: -until: calendar: date "2026-02-30": no such day`},
		{"an empty instant", []string{"-until", "", "stories/leap-day.json"}, 2, "simulate: -until: "},
		{"help", []string{"-h"}, 0, "usage: simulate [-until TIME] [-json | -html OUT] FILE..."},
		{"an end before the beginning", []string{"-until", "2024-02-28", "stories/leap-day.json"}, 1, "stories/leap-day.json: until: must not lie before the story begins, at 2024-02-29T00:00:00Z\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, status := program(test.args...)
			require.Equal(t, test.status, status)
			require.Empty(t, stdout)
			require.True(t, strings.HasPrefix(stderr, test.stderr), stderr)
		})
	}
}

func TestAnotherEndIsThatOfTheCommandLine(t *testing.T) {
	t.Parallel()
	day := printed(t, "-until", "2026-02-28", "stories/trial-to-paid.json") // of New York
	require.Contains(t, day, "-> invoice 2: 49.00 USD due")
	require.NotContains(t, day, "-> invoice 3")
	require.Contains(t, day, "AT THE END, on 28 February 2026\n")
	require.Contains(t, day, "next billing    31 March 2026, 49.00 USD\n")
	require.Equal(t, day, printed(t, "-until", "2026-02-28T00:00:00-05:00", "stories/trial-to-paid.json"))
	before := printed(t, "-until", "2026-02-28T00:00:00Z", "stories/trial-to-paid.json")
	require.NotContains(t, before, "-> invoice 2")
	require.Contains(t, before, "AT THE END, on 27 February 2026, 19:00 EST\n")
}

func TestSeveralStoriesAreToldOneAfterAnother(t *testing.T) {
	t.Parallel()
	files := []string{"stories/pause-keep.json", "stories/pause-reset.json", "stories/pause-extend.json"}
	var texts, sources []string
	for _, file := range files {
		texts = append(texts, printed(t, file))
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		sources = append(sources, string(source))
	}
	require.Equal(t, strings.Join(texts, "\n"), printed(t, files...))
	array := written(t, "["+strings.Join(sources, ",")+"]")
	require.Equal(t, printed(t, files...), printed(t, array))
	require.Equal(t, printed(t, append([]string{"-json"}, files...)...), printed(t, "-json", array))
}

func TestAStoryNeedsLittle(t *testing.T) {
	t.Parallel()
	file := written(t, `{"plans":[{"id":"p","every":{"count":1,"unit":"week"},"charges":[]}],
		"subscription":{"plan":"p","start":"2026-01-01"},"actions":[{"at":"2026-01-03","do":"change_quantity","quantity":"1"}],"until":"2026-01-20"}`)
	require.Equal(t, `A story
=======

Amounts in USD, days and times of UTC.

TIMELINE
  2026-01-01     sold: plan p, quantity 1; the subscription starts; the period is 1 January to 7 January 2026 [active]
  2026-01-03  1. change the quantity to 1 now
  2026-01-08     it renews for 8 January to 14 January 2026
  2026-01-15     it renews for 15 January to 21 January 2026

INVOICES
  none

AT THE END, on 20 January 2026
  status          active
  plan            p
  quantity        1
  period          15 January to 21 January 2026
  next billing    none
  account credit  0.00 USD
  total billed    0.00 USD
  total due       0.00 USD
`, printed(t, file))
}

func TestTheActionsOfASetAreToldWithIt(t *testing.T) {
	t.Parallel()
	file := written(t, `{"plans":[{"id":"p","every":{"count":1,"unit":"week"},"charges":[]},{"id":"q","every":{"count":1,"unit":"week"},"charges":[]}],
		"subscription":{"plan":"p","start":"2026-01-01"},"policy":{"usage_bounds":"whole","usage_count":"across"},"actions":[
		{"at":"2026-01-03","set":"move","do":"change_plan","to":"q"},
		{"at":"2026-01-03","set":"move","do":"change_quantity","quantity":"2"},
		{"at":"2026-01-03","do":"change_quantity","quantity":"3"}],"until":"2026-01-04"}`)
	text := printed(t, file)
	require.Contains(t, text, "  2026-01-03  1. change to plan q now, in the set move\n"+
		"  2026-01-03  2. change the quantity to 2 now, in the set move\n"+
		"  2026-01-03  3. change the quantity to 3 now\n")
	require.Contains(t, printed(t, "-json", file), `"words": "change the quantity to 2 now, in the set move"`)
}

func TestAnInvoiceAtWhichNothingHappenedHasALineOfItsOwn(t *testing.T) {
	t.Parallel()
	file := written(t, `{"plans":[{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"30"}}]}],
		"subscription":{"plan":"p","start":"2026-04-01"},"actions":[
		{"at":"2026-03-31","do":"cancel","effective":"2026-04-16","credit":"prorate"},
		{"at":"2026-04-10","do":"undo_cancel"}],"until":"2026-05-01"}`)
	require.Contains(t, printed(t, file), `
  2026-04-10  2. undo the cancellation [active]
  2026-04-16     what is left of the period is billed
                 -> invoice 2: 15.00 USD due
  2026-05-01     it renews`)
}

func TestAnActionThatBecameNoCommandIsSaidToChangeNothing(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("stories/upgrade-mid-month.json")
	require.NoError(t, err)
	stories, faults := cases.DecodeStories(data)
	require.Empty(t, faults)
	told, faults := tell(stories[0], cases.Moment{})
	require.Empty(t, faults)
	told.timeline = told.timeline[:1]
	told.beside(0)
	require.Equal(t, "change to plan large now, which changes nothing", told.words(told.timeline[1]))
	require.Equal(t, lifecycle.Active, told.timeline[1].Status)
}

func TestTextOfAFileCannotMoveTheCursor(t *testing.T) {
	t.Parallel()
	file := written(t, `{"id":"x\u001b[2J","note":"a\u009bb","plans":[{"id":"p\u0007","every":{"count":1,"unit":"week"},"charges":[]}],
		"subscription":{"plan":"p\u0007","start":"2026-01-01"},"until":"2026-01-02"}`)
	stdout, stderr, _ := program(file)
	for _, r := range stdout + stderr {
		require.True(t, r == '\n' || r >= ' ' && r != 0x7f && (r < 0x80 || r >= 0xa0), "%q", stdout+stderr)
	}
}

type broke struct{}

func (broke) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestATellingThatCannotBeWrittenFails(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	require.Equal(t, 1, run([]string{"stories/leap-day.json"}, broke{}, &stderr))
	require.Equal(t, "simulate: no space left\n", stderr.String())
}
