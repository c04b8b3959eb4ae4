package billing_test

import (
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A vandal overwrites what it can reach of a value, as a careless caller may: fields,
// elements, entries and what pointers point to. What has no exported field it replaces as
// a whole, but for the values that all callers share behind a pointer.
type vandal struct {
	wrote int
	seen  map[uintptr]bool
}

// whole are values that callers assign as a whole, also behind a pointer.
var whole = map[reflect.Type]reflect.Value{
	reflect.TypeFor[decimal.Decimal]():   reflect.ValueOf(decimal.New(666, 0)),
	reflect.TypeFor[time.Time]():         reflect.ValueOf(time.Date(1666, 6, 6, 0, 0, 0, 0, time.UTC)),
	reflect.TypeFor[money.Money]():       reflect.ValueOf(money.FromMinor(666, money.JPY)),
	reflect.TypeFor[calendar.Interval](): reflect.ValueOf(calendar.Years(66)),
}

func (v *vandal) overwrite(x any) { v.value(reflect.ValueOf(x)) }

func (v *vandal) value(x reflect.Value) {
	if !x.IsValid() {
		return
	}
	if junk, ok := whole[x.Type()]; ok {
		v.set(x, junk)
		return
	}
	switch x.Kind() {
	case reflect.Pointer:
		if !x.IsNil() && !v.seen[x.Pointer()] {
			v.seen[x.Pointer()] = true
			v.value(x.Elem())
		}
	case reflect.Interface:
		v.value(x.Elem())
	case reflect.Struct:
		for i := range x.NumField() {
			if x.Type().Field(i).IsExported() {
				v.value(x.Field(i))
			}
		}
	case reflect.Slice:
		for i := range x.Len() {
			v.value(x.Index(i))
			if x.Index(i).Kind() == reflect.Pointer || x.Index(i).Kind() == reflect.Interface {
				v.set(x.Index(i), reflect.Zero(x.Type().Elem()))
			}
		}
		if x.Cap() > x.Len() { // what an append would write
			rest := x.Slice(x.Len(), x.Cap())
			for i := range rest.Len() {
				v.set(rest.Index(i), reflect.Zero(x.Type().Elem()))
			}
		}
	case reflect.Map:
		for _, key := range x.MapKeys() {
			v.value(x.MapIndex(key))
			x.SetMapIndex(key, reflect.Value{})
			v.wrote++
		}
	case reflect.String:
		v.set(x, reflect.ValueOf("overwritten").Convert(x.Type()))
	case reflect.Bool:
		v.set(x, reflect.ValueOf(!x.Bool()).Convert(x.Type()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.set(x, reflect.ValueOf(66).Convert(x.Type()))
	}
}

func (v *vandal) set(x, to reflect.Value) {
	if x.CanSet() {
		x.Set(to)
		v.wrote++
	}
}

// ours reports whether a type has accessors that are worth asking.
func ours(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasPrefix(t.PkgPath(), "github.com/perennial-billing/perennial/") && t.NumMethod()+reflect.PointerTo(t).NumMethod() > 0
}

// ransack calls every method of a value that needs nothing, an instant or a number, and
// overwrites all that they return; of what they return, too, down to a depth.
func (v *vandal) ransack(x any, at time.Time, depth int) {
	v.accessors(reflect.ValueOf(x), at, depth)
	v.overwrite(x)
}

func (v *vandal) accessors(x reflect.Value, at time.Time, depth int) {
	if depth == 0 || !x.IsValid() || !ours(x.Type()) || x.Kind() == reflect.Pointer && x.IsNil() {
		return
	}
	for i := range x.NumMethod() {
		method := x.Method(i)
		numbers := []int{0}
		var in []reflect.Value
		fits, numbered := !method.Type().IsVariadic(), -1
		for k := range method.Type().NumIn() {
			switch method.Type().In(k) {
			case reflect.TypeFor[time.Time]():
				in = append(in, reflect.ValueOf(at))
			case reflect.TypeFor[int]():
				in, numbered, numbers = append(in, reflect.ValueOf(0)), k, []int{0, 1, 2, 3, 4, 5, 6}
			default:
				fits = false
			}
		}
		for _, n := range numbers {
			if !fits || x.Type().Method(i).Name == "String" {
				continue
			}
			if numbered >= 0 {
				in[numbered] = reflect.ValueOf(n)
			}
			for _, out := range called(method, in) {
				v.returned(out, at, depth-1)
			}
		}
	}
}

// called returns the results of a method; none where it panics as a slice does, for a
// number that there is not.
func called(method reflect.Value, in []reflect.Value) (out []reflect.Value) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	return method.Call(in)
}

func (v *vandal) returned(out reflect.Value, at time.Time, depth int) {
	switch {
	case out.Kind() == reflect.Func && out.Type().CanSeq():
		if out.IsNil() {
			return
		}
		n := 0
		for one := range out.Seq() {
			v.returned(one, at, depth)
			if n++; n == 10 {
				break
			}
		}
		return
	case out.Kind() == reflect.Slice:
		for i := range min(out.Len(), 10) {
			v.accessors(out.Index(i), at, depth)
		}
	case out.Type() == reflect.TypeFor[subscription.Subscription]():
		return // the next value, which is its own
	default:
		v.accessors(out, at, depth)
	}
	v.value(out)
	if out.Kind() != reflect.Pointer && out.Kind() != reflect.Interface && !out.CanSet() {
		// A result is a variable of the caller.
		own := reflect.New(out.Type())
		own.Elem().Set(out)
		v.value(own.Elem())
	}
}

// An owner is what a caller passes to a verb and keeps: made anew for each call.
type owner struct {
	params  subscription.Params
	patch   subscription.Patch
	price   plan.Price
	off     plan.Discount
	grants  feature.Overrides
	revoked []feature.Key
	known   feature.Assignment
}

func owned(n int64) *owner {
	d := decimal.NewFromInt
	text := func(s string) *string { s += time.Duration(n).String(); return &s }
	tags, limit, switched := []string{"a", *text("b")}, d(n+3), true
	parent, percent := subscription.ID(*text("parent")), d(n%90+1)
	tiers := []plan.Tier{{UpTo: plan.Bound(d(n + 1)), UnitAmount: d(3)}, {UnitAmount: d(1)}}
	return &owner{
		params: subscription.Params{
			Quantity: subscription.Units(n + 1), Quantities: map[string]decimal.Decimal{"base": d(n + 2)},
			Prices: map[string]plan.Price{"seats": plan.Volume{Tiers: tiers, Bounds: plan.Bounds{Minimum: plan.Bound(d(1))}}},
			Details: subscription.Details{
				Name: "n", Tags: []string{"x", "y"}, Metadata: map[string]string{"k": "v", "l": "w"},
			},
		},
		patch: subscription.Patch{
			Name: text("name"), ExternalRef: text("ref"), Owner: text("owner"), Account: text("account"),
			Organization: text("org"), Team: text("team"), Parent: &parent, Channel: text("channel"), CancelReason: text("why"),
			Tags: &tags, Metadata: map[string]*string{"k": text("v"), "l": nil, "m": text("w")},
		},
		price: plan.Tiered{
			Tiers:  []plan.Tier{{UpTo: plan.Bound(d(n + 2)), UnitAmount: d(2), FlatAmount: d(1)}, {UnitAmount: d(1)}},
			Bounds: plan.Bounds{Maximum: plan.Bound(d(1000 + n))},
		},
		off: plan.Discount{ID: "off", Percent: &percent, Duration: plan.ForCycles, Cycles: 2},
		grants: feature.Overrides{
			"api": feature.Override{Limit: &limit, Thresholds: &[]feature.Threshold{feature.PercentOf(50)}},
			"sso": feature.Override{Active: &switched},
		},
		revoked: []feature.Key{"api"},
		known:   feature.Assignment{Open: true, Force: true, InUse: map[feature.Key]decimal.Decimal{"api": d(0)}},
	}
}

var ownedPlan = plan.MustCompile(plan.Plan{
	ID: "owned", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Name: "Owned",
	Charges: []plan.Charge{
		{ID: "base", Price: plan.PerUnit{UnitAmount: num("5"), Bounds: plan.Bounds{Maximum: plan.Bound(num("400"))}}},
		{ID: "seats", Price: plan.Stairstep{Steps: []plan.Step{{UpTo: plan.Bound(num("4")), Amount: num("19")}, {Amount: num("49.99")}}}},
		{ID: "calls", Metric: "calls", Price: plan.Tiered{Zero: plan.ZeroFree, Tiers: []plan.Tier{{UpTo: plan.Bound(num("10")), UnitAmount: num("2")}, {UnitAmount: num("1")}}}},
	},
	Phases:      []plan.Phase{{ID: "intro", Cycles: 1, Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: num("3")}}}}},
	Features:    feature.Set{"api": feature.Grant{Kind: feature.Allowance, Active: true, Limit: num("10"), Window: feature.BillingPeriod, Thresholds: []feature.Threshold{feature.PercentOf(80)}}, "sso": feature.On()},
	CreditPacks: []plan.CreditPack{{ID: "pack", Name: "Pack", Credits: 10, ListPrice: num("7")}},
	Trial:       &plan.Trial{Length: calendar.Days(5)},
	Metadata:    map[string]string{"k": "v"},
})

