package billing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// ErrStoredLines: what was said to be billed contradicts itself.
var ErrStoredLines = fault.New(fault.Internal, "billing: invalid billed lines")

// A StoredLine is a line as the service stored it: one that a run made, a
// correction that [Reconcile] made, or an adjustment of its own.
type StoredLine struct {
	// ID is the line's id; see [Line.ID]. An adjustment's id is the service's own.
	ID uuid.UUID `json:"id"`
	// Of is the line that a correction or an adjustment changes; zero for a line of a
	// run.
	Of uuid.UUID `json:"of,omitzero"`
	// Adjusts says that it is the service's own adjustment of the line Of: it remains
	// in force, and a credit is at most what it left of the line.
	Adjusts bool `json:"adjusts,omitempty"`
	// Amount is what was billed, negative for a credit.
	Amount money.Money `json:"amount"`
}

// StoredLines returns what to store of the invoice, for a later [Reconcile].
func (inv Invoice) StoredLines() []StoredLine {
	all := make([]StoredLine, len(inv.Lines))
	for i := range inv.Lines {
		line := &inv.Lines[i]
		all[i] = StoredLine{ID: line.identity(inv.Subscription, inv.Zone), Amount: line.Amount}
	}
	return all
}

// A Correction changes the amount of a billed line. It is a result.
type Correction struct {
	// ID names it: the same difference, found again, has the same id.
	ID uuid.UUID
	// Of is the line that it corrects.
	Of uuid.UUID
	// Amount is added to the line's amount.
	Amount money.Money
	// Was and Is are the line's amounts before and after the correction.
	Was, Is money.Money

	line *Line // as it should have been billed; nil if it should not be there
}

// A Reconciliation is the difference between what was billed and what should have
// been. It is a result.
type Reconciliation struct {
	// At is the instant up to which was compared.
	At time.Time
	// Lines are those that should have been billed and were not, in the order of
	// their invoices.
	Lines []Line
	// Corrections change what was billed, in the order of the billed lines.
	Corrections []Correction
	// Total is the sum of both; CreditApplied, AmountDue and Refund are as of an [Invoice].
	Total, CreditApplied, AmountDue, Refund money.Money
	// Checkpoint is the one to store when the difference is billed.
	Checkpoint Checkpoint

	subscription subscription.ID
	zone         calendar.Zone
	invoices     []uuid.UUID // of each of the lines, that on which it should have been
}

// IsEmpty reports whether there is no difference.
func (r Reconciliation) IsEmpty() bool { return len(r.Lines) == 0 && len(r.Corrections) == 0 }

// StoredLines returns what to store of the reconciliation, for a later one.
func (r Reconciliation) StoredLines() []StoredLine {
	var all []StoredLine
	for _, line := range r.Lines {
		all = append(all, StoredLine{ID: line.ID(r.subscription, r.zone), Amount: line.Amount})
	}
	for _, c := range r.Corrections {
		all = append(all, StoredLine{ID: c.ID, Of: c.Of, Amount: c.Amount})
	}
	return all
}

