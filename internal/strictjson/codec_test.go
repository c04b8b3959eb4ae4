package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// thing is read and written by a table, and for comparison by its tags: by the decoder
// of this package that looks at types anew for each object, and by encoding/json.
type thing struct {
	ID    string               `json:"id"`
	Name  string               `json:"name,omitempty"`
	Count int                  `json:"count,omitempty"`
	On    bool                 `json:"on,omitempty"`
	At    time.Time            `json:"at,omitzero"`
	Size  *decimal.Decimal     `json:"size,omitempty"`
	Parts []part               `json:"parts,omitempty"`
	Notes map[string]string    `json:"notes,omitempty"`
	Named map[string]*part     `json:"named,omitempty"`
	Inner *thing               `json:"inner,omitempty"`
	Pair  map[string][]colour2 `json:"pair,omitempty"`
}

type part struct {
	Kind   colour2 `json:"kind"`
	Number int64   `json:"number"`
}

type colour2 string

func parseColour2(text string) (colour2, error) {
	var c colour2
	err := c.UnmarshalText([]byte(text))
	return c, err
}

func (c *colour2) UnmarshalText(text []byte) error { return (*colour)(c).UnmarshalText(text) }

var partCodec = strictjson.Struct(
	strictjson.Field("kind", func(v *part) *colour2 { return &v.Kind }, strictjson.Word([]colour2{"red", "blue"}, parseColour2)),
	strictjson.Field("number", func(v *part) *int64 { return &v.Number }, strictjson.Int[int64]()),
)

func thingCodec(depth int) strictjson.Codec[thing] {
	members := []strictjson.Member[thing]{
		strictjson.Field("id", func(v *thing) *string { return &v.ID }, strictjson.Text[string]()),
		strictjson.Optional("name", func(v *thing) *string { return &v.Name }, strictjson.Text[string]()),
		strictjson.Optional("count", func(v *thing) *int { return &v.Count }, strictjson.Int[int]()),
		strictjson.Optional("on", func(v *thing) *bool { return &v.On }, strictjson.Truth()),
		strictjson.Optional("at", func(v *thing) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("size", func(v *thing) **decimal.Decimal { return &v.Size }, strictjson.Pointer(strictjson.Decimal())),
		strictjson.Optional("parts", func(v *thing) *[]part { return &v.Parts }, strictjson.List[[]part](partCodec)),
		strictjson.Optional("notes", func(v *thing) *map[string]string { return &v.Notes }, strictjson.Map[map[string]string](strictjson.Text[string]())),
		strictjson.Optional("named", func(v *thing) *map[string]*part { return &v.Named }, strictjson.Map[map[string]*part](strictjson.Pointer(partCodec))),
	}
	if depth > 0 {
		members = append(members, strictjson.Optional("inner", func(v *thing) **thing { return &v.Inner }, strictjson.Pointer(thingCodec(depth-1))))
	}
	members = append(members, strictjson.Optional("pair", func(v *thing) *map[string][]colour2 { return &v.Pair },
		strictjson.Map[map[string][]colour2](strictjson.List[[]colour2](strictjson.Word([]colour2{"red", "blue"}, parseColour2)))))
	return strictjson.Struct(members...)
}

var things = thingCodec(3)

func drawThing(t *rapid.T, depth int) thing {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a", "<&>", "\u2028", "\x00\x1f\"\\", "\xff"}))
	v := thing{
		ID: text.Draw(t, "id"), Name: text.Draw(t, "name"), Count: rapid.Int().Draw(t, "count"), On: rapid.Bool().Draw(t, "on"),
		Parts: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) part {
			return part{rapid.SampledFrom([]colour2{"red", "blue"}).Draw(t, "kind"), rapid.Int64().Draw(t, "number")}
		}), 0, 3).Draw(t, "parts"),
		Notes: rapid.MapOfN(text, text, 0, 3).Draw(t, "notes"),
	}
	if rapid.Bool().Draw(t, "timed") {
		v.At = time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")).UTC()
	}
	if rapid.Bool().Draw(t, "sized") {
		d := decimal.New(rapid.Int64().Draw(t, "coefficient"), -3)
		v.Size = &d
	}
	if depth > 0 && rapid.Bool().Draw(t, "nested") {
		inner := drawThing(t, depth-1)
		v.Inner = &inner
	}
	return v
}

func TestATableWritesWhatEncodingJSONWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawThing(t, 3)
		if v.Size != nil { // encoding/json keeps zeros at the end, a decimal here has none
			v.Size = nil
		}
		want, err := json.Marshal(v)
		require.NoError(t, err)
		got, err := things.Append([]byte("x"), &v)
		require.NoError(t, err)
		require.Equal(t, "x"+string(want), string(got))
	})
}

func TestATableReadsWhatItWroteAndWhatTheTagsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawThing(t, 3)
		data, err := things.Append(nil, &v)
		require.NoError(t, err)
		if rapid.Bool().Draw(t, "damaged") && len(data) > 2 {
			for range rapid.IntRange(1, 4).Draw(t, "times") {
				i := rapid.IntRange(1, len(data)-1).Draw(t, "where")
				data[i] = rapid.SampledFrom([]byte(`"{}[],:0a1ntfx\\ `)).Draw(t, "byte")
			}
		}
		agree(t, data)
	})
}

