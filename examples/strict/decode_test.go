package strict_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
)

type inner struct {
	Name  string `json:"name"`
	Small int8   `json:"small,omitempty"`
}

type Embedded struct {
	Shared string `json:"shared"`
	Over   string `json:"over"`
}

type hidden struct {
	Deep bool `json:"deep"`
}

// colour decodes from text.
type colour string

func (c *colour) UnmarshalText(text []byte) error {
	if s := string(text); s != "red" && s != "blue" {
		return fmt.Errorf("unknown colour %q", s)
	}
	*c = colour(text)
	return nil
}

// pair decodes itself and accepts null.
type pair struct{ a, b int }

func (p *pair) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var list []int
	if faults := strict.Decode(data, &list, strict.Limits{}); len(faults) > 0 {
		errs := make([]error, len(faults))
		for i, f := range faults {
			errs[i] = fault.At(f.Path, f.Err)
		}
		return errors.Join(errs...)
	}
	if len(list) != 2 {
		return errors.New("must have two elements")
	}
	p.a, p.b = list[0], list[1]
	return nil
}

// shape decodes itself from a node.
type shape struct{ sides int }

func (s *shape) DecodeStrict(n strict.Node) []strict.Fault {
	sides, ok := n.Field("sides")
	if !ok {
		return []strict.Fault{n.Faultf(fault.Required, "needs sides")}
	}
	return sides.Decode(&s.sides)
}

type everything struct {
	Embedded
	hidden
	Text    string            `json:"text"`
	On      bool              `json:"on"`
	Int     int               `json:"int"`
	I8      int8              `json:"i8"`
	I64     int64             `json:"i64"`
	U8      uint8             `json:"u8"`
	U64     uint64            `json:"u64"`
	Over    string            `json:"over"`
	List    []inner           `json:"list"`
	Map     map[string]inner  `json:"map"`
	Colours map[colour]int    `json:"colours"`
	Ptr     *inner            `json:"ptr"`
	PtrPtr  **int             `json:"ptr_ptr"`
	Node    strict.Node       `json:"node"`
	Raw     json.RawMessage   `json:"raw"`
	At      time.Time         `json:"at"`
	Amount  decimal.Decimal   `json:"amount"`
	Max     *decimal.Decimal  `json:"max"`
	Colour  colour            `json:"colour"`
	Pair    pair              `json:"pair"`
	Pairs   []*pair           `json:"pairs"`
	Shape   shape             `json:"shape"`
	Shapes  map[string]*shape `json:"shapes"`
	Skipped string            `json:"-"`
	Untag   int
	Float   float64        `json:"float"`
	Any     any            `json:"any"`
	ByInt   map[int]string `json:"by_int"`
	Chan    chan int       `json:"chan"`
}

func TestDecodeUnderstandsEveryKindOfField(t *testing.T) {
	t.Parallel()
	var v everything
	faults := strict.Decode([]byte(`{
		"text":"t\n","on":true,"int":-5,"i8":-128,"i64":-9223372036854775808,"u8":255,"u64":18446744073709551615,
		"shared":"s","over":"outer","deep":true,
		"list":[{"name":"a","small":1},{"name":"b"}],"map":{"x":{"name":"c"}},"colours":{"red":1},
		"ptr":{"name":"p"},"ptr_ptr":7,"node":{"later":[1]},"raw":[ 1, 2 ],
		"at":"2026-01-31T09:00:00.123456789+02:00","amount":"12.50","max":"-0.1",
		"colour":"blue","pair":[1,2],"pairs":[[3,4],null],"shape":{"sides":3},"shapes":{"s":{"sides":4}},"Untag":9
	}`), &v, strict.Limits{})
	require.Empty(t, lines(faults))
	require.Equal(t, "t\n", v.Text)
	require.True(t, v.On)
	require.Equal(t, -5, v.Int)
	require.Equal(t, int8(-128), v.I8)
	require.Equal(t, int64(-9223372036854775808), v.I64)
	require.Equal(t, uint8(255), v.U8)
	require.Equal(t, uint64(18446744073709551615), v.U64)
	require.Equal(t, "s", v.Shared)
	require.Equal(t, "outer", v.Over)
	require.Empty(t, v.Embedded.Over)
	require.True(t, v.Deep)
	require.Equal(t, []inner{{"a", 1}, {"b", 0}}, v.List)
	require.Equal(t, map[string]inner{"x": {"c", 0}}, v.Map)
	require.Equal(t, map[colour]int{"red": 1}, v.Colours)
	require.Equal(t, &inner{"p", 0}, v.Ptr)
	require.Equal(t, 7, **v.PtrPtr)
	require.Equal(t, `{"later":[1]}`, string(v.Node.Raw()))
	require.Equal(t, "[ 1, 2 ]", string(v.Raw))
	require.Equal(t, time.Date(2026, 1, 31, 7, 0, 0, 123456000, time.UTC), v.At)
	require.Equal(t, "12.5", v.Amount.String())
	require.Equal(t, "-0.1", v.Max.String())
	require.Equal(t, colour("blue"), v.Colour)
	require.Equal(t, pair{1, 2}, v.Pair)
	require.Equal(t, []*pair{{3, 4}, nil}, v.Pairs)
	require.Equal(t, 3, v.Shape.sides)
	require.Equal(t, 4, v.Shapes["s"].sides)
	require.Equal(t, 9, v.Untag)

	var names []string
	later, _ := v.Node.Field("later")
	faults = later.Decode(&names)
	require.Equal(t, []string{"node.later[0]: must be a string"}, lines(faults), "a captured value keeps its path")
}

