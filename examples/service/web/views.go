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
	"github.com/perennial-billing/perennial/subscription"
)

// shown is how many rows a page shows of a list.
const shown = 500

func (s *server) customers(ctx context.Context, _ *http.Request, p *page) error {
	type line struct {
		app.State
		Next billing.NextInvoice
	}
	rows, err := s.Store.Subscriptions(ctx, p.Tenant, "", shown)
	if err != nil {
		return err
	}
	var all []line
	for _, row := range rows {
		state, err := s.Decode(ctx, row)
		if err != nil {
			return err
		}
		next, _, err := s.Next(ctx, state)
		if err != nil {
			return err
		}
		all = append(all, line{state, next})
	}
	p.Data = all
	return nil
}

func (s *server) subscription(ctx context.Context, r *http.Request, p *page) error {
	state, err := s.Load(ctx, p.Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := struct {
		app.State
		Snapshot       subscription.Snapshot
		Life, Forecast template.HTML
		NextWhy        string
		Catalog        *plan.Catalog
		Quotas         []app.Quota
		Standing       collection.State
		Invoices       []store.Posting
	}{State: state}
	sub := state.Sub
	p.Title = cmp.Or(sub.Details().Name, state.Row.ID)
	if v.Snapshot, err = sub.At(p.Now); err != nil {
		return err
	}
	if v.Invoices, err = s.Store.Invoices(ctx, p.Tenant, state.Row.ID, shown); err != nil {
		return err
	}
	slices.Reverse(v.Invoices)
	life := picture.Life{Subscription: sub, Now: p.Now, From: sub.CreatedAt(), Until: p.Now.AddDate(0, 6, 0)}
	if year := p.Now.AddDate(-1, 0, 0); life.From.Before(year) {
		life.From = year
	}
	for _, made := range slices.Backward(v.Invoices) {
		if inv, err := invoiceOf(made); err != nil {
			return err
		} else if inv != nil {
			life.Invoices = append(life.Invoices, *inv)
		}
	}
	usage, err := s.Usage(ctx, state)
	if err != nil {
		return err
	}
	var bars []picture.Bar
	for inv, err := range billing.Forecast(sub, usage, state.Checkpoint) {
		if err != nil {
			return err
		}
		if inv.At.After(life.Until) && len(bars) > 0 || len(bars) == 12 {
			break
		}
		if v.NextWhy == "" {
			if v.NextWhy, err = inv.Explain(); err != nil {
				return err
			}
		}
		life.Invoices = append(life.Invoices, inv)
		label := inv.At.In(sub.Zone().Location()).Format("2 Jan 06")
		bars = append(bars, picture.Bar{Label: label, Value: inv.Total.String(), Size: inv.Total.Minor(), Expected: true})
	}
	if len(bars) > 0 {
		v.Forecast = picture.Bars("What is expected, if nothing more is done", "Date", bars)
	}
	if v.Life, err = life.Draw(); err != nil {
		return err
	}
	if v.Quotas, err = s.Quotas(ctx, state); err != nil {
		return err
	}
	if v.Catalog, err = s.Catalog(ctx, p.Tenant); err != nil {
		return err
	}
	paid, err := s.Store.Payments(ctx, p.Tenant, state.Row.ID)
	if err != nil {
		return err
	}
	v.Standing, err = s.Standing(ctx, state.Row, paid, p.Now)
	p.Data = v
	return err
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
	if p.Topic == "invoice" {
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
	p.Title, p.Data = map[string]string{"invoice": "Invoice", "difference": "Correction", "credit_note": "Credit note"}[v.Posting.Topic], &v
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
