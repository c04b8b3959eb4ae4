package billing_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
)

// A zoneWorker is a process with one release of the zone database.
type zoneWorker struct {
	in  *json.Encoder
	out *json.Decoder
}

func newZoneWorker(t *testing.T, release string) *zoneWorker {
	t.Helper()
	data, err := filepath.Abs(filepath.Join("testdata", "zoneinfo", release))
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerVariable+"=1", "ZONEINFO="+data)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &zoneWorker{json.NewEncoder(in), json.NewDecoder(out)}
}

func (w *zoneWorker) do(t require.TestingT, job zoneJob) zoneAnswer {
	require.NoError(t, w.in.Encode(job))
	var answer zoneAnswer
	require.NoError(t, w.out.Decode(&answer))
	return answer
}

func at(t require.TestingT, text string) time.Time {
	out, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return out
}

// zoneStories are subscriptions whose boundary lies in an hour that the releases give to
// different instants.
var zoneStories = []struct {
	name, zone, plan, start string
	from, to                string // the hours about the boundary
	boundaries              int    // that are billed from the start up to then
}{
	{"Vancouver, from 15 October 2026", "America/Vancouver", "advance", "2026-10-15T17:00:00Z", "2026-11-15T15:00:00Z", "2026-11-15T20:00:00Z", 2},
	{"Casablanca, from 15 September 2026", "Africa/Casablanca", "advance", "2026-09-15T09:00:00Z", "2026-10-15T07:00:00Z", "2026-10-15T12:00:00Z", 2},
	{"a trial in Vancouver that ends in the hour that was repeated", "America/Vancouver", "trial", "2026-10-18T08:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T12:00:00Z", 1},
	{"a trial in Vancouver that ends just after it", "America/Vancouver", "trial", "2026-10-18T09:05:00Z", "2026-11-01T07:00:00Z", "2026-11-01T12:00:00Z", 1},
	{"a trial in Casablanca that ends after the change", "Africa/Casablanca", "trial", "2026-09-10T09:00:00Z", "2026-09-24T07:00:00Z", "2026-09-24T12:00:00Z", 1},
	{"a start in Casablanca after the change", "Africa/Casablanca", "advance", "2026-10-21T08:00:00Z", "2026-11-21T06:00:00Z", "2026-11-21T11:00:00Z", 2},
	{"a yearly fee in Vancouver", "America/Vancouver", "own", "2026-10-15T17:00:00Z", "2026-11-15T15:00:00Z", "2026-11-15T20:00:00Z", 2},
	{"a minimum in Vancouver", "America/Vancouver", "minimum", "2026-10-15T17:00:00Z", "2026-11-15T15:00:00Z", "2026-11-15T20:00:00Z", 2},
	{"a minimum in Casablanca", "Africa/Casablanca", "minimum", "2026-09-15T09:00:00Z", "2026-10-15T07:00:00Z", "2026-10-15T12:00:00Z", 2},
	{"thresholds in Vancouver", "America/Vancouver", "thresholds", "2026-10-15T17:00:00Z", "2026-11-15T15:00:00Z", "2026-11-15T20:00:00Z", 2},
	{"a spend cap in Casablanca", "Africa/Casablanca", "capped", "2026-09-15T09:00:00Z", "2026-10-15T07:00:00Z", "2026-10-15T12:00:00Z", 2},
	{"a phase that ends in the moved hour", "America/Vancouver", "phases", "2026-10-15T17:00:00Z", "2026-11-15T15:00:00Z", "2026-11-15T20:00:00Z", 2},
}

