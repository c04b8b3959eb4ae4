package billing_test

import (
	"math/big"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A patch is days of a charge that are paid, each at the same rate.
type patch struct {
	from, to time.Time
	rate     *big.Rat // a day, in major units
	open     bool     // it is still paid in advance, and can be credited
	moved    bool     // with the end of an extended period: its line is elsewhere
	credited int64    // days that were taken off it
}

// due are the patches of a charge, of all its life. Arrears are patches of what was
// lived; what is billed in advance is patched to the period's end and taken off again
// where it is credited.
func (o *oracle) due(charge string) []patch {
	d := dues{oracle: o, charge: charge, mode: plan.ChargeProrate}
	next := 0
	for i := range o.segs {
		if i > 0 {
			d.pass(i)
		}
		for first := next; next < len(o.spans) && o.spans[next].seg == i; next++ {
			d.paint(o.spans[next], next == first)
		}
	}
	return slices.DeleteFunc(d.patches, func(p patch) bool { return o.length(p.from, p.to) == 0 })
}

type dues struct {
	*oracle
	charge  string
	patches []patch
	mode    plan.ChargeNew // what the rest of the running period costs
	since   time.Time      // and from where
}

// choices are those of rule 6 that what opened segment i follows.
func (o *oracle) choices(i int) (plan.UnusedCredit, plan.ChargeNew) {
	opened := o.segs[i].opened
	policy, follows := opened.Policy()
	switch {
	case opened.Kind == subscription.PhaseBegan:
		return plan.CreditProrate, plan.ChargeProrate
	case inside.EndsLength(&opened):
		if length, _ := o.segs[i].Version().Length(); length.LastPeriod == plan.LastFull {
			return plan.CreditNone, plan.ChargeProrate
		}
		return plan.CreditProrate, plan.ChargeProrate
	case !follows:
		return plan.CreditNone, plan.ChargeProrate
	case opened.Kind == subscription.Ended:
		return policy.CancelCredit, plan.ChargeProrate
	case !o.segs[i].Billable():
		return policy.PauseCredit, plan.ChargeProrate
	}
	return policy.ChangeCredit, policy.ChargeNew
}

// pass goes over to segment i: what was paid beyond its cut is credited, or not.
func (d *dues) pass(i int) {
	seg, before := d.segs[i], d.segs[i-1]
	cut := seg.cut
	switch {
	case seg.opened.Kind == subscription.AnchorSet && before.Billable() && seg.Billable() && !seg.boundary:
		d.moveAnchor(i)
		return
	case seg.opened.Kind == subscription.Recorded && !seg.boundary, seg.inside && !d.cuts(i, d.charge):
		return
	}
	d.mode, d.since = plan.ChargeProrate, cut
	switch {
	case inside.Effects(&seg.opened).Extended:
		d.extend(i)
		return
	case !before.Billable() && seg.Billable() && inside.Effects(&seg.opened).NewGrid:
		d.close()
		return
	case !seg.inside:
		return
	}
	credit, charge := d.choices(i)
	again := seg.Billable()
	if again {
		d.mode = charge
		if inside.Effects(&seg.opened).NewGrid && charge == plan.ChargeFull {
			d.mode = plan.ChargeProrate
		}
	}
	var kept []patch
	for _, p := range d.patches {
		if !p.open || d.position(p.to) <= d.position(cut) {
			kept = append(kept, p)
			continue
		}
		switch credit {
		case plan.CreditNone:
			p.open = !again || charge == plan.ChargeNone
		case plan.CreditFull:
			continue
		case plan.CreditProrate:
			p.open = false
			p.credited = d.length(cut, p.to)
			if p.to = cut; d.position(cut) < d.position(p.from) {
				continue
			}
		}
		kept = append(kept, p)
	}
	d.patches = kept
}

// close leaves what is paid as it is: a new period begins beside it.
func (d *dues) close() {
	for k := range d.patches {
		d.patches[k].open = false
	}
}

// moveAnchor ends the running period at the first boundary of the new anchor (rule 16).
func (d *dues) moveAnchor(i int) {
	seg := d.segs[i]
	if seg.Grid().IsZero() {
		return
	}
	policy, _ := seg.opened.Policy()
	prorates := policy.ChangeCredit != plan.CreditNone
	_, end := d.period(i, seg.cut)
	for k := range d.patches {
		p := &d.patches[k]
		if !p.open || d.position(p.to) <= d.position(seg.cut) {
			continue
		}
		switch {
		case d.position(p.from) >= d.position(end) && prorates: // an earlier anchor of the day added it
			p.to, p.open = p.from, false
		case d.position(p.from) >= d.position(end):
			p.open = false
		case d.position(p.to) > d.position(end) && prorates:
			p.credited = d.length(end, p.to)
			p.to = end
		case d.position(p.to) > d.position(end):
			rest := *p
			p.to, rest.from, rest.open = end, end, false
			d.patches = append(d.patches, rest)
		case d.position(p.to) < d.position(end) && !prorates:
			d.patches = append(d.patches, patch{from: p.to, to: end, rate: new(big.Rat), open: true})
		}
	}
}

// extend moves what is paid beyond the pause to the end of the extended period.
func (d *dues) extend(i int) {
	pause := i - 1
	for !d.segs[pause-1].Billable() {
		pause--
	}
	cut, end := d.segs[pause].cut, d.segs[i].Period().End
	for k := range d.patches {
		p := &d.patches[k]
		if !p.open || d.position(p.to) <= d.position(cut) {
			continue
		}
		rest := *p
		rest.from, rest.to, rest.moved = d.segs[i].cut, end, true
		p.to, p.open = cut, false
		d.patches = append(d.patches, rest)
	}
}

// paint bills a stretch. first says that its segment begins with it.
func (d *dues) paint(part stretch, first bool) {
	seg := d.segs[part.seg]
	if !first || d.renews(part) {
		d.mode = plan.ChargeProrate // a new period
	}
	item, ok := seg.Phase().Charge(d.charge)
	if !ok || item.Once() || item.Metric() != "" {
		return
	}
	price := taleOf(seg.Price(item).Price()).amount(seg.Quantity(item).Rat())
	whole := d.length(part.start, part.end)
	if part.free && !(item.Timing() == plan.Arrears && part.replanned) {
		price = new(big.Rat)
	} else if part.free { // arrears of a plan changed to in a free part cost their share of the grid's period
		whole = d.length(d.period(part.seg, part.from))
	}
	if whole == 0 {
		return
	}
	p := patch{from: part.from, to: part.to, rate: new(big.Rat).Mul(price, big.NewRat(1, whole))}
	if item.Timing() == plan.Advance {
		p.to, p.open = part.end, true
		for _, q := range d.patches {
			if q.open && d.position(q.to) > d.position(p.from) {
				p.from = q.to
			}
		}
	}
	left := d.length(p.from, p.to)
	if left <= 0 {
		return
	}
	switch d.mode {
	case plan.ChargeProrate:
	case plan.ChargeNone:
		p.rate = new(big.Rat)
	case plan.ChargeFull:
		from := p.from
		if item.Timing() == plan.Arrears {
			from = d.since
		}
		p.rate = new(big.Rat).Mul(price, big.NewRat(1, d.length(from, part.end)))
	}
	d.patches = append(d.patches, p)
}

// renews reports whether a stretch is a period that opens where its segment's cut lies:
// the choices of a change are for the part that it left, which has no day. One that a
// change of the same cut began is no such period.
func (d *dues) renews(part stretch) bool {
	seg := d.segs[part.seg]
	for k := part.seg - 1; k > 0 && d.segs[k].cut.Equal(part.from); k-- {
		if inside.Effects(&d.segs[k].opened).NewGrid || d.segs[k].Grid() != d.segs[k-1].Grid() {
			return false
		}
	}
	return part.seg > 0 && seg.inside && !inside.Effects(&seg.opened).NewGrid && seg.Grid() == d.segs[part.seg-1].Grid() && part.from.Equal(part.start) && part.from.After(seg.From())
}

// taleOf writes a price as the stories do.
func taleOf(p plan.Price) talePrice {
	bounded := func(t talePrice, b plan.Bounds) talePrice {
		if b.Minimum != nil {
			t.Minimum = b.Minimum.String()
		}
		if b.Maximum != nil {
			t.Maximum = b.Maximum.String()
		}
		return t
	}
	tiers := func(all []plan.Tier) []taleTier {
		var out []taleTier
		for _, tier := range all {
			t := taleTier{UnitAmount: tier.UnitAmount.String(), FlatAmount: tier.FlatAmount.String(), PackageSize: tier.PackageSize.String()}
			if tier.UpTo != nil {
				t.UpTo = tier.UpTo.String()
			}
			out = append(out, t)
		}
		return out
	}
	switch p := p.(type) {
	case plan.FlatFee:
		return bounded(talePrice{Model: "flat_fee", Amount: p.Amount.String()}, p.Bounds)
	case plan.PerUnit:
		return bounded(talePrice{Model: "per_unit", UnitAmount: p.UnitAmount.String(), FreeUnits: p.FreeUnits.String()}, p.Bounds)
	case plan.Package:
		return bounded(talePrice{Model: "package", PackageSize: p.PackageSize.String(), PackageAmount: p.PackageAmount.String(), FreeUnits: p.FreeUnits.String()}, p.Bounds)
	case plan.Tiered:
		return bounded(talePrice{Model: "tiered", Tiers: tiers(p.Tiers), FreeUnits: p.FreeUnits.String(), Zero: string(p.Zero)}, p.Bounds)
	case plan.Volume:
		return bounded(talePrice{Model: "volume", Tiers: tiers(p.Tiers), FreeUnits: p.FreeUnits.String(), Zero: string(p.Zero)}, p.Bounds)
	case plan.Percentage:
		t := talePrice{Model: "percentage", Rate: p.Rate.String(), FreeAmount: p.FreeAmount.String(), FreeBy: string(p.FreeBy)}
		if !p.FixedAmount.IsZero() {
			t.FixedAmount = p.FixedAmount.String()
		}
		if !p.FreeEvents.IsZero() {
			t.FreeEvents = p.FreeEvents.String()
		}
		if p.EventMinimum != nil {
			t.EventMinimum = p.EventMinimum.String()
		}
		if p.EventMaximum != nil {
			t.EventMaximum = p.EventMaximum.String()
		}
		return bounded(t, p.Bounds)
	case plan.GraduatedPercentage:
		t := talePrice{Model: "graduated_percentage", FreeAmount: p.FreeAmount.String(), Zero: string(p.Zero)}
		for _, tier := range p.Tiers {
			r := taleTier{Rate: tier.Rate.String(), FlatAmount: tier.FlatAmount.String()}
			if tier.UpTo != nil {
				r.UpTo = tier.UpTo.String()
			}
			t.Tiers = append(t.Tiers, r)
		}
		return bounded(t, p.Bounds)
	case plan.Stairstep:
		t := talePrice{Model: "stairstep", Zero: string(p.Zero)}
		for _, step := range p.Steps {
			s := taleTier{Amount: step.Amount.String()}
			if step.UpTo != nil {
				s.UpTo = step.UpTo.String()
			}
			t.Tiers = append(t.Tiers, s)
		}
		return bounded(t, p.Bounds)
	}
	panic("a price of another model")
}
