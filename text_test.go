package perennial_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// hostile are texts that no line may be, and notes those that no note may be. The mark
// stands for a text in a document.
const mark = "the mark"

var (
	notes   = []string{"a\x00b", "a\x1b[2J", "a\r\nb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u200fb", "a\u061cb", "a\u2066b", "a\xffb"}
	hostile = append([]string{"a\nTotal: 0.00 USD", "a\tb", " a", "a\u00a0"}, notes...)
	allowed = []string{"Total: 0.00 USD", `"a" <script>`, "می\u200cخواهم", "👨\u200d👩\u200d👧", "Bäckerei 東京"}
)

// A textField is one text of a value: how it comes in by a Go value, and by a document.
type textField struct {
	path string
	note bool
	// give returns what the room says to a Go value with the text.
	give func(s string) error
	// doc is a document with the mark in place of the text, and read what reads it; none
	// if it comes in by Go only.
	doc  string
	read func([]byte) error
	// at is the path of the text in the document, if it is another.
	at string
	// kind is the class of the error, if it is not Invalid.
	kind fault.Class
}

func definitionField[T any](path string, note bool, set func(*T, string), check func(T) error, base T) textField {
	marked := base
	set(&marked, mark)
	doc, err := json.Marshal(marked)
	if err != nil {
		panic(err)
	}
	return textField{
		path: path, note: note, doc: string(doc),
		give: func(s string) error {
			v := base
			set(&v, s)
			return check(v)
		},
		read: func(data []byte) error {
			var v T
			return json.Unmarshal(data, &v)
		},
	}
}

var textStart = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func textCall(days int) subscription.Call {
	return subscription.Call{At: textStart.AddDate(0, 0, days), Actor: lifecycle.Operator}
}

func textPlan() plan.Plan {
	return plan.Plan{
		ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges:     []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(10)}}},
		CreditPacks: []plan.CreditPack{{ID: "small", Credits: 1, ListPrice: decimal.NewFromInt(1)}},
	}
}

func planField(path string, note bool, set func(*plan.Plan, string)) textField {
	f := definitionField(path, note, set, plan.Plan.Validate, textPlan())
	f.give = func(s string) error {
		p := textPlan()
		set(&p, s)
		return p.Validate()
	}
	return f
}

// verbField is a text that comes in by a verb.
func verbField(path string, note bool, do func(subscription.Subscription, string) (subscription.Subscription, error)) textField {
	catalog, sub := textSubscription()
	next, err := do(sub, mark)
	if err != nil {
		panic(fmt.Sprint(path, ": ", err))
	}
	doc, err := json.Marshal(next)
	if err != nil {
		panic(err)
	}
	return textField{
		path: path, note: note, at: fmt.Sprintf("commands[%d].%s", next.Version()-2, path), doc: string(doc),
		give: func(s string) error {
			_, err := do(sub, s)
			return err
		},
		read: func(data []byte) error {
			_, err := subscription.Decode(data, catalog)
			return err
		},
	}
}

func textSubscription() (*plan.Catalog, subscription.Subscription) {
	p := textPlan()
	catalog := plan.MustCatalog(p)
	v, _ := catalog.Lookup(p.Ref())
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: textStart})
	if err != nil {
		panic(err)
	}
	return catalog, sub
}

// paramField is a text with which a subscription is created.
func paramField(path string, note bool, set func(*subscription.Params, string)) textField {
	catalog, base := textSubscription()
	create := func(s string) (subscription.Subscription, error) {
		p := subscription.Params{ID: "s", Plan: base.Plan(textStart), Start: textStart}
		set(&p, s)
		return subscription.New(p)
	}
	marked, err := create(mark)
	if err != nil {
		panic(err)
	}
	doc, err := json.Marshal(marked)
	if err != nil {
		panic(err)
	}
	return textField{
		path: path, note: note, doc: string(doc),
		give: func(s string) error {
			_, err := create(s)
			return err
		},
		read: func(data []byte) error {
			_, err := subscription.Decode(data, catalog)
			return err
		},
	}
}

// documentField is a text of the draft of a document.
func documentField(path string, note bool, set func(*document.Document, string)) textField {
	_, sub := textSubscription()
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, textStart)
	if err != nil {
		panic(err)
	}
	base, err := document.New(made[0], document.Details{
		Seller: document.Party{Name: "Seller", Country: "DE"}, Buyer: document.Party{Name: "Buyer", Country: "DE"},
	})
	if err != nil {
		panic(err)
	}
	return definitionField(path, note, func(d *document.Document, s string) {
		d.Lines = slices.Clone(d.Lines)
		set(d, s)
	}, document.Document.Validate, base)
}

