package seam_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	_ "github.com/perennial-billing/perennial/billing" // lends nothing, and needs all of it
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAllIsLentThatTheSeamsName(t *testing.T) {
	t.Parallel()
	for _, lent := range []any{
		seam.Borrow[seam.Timeline[subscription.Subscription, subscription.Segment, subscription.Change, calendar.Period, plan.UnusedCredit]](),
		seam.Borrow[seam.Grid[*calendar.Schedule]](),
		seam.Borrow[seam.Rating[*plan.CompiledPrice]](),
		seam.Borrow[seam.Terms[*plan.Version, *plan.CompiledAddOn, *plan.CompiledPhase, *plan.CompiledCharge, *plan.CompiledPrice, plan.Policy, plan.Minimum, *strictjson.Codec[plan.Policy], *strictjson.Codec[plan.Discount], *feature.Entitlement, feature.Key]](),
		seam.Borrow[seam.Granting[feature.Grant, feature.Entitlement, calendar.Zone, calendar.Period, calendar.Schedule]](),
		seam.Borrow[seam.Preparing[feature.Grant, feature.Entitlement]](),
	} {
		v := reflect.ValueOf(lent)
		for i := range v.NumField() {
			require.False(t, v.Field(i).IsNil(), "%s.%s", v.Type(), v.Type().Field(i).Name)
		}
	}
}

func TestWhatNobodyLentIsNothing(t *testing.T) {
	t.Parallel()
	require.Nil(t, seam.Borrow[seam.Rating[int]]().Fast)
}
