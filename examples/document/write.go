package main

import (
	"fmt"
	"html/template"
	"io"
	"strings"
)

// writeText writes sheets one after the other.
func writeText(w io.Writer, sheets []sheet) error {
	var b strings.Builder
	for i, s := range sheets {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s %s of %s\n", s.Title, s.Number, s.Date)
		for _, text := range s.Corrects {
			fmt.Fprintf(&b, "Corrects %s\n", text)
		}
		fmt.Fprintf(&b, "From: %s\nTo:   %s\n", strings.Join(s.Seller, ", "), strings.Join(s.Buyer, ", "))
		if s.Order != "" {
			fmt.Fprintf(&b, "Your order: %s\n", s.Order)
		}
		b.WriteString("\n")
		for _, r := range s.Lines {
			fmt.Fprintf(&b, "%-10s %-26s %10s x %-20s %14s\n", r.Name, r.Days, r.Quantity, r.Price, r.Net)
			for _, a := range r.Allowances {
				fmt.Fprintf(&b, "           %s %s\n", a.Name, a.Amount)
			}
		}
		for _, t := range s.Sums {
			fmt.Fprintf(&b, "%71s %14s\n", t.Name, t.Amount)
		}
		if s.Due != "" {
			fmt.Fprintf(&b, "Payable by %s (%s)\n", s.Due, s.Terms)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// page escapes whatever customers have written into their names.
var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{range $i, $s := .}}{{if $i}}, {{end}}{{$s.Title}} {{$s.Number}}{{end}}</title>
<style>
@page { size: A4; margin: 20mm }
body { font: 10pt/1.4 sans-serif; color: #111; max-width: 170mm; margin: 10mm auto }
section + section { break-before: page; margin-top: 20mm }
h1 { font-size: 16pt }
address { font-style: normal; margin-bottom: 6mm; white-space: pre-line }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: 1mm 2mm; border-bottom: 1px solid #ccc; vertical-align: top }
.amount { text-align: right; white-space: nowrap }
tfoot tr:last-child { font-weight: bold }
small { color: #555 }
</style>
</head>
<body>
{{range .}}<section>
<address>{{range .Seller}}{{.}}
{{end}}</address>
<address>{{range .Buyer}}{{.}}
{{end}}</address>
<h1>{{.Title}} {{.Number}}</h1>
<p>{{.Date}}{{range .Corrects}}<br>Corrects {{.}}{{end}}{{with .Order}}<br>Your order: {{.}}{{end}}</p>
<table>
<thead><tr><th>Item</th><th>Period</th><th class="amount">Quantity</th><th class="amount">Price</th><th class="amount">Net</th></tr></thead>
<tbody>
{{range .Lines}}<tr><td>{{.Name}}{{range .Allowances}}<br><small>{{.Name}} {{.Amount}}</small>{{end}}</td><td>{{.Days}}</td><td class="amount">{{.Quantity}}</td><td class="amount">{{.Price}}</td><td class="amount">{{.Net}}</td></tr>
{{end}}</tbody>
<tfoot>
{{range .Sums}}<tr><td colspan="4" class="amount">{{.Name}}</td><td class="amount">{{.Amount}}</td></tr>
{{end}}</tfoot>
</table>
{{if .Due}}<p>Payable by {{.Due}} ({{.Terms}})</p>{{end}}
</section>
{{end}}</body>
</html>
`))

func writeHTML(w io.Writer, sheets []sheet) error { return page.Execute(w, sheets) }
