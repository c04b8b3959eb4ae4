package strictjson_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// plain turns a node into what encoding/json makes of the same document.
func plain(n strictjson.Node) any {
	switch n.Kind() {
	case strictjson.String:
		s, _ := n.Str()
		return s
	case strictjson.Number:
		s, _ := n.Number()
		return json.Number(s)
	case strictjson.Bool:
		b, _ := n.Bool()
		return b
	case strictjson.Array:
		list := []any{}
		for _, e := range n.Elems() {
			list = append(list, plain(e))
		}
		return list
	case strictjson.Object:
		object := map[string]any{}
		for _, name := range n.Names() {
			field, _ := n.Field(name)
			object[name] = plain(field)
		}
		return object
	}
	return nil
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null],"b":{}}`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", "[[[[]]]]", "01", `{"":""}`, " 1 ",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		node, faults := strictjson.Parse(data, strictjson.Limits{})
		if len(faults) == 0 {
			decoder := json.NewDecoder(bytes.NewReader(data))
			decoder.UseNumber()
			var want any
			require.NoError(t, decoder.Decode(&want), "what is accepted here is accepted there")
			require.Equal(t, want, plain(node), "and means the same")
			require.True(t, utf8.Valid(data))
			return
		}
		for _, fault := range faults {
			require.NotEmpty(t, fault.Error())
		}
		if json.Valid(data) {
			said := strings.Join(lines(faults), "\n")
			stricter := false
			for _, reason := range []string{"repeated", "surrogate", "UTF-8", "longer than", "nested", "more than"} {
				stricter = stricter || strings.Contains(said, reason)
			}
			require.True(t, stricter, "what is refused here only is refused for a reason: %s", said)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"text":"t","int":1,"list":[{"name":"a"}],"at":"2026-01-31T09:00:00Z","amount":"1.5"}`,
		`{"pair":[1,2],"shape":{"sides":3},"colours":{"red":1},"ptr":null}`, `{"Text":1}`, `{"at":"x","amount":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v everything
		faults := strictjson.Decode(data, &v, strictjson.Limits{})
		again := strictjson.Decode(data, new(everything), strictjson.Limits{})
		require.Equal(t, lines(faults), lines(again), "the same document, the same faults")
		if len(faults) == 0 {
			require.True(t, json.Valid(data))
		}
	})
}
