package feature

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

type rolloverDoc struct {
	Min string `json:"min,omitempty"`
	Max string `json:"max"`
}

type creditGrantDoc struct {
	ID       string       `json:"id"`
	Class    string       `json:"class,omitempty"`
	Amount   string       `json:"amount"`
	Priority int          `json:"priority,omitempty"`
	From     time.Time    `json:"from,omitzero"`
	Until    time.Time    `json:"until,omitzero"`
	Rollover *rolloverDoc `json:"rollover,omitempty"`
}

// MarshalJSON writes the grant, decimals as strings and instants in UTC. A grant
// that is not valid is an error.
func (g CreditGrant) MarshalJSON() ([]byte, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	doc := creditGrantDoc{
		ID: g.ID, Class: g.Class, Amount: dec.String(g.Amount), Priority: g.Priority,
		From: instant(g.From), Until: instant(g.Until),
	}
	if r := g.Rollover; r != nil {
		doc.Rollover = &rolloverDoc{Max: dec.String(r.Max)}
		if !r.Min.IsZero() {
			doc.Rollover.Min = dec.String(r.Min)
		}
	}
	return json.Marshal(doc)
}

// DecodeStrict decodes a grant without validating it.
func (g *CreditGrant) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	var in struct {
		ID       string          `json:"id"`
		Class    string          `json:"class"`
		Amount   decimal.Decimal `json:"amount"`
		Priority int             `json:"priority"`
		From     time.Time       `json:"from"`
		Until    time.Time       `json:"until"`
		Rollover *struct {
			Min decimal.Decimal `json:"min"`
			Max decimal.Decimal `json:"max"`
		} `json:"rollover"`
	}
	found := n.Decode(&in)
	*g = CreditGrant{
		ID: in.ID, Class: in.Class, Amount: in.Amount, Priority: in.Priority, From: in.From, Until: in.Until,
	}
	if in.Rollover != nil {
		g.Rollover = &Rollover{Min: in.Rollover.Min, Max: in.Rollover.Max}
		if at, ok := n.Field("rollover"); ok {
			if _, said := at.Field("max"); !said {
				found = append(found, missing(at, "max"))
			}
		}
	}
	return found
}

// UnmarshalJSON is strict and validates.
func (g *CreditGrant) UnmarshalJSON(data []byte) error {
	var next CreditGrant
	if err := decode(data, &next, func() []*fault.FieldError { return next.faults() }); err != nil {
		return err
	}
	*g = next
	return nil
}

type entryDoc struct {
	At     time.Time       `json:"at"`
	Kind   EntryKind       `json:"kind"`
	Grant  string          `json:"grant"`
	Amount decimal.Decimal `json:"amount"`
	Ref    string          `json:"ref,omitempty"`
}

// MarshalJSON writes the entry, its amount as a string. An entry of no kind is an
// error.
func (e Entry) MarshalJSON() ([]byte, error) {
	if err := oneOf(e.Kind, EntryKinds()); err != nil {
		return nil, fault.At("kind", err)
	}
	return json.Marshal(struct {
		entryDoc
		Amount string `json:"amount"`
	}{entryDoc{At: instant(e.At), Kind: e.Kind, Grant: e.Grant, Ref: e.Ref}, dec.String(e.Amount)})
}

// UnmarshalJSON is strict. Whether the entry is possible can be checked only with the
// ledger that it belongs to.
func (e *Entry) UnmarshalJSON(data []byte) error {
	var doc entryDoc
	if err := decode(data, &doc, noFaults); err != nil {
		return err
	}
	*e = Entry(doc)
	return nil
}

// MarshalJSON writes {"as_of":…,"grants":[…],"entries":[…]}; {} for the zero Credits.
// What remains of each grant is not written: it is the sum of its entries.
func (c Credits) MarshalJSON() ([]byte, error) {
	grants := make([]CreditGrant, len(c.held))
	for i, h := range c.held {
		grants[i] = h.Grant
	}
	return json.Marshal(struct {
		AsOf    time.Time     `json:"as_of,omitzero"`
		Grants  []CreditGrant `json:"grants,omitempty"`
		Entries []Entry       `json:"entries,omitempty"`
	}{c.asOf, grants, c.entries})
}

// DecodeStrict decodes credits and checks that the ledger is possible: that it is in
// order, and that no grant was ever overdrawn.
func (c *Credits) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	var in struct {
		AsOf    time.Time     `json:"as_of"`
		Grants  []CreditGrant `json:"grants"`
		Entries []entryDoc    `json:"entries"`
	}
	if found := n.Decode(&in); len(found) > 0 {
		return found
	}
	next := Credits{asOf: in.AsOf}
	var f faults
	next.readGrants(&f, in.Grants)
	if len(f) == 0 {
		next.readEntries(&f, in.Entries)
	}
	if len(f) == 0 {
		next.checkGrants(&f)
	}
	found := make([]strictjson.Fault, len(f))
	for i, fault := range f {
		found[i] = strictjson.Fault{Path: fault.Path, Err: fault.Err}
	}
	if len(found) > 0 {
		return n.Below(found)
	}
	*c = next
	return nil
}

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
func (c *Credits) readEntries(f *faults, entries []entryDoc) {
	index := make(map[string]int, len(c.held))
	for i, h := range c.held {
		index[h.Grant.ID] = i
	}
	last := time.Time{}
	for i, doc := range entries {
		path := strictjson.Index("entries", i)
		e := Entry(doc)
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
	case !e.Kind.IsValid():
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
	var next Credits
	if err := decode(data, &next, noFaults); err != nil {
		return err
	}
	*c = next
	return nil
}
