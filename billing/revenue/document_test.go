package revenue_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/internal/schema"
)

// document is what is written and read back.
type document[T any] interface {
	*T
	json.Unmarshaler
}

// readBack writes a value, reads it and writes it again.
func readBack[T json.Marshaler, P document[T]](v T) (T, []byte, error) {
	var back T
	data, err := v.MarshalJSON()
	if err != nil {
		return back, nil, err
	}
	if err := P(&back).UnmarshalJSON(data); err != nil {
		return back, data, err
	}
	again, err := back.MarshalJSON()
	if err == nil && string(again) != string(data) {
		err = fmt.Errorf("%s becomes %s", data, again)
	}
	return back, data, err
}

func roundTrip(m revenue.Movement) error {
	back, _, err := readBack(m)
	if err == nil && (!back.At.Equal(m.At) || back.Kind != m.Kind || back.Amount != m.Amount) {
		err = fmt.Errorf("%v becomes %v", m, back)
	}
	return err
}

var badDocuments = map[string][]schema.Bad{
	"recognition_method": {
		{`{"by":"week"}`, "by: must be"},
		{`{"By":"day"}`, "By: unknown field"},
		{`{"by":""}`, "by: must be"},
		{`{"parts":"odd"}`, "parts: must be"},
		{`{"time_zone":"Mars/Olympus"}`, "time_zone: "},
		{`{"rounding":"bankers"}`, "rounding: must be"},
		{`[]`, "must be an object"},
	},
	"recognition": {
		{`{}`, "version: missing"},
		{`{"version":2,"lines":[],"months":[]}`, "version: must be 1"},
		{`{"version":1,"lines":[],"months":[{"month":"2026-1","amount":{"amount":"1.00","currency":"USD"}}]}`, "months[0].month: must be a month"},
		{`{"version":1,"lines":[],"months":[{"month":"2026-01","amount":{"amount":"1.00","currency":"USD"}}]}`, "months[0].amount: must be the sum of the lines, 0.00 USD"},
		{`{"version":1,"lines":[{"line":{"kind":"charge","charge":"a","from":"2026-01-01T00:00:00Z"},"amount":{"amount":"1.00","currency":"USD"},"months":[]}],"months":[]}`, "lines[0].months: must add up to 1.00 USD"},
		{`{"version":1,"lines":[{"line":{"kind":"charge","charge":"a","from":"2026-01-01T00:00:00Z"},"amount":{"amount":"1.00","currency":"USD"},"months":[{"month":"2026-01","amount":{"amount":"1.00","currency":"USD"}}]}],"months":[]}`, "months: must have every month of the lines"},
		{`{"version":1,"lines":[{"line":{"kind":"fee","charge":"a"},"months":[]}],"months":[]}`, "lines[0].line.kind: must be"},
	},
	"recurring_revenue": {
		{`{"version":1,"charges":[]}`, "at: missing"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","amount":{"amount":"1.00","currency":"USD"},"charges":[]}`, "charges: must add up to 1.00 USD"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","amount":{"amount":"1.00","currency":"USD"},"charges":[{"amount":{"amount":"1.00","currency":"USD"}}]}`, "charges[0].charge: "},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","amount":{"amount":"1.00","currency":"USD"},"charges":null}`, "charges: "},
	},
	"revenue_movement": {
		{`{"version":1,"at":"2026-01-01T00:00:00Z","kind":"loss","amount":{"amount":"1.00","currency":"USD"}}`, "kind: must be"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","kind":"churn","amount":{"amount":"1.00","currency":"USD"}}`, "amount: must have the sign of its kind"},
		{`{"version":1,"at":"2026-01-01T00:00:00Z","kind":"new","amount":{"amount":"0.00","currency":"USD"}}`, "amount: must have the sign of its kind"},
	},
}

func decoderOf(name string) json.Unmarshaler {
	switch name {
	case "recognition_method":
		return new(revenue.Method)
	case "recognition":
		return new(revenue.Schedule)
	case "recurring_revenue":
		return new(revenue.Recurring)
	}
	return new(revenue.Movement)
}

func TestBadDocumentsAreRefusedWithTheirPath(t *testing.T) {
	t.Parallel()
	for name, rows := range badDocuments {
		schema.Refused(t, func() json.Unmarshaler { return decoderOf(name) }, rows)
	}
}

func TestResultsAreWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		by := drawMethod(t)
		method, _, err := readBack(by)
		require.NoError(t, err)
		require.Equal(t, by, method)
		s, err := revenue.Recognise(drawLines(t), by)
		require.NoError(t, err)
		schedule, _, err := readBack(s)
		require.NoError(t, err)
		require.True(t, s.Equal(schedule))
		r, err := revenue.MRR(story(t), when(t, "2026-03-03"), "")
		require.NoError(t, err)
		recurring, _, err := readBack(r)
		require.NoError(t, err)
		require.True(t, r.Equal(recurring))
	})
}

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	all, bad := schema.Samples{}, schema.Samples{}
	for i := range 20 {
		rapid.Custom(func(t *rapid.T) int {
			by, sub := drawMethod(t), story(t)
			all.Keep(t, "recognition_method", by)
			s, err := revenue.Recognise(drawLines(t), by)
			require.NoError(t, err)
			all.Keep(t, "recognition", s)
			r, err := revenue.MRR(sub, when(t, "2026-02-02"), "")
			require.NoError(t, err)
			all.Keep(t, "recurring_revenue", r)
			moves, err := revenue.Movements(sub, when(t, "2025-01-01"), when(t, "2027-01-01"), "")
			require.NoError(t, err)
			for _, m := range moves {
				all.Keep(t, "revenue_movement", m)
			}
			return 0
		}).Example(i)
	}
	for name, rows := range badDocuments {
		bad.Refuse(name, rows)
	}
	schema.CheckRoom(
		t, revenue.Shapes(), all, bad,
		schema.Document{Name: "recognition_method", Title: "How lines are spread over months"},
		schema.Document{Name: "recognition", Title: "In which month how much is recognised"},
		schema.Document{Name: "recurring_revenue", Title: "Monthly recurring revenue"},
		schema.Document{Name: "revenue_movement", Title: "A change of the monthly recurring revenue"},
	)
}

func FuzzDocuments(f *testing.F) {
	names := []string{"recognition_method", "recognition", "recurring_revenue", "revenue_movement"}
	for i, name := range names {
		for _, row := range badDocuments[name] {
			f.Add(i, []byte(row.Document()))
		}
	}
	f.Add(0, []byte(`{"by":"second","parts":"even","time_zone":"Europe/Berlin","rounding":"down"}`))
	f.Add(3, []byte(`{"version":1,"at":"2026-01-01T00:00:00Z","kind":"new","amount":{"amount":"1.00","currency":"USD"}}`))
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		schema.ReadAgain(t, func() json.Unmarshaler { return decoderOf(names[uint(i)%uint(len(names))]) }, data)
	})
}
