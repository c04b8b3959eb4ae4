package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/examples/picture"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// shown is how many rows a page shows of a list.
const shown = 500

// A view is a subscription. What its page shows is made as the template asks for it.
type view struct {
	app.State
	*server
	ctx      context.Context
	now      time.Time
	Invoices []store.Posting   // the newest first
	expected []billing.Invoice // that are to come, if nothing more is done
}

// Name is what people call it.
func (v view) Name() string { return cmp.Or(v.Sub.Details().Name, v.Row.ID) }

// Next is what is billed next.
func (v view) Next() (billing.NextInvoice, error) {
	next, _, err := v.server.Next(v.ctx, v.State)
	return next, err
}

// Quotas are what it may use.
func (v view) Quotas() ([]app.Quota, error) { return v.server.Quotas(v.ctx, v.State) }

// Catalog is what it may change to.
func (v view) Catalog() (*plan.Catalog, error) { return v.server.Catalog(v.ctx, v.Row.Tenant) }

// Standing says how it stands with its payments.
func (v view) Standing() (collection.State, error) {
	paid, err := v.Store.Payments(v.ctx, v.Row.Tenant, v.Row.ID)
	if err != nil {
		return collection.State{}, err
	}
	return v.server.Standing(v.ctx, v.Row, paid, v.now)
}

// Why explains the next invoice.
func (v view) Why() (string, error) {
	if len(v.expected) == 0 {
		return "", nil
	}
	return v.expected[0].Explain()
}

// Forecast draws what is expected.
func (v view) Forecast() template.HTML {
	var bars []picture.Bar
	for _, inv := range v.expected {
		label := inv.At.In(inv.Zone.Location()).Format("2 Jan 06")
		bars = append(bars, picture.Bar{Label: label, Value: inv.Total.String(), Size: inv.Total.Minor(), Expected: true})
	}
	if len(bars) == 0 {
		return ""
	}
	return picture.Bars("What is expected, if nothing more is done", "Date", bars)
}

// Life draws the last year and the next half.
func (v view) Life() (template.HTML, error) {
	life := picture.Life{Subscription: v.Sub, Now: v.now, From: v.Sub.CreatedAt(), Until: v.now.AddDate(0, 6, 0)}
	if year := v.now.AddDate(-1, 0, 0); life.From.Before(year) {
		life.From = year
	}
	for _, made := range slices.Backward(v.Invoices) {
		if inv, err := invoiceOf(made); err != nil {
			return "", err
		} else if inv != nil {
			life.Invoices = append(life.Invoices, *inv)
		}
	}
	life.Invoices = append(life.Invoices, v.expected...)
	return life.Draw()
}

func (s *server) customers(ctx context.Context, _ *http.Request, p *page) error {
	rows, err := s.Store.Subscriptions(ctx, p.Tenant, "", shown)
	if err != nil {
		return err
	}
	var all []view
	for _, row := range rows {
		state, err := s.Decode(ctx, row)
		if err != nil {
			return err
		}
		all = append(all, view{State: state, server: s, ctx: ctx, now: p.Now})
	}
	p.Data = all
	return nil
}