// agree requires that a table and the tags read the same from a document, and find the
// same faults at the same places in the same order.
func agree(t require.TestingT, data []byte) {
	var byTable, byTags thing
	got := things.Read(data, &byTable, strictjson.Limits{})
	want := strictjson.Decode(data, &byTags, strictjson.Limits{})
	require.Equal(t, lines(want), lines(got), "%s", data)
	if len(want) == 0 {
		require.Equal(t, byTags, byTable, "%s", data)
	}
}

func FuzzTablesAndTagsAgree(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","parts":[{"kind":"red","number":1}],"inner":{"id":"b"},"notes":{"a":"b"},"pair":{"x":["red"]}}`,
		`{"ID":1,"id":null,"parts":{},"notes":[],"size":"1e3","at":"2026-01-01","on":"x","count":1.5}`, `{"id":"a","id":"b"}`, `[]`, `null`, `{"inner":null,"named":{"a":null}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Count(string(data), `"inner"`) > 3 {
			return // deeper than the table goes
		}
		agree(t, data)
	})
}

func TestAVersionIsRefusedByName(t *testing.T) {
	t.Parallel()
	c := strictjson.Struct(strictjson.Version[part](3), strictjson.Field("number", func(v *part) *int64 { return &v.Number }, strictjson.Int[int64]()))
	for document, want := range map[string][]string{
		`{"version":3,"number":1}`: nil, `{"number":1}`: {"version: missing"}, `{"version":4}`: {"version: must be 3"},
		`{"version":"3"}`: {"version: must be a whole number"}, `{"version":null}`: {"version: must not be null"},
	} {
		require.ElementsMatch(t, want, lines(c.Read([]byte(document), new(part), strictjson.Limits{})), document)
	}
	data, err := c.Append(nil, &part{Number: 7})
	require.NoError(t, err)
	require.Equal(t, `{"version":3,"number":7}`, string(data))
}

func TestASetOfBitsIsAListOfWords(t *testing.T) {
	t.Parallel()
	c := strictjson.Bits[uint8]("a", "b", "c")
	for document, want := range map[string][]string{
		`[]`: nil, `["a","c"]`: nil, `["c","a"]`: {"[1]: must be there once, and in order"}, `["a","a"]`: {"[1]: must be there once, and in order"},
		`["d"]`: {`[0]: must be one of ["a" "b" "c"]`}, `null`: {"must not be null"}, `[1]`: {"[0]: must be a string"},
	} {
		var set uint8
		require.ElementsMatch(t, want, lines(c.Read([]byte(document), &set, strictjson.Limits{})), document)
		if want == nil {
			data, err := c.Append(nil, &set)
			require.NoError(t, err)
			require.Equal(t, document, string(data))
		}
	}
}

// BenchmarkDecode reads a document of a hundred parts by a table, by tags and by
// encoding/json.
func BenchmarkDecode(b *testing.B) {
	v := thing{ID: "a", Notes: map[string]string{"a": "b"}, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for range 100 {
		v.Parts = append(v.Parts, part{"red", 1234})
	}
	data, err := things.Append(nil, &v)
	require.NoError(b, err)
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			things.Read(data, new(thing), strictjson.Limits{})
		}
	})
	b.Run("tags", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			strictjson.Decode(data, new(thing), strictjson.Limits{})
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = json.Unmarshal(data, new(thing))
		}
	})
}

// BenchmarkEncode writes the same document, by a table into a buffer that is there.
func BenchmarkEncode(b *testing.B) {
	v := thing{ID: "a", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for range 100 {
		v.Parts = append(v.Parts, part{"red", 1234})
	}
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		var buffer []byte
		for b.Loop() {
			buffer, _ = things.Append(buffer[:0], &v)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(&v)
		}
	})
}

func TestWhatIsNeededIsInTheSchemaAndReadAsBefore(t *testing.T) {
	t.Parallel()
	type form struct {
		Name   string
		Amount *string
		List   []string
	}
	name := func(v *form) *string { return &v.Name }
	amount := func(v *form) **string { return &v.Amount }
	list := func(v *form) *[]string { return &v.List }
	text := strictjson.Text[string]()
	plain := strictjson.Struct(strictjson.Field("name", name, text), strictjson.Optional("amount", amount, strictjson.Pointer(text)), strictjson.Optional("list", list, strictjson.List[[]string](text)))
	needed := strictjson.Struct(strictjson.Field("name", name, text).Needed(), strictjson.Optional("amount", amount, strictjson.Pointer(text)).Needed(), strictjson.Optional("list", list, strictjson.List[[]string](text)).Needed())
	for _, document := range []string{`{}`, `{"name":"","amount":null,"list":[]}`, `{"name":"a","amount":"b","list":["c"]}`, `{"name":1}`} {
		var a, b form
		require.Equal(t, plain.Read([]byte(document), &a, strictjson.Limits{}), needed.Read([]byte(document), &b, strictjson.Limits{}), document)
		require.Equal(t, a, b, document)
		first, err := plain.Append(nil, &a)
		require.NoError(t, err)
		second, err := needed.Append(nil, &b)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	}
	for _, m := range needed.Shape().Members {
		require.True(t, m.Required, m.Name)
		require.True(t, m.Shape.Given, m.Name)
		require.False(t, m.Shape.Null, m.Name)
	}
	require.Equal(t, strictjson.StringShape, needed.Shape().Members[1].Shape.Kind)
	for _, m := range plain.Shape().Members {
		require.False(t, m.Required, m.Name)
		require.False(t, m.Shape.Given, m.Name)
	}
	require.False(t, text.Shape().Given)
}
