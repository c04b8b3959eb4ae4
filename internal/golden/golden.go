// Package golden compares what a test produced with a file in testdata.
//
// The files are rewritten only when the environment variable UPDATE_GOLDEN is 1, so a change of
// behaviour is first a failing test and then a readable diff in a review. An environment variable
// is used and not a flag, because a flag makes `go test ./...` fail in packages that do not define
// it.
package golden

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// UpdateVariable is the environment variable that, when its value is 1, makes Equal write the file
// and not compare with it.
const UpdateVariable = "UPDATE_GOLDEN"

// Equal fails the test at once if the file at path does not hold exactly got. The path is relative
// to the directory of the package under test, as in "testdata/reference.md"; both slash directions work.
// With UPDATE_GOLDEN=1 it writes got to the file, making directories as needed, and the test passes.
func Equal(t testing.TB, path string, got []byte) {
	t.Helper()
	path = filepath.FromSlash(path)
	if os.Getenv(UpdateVariable) == "1" {
		if err := write(path, got); err != nil {
			t.Fatalf("golden: write %q: %v", path, err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden: %v (run the test with %s=1 to write it)", err, UpdateVariable)
	}
	if diff := firstDifference(want, got); diff != "" {
		t.Fatalf("golden: %q differs: %s (run the test with %s=1 to accept)", path, diff, UpdateVariable)
	}
}

// write leaves a file that already holds the content alone, so that its time does not change.
func write(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// firstDifference names the first line in which the two differ, or is empty if they are equal.
func firstDifference(want, got []byte) string {
	if bytes.Equal(want, got) {
		return ""
	}
	wantLines := strings.SplitAfter(string(want), "\n")
	gotLines := strings.SplitAfter(string(got), "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		w, g := line(wantLines, i), line(gotLines, i)
		if w != g {
			return fmt.Sprintf("line %d:\n\twant %s\n\tgot  %s", i+1, w, g)
		}
	}
	return "lengths differ" // not reached: unequal contents differ in some line
}

// line quotes line i, or says that there is none.
func line(lines []string, i int) string {
	if i >= len(lines) || lines[i] == "" && i == len(lines)-1 {
		return "(end of file)"
	}
	return fmt.Sprintf("%q", lines[i])
}
