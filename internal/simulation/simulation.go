package simulation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/cases"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/money"
)

// A Violation is what does not hold of the life of a seed.
type Violation struct {
	Seed  uint64
	What  string
	Story []byte // its document: examples/simulate plays it
}

// Error says what, of which seed.
func (v *Violation) Error() string { return fmt.Sprintf("seed %d: %s\n%s", v.Seed, v.What, v.Story) }

// Counts is how often something happened, so that nobody takes lives in which it did not for
// proof.
type Counts map[string]int

// Add adds the counts of others.
func (c Counts) Add(o Counts) {
	for what, n := range o {
		c[what] += n
	}
}

// A Life is what was played.
type Life struct {
	Counts Counts
	// Story is its document, and Billed what all its invoices come to in minor units.
	Story  []byte
	Billed int64
	// Whole says that one run over the story makes the same invoices.
	Whole bool
}

// Play plays the life of a seed. The error is a [*Violation], or nil.
func Play(seed uint64) (Life, error) { return Tell(seed, func(string, ...any) {}) }

// Tell is Play that tells what happens, step by step.
func Tell(seed uint64, tell func(format string, args ...any)) (played Life, err error) {
	l := &life{draws: newDraws(seed), counts: Counts{"lives": 1}}
	l.service.tell = tell
	defer func() {
		played = Life{l.counts, l.document(), l.service.books.total, l.service.one && len(l.service.late) == 0}
		if p := recover(); p != nil { // a panic is a violation like another
			err = &Violation{seed, fmt.Sprintf("panics: %v", p), played.Story}
		}
	}()
	if what := l.play(); what != nil {
		return played, &Violation{seed, what.Error(), l.document()}
	}
	return played, nil
}

// errEnded ends a life that the engine refuses to go on with, as it may at the edges.
var errEnded = errors.New("ended")

type life struct {
	*draws
	market  market
	story   object
	actions []object
	telling *cases.Telling
	service service
	quota   quota
	start   time.Time
	now     time.Time
	counts  Counts
}

func (l *life) play() error {
	l.market = market{shares: l.oneIn(3), edge: l.oneIn(6), plain: l.oneIn(4)}
	if l.market.shares {
		l.market.edge = false
	}
	if !l.begin() {
		return nil
	}
	l.service.counts, l.service.taxes = l.counts, pick(l.draws, taxes...)
	if l.service.taxes != nil {
		l.counts["life: taxed"]++
	}
	l.now = l.start
	for range l.between(1, 12) {
		if err := l.step(); err != nil {
			return l.over(err)
		}
	}
	l.now = l.now.AddDate(0, l.between(0, 9), 3)
	return l.over(l.end())
}

// over says whether an error is a violation.
func (l *life) over(err error) error {
	if errors.Is(err, errEnded) {
		l.counts["ended by a refusal"]++
		return nil
	}
	return err
}

// begin draws plans until the engine takes some: not all that is drawn fits together.
func (l *life) begin() bool {
	for range 20 {
		market := l.market
		story, start := l.draws.story(&market)
		var s []cases.Story
		data, err := json.Marshal(story)
		if err == nil {
			var faults []strict.Fault
			if s, faults = cases.DecodeStories(data); len(faults) == 0 {
				if l.telling, faults = s[0].Begin("life"); len(faults) == 0 {
					l.market, l.story, l.start = market, story, s[0].Subscription.Start.In(s[0].Zone)
					l.service.basis = s[0].Policy.Basis
					l.service.listed = story["policy"].(object)["credit_basis"] == "list"
					l.service.books.emits = story["policy"].(object)["zero_invoices"] == "emit"
					l.said()
					return true
				}
			}
		}
		_ = start
		l.counts["plans refused"]++
	}
	return false
}

// said counts what the plans of a life have.
func (l *life) said() {
	for _, p := range l.story["plans"].([]any) {
		_, early := p.(object)["thresholds"]
		l.service.early = l.service.early || early
		for word := range p.(object) {
			l.counts["plan: "+word]++
		}
		for _, c := range p.(object)["charges"].([]any) {
			for word := range c.(object) {
				l.counts["charge: "+word]++
			}
		}
	}
	for flag, is := range map[string]bool{"shares": l.market.shares, "edge": l.market.edge, "plain": l.market.plain} {
		if is {
			l.counts["life: "+flag]++
		}
	}
}

// step lets time pass and something happen.
func (l *life) step() error {
	sub := l.telling.Subscription()
	switch l.between(0, 4) {
	case 0: // the same instant
	case 1:
		if end := boundary(sub, l.now); end.After(l.now) {
			l.now = end
		}
	default:
		l.now = l.now.AddDate(0, 0, l.between(1, 45)).Add(time.Duration(l.between(0, 1)*l.between(0, 86_399)) * time.Second)
	}
	if l.now.Year() > 9998 {
		return errEnded
	}
	if l.oneIn(2) {
		if err := l.run(l.now); err != nil {
			return err
		}
	}
	if l.oneIn(3) {
		if err := l.restart(); err != nil {
			return err
		}
	}
	if l.oneIn(4) {
		if err := l.use(); err != nil {
			return err
		}
	}
	if l.oneIn(3) {
		return l.arrives(l.record(l.now, l.start))
	}
	return l.act()
}

