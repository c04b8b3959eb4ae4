package strict_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/strict"
)

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"text":"t","int":1,"list":[{"name":"a"}],"at":"2026-01-31T09:00:00Z","amount":"1.5"}`,
		`{"pair":[1,2],"shape":{"sides":3},"colours":{"red":1},"ptr":null}`, `{"Text":1}`, `{"at":"x","amount":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v everything
		faults := strict.Decode(data, &v, strict.Limits{})
		again := strict.Decode(data, new(everything), strict.Limits{})
		require.Equal(t, lines(faults), lines(again), "the same document, the same faults")
		if len(faults) == 0 {
			require.True(t, json.Valid(data))
		}
	})
}
