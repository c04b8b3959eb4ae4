package subscription_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/internal/schema"
	"github.com/perennial-billing/perennial/subscription"
)

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	var subscriptions, events, snapshots [][]byte
	for i, first := range walkPlans.plans {
		for j := range 8 {
			sub := rapid.Custom(func(t *rapid.T) subscription.Subscription {
				w := newWalk(t, first)
				for range rapid.IntRange(1, 8).Draw(t, "verbs") {
					w.step()
				}
				return w.sub
			}).Example(100*i + j)
			data, err := sub.MarshalJSON()
			require.NoError(t, err)
			subscriptions = append(subscriptions, data)
			for event := range sub.Events(time.Time{}, sub.UpdatedAt().AddDate(0, 1, 0)) {
				data, err := event.MarshalJSON()
				require.NoError(t, err)
				events = append(events, data)
			}
			snap, err := sub.At(sub.UpdatedAt())
			require.NoError(t, err)
			data, err = snap.MarshalJSON()
			require.NoError(t, err)
			snapshots = append(snapshots, data)
		}
	}
	catalog, err := walkPlans.catalog.MarshalJSON()
	require.NoError(t, err)
	if os.Getenv(golden.UpdateVariable) == "1" {
		golden.Equal(t, "../docs/schema/check/testdata/catalog.json", append(catalog, '\n'))
	}
	var refused [][]byte
	for _, row := range badDocuments() {
		if !strings.Contains(row.want, "lost from the catalog") { // another catalog has it
			refused = append(refused, []byte(row.doc))
		}
	}
	for _, d := range []schema.Document{
		{Name: "subscription", Title: "A subscription: what it was made with, and its commands", Examples: subscriptions, Bad: refused},
		{Name: "event", Title: "What happened to a subscription or is expected to happen", Examples: events},
		{Name: "snapshot", Title: "A subscription as it is at an instant", Examples: snapshots},
	} {
		d.Shape = subscription.Shapes()[d.Name]
		require.NotNil(t, d.Shape, fmt.Sprint(d.Name))
		schema.Check(t, d)
	}
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	shapes := subscription.Shapes()
	for name, v := range map[string]any{"command": subscription.Command{}, "details": subscription.Details{}} {
		require.NotNil(t, shapes[name])
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), shapes[name]), name)
	}
}
