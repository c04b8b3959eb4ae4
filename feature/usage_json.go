package feature

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// usageForm is a usage in JSON.
type usageForm struct {
	Used        decimal.Decimal
	Window      Window
	First, Last time.Time
	Uses        []useForm
	Fired       []markForm
	Revision    int
}

type useForm struct {
	At     time.Time
	Amount decimal.Decimal
}

type markForm struct {
	Percent decimal.Decimal
	Scope   Scope
	UpTo    decimal.Decimal // the bound of a tier, or the limit; absent in counts of before limits were remembered
}

// MarshalJSON writes {"used":"3","window":"day","first":…,"last":…,"revision":2}; {} for the
// zero QuotaUsage. Each use is written only for a rolling window.
func (u QuotaUsage) MarshalJSON() ([]byte, error) {
	if u.IsZero() && u.revision == 0 {
		return []byte("{}"), nil
	}
	out := usageForm{Used: u.used.decimal(), Window: u.window.window(), Revision: u.revision}
	if u.recorded {
		out.First, out.Last = u.first.time(), u.last.time()
	}
	for _, v := range u.uses() {
		out.Uses = append(out.Uses, useForm{v.at.time(), v.n.decimal()})
	}
	for _, m := range u.fired() {
		out.Fired = append(out.Fired, markForm{m.threshold.Percent, m.threshold.Scope, m.upTo})
	}
	return usageFields.Append(nil, &out)
}

// maxFired bounds the recorded thresholds: those of a grant, and of grants that the
// feature had earlier in the window.
const maxFired = 1000

// usageCodec reads a usage and checks that its parts agree.
var usageCodec = strictjson.Custom(usageFields.Shape(), func(n strictjson.Node, u *QuotaUsage, r *strictjson.Report) {
	var form usageForm
	before := r.Len()
	if usageFields.ReadNode(n, &form, r); r.Len() > before {
		return
	}
	next, f := form.usage()
	for _, e := range f {
		r.Below(n, []strictjson.Fault{{Path: e.Path, Err: e.Err}})
	}
	*u = next
}, nil, nil)

func (in usageForm) usage() (QuotaUsage, []*fault.FieldError) {
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
	if in.Revision < 0 {
		f.add("revision", fault.OutOfRange.Errorf("must not be negative"))
	}
	if len(f) > 0 {
		return QuotaUsage{}, f
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
		return QuotaUsage{}, f
	}
	if in.Last.IsZero() {
		return QuotaUsage{revision: in.Revision}, nil
	}
	next := QuotaUsage{
		used: used, first: momentOf(in.First), last: momentOf(in.Last), window: in.Window.code(), recorded: true, revision: in.Revision,
	}
	next.with(uses, fired)
	return next, nil
}

// UnmarshalJSON is strict and validates.
func (u *QuotaUsage) UnmarshalJSON(data []byte) error {
	return decode(data, u, usageCodec, noFaults[QuotaUsage])
}
