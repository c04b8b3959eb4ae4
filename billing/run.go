package billing

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A run plays the billing of one subscription forward and emits its invoices, in the
// stages that doc.go names: the timeline makes transitions, each charge's fold makes
// lines of them, a draft groups the lines of one instant and reason, and discounts,
// tax and the balance make an invoice of it. Only these last know the checkpoint.
//
// It begins at a boundary at or before the checkpoint where no charge is left of
// earlier periods, so that its work does not grow with them.
type run struct {
	sub    subscription.Subscription
	usage  *usageIndex
	mark   mark
	moved  bool // zone data changed since an instant of the subscription was recorded
	marked bool // the checkpoint counts: without one everything since the start is due
	starts bool // its own start is looked for, and not that of the run after it
	// derives says that the checkpoint remembers nothing: what has become of discounts
	// follows from the history.
	derives bool
	options *options

	timeline timeline
	own      []*timeline // of charges that bill by intervals of their own
	resumed  time.Time   // where the run begins; zero: at the start
	folds    []*fold
	foldOf   map[string]*fold     // those, where they are many
	counted  map[string]time.Time // up to where usage of a metric stands on lines
	// billed are the metered parts whose invoice was made. trusts says that usage is not
	// held to the checkpoint.
	billed []billedPart
	// overParts are the parts whose usage the running terms count.
	overParts []overPart
	trusts    bool
	probe     *probe
	// levels are those that were asked for last; older those before the run that no checkpoint
	// knows, of the records before it; carries are the metrics whose levels are carried.
	levels  []levelAt
	before  Usage
	older   map[string]decimal.Decimal
	carries map[string]bool
	pending int // the next pending item
	waiting []*draftLine
	// minimums says that a minimum is in force in some segment, minimumIn in which one
	// minimum was looked up last. spend is the period that runs, lived up to where its parts
	// are measured, and waitingSpends are true-ups of lines that wait.
	minimums      bool
	minimumIn     subscription.Segment
	minimum       *plan.Minimum
	spend         *spend
	lived         fold
	terms         []TermSpend // where the periods of terms began that were played
	waitingSpends []dueSpend

	// countsLife says that thresholds count over all life; life is what usage has come to, and lives
	// what it was where periods began that were played.
	countsLife bool
	life       money.Money
	lives      []LifeUsage

	// wholes holds, by the number of a period, the period of the grid by which its counts began.
	wholes map[int]calendar.Period

	// capIn is the version whose spend cap was looked up last, and caps are the periods under caps.
	capIn *plan.Version
	cap   *plan.SpendCap
	caps  []*cappedPeriod

	// interims are those that the run came to; interimsMade are those that earlier runs made, in
	// order. upcoming is the next one, once it was looked for.
	interims     []interim
	interimsMade []madeInterim
	upcoming     *upcomingInterim
	divided      time.Time // when time was divided last

	untaxed   []*draft // invoices whose tax is left for later: see settleTax
	discounts []*activeDiscount
	balance   money.Money
	carried   []int // pending items for an instant that had been billed

	emit func(Invoice) bool // false: stop
	made int                // invoices emitted
	// metered says that usage is rated at the instant being played; wake is the first that
	// was played after the mark, and counts says that usage was rated in time after it.
	metered bool
	wake    time.Time
	counts  bool
	done    bool
}

// newRun returns a run. More than one record must be accepted.
func newRun(sub subscription.Subscription, usage Usage, mark mark, o *options) (*run, error) {
	if sub.IsZero() {
		return nil, ErrZero
	}
	r := &run{
		sub: sub, usage: &usageIndex{records: usage}, mark: mark, moved: inside.Moved(sub), marked: !mark.ChargedThrough.IsZero(), options: o,
		balance: mark.CreditBalance, carried: mark.CarriedOver,
		timeline: timeline{sub: sub, choose: o.policy, i: -1, now: side{ordinal: -1}},
	}
	for _, p := range mark.Metered {
		if p.Interim {
			r.interimsMade = append(r.interimsMade, madeInterim{at: p.To.Add(-micro.Second), command: p.Command})
		}
	}
	slices.SortFunc(r.interimsMade, func(a, b madeInterim) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.command, b.command)) })
	if !mark.here.IsZero() {
		r.timeline.here, r.timeline.billedAt = mark.here, mark.Boundary.At
	}
	if !r.balance.IsValid() {
		r.balance = money.FromMinor(0, sub.Currency())
	} else if r.balance.Currency() != sub.Currency() {
		return nil, wrap(&money.MismatchError{A: r.balance.Currency(), B: sub.Currency()})
	}
	if r.balance.IsNegative() {
		return nil, fmt.Errorf("%w: credit balance: must not be negative", ErrCheckpoint)
	}
	if o.withoutCredit && r.balance.Sign() != 0 {
		return nil, fmt.Errorf("%w: credit balance: must be moved to the account that keeps the credit", ErrCheckpoint)
	}
	if err := r.checkMark(); err != nil {
		return nil, err
	}
	return r, nil
}

