package plan

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// AddOn is one version of what is sold beside a plan: charges and features that a
// subscription takes on and gives up while it runs. It bills by the periods of the
// subscription's plan. It is a definition, written by people; [CompileAddOn] turns it into
// a [CompiledAddOn] that can be attached. The zero AddOn is not valid: it needs an id, a
// version and a currency. An add-on without charges is free.
type AddOn struct {
	// ID names the add-on in all its versions.
	ID string `json:"id"`
	// Version is the number of this version, from 1.
	Version int `json:"version"`
	// Name is for people. It may be empty.
	Name string `json:"name,omitempty"`
	// Description is for people. It may be empty, and may have several lines.
	Description string `json:"description,omitempty"`
	// Currency is the currency of every Price.
	Currency money.Currency `json:"currency"`
	// Currencies are others in which the add-on is sold, in the Prices of every charge.
	Currencies []money.Currency `json:"currencies,omitempty"`
	// Every is the interval that the prices are for: plans that bill by another one do not
	// fit. The zero value: the prices are for the periods of whatever plan.
	Every calendar.Interval `json:"every,omitzero"`
	// Charges are what one attachment of the add-on costs. A charge without a metric and
	// without a quantity of its own takes the quantity of the attachment. One that is due
	// once is due when the add-on is attached.
	Charges []Charge `json:"charges,omitempty"`
	// Metrics declare the usage that the charges rate, where the plan does not.
	Metrics []Metric `json:"metrics,omitempty"`
	// Features are what one attachment grants, beside what the plan grants: a switch is on
	// if either turns it on, limits and allowances add up, and no limit wins. A limit that
	// is for each unit of a charge of the add-on (Per) follows the quantity of the attachment;
	// any other is granted once, whatever the quantity.
	Features feature.Set `json:"features,omitempty"`
	// Plans are the ids of the plans that it can be sold with. None: every plan of its
	// currencies.
	Plans []string `json:"plans,omitempty"`
	// MinQuantity and MaxQuantity bound the quantity of an attachment, inclusive. Nil: no
	// bound.
	MinQuantity *decimal.Decimal `json:"min_quantity,omitempty"`
	MaxQuantity *decimal.Decimal `json:"max_quantity,omitempty"`
	// Repeatable allows several attachments at a time, in whatever versions.
	Repeatable bool `json:"repeatable,omitempty"`
	// Metadata is stored, and never read or printed.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// MaxFits is the largest number of plans that an add-on names.
const MaxFits = 1000

// Ref returns the reference to the version.
func (a AddOn) Ref() Ref { return Ref{ID: a.ID, Version: a.Version} }

// Validate returns nil, or every fault of the add-on as a [fault.FieldError], joined in the
// order of the fields. Whether there are such plans, a [Catalog] checks.
func (a AddOn) Validate() error { return validate(a) }

// Equal compares by value: decimals regardless of trailing zeros, and an empty list equals
// none.
func (a AddOn) Equal(o AddOn) bool {
	return a.Ref() == o.Ref() && a.Name == o.Name && a.Description == o.Description && a.Currency == o.Currency && slices.Equal(a.Currencies, o.Currencies) && a.Every == o.Every &&
		slices.EqualFunc(a.Charges, o.Charges, Charge.Equal) && slices.Equal(a.Metrics, o.Metrics) &&
		a.Features.Equal(o.Features) && slices.Equal(a.Plans, o.Plans) &&
		equalDecimals(a.MinQuantity, o.MinQuantity) && equalDecimals(a.MaxQuantity, o.MaxQuantity) &&
		a.Repeatable == o.Repeatable && maps.Equal(a.Metadata, o.Metadata)
}

// Clone returns a copy that shares no memory with a. Its decimals have no trailing zeros.
func (a AddOn) Clone() AddOn {
	a.Currencies = slices.Clone(a.Currencies)
	a.Charges = cloneEach(a.Charges, Charge.clone)
	a.Metrics, a.Plans = slices.Clone(a.Metrics), slices.Clone(a.Plans)
	a.Features = a.Features.Clone()
	a.MinQuantity, a.MaxQuantity = canonicalBound(a.MinQuantity), canonicalBound(a.MaxQuantity)
	a.Metadata = maps.Clone(a.Metadata)
	return a
}

func (a AddOn) check(f faults) {
	f.field("id").id(a.ID)
	f.field("version").version(a.Version)
	f.field("name").name(a.Name)
	f.field("description").note(a.Description)
	f.field("currency").currency(a.Currency)
	f.field("currencies").currencies(a.Currency, a.Currencies)
	f.field("charges").pricedIn(a.Charges, a.Currencies)
	f.field("every").interval(a.Every)
	f.field("charges").charges(a.Charges)
	f.field("charges").summed(a.Charges, a.Metrics)
	f.field("charges").ownIntervals(a.Charges, a.Every, true)
	f.field("charges").priceIntervals(a.Charges, a.Every, true)
	f.field("metrics").metrics(a.Metrics)
	f.field("features").below(a.Features.Faults())
	f.field("features").units(a.Features, a.Charges)
	plans := f.field("plans")
	plans.atMost(len(a.Plans), MaxFits)
	ids := make(map[string]bool, len(a.Plans))
	for i, id := range a.Plans {
		plans.index(i).id(id)
		plans.index(i).unique(ids, id)
	}
	if a.MinQuantity != nil {
		f.field("min_quantity").notNegative(*a.MinQuantity)
	}
	if a.MaxQuantity != nil {
		limit := f.field("max_quantity")
		limit.notNegative(*a.MaxQuantity)
		if a.MinQuantity != nil && dec.Check(*a.MinQuantity) == nil && dec.Check(*a.MaxQuantity) == nil {
			limit.require(!a.MaxQuantity.LessThan(*a.MinQuantity), fault.OutOfOrder, "must not be less than min_quantity")
		}
	}
	f.field("metadata").metadata(a.Metadata)
}

// MarshalJSON writes a valid add-on; an invalid one is an error.
func (a AddOn) MarshalJSON() ([]byte, error) { return encode(a, addOnCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault of the document and of the add-on, each
// as a [fault.FieldError]. It leaves a as it was if there are any.
func (a *AddOn) UnmarshalJSON(data []byte) error { return decode(data, a, addOnCodec) }
