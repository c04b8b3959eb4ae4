package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/golden"
)

// recorder is a testing.TB that remembers a failure and ends the goroutine, as the real one does.
type recorder struct {
	testing.TB
	message string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure runs Equal and returns the message it failed with, or "" if it passed.
func failure(t *testing.T, path string, got []byte) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		golden.Equal(r, path, got)
	}()
	<-done
	return r.message
}

func TestEqualComparesByte(t *testing.T) {
	t.Setenv(golden.UpdateVariable, "")
	path := filepath.Join(t.TempDir(), "a.txt")
	require.NoError(t, os.WriteFile(path, []byte("one\ntwo\n"), 0o600))

	require.Empty(t, failure(t, path, []byte("one\ntwo\n")))
	require.Contains(t, failure(t, path, []byte("one\nthree\n")), `line 2:`)
	require.Contains(t, failure(t, path, []byte("one\nthree\n")), `got  "three\n"`)
	require.Contains(t, failure(t, path, []byte("one\n")), `got  (end of file)`)
	require.Contains(t, failure(t, path, []byte("one\ntwo")), `got  "two"`)
	require.Contains(t, failure(t, path, []byte("one\ntwo\n\n")), `got  "\n"`)
	require.Contains(t, failure(t, path, nil), `got  (end of file)`)
}

func TestEqualSaysHowToWriteAMissingFile(t *testing.T) {
	t.Setenv(golden.UpdateVariable, "")
	path := filepath.Join(t.TempDir(), "missing.txt")
	require.Contains(t, failure(t, path, []byte("x")), "UPDATE_GOLDEN=1")
	require.NoFileExists(t, path)
}

func TestEqualWritesOnlyWhenAskedWithOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "a.txt")
	for _, value := range []string{"0", "true", "yes"} {
		t.Setenv(golden.UpdateVariable, value)
		require.NotEmpty(t, failure(t, path, []byte("x")), value)
		require.NoFileExists(t, path)
	}
	t.Setenv(golden.UpdateVariable, "1")
	require.Empty(t, failure(t, path, []byte("x")))
	require.Empty(t, failure(t, path, []byte("x")))
	require.Empty(t, failure(t, path, []byte("y")))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "y", string(got))
}
