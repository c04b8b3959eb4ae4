package elasticpath

import (
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/money"
)

// The types of the API's resources.
const (
	TypeSubscription = "subscription"
	TypeOffering     = "subscription_offering"
	TypeState        = "subscription_state"
)

// The owners of a resource.
const (
	OwnerStore        = "store"
	OwnerOrganization = "organization"
)

// Document is the API's response.
type Document struct {
	Data Subscription `json:"data"`
}

// Subscription is a subscription as the API shows it.
type Subscription struct {
	ID            string          `json:"id"`
	Type          string          `json:"type"`
	Attributes    Attributes      `json:"attributes"`
	Relationships json.RawMessage `json:"relationships,omitempty"`
	Meta          Meta            `json:"meta"`
}

// Attributes are what was sold to whom.
type Attributes struct {
	ExternalRef string   `json:"external_ref,omitempty"`
	AccountID   string   `json:"account_id"`
	Offering    Offering `json:"offering"`
	PlanID      string   `json:"plan_id"`
	Currency    string   `json:"currency"`
}

// Offering is the snapshot of what was sold.
type Offering struct {
	ID            string             `json:"id"`
	Type          string             `json:"type"`
	Attributes    OfferingAttributes `json:"attributes"`
	Relationships json.RawMessage    `json:"relationships,omitempty"`
	Meta          OfferingMeta       `json:"meta"`
}

