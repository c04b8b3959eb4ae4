package subscription

import (
	"fmt"

	"github.com/perennial-billing/perennial/fault"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
)

// checkAgainst checks a command against the terms of this subscription. No actor may
// bypass these checks.
func (c *core) checkAgainst(s *span, cmd *record) error {
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
		return invalidAt("cycles", fault.Excluded.Errorf("nothing recurs, so there are none to count"))
	}
	if cmd.addOn != nil {
		if err := c.checkAttachment(cmd, own); err != nil {
			return err
		}
	}
	given := cmd.AccountCredit.Currency()
	switch {
	case cmd.OneOff != nil:
		given = cmd.OneOff.Amount.Currency()
	case cmd.Discount != nil && cmd.Discount.Amount != nil:
		given = cmd.Discount.Amount.Currency()
	}
	if given.IsValid() && given != own {
		return fmt.Errorf("%w: %s, not %s", ErrCurrency, given, own)
	}
	if cmd.Discount != nil {
		for _, charge := range cmd.Discount.Charges {
			if err := s.terms.hasCharge(charge); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkAttachment checks what a command attaches against what was attached before.
func (c *core) checkAttachment(cmd *record, own money.Currency) error {
	if cmd.addOn.Currency() != own {
		return fmt.Errorf("%w: %s, not %s", ErrCurrency, cmd.addOn.Currency(), own)
	}
	if !cmd.EndDate.IsZero() && !cmd.EndDate.After(later(cmd.At, cmd.On)) {
		return invalidAt("end_date", fault.OutOfOrder.Errorf("must lie after the beginning"))
	}
	n := 0
	for _, other := range c.commands.All() {
		if other.rare == noRare || other.addOn == nil {
			continue
		}
		if other.Attachment == cmd.Attachment {
			return fmt.Errorf("%w: the id %q is that of command %d", ErrAttached, cmd.Attachment, other.Number)
		}
		n++
	}
	if n >= MaxAttachments {
		return fmt.Errorf("%w: more than %d attachments", ErrFull, MaxAttachments)
	}
	return nil
}

// replaces returns what the command itself is about among what is scheduled: it is
// expected to disappear, and not reported as dropped.
func (c *record) replaces() lifecycle.Scheduled {
	switch a := c.Action; {
	case cancels(a) || a == lifecycle.RemoveScheduledCancel:
		return lifecycle.ScheduledCancel
	case pauses(a) || a == lifecycle.RemoveScheduledPause:
		return lifecycle.ScheduledPause
	case resumes(a) || a == lifecycle.RemoveScheduledResume:
		return lifecycle.ScheduledResume
	case a == lifecycle.RemoveScheduledChange:
		return lifecycle.ScheduledChange
	}
	return 0
}

// cancels reports whether an action requests a cancellation, whenever it takes effect.
func cancels(a lifecycle.Action) bool {
	return a == lifecycle.CancelNow || a == lifecycle.CancelAtPeriodEnd || a == lifecycle.CancelOnDate
}

// pauses: see cancels.
func pauses(a lifecycle.Action) bool {
	return a == lifecycle.PauseNow || a == lifecycle.PauseAtPeriodEnd || a == lifecycle.PauseOnDate
}

// resumes: see cancels.
func resumes(a lifecycle.Action) bool {
	return a == lifecycle.ResumeNow || a == lifecycle.ResumeOnDate
}
