package feature

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// MaxSeats is the largest number of seats of one kind: the largest number in four
// bytes, which systems that count seats use.
const MaxSeats = math.MaxUint32

// MaxTeams is the largest number of teams that share seats.
const MaxTeams = 10_000

// Seats are places that a subscription has and its owner fills: users, targets with
// unlimited scans. Some are free, some are paid, and some may be reserved for teams.
// The methods that fill and vacate return the next value; the fields are exported
// because other systems count too. The zero Seats has none.
type Seats struct {
	// Free seats are promotional: they can be filled and are never billed.
	Free int64 `json:"free,omitempty"`
	// Paid seats are billed: the quantity of the subscription.
	Paid int64 `json:"paid,omitempty"`
	// Used seats are filled, by teams or not.
	Used int64 `json:"used,omitempty"`
	// Max is the cap on Used if it was set explicitly; nil means Free + Paid.
	Max *int64 `json:"max,omitempty"`
	// Teams are the shares of teams, by name.
	Teams map[string]Team `json:"teams,omitempty"`
}

// Team is the share of one team.
type Team struct {
	// Quota is how many seats are reserved for the team, and the most that it may
	// fill.
	Quota int64 `json:"quota"`
	// Used is how many of Seats.Used the team has filled.
	Used int64 `json:"used,omitempty"`
}

// reserved returns how many seats are reserved for the team and not filled yet.
func (t Team) reserved() int64 { return max(0, t.Quota-t.Used) }

// Cap returns how many seats may be filled: Max if it was set, otherwise Free + Paid.
func (s Seats) Cap() int64 {
	if s.Max != nil {
		return *s.Max
	}
	return s.Free + s.Paid
}

// Available returns how many seats can still be filled: max(0, Cap - Used).
func (s Seats) Available() int64 { return max(0, s.Cap()-s.Used) }

// Reserved returns how many seats are reserved for teams and not filled yet.
func (s Seats) Reserved() int64 {
	var sum int64
	for _, t := range s.Teams {
		sum += t.reserved()
	}
	return sum
}

// Unreserved returns how many seats can be filled by anyone: max(0, Available -
// Reserved).
func (s Seats) Unreserved() int64 { return max(0, s.Available()-s.Reserved()) }

// OverQuota reports whether more seats are filled than allowed, for example after a
// forced decrease. Nothing is evicted: Available is 0 until enough are vacated.
func (s Seats) OverQuota() bool { return s.Used > s.Cap() }

// Fill fills seats that no team has reserved. It fails with [ErrQuotaExceeded] if too
// few are available in total, and with [ErrTeamQuota] if the others are reserved.
func (s Seats) Fill(n int64) (Seats, error) {
	switch err := seatCount(n); {
	case err != nil:
		return s, err
	case n > s.Available():
		return s, fmt.Errorf("%w: %d of %d seats used, %d asked", ErrQuotaExceeded, s.Used, s.Cap(), n)
	case n > s.Unreserved():
		return s, fmt.Errorf("%w: %d seats available, %d of them not reserved, %d asked", ErrTeamQuota, s.Available(), s.Unreserved(), n)
	}
	next := s.Clone()
	next.Used += n
	return next, nil
}

// FillTeam fills seats of a team, within its quota. It fails with [ErrUnknownTeam];
// with [ErrTeamQuota] beyond the quota; and with [ErrQuotaExceeded] if too few seats
// are available in total.
func (s Seats) FillTeam(team string, n int64) (Seats, error) {
	t, err := s.team(team)
	if err == nil {
		err = seatCount(n)
	}
	switch {
	case err != nil:
		return s, err
	case n > t.reserved():
		return s, fmt.Errorf("%w: team %q: %d of %d used, %d asked", ErrTeamQuota, team, t.Used, t.Quota, n)
	case n > s.Available():
		return s, fmt.Errorf("%w: %d of %d seats used, %d asked", ErrQuotaExceeded, s.Used, s.Cap(), n)
	}
	next := s.Clone()
	next.Used += n
	next.Teams[team] = Team{Quota: t.Quota, Used: t.Used + n}
	return next, nil
}

// Vacate empties seats that no team has filled; more than there are is [ErrNotInUse].
func (s Seats) Vacate(n int64) (Seats, error) {
	used := s.Used
	for _, t := range s.Teams {
		used -= t.Used
	}
	if err := seatCount(n); err != nil {
		return s, err
	}
	if n > used {
		return s, fmt.Errorf("%w: %d seats to vacate, %d used outside teams", ErrNotInUse, n, used)
	}
	next := s.Clone()
	next.Used -= n
	return next, nil
}

// VacateTeam empties seats that a team has filled. They are reserved for it again,
// up to its quota. It fails with [ErrUnknownTeam] and [ErrNotInUse].
func (s Seats) VacateTeam(team string, n int64) (Seats, error) {
	t, err := s.team(team)
	if err == nil {
		err = seatCount(n)
	}
	if err != nil {
		return s, err
	}
	if n > t.Used {
		return s, fmt.Errorf("%w: team %q: %d seats to vacate, %d used", ErrNotInUse, team, n, t.Used)
	}
	next := s.Clone()
	next.Used -= n
	next.Teams[team] = Team{Quota: t.Quota, Used: t.Used - n}
	return next, nil
}

