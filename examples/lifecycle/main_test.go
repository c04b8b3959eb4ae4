package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheStoryAndTheDiagram(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args   []string
		golden string
	}{
		{nil, "testdata/story.txt"},
		{[]string{"-mermaid"}, "testdata/states.mmd"},
	} {
		var out, errs bytes.Buffer
		require.Zero(t, run(test.args, &out, &errs), errs.String())
		require.Empty(t, errs.String())
		equalsFile(t, test.golden, out.Bytes())
	}
}

func TestUnknownArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	require.Equal(t, 2, run([]string{"-svg"}, &out, &errs))
	require.Empty(t, out.String())
	require.Contains(t, errs.String(), "usage: lifecycle")
}
