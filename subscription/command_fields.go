package subscription

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// A field describes one field of a command that depends on the action. A new field
// needs its place in Command and one row in fields.
type field struct {
	// name is the field's name in JSON.
	name string
	// required are the actions that need it, optional those that may have it; it is
	// refused with any other.
	required, optional actionSet
	has                func(*record) bool
	// equal compares by value.
	equal func(a, b *record) bool
	// clone replaces what the command shares with others by a copy; nil: nothing is
	// shared.
	clone func(*Command)
	// check reports a fault that does not depend on the subscription; nil: none.
	check func(*record) error
	// instant points to an instant; nil: the field is none.
	instant func(*record) *time.Time
	// rare says that it is one of those that few commands have.
	rare bool
}

// actionSet is a set of actions, a bit each.
type actionSet uint64

func actions(list ...lifecycle.Action) actionSet {
	var set actionSet
	for _, a := range list {
		set |= 1 << a
	}
	return set
}

func (set actionSet) has(a lifecycle.Action) bool { return set&(1<<a) != 0 }

var (
	planChanges     = actions(lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate)
	quantityChanges = actions(lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate)
	priceChanges    = actions(lifecycle.ChangePriceNow, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate)
	attaches        = actions(lifecycle.AttachNow, lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate)
	detaches        = actions(lifecycle.DetachNow, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate)
	anyPause        = actions(lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate)
)

