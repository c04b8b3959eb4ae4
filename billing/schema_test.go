package billing_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/internal/schema"
)

func TestSchemasFollowFromTheTables(t *testing.T) {
	t.Parallel()
	all := map[string][][]byte{}
	keep := func(name string, data []byte, err error) {
		require.NoError(t, err)
		all[name] = append(all[name], data)
	}
	for i := range 30 {
		type billed struct {
			p          *played
			invoices   []billing.Invoice
			checkpoint billing.Checkpoint
		}
		b := rapid.Custom(func(t *rapid.T) billed {
			p := randomTale(t)
			invoices, checkpoint := p.bills(t, drawTaxes(t)...)
			return billed{p, invoices, checkpoint}
		}).Example(i)
		for n, inv := range b.invoices {
			if n%4 != 0 {
				continue
			}
			data, err := inv.MarshalJSON()
			keep("invoice", data, err)
			for m, line := range inv.Lines {
				if m == 0 {
					data, err := line.MarshalJSON()
					keep("line", data, err)
				}
			}
			for _, tax := range inv.Taxes {
				data, err := tax.MarshalJSON()
				keep("tax", data, err)
			}
			for _, stored := range inv.StoredLines() {
				data, err := stored.MarshalJSON()
				keep("stored_line", data, err)
			}
		}
		data, err := b.checkpoint.MarshalJSON()
		keep("checkpoint", data, err)
		if len(b.p.usage) < 50 {
			data, err = b.p.usage.MarshalJSON()
			keep("usage", data, err)
		}
		at := b.p.s.instant(b.p.s.Until)
		next, err := billing.Next(b.p.sub, b.p.usage, b.checkpoint, at)
		require.NoError(t, err)
		data, err = next.MarshalJSON()
		keep("next_invoice", data, err)
		if preview, err := billing.Preview(b.p.past[0].sub, b.p.sub, b.p.usage, billing.Checkpoint{}); err == nil {
			data, err := preview.MarshalJSON()
			keep("preview", data, err)
		}
		if r, err := billing.Reconcile(b.p.sub, b.p.usage, nil, b.checkpoint, at); err == nil {
			data, err := r.MarshalJSON()
			keep("reconciliation", data, err)
		}
	}
	bad := map[string][][]byte{}
	for name, rows := range map[string][]badDocument{"checkpoint": badCheckpoints(), "usage": badUsage(), "stored_line": badStoredLines()} {
		for _, row := range rows {
			bad[name] = append(bad[name], []byte(row.document))
		}
	}
	for _, row := range badInvoices {
		bad["invoice"] = append(bad["invoice"], []byte(strings.Replace(plainInvoice, row.old, row.new, 1)))
	}
	for _, d := range []schema.Document{
		{Name: "checkpoint", Title: "What billing keeps between two runs"},
		{Name: "usage", Title: "Records of usage"},
		{Name: "stored_line", Title: "A line as a service stored it"},
		{Name: "invoice", Title: "An invoice"},
		{Name: "line", Title: "A line of an invoice"},
		{Name: "tax", Title: "The tax of one rate on an invoice"},
		{Name: "next_invoice", Title: "The next invoice"},
		{Name: "preview", Title: "What a change would bill"},
		{Name: "reconciliation", Title: "The difference between what was billed and what should have been"},
	} {
		d.Shape, d.Examples, d.Bad = billing.Shapes()[d.Name], all[d.Name], bad[d.Name]
		require.NotNil(t, d.Shape)
		require.NotEmpty(t, d.Examples, d.Name)
		schema.Check(t, d)
	}
}

func TestEveryTaggedFieldIsInItsTable(t *testing.T) {
	t.Parallel()
	shapes := billing.Shapes()
	for name, v := range map[string]any{"checkpoint": billing.Checkpoint{}, "usage": billing.Usage{}, "stored_line": billing.StoredLine{}} {
		require.NotNil(t, shapes[name])
		require.Empty(t, schema.Untabled(reflect.TypeOf(v), shapes[name]), name)
	}
}
