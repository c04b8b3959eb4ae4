package billing

import (
	"slices"
	"time"

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

// isWhole reports whether all instants of a checkpoint are in whole microseconds.
func (l *Checkpoint) isWhole() bool {
	if !micro.IsWhole(l.ChargedThrough) || !micro.IsWhole(l.MeteredFrom) || !micro.IsWhole(l.Boundary.At) {
		return false
	}
	for i := range l.Metered {
		if p := &l.Metered[i]; !micro.IsWhole(p.From) || !micro.IsWhole(p.To) {
			return false
		}
	}
	for i := range l.Redeemed {
		if !micro.IsWhole(l.Redeemed[i].InvoiceAt) {
			return false
		}
	}
	return true
}

// floor drops what instants have beyond microseconds: only checkpoints made by hand have
// more.
func (l *Checkpoint) floor() {
	if l.isWhole() && l.ChargedThrough.Location() == time.UTC {
		return
	}
	l.ChargedThrough, l.MeteredFrom, l.Boundary.At = micro.Floor(l.ChargedThrough), micro.Floor(l.MeteredFrom), micro.Floor(l.Boundary.At)
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
