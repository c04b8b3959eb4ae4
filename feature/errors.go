package feature

import (
	"github.com/perennial-billing/perennial/fault"
)

// Why a feature may not be used. A [Decision] that is not allowed returns one of
// these from Err, wrapped with the detail.
var (
	// ErrNotGranted says that neither the plan nor an override grants the feature.
	ErrNotGranted = fault.New(fault.Refused, "feature: not granted")
	// ErrDormant says that the subscription's state keeps its entitlements dormant:
	// it is paused, held, not started or over.
	ErrDormant = fault.New(fault.Refused, "feature: dormant")
	// ErrInactive says that the grant is turned off.
	ErrInactive = fault.New(fault.Refused, "feature: inactive")
	// ErrUnsupportedCondition says that the grant has a condition that neither this
	// package nor the caller knows.
	ErrUnsupportedCondition = fault.New(fault.Internal, "feature: unsupported condition")
	// ErrConditionNotMet says that the condition of the grant does not hold.
	ErrConditionNotMet = fault.New(fault.Refused, "feature: condition not met")
	// ErrQuotaExceeded says that the use would exceed the limit.
	ErrQuotaExceeded = fault.New(fault.Refused, "feature: quota exceeded")
)

// Why a decision is not possible.
var (
	// ErrInvalidAmount says that an amount is negative or has too many digits.
	ErrInvalidAmount = fault.OutOfRange.Errorf("feature: invalid amount")
	// ErrOutOfOrder says that an instant lies in a window that ended before the last
	// recorded use, or before what is already recorded.
	ErrOutOfOrder = fault.New(fault.Late, "feature: out of order")
	// ErrStale says that an instant lies outside the billing period for which the
	// entitlement was resolved.
	ErrStale = fault.New(fault.Conflict, "feature: outside the resolved billing period")
	// ErrNotInUse says that more is released than is in use.
	ErrNotInUse = fault.New(fault.Refused, "feature: not in use")
	// ErrTooMany says that more would have to be stored than the package allows: uses
	// in a rolling window, changes in a budget, entries in a credit ledger.
	ErrTooMany = fault.New(fault.Refused, "feature: too many to remember")
	// ErrInvalid says that a value was not made by its constructor or its decoder.
	ErrInvalid = fault.Unusable.Errorf("feature: invalid")
)

// Why an override may not be assigned or revoked, or a quantity changed.
var (
	// ErrUnknown says that a key names no feature of the plan.
	ErrUnknown = fault.New(fault.Missing, "feature: unknown feature")
	// ErrNotAssigned says that there is no override to revoke.
	ErrNotAssigned = fault.New(fault.Missing, "feature: not assigned")
	// ErrRequired says that the subscription must have the feature.
	ErrRequired = fault.New(fault.Refused, "feature: required")
	// ErrInvalidLimit says that a limit is negative or has too many digits.
	ErrInvalidLimit = fault.OutOfRange.Errorf("feature: invalid limit")
	// ErrParentLimit says that a limit exceeds what the parent organization has left.
	ErrParentLimit = fault.New(fault.Refused, "feature: exceeds the parent's remaining limit")
	// ErrQuotaBelowUsage says that a limit would fall below what is in use.
	ErrQuotaBelowUsage = fault.New(fault.Refused, "feature: below what is in use")
)

// Why seats, changes and credits are refused.
var (
	// ErrTeamQuota says that seats are reserved for teams, or that a team has used
	// up its own.
	ErrTeamQuota = fault.New(fault.Refused, "feature: team quota exceeded")
	// ErrUnknownTeam says that no quota is kept for a team.
	ErrUnknownTeam = fault.New(fault.Missing, "feature: unknown team")
	// ErrChangeBudget says that no change is left in the trailing year.
	ErrChangeBudget = fault.New(fault.Refused, "feature: change budget exhausted")
	// ErrInsufficientCredits says that the balance does not cover the amount.
	ErrInsufficientCredits = fault.New(fault.Refused, "feature: insufficient credits")
	// ErrUnknownGrant says that no credit grant has the id.
	ErrUnknownGrant = fault.New(fault.Missing, "feature: unknown credit grant")
	// ErrDuplicateGrant says that a credit grant has the id already.
	ErrDuplicateGrant = fault.New(fault.Conflict, "feature: duplicate credit grant")
)
