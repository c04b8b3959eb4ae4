package perennial_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Every error that a room exports and what it means to whoever answers a request.
var (
	sentinels = map[fault.Class]map[string]error{
		fault.Internal: {
			"calendar.ErrNoSchedule": calendar.ErrNoSchedule, "feature.ErrUnsupportedCondition": feature.ErrUnsupportedCondition,
			"subscription.ErrZero": subscription.ErrZero, "subscription.ErrLostPlan": subscription.ErrLostPlan,
			"billing.ErrZero": billing.ErrZero, "billing.ErrCheckpoint": billing.ErrCheckpoint,
			"billing.ErrStoredLines": billing.ErrStoredLines, "billing.ErrUnrelated": billing.ErrUnrelated, "billing.ErrMissingUsage": billing.ErrMissingUsage,
			"billing.ErrTaxRate":    billing.ErrTaxRate,
			"billing.ErrUnbalanced": billing.ErrUnbalanced,
		},
		fault.Invalid: {
			"money.ErrInvalid": money.ErrInvalid, "money.ErrCurrencyMismatch": money.ErrCurrencyMismatch,
			"money.ErrUnknownCurrency": money.ErrUnknownCurrency, "money.ErrOverflow": money.ErrOverflow,
			"money.ErrDivisionByZero": money.ErrDivisionByZero, "money.ErrPrecision": money.ErrPrecision,
			"money.ErrRounding": money.ErrRounding, "money.ErrSyntax": money.ErrSyntax,
			"calendar.ErrRange": calendar.ErrRange, "calendar.ErrInterval": calendar.ErrInterval, "calendar.ErrSyntax": calendar.ErrSyntax,
			"calendar.ErrNoSuchDay": calendar.ErrNoSuchDay, "calendar.ErrUnknown": calendar.ErrUnknown, "calendar.ErrZone": calendar.ErrZone,
			"calendar.ErrPeriod": calendar.ErrPeriod, "calendar.ErrEmptyPeriod": calendar.ErrEmptyPeriod, "calendar.ErrOutside": calendar.ErrOutside,
			"feature.ErrInvalid": feature.ErrInvalid, "feature.ErrInvalidAmount": feature.ErrInvalidAmount, "feature.ErrInvalidLimit": feature.ErrInvalidLimit,
			"lifecycle.ErrInvalid": lifecycle.ErrInvalid, "lifecycle.ErrInvalidDates": lifecycle.ErrInvalidDates, "lifecycle.ErrCreditChoice": lifecycle.ErrCreditChoice,
			"plan.ErrEvents": plan.ErrEvents, "plan.ErrDimensions": plan.ErrDimensions, "plan.ErrCountOver": plan.ErrCountOver, "plan.ErrIncomparable": plan.ErrIncomparable, "plan.ErrNegativeQuantity": plan.ErrNegativeQuantity, "plan.ErrQuantity": plan.ErrQuantity,
			"subscription.ErrInvalidCall": subscription.ErrInvalidCall, "subscription.ErrMixedPolicies": subscription.ErrMixedPolicies,
			"billing.ErrUsage": billing.ErrUsage, "billing.ErrRange": billing.ErrRange,
		},
		fault.Missing: {
			"feature.ErrUnknown": feature.ErrUnknown, "feature.ErrNotAssigned": feature.ErrNotAssigned, "feature.ErrUnknownTeam": feature.ErrUnknownTeam,
			"feature.ErrUnknownGrant": feature.ErrUnknownGrant, "plan.ErrNotFound": plan.ErrNotFound, "subscription.ErrNotFound": subscription.ErrNotFound,
			"subscription.ErrNoCharge": subscription.ErrNoCharge, "subscription.ErrNoAttachment": subscription.ErrNoAttachment, "billing.ErrUnknownMetric": billing.ErrUnknownMetric,
		},
		fault.Late: {
			"feature.ErrOutOfOrder": feature.ErrOutOfOrder, "lifecycle.ErrPast": lifecycle.ErrPast,
			"subscription.ErrBackdated": subscription.ErrBackdated, "subscription.ErrLateNotice": subscription.ErrLateNotice, "billing.ErrLateUsage": billing.ErrLateUsage,
		},
		fault.Refused: {
			"subscription.ErrAddOn": subscription.ErrAddOn, "subscription.ErrAttached": subscription.ErrAttached,
			"feature.ErrNotGranted": feature.ErrNotGranted, "feature.ErrDormant": feature.ErrDormant, "feature.ErrInactive": feature.ErrInactive,
			"feature.ErrConditionNotMet": feature.ErrConditionNotMet, "feature.ErrQuotaExceeded": feature.ErrQuotaExceeded,
			"feature.ErrNotInUse": feature.ErrNotInUse, "feature.ErrTooMany": feature.ErrTooMany, "feature.ErrRequired": feature.ErrRequired,
			"feature.ErrParentLimit": feature.ErrParentLimit, "feature.ErrQuotaBelowUsage": feature.ErrQuotaBelowUsage,
			"feature.ErrTeamQuota": feature.ErrTeamQuota, "feature.ErrChangeBudget": feature.ErrChangeBudget,
			"feature.ErrInsufficientCredits": feature.ErrInsufficientCredits,
			"lifecycle.ErrNotPermitted":      lifecycle.ErrNotPermitted, "lifecycle.ErrHasDependents": lifecycle.ErrHasDependents,
			"lifecycle.ErrImmediateCancel": lifecycle.ErrImmediateCancel, "lifecycle.ErrQuantityLocked": lifecycle.ErrQuantityLocked,
			"lifecycle.ErrAlreadyStarted": lifecycle.ErrAlreadyStarted, "lifecycle.ErrNotStarted": lifecycle.ErrNotStarted,
			"lifecycle.ErrInTrial": lifecycle.ErrInTrial, "lifecycle.ErrNotInTrial": lifecycle.ErrNotInTrial, "lifecycle.ErrTrialUsed": lifecycle.ErrTrialUsed,
			"lifecycle.ErrCancelled": lifecycle.ErrCancelled, "lifecycle.ErrAlreadyCancelled": lifecycle.ErrAlreadyCancelled,
			"lifecycle.ErrNotCancelled": lifecycle.ErrNotCancelled, "lifecycle.ErrClosed": lifecycle.ErrClosed, "lifecycle.ErrEnded": lifecycle.ErrEnded,
			"lifecycle.ErrPaused": lifecycle.ErrPaused, "lifecycle.ErrAlreadyPaused": lifecycle.ErrAlreadyPaused, "lifecycle.ErrNotPaused": lifecycle.ErrNotPaused,
			"lifecycle.ErrHeld": lifecycle.ErrHeld, "lifecycle.ErrNotHeld": lifecycle.ErrNotHeld,
			"lifecycle.ErrSuspended": lifecycle.ErrSuspended, "lifecycle.ErrNotSuspended": lifecycle.ErrNotSuspended,
			"lifecycle.ErrAlreadyScheduled": lifecycle.ErrAlreadyScheduled, "lifecycle.ErrChangeScheduled": lifecycle.ErrChangeScheduled,
			"lifecycle.ErrNothingScheduled": lifecycle.ErrNothingScheduled, "lifecycle.ErrEnding": lifecycle.ErrEnding, "lifecycle.ErrNoPeriod": lifecycle.ErrNoPeriod,
			"plan.ErrNoTier":                plan.ErrNoTier,
			"plan.ErrNoRow":                 plan.ErrNoRow,
			"plan.ErrScale":                 plan.ErrScale,
			"subscription.ErrPlanUnchanged": subscription.ErrPlanUnchanged, "subscription.ErrCurrency": subscription.ErrCurrency,
			"subscription.ErrPlanNotInOffering": subscription.ErrPlanNotInOffering, "subscription.ErrQuantityBelowUse": subscription.ErrQuantityBelowUse,
			"subscription.ErrPackNotAllowed": subscription.ErrPackNotAllowed, "subscription.ErrHistory": subscription.ErrHistory, "subscription.ErrFull": subscription.ErrFull,
			"subscription.ErrMinimumTerm": subscription.ErrMinimumTerm, "subscription.ErrCannotMove": subscription.ErrCannotMove,
			"billing.ErrNotEntitled": billing.ErrNotEntitled,
			"document.ErrState":      document.ErrState, "document.ErrWindow": document.ErrWindow, "document.ErrExceeds": document.ErrExceeds,
		},
		fault.Conflict: {
			"feature.ErrStale": feature.ErrStale, "feature.ErrDuplicateGrant": feature.ErrDuplicateGrant,
			"subscription.ErrKeyReused": subscription.ErrKeyReused, "subscription.ErrDuplicateActive": subscription.ErrDuplicateActive, "subscription.ErrCyclicParents": subscription.ErrCyclicParents,
			"subscription.ErrDuplicateID": subscription.ErrDuplicateID, "billing.ErrReconcile": billing.ErrReconcile, "billing.ErrBoundary": billing.ErrBoundary,
			"document.ErrNumber": document.ErrNumber,
		},
	}
	typed = map[string]struct {
		err   error
		class fault.Class
	}{
		"fault.FieldError":            {fault.At("a", errors.New("x")), fault.Invalid},
		"money.MismatchError":         {&money.MismatchError{}, fault.Invalid},
		"calendar.ParseError":         {&calendar.ParseError{Err: calendar.ErrSyntax}, fault.Invalid},
		"feature.DeniedError":         {&feature.DeniedError{Err: feature.ErrQuotaExceeded}, fault.Refused},
		"feature.ChangeBudgetError":   {&feature.ChangeBudgetError{}, fault.Refused},
		"lifecycle.TransitionError":   {&lifecycle.TransitionError{Err: lifecycle.ErrPaused}, fault.Refused},
		"plan.MissingError":           {&plan.MissingError{}, fault.Missing},
		"plan.QuantityError":          {quantityError(), fault.Invalid},
		"plan.TierError":              {&plan.TierError{}, fault.Refused},
		"plan.RowError":               {&plan.RowError{}, fault.Refused},
		"subscription.EditError":      {&subscription.EditError{Err: subscription.ErrBackdated}, fault.Late},
		"billing.UsageError":          {&billing.UsageError{Err: billing.ErrLateUsage}, fault.Late},
		"subscription.DuplicateError": {&subscription.DuplicateError{}, fault.Conflict},
		"subscription.TermError":      {&subscription.TermError{Err: subscription.ErrMinimumTerm}, fault.Refused},
		"subscription.LostPlanError":  {&subscription.LostPlanError{}, fault.Internal},
	}
)

