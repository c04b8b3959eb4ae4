package probely

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Account is the content of a document, in values of the engine. Decode makes it.
type Account struct {
	// At is the instant at which the document was written.
	At time.Time
	// Plan is the plan as far as it is shown, with one charge, [Charge], and without
	// its trial, whose length is not shown; IsTrial says that there is one. The version
	// is 1, since the page has no versions.
	Plan    plan.Plan
	IsTrial bool
	// Status is empty for an account without a subscription.
	Status       lifecycle.Status
	HasUsedTrial bool
	// TrialEnd and NextBillingAt are zero where the document has null.
	TrialEnd, NextBillingAt       time.Time
	NextBillingAmount, PlanAmount money.Money
	AutoCollection                bool
	// Channel is empty for null.
	Channel string
	// Facts are the counts, including paid targets. The quotas of all teams are those
	// of one team, [Teams].
	Facts Facts
}

// Teams is the team that represents all teams in the seats of an account that was read:
// the document has only the sum of what is reserved for them.
const Teams = "teams"

// required are the members that a document must have.
var required = map[string][]string{
	"": {
		"plan", "max_ultd_targets", "number_used_credit_targets", "number_available_credit_targets",
		"past_year_ultd_target_changes", "max_yearly_ultd_target_changes", "next_allowed_ultd_target_change",
	},
	"plan": {
		"id", "charge_model", "price", "currency_code", "allowed_builtin_scan_profiles", "allowed_credits_packs", "discount", "savings",
	},
	"pack": {"id", "discount", "savings"},
}

// Read reads a document and checks it against the page's schema. The error joins a
// [*fault.FieldError] for every fault.
func Read(data []byte) (Subscription, error) {
	var doc Subscription
	if err := wire.Read(data, &doc); err != nil {
		return Subscription{}, err
	}
	var f wire.Faults
	n, err := wire.Parse(data)
	if err != nil {
		return Subscription{}, err
	}
	demand(&f, n, "")
	if p, ok := n.Member("plan"); ok {
		demand(&f, p, "plan")
		packs, _ := p.Member("allowed_credits_packs")
		for _, pack := range packs.Elements() {
			demand(&f, pack, "pack")
		}
	}
	doc.check(&f)
	return doc, f.Err()
}

func demand(f *wire.Faults, n wire.Node, what string) {
	for _, name := range required[what] {
		if _, ok := n.Member(name); !ok {
			f.Add(wire.Key(n.Path(), name), errMissing)
		}
	}
}

// check reports values that the schema does not allow or that contradict one another.
func (doc *Subscription) check(f *wire.Faults) {
	doc.Plan.check(f)
	if s := lifecycle.Status(doc.Status); doc.Status != "" && (!slices.Contains(lifecycle.Words[lifecycle.Status](), s) || s == lifecycle.Paused) {
		f.Add("subscription_status", fmt.Errorf("unknown word %q", doc.Status))
	}
	if doc.Channel != nil && !slices.Contains(Channels(), *doc.Channel) {
		f.Add("channel", fmt.Errorf("unknown word %q", *doc.Channel))
	}
	if doc.NextBillingAt == nil && doc.NextBillingAmount != 0 {
		f.Add("next_billing_amount", fmt.Errorf("must be 0, for there is no next billing"))
	}
	for _, c := range []struct {
		field string
		n     int64
	}{
		{"max_ultd_targets", doc.MaxTargets},
		{"number_used_credit_targets", doc.UsedCreditTargets},
		{"number_available_credit_targets", doc.AvailableCreditTargets},
		{"past_year_ultd_target_changes", doc.PastYearChanges},
		{"max_yearly_ultd_target_changes", doc.MaxYearlyChanges},
	} {
		if c.n < 0 {
			f.Add(c.field, errNegative)
		}
	}
	if doc.MaxTargets > 2*math.MaxUint32 {
		f.Add("max_ultd_targets", fmt.Errorf("too large"))
	}
	if doc.PastYearChanges > feature.MaxChanges || doc.MaxYearlyChanges > feature.MaxChanges {
		f.Add("past_year_ultd_target_changes", fmt.Errorf("too many changes"))
	}
	if left := max(0, doc.MaxTargets-int64(doc.UsedTargets)); int64(doc.AvailableTargets) != left {
		f.Add("number_available_ultd_targets", fmt.Errorf("must be %d: %d at most, %d used", left, doc.MaxTargets, doc.UsedTargets))
	}
	if doc.UnreservedTargets > doc.AvailableTargets {
		f.Add("number_available_ultd_targets_minus_team_quotas", fmt.Errorf("exceeds the available targets"))
	}
	spent := doc.PastYearChanges >= doc.MaxYearlyChanges && doc.MaxYearlyChanges > 0
	if spent != (doc.NextAllowedChange != nil) {
		f.Add("next_allowed_ultd_target_change", fmt.Errorf("must be there exactly where the maximum is reached"))
	}
}

