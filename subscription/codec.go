package subscription

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/grow"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
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
	*made
	Format   int
	Plan     plan.Ref
	Currency money.Currency // zero: the plan's own
	Civil    civilTimes
	Commands commandsRead

	writing *writing // nil where it is read
}

// writing is a document that is written, with room for its parts.
type writing struct {
	document
	own      [4]civilTime
	recorded *grow.List[*record]
	command  *commandWriting // nil: there is none
}

// commandWriting has room for the command that is being written.
type commandWriting struct {
	form  commandForm // with its civil times
	civil [9]civilTime
	moved record // with its instants as they were recorded
	rare  rare   // of it
}

// choices returns the policy of the subscription.
func (doc *document) choices() *plan.Policy {
	switch {
	case doc.made.policy != nil:
	case doc.writing != nil:
		return noPolicy
	default:
		doc.made.policy = new(plan.Policy)
	}
	return doc.made.policy
}

// commandsRead are commands as they were read.
type commandsRead struct {
	records []record
	more    []readMore
	civil   civilTimes   // of all commands
	policy  *plan.Policy // the last one, which commands often repeat
}

// readMore is what was read of a command beside its record.
type readMore struct {
	plan   plan.Ref
	price  plan.Price
	attach *readAttach // nil: it attaches nothing
	civil  int         // so many of the civil times are its own
}

func (l *commandsRead) begin(n int) {
	*l = commandsRead{records: make([]record, 0, n), more: make([]readMore, 0, n)}
}

func (l *commandsRead) add(f *commandForm) {
	r := f.record
	r.rare = noRare
	if f.hasRare {
		r.rare = f.own
	}
	if f.hasPolicy && *f.policy != (plan.Policy{}) {
		if l.policy == nil || *l.policy != *f.policy {
			l.policy, f.policy = f.policy, nil
		}
		r.policy = l.policy
	}
	l.records = append(l.records, r)
	more := readMore{plan: f.Plan, price: f.Price, civil: len(f.Civil)}
	if !f.AddOn.IsZero() || f.Prices != nil {
		more.attach = &readAttach{f.AddOn, f.Prices}
	}
	l.more = append(l.more, more)
	if l.civil == nil && len(f.Civil) > 0 {
		l.civil = make(civilTimes, 0, cap(l.records)) // as most have one
	}
	l.civil = append(l.civil, f.Civil...)
}

// commandForm is a command in JSON. Numbers follow from the order: 2, 3, 4….
type commandForm struct {
	record
	Plan, AddOn plan.Ref
	Price       plan.Price
	Prices      map[string]plan.Price
	Civil       civilTimes

	// Room for what few commands have, where a command is read that asks for it.
	own                *rare
	policy             *plan.Policy
	hasRare, hasPolicy bool
}

// few returns what few commands have.
func (f *commandForm) few() *rare {
	f.hasRare = true
	if f.rare == nil {
		f.own = new(rare)
		f.rare = f.own
	}
	return f.rare
}

// choices returns the command's policy.
func (f *commandForm) choices() *plan.Policy {
	f.hasPolicy = true
	if f.record.policy != nil {
		return f.record.policy
	}
	if f.policy == nil {
		f.policy = new(plan.Policy)
	}
	return f.policy
}

// clear makes room for the next command that is read.
func (f *commandForm) clear() {
	f.record, f.Plan, f.AddOn, f.Price, f.Prices, f.Civil = record{}, plan.Ref{}, plan.Ref{}, nil, nil, f.Civil[:0]
	f.own, f.hasRare = nil, false // which the command has
	if f.hasPolicy && f.policy != nil {
		*f.policy = plan.Policy{}
	}
	f.hasPolicy = false
}

// show makes the form that of a command that is written.
func (f *commandForm) show(c *record) {
	f.record, f.Plan, f.AddOn, f.Price, f.Prices = *c, plan.Ref{}, plan.Ref{}, nil, nil
	if c.policy == nil {
		f.record.policy = noPolicy
	}
	if c.version != nil {
		f.Plan = c.version.Ref()
	}
	if c.table != nil {
		f.Price = c.table.Price()
	}
	if c.addOn != nil {
		f.AddOn, f.Prices = c.addOn.Ref(), pricesOf(c.tables)
	}
}

// MarshalJSON writes what the subscription was created with and its commands. The
// zero Subscription cannot be written: ErrZero.
func (s Subscription) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns. With an error dst is as it was.
func (s Subscription) AppendJSON(dst []byte) ([]byte, error) {
	if s.c == nil {
		return dst, ErrZero
	}
	doc := s.c.document()
	out, err := documentCodec.Append(dst, doc)
	if err != nil {
		return dst, fmt.Errorf("subscription: encode: %w", err)
	}
	if len(out)-len(dst) > MaxDocument {
		return dst, fault.TooLong.Errorf("subscription: encode: longer than %d bytes", MaxDocument)
	}
	return out, nil
}

// document returns what the document of the subscription says.
func (c *core) document() *document {
	var w *writing
	if c.commands.Len() == 0 {
		w = new(writing)
	} else {
		both := new(struct {
			writing
			commandWriting
		})
		w = &both.writing
		w.recorded, w.command = &c.commands, &both.commandWriting
	}
	doc := &w.document
	doc.Format, doc.writing, doc.made = Format, w, c.more
	if doc.made == nil {
		first := c.spans.At(0).terms
		plain := &struct {
			made
			quantity decimal.Decimal
		}{quantity: first.quantity}
		plain.made = made{ID: c.id, Plan: first.version, At: c.createdAt(), Start: c.createdAt(), Zone: first.zone, Quantity: &plain.quantity}
		doc.made = &plain.made
	}
	doc.Plan = doc.made.Plan.Ref()
	if planTerms.Elsewhere(doc.made.Plan) {
		doc.Currency = doc.made.Plan.Currency()
	}
	if len(doc.kept) > 0 {
		doc.made = copied(doc.made)
		if doc.createdAtStart() {
			doc.At = time.Time{}
		}
	}
	doc.Civil = restore(w.own[:0], doc.Zone, doc.made, paramInstants, doc.kept)
	if len(doc.Civil) > 0 && !doc.createdBefore() {
		doc.Civil = slices.DeleteFunc(doc.Civil, func(c civilTime) bool { return c.name == "at" })
	}
	return doc
}

