package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden compares with a file of testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func TestDocumentsArePrintedInTheLocaleOfTheCustomer(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{"en", "de", "fr-CH"} {
		var out bytes.Buffer
		require.NoError(t, run([]string{"-locale", locale}, &out))
		golden(t, locale+".txt", out.Bytes())
	}
}

func TestAPageIsWrittenThatNeedsNothingElse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.html")
	var out bytes.Buffer
	require.NoError(t, run([]string{"-locale", "de", "-html", file}, &out))
	require.Empty(t, out.String())
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	golden(t, "de.html", page)
	for _, outside := range []string{"src=", "href=", "url(", "@import", "<Brot"} {
		require.NotContains(t, string(page), outside)
	}
}