func (p *Plan) check(f *wire.Faults) {
	long := func(field, text string, most int) {
		if utf8.RuneCountInString(text) > most {
			f.Add(field, fmt.Errorf("must have at most %d characters", most))
		}
	}
	long("plan.id", p.ID, maxID)
	long("plan.name", p.Name, maxName)
	long("plan.description", p.Description, maxDescription)
	if p.Price < 0 {
		f.Add("plan.price", errNegative)
	}
	currency := p.currency()
	if currency == 0 {
		f.Add("plan.currency_code", fmt.Errorf("unknown word %q", p.CurrencyCode))
	}
	if (p.Period == nil) != (p.PeriodUnit == "") {
		f.Add("plan.period", fmt.Errorf("must be there exactly where period_unit is"))
	} else if p.Period != nil {
		if every, err := calendar.Every(int(*p.Period), calendar.Unit(p.PeriodUnit)); err != nil || every.Unit() == calendar.Day {
			f.Add("plan.period", fmt.Errorf("must be from 1 to 10000, in weeks, months or years"))
		}
	}
	tiered, known := len(p.Tiers) > 0, false
	switch plan.Model(p.ChargeModel) {
	case plan.VolumeModel, plan.TieredModel:
		tiered, known = true, true
	case plan.PerUnitModel, plan.FlatFeeModel:
		tiered, known = false, true
	case plan.PackageModel, plan.StairstepModel, plan.PercentageModel, plan.GraduatedPercentageModel, plan.MatrixModel: // the page does not have them
	}
	if !known {
		f.Add("plan.charge_model", fmt.Errorf("unknown word %q", p.ChargeModel))
	}
	if tiered != (len(p.Tiers) > 0) {
		f.Add("plan.tiers", fmt.Errorf("must be there exactly where the charge model is volume or tiered"))
	}
	for i, pack := range p.Packs {
		path := "plan.allowed_credits_packs[" + strconv.Itoa(i) + "]"
		long(path+".id", pack.ID, maxPackID)
		long(path+".name", pack.Name, maxName)
		if pack.Price < 0 {
			f.Add(path+".price", errNegative)
			continue
		}
		if pack.CurrencyCode != "" && currency != 0 && pack.CurrencyCode != p.CurrencyCode {
			f.Add(path+".currency_code", fmt.Errorf("must be that of the plan: %w", money.ErrCurrencyMismatch))
		}
		if pack.PackAmount == 0 {
			f.Add(path+".pack_amount", fmt.Errorf("must be at least 1"))
			continue
		}
		if pack.Savings < 0 || pack.Savings > math.MaxInt32 {
			f.Add(path+".savings", fmt.Errorf("out of range"))
			continue
		}
		if is := pack.percent(); pack.Discount < is-1 || pack.Discount > is+1 {
			f.Add(path+".discount", fmt.Errorf("is %d by the price and what it saves", is))
		}
	}
}

