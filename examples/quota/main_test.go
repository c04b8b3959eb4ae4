package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheDayIsToldAsItWas(t *testing.T) {
	t.Parallel()
	var out, again bytes.Buffer
	require.NoError(t, day(&out))
	equalsFile(t, "testdata/day.golden", out.Bytes())
	require.NoError(t, day(&again))
	require.Equal(t, out.String(), again.String(), "there is no clock")
}

func TestEveryHourOfTheStoryIsTold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, day(&out))
	for hour, events := range story {
		require.Contains(t, out.String(), "\n"+hour[len("2026-03-08 "):]+"  ", hour)
		require.NotEmpty(t, events, hour)
	}
	for _, figure := range []string{
		"a day of 23 hours", "invoice of 994.60 USD", "refused: quota exceeded", "team quota exceeded",
		"the next is allowed at 15:00", "refused: dormant", "Next invoice: 8 April 2026, 12:00, 1440.00 USD",
	} {
		require.Contains(t, out.String(), figure)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWhatCannotBePrintedIsAnError(t *testing.T) {
	t.Parallel()
	require.EqualError(t, day(broken{}), "disk full")
}
