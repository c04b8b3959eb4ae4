package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// equalsFile holds what was produced to a file in testdata. UPDATE_GOLDEN=1 rewrites the
// files, to be read as a diff before they are committed.
func equalsFile(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "%s", path)
}