// quantityError returns the error of a quantity that no price can rate.
func quantityError() error {
	table, err := plan.CompilePrice(plan.PerUnit{}, money.USD)
	if err != nil {
		return err
	}
	_, err = table.Rate(decimal.NewFromInt(-1), money.HalfUp)
	return err
}

func TestEveryExportedErrorOfEveryRoomHasItsKind(t *testing.T) {
	t.Parallel()
	var listed []string
	for class, errs := range sentinels {
		for name, err := range errs {
			listed = append(listed, name)
			require.Equal(t, class, fault.Kind(err), name)
			require.Equal(t, class, fault.Kind(fmt.Errorf("service: %w", err)), name)
		}
	}
	for name, row := range typed {
		listed = append(listed, name)
		require.Equal(t, row.class, fault.Kind(row.err), name)
	}
	slices.Sort(listed)
	require.Equal(t, exportedErrors(t), listed, "an error of a room without a row here, or a row without an error")
}

// exportedErrors returns the names of the exported errors in the source of the rooms:
// variables named Err… and types with a method Error, sorted.
func exportedErrors(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, room := range []string{"fault", "money", "calendar", "feature", "lifecycle", "plan", "subscription", "billing", "billing/document"} {
		files, err := fs.Glob(os.DirFS(room), "*.go")
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), room+"/"+name, nil, 0)
			require.NoError(t, err)
			for _, decl := range file.Decls {
				for _, own := range errorNames(decl) {
					names[path.Base(room)+"."+own] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func errorNames(decl ast.Decl) []string {
	var names []string
	switch decl := decl.(type) {
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.VAR {
				for _, name := range value.Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	case *ast.FuncDecl:
		if decl.Recv == nil || decl.Name.Name != "Error" {
			return nil
		}
		kind := decl.Recv.List[0].Type
		if star, ok := kind.(*ast.StarExpr); ok {
			kind = star.X
		}
		if name, ok := kind.(*ast.Ident); ok && name.IsExported() {
			names = append(names, name.Name)
		}
	}
	return names
}
