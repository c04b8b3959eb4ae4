package revenium

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Unclassified is the organization of a subscription without one.
const Unclassified = "UNCLASSIFIED"

// prefix begins the names of metadata.
const prefix = "revenium."

// Facts are what the service keeps with the subscription.
type Facts struct {
	// Quota is the usage of the quota.
	Quota feature.QuotaUsage
}

// Encode writes a subscription at an instant. What the document cannot express is
// [wire.ErrNotRepresentable] if mode is strict; the package says what is shown instead
// if it is lossy. Before the agreement was made the error is ErrNoSubscription.
func Encode(sub subscription.Subscription, facts Facts, now time.Time, mode wire.Mode) (Subscription, error) {
	if sub.SegmentAt(now) < 0 {
		return Subscription{}, ErrNoSubscription
	}
	snapshot, err := sub.At(now)
	if err != nil {
		return Subscription{}, err
	}
	losses := wire.NewLosses("revenium")
	doc := labels(sub)
	doc.ProductID = wire.Of(product(sub.Plan(now)))
	if err := doc.dates(losses, sub, snapshot); err != nil {
		return Subscription{}, err
	}
	if err := doc.charge(losses, sub, now); err != nil {
		return Subscription{}, err
	}
	if err := doc.quota(losses, sub, facts, now); err != nil {
		return Subscription{}, err
	}
	if doc.ImmediateCancel.IsZero() && sub.Plan(now).Rules().CancelNow != plan.Anyone {
		doc.ImmediateCancel = wire.Of(false)
	}
	return doc, losses.Err(mode)
}

// product returns the product of a plan.
func product(v *plan.Version) string {
	if code := v.Product(); code != "" {
		return code
	}
	return v.ID()
}

// labels sets names, references and metadata.
func labels(sub subscription.Subscription) Subscription {
	d := sub.Details()
	text := func(name string) wire.Opt[string] { return named(d.Metadata[prefix+name]) }
	list := func(name string) wire.Opt[[]string] { return wire.Of(listed(d.Metadata[prefix+name])) }
	flag := func(name string) wire.Opt[bool] {
		switch d.Metadata[prefix+name] {
		case "true":
			return wire.Of(true)
		case "false":
			return wire.Of(false)
		}
		return wire.Opt[bool]{}
	}
	organization := d.Organization
	if organization == "" {
		organization = Unclassified
	}
	tags := d.Tags
	if tags == nil {
		tags = []string{}
	}
	return Subscription{
		ID: wire.Of(string(sub.ID())), Name: wire.Of(d.Name), OrganizationID: wire.Of(organization),
		AccountID: named(d.Account), TeamID: wire.Of(d.Team), Tags: wire.Of(tags), ExternalQuoteID: named(d.ExternalRef),
		OwnerID: wire.Of(d.Metadata[prefix+"ownerId"]), ClientEmailAddress: wire.Of(d.Metadata[prefix+"clientEmailAddress"]),
		CredentialIDs: list("credentialIds"), OnCreation: list("notificationAddressesOnCreation"),
		OnQuotaThreshold: list("notificationAddressesOnQuotaThreshold"), NamedSubscribers: list("namedSubscribers"),
		NamedOrganizations: list("namedOrganizationIds"), InvoiceRecipients: list("additionalInvoiceRecipients"),
		NotifyClient: flag("notifyClient"), IdentityProvider: text("identityProvider"), ImmediateCancel: flag("allowImmediateCancellation"),
	}
}

// named returns a text, left out if it is empty.
func named(text string) wire.Opt[string] {
	if text == "" {
		return wire.Opt[string]{}
	}
	return wire.Of(text)
}

// listed returns a list from metadata; never nil.
func listed(text string) []string {
	list := []string{}
	if json.Unmarshal([]byte(text), &list) != nil {
		return []string{}
	}
	return list
}

