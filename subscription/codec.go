package subscription

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Format is the version of the JSON that this package writes. Documents of
// another format are refused.
const Format = 1

// MaxDocument is the largest document of a subscription, in bytes.
const MaxDocument = 16 << 20

// document is a subscription as JSON: what it was made with, and its commands.
// Everything else follows from these, so that decoding is replaying, and what no
// sequence of verbs could have made cannot be decoded.
type document struct {
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
	Commands   []commandForm              `json:"commands,omitempty"`
}

// commandForm is a command as JSON. Numbers follow from the order: 2, 3, 4….
type commandForm struct {
	At         time.Time         `json:"at"`
	Action     lifecycle.Action  `json:"action"`
	Actor      lifecycle.Actor   `json:"actor"`
	Reason     string            `json:"reason,omitempty"`
	Key        string            `json:"key,omitempty"`
	Correction bool              `json:"correction,omitempty"`
	Replace    bool              `json:"replace,omitempty"`
	Policy     plan.Policy       `json:"policy,omitzero"`
	On         time.Time         `json:"on,omitzero"`
	Plan       plan.Ref          `json:"plan,omitzero"`
	Charge     string            `json:"charge,omitempty"`
	Quantity   *decimal.Decimal  `json:"quantity,omitempty"`
	Price      *price            `json:"price,omitempty"`
	ResumeAt   time.Time         `json:"resume_at,omitzero"`
	Cycles     int               `json:"cycles,omitempty"`
	Anchor     time.Time         `json:"anchor,omitzero"`
	TrialEnd   time.Time         `json:"trial_end,omitzero"`
	EndDate    time.Time         `json:"end_date,omitzero"`
	Discount   *plan.Discount    `json:"discount,omitempty"`
	OneOff     *oneOffForm       `json:"one_off,omitempty"`
	Credit     money.Money       `json:"credit,omitzero"`
	Pack       string            `json:"pack,omitempty"`
	Patch      *Patch            `json:"patch,omitempty"`
	Features   feature.Overrides `json:"features,omitempty"`
	Revoked    []feature.Key     `json:"revoked,omitempty"`
}

type oneOffForm struct {
	ID      string       `json:"id,omitempty"`
	Name    string       `json:"name,omitempty"`
	Amount  money.Money  `json:"amount"`
	Collect plan.Collect `json:"collect,omitempty"`
}

// price lets a plan.Price be a field.
type price struct{ plan.Price }

func (p price) MarshalJSON() ([]byte, error) { return json.Marshal(p.Price) }

// DecodeStrict reads any kind of price.
func (p *price) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	got, err := plan.DecodePrice(n.Raw())
	if err == nil {
		p.Price = got
		return nil
	}
	list := plan.FieldErrors(err)
	if len(list) == 0 {
		return []strictjson.Fault{n.Fault(err)}
	}
	faults := make([]strictjson.Fault, len(list))
	for i, f := range list {
		faults[i] = strictjson.Fault{Path: f.Path, Err: f.Err}
	}
	return n.Below(faults)
}

// MarshalJSON writes the subscription's making and its commands. The zero
// Subscription cannot be written.
func (s Subscription) MarshalJSON() ([]byte, error) {
	if s.c == nil {
		return nil, ErrZero
	}
	p := s.c.params()
	doc := document{
		Format: Format, ID: p.ID, Plan: p.Plan.Ref(), Offering: p.Offering, Start: p.Start, Zone: p.Zone, Anchor: p.Anchor,
		Quantity: p.Quantity, Quantities: p.Quantities, Policy: p.Policy, TrialUsed: p.TrialUsed, NoRenewal: p.NoRenewal,
		EndDate: p.EndDate, Details: p.Details,
	}
	if !p.At.Equal(p.Start) {
		doc.At = p.At
	}
	for id, negotiated := range p.Prices {
		if doc.Prices == nil {
			doc.Prices = map[string]price{}
		}
		doc.Prices[id] = price{negotiated}
	}
	for _, c := range s.c.commands {
		doc.Commands = append(doc.Commands, c.form())
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("subscription: encode: %w", err)
	}
	if len(data) > MaxDocument {
		return nil, fmt.Errorf("subscription: encode: longer than %d bytes", MaxDocument)
	}
	return data, nil
}

