package feature_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
)

func TestStoredValuesAreCheckedWhenTheyAreRead(t *testing.T) {
	t.Parallel()
	const (
		usage  = `{"used":"3","window":"day","first":"2026-03-04T09:00:00Z","last":"2026-03-04T10:00:00Z"`
		credit = `{"as_of":"2026-03-04T00:00:00Z","grants":[{"id":"a","amount":"5","from":"2026-03-01T00:00:00Z"}],"entries":[`
		given  = `{"at":"2026-03-01T00:00:00Z","kind":"granted","grant":"a","amount":"5"}`
	)
	for _, test := range []struct {
		name string
		v    json.Unmarshaler
		json string
		want string // "": it is read
	}{
		{"a usage", new(feature.QuotaUsage), usage + `}`, ""},
		{"no usage", new(feature.QuotaUsage), `{}`, ""},
		{"use without an instant", new(feature.QuotaUsage), `{"used":"3"}`, "last: missing"},
		{"last before first", new(feature.QuotaUsage), `{"used":"3","first":"2026-03-05T00:00:00Z","last":"2026-03-04T00:00:00Z"}`, "last: must be an instant, and not before first"},
		{"first without last", new(feature.QuotaUsage), `{"first":"2026-03-05T00:00:00Z"}`, "last: must be an instant, and not before first"},
		{"a negative use", new(feature.QuotaUsage), `{"used":"-3","first":"2026-03-04T00:00:00Z","last":"2026-03-04T00:00:00Z"}`, "used: feature: invalid amount: must not be negative"},
		{"uses of a window that does not roll", new(feature.QuotaUsage), usage + `,"uses":[{"at":"2026-03-04T09:00:00Z","amount":"3"}]}`, "uses: must be there for a rolling window, and for no other"},
		{"uses that do not sum", new(feature.QuotaUsage), `{"used":"3","window":"rolling","first":"2026-03-04T09:00:00Z","last":"2026-03-04T09:00:00Z","uses":[{"at":"2026-03-04T09:00:00Z","amount":"2"}]}`, "uses: must agree with used, first and last"},
		{"uses out of order", new(feature.QuotaUsage), `{"used":"3","window":"rolling","first":"2026-03-04T09:00:00Z","last":"2026-03-04T09:00:00Z","uses":[{"at":"2026-03-04T09:00:00Z","amount":"2"},{"at":"2026-03-04T09:00:00Z","amount":"0"}]}`, "uses[1].amount: must exceed 0"},
		{"a threshold out of range", new(feature.QuotaUsage), usage + `,"fired":[{"percent":"101"}]}`, "fired[0].percent: must be from 0 to 100"},
		{"an unknown member", new(feature.QuotaUsage), `{"limit":"3"}`, "limit: unknown field"},

		{"seats", new(feature.Seats), `{"paid":3,"used":3,"teams":{"a":{"quota":3,"used":3}}}`, ""},
		{"negative seats", new(feature.Seats), `{"free":-1}`, "free: must be from 0 to 4294967295"},
		{"teams with more than all", new(feature.Seats), `{"used":1,"teams":{"a":{"quota":3,"used":2}}}`, "teams: have filled 2 seats, more than the 1 used"},
		{"a fraction of a seat", new(feature.Seats), `{"paid":1.5}`, "paid: must be a whole number"},
		{"credit targets", new(feature.CreditTargets), `{"max":5}`, ""},
		{"negative credit targets", new(feature.CreditTargets), `{"max":5,"used":-1}`, "used: must be from 0 to 4294967295"},

		{"a budget", new(feature.ChangeBudget), `{"max":2,"changes":["2026-03-04T00:00:00Z","2026-03-04T00:00:00Z"]}`, ""},
		{"a budget that says nothing", new(feature.ChangeBudget), `{}`, "max: missing"},
		{"changes out of order", new(feature.ChangeBudget), `{"max":2,"changes":["2026-03-04T00:00:00Z","2026-03-03T00:00:00Z"]}`, "changes: must be in order of time"},
		{"a negative budget", new(feature.ChangeBudget), `{"max":-2}`, "feature: invalid: change budget: must allow 0 to 10000 changes a year, not -2"},

		{"credits", new(feature.Credits), credit + given + `]}`, ""},
		{"a grant without its entry", new(feature.Credits), credit + `]}`, "grants[0].from: must be on the same side of as_of, 2026-03-04T00:00:00Z, as the entries"},
		{"an entry of another amount", new(feature.Credits), credit + `{"at":"2026-03-01T00:00:00Z","kind":"granted","grant":"a","amount":"6"}]}`, "entries[0].amount: must be that of the grant"},
		{"granted twice", new(feature.Credits), credit + given + `,` + given + `]}`, "entries[1].kind: must begin the entries of the grant, once"},
		{"spent before it was granted", new(feature.Credits), credit + `{"at":"2026-03-01T00:00:00Z","kind":"spent","grant":"a","amount":"-1"}]}`, "entries[0].kind: must begin the entries of the grant, once"},
		{"spending that adds", new(feature.Credits), credit + given + `,{"at":"2026-03-01T00:00:00Z","kind":"spent","grant":"a","amount":"1"}]}`, "entries[1].amount: must have the sign of what happened"},
		{"overdrawn", new(feature.Credits), credit + given + `,{"at":"2026-03-01T00:00:00Z","kind":"spent","grant":"a","amount":"-6"}]}`, "entries[1].amount: must not overdraw the grant"},
		{"an entry of no grant", new(feature.Credits), credit + `{"at":"2026-03-01T00:00:00Z","kind":"granted","grant":"b","amount":"5"}]}`, "entries[0].grant: feature: unknown credit grant"},
		{"an entry after as_of", new(feature.Credits), credit + `{"at":"2026-03-05T00:00:00Z","kind":"granted","grant":"a","amount":"5"}]}`, "entries[0].at: must be in order of time, and not after as_of"},
		{"an expired grant that has something left", new(feature.Credits), `{"as_of":"2026-03-04T00:00:00Z","grants":[{"id":"a","amount":"5","from":"2026-03-01T00:00:00Z","until":"2026-03-04T00:00:00Z"}],"entries":[` + given + `]}`, "grants[0].until: must have taken what was left"},
		{"a threshold", new(feature.Threshold), `{"percent":"80"}`, ""},
		{"a threshold without a percentage", new(feature.Threshold), `{}`, "percent: missing"},
		{"a credit grant", new(feature.CreditGrant), `{"id":"a","amount":"5","rollover":{"max":"5"}}`, ""},
		{"a rollover without a maximum", new(feature.CreditGrant), `{"id":"a","amount":"5","rollover":{}}`, "rollover.max: missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := json.Unmarshal([]byte(test.json), test.v)
			if test.want != "" {
				require.EqualError(t, err, test.want)
				return
			}
			require.NoError(t, err)
			text, err := json.Marshal(test.v)
			require.NoError(t, err)
			require.JSONEq(t, test.json, string(text))
		})
	}
}

func TestZeroValuesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v, back any
		want    string
	}{
		{feature.QuotaUsage{}, new(feature.QuotaUsage), `{}`},
		{feature.Seats{}, new(feature.Seats), `{}`},
		{feature.CreditTargets{}, new(feature.CreditTargets), `{"max":0}`},
		{feature.ChangeBudget{}, new(feature.ChangeBudget), `{"max":0}`},
		{feature.Credits{}, new(feature.Credits), `{}`},
		{feature.Override{}, new(feature.Override), `{}`},
	} {
		text, err := json.Marshal(test.v)
		require.NoError(t, err)
		require.Equal(t, test.want, string(text))
		require.NoError(t, json.Unmarshal(text, test.back))
	}
	for _, v := range []any{feature.Grant{}, feature.CreditGrant{}, feature.Seats{Paid: -1}, feature.CreditTargets{Max: -1}} {
		_, err := json.Marshal(v)
		require.Error(t, err, "%T", v)
	}
}

func TestEntriesAndGrantsRoundTrip(t *testing.T) {
	t.Parallel()
	c := credits(t, "2026-03-04", "a 5.50 p2 2026-06-01")
	require.Equal(t, at("2026-03-04"), c.AsOf())
	text, err := json.Marshal(c.Entries()[0])
	require.NoError(t, err)
	require.Equal(t, `{"at":"2026-03-04T00:00:00Z","kind":"granted","grant":"a","amount":"5.5"}`, string(text))
	var e feature.Entry
	require.NoError(t, json.Unmarshal(text, &e))
	require.True(t, e.Equal(c.Entries()[0]))
	_, err = json.Marshal(feature.Entry{})
	require.Error(t, err)

	g := c.Grants()[0].Grant
	g.Rollover = &feature.Rollover{Min: num("1"), Max: num("2.0")}
	text, err = json.Marshal(g)
	require.NoError(t, err)
	require.Equal(t, `{"id":"a","amount":"5.5","priority":2,"from":"2026-03-04T00:00:00Z","until":"2026-06-01T00:00:00Z","rollover":{"min":"1","max":"2"}}`, string(text))
	var back feature.CreditGrant
	require.NoError(t, json.Unmarshal(text, &back))
	require.True(t, back.Equal(g))
	g.Rollover.Max = num("3")
	require.False(t, back.Equal(g))
}
