package probely

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What the page shows of a plan and the engine does not use is kept in the metadata of
// a plan that was read.
const (
	planPrice    = "probely.price"    // plan.price beside tiers
	planDiscount = "probely.discount" // where no reference plan is known
	planSavings  = "probely.savings"
	planProfiles = "probely.profiles" // the profiles in their order
)

// The bounds of the page, in characters.
const (
	maxID          = 255
	maxName        = 50
	maxDescription = 500
	maxPackID      = 100
)

// Currencies returns the currencies of the document.
func Currencies() []money.Currency { return []money.Currency{money.USD, money.EUR, money.GBP} }

// shownPlan is a plan as the document shows it, and the quantity of its charge.
type shownPlan struct {
	plan     Plan
	quantity decimal.Decimal
}

func showPlan(l *wire.Losses, sub subscription.Subscription, seg subscription.Segment, facts Facts, now time.Time) (shownPlan, error) {
	version := seg.Version()
	p := version.Plan()
	if !slices.Contains(Currencies(), p.Currency) {
		return shownPlan{}, &wire.NotRepresentableError{API: "probely", Field: "plan.currency_code", What: p.Currency.String()}
	}
	out := Plan{
		ID: bounded(l, "plan.id", p.ID, maxID, false), Name: bounded(l, "plan.name", p.Name, maxName, true),
		Description: bounded(l, "plan.description", p.Description, maxDescription, true),
		IsTrial:     p.Trial != nil, CurrencyCode: p.Currency.String(),
		Profiles: profiles(sub.Overrides(now).Apply(p.Features), p.Metadata), Packs: []Pack{},
	}
	if p.Family != "" {
		out.Family = &p.Family
	}
	out.Period, out.PeriodUnit = period(l, seg.Phase().Every())
	if err := savings(&out, version, facts.Reference); err != nil {
		return shownPlan{}, err
	}
	for i, pack := range p.CreditPacks {
		shown, err := showPack(l, "plan.allowed_credits_packs["+strconv.Itoa(i)+"]", pack, version)
		if err != nil {
			return shownPlan{}, err
		}
		out.Packs = append(out.Packs, shown)
	}
	quantity, err := showCharge(l, &out, seg, p.Metadata)
	return shownPlan{plan: out, quantity: quantity}, err
}

// bounded returns a text with at most that many characters. Cut says whether its
// beginning is still useful; that of an id is not.
func bounded(l *wire.Losses, field, text string, most int, cut bool) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	l.Add(field, "more than %d characters", most)
	if !cut {
		return text
	}
	return string([]rune(text)[:most])
}

// period returns an interval in the units of the page.
func period(l *wire.Losses, every calendar.Interval) (count *int32, unit string) {
	if every.IsZero() {
		return nil, ""
	}
	n := int32(every.Count()) // at most 10000
	if every.Unit() != calendar.Day {
		return &n, string(every.Unit())
	}
	if n%7 != 0 {
		l.Add("plan.period_unit", "an interval of %d days", n)
		return nil, ""
	}
	n /= 7
	return &n, string(calendar.Week)
}

// savings sets what the plan saves against the reference plan for one target.
func savings(out *Plan, v, reference *plan.Version) error {
	if reference == nil {
		metadata := v.Plan().Metadata
		out.Discount, _ = strconv.ParseInt(metadata[planDiscount], 10, 64)
		out.Savings, _ = strconv.ParseInt(metadata[planSavings], 10, 64)
		return nil
	}
	s, err := v.SavingsOver(reference, decimal.NewFromInt(1))
	out.Discount, out.Savings = int64(s.Percent), s.Saved.Minor()
	return err
}

func showPack(l *wire.Losses, path string, pack plan.CreditPack, v *plan.Version) (Pack, error) {
	price, _ := v.PackPrice(pack.ID)
	if price.Price.Minor() > math.MaxInt32 {
		return Pack{}, overflow(path + ".price")
	}
	credits, err := fit(path+".pack_amount", pack.Credits)
	return Pack{
		ID: bounded(l, path+".id", pack.ID, maxPackID, false), Name: bounded(l, path+".name", pack.Name, maxName, true),
		Price: int32(price.Price.Minor()), CurrencyCode: v.Currency().String(), PackAmount: credits,
		Discount: int64(price.Discount), Savings: price.Savings.Minor(),
	}, err
}