// currency returns the plan's currency, or 0 if the page does not have it.
func (p *Plan) currency() money.Currency {
	for _, c := range Currencies() {
		if c.String() == p.CurrencyCode {
			return c
		}
	}
	return 0
}

// percent returns what the pack saves in whole percent, a half rounded up.
func (p Pack) percent() int64 {
	list := int64(p.Price) + p.Savings
	if list <= 0 {
		return 0
	}
	return (200*p.Savings + list) / (2 * list)
}

// Decode reads a document that was written at an instant. With a reference plan it
// checks plan.discount to a point and plan.savings to a cent against what the plan
// saves. The error joins a [*fault.FieldError] for every fault.
func Decode(data []byte, at time.Time, reference *plan.Version) (Account, error) {
	doc, err := Read(data)
	if err != nil {
		return Account{}, err
	}
	p, err := doc.Plan.read()
	if err != nil {
		return Account{}, err
	}
	a := Account{
		At: at, Plan: p, IsTrial: doc.Plan.IsTrial, Status: lifecycle.Status(doc.Status), HasUsedTrial: doc.HasUsedTrial,
		NextBillingAmount: money.FromMinor(int64(doc.NextBillingAmount), p.Currency), PlanAmount: money.FromMinor(int64(doc.PlanAmount), p.Currency),
		AutoCollection: doc.AutoCollection,
	}
	if doc.TrialEnd != nil {
		a.TrialEnd = *doc.TrialEnd
	}
	if doc.NextBillingAt != nil {
		a.NextBillingAt = *doc.NextBillingAt
	}
	if doc.Channel != nil {
		a.Channel = *doc.Channel
	}
	var f wire.Faults
	if reference != nil {
		doc.Plan.compare(&f, p, reference)
		a.Facts.Reference = reference
	}
	doc.facts(&f, &a.Facts, at)
	return a, f.Err()
}

// compare checks the savings of the plan against the computed ones.
func (p *Plan) compare(f *wire.Faults, read plan.Plan, reference *plan.Version) {
	v, err := plan.Compile(read)
	if err != nil {
		f.Add("plan", err)
		return
	}
	s, err := v.SavingsOver(reference, decimal.NewFromInt(1))
	if err != nil {
		f.Add("plan.savings", err)
		return
	}
	if d := p.Discount - int64(s.Percent); d < -1 || d > 1 {
		f.Add("plan.discount", fmt.Errorf("is %d against the reference plan", s.Percent))
	}
	if d := p.Savings - s.Saved.Minor(); d < -1 || d > 1 {
		f.Add("plan.savings", fmt.Errorf("is %d against the reference plan", s.Saved.Minor()))
	}
}

// facts sets the counts.
func (doc *Subscription) facts(f *wire.Faults, facts *Facts, at time.Time) {
	facts.Seats = feature.Seats{Free: int64(doc.FreeTargets), Paid: int64(doc.PaidTargets), Used: int64(doc.UsedTargets)}
	if facts.Seats.Cap() != doc.MaxTargets {
		facts.Seats.Max = &doc.MaxTargets
	}
	if reserved := doc.AvailableTargets - doc.UnreservedTargets; reserved > 0 {
		facts.Seats.Teams = map[string]feature.Team{Teams: {Quota: int64(reserved)}}
	}
	f.Add("max_ultd_targets", facts.Seats.Validate())
	facts.CreditTargets = feature.CreditTargets{Max: doc.UsedCreditTargets + doc.AvailableCreditTargets, Used: doc.UsedCreditTargets}
	f.Add("number_used_credit_targets", facts.CreditTargets.Validate())

	// Changes with an unknown instant count as made now: none is allowed too early.
	changes := slices.Repeat([]time.Time{at}, int(doc.PastYearChanges))
	if next := doc.NextAllowedChange; next != nil {
		counts := next.AddDate(-1, 0, 0)
		if !next.After(at) || counts.After(at) {
			f.Add("next_allowed_ultd_target_change", fmt.Errorf("must lie in the coming year"))
		}
		for i := range doc.PastYearChanges - doc.MaxYearlyChanges + 1 {
			changes[i] = counts
		}
	}
	var err error
	facts.Changes, err = feature.NewChangeBudget(int(doc.MaxYearlyChanges), calendar.Zone{}, changes...)
	f.Add("past_year_ultd_target_changes", err)
}