func TestTwoReleasesOfZoneDataBillOnce(t *testing.T) {
	t.Parallel()
	workers := []*zoneWorker{newZoneWorker(t, "2025c"), newZoneWorker(t, "2026d")}
	for _, s := range zoneStories {
		for pattern := range 1 << 6 {
			name := fmt.Sprintf("%s, workers %06b", s.name, pattern)
			row := workers[pattern&1].do(t, zoneJob{Do: "new", At: at(t, s.start), Zone: s.zone, Plan: s.plan}).Row
			turn, billed := 0, map[string]bool{}
			for now := at(t, s.start); !now.After(at(t, s.to)); {
				w := workers[pattern>>(turn%6)&1]
				answer := w.do(t, zoneJob{Do: "run", At: now, Row: row})
				require.Empty(t, answer.Error, name)
				for _, inv := range answer.Invoices {
					require.False(t, billed[inv], "%s: %s is billed twice, at %s", name, inv, now)
					billed[inv] = true
				}
				row = answer.Row
				turn++
				if step := now.AddDate(0, 0, 5); step.Before(at(t, s.from)) {
					now = step
				} else {
					now = now.Add(20 * time.Minute)
					if now.Before(at(t, s.from)) {
						now = at(t, s.from)
					}
				}
			}
			require.Len(t, billed, s.boundaries, name)
			for _, w := range workers {
				diff := w.do(t, zoneJob{Do: "reconcile", At: at(t, s.to), Row: row})
				require.Empty(t, diff.Error, name)
				require.Empty(t, diff.Invoices, "%s: nothing but zone data moved", name)
			}
		}
	}
}

func TestNoHistoryIsBilledTwiceOrLostByTwoReleases(t *testing.T) {
	t.Parallel()
	workers := []*zoneWorker{newZoneWorker(t, "2025c"), newZoneWorker(t, "2026d")}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(zoneStories).Draw(t, "story")
		pick := func() *zoneWorker { return workers[rapid.IntRange(0, 1).Draw(t, "worker")] }
		row := pick().do(t, zoneJob{Do: "new", At: at(t, s.start), Zone: s.zone, Plan: s.plan}).Row
		billed, stopped := map[string]bool{}, false
		var story strings.Builder
		run := func(now time.Time) {
			answer := pick().do(t, zoneJob{Do: "run", At: now, Row: row})
			fmt.Fprintf(&story, "%s run %s %v\n", now.Format(time.RFC3339), answer.Error, answer.Invoices)
			require.Empty(t, answer.Error, story.String())
			for _, inv := range answer.Invoices {
				require.False(t, billed[inv], "%s is billed twice\n%s", inv, story.String())
				billed[inv] = true
			}
			row = answer.Row
		}
		now := at(t, s.start)
		run(now)
		now = at(t, s.from)
		for range rapid.IntRange(1, 14).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute)
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				run(now)
			case 2:
				do := rapid.SampledFrom([]string{"more", "fewer", "five from the next period", "pause", "resume", "cancel", "name"}).Draw(t, "verb")
				answer := pick().do(t, zoneJob{Do: do, At: now, Row: row})
				fmt.Fprintf(&story, "%s %s %s\n", now.Format(time.RFC3339), do, answer.Error)
				require.NotContains(t, answer.Error, "commands[", story.String())
				require.NotContains(t, answer.Error, "dated before", story.String())
				if answer.Error == "" {
					row, stopped = answer.Row, stopped || do == "pause" || do == "cancel"
				}
			case 3:
				if s.plan == "phases" || stopped {
					continue
				}
				row.Usage = append(row.Usage, billing.Record{Metric: "calls", At: now, Quantity: decimal.NewFromInt(1)})
			}
		}
		run(at(t, s.to))
		run(at(t, s.to).AddDate(0, 2, 0))
		for _, w := range workers {
			diff := w.do(t, zoneJob{Do: "reconcile", At: at(t, s.to).AddDate(0, 2, 0), Row: row})
			require.Empty(t, diff.Error, story.String())
			if len(row.Usage) == 0 { // usage in the moved hour itself is on another side of it
				require.Empty(t, diff.Invoices, story.String())
			}
		}
	})
}

