package web

import (
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

func (s *server) customers(ctx context.Context, r *http.Request, p *page) error {
	type line struct{ ID, Name, Plan, Status, NextAt, Amount string }
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
		usage, err := s.Usage(ctx, state)
		if err != nil {
			return err
		}
		next, err := billing.Next(state.Sub, usage, state.Checkpoint, p.Now)
		if err != nil {
			return err
		}
		l := line{ID: row.ID, Name: state.Sub.Details().Name, Status: string(state.Sub.Status(p.Now)), NextAt: "none"}
		if l.Name == "" {
			l.Name = row.ID
		}
		if v := state.Sub.Plan(p.Now); v != nil {
			l.Plan = v.Name()
		}
		if !next.At.IsZero() {
			l.NextAt, l.Amount = next.At.In(state.Sub.Zone().Location()).Format("2 Jan 2006"), next.Amount.String()
		}
		all = append(all, l)
	}
	p.Data = all
	return nil
}

func (s *server) subscription(ctx context.Context, r *http.Request, p *page) error {
	state, err := s.Load(ctx, p.Tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	type view struct {
		ID, Status, Period, Unpaid, NextWhy string
		Revision                            int
		Snapshot                            subscription.Snapshot
		Life, Forecast                      template.HTML
		Scheduled, Plans, Charges           []string
		Quotas                              []template.HTML
		Invoices                            []store.Posting
	}
	sub := state.Sub
	local := func(t time.Time) string { return day(t.In(sub.Zone().Location())) }
	v := view{ID: state.Row.ID, Status: string(sub.Status(p.Now)), Revision: state.Row.Revision, Period: "none runs"}
	if v.Snapshot, err = sub.At(p.Now); err != nil {
		return err
	}
	if version := sub.Plan(p.Now); version != nil {
		for _, charge := range version.Plan().Charges {
			if charge.Metric == "" {
				v.Charges = append(v.Charges, charge.ID)
			}
		}
	}
	if period, ok := sub.Period(p.Now); ok {
		v.Period = local(period.Start) + " to " + local(period.End)
	}
	for _, w := range sub.Scheduled(p.Now) {
		what := words(w.Action.String())
		if w.Resumes {
			what = "resume"
		}
		v.Scheduled = append(v.Scheduled, what+", "+local(w.At))
	}
	if v.Invoices, err = s.Store.Invoices(ctx, p.Tenant, v.ID, shown); err != nil {
		return err
	}
	life := picture.Life{Subscription: sub, Now: p.Now, From: sub.CreatedAt(), Until: p.Now.AddDate(0, 6, 0)}
	if year := p.Now.AddDate(-1, 0, 0); life.From.Before(year) {
		life.From = year
	}
	for _, made := range v.Invoices {
		var inv billing.Invoice
		if made.Topic != "invoice" {
			continue
		}
		if err := json.Unmarshal([]byte(made.Document), &inv); err != nil {
			return err
		}
		life.Invoices = append(life.Invoices, inv)
	}
	slices.Reverse(v.Invoices)
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
		bars = append(bars, picture.Bar{Label: inv.At.In(sub.Zone().Location()).Format("2 Jan 06"), Value: inv.Total.String(), Size: inv.Total.Minor(), Expected: true})
	}
	if len(bars) > 0 {
		v.Forecast = picture.Bars("What is expected, if nothing more is done", "Date", bars)
	}
	if v.Life, err = life.Draw(); err != nil {
		return err
	}
	quotas, err := s.Quotas(ctx, state)
	if err != nil {
		return err
	}
	for _, q := range quotas {
		switch text := q.Decision.Used().String(); {
		case !q.Decision.Allowed && !q.Limited:
			v.Quotas = append(v.Quotas, picture.Quota(string(q.Feature), "not now", 0, 1))
		case !q.Limited:
			v.Quotas = append(v.Quotas, picture.Quota(string(q.Feature), "granted", 1, 1))
		default:
			v.Quotas = append(v.Quotas, picture.Quota(string(q.Feature), text+" of "+q.Limit.String(), q.Decision.Used().IntPart(), q.Limit.IntPart()))
		}
	}
	catalog, err := s.Catalog(ctx, p.Tenant)
	if err != nil {
		return err
	}
	for _, id := range catalog.Plans() {
		for _, version := range catalog.Versions(id) {
			if version.Currency() == sub.Currency() {
				v.Plans = append(v.Plans, version.Ref().String())
			}
		}
	}
	paid, err := s.Store.Payments(ctx, p.Tenant, v.ID)
	if err != nil {
		return err
	}
	standing, err := s.Standing(ctx, p.Tenant, v.ID, paid, p.Now)
	if err != nil {
		return err
	}
	for _, m := range standing.Unpaid {
		v.Unpaid += m.String() + " since " + local(standing.Since) + " "
	}
	p.Title, p.Data = sub.Details().Name, v
	if p.Title == "" {
		p.Title = v.ID
	}
	return nil
}