// read returns a definition of the plan as far as it is shown.
func (p *Plan) read() (plan.Plan, error) {
	out := plan.Plan{
		ID: p.ID, Version: 1, Name: p.Name, Description: p.Description, Currency: p.currency(),
		Charges: []plan.Charge{{ID: Charge, Price: p.price()}}, Metadata: map[string]string{},
	}
	if p.Family != nil {
		out.Family = *p.Family
	}
	if out.Family == "pro" {
		out.Rules.Quantity = plan.Operator
	}
	if p.Period != nil {
		out.Every, _ = calendar.Every(int(*p.Period), calendar.Unit(p.PeriodUnit))
	}
	for name, n := range map[string]int64{planDiscount: p.Discount, planSavings: p.Savings} {
		if n != 0 {
			out.Metadata[name] = strconv.FormatInt(n, 10)
		}
	}
	if len(p.Tiers) > 0 && p.Price != 0 {
		out.Metadata[planPrice] = strconv.FormatInt(p.Price, 10)
	}
	if len(p.Profiles) > 0 {
		out.Features = feature.Set{}
		for _, name := range p.Profiles {
			out.Features[feature.Key(ProfilePrefix+name)] = feature.On()
		}
		order, err := json.Marshal(p.Profiles)
		if err != nil {
			return plan.Plan{}, err
		}
		out.Metadata[planProfiles] = string(order)
	}
	for _, pack := range p.Packs {
		price := decimal.New(int64(pack.Price), -2)
		list := decimal.New(int64(pack.Price)+pack.Savings, -2)
		out.CreditPacks = append(out.CreditPacks, plan.CreditPack{
			ID: pack.ID, Name: pack.Name, Credits: int64(pack.PackAmount), Price: &price,
			ListPrice: perCredit(list, int64(pack.PackAmount)),
		})
	}
	if err := out.Validate(); err != nil {
		var f wire.Faults
		for _, found := range fault.Faults(err) {
			f.Add("plan", found)
		}
		return plan.Plan{}, f.Err()
	}
	return out, nil
}

// perCredit returns the list price of one credit, with enough digits that the pack's
// list price results again, and never less.
func perCredit(list decimal.Decimal, credits int64) decimal.Decimal {
	each := list.DivRound(decimal.NewFromInt(credits), 14)
	if each.Mul(decimal.NewFromInt(credits)).LessThan(list) {
		each = each.Add(decimal.New(1, -14))
	}
	return each
}

func (p *Plan) price() plan.Price {
	if len(p.Tiers) == 0 {
		amount := decimal.New(p.Price, -2)
		if plan.Model(p.ChargeModel) == plan.FlatFeeModel {
			return plan.FlatFee{Amount: amount}
		}
		return plan.PerUnit{UnitAmount: amount}
	}
	tiers := make([]plan.Tier, len(p.Tiers))
	for i, t := range p.Tiers {
		tiers[i] = plan.Tier{UnitAmount: decimal.New(t.Price, -2), FlatAmount: decimal.New(t.Flat, -2)}
		if i > 0 {
			tiers[i-1].UpTo = plan.Bound(decimal.NewFromInt(t.First - 1))
		}
	}
	if plan.Model(p.ChargeModel) == plan.VolumeModel {
		return plan.Volume{Tiers: tiers}
	}
	return plan.Tiered{Tiers: tiers}
}
