package revenue_test

import (
	"encoding/json"
	"fmt"
	"reflect"
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

type badDocument struct{ document, want string }

var badDocuments = map[string][]badDocument{
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
		for _, row := range rows {
			into := decoderOf(name)
			require.ErrorContains(t, into.UnmarshalJSON([]byte(row.document)), row.want, row.document)
			require.True(t, reflect.ValueOf(into).Elem().IsZero(), "a refused document leaves the value as it was")
		}
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
	all := map[string][][]byte{}
	keep := func(name string, data []byte, err error) {
		require.NoError(t, err)
		all[name] = append(all[name], data)
	}
	for i := range 20 {
		rapid.Custom(func(t *rapid.T) int {
			by, sub := drawMethod(t), story(t)
			data, err := by.MarshalJSON()
			keep("recognition_method", data, err)
			s, err := revenue.Recognise(drawLines(t), by)
			require.NoError(t, err)
			data, err = s.MarshalJSON()
			keep("recognition", data, err)
			r, err := revenue.MRR(sub, when(t, "2026-02-02"), "")
			require.NoError(t, err)
			data, err = r.MarshalJSON()
			keep("recurring_revenue", data, err)
			moves, err := revenue.Movements(sub, when(t, "2025-01-01"), when(t, "2027-01-01"), "")
			require.NoError(t, err)
			for _, m := range moves {
				data, err = m.MarshalJSON()
				keep("revenue_movement", data, err)
			}
			return 0
		}).Example(i)
	}
	for _, d := range []schema.Document{
		{Name: "recognition_method", Title: "How lines are spread over months"},
		{Name: "recognition", Title: "In which month how much is recognised"},
		{Name: "recurring_revenue", Title: "Monthly recurring revenue"},
		{Name: "revenue_movement", Title: "A change of the monthly recurring revenue"},
	} {
		d.Shape, d.Examples = revenue.Shapes()[d.Name], all[d.Name]
		for _, row := range badDocuments[d.Name] {
			d.Bad = append(d.Bad, []byte(row.document))
		}
		require.NotNil(t, d.Shape)
		require.NotEmpty(t, d.Examples, d.Name)
		schema.Check(t, d)
	}
}

func FuzzDocuments(f *testing.F) {
	names := []string{"recognition_method", "recognition", "recurring_revenue", "revenue_movement"}
	for i, name := range names {
		for _, row := range badDocuments[name] {
			f.Add(i, []byte(row.document))
		}
	}
	f.Add(0, []byte(`{"by":"second","parts":"even","time_zone":"Europe/Berlin","rounding":"down"}`))
	f.Add(3, []byte(`{"version":1,"at":"2026-01-01T00:00:00Z","kind":"new","amount":{"amount":"1.00","currency":"USD"}}`))
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		into := decoderOf(names[uint(i)%uint(len(names))])
		if into.UnmarshalJSON(data) != nil {
			return
		}
		out, err := into.(json.Marshaler).MarshalJSON()
		require.NoError(t, err)
		back := decoderOf(names[uint(i)%uint(len(names))])
		require.NoError(t, back.UnmarshalJSON(out))
		again, err := back.(json.Marshaler).MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(out), string(again))
	})
}
