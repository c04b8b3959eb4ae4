package perennial_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

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

// zeros are the zero values of the exported types that have methods, but for
// subscription.Segment, whose doc says that its zero value must not be used.
func zeros() []any {
	return []any{
		&fault.FieldError{}, fault.Code(""), fault.Class(""),
		money.Money{},
		money.Currency(0), money.Rounding(""), &money.MismatchError{},
		calendar.Interval{},
		calendar.Period{},
		calendar.Schedule{},
		calendar.Zone{},
		calendar.CivilTime{},
		&calendar.ParseError{},
		calendar.Basis(""), calendar.ChangeDay(""), calendar.MonthEnd(""), calendar.Unit(""),
		feature.ChangeBudget{},
		&feature.ChangeBudgetError{},
		feature.CreditGrant{},
		feature.CreditTargets{},
		feature.Credits{},
		feature.Decision{},
		&feature.DeniedError{}, &feature.Entitlement{},
		feature.Entry{},
		feature.Grant{},
		feature.Key(""),
		feature.Kind(""),
		feature.Override{},
		feature.Overrides{},
		feature.Overage(""),
		feature.Rollover{},
		feature.Scope(""),
		feature.Seats{},
		feature.Set{},
		feature.Threshold{},
		feature.QuotaUsage{},
		feature.Window(""),
		lifecycle.Action(0), lifecycle.Actor(0), lifecycle.Causes(0), lifecycle.Effect(0), lifecycle.Facts(0), lifecycle.Flags(0),
		lifecycle.Scheduled(0),
		lifecycle.State{},
		lifecycle.Status(""), lifecycle.StatusSet(0), lifecycle.Tick(""), &lifecycle.TransitionError{},
		plan.Aggregation(""), plan.Anchor(""), &plan.Catalog{},
		plan.Charge{},
		&plan.CompiledCharge{}, &plan.CompiledPhase{}, &plan.CompiledPrice{},
		plan.CreditPack{},
		plan.Discount{},
		plan.EventRating{},
		plan.FlatFee{},
		plan.Length{},
		plan.Metric{},
		&plan.MissingError{},
		plan.Offering{},
		plan.Package{},
		plan.PerUnit{},
		plan.Phase{},
		plan.Plan{},
		plan.Policy{},
		plan.Product{},
		&plan.QuantityError{},
		plan.Rating{},
		plan.Ref{},
		plan.Release{},
		plan.Rules{},
		plan.Stairstep{},
		plan.Percentage{},
		plan.GraduatedPercentage{},
		plan.Tiered{},
		&plan.TierError{},
		plan.Trial{},
		&plan.Version{}, &plan.CompiledAddOn{},
		plan.Volume{},
		subscription.Change{},
		subscription.Command{},
		&subscription.DuplicateError{}, &subscription.EditError{},
		subscription.Event{},
		&subscription.LostPlanError{},
		subscription.PendingItem{},
		subscription.Set{},
		subscription.Snapshot{},
		subscription.Subscription{},
		&subscription.TermError{},
		subscription.When{},
		billing.BilledBoundary{},
		billing.Checkpoint{},
		billing.Invoice{},
		billing.Line{},
		billing.MeteredPart{},
		billing.NextInvoice{},
		billing.PreviewResult{},
		billing.Reconciliation{},
		billing.Record{},
		billing.Redemption{},
		billing.StoredLine{},
		billing.Tax{},
		billing.Usage{},
		&billing.UsageError{},
		document.Date{},
		document.Document{},
		document.Numbering{},
		document.OpenItem{},
		document.Terms{},
	}
}

// numbered are the methods that take the number of an item: like a slice, they panic if
// there is none.
var numbered = []string{
	"subscription.Subscription.Command", "subscription.Subscription.Discount", "subscription.Subscription.PendingItem",
	"subscription.Subscription.Segment", "billing.Invoice.LineID",
}

func TestMethodsOfZeroValuesDoNotPanic(t *testing.T) {
	t.Parallel()
	for _, zero := range zeros() {
		v := reflect.ValueOf(zero)
		if v.Kind() != reflect.Pointer { // pointer methods too
			p := reflect.New(v.Type())
			p.Elem().Set(v)
			v = p
		}
		for i := range v.NumMethod() {
			name := fmt.Sprintf("%T.%s", zero, v.Type().Method(i).Name)
			call := func() { use(v.Method(i)) }
			if slices.Contains(numbered, name) {
				require.Panics(t, call, name)
			} else {
				require.NotPanics(t, call, name)
			}
		}
	}
}

// use calls a method with zero arguments, and ranges over what it returns as a sequence.
func use(method reflect.Value) {
	kind := method.Type()
	var args []reflect.Value
	for i := range kind.NumIn() {
		if kind.IsVariadic() && i == kind.NumIn()-1 {
			break
		}
		args = append(args, reflect.Zero(kind.In(i)))
	}
	for _, result := range method.Call(args) {
		if result.Kind() == reflect.Func && !result.IsNil() && result.Type().CanSeq() {
			for range result.Seq() {
				break
			}
		}
	}
}