// fields are the fields of a command that depend on its action, in the order of the
// JSON.
var fields = []field{
	instantField("on", actions(lifecycle.CancelOnDate, lifecycle.PauseOnDate, lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityOnDate,
		lifecycle.ChangePriceOnDate, lifecycle.AttachOnDate, lifecycle.DetachOnDate), 0, func(c *record) *time.Time { return &c.On }),
	{
		name: "plan", required: planChanges,
		has: func(c *record) bool { return c.version != nil },
		equal: func(a, b *record) bool {
			return a.version == b.version || a.version != nil && b.version != nil && a.version.Ref() == b.version.Ref()
		},
	},
	plainField("attachment", attaches|detaches, quantityChanges, func(c *record) *string { return &c.Attachment }, func(c *record) error {
		if c.Charge != "" {
			return c.invalidAt("charge", fault.Excluded.Errorf("an attachment has one quantity"))
		}
		return invalidAt("attachment", checkAttachmentID(c.Attachment))
	}).seldom(),
	{
		name: "add_on", required: attaches, rare: true,
		has: func(c *record) bool { return c.addOn != nil },
		equal: func(a, b *record) bool {
			return a.addOn == b.addOn || a.addOn != nil && b.addOn != nil && a.addOn.Ref() == b.addOn.Ref()
		},
	},
	{
		name: "prices", optional: attaches, rare: true,
		has: func(c *record) bool { return len(c.tables) > 0 },
		equal: func(a, b *record) bool {
			return maps.EqualFunc(a.tables, b.tables, func(a, b *plan.CompiledPrice) bool { return a.Price().Equal(b.Price()) })
		},
	},
	plainField("charge", priceChanges, quantityChanges, func(c *record) *string { return &c.Charge }, func(c *record) error {
		return invalidAt("charge", text.ID(c.Charge, MaxID))
	}),
	{
		name: "quantity", required: quantityChanges | attaches, optional: planChanges,
		has: func(c *record) bool { return c.Quantity != nil },
		equal: func(a, b *record) bool {
			return a.Quantity == b.Quantity || a.Quantity != nil && b.Quantity != nil && a.Quantity.Equal(*b.Quantity)
		},
		clone: func(c *Command) { c.Quantity = copied(c.Quantity) },
		check: func(c *record) error {
			if err := quantity(*c.Quantity); err != nil {
				return c.invalidAt("quantity", err)
			}
			return nil
		},
	},
	{
		name: "price", required: priceChanges, rare: true,
		has: func(c *record) bool { return c.table != nil },
		equal: func(a, b *record) bool {
			return a.table == b.table || a.table != nil && b.table != nil && a.table.Price().Equal(b.table.Price())
		},
	},
	instantField("resume_at", actions(lifecycle.ResumeOnDate), anyPause, func(c *record) *time.Time { return &c.ResumeAt }),
	plainField("cycles", 0, anyPause|attaches, func(c *record) *int { return &c.Cycles }, func(c *record) error {
		switch {
		case c.Cycles < 0 || c.Cycles > plan.MaxCycles:
			return c.invalidAt("cycles", fault.OutOfRange.Errorf("must be 1 to %d", plan.MaxCycles))
		case !c.ResumeAt.IsZero():
			return c.invalidAt("cycles", fault.Excluded.Errorf("a pause ends at an instant or after cycles, not both"))
		case !c.EndDate.IsZero():
			return c.invalidAt("cycles", fault.Excluded.Errorf("an attachment ends at an instant or after cycles, not both"))
		}
		return nil
	}),
	instantField("anchor", actions(lifecycle.SetAnchor), 0, func(c *record) *time.Time { return &c.Anchor }),
	instantField("next_billing", actions(lifecycle.SetNextBilling), 0, func(c *record) *time.Time { return &c.NextBilling }),
	plainField("difference", 0, actions(lifecycle.SetNextBilling), func(c *record) *Difference { return &c.Difference }, func(c *record) error {
		if c.Difference != ByShare {
			return c.invalidAt("difference", fault.UnknownWord.Errorf("%q", string(c.Difference)))
		}
		return nil
	}).seldom(),
	instantField("trial_end", actions(lifecycle.ExtendTrial), actions(lifecycle.Reactivate), func(c *record) *time.Time { return &c.TrialEnd }),
	instantField("end_date", 0, actions(lifecycle.Reactivate, lifecycle.SetEndDate)|attaches, func(c *record) *time.Time { return &c.EndDate }),
	{
		name: "discount", required: actions(lifecycle.AddDiscount),
		has: func(c *record) bool { return c.Discount != nil },
		equal: func(a, b *record) bool {
			return a.Discount == b.Discount || a.Discount != nil && b.Discount != nil && a.Discount.Equal(*b.Discount)
		},
		clone: func(c *Command) {
			if c.Discount != nil {
				d := c.Discount.Clone()
				c.Discount = &d
			}
		},
		check: func(c *record) error {
			return invalidAt("discount", c.Discount.Validate())
		},
	},
	{
		name: "one_off", required: actions(lifecycle.AddOneOff),
		has:   func(c *record) bool { return c.OneOff != nil },
		equal: func(a, b *record) bool { return reflect.DeepEqual(a.OneOff, b.OneOff) },
		clone: func(c *Command) { c.OneOff = copied(c.OneOff) },
		check: func(c *record) error { return c.OneOff.check() },
	},
	{
		name: "account_credit", required: actions(lifecycle.AddAccountCredit), rare: true,
		has:   func(c *record) bool { return c.AccountCredit.IsValid() },
		equal: func(a, b *record) bool { return a.AccountCredit == b.AccountCredit },
		check: func(c *record) error {
			if c.AccountCredit.Sign() <= 0 {
				return invalidAt("account_credit", errNothing)
			}
			return nil
		},
	},
	plainField("pack", actions(lifecycle.AddCreditPack), 0, func(c *record) *string { return &c.Pack }, func(c *record) error {
		return invalidAt("pack", text.ID(c.Pack, MaxID))
	}),
	{
		name: "patch", required: actions(lifecycle.Update),
		has:   func(c *record) bool { return c.Patch != nil },
		equal: func(a, b *record) bool { return reflect.DeepEqual(a.Patch, b.Patch) },
		clone: func(c *Command) {
			if c.Patch != nil {
				c.Patch = c.Patch.clone()
			}
		},
	},
	{
		name: "features", required: actions(lifecycle.AssignFeatures), rare: true,
		has:   func(c *record) bool { return len(c.Features) > 0 },
		equal: func(a, b *record) bool { return a.Features.Equal(b.Features) },
		clone: func(c *Command) { c.Features = c.Features.Clone() },
	},
	{
		name: "revoked", required: actions(lifecycle.RevokeFeatures), rare: true,
		has:   func(c *record) bool { return len(c.Revoked) > 0 },
		equal: func(a, b *record) bool { return slices.Equal(a.Revoked, b.Revoked) },
		clone: func(c *Command) { c.Revoked = slices.Clone(c.Revoked) },
		check: func(c *record) error {
			var f faults
			for i, k := range c.Revoked {
				f.wrap(strictjson.Index("revoked", i), text.ID(string(k), MaxID))
			}
			return f.invalid()
		},
	},
}

