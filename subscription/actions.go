package subscription

import (
	"slices"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
)

// An action is how a command works, once the lifecycle table has let it.
type action struct {
	// effect changes the span that begins with the command. The change is a mere
	// note until the effect says otherwise.
	effect func(s *span, cmd *Command, ch *Change) error
	// attach is for commands that leave the span alone: they feed an invoice, or
	// carry names and references.
	attach func(c *core, s *span, cmd *Command, owned bool) error
	// grant is for commands that change what the owner may use, and nothing that is
	// billed.
	grant func(s *span, cmd *Command, a feature.Assignment) error
}

var effects = map[lifecycle.Action]action{
	lifecycle.Start:       {effect: startNow},
	lifecycle.EndTrial:    {effect: endTrialNow},
	lifecycle.ExtendTrial: {effect: extendTrial},

	lifecycle.CancelNow:             {effect: cancelNow},
	lifecycle.CancelAtPeriodEnd:     {effect: cancelLater},
	lifecycle.CancelOnDate:          {effect: cancelLater},
	lifecycle.RemoveScheduledCancel: {effect: undoCancel},

	lifecycle.PauseNow:             {effect: pauseNow},
	lifecycle.PauseAtPeriodEnd:     {effect: pauseLater},
	lifecycle.PauseOnDate:          {effect: pauseLater},
	lifecycle.RemoveScheduledPause: {effect: undoPause},

	lifecycle.ResumeNow:             {effect: resumeNow},
	lifecycle.ResumeOnDate:          {effect: resumeLater},
	lifecycle.RemoveScheduledResume: {effect: undoResume},
	lifecycle.Reactivate:            {effect: reactivate},

	lifecycle.ChangePlanNow:             {effect: changeNow},
	lifecycle.ChangePlanAtPeriodEnd:     {effect: changeLater},
	lifecycle.ChangePlanOnDate:          {effect: changeLater},
	lifecycle.ChangeQuantityNow:         {effect: changeNow},
	lifecycle.ChangeQuantityAtPeriodEnd: {effect: changeLater},
	lifecycle.ChangeQuantityOnDate:      {effect: changeLater},
	lifecycle.ChangePriceNow:            {effect: changeNow},
	lifecycle.ChangePriceAtPeriodEnd:    {effect: changeLater},
	lifecycle.ChangePriceOnDate:         {effect: changeLater},
	lifecycle.RemoveScheduledChange:     {effect: undoChange},

	lifecycle.SetAnchor:      {effect: setAnchor},
	lifecycle.AutoRenewalOff: {effect: autoRenewal},
	lifecycle.AutoRenewalOn:  {effect: autoRenewal},
	lifecycle.SetEndDate:     {effect: setEndDate},

	lifecycle.Hold:    {effect: holdNow},
	lifecycle.Release: {effect: releaseNow},
	lifecycle.Close:   {effect: closeNow},

	lifecycle.AssignFeatures: {grant: assignFeatures},
	lifecycle.RevokeFeatures: {grant: revokeFeatures},

	lifecycle.Update:           {attach: updateDetails},
	lifecycle.AddDiscount:      {attach: feedInvoice},
	lifecycle.AddOneOff:        {attach: feedInvoice},
	lifecycle.AddCreditPack:    {attach: addCreditPack},
	lifecycle.AddAccountCredit: {attach: feedInvoice},
}

func startNow(s *span, cmd *Command, ch *Change) error {
	if err := s.start(cmd.At, cmd); err != nil {
		return err
	}
	s.opened.Policy = ch.Policy
	return nil
}

func endTrialNow(s *span, cmd *Command, ch *Change) error {
	if c := s.waits().cancel; c != nil && c.at.IsZero() {
		// The trial's end, at which it was to be cancelled, is now.
		ch.Kind, ch.Cause = Ended, lifecycle.CauseCancel
		s.end(ch)
		return nil
	}
	return s.endTrial(cmd.At, cmd)
}

func extendTrial(s *span, cmd *Command, _ *Change) error {
	s.edit().trialEnd = cmd.TrialEnd
	return nil
}

func cancelNow(s *span, cmd *Command, ch *Change) error {
	ch.Kind, ch.Cause, ch.atOnce = Ended, lifecycle.CauseCancel, true
	s.end(ch)
	return nil
}

func cancelLater(s *span, cmd *Command, ch *Change) error {
	at := cmd.On
	switch {
	case !at.IsZero():
	case s.kind == future || s.kind == paused && (s.is(unopened) || !s.periodEnd.After(cmd.At)):
		return cancelNow(s, cmd, ch)
	}
	p := s.edit()
	p.cancel = &scheduled{at: at, command: cmd, policy: ch.Policy}
	if ch.Dropped.Has(lifecycle.ScheduledPause) {
		p.pause = nil
	}
	return nil
}

func undoCancel(s *span, _ *Command, _ *Change) error {
	s.edit().cancel = nil
	return nil
}

func pauseNow(s *span, cmd *Command, ch *Change) error {
	if !cmd.ResumeAt.IsZero() && !cmd.ResumeAt.After(cmd.At) {
		return invalid("until: must lie after the call")
	}
	ch.Kind = Paused
	return s.pauseNow(&scheduled{command: cmd}, ch)
}

