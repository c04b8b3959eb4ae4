package billing

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// ErrBilled: what was said to be billed contradicts itself.
var ErrBilled = errors.New("billing: invalid billed lines")

// A Billed line is a line as the service stored it: one that a run made, a
// correction that [Reconcile] made, or an adjustment of its own.
type Billed struct {
	// ID is the line's id; see [Line.ID]. An adjustment's id is the service's own.
	ID uuid.UUID `json:"id"`
	// Of is the line that a correction or an adjustment changes; zero for a line of a
	// run.
	Of uuid.UUID `json:"of,omitzero"`
	// Adjusts says that it is the service's own adjustment of the line Of: it stands,
	// and a credit gives back no more than it left.
	Adjusts bool `json:"adjusts,omitempty"`
	// Amount is what was billed, negative for a credit.
	Amount money.Money `json:"amount"`
}

// Billed returns what to store of the invoice, for a later [Reconcile].
func (inv Invoice) Billed() []Billed {
	all := make([]Billed, len(inv.Lines))
	for i, line := range inv.Lines {
		all[i] = Billed{ID: inv.LineID(i), Amount: line.Amount}
	}
	return all
}

// A Correction changes what a line that was billed comes to. It is a result.
type Correction struct {
	// ID names it: the same difference found again has the same id.
	ID uuid.UUID
	// Of is the line that it corrects.
	Of uuid.UUID
	// Amount is added to what the line came to.
	Amount money.Money
	// Was and Is are what the line came to and what it comes to with the correction.
	Was, Is money.Money
}

// A Reconciliation is the difference between what was billed and what should have
// been. It is a result.
type Reconciliation struct {
	// At is the instant up to which was looked.
	At time.Time
	// Lines should have been billed and were not, in the order of their invoices.
	Lines []Line
	// Corrections change what was billed, in the order of the billed lines.
	Corrections []Correction
	// Total is the sum of both; CreditApplied, Due and Refund are as of an [Invoice].
	Total, CreditApplied, Due, Refund money.Money
	// Ledger is the mark to store when the difference is billed.
	Ledger Ledger

	subscription subscription.ID
	zone         calendar.Zone
}

// IsEmpty reports that all is as it should be.
func (r Reconciliation) IsEmpty() bool { return len(r.Lines) == 0 && len(r.Corrections) == 0 }

// Billed returns what to store of the reconciliation, for a later one.
func (r Reconciliation) Billed() []Billed {
	var all []Billed
	for _, line := range r.Lines {
		all = append(all, Billed{ID: line.ID(r.subscription), Amount: line.Amount})
	}
	for _, c := range r.Corrections {
		all = append(all, Billed{ID: c.ID, Of: c.Of, Amount: c.Amount})
	}
	return all
}

// Reconcile compares what was billed with what should have been by `to`, and
// returns only the difference: lines that are missing, and corrections of lines
// that came to something else or should not be there. When nothing changed it is
// empty, whatever was run twice or late. It is how a back-dated correction, usage
// that arrived after its period was billed, and a lost run are made good. Once the
// difference is stored with the rest, there is none.
//
// What the service adjusted itself stands. A credit on the billed basis, and a
// correction, give back no more of a line than its adjustments left.
//
// billed and usage are everything since the start. The ledger gives the account
// credit that is left and the instant up to which was billed: the error is [ErrPast]
// if `to` lies before it. A billed line that is there twice counts
// twice; one in another currency, a correction that is there twice and one of a line
// that is not there are [ErrBilled].
func Reconcile(sub subscription.Subscription, usage Usage, billed []Billed, ledger Ledger, to time.Time, options ...Option) (Reconciliation, error) {
	switch {
	case sub.IsZero():
		return Reconciliation{}, ErrZero
	case to.Before(ledger.Through):
		return Reconciliation{}, ErrPast
	}
	stored, err := index(billed, sub.Currency())
	if err != nil {
		return Reconciliation{}, err
	}
	options = append(slices.Clip(options), WithAdjustments(billed))
	should, mark, err := Invoices(sub, usage, Ledger{Late: ledger.Late}, to, options...)
	if err != nil {
		return Reconciliation{}, err
	}
	zero := money.FromMinor(0, sub.Currency())
	out := Reconciliation{At: utc(to), Ledger: mark, Total: zero, subscription: sub.ID(), zone: sub.Zone()}
	wanted := map[uuid.UUID]money.Money{}
	for _, inv := range should {
		for i, line := range inv.Lines {
			id := inv.LineID(i)
			wanted[id] = line.Amount
			if _, ok := stored.lines[id]; !ok && line.Amount.Sign() != 0 {
				out.Lines = append(out.Lines, line)
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
			ID: correctionID(sub.ID(), id, line.corrections), Of: id, Amount: diff, Was: line.comesTo, Is: is,
		})
		if out.Total, err = out.Total.Add(diff); err != nil {
			return Reconciliation{}, wrap(err)
		}
	}
	return out, out.settle(sub, ledger, options)
}

