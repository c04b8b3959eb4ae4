package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/wiretest"
)

func TestOneCustomerInFourVocabularies(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(&out))
	wiretest.Golden(t, "testdata/story.golden", out.Bytes())
}
