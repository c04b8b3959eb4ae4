package subscription

import (
	"bytes"
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
type document struct {
	Format     int
	ID         ID
	Plan       plan.Ref
	Offering   *plan.Offering
	At         time.Time
	Start      time.Time
	Zone       calendar.Zone
	Anchor     time.Time
	Quantity   *decimal.Decimal
	Quantities map[string]decimal.Decimal
	Prices     map[string]plan.Price
	Policy     plan.Policy
	TrialUsed  bool
	NoRenewal  bool
	EndDate    time.Time
	Details    Details
	Civil      civilTimes
	Commands   []commandForm
}

// civilTimes are the instants of a document or of a command by their names, as the
// clocks of the zone had shown them when they were recorded.
type civilTimes = map[string]calendar.CivilTime

// commandForm is a command in JSON. Numbers follow from the order: 2, 3, 4….
type commandForm struct {
	Command
	Civil civilTimes
}

// MarshalJSON writes what the subscription was created with and its commands. The
// zero Subscription cannot be written: ErrZero.
func (s Subscription) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (s Subscription) AppendJSON(dst []byte) ([]byte, error) {
	if s.c == nil {
		return dst, ErrZero
	}
	p := s.c.params()
	civil := restore(p.Zone, p.instants(), p.kept)
	doc := document{
		Format: Format, ID: p.ID, Plan: p.Plan.Ref(), Offering: p.Offering, Start: p.Start, Zone: p.Zone, Anchor: p.Anchor,
		Quantity: p.Quantity, Quantities: p.Quantities, Prices: p.Prices, Policy: p.Policy, TrialUsed: p.TrialUsed,
		NoRenewal: p.NoRenewal, EndDate: p.EndDate, Details: p.Details, Civil: civil, Commands: make([]commandForm, s.c.commands.Len()),
	}
	for i, cmd := range s.c.commands.All() {
		doc.Commands[i].Command = *cmd
		doc.Commands[i].Civil = restore(p.Zone, doc.Commands[i].instants(), cmd.kept)
	}
	if !p.At.Equal(p.Start) {
		doc.At = p.At
	} else {
		delete(civil, "at")
	}
	out, err := documentCodec.Append(dst, &doc)
	if err != nil {
		return dst, fmt.Errorf("subscription: encode: %w", err)
	}
	if len(out)-len(dst) > MaxDocument {
		return dst, fault.TooLong.Errorf("subscription: encode: longer than %d bytes", MaxDocument)
	}
	return out, nil
}

// Decode reads a subscription from JSON, whether MarshalJSON or a person wrote it.
// Plans are looked up in the catalog; a missing one is an error that names it. The
// commands are replayed: a document that no sequence of verbs could have produced is
// refused, and the decoded value equals the one that was written.
func Decode(data []byte, catalog *plan.Catalog) (Subscription, error) {
	var doc document
	limits := strictjson.Limits{Size: MaxDocument, Values: MaxDocument / 4, Elements: MaxCommands}
	if found := documentCodec.Read(data, &doc, limits); len(found) > 0 {
		return Subscription{}, strictjson.JoinErrors(strictjson.FieldErrors(found))
	}
	var f faults
	if doc.Format != Format {
		f.add("format", fault.UnknownVersion, "must be %d", Format)
		return Subscription{}, f.err()
	}
	p := Params{
		ID: doc.ID, Offering: doc.Offering, At: doc.At, Start: doc.Start, Zone: doc.Zone, Anchor: doc.Anchor, Quantity: doc.Quantity,
		Quantities: doc.Quantities, Prices: doc.Prices, Policy: doc.Policy, TrialUsed: doc.TrialUsed, NoRenewal: doc.NoRenewal, EndDate: doc.EndDate, Details: doc.Details,
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
	c := &f.Command
	price := c.Price
	c.Price = nil
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
	if price != nil && first != nil {
		if c.table, err = plan.CompilePrice(price, first.Currency()); err != nil {
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