func textFields() []textField {
	pct, one := decimal.NewFromInt(10), decimal.NewFromInt(1)
	discount := plan.Discount{ID: "d", Percent: &pct, Duration: plan.OnceOnly}
	use := billing.Record{Metric: "m", At: textStart, Quantity: one}
	grant := feature.Grant{Kind: feature.Limit, Limit: decimal.NewFromInt(5)}
	credit := feature.CreditGrant{ID: "g", Amount: one, From: textStart}
	offering := plan.Offering{ID: "o", Products: []plan.Product{{Code: "c"}}}
	type sub = subscription.Subscription
	patched := func(path string, note bool, of func(*string) subscription.Patch) textField {
		return verbField("patch."+path, note, func(s sub, text string) (sub, error) { return s.Update(textCall(1), of(&text)) })
	}
	detail := func(path string, note bool, of func(*subscription.Details) *string) textField {
		return paramField("details."+path, note, func(p *subscription.Params, s string) { *of(&p.Details) = s })
	}
	return []textField{
		planField("id", false, func(p *plan.Plan, s string) { p.ID = s }),
		planField("name", false, func(p *plan.Plan, s string) { p.Name = s }),
		planField("description", true, func(p *plan.Plan, s string) { p.Description = s }),
		planField("family", false, func(p *plan.Plan, s string) { p.Family = s }),
		planField("product", false, func(p *plan.Plan, s string) { p.Product = s }),
		planField("charges[0].id", false, func(p *plan.Plan, s string) { p.Charges[0].ID = s }),
		planField("charges[0].name", false, func(p *plan.Plan, s string) { p.Charges[0].Name = s }),
		planField("charges[0].metric", false, func(p *plan.Plan, s string) { p.Charges[0].Metric = s }),
		planField("phases[0].id", false, func(p *plan.Plan, s string) {
			p.Phases = []plan.Phase{{ID: s, Cycles: 1, Charges: p.Charges}}
		}),
		planField("credit_packs[0].id", false, func(p *plan.Plan, s string) { p.CreditPacks[0].ID = s }),
		planField("credit_packs[0].name", false, func(p *plan.Plan, s string) { p.CreditPacks[0].Name = s }),
		planField("metrics[0].id", false, func(p *plan.Plan, s string) { p.Metrics = []plan.Metric{{ID: s}} }),
		planField("metrics[0].name", false, func(p *plan.Plan, s string) { p.Metrics = []plan.Metric{{ID: "m", Name: s}} }),
		planField("metadata.k", true, func(p *plan.Plan, s string) { p.Metadata = map[string]string{"k": s} }),
		definitionField("id", false, func(d *plan.Discount, s string) { d.ID = s }, plan.Discount.Validate, discount),
		definitionField("name", false, func(d *plan.Discount, s string) { d.Name = s }, plan.Discount.Validate, discount),
		definitionField("charges[0]", false, func(d *plan.Discount, s string) { d.Charges = []string{s} }, plan.Discount.Validate, discount),
		definitionField("code", false, func(p *plan.Product, s string) { p.Code = s }, plan.Product.Validate, plan.Product{Code: "c"}),
		definitionField("name", false, func(p *plan.Product, s string) { p.Name = s }, plan.Product.Validate, plan.Product{Code: "c"}),
		definitionField("description", true, func(p *plan.Product, s string) { p.Description = s }, plan.Product.Validate, plan.Product{Code: "c"}),
		definitionField("id", false, func(o *plan.Offering, s string) { o.ID = s }, plan.Offering.Validate, offering),
		definitionField("external_ref", false, func(o *plan.Offering, s string) { o.ExternalRef = s }, plan.Offering.Validate, offering),
		definitionField("name", false, func(o *plan.Offering, s string) { o.Name = s }, plan.Offering.Validate, offering),
		definitionField("description", true, func(o *plan.Offering, s string) { o.Description = s }, plan.Offering.Validate, offering),
		definitionField("metadata.k", true, func(o *plan.Offering, s string) { o.Metadata = map[string]string{"k": s} }, plan.Offering.Validate, offering),
		definitionField("when_run", false, func(g *feature.Grant, s string) { g.WhenRun = s }, feature.Grant.Validate, grant),
		definitionField("metric", false, func(g *feature.Grant, s string) { g.Metric, g.Overage = s, feature.Rate }, feature.Grant.Validate, grant),
		definitionField("id", false, func(g *feature.CreditGrant, s string) { g.ID = s }, feature.CreditGrant.Validate, credit),
		definitionField("class", false, func(g *feature.CreditGrant, s string) { g.Class = s }, feature.CreditGrant.Validate, credit),
		definitionField("metric", false, func(r *billing.Record, s string) { r.Metric = s }, func(r billing.Record) error {
			_, err := r.MarshalJSON()
			return err
		}, use),
		{path: "usage[0].metric", give: func(s string) error {
			_, sub := textSubscription()
			_, _, err := billing.Invoices(sub, billing.Usage{{Metric: s, At: textStart, Quantity: one}}, billing.Checkpoint{}, textStart)
			if errors.Is(err, billing.ErrUnknownMetric) { // a text like any other
				return nil
			}
			return err
		}},
		documentField("seller.name", false, func(d *document.Document, s string) { d.Seller.Name = s }),
		documentField("seller.street", false, func(d *document.Document, s string) { d.Seller.Street = s }),
		documentField("buyer.vat_id", false, func(d *document.Document, s string) { d.Buyer.VATID = s }),
		documentField("buyer.electronic_address.id", false, func(d *document.Document, s string) {
			d.Buyer.Electronic = document.ElectronicAddress{Scheme: "EM", ID: s}
		}),
		documentField("buyer_reference", false, func(d *document.Document, s string) { d.BuyerReference = s }),
		documentField("purchase_order", false, func(d *document.Document, s string) { d.PurchaseOrder = s }),
		documentField("note", true, func(d *document.Document, s string) { d.Note = s }),
		documentField("lines[0].name", false, func(d *document.Document, s string) { d.Lines[0].Name = s }),
		documentField("lines[0].explanation", true, func(d *document.Document, s string) { d.Lines[0].Explanation = s }),
		{path: `rates.vat.name`, kind: fault.Internal, give: func(s string) error { return taxed(billing.TaxRate{ID: "vat", Name: s, Percent: one}) }},

		paramField("id", false, func(p *subscription.Params, s string) { p.ID = subscription.ID(s) }),
		paramField("offering.name", false, func(p *subscription.Params, s string) {
			o := offering
			o.Name, o.Plans = s, []plan.Ref{{ID: "pro", Version: 1}}
			p.Offering = &o
		}),
		detail("name", false, func(d *subscription.Details) *string { return &d.Name }),
		detail("external_ref", false, func(d *subscription.Details) *string { return &d.ExternalRef }),
		detail("owner", false, func(d *subscription.Details) *string { return &d.Owner }),
		detail("account", false, func(d *subscription.Details) *string { return &d.Account }),
		detail("organization", false, func(d *subscription.Details) *string { return &d.Organization }),
		detail("team", false, func(d *subscription.Details) *string { return &d.Team }),
		detail("parent", false, func(d *subscription.Details) *string { return (*string)(&d.Parent) }),
		detail("channel", false, func(d *subscription.Details) *string { return &d.Channel }),
		detail("cancel_reason", true, func(d *subscription.Details) *string { return &d.CancelReason }),
		paramField("details.tags[0]", false, func(p *subscription.Params, s string) { p.Details.Tags = []string{s} }),
		paramField("details.metadata.k", true, func(p *subscription.Params, s string) { p.Details.Metadata = map[string]string{"k": s} }),

		patched("name", false, func(s *string) subscription.Patch { return subscription.Patch{Name: s} }),
		patched("owner", false, func(s *string) subscription.Patch { return subscription.Patch{Owner: s} }),
		patched("parent", false, func(s *string) subscription.Patch {
			return subscription.Patch{Parent: (*subscription.ID)(s)}
		}),
		patched("cancel_reason", true, func(s *string) subscription.Patch { return subscription.Patch{CancelReason: s} }),
		patched("tags[1]", false, func(s *string) subscription.Patch { return subscription.Patch{Tags: &[]string{"a", *s}} }),
		patched("metadata.k", true, func(s *string) subscription.Patch {
			return subscription.Patch{Metadata: map[string]*string{"k": s}}
		}),
		verbField("reason", true, func(s sub, text string) (sub, error) {
			call := textCall(1)
			call.Reason = text
			return s.Cancel(call, subscription.Immediately())
		}),
		verbField("key", false, func(s sub, text string) (sub, error) {
			call := textCall(1)
			call.Key = text
			return s.Cancel(call, subscription.Immediately())
		}),
		verbField("one_off.id", false, func(s sub, text string) (sub, error) {
			return s.AddOneOff(textCall(1), subscription.OneOff{ID: text, Amount: money.MustParse("1.00 USD")})
		}),
		verbField("one_off.name", false, func(s sub, text string) (sub, error) {
			return s.AddOneOff(textCall(1), subscription.OneOff{Name: text, Amount: money.MustParse("1.00 USD")})
		}),
		verbField("discount.id", false, func(s sub, text string) (sub, error) {
			d := discount
			d.ID = text
			return s.AddDiscount(textCall(1), d)
		}),
		verbField("discount.name", false, func(s sub, text string) (sub, error) {
			d := discount
			d.Name = text
			return s.AddDiscount(textCall(1), d)
		}),
		{path: "pack", give: func(s string) error {
			_, sub := textSubscription()
			_, err := sub.AddCreditPack(textCall(1), s)
			if errors.Is(err, subscription.ErrPackNotAllowed) { // a text like any other
				return nil
			}
			return err
		}},
		{path: "charge", give: func(s string) error {
			_, sub := textSubscription()
			_, err := sub.ChangeQuantity(textCall(1), subscription.Immediately(), s, one)
			if errors.Is(err, subscription.ErrNoCharge) {
				return nil
			}
			return err
		}},
		{path: "revoked[0]", give: func(s string) error {
			_, sub := textSubscription()
			_, err := sub.RevokeFeatures(textCall(1), []feature.Key{feature.Key(s)}, feature.Assignment{Open: true})
			if errors.Is(err, feature.ErrUnknown) {
				return nil
			}
			return err
		}},
		{path: "ref", give: func(s string) error {
			_, _, err := feature.Credits{}.Refund(s, textStart)
			if errors.Is(err, feature.ErrNotInUse) {
				return nil
			}
			return err
		}},
		{path: "team", give: func(s string) error {
			_, err := feature.Seats{Paid: 1}.Reserve(s, 1)
			return err
		}},
	}
}

