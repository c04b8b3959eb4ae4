package subscription_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func TestReactivatedBeforeItsAgreedStartASubscriptionBeginsAsAgreed(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ what, steps, at, status, start, err string }{
		{"cancelled", "2026-01-03 cancel", "2026-01-05", "cancelled", "01-10", ""},
		{"back", "2026-01-03 cancel;2026-01-05 reactivate", "2026-01-09", "future", "01-10", ""},
		{"begun", "2026-01-03 cancel;2026-01-05 reactivate", "2026-01-10", "in_trial", "01-10", ""},
		{"held, cancelled and back", "2026-01-03 hold;2026-01-03 cancel;2026-01-05 reactivate", "2026-01-10", "in_trial", "01-10", ""},
		{"twice", "2026-01-03 cancel;2026-01-05 reactivate;2026-01-06 cancel;2026-01-07 reactivate", "2026-01-10", "in_trial", "01-10", ""},
		{"at the start it begins anew", "2026-01-03 cancel;2026-01-10 reactivate", "2026-01-10", "active", "01-10", ""},
		{"after the start it begins anew", "2026-01-03 cancel;2026-01-12 reactivate", "2026-01-12", "active", "01-12", ""},
		{"never back", "2026-01-03 cancel", "2026-02-12", "cancelled", "01-10", ""},
		{"begun and cancelled", "2026-01-12 cancel", "2026-01-12", "cancelled", "01-10", ""},
		{"closed, by a subscriber", "2026-01-03 auto-renewal off;2026-01-03 ends 2026-01-20;2026-01-04 cancel;2026-01-05 reactivate, subscriber", "2026-01-10", "in_trial", "01-10", ""},
		{"an end before the start", "2026-01-03 cancel;2026-01-05 reactivate ends 2026-01-09", "", "", "", "dates out of order"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s, err := tell(t, opened(t, "trial 2026-01-10 2026-01-10 2026-01-02"), row.steps)
			if row.err != "" {
				require.ErrorContains(t, err, row.err)
				return
			}
			require.NoError(t, err)
			again, err := subscription.Decode([]byte(bytesOf(t, s)), toldCatalog())
			require.NoError(t, err)
			require.Equal(t, shownLife(t, s), shownLife(t, again))
			snap, err := again.At(at(row.at))
			require.NoError(t, err)
			require.Equal(t, row.status, string(snap.State.Status()))
			require.Equal(t, row.start, day(snap.Start))
		})
	}
}

func TestATrialGivenBeforeTheStartIsTheTrialThatBegins(t *testing.T) {
	t.Parallel()
	s, err := tell(t, opened(t, "trial 2026-01-10 2026-01-10 2026-01-02"), "2026-01-03 cancel")
	require.NoError(t, err)
	call := subscription.Call{At: at("2026-01-04"), Actor: lifecycle.Subscriber}
	_, err = s.Reactivate(call, subscription.Reactivation{TrialEnd: at("2026-01-10")})
	require.ErrorIs(t, err, lifecycle.ErrInvalidDates)
	s, err = s.Reactivate(call, subscription.Reactivation{TrialEnd: at("2026-01-12")})
	require.NoError(t, err)
	end, ok := s.TrialEnd(at("2026-01-10"))
	require.True(t, ok)
	require.Equal(t, at("2026-01-12"), end)
}

// Terms in which nothing recurs, and a pause where they would begin: no period of them was
// opened, so the one that a reactivation opens is the next after the month that was billed.
func TestAPeriodThatNothingOpenedIsNotCounted(t *testing.T) {
	t.Parallel()
	s, err := tell(t, opened(t, "month"), "2026-01-20 pause at-end;2026-01-20 plan none-for-ten-days at-end;2026-02-02 cancel;2026-02-20 reactivate")
	require.NoError(t, err)
	require.Equal(t, 0, inside.Ordinal(s.Segment(s.SegmentAt(at("2026-01-31")))))
	require.Equal(t, 1, inside.Ordinal(s.Segment(s.SegmentAt(at("2026-02-20")))))
}
