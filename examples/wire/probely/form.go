package probely

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
)

// Subscription is the document of the page. Amounts are cents. A nil pointer is null.
type Subscription struct {
	Plan              Plan       `json:"plan"`
	Status            string     `json:"subscription_status"`
	HasUsedTrial      bool       `json:"has_used_trial"`
	TrialEnd          *time.Time `json:"trial_end"`
	NextBillingAt     *time.Time `json:"next_billing_at"`
	NextBillingAmount uint32     `json:"next_billing_amount"`
	PlanAmount        uint32     `json:"plan_amount"`
	AutoCollection    bool       `json:"auto_collection"`

	FreeTargets       uint32 `json:"number_free_ultd_targets"`
	MaxTargets        int64  `json:"max_ultd_targets"`
	PaidTargets       uint32 `json:"number_paid_ultd_targets"`
	UsedTargets       uint32 `json:"number_used_ultd_targets"`
	AvailableTargets  uint32 `json:"number_available_ultd_targets"`
	UnreservedTargets uint32 `json:"number_available_ultd_targets_minus_team_quotas"`

	UsedCreditTargets      int64 `json:"number_used_credit_targets"`
	AvailableCreditTargets int64 `json:"number_available_credit_targets"`

	PastYearChanges   int64      `json:"past_year_ultd_target_changes"`
	MaxYearlyChanges  int64      `json:"max_yearly_ultd_target_changes"`
	NextAllowedChange *time.Time `json:"next_allowed_ultd_target_change"`

	Channel *string `json:"channel"`
}

// Plan is the plan as the document shows it.
type Plan struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Family       *string  `json:"family"`
	Description  string   `json:"description"`
	IsTrial      bool     `json:"is_trial"`
	ChargeModel  string   `json:"charge_model"`
	Price        int64    `json:"price"`
	CurrencyCode string   `json:"currency_code"`
	Period       *int32   `json:"period,omitempty"`
	PeriodUnit   string   `json:"period_unit,omitempty"`
	Profiles     []string `json:"allowed_builtin_scan_profiles"`
	Packs        []Pack   `json:"allowed_credits_packs"`
	Discount     int64    `json:"discount"`
	Savings      int64    `json:"savings"`
	Tiers        Tiers    `json:"tiers"`
}

// Pack is a pack of credits that the plan sells.
type Pack struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Price        int32  `json:"price"`
	CurrencyCode string `json:"currency_code"`
	PackAmount   uint32 `json:"pack_amount"`
	Discount     int64  `json:"discount"`
	Savings      int64  `json:"savings"`
}

// Tiers are a table of prices, ascending. In the document it is an object: the names
// are the first units of the tiers, the values the price of a unit, or that and an
// amount that is due once: {"1":4900,"6":{"price":3900,"flat":1000}}.
type Tiers []Tier

// Tier is one line of the table.
type Tier struct {
	First       int64 // the first unit of the tier; that of the first tier is 1
	Price, Flat int64 // cents
}

// MarshalJSON writes the tiers in order; null if there are none.
func (t Tiers) MarshalJSON() ([]byte, error) {
	if len(t) == 0 {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, tier := range t {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", strconv.FormatInt(tier.First, 10))
		if tier.Flat == 0 {
			fmt.Fprintf(&b, "%d", tier.Price)
			continue
		}
		value, err := json.Marshal(tierValue{tier.Price, tier.Flat})
		if err != nil {
			return nil, err
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

type tierValue struct {
	Price int64 `json:"price"`
	Flat  int64 `json:"flat"`
}

// DecodeWire reads an object with a member for each tier, in any order, or null.
func (t *Tiers) DecodeWire(n wire.Node, f *wire.Faults) {
	if n.IsNull() {
		return
	}
	if !n.IsObject() {
		f.Add(n.Path(), errObject)
		return
	}
	sound := true
	fault := func(path string, err error) {
		f.Add(path, err)
		sound = false
	}
	for _, value := range n.Members() {
		first, err := strconv.ParseInt(value.Name(), 10, 64)
		if err != nil || first < 1 || strconv.FormatInt(first, 10) != value.Name() {
			fault(value.Path(), errFirstUnit)
			continue
		}
		read := tierValue{}
		if value.IsObject() {
			value.Decode(&read, f)
		} else {
			value.Decode(&read.Price, f)
		}
		if read.Price < 0 || read.Flat < 0 {
			fault(value.Path(), errNegative)
		}
		*t = append(*t, Tier{First: first, Price: read.Price, Flat: read.Flat})
	}
	slices.SortFunc(*t, func(a, b Tier) int { return cmp.Compare(a.First, b.First) })
	if sound && len(*t) > 0 && (*t)[0].First != 1 {
		f.Add(n.Path(), errFirstTier)
	}
}