func (c *Command) form() commandForm {
	f := commandForm{
		At: c.At, Action: c.Action, Actor: c.Actor, Reason: c.Reason, Key: c.Key, Correction: c.Correction, Replace: c.Replace,
		Policy: c.Policy, On: c.On, Plan: c.Plan, Charge: c.Charge, Quantity: c.Quantity, ResumeAt: c.ResumeAt, Cycles: c.Cycles,
		Anchor: c.Anchor, TrialEnd: c.TrialEnd, EndDate: c.EndDate, Discount: c.Discount, Credit: c.Credit, Pack: c.Pack,
		Patch: c.Patch, Features: c.Features, Revoked: c.Revoked,
	}
	if c.Price != nil {
		f.Price = &price{c.Price}
	}
	if c.OneOff != nil {
		f.OneOff = &oneOffForm{ID: c.OneOff.ID, Name: c.OneOff.Name, Amount: c.OneOff.Amount, Collect: c.OneOff.Collect}
	}
	return f
}

// Decode reads a subscription that MarshalJSON wrote, or a person. Its plans are
// looked up in the catalog; one that is missing is an error that names it. The
// commands are played again, so that what no sequence of verbs could have made is
// refused, and the value is the same as the one that was written.
func Decode(data []byte, catalog *plan.Catalog) (Subscription, error) {
	var doc document
	limits := strictjson.Limits{Size: MaxDocument, Values: MaxDocument / 4, Elements: MaxCommands}
	if found := strictjson.Decode(data, &doc, limits); len(found) > 0 {
		return Subscription{}, joined(found)
	}
	var f faults
	if doc.Format != Format {
		f.add("format", "must be %d", Format)
		return Subscription{}, errors.Join(f...)
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
		inOrder(commands, &f)
	}
	if len(f) > 0 {
		return Subscription{}, errors.Join(f...)
	}
	return replay(p, commands, 0, told{})
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
		switch before := c.At.Before(last); {
		case before && !c.Correction:
			f.wrap(path+".at", ErrBackdated)
		case !before && c.Correction:
			f.add(path+".correction", "nothing is corrected: no earlier command lies after it")
		}
		if first, ok := seen[c.Key]; ok && c.Key != "" {
			f.add(path+".key", "commands[%d] has it too", first)
		}
		seen[c.Key] = i
		last = later(last, c.At)
	}
}

func lookup(catalog *plan.Catalog, r plan.Ref) (*plan.Version, error) {
	if catalog == nil {
		return nil, &plan.MissingError{ID: r.ID, Version: r.Version}
	}
	return catalog.Lookup(r)
}

func joined(found []strictjson.Fault) error {
	var f faults
	for _, fault := range found {
		if fault.Path == "" {
			f = append(f, fmt.Errorf("subscription: %w", fault.Err))
			continue
		}
		f.wrap(fault.Path, fault.Err)
	}
	return errors.Join(f...)
}

func (f *commandForm) command(number int, catalog *plan.Catalog, first *plan.Version) (*Command, error) {
	call := Call{
		At: f.At, Actor: f.Actor, Reason: f.Reason, Key: f.Key, Policy: f.Policy, Correction: f.Correction, Replace: f.Replace,
	}
	c := &Command{
		Number: number, Action: f.Action, Correction: f.Correction, On: f.On, Plan: f.Plan, Charge: f.Charge, Quantity: f.Quantity,
		ResumeAt: f.ResumeAt, Cycles: f.Cycles, Anchor: f.Anchor, TrialEnd: f.TrialEnd, EndDate: f.EndDate, Discount: f.Discount,
		Credit: f.Credit, Pack: f.Pack, Patch: f.Patch, Features: f.Features, Revoked: f.Revoked,
	}
	if f.OneOff != nil {
		c.OneOff = &OneOff{ID: f.OneOff.ID, Name: f.OneOff.Name, Amount: f.OneOff.Amount, Collect: f.OneOff.Collect}
		if c.OneOff.Collect == "" {
			c.OneOff.Collect = plan.CollectNextInvoice
		}
	}
	if err := call.fill(c); err != nil {
		return nil, err
	}
	var err error
	if !f.Plan.IsZero() {
		if c.version, err = lookup(catalog, f.Plan); err != nil {
			return nil, err
		}
	}
	if f.Price != nil && first != nil {
		if c.table, err = plan.CompilePrice(f.Price.Price, first.Currency()); err != nil {
			return nil, err
		}
		c.Price = c.table.Price()
	}
	return c, c.shape()
}

// Equal reports whether two subscriptions were made and changed alike, decimals
// by value. Their futures and bills are then the same.
func (s Subscription) Equal(o Subscription) bool {
	if s.c == nil || o.c == nil {
		return s.c == o.c
	}
	a, errA := s.MarshalJSON()
	b, errB := o.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
