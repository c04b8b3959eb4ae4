package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// The JSON of results: the fields of each in the order in which they are written.

var (
	periodCodec    = strictjson.Foreign[calendar.Period, *calendar.Period](strictjson.RefTo("period"), func(p *calendar.Period) bool { return p.IsZero() })
	scheduledCodec = strictjson.Bits[lifecycle.Scheduled]("cancel", "pause", "resume", "change")

	eventDocument = strictjson.Struct(
		strictjson.Version[Event](DocumentVersion),
		strictjson.Required("id", func(v *Event) *uuid.UUID { return &v.ID }, strictjson.UUID()),
		strictjson.Required("at", func(v *Event) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Required("kind", func(v *Event) *ChangeKind { return &v.Kind }, strictjson.Closed(ChangeKinds())),
		strictjson.Optional("derived", func(v *Event) *bool { return &v.Derived }, strictjson.Truth()),
		strictjson.Optional("command", func(v *Event) *int { return &v.Command }, strictjson.Int[int]()),
		strictjson.Optional("action", func(v *Event) *lifecycle.Action { return &v.Action }, actionCodec),
		strictjson.Optional("actor", func(v *Event) *lifecycle.Actor { return &v.Actor }, actorCodec),
		strictjson.Optional("recorded", func(v *Event) *time.Time { return &v.Recorded }, strictjson.Instant()),
		strictjson.Optional("cause", func(v *Event) *lifecycle.EndingCause { return &v.Cause }, strictjson.Word(lifecycle.Words[lifecycle.EndingCause](), lifecycle.ParseWord[lifecycle.EndingCause])),
		strictjson.Optional("dropped", func(v *Event) *lifecycle.Scheduled { return &v.Dropped }, scheduledCodec),
		strictjson.Optional("detached", func(v *Event) *[]string { return &v.Detached }, strictjson.List[[]string](strictjson.Text[string]())),
		strictjson.Required("status", func(v *Event) *lifecycle.Status { return &v.Status }, strictjson.Word(lifecycle.Words[lifecycle.Status](), lifecycle.ParseWord[lifecycle.Status])),
		strictjson.Optional("plan", func(v *Event) *plan.Ref { return &v.Plan }, refCodec),
		strictjson.Optional("phase", func(v *Event) *string { return &v.Phase }, strictjson.Text[string]()),
		strictjson.Optional("period", func(v *Event) *calendar.Period { return &v.Period }, periodCodec),
	)

	stateFields = strictjson.Struct(
		strictjson.Required("status", func(v *stateForm) *lifecycle.Status { return &v.status }, strictjson.Word(lifecycle.Words[lifecycle.Status](), lifecycle.ParseWord[lifecycle.Status])),
		strictjson.Optional("flags", func(v *stateForm) *lifecycle.Flags { return &v.flags }, strictjson.Bits[lifecycle.Flags](
			"held", "closed", "own_pause", "trial_lapsed", "renewal_off", "end_date_set", "suspended",
		)),
		strictjson.Optional("endings", func(v *stateForm) *lifecycle.Causes { return &v.endings }, strictjson.Bits[lifecycle.Causes](causeWords()...)),
		strictjson.Optional("scheduled", func(v *stateForm) *lifecycle.Scheduled { return &v.scheduled }, scheduledCodec),
	)
	stateCodec = strictjson.Custom(stateFields.Shape(), readState, writeState, func(s *lifecycle.State) bool { return !s.IsValid() })

	whenFields = strictjson.Struct(
		strictjson.Required("mode", func(v *whenForm) *string { return &v.mode }, strictjson.Closed(whenWords[:])),
		strictjson.Optional("on", func(v *whenForm) *time.Time { return &v.on }, strictjson.Instant()),
	)
	whenCodec = strictjson.Custom(whenFields.Shape(), readWhen, writeWhen, nil)

	endingCodec = strictjson.Struct(
		strictjson.Optional("at", func(v *Ending) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("cause", func(v *Ending) *lifecycle.EndingCause { return &v.Cause }, strictjson.Word(lifecycle.Words[lifecycle.EndingCause](), lifecycle.ParseWord[lifecycle.EndingCause])),
		strictjson.Optional("command", func(v *Ending) *int { return &v.Command }, strictjson.Int[int]()),
	)
	waitingCodec = strictjson.Struct(
		strictjson.Required("action", func(v *Waiting) *lifecycle.Action { return &v.Action }, actionCodec),
		strictjson.Optional("resumes", func(v *Waiting) *bool { return &v.Resumes }, strictjson.Truth()),
		strictjson.Required("when", func(v *Waiting) *When { return &v.When }, whenCodec),
		strictjson.Optional("at", func(v *Waiting) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("command", func(v *Waiting) *int { return &v.Command }, strictjson.Int[int]()),
		strictjson.Optional("plan", func(v *Waiting) *plan.Ref { return &v.Plan }, refCodec),
		strictjson.Optional("attachment", func(v *Waiting) *string { return &v.Attachment }, strictjson.Text[string]()),
		strictjson.Optional("add_on", func(v *Waiting) *plan.Ref { return &v.AddOn }, refCodec),
		strictjson.Optional("prices", func(v *Waiting) *map[string]plan.Price { return &v.Prices }, strictjson.Map[map[string]plan.Price](priceCodec)),
		strictjson.Optional("charge", func(v *Waiting) *string { return &v.Charge }, strictjson.Text[string]()),
		strictjson.Optional("quantity", func(v *Waiting) **decimal.Decimal { return &v.Quantity }, strictjson.Pointer(strictjson.Decimal())),
		strictjson.Optional("price", func(v *Waiting) *plan.Price { return &v.Price }, priceCodec),
	)
	attachedCodec = strictjson.Struct(
		strictjson.Required("id", func(v *Attached) *string { return &v.ID }, strictjson.Text[string]()),
		strictjson.Required("add_on", func(v *Attached) *plan.Ref { return &v.AddOn }, refCodec),
		strictjson.Required("quantity", func(v *Attached) *decimal.Decimal { return &v.Quantity }, strictjson.Decimal()),
		strictjson.Required("from", func(v *Attached) *time.Time { return &v.From }, strictjson.Instant()),
		strictjson.Optional("until", func(v *Attached) *time.Time { return &v.Until }, strictjson.Instant()),
	)
	snapshotDocument = strictjson.Struct(
		strictjson.Version[Snapshot](DocumentVersion),
		strictjson.Required("at", func(v *Snapshot) *time.Time { return &v.At }, strictjson.Instant()),
		strictjson.Optional("state", func(v *Snapshot) *lifecycle.State { return &v.State }, stateCodec),
		strictjson.Optional("entitled", func(v *Snapshot) *bool { return &v.Entitled }, strictjson.Truth()),
		strictjson.Optional("billable", func(v *Snapshot) *bool { return &v.Billable }, strictjson.Truth()),
		strictjson.Optional("start", func(v *Snapshot) *time.Time { return &v.Start }, strictjson.Instant()),
		strictjson.Optional("plan", func(v *Snapshot) *plan.Ref { return &v.Plan }, refCodec),
		strictjson.Optional("stage", func(v *Snapshot) *int { return &v.Stage }, strictjson.Int[int]()),
		strictjson.Optional("phase", func(v *Snapshot) *string { return &v.Phase }, strictjson.Text[string]()),
		strictjson.Optional("quantity", func(v *Snapshot) *decimal.Decimal { return &v.Quantity }, strictjson.Decimal()),
		strictjson.Optional("quantities", func(v *Snapshot) *map[string]decimal.Decimal { return &v.Quantities }, strictjson.Map[map[string]decimal.Decimal](strictjson.Decimal())),
		strictjson.Optional("prices", func(v *Snapshot) *map[string]plan.Price { return &v.Prices }, strictjson.Map[map[string]plan.Price](priceCodec)),
		strictjson.Optional("minimum", func(v *Snapshot) **plan.Minimum { return &v.Minimum }, strictjson.Pointer(minimumCodec)),
		strictjson.Optional("increases", func(v *Snapshot) *int { return &v.Increases }, strictjson.Int[int]()),
		strictjson.Optional("next_increase", func(v *Snapshot) *time.Time { return &v.NextIncrease }, strictjson.Instant()),
		strictjson.Optional("attached", func(v *Snapshot) *[]Attached { return &v.Attached }, strictjson.List[[]Attached](attachedCodec)),
		strictjson.Optional("policy", func(v *Snapshot) *plan.Policy { return &v.Policy }, policyCodec),
		strictjson.Optional("period", func(v *Snapshot) *calendar.Period { return &v.Period }, periodCodec),
		strictjson.Optional("anchor", func(v *Snapshot) *time.Time { return &v.Anchor }, strictjson.Instant()),
		strictjson.Optional("cycle", func(v *Snapshot) *int { return &v.Cycle }, strictjson.Int[int]()),
		strictjson.Optional("trial_end", func(v *Snapshot) *time.Time { return &v.TrialEnd }, strictjson.Instant()),
		strictjson.Optional("trial_used", func(v *Snapshot) *bool { return &v.TrialUsed }, strictjson.Truth()),
		strictjson.Optional("auto_renewal", func(v *Snapshot) *bool { return &v.AutoRenewal }, strictjson.Truth()),
		strictjson.Optional("end_date", func(v *Snapshot) *time.Time { return &v.EndDate }, strictjson.Instant()),
		strictjson.Optional("endings", func(v *Snapshot) *[]Ending { return &v.Endings }, strictjson.List[[]Ending](endingCodec)),
		strictjson.Optional("scheduled", func(v *Snapshot) *[]Waiting { return &v.Scheduled }, strictjson.List[[]Waiting](waitingCodec)),
		strictjson.Optional("canceled_at", func(v *Snapshot) *time.Time { return &v.CanceledAt }, strictjson.Instant()),
		strictjson.Optional("paused_at", func(v *Snapshot) *time.Time { return &v.PausedAt }, strictjson.Instant()),
		strictjson.Optional("resumed_at", func(v *Snapshot) *time.Time { return &v.ResumedAt }, strictjson.Instant()),
		strictjson.Optional("last_command", func(v *Snapshot) *int { return &v.LastCommand }, strictjson.Int[int]()),
	)
)

func causeWords() []string {
	var words []string
	for _, c := range lifecycle.Words[lifecycle.EndingCause]() {
		words = append(words, string(c))
	}
	return words
}

// stateForm is a state in JSON.
type stateForm struct {
	status    lifecycle.Status
	flags     lifecycle.Flags
	endings   lifecycle.Causes
	scheduled lifecycle.Scheduled
}

func readState(n strictjson.Node, to *lifecycle.State, r *strictjson.Report) {
	var form stateForm
	before := r.Len()
	if stateFields.ReadNode(n, &form, r); r.Len() > before {
		return
	}
	state, err := lifecycle.NewState(form.status, form.flags, form.endings, form.scheduled)
	if err != nil {
		r.Add(n, err)
		return
	}
	*to = state
}

func writeState(dst []byte, s *lifecycle.State) ([]byte, error) {
	return stateFields.Append(dst, &stateForm{s.Status(), s.Flags(), s.Endings(), s.Scheduled()})
}

// whenForm is a When in JSON.
type whenForm struct {
	mode string
	on   time.Time
}

// whenWords are those of the modes, in their order.
var whenWords = [...]string{"immediately", "at_period_end", "on"}

func readWhen(n strictjson.Node, to *When, r *strictjson.Report) {
	var form whenForm
	before := r.Len()
	if whenFields.ReadNode(n, &form, r); r.Len() > before {
		return
	}
	*to = When{mode: mode(slices.Index(whenWords[:], form.mode) + 1), on: form.on}
	if (to.mode == onDate) != !form.on.IsZero() {
		r.Below(n, []strictjson.Fault{{Path: "on", Err: fault.Required.Errorf("must be there if the mode is on, and only then")}})
	}
}

func writeWhen(dst []byte, w *When) ([]byte, error) {
	if w.mode == 0 {
		return dst, fmt.Errorf("%w: when: missing", ErrInvalidCall)
	}
	return whenFields.Append(dst, &whenForm{whenWords[w.mode-1], w.on})
}
