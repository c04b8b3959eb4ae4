package feature_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
)

// readBack checks that what was read can be written and read again: the same bytes.
func readBack[T any](t *testing.T, data []byte) {
	t.Helper()
	var v T
	if json.Unmarshal(data, &v) != nil {
		return
	}
	text, err := json.Marshal(v)
	require.NoError(t, err)
	var again T
	require.NoError(t, json.Unmarshal(text, &again), "%s", text)
	twice, err := json.Marshal(again)
	require.NoError(t, err)
	require.Equal(t, string(text), string(twice))
}

func FuzzSet(f *testing.F) {
	for _, seed := range []string{
		`{}`,
		`{"ips":{"kind":"limit","active":true,"limit":"5","required":true,"thresholds":[{"percent":"80.5"}]}}`,
		`{"rescan":{"kind":"allowance","limit":"10","window":"rolling","every":"P30D","when_run":"always"}}`,
		`{"a":{"kind":"switch","active":false},"a":{"kind":"switch"}}`,
		`{"hours":{"kind":"allowance","limit":"20","per":"seats","window":"anchored","every":"P1M","raise":"share","lower":"next_window"}}`,
		`{"":{"kind":"limit","limit":"99999999999999999999999999999999999999999"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		readBack[feature.Set](t, data)
		var s feature.Set
		if json.Unmarshal(data, &s) == nil {
			require.NoError(t, s.Validate())
			require.True(t, s.Equal(s.Clone()))
		}
	})
}

func FuzzOverrides(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"rescan":{"limit":"20","active":false}}`, `{"x":{"kind":"limit","extra":"5","window":"","every":""}}`,
		`{"x":{"thresholds":[]}}`, `{"x":{"limit":null}}`, `{"rescan":{"limit":"3","per":"seats","raise":"","lower":"now"}}`,
	} {
		f.Add([]byte(seed))
	}
	plan := scanning()
	f.Fuzz(func(t *testing.T, data []byte) {
		readBack[feature.Overrides](t, data)
		var o feature.Overrides
		if json.Unmarshal(data, &o) != nil {
			return
		}
		// Whatever was read can be resolved or refused.
		_, err := feature.ResolveAll(plan, o, feature.Terms{At: at("2026-03-04")})
		if o.ValidateOn(plan) == nil {
			kept, dropped := o.Without(plan)
			require.Empty(t, dropped)
			require.True(t, kept.Equal(o))
		}
		_ = err
	})
}

func FuzzUsage(f *testing.F) {
	for _, seed := range []string{
		`{}`,
		`{"used":"3","window":"day","first":"2026-03-04T09:00:00Z","last":"2026-03-04T10:00:00Z","fired":[{"percent":"80"}]}`,
		`{"used":"9","window":"anchored","first":"2026-03-04T09:00:00Z","last":"2026-03-04T10:00:00Z","fired":[{"percent":"80","up_to":"10"}]}`,
		`{"used":"3.5","window":"rolling","first":"2026-03-04T09:00:00Z","last":"2026-03-04T10:00:00Z","uses":[{"at":"2026-03-04T09:00:00Z","amount":"3"},{"at":"2026-03-04T10:00:00Z","amount":"0.5"}]}`,
		`{"used":"3","first":"0001-01-01T00:00:00Z","last":"0001-01-01T00:00:00Z"}`,
	} {
		f.Add([]byte(seed))
	}
	day := feature.Per(feature.Day, 10)
	day.Thresholds = []feature.Threshold{feature.PercentOf(80)}
	f.Fuzz(func(t *testing.T, data []byte) {
		readBack[feature.QuotaUsage](t, data)
		var u feature.QuotaUsage
		if json.Unmarshal(data, &u) != nil {
			return
		}
		for _, g := range []feature.Grant{day, feature.UpTo(5), feature.Per(feature.Life, 5), feature.Per(feature.Year, 5).Endless()} {
			e := resolved(t, g, feature.Terms{})
			next, d := e.Consume(u, ask("1", "2026-03-04T10:00:00Z"))
			require.Equal(t, d.Allowed, d.Err() == nil)
			require.NotEmpty(t, d.String())
			_, err := json.Marshal(next)
			require.NoError(t, err)
		}
	})
}

func FuzzCredits(f *testing.F) {
	for _, seed := range []string{
		`{}`,
		`{"as_of":"2026-03-04T00:00:00Z","grants":[{"id":"a","amount":"5","from":"2026-03-01T00:00:00Z","until":"2026-06-01T00:00:00Z","rollover":{"min":"1","max":"2"}}],"entries":[{"at":"2026-03-01T00:00:00Z","kind":"granted","grant":"a","amount":"5"},{"at":"2026-03-02T00:00:00Z","kind":"spent","grant":"a","amount":"-2","ref":"x"}]}`,
		`{"as_of":"2026-03-04T00:00:00Z","grants":[{"id":"a","amount":"5","from":"2026-03-01T00:00:00Z"}],"entries":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		readBack[feature.Credits](t, data)
		var c feature.Credits
		if json.Unmarshal(data, &c) != nil {
			return
		}
		require.True(t, ledgerSum(c).Equal(c.Balance()))
		later, err := c.At(at("9999-12-31"))
		require.NoError(t, err)
		require.True(t, ledgerSum(later).Equal(later.Balance()))
		require.True(t, c.Compact(at("9999-12-31")).Balance().Equal(c.Balance()))
	})
}

func FuzzSeats(f *testing.F) {
	f.Add([]byte(`{"free":2,"paid":10,"used":7,"max":12,"teams":{"red":{"quota":3,"used":1}}}`))
	f.Add([]byte(`{"max":5,"used":2}`))
	f.Add([]byte(`{"max":4,"zone":"Europe/Lisbon","changes":["2026-03-04T10:00:00.5Z"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		readBack[feature.Seats](t, data)
		readBack[feature.CreditTargets](t, data)
		readBack[feature.ChangeBudget](t, data)
		var s feature.Seats
		if json.Unmarshal(data, &s) == nil {
			require.GreaterOrEqual(t, s.Unreserved(), int64(0))
			require.LessOrEqual(t, s.Unreserved(), s.Available())
		}
	})
}
