package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/golden"
)

func TestOneCustomerInFourVocabularies(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(&out))
	golden.Equal(t, "testdata/story.golden", out.Bytes())
}
