package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/grow"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// An action is what a command does, once the lifecycle table has allowed it.
type action struct {
	// effect changes the span that begins with the command. The change is Recorded
	// unless the effect sets another kind.
	effect func(s *span, cmd *record, ch *Change) error
	// attach is for commands that do not touch the span: pending items, names and
	// references.
	attach func(c *core, s *span, cmd *record, inPlace bool) error
	// grant is for commands that change what the owner may use, and nothing that is
	// billed.
	grant func(s *span, cmd *record, a feature.Assignment) error
}

// effects are the actions that can be played.
var effects = [...]action{
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
	lifecycle.AttachNow:                 {effect: changeNow},
	lifecycle.AttachAtPeriodEnd:         {effect: changeLater},
	lifecycle.AttachOnDate:              {effect: changeLater},
	lifecycle.DetachNow:                 {effect: changeNow},
	lifecycle.DetachAtPeriodEnd:         {effect: changeLater},
	lifecycle.DetachOnDate:              {effect: changeLater},
	lifecycle.RemoveScheduledChange:     {effect: undoChange},

	lifecycle.SetAnchor:      {effect: setAnchor},
	lifecycle.SetNextBilling: {effect: setNextBilling},
	lifecycle.AutoRenewalOff: {effect: autoRenewal},
	lifecycle.AutoRenewalOn:  {effect: autoRenewal},
	lifecycle.SetEndDate:     {effect: setEndDate},

	lifecycle.Hold:    {effect: holdNow},
	lifecycle.Release: {effect: releaseNow},
	lifecycle.Suspend: {effect: suspension},
	lifecycle.Restore: {effect: suspension},
	lifecycle.Close:   {effect: closeNow},

	lifecycle.AssignFeatures: {grant: assignFeatures},
	lifecycle.RevokeFeatures: {grant: revokeFeatures},

	lifecycle.Update:           {attach: updateDetails},
	lifecycle.AddDiscount:      {attach: feedInvoice},
	lifecycle.AddOneOff:        {attach: feedInvoice},
	lifecycle.AddCreditPack:    {attach: addCreditPack},
	lifecycle.AddAccountCredit: {attach: feedInvoice},
}

func startNow(s *span, cmd *record, ch *Change) error {
	if err := s.start(cmd.At, cmd); err != nil {
		return err
	}
	s.opened.policy = ch.policy
	return nil
}

func endTrialNow(s *span, cmd *record, ch *Change) error {
	if c := s.pendingFacts().cancel; c != nil && c.at.IsZero() {
		// The trial's end, at which it was to be cancelled, is now.
		ch.Kind, ch.Cause = Ended, lifecycle.CauseCancel
		return s.end(ch)
	}
	return s.endTrial(cmd.At, cmd)
}

func extendTrial(s *span, cmd *record, _ *Change) error {
	s.mutablePending().trialEnd = cmd.TrialEnd
	return nil
}

func cancelNow(s *span, cmd *record, ch *Change) error {
	ch.Kind, ch.Cause, ch.atOnce = Ended, lifecycle.CauseCancel, true
	return s.end(ch)
}

func cancelLater(s *span, cmd *record, ch *Change) error {
	at := cmd.On
	switch {
	case !at.IsZero():
	case s.kind == future || s.kind == paused && (s.is(noPeriodYet) || !s.periodEnd.After(cmd.At)):
		if _, bound := s.noticed(cmd.At); !bound {
			return cancelNow(s, cmd, ch)
		}
	}
	p := s.mutablePending()
	p.cancel = &scheduled{at: at, command: cmd, policy: ch.policy}
	if ch.Dropped.Has(lifecycle.ScheduledPause) {
		p.pause = nil
	}
	return nil
}

func undoCancel(s *span, _ *record, _ *Change) error {
	s.mutablePending().cancel = nil
	return nil
}

func pauseNow(s *span, cmd *record, ch *Change) error {
	if !cmd.ResumeAt.IsZero() && !cmd.ResumeAt.After(cmd.At) {
		return invalidAt("resume_at", fault.OutOfOrder.Errorf("must lie after the call"))
	}
	ch.Kind = Paused
	return s.pauseNow(&scheduled{command: cmd}, ch)
}

func pauseLater(s *span, cmd *record, ch *Change) error {
	at := cmd.On
	if at.IsZero() {
		at = s.periodEnd
	}
	if !cmd.ResumeAt.IsZero() && !cmd.ResumeAt.After(at) {
		return invalidAt("resume_at", fault.OutOfOrder.Errorf("the pause would end before it begins"))
	}
	s.mutablePending().pause = &scheduled{at: cmd.On, command: cmd, policy: ch.policy}
	return nil
}

func undoPause(s *span, _ *record, _ *Change) error {
	s.mutablePending().pause = nil
	return nil
}

func resumeNow(s *span, _ *record, ch *Change) error {
	if s.is(held) {
		// The hold stays; only the customer's own pause ends.
		s.set(ownPause, false)
		s.mutablePending().resume = nil
		return nil
	}
	ch.Kind = Resumed
	return s.resumeNow(ch)
}

func resumeLater(s *span, cmd *record, ch *Change) error {
	s.mutablePending().resume = &scheduled{at: cmd.ResumeAt, command: cmd, policy: ch.policy}
	return nil
}

func undoResume(s *span, _ *record, _ *Change) error {
	p := s.mutablePending()
	p.resume = nil
	if p.pause != nil {
		unbounded := *p.pause
		unbounded.unbounded = true
		p.pause = &unbounded
	}
	return nil
}

