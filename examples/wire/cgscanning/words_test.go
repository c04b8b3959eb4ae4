package cgscanning_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
)

func TestNoWordIsForgotten(t *testing.T) {
	t.Parallel()
	wiretest.Words(t, "words.go", "Status", cgscanning.Statuses(), cgscanning.Status.IsValid)
	wiretest.Words(t, "words.go", "Interval", cgscanning.Intervals(), cgscanning.Interval.IsValid)
}

func FuzzDecodeUpdate(f *testing.F) {
	data := wiretest.File(f, "testdata/update.json")
	f.Add(data)
	f.Add([]byte(`{"subscription":{"end_date":null,"price":"1.50"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := cgscanning.DecodeUpdate(data)
		if err != nil {
			return
		}
		wiretest.RoundTrip(t, u, cgscanning.Marshal, cgscanning.DecodeUpdate)
	})
}

func FuzzDecodeList(f *testing.F) {
	data := wiretest.File(f, "testdata/history.json")
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := cgscanning.DecodeList(data)
		if err != nil {
			return
		}
		now := at("2024-01-05T00:00:00Z")
		for _, item := range list.Data {
			sub, err := shop().Adopt(item.Attributes, org, now)
			if err != nil {
				continue
			}
			_, err = shop().Encode(sub, now, wire.Lossy)
			require.NoError(t, err)
		}
	})
}
