package billing

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A plan with thresholds bills usage before its period ends, where it comes to an amount. Such an
// interim invoice is a part of the count of each charge that has no length of time: it divides
// what was used, at a record, and not the period.

// maxInterims is the largest number of interim invoices of a period: a checkpoint remembers each.
const maxInterims = 100

// A madeInterim is an interim invoice that an earlier run made: of an instant, and of its commands
// behind the one of that number.
type madeInterim struct {
	at      time.Time
	command int
	played  bool
}

// An interim is an interim invoice that the run has come to.
type interim struct {
	at      time.Time
	ordinal int // of its period
	whole   calendar.Period
	// comesTo is what the usage of the period came to, before discounts and tax.
	comesTo money.Money
	life    bool // it came to that over all life
}

// billsEarly returns the charges that run and that an interim invoice bills: those of the plan's
// own period.
func (r *run) billsEarly() []*fold {
	s := &r.timeline.now
	if !s.billable() || !s.recurs() || s.period.End.IsZero() {
		return nil
	}
	var all []*fold
	for _, f := range r.folds {
		if a := f.accrual; a != nil && a.side.every.IsZero() && s.seg.Version().BilledEarly(a.charge, a.table) {
			all = append(all, f)
		}
	}
	return all
}

// nextInterim returns the instant of the record that makes the next interim invoice, before
// anything else divides what is used. made says that an earlier run made it; with onlyMade only those
// are looked for, before a command of a number.
func (r *run) nextInterim(before time.Time, onlyMade bool, command int) (at time.Time, made, ok bool, err error) {
	folds := r.billsEarly()
	if len(folds) == 0 {
		return at, false, false, nil
	}
	since := folds[0].accrual.since
	for _, f := range folds {
		since = earlier(since, f.accrual.since)
	}
	for _, m := range r.interimsMade {
		if !m.played && m.command < command && !m.at.Before(since) && (before.IsZero() || m.at.Before(before)) {
			return m.at, true, true, nil
		}
	}
	if onlyMade || r.probe != nil {
		return at, false, false, nil
	}
	records := r.usage.inOrder()
	records = records[records.since(since):]
	if !before.IsZero() {
		records = records[:records.since(before)]
	}
	if at, ok := r.standing(folds, records); ok {
		return at, false, true, nil
	}
	if n := len(r.interimsMade); n > 0 { // what lies before them is billed
		records = records[records.since(r.interimsMade[n-1].at.Add(micro.Second)):]
	}
	at, ok, err = r.reaches(folds, records)
	// Before what the checkpoint remembers all was billed, at the same records: where it rated no
	// usage, all before its mark. What a command began that it has not seen was not.
	knows := r.mark.MeteredFrom
	if r.derives || knows.IsZero() {
		knows = r.mark.ChargedThrough.Add(micro.Second)
	}
	return at, r.marked && at.Before(knows) && r.seen(at, r.behind(at)), ok, err
}