// Reconcile compares what was billed with what should have been by `to`, and returns
// only the difference: missing lines, and corrections of lines that have another
// amount or should not be there. If nothing changed it is empty, even if runs were
// repeated or late. This is how a back-dated correction, usage that arrived after its
// period was billed, and a lost run are corrected. Once the difference is stored with
// the other lines, there is none.
//
// The service's own adjustments remain in force. A credit on the billed basis, and a
// correction, reduce a line by at most what its adjustments left of it.
//
// billed and usage are everything since the start. The checkpoint gives the account
// credit that is left and the instant up to which was billed; a `to` before that counts as
// that. A billed line that is there twice counts
// twice; one in another currency, a correction that is there twice and one of a line
// that is not there are [ErrStoredLines].
func Reconcile(sub subscription.Subscription, usage Usage, billed []StoredLine, checkpoint Checkpoint, to time.Time, options ...Option) (Reconciliation, error) {
	if sub.IsZero() {
		return Reconciliation{}, ErrZero
	}
	if err := within("to", to); err != nil {
		return Reconciliation{}, err
	}
	usage, to = usage.whole(), utc(to)
	checkpoint.floor()
	var from mark
	if err := from.from(sub, &checkpoint); err != nil && !errors.Is(err, ErrBoundary) {
		return Reconciliation{}, err
	}
	to = later(to, from.ChargedThrough) // what was billed later stands
	stored, err := index(billed, sub.Currency())
	if err != nil {
		return Reconciliation{}, err
	}
	options = append(slices.Clip(options), WithAdjustments(billed), stored.stands)
	should, next, err := Invoices(sub, usage, Checkpoint{CarriedOver: checkpoint.CarriedOver}, to, options...)
	if err != nil {
		return Reconciliation{}, err
	}
	zero := money.FromMinor(0, sub.Currency())
	out := Reconciliation{At: to, Checkpoint: next, Total: zero, subscription: sub.ID(), zone: sub.Zone()}
	wanted, lines := map[uuid.UUID]money.Money{}, map[uuid.UUID]*Line{}
	for _, inv := range should {
		for i, line := range inv.Lines {
			id := inv.LineID(i)
			wanted[id], lines[id] = line.Amount, &inv.Lines[i]
			if _, ok := stored.lines[id]; !ok && line.Amount.Sign() != 0 {
				out.Lines, out.invoices = append(out.Lines, line), append(out.invoices, inv.ID())
				if out.Total, err = out.Total.Add(line.Amount); err != nil {
					return Reconciliation{}, wrap(err)
				}
			}
		}
	}
	for _, id := range stored.order {
		line := stored.lines[id]
		is, ok := wanted[id]
		if !ok {
			is = zero
		}
		diff, err := line.difference(is)
		if err != nil {
			return Reconciliation{}, wrap(err)
		}
		if diff.Sign() == 0 {
			continue
		}
		if is, err = line.comesTo.Add(diff); err != nil {
			return Reconciliation{}, wrap(err)
		}
		out.Corrections = append(out.Corrections, Correction{
			ID: correctionID(sub.ID(), id, line.corrections), Of: id, Amount: diff, Was: line.comesTo, Is: is, line: lines[id],
		})
		if out.Total, err = out.Total.Add(diff); err != nil {
			return Reconciliation{}, wrap(err)
		}
	}
	o, err := gather(options)
	if err != nil {
		return Reconciliation{}, err
	}
	err = out.settle(sub, checkpoint, o)
	out.Checkpoint.forget(&checkpoint)
	out.Checkpoint.follow(&checkpoint)
	if !out.IsEmpty() && out.Checkpoint.Revision == checkpoint.Revision {
		out.Checkpoint.Revision++ // who found the same difference must not store it as well
	}
	return out, err
}

// forget drops the uses of discounts that the runs had forgotten, as too old to matter: how
// far back they look may grow, as with the first discount of a fixed amount, and what is
// known again by the history is no difference.
func (l *Checkpoint) forget(was *Checkpoint) {
	var kept []Redemption
	for i, use := range l.Redeemed {
		oldest := slices.IndexFunc(was.Redeemed, func(o Redemption) bool { return o.Command == use.Command })
		if oldest < 0 || !slices.ContainsFunc(l.Redeemed[i+1:], was.Redeemed[oldest].Equal) {
			kept = append(kept, use)
		}
	}
	l.Redeemed = kept
}

// settle applies the account credit to the difference, as to one invoice.
func (r *Reconciliation) settle(sub subscription.Subscription, checkpoint Checkpoint, o *options) error {
	play, err := newRun(sub, nil, mark{Checkpoint: Checkpoint{CreditBalance: checkpoint.CreditBalance}}, o)
	if err != nil {
		return err
	}
	for i := range sub.PendingItems() {
		// Credit that was given after the checkpoint was stored has not been counted
		// yet.
		item := sub.PendingItem(i)
		after := item.At.After(checkpoint.ChargedThrough) || item.Command > checkpoint.LastCommand
		if item.AccountCredit.IsValid() && !o.withoutCredit && after && !item.At.After(r.At) {
			if play.balance, err = play.balance.Add(item.AccountCredit); err != nil {
				return wrap(err)
			}
		}
	}
	negative := o.policy.Negative
	if i := sub.SegmentAt(r.At); i >= 0 {
		negative = o.policy.Or(sub.Segment(i).Policy()).Negative
	}
	inv := Invoice{Total: r.Total}
	if err := o.settle(&inv, &play.balance, negative); err != nil {
		return wrap(err)
	}
	r.CreditApplied, r.AmountDue, r.Refund = inv.CreditApplied, inv.AmountDue, inv.Refund
	r.Checkpoint.CreditBalance = money.Money{}
	if play.balance.Sign() != 0 {
		r.Checkpoint.CreditBalance = play.balance
	}
	return nil
}