// createdBefore reports whether the subscription was created before its start.
func (doc *document) createdBefore() bool { return !doc.At.IsZero() && !doc.At.Equal(doc.Start) }

// Decode reads a subscription from JSON, whether MarshalJSON or a person wrote it.
// Plans are looked up in the catalog; a missing one is an error that names it. The
// commands are replayed: a document that no sequence of verbs could have produced is
// refused, and the decoded value equals the one that was written.
func Decode(data []byte, catalog *plan.Catalog) (Subscription, error) {
	var doc document
	return doc.subscription(catalog, documentCodec.Read(data, &doc, documentLimits))
}

var documentLimits = strictjson.Limits{Size: MaxDocument, Values: MaxDocument / 4, Elements: MaxCommands}

// subscription replays the document, unless faults were found when it was read.
func (doc *document) subscription(catalog *plan.Catalog, found []strictjson.Fault) (Subscription, error) {
	if len(found) > 0 {
		return Subscription{}, strictjson.JoinErrors(strictjson.FieldErrors(found))
	}
	var f faults
	if doc.Format != Format {
		f.add("format", fault.UnknownVersion, "must be %d", Format)
		return Subscription{}, f.err()
	}
	p := doc.made
	if p.policy != nil && *p.policy == (plan.Policy{}) {
		p.policy = nil
	}
	p.kept = settle(p.Zone, p, paramInstants, doc.Civil, &f)
	var err error
	p.Plan, err = lookup(catalog, doc.Plan)
	f.wrap("plan", err)
	if err == nil && doc.Currency != 0 {
		in, ok := p.Plan.In(doc.Currency)
		switch {
		case !ok:
			f.wrap("currency", fmt.Errorf("%w: the plan is not sold in %s", ErrCurrency, doc.Currency))
		case in == p.Plan:
			f.add("currency", fault.Excluded, "it is the plan's own")
		}
		p.Plan = in
	}
	commands := make([]*record, len(doc.Commands.records))
	for i := range commands {
		commands[i] = &doc.Commands.records[i]
		commands[i].Number = i + 2
		if err := commands[i].complete(&doc.Commands.more[i], catalog, p.Plan); err != nil {
			f.wrap(fmt.Sprintf("commands[%d]", i), err)
		}
	}
	if len(f) == 0 {
		inSets(commands, &f)
		civil := doc.Commands.civil
		for i, c := range commands {
			n := doc.Commands.more[i].civil
			if n == 0 {
				continue
			}
			var own faults
			if moved := settle(p.Zone, c, recordInstants, civil[:n], &own); len(moved) > 0 {
				c.keep(moved)
			}
			civil = civil[n:]
			if len(own) > 0 {
				f.below(fmt.Sprintf("commands[%d]", i), own)
			}
		}
		inOrderOfNumbers(p, commands)
		inOrder(commands, &f)
	}
	if len(f) > 0 {
		return Subscription{}, f.err()
	}
	first, err := create(p)
	if err != nil {
		return first, err
	}
	return first.replay(commands, 0, callFacts{})
}

// inOrder reports commands that no calls could have recorded in this order.
func inOrder(commands []*record, f *faults) {
	var last time.Time
	seen := make(map[string]int, len(commands))
	for i, c := range commands {
		if i > 0 && c.Key != "" && c.Key == commands[i-1].Key && c.At.Equal(commands[i-1].At) && c.Actor == commands[i-1].Actor {
			continue // the next part of one edit
		}
		path := func() string { return fmt.Sprintf("commands[%d]", i) }
		switch backdated := c.At.Before(last); {
		case backdated && !c.Correction:
			f.wrap(path()+".at", ErrBackdated)
		case !backdated && c.Correction:
			f.add(path()+".correction", fault.Excluded, "nothing is corrected: no earlier command lies after it")
		}
		if first, ok := seen[c.Key]; ok && c.Key != "" {
			f.add(path()+".key", fault.Duplicate, "commands[%d] has it too", first)
		}
		seen[c.Key] = i
		last = later(last, c.At)
	}
}

// inSets reports change sets that no edit could have recorded.
func inSets(commands []*record, f *faults) {
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

// complete looks up what a command that was read names, and checks it as any call is.
func (c *record) complete(read *readMore, catalog *plan.Catalog, first *plan.Version) error {
	if c.OneOff != nil && c.OneOff.Collect == "" {
		c.OneOff.Collect = plan.CollectNextInvoice
	}
	if err := c.checkCall(); err != nil {
		return err
	}
	var err error
	if !read.plan.IsZero() {
		if c.version, err = lookup(catalog, read.plan); err != nil {
			return err
		}
		if first != nil {
			c.version = inCurrency(c.version, first.Currency())
		}
	}
	if read.price != nil && first != nil {
		own := *c.rare
		if own.table, err = plan.CompilePrice(read.price, first.Currency()); err != nil {
			return err
		}
		c.rare = &own
	}
	if read.attach != nil {
		if err := c.completeAttach(read.attach, catalog, first); err != nil {
			return err
		}
	}
	return c.checkFields()
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
