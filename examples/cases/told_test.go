package cases_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/cases"
)

// tale is a story without a header, an instant to stop at, or anything to expect.
const tale = `{"plans":[
		{"id":"a","every":{"count":1,"unit":"month"},"charges":[
			{"id":"fee","price":{"model":"flat_fee","amount":"10"}},
			{"id":"calls","price":{"model":"per_unit","unit_amount":"1"},"usage":"calls"}]},
		{"id":"b","every":{"count":1,"unit":"month"},"cycles":3,"charges":[{"id":"fee","price":{"model":"flat_fee","amount":"20"}}]}],
	"subscription":{"plan":"a","start":"2026-01-01"},
	"actions":[`

// told reads a tale with some actions.
func told(t *testing.T, actions string) cases.Story {
	t.Helper()
	stories, faults := cases.DecodeStories([]byte(tale + actions + `]}`))
	require.Empty(t, faults)
	require.Len(t, stories, 1)
	return stories[0]
}

// faultsOf plays a story that the engine refuses.
func faultsOf(t *testing.T, s cases.Story) []string {
	t.Helper()
	_, faults := s.Play(time.Time{})
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.Error())
	}
	return lines
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAStoryThatDoesNotSayWhereItEndsRunsToTheBillingAfterAllThatIsKnown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, actions, until string }{
		{"nothing is done", ``, "2026-02-01"},
		{"something is done", `{"at":"2026-04-10","do":"change_quantity","quantity":"2"}`, "2026-05-01"},
		{"usage is the last that happens", `{"at":"2026-02-10","do":"change_quantity","quantity":"2"},{"at":"2026-02-11","do":"usage","of":"calls","quantity":"2"}`, "2026-03-01"},
		{"a cancellation is known to come", `{"at":"2026-04-10","do":"cancel","effective":"2026-06-20"}`, "2026-06-20"},
		{"a cancellation has come", `{"at":"2026-04-10","do":"cancel","effective":"now"}`, "2026-04-10"},
		{"a pause has no end", `{"at":"2026-04-10","do":"pause","effective":"period_end"}`, "2026-05-01"},
		{"a pause has an end", `{"at":"2026-04-10","do":"pause","effective":"period_end","cycles":2}`, "2026-08-01"},
		{"the plan has a length", `{"at":"2026-04-10","do":"change_plan","to":"b","effective":"period_end"}`, "2026-08-01"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			played, faults := told(t, test.actions).Play(time.Time{})
			require.Empty(t, faults)
			require.Equal(t, day(test.until), played.Until)
			require.Equal(t, day("2026-01-01"), played.From)
		})
	}
}

func TestWhatIsDoneAfterTheEndIsNotDone(t *testing.T) {
	t.Parallel()
	s := told(t, `{"at":"2026-01-10","do":"change_quantity","quantity":"2"},
		{"at":"2026-01-11","do":"usage","of":"calls","quantity":"3"},
		{"at":"2026-02-10","do":"change_plan","to":"b"},
		{"at":"2026-02-11","do":"usage","of":"calls","quantity":"3"}`)
	played, faults := s.Play(day("2026-02-09"))
	require.Empty(t, faults)
	require.Equal(t, []int{2, 0, -1, -1}, played.Commands)
	require.Equal(t, 2, played.Subscription.Version())
	require.Len(t, played.Usage, 1)
	require.Len(t, played.Invoices, 2)
	next, err := played.Next()
	require.NoError(t, err)
	require.Equal(t, "2026-03-01 10.00 USD", next.At.Format(time.DateOnly)+" "+next.Amount.String())

	s = told(t, `{"at":"2026-02-10","do":"change_plan","to":"b"}`)
	played, faults = s.Play(day("2026-02-10"))
	require.Empty(t, faults)
	require.Equal(t, "b", played.Subscription.Plan(played.Until).Ref().ID)
}