// dates sets the dates from which the status follows.
func (doc *Subscription) dates(l *wire.Losses, sub subscription.Subscription, s subscription.Snapshot) error {
	say := func(to *wire.Opt[Instant], field string, t time.Time) {
		if t.IsZero() {
			return
		}
		if !wire.Seconds.Fits(t) {
			_ = wire.Seconds.Say(l, field, t)
		}
		*to = wire.Of(Instant{t.UTC().Truncate(time.Second)})
	}
	start := s.Start
	if start.IsZero() { // cancelled before it came
		made, err := sub.At(sub.CreatedAt())
		if err != nil {
			return err
		}
		start = made.Start
	}
	say(&doc.Start, "start", start)
	say(&doc.PeriodStart, "currentPeriodStart", s.Period.Start)
	say(&doc.PeriodEnd, "currentPeriodEnd", s.Period.End)
	// For a running trial this is the trial's own end, even if the subscription ends
	// earlier; for a past one it is when it ended.
	trial := s.TrialEnd
	if found, ok := wire.TrialOf(sub, s.At); ok && trial.IsZero() {
		trial = found.End
	}
	say(&doc.TrialEnd, "trialEnd", trial)
	say(&doc.Expiration, "expiration", wire.EndOf(s))
	switch status := s.State.Status(); {
	case status == lifecycle.Paused:
		l.Add("expiration", "that it is paused")
	case status == lifecycle.Future && !start.After(s.At):
		l.Add("start", "that a hold outlasted it")
	case status == lifecycle.NonRenewing && s.Period.IsZero():
		l.Add("expiration", "that it does not renew, where nothing recurs")
	}
	return nil
}

// charge sets what a period costs, without usage.
func (doc *Subscription) charge(l *wire.Losses, sub subscription.Subscription, now time.Time) error {
	seg := sub.Segment(sub.SegmentAt(now))
	total := decimal.Zero
	found := 0
	for _, item := range recurring(seg) {
		found++
		table := seg.Price(item)
		if _, flat := table.Price().(plan.FlatFee); !flat {
			l.Add("recurringCharge", "a charge that depends on a quantity: %q", item.ID())
		}
		exact, err := table.Exact(seg.Quantity(item))
		if err != nil {
			return err
		}
		total = total.Add(exact)
	}
	if found > 1 {
		l.Add("recurringCharge", "%d recurring charges", found)
	}
	doc.RecurringCharge = wire.Of(number(total))
	return nil
}

// recurring returns the charges of a segment that are due in every period whatever the
// usage.
func recurring(seg subscription.Segment) []*plan.CompiledCharge {
	var all []*plan.CompiledCharge
	for item := range seg.Phase().Charges() {
		if item.Metric() == "" && !item.Once() {
			all = append(all, item)
		}
	}
	return all
}

func number(d decimal.Decimal) wire.Number { return wire.Number{Decimal: wire.Decimal{Decimal: d}} }

// quota sets when to notify, and whether usage exceeds the quota.
func (doc *Subscription) quota(l *wire.Losses, sub subscription.Subscription, facts Facts, now time.Time) error {
	entitlement, err := sub.Entitlement(Quota, now)
	if err != nil {
		return err
	}
	quota, tier := []decimal.Decimal{}, []decimal.Decimal{}
	for _, threshold := range entitlement.Grant().Thresholds {
		if threshold.Scope == feature.TierScope {
			tier = append(tier, threshold.Percent)
		} else {
			quota = append(quota, threshold.Percent)
		}
	}
	if len(quota) > 1 {
		l.Add("quotaNotificationThreshold", "%d thresholds", len(quota))
	}
	if len(tier) > 1 {
		l.Add("tierQuotaNotificationThreshold", "%d thresholds", len(tier))
	}
	doc.QuotaThreshold = wire.Of(number(append(quota, decimal.Zero)[0]))
	if len(tier) > 0 {
		doc.TierThreshold = wire.Of(number(tier[0]))
	}
	if entitlement.Dormant() { // nothing is used while it is
		doc.OverQuota = wire.Of(false)
		return nil
	}
	over, err := entitlement.OverQuota(facts.Quota, now)
	doc.OverQuota = wire.Of(over)
	return err
}
