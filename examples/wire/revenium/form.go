package revenium

import (
	"encoding/json"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
)

// Subscription is the document of the page, sent and returned. The page prints the
// names of the lists only; the others are those of the vendor's client if it has the
// member, and ours otherwise (see [Fields]).
//
// It contains credentials and addresses: its String shows neither.
type Subscription struct {
	ID                 wire.Opt[string]      `json:"id,omitzero"`
	Name               wire.Opt[string]      `json:"name,omitzero"`
	OwnerID            wire.Opt[string]      `json:"ownerId,omitzero"`
	ClientEmailAddress wire.Opt[string]      `json:"clientEmailAddress,omitzero"`
	OrganizationID     wire.Opt[string]      `json:"organizationId,omitzero"`
	AccountID          wire.Opt[string]      `json:"accountId,omitzero"`
	TeamID             wire.Opt[string]      `json:"teamId,omitzero"`
	ProductID          wire.Opt[string]      `json:"productId,omitzero"`
	CredentialIDs      wire.Opt[[]string]    `json:"credentialIds,omitzero"`
	Expiration         wire.Opt[Instant]     `json:"expiration,omitzero"`
	QuotaThreshold     wire.Opt[wire.Number] `json:"quotaNotificationThreshold,omitzero"`
	OnCreation         wire.Opt[[]string]    `json:"notificationAddressesOnCreation,omitzero"`
	OnQuotaThreshold   wire.Opt[[]string]    `json:"notificationAddressesOnQuotaThreshold,omitzero"`
	Start              wire.Opt[Instant]     `json:"start,omitzero"`
	PeriodStart        wire.Opt[Instant]     `json:"currentPeriodStart,omitzero"`
	PeriodEnd          wire.Opt[Instant]     `json:"currentPeriodEnd,omitzero"`
	TrialEnd           wire.Opt[Instant]     `json:"trialEnd,omitzero"`
	NamedSubscribers   wire.Opt[[]string]    `json:"namedSubscribers,omitzero"`
	NamedOrganizations wire.Opt[[]string]    `json:"namedOrganizationIds,omitzero"`
	NotifyClient       wire.Opt[bool]        `json:"notifyClient,omitzero"`
	IdentityProvider   wire.Opt[string]      `json:"identityProvider,omitzero"`
	InvoiceRecipients  wire.Opt[[]string]    `json:"additionalInvoiceRecipients,omitzero"`
	RecurringCharge    wire.Opt[wire.Number] `json:"recurringCharge,omitzero"`
	OverQuota          wire.Opt[bool]        `json:"overQuota,omitzero"`
	Tags               wire.Opt[[]string]    `json:"tags,omitzero"`
	ExternalQuoteID    wire.Opt[string]      `json:"externalQuoteId,omitzero"`
	ImmediateCancel    wire.Opt[bool]        `json:"allowImmediateCancellation,omitzero"`
	TierThreshold      wire.Opt[wire.Number] `json:"tierQuotaNotificationThreshold,omitzero"`
}

// String returns the id and nothing else.
func (s Subscription) String() string {
	id, _ := s.ID.Value()
	return "revenium subscription " + id
}

// GoString is String.
func (s Subscription) GoString() string { return s.String() }

// Status returns the status at an instant, as it follows from the document, which has
// no member for it. A subscription that expires in its period, or at its end, is
// non-renewing; one that expires later, or never, or has no period, is active.
func (s Subscription) Status(now time.Time) lifecycle.Status {
	expiration, expires := s.Expiration.Value()
	start, starts := s.Start.Value()
	trial, hasTrial := s.TrialEnd.Value()
	period, hasPeriod := s.PeriodEnd.Value()
	switch {
	case expires && !expiration.After(now):
		return lifecycle.Cancelled
	case starts && start.After(now):
		return lifecycle.Future
	case hasTrial && trial.After(now):
		return lifecycle.InTrial
	case expires && hasPeriod && !expiration.After(period.Time):
		return lifecycle.NonRenewing
	}
	return lifecycle.Active
}

// Instant is an instant to the second.
type Instant struct{ time.Time }

// MarshalJSON writes it in UTC without digits of a second.
func (i Instant) MarshalJSON() ([]byte, error) { return json.Marshal(wire.Seconds.Format(i.Time)) }

// DecodeWire reads an instant.
func (i *Instant) DecodeWire(n wire.Node, f *wire.Faults) { n.Decode(&i.Time, f) }