// fieldSet is a set of fields, a bit each.
type fieldSet uint32

// fieldPlaces are the fields that each action needs, and those that it may have.
var fieldPlaces = func() (all [len(effects)]struct{ required, allowed fieldSet }) {
	for a := range all {
		for i, f := range fields {
			if f.required.has(lifecycle.Action(a)) {
				all[a].required |= 1 << i
			}
			if (f.required | f.optional).has(lifecycle.Action(a)) {
				all[a].allowed |= 1 << i
			}
		}
	}
	return all
}()

// plainField is a field of a plain value, of which the zero value is none.
func plainField[T comparable](name string, required, optional actionSet, of func(*record) *T, check func(*record) error) field {
	var zero T
	return field{
		name: name, required: required, optional: optional,
		has:   func(c *record) bool { return *of(c) != zero },
		equal: func(a, b *record) bool { return *of(a) == *of(b) },
		check: check,
	}
}

// seldom says that few commands have the field.
func (f field) seldom() field {
	f.rare = true
	return f
}

func instantField(name string, required, optional actionSet, of func(*record) *time.Time) field {
	return field{
		name: name, required: required, optional: optional, rare: true,
		has:     func(c *record) bool { return !of(c).IsZero() },
		equal:   func(a, b *record) bool { return of(a).Equal(*of(b)) },
		instant: of,
	}
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// checkFields reports a field that the action needs and the command lacks, or one that
// the action does not have, and every fault that does not depend on the subscription.
func (c *record) checkFields() error {
	if _, ok := effectOf(c.Action); !ok {
		return invalid("action %q cannot be played", c.Action.String())
	}
	var given fieldSet
	for i := range fields {
		if (!fields[i].rare || c.rare != noRare) && fields[i].has(c) {
			given |= 1 << i
		}
	}
	places := &fieldPlaces[c.Action]
	for i := range fields {
		if given&places.required == places.required && given&^places.allowed == 0 {
			break // all are where they belong
		}
		f := &fields[i]
		switch has := given&(1<<i) != 0; {
		case !has && f.required.has(c.Action):
			return c.invalidAt(f.name, errMissing)
		case has && !(f.required | f.optional).has(c.Action):
			return c.invalidAt(f.name, errNoPlace)
		}
	}
	for i := range fields {
		f := &fields[i]
		if f.check == nil || given&(1<<i) == 0 {
			continue
		}
		if err := f.check(c); err != nil {
			return err
		}
	}
	return nil
}

// sameOptions reports whether two commands request the same, regardless of their
// instants, numbers and reasons.
func (c *record) sameOptions(o *record) bool {
	if c.Action != o.Action || c.Actor != o.Actor || c.Key != o.Key || c.Replace != o.Replace || c.choices() != o.choices() {
		return false
	}
	for _, f := range fields {
		if !f.equal(c, o) {
			return false
		}
	}
	return true
}

var (
	errNothing = fault.OutOfRange.Errorf("must be more than zero")
	errNoPlace = fault.Excluded.Errorf("has no place here")
)

// invalidAt is ErrInvalidCall with a fault of a field and the action that the field
// belongs to.
func (c *record) invalidAt(path string, err error) error {
	return invalid("%s: %w", c.Action, fault.At(path, err))
}

// check reports every fault.
func (o *OneOff) check() error {
	var f faults
	f.wrap("one_off.id", text.Name(o.ID, MaxID))
	f.wrap("one_off.name", text.Name(o.Name, MaxText))
	if o.Amount.Sign() <= 0 {
		f.wrap("one_off.amount", errNothing)
	}
	if !slices.Contains(plan.Words[plan.Collect](), o.Collect) {
		f.add("one_off.collect", fault.UnknownWord, "%q", string(o.Collect))
	}
	f.wrap("one_off.tax_code", text.Name(o.TaxCode, plan.MaxIDLen))
	return f.invalid()
}