// profiles returns the scan profiles that are granted, in the order in which they were
// read if it is known, then by name.
func profiles(grants feature.Set, metadata map[string]string) []string {
	names := []string{}
	for _, key := range grants.Keys() {
		name, ok := strings.CutPrefix(string(key), ProfilePrefix)
		if g := grants[key]; ok && g.Kind == feature.Switch && g.Active {
			names = append(names, name)
		}
	}
	var order []string
	if json.Unmarshal([]byte(metadata[planProfiles]), &order) != nil {
		return names
	}
	place := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
	return names
}

// showCharge sets the one charge that the page has, and returns its quantity. A plan
// without one is a flat fee of 0.
func showCharge(l *wire.Losses, out *Plan, seg subscription.Segment, metadata map[string]string) (decimal.Decimal, error) {
	out.ChargeModel = string(plan.FlatFeeModel)
	var item *plan.CompiledCharge
	for i := range seg.Phase().Charges() {
		switch {
		case i.Metric() != "":
			l.Add("plan.charge_model", "a charge for usage: %q", i.ID())
		case i.Once():
			l.Add("plan.charge_model", "a charge that is due once: %q", i.ID())
		case item != nil:
			l.Add("plan.charge_model", "another charge: %q", i.ID())
		default:
			item = i
		}
	}
	if item == nil {
		return decimal.Zero, nil
	}
	if item.Timing() == plan.Arrears {
		l.Add("plan.charge_model", "a charge in arrears")
	}
	var err error
	var bounds plan.Bounds
	var free decimal.Decimal
	switch price := seg.Price(item).Price().(type) {
	case plan.FlatFee:
		bounds = price.Bounds
		out.Price, err = cents(l, "plan.price", price.Amount)
	case plan.PerUnit:
		out.ChargeModel, bounds, free = string(plan.PerUnitModel), price.Bounds, price.FreeUnits
		out.Price, err = cents(l, "plan.price", price.UnitAmount)
	case plan.Volume:
		out.ChargeModel, bounds, free = string(plan.VolumeModel), price.Bounds, price.FreeUnits
		out.Tiers, err = showTiers(l, price.Tiers, price.Zero, price.Closed)
	case plan.Tiered:
		out.ChargeModel, bounds, free = string(plan.TieredModel), price.Bounds, price.FreeUnits
		out.Tiers, err = showTiers(l, price.Tiers, price.Zero, price.Closed)
	default:
		l.Add("plan.charge_model", "%q", string(price.Model()))
	}
	if out.Tiers != nil {
		out.Price, _ = strconv.ParseInt(metadata[planPrice], 10, 64)
	}
	if bounds.Minimum != nil || bounds.Maximum != nil {
		l.Add("plan.price", "a minimum or a maximum")
	}
	if !free.IsZero() {
		l.Add("plan.price", "free units of the price; free targets are no part of it")
	}
	return seg.Quantity(item), err
}

func showTiers(l *wire.Losses, tiers []plan.Tier, zero plan.Zero, closed bool) (Tiers, error) {
	if closed {
		l.Add("plan.tiers", "a last tier that ends")
	}
	if zero == plan.ZeroFree && !tiers[0].FlatAmount.IsZero() {
		l.Add("plan.tiers", "that no target costs nothing")
	}
	out := Tiers{}
	first := int64(1)
	for _, t := range tiers {
		field := "plan.tiers." + strconv.FormatInt(first, 10)
		if !t.PackageSize.IsZero() {
			l.Add(field, "started packages")
		}
		price, err := cents(l, field, t.UnitAmount)
		if err != nil {
			return nil, err
		}
		flat, err := cents(l, field, t.FlatAmount)
		if err != nil {
			return nil, err
		}
		if n := len(out); n > 0 && out[n-1].First == first {
			out = out[:n-1] // it holds no whole target
		}
		out = append(out, Tier{First: first, Price: price, Flat: flat})
		if t.UpTo == nil {
			break
		}
		if !t.UpTo.IsInteger() {
			l.Add(field, "a tier that ends at %s", t.UpTo)
		}
		if t.UpTo.GreaterThanOrEqual(decimal.NewFromInt(math.MaxUint32)) {
			break // no quantity of the page lies beyond it
		}
		first = t.UpTo.IntPart() + 1
	}
	return out, nil
}
