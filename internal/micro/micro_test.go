package micro_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/micro"
)

func draw(t *rapid.T, label string) time.Time {
	at := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, label), rapid.Int64Range(0, 999_999_999).Draw(t, label+" nanoseconds"))
	return at.In(time.FixedZone("", rapid.IntRange(-86399, 86399).Draw(t, label+" offset")))
}

func TestAnInstantHasMicrosecondsInUTC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := draw(t, "at")
		of := micro.Floor(at)
		require.Equal(t, time.UTC, of.Location())
		require.True(t, micro.IsWhole(of))
		require.Zero(t, of.Nanosecond()%1000)
		require.False(t, of.After(at), "digits are dropped towards the past")
		require.Less(t, at.Sub(of), time.Microsecond)
		require.Equal(t, of, micro.Floor(of))
		require.Equal(t, micro.IsWhole(at), of.Equal(at))
	})
}

func TestInstantsKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := draw(t, "a")
		b := a.Add(time.Duration(rapid.Int64Range(-3000, 3000).Draw(t, "later")))
		if a.Before(b) {
			require.False(t, micro.Floor(a).After(micro.Floor(b)))
		}
		whole := micro.Floor(b)
		require.Equal(t, a.Before(whole), micro.Floor(a).Before(whole), "nothing crosses an instant of whole microseconds")
	})
}
