package cases

import (
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
)

// DueDate says when an invoice of an instant falls due by its terms.
type DueDate struct {
	Header
	At     Moment        `json:"at"`
	Terms  PaymentTerms  `json:"terms"`
	Expect document.Date `json:"expect"`
}

// PaymentTerms are terms of payment as a case writes them: {} is on receipt.
type PaymentTerms struct{ document.Terms }

// DecodeStrict reads them by their own names.
func (p *PaymentTerms) DecodeStrict(n strict.Node) []strict.Fault {
	var form struct {
		Net      int               `json:"net"`
		MonthEnd document.MonthEnd `json:"month_end"`
		Day      int               `json:"day"`
		Months   int               `json:"months"`
		CutOff   int               `json:"cut_off"`
	}
	faults := n.Decode(&form)
	if len(faults) > 0 {
		return faults
	}
	p.Terms = document.Terms{Net: form.Net, MonthEnd: form.MonthEnd, Day: form.Day, Months: form.Months, CutOff: form.CutOff}
	if err := p.Validate(); err != nil {
		var faults []strict.Fault
		for _, f := range fault.Faults(err) {
			faults = append(faults, below(n, f.Path, f.Err))
		}
		return faults
	}
	return nil
}

func (c *DueDate) settle(n strict.Node) []strict.Fault {
	return append(c.Header.settle(n), missing(n, "at", "terms", "expect")...)
}

func (c *DueDate) run() answer {
	due, err := c.Terms.Due(document.DateOf(c.At.In(c.Zone), c.Zone), nil)
	if err != nil {
		return refused(err, c.Expect.String())
	}
	if due != c.Expect {
		return failed(due.String(), c.Expect.String())
	}
	return passed()
}
