package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

type document struct {
	Name wire.Opt[string]       `json:"name,omitzero"`
	Cost wire.Opt[wire.Decimal] `json:"cost,omitzero"`
	Rate wire.Opt[wire.Number]  `json:"rate,omitzero"`
	List []element              `json:"list,omitempty"`
}

type element struct {
	At  *time.Time      `json:"at"`
	N   uint8           `json:"n"`
	Raw json.RawMessage `json:"raw"`
}

func TestMembersAreLeftOutNullOrThere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, out string }{
		{`{}`, `{}`},
		{`{"name":null}`, `{"name":null}`},
		{`{"name":""}`, `{"name":""}`},
		{`{"cost":14.33}`, `{"cost":"14.33"}`},
		{`{"cost":"9.9"}`, `{"cost":"9.90"}`},
		{`{"cost":7}`, `{"cost":"7.00"}`},
		{`{"cost":0.12345678901234567890}`, `{"cost":"0.1234567890123456789"}`},
		{`{"rate":49.990}`, `{"rate":49.99}`},
		{`{"rate":"49.99"}`, `{"rate":49.99}`},
	} {
		var d document
		require.NoError(t, wire.Read([]byte(tc.in), &d), tc.in)
		out, err := json.Marshal(d)
		require.NoError(t, err)
		require.Equal(t, tc.out, string(out))
	}
}

func TestEveryFaultIsReportedAtItsPath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{`{"name":1,"cost":true}`, "name: must be a string\ncost: must be a number, or a string that holds one, without an exponent"},
		{`{"cost":1e3}`, "cost: must be a number, or a string that holds one, without an exponent"},
		{`{"Name":"x"}`, `Name: unknown field; the name is "name"`},
		{`{"cost":"12,5"}`, "cost: not a decimal"},
		{`{"cost":0.123456789012345678901}`, "cost: too many digits"},
		{`{"name":"a","name":"b","cost":"01"}`, "name: repeated\ncost: not a decimal"},
		{`{"na me":"a"}`, `["na me"]: unknown field`},
		{`{"name":"\ud800"}`, "name: must not hold U+FFFD or half of a surrogate pair"},
		{"{\"name\":\"\xff\"}", "must be valid UTF-8"},
		{`{} {}`, "invalid character '{' after top-level value"},
		{`{"name":"a"`, "unexpected end of JSON input"},
		{`[]`, "must be an object"},
		{`{"list":[{"at":"2026-02-30T00:00:00Z","n":256,"raw":{"a":1,"a":2}},{"at":"2026-02-03","n":1.0}]}`, strings.Join([]string{
			"list[0].at: must be an instant such as 2026-01-31T09:00:00Z", "list[0].n: must be between 0 and 255", "list[0].raw.a: repeated",
			"list[1].at: must be an instant such as 2026-01-31T09:00:00Z", "list[1].n: must be a whole number",
		}, "\n")},
		{`{"list":{}}`, "list: must be an array"},
		{`{"list":[null]}`, "list[0]: must not be null"},
		{strings.Repeat("[", 40) + strings.Repeat("]", 40), "must not be nested deeper than 32"},
	} {
		var d document
		err := wire.Read([]byte(tc.in), &d)
		require.EqualError(t, err, tc.want)
		require.ErrorIs(t, err, wire.ErrMalformed)
	}
}

func TestADocumentOfVeryManyFaultsListsTheFirst(t *testing.T) {
	t.Parallel()
	var d document
	err := wire.Read([]byte(`{"list":[`+strings.Repeat(`1,`, 1000)+`1]}`), &d)
	require.ErrorContains(t, err, "list[99]: must be an object\nmore faults than can be listed")
	require.NotContains(t, err.Error(), "list[100]")
	err = wire.Read([]byte(strings.Repeat(" ", 4<<20)+"{}"), &d)
	require.EqualError(t, err, "must not be longer than 4194304 bytes")
}

func TestNullIsRefusedWhereItSaysNothing(t *testing.T) {
	t.Parallel()
	var f wire.Faults
	wire.Definite(&f, "a", wire.Null[bool]())
	wire.Definite(&f, "b", wire.Of(true))
	wire.Definite(&f, "c", wire.Opt[bool]{})
	require.EqualError(t, f.Err(), "a: must not be null")
}