// startingRun returns a run at its beginning.
func startingRun(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, o *options) (*run, error) {
	var m mark
	if err := m.from(sub, &checkpoint); err != nil {
		return nil, err
	}
	r, err := newRun(sub, usage, m, o)
	if err != nil {
		return nil, err
	}
	return r, r.start()
}

// checkMark refuses commands that were given for an instant before the checkpoint
// after it was made: what they change was billed.
func (r *run) checkMark() error {
	if r.marked && r.mark.LastCommand > 0 && inside.CommandBefore(r.sub, r.mark.ChargedThrough, r.mark.given, r.mark.LastCommand) {
		return ErrReconcile
	}
	if n := r.sub.Version(); r.mark.LastCommand < 0 || r.mark.LastCommand > n {
		return fmt.Errorf("%w: last command: %d, and the subscription has %d", ErrCheckpoint, r.mark.LastCommand, n)
	}
	return nil
}

// start finds where to begin.
func (r *run) start() error {
	if !r.marked {
		r.seekMinimums(0)
		r.seekLife(0)
		return nil
	}
	limit := r.mark.ChargedThrough
	if r.probe != nil {
		limit = earlier(limit, r.probe.record.At)
	}
	r.starts = true
	from := r.safeStart(limit)
	r.starts = false
	r.seekMinimums(from.i)
	r.seekLife(from.i)
	if from.i < 0 && from.at.IsZero() {
		return nil
	}
	r.resumed = from.at
	r.beginLife(from)
	return r.resumeAt(from)
}

// play goes on until all that falls due at or before the instant is done.
func (r *run) play(until time.Time) error {
	for !r.done {
		t, ok, err := r.next()
		if err != nil {
			return wrap(err)
		}
		if !ok || t.After(until) {
			return nil
		}
		if err := r.instant(t); err != nil {
			return wrap(err)
		}
	}
	return nil
}

// next returns the next instant at which something may have to be billed.
func (r *run) next() (time.Time, bool, error) {
	t, ok, err := r.nextByItself()
	if err != nil {
		return t, ok, err
	}
	at, due, err := r.dueInterim()
	if at = later(at, r.timeline.at); due && (!ok || at.Before(t)) {
		t, ok = at, true
	}
	return t, ok, err
}

// nextByItself is next, whatever was used.
func (r *run) nextByItself() (time.Time, bool, error) {
	t, ok := r.timeline.next()
	consider := func(other time.Time) {
		if !other.IsZero() && (!ok || other.Before(t)) {
			t, ok = other, true
		}
	}
	if r.timeline.i < 0 {
		return t, ok, nil
	}
	for _, tl := range r.own {
		if at, more := tl.next(); more && tl.bills() {
			consider(at)
		}
	}
	if r.pending < r.sub.PendingItems() {
		consider(later(r.sub.PendingItem(r.pending).At, r.timeline.at))
	}
	gap, err := r.nextGap()
	consider(gap)
	return t, ok, err
}