// verbs are what an owner passes to the verbs that take more than plain values.
var ownedVerbs = []func(subscription.Subscription, subscription.Call, *owner) (subscription.Subscription, error){
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.Update(c, o.patch)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.ChangePrice(c, subscription.AtPeriodEnd(), "seats", o.price)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.ChangePrice(c, subscription.Immediately(), "base", o.price)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.AddDiscount(c, o.off)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.AssignFeatures(c, o.grants, o.known)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.RevokeFeatures(c, o.revoked, o.known)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, subscription.AtPeriodEnd(), "seats", *o.params.Quantity)
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, subscription.Immediately(), "", *o.params.Quantity)
	},
	func(s subscription.Subscription, c subscription.Call, _ *owner) (subscription.Subscription, error) {
		return s.AddOneOff(c, subscription.OneOff{ID: "fee", Amount: money.FromMinor(777, money.EUR)})
	},
	func(s subscription.Subscription, c subscription.Call, _ *owner) (subscription.Subscription, error) {
		return s.AddCreditPack(c, "pack")
	},
	func(s subscription.Subscription, c subscription.Call, o *owner) (subscription.Subscription, error) {
		parts := []subscription.Edit{
			func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.Update(c, o.patch)
			},
			func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.ChangePrice(c, subscription.Immediately(), "seats", o.price)
			},
		}
		next, err := s.Edit(c, parts...)
		clear(parts)
		return next, err
	},
	func(s subscription.Subscription, c subscription.Call, _ *owner) (subscription.Subscription, error) {
		return s.Cancel(c, subscription.AtPeriodEnd())
	},
	func(s subscription.Subscription, c subscription.Call, _ *owner) (subscription.Subscription, error) {
		return s.Pause(c, subscription.Immediately(), subscription.Pause{Cycles: 1})
	},
}

// usageOf is some usage, in no order.
func usageOf(from time.Time, n int64) billing.Usage {
	var all billing.Usage
	for _, hours := range []int{700, 200, 900, 1500, 50} {
		all = append(all, billing.Record{Metric: "calls", At: from.Add(time.Duration(hours) * time.Hour), Quantity: decimal.NewFromInt(n)})
	}
	return all
}