// settle treats the difference as one invoice.
func (r *Reconciliation) settle(sub subscription.Subscription, ledger Ledger, list []Option) error {
	play, err := newRun(sub, nil, Ledger{Credit: ledger.Credit}, list)
	if err != nil {
		return err
	}
	for i := range sub.Feeds() {
		// Credit that was given after the ledger was stored has not been counted.
		f := sub.Feed(i)
		after := f.At.After(ledger.Through) || f.Command > ledger.Command
		if f.Credit.IsValid() && after && !f.At.After(r.At) {
			play.give(f.Credit)
		}
	}
	if i := sub.SegmentAt(r.At); i >= 0 {
		play.policy = play.options.policy.Or(sub.Segment(i).Policy())
	}
	inv := Invoice{Total: r.Total}
	if err := errors.Join(play.fault, play.settle(&inv)); err != nil {
		return wrap(err)
	}
	r.CreditApplied, r.Due, r.Refund = inv.CreditApplied, inv.Due, inv.Refund
	r.Ledger.Credit = money.Money{}
	if play.credit.Sign() != 0 {
		r.Ledger.Credit = play.credit
	}
	return nil
}

// stored is what was billed, by line.
type stored struct {
	lines map[uuid.UUID]*storedLine
	order []uuid.UUID
}

type storedLine struct {
	comesTo     money.Money // with its corrections
	adjusted    money.Money // what the service took off it; not positive
	corrections int
}

func index(billed []Billed, c money.Currency) (stored, error) {
	s := stored{lines: map[uuid.UUID]*storedLine{}}
	seen := map[uuid.UUID]bool{}
	for i, b := range billed {
		switch {
		case b.ID == uuid.Nil:
			return s, fmt.Errorf("%w: billed[%d]: id: missing", ErrBilled, i)
		case !b.Amount.IsValid():
			return s, fmt.Errorf("%w: billed[%d]: amount: missing", ErrBilled, i)
		case b.Amount.Currency() != c:
			return s, fmt.Errorf("%w: billed[%d]: amount: %s, not %s", ErrBilled, i, b.Amount.Currency(), c)
		case seen[b.ID] && b.Of != uuid.Nil:
			return s, fmt.Errorf("%w: billed[%d]: id: %s is there twice", ErrBilled, i, b.ID)
		case b.Adjusts && b.Of == uuid.Nil:
			return s, fmt.Errorf("%w: billed[%d]: of: missing", ErrBilled, i)
		}
		seen[b.ID] = true
		if line, ok := s.lines[b.ID]; ok && b.Of == uuid.Nil {
			// Billed twice; or corrected away, and then billed again by a run.
			var err error
			if line.comesTo, err = line.comesTo.Add(b.Amount); err != nil {
				return s, fmt.Errorf("%w: billed[%d]: %w", ErrBilled, i, err)
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
			return s, fmt.Errorf("%w: billed[%d]: of: no line %s", ErrBilled, i, b.Of)
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
			return s, fmt.Errorf("%w: billed[%d]: %w", ErrBilled, i, err)
		}
	}
	return s, nil
}

// difference answers what leads from what the line came to, to what it should: of
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