// standing finds the next interim invoice among the lines that were billed, which tell it by
// their ids: it stands, whatever is known by now of what was used before it.
func (r *run) standing(folds []*fold, records Usage) (time.Time, bool) {
	if len(r.options.standing) == 0 {
		return time.Time{}, false
	}
	for i := range records {
		if i > 0 && records[i].At.Equal(records[i-1].At) {
			continue
		}
		at := r.reachedAt(&records[i])
		for _, f := range folds {
			a := f.accrual
			if a.since.After(at) {
				continue
			}
			from, to := a.interimSpan(at)
			line := LineRef{Kind: UsageLine, Charge: a.charge.ID(), From: r.shown(from.Time, from.wall), To: to.Time, wallFrom: from.wall}
			if r.options.standing[line.id(r.sub.ID(), r.sub.Zone())] {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// reaches finds the first record with which the usage of the period comes to the next threshold.
func (r *run) reaches(folds []*fold, records Usage) (at time.Time, ok bool, err error) {
	if len(records) == 0 {
		return at, false, nil
	}
	m, err := r.meter(folds)
	if err != nil {
		return at, false, err
	}
	passed, err := m.billed()
	if err != nil {
		return at, false, err
	}
	n := 0
	version := r.timeline.now.seg.Version()
	for _, i := range r.interims {
		if i.ordinal != r.timeline.now.ordinal && !i.whole.Equal(m.whole) {
			continue
		}
		if n++; i.life == version.CountsLife() && passed.Minor() < i.comesTo.Minor() {
			passed = i.comesTo
		}
	}
	step, ok := version.NextThreshold(passed)
	if !ok || n >= maxInterims {
		return at, false, nil
	}
	if slices.ContainsFunc(folds, func(f *fold) bool { return !f.accrual.onlyAdds() }) {
		return r.walk(m, records, step)
	}
	// More usage never costs less: the instant is found as in a sorted list.
	i := sort.Search(len(records), func(i int) bool {
		if err != nil {
			return true
		}
		if m, err = r.meter(folds); err != nil {
			return true
		}
		var sum money.Money
		sum, err = m.readTo(r, records[i].At)
		return err == nil && sum.Minor() >= step.Minor()
	})
	if err != nil || i == len(records) {
		return at, false, err
	}
	return r.reachedAt(&records[i]), true, nil
}

// reachedAt is the instant at which a record can make an interim invoice: its own, or, where time
// was divided since, that at which it was: usage that has passed on to what follows counts there.
func (r *run) reachedAt(rec *Record) time.Time { return later(micro.Floor(rec.At), r.divided) }

// walk is reaches where a record may take back: record by record.
func (r *run) walk(m *meter, records Usage, step money.Money) (at time.Time, ok bool, err error) {
	for i := range records {
		if i+1 < len(records) && records[i+1].At.Equal(records[i].At) {
			continue // of one instant all count
		}
		sum, err := m.readTo(r, records[i].At)
		if err != nil {
			return at, false, err
		}
		if sum.Minor() >= step.Minor() {
			return r.reachedAt(&records[i]), true, nil
		}
	}
	return at, false, nil
}

// onlyAdds reports that more usage never costs less.
func (a *accrual) onlyAdds() bool {
	switch a.charge.Aggregation() {
	case plan.Sum, plan.Max, plan.RecordCount:
	case plan.Last, plan.UniqueCount, plan.Average, plan.WeightedSum, plan.TimeAverage:
		return false
	}
	model := a.table.Price().Model()
	return model != plan.VolumeModel && model != plan.StairstepModel && !a.table.RatesEvents()
}

// An upcomingInterim is the next interim invoice, if any comes before the timeline goes on.
type upcomingInterim struct {
	at  time.Time
	due bool
}

// dueInterim returns the instant of the next interim invoice; false if none comes before the
// timeline goes on.
func (r *run) dueInterim() (time.Time, bool, error) {
	if r.upcoming == nil {
		if len(r.billsEarly()) == 0 {
			return time.Time{}, false, nil
		}
		at, _, ok, err := r.nextInterim(r.usageEnds(), false, math.MaxInt)
		if err != nil {
			return at, false, err
		}
		r.upcoming = &upcomingInterim{at, ok}
	}
	return r.upcoming.at, r.upcoming.due, nil
}

// playMade makes the interim invoices of an instant that were made before its next command was billed:
// they stay before it.
func (r *run) playMade(t time.Time) error {
	k := r.timeline.i + 1
	if len(r.interimsMade) == 0 || k >= r.sub.Segments() || !r.sub.Segment(k).From().Equal(t) {
		return nil
	}
	return r.billInterims(t, true, r.sub.Segment(k).Opened().Command)
}

// behind returns the number of the last command of an instant that was billed; 0 if none was.
func (r *run) behind(t time.Time) (command int) {
	for i := r.timeline.i; i >= 0 && !r.sub.Segment(i).From().Before(t); i-- {
		if opened := r.sub.Segment(i).Opened(); r.sub.Segment(i).From().Equal(t) && !opened.Scheduled() {
			command = max(command, opened.Command)
		}
	}
	return command
}