func taxed(rate billing.TaxRate) error {
	_, sub := textSubscription()
	_, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, textStart, billing.WithTax(func(billing.Line) []billing.TaxRate { return []billing.TaxRate{rate} }))
	return err
}

// badTexts returns the paths of the texts at fault.
func badTexts(err error) []string {
	var paths []string
	for _, f := range fault.Faults(err) {
		if f.Code == fault.BadText {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// written returns a text as a document holds it, invalid bytes and all.
func written(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		case c == '"':
			b.WriteString(`\"`)
		default:
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

func TestEveryRoomHasOneRuleForText(t *testing.T) {
	t.Parallel()
	for _, f := range textFields() {
		t.Run(f.path, func(t *testing.T) {
			t.Parallel()
			ok, bad := allowed, hostile
			if f.note {
				ok, bad = append([]string{"two\n\tlines\n", " a "}, ok...), notes
			}
			if f.at == "" {
				f.at = f.path
			}
			if f.kind == fault.None {
				f.kind = fault.Invalid
			}
			for _, s := range ok {
				require.NoError(t, f.give(s), "%q", s)
			}
			for _, s := range bad {
				err := f.give(s)
				require.Equal(t, []string{f.path}, badTexts(err), "%q: %v", s, err)
				require.Equal(t, f.kind, fault.Kind(err))
			}
			if f.read == nil {
				return
			}
			require.Equal(t, 1, strings.Count(f.doc, `"`+mark+`"`), f.doc)
			for _, s := range ok {
				require.NoError(t, f.read([]byte(strings.Replace(f.doc, `"`+mark+`"`, written(s), 1))), "%q", s)
			}
			for _, s := range bad {
				err := f.read([]byte(strings.Replace(f.doc, `"`+mark+`"`, written(s), 1)))
				require.Equal(t, []string{f.at}, badTexts(err), "%q: %v", s, err)
				require.Equal(t, fault.Invalid, fault.Kind(err))
			}
		})
	}
}

func TestKeysOfMetadataAreLinesEvenToRemoveThem(t *testing.T) {
	t.Parallel()
	_, sub := textSubscription()
	_, err := sub.Update(textCall(1), subscription.Patch{Metadata: map[string]*string{"a\x00": nil}})
	require.Equal(t, []string{`patch.metadata["a\x00"]`}, badTexts(err))
	_, err = subscription.New(subscription.Params{
		ID: "s", Plan: sub.Plan(textStart), Start: textStart,
		Details: subscription.Details{Metadata: map[string]string{"a\nb": "", "c": "\u202e"}},
	})
	require.Equal(t, []string{`details.metadata["a\nb"]`, "details.metadata.c"}, badTexts(err))
	p := textPlan()
	p.Features = feature.Set{"a\nb": {Kind: feature.Switch}}
	require.Equal(t, []string{`features["a\nb"]`}, badTexts(p.Validate()))
}

func TestARateOfABadIdIsNamed(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		err := taxed(billing.TaxRate{ID: s, Percent: decimal.NewFromInt(1)})
		require.ErrorIs(t, err, billing.ErrTaxRate)
		require.Len(t, badTexts(err), 1, "%q", s)
		require.NotContains(t, err.Error(), "\n")
		require.Contains(t, err.Error(), fmt.Sprintf("rates[%q].id: ", s))
	}
}
