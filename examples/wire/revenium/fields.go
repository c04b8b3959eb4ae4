package revenium

import "github.com/perennial-billing/perennial/examples/wire/wire"

// Fields returns every field of the page and how it is handled. The page does not print
// the names of most fields; "ours" marks those that no public client has either.
func Fields() []wire.Field {
	return []wire.Field{
		{Path: "path id", Class: wire.Mapped, To: "Subscription.ID"},
		{Path: "header accept", Class: wire.Transport, To: "the media type of the response"},
		{Path: "name", Class: wire.Mapped, To: "Details.Name"},
		{Path: "ownerId", Class: wire.Carried, To: "revenium.ownerId"},
		{Path: "clientEmailAddress", Class: wire.Carried, To: "revenium.clientEmailAddress"},
		{Path: "organizationId", Class: wire.Mapped, To: "Details.Organization; null is UNCLASSIFIED"},
		{Path: "accountId", Class: wire.Mapped, To: "Details.Account; the name is ours"},
		{Path: "teamId", Class: wire.Mapped, To: "Details.Team"},
		{Path: "productId", Class: wire.Mapped, To: "Plan.Product, or the plan's id where it names none"},
		{Path: "credentialIds", Class: wire.Carried, To: "revenium.credentialIds"},
		{Path: "expiration", Class: wire.Mapped, To: "the earliest ending; set as the end date"},
		{Path: "quotaNotificationThreshold", Class: wire.Mapped, To: "feature.Threshold of the quota; the name is ours"},
		{Path: "notificationAddressesOnCreation", Class: wire.Carried, To: "revenium.notificationAddressesOnCreation"},
		{Path: "notificationAddressesOnQuotaThreshold", Class: wire.Carried, To: "revenium.notificationAddressesOnQuotaThreshold"},
		{Path: "start", Class: wire.Mapped, To: "Params.Start"},
		{Path: "currentPeriodStart", Class: wire.Computed, To: "Subscription.Period; the name is ours"},
		{Path: "currentPeriodEnd", Class: wire.Mapped, To: "Subscription.Period; moved by SetAnchor; the name is ours"},
		{Path: "trialEnd", Class: wire.Mapped, To: "the end of the trial, ahead or past; the name is ours"},
		{Path: "namedSubscribers", Class: wire.Carried, To: "revenium.namedSubscribers; empty: anybody"},
		{Path: "namedOrganizationIds", Class: wire.Carried, To: "revenium.namedOrganizationIds; empty: any"},
		{Path: "notifyClient", Class: wire.Carried, To: "revenium.notifyClient; the name is ours"},
		{Path: "identityProvider", Class: wire.Carried, To: "revenium.identityProvider; the name is ours"},
		{Path: "additionalInvoiceRecipients", Class: wire.Carried, To: "revenium.additionalInvoiceRecipients"},
		{Path: "recurringCharge", Class: wire.Mapped, To: "the price of the recurring charge; the name is ours"},
		{Path: "overQuota", Class: wire.Computed, To: "Entitlement.OverQuota; the name is ours"},
		{Path: "tags", Class: wire.Mapped, To: "Details.Tags"},
		{Path: "externalQuoteId", Class: wire.Mapped, To: "Details.ExternalRef"},
		{Path: "allowImmediateCancellation", Class: wire.Carried, To: "revenium.allowImmediateCancellation, over Rules.CancelNow"},
		{Path: "tierQuotaNotificationThreshold", Class: wire.Mapped, To: "feature.Threshold in the tier scope"},
		{Path: "id", Class: wire.Transport, To: "repeats the path's id"},
	}
}
