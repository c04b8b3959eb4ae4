package wiretest

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

// Null is a member that is null.
var Null = json.RawMessage("null")

// With returns a document as JSON, with members replaced; those that are nil are left
// out.
func With(t require.TestingT, document any, replace map[string]any) []byte {
	data, err := json.Marshal(document)
	require.NoError(t, err)
	var members map[string]any
	require.NoError(t, json.Unmarshal(data, &members))
	for name, value := range replace {
		members[name] = value
		if value == nil {
			delete(members, name)
		}
	}
	data, err = json.Marshal(members)
	require.NoError(t, err)
	return data
}

// RoundTrip writes a document and reads it back, after which it must be written alike.
func RoundTrip[D any](t require.TestingT, document D, marshal func(any) ([]byte, error), decode func([]byte) (D, error)) {
	once, err := marshal(document)
	require.NoError(t, err)
	back, err := decode(once)
	require.NoError(t, err, string(once))
	twice, err := marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(once), string(twice))
}
