package plan

import (
	"time"

	"github.com/perennial-billing/perennial/fault"
)

// Release is a version of a plan in a catalog, with the dates from which it applies.
// A plan without dates is a release that is always for sale: both are a [CatalogEntry].
type Release struct {
	// Plan is the version.
	Plan Plan `json:"plan"`
	// AvailableFrom is the instant from which the version is sold. The zero time:
	// always. It does not precede that of an earlier version.
	AvailableFrom time.Time `json:"available_from,omitzero"`
	// AvailableUntil is the instant at which sales end, exclusive, unless a newer
	// version is for sale before. The zero time: no end.
	AvailableUntil time.Time `json:"available_until,omitzero"`
	// AppliesToExistingFrom is the instant from which this version applies to
	// subscriptions sold under an earlier one. The zero time: never; they keep their
	// version.
	AppliesToExistingFrom time.Time `json:"applies_to_existing_from,omitzero"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (r Release) Validate() error { return validate(r) }

// Equal compares by value.
func (r Release) Equal(o Release) bool {
	return r.Plan.Equal(o.Plan) && r.AvailableFrom.Equal(o.AvailableFrom) &&
		r.AvailableUntil.Equal(o.AvailableUntil) && r.AppliesToExistingFrom.Equal(o.AppliesToExistingFrom)
}

func (r Release) clone() Release {
	return Release{
		Plan:                  r.Plan.Clone(),
		AvailableFrom:         canonicalInstant(r.AvailableFrom),
		AvailableUntil:        canonicalInstant(r.AvailableUntil),
		AppliesToExistingFrom: canonicalInstant(r.AppliesToExistingFrom),
	}
}

func (r Release) check(f faults) {
	r.Plan.check(f.field("plan"))
	f.field("available_from").instant(r.AvailableFrom)
	until := f.field("available_until")
	until.instant(r.AvailableUntil)
	until.require(r.AvailableUntil.IsZero() || canonicalInstant(r.AvailableUntil).After(canonicalInstant(r.AvailableFrom)), fault.OutOfOrder, "must be after available_from")
	f.field("applies_to_existing_from").instant(r.AppliesToExistingFrom)
}

// MarshalJSON writes a valid release, with instants in UTC; an invalid one is an
// error.
func (r Release) MarshalJSON() ([]byte, error) { return encode(r, releaseCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (r *Release) UnmarshalJSON(data []byte) error { return decode(data, r, releaseCodec) }
