package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	right  = `{"id":"right","kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1","expect":"5.00"}`
	wrong  = `{"id":"wrong","kind":"amount","price":{"model":"flat_fee","amount":"5"},"quantity":"1","expect":"5.01"}`
	strict = `{"id":"strict","kind":"amount","price":{"model":"flat_fee","amount":"5","colour":"red"},"quantity":"1","expect":"5.00"}`
)

func TestTheProgramCountsAndSaysWhatDidNotPass(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		files  map[string]string
		paths  []string
		status int
		stdout string
		stderr string // contained
	}{
		{
			name: "all passed", files: map[string]string{"a.json": "[" + right + "]"}, paths: []string{"a.json"},
			status: 0, stdout: "1 passed, 0 failed, 0 unsupported\n",
		},
		{
			name: "one of each", files: map[string]string{"a.json": "[" + right + "," + wrong + "," + strict + "]"}, paths: []string{"a.json"},
			status: 1, stdout: "FAIL wrong: got 5.00, want 5.01\nUNSUPPORTED strict: price.colour: unknown field\n1 passed, 1 failed, 1 unsupported\n",
		},
		{
			name: "an unsupported case is not a passed one", files: map[string]string{"a.json": "[" + right + "," + strict + "]"}, paths: []string{"a.json"},
			status: 1, stdout: "UNSUPPORTED strict: price.colour: unknown field\n1 passed, 0 failed, 1 unsupported\n",
		},
		{
			name: "folders with all that is in them, each file once", paths: []string{".", "b/c.json"},
			files:  map[string]string{"a.json": "[" + right + "]", "b/c.json": "[" + wrong + "]", "notes.md": "not a case"},
			status: 1, stdout: "FAIL wrong: got 5.00, want 5.01\n1 passed, 1 failed, 0 unsupported\n",
		},
		{
			name: "a file that is not there does not hide the others", files: map[string]string{"a.json": "[" + right + "]"}, paths: []string{"no.json", "a.json"},
			status: 1, stdout: "1 passed, 0 failed, 0 unsupported\n", stderr: "no.json",
		},
		{
			name: "a file that is not JSON does not hide the others", files: map[string]string{"a.json": "[" + right, "b.json": "[" + right + "]"}, paths: []string{"."},
			status: 1, stdout: "1 passed, 0 failed, 0 unsupported\n", stderr: "a.json: cases: not an array of cases",
		},
		{
			name: "a file that is not an array", files: map[string]string{"a.json": right}, paths: []string{"a.json"},
			status: 1, stdout: "0 passed, 0 failed, 0 unsupported\n", stderr: "a.json: cases: not an array of cases",
		},
		{
			name: "a folder without cases", files: map[string]string{"notes.md": ""}, paths: []string{"."},
			status: 1, stdout: "0 passed, 0 failed, 0 unsupported\n", stderr: "no files named *.json",
		},
		{
			name: "no cases prove nothing", files: map[string]string{"a.json": "[]"}, paths: []string{"a.json"},
			status: 1, stdout: "0 passed, 0 failed, 0 unsupported\n", stderr: "there are no cases",
		},
		{name: "no path", status: 2, stderr: "usage: conformance PATH..."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			for name, text := range test.files {
				file := filepath.Join(folder, filepath.FromSlash(name))
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
			}
			paths := make([]string, len(test.paths))
			for i, path := range test.paths {
				paths[i] = filepath.Join(folder, filepath.FromSlash(path))
			}
			var stdout, stderr bytes.Buffer
			require.Equal(t, test.status, run(paths, &stdout, &stderr))
			require.Equal(t, test.stdout, stdout.String())
			if test.stderr == "" {
				require.Empty(t, stderr.String())
			} else {
				require.Contains(t, stderr.String(), test.stderr)
			}
		})
	}
}

func TestTheGivenCasesRunFromTheirFolder(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	run([]string{filepath.Join("..", "..", "testdata", "conformance")}, &stdout, &stderr)
	require.Empty(t, stderr.String())
	require.Contains(t, stdout.String(), " 0 failed, ")
}