func (s *server) preview(ctx context.Context, r *http.Request, p *page) error {
	type view struct {
		ID, Before, After string
		Bills             []string
		Fields            map[string]string
	}
	verb, _, err := s.wish(ctx, r)
	if err != nil {
		return err
	}
	result, err := s.Preview(ctx, p.Tenant, r.PathValue("id"), verb)
	if err != nil {
		return err
	}
	next := func(n billing.NextInvoice) string {
		if n.At.IsZero() {
			return "none"
		}
		return n.Amount.String() + " on " + day(n.At)
	}
	v := view{ID: r.PathValue("id"), Before: next(result.Result.Before), After: next(result.Result.After), Fields: map[string]string{}}
	for _, inv := range result.Result.Invoices {
		why, err := inv.Explain()
		if err != nil {
			return err
		}
		v.Bills = append(v.Bills, why)
	}
	for name := range r.PostForm {
		v.Fields[name] = r.PostFormValue(name)
	}
	p.Data = v
	return nil
}

func (s *server) invoice(ctx context.Context, r *http.Request, p *page) error {
	type line struct{ What, From, To, Quantity, Amount string }
	type view struct {
		Posting  store.Posting
		Customer store.Customer
		Lines    []line
		Why      string
	}
	var v view
	var err error
	if v.Posting, err = s.Store.Invoice(ctx, p.Tenant, r.PathValue("id")); err != nil {
		return err
	}
	if v.Customer, err = s.Store.Customer(ctx, p.Tenant, v.Posting.Customer); err != nil {
		return err
	}
	if v.Why, err = app.Explain(v.Posting); err != nil {
		return err
	}
	if v.Posting.Topic == "invoice" {
		var inv billing.Invoice
		if err := json.Unmarshal([]byte(v.Posting.Document), &inv); err != nil {
			return err
		}
		for _, l := range inv.Lines {
			one := line{What: l.Name, Quantity: l.Quantity.String(), Amount: l.Amount.String()}
			if one.What == "" {
				one.What = l.Charge
			}
			if l.Kind != billing.ChargeLine {
				one.What += ", " + words(string(l.Kind))
			}
			if !l.To.IsZero() {
				one.From, one.To = l.From.In(inv.Zone.Location()).Format("2 Jan 2006"), l.To.In(inv.Zone.Location()).Format("2 Jan 2006")
			}
			v.Lines = append(v.Lines, one)
		}
	}
	p.Title, p.Data = map[string]string{"invoice": "Invoice", "difference": "Correction", "credit_note": "Credit note"}[v.Posting.Topic], v
	return nil
}

func (s *server) catalog(ctx context.Context, _ *http.Request, p *page) error {
	type view struct {
		Name, Ref, Every, Currency string
		Features                   []string
		Curves                     []template.HTML
	}
	catalog, err := s.Catalog(ctx, p.Tenant)
	if err != nil {
		return err
	}
	var all []view
	for _, id := range catalog.Plans() {
		for _, version := range catalog.Versions(id) {
			v := view{Name: version.Name(), Ref: version.Ref().String(), Every: version.Every().String(), Currency: version.Currency().String()}
			for _, key := range slices.Sorted(maps.Keys(version.Features())) {
				v.Features = append(v.Features, string(key))
			}
			for _, charge := range version.Plan().Charges {
				drawn, err := curve(charge, version.Currency())
				if err != nil {
					return err
				}
				v.Curves = append(v.Curves, drawn)
			}
			all = append(all, v)
		}
	}
	p.Data = all
	return nil
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
	name := charge.Name
	if name == "" {
		name = charge.ID
	}
	return picture.Curve(name+", "+words(string(charge.Price.Model())), "Quantity", "Amount", points), nil
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
			for range instants {
				sums[c] = append(sums[c], money.FromMinor(0, c))
			}
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
			label := instants[i].Format("Jan 06")
			if i == len(instants)-1 {
				label = "now"
			}
			bars = append(bars, picture.Bar{Label: label, Value: sum.String(), Size: sum.Minor()})
		}
		drawn = append(drawn, picture.Bars("Monthly recurring revenue in "+c.String(), "Month", bars))
	}
	p.Title, p.Data = "Monthly recurring revenue", drawn
	return nil
}
