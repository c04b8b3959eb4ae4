package feature_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/feature"
)

// firstExample is the subscription of worked example 1.
func firstExample() feature.Seats {
	return feature.Seats{
		Free: 2, Paid: 10, Used: 7,
		Teams: map[string]feature.Team{"red": {Quota: 3, Used: 1}, "blue": {Quota: 2, Used: 2}},
	}
}

func TestSeatsAvailableAndNotReserved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                                   string
		seats                                  feature.Seats
		limit, available, reserved, unreserved int64
		over                                   bool
	}{
		{"worked example 1", firstExample(), 12, 5, 2, 3, false},
		{"nothing", feature.Seats{}, 0, 0, 0, 0, false},
		{"a cap set by hand", feature.Seats{Free: 2, Paid: 10, Used: 7, Max: ptr(int64(8))}, 8, 1, 0, 1, false},
		{"a cap of zero", feature.Seats{Paid: 10, Max: ptr(int64(0))}, 0, 0, 0, 0, false},
		{"exactly full", feature.Seats{Paid: 7, Used: 7}, 7, 0, 0, 0, false},
		{"over quota", feature.Seats{Paid: 5, Used: 7}, 5, 0, 0, 0, true},
		{"more reserved than available", feature.Seats{Paid: 5, Used: 4, Teams: map[string]feature.Team{"red": {Quota: 3}}}, 5, 1, 3, 0, false},
		{"a team above its quota reserves nothing", feature.Seats{Paid: 5, Used: 3, Teams: map[string]feature.Team{"red": {Quota: 1, Used: 3}}}, 5, 2, 0, 2, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, test.seats.Validate())
			require.Equal(t, test.limit, test.seats.Cap())
			require.Equal(t, test.available, test.seats.Available())
			require.Equal(t, test.reserved, test.seats.Reserved())
			require.Equal(t, test.unreserved, test.seats.Unreserved())
			require.Equal(t, test.over, test.seats.OverQuota())
		})
	}
}

// TestReducingPaidSeats is worked example 21: 10 to 7 with 7 used and 2 free.
func TestReducingPaidSeats(t *testing.T) {
	t.Parallel()
	s := firstExample()
	require.Equal(t, int64(5), s.PaidFloor())
	next, err := s.WithPaid(7, false)
	require.NoError(t, err)
	require.Equal(t, int64(9), next.Cap())
	require.Equal(t, int64(2), next.Available())
	next, err = s.WithPaid(5, false)
	require.NoError(t, err)
	require.Zero(t, next.Available())
	require.False(t, next.OverQuota())
	next, err = s.WithPaid(4, false)
	require.ErrorIs(t, err, feature.ErrQuotaBelowUsage)
	require.EqualError(t, err, "feature: below what is in use: 4 seats paid for, at least 5 needed for 7 used")
	require.True(t, next.Equal(s))
	next, err = s.WithPaid(4, true)
	require.NoError(t, err)
	require.True(t, next.OverQuota())
	require.Zero(t, next.Available())
	require.Equal(t, int64(7), next.Used, "nothing is evicted")
	more, err := next.WithPaid(4, false)
	require.NoError(t, err, "paying for no less than before is no decrease")
	require.True(t, more.Equal(next))
}

func TestFillingAndVacating(t *testing.T) {
	t.Parallel()
	s := firstExample()
	_, err := s.Fill(4)
	require.ErrorIs(t, err, feature.ErrTeamQuota)
	_, err = s.Fill(6)
	require.ErrorIs(t, err, feature.ErrQuotaExceeded)
	_, err = s.Fill(-1)
	require.ErrorIs(t, err, feature.ErrInvalidAmount)
	s, err = s.Fill(3)
	require.NoError(t, err)
	require.Zero(t, s.Unreserved())
	_, err = s.FillTeam("blue", 1)
	require.ErrorIs(t, err, feature.ErrTeamQuota)
	_, err = s.FillTeam("green", 1)
	require.ErrorIs(t, err, feature.ErrUnknownTeam)
	s, err = s.FillTeam("red", 2)
	require.NoError(t, err)
	require.Zero(t, s.Available())
	_, err = s.Vacate(8)
	require.ErrorIs(t, err, feature.ErrNotInUse, "teams hold five of the twelve")
	_, err = s.VacateTeam("red", 4)
	require.ErrorIs(t, err, feature.ErrNotInUse)
	_, err = s.VacateTeam("green", 1)
	require.ErrorIs(t, err, feature.ErrUnknownTeam)
	s, err = s.VacateTeam("red", 1)
	require.NoError(t, err)
	require.Equal(t, int64(1), s.Reserved())
	require.Zero(t, s.Unreserved(), "what a team vacates is kept for it")
}

