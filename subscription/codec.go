package subscription

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
)

// Format is the version of the JSON that this package writes. Documents of
// another format are refused.
const Format = 1

// MaxDocument is the largest document of a subscription, in bytes.
const MaxDocument = 16 << 20

// document is a subscription as JSON: what it was made with, and its commands.
// Everything else follows from these, so that decoding means replaying, and a state
// that no sequence of verbs could have produced cannot be decoded.
type document[C any] struct {
	Format     int                        `json:"format"`
	ID         ID                         `json:"id"`
	Plan       plan.Ref                   `json:"plan"`
	Offering   *plan.Offering             `json:"offering,omitempty"`
	At         time.Time                  `json:"at,omitzero"`
	Start      time.Time                  `json:"start"`
	Zone       calendar.Zone              `json:"time_zone,omitzero"`
	Anchor     time.Time                  `json:"anchor,omitzero"`
	Quantity   *decimal.Decimal           `json:"quantity,omitempty"`
	Quantities map[string]decimal.Decimal `json:"quantities,omitempty"`
	Prices     map[string]price           `json:"prices,omitempty"`
	Policy     plan.Policy                `json:"policy,omitzero"`
	TrialUsed  bool                       `json:"trial_used,omitempty"`
	NoRenewal  bool                       `json:"no_renewal,omitempty"`
	EndDate    time.Time                  `json:"end_date,omitzero"`
	Details    Details                    `json:"details,omitzero"`
	Civil      civilTimes                 `json:"civil,omitempty"`
	Commands   []C                        `json:"commands,omitempty"`
}

// civilTimes are the instants of a document or of a command by their names, as the
// clocks of the zone had shown them when they were recorded.
type civilTimes = map[string]calendar.CivilTime

// writtenCommand is a command as it is written in a zone whose clocks may change.
type writtenCommand struct {
	*plainCommand
	Civil civilTimes `json:"civil,omitempty"`
}

// commandForm is a command as it is read. Numbers follow from the order: 2, 3, 4….
type commandForm struct {
	plainCommand
	Price *price     `json:"price"` // in place of the command's own
	Civil civilTimes `json:"civil"`
}

// plainCommand is a Command of which only the fields matter.
type plainCommand Command

// price makes a plan.Price usable as a field.
type price struct{ plan.Price }

func (p price) MarshalJSON() ([]byte, error) { return json.Marshal(p.Price) }

// DecodeStrict reads any kind of price.
func (p *price) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	got, err := plan.DecodePrice(n.Raw())
	if err == nil {
		p.Price = got
		return nil
	}
	return n.Below(strictjson.Faults(err))
}

// MarshalJSON writes what the subscription was created with and its commands. The
// zero Subscription cannot be written: ErrZero.
func (s Subscription) MarshalJSON() ([]byte, error) {
	if s.c == nil {
		return nil, ErrZero
	}
	p := s.c.params()
	civil := restore(p.Zone, p.instants(), p.kept)
	doc := document[writtenCommand]{
		Format: Format, ID: p.ID, Plan: p.Plan.Ref(), Offering: p.Offering, Start: p.Start, Zone: p.Zone, Anchor: p.Anchor,
		Quantity: p.Quantity, Quantities: p.Quantities, Policy: p.Policy, TrialUsed: p.TrialUsed, NoRenewal: p.NoRenewal,
		EndDate: p.EndDate, Details: p.Details, Civil: civil, Commands: make([]writtenCommand, len(s.c.commands)),
	}
	for i, cmd := range s.c.commands {
		written := plainCommand(*cmd)
		doc.Commands[i] = writtenCommand{&written, restore(p.Zone, (*Command)(&written).instants(), cmd.kept)}
	}
	if !p.At.Equal(p.Start) {
		doc.At = p.At
	} else {
		delete(civil, "at")
	}
	for id, negotiated := range p.Prices {
		if doc.Prices == nil {
			doc.Prices = map[string]price{}
		}
		doc.Prices[id] = price{negotiated}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("subscription: encode: %w", err)
	}
	if len(data) > MaxDocument {
		return nil, fault.TooLong.Errorf("subscription: encode: longer than %d bytes", MaxDocument)
	}
	return data, nil
}