func TestEveryRefusalOfAStoryIsReportedAtItsPath(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"actions[0]: lifecycle: not paused: resume_now by operator while active; allowed instead: pause_now, cancel_now",
		"actions[2]: billing: usage while not entitled",
		`actions[4]: billing: usage of an unknown metric`,
	}, faultsOf(t, told(t, `{"at":"2026-01-10","do":"resume"},
		{"at":"2026-01-11","do":"change_quantity","quantity":"2"},
		{"at":"2025-12-31","do":"usage","of":"calls","quantity":"1"},
		{"at":"2026-01-12","do":"change_plan","to":"b"},
		{"at":"2026-01-13","do":"usage","of":"calls","quantity":"1"}`)))

	_, faults := told(t, ``).Play(day("2025-12-31"))
	require.Len(t, faults, 1)
	require.Equal(t, "until: must not lie before the story begins, at 2026-01-01T00:00:00Z", faults[0].Error())
}

func TestAFileHoldsOneStoryOrSome(t *testing.T) {
	t.Parallel()
	stories, faults := cases.DecodeStories([]byte("[" + tale + `]},` + tale + `]}]`))
	require.Empty(t, faults)
	require.Len(t, stories, 2)
	for _, test := range []struct {
		text string
		want []string
	}{
		{`[]`, []string{"must have at least one story"}},
		{`"once"`, []string{"must be a story or an array of stories"}},
		{`null`, []string{"must be a story or an array of stories"}},
		{`{`, []string{"line 1, column 2: unexpected end of JSON input"}},
		{`{}`, []string{"plans: missing", "subscription: missing"}},
		{`[{},7]`, []string{"[0].plans: missing", "[0].subscription: missing", "[1]: must be an object"}},
		{tale + `],"expect":{"balance":"0"},"kind":"amount"}`, []string{"expect: must be left out: a story is told, not judged", `kind: must be "scenario"`}},
		{tale + `],"id":null,"until":""}`, []string{"id: must not be null", "until: must not be empty", `until: calendar: instant "": must be YYYY-MM-DDThh:mm:ss and Z or an offset`}},
	} {
		_, faults := cases.DecodeStories([]byte(test.text))
		var lines []string
		for _, f := range faults {
			lines = append(lines, f.Error())
		}
		require.Equal(t, test.want, lines, test.text)
	}
}

func TestOneFaultOfAStoryDoesNotHideAnother(t *testing.T) {
	t.Parallel()
	_, faults := cases.DecodeStories([]byte(tale + `
		{"at":"2026-01-10","do":"change_plan","to":"c","credit":"most","colour":"red"},
		{"at":"soon","do":"discount","percent":"1","duration":"once","cycles":"2"},
		{"at":"2026-01-10","do":"pause"}],"subscription":1}`))
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.Error())
	}
	require.Equal(t, []string{
		`actions[0].to: no plan is named "c"`,
		`actions[0].credit: plan: unknown credit "most": must be one of prorate, full, none`,
		`actions[0].colour: unknown field`,
		`actions[1].at: calendar: instant "soon": must be YYYY-MM-DDThh:mm:ss and Z or an offset`,
		`actions[1].cycles: must be a whole number`,
		`actions[2].effective: missing`,
		`subscription: repeated`,
	}, lines)
}

// Every given scenario is a story once its expectation is gone, and ends as it
// does when it is judged.
func TestEveryGivenScenarioCanBeTold(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "conformance", "*.json"))
	require.NoError(t, err)
	count := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var list []map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(data, &list))
		for _, c := range list {
			if string(c["kind"]) != `"scenario"` {
				continue
			}
			var expected struct {
				Partial  bool
				Invoices []struct{ Total *json.RawMessage }
			}
			require.NoError(t, json.Unmarshal(c["expect"], &expected))
			delete(c, "expect")
			text, err := json.Marshal(c)
			require.NoError(t, err)
			stories, faults := cases.DecodeStories(text)
			if bytes.Contains(text, []byte(`"do":"grant"`)) {
				require.ErrorContains(t, faults[0], "a story tells of no prepaid credit")
				continue
			}
			require.Empty(t, faults, "%s", c["id"])
			played, faults := stories[0].Play(time.Time{})
			require.Empty(t, faults, "%s", c["id"])
			require.Equal(t, stories[0].Until.In(stories[0].Zone), played.Until)
			if expected.Invoices != nil && !expected.Partial {
				require.Len(t, played.Invoices, len(expected.Invoices), "%s", c["id"])
			}
			count++
		}
	}
	require.Greater(t, count, 50)
}