func TestABoundaryThatIsNoLongerThereIsNamed(t *testing.T) {
	t.Parallel()
	worker := newZoneWorker(t, "2025c")
	row := worker.do(t, zoneJob{Do: "new", At: at(t, "2026-10-15T17:00:00Z"), Zone: "America/Vancouver", Plan: "advance"}).Row
	row = worker.do(t, zoneJob{Do: "run", At: at(t, "2026-11-20T00:00:00Z"), Row: row}).Row
	require.Equal(t, 1, row.Checkpoint.Boundary.Number)
	require.Equal(t, "2026-11-15T10:00:00", row.Checkpoint.Boundary.Civil.String())
	civil, err := calendar.ParseCivilTime("2026-11-15T10:30:00")
	require.NoError(t, err)
	row.Checkpoint.Boundary.Civil = civil
	answer := worker.do(t, zoneJob{Do: "run", At: at(t, "2026-12-20T00:00:00Z"), Row: row})
	require.Equal(t, "billing: the periods no longer have the billed boundary: number 1 of every P1M, 2026-11-15T10:30:00", answer.Error)
	require.Equal(t, row.Checkpoint, answer.Row.Checkpoint)
}

// Half past eleven by one release is half past twelve, of the next day, by the other.
func TestAChangeKeepsTheCivilDayOnWhichItWasRecorded(t *testing.T) {
	t.Parallel()
	workers := []*zoneWorker{newZoneWorker(t, "2025c"), newZoneWorker(t, "2026d")}
	night := at(t, "2026-11-26T07:30:00Z")
	for recorder, want := range []string{"6.67", "6.33"} { // 20 or 19 of 30 days
		row := workers[0].do(t, zoneJob{Do: "new", At: at(t, "2026-10-15T17:00:00Z"), Zone: "America/Vancouver", Plan: "advance"}).Row
		row = workers[0].do(t, zoneJob{Do: "run", At: at(t, "2026-11-16T00:00:00Z"), Row: row}).Row
		row = workers[recorder].do(t, zoneJob{Do: "more", At: night, Row: row}).Row
		for biller := range workers {
			billed := workers[biller].do(t, zoneJob{Do: "run", At: at(t, "2026-11-27T00:00:00Z"), Row: row})
			require.Empty(t, billed.Error)
			require.Len(t, billed.Invoices, 1)
			require.True(t, strings.HasSuffix(billed.Invoices[0], " "+want), "%s", billed.Invoices)
			for _, w := range workers {
				diff := w.do(t, zoneJob{Do: "reconcile", At: at(t, "2026-11-27T00:00:00Z"), Row: billed.Row})
				require.Empty(t, diff.Error)
				require.Empty(t, diff.Invoices)
			}
		}
	}
}

// What was recorded at half past eleven by one release lies an hour later by the other.
func TestAVerbInTheHourThatMovedIsNotBackdated(t *testing.T) {
	t.Parallel()
	workers := []*zoneWorker{newZoneWorker(t, "2025c"), newZoneWorker(t, "2026d")}
	row := workers[0].do(t, zoneJob{Do: "new", At: at(t, "2026-10-15T17:00:00Z"), Zone: "America/Vancouver", Plan: "advance"}).Row
	row = workers[1].do(t, zoneJob{Do: "more", At: at(t, "2026-11-26T07:30:00Z"), Row: row}).Row
	next := workers[0].do(t, zoneJob{Do: "fewer", AsGiven: true, At: at(t, "2026-11-26T07:45:00Z"), Row: row})
	require.Empty(t, next.Error)
	before := workers[0].do(t, zoneJob{Do: "fewer", AsGiven: true, At: at(t, "2026-11-26T07:15:00Z"), Row: row})
	require.Contains(t, before.Error, "dated before")
	diff := workers[1].do(t, zoneJob{Do: "run", At: at(t, "2026-11-27T00:00:00Z"), Row: next.Row})
	require.Empty(t, diff.Error)
}

