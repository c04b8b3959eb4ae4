package schema

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// A Bad is a document that a decoder refuses, and what its error says.
type Bad [2]string

// Document is what is refused.
func (b Bad) Document() string { return b[0] }

// Want is what the error says.
func (b Bad) Want() string { return b[1] }

// Samples are documents by the name of their kind.
type Samples map[string][][]byte

// Keep adds a value as it is written.
func (s Samples) Keep(t require.TestingT, name string, v json.Marshaler) {
	data, err := v.MarshalJSON()
	require.NoError(t, err)
	s[name] = append(s[name], data)
}

// Refuse adds documents that are refused.
func (s Samples) Refuse(name string, rows []Bad) {
	for _, row := range rows {
		s[name] = append(s[name], []byte(row.Document()))
	}
}

// CheckRoom is [Check] of every kind of document of a room under billing.
func CheckRoom(t testing.TB, shapes map[string]*strictjson.Shape, good, bad Samples, kinds ...Document) {
	t.Helper()
	for _, d := range kinds {
		d.Root, d.Shape, d.Examples, d.Bad = "../..", shapes[d.Name], good[d.Name], bad[d.Name]
		require.NotNil(t, d.Shape, d.Name)
		require.NotEmpty(t, d.Examples, d.Name)
		Check(t, d)
	}
}

// Refused holds a decoder to what it refuses: the error has the text, and the value stays as it
// was.
func Refused(t require.TestingT, into func() json.Unmarshaler, rows []Bad) {
	for _, row := range rows {
		v := into()
		require.ErrorContains(t, v.UnmarshalJSON([]byte(row.Document())), row.Want(), row.Document())
		require.True(t, reflect.ValueOf(v).Elem().IsZero(), "a refused document leaves the value as it was: %s", row.Document())
	}
}

// RefusedWith is Refused where the text is all of the error.
func RefusedWith(t require.TestingT, into func() json.Unmarshaler, rows []Bad) {
	Refused(t, into, rows)
	for _, row := range rows {
		require.EqualError(t, into().UnmarshalJSON([]byte(row.Document())), row.Want(), row.Document())
	}
}

// A document is what is written and read back.
type document[T any] interface {
	*T
	json.Unmarshaler
}

// ReadBack reads a document that somebody sent. One that is accepted is written and read again as
// an equal value, and one that is refused leaves the zero value: ok is false then.
func ReadBack[T interface {
	json.Marshaler
	Equal(T) bool
}, P document[T]](t require.TestingT, data []byte) (v T, ok bool) {
	if P(&v).UnmarshalJSON(data) != nil {
		var none T
		require.True(t, v.Equal(none), "a refused document leaves the value as it was: %s", data)
		return v, false
	}
	out, err := v.MarshalJSON()
	require.NoError(t, err)
	var back T
	require.NoError(t, P(&back).UnmarshalJSON(out), "%s", out)
	require.True(t, v.Equal(back), "%s", out)
	return v, true
}

// ReadAgain is ReadBack by what is written, for values of any kind.
func ReadAgain(t require.TestingT, into func() json.Unmarshaler, data []byte) {
	v := into()
	if v.UnmarshalJSON(data) != nil {
		return
	}
	out, err := v.(json.Marshaler).MarshalJSON()
	require.NoError(t, err)
	back := into()
	require.NoError(t, back.UnmarshalJSON(out), "%s", out)
	again, err := back.(json.Marshaler).MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(out), string(again))
}
