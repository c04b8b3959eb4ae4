package subscription_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/subscription"
)

// FuzzDecode feeds documents to Decode. Nothing may panic or hang; what is accepted
// must be written and read back as the same bytes and the same value, and must
// returns at any instant: the events, the segments and the snapshots agree.
//
// The seeds are one good document and, so that the fuzzer finds its way into every
// verb, one with a long life.
func FuzzDecode(f *testing.F) {
	catalog, _ := shop()
	for _, seed := range lives() {
		_, err := subscription.Decode([]byte(seed), catalog)
		require.NoError(f, err)
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := subscription.Decode(data, catalog)
		byTree, other := subscription.DecodeTree(data, catalog)
		require.Equal(t, fmt.Sprint(other), fmt.Sprint(err), "with a tree and without, a document has the same faults")
		require.True(t, byTree.Equal(s))
		if err != nil {
			require.True(t, s.IsZero())
			require.NotEmpty(t, err.Error())
			return
		}
		first, err := json.Marshal(s)
		require.NoError(t, err)
		back, err := subscription.Decode(first, catalog)
		require.NoError(t, err)
		second, err := json.Marshal(back)
		require.NoError(t, err)
		require.True(t, bytes.Equal(first, second))
		require.True(t, s.Equal(back))

		var last time.Time
		n := 0
		for e := range s.Events(time.Time{}, s.CreatedAt().AddDate(50, 0, 0)) {
			require.False(t, e.At.Before(last), "events go forward")
			last = e.At
			if snap, err := s.At(e.At); err == nil && !snap.State.IsValid() {
				t.Fatalf("no state at %s", e.At)
			}
			if n++; n > 500 {
				break
			}
		}
		for i := 1; i < s.Segments(); i++ {
			require.True(t, s.Segment(i-1).To().Equal(s.Segment(i).From()), "segments tile")
		}
	})
}

// lives are documents that are good.
func lives() []string {
	return []string{
		document(""),
		document(`"time_zone":"Europe/Berlin","anchor":"2026-01-31T23:00:00Z","quantity":"2.5","no_renewal":true,"trial_used":true`),
		strings.Replace(commands(
			command("2026-01-05", `"action":"attach_on_date","on":"2026-01-20T00:00:00Z","attachment":"a","add_on":"extra@1","quantity":"2","end_date":"2026-03-10T00:00:00Z"`),
			command("2026-01-25", `"action":"attach_now","attachment":"b","add_on":"extra@1","quantity":"1","policy":{"charge_new":"full"}`),
			command("2026-01-26", `"action":"detach_at_period_end","attachment":"b"`),
			command("2026-01-27", `"action":"change_plan_now","plan":"euro@1","policy":{"change_add_ons":"drop"}`),
		), `"plan":"basic@1"`, `"plan":"both@1","currency":"EUR"`, 1),
		commands(
			command("2026-01-05", `"action":"change_quantity_now","quantity":"7","key":"k","reason":"more"`),
			command("2026-01-06", `"action":"change_plan_at_period_end","plan":"gold@1"`),
			command("2026-02-03", `"action":"pause_on_date","on":"2026-02-10T00:00:00Z","cycles":2`),
			command("2026-02-11", `"action":"hold"`), command("2026-02-12", `"action":"release"`),
			command("2026-02-13", `"action":"resume_now","policy":{"resume_anchor":"extend"}`),
			command("2026-02-14", `"action":"set_anchor","anchor":"2026-03-15T00:00:00Z"`),
			command("2026-02-15", `"action":"add_discount","discount":{"id":"d","percent":"10","duration":"cycles","cycles":3}`),
			command("2026-02-16", `"action":"assign_features","features":{"ips":{"kind":"limit","limit":"5"}}`),
			command("2026-02-17", `"action":"set_end_date","end_date":"2027-01-01T00:00:00Z"`),
			command("2026-02-18", `"action":"cancel_now","policy":{"cancel_credit":"prorate"}`),
			command("2026-02-19", `"action":"reactivate"`), command("2026-02-20", `"action":"close"`),
			command("2026-01-08", `"correction":true,"action":"attach_now","attachment":"a","add_on":"extra@1","quantity":"3","cycles":2,"prices":{"fee":{"model":"flat_fee","amount":"7"}}`),
			command("2026-01-09", `"correction":true,"action":"change_quantity_at_period_end","attachment":"a","quantity":"4"`),
			command("2026-01-07", `"action":"update","correction":true,"patch":{"name":"n","metadata":{"a":"b"}}`),
		),
	}
}
