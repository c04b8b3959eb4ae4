package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
)

// MaxOffered is the largest number of products, and of plans, of one offering.
const MaxOffered = 1000

// Product is what plans sell: an owner may have one live subscription to a product at
// a time. Products are comparable with ==.
type Product struct {
	// Code names the product in plans.
	Code string `json:"code"`
	// Name is for people. It may be empty.
	Name string `json:"name,omitempty"`
	// Description is for people. It may be empty.
	Description string `json:"description,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (p Product) Validate() error { return validate(p) }

func (p Product) check(f faults) {
	f.field("code").id(p.Code)
	f.field("name").name(p.Name)
	f.field("description").note(p.Description)
}

// MarshalJSON writes a valid product; an invalid one is an error.
func (p Product) MarshalJSON() ([]byte, error) { return encode(p, productCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (p *Product) UnmarshalJSON(data []byte) error { return decode(data, p, productCodec) }

// Offering is a snapshot of products and of the plans under which they are sold
// together. A subscriber changes from one plan of an offering to another. It is
// stored by value: what was sold does not change with the offering.
type Offering struct {
	// ID names the offering.
	ID string `json:"id"`
	// ExternalRef names it in another system. It may be empty.
	ExternalRef string `json:"external_ref,omitempty"`
	// Name is for people. It may be empty.
	Name string `json:"name,omitempty"`
	// Description is for people. It may be empty.
	Description string `json:"description,omitempty"`
	// Products are what is sold.
	Products []Product `json:"products,omitempty"`
	// Plans are the versions under which it is sold.
	Plans []Ref `json:"plans,omitempty"`
	// CreatedAt and UpdatedAt are record times of the service that keeps the
	// offering. The zero time: not known.
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	// Metadata is stored, and never read or printed.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (o Offering) Validate() error { return validate(o) }

// Offers reports whether the offering has this version of a plan.
func (o Offering) Offers(r Ref) bool { return slices.Contains(o.Plans, r) }

// Equal compares by value: instants regardless of their zones, and an empty list equals
// none.
func (o Offering) Equal(other Offering) bool {
	return o.ID == other.ID && o.ExternalRef == other.ExternalRef && o.Name == other.Name &&
		o.Description == other.Description && slices.Equal(o.Products, other.Products) &&
		slices.Equal(o.Plans, other.Plans) && o.CreatedAt.Equal(other.CreatedAt) &&
		o.UpdatedAt.Equal(other.UpdatedAt) && maps.Equal(o.Metadata, other.Metadata)
}

// Clone returns a copy that shares no memory with o, its instants in UTC.
func (o Offering) Clone() Offering {
	o.Products, o.Plans = slices.Clone(o.Products), slices.Clone(o.Plans)
	o.CreatedAt, o.UpdatedAt = canonicalInstant(o.CreatedAt), canonicalInstant(o.UpdatedAt)
	o.Metadata = maps.Clone(o.Metadata)
	return o
}

func (o Offering) check(f faults) {
	f.field("id").id(o.ID)
	f.field("external_ref").name(o.ExternalRef)
	f.field("name").name(o.Name)
	f.field("description").note(o.Description)
	f.field("products").products(o.Products, MaxOffered)
	plans := f.field("plans")
	plans.atMost(len(o.Plans), MaxOffered)
	seen := make(map[Ref]bool, len(o.Plans))
	for i, r := range o.Plans {
		at := plans.index(i)
		switch {
		case !r.IsValid():
			at.add(errRef)
		case seen[r]:
			at.addf(fault.Duplicate, "%q is used more than once", r)
		}
		seen[r] = true
	}
	f.field("created_at").instant(o.CreatedAt)
	f.field("updated_at").instant(o.UpdatedAt)
	if !o.CreatedAt.IsZero() && !o.UpdatedAt.IsZero() && o.UpdatedAt.Before(o.CreatedAt) {
		f.field("updated_at").add(fault.OutOfOrder.Errorf("must not be before created_at"))
	}
	f.field("metadata").metadata(o.Metadata)
}

// products checks a list of products.
func (f faults) products(list []Product, limit int) {
	f.atMost(len(list), limit)
	codes := make(map[string]bool, len(list))
	for i, p := range list {
		p.check(f.index(i))
		f.index(i).field("code").unique(codes, p.Code)
	}
}

// MarshalJSON writes a valid offering, with instants in UTC; an invalid one is an
// error.
func (o Offering) MarshalJSON() ([]byte, error) { return encode(o, offeringCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (o *Offering) UnmarshalJSON(data []byte) error { return decode(data, o, offeringCodec) }