func TestNullIsAcceptedWhereNothingIsAValue(t *testing.T) {
	t.Parallel()
	v := everything{List: []inner{{}}, Map: map[string]inner{"a": {}}, Ptr: new(inner)}
	faults := strict.Decode([]byte(`{"list":null,"map":null,"ptr":null,"max":null,"node":null,"raw":null,"pair":null}`),
		&v, strict.Limits{})
	require.Empty(t, faults)
	require.Nil(t, v.List)
	require.Nil(t, v.Map)
	require.Nil(t, v.Ptr)
	require.Equal(t, strict.Null, v.Node.Kind())
	require.Equal(t, "null", string(v.Raw))
}

func TestDecodeReportsEachFaultWithItsPath(t *testing.T) {
	t.Parallel()
	rows := []struct {
		document string
		faults   []string
	}{
		{`[]`, []string{"must be an object"}},
		{`null`, []string{"must not be null"}},
		{`{"Text":"x"}`, []string{`Text: unknown field; the name is "text"`}},
		{`{"nope":1,"a b":2}`, []string{"nope: unknown field", `["a b"]: unknown field`}},
		{`{"Skipped":"x","-":"y","private":"z"}`, []string{"Skipped: unknown field", "-: unknown field", "private: unknown field"}},
		{`{"text":1}`, []string{"text: must be a string"}},
		{`{"text":null}`, []string{"text: must not be null"}},
		{`{"on":"true"}`, []string{"on: must be true or false"}},
		{`{"on":null}`, []string{"on: must not be null"}},
		{`{"int":"1"}`, []string{"int: must be a whole number"}},
		{`{"int":1.0}`, []string{"int: must be a whole number"}},
		{`{"int":1e2}`, []string{"int: must be a whole number"}},
		{`{"int":null}`, []string{"int: must not be null"}},
		{`{"int":true}`, []string{"int: must be a whole number"}},
		{`{"i8":128}`, []string{"i8: must be between -128 and 127"}},
		{`{"i64":9223372036854775808}`, []string{"i64: must be between -9223372036854775808 and 9223372036854775807"}},
		{`{"u8":-1}`, []string{"u8: must be between 0 and 255"}},
		{`{"u64":18446744073709551616}`, []string{"u64: must be between 0 and 18446744073709551615"}},
		{`{"list":{}}`, []string{"list: must be an array"}},
		{`{"list":[{"name":1},{"name":null,"small":300,"x":0},3]}`, []string{
			"list[0].name: must be a string", "list[1].name: must not be null",
			"list[1].small: must be between -128 and 127", "list[1].x: unknown field", "list[2]: must be an object",
		}},
		{`{"map":[]}`, []string{"map: must be an object"}},
		{`{"map":{"z":1,"a b":{"name":2}}}`, []string{"map.z: must be an object", `map["a b"].name: must be a string`}},
		{`{"colours":{"red":1,"green":2}}`, []string{`colours.green: unknown colour "green"`}},
		{`{"ptr":{"name":1}}`, []string{"ptr.name: must be a string"}},
		{`{"amount":12.5}`, []string{"amount: must be a string that holds a decimal"}},
		{`{"amount":null}`, []string{"amount: must not be null"}},
		{`{"amount":"1e3"}`, []string{"amount: not a decimal"}},
		{`{"amount":"0.000000000000000000001"}`, []string{"amount: too many digits"}},
		{`{"max":""}`, []string{"max: not a decimal"}},
		{`{"colour":"green"}`, []string{`colour: unknown colour "green"`}},
		{`{"colour":1}`, []string{"colour: must be a string"}},
		{`{"colour":null}`, []string{"colour: must not be null"}},
		{`{"pair":[1]}`, []string{"pair: must have two elements"}},
		{`{"pairs":[[1,"x"],["y",null]]}`, []string{
			"pairs[0][1]: must be a whole number", "pairs[1][0]: must be a whole number", "pairs[1][1]: must not be null",
		}},
		{`{"shape":{}}`, []string{"shape: needs sides"}},
		{`{"shapes":{"s":{"sides":"x"}}}`, []string{"shapes.s.sides: must be a whole number"}},
		{`{"float":1}`, []string{"float: strict: cannot decode into float64"}},
		{`{"any":1}`, []string{"any: strict: cannot decode into interface {}"}},
		{`{"by_int":{"1":"x"}}`, []string{"by_int: strict: cannot decode into map[int]string"}},
		{`{"chan":1}`, []string{"chan: strict: cannot decode into chan int"}},
		{`{"text":1,"text":2,"on":3}`, []string{"text: must be a string", "text: repeated", "on: must be true or false"}},
		{`{"text":"\ud800","on":1,"list":[{"name":"a","name":"b"},1]}`, []string{
			"text: must not hold half of a surrogate pair", "on: must be true or false",
			"list[0].name: repeated", "list[1]: must be an object",
		}},
	}
	for _, row := range rows {
		faults := strict.Decode([]byte(row.document), new(everything), strict.Limits{})
		require.Equal(t, row.faults, lines(faults), row.document)
	}
}

