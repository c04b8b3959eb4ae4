package subscription

import (
	"fmt"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// fields is a set of the fields of a command that depend on its action.
type fields uint32

const (
	hasOn fields = 1 << iota
	hasPlan
	hasCharge
	hasQuantity
	hasPrice
	hasResumeAt
	hasCycles
	hasAnchor
	hasTrialEnd
	hasEndDate
	hasDiscount
	hasOneOff
	hasCredit
	hasPack
	hasPatch
	hasFeatures
	hasRevoked
)

// fieldNames are their names in JSON, in the order of the constants.
var fieldNames = [...]string{
	"on", "plan", "charge", "quantity", "price", "resume_at", "cycles", "anchor", "trial_end", "end_date",
	"discount", "one_off", "credit", "pack", "patch", "features", "revoked",
}

// A form says which fields a command of an action must have and which it may have;
// all others it must not have.
type form struct{ required, optional fields }

var forms = map[lifecycle.Action]form{
	lifecycle.Start:       {},
	lifecycle.EndTrial:    {},
	lifecycle.ExtendTrial: {required: hasTrialEnd},

	lifecycle.CancelNow:             {},
	lifecycle.CancelAtPeriodEnd:     {},
	lifecycle.CancelOnDate:          {required: hasOn},
	lifecycle.RemoveScheduledCancel: {},

	lifecycle.PauseNow:             {optional: hasResumeAt | hasCycles},
	lifecycle.PauseAtPeriodEnd:     {optional: hasResumeAt | hasCycles},
	lifecycle.PauseOnDate:          {required: hasOn, optional: hasResumeAt | hasCycles},
	lifecycle.RemoveScheduledPause: {},

	lifecycle.ResumeNow:             {},
	lifecycle.ResumeOnDate:          {required: hasResumeAt},
	lifecycle.RemoveScheduledResume: {},
	lifecycle.Reactivate:            {optional: hasTrialEnd | hasEndDate},

	lifecycle.ChangePlanNow:             {required: hasPlan, optional: hasQuantity},
	lifecycle.ChangePlanAtPeriodEnd:     {required: hasPlan, optional: hasQuantity},
	lifecycle.ChangePlanOnDate:          {required: hasPlan | hasOn, optional: hasQuantity},
	lifecycle.ChangeQuantityNow:         {required: hasQuantity, optional: hasCharge},
	lifecycle.ChangeQuantityAtPeriodEnd: {required: hasQuantity, optional: hasCharge},
	lifecycle.ChangeQuantityOnDate:      {required: hasQuantity | hasOn, optional: hasCharge},
	lifecycle.ChangePriceNow:            {required: hasPrice | hasCharge},
	lifecycle.ChangePriceAtPeriodEnd:    {required: hasPrice | hasCharge},
	lifecycle.ChangePriceOnDate:         {required: hasPrice | hasCharge | hasOn},
	lifecycle.RemoveScheduledChange:     {},

	lifecycle.SetAnchor:      {required: hasAnchor},
	lifecycle.AutoRenewalOff: {},
	lifecycle.AutoRenewalOn:  {},
	lifecycle.SetEndDate:     {optional: hasEndDate},

	lifecycle.AssignFeatures:   {required: hasFeatures},
	lifecycle.RevokeFeatures:   {required: hasRevoked},
	lifecycle.AddDiscount:      {required: hasDiscount},
	lifecycle.AddOneOff:        {required: hasOneOff},
	lifecycle.AddCreditPack:    {required: hasPack},
	lifecycle.AddAccountCredit: {required: hasCredit},
	lifecycle.Update:           {required: hasPatch},

	lifecycle.Hold:    {},
	lifecycle.Release: {},
	lifecycle.Close:   {},
}

// fields answers which fields the command has.
func (c *Command) fields() fields {
	var set fields
	put := func(on bool, f fields) {
		if on {
			set |= f
		}
	}
	put(!c.On.IsZero(), hasOn)
	put(!c.Plan.IsZero(), hasPlan)
	put(c.Charge != "", hasCharge)
	put(c.Quantity != nil, hasQuantity)
	put(c.Price != nil, hasPrice)
	put(!c.ResumeAt.IsZero(), hasResumeAt)
	put(c.Cycles != 0, hasCycles)
	put(!c.Anchor.IsZero(), hasAnchor)
	put(!c.TrialEnd.IsZero(), hasTrialEnd)
	put(!c.EndDate.IsZero(), hasEndDate)
	put(c.Discount != nil, hasDiscount)
	put(c.OneOff != nil, hasOneOff)
	put(c.Credit.IsValid(), hasCredit)
	put(c.Pack != "", hasPack)
	put(c.Patch != nil, hasPatch)
	put(len(c.Features) > 0, hasFeatures)
	put(len(c.Revoked) > 0, hasRevoked)
	return set
}

// shape reports a command that lacks what its action needs, or has what it has no
// use for: such a command is never recorded, and so never read either.
func (c *Command) shape() error {
	want, ok := forms[c.Action]
	if !ok {
		return invalid("action %q cannot be played", c.Action.String())
	}
	have := c.fields()
	for i, name := range fieldNames {
		switch f := fields(1) << i; {
		case want.required&f != 0 && have&f == 0:
			return invalid("%s: %s: missing", c.Action, name)
		case have&f != 0 && (want.required|want.optional)&f == 0:
			return invalid("%s: %s: has no place here", c.Action, name)
		}
	}
	switch {
	case c.Cycles < 0 || c.Cycles > plan.MaxCycles:
		return invalid("%s: cycles: must be 1 to %d", c.Action, plan.MaxCycles)
	case c.Cycles != 0 && !c.ResumeAt.IsZero():
		return invalid("%s: a pause ends at an instant or after cycles, not both", c.Action)
	case c.Quantity != nil:
		if err := quantity(*c.Quantity); err != nil {
			return invalid("%s: quantity: %w", c.Action, err)
		}
	}
	return c.feeding()
}

// feeding reports faults of what a command feeds to an invoice that do not depend
// on the subscription.
func (c *Command) feeding() error {
	switch {
	case c.Discount != nil:
		if err := c.Discount.Validate(); err != nil {
			return invalid("discount: %w", err)
		}
	case c.OneOff != nil:
		o := c.OneOff
		switch {
		case o.Amount.Sign() <= 0:
			return invalid("one_off: amount: must be more than zero")
		case !o.Collect.IsValid():
			return invalid("one_off: collect: %q", string(o.Collect))
		case len(o.ID) > MaxID || len(o.Name) > MaxText:
			return invalid("one_off: id must be at most %d bytes, name at most %d", MaxID, MaxText)
		}
	case c.Credit.IsValid() && c.Credit.Sign() <= 0:
		return invalid("credit: must be more than zero")
	case len(c.Pack) > MaxID:
		return invalid("pack: must be at most %d bytes", MaxID)
	}
	for i, k := range c.Revoked {
		if k == "" || len(k) > MaxID {
			return invalid("revoked[%d]: must be 1 to %d bytes", i, MaxID)
		}
	}
	return nil
}

// admit reports what stands against a command in the terms of this subscription,
// whoever gives it: no actor is above it.
func (c *core) admit(s *span, cmd *Command) error {
	own := s.terms.version.Currency()
	if v := cmd.version; v != nil {
		if v.Currency() != own {
			return fmt.Errorf("%w: %s, not %s", ErrCurrency, v.Currency(), own)
		}
		if c.more != nil && c.more.Offering != nil && !c.more.Offering.Offers(v.Ref()) {
			return fmt.Errorf("%w: %s", ErrPlanNotInOffering, v.Ref())
		}
	}
	if cmd.Cycles > 0 && s.every().IsZero() {
		return invalid("cycles: nothing recurs")
	}
	given := cmd.Credit.Currency()
	switch {
	case cmd.OneOff != nil:
		given = cmd.OneOff.Amount.Currency()
	case cmd.Discount != nil && cmd.Discount.Amount != nil:
		given = cmd.Discount.Amount.Currency()
	}
	if given.IsValid() && given != own {
		return fmt.Errorf("%w: %s, not %s", ErrCurrency, given, own)
	}
	if cmd.Discount != nil && cmd.Discount.Charge != "" {
		return s.terms.knows(cmd.Discount.Charge)
	}
	return nil
}

// replaces answers what of the things scheduled the command itself is about: that
// they make way for it is no surprise, and not reported as dropped.
func (c *Command) replaces() lifecycle.Scheduled {
	switch c.Action {
	case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate, lifecycle.RemoveScheduledCancel:
		return lifecycle.ScheduledCancel
	case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate, lifecycle.RemoveScheduledPause:
		return lifecycle.ScheduledPause
	case lifecycle.ResumeNow, lifecycle.ResumeOnDate, lifecycle.RemoveScheduledResume:
		return lifecycle.ScheduledResume
	case lifecycle.RemoveScheduledChange:
		return lifecycle.ScheduledChange
	}
	return 0
}