func pauseLater(s *span, cmd *Command, ch *Change) error {
	at := cmd.On
	if at.IsZero() {
		at = s.periodEnd
	}
	if !cmd.ResumeAt.IsZero() && !cmd.ResumeAt.After(at) {
		return invalid("until: the pause would end before it begins")
	}
	s.edit().pause = &scheduled{at: cmd.On, command: cmd, policy: ch.Policy}
	return nil
}

func undoPause(s *span, _ *Command, _ *Change) error {
	s.edit().pause = nil
	return nil
}

func resumeNow(s *span, _ *Command, ch *Change) error {
	if s.is(held) {
		// The hold stays: only the customer's own pause is over.
		s.set(ownPause, false)
		s.edit().resume = nil
		return nil
	}
	ch.Kind = Resumed
	return s.resumeNow(ch)
}

func resumeLater(s *span, cmd *Command, ch *Change) error {
	s.edit().resume = &scheduled{at: cmd.ResumeAt, command: cmd, policy: ch.Policy}
	return nil
}

func undoResume(s *span, _ *Command, _ *Change) error {
	p := s.edit()
	p.resume = nil
	if p.pause != nil {
		unbounded := *p.pause
		unbounded.unbounded = true
		p.pause = &unbounded
	}
	return nil
}

func reactivate(s *span, cmd *Command, ch *Change) error {
	ch.Kind = Reactivated
	p := s.edit()
	if !cmd.EndDate.IsZero() {
		p.endDate = cmd.EndDate
	}
	return s.reactivate(cmd, ch)
}

// retermed answers the terms that a change command asks for.
func (s *span) retermed(cmd *Command) (*terms, error) {
	t := s.terms
	if v := cmd.version; v != nil {
		switch {
		case v.Ref() != t.version.Ref():
			t = t.replanned(v)
		case cmd.Quantity == nil:
			return nil, ErrPlanUnchanged
		}
	}
	if cmd.Quantity != nil {
		if cmd.Charge != "" {
			if err := t.owns(cmd.Charge); err != nil {
				return nil, err
			}
		}
		t = t.counted(cmd.Charge, *cmd.Quantity)
	}
	if cmd.table != nil {
		if err := t.knows(cmd.Charge); err != nil {
			return nil, err
		}
		t = t.priced(cmd.Charge, cmd.table)
	}
	if err := t.payable(); err != nil {
		return nil, invalid("%w", err)
	}
	return t, nil
}

func changeNow(s *span, cmd *Command, ch *Change) error {
	t, err := s.retermed(cmd)
	if err != nil {
		return err
	}
	if cmd.version == nil && (s.kind == future || s.kind == trial) {
		s.terms = t
		return nil
	}
	ch.Kind = Changed
	return s.change(t, ch)
}

func changeLater(s *span, cmd *Command, ch *Change) error {
	if cmd.On.IsZero() {
		if s.kind == future {
			return changeNow(s, cmd, ch)
		}
	}
	if _, err := s.retermed(cmd); err != nil {
		return err
	}
	p := s.edit()
	p.changes = slices.DeleteFunc(slices.Clone(p.changes), func(c *scheduled) bool { return cmd.Replace && c.command.sameThing(cmd) })
	if len(p.changes) >= MaxWaiting {
		return invalid("more than %d changes wait", MaxWaiting)
	}
	p.changes = append(p.changes, &scheduled{at: cmd.On, command: cmd, policy: ch.Policy})
	return nil
}

func undoChange(s *span, _ *Command, _ *Change) error {
	s.edit().changes = nil
	return nil
}

func setAnchor(s *span, cmd *Command, ch *Change) error {
	if s.kind == running {
		ch.Kind = AnchorSet
	}
	return s.setAnchor(cmd.Anchor, ch)
}

func autoRenewal(s *span, cmd *Command, _ *Change) error {
	s.set(noRenewal, cmd.Action == lifecycle.AutoRenewalOff)
	return nil
}

func setEndDate(s *span, cmd *Command, _ *Change) error {
	s.edit().endDate = cmd.EndDate
	return nil
}

func holdNow(s *span, _ *Command, ch *Change) error {
	ch.Kind = Held
	s.hold(ch)
	return nil
}

func releaseNow(s *span, _ *Command, ch *Change) error {
	ch.Kind = Released
	return s.release(ch)
}

func closeNow(s *span, _ *Command, ch *Change) error {
	if s.kind != ended {
		ch.Kind = Ended
		s.end(ch)
	}
	s.set(closedFlag, true)
	s.set(held, false)
	return nil
}

// feed files a command under its instant. An owned slice may change in place.
func (c *core) feed(cmd *Command, owned bool) {
	i := len(c.feeds)
	for i > 0 && c.feeds[i-1].At.After(cmd.At) {
		i--
	}
	if !owned {
		c.feeds = slices.Clone(c.feeds)
	}
	c.feeds = slices.Insert(c.feeds, i, cmd)
}

func feedInvoice(c *core, _ *span, cmd *Command, owned bool) error {
	c.feed(cmd, owned)
	return nil
}
