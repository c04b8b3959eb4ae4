package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/picture"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// ahead is how many invoices are shown that are expected.
const ahead = 2

// A toldPage is what the page shows of a story.
type toldPage struct {
	Title, Note, Currency, Zone, Until, Text string
	Picture                                  template.HTML
	Invoices, Expected                       []string
}

// printHTML writes all stories as one page that needs no other file.
func printHTML(w io.Writer, all []telling) error {
	data := struct {
		Title   string
		Style   template.CSS
		Stories []toldPage
	}{"A story", template.CSS(picture.Style), nil}
	for _, t := range all {
		one, err := t.page()
		if err != nil {
			return err
		}
		data.Stories = append(data.Stories, one)
	}
	if len(data.Stories) > 0 {
		data.Title = data.Stories[0].Title
	}
	return page.Execute(w, data)
}

func (t *telling) page() (toldPage, error) {
	out := toldPage{Title: t.ID, Note: t.Note, Currency: t.Currency.String(), Zone: t.Zone.Name(), Until: t.when(t.played.Until)}
	if out.Title == "" {
		out.Title = "A story"
	}
	var text bytes.Buffer
	if err := printText(&text, *t); err != nil {
		return out, err
	}
	out.Text = text.String()
	life := picture.Life{
		Subscription: t.played.Subscription, From: t.played.From, Now: t.played.Until, Until: t.played.Until,
		Invoices: slices.Clone(t.played.Invoices), Open: true,
	}
	for _, inv := range t.played.Invoices {
		why, err := inv.Explain()
		if err != nil {
			return out, err
		}
		out.Invoices = append(out.Invoices, why)
	}
	for inv, err := range billing.Forecast(t.played.Subscription, t.played.Usage, t.played.Checkpoint) {
		if err != nil {
			return out, err
		}
		why, err := inv.Explain()
		if err != nil {
			return out, err
		}
		out.Expected = append(out.Expected, why)
		life.Invoices, life.Until = append(life.Invoices, inv), inv.At
		if len(out.Expected) == ahead {
			break
		}
	}
	life.Until = life.Until.Add(max(life.Until.Sub(life.From)/20, 1)) // room for what lies at the end
	var err error
	out.Picture, err = life.Draw()
	return out, err
}
