package feature

import "errors"

// Why a feature may not be used. A [Decision] that is not allowed returns one of
// these from Err, wrapped with the detail.
var (
	// ErrNotGranted says that neither the plan nor an override grants the feature.
	ErrNotGranted = errors.New("feature: not granted")
	// ErrDormant says that the subscription's state keeps its entitlements dormant:
	// it is paused, held, not started or over.
	ErrDormant = errors.New("feature: dormant")
	// ErrInactive says that the grant is turned off.
	ErrInactive = errors.New("feature: inactive")
	// ErrUnsupportedCondition says that the grant has a condition that neither this
	// package nor the caller knows.
	ErrUnsupportedCondition = errors.New("feature: unsupported condition")
	// ErrConditionNotMet says that the condition of the grant does not hold.
	ErrConditionNotMet = errors.New("feature: condition not met")
	// ErrQuotaExceeded says that the use would exceed the limit.
	ErrQuotaExceeded = errors.New("feature: quota exceeded")
)

// Why a decision is not possible.
var (
	// ErrInvalidAmount says that an amount is negative or has too many digits.
	ErrInvalidAmount = errors.New("feature: invalid amount")
	// ErrOutOfOrder says that an instant lies in a window that ended before the last
	// recorded use, or before what is already recorded.
	ErrOutOfOrder = errors.New("feature: out of order")
	// ErrStale says that an instant lies outside the billing period for which the
	// entitlement was resolved.
	ErrStale = errors.New("feature: outside the resolved billing period")
	// ErrNotInUse says that more is released than is in use.
	ErrNotInUse = errors.New("feature: not in use")
	// ErrTooMany says that more would have to be stored than the package allows: uses
	// in a rolling window, changes in a budget, entries in a credit ledger.
	ErrTooMany = errors.New("feature: too many to remember")
	// ErrInvalid says that a value was not made by its constructor or its decoder.
	ErrInvalid = errors.New("feature: invalid")
)

// Why an override may not be assigned or revoked, or a quantity changed.
var (
	// ErrUnknown says that a key names no feature of the plan.
	ErrUnknown = errors.New("feature: unknown feature")
	// ErrNotAssigned says that there is no override to revoke.
	ErrNotAssigned = errors.New("feature: not assigned")
	// ErrRequired says that the subscription must have the feature.
	ErrRequired = errors.New("feature: required")
	// ErrInvalidLimit says that a limit is negative or has too many digits.
	ErrInvalidLimit = errors.New("feature: invalid limit")
	// ErrParentLimit says that a limit exceeds what the parent organization has left.
	ErrParentLimit = errors.New("feature: exceeds the parent's remaining limit")
	// ErrQuotaBelowUsage says that a limit would fall below what is in use.
	ErrQuotaBelowUsage = errors.New("feature: below what is in use")
)

// Why seats, changes and credits are refused.
var (
	// ErrTeamQuota says that seats are reserved for teams, or that a team has used
	// up its own.
	ErrTeamQuota = errors.New("feature: team quota exceeded")
	// ErrUnknownTeam says that no quota is kept for a team.
	ErrUnknownTeam = errors.New("feature: unknown team")
	// ErrChangeBudget says that no change is left in the trailing year.
	ErrChangeBudget = errors.New("feature: change budget exhausted")
	// ErrInsufficientCredits says that the balance does not cover the amount.
	ErrInsufficientCredits = errors.New("feature: insufficient credits")
	// ErrUnknownGrant says that no credit grant has the id.
	ErrUnknownGrant = errors.New("feature: unknown credit grant")
	// ErrDuplicateGrant says that a credit grant has the id already.
	ErrDuplicateGrant = errors.New("feature: duplicate credit grant")
)