// stored holds the stored lines, by id.
type stored struct {
	lines map[uuid.UUID]*storedLine
	order []uuid.UUID
}

// stands tells a run which lines were billed: an interim invoice that was made stays where it is.
func (s stored) stands(o *options) {
	o.standing = make(map[uuid.UUID]bool, len(s.order))
	for _, id := range s.order {
		o.standing[id] = true
	}
}

type storedLine struct {
	comesTo     money.Money // with its corrections
	adjusted    money.Money // what the service took off it; not positive
	corrections int
}

func index(billed []StoredLine, c money.Currency) (stored, error) {
	s := stored{lines: map[uuid.UUID]*storedLine{}}
	seen := map[uuid.UUID]bool{}
	for i, b := range billed {
		switch {
		case b.ID == uuid.Nil:
			return s, fmt.Errorf("%w: billed[%d]: id: missing", ErrStoredLines, i)
		case !b.Amount.IsValid():
			return s, fmt.Errorf("%w: billed[%d]: amount: missing", ErrStoredLines, i)
		case b.Amount.Currency() != c:
			return s, fmt.Errorf("%w: billed[%d]: amount: %s, not %s", ErrStoredLines, i, b.Amount.Currency(), c)
		case seen[b.ID] && b.Of != uuid.Nil:
			return s, fmt.Errorf("%w: billed[%d]: id: %s is there twice", ErrStoredLines, i, b.ID)
		case b.Adjusts && b.Of == uuid.Nil:
			return s, fmt.Errorf("%w: billed[%d]: of: missing", ErrStoredLines, i)
		}
		seen[b.ID] = true
		if line, ok := s.lines[b.ID]; ok && b.Of == uuid.Nil {
			// Billed twice; or corrected to zero, and then billed again by a run.
			var err error
			if line.comesTo, err = line.comesTo.Add(b.Amount); err != nil {
				return s, fmt.Errorf("%w: billed[%d]: %w", ErrStoredLines, i, err)
			}
		} else if b.Of == uuid.Nil {
			s.lines[b.ID] = &storedLine{comesTo: b.Amount, adjusted: money.FromMinor(0, c)}
			s.order = append(s.order, b.ID)
		}
	}
	for i, b := range billed {
		if b.Of == uuid.Nil {
			continue
		}
		line, ok := s.lines[b.Of]
		if !ok {
			return s, fmt.Errorf("%w: billed[%d]: of: no line %s", ErrStoredLines, i, b.Of)
		}
		var err error
		if b.Adjusts {
			if b.Amount.IsNegative() {
				line.adjusted, err = line.adjusted.Add(b.Amount)
			}
		} else {
			line.corrections++
			line.comesTo, err = line.comesTo.Add(b.Amount)
		}
		if err != nil {
			return s, fmt.Errorf("%w: billed[%d]: %w", ErrStoredLines, i, err)
		}
	}
	return s, nil
}

// difference returns what is missing from what the line amounted to: of
// a line from which the service took something off itself, no more is taken than is
// left.
func (l *storedLine) difference(is money.Money) (money.Money, error) {
	diff, err := is.Sub(l.comesTo)
	if err != nil || !diff.IsNegative() || !l.adjusted.IsNegative() {
		return diff, err
	}
	left, err := l.comesTo.Add(l.adjusted)
	if err != nil {
		return diff, err
	}
	if left.IsNegative() {
		left = money.FromMinor(0, left.Currency())
	}
	if left.Minor() < -diff.Minor() {
		return left.Neg()
	}
	return diff, nil
}
