package feature_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

func TestOfTwoWhoLoadedOneCountOneIsRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		grant feature.Grant
	}{
		{"an allowance", feature.Per(feature.Day, 1)},
		{"a limit", feature.UpTo(1)},
		{"a rolling window", rollingGrant(1, calendar.Days(1))},
	} {
		e := resolved(t, row.grant, feature.Terms{})
		var row1 stored
		mine, yours := row1.read(), row1.read()
		next, d := e.Consume(mine, ask("1", "2026-03-04T10:00:00Z"))
		require.True(t, d.Allowed, row.name)
		require.True(t, row1.write(next, mine.Revision()), row.name)
		next, d = e.Consume(yours, ask("1", "2026-03-04T10:00:00Z"))
		require.True(t, d.Allowed, "by itself each is")
		require.False(t, row1.write(next, yours.Revision()), row.name)
		_, d = e.Consume(row1.read(), ask("1", "2026-03-04T10:00:00Z"))
		require.False(t, d.Allowed, row.name)
	}
}

func TestARevisionGoesUpWithEveryUseAndReleaseAndIsNeverLost(t *testing.T) {
	t.Parallel()
	for _, grant := range []feature.Grant{feature.UpTo(3), feature.Per(feature.Day, 3), rollingGrant(3, calendar.Days(1))} {
		e := resolved(t, grant, feature.Terms{})
		u, _ := e.Consume(feature.QuotaUsage{}, ask("2", "2026-03-04T10:00:00Z"))
		require.Equal(t, 1, u.Revision())
		same, d := e.Consume(u, ask("2", "2026-03-04T10:00:00Z"))
		require.False(t, d.Allowed)
		require.Equal(t, 1, same.Revision(), "a refusal changes nothing")
		same, d = e.Consume(u, ask("0", "2026-03-04T10:00:00Z"))
		require.True(t, d.Allowed)
		require.Equal(t, 1, same.Revision(), "nor does nothing")
		u, err := e.Release(u, num("2"), at("2026-03-04T11:00:00Z"))
		require.NoError(t, err)
		require.Equal(t, 2, u.Revision(), "all of it was given back, and that is another value than none yet")
		data, err := json.Marshal(u)
		require.NoError(t, err)
		var back feature.QuotaUsage
		require.NoError(t, json.Unmarshal(data, &back), "%s", data)
		require.True(t, back.Equal(u), "%s", data)
		require.Equal(t, 2, back.Revision())
		u, _ = e.Consume(u, ask("1", "2026-03-05T10:00:00Z"))
		require.Equal(t, 3, u.Revision(), "nor does the next window begin again")
	}
	var u feature.QuotaUsage
	require.ErrorContains(t, json.Unmarshal([]byte(`{"used":"0","revision":-1}`), &u), "revision: must not be negative")
}
