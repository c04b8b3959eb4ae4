package billing_test

import (
	"encoding/json"
	"time"
)

// The naive engine of these tests is written from the rules of the stories'
// format alone and shares no code with the package: it walks days one by one,
// keeps money in fractions, and knows nothing of segments. A story is written
// as that format writes it, so that one that fails can be pasted into a file.

type tale struct {
	ID       string       `json:"id"`
	Source   string       `json:"source"`
	Kind     string       `json:"kind"`
	Note     string       `json:"note"`
	Currency string       `json:"currency,omitempty"`
	Zone     string       `json:"time_zone,omitempty"`
	Rounding string       `json:"rounding,omitempty"`
	Plans    []talePlan   `json:"plans"`
	AddOns   []taleAddOn  `json:"add_ons,omitempty"`
	Sub      taleSub      `json:"subscription"`
	Policy   talePolicy   `json:"policy"`
	Actions  []taleAction `json:"actions"`
	Until    string       `json:"until"`

	// Aggregations are beyond the format: how the records of a metric make one
	// quantity, where not by their sum. So is what stands below as beyond it: only the
	// engine is told such stories.
	Aggregations map[string]string `json:"aggregations,omitempty"`
	Tax          string            `json:"tax,omitempty"` // beyond: line or invoice
}

type taleEvery struct {
	Count int    `json:"count"`
	Unit  string `json:"unit"`
}

type talePlan struct {
	ID      string       `json:"id"`
	Every   taleEvery    `json:"every"`
	Charges []taleCharge `json:"charges"`
	Trial   *taleEvery   `json:"trial,omitempty"`
	Cycles  int          `json:"cycles,omitempty"`
	AtEnd   string       `json:"at_end,omitempty"`
	Phases  []talePhase  `json:"phases,omitempty"`
	Minimum *taleMinimum `json:"minimum,omitempty"`

	SpendCap *taleCap `json:"spend_cap,omitempty"`

	Commitment *taleCommitment `json:"commitment,omitempty"`
	Increase   *taleIncrease   `json:"increase,omitempty"`

	Thresholds *taleThresholds `json:"thresholds,omitempty"`

	// Beyond the format.
	TrialEnd   string     `json:"trial_end,omitempty"`
	Length     *taleEvery `json:"length,omitempty"`
	LengthFrom string     `json:"length_from,omitempty"`
	LastPeriod string     `json:"last_period,omitempty"`
	Pack       string     `json:"pack,omitempty"` // the price of a credit pack
}

type taleThresholds struct {
	Amounts   []string `json:"amounts,omitempty"`
	Recurring string   `json:"recurring,omitempty"`
	Over      string   `json:"over,omitempty"`
	Volume    string   `json:"volume,omitempty"`
}

// UnmarshalJSON reads a list of amounts too.
func (t *taleThresholds) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &t.Amounts) == nil {
		return nil
	}
	type fields taleThresholds
	return json.Unmarshal(data, (*fields)(t))
}

type talePhase struct {
	Every   taleEvery    `json:"every"`
	Charges []taleCharge `json:"charges"`
	Cycles  int          `json:"cycles,omitempty"`
	Length  *taleEvery   `json:"length,omitempty"`
}

type taleCharge struct {
	ID       string    `json:"id"`
	Price    talePrice `json:"price"`
	Timing   string    `json:"timing,omitempty"`
	Quantity string    `json:"quantity,omitempty"`
	Usage    string    `json:"usage,omitempty"`
	Once     bool      `json:"once,omitempty"`
	// Every is an interval of its own. Only the engine is told such stories; see own_property_test.go.
	Every *taleEvery `json:"every,omitempty"`
	// PriceEvery is the interval that the price is for; nil: that of the plan.
	PriceEvery *taleEvery `json:"price_every,omitempty"`
	// CountOver is a term over which usage is counted; nil: each period by itself.
	CountOver *taleEvery `json:"count_over,omitempty"`
}

type talePrice struct {
	Model         string     `json:"model"`
	Amount        string     `json:"amount,omitempty"`
	UnitAmount    string     `json:"unit_amount,omitempty"`
	PackageSize   string     `json:"package_size,omitempty"`
	PackageAmount string     `json:"package_amount,omitempty"`
	FreeUnits     string     `json:"free_units,omitempty"`
	Rate          string     `json:"rate,omitempty"`
	FixedAmount   string     `json:"fixed_amount,omitempty"`
	FreeEvents    string     `json:"free_events,omitempty"`
	FreeAmount    string     `json:"free_amount,omitempty"`
	FreeBy        string     `json:"free_by,omitempty"`
	EventMinimum  string     `json:"event_minimum,omitempty"`
	EventMaximum  string     `json:"event_maximum,omitempty"`
	Tiers         []taleTier `json:"tiers,omitempty"`
	Minimum       string     `json:"minimum,omitempty"`
	Maximum       string     `json:"maximum,omitempty"`
	Zero          string     `json:"zero,omitempty"`

	// Of a matrix, which has one dimension here.
	Dimensions []string   `json:"dimensions,omitempty"`
	Rows       []taleRow  `json:"rows,omitempty"`
	Default    *talePrice `json:"default,omitempty"`
}