// run bills, perhaps ahead of the clock.
func (l *life) run(to time.Time) error {
	if l.oneIn(12) {
		to = to.AddDate(0, 0, l.between(1, 40))
		l.counts["runs ahead"]++
	}
	return l.service.run(l.draws, l.telling.Subscription(), to)
}

// restart goes on from documents alone.
func (l *life) restart() error {
	before := l.telling.Subscription()
	document, err := before.MarshalJSON()
	if err != nil {
		return fmt.Errorf("a subscription cannot be written: %w", err)
	}
	if err := l.telling.Restart(document); err != nil {
		return fmt.Errorf("a subscription cannot be read: %w\n%s", err, document)
	}
	again, err := l.telling.Subscription().MarshalJSON()
	if err != nil || string(again) != string(document) {
		return fmt.Errorf("a subscription that was read is written otherwise (%v):\n%s\n%s", err, document, again)
	}
	if !before.Equal(l.telling.Subscription()) {
		return fmt.Errorf("a subscription that was read is another one:\n%s", document)
	}
	overwrite(document)
	l.counts["restarts"]++
	return nil
}

// act does something to the subscription, if the engine lets it, and sees that its preview is
// its bill.
func (l *life) act() error {
	sub := l.telling.Subscription()
	at, err := billing.NotBefore(sub, l.service.checkpoint(), l.now)
	if err != nil {
		return fmt.Errorf("no instant for a verb: %w", err)
	}
	said := l.action(&l.market, l.story, sub, at)
	action, err := read(said)
	if err != nil {
		if l.market.edge { // an anchor before the year 1
			return nil
		}
		return fmt.Errorf("an action cannot be read: %w", err)
	}
	next := l.telling.Fork()
	if err := next.Do(action); err != nil {
		l.counts["refused: "+fmt.Sprint(said["do"])]++
		return nil
	}
	if next.Subscription().Version() == sub.Version() {
		return nil
	}
	l.service.tell("tries %v", said)
	billed, err := l.service.previewed(sub, next.Subscription(), at)
	if err != nil {
		return err
	}
	if !billed { // what is used could not be rated then
		l.counts["cannot be billed: "+fmt.Sprint(said["do"])]++
		return nil
	}
	switch said["do"] {
	case "discount", "one_off", "account_credit":
		l.service.fed = l.service.fed || at.Equal(l.service.checkpoint().ChargedThrough)
	}
	l.service.fed = l.service.fed || l.service.early && l.service.billedEarly(at) // before what is done later at that instant
	l.service.tell("  does")
	l.telling, l.now = next, later(l.now, at)
	l.actions = append(l.actions, said)
	l.counts["does "+fmt.Sprint(said["do"])]++
	l.service.happens()
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// arrives takes in a record of usage: now, too late, twice, or not at all.
func (l *life) arrives(said object) error {
	sub := l.telling.Subscription()
	at, err := time.Parse(time.RFC3339Nano, said["at"].(string))
	if err != nil {
		return err
	}
	action, err := read(said)
	if err != nil {
		return fmt.Errorf("a record cannot be read: %w", err)
	}
	quantity := action.Verb.(*cases.Usage).Quantity
	record := billing.Record{Metric: "calls", At: at, Quantity: quantity}
	taken, err := l.service.takes(sub, record)
	if err != nil || !taken {
		return err
	}
	l.actions = append(l.actions, said)
	return nil
}

// end runs to the end and looks at the life as a whole.
func (l *life) end() error {
	sub := l.telling.Subscription()
	if err := l.service.run(nil, sub, l.now); err != nil {
		return err
	}
	if err := l.service.whole(sub, l.now); err != nil {
		return err
	}
	if l.market.shares {
		return l.tiles()
	}
	return nil
}

func read(said object) (cases.Action, error) {
	var action cases.Action
	data, err := json.Marshal(said)
	if err != nil {
		return action, err
	}
	if faults := strict.Decode(data, &action, strict.Limits{}); len(faults) > 0 {
		return action, fmt.Errorf("%s: %v", data, faults[0])
	}
	return action, nil
}

// document is the life as a story, its actions in order of time.
func (l *life) document() []byte {
	story := maps.Clone(l.story)
	actions := append([]object{}, l.actions...)
	slices.SortStableFunc(actions, func(a, b object) int {
		x, _ := time.Parse(time.RFC3339Nano, a["at"].(string))
		y, _ := time.Parse(time.RFC3339Nano, b["at"].(string))
		return x.Compare(y)
	})
	if story == nil {
		story = object{}
	}
	story["actions"], story["until"] = actions, calendar.FormatInstant(l.now)
	data, err := json.Marshal(story)
	if err != nil {
		return []byte(err.Error())
	}
	return data
}

// mayEnd reports whether a life may end with an error: amounts that do not fit, dates beyond
// the calendar, usage that only together is more than a price can rate.
func mayEnd(err error) bool {
	return errors.Is(err, money.ErrOverflow) || errors.Is(err, calendar.ErrRange) || errors.Is(err, billing.ErrRange) || errors.Is(err, billing.ErrUsage)
}