// instant does everything that falls due at t.
func (r *run) instant(t time.Time) error {
	r.metered, r.upcoming = false, nil
	if r.hasOwn(t) {
		return r.instantOwn(t)
	}
	d := &draft{at: t, policy: r.timeline.now.policy}
	if err := r.billGaps(d, t, true); err != nil {
		return err
	}
	tr, due, done, err := r.timeline.due(t)
	if err != nil || done {
		r.done = done
		return err
	}
	if due {
		if tr.waits && len(d.lines) > 0 {
			if err := r.finish(d); err != nil || r.done {
				return err
			}
			d = &draft{at: t}
		}
		r.begin(d, &tr)
		if err := r.close(d, &tr); err != nil {
			return err
		}
	}
	if err := r.collectPending(t, false, math.MaxInt); err != nil {
		return err
	}
	for due {
		if err := r.open(d, &tr); err != nil {
			return err
		}
		if tr, due, _, err = r.timeline.due(t); err != nil {
			return err
		}
		if !due {
			break
		}
		if tr.waits { // the change's lines do; those of the phase that it closes do not
			d.policy = r.timeline.now.policy
			if err := r.finish(d); err != nil || r.done {
				return err
			}
			d = &draft{at: t}
		}
		was := *d
		r.begin(d, &tr)
		d.flush, d.regular, d.wall = d.flush || was.flush, d.regular || was.regular, d.wall || was.wall
		if err := r.close(d, &tr); err != nil {
			return err
		}
	}
	r.timeline.at = t
	d.policy = r.timeline.now.policy
	if err := r.billGaps(d, t, false); err != nil {
		return err
	}
	if err := r.finish(d); err != nil || r.done {
		return err
	}
	if err := r.collectNow(t); err != nil || r.done {
		return err
	}
	for {
		if err := r.collectBeforeCommand(t); err != nil || r.done {
			return err
		}
		if err := r.playMade(t); err != nil || r.done {
			return err
		}
		tr, ok, err := r.timeline.command(t)
		if err != nil || !ok {
			if err != nil {
				return err
			}
			break
		}
		d := &draft{at: t}
		r.begin(d, &tr)
		if err := r.close(d, &tr); err != nil {
			return err
		}
		if err := r.open(d, &tr); err != nil {
			return err
		}
		d.policy = tr.is.policy
		if err := r.billGaps(d, t, false); err != nil {
			return err
		}
		if err := r.finish(d); err != nil || r.done {
			return err
		}
	}
	if err := r.billInterims(t, true, math.MaxInt); err != nil || r.done {
		return err
	}
	if err := r.collectLate(t, math.MaxInt); err != nil || r.done {
		return err
	}
	return r.billInterims(t, false, math.MaxInt)
}

// begin takes from a transition what its invoice is.
func (r *run) begin(d *draft, tr *transition) {
	r.divided = r.timeline.actual(tr.at)
	d.command, d.waits, d.flush, d.wall = tr.command, tr.waits, tr.flush || tr.ends == endsPeriod, tr.wall
	opens := tr.begins == beginsPeriod && !tr.is.free && tr.is.recurs() && tr.is.chargesAhead()
	closes := tr.ends == endsPeriod || tr.ends == endsPart && tr.begins == beginsPeriod
	d.regular = opens || closes && slices.ContainsFunc(r.folds, func(f *fold) bool { return f.accrual != nil })
}

// seen reports whether what a command caused at t was billed before the run.
func (r *run) seen(t time.Time, command int) bool {
	return r.marked && !t.After(r.mark.ChargedThrough) && command <= r.mark.LastCommand
}

// saw reports whether the invoice of a draft was made before the run.
func (r *run) saw(d *draft) bool {
	if d.interim {
		return d.made
	}
	return r.seen(d.at, d.command)
}

// checkpoint is what to remember after a run through the instant to.
func (r *run) checkpoint(to time.Time) (Checkpoint, error) {
	next := Checkpoint{ChargedThrough: micro.Floor(to), LastCommand: max(r.mark.LastCommand, r.sub.LastCommand(to))}
	if r.balance.Sign() != 0 {
		next.CreditBalance = r.balance
	}
	if err := r.rememberUsage(&next); err != nil {
		return next, err
	}
	r.rememberTerms(&next)
	r.rememberLife(&next)
	if len(r.discounts) == 0 && len(r.carried) == 0 && len(r.mark.Redeemed) == 0 {
		return next, r.mark.remember(&next, r.sub)
	}
	// What no later run looks at is forgotten.
	start := r.safeStart(to)
	next.Redeemed = r.redemptions(start.at)
	for _, n := range r.carried {
		if !r.sub.Command(n).At.Before(start.at) {
			next.CarriedOver = append(next.CarriedOver, n)
		}
	}
	slices.Sort(next.CarriedOver)
	return next, r.mark.remember(&next, r.sub)
}

func keep[T any](all []T, want func(T) bool) []T {
	kept := all[:0]
	for _, x := range all {
		if want(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