type taleRow struct {
	Values []string  `json:"values"`
	Price  talePrice `json:"price"`
}

type taleTier struct {
	UpTo        string `json:"up_to,omitempty"`
	UnitAmount  string `json:"unit_amount,omitempty"`
	FlatAmount  string `json:"flat_amount,omitempty"`
	Rate        string `json:"rate,omitempty"`
	Amount      string `json:"amount,omitempty"`
	PackageSize string `json:"package_size,omitempty"`
}

type taleSub struct {
	Plan        string `json:"plan"`
	Start       string `json:"start"`
	Quantity    string `json:"quantity,omitempty"`
	Anchor      string `json:"anchor,omitempty"`
	FirstPeriod string `json:"first_period,omitempty"`
	AutoRenew   *bool  `json:"auto_renew,omitempty"`

	Minimum *taleMinimum `json:"minimum,omitempty"` // told of one plan only

	// Beyond the format.
	Agreed  string `json:"agreed,omitempty"`
	EndDate string `json:"end_date,omitempty"`
}

type talePolicy struct {
	Basis        string `json:"basis,omitempty"`
	ChangeDay    string `json:"change_day,omitempty"`
	CreditBasis  string `json:"credit_basis,omitempty"`
	MonthEnd     string `json:"month_end,omitempty"`
	Negative     string `json:"negative,omitempty"`
	Zero         string `json:"zero_invoices,omitempty"`
	UsageBounds  string `json:"usage_bounds,omitempty"`
	UsageCount   string `json:"usage_count,omitempty"`
	ChangeAddOns string `json:"change_add_ons,omitempty"`
	ChangePrices string `json:"change_prices,omitempty"`
	FirstInvoice string `json:"first_invoice,omitempty"`

	Split string `json:"discount_split,omitempty"` // beyond the format
}

// taleAction has the fields of every action; each uses its own.
type taleAction struct {
	At string `json:"at"`
	Do string `json:"do"`

	Difference string     `json:"difference,omitempty"`
	To         string     `json:"to,omitempty"`
	Quantity   string     `json:"quantity,omitempty"`
	Charge     string     `json:"charge,omitempty"`
	Price      *talePrice `json:"price,omitempty"`
	Effective  string     `json:"effective,omitempty"`
	Credit     string     `json:"credit,omitempty"`
	ChargeNew  string     `json:"charge_new,omitempty"`
	Collect    string     `json:"collect,omitempty"`
	Anchor     string     `json:"anchor,omitempty"`
	Proration  string     `json:"proration,omitempty"`
	Percent    string     `json:"percent,omitempty"`
	Amount     string     `json:"amount,omitempty"`
	Duration   string     `json:"duration,omitempty"`
	Charges    []string   `json:"charges,omitempty"`
	Kinds      []string   `json:"kinds,omitempty"`
	Cycles     int        `json:"cycles,omitempty"`
	For        *taleEvery `json:"for,omitempty"` // how long a discount lasts, instead of its duration
	ResumeAt   string     `json:"resume_at,omitempty"`
	Of         string     `json:"of,omitempty"`
	Key        string     `json:"key,omitempty"`

	Properties map[string]string `json:"properties,omitempty"`
	AddOn      string            `json:"add_on,omitempty"`
	ID         string            `json:"id,omitempty"`
	Attachment string            `json:"attachment,omitempty"`
}

func (s tale) String() string {
	if s.ID == "" {
		s.ID = "story"
	}
	s.Kind = "scenario"
	data, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func naiveOr(word, fallback string) string {
	if word == "" {
		return fallback
	}
	return word
}

func (s tale) location() *time.Location {
	loc, err := time.LoadLocation(naiveOr(s.Zone, "UTC"))
	if err != nil {
		panic(err)
	}
	return loc
}

// instant reads a date or an instant, as the story writes them.
func (s tale) instant(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if len(text) == len("2026-01-31") {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			panic(err)
		}
		return naiveWall(day, s.location())
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func (s tale) plan(id string) *talePlan {
	for i := range s.Plans {
		if s.Plans[i].ID == id {
			return &s.Plans[i]
		}
	}
	panic("no plan " + id)
}
