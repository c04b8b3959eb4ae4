package lifecycle_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/lifecycle"
)

func TestGridIsAsRecorded(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "testdata/grid.md", []byte(lifecycle.Grid()))
	require.Equal(t, lifecycle.Grid(), lifecycle.Grid())
}

func TestDiagramIsAsRecorded(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "testdata/diagram.mmd", []byte(lifecycle.Mermaid()))
	require.Equal(t, lifecycle.Mermaid(), lifecycle.Mermaid())
}

func TestDiagramShowsWhatDecides(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for line := range strings.Lines(lifecycle.Mermaid()) {
		from, rest, arrow := strings.Cut(strings.TrimSpace(line), " --> ")
		to, labels, labelled := strings.Cut(rest, ": ")
		if !arrow || !labelled {
			continue
		}
		for label := range strings.SplitSeq(labels, ", ") {
			drawn[from+" "+to+" "+label] = true
		}
	}
	can := map[string]bool{}
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, by lifecycle.Actor, f lifecycle.Facts) {
		out, err := lifecycle.Decide(s, a, by, f)
		if err != nil {
			return
		}
		for to := range out.To.All() {
			if to != s.Status() {
				can[string(s.Status())+" "+string(to)+" "+a.String()] = true
			}
		}
	})
	for _, k := range lifecycle.Words[lifecycle.Tick]() {
		for _, from := range lifecycle.Words[lifecycle.Status]() {
			for to := range k.To(from).All() {
				if to != from {
					can[string(from)+" "+string(to)+" ["+string(k)+"]"] = true
				}
			}
		}
	}
	require.Equal(t, can, drawn)
}

// TestDocumentShowsTheGeneratedTable keeps docs/lifecycle.md in step: what stands between its markers is
// what Grid and Mermaid return. With UPDATE_GOLDEN=1 it is rewritten.
func TestDocumentShowsTheGeneratedTable(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "lifecycle.md")
	document, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(document)
	text = between(t, text, "grid", "\n"+lifecycle.Grid()+"\n")
	text = between(t, text, "diagram", "\n```mermaid\n"+lifecycle.Mermaid()+"```\n\n")
	golden.Equal(t, path, []byte(text))
}

// between puts content between the markers of that name.
func between(t *testing.T, text, name, content string) string {
	t.Helper()
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	require.Equal(t, 1, strings.Count(text, begin), begin)
	require.Equal(t, 1, strings.Count(text, end), end)
	head, rest, _ := strings.Cut(text, begin)
	_, tail, found := strings.Cut(rest, end)
	require.True(t, found, "%s comes after its end", name)
	return head + begin + content + end + tail
}
