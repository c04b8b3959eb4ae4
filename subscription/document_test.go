package subscription_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/subscription"
)

// documents writes and reads the results of the walk's subscription.
func (w *walk) documents() {
	until := w.sub.UpdatedAt().AddDate(0, 4, 0)
	for event := range w.sub.Events(time.Time{}, until) {
		data, err := event.MarshalJSON()
		require.NoError(w.t, err, w.story())
		var back subscription.Event
		require.NoError(w.t, back.UnmarshalJSON(data), "%s", data)
		require.True(w.t, event.Equal(back), "%s", data)
		for _, at := range []time.Time{event.At.Add(-time.Second), event.At} {
			snap, err := w.sub.At(at)
			require.NoError(w.t, err)
			data, err := snap.AppendJSON([]byte("x"))
			require.NoError(w.t, err, w.story())
			var same subscription.Snapshot
			require.NoError(w.t, same.UnmarshalJSON(data[1:]), "%s", data)
			require.True(w.t, snap.Equal(same), "%s", data)
			again, err := same.MarshalJSON()
			require.NoError(w.t, err)
			require.Equal(w.t, string(data[1:]), string(again))
			all, err := w.sub.Entitlements(at)
			require.NoError(w.t, err, "%s\n%s", at, w.story())
			for _, e := range all {
				data, err := e.MarshalJSON()
				require.NoError(w.t, err)
				var back feature.Entitlement
				require.NoError(w.t, back.UnmarshalJSON(data), "%s", data)
				require.True(w.t, e.Equal(&back), "%s", data)
				require.Equal(w.t, e.String(), back.String())
			}
		}
	}
}

func TestBadDocumentsOfResultsAreRefused(t *testing.T) {
	t.Parallel()
	const event = `{"version":1,"id":"d83f610b-942c-5a7e-b106-4ec95d70a218","at":"2026-01-01T00:00:00Z","kind":"paused","status":"paused","dropped":["cancel","pause"]}`
	const snapshot = `{"version":1,"at":"2026-01-01T00:00:00Z","state":{"status":"active"},"scheduled":[{"action":"cancel_now","when":{"mode":"on","on":"2026-02-01T00:00:00Z"}}]}`
	for _, row := range []struct {
		name, document, old, new, want string
		into                           json.Unmarshaler
	}{
		{"no version", event, `"version":1,`, ``, "version: missing", new(subscription.Event)},
		{"another version", event, `"version":1`, `"version":9`, "version: must be 1", new(subscription.Event)},
		{"an unknown kind", event, `"kind":"paused"`, `"kind":"painted"`, "kind: must be one of [", new(subscription.Event)},
		{"an unknown word in a set", event, `"cancel"`, `"dance"`, "dropped[0]: must be one of [", new(subscription.Event)},
		{"a set in another order", event, `["cancel","pause"]`, `["pause","cancel"]`, "dropped[1]: must be there once, and in order", new(subscription.Event)},
		{"an unknown field", event, `"at"`, `"colour":1,"at"`, "colour: unknown field", new(subscription.Event)},
		{"no instant", snapshot, `"at":"2026-01-01T00:00:00Z",`, ``, "at: missing", new(subscription.Snapshot)},
		{"a state that contradicts itself", snapshot, `"status":"active"`, `"status":"active","flags":["closed"]`, "state: lifecycle: invalid: state: closed while active", new(subscription.Snapshot)},
		{"a date of no date", snapshot, `"mode":"on"`, `"mode":"immediately"`, "scheduled[0].when.on: must be there if the mode is on, and only then", new(subscription.Snapshot)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, row.into.UnmarshalJSON([]byte(row.document)))
			require.Contains(t, row.document, row.old)
			require.ErrorContains(t, row.into.UnmarshalJSON([]byte(strings.Replace(row.document, row.old, row.new, 1))), row.want)
		})
	}
}
