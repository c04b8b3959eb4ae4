package strictjson_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

func TestAWrittenDocumentIsReadWithoutATree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawThing(t, 3)
		data, err := things.Append(nil, &v)
		require.NoError(t, err)
		if _, err := strictjson.Parse(data, strictjson.Limits{}); len(err) == 0 && v.Size == nil && v.Count < 1e18 && v.Count > -1e18 {
			for _, p := range v.Parts {
				if p.Number >= 1e18 || p.Number <= -1e18 {
					return // long numbers are for the tree
				}
			}
			if v.Inner == nil {
				require.True(t, things.Scans(data), "%s", data)
			}
		}
	})
}

// sheet has a member of each other kind.
type sheet struct {
	Version int
	Word    string
	Colour  colour2
	Count   int32
	Sizes   map[string]decimal.Decimal
	Exact   decimal.Decimal
	Times   []time.Time
	Entries []entry
	Bits    uint8
	Maybe   bool
	List    []string
	Start   int
}

type entry struct {
	name string
	at   time.Time
}

var sheets = strictjson.Struct(
	strictjson.Version[sheet](2),
	strictjson.Required("word", func(v *sheet) *string { return &v.Word }, strictjson.Closed([]string{"one", "two"})),
	strictjson.Optional("colour", func(v *sheet) *colour2 { return &v.Colour }, strictjson.Word([]colour2{"red"}, parseColour2)),
	strictjson.Optional("count", func(v *sheet) *int32 { return &v.Count }, strictjson.Int[int32]()),
	strictjson.Optional("sizes", func(v *sheet) *map[string]decimal.Decimal { return &v.Sizes }, strictjson.Map[map[string]decimal.Decimal](strictjson.Decimal())),
	strictjson.Optional("exact", func(v *sheet) *decimal.Decimal { return &v.Exact }, strictjson.Exact()),
	strictjson.Optional("times", func(v *sheet) *[]time.Time { return &v.Times }, strictjson.List[[]time.Time](strictjson.Instant())),
	strictjson.Optional("entries", func(v *sheet) *[]entry { return &v.Entries },
		strictjson.Entries[[]entry](func(e *entry) *string { return &e.name }, func(e *entry) *time.Time { return &e.at }, strictjson.Instant())),
	strictjson.Optional("bits", func(v *sheet) *uint8 { return &v.Bits }, strictjson.Bits[uint8]("a", "b")),
	strictjson.Optional("maybe", func(v *sheet) *bool { return &v.Maybe }, strictjson.OrNull(strictjson.Truth())),
	strictjson.Optional("list", func(v *sheet) *[]string { return &v.List }, strictjson.NotNull(strictjson.List[[]string](strictjson.Text[string]()), []string{})),
	strictjson.Optional("start", func(v *sheet) *int { return &v.Start }, strictjson.Int[int]()),
).Starting(func(s *sheet) { s.Start = 7 }).Finally(func(s *sheet) {
	if len(s.Times) == 0 {
		s.Times = nil
	}
})

var sheetSeeds = []string{
	`{"version":2,"word":"one","colour":"red","count":-5,"sizes":{"a":"1.50","b":"-0"},"exact":"0.123456789012345678901234567890","times":["2026-02-28T23:59:59.9999999Z","2026-02-28T23:59:59+01:00"],"entries":{"b":"2026-01-01T00:00:00Z","a":"2026-01-02T00:00:00Z"},"bits":["a","b"],"maybe":null,"list":["a\u00e9\n"],"start":0}`,
	` { "word" : "two" , "version" : 2 , "entries" : { } , "times" : [ ] , "sizes" : null } `,
	`{"version":2,"word":"one","colour":"blue","entries":{"a":"2026-01-01T00:00:00Z","a":"2026-01-01T00:00:00Z"}}`,
	`{"version":2,"word":"one","list":null}`, `{"version":2,"word":"one","count":2147483648}`, `{"version":2,"word":"one","start":01}`,
	`{"version":2,"word":"one","times":["2023-02-29T00:00:00Z","0000-01-01T00:00:00Z"]}`, `{"version":1,"word":"one"}`, `{"version":2}`, `{"version":2,"word":"one"} x`,
	`{"version":2,"word":"one","word":"one"}`, `{"version":2,"word":"one",}`, `{"version":2,"word":"one","bits":["b","a"]}`, `{"version":2,"word":"one","list":["\ud800"]}`,
}

// sameReading requires that a document is read the same with a tree and without.
func sameReading[T any](t require.TestingT, c strictjson.Codec[T], data []byte, limits strictjson.Limits) {
	var a, b T
	got, want := c.Read(data, &a, limits), c.ReadTree(data, &b, limits)
	require.Equal(t, lines(want), lines(got), "%s", data)
	if len(want) == 0 {
		require.Equal(t, b, a, "%s", data)
	} else {
		require.False(t, c.Scans(data), "what has a fault is read as a tree: %s", data)
	}
}

func TestWithinBoundsADocumentIsReadTheSameWithATreeAndWithout(t *testing.T) {
	t.Parallel()
	for _, seed := range sheetSeeds {
		sameReading(t, sheets, []byte(seed), strictjson.Limits{})
		for n := 1; n < 20; n++ {
			for _, limits := range []strictjson.Limits{{Depth: n}, {Elements: n}, {Values: n}, {StringLen: n}, {NameLen: n}, {Size: n * 20}} {
				var a, b sheet
				got, want := sheets.Read([]byte(seed), &a, limits), sheets.ReadTree([]byte(seed), &b, limits)
				require.Equal(t, lines(want), lines(got), "%+v: %s", limits, seed)
			}
		}
	}
	require.True(t, sheets.Scans([]byte(sheetSeeds[0])))
	require.True(t, sheets.Scans([]byte(sheetSeeds[1])))
}

func FuzzScan(f *testing.F) {
	for _, seed := range sheetSeeds {
		f.Add([]byte(seed))
	}
	f.Add([]byte(`{"id":"a","parts":[{"kind":"red","number":1}],"inner":{"id":"b"},"notes":{"a":"b"},"pair":{"x":["red"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		sameReading(t, sheets, data, strictjson.Limits{})
		if strings.Count(string(data), `"inner"`) <= 3 {
			sameReading(t, things, data, strictjson.Limits{})
		}
	})
}
