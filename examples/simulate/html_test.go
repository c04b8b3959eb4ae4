package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePageOfAStoryNeedsNoOtherFile(t *testing.T) {
	t.Parallel()
	for _, file := range shipped(t) {
		out := filepath.Join(t.TempDir(), "out.html")
		require.Empty(t, printed(t, "-html", out, file))
		written, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Empty(t, regexp.MustCompile(`(?i)(src|href)\s*=|@import|url\((?:[^#])|<script|https?:`).FindAllString(string(written), -1), file)
		require.Contains(t, string(written), "<svg", file)
	}
	out := filepath.Join(t.TempDir(), "out.html")
	printed(t, "-html", out, "stories/pause-keep.json")
	written, err := os.ReadFile(out)
	require.NoError(t, err)
	equalsFile(t, "testdata/pause-keep.html.golden", written)
}

func TestAPageThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	_, stderr, status := program("-html", filepath.Join(t.TempDir(), "no", "out.html"), "stories/pause-keep.json")
	require.Contains(t, stderr, "simulate:")
	require.Equal(t, 1, status)
	_, stderr, status = program("-html", "out.html", "-json", "stories/pause-keep.json")
	require.Contains(t, stderr, "-json and -html: one of them")
	require.Equal(t, 2, status)
}