// Decode reads a subscription from JSON, whether MarshalJSON or a person wrote it.
// Plans are looked up in the catalog; a missing one is an error that names it. The
// commands are replayed: a document that no sequence of verbs could have produced is
// refused, and the decoded value equals the one that was written.
func Decode(data []byte, catalog *plan.Catalog) (Subscription, error) {
	var doc document[commandForm]
	limits := strictjson.Limits{Size: MaxDocument, Values: MaxDocument / 4, Elements: MaxCommands}
	if found := strictjson.Decode(data, &doc, limits); len(found) > 0 {
		return Subscription{}, strictjson.JoinErrors(strictjson.FieldErrors(found))
	}
	var f faults
	if doc.Format != Format {
		f.add("format", fault.UnknownVersion, "must be %d", Format)
		return Subscription{}, f.err()
	}
	p := Params{
		ID: doc.ID, Offering: doc.Offering, At: doc.At, Start: doc.Start, Zone: doc.Zone, Anchor: doc.Anchor, Quantity: doc.Quantity,
		Quantities: doc.Quantities, Policy: doc.Policy, TrialUsed: doc.TrialUsed, NoRenewal: doc.NoRenewal, EndDate: doc.EndDate, Details: doc.Details,
	}
	for id, negotiated := range doc.Prices {
		if p.Prices == nil {
			p.Prices = map[string]plan.Price{}
		}
		p.Prices[id] = negotiated.Price
	}
	p.kept = settle(p.Zone, p.instants(), doc.Civil, &f)
	var err error
	p.Plan, err = lookup(catalog, doc.Plan)
	f.wrap("plan", err)
	commands := make([]*Command, len(doc.Commands))
	for i := range doc.Commands {
		if commands[i], err = doc.Commands[i].command(i+2, catalog, p.Plan); err != nil {
			f.wrap(fmt.Sprintf("commands[%d]", i), err)
		}
	}
	if len(f) == 0 {
		inSets(commands, &f)
		for i, c := range commands {
			var own faults
			c.kept = settle(p.Zone, c.instants(), doc.Commands[i].Civil, &own)
			f.below(fmt.Sprintf("commands[%d]", i), own)
		}
		inOrderOfNumbers(&p, commands)
		inOrder(commands, &f)
	}
	if len(f) > 0 {
		return Subscription{}, f.err()
	}
	return replay(p, commands, 0, callFacts{})
}

// inOrder reports commands that no calls could have recorded in this order.
func inOrder(commands []*Command, f *faults) {
	var last time.Time
	seen := map[string]int{}
	for i, c := range commands {
		if i > 0 && c.Key != "" && c.Key == commands[i-1].Key && c.At.Equal(commands[i-1].At) && c.Actor == commands[i-1].Actor {
			continue // the next part of one edit
		}
		path := fmt.Sprintf("commands[%d]", i)
		switch backdated := c.At.Before(last); {
		case backdated && !c.Correction:
			f.wrap(path+".at", ErrBackdated)
		case !backdated && c.Correction:
			f.add(path+".correction", fault.Excluded, "nothing is corrected: no earlier command lies after it")
		}
		if first, ok := seen[c.Key]; ok && c.Key != "" {
			f.add(path+".key", fault.Duplicate, "commands[%d] has it too", first)
		}
		seen[c.Key] = i
		last = later(last, c.At)
	}
}

// inSets reports change sets that no edit could have recorded.
func inSets(commands []*Command, f *faults) {
	for i := 0; i < len(commands); {
		first := commands[i]
		end := i + 1
		if first.Set == 0 {
			i = end
			continue
		}
		for end < len(commands) && commands[end].Set == first.Set {
			if err := fits(commands[i : end+1]); err != nil {
				f.wrap(fmt.Sprintf("commands[%d].set", end), err)
			}
			end++
		}
		if first.Set != first.Number {
			f.add(fmt.Sprintf("commands[%d].set", i), fault.Inconsistent, "is %d: the first command of the set has another number, %d", first.Set, first.Number)
		}
		i = end
	}
}

// lookup returns a plan that a document names.
func lookup(catalog *plan.Catalog, r plan.Ref) (*plan.Version, error) {
	if r.IsZero() {
		return nil, fault.Required.Errorf("missing")
	}
	if catalog != nil {
		if v, err := catalog.Lookup(r); err == nil {
			return v, nil
		}
	}
	return nil, &LostPlanError{Plan: r}
}

// command returns the command that was read, checked as any call is.
func (f *commandForm) command(number int, catalog *plan.Catalog, first *plan.Version) (*Command, error) {
	c := (*Command)(&f.plainCommand)
	c.Number = number
	if c.OneOff != nil && c.OneOff.Collect == "" {
		c.OneOff.Collect = plan.CollectNextInvoice
	}
	if err := c.checkCall(); err != nil {
		return nil, err
	}
	var err error
	if !c.Plan.IsZero() {
		if c.version, err = lookup(catalog, c.Plan); err != nil {
			return nil, err
		}
	}
	if f.Price != nil && first != nil {
		if c.table, err = plan.CompilePrice(f.Price.Price, first.Currency()); err != nil {
			return nil, err
		}
		c.Price = c.table.Price()
	}
	return c, c.checkFields()
}

// Equal reports whether two subscriptions were created with the same parameters and
// have the same commands; decimals are compared by value. Two equal subscriptions
// have the same future and the same invoices.
func (s Subscription) Equal(o Subscription) bool {
	if s.c == nil || o.c == nil {
		return s.c == o.c
	}
	a, errA := s.MarshalJSON()
	b, errB := o.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
