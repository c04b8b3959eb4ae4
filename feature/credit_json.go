package feature

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// MarshalJSON writes the grant, decimals as strings and instants in UTC. A grant
// that is not valid is an error.
func (g CreditGrant) MarshalJSON() ([]byte, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return creditGrantCodec.Append(nil, &g)
}

// UnmarshalJSON is strict and validates.
func (g *CreditGrant) UnmarshalJSON(data []byte) error {
	return decode(data, g, creditGrantCodec, CreditGrant.faults)
}

// MarshalJSON writes the entry, its amount as a string. An entry of no kind is an
// error.
func (e Entry) MarshalJSON() ([]byte, error) {
	if err := oneOf(e.Kind); err != nil {
		return nil, fault.At("kind", err)
	}
	return entryCodec.Append(nil, &e)
}

// UnmarshalJSON is strict. Whether the entry is possible can be checked only with the
// ledger that it belongs to.
func (e *Entry) UnmarshalJSON(data []byte) error { return decode(data, e, entryCodec, noFaults[Entry]) }

// MarshalJSON writes {"as_of":…,"grants":[…],"entries":[…]}; {} for the zero Credits.
// What remains of each grant is not written: it is the sum of its entries.
func (c Credits) MarshalJSON() ([]byte, error) {
	grants := make([]CreditGrant, len(c.held))
	for i, h := range c.held {
		grants[i] = h.Grant
	}
	return creditsCodec.Append(nil, &creditsForm{c.asOf, grants, c.entries})
}

// creditsForm is a ledger in JSON.
type creditsForm struct {
	AsOf    time.Time
	Grants  []CreditGrant
	Entries []Entry
}

// wholeCredits reads a ledger and replays its entries: one that no sequence of verbs
// could have produced is refused.
var wholeCredits = strictjson.Custom(creditsCodec.Shape(), func(n strictjson.Node, c *Credits, r *strictjson.Report) {
	var form creditsForm
	before := r.Len()
	if creditsCodec.ReadNode(n, &form, r); r.Len() > before {
		return
	}
	next := Credits{asOf: form.AsOf}
	var f faults
	next.readGrants(&f, form.Grants)
	if len(f) == 0 {
		next.readEntries(&f, form.Entries)
	}
	if len(f) == 0 {
		next.checkGrants(&f)
	}
	for _, e := range f {
		r.Below(n, []strictjson.Fault{{Path: e.Path, Err: e.Err}})
	}
	*c = next
}, nil, nil)

func (c *Credits) readGrants(f *faults, grants []CreditGrant) {
	if len(grants) > MaxCreditGrants {
		f.add("grants", fault.TooMany.Errorf("must be at most %d, not %d", MaxCreditGrants, len(grants)))
		return
	}
	seen := make(map[string]bool, len(grants))
	for i, g := range grants {
		path := strictjson.Index("grants", i)
		*f = append(*f, below(path, g.faults())...)
		if seen[g.ID] {
			f.add(path+".id", fault.Duplicate.Errorf("repeats another grant"))
		}
		if g.From.IsZero() {
			f.add(path+".from", errMissing)
		}
		seen[g.ID] = true
		c.held = append(c.held, Held{Grant: g})
	}
}

// readEntries replays the ledger.
func (c *Credits) readEntries(f *faults, entries []Entry) {
	index := make(map[string]int, len(c.held))
	for i, h := range c.held {
		index[h.Grant.ID] = i
	}
	last := time.Time{}
	for i, e := range entries {
		path := strictjson.Index("entries", i)
		at, known := index[e.Grant]
		switch {
		case !known:
			f.add(path+".grant", ErrUnknownGrant)
			return
		case e.At.Before(last) || e.At.After(c.asOf):
			f.add(path+".at", fault.OutOfOrder.Errorf("must be in order of time, and not after as_of"))
			return
		}
		last = e.At
		if member, err := c.held[at].replay(e); err != nil {
			f.add(path+"."+member, err)
			return
		}
		c.entries = append(c.entries, e)
	}
}

// replay applies an entry, or says which member of it is not possible.
func (h *Held) replay(e Entry) (member string, err error) {
	opens := e.Kind == EntryGranted || e.Kind == EntryCarried
	switch {
	case oneOf(e.Kind) != nil:
		return "kind", errMissing
	case opens == h.Started:
		return "kind", fault.OutOfOrder.Errorf("must begin the entries of the grant, once")
	case e.Kind == EntryGranted && !e.Amount.Equal(h.Grant.Amount):
		return "amount", fault.Inconsistent.Errorf("must be that of the grant")
	case e.Kind != EntryCarried && e.Amount.IsZero(), e.Amount.IsNegative() == e.Kind.adds() && !e.Amount.IsZero():
		return "amount", fault.Inconsistent.Errorf("must have the sign of what happened")
	case e.Ref != "" && labelFault(e.Ref) != nil:
		return "ref", labelFault(e.Ref)
	}
	h.Started = true
	h.Left = h.Left.Add(e.Amount)
	if h.Left.IsNegative() || dec.Check(h.Left) != nil {
		return "amount", fault.Inconsistent.Errorf("must not overdraw the grant")
	}
	return "", nil
}

// checkGrants compares each grant with the result of its entries.
func (c *Credits) checkGrants(f *faults) {
	for i, h := range c.held {
		path := strictjson.Index("grants", i)
		switch begun := !h.Grant.From.After(c.asOf); {
		case begun != h.Started:
			f.add(path+".from", fault.OutOfOrder.Errorf("must be on the same side of as_of, %s, as the entries", calendar.FormatInstant(c.asOf)))
		case !h.Grant.Until.IsZero() && !h.Grant.Until.After(c.asOf) && !h.Left.IsZero():
			f.add(path+".until", fault.Inconsistent.Errorf("must have taken what was left"))
		}
	}
}

// UnmarshalJSON is strict and validates.
func (c *Credits) UnmarshalJSON(data []byte) error {
	return decode(data, c, wholeCredits, noFaults[Credits])
}
