package billing

import (
	"slices"

	"github.com/perennial-billing/perennial/internal/micro"
)

// whole returns the records with their instants in whole microseconds, without copying
// where they are.
func (u Usage) whole() Usage {
	for i := range u {
		if micro.IsWhole(u[i].At) {
			continue
		}
		u = slices.Clone(u)
		for ; i < len(u); i++ {
			u[i].At = micro.Floor(u[i].At)
		}
		break
	}
	return u
}

// floor drops what instants have beyond microseconds: only checkpoints made by hand have
// more.
func (l *Checkpoint) floor() {
	l.ChargedThrough = micro.Floor(l.ChargedThrough)
	if b := &l.Boundary; !micro.IsWhole(b.At) {
		b.At = micro.Floor(b.At)
	}
	l.MeteredFrom = micro.Floor(l.MeteredFrom)
	if slices.ContainsFunc(l.Metered, func(p MeteredPart) bool { return !micro.IsWhole(p.From) || !micro.IsWhole(p.To) }) {
		l.Metered = slices.Clone(l.Metered)
		for i := range l.Metered {
			p := &l.Metered[i]
			p.From, p.To = micro.Floor(p.From), micro.Floor(p.To)
		}
	}
	i := slices.IndexFunc(l.Redeemed, func(r Redemption) bool { return !micro.IsWhole(r.InvoiceAt) })
	if i < 0 {
		return
	}
	l.Redeemed = slices.Clone(l.Redeemed)
	for ; i < len(l.Redeemed); i++ {
		l.Redeemed[i].InvoiceAt = micro.Floor(l.Redeemed[i].InvoiceAt)
	}
}
