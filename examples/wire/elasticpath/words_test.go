package elasticpath_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
)

func TestNoWordIsForgotten(t *testing.T) {
	t.Parallel()
	wiretest.Words(t, "words.go", "Status", elasticpath.Statuses(), elasticpath.Status.IsValid)
	wiretest.Words(t, "words.go", "Action", elasticpath.Actions(), elasticpath.Action.IsValid)
	wiretest.Words(t, "words.go", "Proration", elasticpath.Prorations(), elasticpath.Proration.IsValid)
}

func FuzzDecode(f *testing.F) {
	data := wiretest.File(f, "testdata/document.json")
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := elasticpath.Decode(data)
		if err != nil {
			return
		}
		wiretest.RoundTrip(t, d, elasticpath.Marshal, elasticpath.Decode)
		now := at("2026-04-12T00:00:00Z")
		sub, err := store().Adopt(d, elasticpath.Kept{GoLive: at("2026-02-01T00:00:00Z")}, now)
		if err != nil {
			return
		}
		_, err = store().Encode(sub, now, wire.Lossy)
		require.NoError(t, err)
	})
}

func FuzzDecodeChange(f *testing.F) {
	f.Add([]byte(`{"data":{"id":"`+id+`","type":"subscription","attributes":{"plan_id":"`+premium+`"}}}`), id)
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		c, err := elasticpath.DecodeChange(data, path)
		if err != nil {
			return
		}
		require.Equal(t, path, c.Data.ID)
	})
}
