package billing_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// covering checks a property on random stories, as often as rounds says, and then, until it has met
// everything that it is about, on stories that are the same in every run: what is met is no matter of luck.
func covering(t *testing.T, rounds int, property func(*rapid.T), covered func() bool) {
	t.Helper()
	for range rounds {
		rapid.Check(t, property)
	}
	told := rapid.MakeFuzz(property)
	for i := uint64(0); i < 500 && !covered(); i++ {
		source, data := rand.New(rand.NewPCG(i, 0)), make([]byte, 1<<15)
		for at := 0; at < len(data); at += 8 {
			binary.LittleEndian.PutUint64(data[at:], source.Uint64())
		}
		t.Run(fmt.Sprintf("story %d", i), func(t *testing.T) { told(t, data) }) // one that the rules do not tell is skipped
	}
	require.True(t, covered(), "the property meets everything that it is about")
}