// VacateWithin empties seats of a team, or of none for "", and records one change for
// each in a budget: vacating a seat is a change, filling one is not. Either both
// happen or neither.
func (s Seats) VacateWithin(b ChangeBudget, team string, n int64, at time.Time) (Seats, ChangeBudget, error) {
	var (
		next Seats
		err  error
	)
	if team == "" {
		next, err = s.Vacate(n)
	} else {
		next, err = s.VacateTeam(team, n)
	}
	if err != nil {
		return s, b, err
	}
	left, err := b.Use(at, int(min(n, MaxChanges+1)))
	if err != nil {
		return s, b, err
	}
	return next, left, nil
}

// HandOver gives one filled seat to somebody else and records the change in a budget.
// The counts stay as they are; if no seat is filled it is [ErrNotInUse].
func (s Seats) HandOver(b ChangeBudget, at time.Time) (ChangeBudget, error) {
	if s.Used == 0 {
		return b, fmt.Errorf("%w: no seat to hand over", ErrNotInUse)
	}
	return b.Use(at, 1)
}

// Reserve sets the quota of a team. The additional reserved seats must not exceed
// Unreserved: [ErrTeamQuota]. A quota below what the team has filled is
// [ErrQuotaBelowUsage]. A quota of 0 for a team that has filled none removes it.
func (s Seats) Reserve(team string, quota int64) (Seats, error) {
	if err := labelFault(team); err != nil {
		return s, fmt.Errorf("%w: %w", ErrInvalid, fault.At("team", err))
	}
	if err := seatCount(quota); err != nil {
		return s, err
	}
	t, known := s.Teams[team]
	wanted := Team{Quota: quota, Used: t.Used}
	switch {
	case quota < t.Used:
		return s, fmt.Errorf("%w: team %q: quota %d, %d used", ErrQuotaBelowUsage, team, quota, t.Used)
	case wanted.reserved()-t.reserved() > s.Unreserved():
		return s, fmt.Errorf("%w: team %q: %d more to reserve, %d not reserved", ErrTeamQuota, team,
			wanted.reserved()-t.reserved(), s.Unreserved())
	case !known && quota > 0 && len(s.Teams) >= MaxTeams:
		return s, fmt.Errorf("%w: %d teams", ErrTooMany, len(s.Teams))
	}
	next := s.Clone()
	if wanted == (Team{}) {
		delete(next.Teams, team)
		return next, nil
	}
	if next.Teams == nil {
		next.Teams = make(map[string]Team, 1)
	}
	next.Teams[team] = wanted
	return next, nil
}

// WithPaid changes the number of paid seats. Fewer than Used - Free is
// [ErrQuotaBelowUsage] unless it is forced; then the seats are over quota, nothing is
// evicted, and the teams keep their quotas although they cannot all be filled.
func (s Seats) WithPaid(paid int64, force bool) (Seats, error) {
	if err := seatCount(paid); err != nil {
		return s, err
	}
	if floor := s.PaidFloor(); paid < s.Paid && paid < floor && !force {
		return s, fmt.Errorf("%w: %d seats paid for, at least %d needed for %d used", ErrQuotaBelowUsage, paid, floor, s.Used)
	}
	next := s.Clone()
	next.Paid = paid
	return next, nil
}

// PaidFloor returns the smallest number of paid seats that covers those in use:
// max(0, Used - Free).
func (s Seats) PaidFloor() int64 { return max(0, s.Used-s.Free) }

func (s Seats) team(name string) (Team, error) {
	t, ok := s.Teams[name]
	if !ok {
		return Team{}, fmt.Errorf("%w: %q", ErrUnknownTeam, name)
	}
	return t, nil
}

func seatCount(n int64) error {
	if n < 0 || n > MaxSeats {
		return fmt.Errorf("%w: must be from 0 to %d seats, not %d", ErrInvalidAmount, MaxSeats, n)
	}
	return nil
}

// Clone returns a copy that shares no memory with s.
func (s Seats) Clone() Seats {
	s.Max = copied(s.Max)
	s.Teams = maps.Clone(s.Teams)
	return s
}

// Equal reports whether two seats count the same.
func (s Seats) Equal(o Seats) bool {
	return s.Free == o.Free && s.Paid == o.Paid && s.Used == o.Used && same(s.Max, o.Max) && maps.Equal(s.Teams, o.Teams)
}

// Validate reports every fault, as an [errors.Join] of [*fault.FieldError]: counts below
// 0 or above [MaxSeats], and teams that have filled more seats than are filled.
func (s Seats) Validate() error { return strictjson.JoinErrors(s.faults()) }

func (s Seats) faults() []*fault.FieldError {
	var f faults
	f.add("free", seatFault(s.Free))
	f.add("paid", seatFault(s.Paid))
	f.add("used", seatFault(s.Used))
	if s.Max != nil {
		f.add("max", seatFault(*s.Max))
	}
	if n := len(s.Teams); n > MaxTeams {
		f.add("teams", fault.TooMany.Errorf("must be at most %d, not %d", MaxTeams, n))
		return f
	}
	var used int64
	for _, name := range slices.Sorted(maps.Keys(s.Teams)) {
		path := strictjson.Key("teams", name)
		f.add(path, labelFault(name))
		f.add(strictjson.Key(path, "quota"), seatFault(s.Teams[name].Quota))
		f.add(strictjson.Key(path, "used"), seatFault(s.Teams[name].Used))
		used += s.Teams[name].Used
	}
	if len(f) == 0 && used > s.Used {
		f.add("teams", fault.Inconsistent.Errorf("have filled %d seats, more than the %d used", used, s.Used))
	}
	return f
}

func seatFault(n int64) error {
	if n < 0 || n > MaxSeats {
		return fault.OutOfRange.Errorf("must be from 0 to %d", MaxSeats)
	}
	return nil
}
