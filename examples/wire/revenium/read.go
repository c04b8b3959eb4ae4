package revenium

import (
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/subscription"
)

// Read reads a document and checks it against the page's schema: which members are
// required, and which may be null. The error joins a [*fault.FieldError] for every
// fault.
func Read(data []byte) (Subscription, error) {
	var doc Subscription
	if err := wire.Read(data, &doc); err != nil {
		return Subscription{}, err
	}
	var f wire.Faults
	for _, m := range []struct {
		path string
		opt  wire.Opt[string]
	}{
		{"name", doc.Name},
		{"ownerId", doc.OwnerID},
		{"clientEmailAddress", doc.ClientEmailAddress},
		{"teamId", doc.TeamID},
		{"productId", doc.ProductID},
	} {
		if m.opt.IsZero() {
			f.Add(m.path, errMissing)
		}
		wire.Definite(&f, m.path, m.opt)
	}
	if doc.QuotaThreshold.IsZero() {
		f.Add("quotaNotificationThreshold", errMissing)
	}
	wire.Definite(&f, "quotaNotificationThreshold", doc.QuotaThreshold)
	wire.Definite(&f, "id", doc.ID)
	for _, t := range []struct {
		path string
		opt  wire.Opt[wire.Number]
	}{
		{"quotaNotificationThreshold", doc.QuotaThreshold},
		{"tierQuotaNotificationThreshold", doc.TierThreshold},
	} {
		if n, ok := t.opt.Value(); ok && (n.IsNegative() || n.GreaterThan(decimal.NewFromInt(100))) {
			f.Add(t.path, errThreshold)
		}
	}
	if n, ok := doc.RecurringCharge.Value(); ok && n.IsNegative() {
		f.Add("recurringCharge", errNegative)
	}
	return doc, f.Err()
}

// patch returns what a document changes of labels and metadata, compared with what is
// shown, and whether there is anything.
func patch(shown, sent Subscription) (p subscription.Patch, changed bool) {
	p.Metadata = map[string]*string{}
	for _, m := range []struct {
		was, is wire.Opt[string]
		to      **string
	}{
		{shown.Name, sent.Name, &p.Name},
		{shown.OrganizationID, organization(sent.OrganizationID), &p.Organization},
		{shown.AccountID, sent.AccountID, &p.Account},
		{shown.TeamID, sent.TeamID, &p.Team},
		{shown.ExternalQuoteID, sent.ExternalQuoteID, &p.ExternalRef},
	} {
		if is, ok := differs(m.was, m.is); ok {
			*m.to, changed = &is, true
		}
	}
	carry := func(name, text string) {
		changed = true
		p.Metadata[prefix+name] = &text
		if text == "" {
			p.Metadata[prefix+name] = nil
		}
	}
	for _, m := range []struct {
		name    string
		was, is wire.Opt[string]
	}{
		{"ownerId", shown.OwnerID, sent.OwnerID},
		{"clientEmailAddress", shown.ClientEmailAddress, sent.ClientEmailAddress},
		{"identityProvider", shown.IdentityProvider, sent.IdentityProvider},
	} {
		if is, ok := differs(m.was, m.is); ok {
			carry(m.name, is)
		}
	}
	for _, m := range []struct {
		name    string
		was, is wire.Opt[[]string]
	}{
		{"credentialIds", shown.CredentialIDs, sent.CredentialIDs},
		{"notificationAddressesOnCreation", shown.OnCreation, sent.OnCreation},
		{"notificationAddressesOnQuotaThreshold", shown.OnQuotaThreshold, sent.OnQuotaThreshold},
		{"namedSubscribers", shown.NamedSubscribers, sent.NamedSubscribers},
		{"namedOrganizationIds", shown.NamedOrganizations, sent.NamedOrganizations},
		{"additionalInvoiceRecipients", shown.InvoiceRecipients, sent.InvoiceRecipients},
	} {
		was, _ := m.was.Value()
		is, _ := m.is.Value()
		if m.is.IsZero() || slices.Equal(was, is) {
			continue
		}
		text, _ := json.Marshal(is) // texts only
		if len(is) == 0 {
			text = nil
		}
		carry(m.name, string(text))
	}
	for _, m := range []struct {
		name    string
		was, is wire.Opt[bool]
	}{
		{"notifyClient", shown.NotifyClient, sent.NotifyClient},
		{"allowImmediateCancellation", shown.ImmediateCancel, sent.ImmediateCancel},
	} {
		if m.is.IsZero() || same(m.was, m.is) {
			continue
		}
		text := ""
		if is, ok := m.is.Value(); ok {
			text = map[bool]string{true: "true", false: "false"}[is]
		}
		carry(m.name, text)
	}
	was, _ := shown.Tags.Value()
	if is, _ := sent.Tags.Value(); !sent.Tags.IsZero() && !slices.Equal(was, is) {
		p.Tags, changed = &is, true
	}
	return p, changed
}

// organization returns the member with null as UNCLASSIFIED.
func organization(o wire.Opt[string]) wire.Opt[string] {
	if text, ok := o.Value(); !o.IsZero() && (!ok || text == "") {
		return wire.Of(Unclassified)
	}
	return o
}

// differs returns the text sent, "" for null, and whether it is not the one shown.
func differs(was, is wire.Opt[string]) (string, bool) {
	shown, _ := was.Value()
	sent, _ := is.Value()
	return sent, !is.IsZero() && sent != shown
}

// same reports whether two members say the same; left out is null.
func same[T comparable](a, b wire.Opt[T]) bool {
	x, ok := a.Value()
	y, there := b.Value()
	return ok == there && x == y
}

// sameNumber is same for numbers; 0 is the same as none.
func sameNumber(a, b wire.Opt[wire.Number]) bool {
	x, _ := a.Value()
	y, _ := b.Value()
	return x.Equal(y.Decimal.Decimal)
}

// thresholds returns those of a document; members that are left out are as shown.
func thresholds(shown, sent Subscription) feature.Overrides {
	list := []feature.Threshold{}
	add := func(was, is wire.Opt[wire.Number], scope feature.Scope) {
		if is.IsZero() {
			is = was
		}
		if n, ok := is.Value(); ok && !n.IsZero() {
			list = append(list, feature.Threshold{Percent: n.Decimal.Decimal, Scope: scope})
		}
	}
	add(shown.QuotaThreshold, sent.QuotaThreshold, feature.QuotaScope)
	add(shown.TierThreshold, sent.TierThreshold, feature.TierScope)
	return feature.Overrides{Quota: {Thresholds: &list}}
}