func TestLossesAreErrorsUnlessTheCallerAcceptsThem(t *testing.T) {
	t.Parallel()
	losses := wire.NewLosses("probely")
	require.NoError(t, losses.Err(wire.Strict))
	losses.Add("subscription_status", "%q", "paused")
	err := losses.Err(wire.Strict)
	require.ErrorIs(t, err, wire.ErrNotRepresentable)
	require.EqualError(t, err, `probely: subscription_status: cannot say "paused"`)
	require.NoError(t, losses.Err(wire.Lossy))
	require.Error(t, losses.Err(""))
	require.False(t, wire.Mode("").IsValid())
}

func TestInstantsKeepTheDigitsThatTheirAPIWrites(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, time.December, 15, 19, 19, 18, 37_000_000, time.UTC)
	require.Equal(t, "2023-12-15T19:19:18Z", wire.Seconds.Format(at))
	require.Equal(t, "2023-12-15T19:19:18.037Z", wire.Millis.Format(at))
	require.Equal(t, "2023-12-15T19:19:18.037Z", wire.Nanos.Format(at))
	require.True(t, wire.Millis.Fits(at))
	require.False(t, wire.Seconds.Fits(at))
	for _, stamp := range wire.Stamps() {
		back, err := stamp.Parse(stamp.Format(at.Truncate(time.Second)))
		require.NoError(t, err)
		require.True(t, back.Equal(at.Truncate(time.Second)))
	}
	losses := wire.NewLosses("revenium")
	require.Equal(t, "2023-12-15T19:19:18Z", wire.Seconds.Say(losses, "expiration", at))
	require.ErrorIs(t, losses.Err(wire.Strict), wire.ErrNotRepresentable)
}

func TestTheTableOfFieldsIsHeldAgainstThePage(t *testing.T) {
	t.Parallel()
	table := []wire.Field{
		{Path: "a", Class: wire.Mapped, To: "here"},
		{Path: "b", Class: wire.Carried, To: "there"},
	}
	require.NoError(t, wire.Check(table, "# page\na\n\nb\n"))
	err := wire.Check(append(table, table[0], wire.Field{Path: "d"}), "a\na\nc\n")
	require.EqualError(t, err, `wire: field "a": twice in the table
wire: field "d": no class, or no To
wire: field "a": twice in the list
wire: field "c": not in the table
wire: field "b": on no page
wire: field "d": on no page`)
	for _, c := range wire.Classes() {
		require.True(t, c.IsValid())
	}
}

func TestTheTrialIsFoundBeforeInAndAfterIt(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Trial: &plan.Trial{Length: calendar.Days(14)}})
	at := func(s string) time.Time {
		instant, err := calendar.ParseInstant(s)
		require.NoError(t, err)
		return instant
	}
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, At: at("2026-01-01T00:00:00Z"), Start: at("2026-01-15T10:00:00Z")})
	require.NoError(t, err)
	call := func(s string) subscription.Call {
		return subscription.Call{At: at(s), Actor: lifecycle.Operator}
	}
	for _, now := range []string{"2026-01-02T00:00:00Z", "2026-01-20T00:00:00Z", "2027-01-20T00:00:00Z"} {
		trial, ok := wire.TrialOf(sub, at(now))
		require.True(t, ok)
		require.Equal(t, wire.Trial{Start: at("2026-01-15T10:00:00Z"), End: at("2026-01-29T10:00:00Z")}, trial)
	}
	held, err := sub.Hold(call("2026-01-16T00:00:00Z"))
	require.NoError(t, err)
	trial, ok := wire.TrialOf(held, at("2026-01-17T00:00:00Z"))
	require.True(t, ok)
	require.Equal(t, wire.Trial{Start: at("2026-01-15T10:00:00Z"), End: at("2026-01-29T10:00:00Z")}, trial)
	cut, err := sub.EndTrial(call("2026-01-18T10:00:00Z"))
	require.NoError(t, err)
	trial, ok = wire.TrialOf(cut, at("2026-01-20T00:00:00Z"))
	require.True(t, ok)
	require.Equal(t, wire.Trial{Start: at("2026-01-15T10:00:00Z"), End: at("2026-01-18T10:00:00Z")}, trial)
}