// Stories whose boundary and commands share the hour that one release puts elsewhere; found
// by the random histories above.
var movedHours = []struct {
	name, zone, start string
	steps             []string // the worker, the instant, and what it does
}{
	{
		"a pause at the boundary remembers up to where usage was counted", "Africa/Casablanca", "2026-09-15T09:00:00Z",
		[]string{
			"0 2026-09-15T09:00:00Z run", "0 2026-10-15T07:04:00Z usage", "0 2026-10-15T07:44:00Z run", "1 2026-10-15T08:11:00Z more",
			"0 2026-10-15T08:37:00Z usage", "0 2026-10-15T09:00:00Z run", "0 2026-10-15T09:01:00Z usage", "1 2026-10-15T09:24:00Z pause",
			"1 2026-10-15T10:00:00Z run", "1 2026-10-15T10:01:00Z run", "0 2026-10-15T12:00:00Z run", "1 2026-12-15T12:00:00Z run",
		},
	},
	{
		"a command at the boundary does not move what was billed there", "America/Vancouver", "2026-10-15T17:00:00Z",
		[]string{
			"0 2026-10-15T17:00:00Z run", "0 2026-11-15T15:02:00Z usage", "0 2026-11-15T16:59:00Z run", "1 2026-11-15T17:00:00Z run",
			"0 2026-11-15T17:01:00Z more", "0 2026-11-15T17:02:00Z run", "1 2026-11-15T17:03:00Z run", "0 2026-11-15T17:04:00Z usage",
			"1 2026-11-15T20:00:00Z run", "0 2027-01-15T20:00:00Z run",
		},
	},
	{
		"what credits a line names it as it is shown", "Africa/Casablanca", "2026-10-21T08:00:00Z",
		[]string{
			"0 2026-10-21T08:00:00Z run", "0 2026-11-21T06:02:00Z fewer", "0 2026-11-21T06:03:00Z pause", "0 2026-11-21T07:00:00Z resume",
			"0 2026-11-21T07:01:00Z more", "0 2026-11-21T11:00:00Z run", "0 2027-01-21T11:00:00Z run",
		},
	},
	{
		"the first boundary is where the start was recorded", "Africa/Casablanca", "2026-10-21T08:00:00Z",
		[]string{
			"0 2026-10-21T08:00:00Z run", "0 2026-11-21T06:02:00Z run", "0 2026-11-21T06:03:00Z usage", "1 2026-11-21T06:04:00Z more",
			"1 2026-11-21T11:00:00Z run", "1 2027-01-21T11:00:00Z run",
		},
	},
}

func TestWhatHappensInTheHourThatMovedIsBilledOnce(t *testing.T) {
	t.Parallel()
	workers := []*zoneWorker{newZoneWorker(t, "2025c"), newZoneWorker(t, "2026d")}
	for _, story := range movedHours {
		// The creation is the other worker's.
		row := workers[1].do(t, zoneJob{Do: "new", At: at(t, story.start), Zone: story.zone, Plan: "advance"}).Row
		billed, last, used := map[string]bool{}, time.Time{}, false
		for _, step := range story.steps {
			var worker int
			var instant, do string
			_, err := fmt.Sscan(step, &worker, &instant, &do)
			require.NoError(t, err)
			last = at(t, instant)
			if do == "usage" {
				used = true
				row.Usage = append(row.Usage, billing.Record{Metric: "calls", At: last, Quantity: decimal.NewFromInt(1)})
				continue
			}
			answer := workers[worker].do(t, zoneJob{Do: do, At: last, Row: row})
			require.Empty(t, answer.Error, "%s: %s", story.name, step)
			for _, inv := range answer.Invoices {
				require.False(t, billed[inv], "%s: %s: %s is billed twice", story.name, step, inv)
				billed[inv] = true
			}
			row = answer.Row
		}
		require.NotEmpty(t, billed, story.name)
		for _, w := range workers {
			diff := w.do(t, zoneJob{Do: "reconcile", At: last, Row: row})
			require.Empty(t, diff.Error, story.name)
			if !used { // usage in the moved hour itself is on another side of it
				require.Empty(t, diff.Invoices, story.name)
			}
		}
	}
}