func TestInstantsAreStrict(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"2026-01-31T09:00:00Z":                "2026-01-31T09:00:00Z",
		"2026-01-31T09:00:00.5Z":              "2026-01-31T09:00:00.5Z",
		"2026-01-31T09:00:00-23:59":           "2026-02-01T08:59:00Z",
		"0001-01-01T00:00:00Z":                "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999999999Z":      "9999-12-31T23:59:59.999999Z",
		"2024-02-29T00:00:00+00:00":           "2024-02-29T00:00:00Z",
		"2026-01-31T09:00:00.000001999+05:45": "2026-01-31T03:15:00.000001Z",
	}
	for text, want := range good {
		var at time.Time
		require.Empty(t, strict.Decode([]byte(`"`+text+`"`), &at, strict.Limits{}), text)
		require.Equal(t, want, at.Format(time.RFC3339Nano))
		require.Equal(t, time.UTC, at.Location())
	}
	for _, text := range []string{
		"", "2026-01-31", "2026-01-31 09:00:00Z", "2026-01-31t09:00:00Z", "2026-01-31T09:00:00z", "2026-01-31T9:00:00Z",
		"2026-01-31T09:00Z", "2026-01-31T09:00:00", "2026-01-31T09:00:00,5Z", "2026-01-31T09:00:00.Z", "2026-01-31T09:00:00.1234567890Z",
		"2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T23:59:60Z",
		"2026-01-31T09:00:00+24:00", "2026-01-31T09:00:00+05:60", "2026-01-31T09:00:00+0500", "2026-01-31T09:00:00+05", "26-01-31T09:00:00Z",
		"20266-01-31T09:00:00Z", "-026-01-31T09:00:00Z", "2026-01-31T09:00:00ZZ", "2026-01-31T09:00:00Z ", "1769850000",
		"２026-01-31T09:00:00Z", strings.Repeat("2", 1000),
	} {
		faults := strict.Decode([]byte(`"`+text+`"`), new(time.Time), strict.Limits{})
		require.Equal(t, []string{"must be an instant such as 2026-01-31T09:00:00Z"}, lines(faults), text)
	}
	for _, text := range []string{"0000-12-31T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01"} {
		faults := strict.Decode([]byte(`"`+text+`"`), new(time.Time), strict.Limits{})
		require.Equal(t, []string{"must be in the years 1 to 9999"}, lines(faults), text)
	}
	require.Equal(t, []string{"must be an instant"}, lines(strict.Decode([]byte("1"), new(time.Time), strict.Limits{})))
}

func TestOnlyAPointerCanBeDecodedInto(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, 1, (*int)(nil), inner{}} {
		require.Len(t, strict.Decode([]byte("{}"), v, strict.Limits{}), 1)
	}
}

func TestPathsAreJoined(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a", strict.Join("", "a"))
	require.Equal(t, "a", strict.Join("a", ""))
	require.Equal(t, "a.b", strict.Join("a", "b"))
	require.Equal(t, "a[1]", strict.Join("a", "[1]"))
	require.Equal(t, "a.b", strict.Key("a", "b"))
	require.Equal(t, `a["b.c"]`, strict.Key("a", "b.c"))
	require.Equal(t, `["\x00"]`, strict.Key("", "\x00"))
	require.Equal(t, "[3]", strict.Index("", 3))
}
