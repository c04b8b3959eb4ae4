package strictjson_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// lines is what faults say, one a line.
func lines(faults []strictjson.Fault) []string {
	said := make([]string, len(faults))
	for i, f := range faults {
		said[i] = f.Error()
	}
	return said
}

func TestADocumentThatIsNotJSONIsOneFaultWithItsPlace(t *testing.T) {
	t.Parallel()
	rows := []struct{ document, fault string }{
		{"", "line 1, column 1: the document ends where a value should stand"},
		{"  \n ", "line 2, column 2: the document ends where a value should stand"},
		{"\ufeff{}", `line 1, column 1: '\ufeff' stands where a value should`},
		{"{", "line 1, column 2: the document ends where a name in double quotes should stand"},
		{"[", "line 1, column 2: the document ends where a value should stand"},
		{"[1", `line 1, column 3: the document ends where a comma or ']' should stand`},
		{"[1 2]", `line 1, column 4: '2' stands where a comma or ']' should`},
		{"[1,]", "line 1, column 4: ']' stands where a value should"},
		{"[,1]", "line 1, column 2: ',' stands where a value should"},
		{`{"a":1,}`, "line 1, column 8: '}' stands where a name in double quotes should"},
		{`{"a" 1}`, "line 1, column 6: '1' stands where a colon should"},
		{`{"a":}`, "line 1, column 6: '}' stands where a value should"},
		{`{a:1}`, "line 1, column 2: 'a' stands where a name in double quotes should"},
		{`{"a":1 "b":2}`, `line 1, column 8: '"' stands where a comma or '}' should`},
		{"{} {}", "line 1, column 4: more follows the document"},
		{"null x", "line 1, column 6: more follows the document"},
		{"nul", "line 1, column 4: the document ends where null should stand"},
		{"truE", "line 1, column 4: 'E' stands where true should"},
		{"False", "line 1, column 1: 'F' stands where a value should"},
		{"NaN", "line 1, column 1: 'N' stands where a value should"},
		{"01", "line 1, column 2: more follows the document"},
		{"-", "line 1, column 2: the document ends where a digit should stand"},
		{"1.", "line 1, column 3: the document ends where a digit should stand"},
		{"1e", "line 1, column 3: the document ends where a digit should stand"},
		{"1e+", "line 1, column 4: the document ends where a digit should stand"},
		{".5", "line 1, column 1: '.' stands where a value should"},
		{"+5", "line 1, column 1: '+' stands where a value should"},
		{`"abc`, "line 1, column 5: the document ends where a closing quote should stand"},
		{`"a\`, "line 1, column 4: the document ends where an escape should stand"},
		{`"a\n`, "line 1, column 5: the document ends where a closing quote should stand"},
		{`"\x41"`, "line 1, column 3: 'x' stands where an escape should"},
		{`"\u12g4"`, "line 1, column 6: 'g' stands where a hexadecimal digit should"},
		{`"\ud83d\u12"`, `line 1, column 12: '"' stands where a hexadecimal digit should`},
		{"\"a\tb\"", `line 1, column 3: '\t' stands where a character of a string should`},
		{"\"\\n\nb\"", `line 1, column 4: '\n' stands where a character of a string should`},
		{"[1,\n  2,\n  \x00]", `line 3, column 3: '\x00' stands where a value should`},
		{"'a'", `line 1, column 1: '\'' stands where a value should`},
		{"[1] // a comment", "line 1, column 5: more follows the document"},
		{"/* a */ 1", "line 1, column 1: '/' stands where a value should"},
		{"\"é\" é", "line 1, column 5: more follows the document"},
		{strings.Repeat("[", 33) + strings.Repeat("]", 33), "line 1, column 33: nested deeper than 32"},
		{strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "line 1, column 161: nested deeper than 32"},
		{strings.Repeat("[", 1_000_000), "line 1, column 33: nested deeper than 32"},
		{strings.Repeat(" ", 1<<20) + "1", "must not be longer than 1048576 bytes"},
		{"[" + strings.Repeat("1,", 10_000) + "1]", "line 1, column 20002: more than 10000 elements"},
	}
	for _, row := range rows {
		node, faults := strictjson.Parse([]byte(row.document), strictjson.Limits{})
		require.Equal(t, []string{row.fault}, lines(faults), "%.40q", row.document)
		require.Equal(t, strictjson.Absent, node.Kind())
	}
}

func TestFaultsThatLeaveADocumentReadableAreCollected(t *testing.T) {
	t.Parallel()
	rows := []struct {
		document string
		faults   []string
	}{
		{`{"a":1,"a":2}`, []string{"a: repeated"}},
		{`{"a":1,"a":{"b":"\ud800"},"b":1,"\u0061":3,"b":2}`, []string{"a: repeated", "a: repeated", "b: repeated"}},
		{`{"a":{"x":[{"b":1,"b":1}]}}`, []string{"a.x[0].b: repeated"}},
		{"[\"ok\",\"\xff\",\"\xc3\\n\"]", []string{"[1]: must be valid UTF-8", "[2]: must be valid UTF-8"}},
		{`["\ud83d\ude00","\ud83d","\ude00","\ud83dx","\ud83d\u0041"]`, []string{
			"[1]: must not hold half of a surrogate pair", "[2]: must not hold half of a surrogate pair",
			"[3]: must not hold half of a surrogate pair", "[4]: must not hold half of a surrogate pair",
		}},
		{"{\"a\":{\"\xff\":[\"\xff\"]}}", []string{"a: a name must be valid UTF-8"}},
		{`{"` + strings.Repeat("n", 257) + `":1}`, []string{"a name must not be longer than 256 bytes"}},
		{`{"s":"` + strings.Repeat("s", 65_537) + `"}`, []string{"s: must not be longer than 65536 bytes"}},
		{`{"s p":{"":["\udc00"]}}`, []string{`["s p"][""][0]: must not hold half of a surrogate pair`}},
	}
	for _, row := range rows {
		node, faults := strictjson.Parse([]byte(row.document), strictjson.Limits{})
		require.Equal(t, row.faults, lines(faults), "%.60q", row.document)
		require.NotEqual(t, strictjson.Absent, node.Kind())
	}
}

func TestLimitsCanBeRaisedAndLowered(t *testing.T) {
	t.Parallel()
	rows := []struct {
		document string
		limits   strictjson.Limits
		fault    string
	}{
		{"[1]", strictjson.Limits{Size: 2}, "must not be longer than 2 bytes"},
		{"[[1]]", strictjson.Limits{Depth: 1}, "line 1, column 2: nested deeper than 1"},
		{"[1,2]", strictjson.Limits{Elements: 1}, "line 1, column 4: more than 1 elements"},
		{"[1,2]", strictjson.Limits{Values: 2}, "line 1, column 4: more than 2 values"},
		{`"ab"`, strictjson.Limits{StringLen: 1}, "must not be longer than 1 bytes"},
		{`"\n\n"`, strictjson.Limits{StringLen: 1}, "must not be longer than 1 bytes"},
		{`{"ab":1}`, strictjson.Limits{NameLen: 1}, "a name must not be longer than 1 bytes"},
	}
	for _, row := range rows {
		_, faults := strictjson.Parse([]byte(row.document), row.limits)
		require.Equal(t, []string{row.fault}, lines(faults), row.document)
	}
	_, faults := strictjson.Parse([]byte("["+strings.Repeat("1,", 10_000)+"1]"), strictjson.Limits{Elements: 20_000})
	require.Empty(t, faults)
	_, faults = strictjson.Parse([]byte(`{"a":1,"a":1,"a":1,"a":1}`), strictjson.Limits{Faults: 2})
	require.Equal(t, []string{"a: repeated", "a: repeated", "more faults than can be listed"}, lines(faults))
}

func TestANodeShowsWhatStandsInTheDocument(t *testing.T) {
	t.Parallel()
	document := ` { "list" : [ 1.50e1 , "two\u00e9\ud83d\ude00\/" , true , null ] , "list item" : { } } `
	root, faults := strictjson.Parse([]byte(document), strictjson.Limits{})
	require.Empty(t, faults)
	require.Equal(t, strictjson.Object, root.Kind())
	require.Equal(t, "", root.Path())
	require.Equal(t, strings.TrimSpace(document), string(root.Raw()))
	require.Equal(t, []string{"list", "list item"}, root.Names())
	item, ok := root.Field("list item")
	require.True(t, ok)
	require.Equal(t, `["list item"]`, item.Path())
	require.Empty(t, item.Names())
	_, ok = root.Field("List")
	require.False(t, ok)

	list, _ := root.Field("list")
	elems := list.Elems()
	require.Len(t, elems, 4)
	number, ok := elems[0].Number()
	require.True(t, ok)
	require.Equal(t, "1.50e1", number)
	text, ok := elems[1].Str()
	require.True(t, ok)
	require.Equal(t, "twoé😀/", text)
	truth, ok := elems[2].Bool()
	require.True(t, ok)
	require.True(t, truth)
	require.Equal(t, strictjson.Null, elems[3].Kind())
	require.Equal(t, "list[3]", elems[3].Path())
	require.Equal(t, "list[3]: bad 7", elems[3].Faultf(fault.OutOfRange, "bad %d", 7).Error())

	placed := elems[3].Below([]strictjson.Fault{{Path: "x", Err: strictjson.ErrMore}, {Path: "[2]", Err: strictjson.ErrMore}})
	require.Equal(t, "list[3].x", placed[0].Path)
	require.Equal(t, "list[3][2]", placed[1].Path)

	var none strictjson.Node
	require.Equal(t, strictjson.Absent, none.Kind())
	require.Equal(t, "", none.Path())
	require.Nil(t, none.Raw())
	require.Nil(t, none.Names())
	require.Nil(t, none.Elems())
	for _, n := range []strictjson.Node{none, list} {
		_, isText := n.Str()
		_, isNumber := n.Number()
		_, isBool := n.Bool()
		_, hasField := n.Field("x")
		require.False(t, isText || isNumber || isBool || hasField)
	}
	require.Len(t, none.Decode(new(int)), 1)
	require.Equal(t, "x: y", strictjson.Fault{Path: "x", Err: none.Faultf(fault.OutOfRange, "y").Err}.Error())
}

func TestAnObjectOfManyMembersFindsEach(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("{")
	for i := range 100 {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`"` + strings.Repeat("k", i+1) + `":` + strings.Repeat("1", i%9+1))
	}
	b.WriteString(`,"kk":0}`)
	root, faults := strictjson.Parse([]byte(b.String()), strictjson.Limits{})
	require.Equal(t, []string{"kk: repeated"}, lines(faults))
	for i := range 100 {
		field, ok := root.Field(strings.Repeat("k", i+1))
		require.True(t, ok)
		number, _ := field.Number()
		require.Equal(t, strings.Repeat("1", i%9+1), number)
	}
}

func TestKindsHaveNames(t *testing.T) {
	t.Parallel()
	names := []string{"nothing", "null", "true or false", "a number", "a string", "an array", "an object", "kind 7"}
	for i, name := range names {
		require.Equal(t, name, strictjson.Kind(i).String())
	}
}
