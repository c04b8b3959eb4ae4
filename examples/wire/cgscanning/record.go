package cgscanning

import (
	"encoding/json"
	"errors"

	"github.com/perennial-billing/perennial/examples/wire/wire"
)

// Attributes are a subscription as the API shows it. Interval and Features are details
// that a request may ask for in addition.
type Attributes struct {
	ID                 string       `json:"id"`
	Price              wire.Decimal `json:"price"`
	Status             Status       `json:"status"`
	StartDate          Instant      `json:"start_date"`
	EndDate            *Instant     `json:"end_date"`
	CreatedAt          Instant      `json:"created_at"`
	UpdatedAt          Instant      `json:"updated_at"`
	TrialEnabled       bool         `json:"trial_enabled"`
	TrialDurationDays  int          `json:"trial_duration_days"`
	AutoRenewal        bool         `json:"auto_renewal"`
	CancellationReason *string      `json:"cancellation_reason"`
	Product            Product      `json:"product"`
	Interval           Interval     `json:"billing_interval,omitempty"`
	Features           *Features    `json:"features,omitempty"`
}

// Product is the family of plans that is sold.
type Product struct {
	Code        string `json:"code"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Item is an element of a list.
type Item struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Attributes Attributes `json:"attributes"`
}

// List is a list of subscriptions.
type List struct {
	Data []Item `json:"data"`
}

var (
	errIDs   = errors.New("must be the id of the item")
	errPrice = errors.New("must not be negative")
	errDays  = errors.New("must not be negative")
)

// DecodeList reads a list strictly. An id that differs from the one it repeats is a
// fault, and so is a negative price.
func DecodeList(data []byte) (List, error) {
	var list List
	if err := wire.Read(data, &list); err != nil {
		return List{}, err
	}
	var faults wire.Faults
	for i, item := range list.Data {
		at := "data[" + itoa(i) + "].attributes."
		if item.ID != item.Attributes.ID {
			faults.Add(at+"id", errIDs)
		}
		if item.Attributes.Price.IsNegative() {
			faults.Add(at+"price", errPrice)
		}
		if item.Attributes.TrialDurationDays < 0 {
			faults.Add(at+"trial_duration_days", errDays)
		}
		if !item.Attributes.Status.IsValid() {
			faults.Add(at+"status", errStatus)
		}
	}
	if err := faults.Err(); err != nil {
		return List{}, err
	}
	return list, nil
}

// Update is the body of an update. A member that is left out is unchanged.
type Update struct {
	Subscription Members `json:"subscription"`
}

// Members are what an update may change.
type Members struct {
	Status             wire.Opt[Status]       `json:"status,omitzero"`
	EndDate            wire.Opt[Instant]      `json:"end_date,omitzero"`
	Price              wire.Opt[wire.Decimal] `json:"price,omitzero"`
	TrialEnabled       wire.Opt[bool]         `json:"trial_enabled,omitzero"`
	TrialDurationDays  wire.Opt[int]          `json:"trial_duration_days,omitzero"`
	AutoRenewal        wire.Opt[bool]         `json:"auto_renewal,omitzero"`
	CancellationReason wire.Opt[string]       `json:"cancellation_reason,omitzero"`
	Interval           wire.Opt[Interval]     `json:"billing_interval,omitzero"`
	Features           wire.Opt[Features]     `json:"features,omitzero"`
}

// DecodeUpdate reads the body of an update strictly. null is accepted only where it
// clears something.
func DecodeUpdate(data []byte) (Update, error) {
	var u Update
	if err := wire.Read(data, &u); err != nil {
		return Update{}, err
	}
	m, faults := u.Subscription, wire.Faults{}
	wire.Definite(&faults, "subscription.status", m.Status)
	wire.Definite(&faults, "subscription.price", m.Price)
	if price, ok := m.Price.Value(); ok && price.IsNegative() {
		faults.Add("subscription.price", errPrice)
	}
	wire.Definite(&faults, "subscription.trial_enabled", m.TrialEnabled)
	wire.Definite(&faults, "subscription.trial_duration_days", m.TrialDurationDays)
	if days, ok := m.TrialDurationDays.Value(); ok && days < 0 {
		faults.Add("subscription.trial_duration_days", errDays)
	}
	wire.Definite(&faults, "subscription.auto_renewal", m.AutoRenewal)
	wire.Definite(&faults, "subscription.billing_interval", m.Interval)
	wire.Definite(&faults, "subscription.features", m.Features)
	if err := faults.Err(); err != nil {
		return Update{}, err
	}
	return u, nil
}

// Echo returns the update that sends back what was shown.
func (a Attributes) Echo() Update {
	m := Members{
		Status: wire.Of(a.Status), Price: wire.Of(a.Price), EndDate: wire.Null[Instant](), CancellationReason: wire.Null[string](),
		TrialEnabled: wire.Of(a.TrialEnabled), TrialDurationDays: wire.Of(a.TrialDurationDays), AutoRenewal: wire.Of(a.AutoRenewal),
	}
	if a.EndDate != nil {
		m.EndDate = wire.Of(*a.EndDate)
	}
	if a.CancellationReason != nil {
		m.CancellationReason = wire.Of(*a.CancellationReason)
	}
	if a.Interval != "" {
		m.Interval = wire.Of(a.Interval)
	}
	if a.Features != nil {
		m.Features = wire.Of(*a.Features)
	}
	return Update{Subscription: m}
}

// Marshal returns a document of the API as JSON.
func Marshal(v any) ([]byte, error) { return json.MarshalIndent(v, "", "    ") }