// OfferingAttributes are the labels of an offering.
type OfferingAttributes struct {
	ExternalRef string  `json:"external_ref,omitempty"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	UpdatedAt   Instant `json:"updated_at"`
	CreatedAt   Instant `json:"created_at"`
}

// OfferingMeta is the record of an offering.
type OfferingMeta struct {
	ExternalProductRefs []string   `json:"external_product_refs"`
	Owner               string     `json:"owner"`
	Timestamps          Timestamps `json:"timestamps"`
}

// Timestamps are record times.
type Timestamps struct {
	UpdatedAt Instant `json:"updated_at"`
	CreatedAt Instant `json:"created_at"`
}

// Meta is the state of a subscription.
type Meta struct {
	Owner        string  `json:"owner"`
	Timestamps   Times   `json:"timestamps"`
	Status       Status  `json:"status"`
	State        *State  `json:"state,omitempty"`
	Canceled     bool    `json:"canceled"`
	Paused       bool    `json:"paused"`
	Closed       bool    `json:"closed"`
	InvoiceAfter Instant `json:"invoice_after"`
}

// Times are the record times of a subscription, and when each action was requested.
type Times struct {
	UpdatedAt  Instant  `json:"updated_at"`
	CreatedAt  Instant  `json:"created_at"`
	CanceledAt *Instant `json:"canceled_at,omitempty"`
	PausedAt   *Instant `json:"paused_at,omitempty"`
	ResumedAt  *Instant `json:"resumed_at,omitempty"`
	EndDate    *Instant `json:"end_date,omitempty"`
}

// State is the latest action that was requested.
type State struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Attributes StateAttributes `json:"attributes"`
	Meta       StateMeta       `json:"meta"`
}

// StateAttributes name the action.
type StateAttributes struct {
	Action Action `json:"action"`
}

// StateMeta says when it was requested.
type StateMeta struct {
	CreatedAt Instant `json:"created_at"`
}

// Change is the body of an update: the plan to switch to.
type Change struct {
	Data struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Attributes struct {
			PlanID string `json:"plan_id"`
		} `json:"attributes"`
	} `json:"data"`
}

// Instant is an instant with as many digits of a second as it needs.
type Instant struct{ time.Time }

// MarshalJSON writes RFC 3339 in UTC.
func (i Instant) MarshalJSON() ([]byte, error) { return json.Marshal(wire.Nanos.Format(i.Time)) }

// DecodeWire reads RFC 3339.
func (i *Instant) DecodeWire(n wire.Node, f *wire.Faults) { n.Decode(&i.Time, f) }

// instant returns an instant that may be missing.
func instant(t time.Time) *Instant {
	if t.IsZero() {
		return nil
	}
	return &Instant{t.UTC()}
}

func timeOf(i *Instant) time.Time {
	if i == nil {
		return time.Time{}
	}
	return i.Time
}

var (
	errUUID     = errors.New("must be a UUID")
	errType     = errors.New("must be another type")
	errLong     = errors.New("is too long")
	errShort    = errors.New("must be of at least 3 characters")
	errCurrency = errors.New("must be the three capital letters of a currency")
	errOwner    = errors.New("must be store or organization")
	errStatus   = errors.New("must be active or inactive")
	errAction   = errors.New("must be cancel, pause or resume")
	errObject   = errors.New("must be an object")
	errMissing  = errors.New("missing")
	errPath     = errors.New("must be the id of the path")
)

// Decode reads a document of the API strictly, and reports every fault.
func Decode(data []byte) (Document, error) {
	var d Document
	if err := wire.Read(data, &d); err != nil {
		return Document{}, err
	}
	if err := d.validate(); err != nil {
		return Document{}, err
	}
	return d, nil
}

// DecodeChange reads the body of an update to the subscription that the path names.
func DecodeChange(data []byte, path string) (Change, error) {
	var c Change
	if err := wire.Read(data, &c); err != nil {
		return Change{}, err
	}
	var faults wire.Faults
	isUUID(&faults, "data.id", c.Data.ID)
	if c.Data.ID != path {
		faults.Add("data.id", errPath)
	}
	isType(&faults, "data.type", c.Data.Type, TypeSubscription)
	if c.Data.Attributes.PlanID != "" {
		isUUID(&faults, "data.attributes.plan_id", c.Data.Attributes.PlanID)
	}
	if err := faults.Err(); err != nil {
		return Change{}, err
	}
	return c, nil
}

// validate reports what is wrong beyond the syntax.
func (d Document) validate() error {
	var f wire.Faults
	a, o, m := d.Data.Attributes, d.Data.Attributes.Offering, d.Data.Meta
	isUUID(&f, "data.id", d.Data.ID)
	isType(&f, "data.type", d.Data.Type, TypeSubscription)
	isLong(&f, "data.attributes.external_ref", a.ExternalRef, 2048)
	isUUID(&f, "data.attributes.account_id", a.AccountID)
	isUUID(&f, "data.attributes.offering.id", o.ID)
	isType(&f, "data.attributes.offering.type", o.Type, TypeOffering)
	isLong(&f, "data.attributes.offering.attributes.external_ref", o.Attributes.ExternalRef, 2048)
	if utf8.RuneCountInString(o.Attributes.Name) < 3 {
		f.Add("data.attributes.offering.attributes.name", errShort)
	}
	isLong(&f, "data.attributes.offering.attributes.name", o.Attributes.Name, 1024)
	isLong(&f, "data.attributes.offering.attributes.description", o.Attributes.Description, 1024)
	isObject(&f, "data.attributes.offering.relationships", o.Relationships)
	isOwner(&f, "data.attributes.offering.meta.owner", o.Meta.Owner)
	isUUID(&f, "data.attributes.plan_id", a.PlanID)
	if c, err := money.ParseCurrency(a.Currency); err != nil || c.String() != a.Currency {
		f.Add("data.attributes.currency", errCurrency)
	}
	isObject(&f, "data.relationships", d.Data.Relationships)
	isOwner(&f, "data.meta.owner", m.Owner)
	if !m.Status.IsValid() {
		f.Add("data.meta.status", errStatus)
	}
	if m.State != nil {
		isUUID(&f, "data.meta.state.id", m.State.ID)
		isType(&f, "data.meta.state.type", m.State.Type, TypeState)
		if !m.State.Attributes.Action.IsValid() {
			f.Add("data.meta.state.attributes.action", errAction)
		}
	}
	isThere(&f, "data.meta.timestamps.created_at", m.Timestamps.CreatedAt)
	isThere(&f, "data.meta.timestamps.updated_at", m.Timestamps.UpdatedAt)
	isThere(&f, "data.meta.invoice_after", m.InvoiceAfter)
	return f.Err()
}

func isThere(f *wire.Faults, path string, i Instant) {
	if i.IsZero() {
		f.Add(path, errMissing)
	}
}

func isUUID(f *wire.Faults, path, text string) {
	if _, err := uuid.Parse(text); err != nil || len(text) != 36 {
		f.Add(path, errUUID)
	}
}

func isType(f *wire.Faults, path, is, want string) {
	if is != want {
		f.Add(path, errType)
	}
}

func isLong(f *wire.Faults, path, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		f.Add(path, errLong)
	}
}

func isOwner(f *wire.Faults, path, owner string) {
	if owner != OwnerStore && owner != OwnerOrganization {
		f.Add(path, errOwner)
	}
}

func isObject(f *wire.Faults, path string, raw json.RawMessage) {
	if len(raw) > 0 && raw[0] != '{' {
		f.Add(path, errObject)
	}
}

// Marshal returns a document of the API as JSON.
func Marshal(v any) ([]byte, error) { return json.MarshalIndent(v, "", "    ") }
