package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/wire"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{}`, ` {"a": [1, {"b":null} , "x"],"a":-0.5e3}`, `[[],"\ud800"]`, `"é"`, `{"":{"c d":true}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := wire.Parse(data)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrMalformed)
			return
		}
		require.True(t, json.Valid(data))
		each(n, func(n wire.Node) {
			require.True(t, json.Valid([]byte(n.Raw())), n.Path())
		})
		var raw json.RawMessage
		var faults wire.Faults
		n.Decode(&raw, &faults)
		if faults.Err() == nil {
			require.JSONEq(t, string(data), string(raw))
		}
	})
}

func each(n wire.Node, do func(wire.Node)) {
	do(n)
	for _, member := range n.Members() {
		each(member, do)
	}
	for _, element := range n.Elements() {
		each(element, do)
	}
}
