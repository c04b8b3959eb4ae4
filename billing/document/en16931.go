package document

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// EN16931 returns nil, or every fault as a [fault.FieldError], joined, of what keeps the
// document from being an electronic invoice by EN 16931, with the number of the rule:
// beyond [Document.Validate], it must be issued, have lines and, on each, one tax with
// its category; the identifiers of seller and buyer that the categories demand; a reason
// where there is no tax; and amounts of at most two decimals.
//
// BR-CO-17 demands that a tax be its base times its rate, rounded half up. A document with
// exclusive taxes, rounded by invoice and half up, fulfils it to the cent. One whose tax
// was rounded line by line, is part of the price, or is the rest of one that was given
// back in parts, may be cents apart: the published validation artefacts accept less than
// one whole unit of the currency, and so does this function.
//
// docs/document.md has the business term of each field.
func (d Document) EN16931() error {
	f := d.faults()
	if len(f) > 0 {
		return f.Err()
	}
	if d.State == Draft {
		f.Add("number", fault.Required, "missing (BR-02)")
	}
	if len(d.Lines) == 0 {
		f.Add("lines", fault.Required, "missing (BR-16)")
	}
	if d.Currency().Digits() > 2 {
		f.Add("totals.total", fault.TooPrecise, "must have at most two decimals (BR-DEC-09 to 20)")
	}
	if d.Seller.ID == "" && d.Seller.Registration == "" && d.Seller.VATID == "" {
		f.Add("seller.id", fault.Required, "an id, a registration or a VAT identifier is missing (BR-CO-26)")
	}
	prefixed(&f, "seller.vat_id", d.Seller.VATID)
	prefixed(&f, "buyer.vat_id", d.Buyer.VATID)
	for i, l := range d.Lines {
		if len(l.Taxes) != 1 {
			f.Add(strictjson.Index("lines", i)+".taxes", fault.Inconsistent, "must be one, with its category (BR-CO-04)")
		}
	}
	for i, t := range d.Taxes {
		d.vat(&f, strictjson.Index("taxes", i), t)
	}
	return f.Err()
}

// prefixed reports a VAT identifier without the prefix of a country.
func prefixed(f *faults.List, path, id string) {
	if id != "" && (len(id) < 3 || !letter(id[0]) || !letter(id[1])) {
		f.Add(path, fault.Malformed, "must begin with the code of a country (BR-CO-09)")
	}
}

// group is the part of a rule's name that stands for the category.
func (c Category) group() string {
	switch c {
	case IntraCommunity:
		return "IC"
	case CanaryIslands:
		return "AF"
	case CeutaMelilla:
		return "AG"
	case Standard, ZeroRated, Exempt, ReverseCharge, Export, OutsideScope:
	}
	return string(c)
}

func (d Document) vat(f *faults.List, path string, t Tax) {
	if t.Category == "" {
		f.Add(path+".category", fault.Required, "missing (BR-47)")
		return
	}
	rule := "BR-" + t.Category.group()
	reason := t.Reason != "" || t.ReasonCode != ""
	registered := d.Seller.VATID != "" || d.Seller.TaxID != ""
	switch t.Category {
	case Standard:
		if !t.Percent.IsPositive() {
			f.Add(path+".percent", fault.OutOfRange, "must be above zero (%s-05)", rule)
		}
		unreasoned(f, path, rule, reason)
	case CanaryIslands, CeutaMelilla, ZeroRated:
		unreasoned(f, path, rule, reason)
	case Exempt, ReverseCharge, IntraCommunity, Export, OutsideScope:
		if !reason {
			f.Add(path+".reason", fault.Required, "a reason or its code is missing (%s-10)", rule)
		}
	}
	switch t.Category {
	case Standard, CanaryIslands, CeutaMelilla, ZeroRated, Exempt:
		if !registered {
			f.Add("seller.vat_id", fault.Required, "a VAT identifier or a tax registration is missing (%s-02)", rule)
		}
	case ReverseCharge:
		if !registered {
			f.Add("seller.vat_id", fault.Required, "a VAT identifier or a tax registration is missing (%s-02)", rule)
		}
		if d.Buyer.VATID == "" && d.Buyer.Registration == "" {
			f.Add("buyer.vat_id", fault.Required, "a VAT identifier or a registration is missing (%s-02)", rule)
		}
	case IntraCommunity:
		if d.Seller.VATID == "" {
			f.Add("seller.vat_id", fault.Required, "missing (%s-02)", rule)
		}
		if d.Buyer.VATID == "" {
			f.Add("buyer.vat_id", fault.Required, "missing (%s-02)", rule)
		}
	case Export:
		if d.Seller.VATID == "" {
			f.Add("seller.vat_id", fault.Required, "missing (%s-02)", rule)
		}
	case OutsideScope:
		if d.Seller.VATID != "" || d.Buyer.VATID != "" {
			f.Add(path+".category", fault.Inconsistent, "must not stand beside VAT identifiers (%s-02)", rule)
		}
		if len(d.Taxes) > 1 {
			f.Add(path+".category", fault.Inconsistent, "must be the only one of the document (%s-11)", rule)
		}
	}
	if !t.Category.rated() && t.Amount.Sign() != 0 {
		f.Add(path+".amount", fault.Inconsistent, "must be zero (%s-09)", rule)
	}
	want, err := money.FromDecimal(t.Base.Decimal().Mul(t.Percent).Shift(-2), t.Base.Currency(), money.HalfUp)
	if err != nil {
		f.Wrap(path+".amount", err)
		return
	}
	if t.Amount.Decimal().Sub(want.Decimal()).Abs().GreaterThanOrEqual(decimal.NewFromInt(1)) {
		f.Add(path+".amount", fault.Inconsistent, "must be %s (BR-CO-17)", want)
	}
}

func unreasoned(f *faults.List, path, rule string, reason bool) {
	if reason {
		f.Add(path+".reason", fault.Excluded, "must be left out where there is tax (%s-10)", rule)
	}
}
