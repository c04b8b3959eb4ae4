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

func TestReferenceIsAsRecorded(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "testdata/reference.md", []byte(lifecycle.Reference()))
	require.Equal(t, lifecycle.Reference(), lifecycle.Reference())
}

func TestReferenceHasACellThatCanBeRead(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(lifecycle.Reference()) {
		for cell := range strings.SplitSeq(strings.TrimSpace(line), "|") {
			require.LessOrEqual(t, len(strings.TrimSpace(cell)), 100, line)
		}
	}
}

// TestReferenceTellsWhatIsPossible holds the overview to the decisions themselves.
func TestReferenceTellsWhatIsPossible(t *testing.T) {
	t.Parallel()
	type chance struct{ allowed, refused bool }
	found := map[string]*chance{}
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, by lifecycle.Actor, f lifecycle.Facts) {
		key := a.String() + " " + string(s.Status())
		if found[key] == nil {
			found[key] = &chance{}
		}
		if _, err := lifecycle.Decide(s, a, by, f); err != nil {
			found[key].refused = true
		} else {
			found[key].allowed = true
		}
	})
	statuses := lifecycle.Words[lifecycle.Status]()
	rows := 0
	for line := range strings.Lines(lifecycle.Reference()) {
		cells := strings.Split(line, "|")
		if !strings.HasPrefix(line, "| [") {
			continue
		}
		rows++
		action, _, _ := strings.Cut(strings.TrimPrefix(cells[1], " ["), "]")
		for i, status := range statuses {
			want := "no"
			switch c := found[action+" "+string(status)]; {
			case c == nil:
				t.Fatalf("%s is never asked when %s", action, status)
			case c.allowed && c.refused:
				want = "if"
			case c.allowed:
				want = "yes"
			}
			require.Equal(t, want, strings.TrimSpace(cells[i+2]), "%s when %s", action, status)
		}
	}
	require.NotZero(t, rows)
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
// what Reference and Mermaid return. With UPDATE_GOLDEN=1 it is rewritten.
func TestDocumentShowsTheGeneratedTable(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "docs", "lifecycle.md")
	document, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(document)
	text = between(t, text, "reference", "\n"+lifecycle.Reference()+"\n")
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
