package feature

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

type usageOut struct {
	Used   string    `json:"used,omitempty"`
	Window Window    `json:"window,omitempty"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	Uses   []useOut  `json:"uses,omitempty"`
	Fired  []markOut `json:"fired,omitempty"`
}

type useOut struct {
	At     time.Time `json:"at"`
	Amount string    `json:"amount"`
}

type markOut struct {
	Percent string `json:"percent"`
	Scope   Scope  `json:"scope,omitempty"`
	UpTo    string `json:"up_to,omitempty"`
}

// MarshalJSON writes {"used":"3","window":"day","first":…,"last":…}; {} for the
// zero Usage. Each use is written only for a rolling window.
func (u Usage) MarshalJSON() ([]byte, error) {
	if u.IsZero() {
		return []byte("{}"), nil
	}
	out := usageOut{Used: u.used.String(), Window: u.window.window(), First: u.first.time(), Last: u.last.time()}
	for _, v := range u.uses() {
		out.Uses = append(out.Uses, useOut{v.at.time(), v.n.String()})
	}
	for _, m := range u.fired() {
		doc := markOut{Percent: dec.String(m.threshold.Percent), Scope: m.threshold.Scope}
		if m.threshold.scope() == TierScope {
			doc.UpTo = dec.String(m.upTo)
		}
		out.Fired = append(out.Fired, doc)
	}
	return json.Marshal(out)
}

// maxFired bounds the recorded thresholds: those of a grant, and of grants that the
// feature had earlier in the window.
const maxFired = 1000

type usageIn struct {
	Used   decimal.Decimal `json:"used"`
	Window Window          `json:"window"`
	First  time.Time       `json:"first"`
	Last   time.Time       `json:"last"`
	Uses   []struct {
		At     time.Time       `json:"at"`
		Amount decimal.Decimal `json:"amount"`
	} `json:"uses"`
	Fired []struct {
		Percent decimal.Decimal `json:"percent"`
		Scope   Scope           `json:"scope"`
		UpTo    decimal.Decimal `json:"up_to"`
	} `json:"fired"`
}

// DecodeStrict decodes a usage and checks that its parts agree.
func (u *Usage) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	var in usageIn
	if found := n.Decode(&in); len(found) > 0 {
		return found
	}
	next, f := in.usage()
	found := make([]strictjson.Fault, len(f))
	for i, fault := range f {
		found[i] = strictjson.Fault{Path: fault.Path, Err: fault.Err}
	}
	if len(found) > 0 {
		return n.Below(found)
	}
	*u = next
	return nil
}

func (in usageIn) usage() (Usage, []*fault.FieldError) {
	var (
		f     faults
		uses  []use
		fired []mark
		sum   count
	)
	used, err := countOf(in.Used)
	f.add("used", err)
	switch {
	case in.First.IsZero() != in.Last.IsZero(), in.Last.Before(in.First):
		f.add("last", fault.OutOfOrder.Errorf("must be an instant, and not before first"))
	case in.Last.IsZero() && (!used.isZero() || in.Window != "" || len(in.Uses) > 0 || len(in.Fired) > 0):
		f.add("last", errMissing)
	case (in.Window == Rolling) != (len(in.Uses) > 0):
		f.add("uses", fault.Required.Errorf("must be there for a %s window, and for no other", Rolling))
	case len(in.Uses) > MaxUses:
		f.add("uses", fault.TooMany.Errorf("must be at most %d, not %d", MaxUses, len(in.Uses)))
	case len(in.Fired) > maxFired:
		f.add("fired", fault.TooMany.Errorf("must be at most %d, not %d", maxFired, len(in.Fired)))
	}
	if len(f) > 0 {
		return Usage{}, f
	}
	for i, v := range in.Uses {
		path := strictjson.Index("uses", i)
		amount, err := countOf(v.Amount)
		switch {
		case err != nil:
			f.add(path+".amount", err)
		case amount.isZero():
			f.add(path+".amount", fault.OutOfRange.Errorf("must exceed 0"))
		case i > 0 && !v.At.After(in.Uses[i-1].At):
			f.add(path+".at", fault.OutOfOrder.Errorf("must be in order of time"))
		}
		uses = append(uses, use{momentOf(v.At), amount})
		sum = sum.sum(amount)
	}
	for i, m := range in.Fired {
		t := Threshold{Percent: m.Percent, Scope: m.Scope}
		f = append(f, t.faults(strictjson.Index("fired", i))...)
		f.add(strictjson.Index("fired", i)+".up_to", limitFault(m.UpTo))
		fired = append(fired, mark{t, m.UpTo})
	}
	if len(uses) > 0 && len(f) == 0 &&
		(sum.cmp(used) != 0 || uses[0].at != momentOf(in.First) || uses[len(uses)-1].at != momentOf(in.Last)) {
		f.add("uses", fault.Inconsistent.Errorf("must agree with used, first and last"))
	}
	if len(f) > 0 {
		return Usage{}, f
	}
	if in.Last.IsZero() {
		return Usage{}, nil
	}
	next := Usage{
		used: used, first: momentOf(in.First), last: momentOf(in.Last), window: in.Window.code(), recorded: true,
	}
	next.with(uses, fired)
	return next, nil
}

// UnmarshalJSON is strict and validates.
func (u *Usage) UnmarshalJSON(data []byte) error {
	var next Usage
	if err := decode(data, &next, noFaults); err != nil {
		return err
	}
	*u = next
	return nil
}
