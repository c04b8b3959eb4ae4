package faults_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

type word string

type span struct {
	from time.Time
	kind word
}

func (s span) faults() faults.List {
	var f faults.List
	f.Instant("from", s.from, true)
	faults.Word(&f, "kind", s.kind, []word{"short", "long"})
	return f
}

var spanCodec = strictjson.Struct(
	strictjson.Optional("from", func(v *span) *time.Time { return &v.from }, strictjson.Instant()),
	strictjson.Optional("kind", func(v *span) *word { return &v.kind }, strictjson.Text[word]()),
)

func TestFaultsAreReportedAllAtOnceWithTheirPaths(t *testing.T) {
	t.Parallel()
	var f faults.List
	require.NoError(t, f.Err())
	f.Wrap("nothing", nil)
	f.Add("count", fault.OutOfRange, "must be %d", 1)
	f.Below("spans[0]", span{kind: "wide"}.faults())
	f.Instant("until", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), false)
	f.Instant("never", time.Time{}, false)
	require.EqualError(t, f.Err(), "count: must be 1\nspans[0].from: missing\nspans[0].kind: must be one of [\"short\" \"long\"]\nuntil: must lie in the years 1 to 9999")
}

func TestAValueIsReadTogetherWithWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	limits := strictjson.Limits{Size: 100, Values: 10}
	var s span
	err := faults.Decode([]byte(`{"kind":"wide","to":1}`), &s, spanCodec, limits, span.faults)
	require.EqualError(t, err, "to: unknown field\nfrom: missing\nkind: must be one of [\"short\" \"long\"]")
	require.Zero(t, s)
	data := []byte(`{"from":"2026-01-01T00:00:00Z","kind":"long"}`)
	require.NoError(t, faults.Decode(data, &s, spanCodec, limits, span.faults))
	out, err := faults.Encode(nil, &s, spanCodec, 100, "room")
	require.NoError(t, err)
	require.Equal(t, string(data), string(out))
	out, err = faults.Encode([]byte("x"), &s, spanCodec, 10, "room")
	require.EqualError(t, err, "room: encode: longer than 10 bytes")
	require.Equal(t, "x", string(out))
}