func (s *server) subscription(ctx context.Context, r *http.Request, p *page) error {
	state, err := s.Load(ctx, p.Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := view{State: state, server: s, ctx: ctx, now: p.Now}
	if v.Invoices, err = s.Store.Invoices(ctx, p.Tenant, v.Row.ID, shown); err != nil {
		return err
	}
	slices.Reverse(v.Invoices)
	usage, err := s.Usage(ctx, state)
	if err != nil {
		return err
	}
	for inv, err := range billing.Forecast(v.Sub, usage, v.Checkpoint) {
		if err != nil {
			return err
		}
		if len(v.expected) > 0 && (len(v.expected) == 12 || inv.At.After(p.Now.AddDate(0, 6, 0))) {
			break
		}
		v.expected = append(v.expected, inv)
	}
	p.Title, p.Data = v.Name(), v
	return nil
}

// quota draws how much of a feature is used.
func quota(q app.Quota) template.HTML {
	used := q.Decision.Used()
	switch {
	case q.Limited:
		return picture.Quota(string(q.Feature), used.String()+" of "+q.Limit.String(), used.IntPart(), q.Limit.IntPart())
	case q.Decision.Allowed:
		return picture.Quota(string(q.Feature), "granted", 1, 1)
	}
	return picture.Quota(string(q.Feature), "not now", 0, 1)
}

func (s *server) preview(ctx context.Context, r *http.Request, p *page) error {
	verb, err := s.wish(ctx, r)
	if err != nil {
		return err
	}
	v := struct {
		billing.PreviewResult
		ID     string
		Fields map[string]string
	}{ID: r.PathValue("id"), Fields: map[string]string{}}
	if v.PreviewResult, err = s.Preview(ctx, p.Tenant, v.ID, verb); err != nil {
		return err
	}
	for name := range r.PostForm {
		v.Fields[name] = r.PostFormValue(name)
	}
	p.Data = v
	return nil
}

// invoiceOf reads the invoice of a posting; nil of another one.
func invoiceOf(p store.Posting) (inv *billing.Invoice, err error) {
	if p.Topic == store.InvoiceTopic {
		err = json.Unmarshal(p.Document, &inv)
	}
	return inv, err
}

func (s *server) invoice(ctx context.Context, r *http.Request, p *page) error {
	var v struct {
		Posting  store.Posting
		Customer store.Customer
		Invoice  *billing.Invoice
		Why      string
	}
	var err error
	if v.Posting, err = s.Store.Invoice(ctx, p.Tenant, r.PathValue("id")); err != nil {
		return err
	}
	if v.Customer, err = s.Store.Customer(ctx, p.Tenant, v.Posting.Customer); err != nil {
		return err
	}
	if v.Invoice, err = invoiceOf(v.Posting); err != nil {
		return err
	}
	p.Title, p.Data = map[string]string{store.InvoiceTopic: "Invoice", store.DifferenceTopic: "Correction", store.CreditNoteTopic: "Credit note"}[v.Posting.Topic], &v
	v.Why, err = app.Explain(v.Posting)
	return err
}

func (s *server) catalog(ctx context.Context, _ *http.Request, p *page) (err error) {
	p.Data, err = s.Catalog(ctx, p.Tenant)
	return err
}

// curve draws what a charge costs by its quantity, past the last of its tiers.
func curve(charge plan.Charge, currency money.Currency) (template.HTML, error) {
	price, err := plan.CompilePrice(charge.Price, currency)
	if err != nil {
		return "", err
	}
	last := int64(10)
	bounds, free := price.TierBounds()
	for _, b := range append(bounds, free) {
		last = max(last, b.IntPart()*3/2)
	}
	var points []picture.Point
	for i := range int64(21) {
		q := last * i / 20
		amount, err := price.Rate(decimal.NewFromInt(q), money.HalfUp)
		if err != nil && len(points) > 0 && !errors.Is(err, money.ErrOverflow) {
			break // above the last tier of a closed price
		}
		if err != nil {
			return "", err
		}
		points = append(points, picture.Point{X: q, Y: amount.Minor(), XText: fmt.Sprint(q), YText: amount.String()})
	}
	return picture.Curve(cmp.Or(charge.Name, charge.ID)+", "+words(charge.Price.Model()), "Quantity", "Amount", points), nil
}

// revenue is what recurs at the end of each of the last twelve months, and now.
func (s *server) revenue(ctx context.Context, _ *http.Request, p *page) error {
	rows, err := s.Store.Subscriptions(ctx, p.Tenant, "", shown)
	if err != nil {
		return err
	}
	var instants []time.Time
	for back := 11; back >= 0; back-- {
		instants = append(instants, time.Date(p.Now.Year(), p.Now.Month()-time.Month(back), 1, 0, 0, 0, 0, time.UTC).Add(-time.Microsecond))
	}
	instants = append(instants, p.Now)
	sums := map[money.Currency][]money.Money{}
	for _, row := range rows {
		state, err := s.Decode(ctx, row)
		if err != nil {
			return err
		}
		c := state.Sub.Currency()
		if sums[c] == nil {
			sums[c] = slices.Repeat([]money.Money{money.FromMinor(0, c)}, len(instants))
		}
		for i, at := range instants {
			recurs, err := revenue.MRR(state.Sub, at, revenue.Weeks52)
			if err != nil {
				return err
			}
			if sums[c][i], err = sums[c][i].Add(recurs.Amount); err != nil {
				return err
			}
		}
	}
	var drawn []template.HTML
	for _, c := range slices.Sorted(maps.Keys(sums)) {
		var bars []picture.Bar
		for i, sum := range sums[c] {
			bars = append(bars, picture.Bar{Label: instants[i].Format("Jan 06"), Value: sum.String(), Size: sum.Minor()})
		}
		bars[len(bars)-1].Label = "now"
		drawn = append(drawn, picture.Bars("Monthly recurring revenue in "+c.String(), "Month", bars))
	}
	p.Title, p.Data = "Monthly recurring revenue", drawn
	return nil
}