func TestReservingForATeam(t *testing.T) {
	t.Parallel()
	s := firstExample()
	_, err := s.Reserve("green", 4)
	require.ErrorIs(t, err, feature.ErrTeamQuota)
	s, err = s.Reserve("green", 3)
	require.NoError(t, err)
	require.Zero(t, s.Unreserved())
	_, err = s.Reserve("blue", 1)
	require.ErrorIs(t, err, feature.ErrQuotaBelowUsage)
	_, err = s.Reserve("red", 4)
	require.ErrorIs(t, err, feature.ErrTeamQuota)
	s, err = s.Reserve("red", 1)
	require.NoError(t, err)
	require.Equal(t, int64(2), s.Unreserved())
	s, err = s.Reserve("green", 0)
	require.NoError(t, err)
	require.NotContains(t, s.Teams, "green")
	_, err = s.Reserve("", 1)
	require.ErrorIs(t, err, feature.ErrInvalid)
}

func TestFreeingASeatIsAChangeAndFillingOneIsNot(t *testing.T) {
	t.Parallel()
	s, b := firstExample(), budget(t, 2, "UTC")
	s, b, err := s.VacateWithin(b, "red", 1, at("2026-03-04"))
	require.NoError(t, err)
	s, err = s.FillTeam("red", 1)
	require.NoError(t, err)
	require.Equal(t, 1, b.Count(at("2026-03-04")))
	b, err = s.HandOver(b, at("2026-03-05"))
	require.NoError(t, err)
	same, left, err := s.VacateWithin(b, "", 1, at("2026-03-06"))
	require.ErrorIs(t, err, feature.ErrChangeBudget)
	require.True(t, same.Equal(s))
	require.True(t, left.Equal(b))
	_, _, err = s.VacateWithin(b, "green", 1, at("2027-06-01"))
	require.ErrorIs(t, err, feature.ErrUnknownTeam)
	_, err = feature.Seats{}.HandOver(b, at("2027-06-01"))
	require.ErrorIs(t, err, feature.ErrNotInUse)
}

func TestCreditTargets(t *testing.T) {
	t.Parallel()
	c := feature.CreditTargets{Max: 5, Used: 2}
	require.Equal(t, int64(3), c.Available())
	_, err := c.Enable(4)
	require.ErrorIs(t, err, feature.ErrQuotaExceeded)
	c, err = c.Enable(3)
	require.NoError(t, err)
	require.Zero(t, c.Available())
	_, err = c.Disable(6)
	require.ErrorIs(t, err, feature.ErrNotInUse)
	_, err = c.Disable(-1)
	require.ErrorIs(t, err, feature.ErrInvalidAmount)
	c.Max = 4
	require.True(t, c.OverQuota())
	require.Zero(t, c.Available())
	c, err = c.Disable(5)
	require.NoError(t, err)
	require.Equal(t, int64(4), c.Available())
	require.Error(t, feature.CreditTargets{Max: -1}.Validate())
}

func TestSeatsKeepTheirPromisesOnAnyWalk(t *testing.T) {
	t.Parallel()
	teams := []string{"red", "blue", "green"}
	rapid.Check(t, func(t *rapid.T) {
		s := feature.Seats{Free: rapid.Int64Range(0, 5).Draw(t, "free"), Paid: rapid.Int64Range(0, 20).Draw(t, "paid")}
		byTeam := map[string]int64{} // the model: who holds how many; "" is no team
		n := func(t *rapid.T) int64 { return rapid.Int64Range(0, 6).Draw(t, "n") }
		team := func(t *rapid.T) string { return rapid.SampledFrom(teams).Draw(t, "team") }
		keep := func(next feature.Seats, err error, then func()) {
			if err != nil {
				require.True(t, next.Equal(s), "a refusal changes nothing")
				return
			}
			then()
			s = next
		}
		t.Repeat(map[string]func(*rapid.T){
			"fill": func(t *rapid.T) {
				by := n(t)
				next, err := s.Fill(by)
				require.Equal(t, by <= s.Unreserved(), err == nil)
				keep(next, err, func() { byTeam[""] += by })
			},
			"fill team": func(t *rapid.T) {
				by, who := n(t), team(t)
				next, err := s.FillTeam(who, by)
				keep(next, err, func() { byTeam[who] += by })
			},
			"vacate": func(t *rapid.T) {
				by := n(t)
				next, err := s.Vacate(by)
				require.Equal(t, by <= byTeam[""], err == nil)
				keep(next, err, func() { byTeam[""] -= by })
			},
			"vacate team": func(t *rapid.T) {
				by, who := n(t), team(t)
				next, err := s.VacateTeam(who, by)
				keep(next, err, func() { byTeam[who] -= by })
			},
			"reserve": func(t *rapid.T) {
				next, err := s.Reserve(team(t), n(t))
				keep(next, err, func() {})
			},
			"pay": func(t *rapid.T) {
				next, err := s.WithPaid(rapid.Int64Range(0, 25).Draw(t, "paid"), rapid.Bool().Draw(t, "force"))
				keep(next, err, func() {})
			},
			"": func(t *rapid.T) {
				require.NoError(t, s.Validate())
				var sum int64
				for who, used := range byTeam {
					sum += used
					if who != "" {
						require.Equal(t, used, s.Teams[who].Used)
						require.LessOrEqual(t, used, s.Teams[who].Quota)
					}
				}
				require.Equal(t, sum, s.Used)
				text, err := json.Marshal(s)
				require.NoError(t, err)
				var back feature.Seats
				require.NoError(t, json.Unmarshal(text, &back))
				require.True(t, back.Equal(s))
			},
		})
	})
}