func reactivate(s *span, cmd *record, ch *Change) error {
	ch.Kind = Reactivated
	p := s.mutablePending()
	if !cmd.EndDate.IsZero() {
		p.endDate = cmd.EndDate
	}
	return s.reactivate(cmd, ch)
}

// termsAfter returns the terms that a change command asks for, by a policy and at an instant.
func (s *span) termsAfter(cmd *record, policy *plan.Policy, at time.Time) (*terms, error) {
	t := s.terms
	var err error
	if v := cmd.version; v != nil {
		switch {
		case v.Ref() != t.version.Ref():
			if t, err = t.withPlan(v, policy); err != nil {
				return nil, err
			}
		case cmd.Quantity == nil:
			return nil, ErrPlanUnchanged
		}
	}
	switch {
	case cmd.addOn != nil:
		t, err = t.attach(cmd, at)
	case cmd.detaches():
		t, err = t.detach(cmd.Attachment)
	case cmd.Quantity == nil:
	case cmd.Attachment != "":
		t, err = t.withUnits(cmd.Attachment, *cmd.Quantity)
	default:
		if cmd.Charge != "" {
			err = t.takesQuantity(cmd.Charge)
		}
		t = t.withQuantity(cmd.Charge, *cmd.Quantity)
	}
	if err != nil {
		return nil, err
	}
	if cmd.table != nil {
		if err := t.hasCharge(cmd.Charge); err != nil {
			return nil, err
		}
		t = t.withPrice(cmd.Charge, cmd.table)
	}
	payable := t.payable
	if t == s.terms { // which others hold
		payable = func() error { _, err := t.fullPeriod(); return err }
	}
	if err := payable(); err != nil {
		return nil, invalid("%w", err)
	}
	return t, nil
}

func changeNow(s *span, cmd *record, ch *Change) error {
	t, err := s.termsAfter(cmd, ch.policy, cmd.At)
	if err != nil {
		return err
	}
	if cmd.version == nil && (s.kind == future || s.kind == trial) {
		s.terms = t
	} else {
		ch.Kind, ch.effects.ChangesPlan = Changed, cmd.version != nil
		if err := s.change(t, ch); err != nil {
			return err
		}
	}
	s.limit(cmd, ch.policy)
	return nil
}

func changeLater(s *span, cmd *record, ch *Change) error {
	if cmd.On.IsZero() {
		if s.kind == future {
			return changeNow(s, cmd, ch)
		}
	}
	if _, err := s.termsAfter(cmd, ch.policy, cmd.At); err != nil {
		return err
	}
	p := s.mutablePending()
	if len(p.changes) >= MaxWaiting {
		return fmt.Errorf("%w: more than %d changes wait", ErrFull, MaxWaiting)
	}
	p.changes = append(slices.Clip(p.changes), &scheduled{at: cmd.On, command: cmd, policy: ch.policy})
	return nil
}

func undoChange(s *span, _ *record, _ *Change) error {
	s.mutablePending().changes = nil
	return nil
}

func setAnchor(s *span, cmd *record, ch *Change) error {
	if s.kind == running {
		ch.Kind = AnchorSet
	}
	return s.setAnchor(cmd.Anchor, ch)
}

func autoRenewal(s *span, cmd *record, _ *Change) error {
	s.set(noRenewal, cmd.Action == lifecycle.AutoRenewalOff)
	at := time.Time{}
	if s.is(noRenewal) {
		at = cmd.At
	}
	s.mutablePending().renewalOff = at
	return nil
}

func setEndDate(s *span, cmd *record, _ *Change) error {
	s.mutablePending().endDate = cmd.EndDate
	return nil
}

func holdNow(s *span, _ *record, ch *Change) error {
	ch.Kind = Held
	return s.hold(ch)
}

func releaseNow(s *span, _ *record, ch *Change) error {
	ch.Kind = Released
	return s.release(ch)
}

// suspension changes what the owner may use, and nothing that is billed.
func suspension(s *span, cmd *record, _ *Change) error {
	s.set(suspended, cmd.Action == lifecycle.Suspend)
	return nil
}

func closeNow(s *span, _ *record, ch *Change) error {
	if s.kind != ended {
		ch.Kind = Ended
		if err := s.end(ch); err != nil {
			return err
		}
	}
	s.set(closedFlag, true)
	s.set(held|suspended, false)
	return nil
}

// feed adds a pending item, in order of instants.
func (c *core) feed(cmd *record, inPlace bool) error {
	if err := c.give(cmd); err != nil {
		return err
	}
	c.feeds = file(c.feeds, cmd, inPlace)
	if cmd.Discount != nil {
		c.discounts = file(c.discounts, cmd, inPlace)
	}
	return nil
}

// file adds a command in order of instants.
func file(l grow.List[*record], cmd *record, inPlace bool) grow.List[*record] {
	i := l.Len()
	for i > 0 && (*l.At(i - 1)).At.After(cmd.At) {
		i--
	}
	switch {
	case i < l.Len():
		return grow.Own(slices.Insert(slices.Clone(l.Slice()), i, cmd))
	case inPlace:
		l.Append(cmd)
		return l
	}
	return l.With(cmd)
}

func feedInvoice(c *core, _ *span, cmd *record, inPlace bool) error {
	return c.feed(cmd, inPlace)
}

// effectOf returns what an action does; false if it cannot be played.
func effectOf(a lifecycle.Action) (e action, ok bool) {
	if int(a) >= len(effects) {
		return e, false
	}
	e = effects[a]
	return e, e.effect != nil || e.attach != nil || e.grant != nil
}
